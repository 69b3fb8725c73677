//! Lists: newest first, to the end, all or live ones alone, while rows come and go.

use core::cmp::Reverse;
use std::sync::Arc;

use super::part::{Part, ending, random, random_bytes};
use super::{Checked, answer, broken, expect, same};
use crate::store::{Expected, Head, Place, Position, Put, Range, Record, Store, Which};
use crate::values::time::Timestamp;

pub(super) type Row = (Place, Record);

/// So many parts are more than any list of the suite has, if each looks at one row at least.
const PARTS: usize = 5000;
/// More rows than the parts of a server have, by number or by size.
const LONG: u64 = 300;

const ORDER: &str = "records are listed by falling created and falling id, byte by byte";
const ANSWERED: &str = "a list is answered";
const RETAINED: &str = "no record is listed that is not retained";
const WHOLE: &str = "a list ends only with `next: None`, and by then every record was listed once";

const fn position(row: &Row) -> Position {
    Position { created: row.1.head.created, id: row.0.id }
}

fn newest_first(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_unstable_by_key(|row| Reverse(position(row)));
    rows
}

/// Lists in parts of `limit`, from behind `after`; `between` is called after each part.
pub(super) async fn list<S: Store>(
    part: &Part<S>,
    owner: &[u8; 16],
    range: Range,
    now: Timestamp,
    between: impl AsyncFn(&[Row]) -> Checked,
) -> Checked<Vec<Row>> {
    let mut all: Vec<Row> = Vec::new();
    let mut after = range.after;
    for _ in 0..PARTS {
        let part_of = Range { after, ..range };
        let listed = part.store.list(part.lane, owner, part_of, now).await;
        let listed = answer(ANSWERED, listed)?;
        if listed.rows.len() > range.limit {
            return broken("a list holds at most its limit", listed.rows.len());
        }
        let own = |row: &&Row| row.0.owner != *owner || row.0.lane != part.lane;
        if let Some(foreign) = listed.rows.iter().find(own) {
            return broken("a list holds records of its owner and lane alone", foreign);
        }
        let last = listed.rows.last().map(position);
        all.extend(listed.rows.iter().cloned());
        let Some(next) = listed.next else { return Ok(all) };
        let rule = "a list goes on behind what it has looked at";
        if after.is_some_and(|after| next >= after) || last.is_some_and(|last| next > last) {
            return broken(rule, (after, last, next));
        }
        after = Some(next);
        between(&listed.rows).await?;
    }
    broken("a list has an end", all.len())
}

/// Lists in parts of several sizes, and compares.
async fn listed<S: Store>(
    part: &Part<S>,
    rule: &'static str,
    range: (Which, Option<Position>),
    now: Timestamp,
    wanted: &[Row],
) -> Checked {
    let (which, after) = range;
    // Small parts of a long list would take a server long.
    let small = if wanted.len() > 20 { 7 } else { 1 };
    for limit in [1000, wanted.len().max(1), small] {
        let range = Range { which, after, limit };
        let found = list(part, &part.owner, range, now, async |_| Ok(())).await?;
        if let Some(over) = found.iter().find(|row| row.1.head.retain_until <= now) {
            return broken(RETAINED, over);
        }
        let rule = if newest_first(found.clone()) == wanted { ORDER } else { rule };
        same(rule, &found.as_slice(), &wanted)?;
    }
    Ok(())
}

async fn all_listed<S: Store>(part: &Part<S>, rule: &'static str, wanted: &[Row]) -> Checked {
    listed(part, rule, (Which::All, None), part.now, wanted).await
}

impl<S: Store> Part<S> {
    fn row(&self, id: [u8; 16], created: Timestamp) -> Row {
        let record = self.record(random(), &id);
        let head = Head { version: random() >> 2, created, ..record.head };
        (self.at(id), Record { head, ..record })
    }
}

