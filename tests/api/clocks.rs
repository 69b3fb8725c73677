//! Machines whose clocks disagree, and what lasts for years: neither shuts, opens or forgets anything.

use std::time::Duration;

use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest, Method};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Code, Digits, Hotp, OtpSeed, Totp};
use countersign::page::Page;
use countersign::step_up::StepUpStatus;
use countersign::store::{Fault, Store};
use countersign::{Error, Policy, StepUpId, Timestamp};

use crate::support::credentials::{app, pin, refused, response};
use crate::support::step_ups::{
    asking, bank, bank_of, change, grant, limits_alone, open, transfer,
};
use crate::support::*;

const STEP: Duration = Duration::from_secs(30);

fn seed() -> OtpSeed {
    OtpSeed::from_bytes(&[7; 20]).unwrap()
}

fn hotp() -> Hotp {
    Hotp::new(&seed(), Algorithm::Sha1, Digits::SIX)
}

fn totp_at(at: Timestamp) -> Code {
    let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    totp.generate(at.unix())
}

async fn ask(bank: &Bank, id: &str, method: Method) -> StepUpId {
    let asking = asking(id, change()).by(method);
    let requested = bank.verifier.step_ups().request(&bob_rings("call-1"), &asking).await;
    requested.unwrap().step_up.id
}

async fn refusals(bank: &Bank) -> u32 {
    histories(&bank.verifier, a_credential).await.iter().map(|history| history.refusals).sum()
}

/// One request by a machine whose clock is a year ahead would block the customer for that year.
#[tokio::test]
async fn a_clock_that_was_ahead_blocks_no_requests() {
    let bank = bank();
    app(&bank).await;
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    bank.clock.set(START.after(DAY * 365));
    for n in 0..5 {
        step_ups.request(&call, &asking(&format!("a-{n}"), transfer())).await.unwrap();
    }
    bank.clock.set(START);
    for n in 0..5 {
        step_ups.request(&call, &asking(&format!("c-{n}"), transfer())).await.unwrap();
    }
    refused(step_ups.request(&call, &asking("d", transfer())).await);
}

/// Ids are counted anew once they are forgotten: kept ones are no stock of requests.
#[tokio::test]
async fn requests_that_were_refused_are_no_stock_for_later() {
    let mut policy = Policy::default();
    (policy.step_ups.per_agent, policy.step_ups.per_customer) = (3, 1);
    let bank = bank_of(limits_alone(policy));
    app(&bank).await;
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let request = async |id: &str| step_ups.request(&call, &asking(id, transfer())).await;
    request("one").await.unwrap();
    for id in ["two", "three", "four", "five"] {
        refused(request(id).await);
    }
    // In the next stretch of time one of them is asked, and no more than one.
    bank.clock.advance(MINUTE * 11);
    request("two").await.unwrap();
    for id in ["three", "four", "five"] {
        refused(request(id).await);
    }
}

/// An agent finds out of so many customers whether they have a credential, and of no more.
#[tokio::test]
async fn asking_who_has_a_credential_is_counted() {
    let mut policy = Policy::default();
    policy.step_ups.per_agent = 3;
    let bank = bank_of(limits_alone(policy));
    let step_ups = bank.verifier.step_ups();
    let reasons = async |n: usize| {
        bank.seen.take();
        let name = countersign::CustomerId::new(format!("customer-{n}")).unwrap();
        let call = call("call-1", &name, agent("bob"));
        refused(step_ups.request(&call, &asking("s", transfer())).await);
        bank.seen.take()[0].outcome
    };
    for n in 0..6 {
        let reason = if n < 3 { Reason::NoCredential } else { Reason::TooManyRequests };
        assert_eq!(reasons(n).await, Outcome::Refused(reason), "{n}");
    }
}

