//! Which attempt to pay one request something belongs to.

use core::fmt;
use core::num::NonZeroU8;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::kept_as;
use crate::values::agent_safe::agent_safe;

/// The number of an attempt to pay one request: 1, and after each soft decline one more, up to 255. A card is
/// sealed for one attempt alone.
///
/// ```
/// use countersign::card::Attempt;
///
/// assert_eq!(Attempt::FIRST.number(), 1);
/// assert_eq!(Attempt::FIRST.next(), Attempt::new(2));
/// assert_eq!(Attempt::new(0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attempt(NonZeroU8);

impl Attempt {
    /// The first.
    pub const FIRST: Self = Self(NonZeroU8::MIN);

    /// The attempt with this number; `None` for 0.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match NonZeroU8::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.get()
    }

    /// The one after it; `None` after the 255th.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Whether it is the first.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.number() == 1
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Attempt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

impl<'de> Deserialize<'de> for Attempt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NonZeroU8::deserialize(deserializer)
            .map(Self)
            .map_err(|_| serde::de::Error::custom("expected the number of an attempt"))
    }
}

kept_as! { Attempt: |attempt| attempt.number(), |number: u8| Self::new(number).ok_or(()) }

agent_safe!(Attempt);
