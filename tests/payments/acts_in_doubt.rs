//! Acts whose answer was lost are found out: by repeating them, by sweeps, by a person. What was done past the vault is told
//! to it. The receipt, and the agent's desktop, say what became of the money.

use std::time::Duration;

use countersign::error::{Invalid, Reason};
use countersign::history::Action;
use countersign::payment::{
    FundsReturned, PaymentOutcome, PaymentStatus, Receipt, Reference, Totals,
};
use countersign::vault::{
    AcquirerError, Act, Acted, Adjustment, AdjustmentKind, KeysHonoured, Resolution,
};
use countersign::{Error, Vault};

use crate::support::crashes::{Started, finish, started, until_death};
use crate::support::psp::{Finds, Psp, Trouble};
use crate::support::*;

struct Paying {
    started: Started,
    psp: Psp,
    receipt: Receipt,
}

fn paying() -> Paying {
    let started = started();
    let psp = Psp::new(&started.scene.clock);
    let receipt = started.pay(&psp).unwrap().unwrap().receipt;
    Paying { started, psp, receipt }
}

impl Paying {
    fn vault(&self) -> &Vault {
        &self.started.scene.vault
    }

    fn ask(&self, act: Act, amount: u64, id: &str) -> Result<Acted, Error> {
        self.perhaps(act, amount, id).expect("it ends")
    }

    fn perhaps(&self, act: Act, amount: u64, id: &str) -> Option<Result<Acted, Error>> {
        let (vault, receipt, psp, id) = (self.vault(), &self.receipt, &self.psp, request(id));
        until_death(async {
            match act {
                Act::Capture => vault.capture(&alice(), receipt, amount, &id, psp).await,
                Act::Void => vault.void(&alice(), receipt, amount, &id, psp).await,
                Act::Refund => vault.refund(&alice(), receipt, amount, &id, psp).await,
                Act::Increment => vault.increment(&alice(), receipt, amount, &id, psp).await,
                other => panic!("{other:?}"),
            }
        })
    }

    fn receipt(&self) -> Receipt {
        self.started.receipt().unwrap()
    }

    fn totals(&self) -> Totals {
        self.receipt().totals()
    }

    fn done(&self, act: &str) -> u64 {
        self.psp.book().acts.iter().filter(|done| done.0 == act).map(|done| done.2).sum()
    }

    fn adjust(&self, adjustment: &Adjustment) -> Result<Acted, Error> {
        finish(self.vault().adjust(&alice(), &self.receipt, adjustment))
    }
}

fn in_doubt<T: std::fmt::Debug>(result: Result<T, Error>) {
    let doubt = matches!(&result, Err(Error::Acquirer(AcquirerError::InDoubt)));
    assert!(doubt, "{result:?}");
}

const ACTS: [(Act, &str); 4] = [
    (Act::Capture, "capture"),
    (Act::Void, "void"),
    (Act::Refund, "refund"),
    (Act::Increment, "increment"),
];

/// Finding 6.
#[test]
fn an_act_in_doubt_is_found_out_by_repeating_it_and_by_a_sweep() {
    for (act, name) in ACTS {
        for (trouble, sweeps) in [
            (Trouble::After, false),
            (Trouble::After, true),
            (Trouble::DiesAfter, false),
            (Trouble::DiesAfter, true),
        ] {
            let of = paying();
            of.psp.plan(0, trouble);
            if let Some(lost) = of.perhaps(act, 800, "a-1") {
                in_doubt(lost);
            }
            let doubt = of.totals().in_doubt;
            assert_eq!(doubt, if act == Act::Increment { 0 } else { 800 }, "{act:?}");
            if sweeps {
                of.started.settled(&of.psp);
            } else {
                of.ask(act, 800, "a-1").unwrap();
            }
            assert_eq!((of.done(name), of.totals().in_doubt), (800, 0), "{act:?} {trouble:?}");
            // It was not asked for twice, and is known from now on.
            let asked = of.psp.book().calls.len();
            of.ask(act, 800, "a-1").unwrap();
            assert_eq!(of.psp.book().calls.len(), asked);
        }
    }
}

