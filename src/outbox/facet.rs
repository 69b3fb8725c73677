//! The facet for a host's worker that delivers news, and for the operator of its lanes. What of a lane is to be delivered
//! stands in `lane.rs`.

use core::fmt;
use core::num::NonZeroU16;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Engine;
use crate::engine::rule::Rule;
use crate::engine::trace::call;
use crate::error::{Error, Invalid, RecordError, Refused};
use crate::outbox::rules::{Delivered, GiveBack, Resume};
use crate::outbox::state::{HoldState, Standing};
use crate::outbox::view::{Batch, GivenBack, Notice, NoticeId, Parked, UnreadableNews};
use crate::store::{Backlog, EntryId, LONGEST_LEASE};
use crate::values::id::CustomerId;

/// How many entries more than asked for are looked at first: those that wait are passed over.
pub(super) const PASSED_OVER: usize = 256;
/// How long a lease is at least.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);
/// How many holds are read at a time.
pub(super) const READ_AT_ONCE: usize = 100;
/// The longest reason that is kept of a notice that was given back, in bytes.
const REASON_LEN: usize = 200;

/// The outbox: see [`Verifier::outbox`](crate::Verifier::outbox).
///
/// A worker leases a batch, delivers its notices one after the other, and acknowledges each. Any number of
/// workers may run: a lane is leased to one at a time.
///
/// - **At least once.** What was not acknowledged when the lease ended, or the worker died, is delivered
///   again, with the same [`NoticeId`].
/// - **In order for each customer**, as long as leases outlast the deliveries.
/// - **One that fails again and again** is parked with all later ones of its customer, and everybody else's
///   go on.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`], [`Error::Clock`] or
/// [`Error::Random`].
#[derive(Clone, Copy)]
pub struct Outbox<'a>(pub(crate) &'a Engine);

impl fmt::Debug for Outbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("issuer", &self.0.issuer).finish_non_exhaustive()
    }
}

