//! How often customers are asked, and agents ask: counts against push bombing.

use crate::crypto::pae;
use crate::engine::{Engine, RecordRef};
use crate::error::{Error, Failure, Stop};
use crate::step_up::limit::{Count, LimitState};
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

/// One count: whose it is, what is counted, and the most of it.
pub(crate) struct Limit<'a> {
    pub(crate) whose: &'a str,
    pub(crate) label: &'static [u8],
    pub(crate) most: u8,
}

impl Engine {
    /// Counts what is `asked` of `customer` against each of `limits`; the same again is not counted. `asked`
    /// is its id and all that it asks. If one of them is full nothing more is counted, and there is said from when
    /// on there is room in it, in those behind it and in `later`, against which it would have been counted then.
    pub(crate) async fn count(
        &self,
        customer: &CustomerId,
        asked: &[&[u8]],
        limits: &[Limit<'_>],
        later: &[Limit<'_>],
    ) -> Result<(), Stop> {
        let asked = pae::first(&pae::sha256(asked));
        let mut rest = limits;
        while let Some((limit, behind)) = rest.split_first() {
            let of = self.count_of(customer, limit);
            match self.run(&of, &Count { asked, most: limit.most }).await {
                Ok(()) => rest = behind,
                Err(error) => {
                    let Some(mut retry_at) = error.retry_at() else { return Err(error.into()) };
                    for other in behind.iter().chain(later) {
                        retry_at = self.room_from(customer, other, retry_at).await?;
                    }
                    return Err(Failure::Limited(retry_at).into());
                }
            }
        }
        Ok(())
    }

    /// From when on, `from` at the earliest, `limit` has room.
    async fn room_from(
        &self,
        customer: &CustomerId,
        limit: &Limit<'_>,
        from: Timestamp,
    ) -> Result<Timestamp, Error> {
        let found = self.read(&self.count_of(customer, limit)).await?;
        let window = self.policy.step_ups.limit_window;
        let room = |count: &LimitState| count.room_from(limit.most, from, window);
        Ok(found.map_or(from, |(found, _)| room(&found.body.state)))
    }

    fn count_of<'a>(
        &self,
        customer: &'a CustomerId,
        Limit { whose, label, .. }: &Limit<'_>,
    ) -> RecordRef<'a, LimitState> {
        let issuer = self.issuer.as_str().as_bytes();
        let count = self.keyring.locate(&[label, issuer, whose.as_bytes()]);
        let mut of = self.of(customer, count);
        // An agent's count stands under no customer.
        [of.place.lane, ..] = count;
        of.place.owner = self.keyring.locate(&[b"countersign step-up limits v1", issuer]);
        of
    }
}
