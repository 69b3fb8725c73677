//! What is wrong with a container, or with one of its keys. Neither repeats what stands there.

use crate::credential::method::UnsuitableFob;
use crate::otp::SeedError;

/// Why a container was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PskcError {
    /// It is larger than 64 MiB.
    #[error("a key container has at most 64 MiB")]
    TooLarge,
    /// It is not well-formed XML, has a document type, more than 64 attributes in an element, or more than 16 different
    /// declarations of namespaces.
    #[error("the key container is not well-formed XML without a document type")]
    Xml,
    /// The root is no `KeyContainer` of RFC 6030, version 1.0.
    #[error("this is no key container of RFC 6030, version 1.0")]
    NotPskc,
    /// It is encrypted, and neither a key nor a password was given, or not the one of the two that it names.
    #[error(
        "the key container is encrypted: give the key or the password that it was encrypted with"
    )]
    KeyNeeded,
    /// A key or password was given, and it is not encrypted: anybody could have written it.
    #[error("a key or password was given, and the key container is not encrypted")]
    NotEncrypted,
    /// Its encryption, key derivation or MAC is not known here, or says too much or too little.
    #[error("the key container is encrypted in a way that is not known here")]
    Encryption,
    /// Its MAC key cannot be opened with the key or password that was given.
    #[error("the key container cannot be opened with this key or password")]
    WrongKey,
}

/// Why a key of a container cannot be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableKey {
    /// It is for something else than HOTP, TOTP and OCRA.
    #[error("the key is for none of HOTP, TOTP and OCRA")]
    Algorithm,
    /// Something that it needs is missing, or cannot be read.
    #[error("the key's data is incomplete or malformed")]
    Malformed,
    /// It has no MAC, or another than its own: the container was changed, or opened with another key.
    #[error("the key's MAC is missing or does not match")]
    Mac,
    /// Its secret is encrypted in a way that is not known here, or does not decrypt.
    #[error("the key's secret cannot be decrypted")]
    Encryption,
    /// Its secret is plain in a container that is encrypted: anybody could have put it there.
    #[error("the key's secret is plain in an encrypted container")]
    NotEncrypted,
    /// The seed's length.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The codes are not 6 to 10 decimal digits, or their check digit is wanted.
    #[error("the key's codes are not 6 to 10 decimal digits")]
    Format,
    /// Its hash function is none of SHA-1, SHA-256 and SHA-512.
    #[error("the key's hash function is none of SHA-1, SHA-256 and SHA-512")]
    Hash,
    /// Its time step is 0 or longer than [`TIME_STEP_LIMIT`](crate::policy::TIME_STEP_LIMIT), or its counter is at its end.
    #[error("the key's time step or counter cannot be used")]
    Movement,
    /// Its OCRA suite.
    #[error(transparent)]
    Suite(#[from] UnsuitableFob),
    /// Its policy forbids what it would be used for, or asks for something that is not known here: a PIN in the code, say
    /// (RFC 6030, section 5).
    #[error("the key's policy does not allow it to be used here")]
    Policy,
}
