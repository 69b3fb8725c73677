//! What the acquirer tells of a payment that was not done through the vault.

use core::fmt;

use crate::engine::trace::call;
use crate::error::Error;
use crate::payment::request::Receipt;
use crate::values::id::{CustomerId, RequestId};
use crate::vault::Vault;
use crate::vault::acted::Acted;
use crate::vault::charge::adjusted::AdjustmentKind;
use crate::vault::charge::adjustments::Adjust;

/// Something that was done with a payment past the vault, as the acquirer tells of it: in a webhook, or a settlement file.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct Adjustment {
    what: AdjustmentKind,
    amount: u64,
    id: RequestId,
    reference: Option<String>,
}

/// Not the acquirer's texts: they may repeat a card number.
impl fmt::Debug for Adjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, amount) = (&self.what, &self.amount);
        f.debug_struct("Adjustment")
            .field("what", what)
            .field("amount", amount)
            .finish_non_exhaustive()
    }
}

impl Adjustment {
    /// `amount` (in minor units) was given back: at the acquirer's own desk, say. `id` is what the acquirer calls this
    /// event, so that it counts once however often it is told.
    pub const fn refund(amount: u64, id: RequestId) -> Self {
        Self { what: AdjustmentKind::Refund, amount, id, reference: None }
    }

    /// The card issuer took `amount` back.
    pub const fn chargeback(amount: u64, id: RequestId) -> Self {
        Self { what: AdjustmentKind::Chargeback, amount, id, reference: None }
    }

    /// The card issuer returned `amount` that it had taken back.
    pub const fn chargeback_reversal(amount: u64, id: RequestId) -> Self {
        Self { what: AdjustmentKind::ChargebackReversal, amount, id, reference: None }
    }

    /// What the acquirer calls it, for the record; made fit to be shown.
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }
}

impl Vault {
    /// The acquirer has told of a refund or a chargeback that was not made through the vault: it is noted, and stands in
    /// the receipt from then on, which the enterprise is to [apply](crate::payment::Payments::apply_receipt). `receipt` is any receipt of the payment, an old one too. What was given back or taken back that
    /// way is not given back once more by [`refund`](Self::refund).
    ///
    /// That the acquirer told it is the caller's to know: a webhook is to be verified first. A refund of the vault's own is
    /// not told here, though its answer was lost: it would count twice. Its webhook names it by
    /// [`FollowUp::key`](crate::vault::FollowUp::key), if the acquirer was sent that; sweeps find out what became of it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the vault knows no such payment of `customer`, it was not authorised, the amount is 0, or a
    /// hundred of them are noted; [`Error::Invalid`] if the id was used for something else; otherwise as
    /// [`receipt`](Self::receipt).
    pub async fn adjust(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        adjustment: &Adjustment,
    ) -> Result<Acted, Error> {
        call!("vault.adjust", async {
            let receipt = &receipt.said;
            let of = self.charge_of(customer, receipt.payment, receipt.requested_at);
            let hour = self.named_by(receipt.requested_at);
            let named: [&[u8]; 4] =
                [b"adjustment", &hour, &of.place.id, adjustment.id.as_str().as_bytes()];
            let adjust = Adjust {
                customer,
                receipt,
                what: adjustment.what,
                key: self.acquirer_key(&named).0,
                amount: adjustment.amount,
                reference: adjustment.reference.as_deref(),
            };
            let charge = self.change(&of, &adjust).await?;
            self.adjusted(&of, &charge, &adjust.key).await
        })
    }
}
