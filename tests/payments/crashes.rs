//! The vault's process dies, its store fails, the acquirer's answers are lost: before and after every
//! step. There is at most one charge, always; exactly one where the acquirer can tell; and what the
//! enterprise knows is what the vault knows.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use countersign::card::SealedCard;
use countersign::store::Fault;
use countersign::vault::{Acquirer, Paid};
use countersign::{
    Action, ChargeOutcome, DeclineReason, Error, PaymentOutcome, PaymentRequested, Receipt,
};
use proptest::prelude::*;

use crate::support::*;

/// How many store calls, and calls of the acquirer, a payment takes at most, repeated or not.
const STORE_CALLS: usize = 9;
const ACQUIRER_CALLS: usize = 3;

/// A process that never comes back from a call of its store.
const DIES: Fault = Fault::Delay(u32::MAX);

/// Runs `future` until it ends, or until nothing more happens: then its process has died.
pub(crate) fn until_death<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..1000).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    })
}

fn finish<T>(future: impl Future<Output = T>) -> T {
    until_death(future).expect("it ends")
}

/// A payment that was asked for, and the card for it.
struct Started {
    scene: Scene,
    asked: PaymentRequested,
    sealed: SealedCard,
}

fn started() -> Started {
    let scene = scene();
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    Started { scene, asked, sealed }
}

impl Started {
    fn pay(&self, acquirer: &impl Acquirer) -> Option<Result<Paid, Error>> {
        until_death(self.scene.vault.pay(&self.asked.token, &self.sealed, acquirer))
    }

    fn receipt(&self) -> Option<Receipt> {
        finish(self.scene.vault.receipt(&self.asked.token)).unwrap()
    }

    /// What the enterprise knows once every receipt there is has reached it.
    fn settled(&self, acquirer: &impl Acquirer) -> PaymentOutcome {
        let payments = self.scene.verifier.payments();
        let swept = finish(self.scene.vault.reconcile(2 * HOUR, acquirer)).unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        let swept = swept.receipts.into_iter().map(|(customer, receipt)| {
            assert_eq!(customer, alice());
            receipt
        });
        for receipt in swept.chain(self.receipt()) {
            finish(payments.settle(&alice(), &receipt)).unwrap();
        }
        finish(payments.outcome(&bob_rings(), &self.asked.payment.id)).unwrap()
    }
}

/// Whether the enterprise's knowledge is the vault's.
fn agree(known: &PaymentOutcome, receipt: Option<&Receipt>) -> bool {
    match (known, receipt.map(Receipt::outcome)) {
        (PaymentOutcome::Waiting | PaymentOutcome::Expired, None) => true,
        (
            PaymentOutcome::Authorised { transaction_id: known, .. },
            Some(ChargeOutcome::Authorised { transaction_id, .. }),
        ) => known == transaction_id,
        (PaymentOutcome::Declined(known), Some(ChargeOutcome::Declined(reason))) => known == reason,
        (PaymentOutcome::Unresolved, Some(ChargeOutcome::Unresolved)) => true,
        _ => false,
    }
}

/// What goes wrong, once.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Store(usize, Fault),
    Acquirer(usize, Trouble),
}

impl Wrong {
    fn all() -> Vec<Self> {
        let faults = Fault::ALL.into_iter().chain([DIES]);
        let mut all: Vec<_> = faults
            .flat_map(|fault| (0..STORE_CALLS).map(move |at| Self::Store(at, fault)))
            .collect();
        for trouble in [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter] {
            all.extend((0..ACQUIRER_CALLS).map(|at| Self::Acquirer(at, trouble)));
        }
        all
    }

    fn plan<const KEYS: bool>(self, started: &Started, acquirer: &Recording<KEYS>) {
        match self {
            Self::Store(at, fault) => started.scene.store.plan(at, fault),
            Self::Acquirer(at, trouble) => acquirer.plan(at, trouble),
        }
    }
}

