//! A decline that may be retried: once more under the same request, with the same card sealed anew, never after doubt.

use countersign::card::{Attempt, Card, SealedCard};
use countersign::error::Reason;
use countersign::history::Action;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, PaymentStatus};
use countersign::random::SeededRandom;
use countersign::vault::{Next, Paid};
use countersign::{Error, Policy, Vault};

use crate::support::crashes::{Started, finish};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

const SOFT: Mood = Mood::SoftlyDeclines(DeclineReason::WrongDetails);
const SOFTLY: ChargeOutcome = ChargeOutcome::SoftDeclined(DeclineReason::WrongDetails);

struct Tried {
    started: Started,
    psp: Psp,
}

fn tried_with(policy: Policy) -> Tried {
    let scene = scene_with(policy);
    let asked = finish(scene.asked("p-1"));
    let sealed = scene.sealed(&asked, &card(), 3);
    let psp = Psp::new(&scene.clock).moody(SOFT);
    Tried { started: Started { scene, asked, sealed }, psp }
}

fn tried() -> Tried {
    tried_with(Policy::default())
}

impl Tried {
    fn vault(&self) -> &Vault {
        &self.started.scene.vault
    }

    fn sealed(&self, card: &Card, attempt: u8) -> SealedCard {
        let shown = phone().open_payment(&self.started.asked.token, START).unwrap();
        let (attempt, random) = (Attempt::new(attempt).unwrap(), SeededRandom::new(attempt.into()));
        if attempt.is_first() {
            shown.seal(card, &random).unwrap()
        } else {
            shown.seal_again(card, attempt, &random).unwrap()
        }
    }

    fn pay(&self, sealed: &SealedCard) -> Result<Paid, Error> {
        finish(self.vault().pay(&ALICE, &self.started.asked.token, sealed, &self.psp))
    }

    fn first(&self) -> Paid {
        self.pay(&self.started.sealed).unwrap()
    }

    fn refused(&self, sealed: &SealedCard, reason: Reason) {
        let (rows, calls) = (self.started.scene.store.records(), self.psp.book().calls.len());
        self.started.scene.seen.take();
        refused(self.pay(sealed));
        assert_eq!(reasons(&self.started.scene.seen), [reason]);
        assert_eq!(
            (self.started.scene.store.records(), self.psp.book().calls.len()),
            (rows, calls)
        );
    }
}

fn again(paid: &Paid) -> Option<u8> {
    match &paid.next {
        Some(Next::SealAgain { attempt }) => Some(attempt.number()),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_soft_decline_is_retried_with_the_code_typed_again() {
    let of = tried();
    let first = of.first();
    assert_eq!((first.receipt.outcome(), again(&first)), (&SOFTLY, Some(2)));
    assert_eq!(of.pay(&of.started.sealed).unwrap(), first, "its answer was lost");
    let agent = of.started.settled(&of.psp);
    assert_eq!(agent, PaymentOutcome::SoftDeclined(DeclineReason::WrongDetails));
    let json = serde_json::to_value(&first.next).unwrap();
    assert_eq!(json, serde_json::json!({"seal_again": {"attempt": 2}}));

    of.psp.book().mood = Mood::Approves;
    let second = of.sealed(&card_of(PAN, "456"), 2);
    let paid = of.pay(&second).unwrap();
    assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. }));
    assert_eq!(paid.next, None);
    let book = of.psp.book();
    assert_eq!((book.charges.len(), book.charges[0].code.as_str()), (1, "456"));
    // Under a key of its own: an acquirer that honours keys would repeat its first answer.
    assert_eq!(book.used_keys(), 2);
    drop(book);
    assert_eq!(of.pay(&second).unwrap(), paid);
    // The card that was sealed first is refused from now on.
    of.refused(&of.started.sealed, Reason::AnotherCard);
    assert!(matches!(of.started.settled(&of.psp), PaymentOutcome::Authorised { .. }));
    let history = finish(of.vault().payment_history(&of.started.asked.token)).unwrap();
    let actions: Vec<_> = history.events.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::Pay, Action::DeclinePayment, Action::Pay, Action::Authorise]);
}

#[test]
fn it_is_the_same_number_or_nothing() {
    let of = tried();
    of.first();
    of.psp.book().mood = Mood::Approves;
    of.refused(&of.sealed(&card_of(OTHER_PAN, "321"), 2), Reason::AnotherCard);
    of.refused(&of.sealed(&card_of(OTHER_PAN, "321"), 1), Reason::AnotherCard);
    // With another number's last four digits and scheme.
    of.refused(&of.sealed(&card_of("4242420000004242", "321"), 2), Reason::AnotherCard);
    assert_eq!(of.psp.charges(), 0);
    of.pay(&of.sealed(&card(), 2)).unwrap();
    assert_eq!(of.psp.charges(), 1);
}

