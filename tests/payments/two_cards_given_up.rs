//! Two cards of one request: money of the one beside the other, or beside what was given up, is given up whenever it shows.

use std::time::Duration;

use countersign::Error;
use countersign::card::SealedCard;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome};
use countersign::vault::{AcquirerAnswer, AcquirerError, Found, Paid};
use tokio::task::JoinHandle;

use crate::habits::{Own, is_authorised, sealed_as};
use crate::support::crashes::{Started, started};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

/// A first card whose call is slow, and a second that is sealed meanwhile, since the acquirer finds a soft decline.
pub(crate) struct Two {
    pub(crate) of: Started,
    pub(crate) own: Own,
    first: JoinHandle<Result<Paid, Error>>,
    pub(crate) second: SealedCard,
}

pub(crate) fn paying(
    of: &Started,
    own: &Own,
    sealed: &SealedCard,
) -> JoinHandle<Result<Paid, Error>> {
    let (vault, token) = (of.scene.vault.clone(), of.asked.token.clone());
    let (sealed, own) = (sealed.clone(), own.clone());
    tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &own).await })
}

pub(crate) async fn a_while() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

impl Two {
    /// The acquirer takes that of the first card, and says nothing else of either.
    pub(crate) async fn cards(takes: Mood) -> Self {
        Self::cards_at(takes, |own| own).await
    }

    /// The same at an acquirer with more habits.
    pub(crate) async fn cards_at(takes: Mood, habits: impl FnOnce(Own) -> Own) -> Self {
        let of = started();
        let own = habits(Own::new(Psp::new(&of.scene.clock).moody(takes)));
        own.hold(1, true);
        let first = paying(&of, &own, &of.sealed);
        a_while().await;
        let two = Self { second: sealed_as(&of, 2, "456"), of, own, first };
        two.finds(|| Found::Answered(AcquirerAnswer::soft_declined(DeclineReason::WrongDetails)));
        let soft = paying(&two.of, &two.own, &two.of.sealed).await.unwrap().unwrap();
        assert!(matches!(soft.receipt.outcome(), ChargeOutcome::SoftDeclined(_)));
        two.finds(|| Found::Unknown);
        two
    }

    pub(crate) fn finds(&self, found: fn() -> Found) {
        *self.own.finds.lock().unwrap() = Some(found);
    }

    pub(crate) fn finds_by_itself(&self) {
        *self.own.finds.lock().unwrap() = None;
    }

    /// The second card is paid with, by calls that are not slow.
    pub(crate) async fn pay_second(&self) -> ChargeOutcome {
        let psp = self.own.psp.clone();
        let later = self.of.scene.vault.pay(&ALICE, &self.of.asked.token, &self.second, &psp);
        later.await.unwrap().receipt.outcome().clone()
    }

    /// The slow call brings its answer.
    pub(crate) async fn first_is_known(&mut self) -> ChargeOutcome {
        self.own.hold(1, false);
        (&mut self.first).await.unwrap().unwrap().receipt.outcome().clone()
    }

    async fn outcome(&self) -> ChargeOutcome {
        let receipt = self.of.scene.vault.receipt(&self.of.asked.token).await.unwrap();
        receipt.unwrap().outcome().clone()
    }

    pub(crate) async fn held_beside(&self) -> bool {
        let details = self.of.scene.vault.details(&self.of.asked.token).await.unwrap();
        details.unwrap().held_beside
    }

    /// What the enterprise knows once the receipts of two sweeps have reached it.
    pub(crate) async fn settled(&self) -> PaymentOutcome {
        let payments = self.of.scene.verifier.payments();
        for _ in 0..2 {
            let swept = self.of.scene.vault.reconcile(3 * HOUR, &self.own).await.unwrap();
            assert!(swept.failed.is_none());
            for (customer, receipt) in swept.receipts {
                payments.apply_receipt(&customer, &receipt).await.unwrap();
                self.of.scene.vault.acknowledge(&customer, &receipt).await.unwrap();
            }
        }
        payments.outcome(&bob_rings(), &self.of.asked.payment.id).await.unwrap()
    }
}

