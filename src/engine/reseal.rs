//! Sealing records anew under the active root key, so that an older one can be retired.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::codec::cbor::AsEncoded;
use crate::crypto::aead::NONCE_LEN;
use crate::crypto::keyring::{KeyId, Keyring, KeyringError};
use crate::engine::Engine;
use crate::error::Error;
use crate::record::kind::Kind;
use crate::record::sealed::{Header, Sealer};
use crate::store::{Expected, Head, News, Place, Put, Record};

/// How many rows are read at a time.
const READ_AT_ONCE: usize = 100;

/// What a sweep over all records and the outbox came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Resealed {
    /// How many records were sealed anew.
    pub resealed: u64,
    /// How much is left under each key that is not active, at the end of the sweep.
    pub left: BTreeMap<KeyId, Left>,
    /// How many records and entries of the outbox do not say their key, or do not open with it although the keyring
    /// holds it: they are damaged, or a later release wrote them.
    pub unreadable: u64,
    /// Who swept, and when. `None` if nobody did.
    #[serde(skip)]
    by: Option<Swept>,
}

/// Whose sweep it was, and its turn among all of its verifier's.
#[derive(Debug, Clone)]
struct Swept {
    /// The verifier's count, which no other has.
    count: Arc<AtomicU64>,
    /// What the count showed when it began, and when it had ended.
    turn: (u64, u64),
    /// Under which key the verifier sealed.
    active: KeyId,
    /// Of which keyring: a tag that only its locator key makes.
    keyring: [u8; 16],
}

impl PartialEq for Swept {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.count, &other.count) && self.turn == other.turn
    }
}

impl Eq for Swept {}

impl Swept {
    /// Whether this sweep, with `keyring`, began when `before` had ended.
    fn follows(&self, before: &Self, keyring: &Keyring) -> bool {
        let is_of = |one: &Self| one.active == keyring.active() && one.keyring == tag_of(keyring);
        let ((begun, _), (_, ended)) = (self.turn, before.turn);
        Arc::ptr_eq(&self.count, &before.count) && ended < begun && is_of(self) && is_of(before)
    }
}

/// The next number of a verifier's count.
fn next(count: &AtomicU64) -> u64 {
    count.fetch_add(1, Ordering::Relaxed)
}

fn tag_of(keyring: &Keyring) -> [u8; 16] {
    keyring.locate(&[b"countersign sweep v1"])
}

/// What is left under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Left {
    /// Records: because of the sweep's limit, because they were written meanwhile, or because the keyring does
    /// not hold the key.
    pub records: u64,
    /// Entries of the outbox. They leave it as they are delivered.
    pub entries: u64,
}

impl Resealed {
    /// Whether nothing is left under `key`. Of the key under which the sweeping process itself seals a sweep says
    /// nothing.
    #[must_use]
    pub fn is_clean_of(&self, key: KeyId) -> bool {
        let by = self.by.as_ref();
        by.is_some_and(|by| by.active != key) && !self.left.contains_key(&key)
    }

    /// Forgets the root key `old`, under which neither this sweep nor the one before found anything. This one must
    /// have begun after every process had the newer key as its active one, or what such a process wrote
    /// between the sweeps is lost: see [keys](crate::manual::_12_keys). If several verifiers have stores of their own and
    /// one keyring, sweep each store.
    ///
    /// # Errors
    ///
    /// [`KeyringError::InUse`] if one of them found something under it, or was made by a process that seals under it.
    /// [`KeyringError::NotShown`] unless both are sweeps of one verifier, whose keyring is this one with the same active
    /// key, this one begun when the other had ended, and neither met anything unreadable (of that nobody knows its key:
    /// look into it, and where nothing can be done, [`Keyring::remove`] looks no further). Otherwise as
    /// [`Keyring::remove`].
    pub fn retire(
        &self,
        before: &Self,
        keyring: &mut Keyring,
        old: KeyId,
    ) -> Result<(), KeyringError> {
        if keyring.active() == old {
            return Err(KeyringError::Active(old));
        }
        if !(self.is_clean_of(old) && before.is_clean_of(old)) {
            return Err(KeyringError::InUse(old));
        }
        let both = self.by.as_ref().zip(before.by.as_ref());
        let in_turn = both.is_some_and(|(this, before)| this.follows(before, keyring));
        if in_turn && self.unreadable == 0 && before.unreadable == 0 {
            keyring.remove(old)
        } else {
            Err(KeyringError::NotShown(old))
        }
    }
}