#[test]
fn the_next_attempt_follows_a_received_soft_decline_and_nothing_else() {
    // Nothing has come in yet.
    let of = tried();
    of.refused(&of.sealed(&card(), 2), Reason::AnotherCard);
    // A hard decline, doubt, an approval, and an attempt that is being made.
    for mood in [Mood::Declines(DeclineReason::Other), Mood::Thinks, Mood::Approves] {
        let of = tried();
        of.psp.book().mood = mood;
        let first = of.first();
        assert_eq!(again(&first), None, "{mood:?}");
        of.refused(&of.sealed(&card(), 2), Reason::AnotherCard);
    }
    let of = tried();
    of.psp.book().finds = Finds::Never;
    of.psp.plan(0, Trouble::After);
    assert_eq!(*of.first().receipt.outcome(), ChargeOutcome::Unresolved);
    of.refused(&of.sealed(&card(), 2), Reason::AnotherCard);
    let of = tried();
    of.psp.plan(0, Trouble::DiesBefore);
    assert!(of.started.pay(&of.psp).is_none());
    of.refused(&of.sealed(&card(), 2), Reason::AnotherCard);
    // After a soft decline the next one, and not the one after.
    let of = tried();
    of.first();
    of.refused(&of.sealed(&card(), 3), Reason::AnotherCard);
}

#[test]
fn as_often_as_the_policy_allows() {
    for most in [1, 2, 3, 10] {
        let mut policy = Policy::default();
        policy.payments.attempts = most;
        let of = tried_with(policy);
        for attempt in 1..=most {
            let paid = of.pay(&of.sealed(&card(), attempt)).unwrap();
            let (outcome, next) = if attempt == most {
                (ChargeOutcome::Declined(DeclineReason::WrongDetails), None)
            } else {
                (SOFTLY, Some(attempt + 1))
            };
            assert_eq!(
                (paid.receipt.outcome(), again(&paid)),
                (&outcome, next),
                "{attempt} of {most}"
            );
        }
        of.refused(&of.sealed(&card(), most + 1), Reason::AnotherCard);
        assert_eq!(of.psp.called("authorise"), usize::from(most));
    }
}

/// A card sealed as the first attempt, whose header is changed: it does not open.
#[test]
fn a_sealed_card_opens_for_its_own_attempt_alone() {
    let of = tried();
    of.first();
    let mut bytes = of.started.sealed.to_bytes();
    let at =
        bytes.iter().zip(of.sealed(&card(), 2).to_bytes()).position(|(a, b)| *a == 1 && b == 2);
    bytes[at.unwrap()] = 2;
    let forged = SealedCard::from_bytes(&bytes).unwrap();
    assert_eq!(forged.attempt().number(), 2);
    of.refused(&forged, Reason::CannotOpen);
}

#[test]
fn after_the_request_s_time_there_is_no_other_attempt() {
    let of = tried();
    of.first();
    let until = of.started.asked.payment.until;
    of.started.scene.clock.set(until);
    assert_eq!(again(&of.first()), None);
    of.refused(&of.sealed(&card(), 2), Reason::AnotherCard);
    // What the agent sees then is a decline.
    of.started.settled(&of.psp);
    of.started.scene.clock.advance(HOUR);
    let payments = of.started.scene.verifier.payments();
    let id = of.started.asked.payment.id;
    let seen = finish(payments.outcome(&bob_rings(), &id)).unwrap();
    assert_eq!(seen, PaymentOutcome::Declined(DeclineReason::WrongDetails));
    let listed = finish(payments.list(&alice(), countersign::page::Page::first())).unwrap().items;
    assert_eq!(listed[0].status, PaymentStatus::Declined);
}

/// Whatever fails at the second attempt: one charge, and it is known.
#[test]
fn attack_20_a_second_attempt_is_charged_once_whatever_fails() {
    let troubles = [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter];
    for (trouble, at) in troubles.into_iter().flat_map(|one| [0, 1].map(|at| (one, at))) {
        let of = tried();
        of.first();
        of.psp.book().mood = Mood::Approves;
        let second = of.sealed(&card(), 2);
        of.psp.plan(at, trouble);
        let token = &of.started.asked.token;
        for _ in 0..3 {
            let paying = of.vault().pay(&ALICE, token, &second, &of.psp);
            let _ = crate::support::crashes::until_death(paying);
            of.started.scene.clock.advance(SURELY);
        }
        let known = of.started.settled(&of.psp);
        assert!(matches!(known, PaymentOutcome::Authorised { .. }), "{trouble:?} {at}: {known:?}");
        assert_eq!(of.psp.charges(), 1, "{trouble:?} {at}");
    }
}
