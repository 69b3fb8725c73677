//! The hash chain of a history, as it stands in a record: how events are encoded, linked and read.

use std::borrow::Cow;

use crate::codec::cbor as body;
use crate::codec::cbor::{ByteStrings, Decode, In, Malformed};
use crate::codec::table::record;
use crate::error::{Reason, RecordError};
use crate::history::ceremony::{CeremonyHistory, Earlier};
use crate::history::event::{
    Action, Actor, ChainHead, Encoded, EventDraft, HistoryEvent, OperationId, Outcome, Subject,
};
use crate::policy::{LISTED_EVENTS, LISTED_REFUSALS};
use crate::step_up::who_rang::WhoRang;
use crate::values::id::{AgentId, InteractionId, StepUpId};
use crate::values::time::Timestamp;

/// Room for all but events with very long ids.
const USUAL_EVENT_LEN: usize = 160;

/// The chain as it stands in a record: encoded events, so that what an older version of this crate
/// does not know of an event is kept and stays covered by the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// What is no longer listed.
    earlier: Option<Earlier>,
    /// How many events are listed.
    count: u32,
    /// These events, each as a CBOR byte string, one after the other.
    events: Vec<u8>,
    refusals: u32,
    head: ChainHead,
}

impl Chain {
    pub(crate) fn start(subject: Subject) -> Self {
        let head = subject.chain_start();
        Self { earlier: None, count: 0, events: Vec::new(), refusals: 0, head }
    }

    /// Adds what `note` says; a refusal beyond those listed is counted only, and beyond so many events
    /// the first one makes way.
    pub(crate) fn append(
        &mut self,
        subject: Subject,
        note: &EventDraft,
        at: Timestamp,
        operation: OperationId,
    ) {
        if matches!(note.outcome, Outcome::Refused(_)) {
            self.refusals = self.refusals.saturating_add(1);
            if self.refused_lately() >= LISTED_REFUSALS {
                return;
            }
        }
        self.make_way(subject);
        let number = self.count.saturating_add(self.earlier.map_or(0, |earlier| earlier.events));
        let mut event = Vec::with_capacity(USUAL_EVENT_LEN);
        let note = Cow::Borrowed(note);
        body::grow(&Noted { number, at, note, operation }, &mut event);
        self.head = self.head.link(&event);
        self.count = self.count.saturating_add(1);
        body::append_bytes(&event, &mut self.events);
    }

    /// How many refusals there are after the last thing that was done.
    fn refused_lately(&self) -> u32 {
        let events = self.decoded().unwrap_or_default();
        let refused = |event: &&HistoryEvent| matches!(event.outcome, Outcome::Refused(_));
        u32::try_from(events.iter().rev().take_while(refused).count()).unwrap_or(u32::MAX)
    }

    /// Lets the first event go, if as many are listed as may be.
    fn make_way(&mut self, subject: Subject) {
        if self.count < LISTED_EVENTS {
            return;
        }
        let before = self.earlier.unwrap_or(Earlier { events: 0, head: subject.chain_start() });
        let Some((head, kept)) = self.encoded().ok().and_then(|events| {
            let (first, rest) = events.split_first()?;
            let mut kept = Vec::with_capacity(self.events.len().saturating_add(USUAL_EVENT_LEN));
            rest.iter().for_each(|event| body::append_bytes(event, &mut kept));
            Some((before.head.link(first), kept))
        }) else {
            // A damaged record: it says so when it is read.
            return;
        };
        self.earlier = Some(Earlier { events: before.events.saturating_add(1), head });
        self.count = self.count.saturating_sub(1);
        self.events = kept;
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
        let start = self.earlier.map_or_else(|| subject.chain_start(), |earlier| earlier.head);
        let head = encoded.iter().fold(start, |head, event| head.link(event));
        if head != self.head {
            return Err(RecordError::Damaged);
        }
        let events = encoded.into_iter().map(HistoryEvent::decode).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(|_| RecordError::UnknownEvent)?;
        let Self { earlier, refusals, head, .. } = *self;
        let history = CeremonyHistory { subject, earlier, events, refusals, head };
        history.verify().map_err(|_| RecordError::Damaged)?;
        Ok(history)
    }
}

