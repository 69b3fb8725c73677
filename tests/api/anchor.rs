//! What there must be of a customer: rows that are lost, processes that die between the anchor and a row, and calls that
//! race.

use countersign::credential::{CredentialStatus, Method};
use countersign::device::HistoryProblem;
use countersign::error::RecordError;
use countersign::history::Subject;
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits};
use countersign::store::{Fault, Place, Record, Store};
use countersign::time::Clock;
use countersign::token::{Purpose, TrustedKeys};
use countersign::{CredentialId, Device, Error};

use crate::support::anchors::{
    begun, bytes_of, confirm, first_code, fob, not_reconciled, over, statuses,
};
use crate::support::between::put;
use crate::support::binding::{needs_word, thief};
use crate::support::credentials::app;
use crate::support::dying::{DIES, until_death};
use crate::support::rows::is_anchor;
use crate::support::step_up_rules::{Holds, confirm_question};
use crate::support::step_ups::{bank, signing};
use crate::support::*;

/// The bank over those of its rows that are left.
fn left(bank: &Bank, keeps: impl Fn(&Place) -> bool) -> Bank {
    let rows = bank.store.records().into_iter().filter(|(at, _)| keeps(at));
    block_on(over(bank, rows, None))
}

/// The same without anything but the customer's anchor.
fn all_lost_but_the_anchor(bank: &Bank) -> Bank {
    left(bank, is_anchor)
}

#[test]
fn attack_25_a_session_binds_nothing_though_the_app_s_row_is_lost() {
    let bank = bank();
    let (held, _) = block_on(app(&bank));
    let bank = all_lost_but_the_anchor(&bank);
    let (customers, credentials) = (bank.verifier.customers(), bank.verifier.credentials());
    let standing = block_on(customers.standing(&alice())).unwrap();
    assert_eq!((standing.bound, standing.missing), (vec![held.id], vec![held.id]));
    needs_word(block_on(credentials.enrol(&alice(), &thief("thief"))));
    // The back end's word does.
    let vouched = thief("new").vouched_for();
    let given = block_on(credentials.enrol(&alice(), &vouched)).unwrap();
    assert_eq!(given.credential.status, CredentialStatus::Pending);
    // And once what is missing was revoked, the customer is one as any other.
    let revoked = block_on(credentials.revoke(&alice(), &held.id)).unwrap();
    assert_eq!((revoked.id, revoked.status), (held.id, CredentialStatus::Revoked));
    let standing = block_on(customers.standing(&alice())).unwrap();
    assert_eq!((standing.bound, standing.missing), (vec![], vec![]));
    let app = begun(&bank, "thief", 5);
    assert_eq!(confirm(&bank, &app).unwrap(), CredentialStatus::Active);
}

/// What was begun before, and is confirmed after the loss.
#[test]
fn attack_25_a_session_confirms_nothing_though_the_app_s_row_is_lost() {
    let bank = bank();
    let waits = begun(&bank, "thief", 5);
    let (held, _) = block_on(app(&bank));
    let bank = left(&bank, |at| at.id.as_slice() != bytes_of(held.id));
    needs_word(confirm(&bank, &waits));
    assert_eq!(statuses(&bank), [(waits.id(), CredentialStatus::Pending)]);
    let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
    assert_eq!((standing.missing, standing.unfinished), (vec![held.id], vec![]));
}

/// A row that was put back to before it was bound counts as lost, whether its time has run out since or not.
#[test]
fn a_row_that_was_put_back_to_before_it_was_bound_is_missed() {
    let bank = bank();
    let app = begun(&bank, "app", 3);
    let rows = bank.store.records();
    let (at, waiting) = rows.iter().find(|(at, _)| at.id.as_slice() == bytes_of(app.id())).unwrap();
    assert_eq!(confirm(&bank, &app).unwrap(), CredentialStatus::Active);
    let confirm_within = bank.verifier.policy().credentials.confirm_within;
    for later in [MINUTE, confirm_within, confirm_within + HOUR] {
        let back = all_lost_but_the_anchor(&bank);
        block_on(put(&back.store, at, waiting, START));
        bank.clock.set(START.after(later));
        let standing = block_on(back.verifier.customers().standing(&alice())).unwrap();
        assert_eq!((standing.bound, standing.missing), (vec![app.id()], vec![app.id()]));
        needs_word(block_on(back.verifier.credentials().enrol(&alice(), &thief("thief"))));
    }
}

