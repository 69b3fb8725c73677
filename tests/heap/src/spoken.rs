//! Lives of what agents say and apps recognise, and calls that are dropped half-way: what in them is
//! secret is learnt in one run and looked for in another.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::callback::{BookingRequest, CallbackSecret, Verdict};
use countersign::challenge::Channels;
use countersign::challenge::{Acceptance, Answer, ChallengeRequest, Pseudonym, Slot, SpokenProof};
use countersign::credential::{EnrolmentRequest, Method};
use countersign::device::{CodeAttempts, CodeCheck, DeviceCredential};
use countersign::otp::OtpSeed;
use countersign::otp::ocra::Response;
use countersign::random::{Random, RandomError, SeededRandom};
use countersign::spoken::SpokenWords;
use countersign::store::{Fault, FaultStore};
use countersign::token::{Purpose, TrustedKeys};
use countersign::{AgentId, Assignee, ChallengeId, Channel, Device, MemoryStore, Window};

use crate::canary::{NAME, write_name};
use crate::step_ups::{
    Bank, Learnt, START, alice, issuer, pin, pin_of, request, response, signing,
};
use crate::{dropped_after, now_or_never};

/// The app's credential, confirmed.
pub(crate) fn app(bank: &Bank, learnt: &mut Learnt, seed: u64) -> DeviceCredential {
    let given = bank.enrol(&EnrolmentRequest::ocra(request("app")));
    learnt.seed(given.base32().unwrap());
    let given_seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (id, own, random) = (given.credential.id, pin_of(seed, 1), SeededRandom::new(3));
    let device = DeviceCredential::enrol(id, &given_seed, &pin(&own), None, &random).unwrap();
    let first = device.confirm(&pin(&own)).unwrap();
    learnt.code(first.expose());
    now_or_never(bank.verifier.credentials().confirm(&alice(), &id, &first)).unwrap();
    device
}

pub(crate) fn hour() -> Window {
    Window::new(START, START.after(Duration::from_secs(3600))).unwrap()
}

/// A challenge that waits for the customer.
fn challenge(bank: &Bank) -> ChallengeId {
    let channels = Channels::new(&[Channel::Voice]).unwrap();
    let new = ChallengeRequest::new(request("ch"), "About a payment".parse().unwrap(), channels);
    now_or_never(bank.verifier.challenges().issue(&alice(), &new)).unwrap().challenge.id
}

/// Accepted and agreed, for Bob and now: the token.
fn agreed(bank: &Bank, id: &ChallengeId, acceptance: Acceptance) -> String {
    let challenges = bank.verifier.challenges();
    now_or_never(challenges.answer(&alice(), id, &Answer::Accept(acceptance))).unwrap();
    let bob = Assignee::Agent(AgentId::new("bob").unwrap());
    let slot = Slot::new(hour(), Channel::Voice, bob, "Bob".parse().unwrap());
    now_or_never(challenges.confirm(&alice(), id, &request("c"), &slot)).unwrap().token
}

/// A spoken code: as digits, as it is computed, as words, and as the bytes that the words stand for.
fn spoken_code(learnt: &mut Learnt, said: &SpokenProof) -> String {
    let SpokenProof::Code(code) = said else { panic!("there is a credential") };
    let plain = code.digits().replace(' ', "");
    learnt.text("a spoken code", &code.digits());
    learnt.code(&plain);
    learnt.text("the words of a spoken code", &code.words());
    if let Some(all) = &mut learnt.0 {
        let bytes = (0..4).map(|n| u8::from_str_radix(&plain[2 * n..2 * n + 2], 16).unwrap());
        all.push(("a spoken code in bytes", bytes.collect()));
    }
    plain
}

/// An appointment: the agent is shown the code, and the customer hears it.
pub fn said(learnt: &mut Learnt, seed: u64) {
    let bank = Bank::new(seed);
    let challenges = bank.verifier.challenges();
    let device = app(&bank, learnt, seed);
    let id = challenge(&bank);
    let token = agreed(&bank, &id, Acceptance::new(request("a")));
    let shown = now_or_never(challenges.present(&Bank::call(), &id)).unwrap();
    let again = now_or_never(challenges.present(&Bank::call(), &id)).unwrap();
    assert_eq!(shown, again);
    let heard = zeroize::Zeroizing::new(spoken_code(learnt, &shown));

    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Appointment).unwrap();
    let phone = Device::new(keys, alice());
    let appointment = phone.open_appointment(&token, START).unwrap();
    let SpokenProof::Code(code) = &shown else { panic!("there is a credential") };
    for heard in [&**heard, code.words().as_str()] {
        let mut attempts = CodeAttempts::new();
        let found = appointment.check_spoken_code(&device, heard, &mut attempts, START).unwrap();
        assert_eq!(found, CodeCheck::Genuine);
    }
    drop((shown, again));
    let verdict = Verdict::Recognised;
    now_or_never(challenges.conclude(&alice(), &id, appointment.id(), verdict)).unwrap();
    bank.end();
}

/// What these words stand for.
pub(crate) fn bytes_of(words: &str) -> Vec<u8> {
    let all: Vec<_> =
        (0..=u8::MAX).map(|byte| (byte, SpokenWords::from_bytes([byte; 4]).words())).collect();
    let bytes = words.split(' ').enumerate().map(|(place, word)| {
        all.iter().find(|(_, four)| four.split(' ').nth(place) == Some(word)).unwrap().0
    });
    bytes.collect()
}

