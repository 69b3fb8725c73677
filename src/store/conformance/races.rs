//! Races: threads of their own write, deliver and purge at once.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::part::{Part, entries_of, ids, random_bytes, random_lane};
use super::{Checked, answer, broken, same};
use crate::store::{Entry, Expected, Place, Put, Record, Store};

const RACERS: u8 = 8;
/// A race lasts so long on a quick store, and so many rounds on a slow one.
const LASTS: Duration = Duration::from_millis(150);
/// A race that gets nowhere ends all the same.
const AT_MOST: Duration = Duration::from_secs(20);
/// So many goes at least, and places that are raced for in each.
const GOES: u32 = 2;
const PLACES: usize = 40;
/// So many writes of a chain at least.
const WRITES: u64 = 100;
/// So many writes wait to be told at most: a lane may have room for few.
const WAITING: u64 = 50;
/// So many records one call of a racer purges.
const PURGED: usize = 25;

const ONE_WINNER: &str = "of all that expect the same exactly one is stored";
const WINNER: &str = "the winner's record is the one loaded";
const ONE_NEWS: &str = "every write that was made is told once, in order, and no other";
const KEPT: &str = "a record that is written while others purge is kept";

type Racer<S, T> = Box<dyn FnOnce(Part<S>, Handle) -> Checked<T> + Send>;

