//! What a release wrote of callbacks with derived words opens for ever, and has the same words.
//!
//! The files under `tests/golden-derived/` are only ever added to; see `golden.rs` for how the file of
//! a format that was never released is written anew.

use std::path::PathBuf;

use countersign::store::{Expected, Place, Put, Record, Store};
use countersign::{
    CallbackId, Channel, CredentialId, Device, DeviceCredential, Keyring, ManualClock, MemoryStore,
    Page, SeededRandom, Timestamp, Verifier,
};
use serde::{Deserialize, Serialize};

use crate::credentials::app;
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    about: String,
    keyring: String,
    now: Timestamp,
    rows: Vec<(String, String, u64, Timestamp, String)>,
    device: String,
    credential: CredentialId,
    callback: CallbackId,
    secret: String,
    words: String,
}

async fn scene() -> Golden {
    let bank = bank();
    let (credential, device) = app(&bank).await;
    let booking = booking("req-1", "Żółta łódź").derived_with(credential.id);
    let callback = bank.verifier.callbacks().book(&alice(), &booking).await.unwrap().id;
    let row = |(at, record): (Place, Record)| {
        let (owner, id) = (hex::encode(at.owner), hex::encode(at.id));
        (owner, id, record.version, record.retain_until, hex::encode(&record.sealed))
    };
    let rows = bank.store.records().into_iter().map(row).collect();
    let readback = bank.verifier.callbacks().reveal(&bob_rings("call-1"), &callback).await.unwrap();
    Golden {
        about: "Record format 1: a callback with derived words, and its credential".to_owned(),
        keyring: hex::encode(&*keyring().to_bytes()),
        now: START,
        rows,
        device: hex::encode(&*device.to_bytes()),
        credential: credential.id,
        callback,
        secret: "Żółta łódź".to_owned(),
        words: readback.as_str().to_owned(),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden-derived")
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    let path = folder().join("format-1.json");
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let file: Golden = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(now == file, "what is written now differs from {}", path.display());
}

#[tokio::test]
async fn every_released_format_opens() {
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let golden: Golden = serde_json::from_str(&text).unwrap();
        let store = MemoryStore::new();
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
            .build()
            .unwrap();
        let callbacks = verifier.callbacks();
        let listed = callbacks.list(&alice(), Page::first()).await.unwrap().items;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].derived_with, Some(golden.credential));
        let readback = callbacks.reveal(&bob_rings("late"), &golden.callback).await.unwrap();
        assert_eq!(readback.as_str(), golden.words);
        let device = DeviceCredential::from_bytes(&hex::decode(&golden.device).unwrap()).unwrap();
        let word = secret(&golden.secret);
        let words = Device::readback_words(&device, &golden.callback, Channel::Voice, &word);
        assert_eq!(*words.unwrap().words(), golden.words);
        files += 1;
    }
    assert!(files >= 1);
}
