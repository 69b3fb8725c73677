//! What becomes of a payment after it was authorised: captured, given up, given back. Each act is noted before the
//! acquirer is asked, and never for more than is left.

use crate::engine::rule::{Context, Decision, Event, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::reference::Reference;
use crate::payment::token::ReceiptData;
use crate::values::id::CustomerId;
use crate::vault::charge::act::{Act, FollowUp};
use crate::vault::charge::state::ChargeState;

/// How many acts are noted of one payment.
const MAX_ACTS: usize = 100;

impl ChargeState {
    /// The sum of one kind of act, as far as it is not known that it was not done.
    pub(crate) fn sum(&self, act: Act) -> u64 {
        self.sum_of(|one| one.act == act)
    }

    fn sum_of(&self, counts: impl Fn(&FollowUp) -> bool) -> u64 {
        let counted = self.follow_ups.iter().filter(|one| counts(one));
        counted.fold(0, |sum, one| sum.saturating_add(one.amount))
    }

    /// How much of a payment that was authorised there is left to do this with.
    fn left(&self, act: Act) -> u64 {
        let [captured, voided, refunded] = Act::ALL.map(|act| self.sum(act));
        let unvoided = self.terms.transaction.amount.saturating_sub(voided);
        // Many acquirers capture by themselves: then the vault knows of no capture, and after a refund there can be
        // none.
        let by_itself = captured == 0;
        match act {
            Act::Capture if by_itself && refunded > 0 => 0,
            Act::Refund if !by_itself => {
                // What may not have been captured is not given back.
                let done = self.sum_of(|one| one.act == Act::Capture && one.done.is_some());
                done.saturating_sub(refunded)
            }
            Act::Void | Act::Refund if by_itself => unvoided.saturating_sub(refunded),
            Act::Capture | Act::Void | Act::Refund => unvoided.saturating_sub(captured),
        }
    }
}

/// The enterprise wants it done. It is noted before the acquirer is asked.
pub(crate) struct Ask<'a> {
    pub(crate) customer: &'a CustomerId,
    /// Says which payment is meant.
    pub(crate) receipt: &'a ReceiptData,
    pub(crate) act: Act,
    pub(crate) key: [u8; 16],
    pub(crate) amount: u64,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Ask the acquirer.
    First,
    /// It may have been done, or another call is asking: ask again if the acquirer knows a key again.
    Again,
    /// Nothing: it was done.
    Done(Reference),
}

impl Rule<ChargeState> for Ask<'_> {
    type Outcome = (Asked, ChargeState);

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, self.act.action())
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<(Asked, ChargeState)> {
        if state.terms.customer != *self.customer {
            return Err(Reason::Unknown.into());
        }
        if !state.is_of(cx.id, self.receipt) {
            return Err(Reason::NotGenuine.into());
        }
        if !state.is_authorised() {
            return Err(Reason::NotAuthorised.into());
        }
        if let Some(known) = state.follow_ups.iter().find(|one| one.key == self.key) {
            if known.amount != self.amount {
                return Err(Invalid::RequestReused.into());
            }
            let asked = known.done.clone().map_or(Asked::Again, Asked::Done);
            return Ok(Ruling::repeated((asked, state.copy())));
        }
        if self.amount == 0 || self.amount > state.left(self.act) {
            return Err(Reason::AmountExceeded.into());
        }
        if state.follow_ups.len() >= MAX_ACTS {
            return Err(Reason::TooManyRequests.into());
        }
        let (act, key, amount) = (self.act, self.key, self.amount);
        state.follow_ups.push(FollowUp { act, key, amount, done: None });
        Ok(Ruling::done((Asked::First, state.copy())))
    }
}

/// The acquirer did it, or says that it did not and will not.
pub(crate) struct Answered<'a> {
    pub(crate) of: &'a Ask<'a>,
    pub(crate) done: Option<Reference>,
}

impl Event<ChargeState> for Answered<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<ChargeState>, cx: &Context<'_>) -> Decision<ChargeState, ()> {
        let Ask { receipt, act, key, amount, .. } = *self.of;
        let state = state.filter(|state| state.is_of(cx.id, receipt));
        let Some(mut state) = state else {
            return Decision::keep(None, Err(Reason::Unknown.into()));
        };
        let known = state.follow_ups.iter().position(|one| one.key == key);
        let stands = known.and_then(|at| state.follow_ups.get(at));
        if stands.is_some_and(|one| one.done.is_some()) {
            return Decision::keep(None, Ok(()));
        }
        let action = match (&self.done, known) {
            // It is noted though another call was told that it would not be done.
            (Some(_), at) => {
                let done = FollowUp { act, key, amount, done: self.done.clone() };
                match at.and_then(|at| state.follow_ups.get_mut(at)) {
                    Some(known) => *known = done,
                    None => state.follow_ups.push(done),
                }
                Action::ConfirmFollowUp
            }
            (None, Some(at)) => {
                state.follow_ups.remove(at);
                Action::RefuseFollowUp
            }
            (None, None) => return Decision::keep(None, Ok(())),
        };
        Decision::write(state, vec![EventDraft::by(Actor::BackEnd, action)], Ok(()))
    }
}