/// Ids and times that other orders than that of bytes and numbers put elsewhere.
pub(super) async fn order<S: Store>(part: &Part<S>) -> Checked {
    let base = u128::from_be_bytes(random_bytes());
    let mut ids: Vec<u128> = (0..16).map(|_| u128::from_be_bytes(random_bytes())).collect();
    // Each byte alone decides, as unsigned.
    let bits = [1_u128, 0x80]
        .into_iter()
        .flat_map(|bit| (0..128).step_by(8).map(move |n| bit.rotate_left(n)));
    ids.extend(bits.map(|bit| base ^ bit));
    ids.extend([0, 1, u128::MAX, u128::MAX - 1, 1 << 127, (1 << 127) - 1, base]);
    let mut ids: Vec<[u8; 16]> = ids.into_iter().map(u128::to_be_bytes).collect();
    for last in [0x00, 0x20] {
        let id = random_bytes();
        ids.extend([ending(id, last), ending(id, last ^ 1), ending(id, last | 0x80)]);
    }
    ids.sort_unstable();
    ids.dedup();
    let hour = part.ago(3600);
    let mut rows: Vec<Row> = ids.iter().map(|id| part.row(*id, hour)).collect();
    let times = [0, 1, 9, 10, 99, 1_000_000_000, 999_999_999, 1 << 31, (1 << 31) - 1, 1 << 32];
    let times = times.map(Timestamp::from_unix).into_iter();
    for time in times.chain([Timestamp::MAX, part.ago(3599), part.ago(3601), part.later(60)]) {
        rows.push(part.row(random_bytes(), time));
        rows.push(part.row(random_bytes(), time));
    }
    // Not in their order.
    rows.sort_unstable_by_key(|row| row.1.head.version);
    for (at, record) in &rows {
        part.first(at, record).await?;
    }
    // Other owners and lanes, some of which begin as this one does.
    for last in 0..4 {
        let near = Place { owner: ending(part.owner, last), ..part.place() };
        let beside = Place { lane: part.lane.wrapping_add(last).wrapping_add(1), ..part.place() };
        for at in [near, beside] {
            if (at.lane, at.owner) != (part.lane, part.owner) {
                part.first(&at, &part.record(1, b"another owner's")).await?;
            }
        }
    }
    let rows = newest_first(rows);
    all_listed(part, WHOLE, &rows).await?;

    let rule = "a list goes on behind a position, which need not exist";
    for (index, row) in rows.iter().enumerate().step_by(5) {
        let rest = rows.get(index..).unwrap_or_default();
        let at = position(row);
        let behind = rest.get(1..).unwrap_or_default();
        listed(part, rule, (Which::All, Some(at)), part.now, behind).await?;
        let id = u128::from_be_bytes(at.id).saturating_add(1).to_be_bytes();
        let beside = Position { id, ..at };
        let wanted: Vec<Row> = rows.iter().filter(|row| position(row) < beside).cloned().collect();
        listed(part, rule, (Which::All, Some(beside)), part.now, &wanted).await?;
    }
    let lowest = Position { created: Timestamp::EPOCH, id: [0; 16] };
    let rule = "behind the last position there is nothing";
    listed(part, rule, (Which::All, Some(lowest)), part.now, &[]).await?;
    let nobody = Range { which: Which::All, after: None, limit: 9 };
    let found = list(part, &random_bytes(), nobody, part.now, async |_| Ok(())).await?;
    same("an owner without records has an empty list", &found, &Vec::new())
}

