//! A bank that says with whom it is talking, and Alice's phone that asks.

use std::sync::atomic::{AtomicU64, Ordering};

pub use crate::support::signing::{bank_of as signing_bank, signing};
use crate::support::*;
use countersign::contact::{PhoneNumber, Report, Status, Telephony};
use countersign::device::StatusQuestion;
use countersign::id::FeedId;
use countersign::random::SeededRandom;
use countersign::time::Clock;
use countersign::token::{Purpose, TrustedKeys};
use countersign::{Channel, CustomerId, Device, Direction, Interaction, InteractionId, Policy};

/// The system that reports the bank's calls, and which numbers they show.
pub fn pbx() -> FeedId {
    FeedId::new("pbx").unwrap()
}

pub fn ours() -> PhoneNumber {
    "+442071234567".parse().unwrap()
}

pub fn telephony() -> Telephony {
    Telephony::new().shows(ours(), [pbx()]).never_calls("+448001234567".parse().unwrap())
}

pub fn bank() -> Bank {
    signing_bank(Policy::default())
}

pub fn phone_of(customer: CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Status).unwrap();
    Device::new(keys, customer)
}

pub fn question(seed: u64, now: countersign::Timestamp) -> StatusQuestion {
    StatusQuestion::new(&SeededRandom::new(seed), now).unwrap()
}

/// The feed has reported everything up to now.
pub async fn complete(bank: &Bank) {
    let now = bank.clock.now().unwrap();
    // A number that is above all before, whichever tests use.
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    let report = Report::new(pbx(), NEXT.fetch_add(1, Ordering::Relaxed), now);
    bank.verifier.contact().resync(&report).await.unwrap();
}

/// What Alice's app shows, while no report is missing.
pub async fn asked(bank: &Bank) -> Status {
    let now = bank.clock.now().unwrap();
    complete(bank).await;
    let question = question(now.unix(), now);
    let token = bank.verifier.contact().status(&alice(), question.nonce()).await.unwrap();
    phone_of(alice()).open_status(&token, &question, now).unwrap().status()
}

pub fn on(channel: Channel, id: &str, direction: Direction) -> Interaction {
    let id = InteractionId::new(id).unwrap();
    match direction {
        Direction::Inbound => Interaction::inbound(id, alice(), agent("carol"), channel),
        Direction::Outbound => Interaction::outbound(id, alice(), agent("bob"), channel),
    }
}

pub fn inbound(id: &str) -> Interaction {
    on(Channel::Voice, id, Direction::Inbound)
}

pub fn talking(channel: Channel, direction: Direction, since: countersign::Timestamp) -> Status {
    Status::TalkingToYou { channel, direction, since }
}