record! {
    Chain as chain {
        0 => listed: ByteStrings<'_> = ByteStrings { count: chain.count, encoded: &chain.events },
        1 else 0 => refusals,
        2 => head,
        3 => before: Option<u32> = chain.earlier.map(|earlier| earlier.events),
        4 => before_head: Option<ChainHead> = chain.earlier.map(|earlier| earlier.head),
    } {
        let ByteStrings { count, encoded } = listed;
        // Whoever reads a record mostly adds an event to it.
        let room = encoded.len().saturating_add(USUAL_EVENT_LEN);
        let mut events = Vec::with_capacity(room);
        events.extend_from_slice(encoded);
        let earlier = match (before, before_head) {
            (None, None) => None,
            (Some(events), Some(head)) => Some(Earlier { events, head }),
            _ => return Err(Malformed),
        };
        Ok(Self { earlier, count, events, refusals, head })
    }
}

/// An event as it is encoded.
struct Noted<'a> {
    number: u32,
    at: Timestamp,
    note: Cow<'a, EventDraft>,
    operation: OperationId,
}

record! {
    Noted<'_> as noted {
        let EventDraft { actor, action, interaction, outcome, step_up, who_rang } = &*noted.note;
        let (actor, agent) = match actor {
            Actor::Customer => (1_u8, None),
            Actor::Clock => (2, None),
            Actor::Agent(id) => (3, Some(id)),
            Actor::BackEnd => (4, None),
            Actor::Approver => (5, None),
        };
        let outcome = match outcome {
            Outcome::Done => 0,
            Outcome::Refused(reason) => reason.number(),
        };
        0 => number,
        1 => at,
        2 => actor: u8 = actor,
        3 => action: Action = action,
        4 => interaction: Option<InteractionId> = interaction,
        5 => outcome: u8 = outcome,
        6 => operation,
        7 => agent: Option<AgentId> = agent,
        8 => step_up: Option<StepUpId> = step_up,
        // 9 stands in kept vectors as a key that nobody knows.
        10 => who_rang: Option<WhoRang> = *who_rang,
    } {
        let actor = match (actor, agent) {
            (1, None) => Actor::Customer,
            (2, None) => Actor::Clock,
            (3, Some(id)) => Actor::Agent(id),
            (4, None) => Actor::BackEnd,
            (5, None) => Actor::Approver,
            _ => return Err(Malformed),
        };
        let outcome = match outcome {
            0 => Outcome::Done,
            number => Outcome::Refused(Reason::from_number(number).ok_or(Malformed)?),
        };
        let note = EventDraft { actor, action, interaction, outcome, step_up, who_rang };
        let note = Cow::Owned(note);
        Ok(Self { number, at, note, operation })
    }
}

/// An event on its own, as news of it is kept.
pub(crate) fn encoded_alone(note: &EventDraft, at: Timestamp, operation: OperationId) -> Vec<u8> {
    let mut event = Vec::with_capacity(USUAL_EVENT_LEN);
    body::grow(&Noted { number: 0, at, note: Cow::Borrowed(note), operation }, &mut event);
    event
}

