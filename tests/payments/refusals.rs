//! What is refused, and that nothing is charged, kept or told for it.

use std::sync::Arc;

use countersign::card::{Attempt, OpeningKey};
use countersign::error::Reason;
use countersign::payment::PaymentRequestData;
use countersign::payment::{ChargeOutcome, PaymentRequest};
use countersign::random::SeededRandom;
use countersign::store::{Expected, FaultStore, News, Place, Put, Record, Store, StoreError};
use countersign::token::{Audience, Claims, SigningKey, UntrustedToken};
use countersign::vault::Binding;
use countersign::{Error, MemoryStore, MerchantId, Timestamp, Vault};

use crate::support::between::{Between, Via};
use crate::support::*;

/// A store that mixes up two rows.
#[derive(Clone)]
struct Swapped(FaultStore<MemoryStore>, Place, Place);

impl Swapped {
    fn of(&self, at: &Place) -> Place {
        match *at {
            at if at == self.1 => self.2,
            at if at == self.2 => self.1,
            at => at,
        }
    }
}

impl Between for Swapped {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.0
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(&self.of(at), now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.0.put_if(&self.of(at), expected, new, news, now).await
    }
}

#[tokio::test]
async fn swapped_rows_do_not_open() {
    let scene = scene();
    let first = paid(&scene, "p-1", 3).await;
    let before: Vec<Place> = scene.store.records().into_iter().map(|(at, _)| at).collect();
    let second = paid(&scene, "p-2", 4).await;
    let rows: Vec<Place> = scene.store.records().into_iter().map(|(at, _)| at).collect();
    // Whatever row stands in the place of whatever other: no card comes out, and no payment ends.
    for (n, one) in rows.iter().enumerate() {
        for other in rows.iter().skip(n + 1) {
            let store = Swapped(scene.store.clone(), *one, *other);
            let vault =
                Vault::builder(vault_issuer(), vault_keyring(), receipt_signing(), enterprise())
                    .store(Via(store))
                    .clock(scene.clock.clone())
                    .build()
                    .unwrap();
            let mut spoilt = 0;
            for paid in [&first, &second] {
                let token = paid.card_token.as_ref().unwrap();
                let found = vault.fingerprint(token, &binding()).await;
                spoilt += usize::from(matches!(found, Err(Error::Record(_))));
                if let Err(error) = found {
                    assert!(matches!(error, Error::Record(_)), "{error:?}");
                }
            }
            for id in ["p-1", "p-2"] {
                let asked = scene.asked(id).await;
                let receipt = vault.receipt(&asked.token).await;
                spoilt += usize::from(matches!(receipt, Err(Error::Record(_))));
            }
            spoilt += usize::from(vault.public_key().await.is_err());
            assert_eq!(spoilt, 2, "each of the two rows is missed once");
        }
    }
    assert_eq!((before.len(), rows.len()), (3, 5));
}

#[tokio::test]
async fn attack_12_another_customer_s_token_is_refused_like_an_unknown_one() {
    let scene = scene();
    let token = paid(&scene, "p-1", 3).await.card_token.unwrap();
    scene.seen.take();
    let other = Binding::new(mallory(), merchant());
    refused(scene.vault.with_card(&token, &other, |_| ()).await);
    refused(scene.vault.revoke(&token, &other).await);
    refused(scene.vault.fingerprint(&token, &other).await);
    refused(scene.vault.card_history(&token, &other).await);
    let unknown = countersign::card::CardToken::generate(&SeededRandom::new(77)).unwrap();
    refused(scene.vault.with_card(&unknown, &binding(), |_| ()).await);
    assert_eq!(reasons(&scene.seen), [Reason::Unknown; 3]);
    scene.vault.with_card(&token, &binding(), |_| ()).await.unwrap();
}

