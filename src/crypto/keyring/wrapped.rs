//! Keys of a keyring as a key management service wrapped them, one by one.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::str::FromStr;

use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::{KEY_BYTES, KeyId, Keyring, KeyringError};
use crate::crypto::hkdf::Prk;
use crate::crypto::pae;
use crate::values::secret::SecretBytes;

/// The most bytes that a key may have as it was wrapped.
pub const MAX_WRAPPED_BYTES: usize = 8 * 1024;

const PREFIX: &str = "countersign-wrapped-1";
const CHECK_BYTES: usize = 16;

/// Which key of a keyring it is. In text `locator key`, or `root key` and its id: give that to the key management
/// service as what it binds the wrapped key to ("encryption context", "additional authenticated data"), if it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyRole {
    /// The one that makes tags.
    Locator,
    /// One that seals, or opens what it sealed.
    Root(KeyId),
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locator => f.write_str("locator key"),
            Self::Root(id) => write!(f, "root key {id}"),
        }
    }
}

/// A key of a keyring, for a key management service to wrap: from [`Keyring::keys_to_wrap`].
///
/// Neither `Clone` nor `Serialize`, and wiped when dropped.
#[derive(Debug)]
pub struct KeyToWrap {
    role: KeyRole,
    key: SecretBytes,
}

impl KeyToWrap {
    /// Which key it is.
    #[must_use]
    pub const fn role(&self) -> KeyRole {
        self.role
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.key.expose()
    }

    /// The key as the service wrapped it.
    ///
    /// # Errors
    ///
    /// [`MalformedWrappedKey`] if that is nothing, or more than [`MAX_WRAPPED_BYTES`].
    pub fn wrapped(&self, ciphertext: &[u8]) -> Result<WrappedKey, MalformedWrappedKey> {
        let check = check(self.role, self.key.expose()).ok_or(MalformedWrappedKey)?;
        WrappedKey::new(self.role, check, ciphertext)
    }
}

/// A key of a keyring as a key management service wrapped it, beside which key it is, and a check value that no
/// other key has in this place.
///
/// In text (`Display`, `FromStr`) it is one line without spaces, for a configuration:
/// `countersign-wrapped-1.locator.` or `countersign-wrapped-1.root-<id>.`, then the check value, a dot, and what the
/// service gave, both in base64url. It holds no secret of its own: it is as safe as the service's key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    role: KeyRole,
    check: [u8; CHECK_BYTES],
    ciphertext: Box<[u8]>,
}

/// The text is not a [`WrappedKey`]. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `countersign-wrapped-1.`, which key it is, its check value and the wrapped key")]
#[non_exhaustive]
pub struct MalformedWrappedKey;

impl WrappedKey {
    fn new(
        role: KeyRole,
        check: [u8; CHECK_BYTES],
        ciphertext: &[u8],
    ) -> Result<Self, MalformedWrappedKey> {
        if ciphertext.is_empty() || ciphertext.len() > MAX_WRAPPED_BYTES {
            return Err(MalformedWrappedKey);
        }
        Ok(Self { role, check, ciphertext: Box::from(ciphertext) })
    }

    /// Which key it is.
    #[must_use]
    pub const fn role(&self) -> KeyRole {
        self.role
    }

    /// What the service gave when it wrapped the key, for it to unwrap.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }

    /// The key, if what the service unwrapped is that key.
    pub(crate) fn checked<'k>(
        &self,
        unwrapped: &'k [u8],
    ) -> Result<&'k [u8; KEY_BYTES], UnwrapError> {
        let key = unwrapped.try_into().map_err(|_| UnwrapError::Length(self.role))?;
        if check(self.role, unwrapped) != Some(self.check) {
            return Err(UnwrapError::AnotherKey(self.role));
        }
        Ok(key)
    }
}

impl fmt::Display for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}.")?;
        match self.role {
            KeyRole::Locator => f.write_str("locator")?,
            KeyRole::Root(id) => write!(f, "root-{id}")?,
        }
        let [check, ciphertext] =
            [&self.check[..], &self.ciphertext].map(Base64UrlUnpadded::encode_string);
        write!(f, ".{check}.{ciphertext}")
    }
}

impl FromStr for WrappedKey {
    type Err = MalformedWrappedKey;

