//! What stands in a lane, what of it is held, and what of it is to be delivered now.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::cbor::{Decode, In};
use crate::engine::RecordRef;
use crate::error::{Error, RecordError};
use crate::outbox::facet::{Outbox, PASSED_OVER, READ_AT_ONCE};
use crate::outbox::rules::{End, Keep};
use crate::outbox::state::{HoldState, Standing, Waiting};
use crate::outbox::view::{Batch, Notice, NoticeId, Told};
use crate::record::news;
use crate::store::{Entry, EntryId, Lease, Place, Range, ScanCursor, Which};
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

/// What is held in a lane, and the ids of holds that cannot be opened.
#[derive(Default)]
pub(super) struct Held {
    pub(super) all: BTreeMap<CustomerId, HoldState>,
    pub(super) unreadable: BTreeSet<[u8; 16]>,
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

impl Outbox<'_> {
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
    pub(super) async fn holds(self, lane: u8, now: Timestamp) -> Result<Held, Error> {
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
    pub(super) async fn batch(
        self,
        lease: Lease,
        most: usize,
        now: Timestamp,
    ) -> Result<Batch, Error> {
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
    pub(super) fn read(self, entry: &Entry) -> Result<(Told, Vec<u8>), RecordError> {
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
