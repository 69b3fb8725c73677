//! Decimal codes: their length, and the code itself as a short-lived secret.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::codec::table::kept_as;
use crate::values::secret::deserialize_text;
use crate::values::typed::{Mistyped, TypedDigits};

/// The longest decimal code: 31 bits never take more digits.
const MAX_DIGITS: usize = 10;
/// The shortest a typed code can be: OCRA's minimum.
const MIN_TYPED: usize = 4;
/// The longest text read as a code, in characters, so that spaces are not an invitation.
const MAX_TEXT: usize = 32;

/// The length of a HOTP or TOTP code: 6 to 10 digits (RFC 4226 R4).
///
/// The truncated value has 31 bits, so the first of ten digits is 0, 1 or 2, and ten digits are
/// little harder to guess than nine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digits(u8);

impl Digits {
    /// Six, what most authenticators show.
    pub const SIX: Self = Self(6);
    /// Seven, rare.
    pub const SEVEN: Self = Self(7);
    /// Eight, what this crate uses for OCRA and delivered codes.
    pub const EIGHT: Self = Self(8);

    /// `digits`, 6 to 10.
    ///
    /// # Errors
    ///
    /// [`DigitsError`] for any other number.
    pub const fn new(digits: u8) -> Result<Self, DigitsError> {
        match digits {
            6..=10 => Ok(Self(digits)),
            _ => Err(DigitsError),
        }
    }

    /// The number of digits.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

kept_as! { Digits: |digits| digits.0, |digits: u8| Self::new(digits) }

/// A code length outside 6 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code has 6 to 10 digits (RFC 4226 R4)")]
#[non_exhaustive]
pub struct DigitsError;

/// A decimal one-time code, computed or typed: 4 to 10 digits, wiped on drop.
///
/// Compared in constant time; neither `Clone`, `Display` nor `Serialize`, and [`Code::expose`] is the
/// one way to read it. It is a value, without an allocation: moving it leaves a copy, so keep it in a
/// `Box` where it is held over an `await`.
///
/// A typed code is read with [`str::parse`] (or `Deserialize`, from text): decimal digits of any
/// script, with white space anywhere and hyphens between them, because people group digits so, and
/// characters that nobody sees at the ends, because copying leaves them there. [`Code::expose`] gives
/// ASCII digits whatever was typed. A code with the wrong number of digits for an authenticator is an
/// ordinary mismatch there.
#[must_use]
pub struct Code {
    text: [u8; MAX_DIGITS],
    len: u8,
}

impl Code {
    /// The last `digits` (at most ten) decimal digits of `truncated`.
    pub(super) fn of(truncated: u32, digits: u8) -> Self {
        let mut text = [b'0'; MAX_DIGITS];
        let mut rest = truncated;
        for to in text.iter_mut().take(usize::from(digits)).rev() {
            let digit = u8::try_from(rest % 10).unwrap_or_default();
            *to = b'0' | digit;
            rest /= 10;
        }
        Self { text, len: digits }
    }

    /// The digits, leading zeros included, to be shown or sent once.
    #[must_use]
    pub fn expose(&self) -> &str {
        let digits = self.text.get(..usize::from(self.len)).unwrap_or_default();
        // Written digit by digit above, so the fallback is never taken; empty matches nothing.
        core::str::from_utf8(digits).unwrap_or_default()
    }

    /// In constant time, the number of digits included.
    pub(super) fn ct_eq(&self, other: &Self) -> Choice {
        self.len.ct_eq(&other.len) & self.value().ct_eq(&other.value())
    }

    /// The number the digits write.
    fn value(&self) -> u64 {
        let digits = self.text.iter().take(usize::from(self.len));
        // Ten digits at most.
        digits.fold(0_u64, |value, digit| {
            value.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')))
        })
    }

    /// What candidates of `digits` digits are compared with.
    pub(super) fn wanted(&self, digits: Digits) -> Wanted {
        let same_length = self.len.ct_eq(&digits.get());
        Wanted { value: u64::conditional_select(&u64::MAX, &self.value(), same_length), digits }
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(typed: &str) -> Result<Self, CodeError> {
        let digits = TypedDigits::<MAX_DIGITS>::read(typed, MAX_TEXT)?;
        let mut code = Self { text: [b'0'; MAX_DIGITS], len: 0 };
        for (to, digit) in code.text.iter_mut().zip(digits.as_str().bytes()) {
            *to = digit;
            code.len = code.len.saturating_add(1);
        }
        if usize::from(code.len) < MIN_TYPED { Err(CodeError::Length) } else { Ok(code) }
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a code as text", Self::from_str)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code([REDACTED])")
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl ZeroizeOnDrop for Code {}

/// A typed code, made ready once for comparison with many candidates.
pub(super) struct Wanted {
    /// More than any code if the length is not right.
    value: u64,
    digits: Digits,
}

impl Wanted {
    /// Whether the code of `truncated` is the wanted one, in constant time.
    pub(super) fn is(&self, truncated: u32) -> Choice {
        u64::from(reduce(truncated, self.digits)).ct_eq(&self.value)
    }
}

/// The number that the last `digits` digits of `truncated` write.
///
/// Constant divisors become multiplications; a division may take longer for larger numbers.
const fn reduce(truncated: u32, digits: Digits) -> u32 {
    match digits.0 {
        ..=6 => truncated % 1_000_000,
        7 => truncated % 10_000_000,
        8 => truncated % 100_000_000,
        9 => truncated % 1_000_000_000,
        _ => truncated,
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// Why typed text is not a code. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Something other than digits, spaces, and hyphens between digits.
    #[error("a code has only digits, spaces and hyphens")]
    NotDigits,
    /// Fewer than 4 or more than 10 digits, or too many spaces.
    #[error("a code has 4 to 10 digits")]
    Length,
}

impl From<Mistyped> for CodeError {
    fn from(why: Mistyped) -> Self {
        match why {
            Mistyped::NotDigits => Self::NotDigits,
            Mistyped::TooLong => Self::Length,
        }
    }
}
