//! Races: threads of their own write, deliver and purge at once.
//!
//! Racers run free, each in its own turn of the same few places: what goes wrong only if a thread is stopped
//! between two instructions needs very many turns to be seen.

use core::time::Duration;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::part::{Part, entries_of, ids, lock, random_bytes};
use super::{Checked, answer, broken, expect, purging, same};
use crate::store::{Entry, Expected, Head, News, Place, Put, Record, Store};

pub(super) const RACERS: u8 = 8;
/// A race lasts so long on a quick store, longer where a gap is hit seldom, and so many turns on a slow one.
pub(super) const LASTS: Duration = Duration::from_millis(400);
const LASTS_LONGER: Duration = Duration::from_millis(700);
const TURNS: u64 = 100;
/// So many turns are enough for any.
const ENOUGH: u64 = 200_000;
/// A race that gets nowhere ends all the same.
const AT_MOST: Duration = Duration::from_secs(20);
/// So many writes wait to be told at most: a lane may have room for few.
const WAITING: u64 = 200;
pub(super) const PAUSE: Duration = Duration::from_micros(50);

pub(super) const ONE_WINNER: &str = "of all that expect the same exactly one is stored";
const WINNER: &str = "the winner's record is the one loaded";
const ONE_NEWS: &str = "every write that was made is told once, in order, and no other";
const KEPT: &str = "a record that is written while others purge is kept";
const GET_ON: &str = "while many write at a place, some of them get on";

/// How far a race is.
pub(super) struct Course {
    begun: Instant,
    lasts: Duration,
    /// Writes that were made.
    turns: AtomicU64,
}

impl Course {
    pub(super) fn new(lasts: Duration) -> Arc<Self> {
        Arc::new(Self { lasts, begun: Instant::now(), turns: AtomicU64::new(0) })
    }

    pub(super) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::SeqCst);
    }

    fn turns(&self) -> u64 {
        self.turns.load(Ordering::SeqCst)
    }

    pub(super) fn over(&self) -> bool {
        let (lasted, turns) = (self.begun.elapsed(), self.turns());
        (lasted >= self.lasts && turns >= TURNS) || lasted >= AT_MOST || turns >= ENOUGH
    }

    /// Every other racer sleeps now and then: when it wakes it stops another between two instructions,
    /// which a scheduler does of its own accord some hundred times in a second only.
    pub(super) fn pause(&self, racer: u8, turn: u8) {
        if racer % 2 == 1 && turn.is_multiple_of(4) {
            thread::sleep(PAUSE);
        }
    }

    pub(super) fn got_on(&self) -> Checked {
        same(GET_ON, &(self.turns() >= TURNS), &true)
    }
}

pub(super) type Racer<S, T> = Box<dyn FnOnce(Part<S>, Handle) -> Checked<T> + Send>;

/// Runs `racers` at once, each on a thread of its own, and gives what they return.
pub(super) async fn race<S: Store, T: Send + 'static>(
    part: &Part<S>,
    racers: impl Iterator<Item = Racer<S, T>>,
) -> Checked<Vec<T>> {
    let rule = "racers have threads of their own, and none of them panics";
    let mut results = Vec::new();
    for racer in racers {
        let (part, handle) = (part.clone(), Handle::current());
        let (send, receive) = oneshot::channel();
        let spawned = thread::Builder::new().spawn(move || drop(send.send(racer(part, handle))));
        if let Err(error) = spawned {
            return broken(rule, error);
        }
        results.push(receive);
    }
    let mut all = Vec::new();
    let mut failed = None;
    for receive in results {
        match receive.await {
            Ok(Ok(result)) => all.push(result),
            Ok(Err(error)) => failed = failed.or(Some(error)),
            Err(error) => return broken(rule, error),
        }
    }
    failed.map_or(Ok(all), Err)
}

/// A racer's record, with a version that no other writes.
pub(super) fn of_racer<S: Store>(part: &Part<S>, racer: u8) -> Record {
    part.record((u64::from(racer) << 40) | 1, &[racer])
}

/// Everybody writes a first record at the same places. Who did so is alone there, until it makes room.
pub(super) async fn first_writes<S: Store>(part: &Part<S>) -> Checked {
    alone(part, false).await
}

/// The same where a record stands that is no longer retained.
pub(super) async fn take_overs<S: Store>(part: &Part<S>) -> Checked {
    alone(part, true).await
}

