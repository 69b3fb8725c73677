//! What a sweep tells, and to whom: what is in doubt though something fails, waits for nobody, or is of a card that was
//! forgotten; what cannot be read; and all of it to whoever has it handed out piece by piece.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, Receipt};
use countersign::store::Fault;
use countersign::vault::{Found, Missed, Reconciled, Swept};
use countersign::{Error, Vault, Window};

use crate::habits::{Own, SOFT, is_authorised, sealed_as, vault_from};
use crate::support::crashes::{Started, finish, started};
use crate::support::kms::{Does, Kms};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

fn told(
    of: &Started,
) -> Vec<(countersign::CustomerId, countersign::PaymentId, countersign::Timestamp)> {
    vec![(alice(), of.asked.payment.id, of.asked.payment.requested_at)]
}

/// A sweep of the last hour, whose receipts are settled.
fn swept(vault: &Vault, psp: &Psp) -> Reconciled {
    let swept = finish(vault.reconcile(HOUR, psp)).unwrap();
    assert!(swept.failed.is_none(), "{swept:?}");
    for (customer, receipt) in &swept.receipts {
        finish(vault.acknowledge(customer, receipt)).unwrap();
    }
    swept
}

/// The vault was restored, and the acquirer says nothing: the customer cannot authenticate any more, and may have been charged.
#[test]
fn a_payment_whose_customer_can_authenticate_no_more_does_not_wait_for_them() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    let backup = of.scene.store.records();
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(START, of.scene.now()).unwrap());
    psp.book().finds = Finds::Never;
    assert_eq!(swept(&vault, &psp).in_doubt, []);
    of.scene.clock.advance(Duration::from_secs(300));
    for _ in 0..30 {
        assert_eq!(swept(&vault, &psp).in_doubt, told(&of));
        of.scene.clock.advance(HOUR);
    }
    psp.book().finds = Finds::AtOnce;
    let known = swept(&vault, &psp);
    assert_eq!((known.in_doubt.len(), known.receipts.len()), (0, 1));
}

/// The backup has a soft decline, which the enterprise had settled; a second card was charged since. The acquirer cannot say
/// so when it is asked first, and for days.
#[test]
fn a_later_card_of_which_the_acquirer_says_nothing_is_told_and_asked_about_until_it_does() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(SOFT);
    let soft = of.pay(&psp).unwrap().unwrap().receipt;
    finish(of.scene.vault.acknowledge(&alice(), &soft)).unwrap();
    let (backup, from) = (of.scene.store.records(), of.scene.now());
    of.scene.clock.advance(MINUTE);
    psp.book().mood = Mood::Approves;
    let second = sealed_as(&of, 2, "456");
    let paid = finish(of.scene.vault.pay(&ALICE, &of.asked.token, &second, &psp)).unwrap();
    assert!(is_authorised(paid.receipt.outcome()));
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    psp.book().finds = Finds::Never;
    // The device may come back with it.
    assert_eq!(swept(&vault, &psp).in_doubt, []);
    for _ in 0..60 {
        of.scene.clock.advance(HOUR);
        assert_eq!(swept(&vault, &psp).in_doubt, told(&of));
    }
    psp.book().finds = Finds::AtOnce;
    let known = swept(&vault, &psp);
    assert!(is_authorised(known.receipts[0].1.outcome()), "{known:?}");
    assert_eq!((known.in_doubt, psp.charges()), (Vec::new(), 1));
}

/// The same, but the second card came to nothing. What the enterprise heard of it, in a receipt that the restored vault does not
/// know, is not the last word.
#[test]
fn what_the_enterprise_heard_of_a_card_that_was_forgotten_is_not_the_last_word() {
    for mood in [Mood::Challenges, Mood::Thinks] {
        let of = started();
        let psp = Psp::new(&of.scene.clock).moody(SOFT);
        let payments = of.scene.verifier.payments();
        let apply = |receipt: &Receipt| finish(payments.apply_receipt(&ALICE, receipt)).unwrap();
        let soft = of.pay(&psp).unwrap().unwrap().receipt;
        apply(&soft);
        finish(of.scene.vault.acknowledge(&alice(), &soft)).unwrap();
        let (backup, from) = (of.scene.store.records(), of.scene.now());
        of.scene.clock.advance(MINUTE);
        psp.book().mood = mood;
        let second = sealed_as(&of, 2, "456");
        let paid = finish(of.scene.vault.pay(&ALICE, &of.asked.token, &second, &psp)).unwrap();
        apply(&paid.receipt);
        psp.ends_thinking();
        of.scene.clock.advance(Duration::from_secs(1));
        let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
        let mut given = Vec::new();
        for _ in 0..10 {
            of.scene.clock.advance(HOUR);
            let receipts = swept(&vault, &psp).receipts;
            for (_, receipt) in &receipts {
                apply(receipt);
            }
            given.push(receipts.len());
        }
        assert_eq!(given.iter().sum::<usize>(), 1, "once: {given:?}");
        let known = finish(payments.outcome(&bob_rings(), &of.asked.payment.id)).unwrap();
        assert_eq!(known, PaymentOutcome::Declined(DeclineReason::WrongDetails), "{mood:?}");
    }
}

