//! Sealing a card on the customer's device, and opening it in the vault: HPKE (RFC 9180), base mode,
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

use core::fmt;
use core::str::FromStr;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::card::keys::{ID_BYTES, KEY_BYTES};
use crate::card::plaintext::PLAINTEXT_BYTES;
use crate::card::{Attempt, Card, OpeningKey, OpeningKeyId, SealingKey, plaintext};
use crate::crypto::digest::sha256;
use crate::crypto::hpke::{self, Header, TAG_BYTES};
use crate::crypto::pae;
use crate::crypto::random::{Random, RandomError};
use crate::values::card_number::BrandTable;
use crate::values::secret::{deserialize_text, leaving_no_trace};

/// HPKE's `info`: what the bytes are, and in which version.
const INFO: &[u8] = b"countersign sealed card v2";
/// The first byte of a sealed card.
const FORMAT: u8 = 2;

/// How many bytes a sealed card takes, whatever is in it: format, attempt, key id, encapsulated key,
/// ciphertext, tag.
pub const SEALED_CARD_BYTES: usize = 1 + 1 + ID_BYTES + KEY_BYTES + PLAINTEXT_BYTES + TAG_BYTES;
/// The same in base64url.
const TEXT_BYTES: usize = (SEALED_CARD_BYTES * 4).div_ceil(3);

/// A card that only the vault can open, and only for the request and the attempt it was sealed for. Always
/// [`SEALED_CARD_BYTES`] bytes; in text and serde formats base64url without padding.
///
/// It is nothing that an agent may see or a log keep, although it opens for nobody else: `Debug`
/// prints `[REDACTED]`, and it is not [`AgentSafe`](crate::AgentSafe).
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCard {
    attempt: Attempt,
    key: OpeningKeyId,
    encapsulated: [u8; KEY_BYTES],
    ciphertext: [u8; PLAINTEXT_BYTES],
    tag: [u8; TAG_BYTES],
}

/// The bytes or the text are not a sealed card of a format that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a sealed card")]
#[non_exhaustive]
pub struct InvalidSealedCard;

/// Why a card could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The key gave no shared secret.
    #[error("nothing can be sealed for this key")]
    Key,
    /// The first attempt was to be sealed as a later one.
    #[error("the first attempt is no later one")]
    Attempt,
}

/// A sealed card was not opened: it is for another key, request or attempt, was changed, or holds no
/// card. Which of these, it does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed card does not open")]
#[non_exhaustive]
pub struct CannotOpen;

impl SealedCard {
    /// Reads the bytes; whether they open is another matter.
    ///
    /// # Errors
    ///
    /// [`InvalidSealedCard`] for another length or format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidSealedCard> {
        let read = || {
            let ([FORMAT], rest) = bytes.split_first_chunk::<1>()? else { return None };
            let ([attempt], rest) = rest.split_first_chunk::<1>()?;
            let (key, rest) = rest.split_first_chunk::<ID_BYTES>()?;
            let (encapsulated, rest) = rest.split_first_chunk::<KEY_BYTES>()?;
            let (ciphertext, rest) = rest.split_first_chunk::<PLAINTEXT_BYTES>()?;
            let tag = <[u8; TAG_BYTES]>::try_from(rest).ok()?;
            Some(Self {
                attempt: Attempt::new(*attempt)?,
                key: OpeningKeyId(*key),
                encapsulated: *encapsulated,
                ciphertext: *ciphertext,
                tag,
            })
        };
        read().ok_or(InvalidSealedCard)
    }

    /// The bytes, as [`manual::_38_sealing`](crate::manual::_38_sealing) describes them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = [FORMAT, self.attempt.number()];
        [&header[..], &self.key.0, &self.encapsulated, &self.ciphertext, &self.tag].concat()
    }

    /// Base64url (RFC 4648 §5) without padding: 1624 characters.
    #[must_use]
    pub fn to_text(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.to_bytes())
    }

    /// For which attempt to pay the request it was sealed. As it says of itself: it opens for no other.
    #[must_use]
    pub const fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// The key pair it was sealed for.
    #[must_use]
    pub const fn key(&self) -> OpeningKeyId {
        self.key
    }

    /// SHA-256 of the bytes: tells a repeated card from another one without opening either.
    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(self.to_bytes())
    }
}

