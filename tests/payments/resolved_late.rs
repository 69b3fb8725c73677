//! A person's word of a payment that the acquirer was asked about anew since: the word is older than what may come.

use std::pin::pin;
use std::time::Duration;

use countersign::payment::{ChargeOutcome, PaymentOutcome};
use countersign::store::Fault;
use countersign::vault::{KeysHonoured, Resolution};
use countersign::{Error, Window};

use crate::habits::{Own, SOFT, is_authorised, sealed_as, vault_from};
use crate::support::crashes::{finish, started, until_death};
use crate::support::dying::polled;
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

const DONE: &str = "txn-77";

fn words() -> [Resolution; 2] {
    [Resolution::NotDone, Resolution::Done { id: DONE.to_owned(), amount: None }]
}

/// One that tells nothing, and honours keys for ever.
fn silent(of: &crate::support::crashes::Started) -> Psp {
    Psp::new(&of.scene.clock).finding(Finds::Never).honouring(KeysHonoured::Always)
}

/// While the word is being noted, the device comes back, the acquirer charges, and the process that asked it dies.
#[test]
fn a_persons_word_says_nothing_of_what_was_asked_for_while_it_was_noted() {
    let mut refusals = 0;
    for said in words() {
        for at in 0..8 {
            let of = started();
            let own = Own::new(silent(&of));
            own.psp.plan(0, Trouble::Before);
            let receipt = of.pay(&own).unwrap().unwrap().receipt;
            assert_eq!(*receipt.outcome(), ChargeOutcome::Unresolved);
            of.scene.clock.advance(SURELY);
            of.scene.store.plan(at, Fault::Delay(50));
            let vault = &of.scene.vault;
            let customer = alice();
            let mut word = pin!(vault.resolve_payment(&customer, &receipt, &said));
            if polled(word.as_mut(), 20).is_some() {
                continue;
            }
            of.scene.store.heal();
            own.hold(1, true);
            let dies = Box::pin(vault.pay(&ALICE, &of.asked.token, &of.sealed, &own));
            assert!(until_death(dies).is_none_or(|done| done.is_ok()));
            let noted = until_death(word).unwrap();
            if own.psp.charges() == 0 {
                continue;
            }
            refused(noted);
            refusals += 1;
            assert_eq!(
                *of.receipt().unwrap().outcome(),
                ChargeOutcome::Unresolved,
                "{said:?} {at}"
            );
            own.psp.book().finds = Finds::AtOnce;
            own.hold(1, false);
            of.scene.clock.advance(SURELY);
            assert!(matches!(of.settled(&own), PaymentOutcome::Authorised { .. }), "{said:?} {at}");
        }
    }
    assert!(refusals >= 4, "{refusals}");
}

/// The process that asked first died, and so did the one that asked again: the first receipt is not the newest.
#[test]
fn a_receipt_from_before_the_acquirer_was_asked_again_is_not_the_newest() {
    for said in words() {
        let of = started();
        let psp = silent(&of);
        psp.plan(0, Trouble::DiesBefore);
        assert!(of.pay(&psp).is_none());
        let receipt = of.receipt().unwrap();
        of.scene.clock.advance(SURELY);
        // `find` comes first.
        psp.plan(1, Trouble::DiesAfter);
        assert!(of.pay(&psp).is_none());
        assert_eq!(psp.charges(), 1);
        of.scene.clock.advance(SURELY);
        let vault = &of.scene.vault;
        refused(finish(vault.resolve_payment(&alice(), &receipt, &said)));
        let newest = of.receipt().unwrap();
        assert!(newest.count() > receipt.count());
        assert_eq!(*newest.outcome(), ChargeOutcome::Unresolved);
        let done = Resolution::Done { id: DONE.to_owned(), amount: None };
        let known = finish(vault.resolve_payment(&alice(), &newest, &done)).unwrap();
        assert!(is_authorised(known.outcome()));
    }
}

/// The store was restored, and the customer may still seal another card: what is not asked for yet is not ruled out.
#[test]
fn a_card_that_may_still_be_sealed_is_not_ruled_out_by_a_persons_word() {
    let mut of = started();
    let psp = Psp::new(&of.scene.clock).moody(SOFT);
    of.pay(&psp).unwrap().unwrap();
    of.scene.clock.advance(Duration::from_secs(1));
    let lost = Window::new(START, of.scene.now()).unwrap();
    of.scene.vault = vault_from(&of.scene, &of.scene.store.records(), lost);
    of.scene.clock.advance(SURELY);
    let receipt = of.receipt().unwrap();
    let early = finish(of.scene.vault.resolve_payment(&alice(), &receipt, &Resolution::NotDone));
    assert!(matches!(early, Err(Error::Busy)), "{early:?}");
    psp.book().mood = Mood::Approves;
    let second = sealed_as(&of, 2, "456");
    let paid = finish(of.scene.vault.pay(&ALICE, &of.asked.token, &second, &psp)).unwrap();
    assert!(is_authorised(paid.receipt.outcome()), "{:?}", paid.receipt);
    assert_eq!(psp.charges(), 1);
}

/// An id that holds a card's number is masked, and not kept; no amount goes beyond what was asked for.
#[test]
fn a_persons_word_shows_no_card_number_and_no_amount_beyond() {
    for amount in [None, Some(0), Some(u64::MAX)] {
        let of = started();
        let psp = silent(&of);
        psp.plan(0, Trouble::Before);
        of.pay(&psp).unwrap().unwrap();
        of.scene.clock.advance(SURELY);
        let said = Resolution::Done { id: format!("tx {PAN} 456"), amount };
        assert!(!format!("{said:?}").contains(PAN), "{said:?}");
        let (customer, receipt) = (alice(), of.receipt().unwrap());
        let known = of.scene.vault.resolve_payment(&customer, &receipt, &said);
        let known = finish(known).unwrap();
        assert!(!format!("{known:?}").contains(PAN), "{known:?}");
        match (amount, known.outcome()) {
            (Some(0), ChargeOutcome::Unresolved) => {}
            (None | Some(u64::MAX), ChargeOutcome::Authorised { amount, transaction_id, .. }) => {
                assert_eq!(*amount, 4_200);
                assert!(!transaction_id.as_str().contains(&PAN[6..12]), "{transaction_id:?}");
            }
            other => panic!("{other:?}"),
        }
        let history = finish(of.scene.vault.payment_history(&of.asked.token)).unwrap();
        assert!(!format!("{history:?}").contains(PAN));
    }
}