/// A callback whose agent says words in place of the secret.
pub fn derived(learnt: &mut Learnt, seed: u64) {
    let bank = Bank::new(seed);
    let callbacks = bank.verifier.callbacks();
    let device = app(&bank, learnt, seed);
    let mut room = zeroize::Zeroizing::new([0; NAME]);
    write_name(seed, &mut room);
    let text = std::str::from_utf8(&room[..]).unwrap();
    learnt.text("a callback's secret", text);
    let secret = || text.parse::<CallbackSecret>().unwrap();
    let new = BookingRequest::new(request("r"), hour(), Channel::Voice, secret());
    let new = new.derived_with(device.id());
    let id = now_or_never(callbacks.book(&alice(), &new)).unwrap().id;
    let readback = now_or_never(callbacks.reveal(&Bank::call(), &id)).unwrap();
    let words = Device::readback_words(&device, &id, Channel::Voice, &secret()).unwrap();
    assert_eq!(readback.as_str(), words.words().as_str());
    learnt.text("derived words", readback.as_str());
    if let Some(all) = &mut learnt.0 {
        all.push(("derived words in bytes", bytes_of(readback.as_str())));
    }
    drop((new, readback, words));
    now_or_never(callbacks.conclude(&alice(), &id, Verdict::Recognised)).unwrap();
    bank.end();
}

/// What an app recognises posted tokens by.
pub fn pseudonym(learnt: &mut Learnt, seed: u64) {
    let bank = Bank::new(seed);
    let given = bank.verifier.challenges().pseudonym(&alice());
    let text = given.expose();
    let upper = zeroize::Zeroizing::new(text.to_ascii_uppercase());
    let bytes = base32::decode(base32::Alphabet::Crockford, &text);
    let bytes = zeroize::Zeroizing::new(bytes.unwrap());
    learnt.text("a pseudonym", &text[..16]);
    learnt.text("a pseudonym in capitals", &upper[..16]);
    learnt.secret("a pseudonym in bytes", &bytes);
    let kept: Pseudonym = text.parse().unwrap();
    assert!(kept == given);
    // Mistyped.
    for (at, by) in [(25, "!"), (25, "u"), (20, "")] {
        let typed = zeroize::Zeroizing::new([&text[..at], by].concat());
        assert!(typed.parse::<Pseudonym>().is_err());
    }
    drop(Device::new(TrustedKeys::new(issuer()), alice()).with_pseudonym(kept));
}

/// Seeds are drawn with it: it tells of each.
#[derive(Clone)]
struct Recording(Arc<SeededRandom>, Arc<Mutex<Option<Vec<Vec<u8>>>>>);

impl Random for Recording {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(to)?;
        if let Some(all) = self.1.lock().unwrap().as_mut()
            && to.len() == 32
        {
            all.push(to.to_vec());
        }
        Ok(())
    }
}

/// Calls that handle a secret, dropped after one poll, two, and so on, each time that the store lets them
/// wait; and the same call to its end.
pub fn dropped(learnt: &mut Learnt, seed: u64) {
    let drawn = Arc::new(Mutex::new(learnt.0.as_ref().map(|_| Vec::new())));
    let random = Recording(Arc::new(SeededRandom::new(seed)), Arc::clone(&drawn));
    let store = FaultStore::new(MemoryStore::new());
    let bank = Bank::over(store.clone(), random);
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());

    // Until there is one, every enrolment draws a seed.
    let enrolment = EnrolmentRequest::delivered(request("sms"));
    store.always(Some(Fault::Delay(1)));
    let until_done = |polls: u32| {
        dropped_after(polls, credentials.enrol(&alice(), &enrolment)).map(Result::unwrap)
    };
    let given = (0..).find_map(until_done).unwrap();
    let code = given.code_to_deliver().unwrap();
    learnt.code(code.expose());
    let (id, first) = (given.credential.id, response(code));
    let confirm = |polls| {
        dropped_after(polls, credentials.confirm(&alice(), &id, &first)).map(Result::unwrap)
    };
    (0..).find_map(confirm).unwrap();

    store.always(None);
    for seed in drawn.lock().unwrap().take().into_iter().flatten() {
        learnt.raw(&seed);
    }
    let requested = bank.ask("sms", Method::Delivered);
    store.always(Some(Fault::Delay(1)));
    let step_up = requested.step_up.id;
    let deliver =
        |polls| dropped_after(polls, step_ups.delivery(&alice(), &step_up)).map(Result::unwrap);
    let delivery = (0..).find_map(deliver).unwrap();
    let code: Response = delivery.message()[..8].parse().unwrap();
    learnt.code(code.expose());
    // To compare a wrong one with, the right one is computed.
    let wrong: Response = "00000000".parse().unwrap();
    for code in [&wrong, &code] {
        let submit = |polls| dropped_after(polls, step_ups.submit(&alice(), &step_up, code));
        assert_eq!((0..).find_map(submit).unwrap().is_ok(), *code != wrong);
    }
    drop((given, delivery, code));

    store.always(None);
    now_or_never(credentials.revoke(&alice(), &id)).unwrap();
    let device = app(&bank, learnt, seed);
    let challenges = bank.verifier.challenges();
    let challenge = challenge(&bank);
    agreed(&bank, &challenge, Acceptance::new(request("a")));
    store.always(Some(Fault::Delay(1)));
    let call = Bank::call();
    let present =
        |polls| dropped_after(polls, challenges.present(&call, &challenge)).map(Result::unwrap);
    let shown = (0..).find_map(present).unwrap();
    drop(zeroize::Zeroizing::new(spoken_code(learnt, &shown)));
    drop((device, shown));
}
