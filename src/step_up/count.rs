//! How often customers are asked, and agents ask: counts against push bombing.

use crate::crypto::pae;
use crate::engine::{Engine, RecordRef};
use crate::error::{Error, Failure, Stop};
use crate::step_up::limit::{Count, Fates, LimitState, New, SettleCount, StandsAt};
use crate::step_up::state::{Fate, StepUpState};
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
    /// on there is room in it and in those behind it.
    pub(crate) async fn count(
        &self,
        customer: &CustomerId,
        asked: &[&[u8]],
        limits: &[Limit<'_>],
    ) -> Result<(), Stop> {
        let asked = pae::first(&pae::sha256(asked));
        let new = New { asked, stands_at: None, within: None };
        let mut rest = limits;
        while let Some((limit, behind)) = rest.split_first() {
            let of = self.count_of(customer, limit);
            match self.run(&of, &Count { new, most: limit.most }).await {
                Ok(()) => rest = behind,
                Err(error) => {
                    let Some(mut retry_at) = error.retry_at() else { return Err(error.into()) };
                    for other in behind {
                        retry_at = self.room_from(customer, other, retry_at).await?;
                    }
                    return Err(Failure::Limited(retry_at).into());
                }
            }
        }
        Ok(())
    }

    /// Counts a step-up that is asked for. Those that were approved do not count: they are looked for when there is no
    /// room.
    pub(crate) async fn count_step_up(
        &self,
        customer: &CustomerId,
        new: New,
        limit: &Limit<'_>,
    ) -> Result<(), Error> {
        let of = self.count_of(customer, limit);
        let count = Count { new, most: limit.most };
        match self.run(&of, &count).await {
            Err(error) if error.retry_at().is_some() => {
                let found = self.read(&of).await?;
                let undecided = found.map(|(found, _)| found.body.state.undecided().collect());
                let fates = self.fates(undecided.unwrap_or_default()).await?;
                if fates.approved.is_empty() && fates.ended.is_empty() {
                    return Err(error);
                }
                self.run(&of, &SettleCount(&fates)).await?;
                self.run(&of, &count).await
            }
            counted => counted,
        }
    }

    /// What became of the step-ups that stand there.
    pub(crate) async fn fates(&self, of: Vec<StandsAt>) -> Result<Fates, Error> {
        let mut fates = Fates::default();
        for at in of {
            let stands = RecordRef::<StepUpState>::at(None, at.place());
            let (found, clock) = match self.read(&stands).await {
                Ok(Some(found)) => found,
                // It may be about to be written. One that cannot be opened counts.
                Ok(None) | Err(Error::Record(_)) => continue,
                Err(error) => return Err(error),
            };
            let cx = self.context(&found, at.place().id, clock);
            match found.body.state.fate(&cx) {
                Some(Fate::Approved) => fates.approved.push(at),
                Some(Fate::Ended) => fates.ended.push(at),
                None => {}
            }
        }
        Ok(fates)
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