async fn alone<S: Store>(part: &Part<S>, past: bool) -> Checked {
    let course = Course::new(LASTS_LONGER);
    let places: Arc<[Place]> = part.claim(3).into();
    let racers = (0..RACERS).map(|racer| -> Racer<S, ()> {
        let (course, places) = (Arc::clone(&course), Arc::clone(&places));
        Box::new(move |part, handle| {
            handle.block_on(async {
                let mut mine = of_racer(&part, racer);
                for turn in (0..=u8::MAX).cycle().take_while(|_| !course.over()) {
                    course.pause(racer, turn);
                    for at in places.iter() {
                        if stay(&part, at, &mine, past).await? {
                            course.turn();
                            mine.head.version = mine.head.version.saturating_add(2);
                        }
                    }
                }
                Ok(())
            })
        })
    });
    race(part, racers).await?;
    course.got_on()
}

/// Whether `mine` was written first; it is gone again, or no longer retained.
async fn stay<S: Store>(part: &Part<S>, at: &Place, mine: &Record, past: bool) -> Checked<bool> {
    let store = &part.store;
    let put = store.put_if(at, Expected::Absent, mine, News::NONE, part.now).await;
    if answer(ONE_WINNER, put)? == Put::Conflict {
        return Ok(false);
    }
    part.is(ONE_WINNER, at, Some(mine)).await?;
    let gone = if past {
        let head = mine.head;
        let version = head.version.saturating_add(1);
        let over = Head { version, retain_until: part.ago(60), ..head };
        let over = Record { head: over, ..mine.clone() };
        store.put_if(at, Expected::Head(head), &over, News::NONE, part.ago(61)).await
    } else {
        store.delete(at, mine.head).await
    };
    expect(ONE_WINNER, gone, &Put::Stored)?;
    Ok(true)
}

/// What the racers of a chain share.
struct Chains {
    course: Arc<Course>,
    /// Whether there is news of each write.
    told: bool,
    /// Entries in the order in which they were delivered, and how many.
    delivered: Mutex<Vec<Entry>>,
    count: AtomicU64,
    /// Racers that still write.
    writing: AtomicUsize,
}

/// What a racer wrote: where, and which version.
type Won = (Place, u64, u8);

impl Chains {
    fn waiting(&self) -> u64 {
        let told = if self.told { self.count.load(Ordering::SeqCst) } else { u64::MAX };
        self.course.turns().saturating_sub(told)
    }

    async fn write<S: Store>(
        &self,
        part: &Part<S>,
        places: &[Place],
        racer: u8,
    ) -> Checked<Vec<Won>> {
        let mut won = Vec::new();
        let mut new = of_racer(part, racer);
        let news = [Arc::clone(&new.sealed)];
        let news = News { entries: if self.told { &news } else { &[] }, reserve: false };
        let mut standing: Vec<(Place, Head)> =
            places.iter().map(|at| (*at, part.head(0))).collect();
        for turn in (0..=u8::MAX).cycle().take_while(|_| !self.course.over()) {
            self.course.pause(racer, turn);
            if self.waiting() >= WAITING && !self.deliver(part).await? {
                thread::sleep(PAUSE);
                continue;
            }
            for (at, head) in &mut standing {
                new.head.version = head.version.saturating_add(1);
                let put = part.store.put_if(at, Expected::Head(*head), &new, news, part.now).await;
                if answer(ONE_WINNER, put)? == Put::Stored {
                    self.course.turn();
                    won.push((*at, new.head.version, racer));
                    *head = new.head;
                } else {
                    let Some(found) = answer(WINNER, part.store.load(at, part.now).await)? else {
                        return broken(WINNER, "none");
                    };
                    *head = found.head;
                }
            }
        }
        Ok(won)
    }

    /// Delivers what is leased; whether there was something.
    async fn deliver<S: Store>(&self, part: &Part<S>) -> Checked<bool> {
        let lease = part.store.lease(&random_bytes(), 100, part.then(0), part.then(60)).await;
        let Some(lease) = answer(ONE_NEWS, lease)? else { return Ok(false) };
        lock(&self.delivered).extend(lease.entries.iter().cloned());
        part.acknowledge(ONE_NEWS, &lease, &ids(&lease.entries), part.then(1), true).await?;
        part.release(&lease).await?;
        let count = u64::try_from(lease.entries.len()).unwrap_or(u64::MAX);
        self.count.fetch_add(count, Ordering::SeqCst);
        Ok(!lease.entries.is_empty())
    }

    async fn keep_delivering<S: Store>(&self, part: &Part<S>) -> Checked {
        while self.writing.load(Ordering::SeqCst) > 0 {
            if !self.deliver(part).await? {
                thread::sleep(PAUSE);
            }
        }
        Ok(())
    }
}

/// Everybody writes the next version at two places of a lane.
pub(super) async fn chains<S: Store>(part: &Part<S>) -> Checked {
    chained(part, false).await
}

