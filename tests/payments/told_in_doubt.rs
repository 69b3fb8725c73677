//! What only a person can clear up is told by every sweep until they have, though every receipt was acknowledged.

use countersign::payment::Receipt;
use countersign::vault::{Act, Reconciled, Resolution};

use crate::support::crashes::{Started, finish, started};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

fn swept(of: &Started, psp: &Psp) -> Reconciled {
    let swept = finish(of.scene.vault.reconcile(3 * HOUR, psp)).unwrap();
    assert!(swept.failed.is_none(), "{swept:?}");
    for (customer, receipt) in &swept.receipts {
        finish(of.scene.vault.acknowledge(customer, receipt)).unwrap();
    }
    swept
}

fn ask(of: &Started, psp: &Psp, act: Act, receipt: &Receipt) {
    let (vault, id, whose) = (&of.scene.vault, request("a-1"), alice());
    let asked = finish(async {
        match act {
            Act::Capture => vault.capture(&whose, receipt, 500, &id, psp).await,
            Act::Void => vault.void(&whose, receipt, 500, &id, psp).await,
            Act::Refund => vault.refund(&whose, receipt, 500, &id, psp).await,
            _ => vault.increment(&whose, receipt, 500, &id, psp).await,
        }
    });
    asked.unwrap_err();
}

/// At an acquirer that honours no keys of acts and finds none, weeks after the payment.
#[test]
fn an_act_that_no_acquirer_can_find_is_told_by_every_sweep_until_it_is_resolved() {
    for act in [Act::Capture, Act::Void, Act::Refund, Act::Increment] {
        let of = started();
        let psp = Psp::new(&of.scene.clock);
        psp.book().finds_acts = Finds::Never;
        let receipt = of.pay(&psp).unwrap().unwrap().receipt;
        assert_eq!(swept(&of, &psp).in_doubt, []);
        of.scene.clock.advance(500 * HOUR);
        psp.plan(0, Trouble::After);
        ask(&of, &psp, act, &receipt);
        let told = [(alice(), of.asked.payment.id, of.asked.payment.requested_at)];
        for n in 0..50 {
            of.scene.clock.advance(HOUR);
            let swept = swept(&of, &psp);
            assert_eq!(swept.in_doubt, told, "{act:?}");
            // The receipt comes once: settling it clears nothing up.
            assert_eq!(swept.receipts.len(), usize::from(n == 0), "{act:?}");
        }
        let acts = finish(of.scene.vault.details(&of.asked.token)).unwrap().unwrap().acts;
        assert_eq!((acts.len(), acts[0].done.is_none()), (1, true), "{act:?}");
        let (vault, id) = (&of.scene.vault, request("a-1"));
        let receipt = of.receipt().unwrap();
        finish(vault.resolve(&alice(), &receipt, act, &id, &Resolution::NotDone)).unwrap();
        assert_eq!(swept(&of, &psp).in_doubt, [], "{act:?}");
    }
}

/// Who waits for the customer is not in doubt; who does not know whether it was charged is.
#[test]
fn a_payment_is_told_from_when_nobody_knows_until_somebody_does() {
    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Challenges);
    of.pay(&psp).unwrap().unwrap();
    assert_eq!(swept(&of, &psp).in_doubt, []);
    of.scene.clock.advance(HOUR);
    assert_eq!(swept(&of, &psp).in_doubt, []);

    let of = started();
    let psp = Psp::new(&of.scene.clock).moody(Mood::Thinks);
    of.pay(&psp).unwrap().unwrap();
    assert_eq!(swept(&of, &psp).in_doubt.len(), 1);
    psp.forget();
    psp.decides(Mood::Approves);
    assert_eq!(swept(&of, &psp).in_doubt, []);
}
