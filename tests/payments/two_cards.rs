//! Attacks with a second card of one request: sealed anew after a soft decline that was forgotten, or taken back.

use std::time::Duration;

use countersign::card::SealedCard;
use countersign::error::Invalid;
use countersign::payment::{ChargeOutcome, DeclineReason};
use countersign::vault::{AcquirerAnswer, AcquirerError, Found, KeysHonoured};
use countersign::{Error, Vault, Window};

use crate::habits::{Own, SOFT, is_authorised, sealed_as, vault_from};
use crate::support::crashes::{finish, started};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

/// A second attempt was charged after the backup, in which the first is declined softly: whether the enterprise had settled
/// that or not.
#[test]
fn attack_25_after_a_restore_a_later_attempt_is_found_though_the_request_is_over() {
    for settled in [false, true] {
        let of = started();
        let psp = Psp::new(&of.scene.clock).moody(SOFT);
        let soft = of.pay(&psp).unwrap().unwrap().receipt;
        if settled {
            finish(of.scene.vault.acknowledge(&alice(), &soft)).unwrap();
        }
        let (backup, from) = (of.scene.store.records(), of.scene.now());
        of.scene.clock.set(of.asked.payment.until.before(Duration::from_secs(2)));
        psp.book().mood = Mood::Approves;
        let second = sealed_as(&of, 2, "456");
        let pay = |vault: &Vault| finish(vault.pay(&ALICE, &of.asked.token, &second, &psp));
        assert!(is_authorised(pay(&of.scene.vault).unwrap().receipt.outcome()));
        of.scene.clock.advance(Duration::from_secs(1));
        let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
        // While the device may come back with it, it is left to that.
        let swept = finish(vault.reconcile(2 * HOUR, &psp)).unwrap();
        assert!(swept.receipts.iter().all(|(_, receipt)| !is_authorised(receipt.outcome())));
        of.scene.clock.advance(HOUR);
        let swept = finish(vault.reconcile(2 * HOUR, &psp)).unwrap();
        let receipt = &swept.receipts[0].1;
        assert!(is_authorised(receipt.outcome()), "by a sweep: {swept:?}");
        assert_eq!(psp.charges(), 1);
    }
}

/// The acquirer takes its soft decline back while the second card is authorised: the first to be known stands, and the other
/// is given up once no more can come of it.
#[tokio::test]
async fn attack_both_cards_of_a_request_are_never_charged() {
    for approved in [true, false] {
        let of = started();
        let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Approves));
        // The first call is authorised, and slow to note it.
        own.hold(1, true);
        let pay = |sealed: &SealedCard| {
            let (vault, token) = (of.scene.vault.clone(), of.asked.token.clone());
            let (sealed, own) = (sealed.clone(), own.clone());
            tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &own).await })
        };
        let first = pay(&of.sealed);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        // The device repeats, and hears of a soft decline; the customer types the code again.
        *own.finds.lock().unwrap() =
            Some(|| Found::Answered(AcquirerAnswer::soft_declined(DeclineReason::WrongDetails)));
        let soft = pay(&of.sealed).await.unwrap().unwrap();
        assert!(matches!(soft.receipt.outcome(), ChargeOutcome::SoftDeclined(_)));
        *own.finds.lock().unwrap() = Some(|| Found::Unknown);
        if !approved {
            own.psp.plan(0, Trouble::Late);
        }
        let vault = of.scene.vault.clone();
        let second = sealed_as(&of, 2, "456");
        let (token, psp) = (of.asked.token.clone(), own.psp.clone());
        let later = vault.pay(&ALICE, &token, &second, &psp).await.unwrap();
        assert_eq!(is_authorised(later.receipt.outcome()), approved);
        own.hold(1, false);
        let known = first.await.unwrap();
        *own.finds.lock().unwrap() = None;
        own.psp.land();
        let held = if approved { 1 } else { 2 };
        assert_eq!(own.psp.charges(), held, "{known:?}");
        let told = vault.details(&token).await.unwrap().unwrap();
        assert!(told.held_beside, "it is told");
        // Settling the receipt does not end it, nor does the end of the request, as long as it is not given up.
        own.psp.book().undoes = Some(AcquirerError::Unsupported);
        for time in [SURELY, 2 * HOUR] {
            let receipt = vault.receipt(&token).await.unwrap().unwrap();
            vault.acknowledge(&alice(), &receipt).await.unwrap();
            of.scene.clock.advance(time);
            assert!(vault.reconcile(3 * HOUR, &own).await.unwrap().receipts.is_empty());
            assert_eq!(own.psp.charges(), held);
            let erased = vault.erase(&alice()).await;
            assert!(matches!(erased, Err(Error::Invalid(Invalid::PaymentOpen))), "{erased:?}");
        }
        own.psp.book().undoes = None;
        let swept = vault.reconcile(3 * HOUR, &own).await.unwrap();
        assert!(is_authorised(swept.receipts[0].1.outcome()), "{swept:?}");
        assert_eq!(own.psp.charges(), 1);
        assert!(!vault.details(&token).await.unwrap().unwrap().held_beside);
        // Acts go to the one that stands.
        vault.void(&alice(), &swept.receipts[0].1, 4_200, &request("v-1"), &own).await.unwrap();
        assert_eq!(own.psp.charges(), 0);
    }
}

