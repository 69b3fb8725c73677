//! What a release wrote of callbacks with derived words opens for ever, and has the same words.
//!
//! The files under `tests/golden/derived/` are only ever added to; see `golden.rs` for how the file of
//! a format that was never released is written anew.

use countersign::device::DeviceCredential;
use countersign::page::Page;
use countersign::{CallbackId, Channel, CredentialId, Device};
use serde::{Deserialize, Serialize};

use crate::support::credentials::app;
use crate::support::golden;
use crate::support::golden_bank::Kept;
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
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
    let kept =
        Kept::of(&bank, "Record format 1: a callback with derived words, and its credential");
    let readback = bank.verifier.callbacks().reveal(&bob_rings("call-1"), &callback).await.unwrap();
    Golden {
        kept,
        device: hex::encode(&*device.to_bytes()),
        credential: credential.id,
        callback,
        secret: "Żółta łódź".to_owned(),
        words: readback.as_str().to_owned(),
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    golden::is_current("derived", &now);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (_, golden) in golden::released::<Golden>("derived", 1) {
        let kept = golden.kept.verifier().await;
        let verifier = kept.build().unwrap();
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
    }
}
