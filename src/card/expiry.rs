//! Until when a card is valid.

use core::fmt;
use core::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

use crate::values::secret::deserialize_text;
use crate::values::time::Timestamp;
use crate::values::typed::{is_longer, is_separator, trimmed};
use crate::values::unicode::digit;

/// The longest text that is read, in characters.
const MAX_TYPED: usize = 32;

/// A month: a card is valid until the month has ended everywhere on earth, at noon of the first in
/// UTC. West of all, twelve hours behind UTC, it is midnight then.
///
/// Parsed from what people type and forms give: `4/27`, `04/27`, `04 / 2027`, `04-27`, `0427`, `427`,
/// `2027-04`, in digits of any script. Years are 2000 to 2099. `Debug` prints `[REDACTED]`, and it is
/// not `Serialize`: beside a card number it is cardholder data.
///
/// ```
/// use countersign::Timestamp;
/// use countersign::card::Expiry;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let expiry: Expiry = "02/28".parse()?;
/// assert!(!expiry.is_over("2028-03-01T11:59:59Z".parse()?));
/// assert!(expiry.is_over("2028-03-01T12:00:00Z".parse()?));
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry {
    year: u16,
    month: u8,
}

/// The text or numbers are not a month from 2000 to 2099. It does not repeat them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected month and year as the card shows them, such as 04/27")]
#[non_exhaustive]
pub struct InvalidExpiry;

impl Expiry {
    /// `year` from 2000 to 2099, `month` from 1 to 12.
    ///
    /// # Errors
    ///
    /// [`InvalidExpiry`] outside of these.
    pub const fn new(year: u16, month: u8) -> Result<Self, InvalidExpiry> {
        if year >= 2000 && year <= 2099 && month >= 1 && month <= 12 {
            Ok(Self { year, month })
        } else {
            Err(InvalidExpiry)
        }
    }

    /// The year, 2000 to 2099.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// Whether the month has passed at `now`, wherever the card is.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        now >= self.end()
    }

    /// The first instant at which the month lasts nowhere any more: 12:00 UTC on the first of the next.
    #[must_use]
    pub fn end(self) -> Timestamp {
        let (year, month) = if self.month == 12 {
            (self.year.saturating_add(1), 1)
        } else {
            (self.year, self.month.saturating_add(1))
        };
        let first = i16::try_from(year)
            .ok()
            .zip(i8::try_from(month).ok())
            .and_then(|(year, month)| Date::new(year, month, 1).ok())
            .and_then(|first| TimeZone::UTC.to_timestamp(first.at(12, 0, 0, 0)).ok())
            .and_then(|first| u64::try_from(first.as_second()).ok());
        // Every month that can be built has a next one; if not, nothing is valid.
        first.map_or(Timestamp::EPOCH, Timestamp::from_unix)
    }
}

impl FromStr for Expiry {
    type Err = InvalidExpiry;

    fn from_str(text: &str) -> Result<Self, InvalidExpiry> {
        if is_longer(text, MAX_TYPED) {
            return Err(InvalidExpiry);
        }
        let mut parts = [Number::default(), Number::default()];
        let (mut part, mut separated) = (0_usize, false);
        for c in trimmed(text).chars() {
            if let Some(digit) = digit(c) {
                parts.get_mut(part).ok_or(InvalidExpiry)?.push(digit)?;
                separated = false;
            } else if matches!(c, '/' | '.' | '\u{FF0F}') || is_separator(c) {
                // `04 / 27` is one separation.
                part = part.saturating_add(usize::from(!separated));
                separated = true;
            } else {
                return Err(InvalidExpiry);
            }
        }
        if part > 1 {
            return Err(InvalidExpiry);
        }
        let [first, second] = parts;
        let (year, month) = match (first.digits, second.digits) {
            (1..=2, 2 | 4) => (second, first.value),
            (4, 1..=2) => (first, second.value),
            (3 | 4, 0) if part == 0 => {
                (Number { value: first.value % 100, digits: 2 }, first.value / 100)
            }
            (6, 0) if part == 0 => {
                (Number { value: first.value % 10_000, digits: 4 }, first.value / 10_000)
            }
            _ => return Err(InvalidExpiry),
        };
        let year = if year.digits == 2 { year.value.saturating_add(2000) } else { year.value };
        let year = u16::try_from(year).map_err(|_| InvalidExpiry)?;
        Self::new(year, u8::try_from(month).map_err(|_| InvalidExpiry)?)
    }
}

/// A number of at most six digits, and how many were typed.
#[derive(Default, Clone, Copy)]
struct Number {
    value: u32,
    digits: u8,
}

impl Number {
    fn push(&mut self, digit: u8) -> Result<(), InvalidExpiry> {
        if self.digits == 6 {
            return Err(InvalidExpiry);
        }
        self.value = self.value.saturating_mul(10).saturating_add(u32::from(digit));
        self.digits = self.digits.saturating_add(1);
        Ok(())
    }
}

impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "an expiry date as text", Self::from_str)
    }
}
