//! Sealing records anew under the active root key, so that an older one can be retired.

use core::fmt;
use std::collections::{BTreeMap, VecDeque};
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
use crate::store::{Expected, Head, News, Place, Put, Record, ScanCursor};
use crate::values::time::Timestamp;

/// How many rows are read at a time.
const READ_AT_ONCE: usize = 100;

/// What a sweep over all records and the outbox came to, or has come to where it stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Resealed {
    /// Whether the sweep came to its end. If not, [`Verifier::reseal_from`](crate::Verifier::reseal_from) goes on.
    pub whole: bool,
    /// How many records were sealed anew since the sweep began.
    pub resealed: u64,
    /// How much of what was read is left under each key that is not active.
    pub left: BTreeMap<KeyId, Left>,
    /// How many records and entries of the outbox do not say their key, or do not open with it although the keyring
    /// holds it: they are damaged, or a later release wrote them.
    pub unreadable: u64,
    /// Who swept, and when. `None` if nobody did.
    #[serde(skip)]
    by: Option<Swept>,
    /// Where it goes on, unless it is whole.
    #[serde(skip)]
    stopped: Option<Stopped>,
}

/// Where a sweep stopped.
#[derive(Clone, PartialEq, Eq)]
struct Stopped {
    /// Records that were read, counted as left, and not sealed anew yet.
    read: VecDeque<(Place, Record)>,
    /// Which are read next.
    next: Next,
}

/// What of the records is read next.
#[derive(Clone, PartialEq, Eq)]
enum Next {
    First,
    Behind(ScanCursor),
    Nothing,
}

impl fmt::Debug for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopped").field("read", &self.read.len()).finish_non_exhaustive()
    }
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
    /// Records: because the sweep stopped, because they were written meanwhile, or because the keyring does
    /// not hold the key.
    pub records: u64,
    /// Entries of the outbox. They leave it as they are delivered.
    pub entries: u64,
}

impl Resealed {
    /// Whether a whole sweep found nothing left under `key`. Of the key under which the sweeping process itself seals a
    /// sweep says nothing.
    #[must_use]
    pub fn is_clean_of(&self, key: KeyId) -> bool {
        self.whole && self.met_nothing_of(key)
    }

    /// Whether nothing that was read is left under `key`.
    fn met_nothing_of(&self, key: KeyId) -> bool {
        let by = self.by.as_ref();
        by.is_some_and(|by| by.active != key) && !self.left.contains_key(&key)
    }

    /// Forgets the root key `old`, under which neither this sweep nor the one before found anything. This one must
    /// have begun after every process had the newer key as its active one, or what such a process wrote
    /// between the sweeps is lost: see [keys](crate::manual::_24_keys). If several verifiers have stores of their own and
    /// one keyring, sweep each store, and use [`retire_all`](Self::retire_all).
    ///
    /// # Errors
    ///
    /// [`KeyringError::InUse`] if one of them found something under it, or was made by a process that seals under it.
    /// [`KeyringError::NotShown`] unless both are whole sweeps of one verifier, whose keyring is this one with the same active
    /// key, this one begun when the other had ended, and neither met anything unreadable (of that nobody knows its key:
    /// look into it, and where nothing can be done, [`Keyring::remove`] looks no further). Otherwise as
    /// [`Keyring::remove`].
    pub fn retire(
        &self,
        before: &Self,
        keyring: &mut Keyring,
        old: KeyId,
    ) -> Result<(), KeyringError> {
        Self::retire_all(&[(before, self)], keyring, old)
    }

    /// The same where several stores share the keyring: two sweeps of each store, the earlier one first. How many stores there
    /// are only you know: name all of them.
    ///
    /// # Errors
    ///
    /// As [`retire`](Self::retire), of each store. [`KeyringError::NotShown`] also if there are none, or if one verifier swept
    /// twice in place of two.
    pub fn retire_all(
        sweeps: &[(&Self, &Self)],
        keyring: &mut Keyring,
        old: KeyId,
    ) -> Result<(), KeyringError> {
        if keyring.active() == old {
            return Err(KeyringError::Active(old));
        }
        let mut swept: Vec<*const AtomicU64> = Vec::new();
        for (before, after) in sweeps {
            let by = after.shown(before, keyring, old)?;
            if swept.contains(&Arc::as_ptr(&by.count)) {
                return Err(KeyringError::NotShown(old));
            }
            swept.push(Arc::as_ptr(&by.count));
        }
        if swept.is_empty() { Err(KeyringError::NotShown(old)) } else { keyring.remove(old) }
    }

    /// Who swept, if this sweep and the one before show that nothing is sealed under `old`.
    fn shown(&self, before: &Self, keyring: &Keyring, old: KeyId) -> Result<&Swept, KeyringError> {
        if !(self.met_nothing_of(old) && before.met_nothing_of(old)) {
            return Err(KeyringError::InUse(old));
        }
        let both = self.by.as_ref().zip(before.by.as_ref());
        let in_turn = both.filter(|(this, before)| this.follows(before, keyring));
        let all_read = self.whole && before.whole && self.unreadable == 0 && before.unreadable == 0;
        let (by, _) = in_turn.filter(|_| all_read).ok_or(KeyringError::NotShown(old))?;
        Ok(by)
    }
}

impl Resealed {
    /// How much is counted under `key`.
    fn left(&mut self, key: KeyId) -> &mut Left {
        self.left.entry(key).or_default()
    }

