//! The one core under HOTP, TOTP and OCRA: an HMAC keyed once, and RFC 4226's dynamic truncation.

use crate::codec::table::numbered;
use crate::crypto::oath;
use crate::crypto::oath::{Keyed, Message};
use crate::otp::OtpSeed;
use crate::values::secret::SecretBytes;

numbered! {
    /// The hash function under the HMAC (RFC 6238 §1.2, RFC 6287 §6.2), and of a PIN hash (RFC 6287 §6.3).
    ///
    /// SHA-1 is what existing fobs use; as an HMAC it is not weakened by SHA-1's collisions
    /// (RFC 6194 §3.3).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Algorithm {
        /// HMAC-SHA-1, 20 bytes.
        Sha1 = 1,
        /// HMAC-SHA-256, 32 bytes.
        Sha256 = 2,
        /// HMAC-SHA-512, 64 bytes.
        Sha512 = 3,
    }
}

impl Algorithm {
    /// The length of its output in bytes: 20, 32 or 64.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// As an OCRA suite spells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// The one whose [`Algorithm::name`] this is.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512].into_iter().find(|one| one.name() == name)
    }

    /// The key that HMAC makes of `seed`, less the zeros with which it fills a block: two seeds of which this is
    /// the same give the same codes (RFC 2104 §2).
    pub(crate) fn key_of(self, seed: &OtpSeed) -> SecretBytes {
        let block = match self {
            Self::Sha1 | Self::Sha256 => 64,
            Self::Sha512 => 128,
        };
        let bytes = seed.expose();
        let hashed = (bytes.len() > block).then(|| self.hash(bytes));
        let mut key = hashed.as_ref().map_or(bytes, SecretBytes::expose);
        while let [rest @ .., 0] = key {
            key = rest;
        }
        SecretBytes::copy_of(key)
    }

    /// The plain hash of `bytes`, for a PIN.
    pub(super) fn hash(self, bytes: &[u8]) -> SecretBytes {
        match self {
            Self::Sha1 => oath::sha1(bytes),
            Self::Sha256 => oath::sha256(bytes),
            Self::Sha512 => oath::sha512(bytes),
        }
    }
}

/// Dynamic truncation to 31 bits (RFC 4226 §5.3).
pub(super) fn truncate(mac: &[u8]) -> u32 {
    let offset = usize::from(mac.last().map_or(0, |last| last & 0x0f));
    // The shortest output is 20 bytes and the offset at most 15, so four bytes are always there.
    let four = mac.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
    u32::from_be_bytes(four) & 0x7fff_ffff
}

/// A counter or time step (RFC 4226 §5.2).
impl Message for u64 {
    fn feed(&self, mut sink: impl FnMut(&[u8])) {
        sink(&self.to_be_bytes());
    }
}

impl Keyed {
    pub(super) fn new(algorithm: Algorithm, seed: &OtpSeed) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::sha1(seed.expose()),
            Algorithm::Sha256 => Self::sha256(seed.expose()),
            Algorithm::Sha512 => Self::sha512(seed.expose()),
        }
    }
}
