//! Six digits that the desktop shows, the agent says and the customer types: they tie an approval to the conversation
//! in which it was asked for (NIST SP 800-63B-4, section 3.1.3).

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::codec::table::kept_as;
use crate::crypto::random::{Random, RandomError};
use crate::values::agent_safe::agent_safe;
use crate::values::secret::deserialize_text;
use crate::values::typed::TypedDigits;

/// How many digits there are: the least that NIST SP 800-63B-4 allows.
const DIGITS: usize = 6;
/// The longest text that is read, in characters.
const LONGEST: usize = 32;
/// So many numbers there are.
const NUMBERS: u32 = 1_000_000;
/// A source that gives none within so many tries is none: each try fails once in four thousand.
const TRIES: usize = 16;

/// Six digits that the agent says and the customer types into the app.
///
/// A secret until the step-up has ended: wiped on drop, compared in constant time, prints as `[REDACTED]`, and is
/// neither `Clone` nor `Display`. Serialised for the desktop, and read from the app, as text. Read from digits of any
/// script, with spaces and hyphens between them.
pub struct MatchDigits(Box<[u8; DIGITS]>);

/// The text is not six digits. The message does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these are not six digits")]
#[non_exhaustive]
pub struct InvalidMatchDigits;

impl MatchDigits {
    /// Draws six digits, each number as likely as any other.
    pub(crate) fn draw<R: Random + ?Sized>(random: &R) -> Result<Self, RandomError> {
        let most = u32::MAX.saturating_sub(u32::MAX.checked_rem(NUMBERS).unwrap_or_default());
        let mut drawn = Zeroizing::new([0; 4]);
        let mut number = None;
        for _ in 0..TRIES {
            random.fill(&mut *drawn)?;
            number = Some(u32::from_be_bytes(*drawn)).filter(|number| *number < most);
            if number.is_some() {
                break;
            }
        }
        let mut number = number.ok_or_else(RandomError::new)?;
        let mut digits = Box::new([b'0'; DIGITS]);
        for digit in digits.iter_mut().rev() {
            let last = u8::try_from(number % 10).unwrap_or_default();
            *digit = b'0'.saturating_add(last);
            number /= 10;
        }
        number.zeroize();
        Ok(Self(digits))
    }

    /// The digits in two groups, as the desktop shows them: `123 456`. Wiped on drop.
    #[must_use]
    pub fn digits(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(DIGITS + 1));
        for (place, digit) in self.0.iter().enumerate() {
            if place == DIGITS / 2 {
                text.push(' ');
            }
            text.push(char::from(*digit));
        }
        text
    }

    /// The digits in ASCII.
    pub(crate) fn ascii(&self) -> &[u8; DIGITS] {
        &self.0
    }

    /// The same digits once more, for an answer that outlives what was typed.
    pub(crate) fn copied(&self) -> Self {
        Self(self.0.clone())
    }

    fn of_ascii(digits: [u8; DIGITS]) -> Result<Self, InvalidMatchDigits> {
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(Box::new(digits)))
        } else {
            Err(InvalidMatchDigits)
        }
    }
}

impl FromStr for MatchDigits {
    type Err = InvalidMatchDigits;

    fn from_str(text: &str) -> Result<Self, InvalidMatchDigits> {
        let typed = TypedDigits::<DIGITS>::read(text, LONGEST).map_err(|_| InvalidMatchDigits)?;
        let digits = typed.as_str().as_bytes().try_into().map_err(|_| InvalidMatchDigits)?;
        Self::of_ascii(digits)
    }
}

impl PartialEq for MatchDigits {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for MatchDigits {}

impl fmt::Debug for MatchDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MatchDigits([REDACTED])")
    }
}

impl Drop for MatchDigits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for MatchDigits {}

impl Serialize for MatchDigits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.digits())
    }
}

impl<'de> Deserialize<'de> for MatchDigits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "six digits as text", Self::from_str)
    }
}

agent_safe!(MatchDigits);

/// The digits of a step-up as its record keeps them; a copy is of the pointer alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedDigits(pub(crate) Arc<MatchDigits>);

kept_as! {
    AskedDigits: |this| *this.0.ascii(),
    |digits: [u8; 6]| MatchDigits::of_ascii(digits).map(|digits| Self(Arc::new(digits)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::MatchDigits;
    use crate::crypto::random::{Random, RandomError};

    /// Gives these one after the other.
    struct Gives(std::sync::Mutex<Vec<u32>>);

    impl Random for Gives {
        fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
            let mut gives = self.0.lock().map_err(|_| RandomError::new())?;
            let next = gives.remove(0);
            to.copy_from_slice(&next.to_be_bytes());
            Ok(())
        }
    }

    /// What is left over above the last whole million would favour small numbers.
    #[test]
    fn no_number_is_drawn_more_often_than_another() {
        let drawn = |of: &[u32]| {
            let digits = MatchDigits::draw(&Gives(of.to_vec().into())).unwrap();
            digits.digits().to_string()
        };
        assert_eq!(drawn(&[7]), "000 007");
        assert_eq!(drawn(&[4_293_999_999]), "999 999");
        assert_eq!(drawn(&[4_294_000_000 - 2_000_000]), "000 000");
        assert_eq!(drawn(&[4_294_967_295, 4_294_000_000, 123_456]), "123 456");
    }

    #[test]
    fn digits_are_read_as_people_type_them_and_never_printed() {
        let digits: MatchDigits = " 123-456".parse().unwrap();
        assert_eq!(digits, "١٢٣٤٥٦".parse().unwrap());
        assert_ne!(digits, "123457".parse().unwrap());
        assert_eq!(format!("{digits:?}"), "MatchDigits([REDACTED])");
        for text in ["", "12345", "1234567", "12345a", "-123456"] {
            assert!(text.parse::<MatchDigits>().is_err(), "{text}");
        }
    }
}