impl HistoryEvent {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let Noted { number, at, note, operation } = In::whole(bytes, Decode::decode)?;
        let EventDraft { actor, action, interaction, outcome, step_up, who_rang } =
            note.into_owned();
        let encoded = Encoded(Box::from(bytes));
        Ok(Self {
            number,
            at,
            actor,
            action,
            interaction,
            outcome,
            step_up,
            who_rang,
            operation,
            encoded,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Actor, Chain, Earlier, EventDraft, OperationId, Outcome, Subject};
    use crate::codec::cbor as body;
    use crate::codec::cbor::{Decode, In};
    use crate::error::Reason;
    use crate::error::RecordError;
    use crate::values::id::CallbackId;
    use crate::values::time::Timestamp;

    const SUBJECT: Subject = Subject::Callback(CallbackId([9; 16]));

    fn chain() -> Chain {
        let mut chain = Chain::start(SUBJECT);
        for (n, action) in (0..).zip([Action::Book, Action::Amend, Action::Cancel]) {
            let note = EventDraft {
                actor: Actor::Customer,
                action,
                interaction: None,
                outcome: Outcome::Done,
                step_up: None,
                who_rang: None,
            };
            chain.append(SUBJECT, &note, Timestamp::from_unix(n), OperationId([7; 16]));
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
            // The map gets one member more: 9 => true.
            to[0] += 1;
            to.extend_from_slice(&[0x09, 0xF5]);
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
        for chain in [chain(), long(1000)] {
            let bytes = body::to_vec(&chain);
            assert_eq!(In::whole(&bytes, Chain::decode), Ok(chain));
        }
    }

    fn noted(outcome: Outcome) -> EventDraft {
        EventDraft { outcome, ..EventDraft::by(Actor::Customer, Action::Verify) }
    }

    fn long(events: u64) -> Chain {
        let mut chain = Chain::start(SUBJECT);
        for n in 0..events {
            let at = Timestamp::from_unix(n);
            chain.append(SUBJECT, &noted(Outcome::Done), at, OperationId([7; 16]));
        }
        chain
    }

    /// Otherwise whatever is in daily use for years would be written anew each time, all of it.
    #[test]
    fn the_first_events_make_way_and_stay_covered_by_the_head() {
        let (whole, longer) = (long(256).read(SUBJECT).unwrap(), long(1000));
        assert_eq!((whole.earlier, whole.events.len()), (None, 256));
        assert!(body::length(&longer) < body::length(&long(256)) + 600);
        let history = longer.read(SUBJECT).unwrap();
        assert_eq!((history.len(), history.events.len()), (1000, 256));
        assert_eq!(history.earlier.unwrap().events, 744);
        assert_eq!(history.events.iter().map(|event| event.number).collect::<Vec<_>>(), {
            (744..1000).collect::<Vec<_>>()
        });
        // Whoever kept the rest can tell that it belongs there.
        assert_eq!(history.earlier.unwrap().head, long(744).head);
        for change in [
            |chain: &mut Chain| chain.earlier = None,
            |chain: &mut Chain| chain.earlier.as_mut().unwrap().events += 1,
            |chain: &mut Chain| chain.earlier.as_mut().unwrap().head.0[0] ^= 1,
        ] {
            let mut changed = long(1000);
            change(&mut changed);
            assert_eq!(changed.read(SUBJECT), Err(RecordError::Damaged));
        }
    }

    /// The last number that can be counted to belongs to a history, and no event comes after it.
    #[test]
    fn a_chain_whose_events_cannot_be_counted_is_damaged() {
        let after = |before: u32| {
            let mut chain = Chain::start(SUBJECT);
            chain.earlier = Some(Earlier { events: before, head: SUBJECT.chain_start() });
            for _ in 0..2 {
                let (note, operation) = (noted(Outcome::Done), OperationId([7; 16]));
                chain.append(SUBJECT, &note, Timestamp::EPOCH, operation);
            }
            chain
        };
        let last = after(u32::MAX - 2).read(SUBJECT).unwrap();
        assert_eq!((last.len(), last.events[1].number), (u32::MAX, u32::MAX - 1));
        assert_eq!(after(u32::MAX - 1).read(SUBJECT), Err(RecordError::Damaged));
        assert_eq!(after(u32::MAX).read(SUBJECT), Err(RecordError::Damaged));
    }

    #[test]
    fn of_refusals_in_a_row_the_first_are_listed() {
        let mut chain = Chain::start(SUBJECT);
        let refused = noted(Outcome::Refused(Reason::WrongCode));
        for _ in 0..3 {
            for n in 0..20 {
                let at = Timestamp::from_unix(n);
                chain.append(SUBJECT, &refused, at, OperationId([7; 16]));
            }
            let done = noted(Outcome::Done);
            chain.append(SUBJECT, &done, Timestamp::from_unix(20), OperationId([7; 16]));
        }
        let history = chain.read(SUBJECT).unwrap();
        assert_eq!((history.refusals, history.events.len()), (60, 3 * 17));
    }
}
