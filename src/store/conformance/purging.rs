//! Purging: what is no longer retained goes, and nothing else.

use std::sync::Arc;

use super::lists::list;
use super::outbox::entries_are;
use super::part::{Part, entries_of, random_version};
use super::{Checked, answer, broken, expect, same};
use crate::store::{Expected, Head, Place, Put, Record, Store, Which};
use crate::store::{Position, Range};
use crate::values::time::Timestamp;

const HOUR: u64 = 3600;
/// So many calls purge any store.
const CALLS: usize = 10_000;
const GONE: &str = "purging deletes what is no longer retained";

/// Purges until nothing is left.
pub(super) async fn purge<S: Store>(part: &Part<S>, before: Timestamp, limit: usize) -> Checked {
    for _ in 0..CALLS {
        let purged = answer(GONE, part.store.purge(before, limit).await)?;
        if purged > limit {
            return broken("purging deletes at most its limit", purged);
        }
        if purged == 0 {
            return Ok(());
        }
    }
    broken("purging has an end", CALLS)
}

pub(super) async fn retained<S: Store>(part: &Part<S>) -> Checked {
    // A full hour, since a store may file records by the hour.
    let before = part.ago(part.now.unix() % HOUR);
    purge(part, before, 1000).await?;
    let with = |retain_until| Record {
        head: Head { retain_until, ..part.head(random_version()) },
        sealed: Arc::from(b"purge".as_slice()),
    };
    let mut over = Vec::new();
    for seconds in [0, HOUR, 2 * HOUR + 1, 3 * HOUR, 24 * HOUR, 25 * HOUR, 900 * 24 * HOUR] {
        let retain_until = before.before(core::time::Duration::from_secs(seconds));
        let (at, record) = (part.place(), with(retain_until));
        part.past(&at, &record).await?;
        over.push((at, record));
    }
    let mut kept = Vec::new();
    for seconds in [120, 600, 1800, HOUR, 2 * HOUR] {
        kept.push((part.place(), with(part.later(seconds))));
    }
    kept.push((part.place(), with(Timestamp::MAX)));
    for (at, record) in &kept {
        part.first(at, record).await?;
    }
    purge(part, before, 2).await?;
    for (at, _) in &over {
        // At the epoch every record is retained that still stands.
        part.is_at(GONE, at, None, Timestamp::EPOCH).await?;
    }
    let rule = "purging deletes nothing that is retained";
    purge(part, part.now, 1000).await?;
    for (at, record) in &kept {
        part.is(rule, at, Some(record)).await?;
    }
    // What was purged is in no list either, also for clocks that are behind.
    let range = Range { which: Which::All, after: None::<Position>, limit: 100 };
    let listed = part.store.list(part.lane, &part.owner, range, Timestamp::EPOCH).await;
    let listed = answer("what was purged is listed no more", listed)?;
    match listed.rows.iter().find(|(at, _)| over.iter().any(|(gone, _)| gone == at)) {
        Some(found) => broken("what was purged is listed no more", found),
        None => Ok(()),
    }
}

/// A record written anew is kept for as long as it now says, not as it said before.
pub(super) async fn rewritten<S: Store>(part: &Part<S>) -> Checked {
    let rule = "purging goes by the retention of the newest version";
    let short = part.ago(2 * HOUR);
    let then = part.ago(3 * HOUR);
    let with = |version, retain_until| Record {
        head: Head { retain_until, ..part.head(version) },
        sealed: Arc::from(b"purge".as_slice()),
    };
    let (long, brief) = (with(2, part.later(24 * HOUR)), with(1, short));
    // Longer: while it was retained, after that, and after it was deleted.
    let [updated, taken_over, deleted]: [Place; 3] = core::array::from_fn(|_| part.place());
    for at in [updated, taken_over, deleted] {
        part.past(&at, &brief).await?;
    }
    // The store may have deleted it, as it is over by now.
    let put = part.put(&updated, Expected::Head(brief.head), &long, &[], then).await;
    if answer(rule, put)? == Put::Conflict {
        part.first(&updated, &long).await?;
    }
    let _ = answer(rule, part.store.delete(&deleted, brief.head).await)?;
    for at in [taken_over, deleted] {
        part.first(&at, &long).await?;
    }
    // Shorter.
    let shorter = part.place();
    let long_before = with(1, Timestamp::MAX);
    part.first(&shorter, &long_before).await?;
    let brief = with(2, short);
    let put = part.put(&shorter, Expected::Head(long_before.head), &brief, &[], then).await;
    expect("a record is replaced by expecting its head", put, &Put::Stored)?;
    purge(part, part.now, 1000).await?;
    for at in [updated, taken_over, deleted] {
        part.is(rule, &at, Some(&long)).await?;
    }
    part.is_at(rule, &shorter, None, Timestamp::EPOCH).await
}

/// What was purged or taken over leaves its news behind, and nothing in the lists.
pub(super) async fn told<S: Store>(part: &Part<S>) -> Checked {
    let over = part.ago(2 * HOUR);
    let then = part.ago(3 * HOUR);
    let old = Record {
        head: Head { retain_until: over, created: part.ago(9000), ..part.head(1) },
        sealed: Arc::from(b"told".as_slice()),
    };
    let news: Vec<Arc<[u8]>> = [b"a", b"b"].map(|news| Arc::from(news.as_slice())).into();
    let [purged, taken_over]: [Place; 2] = core::array::from_fn(|_| part.place());
    let mut wanted = Vec::new();
    for at in [purged, taken_over] {
        let put = part.put(&at, Expected::Absent, &old, &news, then).await;
        expect("a first record is stored with its news", put, &Put::Stored)?;
        wanted.extend(entries_of(&at, &old, &news));
    }
    let new = Record { head: Head { created: part.ago(100), ..part.head(9) }, ..old.clone() };
    let rule = "news of a record that is no longer retained stay when another takes its place";
    let put = part.put(&taken_over, Expected::Absent, &new, &news, part.now).await;
    expect(rule, put, &Put::Stored)?;
    wanted.extend(entries_of(&taken_over, &new, &news));
    entries_are(part, rule, &wanted).await?;
    purge(part, part.now, 1000).await?;
    part.is_at(GONE, &purged, None, Timestamp::EPOCH).await?;
    let rule = "news of a record that is purged stay in the outbox";
    entries_are(part, rule, &wanted).await?;

    let rule = "a record in place of one that was purged is listed once";
    part.first(&purged, &new).await?;
    for which in [Which::All, Which::Live] {
        let range = Range { which, after: None::<Position>, limit: 100 };
        let listed = list(part, &part.owner, range, part.now, async |_| Ok(())).await?;
        let mut listed: Vec<Place> = listed.into_iter().map(|(at, _)| at).collect();
        listed.sort_unstable();
        let mut both = vec![purged, taken_over];
        both.sort_unstable();
        same(rule, &listed, &both)?;
    }
    Ok(())
}