/// More rows than a server gives at once, some of them no longer retained.
pub(super) async fn long<S: Store>(part: &Part<S>) -> Checked {
    let mut rows = Vec::new();
    for n in 0..LONG {
        let (at, mut record) = part.row(random_bytes(), part.ago(n));
        // Retained for now. The list is read with a clock that is two hours ahead.
        let over = n < 20 || (n > 40 && n % 3 == 0);
        record.head.retain_until = part.later(if over { 3600 } else { 24 * 3600 });
        record.sealed = Arc::from(vec![0xA5; 4096]);
        part.first(&at, &record).await?;
        rows.push(((at, record), over));
    }
    let ahead = part.later(7200);
    let kept: Vec<Row> =
        rows.iter().filter(|(_, over)| !over).map(|(row, _)| row.clone()).collect();
    let kept = newest_first(kept);
    let all = newest_first(rows.into_iter().map(|(row, _)| row).collect());
    for which in [Which::All, Which::Live] {
        listed(part, WHOLE, (which, None), part.now, &all).await?;
        listed(part, WHOLE, (which, None), ahead, &kept).await?;
    }
    Ok(())
}

/// Live rows among others.
pub(super) async fn live<S: Store>(part: &Part<S>) -> Checked {
    let ahead = part.later(7200);
    let mut rows = Vec::new();
    let ends = [0, 3600, 7199, 7200, 7201, 24 * 3600].map(|seconds| part.later(seconds));
    for retain_until in [part.later(3600), ahead, part.later(7201), Timestamp::MAX] {
        for live_until in [Timestamp::EPOCH, part.ago(1), Timestamp::MAX].into_iter().chain(ends) {
            let (at, mut record) = part.row(random_bytes(), part.ago(random() % 3));
            record.head.live_until = live_until;
            record.head.retain_until = retain_until;
            part.first(&at, &record).await?;
            rows.push((at, record));
        }
    }
    let rows = newest_first(rows);
    for now in [part.now, part.later(3600), part.later(7199), ahead, part.later(7201)] {
        let kept = |row: &&Row| now < row.1.head.retain_until;
        let kept: Vec<Row> = rows.iter().filter(kept).cloned().collect();
        listed(part, WHOLE, (Which::All, None), now, &kept).await?;
        let live = |row: &&Row| now < row.1.head.live_until;
        let live: Vec<Row> = kept.iter().filter(live).cloned().collect();
        let rule = "live are those records that are retained and whose `live_until` is after now";
        listed(part, rule, (Which::Live, None), now, &live).await?;
    }
    Ok(())
}

/// Rows are listed as they were last written, and once.
pub(super) async fn rewritten<S: Store>(part: &Part<S>) -> Checked {
    let rule = "a record is listed as it was last written, and once";
    let (at, old) = part.row(random_bytes(), part.ago(500));
    let (beside, other) = part.row(random_bytes(), part.ago(400));
    part.first(&at, &old).await?;
    part.first(&beside, &other).await?;
    let mut standing = old;
    for live_until in
        [Timestamp::EPOCH, part.later(9000), Timestamp::MAX, part.ago(1), Timestamp::EPOCH]
    {
        let version = standing.head.version.saturating_add(1);
        let head = Head { version, live_until, ..standing.head };
        let new = Record { head, sealed: Arc::from(version.to_be_bytes()) };
        part.replace(&at, &standing, &new).await?;
        standing = new;
        let rows = newest_first(vec![(at, standing.clone()), (beside, other.clone())]);
        all_listed(part, rule, &rows).await?;
        let live: Vec<Row> =
            rows.into_iter().filter(|row| part.now < row.1.head.live_until).collect();
        listed(part, rule, (Which::Live, None), part.now, &live).await?;
    }

    // Deleted, and in place of one that was deleted or is no longer retained: with another `created`.
    let rule = "a record that was deleted is listed no more";
    let delete = part.store.delete(&at, standing.head).await;
    expect("a record is deleted by expecting its head", delete, &Put::Stored)?;
    let rest = [(beside, other.clone())];
    let delete = part.store.delete(&beside, Head { version: 1, ..other.head }).await;
    expect("a record is not deleted by expecting another version", delete, &Put::Conflict)?;
    for which in [Which::All, Which::Live] {
        listed(part, rule, (which, None), part.now, &rest).await?;
    }
    let over = part.place();
    let mut past = part.record(3, b"over");
    past.head.created = part.ago(9000);
    past.head.retain_until = part.ago(60);
    part.past(&over, &past).await?;
    let mut rows = rest.to_vec();
    for at in [at, over] {
        let (_, record) = part.row(at.id, part.ago(100));
        part.first(&at, &record).await?;
        rows.push((at, record));
    }
    let rows = newest_first(rows);
    let rule = "a record in place of another is listed once";
    for which in [Which::All, Which::Live] {
        listed(part, rule, (which, None), part.now, &rows).await?;
    }
    Ok(())
}

