//! More races: deleting meets writing, worker meets worker, and a list meets what it lists.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::lists::list;
use super::outbox::{FREE, HELD};
use super::part::{Part, random_bytes};
use super::races::{Course, LASTS, ONE_WINNER, PAUSE, RACERS, Racer, of_racer, race};
use super::{Checked, answer, broken, expect};
use crate::store::{Expected, Head, News, Place, Put, Range, Record, Store, Which};

const LISTED: &str = "a record that is written anew meanwhile is listed once";

/// Everybody deletes, replaces or writes first what stands at the same places. Each version is gone by one of them.
pub(super) async fn deletes<S: Store>(part: &Part<S>) -> Checked {
    let course = Course::new(LASTS);
    let places: Arc<[Place]> = part.claim(2).into();
    let racers = (0..RACERS).map(|racer| -> Racer<S, Vec<(Place, u64)>> {
        let (course, places) = (Arc::clone(&course), Arc::clone(&places));
        Box::new(move |part, handle| handle.block_on(end(&part, &course, &places, racer)))
    });
    let mut ended: Vec<(Place, u64)> = race(part, racers).await?.into_iter().flatten().collect();
    ended.sort_unstable();
    if let Some(twice) = ended.windows(2).find(|pair| pair.first() == pair.last()) {
        return broken(ONE_WINNER, twice);
    }
    course.got_on()
}

/// Which versions this racer ended, by deleting or replacing.
async fn end<S: Store>(
    part: &Part<S>,
    course: &Course,
    places: &[Place],
    racer: u8,
) -> Checked<Vec<(Place, u64)>> {
    let store = &part.store;
    let mut ended = Vec::new();
    let mut mine = of_racer(part, racer);
    for turn in (0..=u8::MAX).cycle().take_while(|_| !course.over()) {
        course.pause(racer, turn);
        for at in places {
            let stands = answer(ONE_WINNER, store.load(at, part.now).await)?.map(|row| row.head);
            let done = match stands {
                Some(head) if (turn ^ racer).is_multiple_of(2) => store.delete(at, head).await,
                stands => {
                    let expected = stands.map_or(Expected::Absent, Expected::Head);
                    mine.head.version = mine.head.version.saturating_add(1);
                    store.put_if(at, expected, &mine, News::NONE, part.now).await
                }
            };
            if answer(ONE_WINNER, done)? == Put::Stored {
                course.turn();
                ended.extend(stands.map(|head| (*at, head.version)));
            }
        }
    }
    Ok(ended)
}

/// Everybody leases the one lane that has entries.
pub(super) async fn leases<S: Store>(part: &Part<S>) -> Checked {
    part.tell(&part.place(), 3, 3).await?;
    let course = Course::new(LASTS);
    let (holders, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
    let racers = (0..RACERS).map(|racer| -> Racer<S, ()> {
        let course = Arc::clone(&course);
        let (holders, held) = (Arc::clone(&holders), Arc::clone(&held));
        Box::new(move |part, handle| {
            handle.block_on(async {
                for turn in (0..=u8::MAX).cycle().take_while(|_| !course.over()) {
                    course.pause(racer, turn);
                    let holds = hold(&part, &holders).await?;
                    held.fetch_add(u64::from(holds), Ordering::SeqCst);
                    // Who asked in vain had a turn too: a store may look at all lanes.
                    course.turn();
                }
                Ok(())
            })
        })
    });
    race(part, racers).await?;
    if held.load(Ordering::SeqCst) == 0 {
        return broken(FREE, "nobody leased it");
    }
    course.got_on()
}

/// Leases the lane, and lets it go again; whether it was free.
async fn hold<S: Store>(part: &Part<S>, holders: &AtomicUsize) -> Checked<bool> {
    let lease = part.store.lease(&random_bytes(), 10, part.then(0), part.then(60)).await;
    let Some(lease) = answer(FREE, lease)? else { return Ok(false) };
    if holders.fetch_add(1, Ordering::SeqCst) > 0 {
        return broken(HELD, "two holders at once");
    }
    thread::yield_now();
    // It is still this one's.
    let held = part.store.acknowledge(&lease, &[], part.then(1)).await;
    holders.fetch_sub(1, Ordering::SeqCst);
    expect(HELD, held, &true)?;
    part.release(&lease).await?;
    Ok(true)
}

/// Rows are written anew all the time while others list them: each is in every list, once.
pub(super) async fn lists<S: Store>(part: &Part<S>) -> Checked {
    const WRITERS: usize = 3;
    const ROWS: u64 = 12;
    let course = Course::new(LASTS);
    let mut rows = Vec::new();
    for n in 0..ROWS {
        let (at, mut record) = (part.place(), part.record(1, b"listed"));
        record.head.created = part.ago(n / 2);
        part.first(&at, &record).await?;
        rows.push((at, record));
    }
    let all: Arc<BTreeSet<Place>> = Arc::new(rows.iter().map(|(at, _)| *at).collect());
    let writing = Arc::new(AtomicUsize::new(WRITERS));
    let listed = Arc::new(AtomicU64::new(0));
    let mut shares = rows.chunks(rows.len().div_ceil(WRITERS)).map(<[_]>::to_vec);
    let racers = (0..RACERS).map(|_| -> Racer<S, ()> {
        let (course, all) = (Arc::clone(&course), Arc::clone(&all));
        let (writing, listed) = (Arc::clone(&writing), Arc::clone(&listed));
        let Some(share) = shares.next() else {
            return Box::new(move |part, handle| {
                while writing.load(Ordering::SeqCst) > 0 {
                    handle.block_on(lists_all(&part, &all))?;
                    listed.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            });
        };
        Box::new(move |part, handle| {
            let written = handle.block_on(rewrite(&part, &course, share));
            writing.fetch_sub(1, Ordering::SeqCst);
            written
        })
    });
    race(part, racers.take(WRITERS.saturating_add(2))).await?;
    if listed.load(Ordering::SeqCst) == 0 {
        return broken(LISTED, "no list was read meanwhile");
    }
    course.got_on()
}

async fn lists_all<S: Store>(part: &Part<S>, all: &BTreeSet<Place>) -> Checked {
    for which in [Which::All, Which::Live] {
        for limit in [100, 5] {
            let range = Range { which, after: None, limit };
            let found = list(part, &part.owner, range, part.now, async |_| Ok(())).await?;
            let places: BTreeSet<Place> = found.iter().map(|(at, _)| *at).collect();
            if places != *all || found.len() != all.len() {
                return broken(LISTED, (which, limit, found.len()));
            }
        }
    }
    Ok(())
}

/// Each is live and retained for another time with each write.
async fn rewrite<S: Store>(
    part: &Part<S>,
    course: &Course,
    mut share: Vec<(Place, Record)>,
) -> Checked {
    while !course.over() {
        for (at, record) in &mut share {
            let version = record.head.version.saturating_add(1);
            let ends = part.later(7200_u64.saturating_add(version % 3));
            let head = Head { version, live_until: ends, retain_until: ends, ..record.head };
            let new = Record { head, ..record.clone() };
            let expected = Expected::Head(record.head);
            let put = part.store.put_if(at, expected, &new, News::NONE, part.now).await;
            expect("a record is replaced by expecting its head", put, &Put::Stored)?;
            *record = new;
            course.turn();
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}
