//! How a container's secrets are opened.

use core::num::NonZeroU32;

use roxmltree::Node;

use crate::credential::pskc::Given;
use crate::credential::pskc::element::{at_most_one, bytes, child, has, number};
use crate::credential::pskc::error::{PskcError, UnusableKey};
use crate::crypto::aes_cbc;
use crate::crypto::oath::{Keyed, Message};
use crate::crypto::pbkdf2::{Prf, derive};
use crate::values::secret::SecretBytes;

const PBKDF2: &str = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2";
/// A file must not keep a machine busy for minutes.
const MAX_ROUNDS: u64 = 10_000_000;
/// The lengths of AES keys, by the end of their algorithm's name.
const CIPHERS: [(&str, usize); 3] = [
    ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", 16),
    ("http://www.w3.org/2001/04/xmlenc#aes192-cbc", 24),
    ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", 32),
];

/// What opens the secrets of one container.
pub(super) enum Opener {
    /// They are plain.
    Plain,
    Sealed {
        key: SecretBytes,
        mac: Keyed,
    },
}

struct Bytes<'a>(&'a [u8]);

impl Message for Bytes<'_> {
    fn feed(&self, mut sink: impl FnMut(&[u8])) {
        sink(self.0);
    }
}

impl Opener {
    pub(super) fn of(container: Node<'_, '_>, given: Given<'_>) -> Result<Self, PskcError> {
        if !has(container, "EncryptionKey") {
            return match given {
                _ if has(container, "MACMethod") => Err(PskcError::Encryption),
                Given::Nothing => Ok(Self::Plain),
                Given::Key(_) | Given::Password(_) => Err(PskcError::NotEncrypted),
            };
        }
        let named = child(container, "EncryptionKey").ok_or(PskcError::Encryption)?;
        let derived = at_most_one(named, "DerivedKey").map_err(|_| PskcError::Encryption)?;
        let key = match (given, derived) {
            (Given::Password(password), Some(derived)) => {
                derived_key(derived, password).ok_or(PskcError::Encryption)?
            }
            (Given::Key(key), None) if has(named, "KeyName") => SecretBytes::copy_of(key),
            (Given::Nothing | Given::Key(_), Some(_))
            | (Given::Nothing | Given::Password(_), None) => {
                return Err(PskcError::KeyNeeded);
            }
            (Given::Key(_), None) => return Err(PskcError::Encryption),
        };
        let method = child(container, "MACMethod").ok_or(PskcError::Encryption)?;
        // Without a key of its own the MAC is made with the encryption key (RFC 6030, section 6.1.1).
        let mac_key = at_most_one(method, "MACKey").map_err(|_| PskcError::Encryption)?;
        let mac_key = match mac_key {
            Some(sealed) => Some(open(sealed, &key).map_err(|error| match error {
                UnusableKey::Encryption => PskcError::WrongKey,
                _ => PskcError::Encryption,
            })?),
            None => None,
        };
        let mac_key = mac_key.as_ref().unwrap_or(&key).expose();
        let mac = match method.attribute("Algorithm").map(str::trim) {
            Some("http://www.w3.org/2000/09/xmldsig#hmac-sha1") => Keyed::sha1(mac_key),
            Some("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256") => Keyed::sha256(mac_key),
            Some("http://www.w3.org/2001/04/xmldsig-more#hmac-sha512") => Keyed::sha512(mac_key),
            _ => return Err(PskcError::Encryption),
        };
        Ok(Self::Sealed { key, mac })
    }

    /// The secret in `data`: encrypted and authenticated, unless everything in the container is plain.
    pub(super) fn secret(&self, data: Node<'_, '_>) -> Result<SecretBytes, UnusableKey> {
        match (self, Value::of(data)?) {
            (Self::Plain, Value::Plain(plain)) => bytes(plain).ok_or(UnusableKey::Malformed),
            (Self::Sealed { .. }, Value::Plain(_)) => Err(UnusableKey::NotEncrypted),
            (_, Value::Encrypted(sealed)) => self.open(data, sealed),
        }
    }

