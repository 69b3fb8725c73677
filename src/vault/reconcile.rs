//! Payments of which it is not known whether they were charged, and receipts of which it is not known
//! whether they reached the enterprise: found again, cleared up and given again.

use core::time::Duration;
use std::collections::BTreeMap;

use crate::engine::RecordRef;
use crate::engine::trace::call;
use crate::error::Error;
use crate::payment::request::Receipt;
use crate::store::{Head, Listed, Place, Position, Range, Record, StoreError, Which};
use crate::values::id::{CustomerId, PaymentId};
use crate::values::time::Timestamp;
use crate::vault::Vault;
use crate::vault::acquirer::Acquirer;
use crate::vault::asking::{Asking, Known};
use crate::vault::at_once::at_once;
use crate::vault::charge::due::DueCharge;
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
    /// What is in doubt after the sweep, whether its receipt was acknowledged or not, for
    /// [`look_up`](Vault::look_up): whose payment, which, and when it was asked for. It is not known how it ended, or what
    /// became of an act ([`ActSeen::done`](crate::vault::ActSeen::done)), or money is
    /// [held beside it](crate::vault::ChargeDetails::held_beside). What stays here for longer than the acquirer needs, a person
    /// has to clear up with the acquirer; an act is settled with [`resolve`](Vault::resolve) then.
    pub in_doubt: Vec<(CustomerId, PaymentId, Timestamp)>,
    /// How many payments could not be looked at or written, or parts of an hour not be listed, and the last reason. Sweep
    /// again.
    pub failed: Option<(usize, Error)>,
}

impl Vault {
    /// Looks through the payments that can have come in within the last `back`, and asks the acquirer about
    /// each whose outcome is not known or was only inferred, except those that another call is just now
    /// asking for ([`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within)).
    /// What it did not charge is [`Declined`](crate::payment::ChargeOutcome::Declined): the agent asks the customer
    /// anew. To be called by the host every few minutes, and after a crash.
    ///
    /// Payments that were asked for long before, and to which something happened within the last `back`, are among them: an
    /// act, a refund from the acquirer's desk, a decision that took days. Whatever is in doubt stays among them until it
    /// is known. How far to look back, and how often, is in the
    /// [manual](crate::manual::_09_vault#what-must-run).
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
    /// [`Error::Store`], [`Error::Clock`] and others if it cannot begin; those of single payments, and of what cannot be
    /// listed, are in [`Reconciled::failed`].
    pub async fn reconcile<A: Acquirer>(
        &self,
        back: Duration,
        acquirer: &A,
    ) -> Result<Reconciled, Error> {
        call!("vault.reconcile", async {
            let mut swept = Reconciled::default();
            let sweep = Sweep { vault: self, acquirer };
            let failed = sweep.run(back, |one| {
                swept.receipts.extend(one.receipt.map(|receipt| (one.customer.clone(), receipt)));
                swept.in_doubt.extend(one.in_doubt.map(|(id, at)| (one.customer, id, at)));
            });
            swept.failed = failed.await?;
            Ok(swept)
        })
    }

