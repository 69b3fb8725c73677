//! 3-D Secure: the customer authenticates between two calls of the acquirer, and nothing is charged before.

use std::time::Duration;

use countersign::error::Reason;
use countersign::history::Action;
use countersign::page::Page;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentOutcome, PaymentStatus};
use countersign::vault::{AcquirerError, ChallengeFlow, KeysHonoured, Next, Paid};
use countersign::{Error, Vault};

use crate::support::crashes::{DIES, Started, finish, started, until_death};
use crate::support::psp::{Finds, Mood, Psp, Trouble};
use crate::support::*;

/// A payment whose acquirer wants Alice to authenticate.
struct Challenged {
    started: Started,
    psp: Psp,
}

fn challenged() -> Challenged {
    let started = started();
    let psp = Psp::new(&started.scene.clock).moody(Mood::Challenges);
    Challenged { started, psp }
}

impl Challenged {
    fn vault(&self) -> &Vault {
        &self.started.scene.vault
    }

    fn pay(&self) -> Result<Paid, Error> {
        self.started.pay(&self.psp).expect("it ends")
    }

    fn resume(&self, hint: Option<&str>) -> Result<Paid, Error> {
        finish(self.resuming(hint))
    }

    async fn resuming(&self, hint: Option<&str>) -> Result<Paid, Error> {
        let (token, sealed) = (&self.started.asked.token, &self.started.sealed);
        self.vault().resume(&ALICE, token, sealed, hint, &self.psp).await
    }

    fn passes(&self) {
        self.psp.book().passed = Some(true);
    }

    fn advance(&self, by: Duration) {
        self.started.scene.clock.advance(by);
    }

    fn swept(&self) -> PaymentOutcome {
        self.started.settled(&self.psp)
    }

    fn history(&self) -> Vec<Action> {
        let history = finish(self.vault().payment_history(&self.started.asked.token)).unwrap();
        history.verify().unwrap();
        history.events.iter().map(|event| event.action).collect()
    }
}

fn is_authorised(paid: &Paid) -> bool {
    matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { .. })
}

const NOT_AUTHENTICATED: ChargeOutcome = ChargeOutcome::Declined(DeclineReason::NotAuthenticated);

#[test]
fn a_customer_authenticates_and_is_charged_once_with_the_proof() {
    let flows = [
        ChallengeFlow::Browser {
            acs_url: "https://acs.example/1".to_owned(),
            creq: "ey".to_owned(),
        },
        ChallengeFlow::App {
            three_ds_server_transaction_id: "a".to_owned(),
            acs_transaction_id: "b".to_owned(),
            acs_reference_number: "c".to_owned(),
            acs_signed_content: "d.e.f".to_owned(),
        },
        ChallengeFlow::Redirect { url: "https://psp.example/3ds/1".to_owned() },
    ];
    for flow in flows {
        let of = challenged();
        of.psp.book().flow = Some(flow.clone());
        let first = of.pay().unwrap();
        assert_eq!(*first.receipt.outcome(), ChargeOutcome::Authenticating);
        let Some(Next::Authenticate(challenge)) = &first.next else { panic!("{first:?}") };
        assert_eq!(challenge.flow, flow);
        assert_eq!((of.psp.charges(), &first.card_token), (0, &None));
        // It goes to the device as JSON, and nothing of the acquirer's own name for it with it.
        let json = serde_json::to_string(&first.next).unwrap();
        assert!(!json.contains("3ds-1"), "{json}");
        let read: Option<Next> = serde_json::from_str(&json).unwrap();
        let Some(Next::Authenticate(read)) = read else { panic!("{json}") };
        assert_eq!(read.flow, flow);
        // The answer was lost: the same again, and the acquirer is not asked again.
        assert_eq!(of.pay().unwrap(), first);
        assert_eq!(of.psp.called("authorise"), 1);
        // The agent sees what the customer is waiting for.
        let payments = of.started.scene.verifier.payments();
        finish(payments.apply_receipt(&alice(), &first.receipt)).unwrap();
        let id = of.started.asked.payment.id;
        let seen = finish(payments.outcome(&bob_rings(), &id)).unwrap();
        assert_eq!(seen, PaymentOutcome::Authenticating);

        // The device comes back too early.
        let early = of.resume(None).unwrap();
        assert!(matches!(early.next, Some(Next::Authenticate(_))), "{early:?}");
        of.passes();
        let paid = of.resume(Some("cres")).unwrap();
        assert!(is_authorised(&paid) && paid.next.is_none(), "{paid:?}");
        let charge = of.psp.book().charges.clone();
        assert_eq!(charge.len(), 1);
        assert_eq!((charge[0].pan.as_str(), charge[0].code.as_str()), (PAN, "123"));
        assert!(charge[0].proven, "with the proof");
        // Once more, by either call: the same.
        assert_eq!(of.resume(None).unwrap(), paid);
        assert_eq!(of.pay().unwrap(), paid);
        assert_eq!(of.psp.called("authorise"), 2);
        let wanted =
            [Action::Pay, Action::AskToAuthenticate, Action::Authenticate, Action::Authorise];
        assert_eq!(of.history(), wanted);
        let token = paid.card_token.unwrap();
        let pan = |card: &countersign::card::StoredCard| card.pan().expose().to_owned();
        assert_eq!(finish(of.vault().with_card(&token, &binding(), pan)).unwrap(), PAN);
    }
}

