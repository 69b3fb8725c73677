//! What happens to a payment long after it was asked for: it is found by the sweeps that the manual prescribes, every five
//! minutes over the last hour, and once a day over the last day.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use countersign::payment::{DeclineReason, PaymentOutcome, Receipt, Totals};
use countersign::store::{Fault, Place};
use countersign::vault::{Act, Acted, Adjustment, Resolution};
use countersign::{Error, Timestamp};

use crate::support::crashes::{DIES, Started, finish, started, until_death};
use crate::support::dying::polled;
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

const DAY: Duration = Duration::from_secs(24 * 3600);
const OFTEN: Duration = Duration::from_secs(300);

/// A bank that does what the manual says and nothing more.
struct Bank {
    started: Started,
    psp: Psp,
    /// Whether it sweeps every five minutes; else once a day alone.
    often: bool,
    /// When the last daily sweep was whose receipts were all applied.
    daily: Cell<Timestamp>,
    /// Every receipt that a sweep gave.
    given: RefCell<Vec<Receipt>>,
}

impl Bank {
    fn new(often: bool) -> Self {
        let started = started();
        let psp = Psp::new(&started.scene.clock);
        let daily = Cell::new(started.scene.now());
        Self { started, psp, often, daily, given: RefCell::default() }
    }

    /// One whose payment was made and settled.
    fn with_payment(often: bool) -> Self {
        let bank = Self::new(often);
        bank.started.pay(&bank.psp).unwrap().unwrap();
        bank.passes(if often { OFTEN } else { DAY });
        assert_eq!(bank.given.take().len(), 1);
        bank
    }

    /// The same ten days later, in which nothing happened.
    fn ten_days_later(often: bool) -> Self {
        let bank = Self::with_payment(often);
        bank.started.scene.clock.advance(10 * DAY);
        bank.daily.set(bank.started.scene.now());
        bank
    }

    fn sweeps(&self, back: Duration) {
        let (scene, payments) = (&self.started.scene, self.started.scene.verifier.payments());
        let swept = finish(scene.vault.reconcile(back, &self.psp)).unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        for (customer, receipt) in swept.receipts {
            finish(payments.apply_receipt(&customer, &receipt)).unwrap();
            finish(scene.vault.acknowledge(&customer, &receipt)).unwrap();
            self.given.borrow_mut().push(receipt);
        }
    }

    /// Time passes, and the bank sweeps.
    fn passes(&self, time: Duration) {
        let clock = &self.started.scene.clock;
        let until = self.started.scene.now().after(time);
        while self.started.scene.now() < until {
            let now = self.started.scene.now();
            let next = if self.often { now.after(OFTEN) } else { self.daily.get().after(DAY) };
            clock.set(next.min(until));
            if self.often {
                self.sweeps(HOUR);
            }
            if self.daily.get().after(DAY) <= self.started.scene.now() {
                self.sweeps(self.started.scene.now().since(self.daily.get()));
                self.daily.set(self.started.scene.now());
            }
        }
    }

    fn act(&self, act: Act, amount: u64) -> Option<Result<Acted, Error>> {
        let (vault, psp, id) = (&self.started.scene.vault, &self.psp, request("a-1"));
        let receipt = self.receipt();
        until_death(async {
            match act {
                Act::Capture => vault.capture(&alice(), &receipt, amount, &id, psp).await,
                Act::Refund => vault.refund(&alice(), &receipt, amount, &id, psp).await,
                other => panic!("{other:?}"),
            }
        })
    }

    fn receipt(&self) -> Receipt {
        self.started.receipt().unwrap()
    }

    /// What the enterprise knows.
    fn known(&self) -> PaymentOutcome {
        let payments = self.started.scene.verifier.payments();
        finish(payments.outcome(&bob_rings(), &self.started.asked.payment.id)).unwrap()
    }

    fn known_totals(&self) -> Totals {
        match self.known() {
            PaymentOutcome::Authorised { totals, .. } | PaymentOutcome::Returned { totals, .. } => {
                totals
            }
            other => panic!("{other:?}"),
        }
    }

    fn places(&self) -> Vec<Place> {
        self.started.scene.store.records().into_iter().map(|(at, _)| at).collect()
    }
}

fn refunded(amount: u64) -> Totals {
    let mut totals = Totals::default();
    totals.refunded = amount;
    totals
}

