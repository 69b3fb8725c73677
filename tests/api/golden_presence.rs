//! What a release wrote of open interactions opens for ever, and its answers read the same.
//!
//! The files under `tests/golden/presence/` are only ever added to; see `golden.rs` for how the file
//! of a format that was never released is written anew.

use countersign::contact::{Status, StatusNonce};
use countersign::device::StatusQuestion;
use countersign::random::SeededRandom;
use countersign::time::{Clock, ManualClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{Channel, Device, Interaction, InteractionId, Timestamp, Verifier};
use serde::{Deserialize, Serialize};

use crate::support::golden::{self, Row};
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    about: String,
    keyring: String,
    now: Timestamp,
    rows: Vec<Row>,
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
    let contact = bank.verifier.contact();
    contact.open(&bob_rings("call-1")).await.unwrap();
    bank.clock.advance(MINUTE);
    contact.open(&chat()).await.unwrap();
    contact.close(&bob_rings("call-0")).await.unwrap();
    let now = bank.clock.now().unwrap();
    let nonce = asks(now).nonce();
    let token = contact.status(&alice(), nonce).await.unwrap();
    Golden {
        about: "Record format 1: open interactions; status token v1".to_owned(),
        keyring: hex::encode(&*keyring().to_bytes()),
        now,
        rows: golden::rows(&bank.store),
        nonce,
        status: shown(&token, now),
        token,
    }
}

#[tokio::test]
async fn the_current_format_is_the_one_in_the_file() {
    let now = scene().await;
    golden::is_current("presence", &now);
}

#[tokio::test]
async fn every_released_format_opens() {
    for (_, golden) in golden::released::<Golden>("presence", 3) {
        let store = golden::filled(&golden.rows, golden.now).await;
        let keyring = golden::keyring(&golden.keyring);
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
        let contact = verifier.contact();
        let again = contact.status(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&again, golden.now), golden.status);
        // Its parts: the chat ends, the call goes on, the call that had ended stays ended.
        contact.close(&chat()).await.unwrap();
        contact.open(&bob_rings("call-0")).await.unwrap();
        let calling = contact.status(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&calling, golden.now), Status::Calling);
        contact.close(&bob_rings("call-1")).await.unwrap();
        let none = contact.status(&alice(), golden.nonce).await.unwrap();
        // No feed says that nothing is missing.
        assert_eq!(shown(&none, golden.now), Status::Undetermined);
    }
}