/// The same, while news of that are delivered.
pub(super) async fn news<S: Store>(part: &Part<S>) -> Checked {
    chained(part, true).await
}

async fn chained<S: Store>(part: &Part<S>, told: bool) -> Checked {
    let writers = if told { RACERS.saturating_sub(1) } else { RACERS };
    let places = [part.place(), part.place()];
    for at in &places {
        part.first(at, &part.record(0, b"first")).await?;
    }
    let chains = Arc::new(Chains {
        course: Course::new(LASTS),
        told,
        delivered: Mutex::default(),
        count: AtomicU64::new(0),
        writing: AtomicUsize::new(usize::from(writers)),
    });
    let racers = (0..RACERS).map(|racer| -> Racer<S, Vec<Won>> {
        let chains = Arc::clone(&chains);
        Box::new(move |part, handle| {
            if racer >= writers {
                return handle.block_on(chains.keep_delivering(&part)).map(|()| Vec::new());
            }
            let won = handle.block_on(chains.write(&part, &places, racer));
            chains.writing.fetch_sub(1, Ordering::SeqCst);
            won
        })
    });
    let won = race(part, racers).await?;
    let mut won: Vec<Won> = won.into_iter().flatten().collect();
    won.sort_unstable();
    for _ in 0..ENOUGH {
        if !chains.deliver(part).await? {
            break;
        }
    }
    for at in &places {
        let mut last = part.record(0, b"first");
        let mut wanted = Vec::new();
        for (_, version, racer) in won.iter().filter(|(place, ..)| place == at) {
            if *version != last.head.version.saturating_add(1) {
                return broken(ONE_WINNER, (last.head.version, version));
            }
            last = Record { head: part.head(*version), ..of_racer(part, *racer) };
            if told {
                wanted.extend(entries_of(at, &last, &[Arc::clone(&last.sealed)]));
            }
        }
        part.is(WINNER, at, Some(&last)).await?;
        let delivered = lock(&chains.delivered);
        let delivered = delivered.iter().filter(|entry| entry.id.place == *at);
        let mut pairs =
            wanted.iter().map(Some).chain([None]).zip(delivered.map(Some).chain([None]));
        if let Some(wrong) = pairs.find(|(wanted, found)| wanted != found) {
            return broken(ONE_NEWS, wrong);
        }
    }
    chains.course.got_on()
}

/// Rows that are no longer retained are purged and written anew at once.
pub(super) async fn purging<S: Store>(part: &Part<S>) -> Checked {
    const WRITERS: usize = 3;
    // What others left would keep the racers busy.
    purging::purge(part, part.now, 1000).await?;
    let course = Course::new(LASTS);
    let writing = Arc::new(AtomicUsize::new(WRITERS));
    let racers = (0..RACERS).map(|racer| -> Racer<S, ()> {
        let (course, writing) = (Arc::clone(&course), Arc::clone(&writing));
        Box::new(move |part, handle| {
            if usize::from(racer) < WRITERS {
                let written = handle.block_on(write_anew(&part, &course, racer));
                writing.fetch_sub(1, Ordering::SeqCst);
                return written;
            }
            // Large batches, as rows are written anew between the first look and the last.
            let limit = usize::from(racer).saturating_mul(15);
            while writing.load(Ordering::SeqCst) > 0 {
                let purged = handle.block_on(part.store.purge(part.now, limit));
                if answer(KEPT, purged)? == 0 {
                    thread::yield_now();
                }
            }
            Ok(())
        })
    });
    race(part, racers.take(WRITERS.saturating_add(2))).await?;
    course.got_on()
}

/// At places of its own: a record whose retention is over, another in its place, which is kept.
async fn write_anew<S: Store>(part: &Part<S>, course: &Course, racer: u8) -> Checked {
    const PLACES: usize = 100;
    let places = part.claim(PLACES);
    let mut new = of_racer(part, racer);
    let mut past = new.clone();
    past.head.retain_until = part.ago(3 * 3600);
    let first = async |at, new: &Record, now| {
        let put = part.store.put_if(at, Expected::Absent, new, News::NONE, now).await;
        expect("a first record is stored where none is retained", put, &Put::Stored)
    };
    while !course.over() {
        past.head.version = new.head.version.saturating_add(1);
        new.head.version = new.head.version.saturating_add(2);
        for at in &places {
            first(at, &past, part.ago(4 * 3600)).await?;
        }
        // Until the purging has begun.
        thread::sleep(PAUSE);
        for at in &places {
            first(at, &new, part.now).await?;
            part.is(KEPT, at, Some(&new)).await?;
        }
        for at in &places {
            expect(KEPT, part.store.delete(at, new.head).await, &Put::Stored)?;
            course.turn();
        }
    }
    Ok(())
}
