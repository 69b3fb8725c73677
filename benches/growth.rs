//! What calls cost for a customer with ten past records of each kind, and for one with ten thousand: the same, but for
//! what a search tree of a thousand times the size costs. Some were ended, some have lapsed, and some were recognised.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    missing_docs
)]

use std::num::NonZeroU16;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use countersign::callback::{BookingRequest, Verdict};
use countersign::challenge::{Answer, ChallengeRequest, Channels};
use countersign::contact::{PhoneNumber, Report, RingingCall, StatusNonce, Telephony};
use countersign::credential::EnrolmentRequest;
use countersign::id::FeedId;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::time::ManualClock;
use countersign::token::SigningKey;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Interaction, InteractionId, Issuer, Keyring, MemoryStore,
    Policy, RequestId, Timestamp, Verifier, Window,
};

const START: Timestamp = Timestamp::from_unix(1_800_000_000);
const ROUNDS: u32 = 400;

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}

fn request(text: String) -> RequestId {
    RequestId::new(text).unwrap()
}

fn booking_from(from: Timestamp, id: String) -> BookingRequest {
    let window = Window::new(from, from.after(Duration::from_secs(600))).unwrap();
    BookingRequest::new(request(id), window, Channel::Voice, "anana".parse().unwrap())
}

/// The median time of `call`, each with another number.
fn median(mut call: impl FnMut(u32)) -> Duration {
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|n| {
            let begun = Instant::now();
            call(n);
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// What each call takes with so many past callbacks, authenticators and challenges.
fn measured(past: u32) -> Vec<(&'static str, Duration)> {
    let random = SeededRandom::new(1);
    // So many are issued one after the other.
    let between = Duration::from_secs(900);
    // After the last one everything lapses.
    let begun = START.before(Duration::from_secs(2 * 24 * 3600)).before(between * past);
    let clock = ManualClock::new(begun);
    let issuer = Issuer::new("bank.example").unwrap();
    let pbx = FeedId::new("pbx").unwrap();
    let number: PhoneNumber = "+442071234567".parse().unwrap();
    // All that is measured is booked at one instant.
    let mut policy = Policy::default();
    policy.callbacks.per_day = 10_000;
    let bank = Verifier::builder(issuer, Keyring::generate(&random).unwrap())
        .store(MemoryStore::with_capacity(1 << 20))
        .clock(clock.clone())
        .policy(policy)
        .signing_key(SigningKey::generate(&random).unwrap())
        .random(random)
        .telephony(Telephony::new().shows(number.clone(), [pbx.clone()]))
        .build()
        .unwrap();
    let alice = CustomerId::new("alice").unwrap();
    let (callbacks, credentials) = (bank.callbacks(), bank.credentials());
    let ended = |from: Timestamp, id: String| {
        let booked = now_or_never(callbacks.book(&alice, &booking_from(from, id))).unwrap();
        now_or_never(callbacks.cancel(&alice, &booked.id)).unwrap();
    };
    let revoked = |id: String| {
        let new = EnrolmentRequest::delivered(request(id)).vouched_for();
        let enrolled = now_or_never(credentials.enrol(&alice, &new)).unwrap();
        now_or_never(credentials.revoke(&alice, &enrolled.credential.id)).unwrap();
    };
    let challenges = bank.challenges();
    let issued = |id: String| {
        let channels = Channels::new(&[Channel::Voice]).unwrap();
        let challenge = ChallengeRequest::new(request(id), "A payment".parse().unwrap(), channels);
        now_or_never(challenges.issue(&alice, &challenge)).unwrap().challenge.id
    };
    for n in 0..past {
        let id = issued(format!("past-{n}"));
        now_or_never(challenges.answer(&alice, &id, &Answer::Decline)).unwrap();
        issued(format!("unanswered-{n}"));
        let from = begun.after(between * n);
        let lapses = booking_from(from, format!("lapsed-{n}"));
        now_or_never(callbacks.book(&alice, &lapses)).unwrap();
        let recognised = booking_from(from, format!("recognised-{n}"));
        let booked = now_or_never(callbacks.book(&alice, &recognised)).unwrap();
        let call = InteractionId::new(format!("call-{n}")).unwrap();
        let agent = Agent::new(AgentId::new("bob").unwrap());
        let rings = Interaction::outbound(call, alice.clone(), agent, Channel::Voice);
        now_or_never(callbacks.reveal(&rings, &booked.id)).unwrap();
        now_or_never(callbacks.conclude(&alice, &booked.id, Verdict::Recognised)).unwrap();
        ended(from, format!("past-{n}"));
        clock.advance(between);
    }
    clock.set(START);
    issued("new".to_owned());
    for n in 0..past {
        revoked(format!("past-{n}"));
    }
    let page = Page::first().at_most(NonZeroU16::new(20).unwrap());
    let nonce = StatusNonce::from_bytes([1; 16]);
    // Nothing is missing, so that it is looked whether anything is agreed.
    now_or_never(bank.contact().heartbeat(&Report::new(pbx, 1, START))).unwrap();
    let device = "00000000000000000000000000".parse().unwrap();
    let ringing = RingingCall::new(nonce, number, device, Duration::from_secs(5));
    vec![
        ("status", median(|_| drop(now_or_never(bank.contact().status(&alice, nonce)).unwrap()))),
        (
            "verdict",
            median(|_| drop(now_or_never(bank.contact().verdict(&alice, &ringing)).unwrap())),
        ),
        ("pending", median(|_| drop(now_or_never(bank.pending(&alice)).unwrap()))),
        (
            "callbacks, newest page",
            median(|_| drop(now_or_never(callbacks.list(&alice, page)).unwrap())),
        ),
        (
            "history, newest page",
            median(|_| drop(now_or_never(bank.history(&alice, page)).unwrap())),
        ),
        ("book and cancel", median(|n| ended(START, format!("new-{n}")))),
        ("enrol and revoke", median(|n| revoked(format!("new-{n}")))),
    ]
}

fn main() {
    let (few, many) = (measured(10), measured(10_000));
    for ((call, few), (_, many)) in few.into_iter().zip(many) {
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        println!(
            "{call}: {few:?} with 10 past records of each kind, {many:?} with 10 000: {ratio:.2}"
        );
    }
}
