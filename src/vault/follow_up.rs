//! What is done with a payment that was authorised: captured, given up, given back.

use super::Vault;
use super::acquirer::{Acquirer, FollowUp};
use crate::ceremony::payment::{ChargeOutcome, Receipt, Reference};
use crate::error::{Error, Refused};
use crate::id::{CustomerId, RequestId};

/// Which of the acquirer's calls.
#[derive(Debug, Clone, Copy)]
enum Act {
    Capture,
    Void,
    Refund,
}

impl Act {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Capture => b"capture",
            Self::Void => b"void",
            Self::Refund => b"refund",
        }
    }
}

impl Vault {
    /// Has the acquirer take `amount` (in minor units) of what was authorised.
    ///
    /// `request` is the back end's idempotency key for this act: repeating the call with the same one
    /// gives the acquirer the same key. The vault keeps no account of captures and refunds; the
    /// acquirer does.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the vault knows no such payment of `customer`, or it was not authorised, or
    /// `amount` is 0 or more than was; [`Error::Acquirer`] if the acquirer did not do it, or did not say.
    pub async fn capture<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Reference, Error> {
        self.follow_up(Act::Capture, customer, receipt, amount, request, acquirer).await
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
        self.follow_up(Act::Void, customer, receipt, amount, request, acquirer).await
    }

    /// Has the acquirer give back `amount` of what was captured.
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
        self.follow_up(Act::Refund, customer, receipt, amount, request, acquirer).await
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
        let of = self.charge_of(customer, receipt.payment(), receipt.said.requested_at);
        let (loaded, _) = self.0.engine.look(&of).await?.ok_or(Refused)?;
        let charge = &loaded.body.state;
        let Some(ChargeOutcome::Authorised { transaction_id, .. }) = &charge.outcome else {
            return Err(Refused.into());
        };
        let some = 1..=charge.terms.transaction.amount;
        if charge.terms.customer != *customer || !some.contains(&amount) {
            return Err(Refused.into());
        }
        let key = [act.label(), &of.place.id, request.as_str().as_bytes()];
        let payment = self.sought(&of, charge);
        let of = FollowUp { key: self.acquirer_key(&key), amount, payment, transaction_id };
        let done = match act {
            Act::Capture => acquirer.capture(&of).await,
            Act::Void => acquirer.void(&of).await,
            Act::Refund => acquirer.refund(&of).await,
        };
        let card = (charge.terms.brand, charge.terms.last_four);
        Ok(Reference::of(&done?, card))
    }
}