/// What a machine whose clock is ahead has asked for or approved does not last for as long as that.
#[tokio::test]
async fn what_begins_in_the_future_has_not_begun() {
    let mut policy = Policy::default();
    policy.step_ups.payment_methods = vec![Method::Ocra, Method::Delivered];
    let bank = bank_of(policy);
    let (_, device) = app(&bank).await;
    let credentials = bank.verifier.credentials();
    let sms = EnrolmentRequest::delivered(request("sms")).vouched_for();
    let sms = credentials.enrol(&alice(), &sms).await.unwrap();
    let first = response(sms.code_to_deliver().unwrap());
    credentials.confirm(&alice(), &sms.credential.id, &first).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());

    let ahead = START.after(DAY);
    bank.clock.set(ahead);
    let by_sms = asking("sms", transfer()).by(Method::Delivered);
    let by_sms = step_ups.request(&call, &by_sms).await.unwrap().step_up.id;
    let message = step_ups.delivery(&alice(), &by_sms).await.unwrap().message().to_string();
    let delivered: Response = message.split(' ').next().unwrap().parse().unwrap();
    let asked = step_ups.request(&call, &asking("app", transfer())).await.unwrap();
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    let approved = step_ups.request(&call, &asking("approved", transfer())).await.unwrap();
    let other = open(&bank, &approved).approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &approved.step_up.id, &other).await.unwrap();
    let grant = grant(&bank, &approved).await;

    let written = bank.store.records();
    for back in [START, START.after(HOUR * 20), ahead.before(STEP + Duration::from_secs(1))] {
        bank.clock.set(back);
        refused(step_ups.submit(&alice(), &by_sms, &delivered).await);
        refused(step_ups.delivery(&alice(), &by_sms).await);
        refused(step_ups.submit(&alice(), &asked.step_up.id, &code).await);
        refused(step_ups.redeem(&call, &grant, &transfer(), &request("k")).await);
    }
    assert_eq!(bank.store.records(), written, "nothing is counted either");
    // Within the leeway of clocks it has.
    bank.clock.set(ahead.before(STEP));
    step_ups.submit(&alice(), &by_sms, &delivered).await.unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
}

