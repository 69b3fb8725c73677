//! What the stores are kept busy with, and how it is added up afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::{
    Backlog, EntryId, Expected, Head, News, Place, Put, Range, Record, Store, StoreError, Which,
};
use tokio::task::JoinHandle;

use super::calls::{got, made};
use super::journal::{Class, Journal, Sums, Write, record};
use super::random::Random;
use super::{LATER, NOW};

/// How many places are written over and over.
const SHARED: u64 = 12;
const HOUR: Duration = Duration::from_secs(3600);

/// What the tasks share.
pub struct Shared {
    journal: Mutex<Journal>,
    pub deadline: Duration,
    pub over: AtomicBool,
    /// Whether the clock of one instance is an hour back.
    pub back: AtomicBool,
    /// Whether a task found a fault.
    failed: AtomicBool,
    /// The place of this moment that is written once.
    once: AtomicU64,
    /// Goes on, so that a lease that nobody knows of ends.
    seconds: AtomicU64,
}

impl Shared {
    pub fn new(journal: Journal, deadline: Duration) -> Self {
        Self {
            journal: Mutex::new(journal),
            deadline,
            over: AtomicBool::new(false),
            back: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            once: AtomicU64::new(0),
            seconds: AtomicU64::new(0),
        }
    }

    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// So that a fault is told when it is found.
    pub fn fail_early(&self) {
        if self.failed.load(Ordering::Relaxed) {
            self.over.store(true, Ordering::Relaxed);
        }
    }

    fn now(&self, instance: usize) -> Timestamp {
        let now = NOW.after(Duration::from_secs(self.seconds.load(Ordering::Relaxed)));
        let back = instance == 1 && self.back.load(Ordering::Relaxed);
        if back { now.before(HOUR) } else { now }
    }
}

struct Fails(Arc<Shared>);

impl Drop for Fails {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, Ordering::Relaxed);
        }
    }
}

/// The running tasks.
pub struct Load(Vec<JoinHandle<()>>);

impl Load {
    /// Several tasks for each store, which stands for an instance of the service.
    pub fn start<S: Store + Clone>(
        stores: &[S],
        shared: &Arc<Shared>,
        random: &mut Random,
    ) -> Self {
        let mut tasks = Vec::new();
        for (instance, store) in stores.iter().enumerate() {
            for task in 0..4 {
                let work = Work {
                    store: store.clone(),
                    shared: Arc::clone(shared),
                    random: Random::of(random.next()),
                    instance,
                };
                let fails = Fails(Arc::clone(shared));
                tasks.push(tokio::spawn(async move {
                    let _fails = fails;
                    match task {
                        0 | 1 => work.writes().await,
                        2 => work.delivers().await,
                        _ => work.looks().await,
                    }
                }));
            }
        }
        Self(tasks)
    }

    /// One more task.
    pub fn also(&mut self, shared: &Arc<Shared>, work: impl Future<Output = ()> + Send + 'static) {
        let fails = Fails(Arc::clone(shared));
        self.0.push(tokio::spawn(async move {
            let _fails = fails;
            work.await;
        }));
    }

    pub async fn ended(self) {
        for task in self.0 {
            task.await.expect("a task found a fault");
        }
    }
}

struct Work<S> {
    store: S,
    shared: Arc<Shared>,
    random: Random,
    instance: usize,
}

pub fn place(class: Class, n: u64) -> Place {
    let owner = match class {
        Class::Shared => 0,
        Class::Once => 1,
        Class::Ending => 2,
        Class::Due => 3,
        Class::Own => 4,
    };
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    Place { lane: u8::try_from(n % 5).unwrap(), owner: [owner; 16], id }
}

pub fn probe() -> Place {
    place(Class::Own, u64::MAX)
}

pub fn probe_record() -> Record {
    record(&probe(), 1)
}

/// Whatever stands there may be written over: nothing is to be shown by it.
pub async fn expected_probe(store: &impl Store) -> Expected {
    match store.load(&probe(), NOW).await {
        Ok(Some(found)) => Expected::Head(found.head),
        _ => Expected::Absent,
    }
}

