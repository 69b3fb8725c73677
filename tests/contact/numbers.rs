//! A number that only took calls begins to call: phones with yesterday's list must not hang up on it.

use std::time::Duration;

use countersign::contact::CallVerdict::{self, Legitimate, NotLegitimate, Undetermined, Unknown};
use countersign::contact::{Report, Telephony};
use countersign::device::{KnownNumbers, NumberLookup};
use countersign::error::{ConfigError, Invalid};
use countersign::policy::NUMBERS_VALID_FOR;
use countersign::{Error, Timestamp, Verifier};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

/// What a phone says with the list that it has: by itself, or what the process that it reaches says.
async fn says(list: &KnownNumbers, to: &Verifier, query: u64, now: Timestamp) -> CallVerdict {
    match list.look_up(&never(), now) {
        NumberLookup::Verdict(verdict) => verdict,
        _ => Ringing::of(never(), query, now).asked(to, now).await,
    }
}

fn with(bank: &Bank, telephony: Telephony, seed: u64) -> Verifier {
    part(keyring(), &bank.store, &bank.clock, &bank.seen, seed)
        .telephony(telephony)
        .signing_key(signing())
        .build()
        .unwrap()
}

async fn list(of: &Verifier, now: Timestamp) -> KnownNumbers {
    let token = of.contact().numbers_token().await.unwrap();
    phone_of(alice()).open_numbers(&token, now).unwrap()
}

fn calls_of(number: countersign::contact::PhoneNumber) -> Telephony {
    Telephony::new().shows(number, [dialler()])
}

/// Yesterday's list, today's announcement.
#[tokio::test]
async fn a_number_that_begins_to_call_is_hung_up_by_no_list_and_by_no_process() {
    let bank = bank();
    let old = &bank.verifier;
    let yesterday = list(old, START).await;
    // The last process that has it among those that never call is gone.
    let from = START.after(NUMBERS_VALID_FOR + HOUR);
    let telephony = Telephony::new().shows_from(never(), from, [dialler()]);
    let between = with(&bank, telephony.clone(), 9);
    let meanwhile = list(&between, START).await;
    assert_eq!(meanwhile.look_up(&never(), START), NumberLookup::Verdict(Unknown));
    assert_eq!(ask_of(&between, START).await, Undetermined);
    let announce = async |number| {
        let report = Report::new(dialler(), number, bank_now(&bank));
        let contact = between.contact();
        contact.heartbeat(&report).await.unwrap();
        let report = Report::new(dialler(), number + 1, bank_now(&bank));
        contact.announce(&report, &rings("call-1"), &showing(never())).await
    };
    bank.clock.set(from.before(SECOND));
    let no = announce(1).await;
    assert!(matches!(no, Err(Error::Invalid(Invalid::UnknownNumber))), "{no:?}");
    // All lists are over that say that it never calls, and then it calls.
    assert_eq!(says(&yesterday, &between, 1, from).await, Undetermined);
    bank.clock.set(from);
    announce(2).await.unwrap();
    let today = list(&between, from).await;
    assert_eq!(today.look_up(&never(), from), NumberLookup::Ask);
    assert_eq!(says(&today, &between, 2, from).await, Legitimate);
    for list in [&yesterday, &meanwhile] {
        assert_ne!(says(list, &between, 3, from).await, NotLegitimate);
    }
}

fn bank_now(bank: &Bank) -> Timestamp {
    use countersign::time::Clock;
    bank.clock.now().unwrap()
}

async fn ask_of(to: &Verifier, now: Timestamp) -> CallVerdict {
    Ringing::of(never(), 9, now).asked(to, now).await
}

/// Without the time between, a phone that keeps the last list hangs up on it: what the manual warns of.
#[tokio::test]
async fn a_number_that_is_moved_at_once_is_denied_by_the_last_list() {
    let bank = bank();
    let yesterday = list(&bank.verifier, START).await;
    let moved = with(&bank, calls_of(never()), 9);
    let contact = moved.contact();
    contact.heartbeat(&Report::new(dialler(), 1, START)).await.unwrap();
    let report = Report::new(dialler(), 2, START);
    contact.announce(&report, &rings("call-1"), &showing(never())).await.unwrap();
    assert_eq!(says(&yesterday, &moved, 1, START).await, NotLegitimate);
    assert_eq!(says(&list(&moved, START).await, &moved, 2, START).await, Legitimate);
}

#[test]
fn such_a_number_has_systems_and_never_calls_at_no_time() {
    let of =
        |telephony| Verifier::builder(issuer(), keyring()).telephony(telephony).build().map(drop);
    let from = START.after(Duration::from_secs(1));
    let coming = |feeds: &[_]| Telephony::new().shows_from(never(), from, feeds.iter().cloned());
    assert_eq!(of(coming(&[dialler()])), Ok(()));
    assert_eq!(of(coming(&[])), Err(ConfigError::Telephony));
    assert_eq!(of(coming(&[dialler()]).never_calls(never())), Err(ConfigError::Telephony));
}
