//! The enterprise's secret keys: roots that seal records, and the locator that finds them. How to keep and
//! rotate them is in the [manual](crate::manual::_24_keys).

mod wrapped;

pub use self::wrapped::{
    KeyRole, KeyToWrap, MAX_WRAPPED_BYTES, MalformedWrappedKey, Unwrap, UnwrapError, WrappedKey,
};

use core::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::crypto::aead::Aes256Gcm;
use crate::crypto::digest::sha256;
use crate::crypto::hkdf::Prk;
use crate::crypto::mac::HmacSha256;
use crate::crypto::pae;
use crate::crypto::random::{Random, RandomError};
use crate::values::secret::SecretBytes;

/// The length of every root key and of the locator key, in bytes.
pub const KEY_BYTES: usize = 32;
/// The most root keys a keyring holds.
pub const MAX_ROOT_KEYS: usize = 64;

const MAGIC: &[u8] = b"countersign-keyring-1\n";
const CHECK_BYTES: usize = 16;

/// Names a root key. It is derived from the key, so a key has the same name wherever it is imported,
/// and it tells nothing about the key. 16 lower-case hex digits in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(crate) [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is wrong with keys, or with what was asked of a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The bytes are not an exported keyring, or were damaged.
    #[error("these bytes are not a whole exported keyring")]
    Malformed,
    /// A key is a single byte repeated: a buffer that was never filled.
    #[error("a key of one repeated byte is not a key; draw one at random")]
    Weak,
    /// The keyring holds this key already.
    #[error("the keyring holds this key already")]
    Duplicate,
    /// The keyring is full.
    #[error("a keyring holds at most {MAX_ROOT_KEYS} root keys; remove one that seals no record")]
    Full,
    /// The keyring holds no such key.
    #[error("the keyring holds no root key {0}")]
    Unknown(KeyId),
    /// Something is sealed with the key.
    #[error(
        "root key {0} still seals records or entries of the outbox; sweep again before retiring it"
    )]
    InUse(KeyId),
    /// What was swept does not show that nothing is sealed with the key: see
    /// [`Resealed::retire`](crate::verifier::Resealed::retire).
    #[error(
        "these sweeps do not show that root key {0} seals nothing: with the newer key active, sweep the whole store twice, \
         one sweep after the other, and look into what is unreadable"
    )]
    NotShown(KeyId),
    /// The active key cannot be removed.
    #[error("root key {0} is active; rotate before removing it")]
    Active(KeyId),
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// The secret keys of an enterprise.
///
/// *Root keys* seal records: one is active and seals what is written, the others still open what
/// they sealed. The *locator key* turns customers into the tags under which their records are
/// stored; it stays the same when roots rotate, or counts and lists would be lost.
///
/// It is neither `Clone` nor `Serialize`. [`Keyring::keys_to_wrap`] gives each key for a key management service to
/// wrap, [`Keyring::to_bytes`] all of them as one. The crate's own copies of the keys are wiped when dropped, and so are
/// AWS-LC's key schedules; those inside ring are not.
///
/// ```
/// use countersign::{Keyring, OsRandom};
///
/// # fn example() -> Result<(), countersign::keyring::KeyringError> {
/// let mut keyring = Keyring::generate(&OsRandom::new())?;
/// let old = keyring.active();
/// keyring.rotate(&OsRandom::new())?;
/// assert_ne!(keyring.active(), old);
/// let for_your_vault_of_secrets = keyring.to_bytes();
/// let again = Keyring::from_bytes(&for_your_vault_of_secrets)?;
/// assert_eq!(again.active(), keyring.active());
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
pub struct Keyring {
    locator: Locator,
    active: Root,
    others: Vec<Root>,
}

struct Locator {
    key: SecretBytes,
    mac: HmacSha256,
}

struct Root {
    id: KeyId,
    key: SecretBytes,
    derive: Prk,
}