/// A used code of a fob must not be good again because its row is gone.
#[test]
fn a_fob_whose_row_is_lost_is_not_imported_anew_until_it_is_reconciled() {
    let bank = bank();
    let held = block_on(bank.verifier.credentials().import(&alice(), &fob())).unwrap();
    let bank = all_lost_but_the_anchor(&bank);
    let credentials = bank.verifier.credentials();
    not_reconciled(block_on(credentials.import(&alice(), &fob())));
    assert_eq!(bank.store.records().len(), 1, "nothing was written");
    let standing = block_on(bank.verifier.customers().reconcile(&alice())).unwrap();
    assert_eq!((standing.bound, standing.missing), (vec![], vec![]));
    assert_eq!(standing.reconciled, Some(START));
    let again = block_on(credentials.import(&alice(), &fob())).unwrap();
    assert_eq!((again.id, again.status), (held.id, CredentialStatus::Active));
}

#[test]
fn a_fob_that_was_revoked_stays_so_though_its_row_is_lost() {
    let bank = bank();
    let held = block_on(bank.verifier.credentials().import(&alice(), &fob())).unwrap();
    block_on(bank.verifier.credentials().revoke(&alice(), &held.id)).unwrap();
    let bank = all_lost_but_the_anchor(&bank);
    let import = || block_on(bank.verifier.credentials().import(&alice(), &fob())).unwrap();
    assert_eq!((import().id, import().status), (held.id, CredentialStatus::Revoked));
    // Nor does reconciling make it new.
    block_on(bank.verifier.customers().reconcile(&alice())).unwrap();
    assert_eq!(import().status, CredentialStatus::Revoked);
    let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
    assert_eq!(standing.revoked_fobs, [held.id]);
}

/// At each store call of `act`, whose process then dies; `after` sees what another process makes of it.
fn dies_everywhere<T>(
    begin: impl Fn() -> (Bank, T),
    act: impl AsyncFn(&Bank, &T),
    after: impl Fn(&Bank, &T, usize),
) {
    let mut deaths = 0;
    for at in 0..40 {
        let (bank, of) = begin();
        bank.store.plan(at, DIES);
        let died = until_death(act(&bank, &of)).is_none();
        bank.store.heal();
        after(&left(&bank, |_| true), &of, at);
        deaths += usize::from(died);
        if !died {
            assert!(deaths > 3, "it dies between any two writes");
            return;
        }
    }
    panic!("it never ends");
}

#[test]
fn what_a_process_that_died_began_to_bind_is_finished_by_whoever_reads_next() {
    let bound_unheard = std::cell::Cell::new(0);
    dies_everywhere(
        || {
            let bank = bank();
            let app = begun(&bank, "app", 3);
            (bank, app)
        },
        async |bank, app| {
            let code = first_code(app, "2468");
            bank.verifier.credentials().confirm(&alice(), &app.id(), &code).await.unwrap();
        },
        |bank, app, at| {
            let active = statuses(bank) == [(app.id(), CredentialStatus::Active)];
            let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
            assert_eq!(standing.bound == [app.id()], active, "{at}");
            assert_eq!(standing.missing, [], "{at}");
            if active {
                bound_unheard.set(bound_unheard.get() + 1);
                assert_eq!(standing.unfinished, [], "{at}");
                // The row is lost now: the session cannot put its own in its place.
                let robbed = all_lost_but_the_anchor(bank);
                needs_word(block_on(robbed.verifier.credentials().enrol(&alice(), &thief("t"))));
            }
            // Nobody is locked out: the customer repeats the call.
            assert_eq!(confirm(bank, app).unwrap(), CredentialStatus::Active, "{at}");
            let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
            assert_eq!((standing.bound, standing.unfinished), (vec![app.id()], vec![]), "{at}");
        },
    );
    assert!(bound_unheard.get() > 1, "it died between row and anchor too");
}