#[test]
fn without_friction_it_is_authorised_at_once() {
    let of = challenged();
    of.psp.book().mood = Mood::Approves;
    let paid = of.pay().unwrap();
    assert!(is_authorised(&paid) && paid.next.is_none());
    // There is nothing to resume: the same answer.
    assert_eq!(of.resume(Some("cres")).unwrap(), paid);
    assert_eq!((of.psp.charges(), of.psp.called("authenticated")), (1, 0));
}

#[test]
fn attack_a_forged_result_from_the_browser_is_worth_nothing() {
    for hint in ["{\"transStatus\":\"Y\"}", "eyJ0cmFuc1N0YXR1cyI6IlkifQ", ""] {
        let of = challenged();
        of.pay().unwrap();
        of.psp.book().passed = Some(false);
        let refused = of.resume(Some(hint)).unwrap();
        assert_eq!(*refused.receipt.outcome(), NOT_AUTHENTICATED);
        assert_eq!((of.psp.charges(), of.psp.called("authorise")), (0, 1));
        // The acquirer was given it, as a hint.
        assert_eq!(of.psp.book().hints, [Some(hint.to_owned())]);
        // And if it says later that they have: the payment has ended.
        of.passes();
        assert_eq!(*of.resume(None).unwrap().receipt.outcome(), NOT_AUTHENTICATED);
        assert_eq!(of.psp.charges(), 0);
    }
}

#[test]
fn before_the_customer_has_finished_nothing_is_authorised_whatever_the_device_says() {
    let of = challenged();
    let first = of.pay().unwrap();
    for _ in 0..3 {
        assert_eq!(of.resume(Some("cres")).unwrap(), first);
    }
    assert_eq!((of.psp.charges(), of.psp.called("authorise")), (0, 1));
}

#[test]
fn one_that_is_left_ends_by_a_sweep_and_is_given_up_at_the_acquirer() {
    for undoes in [None, Some(AcquirerError::Unsupported)] {
        let of = challenged();
        of.psp.book().undoes = undoes;
        of.pay().unwrap();
        let within = of.vault().policy().payments.authenticate_within;
        of.advance(within - Duration::from_secs(1));
        assert_eq!(of.swept(), PaymentOutcome::Authenticating);
        of.advance(Duration::from_secs(1));
        assert_eq!(of.swept(), PaymentOutcome::Declined(DeclineReason::NotAuthenticated));
        assert_eq!((of.psp.charges(), of.psp.called("reverse")), (0, 1));
        let wanted =
            [Action::Pay, Action::AskToAuthenticate, Action::UndoPayment, Action::DeclinePayment];
        assert_eq!(of.history(), wanted);
        // They come back too late.
        of.passes();
        assert_eq!(*of.resume(None).unwrap().receipt.outcome(), NOT_AUTHENTICATED);
        assert_eq!((of.psp.charges(), of.psp.called("authorise")), (0, 1));
    }
}

/// While it does not say that it was given up, the payment is not declined.
#[test]
fn one_that_cannot_be_given_up_is_unresolved_until_it_is() {
    let of = challenged();
    of.psp.book().finds = Finds::Never;
    of.psp.book().undoes = Some(AcquirerError::InDoubt);
    of.pay().unwrap();
    of.advance(of.vault().policy().payments.authenticate_within);
    for _ in 0..2 {
        assert_eq!(of.swept(), PaymentOutcome::Unresolved);
    }
    of.psp.book().undoes = None;
    assert_eq!(of.swept(), PaymentOutcome::Declined(DeclineReason::NotAuthenticated));
}

/// The device is the first to come back after the time: the same as a sweep.
#[test]
fn after_its_time_no_authentication_counts() {
    let of = challenged();
    of.pay().unwrap();
    of.passes();
    of.advance(of.vault().policy().payments.authenticate_within);
    let late = of.resume(None).unwrap();
    assert_eq!(*late.receipt.outcome(), NOT_AUTHENTICATED);
    assert_eq!((of.psp.charges(), of.psp.called("authorise")), (0, 1));
}

