//! A signature, in one form whatever form it came in.

use core::fmt;

use crate::codec::table::kept_as_bytes;

/// A signature of ES256 (r and s, 32 bytes each) or Ed25519. It is public: whoever has it can make no other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub(crate) [u8; 64]);

kept_as_bytes!(Signature);

/// The bytes are no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a signature: 64 bytes, or for ES256 two integers in DER")]
#[non_exhaustive]
pub struct InvalidSignature;

impl Signature {
    /// The 64 bytes that WebCrypto, JOSE and every Ed25519 library give.
    ///
    /// # Errors
    ///
    /// [`InvalidSignature`] if there are more or fewer.
    pub fn from_raw(bytes: &[u8]) -> Result<Self, InvalidSignature> {
        bytes.try_into().map(Self).map_err(|_| InvalidSignature)
    }

    /// An ES256 signature in DER (RFC 3279 §2.2.3), as Secure Enclave, Android's key store and WebAuthn give it.
    ///
    /// # Errors
    ///
    /// [`InvalidSignature`] unless it is the one DER encoding of two positive integers of at most 32 bytes.
    pub fn from_der(bytes: &[u8]) -> Result<Self, InvalidSignature> {
        Self::der(bytes).ok_or(InvalidSignature)
    }

    fn der(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[0x30])?;
        let (length, rest) = rest.split_first()?;
        if usize::from(*length) != rest.len() || *length >= 0x80 {
            return None;
        }
        let (r, rest) = integer(rest)?;
        let (s, rest) = integer(rest)?;
        if !rest.is_empty() {
            return None;
        }
        let mut out = [0; 64];
        for (to, from) in out.iter_mut().zip(r.iter().chain(&s)) {
            *to = *from;
        }
        Some(Self(out))
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

/// A positive INTEGER of at most 32 bytes at the beginning of `der`, and what comes after it.
fn integer(der: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (length, rest) = der.strip_prefix(&[0x02])?.split_first()?;
    let (number, rest) = rest.split_at_checked(usize::from(*length))?;
    let digits = match number {
        // Only before a digit that would make it negative.
        [0, next, ..] if *next >= 0x80 => number.get(1..)?,
        [first, ..] if (1..0x80).contains(first) => number,
        _ => return None,
    };
    let mut out = [0; 32];
    let start = out.len().checked_sub(digits.len())?;
    for (to, from) in out.iter_mut().skip(start).zip(digits) {
        *to = *from;
    }
    Some((out, rest))
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature")
    }
}
