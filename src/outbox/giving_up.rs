//! What waits of a customer's news and is given up: by an operator, or because the customer is erased.

use crate::engine::trace::call;
use crate::error::{Error, RecordError, Refused};
use crate::outbox::facet::Outbox;
use crate::outbox::rules::Discard;
use crate::outbox::state::{HoldState, Standing};
use crate::outbox::view::Parked;
use crate::store::Put;
use crate::values::id::CustomerId;

impl Outbox<'_> {
    /// What of this customer's waits is dropped, and never delivered: what was taken out of the lane, the first one, and
    /// what happened before this call by more than the policy's leeway (the clocks of instances differ). What happened
    /// after that is delivered. For an operator: it asks each of the 256 lanes.
    ///
    /// If the record of what waits is damaged, it is deleted: what was taken out of the lane is lost with it, and what
    /// stands in the lane is delivered. One whose key is missing stays: another process may know it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if nothing waits. Otherwise see [`Outbox`].
    pub async fn discard(self, customer: &CustomerId) -> Result<(), Error> {
        call!("outbox.discard", async {
            let mut found = false;
            for lane in 0..=u8::MAX {
                found |= match self.held(lane, customer).await {
                    Ok(None) => false,
                    Ok(Some(_)) => self.drop_held(lane, customer).await?,
                    Err(Error::Record(RecordError::Damaged)) => {
                        self.delete_damaged(lane, customer).await?
                    }
                    Err(error) => return Err(error),
                };
            }
            if found { Ok(()) } else { Err(Refused::new().into()) }
        })
    }

    /// The customer is erased: what is parked of them is dropped, and a damaged record of what waits is deleted, since
    /// neither would ever go. What waits to be tried again is delivered, or parked.
    pub(crate) async fn forget(self, customer: &CustomerId) -> Result<(), Error> {
        let lane = self.0.lane(customer);
        match self.held(lane, customer).await {
            Ok(Some(HoldState { standing: Standing::Parked, .. })) => {
                self.drop_held(lane, customer).await?;
            }
            Ok(_) => {}
            Err(Error::Record(RecordError::Damaged)) => {
                self.delete_damaged(lane, customer).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What is parked of the customer in the lane of their records.
    pub(crate) async fn parked_of(self, customer: &CustomerId) -> Result<Option<Parked>, Error> {
        let held = self.held(self.0.lane(customer), customer).await?;
        Ok(held.filter(|hold| hold.standing == Standing::Parked).map(Parked::of))
    }

    /// What is held of the customer in a lane.
    async fn held(self, lane: u8, customer: &CustomerId) -> Result<Option<HoldState>, Error> {
        let found = self.0.read(&self.hold(lane, customer, None)).await?;
        Ok(found.map(|(hold, _)| hold.body.state))
    }

    async fn drop_held(self, lane: u8, customer: &CustomerId) -> Result<bool, Error> {
        self.0.run(&self.hold(lane, customer, Some(customer)), &Discard).await?;
        Ok(true)
    }

    /// Deletes the record of what is held, as long as it is damaged.
    async fn delete_damaged(self, lane: u8, customer: &CustomerId) -> Result<bool, Error> {
        let (of, now) = (self.hold(lane, customer, None), self.0.clock.now()?);
        let Some(record) = self.0.store.load(&of.place, now).await? else { return Ok(false) };
        let opened = self.0.open::<HoldState>(&of.place, &record);
        if !matches!(opened, Err(RecordError::Damaged)) {
            return Err(Error::Busy);
        }
        match self.0.store.delete(&of.place, record.head).await? {
            Put::Stored => Ok(true),
            Put::Conflict => Err(Error::Busy),
        }
    }
}
