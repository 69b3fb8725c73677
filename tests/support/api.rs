//! What the tests share: one enterprise, a few people, a clock that is set by hand.

pub(crate) mod anchors;
pub(crate) mod between;
pub(crate) mod binding;
pub(crate) mod challenges;
pub(crate) mod credentials;
pub(crate) mod depth;
pub(crate) mod device_keys;
pub(crate) mod dying;
pub(crate) mod golden;
pub(crate) mod golden_bank;
pub(crate) mod hearing;
pub(crate) mod kms;
pub(crate) mod outbox;
pub(crate) mod outbox_bank;
pub(crate) mod passkeys;
pub(crate) mod presence;
pub(crate) mod reveals;
pub(crate) mod rows;
pub(crate) mod signing;
pub(crate) mod step_up_rules;
pub(crate) mod step_ups;
pub(crate) mod tampering;
pub(crate) mod unicode;
pub(crate) mod vault_keys;
pub(crate) mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::callback::{BookingRequest, Callback, CallbackSecret};
use countersign::history::{CeremonyHistory, Subject};
use countersign::observer::Observed;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::verifier::VerifierBuilder;
use countersign::{
    Agent, AgentId, Assignee, CallbackId, Channel, CustomerId, Interaction, InteractionId, Issuer,
    Keyring, MemoryStore, Observer, Policy, RequestId, TeamId, Timestamp, Verifier, Window,
};

/// 2027-01-15T08:00:00Z, the start of most tests.
pub const START: Timestamp = Timestamp::from_unix(1_800_000_000);

pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);
pub const DAY: Duration = Duration::from_secs(24 * 3600);

/// Remembers what the observer was told.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<Observed>>>);

impl Recorder {
    pub fn take(&self) -> Vec<Observed> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Recorder {
    fn observe(&self, event: &Observed) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// An enterprise with everything observable and steerable.
pub struct Bank {
    pub verifier: Verifier,
    pub clock: ManualClock,
    pub store: FaultStore<MemoryStore>,
    pub seen: Recorder,
}

pub fn keyring() -> Keyring {
    Keyring::generate(&SeededRandom::new(7)).unwrap()
}

pub fn issuer() -> Issuer {
    Issuer::new("bank.example").unwrap()
}

pub fn bank() -> Bank {
    bank_with(Policy::default())
}

pub fn bank_with(policy: Policy) -> Bank {
    let store = FaultStore::new(MemoryStore::new());
    let clock = ManualClock::new(START);
    let seen = Recorder::default();
    let verifier = part(keyring(), &store, &clock, &seen, 1).policy(policy).build().unwrap();
    Bank { verifier, clock, store, seen }
}

/// A verifier over parts that are kept, so that a restart or a rotation can be played.
pub fn part(
    keyring: Keyring,
    store: &FaultStore<MemoryStore>,
    clock: &ManualClock,
    seen: &Recorder,
    seed: u64,
) -> VerifierBuilder {
    Verifier::builder(issuer(), keyring)
        .store(store.clone())
        .clock(clock.clone())
        .observer(seen.clone())
        .random(SeededRandom::new(seed))
        .vault_keys(vault_keys::trusted())
        .telephony(presence::telephony())
}

impl Bank {
    /// Books the usual callback: from now, for an hour, by voice, "anana".
    pub async fn booked(&self) -> Callback {
        self.verifier.callbacks().book(&alice(), &booking("req-1", "anana")).await.unwrap()
    }
}

pub fn alice() -> CustomerId {
    CustomerId::new("alice").unwrap()
}

pub fn mallory() -> CustomerId {
    CustomerId::new("mallory").unwrap()
}

pub fn agent(name: &str) -> Agent {
    Agent::new(AgentId::new(name).unwrap())
}

pub fn team(name: &str) -> Assignee {
    Assignee::Team(TeamId::new(name).unwrap())
}

pub fn secret(text: &str) -> CallbackSecret {
    text.parse().unwrap()
}

pub fn request(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

/// An hour from the start.
pub fn window() -> Window {
    Window::new(START, START.after(HOUR)).unwrap()
}

pub fn booking(id: &str, word: &str) -> BookingRequest {
    BookingRequest::new(request(id), window(), Channel::Voice, secret(word))
}

/// The enterprise rings the customer.
pub fn call(id: &str, customer: &CustomerId, agent: Agent) -> Interaction {
    let id = InteractionId::new(id).unwrap();
    Interaction::outbound(id, customer.clone(), agent, Channel::Voice)
}

/// The usual call: Bob rings Alice.
pub fn bob_rings(id: &str) -> Interaction {
    call(id, &alice(), agent("bob"))
}

pub fn unknown_callback() -> CallbackId {
    "00000000000000000000000000".parse().unwrap()
}

/// Alice's histories on the first page that are about what `about` says.
pub async fn histories(
    verifier: &Verifier,
    about: impl Fn(&Subject) -> bool,
) -> Vec<CeremonyHistory> {
    let mut page = verifier.history(&alice(), Page::first()).await.unwrap();
    page.items.retain(|history| about(&history.subject));
    page.items
}

pub fn a_credential(subject: &Subject) -> bool {
    matches!(subject, Subject::Credential(_))
}

pub fn a_challenge(subject: &Subject) -> bool {
    matches!(subject, Subject::Challenge(_))
}

pub fn a_step_up(subject: &Subject) -> bool {
    matches!(subject, Subject::StepUp(_))
}

/// Runs `future` to its end on this thread; everything here is ready at once or wakes itself.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
