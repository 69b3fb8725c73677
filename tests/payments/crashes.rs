//! The vault's process dies, its store fails, the acquirer's answers are lost: before and after every
//! step. There is at most one charge, always; exactly one where the acquirer can tell; and what the
//! enterprise knows is what the vault knows.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use countersign::card::SealedCard;
use countersign::store::Fault;
use countersign::vault::{Acquirer, Paid};
use countersign::{ChargeOutcome, DeclineReason, Error, PaymentOutcome, PaymentRequested, Receipt};

use crate::support::*;

/// How many store calls, and calls of the acquirer, a payment takes at most, repeated or not.
const STORE_CALLS: usize = 9;
const ACQUIRER_CALLS: usize = 3;

/// A process that never comes back from a call of its store.
pub(crate) const DIES: Fault = Fault::Delay(u32::MAX);

/// Runs `future` until it ends, or until nothing more happens: then its process has died.
pub(crate) fn until_death<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..1000).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    })
}

pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    until_death(future).expect("it ends")
}

/// A payment that was asked for, and the card for it.
pub(crate) struct Started {
    pub(crate) scene: Scene,
    pub(crate) asked: PaymentRequested,
    pub(crate) sealed: SealedCard,
}

pub(crate) fn started() -> Started {
    let scene = scene();
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    Started { scene, asked, sealed }
}

impl Started {
    pub(crate) fn pay(&self, acquirer: &impl Acquirer) -> Option<Result<Paid, Error>> {
        until_death(self.scene.vault.pay(&self.asked.token, &self.sealed, acquirer))
    }

    pub(crate) fn receipt(&self) -> Option<Receipt> {
        finish(self.scene.vault.receipt(&self.asked.token)).unwrap()
    }

    /// What the enterprise knows once the receipts of a sweep have reached it, and no others.
    pub(crate) fn settled(&self, acquirer: &impl Acquirer) -> PaymentOutcome {
        let payments = self.scene.verifier.payments();
        let swept = finish(self.scene.vault.reconcile(2 * HOUR, acquirer)).unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        for (customer, receipt) in swept.receipts {
            assert_eq!(customer, alice());
            finish(payments.settle(&customer, &receipt)).unwrap();
        }
        finish(payments.outcome(&bob_rings(), &self.asked.payment.id)).unwrap()
    }
}

/// Whether the enterprise's knowledge is the vault's.
pub(crate) fn agree(known: &PaymentOutcome, receipt: Option<&Receipt>) -> bool {
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
pub(crate) enum Wrong {
    Store(usize, Fault),
    Acquirer(usize, Trouble),
}

impl Wrong {
    pub(crate) fn all() -> Vec<Self> {
        let faults = Fault::ALL.into_iter().chain([DIES]);
        let mut all: Vec<_> = faults
            .flat_map(|fault| (0..STORE_CALLS).map(move |at| Self::Store(at, fault)))
            .collect();
        for trouble in [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter] {
            all.extend((0..ACQUIRER_CALLS).map(|at| Self::Acquirer(at, trouble)));
        }
        all
    }

    pub(crate) fn plan<const KEYS: bool>(self, started: &Started, acquirer: &Recording<KEYS>) {
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
