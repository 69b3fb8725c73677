//! Released formats open for ever: records, keyrings and histories as files.
//!
//! The files under `tests/golden/` are only ever added to. `COUNTERSIGN_BLESS=1 cargo test golden`
//! writes the file of the current format anew, which is right before its first release and never
//! after.

use std::path::PathBuf;

use countersign::store::{Expected, Place, Put, Record, Store};
use countersign::{
    Amendment, CallbackId, Keyring, ManualClock, MemoryStore, Page, SeededRandom, Timestamp,
    Verdict, Verifier,
};
use serde::{Deserialize, Serialize};

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

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    owner: String,
    id: String,
    version: u64,
    retain_until: Timestamp,
    sealed: String,
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
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
                let amendment = Amendment::new(request("a-1"))
                    .secret(secret("Żółta łódź"))
                    .assigned_to(Some(team("loans")));
                callbacks.amend(&alice(), &id, &amendment).await.unwrap();
            }
            "reported" => drop(conclude(Verdict::NotRecognised).await.unwrap()),
            "leaked" => drop(conclude(Verdict::Recognised).await.unwrap_err()),
            "leaked before" => {
                conclude(Verdict::Recognised).await.unwrap_err();
                let amendment = Amendment::new(request("a-1")).secret(secret("banana"));
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
    let new = countersign::BookCallback::new(
        request("expired"),
        short,
        countersign::Channel::Chat,
        secret("too late"),
    );
    callbacks.book(&alice(), &new).await.unwrap();
    bank.clock.advance(2 * MINUTE);
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    let histories = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let now = countersign::Clock::now(&bank.clock).unwrap();
    Golden {
        about: "Record format 1, callback bodies, histories, keyring format 1".to_owned(),
        issuer: issuer().to_string(),
        customer: alice().to_string(),
        keyring: hex::encode(&*keyring().to_bytes()),
        now,
        rows: bank
            .store
            .records()
            .into_iter()
            .map(|(at, record)| Row {
                owner: hex::encode(at.owner),
                id: hex::encode(at.id),
                version: record.version,
                retain_until: record.retain_until,
                sealed: hex::encode(&record.sealed),
            })
            .collect(),
        callbacks: serde_json::to_value(listed.items).unwrap(),
        histories: serde_json::to_value(histories.items).unwrap(),
        readbacks: open,
    }
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    let path = path("format-1.json");
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let file: Golden = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(now == file, "what is written now differs from {}", path.display());
}

#[tokio::test]
async fn every_released_format_opens() {
    let mut files = 0;
    for entry in std::fs::read_dir(path("")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let golden: Golden = serde_json::from_str(&text).unwrap();
        let store = MemoryStore::new();
        for row in &golden.rows {
            let at = Place { owner: bytes(&row.owner), id: bytes(&row.id) };
            let record = Record {
                version: row.version,
                sealed: hex::decode(&row.sealed).unwrap().into(),
                retain_until: row.retain_until,
            };
            let put = store.put_if(&at, Expected::Absent, &record, golden.now).await.unwrap();
            assert_eq!(put, Put::Stored);
        }
        let keyring = Keyring::from_bytes(&hex::decode(&golden.keyring).unwrap()).unwrap();
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
        let archived: Vec<countersign::CeremonyHistory> =
            serde_json::from_value(golden.histories).unwrap();
        assert!(archived.iter().all(|history| history.verify().is_ok()));
        files += 1;
    }
    assert!(files >= 1);
}