impl Engine {
    /// Seals at most `limit` records anew; see [`Verifier::reseal`](crate::Verifier::reseal).
    pub(crate) async fn reseal(&self, limit: u64) -> Result<Resealed, Error> {
        let begun = next(&self.sweeps);
        let mut sweep = Resealed::default();
        let mut after = None;
        loop {
            let now = self.clock.now()?;
            let listed = self.store.scan(after.as_ref(), READ_AT_ONCE).await?;
            for (at, record) in listed.rows.iter().filter(|(_, row)| now < row.head.retain_until) {
                let Some(key) = Header::key_of(&record.sealed) else {
                    sweep.unreadable = sweep.unreadable.saturating_add(1);
                    continue;
                };
                if key == self.keyring.active() {
                    continue;
                }
                let left = sweep.left.entry(key).or_default();
                left.records = left.records.saturating_add(1);
                if sweep.resealed >= limit || !self.keyring.root_keys().any(|held| held == key) {
                    continue;
                }
                match self.reseal_one(at, record).await? {
                    Some(Put::Stored) => {
                        left.records = left.records.saturating_sub(1);
                        sweep.resealed = sweep.resealed.saturating_add(1);
                    }
                    // Somebody has written it meanwhile: under which key, the next sweep tells.
                    Some(Put::Conflict) => {}
                    None => {
                        left.records = left.records.saturating_sub(1);
                        sweep.unreadable = sweep.unreadable.saturating_add(1);
                    }
                }
            }
            after = listed.next;
            if after.is_none() {
                break;
            }
        }
        loop {
            let listed = self.store.entries(after.as_ref(), READ_AT_ONCE).await?;
            for entry in &listed.rows {
                match Header::key_of(&entry.sealed) {
                    Some(key) if key == self.keyring.active() => {}
                    Some(key) => {
                        let left = sweep.left.entry(key).or_default();
                        left.entries = left.entries.saturating_add(1);
                    }
                    None => sweep.unreadable = sweep.unreadable.saturating_add(1),
                }
            }
            after = listed.next;
            if after.is_none() {
                break;
            }
        }
        sweep.left.retain(|_, left| *left != Left::default());
        sweep.by = Some(Swept {
            count: Arc::clone(&self.sweeps),
            turn: (begun, next(&self.sweeps)),
            active: self.keyring.active(),
            keyring: tag_of(&self.keyring),
        });
        Ok(sweep)
    }

    /// Seals one record anew; its body stays byte for byte. `None` if it does not open.
    async fn reseal_one(&self, at: &Place, record: &Record) -> Result<Option<Put>, Error> {
        for kind in Kind::ALL {
            let mut sealer = Sealer::new(&self.keyring, kind, at);
            let Ok(body) = sealer.open(record) else { continue };
            let Some(version) = record.head.version.checked_add(1) else { return Ok(None) };
            let mut nonce = [0; NONCE_LEN];
            self.random.fill(&mut nonce)?;
            let new = sealer.seal(Head { version, ..record.head }, nonce, &AsEncoded(&body))?;
            let clock = self.clock.now()?;
            let expected = Expected::Head(record.head);
            return Ok(Some(self.store.put_if(at, expected, &new, News::NONE, clock).await?));
        }
        Ok(None)
    }
}