pub(crate) const PARTLY: Mood = Mood::ApprovesPart(2_000);
pub(crate) const MUMBLES: Mood = Mood::Mumbles { holds: true };

/// Of the first card a part was approved, or nobody knows what: nothing of it is taken, whatever came of the second.
#[tokio::test]
async fn a_part_of_an_earlier_card_is_given_up_beside_the_later_one() {
    for takes in [PARTLY, MUMBLES] {
        // The second card is authorised.
        let mut two = Two::cards(takes).await;
        two.own.psp.book().mood = Mood::Approves;
        assert!(is_authorised(&two.pay_second().await));
        assert_eq!(two.own.psp.charges(), 2);
        assert!(is_authorised(&two.first_is_known().await), "{takes:?}");
        assert_eq!((two.own.psp.charges(), two.own.psp.called("reverse")), (1, 1), "{takes:?}");
        assert!(two.held_beside().await, "until no more can come of it");
        two.of.scene.clock.advance(SURELY);
        assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }));
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false), "{takes:?}");
        assert!(!two.own.psp.book().charges[1].undone, "the second stands");

        // The second card is charged as well, and nobody has heard of it.
        let mut two = Two::cards(takes).await;
        two.own.psp.book().mood = Mood::Approves;
        two.own.psp.book().finds = Finds::Never;
        two.own.psp.plan(0, Trouble::After);
        assert_eq!(two.pay_second().await, ChargeOutcome::Unresolved);
        assert_eq!(two.first_is_known().await, ChargeOutcome::Unresolved);
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, true), "{takes:?}");
        two.own.psp.book().finds = Finds::AtOnce;
        two.finds_by_itself();
        two.of.scene.clock.advance(SURELY);
        assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }));
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false), "{takes:?}");

        // The second card is declined.
        let mut two = Two::cards(takes).await;
        let why = DeclineReason::InsufficientFunds;
        two.own.psp.book().mood = Mood::Declines(why);
        assert_eq!(two.pay_second().await, ChargeOutcome::Declined(why));
        assert_eq!(two.first_is_known().await, ChargeOutcome::Declined(why));
        assert_eq!(two.own.psp.charges(), 0, "{takes:?}");
        two.of.scene.clock.advance(SURELY);
        assert_eq!(two.settled().await, PaymentOutcome::Declined(why));
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (0, false), "{takes:?}");
    }
}

/// The second card has been given up, and the acquirer said so. Then the first turns out to be authorised, or partly: the
/// customer was told that nothing was charged, so nothing is.
#[tokio::test]
async fn attack_what_an_earlier_card_holds_beside_one_that_was_given_up_is_given_up() {
    for takes in [Mood::Approves, PARTLY, MUMBLES] {
        for (second, why) in
            [(PARTLY, DeclineReason::PartlyApproved), (MUMBLES, DeclineReason::Other)]
        {
            let case = format!("{takes:?} {second:?}");
            let mut two = Two::cards(takes).await;
            two.own.psp.book().mood = second;
            assert_eq!(two.pay_second().await, ChargeOutcome::Declined(why), "{case}");
            assert_eq!(two.own.psp.charges(), 1, "{case}");
            // It stays told as long as the acquirer does not give it up.
            two.own.psp.book().undoes = Some(AcquirerError::InDoubt);
            assert_eq!(two.first_is_known().await, ChargeOutcome::Declined(why), "{case}");
            assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, true), "{case}");
            two.own.psp.book().undoes = None;
            two.of.scene.clock.advance(SURELY);
            assert_eq!(two.settled().await, PaymentOutcome::Declined(why), "{case}");
            assert_eq!((two.own.psp.charges(), two.held_beside().await), (0, false), "{case}");
            assert_eq!(two.outcome().await, ChargeOutcome::Declined(why), "{case}");
        }
    }
}