/// The row is lost right after it was written, before anybody noted that it was.
#[test]
fn what_may_have_been_bound_is_missed_until_its_time_is_over() {
    let bank = bank();
    let app = begun(&bank, "app", 3);
    // All up to the row's own write lands; the anchor is not told.
    for at in 0..40 {
        bank.store.plan(at, DIES);
        let code = first_code(&app, "2468");
        let done =
            until_death(bank.verifier.credentials().confirm(&alice(), &app.id(), &code)).is_some();
        bank.store.heal();
        if done || statuses(&bank)[0].1 == CredentialStatus::Active {
            break;
        }
    }
    let robbed = all_lost_but_the_anchor(&bank);
    needs_word(block_on(robbed.verifier.credentials().enrol(&alice(), &thief("t"))));
    // One that was given up long ago does not lock the customer out.
    robbed.clock.advance(robbed.verifier.policy().credentials.confirm_within + MINUTE);
    assert!(block_on(robbed.verifier.credentials().enrol(&alice(), &thief("t"))).is_ok());
}

#[test]
fn what_a_process_that_died_began_to_import_is_finished_by_importing_again() {
    dies_everywhere(
        || (bank(), ()),
        async |bank, ()| {
            bank.verifier.credentials().import(&alice(), &fob()).await.unwrap();
        },
        |bank, (), at| {
            let again = block_on(bank.verifier.credentials().import(&alice(), &fob()));
            let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
            let held = again.unwrap();
            assert_eq!(held.status, CredentialStatus::Active, "{at}");
            assert_eq!((standing.bound, standing.missing), (vec![held.id], vec![]), "{at}");
        },
    );
}

#[test]
fn what_a_process_that_died_began_to_revoke_is_revoked_by_whoever_reads_next() {
    dies_everywhere(
        || {
            let bank = bank();
            let (held, _) = block_on(app(&bank));
            (bank, held.id)
        },
        async |bank, id| {
            bank.verifier.credentials().revoke(&alice(), id).await.unwrap();
        },
        |bank, id, at| {
            let before = statuses(bank);
            let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
            let revoked = statuses(bank) == [(*id, CredentialStatus::Revoked)];
            assert!(revoked || before == statuses(bank), "{at}");
            assert_eq!(standing.bound.is_empty(), revoked, "{at}");
            assert_eq!((standing.unfinished, standing.missing), (vec![], vec![]), "{at}");
            let again = block_on(bank.verifier.credentials().revoke(&alice(), id)).unwrap();
            assert_eq!(again.status, CredentialStatus::Revoked, "{at}");
        },
    );
}

/// An app that was enrolled on the session's word alone, without the work of a PIN: its id, and its first code.
fn begun_fast(bank: &Bank, name: &str) -> (CredentialId, Response) {
    let given = block_on(bank.verifier.credentials().enrol(&alice(), &thief(name))).unwrap();
    let seed =
        base32::decode(base32::Alphabet::Rfc4648 { padding: false }, given.base32().unwrap());
    let (id, seed) = (given.credential.id, seed.unwrap());
    let keys = Holds::new(Method::Ocra, false, &seed, Algorithm::Sha256, Digits::EIGHT);
    (id, keys.answers(&confirm_question(id))[0].parse().unwrap())
}

/// Two phones that the session alone has begun, confirmed at once in every order: one is bound.
#[test]
fn of_two_that_the_session_began_one_is_bound_however_they_race() {
    let mut outcomes = std::collections::BTreeSet::new();
    for (first, polls) in (0..24).flat_map(|at| [1, 2, 5, 9, 14, 20].map(|polls| (at, polls))) {
        let bank = bank();
        let (one, other) = (begun_fast(&bank, "one"), begun_fast(&bank, "other"));
        bank.store.plan(first, Fault::Delay(polls));
        bank.store.plan(first + 3, Fault::Delay(polls / 2));
        let credentials = bank.verifier.credentials();
        let give = async |(id, code): &(CredentialId, Response)| {
            credentials.confirm(&alice(), id, code).await
        };
        let (a, b) = block_on(async { tokio::join!(give(&one), give(&other)) });
        bank.store.heal();
        let active =
            statuses(&bank).iter().filter(|(_, how)| *how == CredentialStatus::Active).count();
        assert_eq!(active, 1, "{first} {polls}: {a:?} {b:?}");
        let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
        assert_eq!((standing.bound.len(), standing.unfinished.len()), (1, 0), "{first} {polls}");
        outcomes.insert((a.is_ok(), b.is_ok()));
    }
    assert!(outcomes.contains(&(true, false)) && outcomes.contains(&(false, true)), "{outcomes:?}");
    assert!(!outcomes.contains(&(true, true)), "{outcomes:?}");
}