impl FromStr for SealedCard {
    type Err = InvalidSealedCard;

    fn from_str(text: &str) -> Result<Self, InvalidSealedCard> {
        if text.len() != TEXT_BYTES {
            return Err(InvalidSealedCard);
        }
        let mut bytes = [0; SEALED_CARD_BYTES];
        let read = Base64UrlUnpadded::decode(text, &mut bytes).map_err(|_| InvalidSealedCard)?;
        Self::from_bytes(read)
    }
}

impl fmt::Debug for SealedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedCard([REDACTED])")
    }
}

impl Serialize for SealedCard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for SealedCard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a sealed card as text", Self::from_str)
    }
}

impl Card {
    /// Seals the card as [`VerifiedPayment::seal`](crate::device::VerifiedPayment::seal) does, but for a key and a request
    /// of which nothing was verified: whoever chose the key can open the card. For tests, and for trying
    /// apps that seal with another HPKE library. Never for a customer's card.
    ///
    /// # Errors
    ///
    /// [`SealError::Random`]; [`SealError::Key`] cannot happen with a key that [`SealingKey`] took.
    #[cfg(feature = "test-util")]
    pub fn seal_unverified(
        &self,
        key: &SealingKey,
        request: &str,
        attempt: Attempt,
        random: &(impl Random + ?Sized),
    ) -> Result<SealedCard, SealError> {
        self.seal(key, request, attempt, random)
    }

    /// Seals the card for the vault that has `key`'s private half, for the request whose signed
    /// token is `request` alone, and for this attempt. The caller has verified the token and took the key from it: it is
    /// [`VerifiedPayment`](crate::device::VerifiedPayment) and nobody else.
    pub(crate) fn seal(
        &self,
        key: &SealingKey,
        request: &str,
        attempt: Attempt,
        random: &(impl Random + ?Sized),
    ) -> Result<SealedCard, SealError> {
        // What encrypts keeps many blocks on the stack at a time.
        leaving_no_trace(|| {
            let mut drawn = Zeroizing::new([0; KEY_BYTES]);
            random.fill(drawn.as_mut_slice())?;
            let plaintext = plaintext::encode(self);
            let mut ciphertext = [0; PLAINTEXT_BYTES];
            let (public, aad) = (key.as_bytes(), bound_to(request, attempt));
            let Header { encapsulated, tag } =
                hpke::seal(public, INFO, &aad, &drawn, plaintext.as_slice(), &mut ciphertext)
                    .ok_or(SealError::Key)?;
            Ok(SealedCard { attempt, key: key.id(), encapsulated, ciphertext, tag })
        })
    }
}

impl OpeningKey {
    /// Opens a card that was sealed for this key, for the request whose signed token is `request`, and for the
    /// attempt that it names.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`], whatever the reason.
    pub fn open(&self, sealed: &SealedCard, request: &str) -> Result<Card, CannotOpen> {
        self.open_by(sealed, request, &BrandTable::default())
    }

    /// The same by the ranges of `table`: for a host that gives some of its own.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_by(
        &self,
        sealed: &SealedCard,
        request: &str,
        table: &BrandTable,
    ) -> Result<Card, CannotOpen> {
        if sealed.key != self.public().id() {
            return Err(CannotOpen);
        }
        leaving_no_trace(|| {
            let header = Header { encapsulated: sealed.encapsulated, tag: sealed.tag };
            let mut plaintext = Zeroizing::new([0; PLAINTEXT_BYTES]);
            let (private, aad) = (self.private(), bound_to(request, sealed.attempt));
            hpke::open(private, INFO, &aad, &header, &sealed.ciphertext, plaintext.as_mut_slice())
                .ok_or(CannotOpen)?;
            plaintext::decode(&plaintext, table).ok_or(CannotOpen)
        })
    }
}

/// HPKE's additional data: SHA-256 of PAE(the same text as HPKE's `info`, the request token's text, the attempt's number
/// in one byte).
fn bound_to(request: &str, attempt: Attempt) -> [u8; 32] {
    pae::sha256(&[INFO, request.as_bytes(), &[attempt.number()]])
}
