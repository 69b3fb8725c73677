//! The rules of each ceremony as pure functions: state and event in, next state and result out.
//! No clock, no randomness, no I/O, no async; the driver in `engine` supplies all of them.

use crate::codec::cbor::{Decode, Encode, In, Malformed};
use crate::codec::table::record;
use crate::error::Failure;
use crate::history::chain::Chain;
use crate::history::event::{EventDraft, OperationId, Subject};
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::time::Timestamp;

/// What a rule may know besides state and event.
pub(crate) struct Context<'a> {
    /// The later of the clock and the last change of the record: locks and validity do not go back.
    pub(crate) now: Timestamp,
    /// The clock alone, for codes that are made from the time: one write by a machine whose clock is
    /// ahead must not make them wrong.
    pub(crate) clock: Timestamp,
    pub(crate) policy: &'a Policy,
    /// The record's own id.
    pub(crate) id: [u8; 16],
}

impl Context<'_> {
    /// Whether `from` was written by a machine whose clock is ahead of this one's by more than clocks
    /// may differ: what begins then has not begun, or it would last for as long as that clock was ahead.
    pub(crate) fn is_before(&self, from: Timestamp) -> bool {
        self.clock.after(self.policy.leeway) < from
    }
}

/// What a rule decided.
///
/// `next: None` writes nothing. A refusal that carries `next` is written before it is returned.
#[must_use]
pub(crate) struct Decision<C, O> {
    pub(crate) next: Option<C>,
    /// For the history, written together with `next`, and then for the observer.
    pub(crate) recorded: Vec<EventDraft>,
    /// For the observer alone, and new: what happens to a record that keeps no history.
    pub(crate) announced: Vec<EventDraft>,
    /// For the observer alone: refusals that leave no trace, and what was done before.
    pub(crate) told: Vec<EventDraft>,
    pub(crate) result: Result<O, Failure>,
}

impl<C, O> Decision<C, O> {
    /// The state changed, or an attempt on it is to be counted.
    pub(crate) fn write(next: C, recorded: Vec<EventDraft>, result: Result<O, Failure>) -> Self {
        Self { next: Some(next), recorded, announced: Vec::new(), told: Vec::new(), result }
    }

    /// Nothing is written: a repeated call, a refusal that leaves no trace, a request to mend.
    pub(crate) fn keep(told: Option<EventDraft>, result: Result<O, Failure>) -> Self {
        let told = Vec::from_iter(told);
        Self { next: None, recorded: Vec::new(), announced: Vec::new(), told, result }
    }

    /// Tells the observer that besides, which was done before.
    pub(crate) fn telling(mut self, again: impl IntoIterator<Item = EventDraft>) -> Self {
        self.told.extend(again);
        self
    }

    /// The same, but if time had run out unnoticed, that is written.
    pub(crate) fn with_expiry(mut self, state: C, expired: Option<EventDraft>) -> Self {
        if let Some(expired) = expired {
            self.next = Some(state);
            self.recorded.push(expired);
        }
        self
    }
}

impl<C> Decision<C, ()> {
    /// The state changed, and its record keeps no history.
    pub(crate) fn announce(next: C, announced: Vec<EventDraft>) -> Self {
        Self { announced, ..Self::write(next, Vec::new(), Ok(())) }
    }
}

/// The state of a ceremony, as it is sealed in its record.
pub(crate) trait State: Send + Encode + for<'b> Decode<'b> {
    const KIND: Kind;

    /// When the store may forget it: the last instant at which it could change, and then as long
    /// as the policy keeps histories.
    fn retain_until(&self, policy: &Policy) -> Timestamp;

    /// The public name of the ceremony with this id.
    fn subject(id: [u8; 16]) -> Subject;

    /// What observers may see of it.
    fn view(&self, cx: &Context<'_>) -> View;

    /// Whether the time has run out without anyone having noted it. Kinds whose state says so by
    /// itself have nothing to note.
    fn overdue(&self, _: &Context<'_>) -> bool {
        false
    }

    /// Ends it if it is overdue, and says so.
    fn expire_if_due(self, _: &Context<'_>) -> (Self, Option<EventDraft>) {
        (self, None)
    }
}

/// One thing that can happen to a ceremony; each kind of event is a type with its own outcome.
pub(crate) trait Event<C: State>: Sync {
    type Outcome: Send;

    fn apply(&self, state: Option<C>, cx: &Context<'_>) -> Decision<C, Self::Outcome>;
}

/// Time passes: what is overdue ends, and its secrets are burnt.
pub(crate) struct Expire;

impl<C: State> Event<C> for Expire {
    type Outcome = ();

    fn apply(&self, state: Option<C>, cx: &Context<'_>) -> Decision<C, ()> {
        match state.map(|state| state.expire_if_due(cx)) {
            Some((state, Some(expired))) => Decision::write(state, vec![expired], Ok(())),
            Some((_, None)) | None => Decision::keep(None, Ok(())),
        }
    }
}

/// The body of a record: a ceremony's state, its history, and what the driver needs to know.
pub(crate) struct Body<C> {
    /// When it was last written; time does not go back behind this.
    pub(crate) updated: Timestamp,
    /// The operation that wrote it, so that one whose answer was lost is recognised.
    pub(crate) operation: OperationId,
    pub(crate) history: Chain,
    pub(crate) state: C,
}

impl<C: State> Body<C> {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        In::whole(bytes, Decode::decode)
    }

    /// Whether `operation` made one of the changes that led to this body.
    pub(crate) fn written_by(&self, operation: OperationId) -> bool {
        self.operation == operation || self.history.mentions(operation)
    }
}

record! { <C: State> Body<C> { 0 => updated, 1 => operation, 2 => history, 3 => state } }