impl Keyring {
    /// A keyring with a fresh locator key and one fresh root key.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Random`] if `random` failed.
    pub fn generate(random: &impl Random) -> Result<Self, KeyringError> {
        Self::import(&*draw(random)?, &*draw(random)?)
    }

    /// A keyring of keys from elsewhere: the locator key, and the root key that becomes active.
    /// Further roots are added with [`Keyring::import_root`].
    ///
    /// # Errors
    ///
    /// [`KeyringError::Weak`] if a key is one repeated byte, [`KeyringError::Duplicate`] if both
    /// keys are the same.
    pub fn import(
        locator: &[u8; KEY_BYTES],
        active: &[u8; KEY_BYTES],
    ) -> Result<Self, KeyringError> {
        let locator = Locator::new(locator)?;
        let active = Root::new(active)?;
        if locator.key == active.key {
            return Err(KeyringError::Duplicate);
        }
        Ok(Self { locator, active, others: Vec::new() })
    }

    /// Adds a root key that opens records but does not seal any.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Weak`], [`KeyringError::Duplicate`] or [`KeyringError::Full`].
    pub fn import_root(&mut self, key: &[u8; KEY_BYTES]) -> Result<KeyId, KeyringError> {
        let root = Root::new(key)?;
        self.room_for(&root)?;
        let id = root.id;
        self.others.push(root);
        Ok(id)
    }

    /// Draws a new root key and makes it the active one; the old one still opens its records, which
    /// are sealed anew when they are next written.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Random`] if `random` failed, [`KeyringError::Full`] if there is no room; the
    /// keyring is then as it was.
    pub fn rotate(&mut self, random: &impl Random) -> Result<KeyId, KeyringError> {
        let root = Root::new(&*draw(random)?)?;
        self.room_for(&root)?;
        let id = root.id;
        self.others.push(core::mem::replace(&mut self.active, root));
        Ok(id)
    }

    /// Makes a root key that the keyring holds the active one.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Unknown`] if the keyring does not hold it.
    pub fn activate(&mut self, id: KeyId) -> Result<(), KeyringError> {
        if self.active.id == id {
            return Ok(());
        }
        let other =
            self.others.iter_mut().find(|root| root.id == id).ok_or(KeyringError::Unknown(id))?;
        core::mem::swap(&mut self.active, other);
        Ok(())
    }

    /// Forgets a root key, whatever it still seals: mostly
    /// [`Resealed::retire`](crate::verifier::Resealed::retire) is right, which looks first. Records that it
    /// sealed and that were not written since can no longer be opened: they give [`RecordError::UnknownKey`](crate::error::RecordError::UnknownKey).
    ///
    /// # Errors
    ///
    /// [`KeyringError::Active`] for the active key, [`KeyringError::Unknown`] for one that the
    /// keyring does not hold.
    pub fn remove(&mut self, id: KeyId) -> Result<(), KeyringError> {
        if self.active.id == id {
            return Err(KeyringError::Active(id));
        }
        let at = self.others.iter().position(|root| root.id == id);
        drop(self.others.remove(at.ok_or(KeyringError::Unknown(id))?));
        Ok(())
    }

    /// The root key that seals what is written.
    #[must_use]
    pub const fn active(&self) -> KeyId {
        self.active.id
    }

    /// All root keys, the active one first.
    pub fn root_keys(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.roots().map(|root| root.id)
    }

