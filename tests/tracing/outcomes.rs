//! What a call came to, and how often it wrote and lost a race, when everything is well and when it is not.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use countersign::callback::Verdict;
use countersign::history::Subject;
use countersign::page::Page;
use countersign::random::{Random, RandomError, SeededRandom};
use countersign::store::{Fault, FaultStore};
use countersign::time::{Clock, ClockError, ManualClock};
use countersign::{CallbackId, Error, Keyring, MemoryStore, Timestamp, Verifier, Window};

use crate::collector::{Told, listen, told};
use crate::play::{Stage, alice, bob_rings, booking, request, stage};
use crate::support::kms::{Does, Kms};
use crate::support::{MINUTE, Recorder, START, acquirer, bank_on, issuer, scene};

fn keyring() -> Keyring {
    Keyring::generate(&SeededRandom::new(7)).unwrap()
}

/// Of each call that was told: its name, what it came to, and how often it wrote and lost a race.
fn ended(told: &[Told]) -> Vec<(String, String, u64, u64)> {
    let calls = told.iter().filter(|one| one.text("call").is_some());
    calls
        .map(|one| {
            let text = |field| one.text(field).unwrap().to_owned();
            let number = |field| one.number(field).unwrap();
            (text("call"), text("outcome"), number("attempts"), number("conflicts"))
        })
        .collect()
}

/// Of each store call: its name, what it came to, and of how many rows.
fn stored(told: &[Told]) -> Vec<(&str, &str, Option<u64>)> {
    let calls = told.iter().filter_map(|one| Some((one.text("store")?, one)));
    calls.map(|(name, one)| (name, one.text("outcome").unwrap(), one.number("rows"))).collect()
}

/// What the one call that was made since came to.
fn outcome() -> String {
    let told = told();
    let ended = ended(&told);
    assert_eq!(ended.len(), 1, "{ended:?}");
    ended[0].1.clone()
}

fn one(
    call: &str,
    outcome: &str,
    attempts: u64,
    conflicts: u64,
) -> Vec<(String, String, u64, u64)> {
    vec![(call.to_owned(), outcome.to_owned(), attempts, conflicts)]
}

fn unknown() -> CallbackId {
    "00000000000000000000000000".parse().unwrap()
}

#[tokio::test]
async fn a_call_tells_its_store_calls_in_order_and_then_itself() {
    listen();
    let Stage { bank, .. } = stage();
    bank.callbacks().book(&alice(), &booking("r-1")).await.unwrap();
    let told = told();
    assert_eq!(
        stored(&told),
        [
            ("load", "ok", Some(0)),
            ("load", "ok", Some(0)),
            ("list", "ok", Some(0)),
            ("list", "ok", Some(0)),
            ("list", "ok", Some(0)),
            ("put_if", "stored", Some(1)),
        ]
    );
    assert_eq!(ended(&told), one("callbacks.book", "ok", 1, 0));
    assert!(told.last().unwrap().text("call").is_some());
    bank.callbacks().list(&alice(), Page::first()).await.unwrap();
    let told = crate::collector::told();
    assert_eq!(stored(&told), [("list", "ok", Some(1))]);
    assert_eq!(ended(&told), one("callbacks.list", "ok", 0, 0));
}

#[tokio::test]
async fn faults_of_the_store_are_told_with_what_they_cost() {
    for (fault, outcomes, of_call, attempts, conflicts) in [
        (Fault::Conflict, &["conflict", "stored"][..], "ok", 2, 1),
        (Fault::LandedConflict, &["conflict"], "ok", 1, 1),
        (Fault::LoseAnswer, &["store_unavailable"], "ok", 1, 0),
        (Fault::FailBefore, &["store_unavailable"], "store_unavailable", 1, 0),
        (Fault::Delay(3), &["stored"], "ok", 1, 0),
    ] {
        let Stage { bank, store, .. } = stage();
        let booked = bank.callbacks().book(&alice(), &booking("r-1")).await.unwrap().id;
        listen();
        store.plan(1, fault);
        let _ = bank.callbacks().cancel(&alice(), &booked).await;
        let told = told();
        let stored = stored(&told);
        let puts =
            stored.iter().filter(|(name, ..)| *name == "put_if").map(|(_, outcome, _)| *outcome);
        assert_eq!(puts.collect::<Vec<_>>(), outcomes, "{fault:?}");
        let expected = one("callbacks.cancel", of_call, attempts, conflicts);
        assert_eq!(ended(&told), expected, "{fault:?}");
    }
}

struct Broken;

impl Random for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError::new())
    }
}

impl Clock for Broken {
    fn now(&self) -> Result<Timestamp, ClockError> {
        Err(ClockError::new())
    }
}

