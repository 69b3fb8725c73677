//! The derived read-back: the agent says words that the app shows too, and never learns the secret.

use crate::support::step_ups::with_code;
use std::time::Duration;

use countersign::callback::{
    AmendmentRequest, BookingRequest, Callback, CallbackSecret, Readback, Verdict,
};
use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest};
use countersign::device::DeviceCredential;
use countersign::error::{Invalid, Reason};
use countersign::history::{Action, Outcome};
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::spoken::SpokenWords;
use countersign::step_up::StepUpRequest;
use countersign::store::Fault;
use countersign::token::SigningKey;
use countersign::transaction::TransactionKind;
use countersign::{
    CallbackId, Channel, CredentialId, Device, Error, Interaction, InteractionId, Policy,
    Transaction,
};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::support::credentials::{app, in_base32, made, refused};
use crate::support::depth::{cases, either};
use crate::support::*;

/// Callback secrets of alice's, whose words `credential` makes.
fn derived(id: &str, word: &str, credential: CredentialId) -> BookingRequest {
    booking(id, word).derived_with(credential)
}

fn shown(device: &DeviceCredential, callback: &Callback, word: &str) -> String {
    let words =
        Device::readback_words(device, &callback.id, callback.channel, &secret(word)).unwrap();
    words.words().to_string()
}

/// Pre-authentication encoding, written anew from its definition.
fn pae(pieces: &[&[u8]]) -> Vec<u8> {
    let number = |n: usize| (n as u64).to_le_bytes();
    let mut out = number(pieces.len()).to_vec();
    for piece in pieces {
        out.extend(number(piece.len()));
        out.extend(*piece);
    }
    out
}

/// What the words are made of: voice, outbound.
fn message(callback: &CallbackId, word: &str) -> Vec<u8> {
    let id = base32::decode(base32::Alphabet::Crockford, &callback.to_string()).unwrap();
    pae(&[b"countersign derived words v1", &id, &[2], &[1], word.as_bytes()])
}

fn keyed(key: &[u8], message: &[u8]) -> [u8; 4] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes()[..4].try_into().unwrap()
}

#[tokio::test]
async fn app_and_desktop_show_the_same_words_and_the_agent_never_learns_the_secret() {
    let bank = bank();
    let (credential, device) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let booked = callbacks.book(&alice(), &derived("req-1", "anana", credential.id)).await.unwrap();
    assert_eq!(booked.derived_with, Some(credential.id));
    let call = bob_rings("call-1");
    let readback = callbacks.reveal(&call, &booked.id).await.unwrap();
    assert_eq!(readback.as_str(), shown(&device, &booked, "anana"));
    assert_eq!(readback.as_str().split(' ').count(), 4);
    let desktop = serde_json::to_string(&readback).unwrap();
    assert_eq!(desktop, format!("{:?}", readback.as_str()));
    assert_eq!(format!("{readback:?}"), "Readback([REDACTED])");
    for text in [desktop, serde_json::to_string(&booked).unwrap(), format!("{booked:?}")] {
        assert!(!text.contains("anana"), "{text}");
    }
    for event in bank.seen.take() {
        let text = format!("{event:?} {}", serde_json::to_string(&event).unwrap());
        assert!(!text.contains("anana") && !text.contains(readback.as_str()), "{text}");
    }

    // The same words in the same call again, and in no other call.
    assert_eq!(callbacks.reveal(&call, &booked.id).await.unwrap(), readback);
    refused(callbacks.reveal(&bob_rings("call-2"), &booked.id).await);
    let after = callbacks.conclude(&alice(), &booked.id, Verdict::Recognised).await.unwrap();
    assert_eq!((after.reveals, after.derived_with), (1, Some(credential.id)));
    refused(callbacks.reveal(&call, &booked.id).await);
}

#[tokio::test]
async fn the_secret_as_it_was_typed_another_time_gives_the_same_words() {
    let bank = bank();
    let (credential, device) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let booked =
        callbacks.book(&alice(), &derived("req-1", "Blue  Kettle", credential.id)).await.unwrap();
    let readback = callbacks.reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
    for typed in ["blue kettle", " BLUE KETTLE ", "ｂｌｕｅ\u{a0}kettle"] {
        assert_eq!(shown(&device, &booked, typed), readback.as_str(), "{typed}");
    }
    for other in ["bluekettle", "blue-kettle", "blue kettles"] {
        assert_ne!(shown(&device, &booked, other), readback.as_str(), "{other}");
    }
}