impl Outbox<'_> {
    /// Leases one lane: at most `most` notices, for `during` (a second to an hour). `None` if nothing is to be
    /// delivered now.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn lease(self, most: NonZeroU16, during: Duration) -> Result<Option<Batch>, Error> {
        call!("outbox.lease", async {
            let engine = self.0;
            let mut seen = BTreeSet::new();
            let looked_at = usize::from(most.get()).saturating_add(PASSED_OVER);
            loop {
                let now = engine.clock.now()?;
                let until = now.after(during.clamp(SHORTEST_LEASE, LONGEST_LEASE));
                let mut token = [0; 16];
                engine.random.fill(&mut token)?;
                let lease = engine.store.lease(&token, looked_at, now, until).await?;
                let Some(lease) = lease else { return Ok(None) };
                if !seen.insert(lease.lane) {
                    engine.store.release(&lease).await?;
                    return Ok(None);
                }
                match self.batch(lease.clone(), usize::from(most.get()), now).await {
                    Ok(batch) if !batch.notices.is_empty() => return Ok(Some(batch)),
                    Ok(_) => engine.store.release(&lease).await?,
                    Err(error) => {
                        // The lane is free again at once, whatever is wrong with it.
                        let _ = engine.store.release(&lease).await;
                        return Err(error);
                    }
                }
            }
        })
    }

    /// These were delivered. `false` if the lease has ended meanwhile: they are delivered again.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn acknowledge(
        self,
        batch: &Batch,
        done: impl IntoIterator<Item = NoticeId>,
    ) -> Result<bool, Error> {
        call!("outbox.acknowledge", async {
            let now = self.0.clock.now()?;
            let done: BTreeSet<NoticeId> = done.into_iter().collect();
            let mut by_customer: BTreeMap<&CustomerId, Vec<EntryId>> = BTreeMap::new();
            for notice in batch.notices.iter().filter(|notice| done.contains(&notice.id)) {
                by_customer.entry(&notice.customer).or_default().push(notice.entry);
            }
            // Only while the lease stands, or what another worker took out of the lane meanwhile would be lost.
            if !self.0.store.acknowledge(&batch.lease, &[], now).await? {
                return Ok(false);
            }
            let held = self.holds(batch.lease.lane, now).await?;
            let mut leaves = Vec::new();
            for (customer, entries) in by_customer {
                if held.all.contains_key(customer) {
                    let of = self.hold(batch.lease.lane, customer, None);
                    leaves.extend(self.0.run(&of, &Delivered(&entries)).await?);
                } else {
                    leaves.extend(entries);
                }
            }
            Ok(self.0.store.acknowledge(&batch.lease, &leaves, now).await?)
        })
    }

    /// This one could not be delivered, for this reason (at most 200 bytes of it are kept; no secret
    /// belongs in it). Pass over the other notices of its customer in this batch: they wait with it.
    ///
    /// # Errors
    ///
    /// [`Invalid::UnknownNotice`] if it is not one of the batch's. Otherwise see [`Outbox`].
    pub async fn give_back(
        self,
        batch: &Batch,
        notice: NoticeId,
        reason: &str,
    ) -> Result<GivenBack, Error> {
        call!("outbox.give_back", async {
            let notice = batch.notices.iter().find(|one| one.id == notice);
            let Notice { customer, entry, .. } = notice.ok_or(Invalid::UnknownNotice)?;
            let now = self.0.clock.now()?;
            if !self.0.store.acknowledge(&batch.lease, &[], now).await? {
                // Another worker delivers it again.
                return Ok(GivenBack::Until(now));
            }
            let of = self.hold(batch.lease.lane, customer, Some(customer));
            let kept = (0..=REASON_LEN.min(reason.len())).rev().find_map(|end| reason.get(..end));
            let reason = kept.unwrap_or_default();
            self.0.run(&of, &GiveBack { customer, entry: *entry, reason }).await
        })
    }

    /// Ends the lease of a batch early, so that what is left of it can be leased at once.
    ///
    /// # Errors
    ///
    /// See [`Outbox`]; the lease then ends by itself.
    pub async fn release(self, batch: Batch) -> Result<(), Error> {
        call!("outbox.release", async { Ok(self.0.store.release(&batch.lease).await?) })
    }

    /// How much waits in all lanes, for the host's metrics.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn backlog(self) -> Result<Backlog, Error> {
        call!("outbox.backlog", async { Ok(self.0.store.backlog().await?) })
    }

    /// How much cannot be opened, and why. For an operator: it reads every entry, and asks each of the 256 lanes.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn unreadable(self) -> Result<UnreadableNews, Error> {
        call!("outbox.unreadable", async {
            let mut found = UnreadableNews::default();
            let mut after = None;
            loop {
                let listed = self.0.store.entries(after.as_ref(), READ_AT_ONCE).await?;
                for entry in &listed.rows {
                    let count = match self.read(entry) {
                        Ok(_) => continue,
                        Err(RecordError::UnknownKey(key)) => {
                            found.missing_keys.entry(key).or_default()
                        }
                        Err(_) => &mut found.damaged,
                    };
                    *count = count.saturating_add(1);
                }
                after = listed.next;
                if after.is_none() {
                    break;
                }
            }
            let now = self.0.clock.now()?;
            for lane in 0..=u8::MAX {
                let holds = self.holds(lane, now).await?.unreadable.len();
                found.holds = found.holds.saturating_add(u64::try_from(holds).unwrap_or(u64::MAX));
            }
            Ok(found)
        })
    }

    /// The customers whose notices are parked. For an operator: it asks each of the 256 lanes.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn parked(self) -> Result<Vec<Parked>, Error> {
        call!("outbox.parked", async {
            let now = self.0.clock.now()?;
            let mut parked = Vec::new();
            for lane in 0..=u8::MAX {
                let holds = self.holds(lane, now).await?.all.into_values();
                let holds = holds.filter(|hold| hold.standing == Standing::Parked);
                parked.extend(holds.map(Parked::of));
            }
            Ok(parked)
        })
    }

    /// What of this customer's waits is delivered again from now on, the first one first. For an operator: it
    /// asks each of the 256 lanes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if nothing waits. Otherwise see [`Outbox`].
    pub async fn resume(self, customer: &CustomerId) -> Result<(), Error> {
        call!("outbox.resume", self.wherever(customer, &Resume))
    }

    /// The same for everybody whose notices are parked, lane by lane: after an outage of the platform, say. How many
    /// customers that were. For an operator: it asks each of the 256 lanes. If it fails, some are resumed; call it again.
    ///
    /// # Errors
    ///
    /// See [`Outbox`].
    pub async fn resume_all(self) -> Result<usize, Error> {
        call!("outbox.resume_all", async {
            let now = self.0.clock.now()?;
            let mut resumed = 0_usize;
            for lane in 0..=u8::MAX {
                let holds = self.holds(lane, now).await?.all.into_values();
                for hold in holds.filter(|hold| hold.standing == Standing::Parked) {
                    let of = self.hold(lane, &hold.customer, Some(&hold.customer));
                    match self.0.run(&of, &Resume).await {
                        Ok(()) => resumed = resumed.saturating_add(1),
                        // It was delivered or dropped meanwhile.
                        Err(Error::Refused(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(resumed)
        })
    }

    /// Runs `rule` on whatever of the customer's is held, in one lane or, with a vault, in several.
    async fn wherever(
        self,
        customer: &CustomerId,
        rule: &impl Rule<HoldState, Outcome = ()>,
    ) -> Result<(), Error> {
        let mut found = false;
        for lane in 0..=u8::MAX {
            let of = self.hold(lane, customer, Some(customer));
            if self.0.read(&of).await?.is_some() {
                self.0.run(&of, rule).await?;
                found = true;
            }
        }
        if found { Ok(()) } else { Err(Refused::new().into()) }
    }
}