/// One write by a machine whose clock is ahead makes no code of the present wrong, and none of that time right.
#[tokio::test]
async fn codes_are_looked_at_by_the_clock_alone() {
    let bank = bank();
    let (credentials, step_ups) = (bank.verifier.credentials(), bank.verifier.step_ups());
    let enrolment = EnrolmentRequest::totp(request("t"));
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let (id, seed) = (given.credential.id, OtpSeed::from_base32(given.base32().unwrap()).unwrap());
    let totp = Totp::new(&seed, Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
    let at = |at: Timestamp| totp.generate(at.unix());
    let ahead = START.after(HOUR * 2);
    // A wrong code there is written to the credential.
    let written_ahead = async |wrong: &str| {
        bank.clock.set(ahead);
        refused(credentials.confirm(&alice(), &id, &wrong.parse().unwrap()).await);
        bank.clock.set(START);
    };
    written_ahead("0000000001").await;
    refused(credentials.confirm(&alice(), &id, &response(&at(ahead))).await);
    refused(credentials.confirm(&alice(), &id, &response(&at(START.before(STEP * 2)))).await);
    credentials.confirm(&alice(), &id, &response(&at(START))).await.unwrap();

    let first = ask(&bank, "one", Method::Totp).await;
    written_ahead("0000000002").await;
    refused(step_ups.submit(&alice(), &first, &response(&at(ahead))).await);
    refused(step_ups.submit(&alice(), &first, &response(&at(START.after(STEP * 2)))).await);
    step_ups.submit(&alice(), &first, &response(&at(START.after(STEP)))).await.unwrap();

    written_ahead("0000000003").await;
    let pair = |from: Timestamp| [from, from.after(STEP)].map(at);
    let [one, other] = pair(ahead);
    refused(credentials.resync(&alice(), &id, &one, &other).await);
    let [one, other] = pair(START.after(STEP * 4));
    credentials.resync(&alice(), &id, &one, &other).await.unwrap();
    assert_eq!(refusals(&bank).await, 8, "each wrong code was counted");
}

/// Accepted, and the step-up not written; then a machine whose clock is ahead accepts other codes.
#[tokio::test]
async fn an_acceptance_outlives_a_clock_that_is_ahead_and_many_resyncs() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    credentials.import(&alice(), &ImportRequest::hotp(seed(), 0)).await.unwrap();
    let fob = credentials.list(&alice(), Page::first()).await.unwrap().items[0].id;
    let step_ups = bank.verifier.step_ups();
    let unfinished = ask(&bank, "unfinished", Method::Hotp).await;
    let code = response(&hotp().generate(0));
    bank.store.plan(4, Fault::FailBefore);
    let lost = step_ups.submit(&alice(), &unfinished, &code).await;
    assert!(matches!(lost, Err(Error::Store(_))), "{lost:?}");
    bank.store.heal();

    bank.clock.set(START.after(MINUTE * 50));
    let id = ask(&bank, "ahead", Method::Hotp).await;
    step_ups.submit(&alice(), &id, &response(&hotp().generate(1))).await.unwrap();
    // What one that is further ahead writes besides forgets nothing at all.
    bank.clock.set(START.after(HOUR * 3));
    let wrong = [900, 0].map(|counter| hotp().generate(counter));
    refused(credentials.resync(&alice(), &fob, &wrong[0], &wrong[1]).await);
    bank.clock.set(START);
    for n in 0..300 {
        let pair = [2 + 2 * n, 3 + 2 * n].map(|counter| hotp().generate(counter));
        credentials.resync(&alice(), &fob, &pair[0], &pair[1]).await.unwrap();
    }
    let id = ask(&bank, "next", Method::Hotp).await;
    step_ups.submit(&alice(), &id, &response(&hotp().generate(602))).await.unwrap();
    let before = histories(&bank.verifier, a_credential).await;
    let done = step_ups.submit(&alice(), &unfinished, &code).await.unwrap();
    assert_eq!(done.status, StepUpStatus::Approved);
    assert_eq!(histories(&bank.verifier, a_credential).await, before, "nothing accepted anew");
}

/// RFC 4226 §7.4: two codes of which one was used are no guess, but find nothing.
#[tokio::test]
async fn right_codes_are_no_failures_in_a_resync() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let step_ups = bank.verifier.step_ups();
    let by_time = credentials.import(&alice(), &ImportRequest::totp(seed())).await.unwrap().id;
    let other = OtpSeed::from_bytes(&[8; 20]).unwrap();
    let by_count = credentials.import(&alice(), &ImportRequest::hotp(other, 5)).await.unwrap().id;
    let other = OtpSeed::from_bytes(&[8; 20]).unwrap();
    let counting = Hotp::new(&other, Algorithm::Sha1, Digits::SIX);

    let id = ask(&bank, "s", Method::Totp).await;
    step_ups.submit(&alice(), &id, &response(&totp_at(START))).await.unwrap();
    let uncounted = async |id, pair: [Code; 2]| {
        let written = bank.store.records();
        refused(credentials.resync(&alice(), id, &pair[0], &pair[1]).await);
        assert_eq!(bank.store.records(), written);
        assert_eq!(refusals(&bank).await, 0);
    };
    // The last used one and the next; two used ones; two from long ago.
    uncounted(&by_time, [START, START.after(STEP)].map(totp_at)).await;
    uncounted(&by_time, [START.before(STEP), START].map(totp_at)).await;
    uncounted(&by_time, [START.before(STEP * 90), START.before(STEP * 89)].map(totp_at)).await;
    for from in 0..5 {
        uncounted(&by_count, [from, from + 1].map(|at| counting.generate(at))).await;
    }
    // What has neither clock nor counter.
    let (held, _) = app(&bank).await;
    uncounted(&held.id, [0, 1].map(|at| counting.generate(at))).await;
    // The last accepted step lies in the future, because a clock was ahead.
    bank.clock.set(START.after(HOUR));
    let id = ask(&bank, "ahead", Method::Totp).await;
    step_ups.submit(&alice(), &id, &response(&totp_at(START.after(HOUR)))).await.unwrap();
    bank.clock.set(START);
    uncounted(&by_time, [START.after(STEP * 2), START.after(STEP * 3)].map(totp_at)).await;

    // Next to the used one, in order: found. Out of order: a wrong pair.
    let pair = [5, 6].map(|at| counting.generate(at));
    refused(credentials.resync(&alice(), &by_count, &pair[1], &pair[0]).await);
    assert_eq!(refusals(&bank).await, 1);
    let found = credentials.resync(&alice(), &by_count, &pair[0], &pair[1]).await.unwrap();
    assert_eq!(found.status, CredentialStatus::Active);
}

