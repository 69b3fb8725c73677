//! What was tried against anchors and erasures, and does not work any more: ids that come again, rows that were put back or
//! damaged, calls that overtake each other, and processes without the newest key.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use countersign::credential::{CredentialStatus, EnrolmentRequest};
use countersign::device::DeviceCredential;
use countersign::error::{Invalid, RecordError};
use countersign::page::Page;
use countersign::payment::{PaymentRequest, PaymentStatus};
use countersign::random::SeededRandom;
use countersign::store::{
    Expected, Fault, FaultStore, Listed, News, Place, Position, Put, Range, Record, Store,
    StoreError,
};
use countersign::time::ManualClock;
use countersign::transaction::TransactionKind;
use countersign::{CredentialId, Error, MemoryStore, MerchantId, Timestamp, Verifier, Window};

use crate::support::anchors::{
    begun, bytes_of, confirm, device_of, first_code, fob, not_reconciled, over, statuses,
};
use crate::support::between::{Between, Via};
use crate::support::binding::{another, needs_word, thief};
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::{PrivateKey, bound};
use crate::support::dying::polled;
use crate::support::rows::is_anchor;
use crate::support::step_ups::{asking, bank, grant, open, signing, transfer};
use crate::support::*;

use CredentialStatus::{Active, Pending, Revoked};

/// The customer mistypes the PIN of the first code.
fn mistype(bank: &Bank, app: &DeviceCredential) {
    let wrong = first_code(app, "9999");
    refused(block_on(bank.verifier.credentials().confirm(&alice(), &app.id(), &wrong)));
}

fn active(bank: &Bank) -> usize {
    statuses(bank).iter().filter(|(_, status)| *status == Active).count()
}

fn revoke(bank: &Bank, id: CredentialId) -> CredentialStatus {
    block_on(bank.verifier.credentials().revoke(&alice(), &id)).unwrap().status
}

/// `now`, with all rows but the anchor as they stood in `before`.
fn put_back(now: &Bank, before: &[(Place, Record)]) -> Bank {
    let anchor = now.store.records().into_iter().find(|(at, _)| is_anchor(at)).unwrap();
    let rows = before.iter().filter(|(at, _)| !is_anchor(at)).cloned();
    block_on(over(now, rows.chain([anchor]), None))
}

/// A process with a newer root key than the bank's own.
fn with_a_newer_key(bank: &Bank) -> Verifier {
    let mut newer = keyring();
    newer.rotate(&SeededRandom::new(77)).unwrap();
    let builder = part(newer, &bank.store, &bank.clock, &bank.seen, 5);
    builder.signing_key(signing()).build().unwrap()
}

fn bill(id: &str) -> PaymentRequest {
    let mut bill = transfer();
    bill.kind = TransactionKind::Payment;
    let key = vault_keys::signed_key(&issuer(), START);
    let (merchant, name) = (MerchantId::new("shop").unwrap(), "Bob".parse().unwrap());
    PaymentRequest::new(request(id), merchant, bill, name, key)
}

/// The session's enrolment had got as far as a wrong code; the back end's word gives the same request another seed.
#[test]
fn revoking_a_credential_that_was_enrolled_anew_revokes_it() {
    let bank = bank();
    mistype(&bank, &begun(&bank, "app", 3));
    let vouched = thief("app").vouched_for();
    let given = block_on(bank.verifier.credentials().enrol(&alice(), &vouched)).unwrap();
    let anew = device_of(&given, 4);
    let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
    assert_eq!((standing.missing, standing.unfinished), (vec![], vec![]));
    assert_eq!(revoke(&bank, anew.id()), Revoked);
    assert_eq!(statuses(&bank), [(anew.id(), Revoked)]);
    refused(confirm(&bank, &anew));
}

