//! What cannot be signed is told in one way, which is no decision.

use countersign::contact::StatusNonce;
use countersign::error::ConfigError;
use countersign::history::{Outcome, Subject};
use countersign::page::Page;
use countersign::store::{
    Expected, FaultStore, Listed, News, Place, Position, Put, Range, Record, Store, StoreError,
};
use countersign::time::ManualClock;
use countersign::{Error, MemoryStore, Timestamp};

use crate::support::between::{Between, Via};
use crate::support::challenges::{challenge, signing, slot};
use crate::support::credentials::app;
use crate::support::step_ups::{asking, transfer};
use crate::support::*;

/// A store that shows what it should have deleted long ago.
struct Unforgetting(MemoryStore);

impl Between for Unforgetting {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.0
    }

    async fn load(&self, at: &Place, _: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(at, Timestamp::EPOCH).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        _: Timestamp,
    ) -> Result<Put, StoreError> {
        self.0.put_if(at, expected, new, news, Timestamp::EPOCH).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        _: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.0.list(lane, owner, range, Timestamp::EPOCH).await
    }

    async fn purge(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

fn internal<T: std::fmt::Debug>(what: &str, result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Internal)), "{what}: {result:?}");
}

/// The clock shows the last second that there is, so that no token can be valid for any time.
#[tokio::test]
async fn what_cannot_be_signed_is_an_internal_error_and_never_a_refusal() {
    let (store, clock) = (FaultStore::new(MemoryStore::new()), ManualClock::new(START));
    let seen = Recorder::default();
    let builder = part(keyring(), &store, &clock, &seen, 1).signing_key(signing());
    let verifier = builder.store(Via(Unforgetting(MemoryStore::new()))).build().unwrap();
    let bank = Bank { verifier, clock, store, seen };
    app(&bank).await;
    let booked = bank.booked().await;
    bank.verifier.callbacks().reveal(&bob_rings("call-1"), &booked.id).await.unwrap();
    bank.seen.take();
    let before = bank.verifier.history(&alice(), Page::first()).await.unwrap();

    bank.clock.set(Timestamp::MAX);
    let verifier = &bank.verifier;
    internal("ground rules", verifier.ground_rules_token().await);
    let nonce = StatusNonce::from_bytes([1; 16]);
    internal("status", verifier.contact().status(&alice(), nonce).await);
    let issued = verifier.challenges().issue(&alice(), &challenge("ch-1")).await;
    internal("challenge", issued.map(|issued| issued.token));
    let receipt = verifier.history_receipt(&alice(), Subject::Callback(booked.id)).await;
    internal("receipt", receipt);
    for _ in 0..2 {
        let asked = asking("s-1", transfer());
        let asked = verifier.step_ups().request(&bob_rings("call-1"), &asked).await;
        internal("step-up", asked.map(|asked| asked.token));
    }

    // Nobody was refused anything, and no challenge was issued.
    let refused =
        |event: &countersign::observer::Observed| matches!(event.outcome, Outcome::Refused(_));
    assert!(!bank.seen.take().iter().any(refused));
    bank.clock.set(START);
    let after = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let others: Vec<_> = after
        .items
        .into_iter()
        .filter(|history| !matches!(history.subject, Subject::StepUp(_)))
        .collect();
    assert_eq!(others, before.items);
}

#[tokio::test]
async fn what_needs_a_signing_key_says_so() {
    let bank = bank();
    app(&bank).await;
    let booked = bank.booked().await;
    let stored = bank.store.records();
    let (verifier, call) = (&bank.verifier, bob_rings("call-1"));
    let id = "00000000000000000000000000".parse().unwrap();
    let mut errors = vec![
        verifier.ground_rules_token().await.map(drop),
        verifier.history_receipt(&alice(), Subject::Callback(booked.id)).await.map(drop),
        verifier.step_ups().request(&call, &asking("s-1", transfer())).await.map(drop),
    ];
    let challenges = verifier.challenges();
    let nonce = StatusNonce::from_bytes([1; 16]);
    errors.push(verifier.contact().status(&alice(), nonce).await.map(drop));
    errors.push(challenges.issue(&alice(), &challenge("ch-1")).await.map(drop));
    errors.push(challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.map(drop));
    errors.push(challenges.reassign(&alice(), &id, &request("c-2"), &slot()).await.map(drop));
    for (at, error) in errors.into_iter().enumerate() {
        let unsigned = matches!(error, Err(Error::Config(ConfigError::NoSigningKey)));
        assert!(unsigned, "{at}: {error:?}");
    }
    assert_eq!(bank.store.records(), stored);
}