/// Used every day for ten years, it takes no more room than after a year.
#[tokio::test]
async fn a_credential_in_daily_use_does_not_grow() {
    let mut policy = Policy::default();
    policy.retention = DAY * 30;
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    credentials.import(&alice(), &ImportRequest::hotp(seed(), 0)).await.unwrap();
    let step_ups = bank.verifier.step_ups();
    let size = |bank: &Bank| {
        bank.store.records().iter().map(|(_, record)| record.sealed.len()).max().unwrap()
    };
    let mut sizes = Vec::new();
    for day in 0..1200_u64 {
        bank.clock.set(START.after(DAY * u32::try_from(day).unwrap()));
        let id = ask(&bank, &format!("s-{day}"), Method::Hotp).await;
        step_ups.submit(&alice(), &id, &response(&hotp().generate(day))).await.unwrap();
        if day % 300 == 299 {
            sizes.push(size(&bank));
        }
        bank.store.purge(START.after(DAY * u32::try_from(day).unwrap()), 1000).await.unwrap();
    }
    let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
    assert!(*most < 40_000 && most - least < 1000, "{sizes:?}");
    let history = histories(&bank.verifier, a_credential).await.remove(0);
    assert_eq!((history.len(), history.events.len()), (1201, 256));
    assert_eq!(history.events.last().unwrap().action, Action::Verify);
    history.verify().unwrap();
}

/// Neither failures nor counters of a credential that is not used for years are forgotten.
#[tokio::test]
async fn a_credential_remembers_over_years() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let fob = credentials.import(&alice(), &ImportRequest::hotp(seed(), 0)).await.unwrap().id;
    let step_ups = bank.verifier.step_ups();
    let id = ask(&bank, "s-0", Method::Hotp).await;
    step_ups.submit(&alice(), &id, &response(&hotp().generate(9))).await.unwrap();
    let id = ask(&bank, "s-1", Method::Hotp).await;
    for n in 0..4 {
        refused(
            step_ups.submit(&alice(), &id, &format!("{n:010}").parse::<Response>().unwrap()).await,
        );
    }
    for year in 1..=20 {
        let now = START.after(DAY * 365 * year);
        bank.clock.set(now);
        bank.store.purge(now, 1000).await.unwrap();
    }
    let id = ask(&bank, "s-2", Method::Hotp).await;
    refused(step_ups.submit(&alice(), &id, &response(&hotp().generate(9))).await);
    assert_eq!(refusals(&bank).await, 4, "used, twenty years ago");
    refused(step_ups.submit(&alice(), &id, &"0000000009".parse::<Response>().unwrap()).await);
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    let held = listed.iter().find(|one| one.id == fob).unwrap();
    assert_eq!(held.status, CredentialStatus::Locked, "the fifth in a row");
}

