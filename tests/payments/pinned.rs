//! Attack 21: a back end that wants to read cards. The genuine app seals for the keys of the vault that is built into it, and
//! for no others, whatever the enterprise's back end signs.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use countersign::card::OpeningKey;
use countersign::device::{PaymentError, VerifiedPayment};
use countersign::payment::OpeningKeyProblem;
use countersign::random::SeededRandom;
use countersign::token::{Purpose, Rejection, SigningKey, TrustedKeys, v4_public};
use countersign::{Device, Issuer};
use serde_json::{Value, json};

use crate::support::vault_keys::{LIVES, claims, signed, trusting};
use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);

/// The key pair of the back end that wants to read.
fn of_the_thief() -> OpeningKey {
    OpeningKey::generate(&SeededRandom::new(66)).unwrap()
}

/// What a token says.
fn said(token: &str) -> Value {
    let payload = token.split('.').nth(2).unwrap();
    let bytes = Base64UrlUnpadded::decode_vec(payload).unwrap();
    serde_json::from_slice(&bytes[..bytes.len() - 64]).unwrap()
}

/// Signs `said` for a purpose, whatever it says.
fn sign(key: &SigningKey, purpose: Purpose, said: &Value) -> String {
    let footer = format!(r#"{{"kid":"{}"}}"#, key.public_key().kid());
    let implicit = purpose.implicit_assertion().as_bytes();
    v4_public::sign(key, said.to_string().as_bytes(), footer.as_bytes(), implicit).unwrap()
}

/// A genuine request, and what the back end makes of it: its own key is that of the bank.
struct Attack {
    scene: Scene,
    request: Value,
}

impl Attack {
    async fn new() -> Self {
        let scene = scene();
        let request = said(&scene.asked("p-1").await.token);
        Self { scene, request }
    }

    /// The vault's signed key in the request.
    fn genuine(&self) -> String {
        self.request["data"]["opening_key"].as_str().unwrap().to_owned()
    }

    /// The request with other data, properly signed.
    fn with(&self, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
        let mut request = self.request.clone();
        change(request["data"].as_object_mut().unwrap());
        sign(&signing(), Purpose::PaymentRequest, &request)
    }

    /// The same with another key.
    fn naming(&self, key: &str) -> String {
        self.with(|data| drop(data.insert("opening_key".to_owned(), key.into())))
    }

    fn open(&self, token: &str) -> Result<VerifiedPayment, PaymentError> {
        phone().open_payment(token, self.scene.now())
    }

    fn refuses(&self, token: &str, problem: OpeningKeyProblem, why: &str) {
        let opened = self.open(token);
        let wanted = PaymentError::OpeningKey(problem);
        assert_eq!(opened.err(), Some(wanted), "{why}");
    }
}

#[tokio::test]
async fn attack_21_a_back_end_reads_no_card_with_a_key_of_its_own() {
    let attack = Attack::new().await;
    // What it changes and signs is taken as long as the key is the vault's.
    let shown = attack.open(&attack.naming(&attack.genuine())).unwrap();
    let sealed = shown.seal(&card(), &SeededRandom::new(3)).unwrap();
    assert!(of_the_thief().open(&sealed, "").is_err());

    let own = *of_the_thief().public();
    let (vault, bank, other) = (vault_issuer(), issuer(), Issuer::new("other.example").unwrap());
    let of = |of, key| claims(of, START, LIVES, key);
    let stranger = SigningKey::from_seed(&[9; 32]).unwrap();
    for (why, signer, said) in [
        ("a vault of its own by the same name", &stranger, of([&vault, &bank], own)),
        ("signed by the bank in the vault's name", &signing(), of([&vault, &bank], own)),
        ("signed by the bank in its own name", &signing(), of([&bank, &bank], own)),
        ("another vault", &stranger, of([&other, &bank], own)),
        ("in another vault's name", &receipt_signing(), of([&other, &bank], own)),
    ] {
        let key = signed(signer, &said).to_string();
        attack.refuses(&attack.naming(&key), OpeningKeyProblem::NotGenuine, why);
    }

    // A signature of the vault's over something else is none over a key, and nor is a signature of the bank's over
    // whatever it can sign.
    let mut key = said(&attack.genuine());
    key["data"]["sealing_key"] = own.to_string().into();
    for purpose in Purpose::ALL {
        for signer in [signing(), receipt_signing()] {
            if *purpose == Purpose::OpeningKey && signer.public_key() != signing().public_key() {
                continue; // what the vault itself says
            }
            let forged = attack.naming(&sign(&signer, *purpose, &key));
            attack.refuses(&forged, OpeningKeyProblem::NotGenuine, purpose.name());
            // One that says which purpose it is signed for is not read as a key at all.
            let mut other = key.clone();
            other["purpose"] = purpose.name().into();
            if *purpose != Purpose::OpeningKey {
                let opened = attack.open(&attack.naming(&sign(&signer, *purpose, &other)));
                let Err(PaymentError::Token(error)) = opened else { panic!("{opened:?}") };
                assert_eq!(error.reason(), Rejection::Claims, "{purpose}");
            }
        }
    }

    // Somebody else's signature under the name of the vault's key.
    let mixed = sign(&stranger, Purpose::OpeningKey, &key);
    let footer = attack.genuine().rsplit('.').next().unwrap().to_owned();
    let mixed = format!("{}.{footer}", mixed.rsplit_once('.').unwrap().0);
    attack.refuses(&attack.naming(&mixed), OpeningKeyProblem::NotGenuine, "mixed");
}

#[tokio::test]
async fn attack_21_a_key_without_the_vault_s_signature_is_no_key() {
    let attack = Attack::new().await;
    let (thief, genuine) = (of_the_thief(), attack.genuine());
    let bare = Value::from(thief.public().to_string());
    let without = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let opened = attack.open(&attack.with(|data| {
            data.remove("opening_key");
            change(data);
        }));
        let Err(PaymentError::Token(error)) = opened else { panic!("{opened:?}") };
        assert_eq!(error.reason(), Rejection::Claims);
    };
    without(&|_| {});
    without(&|data| drop(data.insert("sealing_key".to_owned(), bare.clone())));
    for not in
        [bare.clone(), json!(null), json!({"sealing_key": bare}), json!(""), json!([genuine])]
    {
        without(&|data| drop(data.insert("opening_key".to_owned(), not.clone())));
    }
    // Beside the vault's, it counts for nothing.
    let both = attack.with(|data| drop(data.insert("sealing_key".to_owned(), bare)));
    let sealed = attack.open(&both).unwrap().seal(&card(), &SeededRandom::new(3)).unwrap();
    assert_ne!(sealed.key(), thief.public().id());
    assert!(thief.open(&sealed, &both).is_err());
    attack.scene.vault.pay(&ALICE, &both, &sealed, &acquirer()).await.unwrap();
}

