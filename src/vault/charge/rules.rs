//! What happens to a payment at the vault.

use crate::engine::frame::{Context, Decision, Event};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::token::ReceiptData;
use crate::token::TokenId;
use crate::values::id::CustomerId;
use crate::vault::charge::state::ChargeState;

/// The customer's card has come in. It is noted before the acquirer is asked.
pub(crate) struct Begin<'a> {
    /// The id of the request's token.
    pub(crate) request: TokenId,
    pub(crate) digest: [u8; 32],
    /// Opens the card and says what is noted of it, if it is needed at all: not for what has ended. `Err`:
    /// it cannot be used, for this reason.
    pub(crate) made: &'a (dyn Fn() -> Result<ChargeState, Reason> + Sync),
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Ask the acquirer to authorise.
    First,
    /// It may have been charged: find out, and ask the acquirer to authorise if it was not.
    Again,
    /// It may have been charged: find out, no more. Whether "not found" is "not charged" by now.
    InDoubt {
        /// So it is.
        certain: bool,
    },
    /// Another call is asking the acquirer.
    Busy,
    /// Nothing: it has ended.
    Ended,
}

impl Event<ChargeState> for Begin<'_> {
    type Outcome = (Begun, ChargeState);

    fn apply(
        &self,
        state: Option<ChargeState>,
        cx: &Context<'_>,
    ) -> Decision<ChargeState, (Begun, ChargeState)> {
        let note = |outcome| EventDraft {
            actor: Actor::Customer,
            action: Action::Pay,
            interaction: None,
            outcome,
            step_up: None,
        };
        let refuse = |reason: Reason| {
            Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()))
        };
        let Some(state) = state else {
            return match (self.made)() {
                Err(reason) => refuse(reason),
                Ok(made) if made.terms.until <= cx.now => refuse(Reason::Ended),
                Ok(made) => {
                    let begun = ChargeState { since: cx.now, ended: cx.now, ..made };
                    let shown = begun.copy();
                    let recorded = vec![note(Outcome::Done)];
                    Decision::write(begun, recorded, Ok((Begun::First, shown)))
                }
            };
        };
        if state.terms.request != self.request {
            return refuse(Reason::NotGenuine);
        }
        if state.terms.digest != self.digest {
            return refuse(Reason::AnotherCard);
        }
        let over = state.is_over(cx.policy, cx.now);
        let begun = if state.is_final() {
            Begun::Ended
        } else if !over && state.outcome.is_none() {
            Begun::Busy
        } else if over && cx.now < state.terms.until && (self.made)().is_ok() {
            let attempt = state.attempt.saturating_add(1);
            let (since, outcome, acknowledged) = (cx.now, None, false);
            let again = ChargeState { attempt, since, outcome, acknowledged, ..state };
            let shown = again.copy();
            return Decision::write(again, vec![note(Outcome::Done)], Ok((Begun::Again, shown)));
        } else {
            Begun::InDoubt { certain: over }
        };
        Decision::keep(Some(note(Outcome::Done)), Ok((begun, state)))
    }
}

/// What the acquirer said, or that it did not say.
pub(crate) struct Conclude<'a> {
    /// The payment, as it stood when the acquirer was asked.
    pub(crate) asked: &'a ChargeState,
    pub(crate) outcome: ChargeOutcome,
}

impl Event<ChargeState> for Conclude<'_> {
    type Outcome = ChargeState;

    fn apply(
        &self,
        state: Option<ChargeState>,
        cx: &Context<'_>,
    ) -> Decision<ChargeState, ChargeState> {
        let (action, of_attempt) = match self.outcome {
            ChargeOutcome::Authorised { .. } => (Action::Authorise, false),
            // That nothing was found says nothing about an attempt that was begun since.
            ChargeOutcome::Declined(DeclineReason::NotCharged) => (Action::DeclinePayment, true),
            ChargeOutcome::Declined(_) => (Action::DeclinePayment, false),
            ChargeOutcome::Unresolved => (Action::LeaveUnresolved, true),
        };
        let note = |outcome| EventDraft {
            actor: Actor::BackEnd,
            action,
            interaction: None,
            outcome,
            step_up: None,
        };
        // If rows were lost meanwhile, another card may stand there, of which nothing was said. A sealed card opens
        // for one request alone: its digest tells requests apart as well.
        let digest = self.asked.terms.digest;
        let Some(state) = state.filter(|state| state.terms.digest == digest) else {
            let refused = Some(note(Outcome::Refused(Reason::Unknown)));
            return Decision::keep(refused, Err(Reason::Unknown.into()));
        };
        let stale = of_attempt && self.asked.attempt != state.attempt;
        let stands = state.outcome.as_ref().is_some_and(|known| !self.outcome.outweighs(known));
        if stale || stands {
            return Decision::keep(None, Ok(state));
        }
        let outcome = Some(self.outcome.clone());
        let concluded = ChargeState { outcome, ended: cx.now, acknowledged: false, ..state };
        let shown = concluded.copy();
        Decision::write(concluded, vec![note(Outcome::Done)], Ok(shown))
    }
}

/// The enterprise has settled a receipt.
pub(crate) struct Acknowledge<'a> {
    pub(crate) customer: &'a CustomerId,
    pub(crate) receipt: &'a ReceiptData,
}

impl Event<ChargeState> for Acknowledge<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<ChargeState>, cx: &Context<'_>) -> Decision<ChargeState, ()> {
        let note = |outcome| EventDraft {
            actor: Actor::BackEnd,
            action: Action::AcknowledgeReceipt,
            interaction: None,
            outcome,
            step_up: None,
        };
        let refuse = |reason: Reason| {
            Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()))
        };
        let state = state.filter(|state| state.terms.customer == *self.customer);
        let Some(state) = state else { return refuse(Reason::Unknown) };
        if !state.is_of(cx.id, self.receipt) {
            return refuse(Reason::NotGenuine);
        }
        // Another receipt has overtaken it, or will: that one is still to be settled.
        if state.outcome.as_ref() != Some(&self.receipt.outcome) {
            return Decision::keep(None, Ok(()));
        }
        if state.acknowledged {
            return Decision::keep(Some(note(Outcome::Done)), Ok(()));
        }
        let state = ChargeState { acknowledged: true, ..state };
        Decision::write(state, vec![note(Outcome::Done)], Ok(()))
    }
}
