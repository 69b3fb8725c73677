//! What every back end must do: a suite that runs against any [`Store`].
//!
//! ```
//! use countersign::MemoryStore;
//! use countersign::store::conformance;
//!
//! # let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
//! # runtime.block_on(async {
//! conformance::check(async || MemoryStore::new()).await.unwrap();
//! # });
//! ```

use std::sync::Arc;

use crate::store::{Expected, Place, Put, Range, Record, Store, StoreError};
use crate::values::time::Timestamp;

/// How many tasks race for one place.
const RACERS: u8 = 64;
/// How many versions they race for.
const ROUNDS: u64 = 20;

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

type Checked = Result<(), Nonconformance>;

/// Runs the whole suite, each part on a store that `make` returns: empty, or holding nothing under
/// the owners that the suite uses (16 bytes, the last fifteen of them `0xC5`).
///
/// Call it on tokio's multi-threaded runtime, or the race is none.
///
/// # Errors
///
/// [`Nonconformance`] names the first rule that is broken.
pub async fn check<S: Store>(make: impl AsyncFn() -> S) -> Checked {
    compare_and_set(&make().await).await?;
    places(&make().await).await?;
    bytes(&make().await).await?;
    retention(&make().await).await?;
    listing(&make().await).await?;
    purging(&make().await).await?;
    race(Arc::new(make().await)).await
}

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
/// A signed 64-bit column must do.
const LAST_VERSION: u64 = i64::MAX.unsigned_abs();
const LATER: Timestamp = Timestamp::from_unix(1_800_360_000);

fn owner(n: u8) -> [u8; 16] {
    let mut owner = [0xC5; 16];
    owner[0] = n;
    owner
}

fn place(n: u8, id: u8) -> Place {
    let mut bytes = [0x3C; 16];
    bytes[0] = id;
    Place { owner: owner(n), id: bytes }
}

fn record(version: u64, content: &[u8], retain_until: Timestamp) -> Record {
    Record { version, sealed: Arc::from(content), retain_until }
}

fn broken<T>(rule: &'static str, found: impl core::fmt::Debug) -> Result<T, Nonconformance> {
    Err(Nonconformance { rule, found: format!("{found:?}") })
}

fn expect<T: PartialEq + core::fmt::Debug>(
    rule: &'static str,
    found: Result<T, StoreError>,
    wanted: &T,
) -> Checked {
    match found {
        Ok(found) if found == *wanted => Ok(()),
        Ok(found) => broken(rule, found),
        Err(error) => broken(rule, error),
    }
}

async fn first(store: &impl Store, at: &Place, new: &Record) -> Checked {
    let put = store.put_if(at, Expected::Absent, new, NOW).await;
    expect("a first record is stored where none stands", put, &Put::Stored)
}

async fn compare_and_set(store: &impl Store) -> Checked {
    let at = place(0, 1);
    let [one, two, three] = [1, 2, 3].map(|n| record(n, &n.to_be_bytes(), LATER));
    expect("an empty place loads as none", store.load(&at, NOW).await, &None)?;
    let rule = "an absent record has no version";
    expect(rule, store.put_if(&at, Expected::Version(1), &two, NOW).await, &Put::Conflict)?;
    first(store, &at, &one).await?;
    expect("what was stored is loaded", store.load(&at, NOW).await, &Some(one.clone()))?;
    let rule = "a first record is not stored over another";
    expect(rule, store.put_if(&at, Expected::Absent, &three, NOW).await, &Put::Conflict)?;
    let rule = "a record is not replaced by expecting another version";
    expect(rule, store.put_if(&at, Expected::Version(2), &three, NOW).await, &Put::Conflict)?;
    let rule = "a refused write leaves everything as it was";
    expect(rule, store.load(&at, NOW).await, &Some(one))?;
    let rule = "a record is replaced by expecting its version";
    expect(rule, store.put_if(&at, Expected::Version(1), &two, NOW).await, &Put::Stored)?;
    expect("the new record is loaded", store.load(&at, NOW).await, &Some(two))?;
    let rule = "a version can be replaced once";
    expect(rule, store.put_if(&at, Expected::Version(1), &three, NOW).await, &Put::Conflict)
}

async fn places(store: &impl Store) -> Checked {
    let rule = "places with another owner or id are others";
    for (n, id) in [(1, 1), (1, 2), (2, 1)] {
        first(store, &place(n, id), &record(1, &[n, id], LATER)).await?;
    }
    for (n, id) in [(1, 1), (1, 2), (2, 1)] {
        let wanted = Some(record(1, &[n, id], LATER));
        expect(rule, store.load(&place(n, id), NOW).await, &wanted)?;
    }
    expect(rule, store.load(&place(2, 2), NOW).await, &None)
}

async fn bytes(store: &impl Store) -> Checked {
    let all: Vec<u8> = (0..=u8::MAX).cycle().take(64 * 1024).collect();
    for (id, content) in (0_u8..).zip([&[][..], &[0], &[0xFF, 0, 0xFE], &all]) {
        let new = record(LAST_VERSION - 1, content, Timestamp::MAX);
        first(store, &place(3, id), &new).await?;
        expect("they come back unchanged", store.load(&place(3, id), NOW).await, &Some(new))?;
        let last = record(LAST_VERSION, content, Timestamp::MAX);
        let put =
            store.put_if(&place(3, id), Expected::Version(LAST_VERSION - 1), &last, NOW).await;
        expect("versions up to 2^63-1 are stored", put, &Put::Stored)?;
    }
    Ok(())
}

