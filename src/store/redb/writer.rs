//! The thread that writes: it takes what waits into one transaction and answers after the commit. What clears
//! up goes into the transactions of others, or waits until nobody writes. A second thread ends the wait of calls
//! that are not answered in time.

use std::collections::VecDeque;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use ::redb::{Database, ReadTransaction, ReadableDatabase};

use super::RedbOptions;
use super::error::{OpenError, RedbStoreError};
use super::file;
use super::rows::Done;
use super::slot::{Answered, Pending, Slot, slot};
use super::writes::Tables;

/// How many writes may wait.
const WAITING: usize = 65_536;
/// How long after a failed attempt to open the file anew the next one is made, at least.
const PAUSE: Duration = Duration::from_millis(250);
/// How long after a write what clears up waits for the next one to go with: alone it would make that one wait.
const LULL: Duration = Duration::from_millis(2);

type Cause = Arc<dyn Error + Send + Sync>;

/// Hands out an answer that is known to be durable.
type Publish = Box<dyn FnOnce() + Send>;

/// Works on the tables; what it answers is not durable yet.
type Act = dyn FnOnce(&mut Tables<'_>) -> Done<Publish> + Send;

/// A write that waits for its transaction.
struct Job {
    act: Box<Act>,
    waiter: Waiter,
}

#[derive(Clone)]
struct Waiter {
    slot: Arc<dyn Pending>,
    deadline: Instant,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    /// What clears up: one of these goes with each transaction.
    aside: VecDeque<Job>,
    /// Whose transaction is being written.
    in_flight: Vec<Waiter>,
    /// Whether the file should be opened anew though nothing waits.
    reopen: bool,
    /// Whether the thread that watches deadlines looks at the queue by itself.
    watched: bool,
    stopped: bool,
}

/// What the store and its two threads share.
pub(super) struct Shared {
    path: PathBuf,
    options: RedbOptions,
    queue: Mutex<Queue>,
    work: Condvar,
    watch: Condvar,
    /// `None` after a failure, until the file was opened anew.
    database: RwLock<Option<Database>>,
    commits: AtomicU64,
}

impl Shared {
    pub(super) fn new(path: PathBuf, options: RedbOptions, database: Database) -> Self {
        Self {
            path,
            options,
            queue: Mutex::default(),
            work: Condvar::new(),
            watch: Condvar::new(),
            database: RwLock::new(Some(database)),
            commits: AtomicU64::new(0),
        }
    }

    pub(super) const fn path(&self) -> &PathBuf {
        &self.path
    }

    pub(super) const fn deadline(&self) -> Duration {
        self.options.deadline
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Nothing of a change to the queue can panic half-way.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a write to the thread that writes.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Tables<'_>) -> Done<T> + Send + 'static,
    ) -> Answered<T> {
        self.hand_over(|queue| &mut queue.waiting, act)
    }

    /// Hands it a write that clears up and lets others go first.
    pub(super) fn submit_aside<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Tables<'_>) -> Done<T> + Send + 'static,
    ) -> Answered<T> {
        self.hand_over(|queue| &mut queue.aside, act)
    }

    fn hand_over<T: Send + 'static>(
        &self,
        line: fn(&mut Queue) -> &mut VecDeque<Job>,
        act: impl FnOnce(&mut Tables<'_>) -> Done<T> + Send + 'static,
    ) -> Answered<T> {
        let (slot, answered) = slot();
        let publish = Arc::<Slot<T>>::clone(&slot);
        let act = Box::new(move |tables: &mut Tables<'_>| {
            let answer = act(tables)?;
            Ok(Box::new(move || publish.set(Ok(answer))) as Publish)
        });
        let now = Instant::now();
        let deadline = now.checked_add(self.options.deadline).unwrap_or(now);
        let mut queue = self.queue();
        let refused = if queue.stopped {
            Some(RedbStoreError::WriterGone)
        } else if line(&mut queue).len() >= WAITING {
            Some(RedbStoreError::Overloaded)
        } else {
            None
        };
        if let Some(error) = refused {
            drop(queue);
            slot.fail(&error);
            return answered;
        }
        line(&mut queue).push_back(Job { act, waiter: Waiter { slot, deadline } });
        self.work.notify_one();
        if !queue.watched {
            queue.watched = true;
            self.watch.notify_one();
        }
        answered
    }

    /// What `read` reads of the latest commit.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Done<T>,
    ) -> Result<T, RedbStoreError> {
        let database = self.database();
        let Some(open) = &*database else {
            drop(database);
            self.ask_to_reopen();
            return Err(RedbStoreError::Closed(plain("it failed in an earlier call")));
        };
        let found = open.begin_read().map_err(Into::into).and_then(|tx| read(&tx));
        drop(database);
        found.map_err(|error| {
            // One failed access makes redb refuse all later ones.
            self.ask_to_reopen();
            RedbStoreError::Database(Arc::new(error))
        })
    }

    fn ask_to_reopen(&self) {
        self.queue().reopen = true;
        self.work.notify_one();
    }

    /// Ends both threads after what waits was written.
    pub(super) fn stop(&self) {
        self.queue().stopped = true;
        self.work.notify_all();
        self.watch.notify_all();
    }
}

