//! What a release wrote of open interactions opens for ever, and its answers read the same.
//!
//! The files under `tests/golden/presence/` are only ever added to; see `golden.rs` for how the file
//! of a format that was never released is written anew.

use countersign::contact::{Status, StatusNonce};
use countersign::device::StatusQuestion;
use countersign::random::SeededRandom;
use countersign::time::Clock;
use countersign::token::{Purpose, TrustedKeys};
use countersign::{Channel, Device, Interaction, InteractionId, Policy, Timestamp};
use serde::{Deserialize, Serialize};

use crate::support::golden;
use crate::support::golden_bank::Kept;
use crate::support::signing::{bank_of, signing};
use crate::support::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    #[serde(flatten)]
    kept: Kept,
    nonce: StatusNonce,
    /// What was answered then, and what it said.
    token: String,
    status: Status,
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
    let bank = bank_of(Policy::default());
    let contact = bank.verifier.contact();
    contact.open(&bob_rings("call-1")).await.unwrap();
    bank.clock.advance(MINUTE);
    contact.open(&chat()).await.unwrap();
    contact.close(&bob_rings("call-0")).await.unwrap();
    let now = bank.clock.now().unwrap();
    let nonce = asks(now).nonce();
    let token = contact.status(&alice(), nonce).await.unwrap();
    Golden {
        kept: Kept::of(&bank, "Record format 1: open interactions; status token v1"),
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
        let kept = golden.kept.verifier().await.signing_key(signing());
        let verifier = kept.build().unwrap();
        // The answer that was given then, and the one that is given now.
        assert_eq!(asks(golden.kept.now).nonce(), golden.nonce);
        assert_eq!(shown(&golden.token, golden.kept.now), golden.status);
        let contact = verifier.contact();
        let again = contact.status(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&again, golden.kept.now), golden.status);
        // Its parts: the chat ends, the call goes on, the call that had ended stays ended.
        contact.close(&chat()).await.unwrap();
        contact.open(&bob_rings("call-0")).await.unwrap();
        let calling = contact.status(&alice(), golden.nonce).await.unwrap();
        assert_eq!(shown(&calling, golden.kept.now), Status::Calling);
        contact.close(&bob_rings("call-1")).await.unwrap();
        let none = contact.status(&alice(), golden.nonce).await.unwrap();
        // No feed says that nothing is missing.
        assert_eq!(shown(&none, golden.kept.now), Status::Undetermined);
    }
}