/// A machine whose clock was ahead wrote something during the window, by its own time.
#[tokio::test]
async fn nothing_is_shown_before_its_window_because_a_clock_was_ahead() {
    let bank = crate::support::challenges::signing_bank();
    app(&bank).await;
    let ring = crate::support::challenges::fraud_rings("call-1");
    let (challenge, _) = bank.confirmed().await;
    let from = START.after(MINUTE * 10);
    let window = countersign::Window::new(from, from.after(HOUR)).unwrap();
    let booking = countersign::callback::BookingRequest::new(
        request("r"),
        window,
        countersign::Channel::Voice,
        secret("anana"),
    );
    bank.clock.set(START);
    let callback = bank.verifier.callbacks().book(&alice(), &booking).await.unwrap().id;
    let (challenges, callbacks) = (bank.verifier.challenges(), bank.verifier.callbacks());

    // Both records are written at a quarter past, by the clock of that machine.
    bank.clock.set(START.after(MINUTE * 15));
    let mut other = ring.clone();
    other.channel = countersign::Channel::Chat;
    refused(challenges.present(&other, &challenge).await);
    refused(callbacks.reveal(&other, &callback).await);
    for early in [START, from.before(STEP + Duration::from_secs(1))] {
        bank.clock.set(early);
        refused(challenges.present(&ring, &challenge).await);
        refused(callbacks.reveal(&ring, &callback).await);
    }
    bank.clock.set(from.before(STEP));
    challenges.present(&ring, &challenge).await.unwrap();
    callbacks.reveal(&ring, &callback).await.unwrap();
}

/// A machine whose clock lags lets nobody off.
#[tokio::test]
async fn a_clock_that_lags_makes_room_for_no_requests() {
    let bank = bank_of(limits_alone(Policy::default()));
    app(&bank).await;
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    bank.clock.set(START.after(HOUR));
    for n in 0..5 {
        step_ups.request(&call, &asking(&format!("a-{n}"), transfer())).await.unwrap();
    }
    for lag in [MINUTE, MINUTE * 5, MINUTE * 11, MINUTE * 59] {
        bank.clock.set(START.after(HOUR).before(lag));
        refused(step_ups.request(&call, &asking("b", transfer())).await);
        bank.clock.set(START.after(HOUR));
        refused(step_ups.request(&call, &asking("c", transfer())).await);
    }
    // Nor does a visit by one that is ahead.
    bank.clock.set(START.after(HOUR).after(MINUTE * 25));
    step_ups.request(&call, &asking("ahead", transfer())).await.unwrap();
    bank.clock.set(START.after(HOUR));
    refused(step_ups.request(&call, &asking("d", transfer())).await);
}

/// Enrolled by a machine that was a day ahead, its code would live for that day.
#[tokio::test]
async fn a_delivered_confirmation_does_not_begin_in_the_future() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    bank.clock.set(START.after(DAY));
    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    for back in [START, START.after(HOUR * 23)] {
        bank.clock.set(back);
        refused(credentials.confirm(&alice(), &given.credential.id, &first).await);
    }
    assert_eq!(refusals(&bank).await, 0);
    bank.clock.set(START.after(DAY).before(STEP));
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
}

/// The same with a policy that waits for less than ten minutes.
#[tokio::test]
async fn a_delivered_confirmation_begins_when_it_was_enrolled() {
    let mut policy = Policy::default();
    policy.credentials.confirm_within = MINUTE * 5;
    let bank = bank_of(policy);
    let credentials = bank.verifier.credentials();
    bank.clock.set(START.after(MINUTE * 9));
    let given =
        credentials.enrol(&alice(), &EnrolmentRequest::delivered(request("sms"))).await.unwrap();
    let first = response(given.code_to_deliver().unwrap());
    let leeway = Policy::default().leeway;
    let begins = START.after(MINUTE * 9).before(leeway);
    bank.clock.set(begins.before(Duration::from_secs(1)));
    refused(credentials.confirm(&alice(), &given.credential.id, &first).await);
    bank.clock.set(begins);
    credentials.confirm(&alice(), &given.credential.id, &first).await.unwrap();
}