#[tokio::test]
async fn attack_21_a_key_of_another_enterprise_is_refused() {
    let attack = Attack::new().await;
    let mut keys = TrustedKeys::new("other.example".parse().unwrap());
    keys.trust(*signing().public_key(), Purpose::PaymentRequest).unwrap();
    let other =
        countersign::Vault::builder(vault_issuer(), vault_keyring(), receipt_signing(), keys)
            .store(attack.scene.store.clone())
            .clock(attack.scene.clock.clone())
            .build()
            .unwrap();
    let key = other.public_key().await.unwrap();
    attack.refuses(&attack.naming(key.as_str()), OpeningKeyProblem::AnotherEnterprise, "other");
    let own = claims([&vault_issuer(), &issuer()], START, LIVES, *key.key());
    attack.open(&attack.naming(signed(&receipt_signing(), &own).as_str())).unwrap();
}

/// A key that somebody has got hold of since is named in no new request: it is over.
#[tokio::test]
async fn attack_21_an_old_key_and_one_that_the_request_outlives_are_refused() {
    let attack = Attack::new().await;
    let key = *attack.scene.vault.public_key().await.unwrap().key();
    let of = |from, lives| {
        let said = claims([&vault_issuer(), &issuer()], from, lives, key);
        attack.naming(signed(&receipt_signing(), &said).as_str())
    };
    // The device's leeway is 30 seconds.
    let over = START.before(LIVES + 30 * SECOND);
    attack.refuses(&of(over, LIVES), OpeningKeyProblem::Over, "over");
    let ahead = START.after(31 * SECOND);
    attack.refuses(&of(ahead, LIVES), OpeningKeyProblem::NotYetValid, "from the future");
    // The request ends in 20 minutes, and authentication may take five more.
    let short = OpeningKeyProblem::EndsBeforeRequest;
    attack.refuses(&of(over.after(SECOND), LIVES), short, "over by less than the leeway");
    attack.refuses(&of(START, 25 * MINUTE - SECOND), short, "not to the end of authentication");
    attack.open(&of(START, 25 * MINUTE)).unwrap();
    let alone = |lives| {
        let said = claims([&vault_issuer(), &issuer()], START, lives, key);
        let key = signed(&receipt_signing(), &said).to_string();
        attack.with(|data| {
            data.insert("opening_key".to_owned(), key.into());
            data.remove("authenticate_until");
        })
    };
    attack.refuses(&alone(20 * MINUTE - SECOND), short, "not to the end of the request");
    let shown = attack.open(&alone(20 * MINUTE)).unwrap();
    assert_eq!(shown.authenticate_until(), None);
}

#[tokio::test]
async fn attack_21_an_app_that_knows_no_vault_opens_no_request() {
    let attack = Attack::new().await;
    let genuine = attack.naming(&attack.genuine());
    let mut of_bank = TrustedKeys::new(issuer());
    of_bank.trust(*signing().public_key(), Purpose::PaymentRequest).unwrap();
    let device = || Device::new(of_bank.clone(), alice());
    let unpinned = device().open_payment(&genuine, START);
    assert_eq!(unpinned.err(), Some(PaymentError::NoVaultKeys));
    let not_genuine = Some(PaymentError::OpeningKey(OpeningKeyProblem::NotGenuine));
    let nobody = device().with_vault_keys(TrustedKeys::new(vault_issuer()));
    assert_eq!(nobody.open_payment(&genuine, START).err(), not_genuine);
    // A vault's key that is trusted for its receipts.
    let mut receipts = TrustedKeys::new(vault_issuer());
    receipts.trust(*receipt_signing().public_key(), Purpose::Receipt).unwrap();
    let receipts = device().with_vault_keys(receipts);
    assert_eq!(receipts.open_payment(&genuine, START).err(), not_genuine);
    // One key that was built in for both the bank and its vault.
    let said = claims([&vault_issuer(), &issuer()], START, LIVES, *of_the_thief().public());
    let forged = attack.naming(signed(&signing(), &said).as_str());
    let confused = device().with_vault_keys(trusting(&signing(), vault_issuer()));
    assert_eq!(confused.open_payment(&forged, START).err(), not_genuine);
    // The present key and the next.
    let next = SigningKey::from_seed(&[67; 32]).unwrap();
    let mut both = vault_keys();
    both.trust(*next.public_key(), Purpose::OpeningKey).unwrap();
    let device = device().with_vault_keys(both);
    device.open_payment(&genuine, START).unwrap();
    let said = claims([&vault_issuer(), &issuer()], START, LIVES, *of_the_thief().public());
    device.open_payment(&attack.naming(signed(&next, &said).as_str()), START).unwrap();
}
