//! Many at once: one charge.

use countersign::Error;
use countersign::payment::ChargeOutcome;
use countersign::vault::Paid;

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_6_a_hundred_pays_of_one_sealed_card_are_one_charge() {
    // Also with an acquirer that could not tell: no call asks it a second time.
    for finds in [true, false] {
        let scene = scene();
        let acquirer = Recording::<false>::new(finds);
        let asked = scene.asked("p-1").await;
        let sealed = scene.sealed(&asked, &card(), 3);
        // Two processes of the vault, on one store.
        let second = vault_on(&scene.store, &scene.clock, &scene.seen, 9).build().unwrap();
        let vaults = [scene.vault.clone(), second];
        let tasks: Vec<_> = (0..100)
            .map(|n| {
                let (vault, token) = (vaults[n % 2].clone(), asked.token.clone());
                let (sealed, acquirer) = (sealed.clone(), acquirer.clone());
                tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &acquirer).await })
            })
            .collect();
        let mut paid: Vec<Paid> = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(one) => paid.push(one),
                Err(Error::Busy) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!((acquirer.charges(), acquirer.book().authorised), (1, 1));
        assert!(!paid.is_empty());
        let again = scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
        assert!(matches!(again.receipt.outcome(), ChargeOutcome::Authorised { .. }));
        assert!(paid.iter().all(|one| *one == again), "the same receipt and token for all");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_cards_under_one_request_one_is_charged() {
    let scene = scene();
    let acquirer = Recording::<true>::new(true);
    let asked = scene.asked("p-1").await;
    let tasks: Vec<_> = (0..50)
        .map(|seed| {
            let pan = if seed % 2 == 0 { PAN } else { OTHER_PAN };
            let sealed = scene.sealed(&asked, &card_of(pan, "123"), seed);
            let (vault, token, acquirer) =
                (scene.vault.clone(), asked.token.clone(), acquirer.clone());
            tokio::spawn(async move { vault.pay(&ALICE, &token, &sealed, &acquirer).await })
        })
        .collect();
    let mut paid = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => paid += 1,
            Err(Error::Refused(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((paid, acquirer.charges()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_processes_give_the_same_key() {
    let scene = scene();
    let vaults: Vec<_> = (0..8)
        .map(|seed| vault_on(&scene.store, &scene.clock, &scene.seen, 100 + seed).build().unwrap())
        .collect();
    let tasks: Vec<_> = vaults
        .iter()
        .map(|vault| {
            let vault = vault.clone();
            tokio::spawn(async move { vault.public_key().await.unwrap() })
        })
        .collect();
    let mut keys = Vec::new();
    for task in tasks {
        keys.push(task.await.unwrap());
    }
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!(scene.vault.public_key().await.unwrap(), keys[0]);
}