/// Rows are live and retained for as long as the last write of each says, whatever the first one said.
pub(super) async fn last_word<S: Store>(part: &Part<S>) -> Checked {
    let (soon, long) = (part.later(3600), part.later(24 * 3600));
    let clocks = [part.now, part.later(3599), soon, part.later(7200)];
    let lives = [part.ago(1), soon, long, Timestamp::MAX];
    let again = [lives.as_slice(), &[Timestamp::EPOCH]].concat();
    let rule = "a record is live until its last write says";
    let rows = written_twice(part, &lives, &again, |head, live_until| Head { live_until, ..head });
    let mut rows = rows.await?;
    for now in clocks {
        let live = |row: &&Row| now < row.1.head.live_until;
        let live: Vec<Row> = newest_first(rows.iter().filter(live).cloned().collect());
        listed(part, rule, (Which::Live, None), now, &live).await?;
    }

    let rule = "a record on which nothing depended is live once a write says so";
    let idle = [Timestamp::EPOCH];
    let woken = written_twice(part, &idle, &again, |head, live_until| Head { live_until, ..head });
    rows.extend(woken.await?);
    for now in clocks {
        let live = |row: &&Row| now < row.1.head.live_until;
        let live: Vec<Row> = newest_first(rows.iter().filter(live).cloned().collect());
        listed(part, rule, (Which::Live, None), now, &live).await?;
    }

    let rule = "a record is listed until the end of retention that its last write says";
    let ends = [soon, long, Timestamp::MAX];
    let kept = written_twice(part, &ends, &ends, |head, retain_until| Head {
        retain_until,
        live_until: Timestamp::MAX,
        ..head
    });
    rows.extend(kept.await?);
    for now in clocks {
        let kept = |row: &&Row| now < row.1.head.retain_until;
        let kept: Vec<Row> = newest_first(rows.iter().filter(kept).cloned().collect());
        listed(part, rule, (Which::All, None), now, &kept).await?;
        let live = |row: &Row| now < row.1.head.live_until;
        let live: Vec<Row> = kept.into_iter().filter(live).collect();
        listed(part, rule, (Which::Live, None), now, &live).await?;
    }
    Ok(())
}

/// Rows that were first written with each of `first`, and then with each of `last`.
async fn written_twice<S: Store>(
    part: &Part<S>,
    first: &[Timestamp],
    last: &[Timestamp],
    with: impl Fn(Head, Timestamp) -> Head,
) -> Checked<Vec<Row>> {
    let mut rows = Vec::new();
    for (first, last) in first.iter().flat_map(|first| last.iter().map(move |last| (first, last))) {
        let (at, record) = part.row(random_bytes(), part.ago(random() % 3));
        let old = Record { head: with(record.head, *first), ..record };
        part.first(&at, &old).await?;
        let version = old.head.version.saturating_add(1);
        let new = Record { head: with(Head { version, ..old.head }, *last), ..old.clone() };
        part.replace(&at, &old, &new).await?;
        rows.push((at, new));
    }
    Ok(rows)
}