/// The customer's device repeats its call until it has an answer that is none of "perhaps".
fn repeated<const KEYS: bool>(finds: bool) {
    for wrong in Wrong::all() {
        let started = started();
        let acquirer = Recording::<KEYS>::new(finds);
        wrong.plan(&started, &acquirer);
        let mut last = started.pay(&acquirer);
        started.scene.store.heal();
        for _ in 0..2 {
            let settled = |paid: &Paid| *paid.receipt.outcome() != ChargeOutcome::Unresolved;
            if last.as_ref().is_some_and(|paid| paid.as_ref().is_ok_and(settled)) {
                break;
            }
            started.scene.clock.advance(SURELY);
            last = started.pay(&acquirer);
        }
        let case = format!("{wrong:?}, keys {KEYS}, find {finds}: {last:?}");
        let charges = acquirer.charges();
        assert!(charges <= 1, "{case}");
        let paid = last.expect(&case).expect(&case);
        let authorised = matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. });
        if acquirer.is_sure() {
            assert_eq!(charges, 1, "{case}");
            assert!(authorised, "{case}");
        }
        if authorised {
            assert_eq!(charges, 1, "{case}");
            // The card is kept as well, under the one token.
            let token = paid.card_token.as_ref().expect(&case);
            let again =
                finish(started.scene.vault.pay(&started.asked.token, &started.sealed, &acquirer));
            assert_eq!(again.unwrap(), paid, "{case}");
            let pan = |card: &countersign::card::StoredCard| card.pan().expose().to_owned();
            assert_eq!(finish(started.scene.vault.with_card(token, &binding(), pan)).unwrap(), PAN);
        } else {
            assert_eq!(*paid.receipt.outcome(), ChargeOutcome::Unresolved, "{case}");
        }
        // Much later, it is neither expired nor lost.
        started.scene.clock.advance(HOUR);
        let known = started.settled(&acquirer);
        assert!(agree(&known, started.receipt().as_ref()), "{case}: {known:?}");
        assert_ne!(known, PaymentOutcome::Expired, "{case}");
        assert_eq!(authorised, matches!(known, PaymentOutcome::Authorised { .. }), "{case}");
        assert!(acquirer.charges() <= 1, "{case}");
    }
}

#[test]
fn attack_20_at_most_one_charge_with_keys_and_find() {
    repeated::<true>(true);
}

#[test]
fn attack_20_at_most_one_charge_with_keys_alone() {
    repeated::<true>(false);
}

#[test]
fn attack_20_at_most_one_charge_with_find_alone() {
    repeated::<false>(true);
}

#[test]
fn attack_20_at_most_one_charge_with_neither() {
    repeated::<false>(false);
}

/// The customer's device never comes back: what happened is found out without it.
fn abandoned<const KEYS: bool>(finds: bool) {
    for wrong in Wrong::all() {
        let started = started();
        let acquirer = Recording::<KEYS>::new(finds);
        wrong.plan(&started, &acquirer);
        let _ = started.pay(&acquirer);
        started.scene.store.heal();
        started.scene.clock.advance(HOUR);
        let known = started.settled(&acquirer);
        let charges = acquirer.charges();
        let case = format!("{wrong:?}, keys {KEYS}, find {finds}: {known:?}, {charges} charged");
        assert!(charges <= 1, "{case}");
        assert!(agree(&known, started.receipt().as_ref()), "{case}");
        match known {
            PaymentOutcome::Authorised { .. } => assert_eq!(charges, 1, "{case}"),
            PaymentOutcome::Declined(DeclineReason::NotCharged) => {
                assert!(finds, "{case}");
                assert_eq!(charges, 0, "{case}");
            }
            PaymentOutcome::Expired => assert_eq!(charges, 0, "{case}"),
            PaymentOutcome::Unresolved => assert!(!finds, "{case}"),
            _ => panic!("{case}"),
        }
    }
}

#[test]
fn what_nobody_repeats_is_found_out_by_a_sweep() {
    abandoned::<true>(true);
    abandoned::<false>(true);
}

