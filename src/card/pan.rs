//! The primary account number.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::values::card_number::{Brand, BrandTable, Brands, LastFour, luhn};
use crate::values::secret::{SecretText, deserialize_text, leaving_no_trace};
use crate::values::typed::{Mistyped, TypedDigits};

const MIN_DIGITS: usize = 12;
const MAX_DIGITS: usize = 19;
/// The longest text that is read, in characters.
const MAX_TYPED: usize = 64;

/// A primary account number (PAN, the card number): 12 to 19 digits of a known scheme's range and
/// length, with the right check digit (ISO/IEC 7812-1).
///
/// Parsed from what people type: digits of any script, white space anywhere, dashes within. Any one
/// digit changed, or any two neighbours swapped, is refused, except that `09` and `90` in each other's
/// place cannot be told apart by Luhn's formula.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
///
/// ```
/// use countersign::card::Pan;
/// use countersign::card_number::Brand;
///
/// let pan: Pan = "３７８２ 822463-10005".parse()?;
/// assert_eq!(pan.brand(), Brand::AmericanExpress);
/// assert_eq!(format!("{pan:?}"), "[REDACTED]");
/// # Ok::<(), countersign::card::InvalidPan>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct Pan {
    digits: SecretText,
    brands: Brands,
}

/// Why a text is not a card number. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPan {
    /// Something else than digits, white space, and dashes between digits.
    #[error("a card number has only digits, spaces and dashes")]
    NotDigits,
    /// Fewer than 12 digits or more than 19, or too much between them.
    #[error("a card number has 12 to 19 digits")]
    Length,
    /// The check digit is wrong: a digit was mistyped, or two were swapped.
    #[error("the card number is mistyped")]
    CheckDigit,
    /// No scheme of [`Brand`] issues numbers that begin like this and have this length.
    #[error("no known card scheme issues such a number")]
    UnknownScheme,
}

impl Pan {
    /// Reads what was typed, by the ranges of `table`: for a host that gives some of its own.
    ///
    /// # Errors
    ///
    /// [`InvalidPan`], as of `str::parse`, which knows the published ranges alone.
    pub fn read(text: &str, table: &BrandTable) -> Result<Self, InvalidPan> {
        // What was typed is a value, and leaves copies where it is moved.
        leaving_no_trace(|| match TypedDigits::<MAX_DIGITS>::read(text, MAX_TYPED) {
            Ok(digits) => Self::from_digits(digits.as_str(), table),
            Err(Mistyped::NotDigits) => Err(InvalidPan::NotDigits),
            Err(Mistyped::TooLong) => Err(InvalidPan::Length),
        })
    }

    /// Whose card it is, told by the first digits: the first of its [`brands`](Self::brands).
    #[must_use]
    pub const fn brand(&self) -> Brand {
        self.brands.first()
    }

    /// All schemes that the card has, the one first that is paid over unless the customer
    /// [chooses](crate::card::Card::with_brand): two or three of a co-badged card.
    #[must_use]
    pub fn brands(&self) -> &[Brand] {
        self.brands.as_slice()
    }

    /// The last four digits, which receipts show.
    #[must_use]
    pub fn last_four(&self) -> LastFour {
        LastFour::of(self.digits.expose().as_bytes())
    }

    /// The bank identification number: the first eight digits, or the first six of a number shorter
    /// than 16 (PCI SSC FAQ 1091: with the last four, this much may be kept in the clear).
    ///
    /// Of a number of 12 digits that leaves two; don't keep both of so short a number.
    #[must_use]
    pub fn bin(&self) -> &str {
        let all = self.expose();
        let digits = if all.len() < 16 { 6 } else { 8 };
        all.get(..digits).unwrap_or_default()
    }

    /// All digits, ASCII, without separators: for the acquirer's call and nothing else. Whatever holds
    /// a copy is in the scope of PCI DSS.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.digits.expose()
    }

    /// Another copy, for the record that keeps it.
    pub(super) fn copy(&self) -> Self {
        Self { digits: SecretText::copy_of(self.expose()), brands: self.brands }
    }

    /// Reads a number as it was kept, with the schemes that it had then: ranges change.
    pub(super) fn kept(digits: &str, brands: &[Brand]) -> Result<Self, InvalidPan> {
        Self::checked(digits)?;
        let brands = Brands::new(brands).ok_or(InvalidPan::UnknownScheme)?;
        Ok(Self { digits: SecretText::copy_of(digits), brands })
    }

    /// Reads plain ASCII digits.
    pub(super) fn from_digits(digits: &str, table: &BrandTable) -> Result<Self, InvalidPan> {
        Self::checked(digits)?;
        let brands = table.brands(digits.as_bytes()).ok_or(InvalidPan::UnknownScheme)?;
        Ok(Self { digits: SecretText::copy_of(digits), brands })
    }

    /// All that is checked without knowing any ranges.
    fn checked(digits: &str) -> Result<(), InvalidPan> {
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidPan::NotDigits);
        }
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
            return Err(InvalidPan::Length);
        }
        if !luhn(digits.as_bytes()) {
            return Err(InvalidPan::CheckDigit);
        }
        Ok(())
    }
}

impl FromStr for Pan {
    type Err = InvalidPan;

    fn from_str(text: &str) -> Result<Self, InvalidPan> {
        Self::read(text, &BrandTable::default())
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digits.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Pan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a card number as text", Self::from_str)
    }
}
