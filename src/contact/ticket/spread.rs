//! A limit on tries whose count stands in several records, so that calls which arrive at once do not wait for one.

use crate::contact::ticket::limit::{GiveBack, TriesState, Try};
use crate::engine::{Engine, RecordRef};
use crate::error::Error;

/// Over so many records a count is spread that all calls share. Our choice: a call that finds all of them full reads so
/// many.
pub(crate) const SHARES: u32 = 8;

/// A limit, and the records in which it is counted, each with a share of it. Together the shares are the limit.
pub(crate) struct Spread(Vec<(RecordRef<'static, TriesState>, u32)>);

impl Spread {
    /// A limit that is counted in one record.
    pub(crate) fn one(at: RecordRef<'static, TriesState>, most: u32) -> Self {
        Self(vec![(at, most)])
    }

    /// A limit that is counted in [`SHARES`] records, of which `at` gives each by its number. Calls begin with that of
    /// `first`, and go on with the next if it is full.
    pub(crate) fn over(
        at: impl Fn(u32) -> RecordRef<'static, TriesState>,
        most: u32,
        first: u8,
    ) -> Self {
        let (each, rest) = (most.div_euclid(SHARES), most.rem_euclid(SHARES));
        let numbers = (0..SHARES).map(|n| n.saturating_add(first.into()).rem_euclid(SHARES));
        let shares = numbers.map(|n| (at(n), each.saturating_add(u32::from(n < rest))));
        Self(shares.filter(|(_, share)| *share > 0).collect())
    }

    /// Whether there is room, without a write: whoever guesses on leaves no more rows behind.
    pub(crate) async fn has_room(&self, engine: &Engine) -> Result<bool, Error> {
        for (at, share) in &self.0 {
            let found = engine.read(at).await?;
            let Some((found, clock)) = found else { return Ok(true) };
            let cx = engine.context(&found, at.place.id, clock);
            if TriesState::has_room(Some(found.body.state), *share, &cx) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts a try. `None` if there is no room; else where it was counted.
    pub(crate) async fn take(
        &self,
        engine: &Engine,
    ) -> Result<Option<&RecordRef<'static, TriesState>>, Error> {
        let mut busy = None;
        for (at, share) in &self.0 {
            match engine.run(at, &Try { most: *share }).await {
                Ok(true) => return Ok(Some(at)),
                Ok(false) => {}
                // So many calls count there at this moment that the next record is sooner free.
                Err(Error::Busy) => busy = Some(Error::Busy),
                Err(error) => return Err(error),
            }
        }
        busy.map_or(Ok(None), Err)
    }
}

/// What was counted there was right, and is no guess.
pub(crate) async fn give_back(engine: &Engine, at: &RecordRef<'static, TriesState>) {
    // What is not given back counts, which can but make a call unknown.
    let _ = engine.run(at, &GiveBack).await;
}