/// Runs `racers` at once, each on a thread of its own, and gives what they return.
async fn race<S: Store, T: Send + 'static>(
    part: &Part<S>,
    racers: Vec<Racer<S, T>>,
) -> Checked<Vec<T>> {
    let rule = "racers have threads of their own, and none of them panics";
    let waiting = Arc::new(AtomicUsize::new(racers.len()));
    let mut results = Vec::new();
    for racer in racers {
        let (part, waiting, handle) = (part.clone(), Arc::clone(&waiting), Handle::current());
        let (send, receive) = oneshot::channel();
        let spawned = thread::Builder::new().spawn(move || {
            // A barrier would put all but one to sleep, and they would start one after the other.
            waiting.fetch_sub(1, Ordering::SeqCst);
            let begun = Instant::now();
            while waiting.load(Ordering::SeqCst) > 0 && begun.elapsed() < LASTS {
                thread::yield_now();
            }
            drop(send.send(racer(part, handle)));
        });
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

fn places<S: Store>(part: &Part<S>) -> Arc<[Place]> {
    (0..PLACES).map(|_| Place { lane: random_lane(), ..part.place() }).collect()
}

/// Goes on until it lasted long enough.
async fn goes(go: impl AsyncFn() -> Checked) -> Checked {
    let begun = Instant::now();
    let mut gone = 0_u32;
    while gone < GOES || begun.elapsed() < LASTS {
        go().await?;
        gone = gone.saturating_add(1);
    }
    Ok(())
}

/// Everybody writes a first record at the same places.
async fn absent<S: Store>(part: &Part<S>, places: Arc<[Place]>) -> Checked {
    let racers = (0..RACERS).map(|racer| -> Racer<S, Vec<Put>> {
        let places = Arc::clone(&places);
        Box::new(move |part, handle| {
            let new = part.record(u64::from(racer), &[racer]);
            let put = async |at| part.put(at, Expected::Absent, &new, &[], part.now).await;
            places.iter().map(|at| answer(ONE_WINNER, handle.block_on(put(at)))).collect()
        })
    });
    let puts = race(part, racers.collect()).await?;
    for (n, at) in places.iter().enumerate() {
        let stored = |(_, puts): &(u8, &Vec<Put>)| puts.get(n) == Some(&Put::Stored);
        let winners: Vec<u8> = (0..).zip(&puts).filter(stored).map(|(racer, _)| racer).collect();
        let [winner] = winners.as_slice() else { return broken(ONE_WINNER, winners) };
        let wanted = part.record(u64::from(*winner), &[*winner]);
        part.is(WINNER, at, Some(&wanted)).await?;
    }
    Ok(())
}

pub(super) async fn first_writes<S: Store>(part: &Part<S>) -> Checked {
    goes(async || absent(part, places(part)).await).await
}

/// The same where a record stands that is no longer retained.
pub(super) async fn take_overs<S: Store>(part: &Part<S>) -> Checked {
    let mut past = part.record(77, b"past");
    past.head.retain_until = part.ago(60);
    goes(async || {
        let places = places(part);
        for at in places.iter() {
            part.past(at, &past).await?;
        }
        absent(part, places).await
    })
    .await
}

/// What the racers of a chain share.
struct Chains {
    places: [Place; 2],
    begun: Instant,
    /// Writes that were made.
    written: AtomicU64,
    /// Entries in the order in which they were delivered.
    delivered: Mutex<Vec<Entry>>,
    /// Writers that still write.
    writing: AtomicUsize,
}

fn written_by<S: Store>(part: &Part<S>, racer: u8, version: u64) -> (Record, [Arc<[u8]>; 2]) {
    let new = part.record(version, &[&[racer][..], &version.to_be_bytes()].concat());
    (new, [0, 1].map(|index| Arc::from([racer, index])))
}

impl Chains {
    fn over(&self) -> bool {
        let lasted = self.begun.elapsed();
        let written = self.written.load(Ordering::SeqCst);
        (lasted >= LASTS && written >= WRITES) || lasted >= AT_MOST
    }

    fn waiting(&self) -> u64 {
        let told = self.delivered.lock().unwrap_or_else(PoisonError::into_inner).len() / 2;
        self.written.load(Ordering::SeqCst).saturating_sub(u64::try_from(told).unwrap_or(u64::MAX))
    }

    /// One write more at `at`; the version, if it was made.
    async fn write<S: Store>(&self, part: &Part<S>, at: &Place, racer: u8) -> Checked<Option<u64>> {
        let Some(old) = answer(WINNER, part.store.load(at, part.now).await)? else {
            return broken(WINNER, "none");
        };
        let version = old.head.version.saturating_add(1);
        let (new, news) = written_by(part, racer, version);
        let put = part.put(at, Expected::Head(old.head), &new, &news, part.now).await;
        Ok((answer(ONE_WINNER, put)? == Put::Stored).then_some(version))
    }

    fn writer<S: Store>(&self, part: &Part<S>, handle: &Handle, racer: u8) -> Checked<Vec<Won>> {
        let mut won = Vec::new();
        while !self.over() {
            if self.waiting() > WAITING {
                thread::sleep(Duration::from_micros(100));
                continue;
            }
            for at in &self.places {
                if let Some(version) = handle.block_on(self.write(part, at, racer))? {
                    self.written.fetch_add(1, Ordering::SeqCst);
                    won.push((*at, version, racer));
                }
            }
        }
        Ok(won)
    }

    /// Delivers what is leased; whether there was something.
    async fn deliver<S: Store>(&self, part: &Part<S>) -> Checked<bool> {
        let lease = part.store.lease(&random_bytes(), 20, part.then(0), part.then(60)).await;
        let Some(lease) = answer(ONE_NEWS, lease)? else { return Ok(false) };
        let mut delivered = self.delivered.lock().unwrap_or_else(PoisonError::into_inner);
        delivered.extend(lease.entries.iter().cloned());
        drop(delivered);
        part.acknowledge(ONE_NEWS, &lease, &ids(&lease.entries), part.then(1), true).await?;
        part.release(&lease).await?;
        Ok(!lease.entries.is_empty())
    }

    fn deliverer<S: Store>(&self, part: &Part<S>, handle: &Handle) -> Checked {
        while self.writing.load(Ordering::SeqCst) > 0 {
            if !handle.block_on(self.deliver(part))? {
                thread::yield_now();
            }
        }
        Ok(())
    }
}

/// A version that a racer wrote.
type Won = (Place, u64, u8);

/// Everybody writes the next version at two places of a lane, while others deliver the news of that.
pub(super) async fn chains<S: Store>(part: &Part<S>) -> Checked {
    const DELIVERERS: u8 = 2;
    let writers = RACERS.saturating_sub(DELIVERERS);
    let chains = Arc::new(Chains {
        places: [part.place(), part.place()],
        begun: Instant::now(),
        written: AtomicU64::new(0),
        delivered: Mutex::default(),
        writing: AtomicUsize::new(usize::from(writers)),
    });
    for at in &chains.places {
        part.first(at, &part.record(0, b"first")).await?;
    }
    let racers = (0..RACERS).map(|racer| -> Racer<S, Vec<Won>> {
        let chains = Arc::clone(&chains);
        Box::new(move |part, handle| {
            if racer >= writers {
                return chains.deliverer(&part, &handle).map(|()| Vec::new());
            }
            let won = chains.writer(&part, &handle, racer);
            chains.writing.fetch_sub(1, Ordering::SeqCst);
            won
        })
    });
    let all = race(part, racers.collect()).await;
    while chains.deliver(part).await? {}

    let mut winners: BTreeMap<(Place, u64), Vec<u8>> = BTreeMap::new();
    for (at, version, racer) in all?.into_iter().flatten() {
        winners.entry((at, version)).or_default().push(racer);
    }
    for at in &chains.places {
        let mut last = part.record(0, b"first");
        let mut told = Vec::new();
        for version in 1.. {
            let Some(racers) = winners.get(&(*at, version)) else { break };
            let [racer] = racers.as_slice() else { return broken(ONE_WINNER, racers) };
            let (new, news) = written_by(part, *racer, version);
            told.extend(entries_of(at, &new, &news));
            last = new;
        }
        part.is(WINNER, at, Some(&last)).await?;
        let delivered = chains.delivered.lock().unwrap_or_else(PoisonError::into_inner);
        let delivered = delivered.iter().filter(|entry| entry.id.place == *at);
        let wrong = told.iter().map(Some).chain([None]).zip(delivered.map(Some).chain([None]));
        if let Some(wrong) = wrong.into_iter().find(|(wanted, found)| wanted != found) {
            return broken(ONE_NEWS, wrong);
        }
    }
    let enough = chains.written.load(Ordering::SeqCst) >= WRITES;
    let rule = "while many write at a place, some of them get on";
    same(rule, &enough, &true)
}

/// Rows that are no longer retained are purged and written anew at once.
pub(super) async fn purging<S: Store>(part: &Part<S>) -> Checked {
    let mut past = part.record(77, b"past");
    past.head.retain_until = part.ago(2 * 3600);
    let new = part.record(78, b"anew");
    goes(async || {
        let places = places(part);
        for at in places.iter() {
            part.past(at, &past).await?;
        }
        let writing = Arc::new(AtomicUsize::new(2));
        let racers = (0..4_usize).map(|racer| -> Racer<S, ()> {
            let (places, new, writing) = (Arc::clone(&places), new.clone(), Arc::clone(&writing));
            Box::new(move |part, handle| {
                if racer >= 2 {
                    while writing.load(Ordering::SeqCst) > 0 {
                        answer(KEPT, handle.block_on(part.store.purge(part.now, PURGED)))?;
                    }
                    return Ok(());
                }
                let mut puts = places.iter().skip(racer).step_by(2);
                let wrote = puts.try_for_each(|at| handle.block_on(part.first(at, &new)));
                writing.fetch_sub(1, Ordering::SeqCst);
                wrote
            })
        });
        race(part, racers.collect()).await?;
        for at in places.iter() {
            part.is(KEPT, at, Some(&new)).await?;
        }
        Ok(())
    })
    .await
}