/// A wrong first code leaves nothing behind that would keep the customer from another phone.
#[test]
fn a_phone_that_was_given_up_keeps_no_other_out() {
    let bank = bank();
    let (one, other) = (begun(&bank, "one", 3), begun(&bank, "other", 4));
    let wrong = first_code(&one, "9999");
    let credentials = bank.verifier.credentials();
    assert!(block_on(credentials.confirm(&alice(), &one.id(), &wrong)).is_err());
    assert_eq!(confirm(&bank, &other).unwrap(), CredentialStatus::Active);
    // What gave way to it is not bound any more.
    assert!(matches!(confirm(&bank, &one), Err(Error::Refused(_))));
    let now = statuses(&bank);
    assert!(now.contains(&(one.id(), CredentialStatus::Revoked)), "{now:?}");
}

#[test]
fn an_anchor_that_cannot_be_opened_is_an_error_until_it_is_reconciled() {
    let bank = bank();
    let (held, _) = block_on(app(&bank));
    let now = bank.clock.now().unwrap();
    let (at, row) = bank.store.records().into_iter().find(|(at, _)| is_anchor(at)).unwrap();
    let mut sealed = row.sealed.to_vec();
    *sealed.last_mut().unwrap() ^= 1;
    let bent = left(&bank, |at| !is_anchor(at));
    block_on(put(&bent.store, &at, &Record { sealed: sealed.into(), ..row }, now));
    let credentials = bent.verifier.credentials();
    for result in [
        block_on(credentials.enrol(&alice(), &thief("t"))).map(drop),
        block_on(credentials.import(&alice(), &fob())).map(drop),
        block_on(credentials.revoke(&alice(), &held.id)).map(drop),
        block_on(bent.verifier.customers().standing(&alice())).map(drop),
        block_on(bent.verifier.callbacks().book(&alice(), &booking("b", "anana"))).map(drop),
    ] {
        assert!(matches!(result, Err(Error::Record(RecordError::Damaged))), "{result:?}");
    }
    let standing = block_on(bent.verifier.customers().reconcile(&alice())).unwrap();
    assert_eq!((standing.bound, standing.missing), (vec![held.id], vec![]));
    needs_word(block_on(credentials.enrol(&alice(), &thief("t"))));
}

/// Alice's app, which trusts the bank for receipts of histories.
fn receipts_device() -> Device {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::HistoryHead).unwrap();
    Device::new(keys, alice())
}

/// The customer's receipts say how often credentials were bound and revoked: a store that was put back says less.
#[test]
fn a_receipt_shows_that_the_anchor_was_put_back() {
    let bank = bank();
    let (held, _) = block_on(app(&bank));
    let device = receipts_device();
    let subject = Subject::Credential(held.id);
    let receipt = |bank: &Bank| block_on(bank.verifier.history_receipt(&alice(), subject)).unwrap();
    let before = left(&bank, |_| true);
    let old = receipt(&bank);
    let fob = block_on(bank.verifier.credentials().import(&alice(), &fob())).unwrap();
    let newer = receipt(&bank);
    block_on(bank.verifier.credentials().revoke(&alice(), &fob.id)).unwrap();
    let newest = receipt(&bank);
    let says = |receipt: &str| device.standing_of(receipt, START).unwrap().unwrap();
    assert_eq!([says(&old), says(&newer), says(&newest)], [1, 2, 3]);

    let rolled = receipt(&before);
    let histories = block_on(histories(&before.verifier, a_credential));
    assert_eq!(device.renew_receipt(&old, &rolled, &histories, START), Ok(0));
    let put_back = device.renew_receipt(&newest, &rolled, &histories, START);
    assert_eq!(put_back, Err(HistoryProblem::PutBack));
}

/// Every row of the customer's stands in one lane, the anchor with them.
#[test]
fn the_anchor_stands_in_the_customer_s_lane_and_says_no_name() {
    let bank = bank();
    block_on(app(&bank));
    let rows = bank.store.records();
    let anchor = rows.iter().find(|(at, _)| is_anchor(at)).unwrap();
    assert!(rows.iter().all(|(at, _)| at.lane == anchor.0.lane));
    let listed = block_on(bank.store.list(
        anchor.0.lane,
        &anchor.0.owner,
        countersign::store::Range { which: countersign::store::Which::All, after: None, limit: 10 },
        START,
    ));
    assert_eq!(listed.unwrap().rows.len(), 1);
}
