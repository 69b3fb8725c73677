//! Eight digits, and the words that stand for them.

use core::fmt;
use core::str::FromStr;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::otp::Code;
use crate::spoken::words::{MAX_TEXT, WORDS};
use crate::spoken::{SpokenError, words};
use crate::values::agent_safe::agent_safe;
use crate::values::typed::{Mistyped, TypedDigits};

/// Eight decimal digits to say, in two groups or as four words.
///
/// The words are the PGP words of the bytes that the digits write in hexadecimal: `4903 1726` are the
/// bytes 49 03 17 26. So each word stands for two digits, whoever has the digits and whoever has
/// the words hear the same code, and a hundred words of each list are used. As in
/// [`SpokenWords`](crate::spoken::SpokenWords), words that were swapped, doubled or dropped are noticed by
/// themselves. Digits that were are noticed in the comparison alone: the code is another then, or
/// has another length.
///
/// Meant to be shown once: it serialises as `{"digits":"4903 1726","words":"…"}`, for the desktop. It
/// is wiped when dropped, prints as `[REDACTED]`, compares in constant time, and is neither `Clone`
/// nor `Display`. What was heard is read with [`str::parse`], in either form, digits of any script.
///
/// ```
/// use countersign::otp::Code;
/// use countersign::spoken::{SpokenCode, SpokenError};
///
/// let code = SpokenCode::of(&"49031726".parse::<Code>()?)?;
/// assert_eq!(*code.digits(), "4903 1726");
/// assert_eq!(*code.words(), "deckhand aggregate banjo caretaker");
/// assert_eq!("Deckhand aggregate banjo CARETAKER".parse(), Ok(code));
///
/// let doubled = "deckhand deckhand aggregate banjo caretaker".parse::<SpokenCode>();
/// assert_eq!(doubled, Err(SpokenError::Order));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SpokenCode(Box<[u8; WORDS]>);

impl SpokenCode {
    /// The code of eight digits as a person says it.
    ///
    /// # Errors
    ///
    /// [`SpokenError::Length`] if it has fewer or more digits.
    pub fn of(code: &Code) -> Result<Self, SpokenError> {
        from_digits(code.expose().bytes())
    }

    /// The digits in two groups of four; wiped when dropped.
    #[must_use]
    pub fn digits(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(2 * WORDS + 1));
        for (place, byte) in self.0.iter().enumerate() {
            if place == WORDS / 2 {
                out.push(' ');
            }
            for half in [byte >> 4, byte & 0x0f] {
                out.push(char::from(b'0' | half));
            }
        }
        out
    }

    /// The four words that stand for them; wiped when dropped.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        words::say(&self.0)
    }
}

/// Two digits to a byte.
fn from_digits(digits: impl Iterator<Item = u8>) -> Result<SpokenCode, SpokenError> {
    let mut code = SpokenCode(Box::new([0; WORDS]));
    let mut count = 0_usize;
    for digit in digits {
        let byte = code.0.get_mut(count / 2).ok_or(SpokenError::Length)?;
        *byte = (*byte << 4) | (digit & 0x0f);
        count = count.saturating_add(1);
    }
    if count == 2 * WORDS { Ok(code) } else { Err(SpokenError::Length) }
}

impl FromStr for SpokenCode {
    type Err = SpokenError;

    fn from_str(heard: &str) -> Result<Self, SpokenError> {
        if heard.len() > MAX_TEXT {
            return Err(SpokenError::Length);
        }
        // Digits alone are no words; whatever else there is might be.
        match TypedDigits::<{ 2 * WORDS }>::read(heard, MAX_TEXT) {
            Ok(digits) => return from_digits(digits.as_str().bytes()),
            Err(Mistyped::TooLong) => return Err(SpokenError::Length),
            Err(Mistyped::NotDigits) => {}
        }
        let code = Self(Box::new(*words::read(heard)?));
        // The other words of the list stand for no digits.
        let decimal = |byte: &u8| byte >> 4 <= 9 && byte & 0x0f <= 9;
        if code.0.iter().all(decimal) { Ok(code) } else { Err(SpokenError::Unknown) }
    }
}

impl PartialEq for SpokenCode {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for SpokenCode {}

impl fmt::Debug for SpokenCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpokenCode([REDACTED])")
    }
}

impl Drop for SpokenCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SpokenCode {}

impl Serialize for SpokenCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut both = serializer.serialize_struct("SpokenCode", 2)?;
        both.serialize_field("digits", self.digits().as_str())?;
        both.serialize_field("words", self.words().as_str())?;
        both.end()
    }
}

agent_safe!(SpokenCode);
