//! An OCRA response: decimal digits, or the whole HMAC.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::suite_parts::Truncation;
use crate::otp::mac::Output;
use crate::otp::{Code, CodeError};
use crate::secret::deserialize_text;

/// The longest response, in characters: a whole HMAC-SHA-512 in hexadecimal.
const MAX_LEN: usize = 128;

/// A response, computed or typed (RFC 6287 §5.1): 4 to 10 decimal digits, or for a `-0` suite the
/// whole HMAC in hexadecimal.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`, and
/// [`Response::expose`] is the one way to read it.
///
/// A typed one is read with [`str::parse`] (or `Deserialize`, from text): a code as [`Code`] reads it,
/// or exactly 40, 64 or 128 hexadecimal digits of either case.
#[must_use]
pub struct Response {
    text: [u8; MAX_LEN],
    len: u8,
}

impl Response {
    pub(super) fn of(mac: &Output, truncation: Truncation) -> Self {
        match truncation.digits() {
            Some(digits) => Code::of(mac.truncate(), digits).into(),
            None => {
                let halves = mac.expose().iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
                Self::written(halves.map(|half| match half {
                    ..10 => b'0' + half,
                    _ => b'a' - 10 + half,
                }))
            }
        }
    }

    /// Digits, leading zeros included, or lower-case hexadecimal, to be shown or sent once.
    #[must_use]
    pub fn expose(&self) -> &str {
        let text = self.text.get(..usize::from(self.len)).unwrap_or_default();
        // ASCII by construction, so the fallback is never taken.
        core::str::from_utf8(text).unwrap_or_default()
    }

    pub(super) fn ct_eq(&self, other: &Self) -> Choice {
        self.len.ct_eq(&other.len) & self.text.ct_eq(&other.text)
    }

    /// Writes `characters`, at most `MAX_LEN` of them.
    fn written(characters: impl Iterator<Item = u8>) -> Self {
        let mut response = Self { text: [0; MAX_LEN], len: 0 };
        for (to, character) in response.text.iter_mut().zip(characters) {
            *to = character;
            response.len += 1;
        }
        response
    }
}

impl From<Code> for Response {
    fn from(code: Code) -> Self {
        Self::written(code.expose().bytes())
    }
}

impl FromStr for Response {
    type Err = CodeError;

    fn from_str(typed: &str) -> Result<Self, CodeError> {
        // Longer than any code may be typed, so that no text is both.
        if matches!(typed.len(), 40 | 64 | 128) {
            if !typed.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(CodeError::NotDigits);
            }
            return Ok(Self::written(typed.bytes().map(|byte| byte.to_ascii_lowercase())));
        }
        typed.parse::<Code>().map(Self::from)
    }
}

impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a response as text", Self::from_str)
    }
}

impl PartialEq for Response {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Response {}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Response([REDACTED])")
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl ZeroizeOnDrop for Response {}