#[test]
fn a_credential_that_was_put_back_to_before_it_was_bound_is_revoked_and_gives_no_seed() {
    let bank = bank();
    let app = begun(&bank, "app", 3);
    let before = bank.store.records();
    assert_eq!(confirm(&bank, &app).unwrap(), Active);
    let back = put_back(&bank, &before);
    // The session is given no seed for it, and confirms nothing with the one that it may have seen.
    needs_word(block_on(back.verifier.credentials().enrol(&alice(), &thief("app"))));
    needs_word(confirm(&back, &app));
    assert_eq!(revoke(&back, app.id()), Revoked);
    assert_eq!(statuses(&back), [(app.id(), Revoked)]);
    refused(confirm(&back, &app));
    let standing = block_on(back.verifier.customers().standing(&alice())).unwrap();
    assert_eq!((standing.bound, standing.missing), (vec![], vec![]));
}

/// The revocation's process died after it said what it was about to do. The credential that was approved by the revoked one
/// must not be confirmed by the very call that finishes the revocation.
#[test]
fn what_a_revoked_credential_approved_is_not_bound_by_whoever_finishes_the_revocation() {
    let mut finished = 0;
    for at in 0..30 {
        let bank = bank();
        let (held, device) = block_on(app(&bank));
        let proof = block_on(async {
            let (call, step_ups) = (bob_rings("call-1"), bank.verifier.step_ups());
            let asked = step_ups.request(&call, &asking("a", another())).await.unwrap();
            let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
            step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
            let grant = grant(&bank, &asked).await;
            step_ups.redeem(&call, &grant, &another(), &request("k")).await.unwrap()
        });
        let enrolment = thief("one").approved_in(&proof);
        let given = block_on(bank.verifier.credentials().enrol(&alice(), &enrolment)).unwrap();
        let approved = device_of(&given, 4);
        bank.store.plan(at, Fault::FailBefore);
        let revoked = block_on(bank.verifier.credentials().revoke(&alice(), &held.id));
        bank.store.heal();
        if revoked.is_ok() {
            assert!(finished > 0, "a revocation was left half-way");
            return;
        }
        let bound = confirm(&bank, &approved);
        let still = statuses(&bank).contains(&(held.id, Active));
        assert_eq!(bound.is_ok(), still, "{at}: {bound:?} {:?}", statuses(&bank));
        finished += usize::from(!still);
    }
    panic!("it never ends");
}

type Call = Box<dyn FnOnce() + Send>;

/// A store that calls before it writes an anchor, and whose lists hide a row.
#[derive(Clone, Default)]
struct Hook {
    under: MemoryStore,
    armed: Arc<Mutex<Option<Call>>>,
    hidden: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Between for Hook {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.under
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let hook = self.armed.lock().unwrap().take_if(|_| is_anchor(at));
        if let Some(hook) = hook {
            hook();
        }
        self.under.put_if(at, expected, new, news, now).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let mut listed = self.under.list(lane, owner, range, now).await?;
        let hidden = self.hidden.lock().unwrap().clone();
        listed.rows.retain(|(at, _)| Some(at.id.as_slice()) != hidden.as_deref());
        Ok(listed)
    }
}

fn anchor_version(store: &MemoryStore) -> Option<u64> {
    let rows = at_once(store.scan(None, 100)).unwrap().rows;
    rows.iter().find(|(at, _)| is_anchor(at)).map(|(_, row)| row.head.version)
}

/// Waits for what never waits, where another call is already being waited for.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    polled(pin!(future), 1000).unwrap()
}

fn hooked() -> (Verifier, Hook) {
    let hook = Hook::default();
    let builder = Verifier::builder(issuer(), keyring())
        .store(Via(hook.clone()))
        .clock(ManualClock::new(START))
        .random(SeededRandom::new(1))
        .vault_keys(vault_keys::trusted())
        .signing_key(signing());
    (builder.build().unwrap(), hook)
}

/// An index that has lost a row: what is bound and not listed counts all the same.
#[test]
fn a_session_binds_nothing_beside_a_credential_that_no_list_shows() {
    let (verifier, hook) = hooked();
    let credentials = verifier.credentials();
    let theirs = device_of(&block_on(credentials.enrol(&alice(), &thief("thief"))).unwrap(), 3);
    let wrong = first_code(&theirs, "9999");
    refused(block_on(credentials.confirm(&alice(), &theirs.id(), &wrong)));
    let vouched = thief("app").vouched_for();
    let own = device_of(&block_on(credentials.enrol(&alice(), &vouched)).unwrap(), 4);
    let code = first_code(&own, "2468");
    block_on(credentials.confirm(&alice(), &own.id(), &code)).unwrap();
    *hook.hidden.lock().unwrap() = Some(bytes_of(own.id()));
    let code = first_code(&theirs, "2468");
    needs_word(block_on(credentials.confirm(&alice(), &theirs.id(), &code)));
    needs_word(block_on(credentials.enrol(&alice(), &thief("another"))));
}