async fn retention(store: &impl Store) -> Checked {
    let at = place(4, 1);
    let end = NOW.after(core::time::Duration::from_secs(100));
    let before = NOW.after(core::time::Duration::from_secs(99));
    let short = record(1, b"short", end);
    first(store, &at, &short).await?;
    let rule = "a record is retained until just before its end";
    expect(rule, store.load(&at, before).await, &Some(short))?;
    let rule = "from its end on a record counts as absent";
    expect(rule, store.load(&at, end).await, &None)?;
    let listed = store.list(&owner(4), Range { after: None, limit: 10 }, end).await;
    expect(rule, listed, &Vec::new())?;
    let put = store.put_if(&at, Expected::Version(1), &record(2, b"x", LATER), end).await;
    expect(rule, put, &Put::Conflict)?;
    let fresh = record(1, b"fresh", LATER);
    let put = store.put_if(&at, Expected::Absent, &fresh, end).await;
    expect("a new record takes the place of one no longer retained", put, &Put::Stored)?;
    expect("and is loaded", store.load(&at, end).await, &Some(fresh))
}

async fn listing(store: &impl Store) -> Checked {
    for id in [7_u8, 3, 9, 1, 5] {
        first(store, &place(5, id), &record(1, &[id], LATER)).await?;
    }
    let foreign = record(1, b"foreign", LATER);
    first(store, &place(6, 4), &foreign).await?;
    let wanted = |ids: &[u8]| -> Vec<(Place, Record)> {
        ids.iter().map(|id| (place(5, *id), record(1, &[*id], LATER))).collect()
    };
    let list = async |after: Option<u8>, limit| {
        let after = after.map(|id| place(5, id).id);
        store.list(&owner(5), Range { after, limit }, NOW).await
    };
    let rule = "an owner's records are listed in the order of their ids";
    expect(rule, list(None, 100).await, &wanted(&[1, 3, 5, 7, 9]))?;
    expect("a list holds at most its limit", list(None, 2).await, &wanted(&[1, 3]))?;
    expect("a list goes on after an id", list(Some(3), 2).await, &wanted(&[5, 7]))?;
    let rule = "an id to go on after need not stand there";
    expect(rule, list(Some(4), 9).await, &wanted(&[5, 7, 9]))?;
    expect("after the last id nothing is left", list(Some(9), 9).await, &wanted(&[]))?;
    let last = store.list(&owner(5), Range { after: Some([u8::MAX; 16]), limit: 9 }, NOW).await;
    expect("after the greatest id nothing is left", last, &wanted(&[]))
}

async fn purging(store: &impl Store) -> Checked {
    for id in 0..10 {
        let end = if id < 6 { NOW.after(core::time::Duration::from_secs(7200)) } else { LATER };
        first(store, &place(7, id), &record(1, &[id], end)).await?;
    }
    let rule = "purging deletes nothing that is retained";
    expect(rule, store.purge(NOW, 100).await, &0)?;
    let between = NOW.after(core::time::Duration::from_secs(5 * 3600));
    let rule = "purging deletes at most its limit";
    expect(rule, store.purge(between, 4).await, &4)?;
    expect("purging deletes what is left", store.purge(between, 100).await, &2)?;
    expect("purging has an end", store.purge(between, 100).await, &0)?;
    let listed = store.list(&owner(7), Range { after: None, limit: 100 }, NOW).await;
    let wanted: Vec<_> = (6..10).map(|id| (place(7, id), record(1, &[id], LATER))).collect();
    expect("what is retained is still there", listed, &wanted)?;

    // A record written anew is kept for as long as it now says, not as it said before.
    let (longer, shorter) = (place(7, 20), place(7, 21));
    first(store, &longer, &record(1, b"short", between)).await?;
    first(store, &shorter, &record(1, b"long", LATER)).await?;
    let (long, short) = (record(2, b"long", LATER), record(2, b"short", between));
    let put = store.put_if(&longer, Expected::Version(1), &long, NOW).await;
    expect("a record is replaced by expecting its version", put, &Put::Stored)?;
    let put = store.put_if(&shorter, Expected::Version(1), &short, NOW).await;
    expect("a record is replaced by expecting its version", put, &Put::Stored)?;
    let hours_later = between.after(core::time::Duration::from_secs(2 * 3600));
    let rule = "purging goes by the retention of the newest version";
    expect(rule, store.purge(hours_later, 100).await, &1)?;
    expect(rule, store.load(&longer, hours_later).await, &Some(long))?;
    expect(rule, store.load(&shorter, NOW).await, &None)
}

/// Many tasks write each version; one of them may.
async fn race<S: Store>(store: Arc<S>) -> Checked {
    let rule = "of all that expect one version exactly one is stored";
    for version in 1..=ROUNDS {
        let start = Arc::new(tokio::sync::Barrier::new(usize::from(RACERS)));
        let racers: Vec<_> = (0..RACERS)
            .map(|racer| {
                let (store, start) = (Arc::clone(&store), Arc::clone(&start));
                tokio::spawn(async move {
                    let expected = match version {
                        1 => Expected::Absent,
                        _ => Expected::Version(version.saturating_sub(1)),
                    };
                    let new = record(version, &[racer], LATER);
                    start.wait().await;
                    store.put_if(&place(8, 1), expected, &new, NOW).await.map(|put| (racer, put))
                })
            })
            .collect();
        let mut winner = None;
        for racer in racers {
            match racer.await {
                Ok(Ok((racer, Put::Stored))) if winner.is_none() => winner = Some(racer),
                Ok(Ok((_, Put::Conflict))) => {}
                other => return broken(rule, other),
            }
        }
        let Some(winner) = winner else { return broken(rule, "nobody") };
        let wanted = Some(record(version, &[winner], LATER));
        expect(
            "the winner's record is the one loaded",
            store.load(&place(8, 1), NOW).await,
            &wanted,
        )?;
    }
    Ok(())
}