    /// Counts a record, and says under which key it stands if that is not `active`.
    fn count(&mut self, record: &Record, active: KeyId) -> Option<KeyId> {
        let Some(key) = Header::key_of(&record.sealed) else {
            self.unreadable = self.unreadable.saturating_add(1);
            return None;
        };
        if key == active {
            return None;
        }
        let left = self.left(key);
        left.records = left.records.saturating_add(1);
        Some(key)
    }

    /// A record that was counted is not left any more.
    fn uncount(&mut self, record: &Record) {
        if let Some(key) = Header::key_of(&record.sealed) {
            let left = self.left(key);
            left.records = left.records.saturating_sub(1);
        }
    }
}

impl Engine {
    /// Begins a sweep, and seals at most `limit` records anew; see [`Verifier::reseal`](crate::Verifier::reseal).
    pub(crate) async fn reseal(&self, limit: u64) -> Result<Resealed, Error> {
        let begun = next(&self.sweeps);
        let stopped = Stopped { read: VecDeque::new(), next: Next::First };
        self.sweep(begun, Resealed::default(), stopped, limit).await
    }

    /// The same, where `before` stopped; from the beginning if that was another verifier's, or is whole.
    pub(crate) async fn reseal_from(
        &self,
        before: &Resealed,
        limit: u64,
    ) -> Result<Resealed, Error> {
        let by = before.by.as_ref().filter(|by| Arc::ptr_eq(&by.count, &self.sweeps));
        let (Some(by), Some(stopped)) = (by, &before.stopped) else {
            return self.reseal(limit).await;
        };
        let (turn, stopped) = (by.turn.0, stopped.clone());
        let Resealed { resealed, unreadable, .. } = *before;
        let left = before.left.clone();
        let sweep = Resealed { resealed, left, unreadable, ..Resealed::default() };
        self.sweep(turn, sweep, stopped, limit).await
    }

    /// A sweep that began at `begun`, from where it stopped to its end, or until `limit` more records are sealed anew: of
    /// none it seals none, and counts.
    async fn sweep(
        &self,
        begun: u64,
        mut sweep: Resealed,
        mut stopped: Stopped,
        limit: u64,
    ) -> Result<Resealed, Error> {
        let most = sweep.resealed.saturating_add(limit);
        loop {
            while limit > 0
                && let Some((at, record)) = stopped.read.pop_front()
            {
                self.sweep_one(&mut sweep, &at, &record).await?;
                if sweep.resealed >= most {
                    return Ok(self.swept(begun, sweep, Some(stopped)));
                }
            }
            let after = match &stopped.next {
                Next::First => None,
                Next::Behind(cursor) => Some(cursor),
                Next::Nothing => break,
            };
            let now = self.clock.now()?;
            let listed = self.store.scan(after, READ_AT_ONCE).await?;
            stopped.read = self.left_over(&mut sweep, listed.rows, now);
            stopped.next = listed.next.map_or(Next::Nothing, Next::Behind);
        }
        self.sweep_entries(&mut sweep).await?;
        sweep.whole = true;
        Ok(self.swept(begun, sweep, None))
    }

    /// Counts these records, and gives those back that can be sealed anew.
    fn left_over(
        &self,
        sweep: &mut Resealed,
        rows: Vec<(Place, Record)>,
        now: Timestamp,
    ) -> VecDeque<(Place, Record)> {
        let active = self.keyring.active();
        let mut counted = |record: &Record| {
            let key = sweep.count(record, active);
            key.is_some_and(|key| self.keyring.root_keys().any(|held| held == key))
        };
        let retained = rows.into_iter().filter(|(_, record)| now < record.head.retain_until);
        retained.filter(|(_, record)| counted(record)).collect()
    }

    /// Seals one record anew that was counted.
    async fn sweep_one(
        &self,
        sweep: &mut Resealed,
        at: &Place,
        record: &Record,
    ) -> Result<(), Error> {
        let put = self.reseal_one(at, record).await?;
        sweep.uncount(record);
        match put {
            Some(Put::Stored) => sweep.resealed = sweep.resealed.saturating_add(1),
            // Somebody has written it since it was read, or it is gone.
            Some(Put::Conflict) => {
                let now = self.clock.now()?;
                if let Some(found) = self.store.load(at, now).await? {
                    sweep.count(&found, self.keyring.active());
                }
            }
            None => sweep.unreadable = sweep.unreadable.saturating_add(1),
        }
        Ok(())
    }

    /// Counts the entries of the outbox: they leave it as they are delivered.
    async fn sweep_entries(&self, sweep: &mut Resealed) -> Result<(), Error> {
        let mut after = None;
        loop {
            let listed = self.store.entries(after.as_ref(), READ_AT_ONCE).await?;
            for entry in &listed.rows {
                match Header::key_of(&entry.sealed) {
                    Some(key) if key == self.keyring.active() => {}
                    Some(key) => {
                        let left = sweep.left(key);
                        left.entries = left.entries.saturating_add(1);
                    }
                    None => sweep.unreadable = sweep.unreadable.saturating_add(1),
                }
            }
            after = listed.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// The report of a sweep that ends or stops here.
    fn swept(&self, begun: u64, mut sweep: Resealed, stopped: Option<Stopped>) -> Resealed {
        sweep.left.retain(|_, left| *left != Left::default());
        sweep.by = Some(Swept {
            count: Arc::clone(&self.sweeps),
            turn: (begun, next(&self.sweeps)),
            active: self.keyring.active(),
            keyring: tag_of(&self.keyring),
        });
        sweep.stopped = stopped;
        sweep
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
