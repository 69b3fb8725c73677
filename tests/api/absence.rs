//! What somebody gains who deletes rows of the database, kind by kind: as it is today, for the table in the manual's
//! threats. The anchor misses a credential's row; of all others nothing in the crate notices that they are gone, and the
//! customer's receipts do.

use std::collections::BTreeMap;

use countersign::callback::{CallbackStatus, Verdict};
use countersign::challenge::{Answer, ChallengeStatus};
use countersign::contact::Status;
use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest, Method};
use countersign::device::HistoryProblem;
use countersign::history::{Action, Subject};
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed};
use countersign::step_up::{DeclineReason, StepUpStatus};
use countersign::store::{FaultStore, Place, Record};
use countersign::time::Clock;
use countersign::token::{Purpose, TrustedKeys};
use countersign::{Channel, Device, Direction, MemoryStore, Policy, Timestamp};

use crate::support::between::put;
use crate::support::binding::needs_word;
use crate::support::challenges::{accept, challenge, fraud_rings, slot};
use crate::support::credentials::{app, pin, refused, response};
use crate::support::presence::{asked, complete, inbound, talking};
use crate::support::rows::is_anchor;
use crate::support::step_ups::{
    asking, bank, bank_of, change, grant, limits_alone, open, signing, transfer,
};
use crate::support::*;

type Rows = BTreeMap<Place, Record>;

fn rows(bank: &Bank) -> Rows {
    bank.store.records().into_iter().collect()
}

/// The one row that was not there before, besides the anchor.
fn new_row(bank: &Bank, before: &Rows) -> Place {
    let now = rows(bank);
    let is_new = |at: &&Place| !before.contains_key(at) && !is_anchor(at);
    let new: Vec<_> = now.keys().filter(is_new).collect();
    assert_eq!(new.len(), 1, "one new row");
    *new[0]
}

/// The bank over the same database, of which somebody has deleted this row.
async fn without(bank: &Bank, gone: Place) -> Bank {
    left_of(bank, gone, |_| false).await
}

/// And the anchors, which would miss it.
async fn without_it_and_the_anchor(bank: &Bank, gone: Place) -> Bank {
    left_of(bank, gone, is_anchor).await
}

async fn left_of(bank: &Bank, gone: Place, as_well: impl Fn(&Place) -> bool) -> Bank {
    let (left, now) = (FaultStore::new(MemoryStore::new()), bank.clock.now().unwrap());
    let mut found = false;
    for (at, record) in bank.store.records() {
        found |= at == gone;
        if at != gone && !as_well(&at) {
            put(&left, &at, &record, now).await;
        }
    }
    assert!(found, "there was such a row");
    let policy = bank.verifier.policy().clone();
    let (clock, seen) = (bank.clock.clone(), bank.seen.clone());
    let builder = part(keyring(), &left, &clock, &seen, 9).policy(policy).signing_key(signing());
    Bank { verifier: builder.build().unwrap(), clock, store: left, seen }
}

/// The bank without the row that `make` makes.
async fn without_the_row_of<T>(bank: Bank, make: impl AsyncFnOnce(&Bank) -> T) -> (Bank, T) {
    complete(&bank).await;
    let before = rows(&bank);
    let made = make(&bank).await;
    let gone = new_row(&bank, &before);
    (without(&bank, gone).await, made)
}

/// Carol's desktop is rung in Alice's name, or Bob rings Alice: an hour is a long time.
fn voice(direction: Direction, since: Timestamp) -> Status {
    talking(Channel::Voice, direction, since)
}

async fn actions_of(bank: &Bank, about: impl Fn(&Subject) -> bool) -> Vec<Action> {
    let histories = histories(&bank.verifier, about).await;
    histories.iter().flat_map(|one| one.events.iter().map(|event| event.action)).collect()
}

// Callbacks.

