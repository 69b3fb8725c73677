//! After a restore: what the acquirer knows of a second card becomes known, whatever the backup says of the first.

use std::time::Duration;

use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::{AcquirerAnswer, AcquirerError, Found, KeysHonoured};
use countersign::{Vault, Window};

use crate::habits::{Own, SOFT, Telling, is_authorised, sealed_as, vault_from};
use crate::support::crashes::{Started, finish, started};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

/// What the backup says of the first card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    /// Nothing, and its call is delivered again.
    Nothing,
    /// It is being asked about.
    Asked,
    /// Its answer was lost.
    Unresolved,
}

const FIRST: [First; 3] = [First::Nothing, First::Asked, First::Unresolved];

/// A first card was declined softly, and a second paid with, of which the restored store knows nothing.
struct Restored {
    of: Started,
    own: Own,
    vault: Vault,
}

fn restored(first: First, own: impl FnOnce(Psp) -> Own, second: impl FnOnce(&Own)) -> Restored {
    let of = started();
    let own = own(Psp::new(&of.scene.clock).moody(SOFT));
    let pay = |vault: &Vault, sealed| finish(vault.pay(&ALICE, &of.asked.token, sealed, &own));
    let from = of.scene.now();
    let before = of.scene.store.records();
    let backup = match first {
        First::Nothing => before,
        First::Asked => {
            own.psp.plan(0, Trouble::DiesAfter);
            assert!(of.pay(&own).is_none());
            of.scene.store.records()
        }
        First::Unresolved => {
            own.psp.book().finds = Finds::Never;
            own.psp.plan(0, Trouble::After);
            let doubt = of.pay(&own).unwrap().unwrap();
            assert_eq!(*doubt.receipt.outcome(), ChargeOutcome::Unresolved);
            own.psp.book().finds = Finds::AtOnce;
            of.scene.store.records()
        }
    };
    of.scene.clock.advance(SURELY);
    let soft = pay(&of.scene.vault, &of.sealed).unwrap();
    assert!(matches!(soft.receipt.outcome(), ChargeOutcome::SoftDeclined(_)), "{soft:?}");
    second(&own);
    pay(&of.scene.vault, &sealed_as(&of, 2, "456")).unwrap();
    own.psp.book().undoes = None;
    of.scene.clock.advance(Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    Restored { of, own, vault }
}

impl Restored {
    fn pay(&self, sealed: &countersign::card::SealedCard) -> ChargeOutcome {
        let paid = finish(self.vault.pay(&ALICE, &self.of.asked.token, sealed, &self.own));
        paid.unwrap().receipt.outcome().clone()
    }

    /// What the enterprise knows once the receipts of a sweep have reached it.
    fn swept(&self) -> PaymentOutcome {
        let payments = self.of.scene.verifier.payments();
        let swept = finish(self.vault.reconcile(4 * HOUR, &self.own)).unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        for (customer, receipt) in swept.receipts {
            finish(payments.apply_receipt(&customer, &receipt)).unwrap();
            finish(self.vault.acknowledge(&customer, &receipt)).unwrap();
        }
        finish(payments.outcome(&bob_rings(), &self.of.asked.payment.id)).unwrap()
    }

    fn held_beside(&self) -> bool {
        finish(self.vault.details(&self.of.asked.token)).unwrap().unwrap().held_beside
    }

    /// All that may be on its way has come, and no card can be given any more.
    fn is_over(&self) {
        self.of.scene.clock.advance(HOUR);
    }
}

fn finding(only_charges: bool, keys: KeysHonoured) -> impl FnOnce(Psp) -> Own {
    move |psp| Own { only_charges, ..Own::new(psp.honouring(keys)) }
}

const KEYS: [KeysHonoured; 2] = [KeysHonoured::Always, KeysHonoured::Never];

/// By sweeps alone, or after the first card's call was delivered once more.
#[test]
fn attack_25_after_a_restore_a_second_card_is_found_whatever_is_noted_of_the_first() {
    for (only_charges, keys) in [false, true].map(|one| KEYS.map(|keys| (one, keys))).concat() {
        for (first, delivered) in FIRST.map(|first| [(first, false), (first, true)]).concat() {
            if first == First::Nothing && !delivered {
                // There is no payment to sweep.
                continue;
            }
            let approves = |own: &Own| own.psp.book().mood = Mood::Approves;
            let of = restored(first, finding(only_charges, keys), approves);
            let case = format!("{only_charges} {keys:?} {first:?} {delivered}");
            let asked = of.own.psp.called("authorise");
            of.of.scene.clock.advance(SURELY);
            if delivered {
                let known = of.pay(&of.of.sealed);
                assert!(!matches!(known, ChargeOutcome::Declined(_)), "{case}: {known:?}");
            }
            let known = of.swept();
            assert!(!matches!(known, PaymentOutcome::Declined(_)), "{case}: {known:?}");
            of.is_over();
            let known = [of.swept(), of.swept()];
            let is_known = |known| matches!(known, PaymentOutcome::Authorised { .. });
            assert!(known.iter().cloned().all(is_known), "{case}: {known:?}");
            assert_eq!(of.own.psp.book().charges.len(), 1, "{case}");
            assert_eq!((of.own.psp.charges(), of.held_beside()), (1, false), "{case}");
            assert_eq!(of.own.psp.called("authorise"), asked, "{case}");
        }
    }
}

/// What the acquirer knows of the second card is told at once, though the first may be on its way.
#[test]
fn attack_25_after_a_restore_a_second_card_is_told_at_once_where_nothing_is_found_of_the_first() {
    for first in [First::Asked, First::Unresolved] {
        let approves = |own: &Own| own.psp.book().mood = Mood::Approves;
        let of = restored(first, finding(true, KeysHonoured::Never), approves);
        assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }), "{first:?}");
        // The first may still come.
        assert!(of.held_beside(), "{first:?}");
        of.of.scene.clock.advance(SURELY);
        assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }), "{first:?}");
        assert_eq!((of.own.psp.charges(), of.held_beside()), (1, false), "{first:?}");
    }
}

