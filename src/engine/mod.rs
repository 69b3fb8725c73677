//! The one shell around the pure rules: load, open, apply, seal, write if unchanged. The enterprise's
//! half and the vault each have one, over their own keys and store.

pub(crate) mod enterprise;
pub(crate) mod free_text;
pub mod page;
pub(crate) mod rule;

use core::marker::PhantomData;
use core::time::Duration;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::crypto::aead::NONCE_LEN;
use crate::crypto::keyring::Keyring;
use crate::crypto::pae;
use crate::crypto::random::{OsRandom, Random};
use crate::engine::rule::{Body, Context, Decision, Event, State};
use crate::error::{Error, Invalid, RecordError};
use crate::history::chain::Chain;
use crate::history::event::{EventDraft, OperationId, Outcome};
use crate::observer::{Observed, Observer, View};
use crate::policy::Policy;
use crate::record::sealed::Sealer;
use crate::store::{ErasedStore, Expected, MemoryStore, Place, Put, Record};
use crate::token::{Audience, Claims, IssueError, SigningKey, TokenData, TokenId};
use crate::values::id::{CustomerId, Issuer};
use crate::values::time::{Clock, SystemClock, Timestamp};

/// How often a call applies its event before it gives up with [`Error::Busy`]. Of the calls that race
/// for one record, each round lets one through, so this many callers at once all get an answer.
const MAX_ATTEMPTS: usize = 128;

/// Full hours: what a record's retention tells about the window inside is no finer than that.
const HOUR: u64 = 3600;

/// What the rules run on.
pub(crate) struct Engine {
    /// Whose records these are: two issuers on one store and keyring find nothing of each other.
    pub(crate) issuer: Issuer,
    pub(crate) keyring: Keyring,
    pub(crate) policy: Policy,
    pub(crate) store: Box<dyn ErasedStore>,
    pub(crate) observer: Option<Box<dyn Observer>>,
    /// How often the observer panicked.
    observer_panics: AtomicUsize,
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
    pub(crate) version: u64,
    pub(crate) body: Body<C>,
}

/// What was seen at a place, and when.
pub(crate) struct Seen<C> {
    pub(crate) clock: Timestamp,
    pub(crate) found: Option<Stored<C>>,
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
            store: Box::new(MemoryStore::new()),
            observer: None,
            observer_panics: AtomicUsize::new(0),
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

    /// The ceremony `id` of `customer`, whether it exists or not.
    pub(crate) fn of<'a, C: State>(
        &self,
        customer: &'a CustomerId,
        id: [u8; 16],
    ) -> RecordRef<'a, C> {
        RecordRef::at(Some(customer), Place { owner: self.owner::<C>(customer), id })
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
            let (expected, version) = match &found {
                Some(Stored { version, .. }) => {
                    let next = version.checked_add(1).ok_or(RecordError::Damaged)?;
                    (Expected::Version(*version), next)
                }
                None => (Expected::Absent, 1),
            };
            let (updated, mut history, state) = match found {
                Some(Stored { body, .. }) => (body.updated, body.history, Some(body.state)),
                None => (Timestamp::EPOCH, Chain::start(C::subject(of.place.id)), None),
            };
            let cx = Context::of(of.place.id, updated, clock, &self.policy);
            let now = cx.now.stamp();
            let view = |state: &C| self.observer.as_ref().map(|_| state.view(&cx));
            let before = state.as_ref().and_then(view);
            let Decision { next, recorded, announced, told, result } = event.apply(state, &cx);
            let mut telling = Notices { at: now, view: before, recorded, announced, told };
            let Some(state) = next else {
                self.tell(of, &telling);
                return Ok(result?);
            };

            telling.view = view(&state);
            let (operation, nonce) = self.draw()?;
            for note in &telling.recorded {
                history.append(C::subject(of.place.id), note, now, operation);
            }
            let body = Body { updated: now, operation, history, state };
            let record = self.seal(sealer, version, &body, nonce)?;
            let error = match self.store.put_if(&of.place, expected, &record, clock).await {
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
        body: &Body<C>,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Record, RecordError> {
        let until = body.state.retain_until(&self.policy).max(body.updated).unix();
        let retain_until = Timestamp::from_unix(until.div_ceil(HOUR).saturating_mul(HOUR));
        sealer.seal(version, retain_until, nonce, body)
    }

    /// A token in the issuer's name, the same for the same arguments. All are signed here, so that what fails
    /// is told in one way: texts that are too long are the caller's to mend, the policy's times always fit, and
    /// all data comes back from JSON.
    pub(crate) fn sign<D: TokenData>(
        &self,
        signing: &SigningKey,
        audience: impl Into<Audience>,
        id: TokenId,
        from: Timestamp,
        valid_for: Duration,
        data: D,
    ) -> Result<String, Error> {
        Claims::new(self.issuer.clone(), audience.into(), id, from, valid_for, data)
            .and_then(|claims| signing.issue(&claims))
            .map_err(|error| match error {
                IssueError::TooLong => Invalid::TokenTooLong.into(),
                _ => Error::Internal,
            })
    }

    /// A fresh operation id and nonce.
    fn draw(&self) -> Result<(OperationId, [u8; NONCE_LEN]), Error> {
        let mut drawn = [0; 16 + NONCE_LEN];
        self.random.fill(&mut drawn)?;
        let (operation, nonce) = drawn.split_at(16);
        Ok((OperationId(pae::first(operation)), pae::first(nonce)))
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
            self.observe(&**observer, &event);
        }
    }

    /// What is told was written, so the call has its result whatever becomes of the telling.
    fn observe(&self, observer: &dyn Observer, event: &Observed) {
        // The observer's own state is its own to answer for, and nothing of ours is lent to it.
        let told = catch_unwind(AssertUnwindSafe(|| observer.observe(event)));
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
    Ok(Stored { version: record.version, body })
}
