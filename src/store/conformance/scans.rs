//! Scans: every row of all owners, to an end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::part::{Part, random_bytes, random_lane, random_version};
use super::{Checked, answer, broken, expect};
use crate::store::{Place, Put, Record, Store};

/// So many parts without a row, one after the other, are none of a scan that ends.
const EMPTY_PARTS: usize = 10_000;
/// So often no row is given twice by a scan that ends.
const TIMES: usize = 50;
const ROWS: usize = 300;
const END: &str = "a scan has an end";

/// How often each of `rows` was given, and how many rows there are in all.
async fn scan<S: Store>(
    part: &Part<S>,
    rows: &BTreeMap<Place, Record>,
    limit: usize,
    between: impl AsyncFn(usize) -> Checked,
) -> Checked<(BTreeMap<Place, usize>, usize)> {
    let mut found: BTreeMap<Place, usize> = BTreeMap::new();
    let (mut count, mut empty, mut parts) = (0_usize, 0_usize, 0_usize);
    let mut after = None;
    while empty < EMPTY_PARTS {
        let listed = answer("a scan goes on", part.store.scan(after.as_ref(), limit).await)?;
        if listed.rows.len() > limit.saturating_mul(2).max(limit.saturating_add(1000)) {
            return broken("a part of a scan holds about its limit", listed.rows.len());
        }
        count = count.saturating_add(listed.rows.len());
        empty = if listed.rows.is_empty() { empty.saturating_add(1) } else { 0 };
        for (at, record) in listed.rows {
            match rows.get(&at) {
                Some(wanted) if *wanted != record => {
                    return broken("a scan gives records as they stand", (at, record));
                }
                Some(_) => {}
                None if at.owner == part.owner => {
                    return broken("a scan gives nothing that was deleted", at);
                }
                None => continue,
            }
            let times = found.entry(at).or_default();
            *times = times.saturating_add(1);
            if *times > TIMES {
                return broken(END, (at, *times));
            }
        }
        let Some(next) = listed.next else { return Ok((found, count)) };
        after = Some(next);
        between(parts).await?;
        parts = parts.saturating_add(1);
    }
    broken(END, "parts without a row")
}

pub(super) async fn whole<S: Store>(part: &Part<S>) -> Checked {
    let rule = "a scan gives every record";
    let mut rows = BTreeMap::new();
    for n in 0..ROWS {
        // A customer's rows in one lane, and others in theirs.
        let at = match n % 3 {
            0 => part.place(),
            1 => Place { lane: random_lane(), owner: random_bytes(), id: random_bytes() },
            _ => Place { owner: random_bytes(), ..part.place() },
        };
        let record =
            Record { head: part.head(random_version()), sealed: Arc::from(vec![0x5A; 4096]) };
        part.first(&at, &record).await?;
        rows.insert(at, record);
    }
    let deleted = part.place();
    let record = part.record(1, b"deleted");
    part.first(&deleted, &record).await?;
    let delete = part.store.delete(&deleted, record.head).await;
    expect("a record is deleted by expecting its head", delete, &Put::Stored)?;

    let (found, count) = scan(part, &rows, 500, async |_| Ok(())).await?;
    if let Some(missing) = rows.keys().find(|at| !found.contains_key(at)) {
        return broken(rule, (found.len(), missing));
    }
    // In small parts, unless others have many rows here.
    let limit = (count / 50).max(7);
    let (found, _) = scan(part, &rows, limit, async |_| Ok(())).await?;
    if let Some(missing) = rows.keys().find(|at| !found.contains_key(at)) {
        return broken(rule, (found.len(), missing));
    }

    // While rows go: the rest are given all the same.
    let rule = "a record that stands throughout a scan is given";
    let going: Vec<(&Place, &Record)> = rows.iter().step_by(4).collect();
    let (found, _) = scan(part, &rows, limit, async |parts| {
        if let Some((at, record)) = going.get(parts) {
            let delete = part.store.delete(at, record.head).await;
            expect("a record is deleted by expecting its head", delete, &Put::Stored)?;
        }
        Ok(())
    })
    .await?;
    let stays = |at: &&Place| !going.iter().any(|(gone, _)| gone == at);
    match rows.keys().filter(stays).find(|at| !found.contains_key(at)) {
        None => Ok(()),
        Some(missing) => broken(rule, (found.len(), missing)),
    }
}
