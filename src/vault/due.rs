//! Payments that are looked at again, though they were asked for long before.
//!
//! A sweep goes by the hours in which payments were asked for. A refund comes weeks later, and its answer may be lost: so
//! before a payment changes that such a sweep may not come by, a note is written in the hour of the change that says where
//! it stands. A sweep of the last hours finds it there. The note comes first, so that a crash in between loses nothing.

use core::time::Duration;

use crate::engine::RecordRef;
use crate::engine::rule::Event;
use crate::error::Error;
use crate::policy::PAYMENT_LIMIT;
use crate::store::{Head, Place};
use crate::values::time::Timestamp;
use crate::vault::Vault;
use crate::vault::charge::due::{DueCharge, FallDue};
use crate::vault::charge::state::ChargeState;
use crate::vault::reconcile::{CHARGE_GROUPS, HOUR};

/// For how long after its hour a note stands at least: what it was written for is written by then.
const STANDS: Duration = Duration::from_secs(3600);

impl Vault {
    /// Applies `event` to a payment. If that changes an old one, a sweep of this hour will look at it.
    pub(super) async fn change<E: Event<ChargeState>>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        event: &E,
    ) -> Result<E::Outcome, Error> {
        let engine = &self.0.engine;
        let mut sealer = engine.sealer(of);
        let seen = engine.look(of, &mut sealer).await?;
        if let Some(found) = &seen.found {
            let charge = &found.body.state;
            let cx = engine.context(found, of.place.id, seen.clock);
            if self.is_old(charge, seen.clock)
                && event.apply(Some(charge.copy()), &cx).next.is_some()
            {
                self.falls_due(&of.place, seen.clock).await?;
            }
        }
        engine.run_on(of, &mut sealer, seen, event).await
    }

    /// How much earlier than a sweep looks back to a payment may have been asked for that came in then.
    pub(super) fn asked_earlier(&self) -> Duration {
        let (policy, leeway) = (&self.0.engine.policy.payments, self.0.engine.policy.leeway);
        PAYMENT_LIMIT
            .saturating_add(policy.authenticate_within)
            .saturating_add(policy.authorise_within)
            .saturating_add(leeway)
    }

    /// Whether it was asked for so long ago that a sweep from now on need not come by.
    pub(super) fn is_old(&self, charge: &ChargeState, now: Timestamp) -> bool {
        charge.terms.requested_at.after(self.asked_earlier()) < now
    }

    /// Has the sweeps of this hour look at the payment that stands there.
    pub(super) async fn falls_due(&self, charge: &Place, now: Timestamp) -> Result<(), Error> {
        let hour = now.unix() / HOUR;
        let [group, ..] = charge.owner;
        let (lane, owner) = self.due_in(hour, group % CHARGE_GROUPS);
        let engine = &self.0.engine;
        let id = engine.keyring.locate(&[b"countersign due charge v1", &charge.owner, &charge.id]);
        let begins = Timestamp::from_unix(hour.saturating_mul(HOUR));
        let due = DueCharge::new(charge, begins);
        let of = RecordRef::at(None, Place { lane, owner, id });
        engine.run(&of, &FallDue(&due)).await
    }

    /// Under which owner, in which lane, it is noted what fell due in an hour.
    pub(super) fn due_in(&self, hour: u64, group: u8) -> (u8, [u8; 16]) {
        let engine = &self.0.engine;
        let owner = engine.keyring.locate(&[
            b"countersign due charges v1",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
            &hour.to_be_bytes(),
            &[group],
        ]);
        let [lane, ..] = owner;
        (lane, owner)
    }

    /// Whether what a note of this hour was written for is written by now.
    pub(super) fn may_drop(hour: u64, now: Timestamp) -> bool {
        let ends = Timestamp::from_unix(hour.saturating_add(1).saturating_mul(HOUR));
        ends.after(STANDS) <= now
    }

    /// Deletes a note of this hour that nothing depends on any more, unless something that it was written for may
    /// still be on its way. It need not succeed: the next sweep comes by, and it ends with its retention.
    pub(super) async fn drop_due(
        &self,
        hour: u64,
        (at, head): (&Place, Head),
        now: Timestamp,
    ) -> Result<(), Error> {
        if Self::may_drop(hour, now) {
            let _ = self.0.engine.store.delete(at, head).await?;
        }
        Ok(())
    }
}
