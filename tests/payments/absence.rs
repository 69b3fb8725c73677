//! What somebody gains who deletes one row of the enterprise's or the vault's database, kind by kind: as it
//! is today, for the table in the manual's threats.

use std::collections::BTreeMap;

use countersign::MemoryStore;
use countersign::card::SealedCard;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentRequested};
use countersign::random::SeededRandom;
use countersign::store::{FaultStore, Place, Record};
use countersign::vault::Acquirer;

use crate::support::between::put;
use crate::support::*;

type Rows = BTreeMap<Place, Record>;

fn rows(store: &FaultStore<MemoryStore>) -> Rows {
    store.records().into_iter().collect()
}

/// The rows that were not there before, the one that is retained for longer first.
fn new_rows(store: &FaultStore<MemoryStore>, before: &Rows) -> Vec<Place> {
    let new = rows(store).into_iter().filter(|(at, _)| !before.contains_key(at));
    let mut new: Vec<_> = new.collect();
    new.sort_unstable_by_key(|(_, row)| std::cmp::Reverse(row.head.retain_until));
    new.into_iter().map(|(at, _)| at).collect()
}

/// The same database, of which somebody has deleted this row.
async fn without(
    scene: &Scene,
    store: &FaultStore<MemoryStore>,
    gone: Place,
) -> FaultStore<MemoryStore> {
    let left = FaultStore::new(MemoryStore::new());
    let mut found = false;
    for (at, record) in store.records() {
        if at == gone {
            found = true;
        } else {
            put(&left, &at, &record, scene.now()).await;
        }
    }
    assert!(found, "there was such a row");
    left
}

/// The row of the vault's is gone.
async fn without_in_vault(mut scene: Scene, gone: Place) -> Scene {
    scene.store = without(&scene, &scene.store, gone).await;
    let builder = vault_on(&scene.store, &scene.clock, &scene.seen, 22);
    scene.vault = builder.policy(scene.vault.policy().clone()).build().unwrap();
    scene
}

/// The row of the bank's is gone.
async fn without_at_bank(mut scene: Scene, gone: Place) -> Scene {
    scene.bank_store = without(&scene, &scene.bank_store, gone).await;
    let builder = bank_on(&scene.bank_store, &scene.clock, &scene.bank_seen);
    scene.verifier = builder.random(SeededRandom::new(99)).build().unwrap();
    scene
}

/// A payment that was paid, the row of the charge and, if it was authorised, that of the card.
struct Made {
    scene: Scene,
    asked: PaymentRequested,
    sealed: SealedCard,
    charge: Place,
    card: Option<Place>,
}

async fn made(acquirer: &impl Acquirer) -> Made {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    let before = rows(&scene.store);
    scene.vault.pay(&ALICE, &asked.token, &sealed, acquirer).await.unwrap();
    let new = new_rows(&scene.store, &before);
    Made { scene, asked, sealed, charge: new[0], card: new.get(1).copied() }
}

// The enterprise's.

#[tokio::test]
async fn deleting_a_payment_s_row_lets_it_be_asked_and_charged_once_more_in_the_next_hour() {
    let acquirer = Recording::<true>::new(true);
    let scene = scene();
    scene.asked("p-0").await;
    let before = rows(&scene.bank_store);
    let asked = scene.asked("p-1").await;
    let at = new_rows(&scene.bank_store, &before)[0];
    let sealed = scene.sealed(&asked, &card(), 3);
    let paid = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    let settled = scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await.unwrap();
    let scene = without_at_bank(scene, at).await;
    // What was paid is not settled any more, and cannot be.
    refused(scene.verifier.payments().apply_receipt(&alice(), &paid.receipt).await);

    // Within the same hour the vault knows the payment, and another request for it is refused.
    let again = scene.asked("p-1").await;
    assert_eq!(again.payment.id, settled.id);
    let sealed = scene.sealed(&again, &card(), 4);
    refused(scene.vault.pay(&ALICE, &again.token, &sealed, &acquirer).await);
    assert_eq!(acquirer.charges(), 1);

    let scene = without_at_bank(scene, at).await;
    scene.clock.advance(HOUR);
    let later = scene.asked("p-1").await;
    let sealed = scene.sealed(&later, &card(), 5);
    scene.vault.pay(&ALICE, &later.token, &sealed, &acquirer).await.unwrap();
    assert_eq!(acquirer.charges(), 2);
}

#[tokio::test]
async fn deleting_a_limit_s_row_gives_five_more_payment_requests() {
    let scene = scene();
    let most = scene.verifier.policy().payments.per_customer;
    let ask = async |scene: &Scene, id: &str| {
        let asking = scene.asking(id).await;
        scene.verifier.payments().request(&bob_rings(), &asking).await
    };
    for n in 0..most {
        ask(&scene, &format!("p-{n}")).await.unwrap();
    }
    refused(ask(&scene, "more").await);
    // The customer's and the agent's rows have changed with each; the agent's limit is the wider one.
    let mut limits: Vec<_> = rows(&scene.bank_store).into_keys().collect();
    limits.retain(|at| scene.bank_store.writes(at) > 1);
    assert_eq!(limits.len(), 2);
    let mut more = Vec::new();
    for at in limits {
        let left = without(&scene, &scene.bank_store, at).await;
        let bank = bank_on(&left, &scene.clock, &scene.bank_seen).build().unwrap();
        let mut given = 0;
        loop {
            let asking = scene.asking(&format!("q-{given}")).await;
            if bank.payments().request(&bob_rings(), &asking).await.is_err() {
                break;
            }
            given += 1;
        }
        more.push(given);
    }
    more.sort_unstable();
    assert_eq!(more, [0, most]);
}