#[tokio::test]
async fn deleting_a_callback_s_row_lets_a_booking_that_is_repeated_be_shown_to_a_second_agent() {
    let bank = bank();
    let first = bank.booked().await;
    let eve = call("call-2", &alice(), agent("eve"));
    bank.verifier.callbacks().reveal(&bob_rings("call-1"), &first.id).await.unwrap();
    refused(bank.verifier.callbacks().reveal(&eve, &first.id).await);
    let at = new_row(&bank, &Rows::new());
    let bank = without(&bank, at).await;
    let callbacks = bank.verifier.callbacks();
    // The row alone shows nothing to anybody.
    refused(callbacks.reveal(&eve, &first.id).await);
    // The app repeats its call, because it thinks that its answer was lost.
    assert_eq!(bank.booked().await.id, first.id);
    assert_eq!(callbacks.reveal(&eve, &first.id).await.unwrap().as_str(), "anana");
    let is_it = |subject: &Subject| matches!(subject, Subject::Callback(_));
    assert_eq!(
        actions_of(&bank, is_it).await,
        [Action::Book, Action::Reveal],
        "Bob was never shown it"
    );
}

#[tokio::test]
async fn deleting_a_callback_s_row_takes_the_customer_s_report_with_it() {
    let (bank, booked) = without_the_row_of(bank(), async |bank| {
        let booked = bank.booked().await;
        let callbacks = bank.verifier.callbacks();
        callbacks.reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
        let verdict = Verdict::NotRecognised;
        let ended = callbacks.conclude(&alice(), &booked.id, verdict).await.unwrap();
        assert_eq!(ended.status, CallbackStatus::NotRecognised);
        booked
    })
    .await;
    let is_it = |subject: &Subject| matches!(subject, Subject::Callback(_));
    assert_eq!(actions_of(&bank, is_it).await, []);
    // Nor can it be made again.
    let callbacks = bank.verifier.callbacks();
    refused(callbacks.conclude(&alice(), &booked.id, Verdict::NotRecognised).await);
}

#[tokio::test]
async fn deleting_a_callback_s_row_makes_status_say_not_us_though_one_is_booked() {
    let (bank, booked) = without_the_row_of(bank(), async |bank| {
        let booked = bank.booked().await;
        assert_eq!(asked(bank).await, Status::Scheduled);
        booked
    })
    .await;
    assert_eq!(asked(&bank).await, Status::NotUs);
    refused(bank.verifier.callbacks().reveal(&bob_rings("call-1"), &booked.id).await);
}

// Challenges.

#[tokio::test]
async fn deleting_a_challenge_s_row_brings_back_what_the_customer_has_reported() {
    let bank = bank();
    app(&bank).await;
    let before = rows(&bank);
    // Its limit has a row of its own, which the first challenge makes.
    let other = bank.verifier.challenges().issue(&alice(), &challenge("other")).await.unwrap();
    assert_eq!(rows(&bank).len(), before.len() + 2);
    let (bank, issued) = without_the_row_of(bank, async |bank| {
        let issued = bank.issued().await;
        let challenges = bank.verifier.challenges();
        let id = issued.challenge.id;
        let ended = challenges.answer(&alice(), &id, &Answer::Report).await.unwrap();
        assert_eq!(ended.status, ChallengeStatus::Reported);
        refused(challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await);
        issued
    })
    .await;
    let challenges = bank.verifier.challenges();
    let id = issued.challenge.id;
    refused(challenges.present(&fraud_rings("call-1"), &id).await);
    // The back end repeats its call: another token, under the same id.
    let again = bank.issued().await;
    assert_eq!((again.challenge.id, again.challenge.status), (id, ChallengeStatus::Issued));
    assert!(!again.challenge.reported && id != other.challenge.id);
    // It goes no further without the customer.
    refused(challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await);
    challenges.answer(&alice(), &id, &accept("a-1")).await.unwrap();
    challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap();
    bank.clock.advance(15 * MINUTE);
    challenges.present(&fraud_rings("call-1"), &id).await.unwrap();
}

// Credentials.

