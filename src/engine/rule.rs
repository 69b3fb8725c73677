//! What a rule is: a pure function, state and event in, next state and result out ([`Event`], [`Rule`], and what they
//! decide: [`Ruling`], [`Decision`]). No clock, no randomness, no I/O, no async; the driver in `engine` supplies all
//! of them.

use crate::codec::cbor::{Decode, Encode, In, Malformed};
use crate::codec::table::record;
use crate::error::{Failure, Invalid, Reason};
use crate::history::chain::Chain;
use crate::history::event::{Action, Actor, EventDraft, OperationId, Subject};
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::now::{RecordTime, WallClock};
use crate::values::time::Timestamp;

/// What a rule may know besides state and event.
pub(crate) struct Context<'a> {
    /// For locks, windows and validity.
    pub(crate) now: RecordTime,
    /// For codes that are made from the time.
    pub(crate) clock: WallClock,
    pub(crate) policy: &'a Policy,
    /// The record's own id.
    pub(crate) id: [u8; 16],
}

impl<'a> Context<'a> {
    /// For the record `id`, last changed when `updated` says, by a clock that shows `clock`.
    pub(crate) fn of(
        id: [u8; 16],
        updated: Timestamp,
        clock: Timestamp,
        policy: &'a Policy,
    ) -> Self {
        let clock = WallClock::shows(clock);
        Self { now: RecordTime::of(clock, updated), clock, policy, id }
    }

    /// Whether `from` was written by a machine whose clock is ahead of this one's by more than clocks
    /// may differ: what begins then has not begun, or it would last for as long as that clock was ahead.
    pub(crate) fn is_before(&self, from: Timestamp) -> bool {
        self.clock.after(self.policy.leeway) < from
    }
}

/// What becomes of a record.
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
}

/// The state of a ceremony, as it is sealed in its record.
pub(crate) trait State: Send + Encode + for<'b> Decode<'b> {
    const KIND: Kind;

    /// When the store may forget it: the last instant at which it could change, and then as long
    /// as the policy keeps histories.
    fn retain_until(&self, policy: &Policy) -> Timestamp;

    /// Whether lists and histories show it, newest first.
    const LISTED: bool = true;

    /// Until when something depends on it: what is to be found without reading all that is kept of a
    /// customer. [`Timestamp::EPOCH`] if nothing does.
    fn live_until(&self, policy: &Policy) -> Timestamp;

    /// The public name of the ceremony with this id.
    fn subject(id: [u8; 16]) -> Subject;

    /// What observers may see of it.
    fn view(&self, cx: &Context<'_>) -> View;

    /// Whether the time has run out without anyone having noted it. Kinds whose state says so by
    /// itself have nothing to note.
    fn overdue(&self, _: &Context<'_>) -> bool {
        false
    }

    /// Its time runs out.
    fn expire(&mut self) {}

    /// Ends it if it is overdue, and says so.
    fn expire_if_due(&mut self, cx: &Context<'_>) -> Option<EventDraft> {
        if !self.overdue(cx) {
            return None;
        }
        self.expire();
        Some(EventDraft::by(Actor::Clock, Action::Expire))
    }
}

/// One thing that can happen to a ceremony; each kind of event is a type with its own outcome.
pub(crate) trait Event<C: State>: Sync {
    type Outcome: Send;

    fn apply(&self, state: Option<C>, cx: &Context<'_>) -> Decision<C, Self::Outcome>;
}

/// An event with one note, about a ceremony that there is. What all such events have in common is done here:
/// an id that nobody knows is refused, what is overdue ends first, and what was decided is noted.
pub(crate) trait Rule<C: State>: Sync {
    type Outcome: Send;

    /// What becomes of the note of a refusal.
    const REFUSALS: Trace = Trace::Told;

    /// Who does what.
    fn note(&self) -> EventDraft;

    /// Whether it may be about a ceremony that there is. Looked at before what is overdue ends, for what
    /// compares secrets: they are burnt then.
    fn is_same(&self, _: &C) -> Result<(), Invalid> {
        Ok(())
    }

    /// What becomes of a ceremony that there is, and that is not overdue. `Err` refuses, and leaves it as
    /// it is.
    fn decide(&self, state: &mut C, cx: &Context<'_>) -> Ruled<Self::Outcome>;

    /// What becomes of one that there is not: unless this begins it, nobody knows the id.
    fn begin(&self, _: &Context<'_>) -> Beginning<C, Self::Outcome> {
        Err(Reason::Unknown.into())
    }
}

impl<C: State, R: Rule<C>> Event<C> for R {
    type Outcome = R::Outcome;

