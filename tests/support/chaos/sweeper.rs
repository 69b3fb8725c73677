//! A root key is rotated, and records are sealed anew in steps, while servers fail and one process still writes under the older
//! key.

use std::sync::{Mutex, PoisonError};

use countersign::keyring::KeyId;
use countersign::random::SeededRandom;
use countersign::store::Store;
use countersign::time::ManualClock;
use countersign::verifier::Resealed;
use countersign::{Error, Keyring, Verifier};

use super::whole::{keyring, part};

/// So few records a step that faults come between.
const STEP: u64 = 3;

fn copy(keyring: &Keyring) -> Keyring {
    Keyring::from_bytes(&keyring.to_bytes()).unwrap()
}

pub struct Sweeper {
    verifier: Verifier,
    keys: Keyring,
    old: KeyId,
    /// How far the sweep is.
    swept: Mutex<Option<Resealed>>,
}

impl Sweeper {
    pub fn new(store: impl Store, clock: &ManualClock) -> Self {
        let mut keys = keyring();
        let old = keys.active();
        keys.rotate(&SeededRandom::new(99)).unwrap();
        let verifier = part(store, clock, copy(&keys));
        Self { verifier, keys, old, swept: Mutex::default() }
    }

    /// The keyring of a process that seals under the newer key, or of one that lags.
    pub fn keyring(&self, lags: bool) -> Keyring {
        let mut keys = copy(&self.keys);
        if lags {
            keys.activate(self.old).unwrap();
        }
        keys
    }

    /// One step; whether it failed, in the one way that a store may.
    pub async fn step(&self) -> bool {
        let before = self.swept.lock().unwrap_or_else(PoisonError::into_inner).take();
        let step = match &before {
            Some(before) => self.verifier.reseal_from(before, STEP).await,
            None => self.verifier.reseal(STEP).await,
        };
        let (after, failed) = match step {
            Ok(after) => (Some(after), false),
            Err(Error::Store(_)) => (before, true),
            Err(other) => panic!("{other:?}"),
        };
        *self.swept.lock().unwrap_or_else(PoisonError::into_inner) = after;
        failed
    }

    async fn to_the_end(&self) -> Resealed {
        let mut swept = self.verifier.reseal(STEP).await.unwrap();
        while !swept.whole {
            swept = self.verifier.reseal_from(&swept, STEP).await.unwrap();
        }
        assert_eq!(swept.unreadable, 0);
        swept
    }

    /// With no load left, and the outbox empty: nothing is left under the older key, which could be retired.
    pub async fn add_up(&self) {
        let (first, second) = (self.to_the_end().await, self.to_the_end().await);
        assert_eq!((second.resealed, second.left.len()), (0, 0), "{second:?}");
        let mut keys = copy(&self.keys);
        second.retire(&first, &mut keys, self.old).unwrap();
    }
}