#[tokio::test]
async fn an_amended_channel_or_secret_gives_other_words_to_both_sides() {
    let bank = bank();
    let (credential, device) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let booked = callbacks.book(&alice(), &derived("req-1", "anana", credential.id)).await.unwrap();
    let amendment =
        AmendmentRequest::new(request("a-1")).channel(Channel::Chat).secret(secret("cherry"));
    let amended = callbacks.amend(&alice(), &booked.id, &amendment).await.unwrap();
    assert_eq!((amended.channel, amended.derived_with), (Channel::Chat, Some(credential.id)));
    let id = InteractionId::new("chat-1").unwrap();
    let chat = Interaction::outbound(id, alice(), agent("bob"), Channel::Chat);
    let readback = callbacks.reveal(&chat, &booked.id).await.unwrap();
    assert_eq!(readback.as_str(), shown(&device, &amended, "cherry"));
    assert_ne!(readback.as_str(), shown(&device, &booked, "cherry"));
    assert_ne!(readback.as_str(), shown(&device, &amended, "anana"));
}

#[tokio::test]
async fn a_credential_that_no_app_of_the_customer_holds_makes_no_words() {
    let bank = bank();
    let (credential, _) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let fob = ImportRequest::totp(OtpSeed::from_bytes(&[7; 20]).unwrap());
    let fob = credentials.import(&alice(), &fob).await.unwrap().id;
    let suite = "OCRA-1:HOTP-SHA256-8:QH64".parse().unwrap();
    let seed = OtpSeed::from_bytes(&[9; 32]).unwrap();
    let typed = ImportRequest::ocra(seed, &suite).unwrap();
    let typed = credentials.import(&alice(), &typed).await.unwrap().id;
    let pending = EnrolmentRequest::ocra(request("pending")).vouched_for();
    let pending = credentials.enrol(&alice(), &pending).await.unwrap().credential.id;
    let unknown: CredentialId = "00000000000000000000000000".parse().unwrap();
    bank.seen.take();

    let callbacks = bank.verifier.callbacks();
    for id in [fob, typed, pending, unknown] {
        refused(callbacks.book(&alice(), &derived("req-1", "anana", id)).await);
        let seen = bank.seen.take();
        let [seen] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!(seen.action, Action::Book);
        assert_eq!(seen.outcome, Outcome::Refused(Reason::NoCredential));
    }
    // Attack 12, another customer's id: refused like an unknown one.
    refused(callbacks.book(&mallory(), &derived("req-1", "anana", credential.id)).await);
    assert_eq!(callbacks.list(&alice(), Page::first()).await.unwrap().items, []);
    assert_eq!(callbacks.list(&mallory(), Page::first()).await.unwrap().items, []);
}

#[tokio::test]
async fn a_locked_credential_still_makes_words_and_a_revoked_one_does_not() {
    let mut bank = bank();
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 1);
    bank.verifier = builder.signing_key(SigningKey::from_seed(&[5; 32]).unwrap()).build().unwrap();
    let (credential, device) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let mut booked = Vec::new();
    for id in ["req-1", "req-2"] {
        booked.push(callbacks.book(&alice(), &derived(id, "anana", credential.id)).await.unwrap());
    }
    // Five wrong codes from the customer's session stop step-ups, not what the enterprise says.
    let name = "Bob from Example Bank".parse().unwrap();
    let text = |text: &str| text.parse().unwrap();
    let (kind, pounds) = (TransactionKind::Transfer, "GBP".parse().unwrap());
    let transfer =
        Transaction::new(kind, 500_000, pounds, text("Jones Roofing"), text("Invoice 7"));
    let asking = StepUpRequest::new(request("s-1"), transfer, name);
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&bob_rings("call-0"), &asking).await.unwrap();
    for code in 0..5 {
        let code = with_code(&asked, &format!("{code:08}"));
        refused(step_ups.submit(&alice(), &asked.step_up.id, &code).await);
    }
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap().items;
    assert_eq!(listed[0].status, CredentialStatus::Locked);
    let readback = callbacks.reveal(&bob_rings("call-1"), &booked[0].id).await.unwrap();
    assert_eq!(readback.as_str(), shown(&device, &booked[0], "anana"));
    assert_ne!(readback.as_str(), shown(&device, &booked[1], "anana"), "each callback has its own");

    bank.verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    bank.seen.take();
    refused(callbacks.reveal(&bob_rings("call-2"), &booked[1].id).await);
    refused(callbacks.reveal(&bob_rings("call-1"), &booked[0].id).await);
    let outcomes: Vec<_> = bank.seen.take().into_iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes, [Outcome::Refused(Reason::NoCredential); 2]);
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap().items;
    let reveals: Vec<_> = listed.iter().map(|one| (one.id, one.reveals)).collect();
    for (id, reveals) in reveals {
        assert_eq!(reveals, u8::from(id == booked[0].id));
    }
    // The customer can still say that nobody genuine called, and book anew.
    callbacks.conclude(&alice(), &booked[0].id, Verdict::NotRecognised).await.unwrap();
    callbacks.cancel(&alice(), &booked[1].id).await.unwrap();
}

