//! How a customer's app knows tokens that do not name the customer.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::pae;
use crate::token::{Audience, TokenId};
use crate::values::id::{InvalidId, to_base32};
use crate::values::secret::{SecretBytes, base32_of, deserialize_text};

const ALPHABET: base32::Alphabet = base32::Alphabet::Crockford;
/// The text of 16 bytes.
const CHARACTERS: usize = 26;

/// What a customer's app recognises tokens with that stand where others can read them.
///
/// Such a token has another audience each time, computed from this value and the token's id, so that
/// whoever reads two of them does not learn that they are for one person, nor for whom. The enterprise
/// computes it from the customer's id with its locator key:
/// [`Challenges::pseudonym`](crate::challenge::Challenges::pseudonym) gives it to the authenticated app, once.
///
/// Wiped on drop, compared in constant time, prints as `[REDACTED]`; neither `Clone`, `Display` nor
/// `Serialize`.
#[derive(PartialEq, Eq)]
pub struct Pseudonym(SecretBytes);

impl Pseudonym {
    pub(crate) fn from_bytes(mut bytes: [u8; 16]) -> Self {
        let pseudonym = Self(SecretBytes::copy_of(&bytes));
        bytes.zeroize();
        pseudonym
    }

    /// The 26 characters of lower-case Crockford base32, for the app alone. [`str::parse`] reads them.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let mut text = base32_of(ALPHABET, self.0.expose());
        text.make_ascii_lowercase();
        text
    }

    /// The audience of the token `id`: the first 16 bytes of
    /// SHA-256(PAE("countersign audience v1", pseudonym, id)) in lower-case Crockford base32.
    pub(crate) fn audience(&self, id: TokenId) -> Option<Audience> {
        let digest =
            pae::sha256(&[b"countersign audience v1", self.0.expose(), id.as_bytes().as_slice()]);
        Audience::new(to_base32(&pae::first::<16>(&digest))).ok()
    }
}

impl FromStr for Pseudonym {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // The decoder gives up on other characters, with what it has read so far left in memory.
        if text.len() != CHARACTERS || !text.bytes().all(is_of_alphabet) {
            return Err(InvalidId::Malformed);
        }
        let bytes = base32::decode(ALPHABET, text).ok_or(InvalidId::Malformed)?;
        let read = Self(SecretBytes::copy_of(&Zeroizing::new(bytes)));
        // Of several spellings of the same bytes one is taken.
        if read.expose().as_str() == text { Ok(read) } else { Err(InvalidId::Malformed) }
    }
}

/// Crockford's letters, in lower case.
const fn is_of_alphabet(byte: u8) -> bool {
    byte.is_ascii_digit()
        || (byte.is_ascii_lowercase() && !matches!(byte, b'i' | b'l' | b'o' | b'u'))
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonym([REDACTED])")
    }
}

impl<'de> Deserialize<'de> for Pseudonym {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a pseudonym as text", Self::from_str)
    }
}