    /// The number in `data`, which may be encrypted too: as big-endian bytes then (RFC 6030, section 4.2).
    pub(super) fn number(&self, data: Node<'_, '_>) -> Result<u64, UnusableKey> {
        let opened = match Value::of(data)? {
            Value::Plain(plain) => return number(plain).ok_or(UnusableKey::Malformed),
            Value::Encrypted(sealed) => self.open(data, sealed)?,
        };
        let bytes = opened.expose();
        if bytes.len() > 8 {
            return Err(UnusableKey::Malformed);
        }
        Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// What is encrypted in `sealed`, of which the MAC stands in `data`.
    fn open(&self, data: Node<'_, '_>, sealed: Node<'_, '_>) -> Result<SecretBytes, UnusableKey> {
        match self {
            Self::Plain => Err(UnusableKey::Encryption),
            Self::Sealed { key, mac } => {
                let told = child(data, "ValueMAC").and_then(bytes).ok_or(UnusableKey::Mac)?;
                let value = cipher_value(sealed).ok_or(UnusableKey::Malformed)?;
                let mut room = mac.room();
                // In constant time.
                if SecretBytes::copy_of(room.mac(&Bytes(value.expose()))) != told {
                    return Err(UnusableKey::Mac);
                }
                open(sealed, key)
            }
        }
    }
}

/// The two forms of a value, of which there is one.
enum Value<'d, 'x> {
    Plain(Node<'d, 'x>),
    Encrypted(Node<'d, 'x>),
}

impl<'d, 'x> Value<'d, 'x> {
    fn of(data: Node<'d, 'x>) -> Result<Self, UnusableKey> {
        let form = |name| at_most_one(data, name).map_err(|_| UnusableKey::Malformed);
        match (form("PlainValue")?, form("EncryptedValue")?) {
            (Some(plain), None) => Ok(Self::Plain(plain)),
            (None, Some(sealed)) => Ok(Self::Encrypted(sealed)),
            _ => Err(UnusableKey::Malformed),
        }
    }
}

fn cipher_value(sealed: Node<'_, '_>) -> Option<SecretBytes> {
    bytes(child(child(sealed, "CipherData")?, "CipherValue")?)
}

fn open(sealed: Node<'_, '_>, key: &SecretBytes) -> Result<SecretBytes, UnusableKey> {
    let value = cipher_value(sealed).ok_or(UnusableKey::Malformed)?;
    let method = child(sealed, "EncryptionMethod").ok_or(UnusableKey::Malformed)?;
    let named = method.attribute("Algorithm").map(str::trim).ok_or(UnusableKey::Malformed)?;
    let cipher = CIPHERS.iter().find(|(name, _)| *name == named);
    let fits = cipher.is_some_and(|(_, length)| *length == key.expose().len());
    let opened = fits.then(|| aes_cbc::open(key.expose(), value.expose())).flatten();
    opened.ok_or(UnusableKey::Encryption)
}

fn derived_key(derived: Node<'_, '_>, password: &str) -> Option<SecretBytes> {
    let method = child(derived, "KeyDerivationMethod")?;
    if method.attribute("Algorithm").map(str::trim) != Some(PBKDF2) {
        return None;
    }
    let parameters = child(method, "PBKDF2-params")?;
    let salt = bytes(child(child(parameters, "Salt")?, "Specified")?)?;
    let rounds = child(parameters, "IterationCount").and_then(number)?;
    let rounds = NonZeroU32::new(u32::try_from(rounds.min(MAX_ROUNDS.saturating_add(1))).ok()?)?;
    let length = child(parameters, "KeyLength").and_then(number)?;
    let length = usize::try_from(length).ok()?;
    let known = CIPHERS.iter().any(|(_, of)| *of == length);
    if !known || u64::from(rounds.get()) > MAX_ROUNDS {
        return None;
    }
    let prf = at_most_one(parameters, "PRF").ok()?;
    let prf = match prf.and_then(|prf| prf.attribute("Algorithm")) {
        None => Prf::HmacSha1,
        Some(name) if name.trim().ends_with("hmac-sha1") => Prf::HmacSha1,
        Some(name) if name.trim().ends_with("hmac-sha256") => Prf::HmacSha256,
        Some(name) if name.trim().ends_with("hmac-sha512") => Prf::HmacSha512,
        Some(_) => return None,
    };
    Some(derive(prf, rounds, (salt.expose(), password.as_bytes()), length))
}