/// An acquirer that reverses at once and takes its time to say so; meanwhile the card is charged.
#[tokio::test]
async fn attack_a_reversal_says_nothing_of_what_came_in_after_it() {
    let mut two = Two::cards(Mood::Approves).await;
    two.own.psp.plan(0, Trouble::Late);
    two.own.psp.book().finds = Finds::Never;
    assert_eq!(two.pay_second().await, ChargeOutcome::Unresolved);
    two.own.psp.book().finds = Finds::AtOnce;
    let clock = &two.of.scene.clock;
    clock.advance(Duration::from_secs(101));
    let (late, psp) = (clock.clone(), two.own.psp.clone());
    *two.own.meanwhile.lock().unwrap() = Some(Box::new(move || {
        late.advance(Duration::from_secs(14));
        psp.land();
        late.advance(Duration::from_secs(36));
    }));
    assert!(is_authorised(&two.first_is_known().await));
    assert_eq!((two.own.psp.charges(), two.own.psp.called("reverse")), (2, 1));
    assert!(two.held_beside().await, "it may have come in since");
    two.finds_by_itself();
    assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }));
    assert_eq!((two.own.psp.charges(), two.own.psp.called("reverse")), (1, 2));
    assert!(!two.held_beside().await);
    assert!(!two.own.psp.book().charges[0].undone, "the first stands");
}

/// The second card is known to be declined when the first is authorised after all. Then its own slow call says that it was
/// authorised as well.
#[tokio::test]
async fn attack_a_later_card_that_is_approved_beside_an_earlier_one_is_given_up() {
    for says in [Mood::Approves, PARTLY, MUMBLES] {
        let mut two = Two::cards(Mood::Approves).await;
        two.own.psp.book().mood = says;
        let slow = Own { holds: std::sync::Arc::default(), ..two.own.clone() };
        slow.hold(1, true);
        let second = paying(&two.of, &slow, &two.second);
        a_while().await;
        two.finds(|| Found::Answered(AcquirerAnswer::declined(DeclineReason::Other)));
        let declined = paying(&two.of, &two.own, &two.second).await.unwrap().unwrap();
        assert_eq!(*declined.receipt.outcome(), ChargeOutcome::Declined(DeclineReason::Other));
        two.finds(|| Found::Unknown);
        assert!(is_authorised(&two.first_is_known().await));
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (2, false), "{says:?}");
        slow.hold(1, false);
        let known = second.await.unwrap().unwrap();
        assert!(is_authorised(known.receipt.outcome()));
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, true), "{says:?}");
        two.of.scene.clock.advance(SURELY);
        assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }), "{says:?}");
        assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false), "{says:?}");
        assert!(!two.own.psp.book().charges[0].undone, "the first stands");
    }
}

/// That the second card was not charged is only inferred when the first is authorised after all: nobody looks for the second
/// any more, so it is given up.
#[tokio::test]
async fn attack_a_later_card_that_was_only_not_found_is_given_up() {
    let mut two = Two::cards(Mood::Approves).await;
    two.own.psp.plan(0, Trouble::After);
    two.own.psp.book().finds = Finds::Never;
    assert_eq!(two.pay_second().await, ChargeOutcome::Unresolved);
    two.own.psp.book().finds = Finds::AtOnce;
    two.of.scene.clock.advance(SURELY);
    two.finds(|| Found::Nothing);
    let declined = PaymentOutcome::Declined(DeclineReason::NotCharged);
    assert_eq!(two.settled().await, declined);
    assert_eq!(two.own.psp.charges(), 2);
    assert!(is_authorised(&two.first_is_known().await));
    assert_eq!((two.own.psp.charges(), two.held_beside().await), (1, false));
    assert!(matches!(two.settled().await, PaymentOutcome::Authorised { .. }));
    assert!(!two.own.psp.book().charges[0].undone, "the first stands");
}