// The vault's.

#[tokio::test]
async fn deleting_a_charge_s_row_charges_again_at_an_acquirer_that_honours_no_keys() {
    let forgetful = Recording::<false>::new(true);
    let Made { scene, asked, sealed, charge, .. } = made(&forgetful).await;
    let scene = without_in_vault(scene, charge).await;
    scene.vault.pay(&ALICE, &asked.token, &sealed, &forgetful).await.unwrap();
    assert_eq!(forgetful.charges(), 2);

    let mindful = Recording::<true>::new(true);
    let Made { scene, asked, sealed, charge, .. } = made(&mindful).await;
    let scene = without_in_vault(scene, charge).await;
    scene.vault.pay(&ALICE, &asked.token, &sealed, &mindful).await.unwrap();
    assert_eq!(mindful.charges(), 1, "the key is the same");
    // After the request's own time no card is taken under it.
    let late = without_in_vault(scene, charge).await;
    late.clock.advance(HOUR);
    refused(late.vault.pay(&ALICE, &asked.token, &sealed, &mindful).await);
}

#[tokio::test]
async fn deleting_a_charge_s_row_lets_another_card_be_tried_under_the_same_request() {
    let acquirer = Recording::<false>::new(true);
    acquirer.book().declines = Some(DeclineReason::InsufficientFunds);
    let Made { scene, asked, charge, card, .. } = made(&acquirer).await;
    assert_eq!(card, None);
    let other = scene.sealed(&asked, &card_of(OTHER_PAN, "321"), 4);
    refused(scene.vault.pay(&ALICE, &asked.token, &other, &acquirer).await);
    let scene = without_in_vault(scene, charge).await;
    let tried = scene.vault.pay(&ALICE, &asked.token, &other, &acquirer).await.unwrap();
    let declined = ChargeOutcome::Declined(DeclineReason::InsufficientFunds);
    assert_eq!((tried.receipt.outcome(), acquirer.book().authorised), (&declined, 2));
}

#[tokio::test]
async fn deleting_a_charge_s_row_forgets_what_was_given_back() {
    let acquirer = Recording::<true>::new(true);
    let Made { scene, asked, sealed, charge, .. } = made(&acquirer).await;
    let refund = async |scene: &Scene, id: &str| {
        let receipt = scene.vault.receipt(&asked.token).await.unwrap().unwrap();
        scene.vault.refund(&alice(), &receipt, 4_200, &request(id), &acquirer).await
    };
    refund(&scene, "r-1").await.unwrap();
    refused(refund(&scene, "r-2").await);
    let scene = without_in_vault(scene, charge).await;
    assert!(scene.vault.receipt(&asked.token).await.unwrap().is_none());
    // The device repeats its call while the request lasts, and there is a charge of which nothing was done.
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    refund(&scene, "r-1").await.unwrap();
    assert_eq!(acquirer.book().follow_ups.len(), 1, "the same act has the same key");
    let scene = without_in_vault(scene, charge).await;
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
    refund(&scene, "r-2").await.unwrap();
    assert_eq!(acquirer.charges(), 1);
    assert_eq!(acquirer.book().follow_ups.len(), 2, "twice as much as was paid");
}

#[tokio::test]
async fn deleting_a_used_card_s_row_keeps_it_again_when_the_device_repeats_its_payment() {
    for revoked in [false, true] {
        let acquirer = Recording::<true>::new(true);
        let Made { scene, asked, sealed, card, .. } = made(&acquirer).await;
        let token = scene.vault.card_token(&asked.token).await.unwrap().unwrap();
        if revoked {
            scene.vault.revoke(&token, &binding()).await.unwrap();
        } else {
            scene.vault.with_card(&token, &binding(), |_| ()).await.unwrap();
        }
        let spent = scene.vault.with_card(&token, &binding(), |_| ()).await;
        refused(spent);
        let scene = without_in_vault(scene, card.unwrap()).await;
        // By itself the token stands for nothing.
        refused(scene.vault.with_card(&token, &binding(), |_| ()).await);
        let again = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        assert_eq!(again.card_token.as_ref(), Some(&token));
        scene.vault.with_card(&token, &binding(), |_| ()).await.unwrap();
        assert_eq!(acquirer.charges(), 1);

        // Not once the opening key is gone.
        let scene = without_in_vault(scene, card.unwrap()).await;
        scene.clock.advance(24 * HOUR);
        let late = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        assert_eq!(late.card_token, None);
    }
}

#[tokio::test]
async fn deleting_the_opening_keys_row_only_leaves_cards_closed() {
    let acquirer = Recording::<true>::new(true);
    let scene = scene();
    let (paid, unpaid) = (scene.asked("p-1").await, scene.asked("p-2").await);
    let keys = new_rows(&scene.store, &Rows::new());
    assert_eq!(keys.len(), 1);
    let sealed = [&paid, &unpaid].map(|asked| scene.sealed(asked, &card(), 3));
    let receipt =
        scene.vault.pay(&ALICE, &paid.token, &sealed[0], &acquirer).await.unwrap().receipt;
    let before = scene.vault.public_key().await.unwrap();
    let scene = without_in_vault(scene, keys[0]).await;
    refused(scene.vault.pay(&ALICE, &unpaid.token, &sealed[1], &acquirer).await);
    let again = scene.vault.pay(&ALICE, &paid.token, &sealed[0], &acquirer).await.unwrap();
    assert_eq!(again.receipt, receipt, "what has ended needs no key");
    assert_ne!(scene.vault.public_key().await.unwrap(), before);
    assert_eq!(acquirer.charges(), 1);
}
