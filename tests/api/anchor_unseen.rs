//! A key that signs is being bound, in a row that this process cannot open, while it binds something without a key.

use std::pin::pin;

use countersign::credential::EnrolmentRequest;
use countersign::error::Invalid;
use countersign::random::SeededRandom;
use countersign::store::{Fault, Place, Record};
use countersign::{CredentialId, Error};

use crate::support::anchors::{bytes_of, fob, statuses};
use crate::support::between::put;
use crate::support::device_keys::PrivateKey;
use crate::support::dying::{DIES, polled, until_death};
use crate::support::rows::is_anchor;
use crate::support::step_ups::{bank, signing};
use crate::support::*;

/// The rows of a process that died after it bound a key and before it noted that, the key's row resealed with a root key
/// that others do not have yet.
fn half_bound() -> (Vec<(Place, Record)>, CredentialId) {
    for at in 0..40 {
        let bank = bank();
        let new = EnrolmentRequest::device_key(request("phone")).vouched_for();
        let given = block_on(bank.verifier.credentials().enrol(&alice(), &new)).unwrap();
        let (id, key) = (given.credential.id, PrivateKey::ed25519(9));
        let possession = key.possession(&given);
        bank.store.plan(at, DIES);
        let credentials = bank.verifier.credentials();
        let died = until_death(credentials.confirm_key(&alice(), &id, &possession, None)).is_none();
        assert!(died, "it never died between the two");
        bank.store.heal();
        if statuses(&bank) != [(id, countersign::credential::CredentialStatus::Active)] {
            continue;
        }
        let before = bank.store.records();
        let mut newer = keyring();
        newer.rotate(&SeededRandom::new(77)).unwrap();
        let builder = part(newer, &bank.store, &bank.clock, &bank.seen, 5);
        let newer = builder.signing_key(signing()).build().unwrap();
        assert!(block_on(newer.reseal(100)).unwrap().resealed >= 2);
        let is_key = |at: &Place| at.id.as_slice() == bytes_of(id);
        let key_row = bank.store.records().into_iter().filter(|(at, _)| is_key(at));
        let rows: Vec<_> =
            before.into_iter().filter(|(at, _)| is_anchor(at)).chain(key_row).collect();
        assert_eq!(rows.len(), 2);
        return (rows, id);
    }
    panic!("it never ends");
}

#[test]
fn attack_nothing_without_a_key_is_bound_beside_a_key_that_cannot_be_seen() {
    let (rows, key) = half_bound();
    let mut met = 0;
    for at in 0..40 {
        let bank = bank();
        let (fob, alice_, credentials) = (fob(), alice(), bank.verifier.credentials());
        bank.store.plan(at, Fault::Delay(5));
        let mut import = pin!(credentials.import(&alice_, &fob));
        if polled(import.as_mut(), 2).is_some() {
            break;
        }
        if bank.store.records().iter().any(|(at, _)| is_anchor(at)) {
            continue;
        }
        for (at, row) in &rows {
            block_on(put(&bank.store, at, row, START));
        }
        let imported = polled(import.as_mut(), 1000).unwrap();
        assert!(matches!(imported, Err(Error::Invalid(Invalid::BelowFloor))), "{at}: {imported:?}");
        let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
        assert_eq!((standing.bound, standing.unfinished), (vec![], vec![key]), "{at}");
        met += 1;
    }
    assert!(met > 0);
}
