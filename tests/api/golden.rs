//! Released formats open for ever: records, keyrings and histories as files.
//!
//! The files under `tests/golden/callbacks/` are only ever added to. `COUNTERSIGN_BLESS=1 cargo test golden`
//! writes the file of the current format anew, which is right before its first release and never
//! after.

use countersign::callback::{AmendmentRequest, Verdict};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::time::ManualClock;
use countersign::{CallbackId, Timestamp, Verifier};
use serde::{Deserialize, Serialize};

use crate::support::golden::{self, Row};
use crate::support::*;

/// One file: everything that a release wrote, and what it means.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    about: String,
    issuer: String,
    customer: String,
    keyring: String,
    now: Timestamp,
    rows: Vec<Row>,
    callbacks: serde_json::Value,
    histories: serde_json::Value,
    /// What the open ones read back.
    readbacks: Vec<(CallbackId, String)>,
}

/// A callback in each of its states.
async fn scene() -> Golden {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let mut open = Vec::new();
    for state in [
        "booked",
        "amended",
        "assigned to an agent",
        "reported",
        "leaked",
        "leaked before",
        "revealed",
        "recognised",
        "not recognised",
        "no answer",
        "reported late",
        "cancelled",
    ] {
        let word = format!("{state} word");
        let mut new = booking(state.replace(' ', "-").as_str(), &word);
        if state.starts_with("assigned") {
            new = new.assigned_to(countersign::Assignee::Agent(agent("bob").id));
        }
        let id = callbacks.book(&alice(), &new).await.unwrap().id;
        bank.clock.advance(std::time::Duration::from_secs(1));
        let call = bob_rings(&format!("call-{}", state.replace(' ', "-")));
        let customer = alice();
        let conclude = |verdict| callbacks.conclude(&customer, &id, verdict);
        match state {
            "amended" => {
                let amendment = AmendmentRequest::new(request("a-1"))
                    .secret(secret("Żółta łódź"))
                    .assigned_to(Some(team("loans")));
                callbacks.amend(&alice(), &id, &amendment).await.unwrap();
            }
            "reported" => drop(conclude(Verdict::NotRecognised).await.unwrap()),
            "leaked" => drop(conclude(Verdict::Recognised).await.unwrap_err()),
            "leaked before" => {
                conclude(Verdict::Recognised).await.unwrap_err();
                let amendment = AmendmentRequest::new(request("a-1")).secret(secret("banana"));
                callbacks.amend(&alice(), &id, &amendment).await.unwrap();
            }
            "reported late" => {
                callbacks.abandon(&call, &id).await.unwrap();
                conclude(Verdict::NotRecognised).await.unwrap();
            }
            "revealed" => {
                callbacks.reveal(&call, &id).await.unwrap();
                callbacks.reveal(&bob_rings("call-other"), &id).await.unwrap_err();
            }
            "recognised" => {
                callbacks.reveal(&call, &id).await.unwrap();
                conclude(Verdict::Recognised).await.unwrap();
            }
            "not recognised" => {
                callbacks.reveal(&call, &id).await.unwrap();
                conclude(Verdict::NotRecognised).await.unwrap();
            }
            "no answer" => drop(callbacks.abandon(&call, &id).await.unwrap()),
            "cancelled" => drop(callbacks.cancel(&alice(), &id).await.unwrap()),
            _ => {}
        }
        if matches!(state, "booked" | "assigned to an agent" | "reported" | "leaked") {
            open.push((id, word));
        }
    }
    // One expires, and says so.
    let short = countersign::Window::new(START, START.after(MINUTE)).unwrap();
    let new = countersign::callback::BookingRequest::new(
        request("expired"),
        short,
        countersign::Channel::Chat,
        secret("too late"),
    );
    callbacks.book(&alice(), &new).await.unwrap();
    bank.clock.advance(2 * MINUTE);
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    let histories = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let now = countersign::time::Clock::now(&bank.clock).unwrap();
    Golden {
        about: "Record format 1, callback bodies, histories, keyring format 1".to_owned(),
        issuer: issuer().to_string(),
        customer: alice().to_string(),
        keyring: hex::encode(&*keyring().to_bytes()),
        now,
        rows: golden::rows(&bank.store),
        callbacks: serde_json::to_value(listed.items).unwrap(),
        histories: serde_json::to_value(histories.items).unwrap(),
        readbacks: open,
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    golden::is_current("callbacks", &now);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (_, golden) in golden::released::<Golden>("callbacks", 1) {
        let store = golden::filled(&golden.rows, golden.now).await;
        let keyring = golden::keyring(&golden.keyring);
        assert_eq!(hex::encode(&*keyring.to_bytes()), golden.keyring);
        let verifier = Verifier::builder(golden.issuer.parse().unwrap(), keyring)
            .store(store)
            .clock(ManualClock::new(golden.now))
            .random(SeededRandom::new(5))
            .build()
            .unwrap();
        let customer = golden.customer.parse().unwrap();
        let listed = verifier.callbacks().list(&customer, Page::first()).await.unwrap();
        assert_eq!(serde_json::to_value(listed.items).unwrap(), golden.callbacks);
        let histories = verifier.history(&customer, Page::first()).await.unwrap();
        assert_eq!(serde_json::to_value(histories.items).unwrap(), golden.histories);
        assert!(golden.readbacks.len() >= 4);
        for (id, word) in &golden.readbacks {
            let call = call("call-golden", &customer, agent("bob"));
            let readback = verifier.callbacks().reveal(&call, id).await.unwrap();
            assert_eq!(readback.as_str(), word);
        }
        // Once released, histories can be checked wherever they were archived.
        let archived: Vec<countersign::history::CeremonyHistory> =
            serde_json::from_value(golden.histories).unwrap();
        assert!(archived.iter().all(|history| history.verify().is_ok()));
    }
}