/// The thief's credential gives way to the customer's. Just then its row is lost, and the same request is enrolled anew: that
/// one has another key, and has not given way.
#[test]
fn what_gave_way_is_known_by_its_key_and_not_by_its_id_alone() {
    let mut met = 0;
    for at in 0..30 {
        let (verifier, hook) = hooked();
        let credentials = verifier.credentials();
        let given = block_on(credentials.enrol(&alice(), &thief("thief"))).unwrap();
        let theirs = device_of(&given, 3);
        let wrong = first_code(&theirs, "9999");
        refused(block_on(credentials.confirm(&alice(), &theirs.id(), &wrong)));
        let own = device_of(&block_on(credentials.enrol(&alice(), &thief("app"))).unwrap(), 4);

        let on_its_way = Arc::new(Mutex::new(None));
        let (left_there, under, id) = (on_its_way.clone(), hook.under.clone(), theirs.id());
        *hook.armed.lock().unwrap() = Some(Box::new(move || {
            let rows = at_once(under.scan(None, 100)).unwrap().rows;
            let lost = rows.into_iter().find(|(at, _)| at.id.as_slice() == bytes_of(id));
            let (place, row) = lost.unwrap();
            assert_eq!(at_once(under.delete(&place, row.head)).unwrap(), Put::Stored);
            let slow = FaultStore::new(under.clone());
            let clock = ManualClock::new(START);
            let builder = part(keyring(), &slow, &clock, &Recorder::default(), 8);
            let other = builder.signing_key(signing()).build().unwrap();
            let enrolment = thief("thief");
            let anew = at_once(other.credentials().enrol(&alice(), &enrolment)).unwrap();
            assert_eq!(anew.credential.id, id);
            let code = first_code(&device_of(&anew, 5), "2468");
            let before = anchor_version(&under);
            slow.plan(at, Fault::Delay(3));
            let mut confirmation =
                Box::pin(async move { other.credentials().confirm(&alice(), &id, &code).await });
            let ended = polled(confirmation.as_mut(), 1).is_some();
            let reserved = anchor_version(&under) != before;
            *left_there.lock().unwrap() = Some((ended, reserved, confirmation));
        }));
        let code = first_code(&own, "2468");
        let bound = block_on(credentials.confirm(&alice(), &own.id(), &code));
        let (ended, reserved, mut confirmation) = on_its_way.lock().unwrap().take().unwrap();
        if ended {
            needs_word(bound);
            assert!(met > 0);
            return;
        }
        let theirs_bound = polled(confirmation.as_mut(), 1000).unwrap();
        let page = block_on(credentials.list(&alice(), Page::first())).unwrap();
        let active = page.items.iter().filter(|one| one.status == Active).count();
        assert_eq!(active, 1, "{at}: {bound:?} {theirs_bound:?} {:?}", page.items);
        // It had been noted that it would be bound, and it gave way none the less.
        met += usize::from(reserved && bound.is_ok());
    }
    panic!("it never ends");
}

/// The payment is asked for between the look for open ones and the mark.
#[test]
fn a_payment_that_is_asked_for_while_an_erasure_begins_is_not_deleted() {
    let (verifier, hook) = hooked();
    let other = verifier.clone();
    *hook.armed.lock().unwrap() = Some(Box::new(move || {
        let asked = pin!(async { other.payments().request(&bob_rings("c"), &bill("p-1")).await });
        polled(asked, 1000).unwrap().unwrap();
    }));
    let erased = block_on(verifier.customers().erase(&alice()));
    assert!(matches!(erased, Err(Error::Invalid(Invalid::PaymentOpen))), "{erased:?}");
    let left = block_on(verifier.payments().list(&alice(), Page::first())).unwrap().items;
    assert_eq!((left.len(), left[0].status), (1, PaymentStatus::Requested));
}