    fn apply(&self, state: Option<C>, cx: &Context<'_>) -> Decision<C, R::Outcome> {
        let Some(mut state) = state else {
            return match self.begin(cx) {
                Ok((begun, ruling)) => ruling.noted(begun, None, self.note()),
                Err(failure) => Ruling::refused(failure).noted(None, None, self.note()),
            };
        };
        if let Err(invalid) = self.is_same(&state) {
            return Decision::keep(None, Err(invalid.into()));
        }
        let expired = state.expire_if_due(cx);
        let ruling = self
            .decide(&mut state, cx)
            .unwrap_or_else(|failure| Ruling { trace: R::REFUSALS, ..Ruling::refused(failure) });
        ruling.noted(Some(state), expired, self.note())
    }
}

/// Where it is noted what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trace {
    /// In the history: the state has changed, or the attempt counts.
    Recorded,
    /// The state has changed, and the observer alone hears of it.
    Unrecorded,
    /// The state has changed, and the observer is told of what was done before.
    #[cfg_attr(not(feature = "cards"), allow(dead_code, reason = "payments alone need it"))]
    Again,
    /// Nothing has changed, and yet it is news for the observer.
    Announced,
    /// Nothing has changed, and the observer is told: of a refusal, or of what was done before.
    Told,
    /// Nowhere: nothing has changed.
    Nowhere,
}

/// What a rule decided, or why it refuses and leaves everything as it is.
pub(crate) type Ruled<O> = Result<Ruling<O>, Failure>;

/// The ceremony that a rule began, if it did, or why it refuses.
pub(crate) type Beginning<C, O> = Result<(Option<C>, Ruling<O>), Failure>;

/// What a rule decided.
#[must_use]
pub(crate) struct Ruling<O> {
    trace: Trace,
    /// Noted instead of the rule's own note.
    instead: Option<EventDraft>,
    /// What follows from it, noted where it is.
    then: Vec<EventDraft>,
    /// What was done before, and is told once more.
    again: Vec<EventDraft>,
    result: Result<O, Failure>,
}

impl<O> Ruling<O> {
    const fn new(trace: Trace, result: Result<O, Failure>) -> Self {
        Self { trace, instead: None, then: Vec::new(), again: Vec::new(), result }
    }

    /// It is done: the state has changed.
    pub(crate) const fn done(outcome: O) -> Self {
        Self::new(Trace::Recorded, Ok(outcome))
    }

    /// The same, where the history would grow without end.
    pub(crate) const fn done_unrecorded(outcome: O) -> Self {
        Self::new(Trace::Unrecorded, Ok(outcome))
    }

    /// It was done before, and is begun once more: when is noted.
    #[cfg_attr(not(feature = "cards"), allow(dead_code, reason = "payments alone need it"))]
    pub(crate) const fn again(outcome: O) -> Self {
        Self::new(Trace::Again, Ok(outcome))
    }

    /// It is done, and nothing has changed by it.
    pub(crate) const fn announced(outcome: O) -> Self {
        Self::new(Trace::Announced, Ok(outcome))
    }

    /// It was done before.
    pub(crate) const fn repeated(outcome: O) -> Self {
        Self::new(Trace::Told, Ok(outcome))
    }

    /// There is nothing to do, and nothing to tell.
    pub(crate) const fn nothing(outcome: O) -> Self {
        Self::new(Trace::Nowhere, Ok(outcome))
    }

    /// A refusal that leaves no trace.
    pub(crate) fn refused(why: impl Into<Failure>) -> Self {
        Self::new(Trace::Told, Err(why.into()))
    }

    /// A refusal by which the state has changed.
    pub(crate) fn counted(why: impl Into<Failure>) -> Self {
        Self::new(Trace::Recorded, Err(why.into()))
    }

    /// Noted as this, and not as the rule has it.
    pub(crate) fn noted_as(self, instead: EventDraft) -> Self {
        Self { instead: Some(instead), ..self }
    }

    /// And this follows from it.
    pub(crate) fn then(self, then: impl IntoIterator<Item = EventDraft>) -> Self {
        Self { then: then.into_iter().collect(), ..self }
    }

    /// Tells the observer that besides, which was done before.
    pub(crate) fn telling(self, again: impl IntoIterator<Item = EventDraft>) -> Self {
        Self { again: again.into_iter().collect(), ..self }
    }

    /// What that comes to for `state`, which has `expired` unless it was noted before.
    fn noted<C>(
        self,
        state: Option<C>,
        expired: Option<EventDraft>,
        own: EventDraft,
    ) -> Decision<C, O> {
        let Self { trace, instead, then, again, result } = self;
        let note = instead.or(match &result {
            Ok(_) => Some(own),
            // What is to be mended is no attempt.
            Err(failure) => failure.reason().map(|reason| own.refused(reason)),
        });
        let writes = matches!(trace, Trace::Recorded | Trace::Unrecorded | Trace::Again);
        let changed = writes || expired.is_some();
        let mut decision = Decision {
            next: state.filter(|_| changed),
            recorded: Vec::from_iter(expired),
            announced: Vec::new(),
            told: Vec::new(),
            result,
        };
        let noted = match trace {
            Trace::Recorded => Some(&mut decision.recorded),
            Trace::Unrecorded | Trace::Announced => Some(&mut decision.announced),
            Trace::Again | Trace::Told => Some(&mut decision.told),
            Trace::Nowhere => None,
        };
        if let Some(noted) = noted {
            noted.extend(note.into_iter().chain(then));
        }
        decision.told.extend(again);
        decision
    }
}

/// Time passes: what is overdue ends, and its secrets are burnt.
pub(crate) struct Expire;

impl<C: State> Rule<C> for Expire {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Clock, Action::Expire)
    }

    fn begin(&self, _: &Context<'_>) -> Beginning<C, ()> {
        Ok((None, Ruling::nothing(())))
    }

    fn decide(&self, _: &mut C, _: &Context<'_>) -> Ruled<()> {
        Ok(Ruling::nothing(()))
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
    /// How many pieces of news of it were ever put into the outbox: what numbers them.
    pub(crate) told: u64,
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

record! {
    <C: State> Body<C> {
        0 => updated,
        1 => operation,
        2 => history,
        3 => state,
        4 unless 0 => told,
    }
}
