//! What happened in a ceremony: events in a hash chain, written together with the state they speak
//! of. They say who did what, when, in which interaction and with which outcome; never a secret.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::body::{self, Encode, In, Malformed, Out};
use crate::ceremony::Kind;
use crate::error::{Reason, RecordError};
use crate::id::{
    AgentId, CallbackId, CredentialId, InteractionId, InvalidId, StepUpId, StepUpLimitId,
    bytes_from_base32, from_base32, to_base32,
};
use crate::pae;
use crate::policy::LISTED_REFUSALS;
use crate::secret::{deserialize_text, silent_serde};
use crate::time::Timestamp;

/// Which ceremony an event or an observation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Subject {
    /// A callback.
    Callback(CallbackId),
    /// A credential.
    Credential(CredentialId),
    /// A step-up.
    StepUp(StepUpId),
    /// How often step-ups were asked for, of a customer or by an agent.
    StepUpLimit(StepUpLimitId),
}

impl Subject {
    /// The first value of a chain, so that events cannot pass for those of another ceremony: the 15
    /// bytes `countersign v1.`, the kind and the id.
    fn chain_start(self) -> ChainHead {
        let (kind, id) = match self {
            Self::Callback(id) => (Kind::Callback, id.0),
            Self::Credential(id) => (Kind::Credential, id.0),
            Self::StepUp(id) => (Kind::StepUp, id.0),
            Self::StepUpLimit(id) => (Kind::StepUpLimit, id.0),
        };
        let mut start = [0; 32];
        let pieces = b"countersign v1.".iter().copied().chain([kind.number()]).chain(id);
        for (to, from) in start.iter_mut().zip(pieces) {
            *to = from;
        }
        ChainHead(start)
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Actor {
    /// The customer, through their authenticated app.
    Customer,
    /// This agent, through their desktop.
    Agent(AgentId),
    /// Nobody: time passed.
    Clock,
    /// The enterprise's back end.
    BackEnd,
}

/// What was done or tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Action {
    /// A callback was booked.
    Book,
    /// A booking was amended.
    Amend,
    /// A booking was cancelled.
    Cancel,
    /// The secret was shown to an agent to read out.
    Reveal,
    /// The customer recognised the caller.
    Recognise,
    /// The customer did not recognise the caller.
    NotRecognise,
    /// The customer reported a caller although nothing had been revealed to anyone: an impostor.
    Report,
    /// The agent gave up: nobody answered.
    Abandon,
    /// The time ran out.
    Expire,
    /// A credential was enrolled.
    Enrol,
    /// A credential was imported by the back end.
    Import,
    /// A credential was confirmed with its first code.
    Confirm,
    /// A credential was revoked.
    Revoke,
    /// A credential was unlocked by the back end.
    Unlock,
    /// A code was checked.
    Verify,
    /// Two codes were checked, to find an authenticator's clock or counter again.
    Resync,
    /// A credential was locked for a while.
    Lock,
    /// A few more failures in a row will disable the credential: alert the customer.
    WarnOfBlock,
    /// A credential was disabled for good.
    Disable,
    /// An agent asked for a step-up.
    RequestStepUp,
    /// The customer approved a step-up.
    Approve,
    /// The customer declined a step-up.
    Decline,
    /// A grant was redeemed.
    Redeem,
}

impl Action {
    const ALL: [Self; 23] = [
        Self::Book,
        Self::Amend,
        Self::Cancel,
        Self::Reveal,
        Self::Recognise,
        Self::NotRecognise,
        Self::Report,
        Self::Abandon,
        Self::Expire,
        Self::Enrol,
        Self::Import,
        Self::Confirm,
        Self::Revoke,
        Self::Unlock,
        Self::Verify,
        Self::Resync,
        Self::Lock,
        Self::WarnOfBlock,
        Self::Disable,
        Self::RequestStepUp,
        Self::Approve,
        Self::Decline,
        Self::Redeem,
    ];