#[tokio::test]
async fn a_token_for_another_merchant_is_refused() {
    let scene = scene();
    let token = paid(&scene, "p-1", 3).await.card_token.unwrap();
    let other = Binding::new(alice(), MerchantId::new("bank-shop").unwrap());
    refused(scene.vault.with_card(&token, &other, |_| ()).await);
    refused(scene.vault.revoke(&token, &other).await);
    scene.vault.with_card(&token, &binding(), |_| ()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_6_a_single_use_token_serves_once() {
    let scene = scene();
    let token = paid(&scene, "p-1", 3).await.card_token.unwrap();
    let print = scene.vault.fingerprint(&token, &binding()).await.unwrap();
    let uses = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (vault, token, uses) =
                (scene.vault.clone(), token.expose().parse().unwrap(), uses.clone());
            tokio::spawn(async move {
                let one = |_: &countersign::card::StoredCard| {
                    uses.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                };
                vault.with_card(&token, &binding(), one).await.is_ok()
            })
        })
        .collect();
    let mut served = 0;
    for task in tasks {
        served += usize::from(task.await.unwrap());
    }
    assert_eq!((served, uses.load(std::sync::atomic::Ordering::SeqCst)), (1, 1));
    scene.seen.take();
    refused(scene.vault.with_card(&token, &binding(), |_| ()).await);
    assert_eq!(reasons(&scene.seen), [Reason::Used]);
    // It can still be recognised, and revoking it changes nothing.
    assert_eq!(scene.vault.fingerprint(&token, &binding()).await.unwrap(), print);
    scene.vault.revoke(&token, &binding()).await.unwrap();
    scene.seen.take();
    refused(scene.vault.with_card(&token, &binding(), |_| ()).await);
    assert_eq!(reasons(&scene.seen), [Reason::Used]);
}

#[tokio::test]
async fn attack_18_an_expired_request_is_refused_at_the_moment_of_use() {
    let scene = scene();
    let acquirer = acquirer();
    let asked = scene.asked("p-1").await;
    let sealed = scene.sealed(&asked, &card(), 3);
    scene.clock.advance(20 * MINUTE - std::time::Duration::from_secs(1));
    let early = scene.asked("p-2").await;
    scene.clock.advance(std::time::Duration::from_secs(1));
    scene.seen.take();
    refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
    assert_eq!(reasons(&scene.seen), [Reason::Ended]);
    // A clock that goes back afterwards makes nothing of it: it was not noted.
    assert_eq!(scene.vault.receipt(&asked.token).await.unwrap(), None);
    assert!(phone().open_payment(&asked.token, scene.now().after(MINUTE)).is_err());
    assert_eq!(acquirer.book().authorised, 0);
    let sealed = scene.sealed(&early, &card(), 4);
    scene.vault.pay(&ALICE, &early.token, &sealed, &acquirer).await.unwrap();
}

#[tokio::test]
async fn a_card_sealed_under_another_request_is_refused() {
    let scene = scene();
    let acquirer = acquirer();
    let (asked, other) = (scene.asked("p-1").await, scene.asked("p-2").await);
    let sealed = scene.sealed(&other, &card(), 3);
    scene.seen.take();
    refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
    assert_eq!(reasons(&scene.seen), [Reason::CannotOpen]);
    assert_eq!(acquirer.book().authorised, 0);
    // Nothing was noted of it: the right one still goes.
    let sealed = scene.sealed(&asked, &card(), 4);
    scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await.unwrap();
}

#[tokio::test]
async fn a_card_sealed_for_another_key_is_refused() {
    let scene = scene();
    let acquirer = acquirer();
    let asked = scene.asked("p-1").await;
    let own = OpeningKey::generate(&SeededRandom::new(99)).unwrap();
    let sealed = card()
        .seal_unverified(own.public(), &asked.token, Attempt::FIRST, &SeededRandom::new(3))
        .unwrap();
    refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
    // Nor does a request help that names a key which the vault has signed and does not have.
    let of = [&vault_issuer(), &issuer()];
    let claims = vault_keys::claims(of, START, vault_keys::LIVES, *own.public());
    let key = vault_keys::signed(&receipt_signing(), &claims);
    let name = "Bob".parse().unwrap();
    let asking = PaymentRequest::new(request("p-2"), merchant(), purchase(), name, key);
    let asked = scene.verifier.payments().request(&bob_rings(), &asking).await.unwrap();
    let sealed = scene.sealed(&asked, &card(), 3);
    refused(scene.vault.pay(&ALICE, &asked.token, &sealed, &acquirer).await);
    assert_eq!(acquirer.book().authorised, 0);
}

