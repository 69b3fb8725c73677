//! The vault's short-lived key pair: the public half seals, the private half opens.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::codec::table::kept_as;
use crate::crypto::hpke::KeyPair;
use crate::crypto::pae;
use crate::crypto::random::{Random, RandomError};
use crate::values::id::{InvalidId, from_base32, to_base32};
use crate::values::secret::{SecretBytes, deserialize_text};

pub(super) use crate::crypto::hpke::KEY_BYTES;

pub(super) const ID_BYTES: usize = 16;

/// Names a key pair of the vault: the first 16 bytes of SHA-256 of
/// PAE("countersign opening key v1", public key). 26 characters of lower-case Crockford base32 in
/// text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpeningKeyId(pub(crate) [u8; ID_BYTES]);

impl fmt::Debug for OpeningKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpeningKeyId({self})")
    }
}

impl fmt::Display for OpeningKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base32(&self.0))
    }
}

impl Serialize for OpeningKeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for OpeningKeyId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        from_base32(text).map(Self).ok_or(InvalidId::Malformed)
    }
}

/// The public half, which seals: an X25519 public key that is not weak. It travels in the signed
/// request token, as 52 characters of lower-case Crockford base32 in text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealingKey {
    bytes: [u8; KEY_BYTES],
    id: OpeningKeyId,
}

/// The bytes are not a public key to seal for: of small order, under which anybody could open, or
/// not written canonically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a public key to seal for")]
#[non_exhaustive]
pub struct InvalidSealingKey;

impl SealingKey {
    /// Reads the 32 bytes of a public key (RFC 7748 §5).
    ///
    /// # Errors
    ///
    /// [`InvalidSealingKey`] for a key of small order (RFC 7748 §6.1) and for one that is not below
    /// 2²⁵⁵ − 19.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Result<Self, InvalidSealingKey> {
        if is_canonical(bytes) && !SMALL_ORDER.contains(bytes) {
            Ok(Self::named(*bytes))
        } else {
            Err(InvalidSealingKey)
        }
    }

    fn named(bytes: [u8; KEY_BYTES]) -> Self {
        let [id @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            pae::sha256(&[b"countersign opening key v1", &bytes]);
        Self { bytes, id: OpeningKeyId(id) }
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    /// The key pair's name.
    #[must_use]
    pub const fn id(&self) -> OpeningKeyId {
        self.id
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({self})")
    }
}

impl fmt::Display for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base32(&self.bytes))
    }
}

impl FromStr for SealingKey {
    type Err = InvalidSealingKey;

    fn from_str(text: &str) -> Result<Self, InvalidSealingKey> {
        from_base32(text).ok_or(InvalidSealingKey).and_then(|bytes| Self::from_bytes(&bytes))
    }
}

impl Serialize for SealingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SealingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a public key as text", Self::from_str)
    }
}

/// The private half, which opens. The vault keeps it for half an hour by default and then destroys it, so that
/// sealed cards somebody recorded stay closed for ever.
///
/// Wiped on drop; neither `Clone`, `Display` nor `Serialize`.
pub struct OpeningKey {
    private: SecretBytes,
    public: SealingKey,
}

/// The bytes are not a private key: there are not 32 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a private key has 32 bytes")]
#[non_exhaustive]
pub struct InvalidOpeningKey;

kept_as! { SealingKey: |key| key.bytes, |bytes: [u8; KEY_BYTES]| Self::from_bytes(&bytes) }

impl OpeningKey {
    /// Draws a new key pair.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if there is no randomness.
    pub fn generate(random: &(impl Random + ?Sized)) -> Result<Self, RandomError> {
        let mut material = Zeroizing::new([0; KEY_BYTES]);
        random.fill(material.as_mut_slice())?;
        Ok(Self::of(KeyPair::derive(material.as_slice())))
    }

    /// Takes over the 32 bytes of a private key; which bits of them count is fixed (RFC 7748 §5).
    ///
    /// # Errors
    ///
    /// [`InvalidOpeningKey`] unless there are 32 of them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidOpeningKey> {
        KeyPair::from_private(bytes).map(Self::of).ok_or(InvalidOpeningKey)
    }

    /// The private key's 32 bytes, for the store that keeps it sealed: [`from_bytes`](Self::from_bytes)
    /// reads them.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        for (to, from) in bytes.iter_mut().zip(self.private.expose()) {
            *to = *from;
        }
        bytes
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &SealingKey {
        &self.public
    }

    /// Another copy, for the record that keeps it.
    pub(crate) fn copy(&self) -> Self {
        Self { private: SecretBytes::copy_of(self.private()), public: self.public }
    }

    /// As it was kept in a record. Making the public half anew costs as much as opening a card; older records have
    /// none.
    pub(crate) fn kept(
        private: &[u8],
        public: Option<SealingKey>,
    ) -> Result<Self, InvalidOpeningKey> {
        match public {
            Some(public) if private.len() == KEY_BYTES => {
                Ok(Self { private: SecretBytes::copy_of(private), public })
            }
            Some(_) => Err(InvalidOpeningKey),
            None => Self::from_bytes(private),
        }
    }

    fn of(pair: KeyPair) -> Self {
        Self { private: pair.private, public: SealingKey::named(pair.public) }
    }

    /// The private key's bytes, for opening and keeping.
    pub(crate) fn private(&self) -> &[u8] {
        self.private.expose()
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpeningKey({}, [REDACTED])", self.public.id)
    }
}

/// The u coordinates of the points whose order divides 8, on the curve and its twist, little-endian
/// and reduced: 0, 1, two of order 8, and −1. With any of them the shared secret is zero.
const SMALL_ORDER: [[u8; KEY_BYTES]; 5] = [
    [0; KEY_BYTES],
    with_ends(1, 0, 0),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
    with_ends(0xec, 0xff, 0x7f),
];

const fn with_ends(first: u8, between: u8, last: u8) -> [u8; KEY_BYTES] {
    let mut bytes = [between; KEY_BYTES];
    let [low, .., high] = &mut bytes;
    *low = first;
    *high = last;
    bytes
}

/// Whether u is reduced: below 2²⁵⁵ − 19. X25519 itself would take other texts of the same key.
fn is_canonical(bytes: &[u8; KEY_BYTES]) -> bool {
    let [low, rest @ .., high] = bytes;
    *high < 0x7f || *high == 0x7f && (rest.iter().any(|byte| *byte != 0xff) || *low < 0xed)
}