    fn from_str(text: &str) -> Result<Self, MalformedWrappedKey> {
        let mut parts = text.split('.');
        let (Some(PREFIX), Some(role), Some(check), Some(ciphertext), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(MalformedWrappedKey);
        };
        let role = match role.strip_prefix("root-") {
            Some(id) => KeyRole::Root(read_id(id).ok_or(MalformedWrappedKey)?),
            None if role == "locator" => KeyRole::Locator,
            None => return Err(MalformedWrappedKey),
        };
        // Before anything of that size is made.
        if ciphertext.len() > MAX_WRAPPED_BYTES.saturating_mul(4).div_ceil(3) {
            return Err(MalformedWrappedKey);
        }
        let read = |text| Base64UrlUnpadded::decode_vec(text).map_err(|_| MalformedWrappedKey);
        let check = read(check)?.try_into().map_err(|_| MalformedWrappedKey)?;
        Self::new(role, check, &read(ciphertext)?)
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey({})", self.role)
    }
}

/// What opens wrapped keys: a host's key management service (KMS) or hardware security module.
///
/// ```
/// use countersign::keyring::{Unwrap, WrappedKey};
///
/// # struct KmsClient;
/// # impl KmsClient {
/// #     async fn decrypt(&self, _: &str, _: &[u8], _: &str) -> Result<Vec<u8>, std::io::Error> { Ok(vec![]) }
/// # }
/// struct Kms {
///     client: KmsClient,
///     key: String,
/// }
///
/// impl Unwrap for Kms {
///     async fn unwrap_key(
///         &self,
///         key: &WrappedKey,
///     ) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
///         let context = key.role().to_string(); // what it was bound to when it was wrapped
///         Ok(self.client.decrypt(&self.key, key.ciphertext(), &context).await?)
///     }
/// }
/// ```
pub trait Unwrap: Send + Sync {
    /// The 32 bytes that were wrapped. They are wiped after use; copies that a client library makes are the
    /// host's to wipe. A deadline is the host's own.
    ///
    /// # Errors
    ///
    /// Whatever went wrong. The keyring is then [`UnwrapError::Failed`], which has it as its source.
    fn unwrap_key(
        &self,
        key: &WrappedKey,
    ) -> impl Future<Output = Result<Vec<u8>, Box<dyn Error + Send + Sync>>> + Send;
}

/// There is no keyring: which key it was, and nothing of the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// The service did not unwrap it.
    #[error("the key management service did not unwrap the {role}")]
    Failed {
        /// Which key.
        role: KeyRole,
        /// What the service said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// What it unwrapped does not have 32 bytes.
    #[error("what was unwrapped as the {0} does not have {KEY_BYTES} bytes")]
    Length(KeyRole),
    /// What it unwrapped is another key than the one that was wrapped, or the text beside it was changed.
    #[error("what was unwrapped as the {0} is another key; were two wrapped keys mixed up?")]
    AnotherKey(KeyRole),
    /// A root key stands where the locator key belongs, or the other way round.
    #[error("the {0} stands where another kind of key belongs")]
    WrongPlace(KeyRole),
    /// The keys make no keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl Keyring {
    /// Every key by itself, for a key management service to wrap: the locator key, then the root keys, the active
    /// one first. [`Keyring::unwrapped`] is the way back.
    pub fn keys_to_wrap(&self) -> impl Iterator<Item = KeyToWrap> + '_ {
        let of =
            |role, key: &SecretBytes| KeyToWrap { role, key: SecretBytes::copy_of(key.expose()) };
        let roots = self.roots().map(move |root| of(KeyRole::Root(root.id), &root.key));
        core::iter::once(of(KeyRole::Locator, &self.locator.key)).chain(roots)
    }
}

/// Tells nothing of a key that was drawn at random, and is another for each key and role: HKDF-SHA-256 under a salt
/// of its own, so nothing else that is derived from the key is like it.
fn check(role: KeyRole, key: &[u8]) -> Option<[u8; CHECK_BYTES]> {
    let info = match &role {
        KeyRole::Locator => pae::sha256(&[b"locator"]),
        KeyRole::Root(id) => pae::sha256(&[b"root", &id.0]),
    };
    let mut check = [0; CHECK_BYTES];
    Prk::extract(b"countersign wrapped key v1", key).expand(&info, &mut check)?;
    Some(check)
}

/// 16 lower-case hex digits, the one form of an id.
fn read_id(text: &str) -> Option<KeyId> {
    let id = KeyId(u64::from_str_radix(text, 16).ok()?.to_be_bytes());
    (id.to_string() == text).then_some(id)
}