#[test]
fn what_was_not_done_is_done_once_the_index_says_so_or_given_room_by_a_sweep() {
    for sweeps in [false, true] {
        let of = paying();
        of.psp.plan(0, Trouble::Before);
        in_doubt(of.ask(Act::Refund, 4_200, "r-1"));
        // It may be on its way.
        in_doubt(of.ask(Act::Refund, 4_200, "r-1"));
        refused(of.ask(Act::Refund, 1, "r-2"));
        of.started.settled(&of.psp);
        refused(of.ask(Act::Refund, 1, "r-2"));
        of.started.scene.clock.advance(SURELY);
        if sweeps {
            of.started.settled(&of.psp);
            assert_eq!(of.totals(), Totals::default());
            of.ask(Act::Refund, 4_200, "r-2").unwrap();
        } else {
            of.ask(Act::Refund, 4_200, "r-1").unwrap();
        }
        assert_eq!(of.done("refund"), 4_200);
        refused(of.ask(Act::Refund, 1, "r-3"));
    }
}

/// A search that lags by an hour.
#[test]
fn a_search_that_lags_does_nothing_twice() {
    let of = paying();
    of.psp.book().finds_acts = Finds::Behind(HOUR);
    of.psp.plan(0, Trouble::After);
    in_doubt(of.ask(Act::Refund, 4_200, "r-1"));
    for _ in 0..12 {
        of.started.scene.clock.advance(Duration::from_secs(600));
        let _ = of.ask(Act::Refund, 4_200, "r-1");
        of.started.settled(&of.psp);
        assert_eq!(of.done("refund"), 4_200);
    }
    of.ask(Act::Refund, 4_200, "r-1").unwrap();
    assert_eq!((of.done("refund"), of.totals().refunded), (4_200, 4_200));
}

/// Keys that are honoured for a day: within it asking again is safe, after it nobody does.
#[test]
fn keys_of_acts_are_honoured_for_as_long_as_the_acquirer_says() {
    let day = 24 * HOUR;
    for (later, asks) in [(HOUR, true), (23 * HOUR, true), (day - MINUTE, false), (day, false)] {
        let of = paying();
        of.psp.book().finds_acts = Finds::Never;
        of.psp.book().honours_acts = KeysHonoured::For(day);
        of.psp.plan(0, Trouble::After);
        in_doubt(of.ask(Act::Capture, 4_200, "c-1"));
        of.started.scene.clock.advance(later);
        let again = of.ask(Act::Capture, 4_200, "c-1");
        assert_eq!(again.is_ok(), asks, "{later:?}: {again:?}");
        assert_eq!(of.psp.called("capture"), if asks { 2 } else { 1 }, "{later:?}");
        assert_eq!(of.done("capture"), 4_200, "{later:?}");
    }
}

/// The same of authorisations: a key is trusted for as long as it is honoured, and the time that the call may take.
#[test]
fn keys_of_authorisations_are_honoured_for_as_long_as_the_acquirer_says() {
    for (later, known) in [(3 * MINUTE, true), (6 * MINUTE, true), (8 * MINUTE, false)] {
        let started = started();
        let psp = Psp::new(&started.scene.clock).finding(Finds::Never);
        psp.book().honours = KeysHonoured::For(10 * MINUTE);
        psp.plan(0, Trouble::After);
        started.pay(&psp).unwrap().unwrap();
        started.scene.clock.advance(later);
        started.pay(&psp).unwrap().unwrap();
        let seen = started.settled(&psp);
        assert_eq!(matches!(seen, PaymentOutcome::Authorised { .. }), known, "{later:?}: {seen:?}");
        assert_eq!(psp.charges(), 1);
    }
}

#[test]
fn what_no_acquirer_can_say_a_person_does() {
    for (resolution, done) in [
        (Resolution::Done { id: "by telephone".to_owned(), amount: None }, true),
        (Resolution::NotDone, false),
    ] {
        let of = paying();
        of.psp.book().finds_acts = Finds::Never;
        of.psp.plan(0, Trouble::After);
        in_doubt(of.ask(Act::Refund, 4_000, "r-1"));
        in_doubt(of.ask(Act::Refund, 4_000, "r-1"));
        let resolve = |customer: &_, act, id: &str| {
            let id = request(id);
            finish(of.vault().resolve(customer, &of.receipt, act, &id, &resolution))
        };
        let rows = of.started.scene.store.records();
        refused(resolve(&mallory(), Act::Refund, "r-1"));
        refused(resolve(&alice(), Act::Capture, "r-1"));
        refused(resolve(&alice(), Act::Refund, "r-2"));
        assert_eq!(of.started.scene.store.records(), rows);
        // By then the acquirer is at it no more.
        of.started.scene.clock.advance(SURELY);
        let known = resolve(&alice(), Act::Refund, "r-1").unwrap();
        let said = known.reference.as_ref().map(Reference::as_str);
        let (amount, name) = if done { (4_000, Some("by telephone")) } else { (0, None) };
        assert_eq!((known.amount, said), (amount, name));
        assert_eq!(known.receipt.totals().in_doubt, 0);
        assert_eq!(known.receipt.totals().refunded, amount);
        // It is in doubt no more.
        refused(resolve(&alice(), Act::Refund, "r-1"));
        if done {
            assert_eq!(of.ask(Act::Refund, 4_000, "r-1").unwrap(), known);
        }
        assert_eq!(of.psp.called("refund"), 1);
    }
}

