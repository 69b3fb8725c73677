//! What stands for a card outside of the vault.

use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::codec::table::kept_as;
use crate::crypto::random::{Random, RandomError};
use crate::values::secret::{SecretText, deserialize_text};

/// Crockford's base32, in the order of the values.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random characters: 135 bits.
const DRAWN: usize = 27;
const CHARACTERS: usize = DRAWN + 1;
const GROUP: usize = 4;
const TEXT: usize = CHARACTERS + CHARACTERS / GROUP - 1;
/// The shortest card number: a token has no run of so many digits.
const DIGITS_OF_A_CARD: usize = 12;
/// Draws until one will do: more than 6 of 7 do.
const MAX_DRAWS: usize = 256;

/// Stands for a card that the vault keeps. It tells nothing about the card and cannot be mistaken for
/// a card number: it never has 12 digits in a row (PCI SSC's tokenization guidelines).
///
/// 27 random characters of Crockford's base32 (134 bits of entropy) and his check symbol, in seven
/// groups of four, so that it can be typed and said: `7Q4M-ZK2P-…`. Reading folds case, takes `I` and
/// `L` for `1` and `O` for `0`, and ignores hyphens and white space. Any one character mistyped, and
/// any two neighbours swapped, is noticed, unless it is another way to write the same token. Tokens
/// whose check symbol would be one of Crockford's five signs beyond the alphabet (`*~$=U`) are not
/// given out.
///
/// **It belongs to the back end**: not [`AgentSafe`](crate::AgentSafe), no `Display`, `Debug` prints
/// `[REDACTED]`. Alone it opens nothing: the vault asks for the customer and merchant it is bound to.
/// It is `Serialize`, since storing it is what it is for. Compared in constant time, wiped on drop.
///
/// ```
/// use countersign::OsRandom;
/// use countersign::card::CardToken;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let token = CardToken::generate(&OsRandom::new())?;
/// let said = token.expose().to_lowercase().replace('-', " ");
/// assert_eq!(said.parse::<CardToken>()?, token);
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct CardToken(SecretText);

/// The text is not a card token: mistyped, or something else. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a card token, or it is mistyped")]
#[non_exhaustive]
pub struct InvalidCardToken;

kept_as! { CardToken: |token| token.expose(), |text: &str| text.parse() }

impl CardToken {
    /// Draws a new token.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if there is no randomness, or none worth the name.
    pub fn generate(random: &(impl Random + ?Sized)) -> Result<Self, RandomError> {
        let mut drawn = Zeroizing::new([0; DRAWN]);
        for _ in 0..MAX_DRAWS {
            random.fill(drawn.as_mut_slice())?;
            if let Some(token) = Self::of(&drawn) {
                return Ok(token);
            }
        }
        Err(RandomError)
    }

    /// The token in groups, upper case: for the back end's store, and for whoever types it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Another copy, for the record that keeps it.
    pub(crate) fn copy(&self) -> Self {
        Self(SecretText::copy_of(self.expose()))
    }

    /// The token of the low five bits of each byte, unless its check symbol is not in the alphabet or
    /// it might be taken for a card number.
    fn of(drawn: &[u8; DRAWN]) -> Option<Self> {
        let check = u8::try_from(remainder(drawn)).ok().filter(|check| *check < 32)?;
        let mut text = Zeroizing::new([b'-'; TEXT]);
        let mut run = 0_usize;
        let values = drawn.iter().chain([&check]);
        let places = text.chunks_mut(GROUP + 1).flat_map(|group| group.iter_mut().take(GROUP));
        for (place, value) in places.zip(values) {
            *place = *ALPHABET.get(usize::from(value & 31))?;
            run = if place.is_ascii_digit() { run.saturating_add(1) } else { 0 };
            if run == DIGITS_OF_A_CARD {
                return None;
            }
        }
        core::str::from_utf8(text.as_slice()).ok().map(|text| Self(SecretText::copy_of(text)))
    }
}

/// The number that the values are the base-32 digits of, modulo 37: Crockford's check symbol.
fn remainder(values: &[u8; DRAWN]) -> u32 {
    // Below 37 · 32 before it is reduced.
    values.iter().fold(0_u32, |sum, value| (sum.wrapping_mul(32) | u32::from(value & 31)) % 37)
}

/// The value of a character as people write it.
fn value(c: char) -> Option<u8> {
    let folded = match c.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let place = ALPHABET.iter().position(|letter| char::from(*letter) == folded)?;
    u8::try_from(place).ok()
}

impl FromStr for CardToken {
    type Err = InvalidCardToken;

    fn from_str(text: &str) -> Result<Self, InvalidCardToken> {
        let mut values = Zeroizing::new([0_u8; CHARACTERS]);
        let mut length = 0_usize;
        for c in text.chars().filter(|c| *c != '-' && !c.is_whitespace()) {
            *values.get_mut(length).ok_or(InvalidCardToken)? = value(c).ok_or(InvalidCardToken)?;
            length = length.saturating_add(1);
        }
        let (drawn, rest) = values.split_first_chunk().ok_or(InvalidCardToken)?;
        let check = rest.first().copied().map(u32::from);
        if length == CHARACTERS && check == Some(remainder(drawn)) {
            Self::of(drawn).ok_or(InvalidCardToken)
        } else {
            Err(InvalidCardToken)
        }
    }
}

impl Serialize for CardToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for CardToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a card token as text", Self::from_str)
    }
}
