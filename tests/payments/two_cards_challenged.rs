//! After a restore a customer seems to be authenticating still, though the acquirer has declined that card since, softly, and
//! authorised another: whoever comes by next is told of that one.

use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::{AcquirerError, Next};
use countersign::{Vault, Window};

use crate::habits::{Own, SOFT, is_authorised, sealed_as, vault_from};
use crate::support::crashes::{Started, finish, started};
use crate::support::psp::{Mood, Psp};
use crate::support::*;

struct Challenged {
    of: Started,
    own: Own,
    vault: Vault,
}

/// The acquirer finds charges and nothing else. What it says of the second card is set.
fn challenged(second: Mood) -> Challenged {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    let own = Own { only_charges: true, ..Own::new(psp) };
    let from = of.scene.now();
    let waits = of.pay(&own).unwrap().unwrap();
    assert!(matches!(waits.next, Some(Next::Authenticate(_))), "{waits:?}");
    let backup = of.scene.store.records();
    own.psp.book().passed = Some(true);
    own.psp.book().mood = SOFT;
    let (vault, token) = (&of.scene.vault, &of.asked.token);
    let soft = finish(vault.resume(&ALICE, token, &of.sealed, None, &own)).unwrap();
    assert!(matches!(soft.receipt.outcome(), ChargeOutcome::SoftDeclined(_)), "{soft:?}");
    own.psp.book().mood = second;
    own.psp.book().undoes = Some(AcquirerError::InDoubt);
    finish(vault.pay(&ALICE, token, &sealed_as(&of, 2, "456"), &own)).unwrap();
    own.psp.book().undoes = None;
    assert_eq!((own.psp.charges(), own.psp.called("authorise")), (1, 3));
    of.scene.clock.advance(std::time::Duration::from_secs(1));
    let vault = vault_from(&of.scene, &backup, Window::new(from, of.scene.now()).unwrap());
    Challenged { of, own, vault }
}

impl Challenged {
    fn swept(&self) -> PaymentOutcome {
        let payments = self.of.scene.verifier.payments();
        let swept = finish(self.vault.reconcile(4 * HOUR, &self.own)).unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        for (customer, receipt) in swept.receipts {
            finish(payments.apply_receipt(&customer, &receipt)).unwrap();
        }
        finish(payments.outcome(&bob_rings(), &self.of.asked.payment.id)).unwrap()
    }

    fn held_beside(&self) -> bool {
        finish(self.vault.details(&self.of.asked.token)).unwrap().unwrap().held_beside
    }
}

/// The device comes back from the first card's challenge once more: it must not be charged beside the second.
#[test]
fn attack_25_after_a_restore_who_resumes_is_told_that_another_card_was_charged() {
    let of = challenged(Mood::Approves);
    of.own.psp.book().mood = Mood::Approves;
    of.of.scene.clock.advance(SURELY);
    let token = &of.of.asked.token;
    let known = finish(of.vault.resume(&ALICE, token, &of.of.sealed, None, &of.own)).unwrap();
    assert!(is_authorised(known.receipt.outcome()), "{known:?}");
    assert_eq!((of.own.psp.charges(), of.own.psp.called("authorise")), (1, 3));
    assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }));
    assert_eq!((of.own.psp.charges(), of.held_beside()), (1, false));
    assert!(!of.own.psp.book().charges[0].undone, "the second stands");
}

/// The customer's time is over, or they failed: what waits for them is abandoned, and the other stands.
#[test]
fn attack_25_after_a_restore_what_is_abandoned_does_not_hide_that_another_card_was_charged() {
    for fails in [false, true] {
        let of = challenged(Mood::Approves);
        if fails {
            of.own.psp.book().passed = Some(false);
            of.of.scene.clock.advance(SURELY);
            let token = &of.of.asked.token;
            let known = finish(of.vault.resume(&ALICE, token, &of.of.sealed, None, &of.own));
            assert!(is_authorised(known.unwrap().receipt.outcome()));
        }
        of.of.scene.clock.advance(of.vault.policy().payments.authenticate_within);
        assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }), "{fails}");
        of.of.scene.clock.advance(SURELY);
        assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }), "{fails}");
        assert_eq!((of.own.psp.charges(), of.held_beside()), (1, false), "{fails}");
        assert_eq!(of.own.psp.called("authorise"), 3, "{fails}");
    }
}

/// Of the other card a part was approved, which nobody takes: it is given up, and so is what was abandoned.
#[test]
fn attack_25_after_a_restore_a_part_of_another_card_is_given_up_with_what_was_abandoned() {
    let of = challenged(Mood::ApprovesPart(2_000));
    of.of.scene.clock.advance(of.vault.policy().payments.authenticate_within);
    for _ in 0..3 {
        of.swept();
        of.of.scene.clock.advance(SURELY);
    }
    assert_eq!(of.swept(), PaymentOutcome::Declined(DeclineReason::NotAuthenticated));
    assert_eq!((of.own.psp.charges(), of.held_beside()), (0, false));
}
