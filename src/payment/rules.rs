//! What happens to a payment at the enterprise.

use core::time::Duration;

use crate::card::CardToken;
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::outcome::ChargeOutcome;
use crate::payment::state::{PaymentState, Settled, Terms};
use crate::payment::token::ReceiptData;
use crate::payment::view::Payment;
use crate::policy::{PAYMENT_SHORTEST, PaymentPolicy};
use crate::values::interaction::Interaction;
use crate::values::time::Timestamp;

/// Until when a new request is valid, and the customer may authenticate, if they may be asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) until: Timestamp,
    pub(crate) authenticate_until: Option<Timestamp>,
}

impl Validity {
    /// Of a request from `now` on, whose opening key ends at `key_ends`: neither goes on after that.
    pub(crate) fn before(
        key_ends: Timestamp,
        now: Timestamp,
        authentication: bool,
        policy: &PaymentPolicy,
    ) -> Self {
        let set_aside = if authentication { policy.authenticate_within } else { Duration::ZERO };
        let until = now.after(policy.valid_for).min(key_ends.before(set_aside));
        Self { until, authenticate_until: authentication.then(|| until.after(set_aside)) }
    }

    /// Whether the customer would have less than a minute.
    pub(crate) fn is_too_short(&self, now: Timestamp) -> bool {
        self.until < now.after(PAYMENT_SHORTEST)
    }
}

/// What a history says of a charge that came to this.
pub(crate) const fn noted(outcome: &ChargeOutcome) -> Action {
    match outcome {
        ChargeOutcome::Authorised { .. } => Action::Authorise,
        ChargeOutcome::Declined(_) | ChargeOutcome::SoftDeclined(_) => Action::DeclinePayment,
        ChargeOutcome::Authenticating => Action::AskToAuthenticate,
        ChargeOutcome::Unresolved => Action::LeaveUnresolved,
    }
}

/// An agent asks. The outcome is the terms that stand, and what is seen of them.
pub(crate) struct Request<'a> {
    pub(crate) interaction: &'a Interaction,
    /// `Err`: there is to be none, for this reason.
    pub(crate) terms: Result<Terms, Failure>,
}

impl Rule<PaymentState> for Request<'_> {
    type Outcome = (Terms, Payment);

    fn note(&self) -> EventDraft {
        EventDraft::by_agent(self.interaction, Action::RequestPayment)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PaymentState, (Terms, Payment)> {
        let terms = self.terms.clone()?;
        let state = PaymentState { terms: terms.clone(), settled: None, card_token: None };
        let payment = state.payment(cx);
        Ok((Some(state), Ruling::done((terms, payment))))
    }

    fn decide(&self, state: &mut PaymentState, cx: &Context<'_>) -> Ruled<(Terms, Payment)> {
        let terms = self.terms.as_ref().map_err(|why| *why)?;
        if !state.terms.asks_for_same(terms) {
            return Err(Invalid::RequestReused.into());
        }
        Ok(Ruling::repeated((state.terms.clone(), state.payment(cx))))
    }
}

/// The back end hands in the vault's receipt.
pub(crate) struct ApplyReceipt<'a> {
    /// What the vault said. `None`: it is not a receipt that the vault signed for this customer.
    pub(crate) receipt: Option<&'a ReceiptData>,
}

impl Rule<PaymentState> for ApplyReceipt<'_> {
    type Outcome = Payment;

    fn note(&self) -> EventDraft {
        let action = match self.receipt.map(|receipt| &receipt.outcome) {
            None => Action::Authorise,
            Some(outcome) => noted(outcome),
        };
        EventDraft::by(Actor::BackEnd, action)
    }

    fn decide(&self, state: &mut PaymentState, cx: &Context<'_>) -> Ruled<Payment> {
        let said =
            self.receipt.filter(|said| state.terms.are_of(said)).ok_or(Reason::NotGenuine)?;
        if state.settled.as_ref().is_some_and(|before| !before.gives_way_to(said)) {
            return Ok(Ruling::repeated(state.payment(cx)));
        }
        let paid = |settled: &Settled| settled.outcome.is_authorised();
        let was_paid = state.settled.as_ref().is_some_and(paid);
        let before = state.settled.as_ref().map(|settled| settled.totals);
        let settled = state.settled.insert(Settled::by(said));
        if let Some(before) = before {
            settled.totals = settled.totals.beside(before);
        }
        let since = was_paid && paid(settled);
        let ruling = Ruling::done(state.payment(cx));
        if since {
            return Ok(ruling.noted_as(EventDraft::by(Actor::BackEnd, Action::ChangeTotals)));
        }
        Ok(ruling)
    }
}

/// The back end keeps the card token that it got from the vault.
pub(crate) struct KeepCardToken<'a> {
    /// What it came with.
    pub(crate) receipt: &'a ReceiptData,
    pub(crate) token: &'a CardToken,
}

impl Rule<PaymentState> for KeepCardToken<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::KeepCard)
    }

    fn decide(&self, state: &mut PaymentState, _: &Context<'_>) -> Ruled<()> {
        let authorised = |settled: &&Settled| settled.outcome.is_authorised();
        let settled = state.settled.as_ref().filter(authorised).ok_or(Reason::NotAuthorised)?;
        // That receipt was verified. If the row was lost and another payment has its id, the token is not of that one.
        if !state.terms.are_of(self.receipt) || !settled.is_of_card(self.receipt) {
            return Err(Reason::NotGenuine.into());
        }
        match &state.card_token {
            Some(kept) if kept == self.token => Ok(Ruling::repeated(())),
            Some(_) => Err(Invalid::AnotherCardToken.into()),
            None => {
                state.card_token = Some(self.token.copy());
                Ok(Ruling::done(()))
            }
        }
    }
}
