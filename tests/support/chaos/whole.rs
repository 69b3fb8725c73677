//! Whole callbacks through the crate's own API, under the same faults: each call is repeated until it has an
//! answer, and at the end each was done once, and told.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign::callback::{BookingRequest, CallbackStatus, Verdict};
use countersign::history::{Action, Outcome};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::store::{Store, StoreError};
use countersign::time::{Clock, ManualClock};
use countersign::token::SigningKey;
use countersign::{
    Agent, AgentId, CallbackId, Channel, CustomerId, Error, Interaction, InteractionId, Issuer,
    Keyring, Policy, RequestId, Verifier, Window,
};

use super::SLACK;
use super::load::Shared;
use super::random::Random;
use super::sweeper::Sweeper;

const CUSTOMERS: u64 = 6;
const HOUR: Duration = Duration::from_secs(3600);

/// Makes a call until it is answered, or the load is over.
macro_rules! repeated {
    ($bank:expr, $shared:expr, $random:expr, $call:expr) => {
        loop {
            if $shared.is_over() {
                return;
            }
            match $bank.once($shared, $random, $call).await {
                Some(Ok(answer)) => break answer,
                Some(Err(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
                None => {}
            }
        }
    };
}

/// The enterprise, as several processes have it.
#[derive(Clone)]
pub struct Bank {
    parts: Vec<Verifier>,
    clock: ManualClock,
    next: Arc<AtomicU64>,
    done: Arc<Mutex<Vec<(CustomerId, CallbackId)>>>,
    told: Arc<Mutex<BTreeMap<CallbackId, BTreeSet<String>>>>,
    failed: Arc<AtomicU64>,
    sweeper: Arc<Sweeper>,
}

pub fn keyring() -> Keyring {
    Keyring::generate(&SeededRandom::new(7)).unwrap()
}

pub fn part(store: impl Store, clock: &ManualClock, keyring: Keyring) -> Verifier {
    let mut policy = Policy::default();
    policy.callbacks.per_day = 10_000;
    Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
        .store(store)
        .clock(clock.clone())
        .policy(policy)
        .signing_key(SigningKey::from_seed(&[5; 32]).unwrap())
        .outbox()
        .build()
        .unwrap()
}

pub fn interaction(customer: &CustomerId, id: &str) -> Interaction {
    let agent = Agent::new(AgentId::new("bob").unwrap());
    Interaction::outbound(InteractionId::new(id).unwrap(), customer.clone(), agent, Channel::Voice)
}

impl Bank {
    pub fn new<S: Store + Clone>(stores: &[S]) -> Self {
        let clock = ManualClock::new(super::NOW);
        let sweeper = Sweeper::new(stores[0].clone(), &clock);
        // The first one lags: it has the newer key, and seals under the older one.
        let part = |(n, store): (usize, &S)| part(store.clone(), &clock, sweeper.keyring(n == 0));
        Self {
            parts: stores.iter().enumerate().map(part).collect(),
            sweeper: Arc::new(sweeper),
            clock: clock.clone(),
            next: Arc::default(),
            done: Arc::default(),
            told: Arc::default(),
            failed: Arc::default(),
        }
    }

    /// Works until the load is over.
    pub async fn works(self, instance: usize, shared: Arc<Shared>, mut random: Random) {
        let verifier = self.parts[instance % self.parts.len()].clone();
        while !shared.is_over() {
            if random.one_in(3) {
                self.delivers(&verifier, &shared, &mut random).await;
            } else if random.one_in(4) {
                let failed = self.sweeper.step().await;
                self.failed.fetch_add(u64::from(failed), Ordering::Relaxed);
            } else {
                self.callback(&verifier, &shared, &mut random).await;
            }
        }
    }

    /// One callback from its booking to its end. It may be given up when the load is over.
    async fn callback(&self, verifier: &Verifier, shared: &Shared, random: &mut Random) {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let customer = CustomerId::new(format!("c-{}", n % CUSTOMERS)).unwrap();
        let now = self.clock.now().unwrap();
        let window = Window::new(now, now.after(HOUR)).unwrap();
        let id = format!("r-{n}");
        let secret = "anana".parse().unwrap();
        let request = RequestId::new(&id).unwrap();
        let booking = BookingRequest::new(request, window, Channel::Voice, secret);
        let call = interaction(&customer, &id);
        let callbacks = verifier.callbacks();
        let booked = repeated!(self, shared, random, callbacks.book(&customer, &booking));
        let revealed = repeated!(self, shared, random, callbacks.reveal(&call, &booked.id));
        assert_eq!(revealed.as_str(), "anana");
        let verdict = Verdict::Recognised;
        let ended =
            repeated!(self, shared, random, callbacks.conclude(&customer, &booked.id, verdict));
        assert_eq!(ended.status, CallbackStatus::Recognised);
        self.done.lock().unwrap().push((customer, booked.id));
    }

    async fn once<T>(
        &self,
        shared: &Shared,
        random: &mut Random,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Option<Result<T, Error>> {
        let begun = Instant::now();
        let answer = if random.one_in(10) {
            let patience = Duration::from_micros(random.below(8000));
            tokio::time::timeout(patience, call).await.ok()?
        } else {
            call.await
        };
        if let Err(error) = &answer {
            self.failed.fetch_add(1, Ordering::Relaxed);
            let Error::Store(of_store) = error else { panic!("{error:?}") };
            let source = std::error::Error::source(error).expect("it has a source");
            assert_eq!(source.to_string(), of_store.to_string());
            if !matches!(of_store, StoreError::Full) {
                assert!(source.source().is_some(), "{error:?}");
            }
            // A call asks the store several times; after the first that fails there is one more.
            let took = begun.elapsed();
            assert!(took < 6 * (shared.deadline + SLACK), "{took:?}");
        }
        Some(answer)
    }

    async fn delivers(&self, verifier: &Verifier, shared: &Shared, random: &mut Random) {
        let outbox = verifier.outbox();
        let most = NonZeroU16::new(9).unwrap();
        let lease = outbox.lease(most, Duration::from_secs(60));
        let Some(Ok(Some(batch))) = self.once(shared, random, lease).await else { return };
        self.hear(&batch);
        let ids: Vec<_> = batch.notices.iter().map(|notice| notice.id).collect();
        let done = outbox.acknowledge(&batch, ids);
        self.once(shared, random, done).await;
        drop(outbox.release(batch).await);
    }

    fn hear(&self, batch: &countersign::outbox::Batch) {
        assert_eq!(batch.unreadable, 0);
        let mut told = self.told.lock().unwrap();
        for notice in &batch.notices {
            if let countersign::history::Subject::Callback(id) = notice.subject
                && notice.outcome == Outcome::Done
                && notice.action != Action::Expire
            {
                told.entry(id).or_default().insert(format!("{:?}", notice.action));
            }
        }
    }

    /// With no load left: what was done was done once, and is told.
    pub async fn add_up(&self) -> u64 {
        self.clock.advance(2 * HOUR);
        let verifier = &self.parts[0];
        let outbox = verifier.outbox();
        while let Some(batch) = outbox.lease(NonZeroU16::MAX, HOUR).await.unwrap() {
            self.hear(&batch);
            let done = batch.notices.iter().map(|notice| notice.id);
            assert!(outbox.acknowledge(&batch, done).await.unwrap());
            outbox.release(batch).await.unwrap();
        }
        assert_eq!(outbox.backlog().await.unwrap().entries, 0);
        self.sweeper.add_up().await;
        let done = std::mem::take(&mut *self.done.lock().unwrap());
        let told = self.told.lock().unwrap().clone();
        let mut histories = BTreeMap::new();
        for n in 0..CUSTOMERS {
            let customer = CustomerId::new(format!("c-{n}")).unwrap();
            let mut page = Page::first();
            loop {
                let part = verifier.history(&customer, page).await.unwrap();
                assert_eq!(part.unreadable, 0);
                for history in part.items {
                    if let countersign::history::Subject::Callback(id) = history.subject {
                        let done = history.events.iter().filter(|event| {
                            // That its time is over is shown, whether anybody wrote it or not.
                            event.outcome == Outcome::Done && event.action != Action::Expire
                        });
                        histories.insert(id, done.map(|event| event.action).collect::<Vec<_>>());
                    }
                }
                let Some(next) = part.next else { break };
                page = Page::from(next);
            }
        }
        for (customer, id) in &done {
            let actions = histories.get(id).unwrap_or_else(|| panic!("{customer:?}'s is lost"));
            let whole = [Action::Book, Action::Reveal, Action::Recognise];
            assert_eq!(actions[..], whole[..actions.len().min(3)], "each was done once");
            assert_eq!(actions.len(), 3);
        }
        // Whatever stands in a history was told, whether it was acknowledged or not.
        for (id, actions) in &histories {
            let told = told.get(id).cloned().unwrap_or_default();
            let wanted: BTreeSet<_> = actions.iter().map(|action| format!("{action:?}")).collect();
            assert_eq!(told, wanted, "news of {id}");
        }
        u64::try_from(done.len()).unwrap()
    }

    pub fn failures(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}
