//! The secret an authenticator and its verifier share.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::codec::table::kept_as;
use crate::values::secret::{SecretBytes, base32_of, deserialize_text};

/// The shortest seed accepted, in bytes: 128 bits (RFC 4226 R6).
const MIN_LEN: usize = 16;
/// The shortest that is accepted by name: the 80 bits of fobs from before RFC 4226, and of some authenticator apps.
const WEAK_LEN: usize = 10;
/// The longest, in bytes: one block of SHA-512, beyond which HMAC hashes the key and gains nothing.
const MAX_LEN: usize = 128;
/// Characters of base32 that `MAX_LEN` bytes take, padding included.
const MAX_BASE32_LEN: usize = MAX_LEN.div_ceil(5) * 8;
const ALPHABET: base32::Alphabet = base32::Alphabet::Rfc4648 { padding: false };

/// The shared secret of an OATH authenticator, 16 to 128 bytes (RFC 4226 R6, RFC 6287 §5.1).
///
/// Fobs with seeds of 80 bits exist in millions. The functions that begin with `weak_` take those too, and nothing else
/// does.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
/// `Deserialize` reads base32, as [`OtpSeed::from_base32`] does.
///
/// RFC 4226 recommends 20 bytes; a seed as long as the algorithm's output is the usual choice.
#[derive(Debug, PartialEq, Eq)]
pub struct OtpSeed(SecretBytes);

kept_as! { OtpSeed: |seed| seed.expose(), |bytes: &[u8]| Self::weak_from_bytes(bytes) }

impl OtpSeed {
    /// Copies `bytes`, 16 to 128 of them.
    ///
    /// # Errors
    ///
    /// [`SeedError::TooShort`] or [`SeedError::TooLong`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SeedError> {
        if bytes.len() < MIN_LEN { Err(SeedError::TooShort) } else { Self::weak_from_bytes(bytes) }
    }

    /// **A weakening**: copies `bytes`, 10 to 128 of them. A seed of 80 bits is shorter than RFC 4226 allows (R6): whoever
    /// has seen two or three of its codes can try all seeds for as much as a large sum of money, and for less each year.
    /// Replace such fobs.
    ///
    /// # Errors
    ///
    /// [`SeedError::TooShort`] or [`SeedError::TooLong`].
    pub fn weak_from_bytes(bytes: &[u8]) -> Result<Self, SeedError> {
        match bytes.len() {
            ..WEAK_LEN => Err(SeedError::TooShort),
            WEAK_LEN..=MAX_LEN => Ok(Self(SecretBytes::copy_of(bytes))),
            _ => Err(SeedError::TooLong),
        }
    }

    /// Another copy, for the record that keeps it.
    pub(crate) fn copy(&self) -> Self {
        Self(SecretBytes::copy_of(self.expose()))
    }

    fn unless_weak(self) -> Result<Self, SeedError> {
        if self.expose().len() < MIN_LEN { Err(SeedError::TooShort) } else { Ok(self) }
    }

    /// Reads hexadecimal digits of either case, without separators.
    ///
    /// # Errors
    ///
    /// [`SeedError::Hex`] for anything else or an odd number of digits; otherwise as
    /// [`OtpSeed::from_bytes`].
    pub fn from_hex(text: &str) -> Result<Self, SeedError> {
        Self::weak_from_hex(text)?.unless_weak()
    }

    /// **A weakening**: the same of 10 bytes or more; see [`weak_from_bytes`](Self::weak_from_bytes).
    ///
    /// # Errors
    ///
    /// As [`from_hex`](Self::from_hex).
    pub fn weak_from_hex(text: &str) -> Result<Self, SeedError> {
        let (pairs, odd) = text.as_bytes().as_chunks::<2>();
        if !odd.is_empty() {
            return Err(SeedError::Hex);
        }
        if pairs.len() > MAX_LEN {
            return Err(SeedError::TooLong);
        }
        let mut bytes = Zeroizing::new([0; MAX_LEN]);
        for (to, [high, low]) in bytes.iter_mut().zip(pairs) {
            *to =
                (nibble(*high).ok_or(SeedError::Hex)? << 4) | nibble(*low).ok_or(SeedError::Hex)?;
        }
        Self::weak_from_bytes(bytes.get(..pairs.len()).unwrap_or_default())
    }

    /// Reads base32 (RFC 4648 §6) of either case, either unpadded or fully padded.
    ///
    /// Only the canonical text of a seed is accepted: no separators, no impossible length, no bits
    /// left over that are not zero.
    ///
    /// # Errors
    ///
    /// [`SeedError::Base32`] for any other text; otherwise as [`OtpSeed::from_bytes`].
    pub fn from_base32(text: &str) -> Result<Self, SeedError> {
        Self::weak_from_base32(text)?.unless_weak()
    }

    /// **A weakening**: the same of 10 bytes or more; see [`weak_from_bytes`](Self::weak_from_bytes).
    ///
    /// # Errors
    ///
    /// As [`from_base32`](Self::from_base32).
    pub fn weak_from_base32(text: &str) -> Result<Self, SeedError> {
        if text.len() > MAX_BASE32_LEN {
            return Err(SeedError::TooLong);
        }
        let body = text.trim_end_matches('=');
        if text.len() != body.len() && text.len() != body.len().next_multiple_of(8) {
            return Err(SeedError::Base32);
        }
        let body = Zeroizing::new(body.to_ascii_uppercase());
        // The decoder gives up on other characters, and grows for these lengths, with what it has read
        // so far left in memory.
        let known = |byte: u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
        if matches!(body.len() % 8, 1 | 3 | 6) || !body.bytes().all(known) {
            return Err(SeedError::Base32);
        }
        let bytes = Zeroizing::new(base32::decode(ALPHABET, &body).ok_or(SeedError::Base32)?);
        // The decoder ignores left-over bits; the encoder makes none.
        if base32_of(ALPHABET, &bytes) != body {
            return Err(SeedError::Base32);
        }
        Self::weak_from_bytes(&bytes)
    }

    /// Unpadded base32, to be handed out once.
    pub(crate) fn to_base32(&self) -> Zeroizing<String> {
        base32_of(ALPHABET, self.expose())
    }

    /// The bytes, for the key schedule.
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl<'de> Deserialize<'de> for OtpSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a seed in base32", Self::from_base32)
    }
}

/// The value of one hexadecimal digit of either case.
pub(super) fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(digit.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

/// Why a seed was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// Fewer than 16 bytes.
    #[error("the seed is shorter than 128 bits (RFC 4226 R6)")]
    TooShort,
    /// More than 128 bytes.
    #[error("the seed is longer than 128 bytes")]
    TooLong,
    /// Not an even number of hexadecimal digits.
    #[error("the seed is not an even number of hexadecimal digits")]
    Hex,
    /// Not canonical base32.
    #[error("the seed is not base32 as RFC 4648 writes it, without separators")]
    Base32,
}