#[tokio::test]
async fn a_second_card_under_the_same_request_is_refused() {
    let scene = scene();
    let acquirer = acquirer();
    let asked = scene.asked("p-1").await;
    let first = scene.sealed(&asked, &card(), 3);
    let another = scene.sealed(&asked, &card_of(OTHER_PAN, "321"), 4);
    // The same card sealed a second time counts as another.
    let resealed = scene.sealed(&asked, &card(), 5);
    acquirer.plan(0, Trouble::Before);
    acquirer.plan(1, Trouble::Before);
    let unresolved = scene.vault.pay(&ALICE, &asked.token, &first, &acquirer).await.unwrap();
    assert_eq!(*unresolved.receipt.outcome(), ChargeOutcome::Unresolved);
    for _ in 0..3 {
        scene.seen.take();
        refused(scene.vault.pay(&ALICE, &asked.token, &another, &acquirer).await);
        refused(scene.vault.pay(&ALICE, &asked.token, &resealed, &acquirer).await);
        assert_eq!(reasons(&scene.seen), [Reason::AnotherCard; 2]);
        scene.clock.advance(SURELY);
    }
    scene.vault.pay(&ALICE, &asked.token, &first, &acquirer).await.unwrap();
    refused(scene.vault.pay(&ALICE, &asked.token, &another, &acquirer).await);
    assert_eq!(acquirer.charges(), 1);
    assert_eq!(acquirer.book().charges[0].1, PAN);
}

#[tokio::test]
async fn attack_17_a_request_that_the_enterprise_did_not_sign_is_refused() {
    let scene = scene();
    let acquirer = acquirer();
    let asked = scene.asked("p-1").await;
    let claims: Claims<PaymentRequestData> = UntrustedToken::parse(&asked.token)
        .unwrap()
        .verify(&enterprise(), &Audience::from(&alice()), START, Default::default())
        .unwrap()
        .into_claims();
    let stranger = SigningKey::from_seed(&[9; 32]).unwrap();
    let receipt_key = receipt_signing();
    let flipped = {
        let at = asked.token.len() / 2;
        let other = if &asked.token[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &asked.token[..at], &asked.token[at + 1..])
    };
    let forged = [
        stranger.issue(&claims).unwrap(),
        receipt_key.issue(&claims).unwrap(),
        flipped,
        String::new(),
        "v4.public.".to_owned(),
    ];
    for token in &forged {
        assert!(phone().open_payment(token, START).is_err());
        let key = claims.data().opening_key.key();
        let sealed =
            card().seal_unverified(key, token, Attempt::FIRST, &SeededRandom::new(3)).unwrap();
        refused(scene.vault.pay(&ALICE, token, &sealed, &acquirer).await);
        refused(scene.vault.receipt(token).await);
    }
    assert!(phone_of(mallory()).open_payment(&asked.token, START).is_err(), "not for her");
    assert_eq!(acquirer.book().authorised, 0);
}

#[tokio::test]
async fn a_revoked_token_is_gone() {
    let scene = scene();
    let token = paid(&scene, "p-1", 3).await.card_token.unwrap();
    scene.vault.revoke(&token, &binding()).await.unwrap();
    scene.vault.revoke(&token, &binding()).await.unwrap();
    scene.seen.take();
    refused(scene.vault.with_card(&token, &binding(), |_| ()).await);
    assert_eq!(reasons(&scene.seen), [Reason::Revoked]);
}
