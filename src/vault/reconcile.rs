//! Payments of which it is not known whether they were charged, and receipts of which it is not known
//! whether they reached the enterprise: found again, cleared up and given again.

use core::time::Duration;

use crate::engine::trace::call;
use crate::error::Error;
use crate::payment::request::Receipt;
use crate::policy::PAYMENT_LIMIT;
use crate::store::{Place, Range, Record, Which};
use crate::values::id::{CustomerId, PaymentId};
use crate::values::time::Timestamp;
use crate::vault::Vault;
use crate::vault::acquirer::Acquirer;
use crate::vault::asking::{Asking, Known};
use crate::vault::at_once::at_once;
use crate::vault::charge::rules::Acknowledge;
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::UnderWay;

/// How many records are listed at once.
const PAGE: usize = 500;
pub(super) const HOUR: u64 = 3600;
/// In how many groups the payments of an hour stand.
pub(super) const CHARGE_GROUPS: u8 = 4;

/// What came of a sweep.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Reconciled {
    /// A receipt for each payment whose receipt was not [acknowledged](Vault::acknowledge), and whose it
    /// is: for [`Payments::apply_receipt`](crate::payment::Payments::apply_receipt). Those that say
    /// [`Unresolved`](crate::payment::ChargeOutcome::Unresolved) are still open. What is lost on the way comes again
    /// with the next sweep.
    pub receipts: Vec<(CustomerId, Receipt)>,
    /// How many payments could not be looked at or written, and the last reason. Sweep again.
    pub failed: Option<(usize, Error)>,
}

impl Vault {
    /// Looks through the payments that can have come in within the last `back`, and asks the acquirer about
    /// each whose outcome is not known or was only inferred, except those that another call is just now
    /// asking for ([`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within)).
    /// What it did not charge is [`Declined`](crate::payment::ChargeOutcome::Declined): the agent asks the customer
    /// anew. To be called by the host every few minutes, and after a crash.
    ///
    /// It gives the receipts of all those payments, ended or not, until each is
    /// [acknowledged](Self::acknowledge): a host that applies them all knows in the end what the vault
    /// knows, whatever was lost before.
    ///
    /// ```no_run
    /// # use countersign::{Error, Vault, Verifier};
    /// # use countersign::vault::Acquirer;
    /// # use std::time::Duration;
    /// async fn sweep(vault: &Vault, bank: &Verifier, psp: &impl Acquirer) -> Result<(), Error> {
    ///     let swept = vault.reconcile(Duration::from_secs(24 * 3600), psp).await?;
    ///     for (customer, receipt) in &swept.receipts {
    ///         bank.payments().apply_receipt(customer, receipt).await?;
    ///         vault.acknowledge(customer, receipt).await?;
    ///     }
    ///     swept.failed.map_or(Ok(()), |(_, error)| Err(error))
    /// }
    /// ```
    ///
    /// It destroys opening keys whose time is over, too.
    ///
    /// # Errors
    ///
    /// [`Error::Store`], [`Error::Clock`] and others if the payments cannot be listed; those of single
    /// payments are in [`Reconciled::failed`].
    pub async fn reconcile<A: Acquirer>(
        &self,
        back: Duration,
        acquirer: &A,
    ) -> Result<Reconciled, Error> {
        call!("vault.reconcile", async {
            let mut receipts = Vec::new();
            let sweep = Sweep { vault: self, acquirer };
            let failed = sweep.run(back, |customer, receipt| receipts.push((customer, receipt)));
            let failed = failed.await?;
            Ok(Reconciled { receipts, failed })
        })
    }

    /// The same, handing out each receipt as soon as there is one, so that none waits for the slowest payment. Returns how
    /// many payments could not be looked at or written, and the last reason.
    ///
    /// # Errors
    ///
    /// As [`reconcile`](Self::reconcile).
    pub async fn reconcile_each<A: Acquirer>(
        &self,
        back: Duration,
        acquirer: &A,
        each: impl FnMut(CustomerId, Receipt) + Send,
    ) -> Result<Option<(usize, Error)>, Error> {
        call!("vault.reconcile_each", Sweep { vault: self, acquirer }.run(back, each))
    }

    /// The enterprise's back end has [applied](crate::payment::Payments::apply_receipt) this receipt of a payment of
    /// `customer`: sweeps need not give it again. Never called, it costs time and nothing else: sweeps give
    /// every receipt again, and applying one twice changes nothing. Called before the receipt was applied,
    /// it can lose it: then [`Vault::receipt`] alone gives it.
    ///
    /// A receipt that says something else than the vault knows by now is still to come: acknowledging the
    /// older one changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the vault knows no such payment of `customer`, or the receipt says something
    /// else of it than how it ended; otherwise as [`receipt`](Self::receipt).
    pub async fn acknowledge(&self, customer: &CustomerId, receipt: &Receipt) -> Result<(), Error> {
        call!("vault.acknowledge", async {
            let receipt = &receipt.said;
            let of = self.charge_of(customer, receipt.payment, receipt.requested_at);
            self.0.engine.run(&of, &Acknowledge { customer, receipt }).await
        })
    }
}

