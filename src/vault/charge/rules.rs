//! What happens to a payment at the vault.

use crate::engine::frame::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft};
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

impl Rule<ChargeState> for Begin<'_> {
    type Outcome = (Begun, ChargeState);

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Pay)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<ChargeState, (Begun, ChargeState)> {
        let made = (self.made)()?;
        if made.terms.until <= cx.now {
            return Err(Reason::Ended.into());
        }
        let begun = ChargeState { since: cx.now, ended: cx.now, ..made };
        let shown = begun.copy();
        Ok((Some(begun), Ruling::done((Begun::First, shown))))
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<(Begun, ChargeState)> {
        if state.terms.request != self.request {
            return Err(Reason::NotGenuine.into());
        }
        if state.terms.digest != self.digest {
            return Err(Reason::AnotherCard.into());
        }
        let over = state.is_over(cx.policy, cx.now);
        let begun = if state.is_final() {
            Begun::Ended
        } else if !over && state.outcome.is_none() {
            Begun::Busy
        } else if over && cx.now < state.terms.until && (self.made)().is_ok() {
            state.attempt = state.attempt.saturating_add(1);
            (state.since, state.outcome, state.acknowledged) = (cx.now, None, false);
            return Ok(Ruling::done((Begun::Again, state.copy())));
        } else {
            Begun::InDoubt { certain: over }
        };
        Ok(Ruling::repeated((begun, state.copy())))
    }
}

/// What the acquirer said, or that it did not say.
pub(crate) struct Conclude<'a> {
    /// The payment, as it stood when the acquirer was asked.
    pub(crate) asked: &'a ChargeState,
    pub(crate) outcome: ChargeOutcome,
}

impl Rule<ChargeState> for Conclude<'_> {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        let action = match self.outcome {
            ChargeOutcome::Authorised { .. } => Action::Authorise,
            ChargeOutcome::Declined(_) => Action::DeclinePayment,
            ChargeOutcome::Unresolved => Action::LeaveUnresolved,
        };
        EventDraft::by(Actor::BackEnd, action)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        // If rows were lost meanwhile, another card may stand there, of which nothing was said. A sealed card opens
        // for one request alone: its digest tells requests apart as well.
        if state.terms.digest != self.asked.terms.digest {
            return Err(Reason::Unknown.into());
        }
        // That nothing was found says nothing about an attempt that was begun since.
        let of_attempt = matches!(
            self.outcome,
            ChargeOutcome::Declined(DeclineReason::NotCharged) | ChargeOutcome::Unresolved
        );
        let stale = of_attempt && self.asked.attempt != state.attempt;
        let stands = state.outcome.as_ref().is_some_and(|known| !self.outcome.outweighs(known));
        if stale || stands {
            return Ok(Ruling::nothing(state.copy()));
        }
        state.outcome = Some(self.outcome.clone());
        (state.ended, state.acknowledged) = (cx.now, false);
        Ok(Ruling::done(state.copy()))
    }
}

/// The enterprise has settled a receipt.
pub(crate) struct Acknowledge<'a> {
    pub(crate) customer: &'a CustomerId,
    pub(crate) receipt: &'a ReceiptData,
}

impl Rule<ChargeState> for Acknowledge<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::AcknowledgeReceipt)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<()> {
        if state.terms.customer != *self.customer {
            return Err(Reason::Unknown.into());
        }
        if !state.is_of(cx.id, self.receipt) {
            return Err(Reason::NotGenuine.into());
        }
        // Another receipt has overtaken it, or will: that one is still to be settled.
        if state.outcome.as_ref() != Some(&self.receipt.outcome) {
            return Ok(Ruling::nothing(()));
        }
        if state.acknowledged {
            return Ok(Ruling::repeated(()));
        }
        state.acknowledged = true;
        Ok(Ruling::done(()))
    }
}