#[tokio::test]
async fn a_repeated_booking_is_the_same_and_another_form_is_another_request() {
    let bank = bank();
    let (credential, _) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let new = derived("req-1", "anana", credential.id);
    let booked = callbacks.book(&alice(), &new).await.unwrap();
    assert_eq!(callbacks.book(&alice(), &new).await.unwrap(), booked);
    let verbatim = callbacks.book(&alice(), &booking("req-1", "anana")).await;
    assert!(matches!(verbatim, Err(Error::Invalid(Invalid::RequestReused))), "{verbatim:?}");
    let plain = callbacks.book(&alice(), &booking("req-2", "anana")).await.unwrap();
    assert_eq!(plain.derived_with, None);
    let other = callbacks.book(&alice(), &derived("req-2", "anana", credential.id)).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))), "{other:?}");
    let readback = callbacks.reveal(&bob_rings("call-1"), &plain.id).await.unwrap();
    assert_eq!(readback.as_str(), "anana");
    // Once revoked, a repeated booking still gives the first result.
    bank.verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    assert_eq!(callbacks.book(&alice(), &new).await.unwrap(), booked);
}

/// Attack 11, agent harvesting: whoever may not see the words is refused before any key is looked at.
#[tokio::test]
async fn words_are_refused_wherever_a_secret_is() {
    let bank = bank();
    let (credential, _) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let new = derived("req-1", "anana", credential.id).assigned_to(team("loans"));
    let id = callbacks.book(&alice(), &new).await.unwrap().id;
    let bob = || agent("bob").in_team(countersign::TeamId::new("loans").unwrap());
    let interaction = |name| InteractionId::new(name).unwrap();
    let inbound = Interaction::inbound(interaction("in"), alice(), bob(), Channel::Voice);
    let chat = Interaction::outbound(interaction("chat"), alice(), bob(), Channel::Chat);
    for (call, reason) in [
        (inbound, Reason::Inbound),
        (chat, Reason::WrongChannel),
        (bob_rings("call-1"), Reason::NotAssigned),
    ] {
        bank.seen.take();
        let calls = bank.store.calls();
        refused(callbacks.reveal(&call, &id).await);
        assert_eq!(bank.store.calls() - calls, 2, "one load, and the refusal is written");
        assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(reason));
    }
    bank.clock.set(window().until());
    refused(callbacks.reveal(&call("call-2", &alice(), bob()), &id).await);
    assert_eq!(bank.seen.take().last().unwrap().outcome, Outcome::Refused(Reason::Ended));
}

#[test]
fn every_fault_at_every_store_call_is_an_error_or_the_right_words() {
    block_on(async {
        // Argon2 makes an app slow: one serves all cases, a callback each.
        let mut policy = Policy::default();
        policy.callbacks.per_customer = 100;
        policy.callbacks.per_day = 1000;
        let bank = bank_with(policy);
        let (credential, device) = app(&bank).await;
        let callbacks = bank.verifier.callbacks();
        let mut cases = 0;
        for fault in Fault::ALL {
            for call in 0..5 {
                let case = format!("{fault:?} at call {call}");
                let new = derived(&format!("req-{cases}"), "anana", credential.id);
                bank.store.plan(call, fault);
                let first = callbacks.book(&alice(), &new).await;
                bank.store.heal();
                let booked = callbacks.book(&alice(), &new).await.unwrap();
                match first {
                    Ok(first) => assert_eq!(first, booked, "{case}"),
                    Err(Error::Store(_) | Error::Record(_)) => {}
                    Err(other) => panic!("{case}: {other:?}"),
                }
                let ring = bob_rings(&format!("call-{cases}"));
                let words = shown(&device, &booked, "anana");
                let before = bank.store.calls();
                bank.store.plan(call, fault);
                let first = callbacks.reveal(&ring, &booked.id).await;
                bank.store.heal();
                match first {
                    // The callback, the credential, the callback again, and what was shown.
                    Ok(first) if call == 4 => {
                        assert_eq!((first.as_str(), bank.store.calls() - before), (&*words, 4));
                    }
                    Ok(first) => assert_eq!(first.as_str(), words, "{case}"),
                    Err(Error::Store(_) | Error::Record(_)) => {}
                    Err(other) => panic!("{case}: {other:?}"),
                }
                let again = callbacks.reveal(&ring, &booked.id).await.unwrap();
                assert_eq!(again.as_str(), words, "{case}");
                refused(callbacks.reveal(&bob_rings("call-other"), &booked.id).await);
                cases += 1;
            }
        }
        assert_eq!(cases, 50);
    });
}

