//! What is kept of a customer whose news could not be delivered: the news behind the first, and until when
//! they wait.

use crate::codec::table::{numbered, record};
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::outbox::view::Parked;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::store::{EntryId, Place};
use crate::values::id::{CustomerId, HeldNewsId};
use crate::values::time::Timestamp;

numbered! {
    /// What the news of a customer wait for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Standing {
        /// Until they are tried again.
        Retrying = 1,
        /// Until the host says.
        Parked = 2,
        /// They are delivered again, the first one first.
        Resumed = 3,
        /// They are dropped.
        Discarded = 4,
        /// Nothing waits any more.
        Over = 5,
    }
}

/// A piece of news that was taken out of its lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) id: EntryId,
    /// As it was sealed: a [`Told`](crate::outbox::view::Told).
    pub(crate) told: Vec<u8>,
}

/// What is held of a customer's, as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HoldState {
    pub(crate) customer: CustomerId,
    pub(crate) since: Timestamp,
    pub(crate) attempts: u32,
    pub(crate) retry_at: Timestamp,
    pub(crate) reason: String,
    pub(crate) standing: Standing,
    /// What was given back. It stays in its lane for as long as anything waits behind it, so that the lane
    /// is leased.
    pub(crate) first: EntryId,
    /// The first one was delivered, while others still waited.
    pub(crate) first_done: bool,
    pub(crate) waiting: Vec<Waiting>,
    /// What happened until then is dropped, if it was discarded.
    pub(crate) discarded_at: Timestamp,
    /// What was given back last. Older records do not say.
    pub(crate) given_back: Option<EntryId>,
}

impl HoldState {
    /// Whether it is still to wait before it is tried again. A clock that was far ahead makes nobody wait.
    pub(crate) fn waits(&self, policy: &Policy, now: Timestamp) -> bool {
        let latest = now.after(policy.outbox.retry_within).after(policy.leeway);
        self.standing == Standing::Retrying && now < self.retry_at && self.retry_at <= latest
    }

    /// Whether what happened `at` is among what was dropped. The clocks of two instances differ, so what happened
    /// shortly before is delivered rather than lost.
    pub(crate) fn drops(&self, policy: &Policy, at: Timestamp) -> bool {
        at.after(policy.leeway) < self.discarded_at
    }
}

impl Parked {
    pub(crate) fn of(hold: HoldState) -> Self {
        let HoldState { customer, since, attempts, reason, waiting, .. } = hold;
        Self { customer, since, attempts, reason, waiting: waiting.len() }
    }
}

impl State for HoldState {
    const KIND: Kind = Kind::OutboxHold;
    const LISTED: bool = false;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        match self.standing {
            Standing::Over => Timestamp::EPOCH,
            // A worker ends it with the next lease. If none ever comes, it holds the name no longer than a history does.
            Standing::Discarded => self.discarded_at.after(policy.leeway).after(policy.retention),
            Standing::Retrying | Standing::Parked | Standing::Resumed => Timestamp::MAX,
        }
    }

    fn live_until(&self, policy: &Policy) -> Timestamp {
        self.retain_until(policy)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::HeldNews(HeldNewsId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::HeldNews(u32::try_from(self.waiting.len()).unwrap_or(u32::MAX))
    }
}

record! {
    HoldState {
        0 => customer,
        1 => since,
        2 => attempts,
        3 => retry_at,
        4 => reason,
        5 => standing,
        6 => first,
        7 else false => first_done,
        8 => waiting,
        9 else Timestamp::EPOCH => discarded_at,
        10 => given_back,
    }
}

record! {
    Waiting as waiting {
        0 => id,
        1 => told: &[u8] = waiting.told.as_slice(),
    } Ok(Self { id, told: told.to_vec() })
}

record! {
    EntryId as entry {
        let Place { lane, owner, id } = entry.place;
        0 => lane: u8 = lane,
        1 => owner: [u8; 16] = owner,
        2 => id: [u8; 16] = id,
        3 => created,
        4 => version,
        5 => index,
    } Ok(Self { place: Place { lane, owner, id }, created, version, index })
}
