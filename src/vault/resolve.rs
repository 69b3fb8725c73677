//! What a person has found out about a payment that the acquirer's own connection does not tell.

use crate::card::Attempt;
use crate::engine::trace::call;
use crate::error::{Error, Refused};
use crate::payment::outcome::DeclineReason;
use crate::payment::request::Receipt;
use crate::values::id::{CustomerId, IdempotencyKey};
use crate::vault::Vault;
use crate::vault::acquirer::answer::{AcquirerAnswer, Found};
use crate::vault::acquirer::{
    Acquirer, AcquirerError, Authenticated, Authorisation, Resumption, Sought,
};
use crate::vault::asking::{Asking, Known};
use crate::vault::charge::beside::RuleOut;
use crate::vault::charge::by_word::ConcludeByWord;
use crate::vault::charge::rules::Conclude;
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::UnderWay;
use crate::vault::follow_up::Resolution;

/// Answers as the person does, who has asked the acquirer.
struct ByWord<'a> {
    says: &'a Resolution,
    /// The card that was asked about. Where something was charged, nothing is said of others.
    of: IdempotencyKey,
}

impl Acquirer for ByWord<'_> {
    async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        Err(AcquirerError::Unsupported)
    }

    async fn authenticated(&self, _: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        Err(AcquirerError::Unsupported)
    }

    async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(match self.says {
            Resolution::Done { .. } if payment.key != self.of => Found::Unknown,
            Resolution::Done { id, amount } => {
                let approved = AcquirerAnswer::approved("", id);
                let amount = amount.unwrap_or(payment.transaction.amount);
                Found::Answered(approved.for_amount(amount))
            }
            Resolution::NotDone => Found::Answered(AcquirerAnswer::declined(DeclineReason::Other)),
        })
    }

    async fn reverse(&self, _: &Sought<'_>) -> Result<(), AcquirerError> {
        match self.says {
            Resolution::Done { .. } => Err(AcquirerError::Unsupported),
            Resolution::NotDone => Ok(()),
        }
    }
}

impl Vault {
    /// The back end has settled with the acquirer what became of a payment that stays
    /// [in doubt](crate::vault::Reconciled::in_doubt), where the acquirer's connection does not tell: it has no
    /// [`find`](Acquirer::find), or takes neither reversals nor voids.
    ///
    /// - [`Resolution::Done`]: it has authorised the card that the receipt names. That counts as its own
    ///   [approval](AcquirerAnswer::approved) would: what the vault does not take, the next sweep has given up.
    /// - [`Resolution::NotDone`]: it holds nothing of this payment but what the receipt says that it authorised, and never
    ///   will. What was [held beside it](crate::vault::ChargeDetails::held_beside) is given up then, and what was not known to
    ///   be authorised is [`Declined`](crate::payment::ChargeOutcome::Declined).
    ///
    /// `receipt` is the payment's newest, as [`look_up`](Self::look_up) gave it before the acquirer was asked, and it was asked
    /// when this call was no longer [`Error::Busy`]: what has come since nobody has asked about. Gives the receipt since, for
    /// the enterprise to [apply](crate::payment::Payments::apply_receipt). Acts on a payment are settled with [`resolve`](Self::resolve).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the vault knows no such payment of `customer`, `receipt` is not its newest, it waits for its
    /// customer, it is known already how it ended and that is something else, or the acquirer was asked to authorise it
    /// meanwhile; [`Error::Busy`] as long as the acquirer may be at it
    /// ([`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within) and the leeway), or another card may
    /// be sealed after a [restore](crate::vault::VaultBuilder::restored_from): the acquirer is to be asked once more then;
    /// otherwise as [`receipt`](Self::receipt).
    pub async fn resolve_payment(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        resolution: &Resolution,
    ) -> Result<Receipt, Error> {
        call!("vault.resolve_payment", async {
            let said = &receipt.said;
            let of = self.charge_of(customer, said.payment, said.requested_at);
            let (found, _) = self.0.engine.read(&of).await?.ok_or(Refused::new())?;
            let charge = found.body.state;
            if charge.terms.customer != *customer || charge.said(said.payment) != *said {
                return Err(Refused::new().into());
            }
            let engine = &self.0.engine;
            let now = engine.clock.now()?;
            let terms = &charge.terms;
            let lost = self.lost_of(terms.requested_at, terms.until, terms.authenticate_until);
            let is_known = charge.is_final() && !charge.is_inferred();
            if charge.waits_for_customer(now) || is_done(resolution) && is_known {
                return Err(Refused::new().into());
            }
            // After a restore another card may have been sealed, or still be, until its request is over.
            let surely = charge.surely(&engine.policy, lost);
            let over = match lost {
                Some(_) if charge.is_softly_declined() => charge.later_until(&engine.policy),
                _ => surely,
            };
            if now < over.max(surely) {
                return Err(Error::Busy);
            }
            let own = self.sought(&of, &charge, charge.attempt).key;
            let says = ByWord { says: resolution, of: own };
            let asking = Asking { vault: self, of: &of, acquirer: &says, lost };
            let charge = asking.resolved(charge).await?;
            self.signed(&of, &charge).await
        })
    }
}

const fn is_done(resolution: &Resolution) -> bool {
    matches!(resolution, Resolution::Done { .. })
}

impl Asking<'_, ByWord<'_>> {
    /// Whatever it is that is not known of it.
    async fn resolved(&self, charge: ChargeState) -> Result<ChargeState, Error> {
        let asked = charge.asked;
        let charge = self.give_up_beside(charge).await?;
        let is_undoing = matches!(charge.under_way, Some(UnderWay::Undoing { .. }));
        if is_undoing && !is_done(self.acquirer.says) {
            return self.undo(charge).await;
        }
        // That nothing was charged may have been inferred, and be wrong.
        if !charge.is_final() || is_done(self.acquirer.says) {
            let known = self.find_one(&charge, charge.attempt, None).await?;
            let Known::Heard(heard) = known else { return Ok(charge) };
            let said = Conclude { asked: &charge, heard };
            let charge = self.vault.change(self.of, &ConcludeByWord { said, asked }).await?;
            return self.undo(charge).await;
        }
        // After a restore: nothing was charged of a card that may have been sealed later, either.
        if self.lost.is_none() || !charge.is_softly_declined() {
            return Ok(charge);
        }
        let most = self.vault.0.engine.policy.payments.attempts;
        let later = charge.attempt.number().saturating_add(1)..=most;
        let cards = later.filter_map(Attempt::new).collect();
        self.vault.change(self.of, &RuleOut(cards)).await
    }
}