/// Finding 3: by sweeps of an hour alone, and by daily ones alone.
#[test]
fn a_refund_in_doubt_ten_days_after_the_payment_is_settled_by_the_manual_s_sweeps() {
    for often in [true, false] {
        for trouble in [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter] {
            // Each sweep of the ten days once; they do nothing.
            let bank = if trouble == Trouble::DiesAfter {
                let bank = Bank::with_payment(often);
                bank.passes(10 * DAY + 7 * MINUTE);
                bank
            } else {
                Bank::ten_days_later(often)
            };
            bank.psp.plan(0, trouble);
            match bank.act(Act::Refund, 4_200) {
                None => assert!(matches!(trouble, Trouble::DiesBefore | Trouble::DiesAfter)),
                Some(lost) => drop(lost.unwrap_err()),
            }
            assert_eq!(bank.receipt().totals().in_doubt, 4_200);
            bank.passes(if often { 10 * MINUTE } else { DAY });
            let done = matches!(trouble, Trouble::After | Trouble::DiesAfter);
            let totals = refunded(if done { 4_200 } else { 0 });
            assert_eq!(bank.receipt().totals(), totals, "{often} {trouble:?}");
            assert_eq!(bank.known_totals(), totals, "{often} {trouble:?}");
            assert_eq!(bank.psp.book().acts.len(), usize::from(done), "{often} {trouble:?}");
            // There is room again for what was not done.
            if !done {
                bank.act(Act::Refund, 4_200).unwrap().unwrap();
                bank.passes(if often { OFTEN } else { DAY });
                assert_eq!(bank.known_totals(), refunded(4_200));
            }
        }
    }
}

/// The note is written before the act: wherever the process dies, and whatever the store does, a sweep finds it.
#[test]
fn a_process_that_dies_anywhere_in_a_late_refund_leaves_nothing_in_doubt() {
    let mut faults = Fault::ALL.to_vec();
    faults.push(DIES);
    for (fault, done_there) in faults.into_iter().flat_map(|fault| [(fault, true), (fault, false)])
    {
        for at in 0.. {
            let bank = Bank::ten_days_later(true);
            let before = bank.started.scene.store.calls();
            bank.started.scene.store.plan(1 + at, fault);
            let receipt = bank.receipt();
            assert_eq!(bank.started.scene.store.calls(), before + 1);
            let (vault, id) = (&bank.started.scene.vault, request("a-1"));
            let dies = if done_there { Trouble::DiesAfter } else { Trouble::DiesBefore };
            bank.psp.plan(0, dies);
            let asked = until_death(vault.refund(&alice(), &receipt, 4_200, &id, &bank.psp));
            let asked_of_store = bank.started.scene.store.calls() - before - 1;
            bank.started.scene.store.heal();
            bank.psp.heal();
            let acts = bank.psp.book().acts.len();
            bank.passes(15 * MINUTE);
            let done = bank.psp.book().acts.len();
            assert_eq!(done, acts, "a sweep asks for nothing");
            let totals = refunded(if done == 1 { 4_200 } else { 0 });
            let of = format!("{fault:?} at {at}: {asked:?}");
            assert_eq!(bank.receipt().totals(), totals, "{of}");
            assert_eq!(bank.known_totals(), totals, "{of}");
            if at >= asked_of_store {
                assert!(at >= 4, "its own row, the note's place, the note, the row: {of}");
                break;
            }
        }
    }
}

/// The row is slow to be written, and an hour ends meanwhile: the sweeps that come by leave the note alone.
#[test]
fn a_note_outlasts_an_act_that_is_slow_to_be_written() {
    for dies in [Trouble::DiesBefore, Trouble::DiesAfter] {
        let bank = Bank::ten_days_later(true);
        let (scene, receipt, id) = (&bank.started.scene, bank.receipt(), request("a-1"));
        let (half, customer) = (Duration::from_secs(30), alice());
        scene.clock.advance(HOUR - half - Duration::from_secs(scene.now().unix() % 3600));
        // Its own row, the note's place, the note, the row.
        scene.store.plan(3, Fault::Delay(50));
        bank.psp.plan(0, dies);
        let mut asking = pin!(scene.vault.refund(&customer, &receipt, 4_200, &id, &bank.psp));
        assert!(polled(asking.as_mut(), 20).is_none());
        assert_eq!(bank.psp.called("refund"), 0);
        scene.clock.advance(MINUTE);
        bank.passes(50 * MINUTE);
        let asked = polled(asking.as_mut(), 1000);
        let done = bank.psp.book().acts.len();
        bank.psp.heal();
        assert_eq!(bank.receipt().totals().in_doubt, 4_200, "{asked:?}");
        bank.passes(15 * MINUTE);
        assert_eq!(bank.receipt().totals(), refunded(if done == 1 { 4_200 } else { 0 }));
        assert_eq!(bank.known_totals(), bank.receipt().totals());
    }
}