#[tokio::test]
async fn each_way_to_end_has_a_name() {
    let Stage { bank, store, clock, .. } = stage();
    let callbacks = bank.callbacks();
    let booked = callbacks.book(&alice(), &booking("r-1")).await.unwrap().id;
    listen();
    callbacks.list(&alice(), Page::first()).await.unwrap();
    assert_eq!(outcome(), "ok");
    callbacks.reveal(&bob_rings(), &unknown()).await.unwrap_err();
    assert_eq!(outcome(), "refused");
    let past = Window::new(START.before(9 * MINUTE), START.before(8 * MINUTE)).unwrap();
    let late = countersign::callback::AmendmentRequest::new(request("a")).window(past);
    let error = callbacks.amend(&alice(), &booked, &late).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    assert_eq!(outcome(), "invalid");
    store.always(Some(Fault::Conflict));
    let error = callbacks.conclude(&alice(), &booked, Verdict::NotRecognised).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_) | Error::Busy), "{error:?}");
    store.always(None);
    let _ = told();
    store.always(Some(Fault::Conflict));
    let error = callbacks.cancel(&alice(), &booked).await.unwrap_err();
    assert!(matches!(error, Error::Busy), "{error:?}");
    assert_eq!(ended(&told()), one("callbacks.cancel", "busy", 128, 128));
    store.always(Some(Fault::BitFlipped));
    let error = callbacks.cancel(&alice(), &booked).await.unwrap_err();
    assert!(matches!(error, Error::Record(_)), "{error:?}");
    assert_eq!(outcome(), "record");
    store.always(Some(Fault::FailBefore));
    callbacks.cancel(&alice(), &booked).await.unwrap_err();
    assert_eq!(outcome(), "store_unavailable");
    store.heal();

    clock.set(Timestamp::MAX);
    bank.ground_rules_token().await.unwrap_err();
    assert_eq!(outcome(), "internal");
    let unsigned = Verifier::in_memory(issuer(), keyring());
    unsigned.ground_rules_token().await.unwrap_err();
    assert_eq!(outcome(), "config");
    let full = Verifier::builder(issuer(), keyring()).store(MemoryStore::with_capacity(0));
    let full = full.clock(ManualClock::new(START)).build().unwrap();
    full.callbacks().book(&alice(), &booking("r-1")).await.unwrap_err();
    let all = told();
    assert_eq!(stored(&all).last(), Some(&("load", "ok", Some(0))));
    assert!(stored(&all).contains(&("put_if", "store_full", None)));
    assert_eq!(ended(&all), one("callbacks.book", "store_full", 1, 0));
    let broken = Verifier::builder(issuer(), keyring()).clock(Broken).build().unwrap();
    broken.purge(1).await.unwrap_err();
    assert_eq!(outcome(), "clock");
    let broken = Verifier::builder(issuer(), keyring()).random(Broken);
    let broken = broken.clock(ManualClock::new(START)).build().unwrap();
    broken.callbacks().book(&alice(), &booking("r-1")).await.unwrap_err();
    assert_eq!(outcome(), "random");
    let kms = Kms::of(5);
    kms.does(Does::Fail);
    let signer = Verifier::builder(issuer(), keyring()).signer(kms).build().unwrap();
    signer.history_receipt(&alice(), Subject::Callback(unknown())).await.unwrap_err();
    assert_eq!(outcome(), "refused");
    signer.ground_rules_token().await.unwrap_err();
    assert_eq!(outcome(), "signer");
}

#[tokio::test]
async fn an_acquirer_that_does_not_do_it_has_one_too() {
    let scene = scene();
    let paid = crate::support::paid(&scene, "p-1", 3).await;
    let refusing = acquirer();
    refusing.book().refuses = true;
    listen();
    let alice = crate::support::alice();
    let act = request("f-1");
    let captured = scene.vault.capture(&alice, &paid.receipt, 10, &act, &refusing).await;
    assert!(matches!(captured, Err(Error::Acquirer(_))), "{captured:?}");
    assert_eq!(outcome(), "acquirer");
}

#[tokio::test]
async fn a_call_that_is_dropped_says_so() {
    let Stage { bank, store, .. } = stage();
    let booked = bank.callbacks().book(&alice(), &booking("r-1")).await.unwrap().id;
    listen();
    store.plan(1, Fault::Delay(u32::MAX));
    let (id, callbacks) = (alice(), bank.callbacks());
    {
        let mut call = pin!(callbacks.cancel(&id, &booked));
        for _ in 0..3 {
            assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert!(ended(&told()).is_empty(), "it goes on");
    }
    let told = told();
    assert_eq!(stored(&told), [("put_if", "dropped", None)]);
    assert_eq!(ended(&told), one("callbacks.cancel", "dropped", 1, 0));
}

/// Many calls at once on one thread: each counts its own writes, and lost races are told as often as they were lost.
#[tokio::test]
async fn calls_that_race_count_for_themselves() {
    let clock = ManualClock::new(START);
    let store = FaultStore::new(MemoryStore::new());
    let seen = Recorder::default();
    let bank = bank_on(&store, &clock, &seen).build().unwrap();
    let booked = bank.callbacks().book(&alice(), &booking("r-1")).await.unwrap().id;
    // So that they take turns.
    store.always(Some(Fault::Delay(1)));
    listen();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let bank = bank.clone();
            tokio::spawn(async move { bank.callbacks().cancel(&alice(), &booked).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let told = told();
    let ended = ended(&told);
    assert_eq!(ended.len(), 8);
    assert!(ended.iter().all(|(call, outcome, ..)| call == "callbacks.cancel" && outcome == "ok"));
    let lost = stored(&told).iter().filter(|(_, outcome, _)| *outcome == "conflict").count();
    assert_eq!(lost, 7, "all but the first lost the race for the first write");
    assert_eq!(ended.iter().map(|(.., conflicts)| conflicts).sum::<u64>(), lost as u64);
    for (_, _, attempts, conflicts) in &ended {
        assert!(*attempts == 1 && *conflicts <= 1, "{ended:?}");
    }
}
