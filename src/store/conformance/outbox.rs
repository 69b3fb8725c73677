//! The outbox: news of each write, in order, leased a lane at a time, acknowledged by name.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::sync::Arc;

use super::part::{Part, entries_of, ids, random_bytes, random_lane};
use super::{Checked, answer, broken, expect, same};
use crate::store::{Entry, EntryId, Expected, Lease, Place, Put, Store, latest_lease};

const ORDER: &str = "a lane's news are leased oldest first, in the order of their writes";
pub(super) const HELD: &str = "a lane that is leased is leased to nobody else";
const ENDED: &str = "a lease ends at its `until`";
pub(super) const FREE: &str = "a lane that has entries and is not leased is leased";
const GONE: &str = "what was acknowledged never comes back";
const EACH: &str = "`entries` gives each entry, and has an end";
const READ_ON: &str = "a lease says where to read on in its lane, if it did not give all of it";
const FAR: &str = "a lease that ends far ahead keeps nobody out";
pub(super) const BY_ID: &str = "what is acknowledged is deleted, and no other entry";
/// More entries than a server gives at once. A lane may not have room for many more.
const LONG: u8 = 120;

/// All entries of the outbox.
async fn entries<S: Store>(part: &Part<S>, limit: usize) -> Checked<BTreeMap<EntryId, Entry>> {
    const EMPTY_PARTS: usize = 5000;
    let mut all = BTreeMap::new();
    let (mut after, mut empty, mut count) = (None, 0_usize, 0_usize);
    while empty < EMPTY_PARTS && count < 100_000 {
        let listed = answer(EACH, part.store.entries(after.as_ref(), limit).await)?;
        empty = if listed.rows.is_empty() { empty.saturating_add(1) } else { 0 };
        count = count.saturating_add(listed.rows.len());
        all.extend(listed.rows.into_iter().map(|entry| (entry.id, entry)));
        let Some(next) = listed.next else { return Ok(all) };
        after = Some(next);
    }
    broken(EACH, count)
}

pub(super) async fn entries_are<S: Store>(
    part: &Part<S>,
    rule: &'static str,
    wanted: impl IntoIterator<Item = &Entry>,
) -> Checked {
    let wanted: BTreeMap<EntryId, Entry> =
        wanted.into_iter().map(|entry| (entry.id, entry.clone())).collect();
    same(rule, &entries(part, 1000).await?, &wanted)
}

/// What stands in the lane of a lease behind what it gave.
async fn rest<S: Store>(part: &Part<S>, lease: &Lease, limit: usize) -> Checked<Vec<Entry>> {
    const PARTS: usize = 1000;
    let (mut rest, mut next) = (Vec::new(), lease.next.clone());
    for _ in 0..PARTS {
        let Some(after) = next else { return Ok(rest) };
        let listed = answer(READ_ON, part.store.entries(Some(&after), limit).await)?;
        let before = listed.rows.len();
        let own = listed.rows.into_iter().take_while(|entry| entry.id.place.lane == lease.lane);
        let own: Vec<Entry> = own.collect();
        next = listed.next.filter(|_| own.len() == before);
        rest.extend(own);
    }
    broken(READ_ON, rest.len())
}

/// A write and the news of it are one step.
pub(super) async fn of_writes<S: Store>(part: &Part<S>) -> Checked {
    // The one that is written last sorts first.
    let (one, other) = (part.place(), part.place());
    let (at, beside) = (one.max(other), one.min(other));
    let [one, two, three] = [31, 32, 33].map(|n| part.record(n, b"news"));
    let big: Vec<u8> = (0..=u8::MAX).cycle().take(8 * 1024).collect();
    let sealed = |contents: &[&[u8]]| contents.iter().map(|bytes| Arc::from(*bytes)).collect();
    let first: Vec<Arc<[u8]>> =
        sealed(&[b"", b"\xFF\0\xFE", b"null", b"\0", b" ", b"same", b"same"]);
    let second: Vec<Arc<[u8]>> = sealed(&[&big, b"b", b"a"]);
    let rule = "a record and the news of it are one write";
    let put =
        async |at, expected, new, news: &[_]| part.put(at, expected, new, news, part.now).await;
    expect(rule, put(&at, Expected::Absent, &one, &first).await, &Put::Stored)?;
    part.is(rule, &at, Some(&one)).await?;
    let mut wanted = entries_of(&at, &one, &first);
    entries_are(part, rule, &wanted).await?;

    let refused = "a refused write adds no news";
    for (expected, new) in [
        (Expected::Absent, &two),
        (Expected::Head(two.head), &three),
        (Expected::Head(three.head), &two),
    ] {
        expect(refused, put(&at, expected, new, &second).await, &Put::Conflict)?;
        expect(
            refused,
            put(&beside, Expected::Head(two.head), new, &second).await,
            &Put::Conflict,
        )?;
        entries_are(part, refused, &wanted).await?;
    }
    expect(rule, put(&at, Expected::Head(one.head), &two, &second).await, &Put::Stored)?;
    wanted.extend(entries_of(&at, &two, &second));
    expect(rule, put(&beside, Expected::Absent, &one, &[]).await, &Put::Stored)?;
    expect(rule, put(&beside, Expected::Head(one.head), &two, &first).await, &Put::Stored)?;
    wanted.extend(entries_of(&beside, &two, &first));
    entries_are(part, rule, &wanted).await?;
    let rule = "news of a record that is deleted stay in the outbox";
    expect(rule, part.store.delete(&at, two.head).await, &Put::Stored)?;
    entries_are(part, rule, &wanted).await?;
    let count = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
    part.backlog_is(count, 1).await?;

    let lease = part.lease(FREE, 100, part.then(0), part.then(60)).await?;
    same("a lane's news are leased from their lane", &lease.lane, &part.lane)?;
    same(ORDER, &lease.entries, &wanted)?;
    part.acknowledge(BY_ID, &lease, &ids(&wanted), part.then(1), true).await?;
    part.backlog_is(0, 0).await?;
    entries_are(part, BY_ID, &[]).await?;
    part.release(&lease).await?;
    part.no_lease(GONE, part.then(2)).await?;
    part.no_lease(GONE, part.then(100)).await?;
    entries_are(part, GONE, &[]).await
}

