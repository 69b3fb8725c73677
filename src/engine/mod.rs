//! The one shell around the pure rules: load, open, apply, seal, write if unchanged. The enterprise's
//! half and the vault each have one, over their own keys and store.

pub(crate) mod enterprise;
pub(crate) mod free_text;
pub(crate) mod legs;
pub mod page;
pub(crate) mod reseal;
pub(crate) mod rule;
pub(crate) mod signing;
pub(crate) mod trace;
mod unwrapping;
pub(crate) mod watermarks;

use core::marker::PhantomData;
use core::time::Duration;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::crypto::aead::NONCE_LEN;
use crate::crypto::keyring::Keyring;
use crate::crypto::pae;
use crate::crypto::random::{OsRandom, Random};
use crate::engine::rule::{Body, Context, Decision, Event, State};
use crate::error::{Error, RecordError};
use crate::history::chain::{Chain, encoded_alone};
use crate::history::event::{EventDraft, OperationId, Outcome};
use crate::observer::{Observed, Observer, View};
use crate::outbox::view::Told;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::record::news;
use crate::record::sealed::Sealer;
use crate::store::{
    EntryId, ErasedStore, Expected, Head, MemoryStore, News, Place, Put, Range, Record, Which,
};
use crate::values::id::{CustomerId, Issuer};
use crate::values::time::{Clock, SystemClock, Timestamp, Window};

/// How often a call applies its event before it gives up with [`Error::Busy`]. Of the calls that race
/// for one record, each round lets one through, so this many callers at once all get an answer.
const MAX_ATTEMPTS: usize = 128;

/// Full hours: what a record's retention tells about the window inside is no finer than that.
const HOUR: u64 = 3600;

/// By how much the order of a list may run ahead of the clock.
const FAR_AHEAD: Duration = Duration::from_secs(24 * 3600);

/// What the rules run on.
pub(crate) struct Engine {
    /// Whose records these are: two issuers on one store and keyring find nothing of each other.
    pub(crate) issuer: Issuer,
    pub(crate) keyring: Keyring,
    pub(crate) policy: Policy,
    pub(crate) store: Box<dyn ErasedStore>,
    pub(crate) observer: Option<Box<dyn Observer>>,
    /// What was written then may be lost: the store was restored.
    pub(crate) lost: Option<Window>,
    /// Whether every change is told in the outbox too.
    pub(crate) outbox: bool,
    /// How often the observer panicked.
    observer_panics: AtomicUsize,
    /// The count by which sweeps of this engine are told from others', and in which order they ran.
    sweeps: Arc<AtomicU64>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) random: Box<dyn Random>,
}

/// One customer's one ceremony of a kind.
pub(crate) struct RecordRef<'a, C> {
    /// Nobody's if `None`, and told to nobody.
    pub(crate) customer: Option<&'a CustomerId>,
    pub(crate) place: Place,
    kind: PhantomData<fn() -> C>,
}

impl<'a, C> RecordRef<'a, C> {
    pub(crate) const fn at(customer: Option<&'a CustomerId>, place: Place) -> Self {
        Self { customer, place, kind: PhantomData }
    }
}

/// What stands at a place.
pub(crate) struct Stored<C> {
    pub(crate) head: Head,
    pub(crate) body: Body<C>,
}

/// What was seen at a place, and when.
pub(crate) struct Seen<C> {
    pub(crate) clock: Timestamp,
    pub(crate) found: Option<Stored<C>>,
}

/// A write whose news are made.
struct Write<'a> {
    head: &'a Head,
    at: Timestamp,
    operation: OperationId,
    /// How many pieces of news there were before.
    told: u64,
}

/// What the observer is to be told of one step.
struct Notices {
    at: Timestamp,
    view: Option<View>,
    recorded: Vec<EventDraft>,
    announced: Vec<EventDraft>,
    told: Vec<EventDraft>,
}

impl Engine {
    /// With everything in memory, default rules, and nobody watching; the builders change what their
    /// hosts want otherwise.
    pub(crate) fn new(issuer: Issuer, keyring: Keyring) -> Self {
        Self {
            issuer,
            keyring,
            policy: Policy::default(),
            store: trace::store(MemoryStore::new()),
            observer: None,
            lost: None,
            outbox: false,
            observer_panics: AtomicUsize::new(0),
            sweeps: Arc::default(),
            clock: Box::new(SystemClock),
            random: Box::new(OsRandom::new()),
        }
    }

