//! How a customer's app knows tokens that do not name the customer.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use crate::id::{InvalidId, from_base32, to_base32};
use crate::pae;
use crate::secret::{SecretBytes, deserialize_text};
use crate::token::{Audience, TokenId};

/// What a customer's app recognises tokens with that stand where others can read them.
///
/// Such a token has another audience each time, computed from this value and the token's id, so that
/// whoever reads two of them does not learn that they are for one person, nor for whom. The enterprise
/// computes it from the customer's id with its locator key:
/// [`Challenges::pseudonym`](crate::Challenges::pseudonym) gives it to the authenticated app, once.
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
        Zeroizing::new(to_base32(self.0.expose()))
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
        from_base32(text).map(Self::from_bytes).ok_or(InvalidId::Malformed)
    }
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