/// How long the list is that is tried: a quick run's is the beginning of a full one's.
fn listed() -> usize {
    either(20_000, 200_000)
}

/// 200 000 words of eight letters that can be said, every one another.
fn word_list() -> impl Iterator<Item = String> {
    let syllable = |n: u32| {
        let (consonants, vowels) = (b"bdfgklmnprstvz", b"aeiou");
        let at = |list: &[u8], n: u32| char::from(list[n as usize % list.len()]);
        String::from_iter([at(consonants, n), at(vowels, n / 14)])
    };
    (0..200_000_u32).map(move |n| {
        // 70 syllables, and 70³ > 200 000.
        let four = [n % 70, n / 70 % 70, n / 4900 % 70, (n * 31) % 70];
        four.map(syllable).concat()
    })
}

/// An agent who has seen the words tries a word list of 200 000 on them, or in a quick run the first 20 000.
#[tokio::test]
async fn words_do_not_give_a_short_secret_away() {
    let bank = bank();
    let (credential, device) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let truth = word_list().nth(listed() * 5 / 8).unwrap();
    let booked = callbacks.book(&alice(), &derived("req-1", &truth, credential.id)).await.unwrap();
    let readback = callbacks.reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
    let seen: SpokenWords = readback.as_str().parse().unwrap();
    let list: Vec<_> = word_list().take(listed()).collect();
    let distinct: std::collections::BTreeSet<_> = list.iter().collect();
    assert_eq!(distinct.len(), listed());
    let explains = |of: &dyn Fn(&[u8]) -> [u8; 4], seen: &SpokenWords| -> Vec<&String> {
        let fits =
            |word: &&String| SpokenWords::from_bytes(of(&message(&booked.id, word))) == *seen;
        list.iter().filter(fits).collect()
    };

    // The way to look works: words made without a key are found out at once.
    let hashed = |message: &[u8]| Sha256::digest(message)[..4].try_into().unwrap();
    let unkeyed = SpokenWords::from_bytes(hashed(&message(&booked.id, &truth)));
    assert_eq!(explains(&hashed, &unkeyed), [&truth]);
    // With the credential's own key they are too, so it is this that the words are made of.
    let bytes = device.to_bytes();
    let key = &bytes[bytes.len() - 16 - 32..bytes.len() - 16];
    assert_eq!(explains(&|message| keyed(key, message), &seen), [&truth]);

    // Without it nothing that an agent knows finds the secret.
    let id = booked.id.to_string();
    let call: &[u8] = b"call-1";
    assert_eq!(explains(&hashed, &seen), [""; 0]);
    for key in [b"".as_slice(), &[0; 32], id.as_bytes(), call] {
        assert_eq!(explains(&|message| keyed(key, message), &seen), [""; 0]);
    }
}

/// Each word of a list explains the words seen equally well: as many keys lead to them from the secret
/// as from any other word.
#[tokio::test]
async fn without_the_key_every_word_is_equally_likely() {
    const KEYS: u32 = 16_384;
    let bank = bank();
    let (credential, _) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let truth = word_list().nth(77_777).unwrap();
    let booked = callbacks.book(&alice(), &derived("req-1", &truth, credential.id)).await.unwrap();
    let readback = callbacks.reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
    // Of one word, 8 bits, so that there are keys enough that lead to it.
    let first = readback.as_str().split(' ').next().unwrap();
    let first = (0..=255)
        .find(|byte| SpokenWords::from_bytes([*byte; 4]).words().starts_with(&format!("{first} ")))
        .unwrap();
    let leading_to = |word: &str| {
        let message = message(&booked.id, word);
        let key = |n: u32| Sha256::digest(n.to_be_bytes());
        (0..KEYS).filter(|n| keyed(&key(*n), &message)[0] == first).count()
    };
    // 64 are expected, with a standard deviation of 8; five of those either way.
    let candidates = [truth].into_iter().chain(word_list().step_by(20_000));
    for (n, word) in candidates.enumerate() {
        let keys = leading_to(&word);
        assert!((24..=104).contains(&keys), "candidate {n}: {keys}");
    }
}