/// What is done next.
struct Next {
    jobs: Vec<Job>,
    /// Whether the file should be opened anew first.
    reopen: bool,
    /// Whether somebody writes, not only clears up.
    busy: bool,
}

/// The next writes, or a wish to open the file anew; `None` at the end.
fn next(shared: &Shared, busy: bool) -> Option<Next> {
    let now = Instant::now();
    let lull = if busy { now.checked_add(LULL).unwrap_or(now) } else { now };
    let mut queue = shared.queue();
    queue.in_flight.clear();
    while queue.waiting.is_empty() && !queue.reopen {
        if queue.aside.is_empty() {
            if queue.stopped {
                return None;
            }
            queue = shared.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        let left = lull.saturating_duration_since(Instant::now());
        if left.is_zero() || queue.stopped {
            break;
        }
        let waited = shared.work.wait_timeout(queue, left);
        queue = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
    let count = queue.waiting.len().min(shared.options.batch.max(1));
    let mut jobs: Vec<Job> = queue.waiting.drain(..count).collect();
    let busy = !jobs.is_empty();
    jobs.extend(queue.aside.pop_front());
    // A put whose future was dropped may as well not be made.
    jobs.retain(|job| !job.waiter.slot.is_over());
    queue.in_flight = jobs.iter().map(|job| job.waiter.clone()).collect();
    Some(Next { jobs, reopen: mem::take(&mut queue.reopen), busy })
}

/// The thread that writes.
pub(super) fn write(shared: &Shared) {
    let _leaving = Leaving(shared);
    let mut writer =
        Writer { shared, turn: RandomState::new().hash_one(0).to_be_bytes()[0], not_before: None };
    let mut busy = false;
    while let Some(next) = next(shared, busy) {
        if next.reopen {
            writer.check();
        }
        writer.write(next.jobs);
        busy = next.busy;
    }
    // Closing writes what makes the next opening quick, and lets go of the file.
    drop(shared.database.write().unwrap_or_else(PoisonError::into_inner).take());
}

/// However the thread that writes ends, nobody waits for it any more.
struct Leaving<'a>(&'a Shared);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.stopped = true;
        let mut left = mem::take(&mut queue.in_flight);
        left.extend(queue.waiting.drain(..).map(|job| job.waiter));
        left.extend(queue.aside.drain(..).map(|job| job.waiter));
        drop(queue);
        for waiter in left {
            waiter.slot.fail(&RedbStoreError::WriterGone);
        }
        self.0.watch.notify_all();
    }
}

struct Writer<'a> {
    shared: &'a Shared,
    /// At which lane the search for one to lease begins.
    turn: u8,
    /// After a failed attempt to open the file anew: when to try again, and what was wrong.
    not_before: Option<(Instant, Arc<OpenError>)>,
}

