//! The facet for a host's worker that delivers news.

use core::fmt;
use core::num::NonZeroU16;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use crate::codec::cbor::{Decode, In};
use crate::engine::rule::Rule;
use crate::engine::trace::call;
use crate::engine::{Engine, RecordRef};
use crate::error::{Error, Invalid, RecordError, Refused};
use crate::outbox::rules::{Delivered, End, GiveBack, Keep, Resume};
use crate::outbox::state::{HoldState, Standing, Waiting};
use crate::outbox::view::{Batch, GivenBack, Notice, NoticeId, Parked, Told, UnreadableNews};
use crate::record::news;
use crate::store::{
    Backlog, Entry, EntryId, LONGEST_LEASE, Lease, Place, Range, ScanCursor, Which,
};
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

/// How many entries more than asked for are looked at first: those that wait are passed over.
const PASSED_OVER: usize = 256;
/// How long a lease is at least.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);
/// How many holds are read at a time.
const READ_AT_ONCE: usize = 100;
/// The longest reason that is kept of a notice that was given back, in bytes.
const REASON_LEN: usize = 200;

/// The outbox: see [`Verifier::outbox`](crate::Verifier::outbox).
///
/// A worker leases a batch, delivers its notices one after the other, and acknowledges each. Any number of
/// workers may run: a lane is leased to one at a time.
///
/// - **At least once.** What was not acknowledged when the lease ended, or the worker died, is delivered
///   again, with the same [`NoticeId`].
/// - **In order for each customer**, as long as leases outlast the deliveries.
/// - **One that fails again and again** is parked with all later ones of its customer, and everybody else's
///   go on.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`], [`Error::Clock`] or
/// [`Error::Random`].
#[derive(Clone, Copy)]
pub struct Outbox<'a>(pub(crate) &'a Engine);

impl fmt::Debug for Outbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("issuer", &self.0.issuer).finish_non_exhaustive()
    }
}

