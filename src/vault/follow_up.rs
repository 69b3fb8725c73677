//! What is done with a payment that was authorised: captured, given up, given back.

use zeroize::Zeroizing;

use crate::engine::RecordRef;
use crate::engine::trace::call;
use crate::error::{Error, Invalid};
use crate::payment::outcome::ChargeOutcome;
use crate::payment::reference::Reference;
use crate::payment::request::Receipt;
use crate::values::id::{CustomerId, RequestId};
use crate::values::time::Window;
use crate::vault::charge::act::Act;
use crate::vault::charge::follow_ups::{Answered, Ask, Asked};
use crate::vault::charge::state::ChargeState;
use crate::vault::{Acquirer, AcquirerError, FollowUp, Vault};

impl Vault {
    /// Has the acquirer take `amount` (in minor units) of what was authorised.
    ///
    /// `request` is the back end's idempotency key for this act. It is noted before the acquirer is asked, and
    /// again when it has answered: repeating the call with the same key gives the result of what was done, or asks an acquirer
    /// that [honours keys](Acquirer::HONOURS_FOLLOW_UP_KEYS) again under the same one; any other is never asked twice. What
    /// the acquirer did not answer counts as done, except that nothing is given back of a capture in doubt: no more is
    /// captured and given up than was authorised, and no more given back than was captured.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the vault knows no such payment of `customer`, or `receipt` is of another one, or it was
    /// not authorised, or `amount` is 0 or more than is left, or 100 acts are noted of it; [`Error::Invalid`] if
    /// `request` was used for another amount, or the payment is from before the store was
    /// [restored](crate::vault::VaultBuilder::restored_from) and nothing is noted of the act, so that it or another may have
    /// been done: settle it with the acquirer; [`Error::Acquirer`] if the acquirer did not do it
    /// ([`Refused`](AcquirerError::Refused), [`Unsupported`](AcquirerError::Unsupported)), or did not say
    /// ([`InDoubt`](AcquirerError::InDoubt)). After [`Error::Store`], [`Error::Record`], [`Error::Busy`],
    /// [`Error::Clock`] or [`Error::Random`] it may have been done: repeat the call. With an acquirer that does not
    /// honour keys it then stays in doubt, as it does if the call is dropped half-way: give it a task of its own.
    pub async fn capture<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Reference, Error> {
        call!(
            "vault.capture",
            self.follow_up(Act::Capture, customer, receipt, amount, request, acquirer)
        )
    }

    /// Has the acquirer give up `amount` of what was authorised and not captured.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn void<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Reference, Error> {
        call!("vault.void", self.follow_up(Act::Void, customer, receipt, amount, request, acquirer))
    }

    /// Has the acquirer give back `amount` of what was captured; or of what was authorised, if the vault has captured
    /// nothing because the acquirer does so by itself.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn refund<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Reference, Error> {
        call!(
            "vault.refund",
            self.follow_up(Act::Refund, customer, receipt, amount, request, acquirer)
        )
    }

    /// Refuses an act that may have been done, though nothing is noted of it since the store was restored.
    async fn is_not_lost(
        &self,
        of: &RecordRef<'_, ChargeState>,
        ask: &Ask<'_>,
    ) -> Result<(), Error> {
        let engine = &self.0.engine;
        let before =
            |lost: Window| ask.receipt.requested_at < lost.until().after(engine.policy.leeway);
        if !engine.lost.is_some_and(before) {
            return Ok(());
        }
        let found = engine.read(of).await?;
        let is_known =
            |charge: &ChargeState| charge.follow_ups.iter().any(|one| one.key == ask.key);
        let known = found.is_some_and(|(found, _)| is_known(&found.body.state));
        if known { Ok(()) } else { Err(Invalid::NotReconciled.into()) }
    }

    async fn follow_up<A: Acquirer>(
        &self,
        act: Act,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Reference, Error> {
        // The receipt only says which payment is meant; what counts stands in the vault's own record.
        let receipt = &receipt.said;
        let of = self.charge_of(customer, receipt.payment, receipt.requested_at);
        let hour = self.named_by(receipt.requested_at);
        let named = [act.label(), &hour, &of.place.id, request.as_str().as_bytes()];
        let ask = Ask { customer, receipt, act, key: self.acquirer_key(&named).0, amount };
        // The request with it: if enterprise and vault lost their rows, another payment stands in the same place.
        let key = self.acquirer_key(&[act.label(), &ask.key, receipt.request.as_bytes()]);
        self.is_not_lost(&of, &ask).await?;
        let (asked, charge) = self.0.engine.run(&of, &ask).await?;
        match &asked {
            Asked::Done(reference) => return Ok(reference.clone()),
            Asked::Again if !A::HONOURS_FOLLOW_UP_KEYS => return Err(AcquirerError::InDoubt.into()),
            Asked::First | Asked::Again => {}
        }
        let Some(ChargeOutcome::Authorised { transaction_id, .. }) = &charge.outcome else {
            // The rule has seen that it is.
            return Err(Error::Internal);
        };
        let payment = self.sought(&of, &charge);
        let told = FollowUp { key, amount, payment, transaction_id };
        let answer = match act {
            Act::Capture => acquirer.capture(&told).await,
            Act::Void => acquirer.void(&told).await,
            Act::Refund => acquirer.refund(&told).await,
        };
        // It may repeat a card number.
        let answer = answer.map(Zeroizing::new);
        let card = (charge.terms.brand, charge.terms.last_four);
        let done = match answer {
            Ok(text) => Ok(Reference::of(&text, card)),
            Err(AcquirerError::InDoubt) => return Err(AcquirerError::InDoubt.into()),
            // This connection cannot, but the one that was asked before may have done it.
            Err(AcquirerError::Unsupported) if asked == Asked::Again => {
                return Err(AcquirerError::Unsupported.into());
            }
            Err(error @ (AcquirerError::Refused | AcquirerError::Unsupported)) => Err(error),
        };
        let answered = Answered { of: &ask, done: done.as_ref().ok().cloned() };
        self.0.engine.run(&of, &answered).await?;
        Ok(done?)
    }
}