#[tokio::test]
async fn deleting_a_credential_s_row_and_the_anchor_lets_the_session_enrol_another() {
    let bank = bank();
    app(&bank).await;
    let at = new_row(&bank, &Rows::new());
    let thief = EnrolmentRequest::ocra(request("thief"));
    needs_word(bank.verifier.credentials().enrol(&alice(), &thief).await);
    // Its row alone does not.
    let missed = without(&bank, at).await;
    needs_word(missed.verifier.credentials().enrol(&alice(), &thief).await);
    let bank = without_it_and_the_anchor(&bank, at).await;
    let credentials = bank.verifier.credentials();
    let thief = EnrolmentRequest::ocra(request("thief"));
    let given = credentials.enrol(&alice(), &thief).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (id, random) = (given.credential.id, countersign::random::SeededRandom::new(4));
    let device =
        countersign::device::DeviceCredential::enrol(id, &seed, &pin("0000"), None, &random)
            .unwrap();
    let first = device.confirm(&pin("0000")).unwrap();
    let confirmed = credentials.confirm(&alice(), &id, &first).await.unwrap();
    assert_eq!(confirmed.status, CredentialStatus::Active);
    // And it approves.
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let requested = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    let code = open(&bank, &requested).approve(&device, &pin("0000")).unwrap();
    let done = step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
    assert_eq!(done.status, StepUpStatus::Approved);
}

fn fob_seed() -> OtpSeed {
    OtpSeed::from_bytes(&[0x5a; 20]).unwrap()
}

fn fob() -> ImportRequest {
    ImportRequest::hotp(fob_seed(), 7).digits(Digits::EIGHT)
}

fn fob_code(counter: u64) -> Response {
    response(&Hotp::new(&fob_seed(), Algorithm::Sha1, Digits::EIGHT).generate(counter))
}

/// Asked for by the fob, and answered: whether it was approved.
async fn by_fob(bank: &Bank, id: &str, code: &Response) -> bool {
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asking = asking(id, change()).by(Method::Hotp);
    let requested = step_ups.request(&call, &asking).await.unwrap();
    step_ups.submit(&alice(), &requested.step_up.id, code).await.is_ok()
}

#[tokio::test]
async fn deleting_a_revoked_fob_s_row_and_the_anchor_makes_its_used_codes_good_again_on_import() {
    let bank = bank();
    let import =
        async |bank: &Bank| bank.verifier.credentials().import(&alice(), &fob()).await.unwrap();
    let held = import(&bank).await;
    let at = new_row(&bank, &Rows::new());
    assert!(by_fob(&bank, "s-1", &fob_code(7)).await);
    assert!(!by_fob(&bank, "s-2", &fob_code(7)).await);
    bank.verifier.credentials().revoke(&alice(), &held.id).await.unwrap();
    assert_eq!(import(&bank).await.status, CredentialStatus::Revoked);

    let bank = without_it_and_the_anchor(&bank, at).await;
    // The back end imports the maker's list once more.
    assert_eq!(import(&bank).await.status, CredentialStatus::Active);
    assert!(by_fob(&bank, "s-3", &fob_code(7)).await);
}

#[tokio::test]
async fn deleting_a_locked_fob_s_row_and_the_anchor_gives_five_more_guesses_on_import() {
    let mut policy = Policy::default();
    (policy.step_ups.per_customer, policy.step_ups.per_agent) = (20, 20);
    let bank = bank_of(limits_alone(policy));
    let credentials = bank.verifier.credentials();
    let held = credentials.import(&alice(), &fob()).await.unwrap();
    let at = new_row(&bank, &Rows::new());
    let wrong = |n: u64| fob_code(100 + n);
    for n in 0..5 {
        assert!(!by_fob(&bank, &format!("s-{n}"), &wrong(n)).await);
    }
    let locked = credentials.list(&alice(), countersign::page::Page::first()).await.unwrap().items;
    assert_eq!((locked[0].id, locked[0].status), (held.id, CredentialStatus::Locked));

    let bank = without_it_and_the_anchor(&bank, at).await;
    let again = bank.verifier.credentials().import(&alice(), &fob()).await.unwrap();
    assert_eq!((again.id, again.status), (held.id, CredentialStatus::Active));
    for n in 5..9 {
        assert!(!by_fob(&bank, &format!("s-{n}"), &wrong(n)).await);
    }
    assert!(by_fob(&bank, "s-9", &fob_code(7)).await, "the fifth guess was looked at");
}