    /// The number in records and hashes. It never changes its meaning.
    const fn number(self) -> u8 {
        match self {
            Self::Book => 1,
            Self::Amend => 2,
            Self::Cancel => 3,
            Self::Reveal => 4,
            Self::Recognise => 5,
            Self::NotRecognise => 6,
            Self::Report => 7,
            Self::Abandon => 8,
            Self::Expire => 9,
            // From 31 on: credentials and step-ups.
            Self::Enrol => 31,
            Self::Import => 32,
            Self::Confirm => 33,
            Self::Revoke => 34,
            Self::Unlock => 35,
            Self::Verify => 36,
            Self::Resync => 37,
            Self::Lock => 38,
            Self::WarnOfBlock => 39,
            Self::Disable => 40,
            Self::RequestStepUp => 41,
            Self::Approve => 42,
            Self::Decline => 43,
            Self::Redeem => 44,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.number() == number)
    }
}

/// Whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[allow(clippy::exhaustive_enums, reason = "it was done or it was refused")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, for this reason.
    Refused(Reason),
}

silent_serde! {
    Subject: "a ceremony: its kind and id",
    Actor: "an actor of a history",
    Action: "an action of a history",
    Outcome: "an outcome of a history",
    HistoryEvent: "an event of a history",
    CeremonyHistory: "a history",
}

/// What a step of a ceremony wants recorded; the driver adds when, and its operation id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) actor: Actor,
    pub(crate) action: Action,
    pub(crate) interaction: Option<InteractionId>,
    pub(crate) outcome: Outcome,
}

/// One event of a ceremony's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct HistoryEvent {
    /// Its number within the ceremony, from 0.
    pub number: u32,
    /// When it happened, never earlier than the event before.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done or tried.
    pub action: Action,
    /// In which interaction, if in one.
    pub interaction: Option<InteractionId>,
    /// Whether it was done.
    pub outcome: Outcome,
    /// The operation that wrote it: random, unique.
    pub operation: OperationId,
    /// The event as it stands in the record, which the chain covers: what a later version of this
    /// crate adds to an event is kept here by an earlier one.
    encoded: Encoded,
}

/// The bytes of an event. In text lower-case Crockford base32.
#[derive(Clone, PartialEq, Eq)]
struct Encoded(Box<[u8]>);

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base32(&self.0))
    }
}

impl Serialize for Encoded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "an encoded event as text", |text| {
            bytes_from_base32(text).map(|bytes| Self(bytes.into())).ok_or(InvalidId::Malformed)
        })
    }
}

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub(crate) [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_base32(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                from_base32(text).map(Self).ok_or(InvalidId::Malformed)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer, $what, Self::from_str)
            }
        }
    };
}

opaque! {
    /// Names one write. In text 26 characters of lower-case Crockford base32.
    OperationId, 16, "an operation id as text"
}
opaque! {
    /// The end of a hash chain: it stands for every event before it, in their order. In text 52
    /// characters of lower-case Crockford base32.
    ChainHead, 32, "a chain head as text"
}

impl ChainHead {
    /// The head after one more event: SHA-256(PAE("countersign history link v1", head, event)).
    fn link(&self, event: &[u8]) -> Self {
        Self(pae::sha256(&[b"countersign history link v1", &self.0, event]))
    }
}

/// The history of one ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct CeremonyHistory {
    /// Which ceremony.
    pub subject: Subject,
    /// What happened, in order.
    pub events: Vec<HistoryEvent>,
    /// How many attempts were refused in all. The first [`LISTED_REFUSALS`] stand among the events.
    /// The number itself is covered by the record's seal and by receipts, but not by the head.
    pub refusals: u32,
    /// The end of the hash chain over the subject and the events.
    pub head: ChainHead,
}

/// Events were edited, reordered, added or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the events do not lead to the head of the history")]
#[non_exhaustive]
pub struct BrokenHistory;

