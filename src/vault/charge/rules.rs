//! What happens to a payment at the vault.

use crate::card::CannotOpen;
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::token::ReceiptData;
use crate::token::TokenId;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;
use crate::vault::charge::state::{ChargeState, Unfound};

/// What names the card that has come in: the id of the request's token, and the digest of the sealed card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CameIn {
    pub(crate) request: TokenId,
    pub(crate) digest: [u8; 32],
    /// What is noted of this payment may be lost.
    pub(crate) lost: Option<Lost>,
}

/// The store was restored: the acquirer may have been asked once more, of which nothing is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Until then.
    pub(crate) until: Timestamp,
    /// It charges once under one key, whenever it is asked.
    pub(crate) honours_keys: bool,
}

impl CameIn {
    /// What there is to do for a payment that this very card began.
    fn next(&self, state: &ChargeState, cx: &Context<'_>) -> Result<Begun, Reason> {
        if state.terms.request != self.request {
            return Err(Reason::NotGenuine);
        }
        if state.terms.digest != self.digest {
            return Err(Reason::AnotherCard);
        }
        let lost = self.lost;
        let unfound = state.unfound(cx.policy, cx.now.stamp(), lost.map(|lost| lost.until));
        let over = unfound == Unfound::NotCharged;
        let again = over || lost.is_some_and(|lost| lost.honours_keys);
        Ok(if state.is_final() {
            Begun::Ended
        } else if !over && state.outcome.is_none() {
            Begun::Busy
        } else if again && !cx.now.has_reached(state.terms.until) {
            Begun::Again
        } else {
            Begun::InDoubt(unfound)
        })
    }

    /// Whether that takes the card: what has ended needs no verification code.
    pub(crate) fn needs_card(&self, state: &ChargeState, cx: &Context<'_>) -> bool {
        self.next(state, cx) == Ok(Begun::Again)
    }
}

/// The customer's card has come in. It is noted before the acquirer is asked.
pub(crate) struct Begin {
    pub(crate) came_in: CameIn,
    /// What is to be noted of the card, if it was opened. `Err`: it was not needed
    /// ([`CameIn::needs_card`]), or cannot be opened.
    pub(crate) made: Result<ChargeState, CannotOpen>,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Ask the acquirer to authorise.
    First,
    /// It may have been charged: find out, and ask the acquirer to authorise if it was not.
    Again,
    /// It may have been charged: find out, no more.
    InDoubt(Unfound),
    /// Another call is asking the acquirer.
    Busy,
    /// Nothing: it has ended.
    Ended,
}

impl Rule<ChargeState> for Begin {
    type Outcome = (Begun, ChargeState);

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Pay)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<ChargeState, (Begun, ChargeState)> {
        let made = self.made.as_ref().map_err(|CannotOpen| Reason::CannotOpen)?;
        if cx.now.has_reached(made.terms.until) {
            return Err(Reason::Ended.into());
        }
        let now = cx.now.stamp();
        let mut begun = ChargeState { since: now, ended: now, ..made.copy() };
        let mut next = Begun::First;
        if let Some(lost) = self.came_in.lost {
            next = Begun::Again;
            let asked_before = ChargeState { since: Timestamp::EPOCH, ..made.copy() };
            let unfound = asked_before.unfound(cx.policy, now, Some(lost.until));
            if unfound == Unfound::InDoubt && !lost.honours_keys {
                begun.since = lost.until;
                begun.outcome = Some(ChargeOutcome::Unresolved);
                next = Begun::InDoubt(unfound);
            }
        }
        let shown = begun.copy();
        Ok((Some(begun), Ruling::done((next, shown))))
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<(Begun, ChargeState)> {
        let begun = match (self.came_in.next(state, cx)?, &self.made) {
            (Begun::Again, Ok(_)) => {
                state.attempt = state.attempt.saturating_add(1);
                (state.since, state.outcome, state.acknowledged) = (cx.now.stamp(), None, false);
                return Ok(Ruling::done((Begun::Again, state.copy())));
            }
            (Begun::Again, Err(CannotOpen)) => Begun::InDoubt(Unfound::NotCharged),
            (begun, _) => begun,
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
        (state.ended, state.acknowledged) = (cx.now.stamp(), false);
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