#[test]
fn what_was_authorised_can_be_raised_and_then_captured() {
    let of = paying();
    refused(of.ask(Act::Capture, 4_201, "c-1"));
    of.ask(Act::Increment, 800, "i-1").unwrap();
    of.ask(Act::Increment, 800, "i-1").unwrap();
    assert_eq!(of.done("increment"), 800);
    refused(of.ask(Act::Capture, 5_001, "c-1"));
    of.ask(Act::Capture, 5_000, "c-1").unwrap();
    match of.started.settled(&of.psp) {
        PaymentOutcome::Authorised { amount, totals, .. } => {
            assert_eq!((amount, totals.captured), (5_000, 5_000));
        }
        other => panic!("{other:?}"),
    }
    // A fifth of what the customer agreed to, and no more.
    refused(of.ask(Act::Increment, 41, "i-2"));
    refused(of.ask(Act::Increment, u64::MAX, "i-2"));
    of.ask(Act::Increment, 40, "i-2").unwrap();
    refused(of.ask(Act::Increment, 1, "i-3"));
}

/// Finding 7.
#[test]
fn the_agent_sees_what_became_of_the_money() {
    let of = paying();
    of.started.settled(&of.psp);
    let receipts = |of: &Paying| of.started.settled(&of.psp);
    of.ask(Act::Void, 200, "v-1").unwrap();
    match receipts(&of) {
        PaymentOutcome::Authorised { totals, amount, .. } => {
            assert_eq!((totals.voided, amount), (200, 4_200));
        }
        other => panic!("{other:?}"),
    }
    of.ask(Act::Refund, 4_000, "r-1").unwrap();
    match receipts(&of) {
        PaymentOutcome::Returned { how, totals, amount, .. } => {
            assert_eq!((how, amount), (FundsReturned::Refunded, 4_200));
            assert_eq!((totals.voided, totals.refunded), (200, 4_000));
        }
        other => panic!("{other:?}"),
    }
    for (act, how, status) in [
        (Act::Void, FundsReturned::Voided, PaymentStatus::Voided),
        (Act::Refund, FundsReturned::Refunded, PaymentStatus::Refunded),
    ] {
        let of = paying();
        of.ask(act, 4_200, "a-1").unwrap();
        let seen = receipts(&of);
        assert!(matches!(seen, PaymentOutcome::Returned { how: seen, .. } if seen == how));
        let payments = of.started.scene.verifier.payments();
        let listed = finish(payments.list(&alice(), countersign::page::Page::first())).unwrap();
        assert_eq!(listed.items[0].status, status);
    }
}

#[test]
fn receipts_of_acts_are_given_until_they_are_settled_and_the_newest_stands() {
    let of = paying();
    let vault = of.vault();
    let payments = of.started.scene.verifier.payments();
    let apply = |receipt: &Receipt| finish(payments.apply_receipt(&alice(), receipt)).unwrap();
    apply(&of.receipt);
    finish(vault.acknowledge(&alice(), &of.receipt)).unwrap();
    let swept = || finish(vault.reconcile(2 * HOUR, &of.psp)).unwrap().receipts;
    assert_eq!(swept(), []);
    of.ask(Act::Capture, 4_000, "c-1").unwrap();
    let captured = of.receipt();
    of.ask(Act::Refund, 1_000, "r-1").unwrap();
    let refunded = of.receipt();
    assert!(of.receipt.count() < captured.count() && captured.count() < refunded.count());
    assert_eq!(swept(), [(alice(), refunded.clone())]);
    of.started.scene.bank_seen.take();
    // In any order, and the older one changes nothing.
    for receipt in [&refunded, &captured, &of.receipt, &captured] {
        let shown = apply(receipt);
        assert_eq!((shown.totals.captured, shown.totals.refunded), (4_000, 1_000));
    }
    // It is news of its own, and no second authorisation.
    let told = of.started.scene.bank_seen.take();
    let told: Vec<_> = told.iter().map(|event| (event.action, event.repeated)).collect();
    let repeated = (Action::Authorise, true);
    assert_eq!(told, [(Action::ChangeTotals, false), repeated, repeated, repeated]);
    // Acknowledging an older one leaves the newer one to be settled.
    finish(vault.acknowledge(&alice(), &captured)).unwrap();
    assert_eq!(swept(), [(alice(), refunded.clone())]);
    finish(vault.acknowledge(&alice(), &refunded)).unwrap();
    assert_eq!(swept(), []);
}

