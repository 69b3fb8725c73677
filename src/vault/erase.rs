//! Deleting what the vault keeps of a customer.

use serde::Serialize;

use crate::engine::trace::call;
use crate::error::{Error, Invalid, RecordError};
use crate::record::kind::Kind;
use crate::record::sealed::Sealer;
use crate::store::{Head, Place, Put, Range, Record, Which};
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
    /// How many records of the vault are damaged, whosever they are: they end with their retention.
    pub unreadable: u64,
}

impl Vault {
    /// Deletes what the vault keeps of the customer's payments and cards: the other half of
    /// [`Customers::erase`](crate::customer::Customers::erase). Acquirers are asked for nothing any more afterwards: no
    /// capture, no refund. A payment that has ended can be repeated by nobody, with its record or without.
    ///
    /// Payments stand by the hour and not by customer, so it reads all that the vault keeps: run it at night, in a task of
    /// its own. It may be stopped at any time and called again. What is another enterprise's stays. It comes before the
    /// enterprise's own erasure: [in which order](crate::manual::_30_customers#erasure).
    ///
    /// # Errors
    ///
    /// [`Invalid::PaymentOpen`], and nothing is deleted, as long as one of the customer's requests that a card was given
    /// for is valid, it is not known how a payment ended ([`resolve_payment`](Self::resolve_payment) settles what stays so), or its
    /// receipt was not [acknowledged](Self::acknowledge). [`Error::Record`] if there is a record whose key or format is not known: it may
    /// be the customer's. [`Error::Busy`] if one of the customer's records was written or deleted meanwhile, and some may
    /// be left: call it again. [`Error::Store`], [`Error::Clock`].
    pub async fn erase(&self, customer: &CustomerId) -> Result<Erased, Error> {
        call!("vault.erase", async {
            let (ended, mut erased) = self.ended_charges(customer).await?;
            for (place, head) in ended {
                match self.0.engine.store.delete(&place, head).await? {
                    Put::Stored => erased.payments = erased.payments.saturating_add(1),
                    // Something was done with it meanwhile, and it may be open again.
                    Put::Conflict => return Err(Error::Busy),
                }
            }
            self.delete_cards(customer, &mut erased).await?;
            Ok(erased)
        })
    }

    /// Where the customer's payments stand, all of which have ended.
    async fn ended_charges(
        &self,
        customer: &CustomerId,
    ) -> Result<(Vec<(Place, Head)>, Erased), Error> {
        let engine = &self.0.engine;
        let (mut ended, mut after) = (Vec::new(), None);
        let mut erased = Erased::default();
        loop {
            let now = engine.clock.now()?;
            let listed = engine.store.scan(after.as_ref(), READ_AT_ONCE).await?;
            for (place, record) in listed.rows.iter().filter(|(_, row)| now < row.head.retain_until)
            {
                let charge = match self.kind_of(place, record)? {
                    Some(Kind::Charge) => engine.open::<ChargeState>(place, record)?.body.state,
                    Some(_) => continue,
                    None => {
                        erased.unreadable = erased.unreadable.saturating_add(1);
                        continue;
                    }
                };
                let terms = &charge.terms;
                let of = self.charge_of(customer, PaymentId(place.id), terms.requested_at);
                if terms.customer != *customer || of.place != *place {
                    continue;
                }
                if !charge.is_over(&engine.policy, now) {
                    return Err(Invalid::PaymentOpen.into());
                }
                ended.push((*place, record.head));
            }
            after = listed.next;
            if after.is_none() {
                return Ok((ended, erased));
            }
        }
    }

    /// Of which kind a record is. `None` if it is damaged, whatever it was.
    fn kind_of(&self, place: &Place, record: &Record) -> Result<Option<Kind>, RecordError> {
        for kind in Kind::ALL {
            match Sealer::new(&self.0.engine.keyring, kind, place).open(record) {
                Ok(_) => return Ok(Some(kind)),
                Err(RecordError::Damaged) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn delete_cards(&self, customer: &CustomerId, erased: &mut Erased) -> Result<(), Error> {
        let engine = &self.0.engine;
        let (lane, owner) = (engine.lane(customer), engine.owner::<StoredCardState>(customer));
        let now = engine.clock.now()?;
        let mut range = Range { which: Which::All, after: None, limit: READ_AT_ONCE };
        loop {
            let listed = engine.store.list(lane, &owner, range, now).await?;
            for (place, record) in &listed.rows {
                let ours = match engine.open::<StoredCardState>(place, record) {
                    Ok(card) => card.body.state.is_of(self.0.enterprise.issuer()),
                    // Counted above, with all that is damaged.
                    Err(RecordError::Damaged) => false,
                    Err(error) => return Err(error.into()),
                };
                if !ours {
                    continue;
                }
                match engine.store.delete(place, record.head).await? {
                    Put::Stored => erased.cards = erased.cards.saturating_add(1),
                    Put::Conflict => return Err(Error::Busy),
                }
            }
            range.after = listed.next;
            if range.after.is_none() {
                return Ok(());
            }
        }
    }
}
