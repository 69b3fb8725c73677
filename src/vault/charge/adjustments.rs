//! What the acquirer tells of a payment that was not asked for through the vault: refunds from its own desk, and what the
//! card issuer takes back.

use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Actor, EventDraft};
use crate::payment::reference::Reference;
use crate::payment::token::ReceiptData;
use crate::values::id::CustomerId;
use crate::vault::charge::adjusted::{Adjusted, AdjustmentKind};
use crate::vault::charge::state::ChargeState;

/// How many of them are noted of one payment.
const MAX_ADJUSTMENTS: usize = 100;

impl ChargeState {
    /// What was given back past the vault.
    pub(crate) fn refunded_outside(&self) -> u64 {
        self.adjusted(AdjustmentKind::Refund)
    }

    /// What the card issuer took back, less what it returned.
    pub(crate) fn charged_back(&self) -> u64 {
        let returned = self.adjusted(AdjustmentKind::ChargebackReversal);
        self.adjusted(AdjustmentKind::Chargeback).saturating_sub(returned)
    }

    fn adjusted(&self, what: AdjustmentKind) -> u64 {
        let of_kind = self.adjustments.iter().filter(|one| one.what == what);
        of_kind.fold(0, |sum, one| sum.saturating_add(one.amount))
    }
}

/// The acquirer told of it. It happened, so no limit is looked at.
pub(crate) struct Adjust<'a> {
    pub(crate) customer: &'a CustomerId,
    /// Says which payment is meant.
    pub(crate) receipt: &'a ReceiptData,
    pub(crate) what: AdjustmentKind,
    pub(crate) key: [u8; 16],
    pub(crate) amount: u64,
    pub(crate) reference: Option<&'a str>,
}

impl Rule<ChargeState> for Adjust<'_> {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, self.what.action())
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        state.is_for_act(cx.id, self.customer, self.receipt)?;
        if let Some(known) = state.adjustments.iter().find(|one| one.key == self.key) {
            if (known.what, known.amount) != (self.what, self.amount) {
                return Err(Invalid::RequestReused.into());
            }
            return Ok(Ruling::repeated(state.copy()));
        }
        if self.amount == 0 {
            return Err(Reason::AmountExceeded.into());
        }
        if state.adjustments.len() >= MAX_ADJUSTMENTS {
            return Err(Reason::TooManyRequests.into());
        }
        let (what, key, amount, at) = (self.what, self.key, self.amount, cx.now.stamp());
        let reference = Reference::of(self.reference.unwrap_or_default(), state.terms.last_four);
        state.adjustments.push(Adjusted { what, key, amount, reference, at });
        state.changed(at);
        Ok(Ruling::done(state.copy()))
    }
}
