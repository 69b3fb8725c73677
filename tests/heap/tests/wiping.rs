//! No block that goes back to the allocator holds a callback secret.

use std::time::Duration;

use countersign::callback::{AmendmentRequest, BookingRequest, CallbackSecret, Verdict};
use countersign::challenge::Channels;
use countersign::challenge::{Acceptance, Answer, ChallengeRequest, Slot, SpokenProof};
use countersign::credential::EnrolmentRequest;
use countersign::device::DeviceCredential;
use countersign::keyring::{Unwrap, WrappedKey};
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::time::ManualClock;
use countersign::token::SigningKey;
use countersign::{
    Agent, AgentId, Assignee, Channel, CustomerId, Device, Interaction, InteractionId, Issuer,
    Keyring, RequestId, Timestamp, Verifier, Window,
};
use countersign_heap::{PLANTED, Watching, found, now_or_never};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

#[test]
fn the_watch_finds_what_is_left_behind() {
    let before = found();
    drop(PLANTED.to_owned());
    assert_eq!(found(), before + 1);
    let mut grown = PLANTED.to_owned();
    grown.reserve(10_000);
    assert_eq!(found(), before + 2);
    drop(grown);
    assert_eq!(found(), before + 3);
    drop("something else".to_owned());
    assert_eq!(found(), before + 3);
}

fn secret() -> CallbackSecret {
    PLANTED.parse().unwrap()
}

#[test]
fn a_whole_callback_leaves_no_secret_behind() {
    let start = Timestamp::from_unix(1_800_000_000);
    let bank = Verifier::builder(
        Issuer::new("bank.example").unwrap(),
        Keyring::generate(&SeededRandom::new(1)).unwrap(),
    )
    .clock(ManualClock::new(start))
    .build()
    .unwrap();
    let callbacks = bank.callbacks();
    let alice = CustomerId::new("alice").unwrap();
    let window = Window::new(start, start.after(Duration::from_secs(3600))).unwrap();
    let call = |id: &str, agent: &str| {
        Interaction::outbound(
            InteractionId::new(id).unwrap(),
            alice.clone(),
            Agent::new(AgentId::new(agent).unwrap()),
            Channel::Voice,
        )
    };

    let before = found();
    // As the app sends it, spaced out and in another case too.
    drop(serde_json::from_str::<CallbackSecret>("\"xylophone quartz\"").unwrap());
    drop("  xylophone \u{3000} quartz ".parse::<CallbackSecret>().unwrap());
    "xylophone quartz 1234".parse::<CallbackSecret>().unwrap_err();
    assert!(secret().matches("XYLOPHONE  QUARTZ"));
    let request = |id: &str| RequestId::new(id).unwrap();
    let new = BookingRequest::new(request("r-1"), window, Channel::Voice, secret())
        .forbidding(["Smith", "EC1A 1BB"]);
    let id = now_or_never(callbacks.book(&alice, &new)).unwrap().id;
    now_or_never(callbacks.book(&alice, &new)).unwrap();
    let amendment = AmendmentRequest::new(request("a-1")).secret(secret());
    now_or_never(callbacks.amend(&alice, &id, &amendment)).unwrap();
    // A long history, so that the record outgrows the room it usually has.
    for n in 0..20 {
        let long = format!("{n}-{}", "x".repeat(120));
        let mut inbound = call(&long, &long);
        inbound.direction = countersign::Direction::Inbound;
        now_or_never(callbacks.reveal(&inbound, &id)).unwrap_err();
    }
    let readback = now_or_never(callbacks.reveal(&call("call-1", "bob"), &id)).unwrap();
    assert_eq!(readback.as_str(), PLANTED);
    drop(readback);
    now_or_never(callbacks.list(&alice, Page::first())).unwrap();
    now_or_never(bank.history(&alice, Page::first())).unwrap();
    now_or_never(callbacks.conclude(&alice, &id, Verdict::Recognised)).unwrap();
    drop((new, amendment));
    drop(bank.clone());
    assert_eq!(found(), before, "blocks given back with the secret in them");
}

