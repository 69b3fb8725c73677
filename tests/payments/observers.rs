//! The vault's observer is told, and nothing that it does changes what the caller gets or what is kept.

use std::collections::BTreeSet;
use std::num::NonZeroU16;

use countersign::history::Action;
use countersign::observer::Observed;
use countersign::page::Page;
use countersign::{Error, Observer, Timestamp};

use crate::support::*;

/// Remembers what it is told, and panics each time.
#[derive(Debug, Clone, Default)]
struct Panicking(Recorder);

impl Observer for Panicking {
    fn observe(&self, event: &Observed) {
        self.0.observe(event);
        panic!("an observer's own fault");
    }
}

/// Paid, kept, captured, given back, declined, and everything told.
async fn play(scene: &Scene) -> Vec<String> {
    let acquirer = Recording::<true>::new(true);
    let asking = scene.asking("p-1").await.keep_card_for(24 * HOUR);
    let asked = scene.verifier.payments().request(&bob_rings(), &asking).await.unwrap();
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let (receipt, token) = (&paid.receipt, paid.card_token.as_ref().unwrap());
    let mut got = vec![format!("{receipt:?}")];
    let vault = &scene.vault;
    let payments = scene.verifier.payments();
    got.push(format!("{:?}", payments.apply_receipt(&alice(), receipt).await));
    got.push(format!("{:?}", payments.apply_receipt(&mallory(), receipt).await));
    let (alice, requests) = (alice(), [request("c-1"), request("v-1"), request("r-1")]);
    got.push(format!("{:?}", vault.capture(&alice, receipt, 3_000, &requests[0], &acquirer).await));
    got.push(format!("{:?}", vault.void(&alice, receipt, 1_200, &requests[1], &acquirer).await));
    got.push(format!("{:?}", vault.refund(&alice, receipt, 1_000, &requests[2], &acquirer).await));
    got.push(format!("{:?}", vault.refund(&alice, receipt, 9_000, &requests[2], &acquirer).await));
    let used = vault.with_card(token, &binding(), |card| card.pan().expose().to_owned()).await;
    got.push(format!("{used:?}"));
    let second = scene.asked("p-2").await;
    acquirer.book().declines = Some(countersign::payment::DeclineReason::Other);
    let sealed = scene.sealed(&second, &card(), 4);
    let declined = vault.pay(&ALICE, &second.token, &sealed, &acquirer).await.unwrap();
    got.push(format!("{:?}", declined.receipt));
    got.push(format!("{:?}", vault.payment_history(&asked.token).await));
    let page = Page::first().at_most(NonZeroU16::new(100).unwrap());
    got.push(format!("{:?}", scene.verifier.history(&alice, page).await));
    got
}

#[tokio::test]
async fn an_observer_that_panics_changes_nothing_of_a_payment() {
    let quiet = scene();
    let mut loud = scene();
    let (bank_observer, observer) = (Panicking::default(), Panicking::default());
    (loud.bank_seen, loud.seen) = (bank_observer.0.clone(), observer.0.clone());
    let bank = bank_on(&loud.bank_store, &loud.clock, &loud.bank_seen);
    loud.verifier = bank.observer(bank_observer).build().unwrap();
    let vault = vault_on(&loud.store, &loud.clock, &loud.seen, 2);
    loud.vault = vault.observer(observer).build().unwrap();

    let got = play(&quiet).await;
    assert_eq!(play(&loud).await, got);
    assert_eq!(loud.store.records(), quiet.store.records());
    assert_eq!(loud.bank_store.records(), quiet.bank_store.records());
    let (told, bank_told) = (quiet.seen.take(), quiet.bank_seen.take());
    assert_eq!(loud.seen.take(), told);
    assert_eq!(loud.bank_seen.take(), bank_told);
    assert_eq!((quiet.vault.observer_panics(), quiet.verifier.observer_panics()), (0, 0));
    assert_eq!(loud.vault.observer_panics(), told.len());
    assert_eq!(loud.verifier.observer_panics(), bank_told.len());
    let all = told.iter().chain(&bank_told).map(|event| event.action);
    let actions: BTreeSet<Action> = all.collect();
    for action in [
        Action::RequestPayment,
        Action::Pay,
        Action::Authorise,
        Action::DeclinePayment,
        Action::KeepCard,
        Action::UseCard,
        Action::Capture,
        Action::Void,
        Action::Refund,
        Action::ConfirmFollowUp,
    ] {
        assert!(actions.contains(&action), "{action:?} was not played");
    }
}

/// What the vault cannot sign is no refusal: the clock shows the last second that there is.
#[tokio::test]
async fn an_opening_key_that_cannot_be_signed_is_an_internal_error() {
    let scene = scene();
    scene.clock.set(Timestamp::MAX);
    let key = scene.vault.public_key().await;
    assert!(matches!(key, Err(Error::Internal)), "{key:?}");
}