/// As long as it is in doubt it comes up in each hour, with one question a sweep; then no more, and no note of it stays.
#[test]
fn what_stays_in_doubt_for_days_is_asked_about_once_a_sweep_until_it_is_known() {
    let bank = Bank::ten_days_later(true);
    let places = bank.places();
    bank.psp.book().finds_acts = Finds::Never;
    bank.psp.plan(0, Trouble::After);
    bank.act(Act::Refund, 4_200).unwrap().unwrap_err();
    let asked = |bank: &Bank, time: Duration| {
        let before = bank.psp.called("find_act");
        bank.passes(time);
        bank.psp.called("find_act") - before
    };
    // Twelve an hour, and the daily ones.
    assert_eq!(asked(&bank, 3 * DAY), 3 * 24 * 12 + 3);
    assert_eq!(bank.receipt().totals().in_doubt, 4_200);
    // Of the hours that have gone by no more notes are left than a sweep comes by.
    let notes = bank.places().len() - places.len();
    assert!((1..=3).contains(&notes), "{notes}");
    bank.psp.book().finds_acts = Finds::AtOnce;
    bank.given.take();
    bank.passes(OFTEN);
    assert_eq!(bank.known_totals(), refunded(4_200));
    assert_eq!(bank.given.take().len(), 1);
    let calls = bank.psp.book().calls.len();
    bank.passes(DAY);
    assert_eq!(bank.psp.book().calls.len(), calls);
    assert_eq!(bank.given.take(), []);
    assert_eq!(bank.places(), places);
}

#[test]
fn a_receipt_of_a_late_act_is_given_until_it_is_acknowledged() {
    for often in [true, false] {
        let bank = Bank::ten_days_later(often);
        // The answers come, and the receipts in them are lost on the way.
        bank.act(Act::Capture, 4_000).unwrap().unwrap();
        bank.passes(if often { OFTEN } else { DAY });
        assert_eq!(bank.known_totals().captured, 4_000);
        let back = Adjustment::chargeback(1_000, request("evt-1"));
        let vault = &bank.started.scene.vault;
        bank.passes(2 * DAY);
        finish(vault.adjust(&alice(), &bank.receipt(), &back)).unwrap();
        bank.passes(if often { OFTEN } else { DAY });
        assert_eq!(bank.known_totals().charged_back, 1_000);
        assert_eq!(bank.given.borrow().len(), 2);
    }
}

#[test]
fn what_a_person_resolves_weeks_later_reaches_the_enterprise() {
    let bank = Bank::ten_days_later(true);
    bank.psp.book().finds_acts = Finds::Never;
    bank.psp.plan(0, Trouble::After);
    bank.act(Act::Refund, 4_200).unwrap().unwrap_err();
    bank.passes(2 * DAY);
    let (vault, id) = (&bank.started.scene.vault, request("a-1"));
    let done = Resolution::Done { id: "by telephone".to_owned(), amount: Some(4_000) };
    finish(vault.resolve(&alice(), &bank.receipt(), Act::Refund, &id, &done)).unwrap();
    bank.passes(OFTEN);
    assert_eq!(bank.known_totals(), refunded(4_000));
}

/// The acquirer decides days later, or takes days to give up what it holds.
#[test]
fn a_payment_that_takes_days_is_known_in_the_end() {
    for often in [true, false] {
        let bank = Bank::new(often);
        bank.psp.book().mood = Mood::Thinks;
        bank.started.pay(&bank.psp).unwrap().unwrap();
        bank.passes(5 * DAY);
        assert_eq!(bank.known(), PaymentOutcome::Unresolved);
        bank.psp.forget();
        bank.psp.decides(Mood::Declines(DeclineReason::InsufficientFunds));
        bank.passes(if often { OFTEN } else { DAY });
        assert_eq!(bank.known(), PaymentOutcome::Declined(DeclineReason::InsufficientFunds));

        let bank = Bank::new(often);
        bank.psp.book().mood = Mood::ApprovesPart(2_000);
        bank.psp.book().undoes = Some(countersign::vault::AcquirerError::InDoubt);
        bank.started.pay(&bank.psp).unwrap().unwrap();
        bank.passes(5 * DAY);
        assert_eq!((bank.known(), bank.psp.charges()), (PaymentOutcome::Unresolved, 1));
        bank.psp.book().undoes = None;
        bank.passes(if often { OFTEN } else { DAY });
        let declined = PaymentOutcome::Declined(DeclineReason::PartlyApproved);
        assert_eq!((bank.known(), bank.psp.charges()), (declined, 0));
    }
}