/// The acquirer takes its soft decline back, when the second card is authorised already.
#[tokio::test]
async fn attack_a_soft_decline_that_is_taken_back_is_given_up_or_told() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(SOFT));
    // The first call finds an approval, and is slow to note it.
    own.hold(1, true);
    let pay = |sealed: &SealedCard| {
        let (vault, token) = (of.scene.vault.clone(), of.asked.token.clone());
        let (sealed, own) = (sealed.clone(), own.clone());
        tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &own).await })
    };
    let first = pay(&of.sealed);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    // The device repeats, and hears of a soft decline.
    pay(&of.sealed).await.unwrap().unwrap();
    own.psp.book().mood = Mood::Approves;
    own.hold(1, false);
    first.await.unwrap().unwrap();
    assert_eq!(own.psp.charges(), 0);
}

/// The same while the second card is being given up: then both are.
#[tokio::test]
async fn attack_a_soft_decline_that_is_taken_back_late_holds_no_money() {
    let of = started();
    let own = Own::new(Psp::new(&of.scene.clock).moody(Mood::Approves));
    own.hold(1, true);
    let (vault, token) = (of.scene.vault.clone(), of.asked.token.clone());
    let first = tokio::spawn({
        let (vault, token, sealed, own) =
            (vault.clone(), token.clone(), of.sealed.clone(), own.clone());
        async move { vault.pay(&ALICE, &token, &sealed, &own).await }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    *own.finds.lock().unwrap() =
        Some(|| Found::Answered(AcquirerAnswer::soft_declined(DeclineReason::WrongDetails)));
    vault.pay(&ALICE, &token, &of.sealed, &own).await.unwrap();
    *own.finds.lock().unwrap() = Some(|| Found::Unknown);
    own.psp.book().mood = Mood::Mumbles { holds: true };
    own.psp.book().undoes = Some(AcquirerError::InDoubt);
    let second = sealed_as(&of, 2, "456");
    let psp = own.psp.clone().finding(Finds::Never);
    let later = vault.pay(&ALICE, &token, &second, &psp).await.unwrap();
    assert_eq!(*later.receipt.outcome(), ChargeOutcome::Unresolved);
    own.hold(1, false);
    first.await.unwrap().unwrap();
    assert_eq!(own.psp.charges(), 2);
    own.psp.book().undoes = None;
    of.scene.clock.advance(SURELY);
    for _ in 0..2 {
        vault.reconcile(HOUR, &own).await.unwrap();
    }
    assert_eq!(own.psp.charges(), 0);
    let receipt = vault.receipt(&token).await.unwrap().unwrap();
    assert_eq!(*receipt.outcome(), ChargeOutcome::Declined(DeclineReason::Other));
    assert!(!vault.details(&token).await.unwrap().unwrap().held_beside);
}

/// The same by an acquirer that finds charges and nothing else, and a device whose first call is delivered once more.
#[test]
fn attack_25_after_a_restore_an_earlier_card_is_not_charged_beside_a_later_one() {
    for forged in 1..=3 {
        let of = started();
        let mut own = Own::new(Psp::new(&of.scene.clock).moody(SOFT));
        own.only_charges = true;
        let (backup, from) = (of.scene.store.records(), of.scene.now());
        let pay = |vault: &Vault, sealed: &SealedCard| {
            finish(vault.pay(&ALICE, &of.asked.token, sealed, &own))
        };
        pay(&of.scene.vault, &of.sealed).unwrap();
        own.psp.book().mood = Mood::Approves;
        let second = sealed_as(&of, 2, "456");
        assert!(is_authorised(pay(&of.scene.vault, &second).unwrap().receipt.outcome()));
        of.scene.clock.advance(Duration::from_secs(1));
        let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
        of.scene.clock.advance(SURELY);
        let again = match forged {
            1 => of.sealed.clone(),
            2 => second,
            other => sealed_as(&of, other, "456"),
        };
        for _ in 0..3 {
            let paid = pay(&vault, &again);
            assert_eq!(own.psp.charges(), 1, "{forged}: {paid:?}");
            of.scene.clock.advance(SURELY);
        }
        // Nor does a sweep say that nothing was charged.
        let swept = finish(vault.reconcile(HOUR, &own)).unwrap();
        for (_, receipt) in &swept.receipts {
            let said = receipt.outcome();
            assert!(!matches!(said, ChargeOutcome::Declined(_)), "{forged}: {said:?}");
        }
    }
}

/// Two attempts were made, and the second was authorised; of both the store knows nothing any more. The device names a third.
#[test]
fn attack_25_after_a_restore_a_device_that_counts_on_is_not_charged_a_second_time() {
    for honours in [KeysHonoured::Always, KeysHonoured::Never] {
        for finds in [Finds::AtOnce, Finds::Never] {
            for forged in [1, 2, 3, 10] {
                let of = started();
                let psp = Psp::new(&of.scene.clock).moody(SOFT).finding(finds).honouring(honours);
                let (backup, from) = (of.scene.store.records(), of.scene.now());
                of.pay(&psp).unwrap().unwrap();
                psp.book().mood = Mood::Approves;
                let pay = |vault: &Vault, attempt| {
                    let sealed = sealed_as(&of, attempt, "456");
                    finish(vault.pay(&ALICE, &of.asked.token, &sealed, &psp))
                };
                assert!(is_authorised(pay(&of.scene.vault, 2).unwrap().receipt.outcome()));
                of.scene.clock.advance(Duration::from_secs(1));
                let lost = Window::new(from, of.scene.now()).unwrap();
                let vault = vault_from(&of.scene, &backup, lost);
                for _ in 0..3 {
                    let paid = pay(&vault, forged);
                    let case = format!("{honours:?} {finds:?} {forged}: {paid:?}");
                    assert_eq!(psp.charges(), 1, "{case}");
                    of.scene.clock.advance(SURELY);
                }
            }
        }
    }
}
