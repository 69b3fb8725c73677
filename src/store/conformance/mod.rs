//! What every back end must do: a suite that runs against any [`Store`], also against one in use.
//!
//! ```
//! use countersign::MemoryStore;
//! use countersign::store::conformance;
//!
//! # let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! conformance::check(async || MemoryStore::new()).await.unwrap();
//! # });
//! ```

mod bounds;
mod lists;
mod meetings;
mod outbox;
mod part;
mod purging;
mod races;
mod rows;
mod scans;

use self::part::Part;
use crate::store::{Store, StoreError};

/// A back end does not do what [`Store`] asks.
#[derive(Debug, thiserror::Error)]
#[error("{rule}: {found}")]
#[non_exhaustive]
pub struct Nonconformance {
    /// The rule that was broken.
    pub rule: &'static str,
    /// What was found instead.
    pub found: String,
}

type Checked<T = ()> = Result<T, Nonconformance>;

/// Runs the whole suite, each part on a store that `make` returns: a new one, or the same each time.
///
/// The store may be in use. Lanes, owners and ids are drawn at random, and what was written under them is
/// deleted at the end, also if a rule is broken. Rows of others are left alone, except that those whose
/// retention is over by the clock of this machine are purged. Meanwhile nobody else may write news or
/// lease them, and the outbox must be empty at the beginning: the suite would lease what others wait for.
/// If the future is dropped before it ends, rows and entries of the suite are left over.
///
/// The store needs room for a thousand records and 500 entries, and for records and entries of 512 KiB. It is scanned as a whole, some times: with
/// millions of rows that takes as long as it takes. Racers are threads of their own and call the store
/// from there, within the runtime that this runs on.
///
/// # Errors
///
/// [`Nonconformance`] names the first rule that is broken.
///
/// # Panics
///
/// Outside of a tokio runtime.
pub async fn check<S: Store>(make: impl AsyncFn() -> S) -> Result<(), Nonconformance> {
    section(&make, rows::compare_and_set).await?;
    section(&make, rows::places).await?;
    section(&make, rows::versions).await?;
    section(&make, rows::bytes).await?;
    section(&make, rows::long).await?;
    section(&make, rows::retention).await?;
    section(&make, rows::deleting).await?;
    section(&make, lists::order).await?;
    section(&make, lists::long).await?;
    section(&make, lists::live).await?;
    section(&make, lists::rewritten).await?;
    section(&make, lists::last_word).await?;
    section(&make, lists::changing).await?;
    section(&make, lists::each).await?;
    section(&make, scans::whole).await?;
    section(&make, outbox::of_writes).await?;
    section(&make, outbox::leases).await?;
    section(&make, outbox::acknowledging).await?;
    section(&make, outbox::lanes).await?;
    section(&make, outbox::long).await?;
    section(&make, outbox::many).await?;
    section(&make, purging::retained).await?;
    section(&make, purging::rewritten).await?;
    section(&make, purging::told).await?;
    section(&make, races::first_writes).await?;
    section(&make, races::take_overs).await?;
    section(&make, races::chains).await?;
    section(&make, meetings::deletes).await?;
    section(&make, meetings::leases).await?;
    section(&make, races::news).await?;
    section(&make, races::purging).await?;
    section(&make, meetings::lists).await
}

/// Checks a store whose outbox is bounded, in all or lane by lane: that one lane takes `entries` entries (at least
/// 16) and no more, that what does not fit is refused with [`StoreError::Full`] before anything of it is written, and
/// that what takes authority away has more room, though not without end.
///
/// It goes with [`check`], which needs more room than a store for this should have; what it says of stores in
/// use holds here too. Besides `entries` entries it writes two records.
///
/// # Errors
///
/// As [`check`].
pub async fn check_bounded<S: Store>(
    make: impl AsyncFn() -> S,
    entries: usize,
) -> Result<(), Nonconformance> {
    section(&make, async |part| bounds::outbox(part, entries.max(16)).await).await
}

/// Runs one section on a private part of a store, and clears that.
async fn section<S: Store>(
    make: &impl AsyncFn() -> S,
    rules: impl AsyncFn(&Part<S>) -> Checked,
) -> Checked {
    let part = Part::of(make().await).await?;
    let checked = rules(&part).await;
    let cleared = part.clear(checked.is_err()).await;
    checked.and(cleared)
}

fn broken<T>(rule: &'static str, found: impl core::fmt::Debug) -> Checked<T> {
    /// Enough to see what is wrong.
    const SHOWN: usize = 1000;
    let mut found = format!("{found:?}");
    if let Some((cut, _)) = found.char_indices().nth(SHOWN) {
        found.truncate(cut);
        found.push('…');
    }
    Err(Nonconformance { rule, found })
}

/// What the store answered; an error breaks the rule.
fn answer<T>(rule: &'static str, found: Result<T, StoreError>) -> Checked<T> {
    found.or_else(|error| broken(rule, error))
}

fn same<T: PartialEq + core::fmt::Debug>(rule: &'static str, found: &T, wanted: &T) -> Checked {
    if found == wanted { Ok(()) } else { broken(rule, found) }
}

fn expect<T: PartialEq + core::fmt::Debug>(
    rule: &'static str,
    found: Result<T, StoreError>,
    wanted: &T,
) -> Checked {
    same(rule, &answer(rule, found)?, wanted)
}
