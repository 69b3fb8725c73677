//! What a release wrote of open interactions opens for ever, and its answers read the same.
//!
//! The files under `tests/golden-presence/` are only ever added to; see `golden.rs` for how the file
//! of a format that was never released is written anew.

use std::path::PathBuf;

use countersign::store::{Expected, FaultStore, Place, Put, Record, Store};
use countersign::token::{Purpose, SigningKey, Status, StatusNonce, TrustedKeys};
use countersign::{
    Channel, Clock, Device, Interaction, InteractionId, Keyring, ManualClock, MemoryStore,
    SeededRandom, StatusQuestion, Timestamp, Verifier,
};
use serde::{Deserialize, Serialize};

use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    about: String,
    keyring: String,
    now: Timestamp,
    rows: Vec<(String, String, u64, Timestamp, String)>,
    nonce: StatusNonce,
    /// What was answered then, and what it said.
    token: String,
    status: Status,
}

fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

fn asks(now: Timestamp) -> StatusQuestion {
    StatusQuestion::new(&SeededRandom::new(3), now).unwrap()
}

fn shown(token: &str, now: Timestamp) -> Status {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::Status).unwrap();
    Device::new(keys, alice()).open_status(token, &asks(now), now).unwrap().status()
}

fn chat() -> Interaction {
    let id = InteractionId::new("chat-2").unwrap();
    Interaction::inbound(id, alice(), agent("carol"), Channel::Chat)
}

/// One interaction of each direction, and one that ended.
async fn scene() -> Golden {
    let mut bank = bank();
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 1);
    bank.verifier = builder.signing_key(signing()).build().unwrap();
    let challenges = bank.verifier.challenges();
    challenges.open(&bob_rings("call-1")).await.unwrap();
    bank.clock.advance(MINUTE);
    challenges.open(&chat()).await.unwrap();
    challenges.close(&bob_rings("call-0")).await.unwrap();
    let now = bank.clock.now().unwrap();
    let nonce = asks(now).nonce();
    let token = challenges.status(&alice(), nonce).await.unwrap();
    let row = |(at, record): (Place, Record)| {
        let (owner, id) = (hex::encode(at.owner), hex::encode(at.id));
        (owner, id, record.version, record.retain_until, hex::encode(&record.sealed))
    };
    Golden {
        about: "Record format 1: open interactions; status token v1".to_owned(),
        keyring: hex::encode(&*keyring().to_bytes()),
        now,
        rows: bank.store.records().into_iter().map(row).collect(),
        nonce,
        status: shown(&token, now),
        token,
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden-presence")
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    let path = folder().join("format-1.json");
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let file: Golden = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(now, file);
}

#[tokio::test]
async fn every_released_format_opens() {
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let golden: Golden = serde_json::from_str(&text).unwrap();
        let store = FaultStore::new(MemoryStore::new());
        for (owner, id, version, retain_until, sealed) in &golden.rows {
            let bytes = |text: &str| -> [u8; 16] { hex::decode(text).unwrap().try_into().unwrap() };
            let at = Place { owner: bytes(owner), id: bytes(id) };
            let sealed = hex::decode(sealed).unwrap().into();
            let record = Record { version: *version, sealed, retain_until: *retain_until };
            let put = store.put_if(&at, Expected::Absent, &record, golden.now).await.unwrap();
            assert_eq!(put, Put::Stored);
        }
        let keyring = Keyring::from_bytes(&hex::decode(&golden.keyring).unwrap()).unwrap();
        let verifier = Verifier::builder(issuer(), keyring)
            .store(store)
            .clock(ManualClock::new(golden.now))
            .random(SeededRandom::new(5))
            .signing_key(signing())
            .build()
            .unwrap();
        // The answer that was given then, and the one that is given now.
        assert_eq!(asks(golden.now).nonce(), golden.nonce);
        assert_eq!(shown(&golden.token, golden.now), golden.status);
        let challenges = verifier.challenges();
        let again = challenges.status(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&again, golden.now), golden.status);
        // Its parts: the chat ends, the call goes on, the call that had ended stays ended.
        challenges.close(&chat()).await.unwrap();
        challenges.open(&bob_rings("call-0")).await.unwrap();
        let calling = challenges.status(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&calling, golden.now), Status::Calling);
        challenges.close(&bob_rings("call-1")).await.unwrap();
        let none = challenges.status(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&none, golden.now), Status::NotUs);
        files += 1;
    }
    assert!(files >= 1);
}