impl Writer<'_> {
    fn write(&mut self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        let waiters: Vec<Waiter> = jobs.iter().map(|job| job.waiter.clone()).collect();
        let error = match self.reopen() {
            Err(error) => RedbStoreError::Closed(error),
            Ok(()) => match self.transact(jobs) {
                Ok(published) => {
                    published.into_iter().for_each(|publish| publish());
                    return;
                }
                Err(error) => {
                    self.close();
                    RedbStoreError::Database(error)
                }
            },
        };
        for waiter in waiters {
            waiter.slot.fail(&error);
        }
        // So that reading goes on.
        let _ = self.reopen();
    }

    /// All jobs in one transaction; what is to be told after it.
    fn transact(&mut self, jobs: Vec<Job>) -> Result<Vec<Publish>, Cause> {
        let database = self.shared.database();
        let Some(database) = &*database else { return Err(plain("it is closed")) };
        // A panic in the database library ends this transaction, not the thread.
        let done = catch_unwind(AssertUnwindSafe(|| -> Done<_> {
            let tx = database.begin_write()?;
            let mut tables = Tables::open(&tx, self.shared.options.outbox, self.turn)?;
            let mut published: Vec<Publish> = Vec::with_capacity(jobs.len());
            for Job { act, .. } in jobs {
                published.push(act(&mut tables)?);
            }
            let (changed, turn) = tables.close();
            if changed {
                tx.commit()?;
                self.shared.commits.fetch_add(1, Ordering::Relaxed);
            } else {
                tx.abort()?;
            }
            self.turn = turn;
            Ok(published)
        }));
        match done {
            Ok(Ok(published)) => Ok(published),
            Ok(Err(error)) => Err(Arc::new(error)),
            Err(_) => Err(plain("the database library panicked")),
        }
    }

    /// Closes the database if it no longer works, and opens it anew.
    fn check(&mut self) {
        let works = {
            let database = self.shared.database();
            database.as_ref().is_some_and(|open| open.begin_write().is_ok())
        };
        if !works {
            self.close();
            let _ = self.reopen();
        }
    }

    fn close(&self) {
        let mut database = self.shared.database.write().unwrap_or_else(PoisonError::into_inner);
        let failed = database.take();
        drop(database);
        // It lets go of the file, and writes nothing after a failure.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(failed)));
    }

    /// Opens the file anew if it was closed after a failure.
    fn reopen(&mut self) -> Result<(), Cause> {
        if self.shared.database().is_some() {
            return Ok(());
        }
        if let Some((at, error)) = &self.not_before
            && Instant::now() < *at
        {
            return Err(Arc::<OpenError>::clone(error));
        }
        let begun = Instant::now();
        let opened =
            catch_unwind(|| file::open(&self.shared.path, self.shared.options.cache, false));
        let error = match opened {
            Ok(Ok(database)) => {
                *self.shared.database.write().unwrap_or_else(PoisonError::into_inner) =
                    Some(database);
                self.not_before = None;
                return Ok(());
            }
            Ok(Err(error)) => error,
            Err(_) => OpenError::Database {
                path: self.shared.path.clone(),
                source: "the database library panicked".into(),
            },
        };
        let error = Arc::new(error);
        let at = Instant::now().checked_add(PAUSE.max(begun.elapsed()));
        self.not_before = at.map(|at| (at, Arc::clone(&error)));
        Err(error)
    }
}

/// The thread that ends the wait of calls whose deadline has passed.
pub(super) fn watch(shared: &Shared) {
    let mut queue = shared.queue();
    loop {
        let now = Instant::now();
        let late = overdue(&mut queue, now);
        let next = queue
            .in_flight
            .iter()
            .chain(
                [&queue.waiting, &queue.aside]
                    .into_iter()
                    .flat_map(VecDeque::front)
                    .map(|job| &job.waiter),
            )
            .map(|waiter| waiter.deadline)
            .filter(|deadline| *deadline > now)
            .min();
        if !late.is_empty() {
            drop(queue);
            for (waiter, error) in late {
                waiter.slot.fail(&error(shared.options.deadline));
            }
            queue = shared.queue();
            continue;
        }
        // The writer may need its time to stop; until then deadlines hold.
        if queue.stopped && next.is_none() {
            return;
        }
        queue.watched = next.is_some();
        queue = match next {
            Some(next) => {
                let wait = next.saturating_duration_since(now);
                let waited = shared.watch.wait_timeout(queue, wait);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => shared.watch.wait(queue).unwrap_or_else(PoisonError::into_inner),
        };
    }
}

fn plain(text: &'static str) -> Cause {
    Arc::from(Box::<dyn Error + Send + Sync>::from(text))
}

type Late = fn(Duration) -> RedbStoreError;

/// Takes out whoever waits for longer than the deadline. In each line they came in this order.
fn overdue(queue: &mut Queue, now: Instant) -> Vec<(Waiter, Late)> {
    let mut late: Vec<(Waiter, Late)> = Vec::new();
    let in_flight = queue.in_flight.extract_if(.., |waiter| waiter.deadline <= now);
    late.extend(in_flight.map(|waiter| (waiter, RedbStoreError::TimedOut as Late)));
    for line in [&mut queue.waiting, &mut queue.aside] {
        while line.front().is_some_and(|job| job.waiter.deadline <= now)
            && let Some(job) = line.pop_front()
        {
            late.push((job.waiter, RedbStoreError::NotBegun as Late));
        }
    }
    late
}