    /// All keys as bytes, for the host's key management service to wrap.
    ///
    /// Layout: the 22 bytes `countersign-keyring-1\n`, the locator key, the number of root keys in
    /// one byte, the root keys with the active one first, and the first 16 bytes of the SHA-256 of
    /// all that, against damage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let roots = self.others.len().saturating_add(1);
        let length = roots
            .saturating_add(1)
            .saturating_mul(KEY_BYTES)
            .saturating_add(MAGIC.len())
            .saturating_add(1 + CHECK_BYTES);
        let mut out = Zeroizing::new(Vec::with_capacity(length));
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(self.locator.key.expose());
        // At most MAX_ROOT_KEYS.
        out.push(u8::try_from(roots).unwrap_or(u8::MAX));
        for root in self.roots() {
            out.extend_from_slice(root.key.expose());
        }
        let check = check(&out);
        out.extend_from_slice(&check);
        out
    }

    /// Reads what [`Keyring::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Malformed`] if the bytes are anything else; [`KeyringError::Weak`],
    /// [`KeyringError::Duplicate`] or [`KeyringError::Full`] if they hold keys that no keyring takes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyringError> {
        let split = bytes.len().checked_sub(CHECK_BYTES).ok_or(KeyringError::Malformed)?;
        let (content, found) = bytes.split_at(split);
        if found != check(content) {
            return Err(KeyringError::Malformed);
        }
        let keys = content.strip_prefix(MAGIC).ok_or(KeyringError::Malformed)?;
        let (locator, keys) = keys.split_first_chunk().ok_or(KeyringError::Malformed)?;
        let (&count, keys) = keys.split_first().ok_or(KeyringError::Malformed)?;
        let (active, mut keys) = keys.split_first_chunk().ok_or(KeyringError::Malformed)?;
        let mut keyring = Self::import(locator, active)?;
        while let Some((key, rest)) = keys.split_first_chunk() {
            keyring.import_root(key)?;
            keys = rest;
        }
        if keys.is_empty() && keyring.roots().count() == usize::from(count) {
            Ok(keyring)
        } else {
            Err(KeyringError::Malformed)
        }
    }

    fn roots(&self) -> impl Iterator<Item = &Root> {
        core::iter::once(&self.active).chain(&self.others)
    }

    fn room_for(&self, new: &Root) -> Result<(), KeyringError> {
        if self.roots().any(|root| root.id == new.id) || self.locator.key == new.key {
            Err(KeyringError::Duplicate)
        } else if self.others.len().saturating_add(2) > MAX_ROOT_KEYS {
            Err(KeyringError::Full)
        } else {
            Ok(())
        }
    }

    /// 16 bytes that stand for `pieces` and can be made with the locator key alone:
    /// HMAC-SHA256 over their PAE, cut to half.
    pub(crate) fn locate(&self, pieces: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.locator.mac.clone();
        pae::feed(pieces, |bytes| mac.update(bytes));
        pae::first(&mac.finalize())
    }

    /// The key of one record: HKDF-SHA256 from the root `id`, for `info` (see `record.rs`).
    /// `None` if the keyring does not hold the root.
    pub(crate) fn record_key(&self, id: KeyId, info: &[u8]) -> Option<Aes256Gcm> {
        let root = self.roots().find(|root| root.id == id)?;
        root.derive.aead_key(info)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("active", &self.active.id)
            .field("others", &self.others.iter().map(|root| root.id).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Locator {
    fn new(key: &[u8; KEY_BYTES]) -> Result<Self, KeyringError> {
        not_repeated(key)?;
        let mac = HmacSha256::new(key).ok_or(KeyringError::Malformed)?;
        Ok(Self { key: SecretBytes::copy_of(key), mac })
    }
}

impl Root {
    fn new(key: &[u8; KEY_BYTES]) -> Result<Self, KeyringError> {
        not_repeated(key)?;
        let derive = Prk::extract(b"countersign root v1", key);
        let mut id = [0; 8];
        derive.expand(b"countersign key id v1", &mut id).ok_or(KeyringError::Malformed)?;
        Ok(Self { id: KeyId(id), key: SecretBytes::copy_of(key), derive })
    }
}

fn draw(random: &impl Random) -> Result<Zeroizing<[u8; KEY_BYTES]>, RandomError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    random.fill(&mut *key)?;
    Ok(key)
}

fn not_repeated(key: &[u8; KEY_BYTES]) -> Result<(), KeyringError> {
    let [first, rest @ ..] = key;
    if rest.iter().all(|byte| byte == first) { Err(KeyringError::Weak) } else { Ok(()) }
}

fn check(content: &[u8]) -> [u8; CHECK_BYTES] {
    pae::first(&sha256(content))
}