/// Several owners' lists in one call, among them one without records.
pub(super) async fn each<S: Store>(part: &Part<S>) -> Checked {
    let owners: [[u8; 16]; 3] = [random_bytes(), random_bytes(), random_bytes()];
    let mut all: Vec<Row> = Vec::new();
    for (owner, rows) in owners.iter().zip([5_u64, 0, 3]) {
        for n in 0..rows {
            let (at, mut record) = part.row(random_bytes(), part.ago(n));
            record.head.live_until = if n == 1 { Timestamp::EPOCH } else { part.later(3600) };
            let at = Place { owner: *owner, ..at };
            part.first(&at, &record).await?;
            all.push((at, record));
        }
    }
    let all = newest_first(all);
    let of = |owner: &[u8; 16], which| {
        let listed = |row: &&Row| {
            let live = part.now < row.1.head.live_until;
            row.0.owner == *owner && (which == Which::All || live)
        };
        all.iter().filter(listed).cloned().collect::<Vec<Row>>()
    };
    let ranges = [Which::All, Which::Live].map(|which| [1, 3, 1000].map(|limit| (which, limit)));
    for (which, limit) in ranges.into_iter().flatten() {
        let range = Range { which, after: None, limit };
        let lists = part.store.list_each(part.lane, &owners, range, part.now).await;
        let lists = answer("several lists are answered", lists)?;
        same("there is a list for each of several owners", &lists.len(), &owners.len())?;
        for (owner, listed) in owners.iter().zip(lists) {
            if listed.rows.len() > limit {
                return broken("each of several lists holds at most its limit", listed.rows.len());
            }
            let mut found = listed.rows;
            if let Some(after) = listed.next {
                let rest = Range { after: Some(after), ..range };
                found.extend(list(part, owner, rest, part.now, async |_| Ok(())).await?);
            }
            same("each of several lists is its owner's, to its end", &found, &of(owner, which))?;
        }
    }
    let [first, ..] = &owners;
    let behind = all.iter().find(|row| row.0.owner == *first).map(position);
    let range = Range { which: Which::All, after: behind, limit: 1000 };
    let lists = part.store.list_each(part.lane, &owners, range, part.now).await;
    let mut found = Vec::new();
    if let Some(listed) = answer("several lists are answered", lists)?.into_iter().next() {
        found = listed.rows;
        if let Some(after) = listed.next {
            let rest = Range { after: Some(after), ..range };
            found.extend(list(part, first, rest, part.now, async |_| Ok(())).await?);
        }
    }
    let wanted: Vec<Row> = of(first, Which::All).into_iter().skip(1).collect();
    same("each of several lists goes on behind a position", &found, &wanted)?;
    let none = part.store.list_each(part.lane, &[], range, part.now).await;
    expect("of no owner there is no list", none, &Vec::new())
}

/// Rows come and go between the parts of a list.
pub(super) async fn changing<S: Store>(part: &Part<S>) -> Checked {
    let rule = "a record that stands throughout a list of several parts is listed once";
    for which in [Which::All, Which::Live] {
        let owner = random_bytes();
        let row = |created| {
            let (at, record) = part.row(random_bytes(), created);
            (Place { owner, ..at }, record)
        };
        let mut rows: Vec<Row> = (0..24).map(|n| row(part.ago(n))).collect();
        for (at, record) in &rows {
            part.first(at, record).await?;
        }
        rows = newest_first(rows);
        let range = Range { which, after: None, limit: 4 };
        let found = list(part, &owner, range, part.now, async |last| {
            // The one that the list goes on behind is deleted, a newer one comes, another is written anew.
            if let [.., (anew, old), (at, record)] = last {
                let deleted = part.store.delete(at, record.head).await;
                expect("a record is deleted by expecting its head", deleted, &Put::Stored)?;
                let version = old.head.version.saturating_add(1);
                let new =
                    Record { head: Head { version, ..old.head }, sealed: Arc::clone(&old.sealed) };
                let put = part.put(anew, Expected::Head(old.head), &new, &[], part.now).await;
                expect("a record is replaced by expecting its head", put, &Put::Stored)?;
                let (newer, record) = row(part.later(1));
                part.first(&newer, &record).await?;
            }
            Ok(())
        })
        .await?;
        same(rule, &found, &rows)?;
    }
    Ok(())
}
