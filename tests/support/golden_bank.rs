//! What every golden file of one bank has: when it was written, the keyring, the rows; and the verifier over that.

use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::time::{Clock, ManualClock};
use countersign::verifier::VerifierBuilder;
use countersign::{Timestamp, Verifier};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::golden::{self, Row};
use super::{Bank, alice, issuer, keyring};

/// The frame of a file. It stands beside what the file is about.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    about: String,
    keyring: String,
    pub(crate) now: Timestamp,
    rows: Vec<Row>,
}

impl Kept {
    /// All that the bank has by now.
    pub(crate) fn of(bank: &Bank, about: &str) -> Self {
        Self {
            about: about.to_owned(),
            keyring: hex::encode(&*keyring().to_bytes()),
            now: bank.clock.now().unwrap(),
            rows: golden::rows(&bank.store),
        }
    }

    /// A verifier over it, at the same time.
    pub(crate) async fn verifier(&self) -> VerifierBuilder {
        Verifier::builder(issuer(), golden::keyring(&self.keyring))
            .store(golden::filled(&self.rows, self.now).await)
            .clock(ManualClock::new(self.now))
            .random(SeededRandom::new(5))
    }
}

/// Alice's histories.
pub(crate) async fn histories(verifier: &Verifier) -> Value {
    let histories = verifier.history(&alice(), Page::first()).await.unwrap().items;
    serde_json::to_value(histories).unwrap()
}

/// Her credentials, and her histories.
pub(crate) async fn credentials(verifier: &Verifier) -> (Value, Value) {
    let credentials = verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    (serde_json::to_value(&credentials.items).unwrap(), histories(verifier).await)
}