/// The acquirer charges by itself once the customer has authenticated, and nobody comes back to say so.
#[test]
fn what_was_charged_all_the_same_is_found_before_it_is_given_up() {
    let of = challenged();
    of.pay().unwrap();
    // A charge under the same reference, of which the vault is not told.
    of.psp.book().mood = Mood::Approves;
    let other = Psp::new(&of.started.scene.clock);
    let paid = {
        let twin = started();
        finish(twin.scene.vault.pay(&ALICE, &twin.asked.token, &twin.sealed, &other)).unwrap()
    };
    assert!(is_authorised(&paid));
    let charge = other.book().charges[0].clone();
    of.psp.charged(charge);
    of.advance(of.vault().policy().payments.authenticate_within);
    assert!(matches!(of.swept(), PaymentOutcome::Authorised { .. }));
    assert_eq!(of.psp.called("reverse"), 0);
}

#[test]
fn who_resumes_is_who_paid_with_the_same_card() {
    let of = challenged();
    of.pay().unwrap();
    of.passes();
    let Started { scene, asked, sealed } = &of.started;
    let rows = scene.store.records();
    refused(finish(scene.vault.resume(&mallory(), &asked.token, sealed, None, &of.psp)));
    let other = scene.sealed(asked, &card_of(OTHER_PAN, "321"), 9);
    refused(finish(scene.vault.resume(&ALICE, &asked.token, &other, None, &of.psp)));
    assert_eq!(reasons(&scene.seen), [Reason::AnotherCard]);
    assert_eq!(scene.store.records(), rows);
    assert_eq!((of.psp.charges(), of.psp.called("authenticated")), (0, 0));
    assert!(is_authorised(&of.resume(None).unwrap()));
}

/// Everything that can go wrong once, in each call of the acquirer and of the store, while the device repeats its calls and
/// sweeps go by: one charge, and it is known.
#[test]
fn attack_20_whatever_fails_in_between_a_customer_who_authenticated_is_charged_once() {
    let troubles = [Trouble::Before, Trouble::After, Trouble::DiesBefore, Trouble::DiesAfter];
    let faults = countersign::store::Fault::ALL.into_iter().chain([DIES]);
    let stores = faults.flat_map(|fault| (0..14).map(move |at| (at, Err(fault))));
    let acquirers = troubles.into_iter().flat_map(|one| (0..6).map(move |at| (at, Ok(one))));
    for honours in [KeysHonoured::Always, KeysHonoured::Never] {
        let all = stores.clone().chain(acquirers.clone());
        for (at, wrong) in crate::support::depth::strided(all, 3) {
            let of = challenged();
            of.psp.book().honours = honours;
            of.passes();
            match wrong {
                Ok(trouble) => of.psp.plan(at, trouble),
                Err(fault) => of.started.scene.store.plan(at, fault),
            }
            let case = format!("{wrong:?} at {at}, {honours:?}");
            let mut last = None;
            for n in 0..6 {
                let _ = of.started.pay(&of.psp);
                last = until_death(of.resuming(None));
                if n == 0 {
                    of.started.scene.store.heal();
                    of.psp.heal();
                }
                let done = |paid: &Paid| {
                    is_authorised(paid)
                        || matches!(paid.receipt.outcome(), ChargeOutcome::Declined(_))
                };
                if matches!(&last, Some(Ok(paid)) if done(paid)) {
                    break;
                }
                of.advance(SURELY);
            }
            let paid = last.expect(&case).expect(&case);
            assert!(of.psp.charges() <= 1, "{case}");
            assert_eq!(is_authorised(&paid), of.psp.charges() == 1, "{case}: {paid:?}");
            let known = of.swept();
            assert_eq!(
                matches!(known, PaymentOutcome::Authorised { .. }),
                of.psp.charges() == 1,
                "{case}: {known:?}"
            );
            if of.psp.charges() == 1 {
                assert!(of.psp.book().charges.iter().all(|charge| charge.proven), "{case}");
            }
        }
    }
}

#[test]
fn a_challenge_that_names_the_card_is_not_kept_and_the_payment_ends() {
    let of = challenged();
    of.psp.book().dress = Some(|_| {
        let flow = ChallengeFlow::Redirect { url: "https://psp.example/1".to_owned() };
        let challenge = countersign::vault::AuthenticationChallenge::new(PAN, flow).unwrap();
        countersign::vault::AcquirerAnswer::challenge(challenge)
    });
    let paid = of.pay().unwrap();
    assert_eq!(*paid.receipt.outcome(), NOT_AUTHENTICATED);
    assert_eq!(of.psp.charges(), 0);
}

/// What waits for the customer is in their app's list, and of no agent.
#[test]
fn a_payment_that_waits_for_the_customer_is_shown_so() {
    let of = challenged();
    let first = of.pay().unwrap();
    let payments = of.started.scene.verifier.payments();
    let applied = finish(payments.apply_receipt(&alice(), &first.receipt)).unwrap();
    assert_eq!(applied.status, PaymentStatus::Authenticating);
    let listed = finish(payments.list(&alice(), Page::first())).unwrap().items;
    assert_eq!(listed[0].status, PaymentStatus::Authenticating);
    let unresolved = of.swept();
    assert_eq!(unresolved, PaymentOutcome::Authenticating);
}