#[test]
fn what_cannot_be_found_out_stays_unresolved() {
    abandoned::<true>(false);
    abandoned::<false>(false);
}

#[test]
fn a_charge_that_lands_after_its_time_out_is_not_made_twice() {
    let started = started();
    let acquirer = Recording::<false>::new(true);
    acquirer.plan(0, Trouble::Late);
    let unresolved = started.pay(&acquirer).unwrap().unwrap();
    assert_eq!(*unresolved.receipt.outcome(), ChargeOutcome::Unresolved);
    // Not found, but perhaps only not yet: neither the device nor a sweep takes that for an answer.
    assert_eq!(started.pay(&acquirer).unwrap().unwrap(), unresolved);
    assert_eq!(started.settled(&acquirer), PaymentOutcome::Unresolved);
    started.scene.clock.advance(MINUTE);
    acquirer.land();
    started.scene.clock.advance(SURELY);
    let paid = started.pay(&acquirer).unwrap().unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!((acquirer.charges(), acquirer.book().authorised), (1, 1));
    assert!(paid.card_token.is_some());
    assert!(matches!(started.settled(&acquirer), PaymentOutcome::Authorised { .. }));
}

#[test]
fn an_authorisation_that_comes_after_all_outweighs_what_was_not_found() {
    let started = started();
    let acquirer = Recording::<false>::new(true);
    acquirer.plan(0, Trouble::Slow);
    let mut paying =
        pin!(started.scene.vault.pay(&started.asked.token, &started.sealed, &acquirer));
    for _ in 0..20 {
        assert!(paying.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    // The acquirer takes far longer than it may. A sweep finds nothing.
    started.scene.clock.advance(HOUR);
    let declined = PaymentOutcome::Declined(DeclineReason::NotCharged);
    assert_eq!(started.settled(&acquirer), declined);
    acquirer.book().released = true;
    let paid = finish(paying).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert!(paid.card_token.is_some());
    assert!(matches!(started.settled(&acquirer), PaymentOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

#[test]
fn a_resume_that_finds_no_charge_asks_the_customer_again() {
    let started = started();
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::DiesBefore);
    assert!(started.pay(&acquirer).is_none());
    let busy = started.pay(&acquirer).unwrap();
    assert!(matches!(busy, Err(Error::Busy)), "{busy:?}");
    started.scene.clock.advance(SURELY);
    let declined = PaymentOutcome::Declined(DeclineReason::NotCharged);
    assert_eq!(started.settled(&acquirer), declined);
    // That request is done with, for the same card as for another.
    let paid = started.pay(&acquirer).unwrap().unwrap();
    assert_eq!((acquirer.charges(), paid.card_token), (0, None));
    // The agent asks again, and the customer pays.
    let asked = finish(started.scene.asked("p-2"));
    let sealed = started.scene.sealed(&asked, &card(), 4);
    let paid = finish(started.scene.vault.pay(&asked.token, &sealed, &acquirer)).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

#[test]
fn a_sweep_leaves_alone_what_another_call_began_again() {
    let started = started();
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::DiesBefore);
    assert!(started.pay(&acquirer).is_none());
    started.scene.clock.advance(SURELY);
    // A sweep looks for the charge, and while it waits for the answer the device's second call comes.
    let sweep = started.scene.vault.reconcile(HOUR, &acquirer);
    let mut sweep = pin!(sweep);
    let mut cx = Context::from_waker(Waker::noop());
    while acquirer.book().sought == 0 {
        assert!(sweep.as_mut().poll(&mut cx).is_pending());
    }
    let paid = started.pay(&acquirer).unwrap().unwrap();
    let swept = finish(sweep).unwrap();
    assert_eq!(swept.receipts, [(alice(), paid.receipt.clone())]);
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(acquirer.charges(), 1);
}

#[test]
fn what_a_sweep_did_not_find_says_nothing_of_an_attempt_that_began_since() {
    let started = started();
    let acquirer = Recording::<true>::new(true);
    acquirer.plan(0, Trouble::DiesBefore);
    assert!(started.pay(&acquirer).is_none());
    started.scene.clock.advance(SURELY);
    let mut cx = Context::from_waker(Waker::noop());
    let mut sweep = pin!(started.scene.vault.reconcile(HOUR, &acquirer));
    while acquirer.book().sought == 0 {
        assert!(sweep.as_mut().poll(&mut cx).is_pending());
    }
    // The device's second call looks for the charge as well, and then waits for the acquirer.
    acquirer.plan(1, Trouble::Slow);
    let (token, sealed) = (&started.asked.token, &started.sealed);
    let mut paying = pin!(started.scene.vault.pay(token, sealed, &acquirer));
    for _ in 0..50 {
        assert!(paying.as_mut().poll(&mut cx).is_pending());
    }
    let swept = finish(sweep).unwrap().receipts;
    assert_eq!(*swept[0].1.outcome(), ChargeOutcome::Unresolved, "and not declined");
    acquirer.book().released = true;
    let paid = finish(paying).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    let history = finish(started.scene.vault.payment_history(token)).unwrap();
    let actions: Vec<_> = history.events.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::Pay, Action::Pay, Action::Authorise]);
}

#[test]
fn a_decline_that_comes_late_takes_no_authorisation_back() {
    let started = started();
    let acquirer = Recording::<false>::new(true);
    acquirer.plan(0, Trouble::Slow);
    let mut cx = Context::from_waker(Waker::noop());
    let (token, sealed) = (&started.asked.token, &started.sealed);
    let mut slow = pin!(started.scene.vault.pay(token, sealed, &acquirer));
    for _ in 0..50 {
        assert!(slow.as_mut().poll(&mut cx).is_pending());
    }
    started.scene.clock.advance(SURELY);
    let paid = started.pay(&acquirer).unwrap().unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    acquirer.book().declines = Some(DeclineReason::Other);
    acquirer.book().released = true;
    assert_eq!(finish(slow).unwrap(), paid);
    assert_eq!(acquirer.charges(), 1);
}

#[test]
fn after_the_request_has_expired_nothing_is_charged_any_more() {
    for finds in [true, false] {
        let started = started();
        let acquirer = Recording::<true>::new(finds);
        acquirer.plan(0, Trouble::DiesBefore);
        assert!(started.pay(&acquirer).is_none());
        started.scene.clock.advance(10 * MINUTE);
        let paid = started.pay(&acquirer).unwrap().unwrap();
        let wanted = match finds {
            true => ChargeOutcome::Declined(DeclineReason::NotCharged),
            false => ChargeOutcome::Unresolved,
        };
        assert_eq!(*paid.receipt.outcome(), wanted);
        assert_eq!((acquirer.charges(), acquirer.book().authorised), (0, 0));
    }
}

#[test]
fn a_sweep_goes_on_after_a_record_that_does_not_open() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    for n in 0..3 {
        let asked = finish(scene.asked(&format!("p-{n}")));
        let sealed = scene.sealed(&asked, &card(), n);
        acquirer.plan(0, Trouble::DiesBefore);
        assert!(until_death(scene.vault.pay(&asked.token, &sealed, &acquirer)).is_none());
    }
    scene.clock.advance(SURELY);
    // Keys, then the hour before, then the list; then each payment's own record.
    let mut failed = 0;
    for call in 0..12 {
        scene.store.plan(call, Fault::BitFlipped);
        match finish(scene.vault.reconcile(HOUR, &acquirer)) {
            Ok(swept) => failed += swept.failed.map_or(0, |(failed, _)| failed),
            Err(error) => assert!(matches!(error, Error::Record(_)), "{error:?}"),
        }
        scene.store.heal();
    }
    assert!(failed > 0);
    let swept = finish(scene.vault.reconcile(HOUR, &acquirer)).unwrap();
    assert!(swept.failed.is_none() && swept.receipts.is_empty(), "{swept:?}");
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Pay,
    PayWithAnother,
    Sweep,
    Wait(u64),
    Store(usize, Fault),
    Acquirer(usize, Trouble),
}

fn step() -> impl Strategy<Value = Step> {
    let fault = (0..=Fault::ALL.len()).prop_map(|n| Fault::ALL.get(n).copied().unwrap_or(DIES));
    let trouble = prop_oneof![
        Just(Trouble::Before),
        Just(Trouble::After),
        Just(Trouble::DiesBefore),
        Just(Trouble::DiesAfter),
    ];
    prop_oneof![
        4 => Just(Step::Pay),
        1 => Just(Step::PayWithAnother),
        2 => Just(Step::Sweep),
        3 => (1_u64..400).prop_map(Step::Wait),
        3 => (0_usize..6, fault).prop_map(|(at, fault)| Step::Store(at, fault)),
        3 => (0_usize..3, trouble).prop_map(|(at, trouble)| Step::Acquirer(at, trouble)),
    ]
}

fn any_order<const KEYS: bool>(finds: bool, steps: &[Step]) {
    let started = started();
    let scene = &started.scene;
    let acquirer = Recording::<KEYS>::new(finds);
    let another = scene.sealed(&started.asked, &card_of(OTHER_PAN, "321"), 9);
    let mut receipts: Vec<Receipt> = Vec::new();
    for step in steps {
        match *step {
            Step::Pay => {
                receipts
                    .extend(started.pay(&acquirer).and_then(Result::ok).map(|paid| paid.receipt));
            }
            Step::PayWithAnother => {
                let paid = scene.vault.pay(&started.asked.token, &another, &acquirer);
                receipts.extend(until_death(paid).and_then(Result::ok).map(|paid| paid.receipt));
            }
            Step::Sweep => {
                let swept = until_death(scene.vault.reconcile(HOUR, &acquirer));
                let swept = swept.and_then(Result::ok).unwrap_or_default().receipts;
                receipts.extend(swept.into_iter().map(|(_, receipt)| receipt));
            }
            Step::Wait(seconds) => scene.clock.advance(std::time::Duration::from_secs(seconds)),
            Step::Store(at, fault) => scene.store.plan(at, fault),
            Step::Acquirer(at, trouble) => acquirer.plan(at, trouble),
        }
        assert!(acquirer.charges() <= 1, "charged twice");
    }
    // Whatever a receipt ever said for certain is true, and there was one card.
    let last_fours: Vec<_> = receipts.iter().map(Receipt::last_four).collect();
    assert!(last_fours.windows(2).all(|pair| pair[0] == pair[1]), "two cards");
    scene.store.heal();
    scene.clock.advance(HOUR);
    acquirer.heal();
    let known = started.settled(&acquirer);
    assert!(agree(&known, started.receipt().as_ref()), "{known:?}");
    let charges = acquirer.charges();
    for receipt in &receipts {
        match receipt.outcome() {
            ChargeOutcome::Authorised { .. } => assert_eq!(charges, 1, "{receipt:?}"),
            ChargeOutcome::Declined(_) => assert_eq!(charges, 0, "{receipt:?}"),
            _ => {}
        }
        // An old receipt changes nothing any more.
        finish(scene.verifier.payments().settle(&alice(), receipt)).unwrap();
    }
    let payments = scene.verifier.payments();
    let still = finish(payments.outcome(&bob_rings(), &started.asked.payment.id)).unwrap();
    assert_eq!(still, known);
    match known {
        PaymentOutcome::Authorised { .. } => assert_eq!(charges, 1),
        PaymentOutcome::Unresolved => assert!(!finds),
        _ => assert_eq!(charges, 0, "{known:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn in_any_order_it_is_charged_at_most_once(
        keys: bool,
        finds: bool,
        steps in proptest::collection::vec(step(), 1..14),
    ) {
        if keys {
            any_order::<true>(finds, &steps);
        } else {
            any_order::<false>(finds, &steps);
        }
    }
}
