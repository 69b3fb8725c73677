//! What a worker gets from the outbox: notices, in batches, and what waits because it could not be delivered.

use core::fmt;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::codec::table::record;
use crate::crypto::keyring::KeyId;
use crate::history::event::{Action, Actor, HistoryEvent, OperationId, Outcome, Subject};
use crate::record::kind::Kind;
use crate::store::{EntryId, Lease};
use crate::values::id::{CustomerId, InteractionId, Issuer, StepUpId, to_base32};
use crate::values::time::Timestamp;

/// Names one notice for ever, so that whoever gets it twice can drop the repetition. In text 26 characters of
/// lower-case Crockford base32.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoticeId(pub(crate) [u8; 16]);

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base32(&self.0))
    }
}

impl fmt::Debug for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoticeId({self})")
    }
}

impl Serialize for NoticeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something that happened, and was written. It holds no secret, and says how things stood then: read the
/// ceremony to see how it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// Its name: the same whenever it is delivered again.
    pub id: NoticeId,
    /// When it happened.
    pub at: Timestamp,
    /// Whose ceremony.
    pub customer: CustomerId,
    /// Which ceremony.
    pub subject: Subject,
    /// Which write of that ceremony's record it was: later ones have greater numbers.
    pub version: u64,
    /// Which of its ceremony's news it is: 1 for the first, and one more for each that follows. A worker that keeps the
    /// last number and id of each ceremony sees by it what it missed; the [manual](crate::manual::_29_outbox) says
    /// how. `None` if it was written before news were numbered.
    pub number: Option<u64>,
    /// How many news of its ceremony are missing between this one and the one before it *in this batch*: they were
    /// lost, cannot be opened, or were acknowledged although the one before was not. 0 for the
    /// ceremony's first one in a batch, whatever is missing before it.
    pub missing_before: u64,
    /// Who did it.
    pub actor: Actor,
    /// What was done or tried.
    pub action: Action,
    /// In which interaction, if in one.
    pub interaction: Option<InteractionId>,
    /// Whether it was done.
    pub outcome: Outcome,
    /// For which step-up a code was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_up: Option<StepUpId>,
    /// The operation that wrote it.
    pub operation: OperationId,
    #[serde(skip)]
    pub(crate) entry: EntryId,
}

/// Notices of one lane, each customer's in the order in which they happened, leased to one worker.
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch {
    /// To be delivered one after the other.
    pub notices: Vec<Notice>,
    /// When the lease ends. What was not acknowledged by then is delivered again.
    pub until: Timestamp,
    /// How many entries of the lane cannot be opened, and are left where they are: a key is missing, or
    /// somebody changed them.
    pub unreadable: usize,
    pub(crate) lease: Lease,
}

/// What became of a notice that was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GivenBack {
    /// It and all later ones of its customer wait until then.
    Until(Timestamp),
    /// It failed too often. It and all later ones of its customer wait until the host
    /// [resumes](crate::outbox::Outbox::resume) or [drops](crate::outbox::Outbox::discard) them.
    Parked,
}

/// What of an outbox cannot be opened. It stays where it is, and no worker is given it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct UnreadableNews {
    /// How many entries there are under each key that the keyring does not hold.
    pub missing_keys: BTreeMap<KeyId, u64>,
    /// How many entries do not open with the key that they name: somebody changed them.
    pub damaged: u64,
    /// Of how many customers, or of how many more in each lane of a vault's, it cannot be opened what is held: none of
    /// their news are delivered.
    pub holds: u64,
}

/// A customer whose notices wait for the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Parked {
    /// Whose.
    pub customer: CustomerId,
    /// When the first of them was first given back.
    pub since: Timestamp,
    /// How often it was given back.
    pub attempts: u32,
    /// What the worker said why, the last time.
    pub reason: String,
    /// How many were taken out of the lane behind the first; more may follow.
    pub waiting: usize,
}

/// A piece of news as it is sealed.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) customer: CustomerId,
    pub(crate) subject: Subject,
    /// The event as a history has it.
    pub(crate) event: Vec<u8>,
    /// Which of its record's news it is, from 1 on; 0 if it was not numbered.
    pub(crate) number: u64,
    /// Whose customer it is of. Empty in what was told before it said so.
    pub(crate) issuer: String,
}

impl Told {
    /// Whether it is news of `issuer`'s.
    pub(crate) fn is_of(&self, issuer: &Issuer) -> bool {
        self.issuer.is_empty() || self.issuer == issuer.as_str()
    }
}

record! {
    Told as told {
        let (kind, id) = told.subject.parts();
        0 => customer,
        1 => kind: Kind = kind,
        2 => id: [u8; 16] = id,
        3 => event: &[u8] = told.event.as_slice(),
        4 unless 0 => number: u64 = told.number,
        5 unless "" => issuer: &str = told.issuer.as_str(),
    } Ok(Self {
        customer,
        subject: Subject::of(kind, id),
        event: event.to_vec(),
        number,
        issuer: issuer.to_owned(),
    })
}

impl Notice {
    pub(crate) fn new(id: NoticeId, entry: EntryId, told: &Told) -> Option<Self> {
        let event = HistoryEvent::decode(&told.event).ok()?;
        let HistoryEvent { at, actor, action, interaction, outcome, step_up, operation, .. } =
            event;
        let (customer, subject) = (told.customer.clone(), told.subject);
        let version = entry.version;
        Some(Self {
            id,
            at,
            customer,
            subject,
            version,
            number: Some(told.number).filter(|number| *number > 0),
            missing_before: 0,
            actor,
            action,
            interaction,
            outcome,
            step_up,
            operation,
            entry,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Notice, NoticeId, Told};
    use crate::codec::cbor::{Decode, In, to_vec};
    use crate::history::chain::encoded_alone;
    use crate::history::event::{Action, Actor, EventDraft, OperationId, Subject};
    use crate::store::{EntryId, Place};
    use crate::values::id::{CallbackId, CustomerId, Issuer};
    use crate::values::time::Timestamp;

    #[test]
    fn what_was_sealed_before_news_were_numbered_opens() {
        let note = EventDraft::by(Actor::Customer, Action::Book);
        let mut told = Told {
            customer: CustomerId::new("alice").unwrap(),
            subject: Subject::Callback(CallbackId([1; 16])),
            event: encoded_alone(&note, Timestamp::EPOCH, OperationId([2; 16])),
            number: 0,
            issuer: String::new(),
        };
        let place = Place { lane: 0, owner: [3; 16], id: [1; 16] };
        let entry = EntryId { place, created: Timestamp::EPOCH, version: 5, index: 0 };
        let before = to_vec(&told);
        assert_eq!(before[0], 0xA4, "a map of four, as it was");
        told.number = 7;
        for (bytes, number) in [(before, None), (to_vec(&told), Some(7))] {
            let read: Told = In::whole(&bytes, Decode::decode).unwrap();
            let notice = Notice::new(NoticeId([0; 16]), entry, &read).unwrap();
            assert_eq!(notice.number, number);
        }
        // Nor did they say whose they are.
        let issuer = |name: &str| Issuer::new(name).unwrap();
        assert!(told.is_of(&issuer("bank.example")) && told.is_of(&issuer("other.example")));
        told.issuer = "bank.example".to_owned();
        let read: Told = In::whole(&to_vec(&told), Decode::decode).unwrap();
        assert!(read.is_of(&issuer("bank.example")) && !read.is_of(&issuer("other.example")));
    }
}