#[test]
fn what_was_done_past_the_vault_counts_and_is_not_done_once_more() {
    let of = paying();
    of.ask(Act::Capture, 4_200, "c-1").unwrap();
    let refund = Adjustment::refund(1_200, request("evt-1")).reference("re_1");
    let told = of.adjust(&refund).unwrap();
    assert_eq!(told.receipt.totals().refunded, 1_200);
    assert_eq!(of.adjust(&refund).unwrap(), told, "told twice, counted once");
    let other = of.adjust(&Adjustment::refund(1_201, request("evt-1")));
    assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))), "{other:?}");
    refused(of.ask(Act::Refund, 3_001, "r-1"));
    let back = of.adjust(&Adjustment::chargeback(2_000, request("evt-2"))).unwrap();
    assert_eq!(back.receipt.totals().charged_back, 2_000);
    refused(of.ask(Act::Refund, 1_001, "r-1"));
    of.ask(Act::Refund, 1_000, "r-1").unwrap();
    match of.started.settled(&of.psp) {
        PaymentOutcome::Returned { how, .. } => assert_eq!(how, FundsReturned::ChargedBack),
        other => panic!("{other:?}"),
    }
    // The issuer returns it.
    let returned = Adjustment::chargeback_reversal(2_000, request("evt-3"));
    assert_eq!(of.adjust(&returned).unwrap().receipt.totals().charged_back, 0);
    assert!(matches!(of.started.settled(&of.psp), PaymentOutcome::Authorised { .. }));
    // It counts though it is more than is left: it happened.
    of.adjust(&Adjustment::chargeback(9_000, request("evt-4"))).unwrap();
    refused(of.ask(Act::Refund, 1, "r-2"));
    let details = finish(of.vault().details(&of.started.asked.token)).unwrap().unwrap();
    let seen = details.adjustments.iter().map(|one| (one.kind, one.amount, one.reference.as_str()));
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [
            (AdjustmentKind::Refund, 1_200, "re_1"),
            (AdjustmentKind::Chargeback, 2_000, ""),
            (AdjustmentKind::ChargebackReversal, 2_000, ""),
            (AdjustmentKind::Chargeback, 9_000, ""),
        ]
    );
}

#[test]
fn what_is_told_of_no_payment_is_refused() {
    let of = paying();
    let rows = of.started.scene.store.records();
    of.started.scene.seen.take();
    refused(of.adjust(&Adjustment::refund(0, request("evt-1"))));
    let refund = Adjustment::refund(1, request("evt-1"));
    refused(finish(of.vault().adjust(&mallory(), &of.receipt, &refund)));
    let why = [Reason::AmountExceeded, Reason::Unknown];
    assert_eq!(reasons(&of.started.scene.seen), why);
    assert_eq!(of.started.scene.store.records(), rows);
    for n in 0..100 {
        of.adjust(&Adjustment::refund(1, request(&format!("evt-{n}")))).unwrap();
    }
    refused(of.adjust(&Adjustment::refund(1, request("evt-100"))));
}

/// An act in doubt keeps the payment where sweeps find it, and where an erasure does not delete it.
#[test]
fn an_act_in_doubt_keeps_its_payment_open() {
    let of = paying();
    finish(of.vault().acknowledge(&alice(), &of.receipt)).unwrap();
    of.psp.book().finds_acts = Finds::Never;
    of.psp.plan(0, Trouble::After);
    in_doubt(of.ask(Act::Refund, 4_200, "r-1"));
    finish(of.vault().acknowledge(&alice(), &of.receipt())).unwrap();
    of.started.scene.clock.advance(24 * HOUR);
    let open = finish(of.vault().erase(&alice()));
    assert!(matches!(open, Err(Error::Invalid(Invalid::PaymentOpen))), "{open:?}");
    of.psp.book().finds_acts = Finds::AtOnce;
    let swept = finish(of.vault().reconcile(48 * HOUR, &of.psp)).unwrap();
    assert_eq!(swept.receipts.len(), 1);
    finish(of.vault().acknowledge(&alice(), &swept.receipts[0].1)).unwrap();
    finish(of.vault().erase(&alice())).unwrap();
}