#[tokio::test]
async fn deleting_a_locked_app_s_row_lets_a_weaker_method_answer() {
    let bank = bank();
    app(&bank).await;
    let at = new_row(&bank, &Rows::new());
    bank.verifier.credentials().import(&alice(), &fob()).await.unwrap();
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s-1", change())).await.unwrap();
    assert_eq!(asked.step_up.method, Method::Ocra);
    for n in 0..5 {
        let wrong = format!("{n:010}").parse::<Response>().unwrap();
        refused(step_ups.submit(&alice(), &asked.step_up.id, &wrong).await);
    }
    refused(step_ups.request(&call, &asking("s-2", change())).await);

    let bank = without(&bank, at).await;
    let asked = bank.verifier.step_ups().request(&call, &asking("s-3", change())).await.unwrap();
    assert_eq!(asked.step_up.method, Method::Hotp);
    // What must be covered by the code still needs an app.
    let transfer = bank.verifier.step_ups().request(&call, &asking("s-4", transfer())).await;
    refused(transfer);
}

#[tokio::test]
async fn deleting_a_credential_s_row_redeems_nothing_that_it_has_approved() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let at = new_row(&bank, &Rows::new());
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    let requested = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    let code = open(&bank, &requested).approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
    let grant = grant(&bank, &requested).await;
    let bank = without(&bank, at).await;
    let step_ups = bank.verifier.step_ups();
    refused(step_ups.redeem(&call, &grant, &transfer(), &request("k")).await);
}

// Step-ups and limits.

/// Bob asks for this many step-ups in one call, `s-0` and on, and then for one more, which is refused.
async fn asked_often(bank: &Bank, most: u8) {
    let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
    for n in 0..most {
        step_ups.request(&call, &asking(&format!("s-{n}"), transfer())).await.unwrap();
    }
    refused(step_ups.request(&call, &asking("more", transfer())).await);
}

#[tokio::test]
async fn deleting_a_step_up_s_row_lets_a_declined_one_be_asked_again_uncounted() {
    let bank = bank();
    app(&bank).await;
    let call = bob_rings("call-1");
    bank.verifier.step_ups().request(&call, &asking("s-0", transfer())).await.unwrap();
    let before = rows(&bank);
    bank.verifier.step_ups().request(&call, &asking("s-1", transfer())).await.unwrap();
    let at = new_row(&bank, &before);
    asked_often(&bank, 5).await;
    let again = async |bank: &Bank| {
        let asking = asking("s-1", transfer());
        bank.verifier.step_ups().request(&call, &asking).await.unwrap()
    };
    let first = again(&bank).await;
    let id = first.step_up.id;
    bank.verifier.step_ups().decline(&alice(), &id, DeclineReason::ChangedMind).await.unwrap();
    assert_eq!(again(&bank).await.step_up.status, StepUpStatus::Declined);

    let bank = without(&bank, at).await;
    let anew = again(&bank).await;
    assert_eq!((anew.step_up.id, anew.step_up.status), (id, StepUpStatus::Requested));
    assert_ne!(anew.token, first.token, "another prompt, though as many were made as may be");
}

#[tokio::test]
async fn deleting_a_step_up_s_row_redeems_nothing() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let call = bob_rings("call-1");
    bank.verifier.step_ups().request(&call, &asking("s-0", transfer())).await.unwrap();
    let (bank, grant) = without_the_row_of(bank, async |bank| {
        let step_ups = bank.verifier.step_ups();
        let requested = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
        let code = open(bank, &requested).approve(&device, &pin("2468")).unwrap();
        step_ups.submit(&alice(), &requested.step_up.id, &code).await.unwrap();
        let grant = grant(bank, &requested).await;
        step_ups.redeem(&call, &grant, &transfer(), &request("k-1")).await.unwrap();
        grant
    })
    .await;
    for key in ["k-1", "k-2"] {
        let redeemed =
            bank.verifier.step_ups().redeem(&call, &grant, &transfer(), &request(key)).await;
        refused(redeemed);
    }
}

