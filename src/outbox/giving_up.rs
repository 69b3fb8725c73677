//! What waits of a customer's news and is given up: by an operator, or because the customer is erased.

use crate::engine::trace::call;
use crate::error::{Error, RecordError, Refused};
use crate::outbox::facet::Outbox;
use crate::outbox::rules::Discard;
use crate::outbox::state::{HoldState, Standing};
use crate::outbox::view::Parked;
use crate::store::{Head, Put};
use crate::values::id::CustomerId;

/// What there is of a customer's hold in a lane.
enum Found {
    Nothing,
    Held(HoldState),
    /// It has this head, and does not open with the key that it names.
    Damaged(Head),
}

impl Outbox<'_> {
    /// What of this customer's waits is dropped, and never delivered: what was taken out of the lane, the first one, and
    /// what happened before this call by more than the policy's leeway (the clocks of instances differ). What happened
    /// after that is delivered. For an operator: it asks each of the 256 lanes.
    ///
    /// If the record of what waits is damaged, it is deleted: what was taken out of the lane is lost with it, and what
    /// stands in the lane is delivered. One whose key is missing stays, since another process may know the key.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if nothing waits. Otherwise see [`Outbox`].
    pub async fn discard(self, customer: &CustomerId) -> Result<(), Error> {
        call!("outbox.discard", async {
            let mut any = false;
            for lane in 0..=u8::MAX {
                match self.found(lane, customer).await? {
                    Found::Nothing => continue,
                    Found::Held(_) => self.drop_held(lane, customer).await?,
                    Found::Damaged(head) => self.delete_damaged(lane, customer, head).await?,
                }
                any = true;
            }
            if any { Ok(()) } else { Err(Refused::new().into()) }
        })
    }

    /// The customer is erased: what is parked of them is dropped, and a damaged record of what waits is deleted, since
    /// neither would ever go. What waits to be tried again is delivered, or parked.
    pub(crate) async fn forget(self, customer: &CustomerId) -> Result<(), Error> {
        let lane = self.0.lane(customer);
        match self.found(lane, customer).await? {
            Found::Held(hold) if hold.standing == Standing::Parked => {
                self.drop_held(lane, customer).await
            }
            Found::Nothing | Found::Held(_) => Ok(()),
            Found::Damaged(head) => self.delete_damaged(lane, customer, head).await,
        }
    }

    /// What is parked of the customer in the lane of their records.
    pub(crate) async fn parked_of(self, customer: &CustomerId) -> Result<Option<Parked>, Error> {
        match self.found(self.0.lane(customer), customer).await? {
            Found::Held(hold) if hold.standing == Standing::Parked => Ok(Some(Parked::of(hold))),
            Found::Nothing | Found::Held(_) => Ok(None),
            Found::Damaged(_) => Err(RecordError::Damaged.into()),
        }
    }

    async fn found(self, lane: u8, customer: &CustomerId) -> Result<Found, Error> {
        let (of, now) = (self.hold(lane, customer, None), self.0.clock.now()?);
        let Some(record) = self.0.store.load(&of.place, now).await? else {
            return Ok(Found::Nothing);
        };
        match self.0.open::<HoldState>(&of.place, &record) {
            Ok(hold) => Ok(Found::Held(hold.body.state)),
            Err(RecordError::Damaged) => Ok(Found::Damaged(record.head)),
            Err(error) => Err(error.into()),
        }
    }

    async fn drop_held(self, lane: u8, customer: &CustomerId) -> Result<(), Error> {
        self.0.run(&self.hold(lane, customer, Some(customer)), &Discard).await
    }

    async fn delete_damaged(
        self,
        lane: u8,
        customer: &CustomerId,
        head: Head,
    ) -> Result<(), Error> {
        let at = self.hold(lane, customer, None).place;
        match self.0.store.delete(&at, head).await? {
            Put::Stored => Ok(()),
            // Somebody has written it meanwhile.
            Put::Conflict => Err(Error::Busy),
        }
    }
}
