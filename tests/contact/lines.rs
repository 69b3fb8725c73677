//! A bank with two systems that report calls, and Alice's phone that rings.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use countersign::contact::{
    Announcement, CallVerdict, Introduction, PhoneNumber, Report, Status, StatusNonce, Telephony,
};
use countersign::device::{StatusQuestion, VerdictQuestion};
use countersign::id::{FeedId, TrunkId};
use countersign::random::SeededRandom;
use countersign::time::{Clock, ManualClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    Channel, CredentialId, CustomerId, Device, Interaction, Policy, Timestamp, Verifier,
};

use crate::support::*;

pub const SECOND: Duration = Duration::from_secs(1);

pub fn dialler() -> FeedId {
    FeedId::new("dialler").unwrap()
}

pub fn pbx() -> FeedId {
    FeedId::new("pbx").unwrap()
}

/// Shown by the calls of both systems.
pub fn ours() -> PhoneNumber {
    "+442071234567".parse().unwrap()
}

/// Shown by the dialler's calls alone.
pub fn the_diallers() -> PhoneNumber {
    "+442079999999".parse().unwrap()
}

/// The one on the card.
pub fn never() -> PhoneNumber {
    "+448001234567".parse().unwrap()
}

pub fn strangers() -> PhoneNumber {
    "+33123456789".parse().unwrap()
}

pub fn app_trunk() -> TrunkId {
    TrunkId::new("app").unwrap()
}

pub fn telephony() -> Telephony {
    Telephony::new()
        .shows(ours(), [dialler(), pbx()])
        .shows(the_diallers(), [dialler()])
        .never_calls(never())
        .app_trunk(app_trunk())
}

pub fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

pub fn bank_of(policy: Policy) -> Bank {
    let mut bank = crate::support::bank();
    bank.verifier = process(&bank, policy, 1);
    bank
}

pub fn bank() -> Bank {
    bank_of(Policy::default())
}

/// Another process of the same bank.
pub fn process(bank: &Bank, policy: Policy, seed: u64) -> Verifier {
    process_at(bank, policy, seed, &bank.clock)
}

/// One whose clock is its own.
pub fn process_at(bank: &Bank, policy: Policy, seed: u64, clock: &ManualClock) -> Verifier {
    part(keyring(), &bank.store, clock, &bank.seen, seed)
        .policy(policy)
        .telephony(telephony())
        .signing_key(signing())
        .build()
        .unwrap()
}

pub fn phone_of(customer: CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    for purpose in
        [Purpose::Status, Purpose::CallVerdict, Purpose::CallNumbers, Purpose::LastContact]
    {
        keys.trust(*signing().public_key(), purpose).unwrap();
    }
    Device::new(keys, customer)
}

pub fn trusting(purpose: Purpose) -> TrustedKeys {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), purpose).unwrap();
    keys
}

pub fn at(second: u64) -> Timestamp {
    START.after(Duration::from_secs(second))
}

pub fn app() -> CredentialId {
    "00000000000000000000000000".parse().unwrap()
}

pub fn other_app() -> CredentialId {
    "00000000000000000000000008".parse().unwrap()
}

pub fn rings(id: &str) -> Interaction {
    bob_rings(id)
}

pub fn bob() -> Introduction {
    Introduction::by("Bob from cards".parse().unwrap())
        .about("About a card payment".parse().unwrap())
}

pub fn showing(number: PhoneNumber) -> Announcement {
    Announcement::showing(number).introduced(bob())
}

/// A feed that numbers its reports and remembers the last acknowledgement.
pub struct Feed {
    pub id: FeedId,
    next: u64,
    pub acknowledged: Timestamp,
}

impl Feed {
    pub fn new(id: FeedId) -> Self {
        Self { id, next: 1, acknowledged: Timestamp::EPOCH }
    }

    pub fn report(&mut self) -> Report {
        let number = self.next;
        self.next += 1;
        Report::new(self.id.clone(), number, self.acknowledged)
    }

    pub fn skip_to(&mut self, number: u64) {
        self.next = number;
    }

    pub fn skip(&mut self) {
        self.next += 1;
    }

    /// Two in a row: the second says that all that began before the first is reported.
    pub async fn beat(&mut self, verifier: &Verifier) {
        for _ in 0..2 {
            let report = self.report();
            self.acknowledged = verifier.contact().heartbeat(&report).await.unwrap().at;
        }
    }

    pub async fn announce(&mut self, verifier: &Verifier, call: &Interaction, number: PhoneNumber) {
        let report = self.report();
        let announced = verifier.contact().announce(&report, call, &showing(number)).await;
        self.acknowledged = announced.unwrap().at;
    }

    pub async fn began(&mut self, verifier: &Verifier, call: &Interaction) {
        let report = self.report();
        self.acknowledged = verifier.contact().began(&report, call, &bob()).await.unwrap().at;
    }

    pub async fn ended(&mut self, verifier: &Verifier, call: &Interaction) {
        let report = self.report();
        self.acknowledged = verifier.contact().ended(&report, call).await.unwrap().at;
    }
}

/// What Alice's app shows.
pub async fn status(verifier: &Verifier, now: Timestamp) -> Status {
    let question = StatusQuestion::new(&SeededRandom::new(now.unix()), now).unwrap();
    let token = verifier.contact().status(&alice(), question.nonce()).await.unwrap();
    phone_of(alice()).open_status(&token, &question, now).unwrap().status()
}

/// One question of Alice's phone about a call that rings.
pub struct Ringing {
    pub number: PhoneNumber,
    pub query: u64,
    pub device: CredentialId,
    pub since: Timestamp,
    pub others: bool,
}

impl Ringing {
    pub fn of(number: PhoneNumber, query: u64, since: Timestamp) -> Self {
        Self { number, query, device: app(), since, others: false }
    }

    pub async fn asked(&self, verifier: &Verifier, now: Timestamp) -> CallVerdict {
        let random = SeededRandom::new(self.query);
        let question = VerdictQuestion::new(self.number.clone(), &random, now).unwrap();
        let mut ringing = question.ringing(self.device, now.since(self.since));
        if self.others {
            ringing = ringing.beside_another();
        }
        let token = verifier.contact().verdict(&alice(), &ringing).await.unwrap();
        phone_of(alice()).open_verdict(&token, &question, now).unwrap()
    }
}

pub async fn ask(bank: &Bank, number: PhoneNumber, query: u64, since: Timestamp) -> CallVerdict {
    let now = bank.clock.now().unwrap();
    Ringing::of(number, query, since).asked(&bank.verifier, now).await
}

pub fn nonce(n: u8) -> StatusNonce {
    StatusNonce::from_bytes([n; 16])
}

pub fn voice(id: &str) -> Interaction {
    let id = countersign::InteractionId::new(id).unwrap();
    Interaction::inbound(id, alice(), agent("carol"), Channel::Voice)
}

/// Nothing here waits for longer than a few polls.
pub fn soon<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    panic!("the future waits for something");
}