/// Root keys that a key management service unwraps: those that it gives are wiped, also where they are refused.
#[test]
fn unwrapped_keys_leave_nothing_behind() {
    /// Gives each time what it was made with, at its exact size.
    struct Kms([u8; 32]);

    impl Unwrap for Kms {
        async fn unwrap_key(
            &self,
            key: &WrappedKey,
        ) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
            let mut unwrapped = self.0.to_vec();
            // The last byte is the only one that differs from key to key.
            *unwrapped.last_mut().unwrap() = *key.ciphertext().last().unwrap();
            unwrapped.truncate(key.ciphertext().len());
            Ok(unwrapped)
        }
    }

    let key = |last: u8| {
        let mut key = [last; 32];
        key[..PLANTED.len()].copy_from_slice(PLANTED.as_bytes());
        key[PLANTED.len()..31].fill(0);
        key
    };
    let before = found();
    let mut keyring = Keyring::import(&key(1), &key(2)).unwrap();
    keyring.import_root(&key(3)).unwrap();
    let of = |last| [&[0; 31][..], &[last]].concat();
    let wrap = |keys: &Keyring| -> Vec<WrappedKey> {
        keys.keys_to_wrap().zip(1..).map(|(key, last)| key.wrapped(&of(last)).unwrap()).collect()
    };
    let keys = wrap(&keyring);
    let again = now_or_never(Keyring::unwrapped(&keys[0], &keys[1], &keys[2..], &Kms(key(0))));
    assert_eq!(again.unwrap().active(), keyring.active());
    // Another key, and one that is too short.
    let short = keyring.keys_to_wrap().last().unwrap().wrapped(&[0; 30]).unwrap();
    let other = Keyring::generate(&SeededRandom::new(1)).unwrap();
    for others in [[short], [wrap(&other)[1].clone()]] {
        now_or_never(Keyring::unwrapped(&keys[0], &keys[1], &others, &Kms(key(0)))).unwrap_err();
    }
    drop((keyring, other));
    assert_eq!(found(), before, "blocks given back with a key in them");
}

/// The customer's own word, which the agent says in place of a code.
#[test]
fn an_own_word_leaves_nothing_behind() {
    let start = Timestamp::from_unix(1_800_000_000);
    let keyring = Keyring::generate(&SeededRandom::new(1)).unwrap();
    let bank = Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
        .clock(ManualClock::new(start))
        .signing_key(SigningKey::from_seed(&[5; 32]).unwrap())
        .build()
        .unwrap();
    let (alice, challenges) = (CustomerId::new("alice").unwrap(), bank.challenges());
    let (bob, request) = (AgentId::new("bob").unwrap(), |id: &str| RequestId::new(id).unwrap());
    let window = Window::new(start, start.after(Duration::from_secs(3600))).unwrap();

    let before = found();
    let channels = Channels::new(&[Channel::Voice]).unwrap();
    let new = ChallengeRequest::new(request("ch"), "About a payment".parse().unwrap(), channels);
    let id = now_or_never(challenges.issue(&alice, &new)).unwrap().challenge.id;
    for _ in 0..2 {
        let with_word = Acceptance::new(request("a")).with_word(secret()).forbidding(["Smith"]);
        let answer = Answer::Accept(with_word);
        now_or_never(challenges.answer(&alice, &id, &answer)).unwrap();
    }
    let agent = Assignee::Agent(bob.clone());
    let slot = Slot::new(window, Channel::Voice, agent, "Bob".parse().unwrap());
    now_or_never(challenges.confirm(&alice, &id, &request("c"), &slot)).unwrap();
    let call = InteractionId::new("call").unwrap();
    let call = Interaction::outbound(call, alice.clone(), Agent::new(bob), Channel::Voice);
    let SpokenProof::Word(said) = now_or_never(challenges.present(&call, &id)).unwrap() else {
        panic!("there is a word");
    };
    assert_eq!(said.as_str(), PLANTED);
    drop(said);
    now_or_never(challenges.list(&alice, Page::first())).unwrap();
    now_or_never(challenges.revoke(&alice, &id)).unwrap();
    drop(bank.clone());
    assert_eq!(found(), before, "blocks given back with the secret in them");
}

#[test]
fn derived_words_leave_no_secret_behind() {
    let start = Timestamp::from_unix(1_800_000_000);
    let keyring = Keyring::generate(&SeededRandom::new(1)).unwrap();
    let bank = Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
        .clock(ManualClock::new(start))
        .build()
        .unwrap();
    let alice = CustomerId::new("alice").unwrap();
    let request = |id: &str| RequestId::new(id).unwrap();
    let enrolment = EnrolmentRequest::ocra(request("app"));
    let given = now_or_never(bank.credentials().enrol(&alice, &enrolment)).unwrap();
    let (id, pin) = (given.credential.id, "2468".parse().unwrap());
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let device = DeviceCredential::enrol(id, &seed, &pin, None, &SeededRandom::new(3)).unwrap();
    let first = device.confirm(&pin).unwrap();
    now_or_never(bank.credentials().confirm(&alice, &id, &first)).unwrap();

    let before = found();
    let window = Window::new(start, start.after(Duration::from_secs(3600))).unwrap();
    let new =
        BookingRequest::new(request("r-1"), window, Channel::Voice, secret()).derived_with(id);
    let booked = now_or_never(bank.callbacks().book(&alice, &new)).unwrap().id;
    let (call, agent) = (InteractionId::new("c").unwrap(), AgentId::new("bob").unwrap());
    let call = Interaction::outbound(call, alice.clone(), Agent::new(agent), Channel::Voice);
    let readback = now_or_never(bank.callbacks().reveal(&call, &booked)).unwrap();
    let words = Device::readback_words(&device, &booked, Channel::Voice, &secret()).unwrap();
    assert_eq!(readback.as_str(), words.words().as_str());
    drop((new, readback, words));
    assert_eq!(found(), before, "blocks given back with the secret in them");
}