/// Nothing was charged by a later card: it is told no more.
#[test]
fn a_later_card_that_was_not_charged_is_not_in_doubt() {
    for finds in [Finds::AtOnce, Finds::Behind(Duration::from_secs(151))] {
        let of = started();
        let psp = Psp::new(&of.scene.clock).moody(SOFT);
        of.pay(&psp).unwrap().unwrap();
        of.scene.clock.advance(Duration::from_secs(1));
        let lost = Window::new(START, of.scene.now()).unwrap();
        let vault = vault_from(&of.scene, &of.scene.store.records(), lost);
        psp.book().finds = finds;
        for _ in 0..3 {
            of.scene.clock.advance(HOUR);
            assert_eq!(swept(&vault, &psp).in_doubt, []);
        }
    }
}

/// The key management service is out of order: there is no receipt, and the doubt is told all the same.
#[test]
fn what_is_in_doubt_is_told_though_no_receipt_can_be_signed() {
    let mut of = started();
    let kms = Kms::of(6);
    of.scene.vault =
        Vault::builder_with_signer(vault_issuer(), vault_keyring(), kms.clone(), enterprise())
            .store(of.scene.store.clone())
            .clock(of.scene.clock.clone())
            .random(countersign::random::SeededRandom::new(21))
            .build()
            .unwrap();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Thinks);
    of.pay(&psp).unwrap().unwrap();
    kms.does(Does::Fail);
    let swept = finish(of.scene.vault.reconcile(HOUR, &psp)).unwrap();
    assert_eq!((swept.in_doubt, swept.receipts), (told(&of), Vec::new()));
    assert!(matches!(swept.failed.unwrap().error, Error::Signer(_)));
}

/// An act is in doubt, weeks after the payment. Whatever fails in the store from the payment's own record on, it is told.
#[test]
fn what_is_in_doubt_is_told_though_the_store_fails() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    of.scene.clock.advance(500 * HOUR);
    psp.book().finds_acts = Finds::Never;
    psp.plan(0, crate::support::psp::Trouble::After);
    let vault = &of.scene.vault;
    finish(vault.refund(&alice(), &receipt, 500, &request("a-1"), &psp)).unwrap_err();
    of.scene.clock.advance(HOUR);
    let before = of.scene.store.calls();
    assert_eq!(finish(vault.reconcile(3 * HOUR, &psp)).unwrap().in_doubt, told(&of));
    let calls = of.scene.store.calls() - before;
    let (mut missed, mut told_all_the_same) = (0, 0);
    for at in 0..calls {
        // In an hour of its own, so that each sweep has the same to write.
        of.scene.clock.advance(HOUR);
        of.scene.store.plan(at, Fault::FailBefore);
        if let Ok(swept) = finish(vault.reconcile(3 * HOUR, &psp)) {
            let failed = swept.failed.as_ref().map_or(0, |missed| missed.count);
            match swept.in_doubt.is_empty() {
                true => missed += 1,
                false => told_all_the_same += failed,
            }
        }
        of.scene.store.heal();
        assert_eq!(finish(vault.reconcile(3 * HOUR, &psp)).unwrap().in_doubt, told(&of), "{at}");
    }
    // Where the note was to be listed, or the payment to be read.
    assert!(missed <= 3, "{missed}");
    assert!(told_all_the_same > calls / 2, "{told_all_the_same} of {calls}");
}

/// Three payments, of one of which the record does not open: it is counted, and which it is and its hour are given.
#[test]
fn the_payment_that_cannot_be_read_is_given() {
    let scene = scene();
    let psp = Psp::new(&scene.clock);
    let mut all = BTreeSet::new();
    for n in 0..3 {
        let asked = finish(scene.asked(&format!("p-{n}")));
        all.insert(asked.payment.id);
        let sealed = scene.sealed(&asked, &card(), n);
        finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &psp)).unwrap();
    }
    let hour = START.before(Duration::from_secs(START.unix() % 3600));
    let mut unreadable = 0;
    for call in 0..40 {
        scene.store.plan(call, Fault::BitFlipped);
        if let Ok(swept) = finish(scene.vault.reconcile(HOUR, &psp))
            && let Some(Missed { count, error, unreadable: rows, .. }) = swept.failed
        {
            assert!(matches!(error, Error::Record(_)), "{error:?}");
            assert_eq!(rows.len(), count, "{call}");
            assert!(rows.iter().all(|row| row.hour == hour), "{rows:?}");
            // Each is told in one way.
            let told = swept.receipts.iter().map(|(_, receipt)| receipt.payment());
            let told: Vec<_> = told.chain(rows.iter().filter_map(|row| row.payment)).collect();
            assert_eq!((told.len(), BTreeSet::from_iter(told)), (3, all.clone()), "{call}");
            unreadable += count;
        }
        scene.store.heal();
    }
    assert!(unreadable > 0);
}

