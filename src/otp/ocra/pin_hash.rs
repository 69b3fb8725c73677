//! The hash of a PIN or password, as an OCRA input.

use core::fmt;

use crate::otp::Algorithm;
use crate::values::secret::SecretBytes;

/// The hash of a PIN or password (RFC 6287 §5.1 and §6.3).
///
/// It is fast and has no salt, so whoever holds it finds the PIN: it is as secret as the PIN, and
/// exists for fobs that compute it. Wiped on drop; compared in constant time; neither `Clone`,
/// `Display` nor `Serialize`.
#[derive(PartialEq, Eq)]
pub struct PinHash {
    algorithm: Algorithm,
    hash: SecretBytes,
}

impl PinHash {
    /// Hashes `pin`, its UTF-8 bytes as they are.
    #[must_use]
    pub fn of(algorithm: Algorithm, pin: &str) -> Self {
        Self { algorithm, hash: algorithm.hash(pin.as_bytes()) }
    }

    /// Takes a hash computed elsewhere.
    ///
    /// # Errors
    ///
    /// [`PinHashError`] unless `hash` has the length of `algorithm`'s output.
    pub fn from_bytes(algorithm: Algorithm, hash: &[u8]) -> Result<Self, PinHashError> {
        if hash.len() == algorithm.output_len() {
            Ok(Self { algorithm, hash: SecretBytes::copy_of(hash) })
        } else {
            Err(PinHashError)
        }
    }

    /// The hash function.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes, for the data input and the record.
    pub(crate) fn expose(&self) -> &[u8] {
        self.hash.expose()
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash([REDACTED])")
    }
}

/// A PIN hash whose length is not its algorithm's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PIN hash must have the length of its algorithm's output")]
#[non_exhaustive]
pub struct PinHashError;
