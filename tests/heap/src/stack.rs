//! Calls that compute a code which nobody has given yet. What such a call leaves on the stack, a future that
//! is made there afterwards takes along.
//!
//! Each scene without a look learns the code; with one it goes as far as the call, and looks right after it.

use countersign::Channel;
use countersign::callback::BookingRequest;
use countersign::credential::{EnrolmentRequest, Method};

use crate::spoken::{app, bytes_of, hour};
use crate::step_ups::{Bank, Learnt, alice, request, response};
use crate::{now_or_never, overwrite_the_stack};

/// A scene, of a seed.
pub type Scene = fn(u64, Option<&dyn Fn()>) -> Vec<u8>;

fn looking<T>(look: &dyn Fn(), call: impl FnOnce() -> T) -> Vec<u8> {
    overwrite_the_stack();
    let result = call();
    look();
    drop(result);
    Vec::new()
}

/// The first code of a number.
pub fn enrolled(seed: u64, look: Option<&dyn Fn()>) -> Vec<u8> {
    let bank = Bank::new(seed);
    let enrolment = EnrolmentRequest::delivered(request("sms"));
    let enrol = || now_or_never(bank.verifier.credentials().enrol(&alice(), &enrolment)).unwrap();
    match look {
        Some(look) => looking(look, enrol),
        None => enrol().code_to_deliver().unwrap().expose().as_bytes().to_vec(),
    }
}

/// The code of a step-up, to be sent.
pub fn delivered(seed: u64, look: Option<&dyn Fn()>) -> Vec<u8> {
    let bank = Bank::new(seed);
    let given = bank.enrol(&EnrolmentRequest::delivered(request("sms")));
    let (id, first) = (given.credential.id, response(given.code_to_deliver().unwrap()));
    now_or_never(bank.verifier.credentials().confirm(&alice(), &id, &first)).unwrap();
    let requested = bank.ask("sms", Method::Delivered);
    let step_ups = bank.verifier.step_ups();
    let deliver = || now_or_never(step_ups.delivery(&alice(), &requested.step_up.id)).unwrap();
    match look {
        Some(look) => looking(look, deliver),
        None => deliver().message().as_bytes()[..8].to_vec(),
    }
}

/// The words that an agent says, in bytes.
pub fn revealed(seed: u64, look: Option<&dyn Fn()>) -> Vec<u8> {
    let bank = Bank::new(seed);
    let device = app(&bank, &mut Learnt::default(), seed);
    let new = BookingRequest::new(request("r"), hour(), Channel::Voice, "anana".parse().unwrap());
    let new = new.derived_with(device.id());
    let id = now_or_never(bank.verifier.callbacks().book(&alice(), &new)).unwrap().id;
    let reveal = || now_or_never(bank.verifier.callbacks().reveal(&Bank::call(), &id)).unwrap();
    match look {
        Some(look) => looking(look, reveal),
        None => bytes_of(reveal().as_str()),
    }
}