impl<S: Store> Work<S> {
    async fn writes(mut self) {
        while !self.shared.is_over() {
            match self.random.below(10) {
                0..5 => {
                    let at = place(Class::Shared, self.random.below(SHARED));
                    self.write_over(at).await;
                }
                5..7 => {
                    // The tasks of all instances meet at the same place, which moves on now and then.
                    let n = self.shared.once.load(Ordering::Relaxed);
                    self.write(place(Class::Once, n), None).await;
                    if self.random.one_in(3) {
                        self.shared.once.fetch_add(1, Ordering::Relaxed);
                    }
                }
                7 => {
                    let at = place(Class::Ending, self.random.below(3));
                    self.write_over(at).await;
                }
                8 => {
                    let at = place(Class::Due, self.random.below(20));
                    self.write_over(at).await;
                }
                _ => self.write_and_delete().await,
            }
        }
    }

    async fn write_over(&mut self, at: Place) {
        let now = self.shared.now(self.instance);
        let call = self.store.load(&at, now);
        let Some(found) = got(&self.shared, &mut self.random, "load", call).await else { return };
        if let Some(found) = &found {
            assert_eq!(*found, record(&at, found.head.version), "what was read was never written");
        }
        self.write(at, found.map(|found| found.head)).await;
    }

    async fn write(&mut self, at: Place, found: Option<Head>) -> Option<Result<Put, StoreError>> {
        let now = self.shared.now(self.instance);
        let entries = [0, 1, 1, 1, 2][usize::try_from(self.random.below(5)).unwrap()];
        let write = self.shared.journal().begin(at, found, entries);
        let put = self.put(&write, now).await?;
        self.shared.journal().ended(&write, &put);
        // Whoever repeats a call must not be accepted a second time.
        let again = matches!(super::journal::class(&at), Class::Shared | Class::Once);
        if again
            && put.is_ok()
            && self.random.one_in(10)
            && let Some(again) = self.put(&write, now).await
        {
            self.shared.journal().repeated(&write, &again);
        }
        Some(put)
    }

    async fn put(&mut self, write: &Write, now: Timestamp) -> Option<Result<Put, StoreError>> {
        let new = record(&write.at, write.version);
        let news = News { entries: &write.entries, reserve: self.random.one_in(2) };
        let call = self.store.put_if(&write.at, write.expected, &new, news, now);
        made(&self.shared, &mut self.random, "put_if", call).await
    }

    /// At a place of its own: what was stored stands there, and what was deleted does not.
    async fn write_and_delete(&mut self) {
        let at = place(Class::Own, self.random.next() >> 1);
        if !matches!(self.write(at, None).await, Some(Ok(Put::Stored))) {
            return;
        }
        let now = self.shared.now(self.instance);
        let call = self.store.load(&at, now);
        let Some(found) = got(&self.shared, &mut self.random, "load", call).await else { return };
        let found = found.expect("acknowledged, and gone");
        let call = self.store.delete(&at, found.head);
        if let Some(Put::Stored) = got(&self.shared, &mut self.random, "delete", call).await {
            let call = self.store.load(&at, now);
            let left = got(&self.shared, &mut self.random, "load", call).await;
            assert!(!matches!(left, Some(Some(_))), "deleted, and there again");
        }
    }

    async fn delivers(mut self) {
        while !self.shared.is_over() {
            self.shared.seconds.fetch_add(1, Ordering::Relaxed);
            let now = self.shared.now(self.instance);
            let mut token = [0; 16];
            token[..8].copy_from_slice(&self.random.next().to_be_bytes());
            let until = now.after(Duration::from_secs(20));
            let call = self.store.lease(&token, 7, now, until);
            let Some(lease) = got(&self.shared, &mut self.random, "lease", call).await else {
                continue;
            };
            let Some(lease) = lease else {
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            };
            self.shared.journal().deliver(&lease.entries);
            // Now and then a worker dies with its lease.
            if self.random.one_in(20) {
                continue;
            }
            let done: Vec<EntryId> = lease.entries.iter().map(|entry| entry.id).collect();
            let call = self.store.acknowledge(&lease, &done, self.shared.now(self.instance));
            let held = got(&self.shared, &mut self.random, "acknowledge", call).await;
            if held.is_some() && self.random.one_in(2) {
                let call = self.store.release(&lease);
                got(&self.shared, &mut self.random, "release", call).await;
            }
        }
    }