/// A payment of long ago is found by a note, and one of the two does not open.
#[test]
fn the_payment_that_cannot_be_read_is_given_if_a_note_names_it() {
    let of = started();
    let psp = Psp::new(&of.scene.clock);
    let receipt = of.pay(&psp).unwrap().unwrap().receipt;
    of.scene.clock.advance(500 * HOUR);
    psp.book().finds_acts = Finds::Never;
    psp.plan(0, Trouble::After);
    finish(of.scene.vault.refund(&alice(), &receipt, 500, &request("a-1"), &psp)).unwrap_err();
    let now = of.scene.now();
    let hour = now.before(Duration::from_secs(now.unix() % 3600));
    let mut named = BTreeSet::new();
    for call in 0..40 {
        of.scene.store.plan(call, Fault::BitFlipped);
        let swept = finish(of.scene.vault.reconcile(HOUR, &psp)).unwrap_or_default();
        for row in swept.failed.map(|missed| missed.unreadable).unwrap_or_default() {
            assert_eq!(row.hour, hour, "{call}");
            named.insert(row.payment);
        }
        of.scene.store.heal();
    }
    assert_eq!(named, BTreeSet::from([None, Some(of.asked.payment.id)]));
}

/// Whoever has the news handed out one by one gets the same, of what is in doubt and of what is not.
#[test]
fn the_news_of_each_payment_are_those_of_the_sweep() {
    let scene = scene();
    let psp = Psp::new(&scene.clock);
    let moods = [Mood::Approves, Mood::Thinks, SOFT, Mood::Challenges, Mood::Thinks];
    for (n, mood) in (0_u64..).zip(moods) {
        psp.book().mood = mood;
        let asked = finish(scene.asked(&format!("p-{n}")));
        let sealed = scene.sealed(&asked, &card(), n);
        let paid = finish(scene.vault.pay(&ALICE, &asked.token, &sealed, &psp)).unwrap();
        // Of the last the receipt is settled.
        if n > 3 {
            finish(scene.vault.acknowledge(&alice(), &paid.receipt)).unwrap();
        }
        assert_eq!(*paid.receipt.outcome() == ChargeOutcome::Unresolved, mood == Mood::Thinks);
    }
    let mut each: Vec<Swept> = Vec::new();
    let missed = finish(scene.vault.reconcile_each(HOUR, &psp, |one| each.push(one))).unwrap();
    assert!(missed.is_none());
    let whole = finish(scene.vault.reconcile(HOUR, &psp)).unwrap();
    let tokens = |receipts: Vec<&Receipt>| {
        receipts.into_iter().map(|one| one.token().to_owned()).collect::<BTreeSet<_>>()
    };
    let receipts = tokens(each.iter().filter_map(|one| one.receipt.as_ref()).collect());
    assert_eq!(receipts, tokens(whole.receipts.iter().map(|(_, receipt)| receipt).collect()));
    let in_doubt: Vec<_> = each
        .iter()
        .filter(|one| one.in_doubt)
        .map(|one| (one.customer.clone(), one.payment, one.requested_at))
        .collect();
    assert_eq!(in_doubt, whole.in_doubt);
    assert_eq!((each.len(), receipts.len(), in_doubt.len()), (5, 4, 2));
    for one in &each {
        assert_eq!(
            one.receipt.as_ref().map_or(one.payment, |receipt| receipt.payment()),
            one.payment
        );
    }
}

/// A payment whose outcome was only inferred, long after it was asked for: the note by which a sweep finds it is kept until what
/// came of it since is written, whatever fails.
#[test]
fn the_note_of_a_payment_is_kept_until_it_was_looked_at() {
    let mut found = 0;
    for at in 0..120 {
        let of = started();
        let own = Own::new(Psp::new(&of.scene.clock));
        own.psp.plan(0, Trouble::After);
        *own.finds.lock().unwrap() = Some(|| Found::Unknown);
        of.pay(&own).unwrap().unwrap();
        let swept = |back| {
            let swept = finish(of.scene.vault.reconcile(back, &own)).unwrap();
            for (customer, receipt) in &swept.receipts {
                finish(of.scene.vault.acknowledge(customer, receipt)).unwrap();
            }
            swept
        };
        for _ in 0..30 {
            of.scene.clock.advance(HOUR);
            assert_eq!(swept(HOUR).in_doubt, told(&of));
        }
        *own.finds.lock().unwrap() = Some(|| Found::Nothing);
        assert_eq!(swept(HOUR).in_doubt, []);
        // One note is left then: of the last hour in which something was written.
        of.scene.clock.advance(4 * HOUR);
        assert_eq!(swept(6 * HOUR).in_doubt, []);
        *own.finds.lock().unwrap() = None;
        of.scene.store.plan(at, Fault::FailBefore);
        let failed = finish(of.scene.vault.reconcile(6 * HOUR, &own));
        found += usize::from(failed.is_ok_and(|swept| swept.failed.is_some()));
        of.scene.store.heal();
        swept(6 * HOUR);
        assert!(is_authorised(of.receipt().unwrap().outcome()), "{at}");
        assert_eq!(own.psp.charges(), 1);
    }
    assert!(found > 0);
}