/// A sweep through the payments that are not over.
struct Sweep<'a, A> {
    vault: &'a Vault,
    acquirer: &'a A,
}

impl<A: Acquirer> Sweep<'_, A> {
    async fn run(
        &self,
        back: Duration,
        mut each: impl FnMut(CustomerId, Receipt) + Send,
    ) -> Result<Option<(usize, Error)>, Error> {
        let engine = &self.vault.0.engine;
        self.vault.destroy_keys().await?;
        let now = engine.clock.now()?;
        let mut failed: Option<(usize, Error)> = None;
        let (policy, leeway) = (&engine.policy.payments, engine.policy.leeway);
        // What came in then was asked for up to so much earlier; what is older is no longer kept.
        let earlier = PAYMENT_LIMIT
            .saturating_add(policy.authenticate_within)
            .saturating_add(policy.authorise_within)
            .saturating_add(leeway);
        let back = back.min(engine.policy.retention).saturating_add(earlier);
        let most = usize::from(policy.sweep_at_once);
        // The enterprise's clock may be ahead of ours.
        let last = now.after(leeway).unix() / HOUR;
        for hour in now.before(back).unix() / HOUR..=last {
            // Of what may be lost the rows say too little: what has ended there may have gone on.
            let begins = Timestamp::from_unix(hour.saturating_mul(HOUR));
            let ends = begins.after(Duration::from_secs(HOUR)).after(earlier);
            let lost = self.vault.lost_of(begins, ends, None).is_some();
            let which = if lost { Which::All } else { Which::Live };
            for group in 0..CHARGE_GROUPS {
                let (lane, owner) = self.vault.charges_of(hour, group);
                let mut range = Range { which, after: None, limit: PAGE };
                loop {
                    let listed = engine.store.list(lane, &owner, range, now).await?;
                    let payments = listed.rows.iter().map(|(at, record)| {
                        let place = Place { lane, owner, id: at.id };
                        self.settle(place, record, now)
                    });
                    at_once(most, payments, |swept| match swept {
                        Ok(receipt) => {
                            if let Some((customer, receipt)) = receipt {
                                each(customer, receipt);
                            }
                        }
                        Err(error) => {
                            let before = failed.take().map_or(0, |(failed, _)| failed);
                            failed = Some((before.saturating_add(1), error));
                        }
                    })
                    .await;
                    range.after = listed.next;
                    if range.after.is_none() {
                        break;
                    }
                }
            }
        }
        Ok(failed)
    }

    /// Finds out what became of one payment, and gives its receipt if that is still to be settled.
    async fn settle(
        &self,
        place: Place,
        record: &Record,
        now: Timestamp,
    ) -> Result<Option<(CustomerId, Receipt)>, Error> {
        let (vault, engine) = (self.vault, &self.vault.0.engine);
        let charge = engine.open::<ChargeState>(&place, record)?.body.state;
        let customer = charge.terms.customer.clone();
        let of = vault.charge_of(&customer, PaymentId(place.id), charge.terms.requested_at);
        let terms = &charge.terms;
        let lost = vault.lost_of(terms.requested_at, terms.until, terms.authenticate_until);
        let asking = Asking { vault, of: &of, acquirer: self.acquirer, lost };
        let Some(charge) = self.outcome(&asking, charge, now).await? else { return Ok(None) };
        let charge = vault.settle_acts(&of, charge, self.acquirer).await?;
        if charge.acknowledged {
            return Ok(None);
        }
        let receipt = vault.signed(&of, &charge).await?;
        Ok(Some((customer, receipt)))
    }

    /// How it ended, as far as that is known. `None`: another call is asking the acquirer.
    async fn outcome(
        &self,
        asking: &Asking<'_, A>,
        charge: ChargeState,
        now: Timestamp,
    ) -> Result<Option<ChargeState>, Error> {
        let policy = &asking.vault.0.engine.policy;
        match &charge.under_way {
            Some(UnderWay::Authenticating { until, .. }) if now < *until => {
                return Ok(Some(charge));
            }
            Some(UnderWay::Authenticating { .. }) => return asking.abandon(charge).await.map(Some),
            Some(UnderWay::Undoing { .. }) => return asking.undo(charge).await.map(Some),
            Some(UnderWay::Pending) | None => {}
        }
        if charge.is_final() && !charge.is_inferred() {
            let charge = asking.give_up_beside(charge).await?;
            return asking.find_later(charge).await.map(Some);
        }
        let known = asking.find(&charge, charge.attempt, None).await?;
        // An acquirer may find late what it did not find at first. Nothing else is news of what has ended.
        if charge.is_inferred() {
            let holds = match &known {
                Known::Heard(heard) => heard.holds(),
                Known::Another(..) => true,
                Known::NothingUntil(_) | Known::Unknown => false,
            };
            let charge = match holds {
                true => asking.conclude_found(charge, known).await?,
                false => asking.give_up_beside(charge).await?,
            };
            return Ok(Some(charge));
        }
        let is_answer = matches!(known, Known::Heard(_) | Known::Another(..));
        if charge.outcome.is_none() && !is_answer && now < charge.surely(policy, asking.lost) {
            return Ok(None);
        }
        asking.conclude_found(charge, known).await.map(Some)
    }
}