impl CeremonyHistory {
    /// Checks that the events, as they stand, lead to the head. A host that archives histories
    /// elsewhere checks them with this; the crate has checked those that it returns.
    ///
    /// # Errors
    ///
    /// [`BrokenHistory`] if events were edited, reordered, added or left out.
    pub fn verify(&self) -> Result<(), BrokenHistory> {
        self.heads().map(drop)
    }

    /// The heads of the chain after no event, after one, and so on, if the last is the head.
    pub(crate) fn heads(&self) -> Result<Vec<ChainHead>, BrokenHistory> {
        let mut head = self.subject.chain_start();
        let mut heads = vec![head];
        for (number, event) in self.events.iter().enumerate() {
            // What is shown of an event is what the chain covers.
            let shown = HistoryEvent::decode(&event.encoded.0).map_err(|_| BrokenHistory)?;
            if shown != *event || usize::try_from(event.number) != Ok(number) {
                return Err(BrokenHistory);
            }
            head = head.link(&event.encoded.0);
            heads.push(head);
        }
        if head == self.head { Ok(heads) } else { Err(BrokenHistory) }
    }
}

/// The chain as it stands in a record: encoded events, so that what an older version of this crate
/// does not know of an event is kept and stays covered by the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// How many events there are.
    count: u32,
    /// The events, each as a CBOR byte string, one after the other.
    events: Vec<u8>,
    refusals: u32,
    head: ChainHead,
}

impl Chain {
    pub(crate) fn start(subject: Subject) -> Self {
        Self { count: 0, events: Vec::new(), refusals: 0, head: subject.chain_start() }
    }

    /// Adds what `note` says; a refusal beyond those listed is counted only.
    pub(crate) fn append(&mut self, note: &Note, at: Timestamp, operation: OperationId) {
        if matches!(note.outcome, Outcome::Refused(_)) {
            self.refusals = self.refusals.saturating_add(1);
            if self.refusals > LISTED_REFUSALS {
                return;
            }
        }
        let event = body::to_vec(&NewEvent { number: self.count, at, note, operation });
        self.head = self.head.link(&event);
        self.count = self.count.saturating_add(1);
        body::append_bytes(&event, &mut self.events);
    }

    /// Whether an event was written by `operation`.
    pub(crate) fn mentions(&self, operation: OperationId) -> bool {
        self.decoded().is_ok_and(|events| events.iter().any(|event| event.operation == operation))
    }

    fn decoded(&self) -> Result<Vec<HistoryEvent>, Malformed> {
        self.encoded()?.into_iter().map(HistoryEvent::decode).collect()
    }

    fn encoded(&self) -> Result<Vec<&[u8]>, Malformed> {
        In::whole(&self.events, |from| (0..self.count).map(|_| from.bytes()).collect())
    }

    /// The events in the open, checked against the head.
    pub(crate) fn read(&self, subject: Subject) -> Result<CeremonyHistory, RecordError> {
        let encoded = self.encoded().map_err(|_| RecordError::Damaged)?;
        let head = encoded.iter().fold(subject.chain_start(), |head, event| head.link(event));
        if head != self.head {
            return Err(RecordError::Damaged);
        }
        let events = encoded.into_iter().map(HistoryEvent::decode).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(|_| RecordError::UnknownEvent)?;
        let history = CeremonyHistory { subject, events, refusals: self.refusals, head: self.head };
        history.verify().map_err(|_| RecordError::Damaged)?;
        Ok(history)
    }