/// Who may hold a lane, and for how long.
pub(super) async fn leases<S: Store>(part: &Part<S>) -> Checked {
    let mut wanted = Vec::new();
    for n in 0..5 {
        wanted.extend(part.tell(&part.place(), 50_u64.saturating_sub(n), 2).await?);
    }
    let first = part.lease(FREE, 3, part.then(0), part.then(60)).await?;
    same(ORDER, &first.entries.as_slice(), &wanted.get(..3).unwrap_or_default())?;
    for seconds in [0, 1, 59] {
        part.no_lease(HELD, part.then(seconds)).await?;
    }
    for limit in [1, 3, 100] {
        let behind = rest(part, &first, limit).await?;
        same(READ_ON, &behind.as_slice(), &wanted.get(3..).unwrap_or_default())?;
    }
    // What is written meanwhile waits behind.
    wanted.extend(part.tell(&part.place(), 1, 1).await?);
    part.no_lease(HELD, part.then(59)).await?;
    let second = part.lease(ENDED, 1000, part.then(60), part.then(90)).await?;
    same(ORDER, &second.entries, &wanted)?;
    same(READ_ON, &second.next, &None)?;

    let late = "a lease that has ended acknowledges nothing";
    let done = ids(&first.entries);
    for seconds in [60, 61, 1000] {
        part.acknowledge(late, &first, &done, part.then(seconds), false).await?;
    }
    // A worker asks like this whether the lane is still its own.
    part.acknowledge(late, &first, &[], part.then(61), false).await?;
    let rule = "a lease that another holder took over acknowledges nothing";
    part.acknowledge(rule, &first, &done, part.then(59), false).await?;
    entries_are(part, late, &wanted).await?;
    let rule = "a lease is released by its holder alone";
    part.release(&first).await?;
    part.no_lease(rule, part.then(89)).await?;
    // It ended, and nobody else holds the lane.
    let done = ids(&second.entries);
    part.acknowledge(late, &second, &done, part.then(90), false).await?;
    entries_are(part, late, &wanted).await?;
    let stranger = Lease { token: random_bytes(), ..second.clone() };
    let rule = "only the holder of a lease acknowledges";
    part.acknowledge(rule, &stranger, &done, part.then(70), false).await?;
    entries_are(part, rule, &wanted).await?;
    part.release(&second).await?;

    let rule = "a lane is leased at once after its release";
    let third = part.lease(rule, 1000, part.then(70), part.then(80)).await?;
    same(ORDER, &third.entries, &wanted)?;
    part.no_lease(HELD, part.then(79)).await?;
    let rule = "a lease that was released acknowledges nothing";
    part.acknowledge(rule, &second, &done, part.then(75), false).await?;
    entries_are(part, rule, &wanted).await?;
    part.release(&third).await?;
    part.acknowledge(rule, &third, &done, part.then(75), false).await?;
    entries_are(part, rule, &wanted).await?;
    let exact = wanted.len();
    let fourth = part.lease(FREE, exact, part.then(76), part.then(80)).await?;
    same(READ_ON, &fourth.next, &None)?;
    part.release(&fourth).await?;

    // The latest end that a right clock can have asked for holds, and a second later does not.
    let last = latest_lease(part.then(200));
    let fifth = part.lease(FREE, exact, part.then(200), last).await?;
    part.no_lease(HELD, part.then(200)).await?;
    let sixth = part.lease(FAR, exact, part.then(199), part.then(260)).await?;
    part.acknowledge(FAR, &fifth, &done, part.then(200), false).await?;
    part.acknowledge(FAR, &sixth, &[], part.then(200), true).await?;
    entries_are(part, FAR, &wanted).await?;
    part.release(&sixth).await
}