/// Its index shows the first card's fate up to now, and nothing yet of the second.
#[test]
fn attack_25_after_a_restore_an_index_that_lags_for_a_second_card_says_nothing() {
    let lags: Telling = |psp, sought| {
        let charged = psp.book().charges.iter().any(|charge| charge.reference == sought.key());
        charged.then_some(Found::NothingUntil(START))
    };
    for first in [First::Asked, First::Unresolved] {
        let approves = |own: &Own| own.psp.book().mood = Mood::Approves;
        let own = |psp| Own { tells: Some(lags), ..finding(true, KeysHonoured::Never)(psp) };
        let mut of = restored(first, own, approves);
        of.of.scene.clock.advance(SURELY);
        assert_eq!(of.swept(), PaymentOutcome::Unresolved, "{first:?}");
        assert_eq!(of.pay(&of.of.sealed), ChargeOutcome::Unresolved, "{first:?}");
        assert_eq!((of.own.psp.charges(), of.own.psp.book().charges.len()), (1, 1), "{first:?}");
        of.own.tells = None;
        assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }), "{first:?}");
    }
}

/// The device comes back with the second card once a sweep has heard of the first one's soft decline.
#[test]
fn attack_25_after_a_restore_a_device_with_a_second_card_is_told_that_it_was_charged() {
    for first in FIRST {
        let approves = |own: &Own| own.psp.book().mood = Mood::Approves;
        let of = restored(first, finding(false, KeysHonoured::Never), approves);
        of.of.scene.clock.advance(SURELY);
        let soft = PaymentOutcome::SoftDeclined(DeclineReason::WrongDetails);
        if first != First::Nothing {
            assert_eq!(of.swept(), soft, "{first:?}");
        }
        let second = sealed_as(&of.of, 2, "456");
        assert!(is_authorised(&of.pay(&second)), "{first:?}");
        assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }), "{first:?}");
        assert_eq!(of.own.psp.book().charges.len(), 1, "{first:?}");
    }
}

/// Of the second card a part was approved, and the vault went before it had that given up; at an acquirer that finds nothing
/// of it afterwards, and at one that tells its first answer for ever.
#[test]
fn attack_25_after_a_restore_a_part_of_a_second_card_is_found_and_given_up() {
    let remembers: Telling = |psp, sought| {
        let book = psp.book();
        let held = book.charges.iter().find(|charge| charge.reference == sought.key())?;
        let answer = AcquirerAnswer::approved("A1B2C3", held.id.clone());
        Some(Found::Answered(answer.for_amount(held.amount)))
    };
    for (only_charges, tells) in
        [false, true].map(|one| [(one, None), (one, Some(remembers))]).concat()
    {
        for first in FIRST {
            let part = |own: &Own| {
                own.psp.book().mood = Mood::ApprovesPart(2_000);
                own.psp.book().undoes = Some(AcquirerError::InDoubt);
            };
            let own = |psp| Own { tells, ..finding(only_charges, KeysHonoured::Never)(psp) };
            let of = restored(first, own, part);
            of.own.psp.book().mood = SOFT;
            let case = format!("{only_charges} {} {first:?}", tells.is_some());
            assert_eq!(of.own.psp.charges(), 1, "{case}");
            of.of.scene.clock.advance(SURELY);
            if first == First::Nothing {
                of.pay(&of.of.sealed);
            }
            of.is_over();
            for _ in 0..3 {
                of.swept();
                of.of.scene.clock.advance(SURELY);
            }
            assert_eq!((of.own.psp.charges(), of.held_beside()), (0, false), "{case}");
            let calls = of.own.psp.called("reverse");
            let why = match only_charges {
                false => DeclineReason::WrongDetails,
                true => DeclineReason::NotCharged,
            };
            for _ in 0..2 {
                assert_eq!(of.swept(), PaymentOutcome::Declined(why), "{case}");
            }
            assert_eq!(of.own.psp.called("reverse"), calls, "{case}");
        }
    }
}
