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
use crate::vault::swept::{Missed, Reconciled, Swept, Unreadable};

/// How many records are listed at once.
const PAGE: usize = 500;
pub(super) const HOUR: u64 = 3600;
/// In how many groups the payments of an hour stand.
pub(super) const CHARGE_GROUPS: u8 = 4;

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
    /// [manual](crate::manual::_20_vault#what-must-run).
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
    ///     swept.failed.map_or(Ok(()), |missed| Err(missed.error))
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
            swept.failed = sweep.run(back, |one| swept.add(one)).await?;
            Ok(swept)
        })
    }

    /// The same, handing out the news of each payment as soon as there is some, so that none waits for the slowest. Returns
    /// what could not be looked at.
    ///
    /// # Errors
    ///
    /// As [`reconcile`](Self::reconcile).
    pub async fn reconcile_each<A: Acquirer>(
        &self,
        back: Duration,
        acquirer: &A,
        each: impl FnMut(Swept) + Send,
    ) -> Result<Option<Missed>, Error> {
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

/// What went wrong in a sweep.
#[derive(Default)]
struct Failed(Option<Missed>);

impl Failed {
    /// At something that stands under this hour: this payment, if it is known which.
    fn with(&mut self, hour: u64, payment: Option<PaymentId>, error: impl Into<Error>) {
        let error = error.into();
        let (count, mut unreadable) =
            self.0.take().map_or((0, Vec::new()), |missed| (missed.count, missed.unreadable));
        if matches!(error, Error::Record(_)) {
            unreadable.push(Unreadable { hour: begins(hour), payment });
        }
        self.0 = Some(Missed { count: count.saturating_add(1), error, unreadable });
    }
}

/// When the hour of this number begins.
fn begins(hour: u64) -> Timestamp {
    Timestamp::from_unix(hour.saturating_mul(HOUR))
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

/// What came of a look at one payment: nothing if it was erased, or another call is asking the acquirer.
struct Looked {
    payment: PaymentId,
    news: Option<Swept>,
    failed: Option<Error>,
}

impl<A: Acquirer> Sweep<'_, A> {
    async fn run(
        &self,
        back: Duration,
        mut each: impl FnMut(Swept) + Send,
    ) -> Result<Option<Missed>, Error> {
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
            let ends = begins(hour).after(Duration::from_secs(HOUR)).after(earlier);
            let lost = self.vault.lost_of(begins(hour), ends, None).is_some();
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
                            failed.with(hour, None, error);
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
                            // A note has an id of its own.
                            Err(error) => {
                                let payment = (!is_due).then_some(PaymentId(at.id));
                                failed.with(hour, payment, error);
                            }
                        }
                    }
                    let payments = found.into_iter().map(|one| self.look(one, now));
                    at_once(most, payments, |Looked { payment, news, failed: error }| {
                        if let Some(error) = error {
                            failed.with(hour, Some(payment), error);
                        }
                        if let Some(news) = news {
                            each(news);
                        }
                    })
                    .await;
                    for (of, at, head) in superseded {
                        if let Err(error) = self.vault.drop_due(of, (&at, head), now).await {
                            failed.with(of, None, error);
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

    /// Looks at one payment.
    async fn look(&self, met: Met, now: Timestamp) -> Looked {
        let (at, hour) = (met.at, met.hour);
        let mut looked = Looked { payment: PaymentId(at.id), news: None, failed: None };
        let charge = match self.charge(met.charge, at).await {
            Ok(charge) => charge,
            Err(error) => return Looked { failed: Some(error), ..looked },
        };
        let due = match self.note(at, hour, met.due, charge.as_ref(), now).await {
            Ok(due) => due,
            Err(error) => {
                looked.failed = Some(error);
                None
            }
        };
        let Some(charge) = charge else { return looked };
        let is_told = charge.acknowledged;
        // Whatever fails from here on, what was in doubt is.
        let mut news = Swept {
            customer: charge.terms.customer.clone(),
            payment: PaymentId(at.id),
            requested_at: charge.terms.requested_at,
            receipt: None,
            in_doubt: is_in_doubt(&charge, now),
        };
        match self.settle(at, charge, hour, now).await {
            Ok(settled) => {
                (news.receipt, news.in_doubt) = settled.unwrap_or_default();
                // What is still open has its note by now.
                if let Some((at, head)) = due.filter(|_| is_told)
                    && let Err(error) = self.vault.drop_due(hour, (&at, head), now).await
                {
                    looked.failed = Some(error);
                }
            }
            Err(error) => looked.failed = Some(error),
        }
        let is_news = news.in_doubt || news.receipt.is_some();
        looked.news = is_news.then_some(news);
        looked
    }

    /// What is sealed there. `None`: it was erased.
    async fn charge(
        &self,
        listed: Option<Box<ChargeState>>,
        at: Place,
    ) -> Result<Option<ChargeState>, Error> {
        if let Some(charge) = listed {
            return Ok(Some(*charge));
        }
        let found = self.vault.0.engine.read(&RecordRef::at(None, at)).await?;
        Ok(found.map(|(found, _)| found.body.state))
    }

    /// Of a payment that is in doubt it is noted that the next hour's sweeps are to look at it. The note that it was found by
    /// is deleted then, and if it was erased; otherwise it is given back.
    async fn note(
        &self,
        at: Place,
        hour: u64,
        due: Option<(Place, Head)>,
        charge: Option<&ChargeState>,
        now: Timestamp,
    ) -> Result<Option<(Place, Head)>, Error> {
        let in_doubt = charge.is_some_and(ChargeState::is_in_doubt);
        if let Some(charge) = charge.filter(|_| in_doubt) {
            self.comes_up_again(at, charge, hour, now).await?;
        }
        let Some((at, head)) = due.filter(|_| in_doubt || charge.is_none()) else { return Ok(due) };
        self.vault.drop_due(hour, (&at, head), now).await?;
        Ok(None)
    }

    /// As long as it is in doubt, it comes up in each hour, however long that takes.
    async fn comes_up_again(
        &self,
        at: Place,
        charge: &ChargeState,
        hour: u64,
        now: Timestamp,
    ) -> Result<(), Error> {
        if hour < now.unix() / HOUR && self.vault.is_old(charge, now) {
            self.vault.falls_due(&at, now).await?;
        }
        Ok(())
    }

    /// Finds out what became of one payment: its receipt, if that is still to be settled, and whether it is in doubt. `None`:
    /// another call is asking the acquirer.
    async fn settle(
        &self,
        place: Place,
        charge: ChargeState,
        hour: u64,
        now: Timestamp,
    ) -> Result<Option<(Option<Receipt>, bool)>, Error> {
        let vault = self.vault;
        let customer = charge.terms.customer.clone();
        let of = vault.charge_of(&customer, PaymentId(place.id), charge.terms.requested_at);
        let terms = &charge.terms;
        let lost = vault.lost_of(terms.requested_at, terms.until, terms.authenticate_until);
        let asking = Asking { vault, of: &of, acquirer: self.acquirer, lost };
        let Some((charge, is_open)) = self.outcome(&asking, charge, now).await? else {
            return Ok(None);
        };
        if is_open {
            self.comes_up_again(place, &charge, hour, now).await?;
        }
        let charge = vault.settle_acts(&of, charge, self.acquirer).await?;
        let receipt = match charge.acknowledged {
            true => None,
            false => Some(vault.signed(&of, &charge).await?),
        };
        Ok(Some((receipt, is_open || is_in_doubt(&charge, now))))
    }

    /// How it ended, as far as that is known, and whether the acquirer is still to say what became of a later card. `None`:
    /// another call is asking it.
    async fn outcome(
        &self,
        asking: &Asking<'_, A>,
        charge: ChargeState,
        now: Timestamp,
    ) -> Result<Option<(ChargeState, bool)>, Error> {
        let policy = &asking.vault.0.engine.policy;
        let closed = |charge| Some((charge, false));
        match &charge.under_way {
            Some(UnderWay::Authenticating { until, .. }) if now < *until => {
                return asking.give_up_beside(charge).await.map(closed);
            }
            Some(UnderWay::Authenticating { .. }) => {
                return asking.abandon(charge).await.map(closed);
            }
            Some(UnderWay::Undoing { .. }) => {
                let charge = asking.give_up_beside(charge).await?;
                return asking.undo(charge).await.map(closed);
            }
            Some(UnderWay::Pending) | None => {}
        }
        if charge.is_final() && !charge.is_inferred() {
            let charge = asking.give_up_beside(charge).await?;
            return asking.find_later(charge).await.map(Some);
        }
        let found = asking.find(&charge, charge.attempt, None).await?;
        // An acquirer may find late what it did not find at first. Nothing else is news of what has ended.
        if charge.is_inferred() {
            let charge = match found.holds() {
                true => asking.conclude_found(charge, found).await?,
                false => asking.give_up_beside(charge).await?,
            };
            return Ok(closed(charge));
        }
        let is_answer = matches!(found, Known::Heard(_) | Known::Another(..));
        if charge.outcome.is_none() && !is_answer && now < charge.surely(policy, asking.lost) {
            return Ok(None);
        }
        asking.conclude_found(charge, found).await.map(closed)
    }
}

/// Whether a sweep tells that it is in doubt. What waits for the customer, for as long as they have, is not.
fn is_in_doubt(charge: &ChargeState, now: Timestamp) -> bool {
    charge.is_in_doubt() && !charge.waits_for_customer(now)
}