impl Outbox<'_> {
    /// Leases one lane: at most `most` notices, for `during` (a second to an hour). `None` if nothing is to be
    /// delivered now.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn lease(self, most: NonZeroU16, during: Duration) -> Result<Option<Batch>, Error> {
        call!("outbox.lease", async {
            let engine = self.0;
            let mut seen = BTreeSet::new();
            let looked_at = usize::from(most.get()).saturating_add(PASSED_OVER);
            loop {
                let now = engine.clock.now()?;
                let until = now.after(during.clamp(SHORTEST_LEASE, LONGEST_LEASE));
                let mut token = [0; 16];
                engine.random.fill(&mut token)?;
                let lease = engine.store.lease(&token, looked_at, now, until).await?;
                let Some(lease) = lease else { return Ok(None) };
                if !seen.insert(lease.lane) {
                    engine.store.release(&lease).await?;
                    return Ok(None);
                }
                match self.batch(lease.clone(), usize::from(most.get()), now).await {
                    Ok(batch) if !batch.notices.is_empty() => return Ok(Some(batch)),
                    Ok(_) => engine.store.release(&lease).await?,
                    Err(error) => {
                        // The lane is free again at once, whatever is wrong with it.
                        let _ = engine.store.release(&lease).await;
                        return Err(error);
                    }
                }
            }
        })
    }

    /// These were delivered. `false` if the lease has ended meanwhile: they are delivered again.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn acknowledge(
        self,
        batch: &Batch,
        done: impl IntoIterator<Item = NoticeId>,
    ) -> Result<bool, Error> {
        call!("outbox.acknowledge", async {
            let now = self.0.clock.now()?;
            let done: BTreeSet<NoticeId> = done.into_iter().collect();
            let mut by_customer: BTreeMap<&CustomerId, Vec<EntryId>> = BTreeMap::new();
            for notice in batch.notices.iter().filter(|notice| done.contains(&notice.id)) {
                by_customer.entry(&notice.customer).or_default().push(notice.entry);
            }
            // Only while the lease stands, or what another worker took out of the lane meanwhile would be lost.
            if !self.0.store.acknowledge(&batch.lease, &[], now).await? {
                return Ok(false);
            }
            let held = self.holds(batch.lease.lane, now).await?;
            let mut leaves = Vec::new();
            for (customer, entries) in by_customer {
                if held.all.contains_key(customer) {
                    let of = self.hold(batch.lease.lane, customer, None);
                    leaves.extend(self.0.run(&of, &Delivered(&entries)).await?);
                } else {
                    leaves.extend(entries);
                }
            }
            Ok(self.0.store.acknowledge(&batch.lease, &leaves, now).await?)
        })
    }

    /// This one could not be delivered, for this reason (at most 200 bytes of it are kept; no secret
    /// belongs in it). Pass over the other notices of its customer in this batch: they wait with it.
    ///
    /// # Errors
    ///
    /// [`Invalid::UnknownNotice`] if it is not one of the batch's. Otherwise see [`Outbox`].
    pub async fn give_back(
        self,
        batch: &Batch,
        notice: NoticeId,
        reason: &str,
    ) -> Result<GivenBack, Error> {
        call!("outbox.give_back", async {
            let notice = batch.notices.iter().find(|one| one.id == notice);
            let Notice { customer, entry, .. } = notice.ok_or(Invalid::UnknownNotice)?;
            let now = self.0.clock.now()?;
            if !self.0.store.acknowledge(&batch.lease, &[], now).await? {
                // Another worker delivers it again.
                return Ok(GivenBack::Until(now));
            }
            let of = self.hold(batch.lease.lane, customer, Some(customer));
            let kept = (0..=REASON_LEN.min(reason.len())).rev().find_map(|end| reason.get(..end));
            let reason = kept.unwrap_or_default();
            self.0.run(&of, &GiveBack { customer, entry: *entry, reason }).await
        })
    }

    /// Ends the lease of a batch early, so that what is left of it can be leased at once.
    ///
    /// # Errors
    ///
    /// See [`Outbox`]; the lease then ends by itself.
    pub async fn release(self, batch: Batch) -> Result<(), Error> {
        call!("outbox.release", async { Ok(self.0.store.release(&batch.lease).await?) })
    }

    /// How much waits in all lanes, for the host's metrics.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn backlog(self) -> Result<Backlog, Error> {
        call!("outbox.backlog", async { Ok(self.0.store.backlog().await?) })
    }

    /// How much cannot be opened, and why. For an operator: it reads every entry, and asks each of the 256 lanes.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn unreadable(self) -> Result<UnreadableNews, Error> {
        call!("outbox.unreadable", async {
            let mut found = UnreadableNews::default();
            let mut after = None;
            loop {
                let listed = self.0.store.entries(after.as_ref(), READ_AT_ONCE).await?;
                for entry in &listed.rows {
                    let count = match self.read(entry) {
                        Ok(_) => continue,
                        Err(RecordError::UnknownKey(key)) => {
                            found.missing_keys.entry(key).or_default()
                        }
                        Err(_) => &mut found.damaged,
                    };
                    *count = count.saturating_add(1);
                }
                after = listed.next;
                if after.is_none() {
                    break;
                }
            }
            let now = self.0.clock.now()?;
            for lane in 0..=u8::MAX {
                let holds = self.holds(lane, now).await?.unreadable.len();
                found.holds = found.holds.saturating_add(u64::try_from(holds).unwrap_or(u64::MAX));
            }
            Ok(found)
        })
    }

    /// The customers whose notices are parked. For an operator: it asks each of the 256 lanes.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn parked(self) -> Result<Vec<Parked>, Error> {
        call!("outbox.parked", async {
            let now = self.0.clock.now()?;
            let mut parked = Vec::new();
            for lane in 0..=u8::MAX {
                let holds = self.holds(lane, now).await?.all.into_values();
                let holds = holds.filter(|hold| hold.standing == Standing::Parked);
                parked.extend(holds.map(Parked::of));
            }
            Ok(parked)
        })
    }

    /// What of this customer's waits is delivered again from now on, the first one first. For an operator: it
    /// asks each of the 256 lanes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if nothing waits. Otherwise see [`Outbox`].
    pub async fn resume(self, customer: &CustomerId) -> Result<(), Error> {
        call!("outbox.resume", self.wherever(customer, &Resume))
    }

    /// The same for everybody whose notices are parked, lane by lane: after an outage of the platform, say. How many
    /// customers that were. For an operator: it asks each of the 256 lanes. If it fails, some are resumed; call it again.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn resume_all(self) -> Result<usize, Error> {
        call!("outbox.resume_all", async {
            let now = self.0.clock.now()?;
            let mut resumed = 0_usize;
            for lane in 0..=u8::MAX {
                let holds = self.holds(lane, now).await?.all.into_values();
                for hold in holds.filter(|hold| hold.standing == Standing::Parked) {
                    let of = self.hold(lane, &hold.customer, Some(&hold.customer));
                    match self.0.run(&of, &Resume).await {
                        Ok(()) => resumed = resumed.saturating_add(1),
                        // It was delivered or dropped meanwhile.
                        Err(Error::Refused(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(resumed)
        })
    }

    /// Runs `rule` on whatever of the customer's is held, in one lane or, with a vault, in several.
    async fn wherever(
        self,
        customer: &CustomerId,
        rule: &impl Rule<HoldState, Outcome = ()>,
    ) -> Result<(), Error> {
        let mut found = false;
        for lane in 0..=u8::MAX {
            let of = self.hold(lane, customer, Some(customer));
            if self.0.read(&of).await?.is_some() {
                self.0.run(&of, rule).await?;
                found = true;
            }
        }
        if found { Ok(()) } else { Err(Refused::new().into()) }
    }

    /// Where it stands what is held of a customer's; `told` to whom, if it is to be told.
    pub(super) fn hold<'c>(
        self,
        lane: u8,
        customer: &CustomerId,
        told: Option<&'c CustomerId>,
    ) -> RecordRef<'c, HoldState> {
        let issuer = self.0.issuer.as_str().as_bytes();
        let pieces =
            [b"countersign outbox hold v1".as_slice(), issuer, customer.as_str().as_bytes()];
        let id = self.0.keyring.locate(&pieces);
        RecordRef::at(told, Place { lane, owner: self.holds_of(lane), id })
    }

    fn holds_of(self, lane: u8) -> [u8; 16] {
        let issuer = self.0.issuer.as_str().as_bytes();
        self.0.keyring.locate(&[b"countersign outbox holds v1", issuer, &[lane]])
    }

    /// What is held in a lane.
    async fn holds(self, lane: u8, now: Timestamp) -> Result<Held, Error> {
        let owner = self.holds_of(lane);
        let mut range = Range { which: Which::Live, after: None, limit: READ_AT_ONCE };
        let mut held = Held::default();
        loop {
            let listed = self.0.store.list(lane, &owner, range, now).await?;
            for (at, record) in &listed.rows {
                match self.0.open::<HoldState>(at, record) {
                    Ok(hold) => {
                        let hold = hold.body.state;
                        held.all.insert(hold.customer.clone(), hold);
                    }
                    Err(_) => drop(held.unreadable.insert(at.id)),
                }
            }
            range.after = listed.next;
            if range.after.is_none() {
                return Ok(held);
            }
        }
    }

    /// What of a lane is to be delivered now. What waits is passed over, however much it is, and what is parked behind a
    /// first one is taken out of the lane.
    async fn batch(self, lease: Lease, most: usize, now: Timestamp) -> Result<Batch, Error> {
        let held = self.holds(lease.lane, now).await?;
        let (mut entries, mut next) = (lease.entries.clone(), lease.next.clone());
        let (sorted, whole) = loop {
            let whole = next.is_none();
            let sorted = self.sorted(&entries, &held, now, whole)?;
            if whole || sorted.notices.len() >= most {
                break (sorted, whole);
            }
            // As much again: what is sorted twice is at most as much as what is sorted at all.
            next = self.read_on(lease.lane, next, &mut entries).await?;
        };
        let Sorted { mut notices, mut leaves, parks, anchored, unreadable, .. } = sorted;
        self.0.tell_unreadable_news(lease.lane, unreadable);
        for (customer, waiting) in parks {
            let of = self.hold(lease.lane, &customer, None);
            leaves.extend(self.0.run(&of, &Keep(waiting)).await?);
        }
        // Reading a long lane takes its time: whoever has leased it since decides what becomes of it.
        let read_on = entries.len() > lease.entries.len();
        if read_on || !leaves.is_empty() {
            let now = self.0.clock.now()?;
            if !self.0.store.acknowledge(&lease, &leaves, now).await? {
                return Ok(Batch { notices: Vec::new(), until: lease.until, unreadable, lease });
            }
        }
        // What is dropped has left the lane, or what was first is delivered: then nothing is held any more.
        let ended = |hold: &HoldState| match hold.standing {
            Standing::Discarded => true,
            Standing::Retrying | Standing::Resumed => !anchored.contains(&hold.customer),
            Standing::Parked | Standing::Over => false,
        };
        for hold in held.all.values().filter(|hold| whole && ended(hold)) {
            self.0.run(&self.hold(lease.lane, &hold.customer, None), &End).await?;
        }
        notices.truncate(most);
        mark_missing(&mut notices);
        Ok(Batch { notices, until: lease.until, unreadable, lease })
    }

    /// Reads at least as many entries of a leased lane as there are, from `next` on; where to read on from there.
    async fn read_on(
        self,
        lane: u8,
        mut next: Option<ScanCursor>,
        entries: &mut Vec<Entry>,
    ) -> Result<Option<ScanCursor>, Error> {
        let wanted = entries.len().saturating_mul(2).max(PASSED_OVER);
        while let Some(after) = &next
            && entries.len() < wanted
        {
            let left = wanted.saturating_sub(entries.len());
            let listed = self.0.store.entries(Some(after), left).await?;
            let beyond = listed.rows.iter().any(|entry| entry.id.place.lane != lane);
            entries.extend(listed.rows.into_iter().filter(|entry| entry.id.place.lane == lane));
            next = listed.next.filter(|_| !beyond);
        }
        Ok(next)
    }

    /// What becomes of these entries, the oldest of a lane; `whole` if these are all.
    fn sorted(
        self,
        entries: &[Entry],
        Held { all: holds, unreadable: damaged }: &Held,
        now: Timestamp,
        whole: bool,
    ) -> Result<Sorted, Error> {
        let Some(Entry { id: EntryId { place: Place { lane, .. }, .. }, .. }) = entries.first()
        else {
            return Ok(Sorted::default());
        };
        let mut sorted = Sorted::default();
        let standing: BTreeSet<_> = entries.iter().map(|entry| entry.id).collect();
        let mut given: BTreeSet<CustomerId> = BTreeSet::new();
        for entry in entries {
            let Ok((told, bytes)) = self.read(entry) else {
                sorted.unreadable = sorted.unreadable.saturating_add(1);
                continue;
            };
            // Another bank's that has the same store and keyring: its own worker's.
            if !told.is_of(&self.0.issuer) {
                continue;
            }
            let unknown = !damaged.is_empty()
                && damaged.contains(&self.hold(*lane, &told.customer, None).place.id);
            let Some(notice) = self.notice(entry.id, &told).filter(|_| !unknown) else {
                // What follows of this customer would overtake it.
                sorted.unreadable = sorted.unreadable.saturating_add(1);
                sorted.stopped.insert(told.customer);
                continue;
            };
            if sorted.stopped.contains(&told.customer) {
                continue;
            }
            let Some(hold) = holds.get(&told.customer) else {
                sorted.notices.push(notice);
                continue;
            };
            let is_first = entry.id == hold.first;
            if is_first {
                sorted.anchored.insert(told.customer.clone());
            }
            match hold.standing {
                Standing::Over => sorted.notices.push(notice),
                Standing::Retrying if hold.waits(&self.0.policy, now) => {}
                // What comes behind the first is taken out of the lane. Without it, all stays where it is.
                Standing::Parked if is_first || !sorted.anchored.contains(&told.customer) => {}
                Standing::Parked => {
                    let waiting = Waiting { id: entry.id, told: bytes };
                    sorted.parks.entry(told.customer).or_default().push(waiting);
                }
                Standing::Discarded if is_first || hold.drops(&self.0.policy, notice.at) => {
                    sorted.leaves.push(entry.id);
                }
                Standing::Retrying | Standing::Resumed | Standing::Discarded => {
                    if is_first && !hold.first_done {
                        sorted.notices.push(notice.clone());
                    }
                    // What was taken out of the lane comes right behind the first, and before all that follows it.
                    let ahead = !sorted.anchored.contains(&told.customer)
                        && (!whole || standing.contains(&hold.first));
                    if !ahead && given.insert(told.customer) {
                        for waiting in &hold.waiting {
                            let told = decoded(&waiting.told)?;
                            sorted.notices.extend(self.notice(waiting.id, &told));
                        }
                    }
                    if !is_first {
                        sorted.notices.push(notice);
                    }
                }
            }
        }
        Ok(sorted)
    }

    /// What an entry says, opened and as it is encoded.
    fn read(self, entry: &Entry) -> Result<(Told, Vec<u8>), RecordError> {
        let bytes = news::open(&self.0.keyring, &entry.id, &entry.sealed)?;
        Ok((decoded(&bytes)?, bytes.to_vec()))
    }

    fn notice(self, entry: EntryId, told: &Told) -> Option<Notice> {
        let EntryId { place, created, version, index } = entry;
        let id = NoticeId(self.0.keyring.locate(&[
            b"countersign notice v1",
            &[place.lane],
            &place.owner,
            &place.id,
            &created.unix().to_be_bytes(),
            &version.to_be_bytes(),
            &index.to_be_bytes(),
            // After a failover that lost a write, another bears its version.
            &told.event,
        ]));
        Notice::new(id, entry, told)
    }
}

/// What is held in a lane, and the ids of holds that cannot be opened.
#[derive(Default)]
struct Held {
    all: BTreeMap<CustomerId, HoldState>,
    unreadable: BTreeSet<[u8; 16]>,
}

/// The entries of a lane, sorted by what becomes of them.
#[derive(Default)]
struct Sorted {
    notices: Vec<Notice>,
    /// Done with: they leave the lane.
    leaves: Vec<EntryId>,
    /// To be taken out of the lane.
    parks: BTreeMap<CustomerId, Vec<Waiting>>,
    /// Whose first one stands in the lane.
    anchored: BTreeSet<CustomerId>,
    /// Whose later ones are passed over.
    stopped: BTreeSet<CustomerId>,
    unreadable: usize,
}

/// Marks what is missing between two notices of one record.
fn mark_missing(notices: &mut [Notice]) {
    let mut last = BTreeMap::new();
    for notice in notices {
        let Some(number) = notice.number else { continue };
        let of = (notice.entry.place, notice.entry.created);
        if let Some(before) = last.insert(of, number) {
            notice.missing_before = number.saturating_sub(before).saturating_sub(1);
        }
    }
}

fn decoded(told: &[u8]) -> Result<Told, RecordError> {
    In::whole(told, Decode::decode).map_err(|_| RecordError::Damaged)
}
