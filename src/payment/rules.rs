//! What happens to a payment at the enterprise.

use crate::card::CardToken;
use crate::engine::frame::{Context, Decision, Event};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::payment::outcome::ChargeOutcome;
use crate::payment::state::{PaymentState, Settled, Terms};
use crate::payment::token::ReceiptData;
use crate::payment::view::Payment;
use crate::values::interaction::Interaction;

fn by_back_end(action: Action, outcome: Outcome) -> EventDraft {
    EventDraft { actor: Actor::BackEnd, action, interaction: None, outcome, step_up: None }
}

fn refuse<O>(
    note: impl FnOnce(Outcome) -> EventDraft,
    reason: Reason,
) -> Decision<PaymentState, O> {
    Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()))
}

/// An agent asks. The outcome is the terms that stand, and what is seen of them.
pub(crate) struct Request<'a> {
    pub(crate) interaction: &'a Interaction,
    /// `Err`: there is to be none, for this reason.
    pub(crate) terms: Result<Terms, Failure>,
}

impl Event<PaymentState> for Request<'_> {
    type Outcome = (Terms, Payment);

    fn apply(
        &self,
        state: Option<PaymentState>,
        cx: &Context<'_>,
    ) -> Decision<PaymentState, (Terms, Payment)> {
        let note = |outcome| EventDraft {
            actor: Actor::Agent(self.interaction.agent.id.clone()),
            action: Action::RequestPayment,
            interaction: Some(self.interaction.id.clone()),
            outcome,
            step_up: None,
        };
        let terms = match &self.terms {
            Ok(terms) => terms,
            Err(Failure::Denied(reason)) => return refuse(note, *reason),
            Err(Failure::Invalid(invalid)) => return Decision::keep(None, Err((*invalid).into())),
        };
        if let Some(state) = state {
            if !state.terms.asks_for_same(terms) {
                return Decision::keep(None, Err(Invalid::RequestReused.into()));
            }
            let payment = state.payment(cx);
            return Decision::keep(Some(note(Outcome::Done)), Ok((state.terms, payment)));
        }
        let state = PaymentState { terms: terms.clone(), settled: None, card_token: None };
        let payment = state.payment(cx);
        Decision::write(state, vec![note(Outcome::Done)], Ok((terms.clone(), payment)))
    }
}

/// The back end hands in the vault's receipt.
pub(crate) struct ApplyReceipt<'a> {
    /// What the vault said. `None`: it is not a receipt that the vault signed for this customer.
    pub(crate) receipt: Option<&'a ReceiptData>,
}

impl Event<PaymentState> for ApplyReceipt<'_> {
    type Outcome = Payment;

    fn apply(
        &self,
        state: Option<PaymentState>,
        cx: &Context<'_>,
    ) -> Decision<PaymentState, Payment> {
        let action = match self.receipt.map(|receipt| &receipt.outcome) {
            None | Some(ChargeOutcome::Authorised { .. }) => Action::Authorise,
            Some(ChargeOutcome::Declined(_)) => Action::DeclinePayment,
            Some(ChargeOutcome::Unresolved) => Action::LeaveUnresolved,
        };
        let note = |outcome| by_back_end(action, outcome);
        let Some(mut state) = state else { return refuse(note, Reason::Unknown) };
        let said = self.receipt.filter(|said| state.terms.are_of(said));
        let Some(said) = said else { return refuse(note, Reason::NotGenuine) };
        if state.settled.as_ref().is_some_and(|before| !said.outcome.outweighs(&before.outcome)) {
            return Decision::keep(Some(note(Outcome::Done)), Ok(state.payment(cx)));
        }
        state.settled = Some(Settled::by(said));
        let payment = state.payment(cx);
        Decision::write(state, vec![note(Outcome::Done)], Ok(payment))
    }
}

/// The back end keeps the card token that it got from the vault.
pub(crate) struct KeepCardToken<'a> {
    /// What it came with.
    pub(crate) receipt: &'a ReceiptData,
    pub(crate) token: &'a CardToken,
}

impl Event<PaymentState> for KeepCardToken<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<PaymentState>, _: &Context<'_>) -> Decision<PaymentState, ()> {
        let note = |outcome| by_back_end(Action::KeepCard, outcome);
        let Some(mut state) = state else { return refuse(note, Reason::Unknown) };
        let authorised =
            |settled: &Settled| matches!(settled.outcome, ChargeOutcome::Authorised { .. });
        let Some(settled) = state.settled.as_ref().filter(|settled| authorised(settled)) else {
            return refuse(note, Reason::NotAuthorised);
        };
        // That receipt was verified. If the row was lost and another payment has its id, the token is not of that one.
        if !state.terms.are_of(self.receipt) || *settled != Settled::by(self.receipt) {
            return refuse(note, Reason::NotGenuine);
        }
        match &state.card_token {
            Some(kept) if kept == self.token => Decision::keep(Some(note(Outcome::Done)), Ok(())),
            Some(_) => Decision::keep(None, Err(Invalid::AnotherCardToken.into())),
            None => {
                state.card_token = Some(self.token.copy());
                Decision::write(state, vec![note(Outcome::Done)], Ok(()))
            }
        }
    }
}