    async fn looks(mut self) {
        while !self.shared.is_over() {
            let now = self.shared.now(self.instance);
            let limit = 1 + usize::try_from(self.random.below(30)).unwrap();
            match self.random.below(5) {
                0 => {
                    let which = if self.random.one_in(2) { Which::All } else { Which::Live };
                    let range = Range { which, after: None, limit };
                    let lane = u8::try_from(self.random.below(5)).unwrap();
                    let call = self.store.list(lane, &[0; 16], range, now);
                    let listed = got(&self.shared, &mut self.random, "list", call).await;
                    for (at, row) in listed.into_iter().flat_map(|listed| listed.rows) {
                        assert_eq!(row, record(&at, row.head.version));
                    }
                }
                1 => {
                    let call = self.store.scan(None, limit);
                    got(&self.shared, &mut self.random, "scan", call).await;
                }
                2 => {
                    // Nothing that anybody still sees is due then.
                    let call = self.store.purge(NOW.before(2 * HOUR), limit);
                    got(&self.shared, &mut self.random, "purge", call).await;
                }
                3 => {
                    let call = self.store.backlog();
                    got(&self.shared, &mut self.random, "backlog", call).await;
                }
                _ => {
                    let call = self.store.entries(None, limit);
                    got(&self.shared, &mut self.random, "entries", call).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Delivers what can be leased.
async fn deliver(
    store: &impl Store,
    shared: &Shared,
    tokens: &mut impl Iterator<Item = u64>,
    now: Timestamp,
) {
    for token in tokens {
        let mut bytes = [0xEE; 16];
        bytes[..8].copy_from_slice(&token.to_be_bytes());
        let until = now.after(Duration::from_secs(60));
        let Some(lease) = patiently(async || store.lease(&bytes, 100, now, until).await).await
        else {
            break;
        };
        shared.journal().deliver(&lease.entries);
        let done: Vec<EntryId> = lease.entries.iter().map(|entry| entry.id).collect();
        assert!(patiently(async || store.acknowledge(&lease, &done, now).await).await);
        patiently(async || store.release(&lease).await).await;
    }
}

/// With no load left: delivers what waits, reads every row, compares, and clears up for the next run.
pub async fn add_up(store: &impl Store, shared: &Shared) -> Sums {
    // Every lease has ended by then.
    let now = NOW.after(24 * HOUR);
    let mut tokens = 0_u64..;
    let mut backlog = Backlog::default();
    // A call whose answer nobody waited for may still hold a lane.
    for _ in 0..40 {
        deliver(store, shared, &mut tokens, now).await;
        backlog = patiently(async || store.backlog().await).await;
        if backlog.entries == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!((backlog.entries, backlog.lanes), (0, 0), "the counts agree with the entries");
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let part = patiently(async || store.scan(after.as_ref(), 500).await).await;
        found.extend(part.rows.into_iter().filter(|(at, _)| *at != probe()));
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    for (at, row) in &found {
        let seen = row.head.retain_until.before(Duration::from_secs(1));
        assert_eq!(patiently(async || store.load(at, seen).await).await.as_ref(), Some(row));
    }
    check_lists(store, &found).await;
    let sums = {
        let mut journal = shared.journal();
        journal.check(&found);
        std::mem::take(&mut journal.sums)
    };
    while patiently(async || store.purge(LATER.after(HOUR), 1000).await).await > 0 {}
    sums
}

/// The index and the rows say the same.
async fn check_lists(store: &impl Store, found: &BTreeMap<Place, Record>) {
    for lane in 0..5 {
        let mut listed = BTreeMap::new();
        let mut range = Range { which: Which::All, after: None, limit: 100 };
        loop {
            let part = patiently(async || store.list(lane, &[0; 16], range, NOW).await).await;
            listed.extend(part.rows);
            range.after = part.next;
            if range.after.is_none() {
                break;
            }
        }
        let wanted: BTreeMap<_, _> = found
            .iter()
            .filter(|(at, _)| at.lane == lane && at.owner == [0; 16])
            .map(|(at, row)| (*at, row.clone()))
            .collect();
        assert_eq!(listed, wanted, "lane {lane}");
    }
}

/// The faults are over, but a connection may find out only now that it is gone.
async fn patiently<T>(call: impl AsyncFn() -> Result<T, StoreError>) -> T {
    for _ in 0..200 {
        match call().await {
            Ok(answer) => return answer,
            Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
    call().await.expect("the faults are over")
}
