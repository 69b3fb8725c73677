//! The PGP word lists, and four words of them.

use core::fmt;
use core::str::FromStr;

use serde::{Serialize, Serializer};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::values::agent_safe::agent_safe;
use crate::values::typed::{is_separator, trimmed};

/// The word list of PGPfone (Patrick Juola and Philip Zimmermann, 1995), 256 words of two syllables
/// and 256 of three, chosen to sound unlike each other. A byte is the index; the order is theirs.
const TWO_SYLLABLES: &str = include_str!("two_syllables.txt");
const THREE_SYLLABLES: &str = include_str!("three_syllables.txt");

/// So many words are said at once.
pub(super) const WORDS: usize = 4;
/// The longest word of the lists.
const MAX_WORD: usize = 12;
/// The longest text that is read, so that spaces are not an invitation.
pub(super) const MAX_TEXT: usize = 128;

/// Four words to say, such as `topmost Istanbul Pluto vagabond`: 32 bits.
///
/// Each byte is one word of the PGP lists. The first and third word have two syllables, the second
/// and fourth three. So a word that was swapped with its neighbour, doubled or dropped is noticed
/// when the words are read back in, without knowing which were meant.
///
/// Meant to be shown once: it serialises as its text, for the desktop. It is wiped when dropped,
/// prints as `[REDACTED]`, compares in constant time, and is neither `Clone` nor `Display`. What was
/// heard is read with [`str::parse`].
///
/// ```
/// use countersign::spoken::{SpokenError, SpokenWords};
///
/// let words = SpokenWords::from_bytes([0xe5, 0x82, 0x94, 0xf2]);
/// assert_eq!(*words.words(), "topmost Istanbul Pluto vagabond");
/// assert_eq!("Topmost  istanbul pluto-vagabond".parse(), Ok(words));
///
/// let swapped = "Istanbul topmost Pluto vagabond".parse::<SpokenWords>();
/// assert_eq!(swapped, Err(SpokenError::Order));
/// ```
pub struct SpokenWords(Box<[u8; WORDS]>);

impl SpokenWords {
    /// The words of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; WORDS]) -> Self {
        Self(Box::new(bytes))
    }

    /// What is said, with a space between words; wiped when dropped.
    #[must_use]
    pub fn words(&self) -> Zeroizing<String> {
        say(&self.0)
    }
}

impl FromStr for SpokenWords {
    type Err = SpokenError;

    fn from_str(heard: &str) -> Result<Self, SpokenError> {
        read(heard).map(|bytes| Self::from_bytes(*bytes))
    }
}

impl PartialEq for SpokenWords {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for SpokenWords {}

impl fmt::Debug for SpokenWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpokenWords([REDACTED])")
    }
}

impl Drop for SpokenWords {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SpokenWords {}

impl Serialize for SpokenWords {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.words())
    }
}

agent_safe!(SpokenWords);

/// Why what was heard is no code and no words. It says what to ask for again and repeats nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpokenError {
    /// Neither eight digits nor four words.
    #[error("expected eight digits or four words")]
    Length,
    /// A word that is not on the list, or that no code has.
    #[error("one of the words is not on the list")]
    Unknown,
    /// Words in an order that is never said: two were swapped, or one was doubled or left out.
    #[error("the words are out of order: one was swapped, doubled or left out")]
    Order,
}

/// Words at even places have two syllables, the others three.
const fn list(place: usize) -> &'static str {
    if place.is_multiple_of(2) { TWO_SYLLABLES } else { THREE_SYLLABLES }
}

/// The words of `bytes`, in an allocation that does not grow.
pub(super) fn say(bytes: &[u8; WORDS]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(WORDS * (MAX_WORD + 1)));
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 {
            out.push(' ');
        }
        // Each list has 256 words, so the fallback is never taken.
        let word = list(place).split_ascii_whitespace().nth(usize::from(*byte));
        out.push_str(word.unwrap_or_default());
    }
    out
}

/// The bytes of the words heard.
pub(super) fn read(heard: &str) -> Result<Zeroizing<[u8; WORDS]>, SpokenError> {
    if heard.len() > MAX_TEXT {
        return Err(SpokenError::Length);
    }
    let mut bytes = Zeroizing::new([0; WORDS]);
    let mut count = 0_usize;
    for word in pieces(heard) {
        let Some(byte) = find(list(count), word) else {
            let elsewhere = find(list(count.saturating_add(1)), word);
            return Err(elsewhere.map_or(SpokenError::Unknown, |_| SpokenError::Order));
        };
        *bytes.get_mut(count).ok_or(SpokenError::Length)? = byte;
        count = count.saturating_add(1);
    }
    if count == WORDS { Ok(bytes) } else { Err(SpokenError::Length) }
}

/// What stands between white space and dashes of any kind, without what nobody sees at the ends.
fn pieces(heard: &str) -> impl Iterator<Item = &str> {
    trimmed(heard).split(is_separator).filter(|piece| !piece.is_empty())
}

fn find(list: &str, word: &str) -> Option<u8> {
    let at = list.split_ascii_whitespace().position(|one| one.eq_ignore_ascii_case(word))?;
    u8::try_from(at).ok()
}