    /// The same, handing out each receipt as soon as there is one, so that none waits for the slowest payment. Returns how
    /// many payments could not be looked at or written, or parts of an hour not be listed, and the last reason. What is in
    /// doubt it does not tell once the receipt was acknowledged: [`reconcile`](Self::reconcile) does.
    ///
    /// # Errors
    ///
    /// As [`reconcile`](Self::reconcile).
    pub async fn reconcile_each<A: Acquirer>(
        &self,
        back: Duration,
        acquirer: &A,
        mut each: impl FnMut(CustomerId, Receipt) + Send,
    ) -> Result<Option<(usize, Error)>, Error> {
        let one = move |one: Swept| {
            if let Some(receipt) = one.receipt {
                each(one.customer, receipt);
            }
        };
        call!("vault.reconcile_each", Sweep { vault: self, acquirer }.run(back, one))
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

/// What went wrong in a sweep.
#[derive(Default)]
struct Failed(Option<(usize, Error)>);

impl Failed {
    fn with(&mut self, error: impl Into<Error>) {
        let before = self.0.take().map_or(0, |(failed, _)| failed);
        self.0 = Some((before.saturating_add(1), error.into()));
    }
}

/// A payment that a sweep has come across.
struct Met {
    at: Place,
    /// What is sealed there, if that is known already.
    charge: Option<Box<ChargeState>>,
    /// The note that says where it stands, if it was found by one.
    due: Option<(Place, Head)>,
    /// In the rows of which hour it was found.
    hour: u64,
}

/// What came of a look at one payment.
struct Swept {
    customer: CustomerId,
    /// Its receipt, if that is still to be settled.
    receipt: Option<Receipt>,
    /// Which it is and when it was asked for, if it is in doubt.
    in_doubt: Option<(PaymentId, Timestamp)>,
}

impl<A: Acquirer> Sweep<'_, A> {
    async fn run(
        &self,
        back: Duration,
        mut each: impl FnMut(Swept) + Send,
    ) -> Result<Option<(usize, Error)>, Error> {
        let engine = &self.vault.0.engine;
        self.vault.destroy_keys().await?;
        let now = engine.clock.now()?;
        let (policy, leeway) = (&engine.policy.payments, engine.policy.leeway);
        // What came in then was asked for up to so much earlier; what is older is no longer kept.
        let earlier = self.vault.asked_earlier();
        let back = back.min(engine.policy.retention).saturating_add(earlier);
        let most = usize::from(policy.sweep_at_once);
        let (mut failed, mut met) = (Failed::default(), BTreeMap::new());
        // The enterprise's clock may be ahead of ours.
        let last = now.after(leeway).unix() / HOUR;
        for hour in now.before(back).unix() / HOUR..=last {
            // Of what may be lost the rows say too little: what has ended there may have gone on.
            let begins = Timestamp::from_unix(hour.saturating_mul(HOUR));
            let ends = begins.after(Duration::from_secs(HOUR)).after(earlier);
            let lost = self.vault.lost_of(begins, ends, None).is_some();
            let asked_for = if lost { Which::All } else { Which::Live };
            for (group, is_due) in
                (0..CHARGE_GROUPS).flat_map(|group| [(group, false), (group, true)])
            {
                let which = if is_due { Which::Live } else { asked_for };
                let mut range = Range { which, after: None, limit: PAGE };
                loop {
                    let listed = match self.listed(hour, (group, is_due), range, now).await {
                        Ok(listed) => listed,
                        // The other hours are not to wait for this one.
                        Err(error) => {
                            failed.with(error);
                            break;
                        }
                    };
                    let (mut found, mut superseded) = (Vec::new(), Vec::new());
                    for (at, record) in &listed.rows {
                        match self.meet(at, record, is_due, hour) {
                            Ok(one) => {
                                let note = one.due.map(|(at, head)| (hour, at, head));
                                match met.insert(one.at, note) {
                                    None => found.push(one),
                                    // It was looked at before, in another hour. Of its notes the newest is enough.
                                    Some(earlier) => superseded.extend(earlier),
                                }
                            }
                            Err(error) => failed.with(error),
                        }
                    }
                    let payments = found.into_iter().map(|one| self.look(one, now));
                    at_once(most, payments, |swept| match swept {
                        Ok(Some(one)) => each(one),
                        Ok(None) => {}
                        Err(error) => failed.with(error),
                    })
                    .await;
                    for (hour, at, head) in superseded {
                        if let Err(error) = self.vault.drop_due(hour, (&at, head), now).await {
                            failed.with(error);
                        }
                    }
                    range.after = listed.next;
                    if range.after.is_none() {
                        break;
                    }
                }
            }
        }
        Ok(failed.0)
    }

    /// A part of the payments that were asked for in an hour, or of what fell due in it.
    async fn listed(
        &self,
        hour: u64,
        (group, is_due): (u8, bool),
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let vault = self.vault;
        let (lane, owner) =
            if is_due { vault.due_in(hour, group) } else { vault.charges_of(hour, group) };
        vault.0.engine.store.list(lane, &owner, range, now).await
    }

    /// Which payment a row is, or speaks of.
    fn meet(&self, at: &Place, record: &Record, is_due: bool, hour: u64) -> Result<Met, Error> {
        let engine = &self.vault.0.engine;
        if is_due {
            let due = engine.open::<DueCharge>(at, record)?;
            let charge = due.body.state.charge();
            return Ok(Met { at: charge, charge: None, due: Some((*at, due.head)), hour });
        }
        let charge = engine.open::<ChargeState>(at, record)?.body.state;
        Ok(Met { at: *at, charge: Some(Box::new(charge)), due: None, hour })
    }

    /// Looks at one payment. `None`: it was erased, or another call is asking the acquirer.
    async fn look(&self, met: Met, now: Timestamp) -> Result<Option<Swept>, Error> {
        let at = met.at;
        match self.noted(met, now).await? {
            Some(charge) => self.settle(at, charge, now).await,
            None => Ok(None),
        }
    }

    /// The payment, unless it was erased. If it is in doubt, it is noted that the next hour's sweeps are to look at it; the
    /// note that it was found by is deleted if nothing depends on that any more.
    async fn noted(&self, met: Met, now: Timestamp) -> Result<Option<ChargeState>, Error> {
        let (vault, engine) = (self.vault, &self.vault.0.engine);
        let charge = match met.charge {
            Some(charge) => Some(*charge),
            None => {
                let found = engine.read(&RecordRef::at(None, met.at)).await?;
                found.map(|(found, _)| found.body.state)
            }
        };
        let in_doubt = charge.as_ref().is_some_and(ChargeState::is_in_doubt);
        // As long as it is, it comes up in each hour, however long that takes.
        if let Some(charge) = charge.as_ref().filter(|_| in_doubt)
            && met.hour < now.unix() / HOUR
            && vault.is_old(charge, now)
        {
            vault.falls_due(&met.at, now).await?;
        }
        let is_told = charge.as_ref().is_none_or(|charge| charge.acknowledged);
        if let Some((at, head)) = met.due.as_ref().filter(|_| in_doubt || is_told) {
            vault.drop_due(met.hour, (at, *head), now).await?;
        }
        Ok(charge)
    }

    /// Finds out what became of one payment.
    async fn settle(
        &self,
        place: Place,
        charge: ChargeState,
        now: Timestamp,
    ) -> Result<Option<Swept>, Error> {
        let vault = self.vault;
        let customer = charge.terms.customer.clone();
        let of = vault.charge_of(&customer, PaymentId(place.id), charge.terms.requested_at);
        let terms = &charge.terms;
        let lost = vault.lost_of(terms.requested_at, terms.until, terms.authenticate_until);
        let asking = Asking { vault, of: &of, acquirer: self.acquirer, lost };
        let Some(charge) = self.outcome(&asking, charge, now).await? else { return Ok(None) };
        let charge = vault.settle_acts(&of, charge, self.acquirer).await?;
        let waits = matches!(charge.under_way, Some(UnderWay::Authenticating { .. }));
        let open = charge.is_in_doubt() && !waits;
        let in_doubt = open.then_some((PaymentId(place.id), charge.terms.requested_at));
        let receipt = match charge.acknowledged {
            true => None,
            false => Some(vault.signed(&of, &charge).await?),
        };
        Ok(Some(Swept { customer, receipt, in_doubt }))
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