/// A payment that this process cannot open may be open.
#[test]
fn a_process_without_the_newest_key_erases_no_payment() {
    let bank = bank();
    let newer = with_a_newer_key(&bank);
    block_on(newer.payments().request(&bob_rings("call-1"), &bill("p-1"))).unwrap();
    let erased = block_on(bank.verifier.customers().erase(&alice()));
    assert!(matches!(erased, Err(Error::Record(RecordError::UnknownKey(_)))), "{erased:?}");
    let left = block_on(newer.payments().list(&alice(), Page::first())).unwrap();
    assert_eq!(left.items.len(), 1);
}

/// Nor does it take an anchor for a damaged one.
#[test]
fn a_process_without_the_newest_key_begins_no_anchor_anew() {
    let bank = bank();
    let newer = with_a_newer_key(&bank);
    let held = block_on(newer.credentials().import(&alice(), &fob())).unwrap();
    block_on(newer.credentials().revoke(&alice(), &held.id)).unwrap();
    block_on(newer.customers().hold(&alice())).unwrap();
    let before = block_on(newer.customers().standing(&alice())).unwrap();
    let reconciled = block_on(bank.verifier.customers().reconcile(&alice()));
    assert!(matches!(reconciled, Err(Error::Record(RecordError::UnknownKey(_)))));
    assert_eq!(block_on(newer.customers().standing(&alice())).unwrap(), before);
    assert_eq!(before.revoked_fobs, [held.id]);
}

/// A fob that is revoked while it is being imported stays revoked.
#[test]
fn a_fob_that_is_revoked_during_its_import_stays_revoked() {
    let mut met = 0;
    for at in 0..25 {
        let bank = bank();
        let (fob, alice_, credentials) = (fob(), alice(), bank.verifier.credentials());
        bank.store.plan(at, Fault::Delay(5));
        let mut import = pin!(credentials.import(&alice_, &fob));
        if polled(import.as_mut(), 2).is_some() {
            break;
        }
        let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
        let Some(id) = standing.missing.first() else { continue };
        assert_eq!(revoke(&bank, *id), Revoked, "{at}");
        let _ = polled(import.as_mut(), 1000).unwrap();
        // Whoever looks next finishes it.
        let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
        assert_eq!((standing.bound, standing.revoked_fobs), (vec![], vec![*id]), "{at}");
        assert_eq!(active(&bank), 0, "{at}: {:?}", statuses(&bank));
        met += 1;
    }
    assert!(met > 0);
}

/// The thief's confirmation is on its way while the customer is reconciled.
#[test]
fn of_two_that_the_session_began_one_is_bound_though_the_customer_is_reconciled_meanwhile() {
    for at in 0..14 {
        let bank = bank();
        let (theirs, own) = (begun(&bank, "thief", 3), begun(&bank, "app", 4));
        let (code, alice_, id) = (first_code(&theirs, "2468"), alice(), theirs.id());
        bank.store.plan(at, Fault::Delay(5));
        let credentials = bank.verifier.credentials();
        let mut confirmation = pin!(credentials.confirm(&alice_, &id, &code));
        if polled(confirmation.as_mut(), 2).is_some() {
            return;
        }
        block_on(bank.verifier.customers().reconcile(&alice())).unwrap();
        let _ = confirm(&bank, &own);
        let _ = polled(confirmation.as_mut(), 1000).unwrap();
        assert_eq!(active(&bank), 1, "{at}: {:?}", statuses(&bank));
    }
}

