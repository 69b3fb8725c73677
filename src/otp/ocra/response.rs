//! An OCRA response: decimal digits, or the whole HMAC.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::otp::mac::truncate;
use crate::otp::ocra::Truncation;
use crate::otp::{Code, CodeError};
use crate::values::secret::deserialize_text;
use crate::values::typed::trimmed;

/// The longest response, in characters: a whole HMAC-SHA-512 in hexadecimal.
const MAX_LEN: usize = 128;

/// A response, computed or typed (RFC 6287 §5.1): 4 to 10 decimal digits, or for a `-0` suite the
/// whole HMAC in hexadecimal.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`, and
/// [`Response::expose`] is the one way to read it. It is a value, as [`Code`] is.
///
/// A typed one is read with [`str::parse`] (or `Deserialize`, from text): a code as [`Code`] reads it,
/// or exactly 40, 64 or 128 ASCII hexadecimal digits of either case, without anything between them.
#[must_use]
pub struct Response(Form);

enum Form {
    Code(Code),
    Whole(Whole),
}

impl Response {
    pub(super) fn of(mac: &[u8], truncation: Truncation) -> Self {
        Self(match truncation.digits() {
            Some(digits) => Form::Code(Code::of(truncate(mac), digits)),
            None => Form::Whole(Whole::of(mac)),
        })
    }

    /// Digits, leading zeros included, or lower-case hexadecimal, to be shown or sent once.
    #[must_use]
    pub fn expose(&self) -> &str {
        match &self.0 {
            Form::Code(code) => code.expose(),
            Form::Whole(whole) => whole.expose(),
        }
    }

    /// The decimal code, if it is one.
    pub(crate) fn code(&self) -> Option<&Code> {
        match &self.0 {
            Form::Code(code) => Some(code),
            Form::Whole(_) => None,
        }
    }

    /// Which of the two forms a response has is not secret; what it says is.
    pub(super) fn ct_eq(&self, other: &Self) -> Choice {
        match (&self.0, &other.0) {
            (Form::Code(one), Form::Code(other)) => one.ct_eq(other),
            (Form::Whole(one), Form::Whole(other)) => one.ct_eq(other),
            _ => Choice::from(0),
        }
    }
}

/// A whole HMAC in lower-case hexadecimal.
struct Whole {
    text: [u8; MAX_LEN],
    len: usize,
}

impl Whole {
    fn of(mac: &[u8]) -> Self {
        let mut text = [0; MAX_LEN];
        for ([high, low], byte) in text.as_chunks_mut().0.iter_mut().zip(mac) {
            *high = digit(byte >> 4);
            *low = digit(byte & 0x0f);
        }
        Self { text, len: mac.len().saturating_mul(2) }
    }

    /// Reads exactly 40, 64 or 128 hexadecimal digits; `None` is another length or no ASCII.
    fn read(typed: &str) -> Option<Result<Self, CodeError>> {
        if !typed.is_ascii() || !matches!(typed.len(), 40 | 64 | 128) {
            return None;
        }
        let mut whole = Self { text: [0; MAX_LEN], len: typed.len() };
        for (to, byte) in whole.text.iter_mut().zip(typed.bytes()) {
            if !byte.is_ascii_hexdigit() {
                return Some(Err(CodeError::NotDigits));
            }
            *to = byte.to_ascii_lowercase();
        }
        Some(Ok(whole))
    }

    fn expose(&self) -> &str {
        let text = self.text.get(..self.len).unwrap_or_default();
        // ASCII by construction, so the fallback is never taken.
        core::str::from_utf8(text).unwrap_or_default()
    }

    fn ct_eq(&self, other: &Self) -> Choice {
        // Eight bytes at a time: comparing one by one would take as long as a block of hashing.
        let (ours, theirs) = (self.text.as_chunks().0, other.text.as_chunks().0);
        ours.iter().zip(theirs).fold(Choice::from(1), |same, (one, other)| {
            same & u64::from_ne_bytes(*one).ct_eq(&u64::from_ne_bytes(*other))
        })
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// The digit of half a byte, without a table or a branch.
const fn digit(half: u8) -> u8 {
    // `a` stands 39 after where it would follow `9`; 9 - half borrows exactly for ten and more.
    let letter = (9_u8.wrapping_sub(half) >> 7).wrapping_mul(39);
    b'0'.wrapping_add(half).wrapping_add(letter)
}

impl From<Code> for Response {
    fn from(code: Code) -> Self {
        Self(Form::Code(code))
    }
}

impl FromStr for Response {
    type Err = CodeError;

    fn from_str(typed: &str) -> Result<Self, CodeError> {
        // ASCII longer than any code may be typed, so no text is both.
        match Whole::read(trimmed(typed)) {
            Some(whole) => whole.map(Form::Whole).map(Self),
            None => typed.parse::<Code>().map(Self::from),
        }
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

impl ZeroizeOnDrop for Response {}