/// A credential on the device, without a bank: its key of words is a function of `seed`.
fn device(seed: u8) -> DeviceCredential {
    let id = "00000000000000000000000004".parse().unwrap();
    made(id, &in_base32(&[seed; 32]), "2468", None, 1).0
}

fn channels() -> impl Strategy<Value = Channel> {
    prop::sample::select(Channel::ALL.to_vec())
}

fn callbacks() -> impl Strategy<Value = CallbackId> {
    "[0-7][0-9a-hjkmnp-tv-z]{24}[048cgmrw]".prop_map(|text| text.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256, 512)))]
    /// Any change of callback, channel, secret or credential changes the words; what collides does so
    /// by chance, once in 2³².
    #[test]
    fn words_differ_wherever_anything_does(
        one in (callbacks(), channels(), "[a-z]{5,9}"),
        other in (callbacks(), channels(), "[a-z]{5,9}"),
        pick in 0..4_u8,
    ) {
        thread_local! {
            static DEVICES: [DeviceCredential; 2] = [device(1), device(2)];
        }
        let mut changed = one.clone();
        match pick {
            0 => changed.0 = other.0,
            1 => changed.1 = other.1,
            2 => changed.2 = other.2,
            _ => {}
        }
        let words = |device: &DeviceCredential, (id, channel, word): &(CallbackId, Channel, String)| {
            let word: CallbackSecret = word.parse().unwrap();
            Device::readback_words(device, id, *channel, &word).unwrap()
        };
        DEVICES.with(|[device, another]| {
            prop_assert_eq!(words(device, &one), words(device, &one));
            prop_assert_eq!(words(device, &one) == words(device, &changed), one == changed);
            prop_assert_ne!(words(device, &one), words(another, &changed));
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_window_that_is_over_burns_the_secret_of_a_derived_callback_too() {
    let bank = bank_with(Policy::default());
    let (credential, _) = app(&bank).await;
    let callbacks = bank.verifier.callbacks();
    let id = callbacks.book(&alice(), &derived("req-1", "anana", credential.id)).await.unwrap().id;
    bank.clock.advance(HOUR + Duration::from_secs(1));
    let [over] = &callbacks.list(&alice(), Page::first()).await.unwrap().items[..] else {
        panic!("one callback")
    };
    assert!(over.status.has_ended() && over.id == id);
    let revealed: Result<Readback, _> = callbacks.reveal(&bob_rings("call-1"), &id).await;
    refused(revealed);
}

/// Parts of what the words are made of, exchanged or divided otherwise: another message each time, and so other
/// words. Two that differ have the same ones once in four billion times.
fn beside(callback: [u8; 16], word: &str, how: usize) -> ([u8; 16], Channel, String) {
    let (mut id, mut channel, mut other) = (callback, Channel::Voice, word.to_owned());
    match how {
        0 => id[15] ^= 1,
        1 => id.rotate_left(1),
        2 => id.reverse(),
        3 => channel = Channel::Chat,
        // A channel's number at the end of the id or the beginning of the secret.
        4 => id[15] = 1,
        5 => other = format!("1{word}"),
        6 => other = format!("{word} {word}"),
        7 => other = word.chars().rev().collect(),
        8 => other.push('1'),
        9 => other = word.replacen('a', "\u{430}", 1),
        10 => other = format!("{word}\u{301}"),
        _ => other = format!("{}{}", &word[1..], &word[..1]),
    }
    (id, channel, other)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64, 256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_differs_makes_other_words(
        id in any::<[u8; 16]>(),
        word in "[a-d]{4,9}",
        how in 0..12_usize,
    ) {
        let named = "04000000000000000000000000".parse().unwrap();
        let (device, _) = made(named, &in_base32(&[9; 32]), "2468", None, 3);
        let words = |id: &[u8; 16], channel, word: &str| {
            let id: CallbackId =
                base32::encode(base32::Alphabet::Crockford, id).to_lowercase().parse().unwrap();
            Device::readback_words(&device, &id, channel, &secret(word)).unwrap().words().to_string()
        };
        let (other_id, channel, other) = beside(id, &word, how);
        let same = (other_id, channel, &other) == (id, Channel::Voice, &word);
        let equal = words(&id, Channel::Voice, &word) == words(&other_id, channel, &other);
        prop_assert_eq!(equal, same);
    }
}