/// One flipped bit locks nobody out for good.
#[test]
fn a_bound_row_that_is_damaged_can_be_revoked_and_reconciled() {
    let bank = bank();
    let (held, _) = block_on(app(&bank));
    let bent = |(at, row): (Place, Record)| {
        let mut sealed = row.sealed.to_vec();
        if at.id.as_slice() == bytes_of(held.id) {
            *sealed.last_mut().unwrap() ^= 1;
        }
        (at, Record { sealed: sealed.into(), ..row })
    };
    let rows: Vec<_> = bank.store.records().into_iter().map(bent).collect();
    let bank = block_on(over(&bank, rows.clone(), None));
    let customers = bank.verifier.customers();
    let standing = block_on(customers.standing(&alice())).unwrap();
    assert_eq!((standing.bound, standing.missing), (vec![held.id], vec![held.id]));
    // The session binds nothing; the back end's word does.
    let alone = block_on(bank.verifier.credentials().enrol(&alice(), &thief("t")));
    assert!(matches!(alone, Err(Error::Record(RecordError::Damaged))), "{alone:?}");
    let vouched = block_on(bank.verifier.credentials().enrol(&alice(), &thief("n").vouched_for()));
    assert_eq!(vouched.unwrap().credential.status, Pending);
    assert_eq!(revoke(&bank, held.id), Revoked);

    let bank = block_on(over(&bank, rows, None));
    let standing = block_on(bank.verifier.customers().reconcile(&alice())).unwrap();
    assert_eq!((standing.bound, standing.missing), (vec![], vec![]));
    let app = begun(&bank, "t", 3);
    assert_eq!(confirm(&bank, &app).unwrap(), Active);
}

/// Who has begun anew is not erased by the second look at the erasure before.
#[test]
fn the_remainder_of_an_erasure_takes_nothing_of_a_customer_who_has_begun_anew() {
    let bank = bank();
    block_on(app(&bank));
    let customers = bank.verifier.customers();
    refused(block_on(customers.erase_remainder(&alice())));
    assert_eq!(block_on(customers.erase(&alice())).unwrap().records, 1);
    assert_eq!(block_on(customers.erase_remainder(&alice())).unwrap().records, 1);
    let (held, _) = block_on(app(&bank));
    bank.clock.advance(HOUR);
    refused(block_on(customers.erase_remainder(&alice())));
    assert_eq!(statuses(&bank), [(held.id, Active)]);
}

/// What is answered with a revoked fob is no word that readmits anybody.
#[test]
fn importing_a_revoked_fob_readmits_nobody() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let held = block_on(credentials.import(&alice(), &fob())).unwrap();
    revoke(&bank, held.id);
    block_on(bank.verifier.customers().erase(&alice())).unwrap();
    assert_eq!(block_on(credentials.import(&alice(), &fob())).unwrap().status, Revoked);
    let standing = block_on(bank.verifier.customers().standing(&alice())).unwrap();
    assert_eq!(standing.erased, Some(START));
    refused(block_on(credentials.enrol(&alice(), &thief("t"))));
}

/// The back end's word of before the loss may have been taken back in it.
#[test]
fn attack_25_a_word_of_before_a_loss_binds_nothing_after_it() {
    let bank = bank();
    let vouched = thief("app").vouched_for();
    let given = block_on(bank.verifier.credentials().enrol(&alice(), &vouched)).unwrap();
    let app = device_of(&given, 3);
    let backup = bank.store.records();
    bank.clock.advance(MINUTE);
    confirm(&bank, &app).unwrap();
    revoke(&bank, app.id());
    let lost = Window::new(START, START.after(MINUTE)).unwrap();
    let told = block_on(over(&bank, backup, Some(lost)));
    not_reconciled(confirm(&told, &app));
}