    pub(crate) fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut events, mut refusals, mut head) = (None, 0, None);
        from.map(|key, from| {
            match key {
                0 => events = Some(from.list_of_bytes()?),
                1 => refusals = from.u32()?,
                2 => head = Some(ChainHead(from.array_of()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let (count, events) = events.ok_or(Malformed)?;
        Ok(Self { count, events: events.to_vec(), refusals, head: head.ok_or(Malformed)? })
    }
}

impl Encode for Chain {
    fn encode<W: minicbor::encode::Write<Error = core::convert::Infallible>>(
        &self,
        to: &mut Out<W>,
    ) {
        to.map(3);
        to.entry(0, |to| to.list_of_bytes(self.count, &self.events));
        to.entry(1, |to| to.u64(self.refusals.into()));
        to.entry(2, |to| to.bytes(&self.head.0));
    }
}

/// An event as it is first written.
struct NewEvent<'a> {
    number: u32,
    at: Timestamp,
    note: &'a Note,
    operation: OperationId,
}

impl Encode for NewEvent<'_> {
    fn encode<W: minicbor::encode::Write<Error = core::convert::Infallible>>(
        &self,
        to: &mut Out<W>,
    ) {
        let Note { actor, action, interaction, outcome } = self.note;
        let agent = match actor {
            Actor::Agent(id) => Some(id),
            Actor::Customer | Actor::Clock | Actor::BackEnd => None,
        };
        to.map(6 + u64::from(interaction.is_some()) + u64::from(agent.is_some()));
        to.entry(0, |to| to.u64(self.number.into()));
        to.entry(1, |to| to.u64(self.at.unix()));
        to.entry(2, |to| match actor {
            Actor::Customer => to.u64(1),
            Actor::Clock => to.u64(2),
            Actor::Agent(_) => to.u64(3),
            Actor::BackEnd => to.u64(4),
        });
        to.entry(3, |to| to.u64(action.number().into()));
        if let Some(interaction) = interaction {
            to.entry(4, |to| to.str(interaction.as_str()));
        }
        to.entry(5, |to| match outcome {
            Outcome::Done => to.u64(0),
            Outcome::Refused(reason) => to.u64(reason.number().into()),
        });
        to.entry(6, |to| to.bytes(&self.operation.0));
        if let Some(agent) = agent {
            to.entry(7, |to| to.str(agent.as_str()));
        }
    }
}

impl HistoryEvent {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (mut number, mut at, mut actor, mut action) = (None, None, None, None);
        let (mut interaction, mut outcome, mut operation, mut agent) = (None, None, None, None);
        In::whole(bytes, |from| {
            from.map(|key, from| {
                match key {
                    0 => number = Some(from.u32()?),
                    1 => at = Some(Timestamp::from_unix(from.u64()?)),
                    2 => actor = Some(from.u8()?),
                    3 => action = Some(Action::from_number(from.u8()?).ok_or(Malformed)?),
                    4 => interaction = Some(from.parsed()?),
                    5 => {
                        outcome = Some(match from.u8()? {
                            0 => Outcome::Done,
                            number => {
                                Outcome::Refused(Reason::from_number(number).ok_or(Malformed)?)
                            }
                        });
                    }
                    6 => operation = Some(OperationId(from.array_of()?)),
                    7 => agent = Some(from.parsed()?),
                    _ => return Ok(false),
                }
                Ok(true)
            })
        })?;
        Ok(Self {
            number: number.ok_or(Malformed)?,
            at: at.ok_or(Malformed)?,
            actor: match (actor, agent) {
                (Some(1), None) => Actor::Customer,
                (Some(2), None) => Actor::Clock,
                (Some(3), Some(id)) => Actor::Agent(id),
                (Some(4), None) => Actor::BackEnd,
                _ => return Err(Malformed),
            },
            action: action.ok_or(Malformed)?,
            interaction,
            outcome: outcome.ok_or(Malformed)?,
            operation: operation.ok_or(Malformed)?,
            encoded: Encoded(Box::from(bytes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Actor, Chain, Note, OperationId, Outcome, Subject};
    use crate::body::{self, In};
    use crate::error::RecordError;
    use crate::id::CallbackId;
    use crate::time::Timestamp;

    const SUBJECT: Subject = Subject::Callback(CallbackId([9; 16]));

    fn chain() -> Chain {
        let mut chain = Chain::start(SUBJECT);
        for (n, action) in (0..).zip([Action::Book, Action::Amend, Action::Cancel]) {
            let note =
                Note { actor: Actor::Customer, action, interaction: None, outcome: Outcome::Done };
            chain.append(&note, Timestamp::from_unix(n), OperationId([7; 16]));
        }
        chain
    }

    /// The chain with its encoded events changed.
    fn changed(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Chain {
        let mut chain = chain();
        let mut events = In::whole(&chain.events, |from| {
            (0..3).map(|_| Ok(from.bytes()?.to_vec())).collect::<Result<Vec<_>, _>>()
        })
        .unwrap();
        change(&mut events);
        chain.count = events.len().try_into().unwrap();
        chain.events.clear();
        for event in events {
            body::append_bytes(&event, &mut chain.events);
        }
        chain
    }

    /// What the owner of the root keys could do to a record is noticed all the same.
    #[test]
    fn events_edited_reordered_or_missing_in_a_record_are_noticed() {
        assert!(changed(|_| {}).read(SUBJECT).is_ok());
        assert!(chain().read(Subject::Callback(CallbackId([8; 16]))).is_err(), "another's");
        for at in 0..3 {
            let missing = changed(|events| drop(events.remove(at)));
            assert!(missing.read(SUBJECT).is_err(), "event {at} missing");
            let doubled = changed(|events| events.insert(at, events[at].clone()));
            assert!(doubled.read(SUBJECT).is_err(), "event {at} doubled");
            for byte in 0..20 {
                let edited = changed(|events| events[at][byte] ^= 1);
                assert!(edited.read(SUBJECT).is_err(), "byte {byte} of event {at} edited");
            }
        }
        assert!(changed(|events| events.swap(0, 1)).read(SUBJECT).is_err(), "reordered");
        let mut headless = chain();
        headless.head.0[0] ^= 1;
        assert!(headless.read(SUBJECT).is_err(), "another head");
    }

    /// An event with one member more, and one with an action that nobody here knows.
    #[test]
    fn what_a_later_version_adds_to_an_event_stays_covered_by_the_head() {
        let extended = |to: &mut Vec<u8>| {
            // The map gets one member more: 8 => true.
            to[0] += 1;
            to.extend_from_slice(&[0x08, 0xF5]);
        };
        let mut chain = changed(|events| extended(&mut events[2]));
        assert_eq!(chain.read(SUBJECT), Err(RecordError::Damaged), "the head speaks of another");
        relink(&mut chain);
        let history = chain.read(SUBJECT).unwrap();
        let archived = serde_json::to_string(&history).unwrap();
        let archived: super::CeremonyHistory = serde_json::from_str(&archived).unwrap();
        assert_eq!(archived.verify(), Ok(()));

        let mut chain = changed(|events| {
            let action = events[2].windows(2).position(|pair| pair == [3, 3]).unwrap();
            events[2].splice(action + 1..action + 2, [0x18, 0xC8]);
        });
        relink(&mut chain);
        assert_eq!(chain.read(SUBJECT), Err(RecordError::UnknownEvent));
    }

    /// The numbers are checked too, although the head covers them: a history need not come from here.
    #[test]
    fn events_are_numbered_from_nought() {
        let mut history = chain().read(SUBJECT).unwrap();
        let second = changed(|events| drop(events.remove(0)));
        let mut renumbered = second;
        relink(&mut renumbered);
        assert_eq!(renumbered.read(SUBJECT), Err(RecordError::Damaged));
        history.events.remove(0);
        history.head = renumbered.head;
        assert!(history.verify().is_err());
    }

    fn relink(chain: &mut Chain) {
        chain.head = chain
            .encoded()
            .unwrap()
            .into_iter()
            .fold(SUBJECT.chain_start(), |head, event| head.link(event));
    }

    #[test]
    fn a_chain_survives_its_encoding() {
        let bytes = body::to_vec(&chain());
        assert_eq!(In::whole(&bytes, Chain::decode), Ok(chain()));
    }
}