/// Entries are deleted by their names, whatever stands before them.
pub(super) async fn acknowledging<S: Store>(part: &Part<S>) -> Checked {
    // The news of two places take turns, and their ids are not in the order of their writes.
    let (one, other) = (part.place(), part.place());
    let mut wanted = Vec::new();
    let mut standing = BTreeMap::new();
    for round in 0..3_u64 {
        for at in [one, other] {
            let version = round.saturating_add(70);
            let expected = standing.get(&at).copied().map_or(Expected::Absent, Expected::Head);
            let new = part.record(version, b"turns");
            let news: Vec<Arc<[u8]>> = [b"x", b"y"].map(|news| Arc::from(news.as_slice())).into();
            let put = part.put(&at, expected, &new, &news, part.now).await;
            expect("a record is stored with its news", put, &Put::Stored)?;
            wanted.extend(entries_of(&at, &new, &news));
            standing.insert(at, new.head);
        }
    }
    // Twelve entries. The last of the batch first, then one in the middle, twice, with some before it left.
    let lease = part.lease(FREE, 8, part.then(0), part.then(60)).await?;
    same(ORDER, &lease.entries.as_slice(), &wanted.get(..8).unwrap_or_default())?;
    let batch = ids(&lease.entries);
    let unknown = batch.first().map(|id| EntryId { index: 9, ..*id });
    let steps: [&[usize]; 7] = [&[], &[7], &[3, 1], &[3], &[4], &[4, 1, 7], &[0]];
    for step in steps {
        let mut done: Vec<EntryId> = step.iter().filter_map(|n| batch.get(*n)).copied().collect();
        part.acknowledge(BY_ID, &lease, &done, part.then(30), true).await?;
        wanted.retain(|entry| !done.contains(&entry.id));
        entries_are(part, BY_ID, &wanted).await?;
        done.extend(unknown);
        part.acknowledge(BY_ID, &lease, &done, part.then(59), true).await?;
        entries_are(part, BY_ID, &wanted).await?;
        part.backlog_is(u64::try_from(wanted.len()).unwrap_or(u64::MAX), 1).await?;
    }
    // Also one that the lease did not give, and what was deleted does not come back.
    let beyond = wanted.last().map(|entry| entry.id);
    part.acknowledge(BY_ID, &lease, beyond.as_slice(), part.then(59), true).await?;
    wanted.pop();
    let after = part.lease(ENDED, 1000, part.then(60), part.then(90)).await?;
    same(GONE, &after.entries, &wanted)?;
    part.release(&after).await?;
    let after = part.lease(FREE, 2, part.then(61), part.then(90)).await?;
    same(GONE, &after.entries.as_slice(), &wanted.get(..2).unwrap_or_default())?;
    part.acknowledge(BY_ID, &after, &ids(&after.entries), part.then(62), true).await?;
    part.release(&after).await?;
    let rest = part.lease(FREE, 1000, part.then(63), part.then(90)).await?;
    same(GONE, &rest.entries.as_slice(), &wanted.get(2..).unwrap_or_default())?;
    // The next news of a place come behind what is left of it.
    let mut left = rest.entries.clone();
    left.extend(part.tell(&part.place(), 1, 3).await?);
    part.release(&rest).await?;
    let last = part.lease(FREE, 1000, part.then(64), part.then(90)).await?;
    same(ORDER, &last.entries, &left)?;
    part.acknowledge(BY_ID, &last, &ids(&last.entries), part.then(65), true).await?;
    part.backlog_is(0, 0).await?;
    part.release(&last).await
}

