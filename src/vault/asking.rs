//! The acquirer is asked about one payment.

use core::time::Duration;

use crate::card::Card;
use crate::engine::RecordRef;
use crate::error::Error;
use crate::payment::outcome::ChargeOutcome;
use crate::payment::reference::Reference;
use crate::vault::acquirer::Said;
use crate::vault::charge::rules::Begun;
use crate::vault::charge::state::{ChargeState, Unfound};
use crate::vault::{Acquirer, AcquirerAnswer, Authorisation, Found, Vault};

/// The acquirer is asked within this part of
/// [`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within) after a payment was
/// noted, or not at all.
const ASKED_WITHIN: u64 = 12;

/// A payment as it was noted, and the acquirer that is asked.
pub(super) struct Asking<'a, A> {
    pub(super) vault: &'a Vault,
    pub(super) of: &'a RecordRef<'a, ChargeState>,
    pub(super) charge: &'a ChargeState,
    pub(super) acquirer: &'a A,
}

impl<A: Acquirer> Asking<'_, A> {
    /// What comes of a payment that has not ended.
    pub(super) async fn outcome(
        &self,
        begun: Begun,
        card: Option<&Card>,
    ) -> Result<ChargeOutcome, Error> {
        match (begun, card) {
            (Begun::First, Some(card)) => self.first(card).await,
            (Begun::Again, Some(card)) => self.again(card).await,
            (Begun::InDoubt(unfound), _) => Ok(self.found(unfound).await),
            (Begun::Ended | Begun::Busy, _) => Err(Error::Busy),
            // Neither is decided without a card in hand.
            (Begun::First | Begun::Again, None) => Err(Error::Internal),
        }
    }

    /// Asks to authorise, unless the store took so long that another call may soon find nothing and charge.
    async fn first(&self, card: &Card) -> Result<ChargeOutcome, Error> {
        if !self.is_late()? {
            return Ok(self.authorise(card).await);
        }
        if self.is_lost().await? {
            // Nobody will be able to find out that the acquirer was never asked.
            return Ok(Unfound::NotCharged.outcome());
        }
        Err(Error::Busy)
    }

    /// The same where it may have been charged already: finds out first.
    async fn again(&self, card: &Card) -> Result<ChargeOutcome, Error> {
        if self.is_late()? {
            return Err(Error::Busy);
        }
        match self.find().await {
            Found::Answered(answer) => Ok(self.shown(answer)),
            Found::Unknown if !A::HONOURS_KEYS => Ok(ChargeOutcome::Unresolved),
            // The acquirer took so long, before it said so.
            Found::Nothing | Found::Unknown if self.is_late()? => Err(Error::Busy),
            Found::Nothing | Found::Unknown => Ok(self.authorise(card).await),
        }
    }

    /// Asks to authorise; if there is no answer, asks once what the acquirer knows.
    async fn authorise(&self, card: &Card) -> ChargeOutcome {
        let payment = self.vault.sought(self.of, self.charge);
        match self.acquirer.authorise(&Authorisation { payment, card }).await {
            Ok(answer) => self.shown(answer),
            // It may still be on its way: what is not found now is not known to be uncharged.
            Err(_) => self.found(Unfound::InDoubt).await,
        }
    }

    /// What the acquirer knows.
    pub(super) async fn found(&self, unfound: Unfound) -> ChargeOutcome {
        match self.find().await {
            Found::Answered(answer) => self.shown(answer),
            Found::Nothing => unfound.outcome(),
            Found::Unknown => ChargeOutcome::Unresolved,
        }
    }

    async fn find(&self) -> Found {
        let found = self.acquirer.find(&self.vault.sought(self.of, self.charge)).await;
        found.unwrap_or(Found::Unknown)
    }

    /// Whether it is too late to ask the acquirer to authorise: its time would go on after another call takes it for
    /// over.
    fn is_late(&self) -> Result<bool, Error> {
        let engine = &self.vault.0.engine;
        let asked_within = engine.policy.payments.authorise_within.as_secs() / ASKED_WITHIN;
        Ok(self.charge.since.after(Duration::from_secs(asked_within)) < engine.clock.now()?)
    }

    /// Whether no later call will find out that the acquirer was not asked: it can neither be asked again nor tell,
    /// or nobody may ask it any more.
    async fn is_lost(&self) -> Result<bool, Error> {
        let over = self.charge.terms.until <= self.vault.0.engine.clock.now()?;
        let blind = over || !A::HONOURS_KEYS;
        Ok(blind && self.find().await == Found::Unknown)
    }

    /// What of the acquirer's answer may be kept and shown.
    fn shown(&self, answer: AcquirerAnswer) -> ChargeOutcome {
        let card = (self.charge.terms.brand, self.charge.terms.last_four);
        match answer.0 {
            Said::Approved { authorisation_code, transaction_id } => ChargeOutcome::Authorised {
                authorisation_code: Reference::of(&authorisation_code, card),
                transaction_id: Reference::of(&transaction_id, card),
            },
            Said::Declined(reason) => ChargeOutcome::Declined(reason),
        }
    }
}