/// A key that this process lacks (it was retired too early, or is not distributed yet) keeps nobody from revoking what can be
/// opened, as a stolen phone must be; what cannot be opened is settled by nobody here, and counts.
#[test]
fn a_row_under_a_key_that_is_missing_keeps_nobody_from_revoking_another() {
    let bank = bank();
    let (kept, _) = block_on(app(&bank));
    let stolen = block_on(bank.verifier.credentials().import(&alice(), &fob())).unwrap().id;
    let before = bank.store.records();
    let newer = with_a_newer_key(&bank);
    assert!(block_on(newer.reseal(100)).unwrap().resealed >= 3);
    let resealed = bank.store.records();
    let is_kept = |at: &Place| at.id.as_slice() == bytes_of(kept.id);
    let rows = before.iter().filter(|(at, _)| !is_kept(at));
    let rows: Vec<_> = rows.chain(resealed.iter().filter(|(at, _)| is_kept(at))).cloned().collect();
    assert_eq!(rows.len(), before.len());
    let bank = block_on(over(&bank, rows, None));
    let customers = bank.verifier.customers();

    let standing = block_on(customers.standing(&alice())).unwrap();
    assert_eq!((standing.missing, standing.unreadable), (vec![], vec![kept.id]));
    assert_eq!(standing.bound, [kept.id, stolen]);
    assert_eq!(block_on(customers.export(&alice())).unwrap().unreadable, 1);
    assert_eq!(revoke(&bank, stolen), Revoked);
    let standing = block_on(customers.standing(&alice())).unwrap();
    assert_eq!((standing.bound, standing.unfinished), (vec![kept.id], vec![]));
    // It is there, for all that anybody here knows: it is neither given up nor replaced, and not revoked in name only.
    let unknown = |error| matches!(error, Error::Record(RecordError::UnknownKey(_)));
    let revoked = block_on(bank.verifier.credentials().revoke(&alice(), &kept.id));
    assert!(unknown(revoked.unwrap_err()));
    assert!(unknown(block_on(customers.reconcile(&alice())).unwrap_err()));
    let thiefs = EnrolmentRequest::delivered(request("thief"));
    assert!(unknown(block_on(bank.verifier.credentials().enrol(&alice(), &thiefs)).unwrap_err()));
    // Whoever has the key has it as before.
    let newer = with_a_newer_key(&bank);
    let standing = block_on(newer.customers().standing(&alice())).unwrap();
    assert_eq!((standing.bound, standing.unreadable), (vec![kept.id], vec![]));
}

/// A session that begins ten thousand enrolments makes none of those that follow slow: they are looked through once.
#[test]
fn many_enrolments_that_ended_are_looked_through_once() {
    let calls = |past: usize| {
        let bank = bank();
        let credentials = bank.verifier.credentials();
        let round = |n: String| {
            let new = EnrolmentRequest::delivered(request(&n)).vouched_for();
            let enrolled = block_on(credentials.enrol(&alice(), &new)).unwrap();
            block_on(credentials.revoke(&alice(), &enrolled.credential.id)).unwrap();
        };
        for n in 0..past {
            round(format!("past-{n}"));
        }
        round("once-more".to_owned());
        let before = bank.store.calls();
        round("new".to_owned());
        bank.store.calls() - before
    };
    let few = calls(10);
    // The first time notes what was seen, which spares a look from then on.
    for past in [105, 350] {
        let many = calls(past);
        assert!(many <= few, "{many} calls after {past}, {few} after 10");
    }
}

/// A process that cannot open a record that shows a key that signs does not note for good that there was none.
#[test]
fn what_a_process_without_a_key_cannot_see_is_not_noted_as_absent() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    for n in 0..110 {
        let new = EnrolmentRequest::delivered(request(&format!("r-{n}"))).vouched_for();
        let enrolled = block_on(credentials.enrol(&alice(), &new)).unwrap();
        block_on(credentials.revoke(&alice(), &enrolled.credential.id)).unwrap();
    }
    let enrolment = EnrolmentRequest::device_key(request("phone")).vouched_for();
    let phone = block_on(bound(&bank, &enrolment, &PrivateKey::ed25519(9)));
    block_on(credentials.revoke(&alice(), &phone.id)).unwrap();
    let before = bank.store.records();
    let newer = with_a_newer_key(&bank);
    while block_on(newer.reseal(1000)).unwrap().resealed > 0 {}
    let resealed = bank.store.records();
    let is_phone = |at: &Place| at.id.as_slice() == bytes_of(phone.id);
    let rows = before.iter().filter(|(at, _)| !is_phone(at) && !is_anchor(at));
    let rows: Vec<_> =
        rows.chain(resealed.iter().filter(|(at, _)| is_phone(at))).cloned().collect();
    assert_eq!(rows.len(), before.len() - 1, "the anchor is lost");
    let bank = block_on(over(&bank, rows, None));
    let _ = block_on(bank.verifier.customers().standing(&alice())).unwrap();
    let newer = with_a_newer_key(&bank);
    assert!(block_on(newer.customers().standing(&alice())).unwrap().floor);
}