    /// The tag under which the records of a customer's ceremonies of kind `C` stand.
    pub(crate) fn owner<C: State>(&self, customer: &CustomerId) -> [u8; 16] {
        self.keyring.locate(&[
            b"countersign owner v1",
            self.issuer.as_str().as_bytes(),
            &[C::KIND.number()],
            customer.as_str().as_bytes(),
        ])
    }

    /// The lane in which all records of a customer stand, whatever their kinds.
    pub(crate) fn lane(&self, customer: &CustomerId) -> u8 {
        let [lane, ..] = self.keyring.locate(&[
            b"countersign lane v1",
            self.issuer.as_str().as_bytes(),
            customer.as_str().as_bytes(),
        ]);
        lane
    }

    /// The ceremony `id` of `customer`, whether it exists or not.
    pub(crate) fn of<'a, C: State>(
        &self,
        customer: &'a CustomerId,
        id: [u8; 16],
    ) -> RecordRef<'a, C> {
        let (lane, owner) = (self.lane(customer), self.owner::<C>(customer));
        RecordRef::at(Some(customer), Place { lane, owner, id })
    }

    /// What opens and seals the record `of`, for calls that look at it more than once.
    pub(crate) const fn sealer<'a, C: State>(&'a self, of: &'a RecordRef<'_, C>) -> Sealer<'a> {
        Sealer::new(&self.keyring, C::KIND, &of.place)
    }

    /// Applies `event` to the record `of` and writes what it decides.
    pub(crate) async fn run<C: State, E: Event<C>>(
        &self,
        of: &RecordRef<'_, C>,
        event: &E,
    ) -> Result<E::Outcome, Error> {
        self.run_with(of, &mut self.sealer(of), event).await
    }

    /// The same, with the record's [`sealer`](Self::sealer).
    pub(crate) async fn run_with<C: State, E: Event<C>>(
        &self,
        of: &RecordRef<'_, C>,
        sealer: &mut Sealer<'_>,
        event: &E,
    ) -> Result<E::Outcome, Error> {
        let seen = self.look(of, sealer).await?;
        self.run_on(of, sealer, seen, event).await
    }

    /// The same, on what was just seen there.
    ///
    /// The result is released only after its write landed. A lost race is run again with a fresh
    /// clock. After a write whose outcome is unknown the record is read again: if it bears this
    /// operation's id the write had landed, otherwise the store's error is returned and repeating
    /// the call is safe.
    pub(crate) async fn run_on<C: State, E: Event<C>>(
        &self,
        of: &RecordRef<'_, C>,
        sealer: &mut Sealer<'_>,
        mut seen: Seen<C>,
        event: &E,
    ) -> Result<E::Outcome, Error> {
        for _ in 0..MAX_ATTEMPTS {
            let Seen { clock, found } = seen;
            let stood = found.as_ref().map(|found| found.head);
            let (updated, mut history, told, state) = match found {
                Some(Stored { body: Body { updated, history, told, state, .. }, .. }) => {
                    (updated, history, told, Some(state))
                }
                None => (Timestamp::EPOCH, Chain::start(C::subject(of.place.id)), 0, None),
            };
            let cx = Context::of(of.place.id, updated, clock, &self.policy);
            let now = cx.now.stamp();
            let view = |state: &C| self.observer.as_ref().map(|_| state.view(&cx));
            let before = state.as_ref().and_then(view);
            let decision = event.apply(state, &cx);
            let Decision { next, recorded, announced, told: alone, result } = decision;
            let mut telling = Notices { at: now, view: before, recorded, announced, told: alone };
            let Some(state) = next else {
                self.tell(of, &telling);
                return Ok(result?);
            };

            telling.view = view(&state);
            let (operation, nonce, first_version) = self.draw()?;
            for note in &telling.recorded {
                history.append(C::subject(of.place.id), note, now, operation);
            }
            let news = self.to_tell(of, &telling);
            let after = told.saturating_add(u64::try_from(news.len()).unwrap_or(u64::MAX));
            let body = Body { updated: now, operation, history, state, told: after };
            let (expected, version, created) = match stood {
                Some(head) => {
                    let next = head.version.checked_add(1).ok_or(RecordError::Damaged)?;
                    (Expected::Head(head), next, head.created)
                }
                None => (Expected::Absent, first_version, self.created(of, clock).await?),
            };
            let record = self.seal(sealer, version, created, &body, nonce)?;
            let write = Write { head: &record.head, at: now, operation, told };
            let entries = self.news(of, &write, &news)?;
            let reserve = news.iter().any(|note| note.action.takes_authority());
            let news = News { entries: &entries, reserve };
            let put = self.store.put_if(&of.place, expected, &record, news, clock).await;
            let error = match put {
                Ok(Put::Stored) => {
                    self.tell(of, &telling);
                    return Ok(result?);
                }
                Ok(Put::Conflict) => None,
                Err(error) => Some(error),
            };

            let clock = self.clock.now()?;
            let again = self.load(of, sealer, clock).await;
            // Also after a lost race: a store that repeats a write whose answer it lost finds its own
            // record there.
            let bears = |found: &Stored<C>| found.body.written_by(operation);
            if again.as_ref().is_ok_and(|found| found.as_ref().is_some_and(bears)) {
                self.tell(of, &telling);
                return Ok(result?);
            }
            if let Some(error) = error {
                return Err(error.into());
            }
            seen = Seen { clock, found: again? };
        }
        Err(Error::Busy)
    }

    /// What stands there now.
    pub(crate) async fn look<C: State>(
        &self,
        of: &RecordRef<'_, C>,
        sealer: &mut Sealer<'_>,
    ) -> Result<Seen<C>, Error> {
        let clock = self.clock.now()?;
        Ok(Seen { clock, found: self.load(of, sealer, clock).await? })
    }

    async fn load<C: State>(
        &self,
        of: &RecordRef<'_, C>,
        sealer: &mut Sealer<'_>,
        clock: Timestamp,
    ) -> Result<Option<Stored<C>>, Error> {
        let record = self.store.load(&of.place, clock).await?;
        Ok(record.map(|record| open(sealer, &record)).transpose()?)
    }

    /// A record as it stands, and what the clock showed.
    pub(crate) async fn read_for<C: State>(
        &self,
        customer: &CustomerId,
        id: [u8; 16],
    ) -> Result<Option<(Stored<C>, Timestamp)>, Error> {
        self.read(&self.of::<C>(customer, id)).await
    }

    /// The same, wherever it stands.
    pub(crate) async fn read<C: State>(
        &self,
        of: &RecordRef<'_, C>,
    ) -> Result<Option<(Stored<C>, Timestamp)>, Error> {
        self.read_with(of, &mut self.sealer(of)).await
    }

    /// The same, with the record's [`sealer`](Self::sealer).
    pub(crate) async fn read_with<C: State>(
        &self,
        of: &RecordRef<'_, C>,
        sealer: &mut Sealer<'_>,
    ) -> Result<Option<(Stored<C>, Timestamp)>, Error> {
        let Seen { clock, found } = self.look(of, sealer).await?;
        Ok(found.map(|found| (found, clock)))
    }

    /// Opens a record that was loaded or listed.
    pub(crate) fn open<C: State>(
        &self,
        at: &Place,
        record: &Record,
    ) -> Result<Stored<C>, RecordError> {
        open(&mut Sealer::new(&self.keyring, C::KIND, at), record)
    }

    fn seal<C: State>(
        &self,
        sealer: &mut Sealer<'_>,
        version: u64,
        created: Timestamp,
        body: &Body<C>,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Record, RecordError> {
        let full_hour = |until: Timestamp| {
            Timestamp::from_unix(until.unix().div_ceil(HOUR).saturating_mul(HOUR))
        };
        let retain_until = full_hour(body.state.retain_until(&self.policy).max(body.updated));
        let live_until = full_hour(body.state.live_until(&self.policy)).min(retain_until);
        sealer.seal(Head { version, created, live_until, retain_until }, nonce, body)
    }

    /// What is told of a write in the outbox, if there is one.
    fn to_tell<'n, C: State>(
        &self,
        of: &RecordRef<'_, C>,
        telling: &'n Notices,
    ) -> Vec<&'n EventDraft> {
        if of.customer.is_none() || !self.outbox || C::KIND == Kind::OutboxHold {
            return Vec::new();
        }
        telling.recorded.iter().chain(&telling.announced).collect()
    }

    /// These notes of a write as entries of the outbox.
    fn news<C: State>(
        &self,
        of: &RecordRef<'_, C>,
        write: &Write<'_>,
        notes: &[&EventDraft],
    ) -> Result<Vec<Arc<[u8]>>, Error> {
        let Some(customer) = of.customer else { return Ok(Vec::new()) };
        let entry = |(index, note): (u16, &&EventDraft)| {
            let Head { version, created, .. } = *write.head;
            let id = EntryId { place: of.place, created, version, index };
            let mut nonce = [0; NONCE_LEN];
            self.random.fill(&mut nonce)?;
            let told = Told {
                customer: customer.clone(),
                subject: C::subject(of.place.id),
                event: encoded_alone(note, write.at, write.operation),
                number: write.told.saturating_add(u64::from(index)).saturating_add(1),
                issuer: self.issuer.as_str().to_owned(),
            };
            Ok(Arc::from(news::seal(&self.keyring, &id, nonce, &told)?))
        };
        (0..).zip(notes).map(entry).collect()
    }

    /// What a new record is sorted by: later than the newest of its owner, and not before the full hour.
    async fn created<C: State>(
        &self,
        of: &RecordRef<'_, C>,
        clock: Timestamp,
    ) -> Result<Timestamp, Error> {
        let hour = Timestamp::from_unix(clock.unix().div_euclid(HOUR).saturating_mul(HOUR));
        if !C::LISTED {
            return Ok(hour);
        }
        let Place { lane, owner, .. } = of.place;
        let mut range = Range { which: Which::All, after: None, limit: 1 };
        loop {
            let listed = self.store.list(lane, &owner, range, clock).await?;
            let newest = listed.rows.first().map(|(_, record)| record.head.created);
            match (newest, listed.next) {
                // What stands far ahead was not written by a clock of ours: it is not followed.
                (Some(newest), _) if hour.after(FAR_AHEAD) < newest => return Ok(hour),
                (Some(newest), _) => return Ok(hour.max(newest.after(Duration::from_secs(1)))),
                (None, Some(next)) => range.after = Some(next),
                (None, None) => return Ok(hour),
            }
        }
    }

    /// A fresh operation id and nonce, and the version of the record if it is the first at its place: one
    /// that never stood there before, so that a writer who still expects a deleted record finds another.
    fn draw(&self) -> Result<(OperationId, [u8; NONCE_LEN], u64), Error> {
        let mut drawn = [0; 16 + NONCE_LEN + 8];
        self.random.fill(&mut drawn)?;
        let (operation, rest) = drawn.split_at(16);
        let (nonce, version) = rest.split_at(NONCE_LEN);
        // A quarter of what a signed column holds is left for the writes to come.
        let version = u64::from_be_bytes(pae::first(version)) >> 2;
        Ok((OperationId(pae::first(operation)), pae::first(nonce), version.max(1)))
    }

    /// Tells the observer what was written, and what was refused or repeated without being written.
    fn tell<C: State>(&self, of: &RecordRef<'_, C>, telling: &Notices) {
        let (Some(observer), Some(customer)) = (&self.observer, of.customer) else { return };
        let new = telling.recorded.iter().chain(&telling.announced).map(|note| (note, false));
        // What is done but not recorded was done before.
        let told = telling.told.iter().map(|note| (note, note.outcome == Outcome::Done));
        for (note, repeated) in new.chain(told) {
            let event = Observed {
                at: telling.at,
                customer: customer.clone(),
                subject: C::subject(of.place.id),
                actor: note.actor.clone(),
                action: note.action,
                interaction: note.interaction.clone(),
                outcome: note.outcome,
                step_up: note.step_up,
                repeated,
                view: telling.view.clone(),
            };
            self.observe(|| observer.observe(&event));
        }
    }

    /// Tells the observer that a worker passed over news in a lane.
    pub(crate) fn tell_unreadable_news(&self, lane: u8, entries: usize) {
        if let Some(observer) = self.observer.as_ref().filter(|_| entries > 0) {
            self.observe(|| observer.unreadable_news(lane, entries));
        }
    }

    /// What is told was written, so the call has its result whatever becomes of the telling.
    fn observe(&self, tell: impl FnOnce()) {
        // The observer's own state is its own to answer for, and nothing of ours is lent to it.
        let told = catch_unwind(AssertUnwindSafe(tell));
        let Err(payload) = told else { return };
        self.observer_panics.fetch_add(1, Ordering::Relaxed);
        // What it threw may panic once more when it goes: it then stays.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            core::mem::forget(again);
        }
    }

    /// How often the observer panicked.
    pub(crate) fn observer_panics(&self) -> usize {
        self.observer_panics.load(Ordering::Relaxed)
    }
}

fn open<C: State>(sealer: &mut Sealer<'_>, record: &Record) -> Result<Stored<C>, RecordError> {
    let bytes = sealer.open(record)?;
    let body = Body::decode(&bytes).map_err(|_| RecordError::Damaged)?;
    Ok(Stored { head: record.head, body })
}