/// What changes nothing leaves no note.
#[test]
fn a_late_act_that_is_refused_writes_nothing() {
    let bank = Bank::ten_days_later(true);
    let (vault, receipt) = (&bank.started.scene.vault, bank.receipt());
    let rows = bank.started.scene.store.records();
    let refund = |customer: &_, amount| {
        finish(vault.refund(customer, &receipt, amount, &request("a-1"), &bank.psp))
    };
    refused(refund(&alice(), 4_201));
    refused(refund(&alice(), 0));
    refused(refund(&mallory(), 1));
    refused(finish(vault.adjust(&alice(), &receipt, &Adjustment::refund(0, request("e-1")))));
    assert_eq!(bank.started.scene.store.records(), rows);
    // A repeated one neither.
    refund(&alice(), 4_200).unwrap();
    bank.passes(3 * HOUR);
    let rows = bank.started.scene.store.records();
    refund(&alice(), 4_200).unwrap();
    assert_eq!(bank.started.scene.store.records(), rows);
}

/// The note names no customer, so an erasure leaves it; the sweeps delete it.
#[test]
fn a_note_of_a_payment_that_was_erased_goes_with_the_sweeps() {
    let bank = Bank::ten_days_later(true);
    let places = bank.places();
    bank.act(Act::Refund, 4_200).unwrap().unwrap();
    bank.passes(OFTEN);
    let erased = finish(bank.started.scene.vault.erase(&alice())).unwrap();
    assert_eq!((erased.payments, erased.unreadable), (1, 0));
    bank.passes(3 * HOUR);
    assert_eq!(bank.given.take().len(), 1);
    let left: Vec<_> = bank.places();
    // The payment and its card are gone, and so is the note.
    assert_eq!(left.len(), places.len() - 1 - usize::try_from(erased.cards).unwrap());
    assert!(left.iter().all(|at| places.contains(at)));
}

/// Finding 8: what cannot be listed in one hour holds up no other.
#[test]
fn an_hour_that_cannot_be_listed_is_told_and_the_others_are_swept() {
    let bank = Bank::new(true);
    bank.started.pay(&bank.psp).unwrap().unwrap();
    let scene = &bank.started.scene;
    let count = scene.store.calls();
    let swept = finish(scene.vault.reconcile(3 * HOUR, &bank.psp)).unwrap();
    assert_eq!(swept.receipts.len(), 1);
    let calls = scene.store.calls() - count;
    let mut failures = 0;
    for at in 0..calls {
        scene.store.plan(at, Fault::FailBefore);
        match finish(scene.vault.reconcile(3 * HOUR, &bank.psp)) {
            // The opening keys come first.
            Err(Error::Store(_)) => assert!(at < 2, "{at}"),
            Err(error) => panic!("{error:?}"),
            Ok(swept) => {
                let missed = swept.failed.unwrap();
                assert!(matches!(missed.error, Error::Store(_)), "{missed:?}");
                assert_eq!((missed.count, missed.unreadable), (1, Vec::new()));
                failures += usize::from(swept.receipts.is_empty());
            }
        }
        scene.store.heal();
    }
    assert_eq!(failures, 1, "of the payment's own hour and group alone");
}

/// As long as sweeps come by anyway a payment costs no more than it did, though an hour has ended since its request.
#[test]
fn soon_after_its_request_a_payment_leaves_no_note() {
    let bank = Bank::with_payment(true);
    bank.passes(HOUR - OFTEN);
    let places = bank.places();
    bank.psp.plan(0, Trouble::After);
    bank.act(Act::Refund, 4_200).unwrap().unwrap_err();
    bank.passes(OFTEN);
    assert_eq!(bank.known_totals(), refunded(4_200));
    assert_eq!(bank.places(), places);
}

/// At whatever time after the request the process dies: sweeps of a minute alone find the act.
#[test]
fn no_time_lies_between_what_sweeps_come_by_and_what_is_noted() {
    for minutes in 55..85 {
        let bank = Bank::with_payment(true);
        bank.started.scene.clock.advance(minutes * MINUTE);
        bank.psp.plan(0, Trouble::DiesAfter);
        assert!(bank.act(Act::Refund, 4_200).is_none());
        bank.started.scene.clock.advance(MINUTE);
        bank.sweeps(MINUTE);
        assert_eq!(bank.known_totals(), refunded(4_200), "{minutes}");
    }
}
