//! Sealing records anew under the active root key, so that an older one can be retired.

use std::collections::BTreeMap;

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
    /// How many records are damaged: no key of the keyring is to blame.
    pub unreadable: u64,
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
    /// Whether nothing is left under `key`.
    #[must_use]
    pub fn is_clean_of(&self, key: KeyId) -> bool {
        !self.left.contains_key(&key)
    }

    /// Forgets the root key `old`, under which neither this sweep nor the one before found anything. This one must
    /// have begun after every process had the newer key as its active one, or what such a process wrote
    /// between the sweeps is lost: see [keys](crate::manual::_12_keys).
    ///
    /// # Errors
    ///
    /// [`KeyringError::InUse`] if one of them found something under it; otherwise as [`Keyring::remove`].
    pub fn retire(
        &self,
        before: &Self,
        keyring: &mut Keyring,
        old: KeyId,
    ) -> Result<(), KeyringError> {
        if self.is_clean_of(old) && before.is_clean_of(old) {
            keyring.remove(old)
        } else {
            Err(KeyringError::InUse(old))
        }
    }
}

impl Engine {
    /// Seals at most `limit` records anew; see [`Verifier::reseal`](crate::Verifier::reseal).
    pub(crate) async fn reseal(&self, limit: u64) -> Result<Resealed, Error> {
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
            let keys = listed.rows.iter().filter_map(|entry| Header::key_of(&entry.sealed));
            for key in keys.filter(|key| *key != self.keyring.active()) {
                let left = sweep.left.entry(key).or_default();
                left.entries = left.entries.saturating_add(1);
            }
            after = listed.next;
            if after.is_none() {
                break;
            }
        }
        sweep.left.retain(|_, left| *left != Left::default());
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