/// No lane waits for another.
pub(super) async fn lanes<S: Store>(part: &Part<S>) -> Checked {
    /// Even if a lane is drawn at random from all 256 each time, each has its turn by then.
    const CALLS: u64 = 4096;
    let mut wanted: BTreeMap<u8, Vec<Entry>> = BTreeMap::new();
    while wanted.len() < 4 {
        let lane = random_lane();
        let at = Place { lane, ..part.place() };
        if let btree_map::Entry::Vacant(vacant) = wanted.entry(lane) {
            vacant.insert(part.tell(&at, 9, 3).await?);
        }
    }
    part.backlog_is(12, 4).await?;
    entries_are(part, EACH, wanted.values().flatten()).await?;

    // Each is leased while the others are.
    let mut held: BTreeMap<u8, Lease> = BTreeMap::new();
    for _ in 0..4 {
        let lease = part.lease(FREE, 10, part.then(0), part.then(60)).await?;
        same(ORDER, &Some(&lease.entries), &wanted.get(&lease.lane))?;
        if let Some(twice) = held.insert(lease.lane, lease) {
            return broken(HELD, twice.lane);
        }
    }
    part.no_lease(HELD, part.then(30)).await?;
    // Entries of one lane are not acknowledged with the lease of another.
    let all: Vec<EntryId> = wanted.values().flatten().map(|entry| entry.id).collect();
    let mut left = wanted.clone();
    if let Some(lease) = held.values().next() {
        let rule = "a lease acknowledges entries of its lane alone";
        part.acknowledge(rule, lease, &all, part.then(30), true).await?;
        left.remove(&lease.lane);
        entries_are(part, rule, left.values().flatten()).await?;
        part.backlog_is(9, 3).await?;
    }
    for lease in held.values() {
        part.release(lease).await?;
    }

    // What nobody acknowledges does not keep other lanes from their turn.
    let rule = "over many calls every lane has its turn";
    let mut seen = BTreeSet::new();
    for call in 0..CALLS {
        let lease =
            part.lease(FREE, 1, part.then(60), part.then(60_u64.saturating_add(call))).await?;
        seen.insert(lease.lane);
        part.release(&lease).await?;
        if seen.len() == left.len() {
            break;
        }
    }
    same(rule, &seen, &left.keys().copied().collect())
}

/// More news of one write than one byte can number.
pub(super) async fn many<S: Store>(part: &Part<S>) -> Checked {
    let rule = "each of the news of a write has its own index";
    let (at, new) = (part.place(), part.record(5, b"many"));
    let news: Vec<Arc<[u8]>> = (0..260_u16).map(|n| Arc::from(n.to_be_bytes())).collect();
    let put = part.put(&at, Expected::Absent, &new, &news, part.now).await;
    expect("a first record is stored with its news", put, &Put::Stored)?;
    let wanted = entries_of(&at, &new, &news);
    entries_are(part, rule, &wanted).await?;
    part.backlog_is(260, 1).await?;
    let lease = part.lease(FREE, 1000, part.then(0), part.then(60)).await?;
    same(ORDER, &lease.entries, &wanted)?;
    // One of the last, and not its namesake among the first.
    let done: Vec<EntryId> = wanted.iter().skip(257).take(1).map(|entry| entry.id).collect();
    part.acknowledge(BY_ID, &lease, &done, part.then(1), true).await?;
    let left = wanted.iter().filter(|entry| !done.contains(&entry.id));
    entries_are(part, BY_ID, left).await?;
    part.acknowledge(BY_ID, &lease, &ids(&wanted), part.then(2), true).await?;
    part.backlog_is(0, 0).await?;
    part.release(&lease).await
}

/// More entries than a server gives at once.
pub(super) async fn long<S: Store>(part: &Part<S>) -> Checked {
    let mut wanted = Vec::new();
    let lane = random_lane();
    for n in 0..LONG {
        // Each third stands in another lane.
        let at = part.place();
        let at = Place { lane: if n % 3 == 0 { lane } else { at.lane }, ..at };
        wanted.extend(part.tell(&at, 3, if n % 2 == 0 { 1 } else { 2 }).await?);
    }
    let count = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
    part.backlog_is(count, if lane == part.lane { 1 } else { 2 }).await?;
    entries_are(part, EACH, &wanted).await?;
    let found = entries(part, 7).await?;
    same(EACH, &found.len(), &wanted.len())?;
    // Leased until nothing is left: each once, in the order of its lane.
    let mut by_lane: BTreeMap<u8, Vec<Entry>> = BTreeMap::new();
    for entry in wanted {
        by_lane.entry(entry.id.place.lane).or_default().push(entry);
    }
    let mut found: BTreeMap<u8, Vec<Entry>> = BTreeMap::new();
    for _ in 0..count {
        let lease =
            answer(FREE, part.store.lease(&random_bytes(), 50, part.then(0), part.then(60)).await)?;
        let Some(lease) = lease else { break };
        // Entries of the other lane stand between these.
        let mut all = found.get(&lease.lane).cloned().unwrap_or_default();
        all.extend(lease.entries.iter().cloned());
        all.extend(rest(part, &lease, 7).await?);
        same(READ_ON, &Some(&all), &by_lane.get(&lease.lane))?;
        part.acknowledge(BY_ID, &lease, &ids(&lease.entries), part.then(1), true).await?;
        part.release(&lease).await?;
        found.entry(lease.lane).or_default().extend(lease.entries);
    }
    same(ORDER, &found, &by_lane)?;
    part.backlog_is(0, 0).await
}
