//! Deleting what the vault keeps of a customer.

use serde::Serialize;

use crate::engine::rule::State;
use crate::engine::trace::call;
use crate::error::{Error, Invalid};
use crate::record::kind::Kind;
use crate::record::sealed::Sealer;
use crate::store::{Head, Place, Put, Range, Which};
use crate::values::id::{CustomerId, PaymentId};
use crate::vault::Vault;
use crate::vault::charge::state::ChargeState;
use crate::vault::stored_card::StoredCardState;

/// How many rows are read at a time.
const READ_AT_ONCE: usize = 500;

/// What came of an erasure in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Erased {
    /// How many payments were deleted.
    pub payments: u64,
    /// How many kept cards were, used and revoked ones with them.
    pub cards: u64,
}

impl Vault {
    /// Deletes what the vault keeps of the customer's payments and cards: the other half of
    /// [`Customers::erase`](crate::customer::Customers::erase). Acquirers are asked for nothing any more afterwards: no
    /// capture, no refund. A payment that has ended can be repeated by nobody, with its record or without.
    ///
    /// Payments stand by the hour and not by customer, so it reads all that the vault keeps: run it at night, in a task of
    /// its own. It may be stopped at any time and called again.
    ///
    /// # Errors
    ///
    /// [`Invalid::PaymentOpen`], and nothing is deleted, as long as one of the customer's requests that a card was given
    /// for is valid, it is not known how a payment ended, or its receipt was not
    /// [acknowledged](Self::acknowledge). [`Error::Store`], [`Error::Clock`].
    pub async fn erase(&self, customer: &CustomerId) -> Result<Erased, Error> {
        call!("vault.erase", async {
            let mut erased = Erased::default();
            for (place, head) in self.ended_charges(customer).await? {
                if self.0.engine.store.delete(&place, head).await? == Put::Stored {
                    erased.payments = erased.payments.saturating_add(1);
                }
            }
            erased.cards = self.delete_cards(customer).await?;
            Ok(erased)
        })
    }

    /// Where the customer's payments stand, all of which have ended.
    async fn ended_charges(&self, customer: &CustomerId) -> Result<Vec<(Place, Head)>, Error> {
        let engine = &self.0.engine;
        let (mut ended, mut after) = (Vec::new(), None);
        loop {
            let now = engine.clock.now()?;
            let listed = engine.store.scan(after.as_ref(), READ_AT_ONCE).await?;
            for (place, record) in listed.rows.iter().filter(|(_, row)| now < row.head.retain_until)
            {
                let kind = Kind::Charge;
                if Sealer::new(&engine.keyring, kind, place).open(record).is_err() {
                    continue;
                }
                let charge = engine.open::<ChargeState>(place, record)?.body.state;
                let terms = &charge.terms;
                let of = self.charge_of(customer, PaymentId(place.id), terms.requested_at);
                if terms.customer != *customer || of.place != *place {
                    continue;
                }
                let repeatable = now < terms.until.after(engine.policy.leeway);
                if repeatable || now < charge.live_until(&engine.policy) {
                    return Err(Invalid::PaymentOpen.into());
                }
                ended.push((*place, record.head));
            }
            after = listed.next;
            if after.is_none() {
                return Ok(ended);
            }
        }
    }

    async fn delete_cards(&self, customer: &CustomerId) -> Result<u64, Error> {
        let engine = &self.0.engine;
        let (lane, owner) = (engine.lane(customer), engine.owner::<StoredCardState>(customer));
        let (now, mut deleted) = (engine.clock.now()?, 0_u64);
        let mut range = Range { which: Which::All, after: None, limit: READ_AT_ONCE };
        loop {
            let listed = engine.store.list(lane, &owner, range, now).await?;
            for (place, record) in &listed.rows {
                let gone = engine.store.delete(place, record.head).await? == Put::Stored;
                deleted = deleted.saturating_add(gone.into());
            }
            range.after = listed.next;
            if range.after.is_none() {
                return Ok(deleted);
            }
        }
    }
}