/// The customer's limit, and the agent's: whichever is reached.
#[tokio::test]
async fn deleting_a_limit_s_row_gives_five_more_prompts() {
    for (per_customer, per_agent) in [(5, 20), (20, 5)] {
        let mut policy = Policy::default();
        (policy.step_ups.per_customer, policy.step_ups.per_agent) = (per_customer, per_agent);
        let bank = bank_of(limits_alone(policy));
        app(&bank).await;
        asked_often(&bank, 5).await;
        // The rows that each request has changed. (The agent's counts the refused one too.)
        let limits = rows(&bank).into_iter().filter(|(at, _)| bank.store.writes(at) >= 5);
        let mut more = Vec::new();
        for (at, _) in limits {
            let bank = without(&bank, at).await;
            let (call, step_ups, mut given) = (bob_rings("call-1"), bank.verifier.step_ups(), 0);
            while step_ups.request(&call, &asking(&format!("t-{given}"), transfer())).await.is_ok()
            {
                given += 1;
            }
            more.push(given);
        }
        more.sort_unstable();
        assert_eq!(more, [0, 5], "of the two, one was reached");
    }
}

#[tokio::test]
async fn deleting_a_limit_s_row_gives_as_many_challenges_more() {
    let bank = bank();
    let most = usize::from(bank.verifier.policy().challenges.per_customer);
    let issue = async |bank: &Bank, id: &str| {
        bank.verifier.challenges().issue(&alice(), &challenge(id)).await
    };
    for n in 0..most {
        issue(&bank, &format!("ch-{n}")).await.unwrap();
    }
    refused(issue(&bank, "more").await);
    let limit = rows(&bank).into_keys().find(|at| bank.store.writes(at) > 1).unwrap();
    let bank = without(&bank, limit).await;
    for n in 0..most {
        issue(&bank, &format!("more-{n}")).await.unwrap();
    }
    refused(issue(&bank, "too-many").await);
}

// Presence.

#[tokio::test]
async fn deleting_the_presence_row_makes_status_say_not_us_during_a_relay() {
    let (bank, _) = without_the_row_of(bank(), async |bank| {
        bank.verifier.contact().open(&inbound("eve")).await.unwrap();
        assert_eq!(asked(bank).await, voice(Direction::Inbound, START));
    })
    .await;
    bank.seen.take();
    assert_eq!(asked(&bank).await, Status::NotUs);
    // Nor is anybody warned, now or when the customer is rung.
    bank.verifier.contact().open(&bob_rings("call-1")).await.unwrap();
    let warned = bank.seen.take().into_iter().filter(|one| one.action == Action::WarnOfRelay);
    assert_eq!(warned.count(), 0);
}

#[tokio::test]
async fn deleting_the_presence_row_lets_a_late_report_open_what_has_ended() {
    let (bank, _) = without_the_row_of(bank(), async |bank| {
        bank.verifier.contact().close(&bob_rings("call-1")).await.unwrap();
        bank.verifier.contact().open(&bob_rings("call-1")).await.unwrap();
        assert_eq!(asked(bank).await, Status::NotUs);
    })
    .await;
    bank.verifier.contact().open(&bob_rings("call-1")).await.unwrap();
    assert_eq!(asked(&bank).await, Status::Calling);
}

// What notices.

/// The app keeps receipts of its history: whichever row is gone, the history that it is shown then does
/// not go on from what the enterprise has signed.
#[tokio::test]
async fn the_customer_s_receipts_notice_a_row_that_is_gone() {
    let bank = bank();
    let before = rows(&bank);
    let booked = bank.booked().await;
    let at = new_row(&bank, &before);
    let subject = Subject::Callback(booked.id);
    let receipt = bank.verifier.history_receipt(&alice(), subject).await.unwrap();
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::HistoryHead).unwrap();
    let phone = Device::new(keys, alice());
    let check = async |bank: &Bank| {
        let shown = histories(&bank.verifier, |_| true).await;
        phone.check_history(&receipt, &shown, START)
    };
    assert_eq!(check(&bank).await, Ok(0));
    let bank = without(&bank, at).await;
    assert_eq!(check(&bank).await, Err(HistoryProblem::Missing));
    // Booked anew, it is another history under the same id.
    bank.booked().await;
    assert_eq!(check(&bank).await, Err(HistoryProblem::Rewritten));
}
