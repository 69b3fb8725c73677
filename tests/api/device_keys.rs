//! Approvals that a key in the customer's phone signs: nobody else makes one, and none counts for anything else.

use countersign::credential::{
    CredentialKeyError, CredentialPublicKey, CredentialStatus, EnrolmentRequest, KeyFingerprint,
    KeyPossession, Method, Signature, SignatureAlgorithm,
};
use countersign::device::{CodeCheck, DeviceCredential};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::{SignedAnswer, StepUpOutcome, StepUpStatus};
use countersign::token::TrustedKeys;
use countersign::{CustomerId, Device, Issuer, Policy};
use ring::hkdf;

use crate::support::binding::another;
use crate::support::credentials::{app, pin, refused};
use crate::support::device_keys::{PrivateKey, SPKI_P256, bound, bound_with_pin};
use crate::support::hearing::{hear, presented};
use crate::support::step_ups::{
    asked, asking, bank, bank_of, code_of, grant, open, phone, transfer, with_code,
};
use crate::support::{Bank, a_credential, alice, bob_rings, histories, request};

fn enrolment() -> EnrolmentRequest {
    EnrolmentRequest::device_key(request("phone"))
}

fn keys() -> [PrivateKey; 2] {
    [PrivateKey::p256(), PrivateKey::ed25519(9)]
}

/// Why the last thing was refused, as the observer was told.
fn why(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|seen| match seen.outcome {
        Outcome::Refused(reason) => Some(reason),
        _ => None,
    })
}

#[tokio::test]
async fn an_approval_is_signed_by_the_phone_s_key() {
    for key in keys() {
        let bank = bank();
        let credential = bound(&bank, &enrolment(), &key).await;
        assert_eq!(
            (credential.method, credential.status),
            (Method::DeviceKey, CredentialStatus::Active)
        );
        assert_eq!(credential.key_fingerprint, Some(key.public().fingerprint()));
        let call = bob_rings("call-1");
        let asked = asked(&bank, &call).await;
        assert!(!open(&bank, &asked).asks_code());
        let answer = key.answer(&bank, &asked);
        let step_ups = bank.verifier.step_ups();
        for _ in 0..2 {
            let done = step_ups
                .submit(
                    &alice(),
                    &asked.step_up.id,
                    &open(&bank, &asked).answer_signed(answer.clone()),
                )
                .await;
            assert_eq!(done.unwrap().status, StepUpStatus::Approved);
        }
        let grant = grant(&bank, &asked).await;
        for _ in 0..2 {
            let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
            assert_eq!(proof.key_fingerprint(), Some(key.public().fingerprint()));
            assert_eq!((proof.method(), proof.duress()), (Method::DeviceKey, false));
        }
    }
}

#[test]
fn a_key_is_read_from_jwk_cose_and_spki() {
    let b64 = |bytes: &[u8]| {
        use base64ct::Encoding as _;
        base64ct::Base64UrlUnpadded::encode_string(bytes)
    };
    let key = PrivateKey::p256();
    let point = key.point();
    let (x, y) = (&point[1..33], &point[33..]);
    let jwk =
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}","use":"sig"}}"#, b64(x), b64(y));
    let cose = format!("a5010203262001215820{}225820{}", hex::encode(x), hex::encode(y));
    let cose = hex::decode(cose).unwrap();
    assert_eq!(CredentialPublicKey::from_jwk(&jwk), Ok(key.public()));
    assert_eq!(CredentialPublicKey::from_cose(&cose), Ok(key.public()));
    assert_eq!(key.public().to_cose(), cose);
    assert_eq!(key.public().algorithm(), SignatureAlgorithm::Es256);
    // RFC 8037, appendix A.2 and A.3.
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let ed25519 = CredentialPublicKey::from_jwk(jwk).unwrap();
    assert_eq!(ed25519.fingerprint().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(CredentialPublicKey::from_cose(&ed25519.to_cose()), Ok(ed25519));
    assert_eq!(ed25519.algorithm(), SignatureAlgorithm::Ed25519);
    let text = serde_json::to_string(&ed25519.fingerprint()).unwrap();
    assert_eq!(serde_json::from_str::<KeyFingerprint>(&text).unwrap(), ed25519.fingerprint());
}

/// RFC 7638, with the members of the key of RFC 7517 appendix A.1 in their order.
#[test]
fn a_p256_fingerprint_is_the_thumbprint() {
    let members = r#"{"crv":"P-256","kty":"EC","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
    let key = CredentialPublicKey::from_jwk(members).unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, members.as_bytes());
    let text = {
        use base64ct::Encoding as _;
        base64ct::Base64UrlUnpadded::encode_string(digest.as_ref())
    };
    assert_eq!(key.fingerprint().to_string(), text);
}

/// Both libraries take the neutral point as a key, and under that anybody's signature verifies.
#[test]
fn a_key_of_small_order_is_refused_in_every_form() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let minus_one =
        hex::decode("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").unwrap();
    let unreduced =
        hex::decode("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").unwrap();
    for point in [neutral.to_vec(), vec![0; 32], minus_one, unreduced] {
        use base64ct::Encoding as _;
        let x = base64ct::Base64UrlUnpadded::encode_string(&point);
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        let framed = |frame: &str| [hex::decode(frame).unwrap(), point.clone()].concat();
        let weak = Err(CredentialKeyError::Weak);
        assert_eq!(CredentialPublicKey::from_jwk(&jwk), weak);
        assert_eq!(CredentialPublicKey::from_cose(&framed("a4010103272006215820")), weak);
        assert_eq!(CredentialPublicKey::from_spki_der(&framed("302a300506032b6570032100")), weak);
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let malformed = Err(CredentialKeyError::Malformed);
    let good = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
    for (from, to) in [
        ("\"P-256\"", "\"P-384\""),
        ("\"EC\"", "\"OKP\""),
        ("P-256", "Ed25519"),
        (r#""kty":"EC","#, r#""kty":"EC","kty":"EC","#),
        (r#""kty":"EC","#, r#""kty":"EC","use":"enc","#),
        ("FyM\"", "FyN\""),
        ("FyM\"", "FyMA\""),
    ] {
        assert_eq!(
            CredentialPublicKey::from_jwk(&good.replace(from, to)),
            malformed,
            "{from} {to}"
        );
    }
    let secret = good.replace("\"x\"", "\"d\":\"AA\",\"x\"");
    let given = CredentialPublicKey::from_jwk(&secret);
    assert_eq!(given, Err(CredentialKeyError::SecretGivenAsPublic));
    let cose = CredentialPublicKey::from_jwk(good).unwrap().to_cose();
    for at in 0..10 {
        let mut other = cose.clone();
        other[at] ^= 1;
        assert_eq!(CredentialPublicKey::from_cose(&other), malformed, "{at}");
    }
    assert_eq!(CredentialPublicKey::from_cose(&[&cose[..], &[0]].concat()), malformed);
    assert_eq!(CredentialPublicKey::from_cose(&cose[..cose.len() - 1]), malformed);
    // A compressed point.
    let spki = [hex::decode(SPKI_P256).unwrap(), vec![2; 33]].concat();
    assert_eq!(CredentialPublicKey::from_spki_der(&spki), malformed);
}

/// Under one that is none nothing verifies, and a passkey signs nothing when it is registered.
#[test]
fn a_p256_key_is_a_point_of_the_curve() {
    let read = |x: &[u8], y: &[u8]| {
        let key = [&hex::decode(SPKI_P256).unwrap(), &[4][..], x, y].concat();
        CredentialPublicKey::from_spki_der(&key).map(|_| ())
    };
    let malformed = Err(CredentialKeyError::Malformed);
    for _ in 0..32 {
        let point = PrivateKey::p256().point();
        let (x, y) = point[1..].split_at(32);
        assert_eq!(read(x, y), Ok(()));
        assert_eq!(read(y, x), malformed);
        for bit in 0..256 {
            let mut other = y.to_vec();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(x, &other), malformed, "{bit}");
        }
    }
    // The two points at x = 0, and the same with p in the place of 0.
    let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    for y in [
        "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4",
        "99b7a386f1d07c29dbcc42a27b5f9449abe3d50de25178e8d7407a95e8b06c0b",
    ] {
        let [prime, y] = [prime, y].map(|number| hex::decode(number).unwrap());
        assert_eq!(read(&[0; 32], &y), Ok(()));
        assert_eq!(read(&prime, &y), malformed);
    }
    assert_eq!(read(&[0; 32], &[0; 32]), malformed);
    assert_eq!(read(&[7; 32], &[7; 32]), malformed);
    assert_eq!(read(&[0xff; 32], &[0xff; 32]), malformed);
}

#[test]
fn a_signature_has_one_encoding() {
    let key = PrivateKey::p256();
    let der = key.raw(b"message");
    let signature = Signature::from_der(&der).unwrap();
    assert!(key.public().verifies(b"message", &signature));
    assert!(!key.public().verifies(b"massage", &signature));
    assert_eq!(Signature::from_raw(signature.as_bytes()), Ok(signature));
    for refused in [
        "",
        "3000",
        "3006020100020101",
        "3006020101020100",
        "30070202000102010a",
        "30060201ff020101",
        "3006020101020101aa",
        "300602010102010",
        "308106020101020101",
        "3080020101020101",
        "3106020101020101",
        "3006030101020101",
    ] {
        let bytes = hex::decode(refused).unwrap_or_default();
        assert!(Signature::from_der(&bytes).is_err(), "{refused}");
    }
    let least = Signature::from_der(&hex::decode("3006020101020102").unwrap()).unwrap();
    assert_eq!((least.as_bytes()[31], least.as_bytes()[63]), (1, 2));
    // 33 digits.
    let long = format!("3026022101{}020101", "00".repeat(32));
    assert!(Signature::from_der(&hex::decode(long).unwrap()).is_err());
    assert!(Signature::from_raw(&[1; 63]).is_err());
}

/// A key counts for the issuer, customer, credential and nonce that its owner signed for, and no other.
#[tokio::test]
async fn possession_is_of_one_key_for_one_credential() {
    let key = PrivateKey::p256();
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment()).await.unwrap();
    let id = given.credential.id;
    let other = EnrolmentRequest::device_key(request("tablet"));
    let another = credentials.enrol(&alice(), &other).await.unwrap();
    assert_ne!(given.key_nonce(), another.key_nonce());
    let nonce = *given.key_nonce().unwrap();
    let device = |issuer: &str, customer: &str| {
        let trusted = TrustedKeys::new(Issuer::new(issuer).unwrap());
        Device::new(trusted, CustomerId::new(customer).unwrap())
    };
    let at_bank = device("bank.example", "alice");
    let stranger = PrivateKey::p256();
    let good = at_bank.possession_message(id, &nonce, &key.public());
    let mut flipped = nonce;
    flipped[31] ^= 1;
    let messages = [
        device("other.example", "alice").possession_message(id, &nonce, &key.public()),
        device("bank.example", "mallory").possession_message(id, &nonce, &key.public()),
        at_bank.possession_message(another.credential.id, &nonce, &key.public()),
        at_bank.possession_message(id, &flipped, &key.public()),
        at_bank.possession_message(id, another.key_nonce().unwrap(), &key.public()),
        at_bank.possession_message(id, &nonce, &stranger.public()),
        Vec::new(),
    ];
    for message in messages {
        let possession = KeyPossession::device_key(key.public(), key.sign(&message));
        refused(credentials.confirm_key(&alice(), &id, &possession, None).await);
        assert_eq!(why(&bank), Some(Reason::NotSigned));
    }
    // Signed by somebody else's key, or with somebody else's key in its place.
    for (public, signer) in [(&key, &stranger), (&stranger, &key)] {
        let possession = KeyPossession::device_key(public.public(), signer.sign(&good));
        refused(credentials.confirm_key(&alice(), &id, &possession, None).await);
    }
    // A code is no key.
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let code = DeviceCredential::enrol(id, &seed, &pin("2468"), None, &SeededRandom::new(3))
        .unwrap()
        .confirm(&pin("2468"))
        .unwrap();
    refused(credentials.confirm(&alice(), &id, &code).await);
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    assert!(listed.iter().all(|one| one.status == CredentialStatus::Pending));
    let possession = KeyPossession::device_key(key.public(), key.sign(&good));
    refused(credentials.confirm_key(&alice(), &id, &possession, Some(&code)).await);
    for _ in 0..2 {
        credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
    }
    // Once it is confirmed no other key takes its place.
    let late = at_bank.possession_message(id, &nonce, &stranger.public());
    let late = KeyPossession::device_key(stranger.public(), stranger.sign(&late));
    refused(credentials.confirm_key(&alice(), &id, &late, None).await);
    let again = credentials.enrol(&alice(), &enrolment()).await.unwrap();
    assert!(again.key_nonce().is_none() && again.base32().is_none());
    assert_eq!(again.credential.key_fingerprint, Some(key.public().fingerprint()));
}

/// An app's key is none where codes are asked for.
#[tokio::test]
async fn a_key_confirms_no_other_method() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let ocra = EnrolmentRequest::ocra(request("app"));
    let given = credentials.enrol(&alice(), &ocra).await.unwrap();
    assert!(given.key_nonce().is_none());
    let key = PrivateKey::ed25519(9);
    // What it would be asked to sign, if it were a key that signs: whoever has the seed computes that.
    let seed =
        base32::decode(base32::Alphabet::Rfc4648 { padding: false }, given.base32().unwrap());
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign credential v1");
    let (own, mut nonce) = (salt.extract(&seed.unwrap()), [0; 32]);
    let label = [b"countersign possession v1".as_slice()];
    own.expand(&label, hkdf::HKDF_SHA256).unwrap().fill(&mut nonce).unwrap();
    let message = phone().possession_message(given.credential.id, &nonce, &key.public());
    let possession = KeyPossession::device_key(key.public(), key.sign(&message));
    refused(credentials.confirm_key(&alice(), &given.credential.id, &possession, None).await);
    assert_eq!(why(&bank), Some(Reason::NotSigned));
    // A key's nonce is made so.
    let given = credentials.enrol(&alice(), &enrolment().vouched_for()).await.unwrap();
    let seed =
        base32::decode(base32::Alphabet::Rfc4648 { padding: false }, given.base32().unwrap());
    salt.extract(&seed.unwrap())
        .expand(&label, hkdf::HKDF_SHA256)
        .unwrap()
        .fill(&mut nonce)
        .unwrap();
    assert_eq!(given.key_nonce(), Some(&nonce));
}

/// Whoever has seen the proof of possession learns nothing of the PIN with it, and uses up none of its attempts.
#[tokio::test]
async fn a_replayed_possession_tells_and_spends_nothing_of_a_pin() {
    let (bank, key) = (bank(), PrivateKey::p256());
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment().with_code()).await.unwrap();
    let (id, possession) = (given.credential.id, key.possession(&given));
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (own, duress, random) = (pin("2468"), pin("1357"), SeededRandom::new(3));
    let app = DeviceCredential::enrol(id, &seed, &own, Some(&duress), &random).unwrap();
    let first = app.confirm(&own).unwrap();
    credentials.confirm_key(&alice(), &id, &possession, Some(&first)).await.unwrap();
    bank.seen.take();
    let before = bank.store.records();
    for typed in ["1111", "1112", "1113", "1114", "1115", "1116", "1357", "2468"] {
        let code = app.confirm(&pin(typed)).unwrap();
        let again = credentials.confirm_key(&alice(), &id, &possession, Some(&code)).await.unwrap();
        assert_eq!(again.status, CredentialStatus::Active, "{typed}");
        let told = bank.seen.take();
        assert!(told.iter().all(|one| one.repeated), "{typed}");
    }
    assert_eq!(bank.store.records(), before, "nothing is counted");
    // Another key is none, whatever the code.
    let stranger = PrivateKey::p256().possession(&given);
    refused(credentials.confirm_key(&alice(), &id, &stranger, Some(&first)).await);
    assert_eq!(why(&bank), Some(Reason::NotSigned));
    // Nor is a proof worth anything once the key is revoked.
    credentials.revoke(&alice(), &id).await.unwrap();
    refused(credentials.confirm_key(&alice(), &id, &possession, Some(&first)).await);
}

/// Two banks that draw the same, so that what each asks differs in what is asked alone.
#[tokio::test]
async fn a_signature_of_another_amount_approves_nothing() {
    let key = PrivateKey::p256();
    let mut dearer = transfer();
    dearer.amount += 1;
    for (other, status) in [(transfer(), Some(StepUpStatus::Approved)), (dearer, None)] {
        let mut asked = Vec::new();
        for what in [transfer(), other] {
            let bank = crate::support::step_ups::bank_of(crate::support::step_ups::codes_alone(
                countersign::Policy::default(),
            ));
            bound(&bank, &enrolment(), &key).await;
            let request = asking("s-1", what);
            let one = bank.verifier.step_ups().request(&bob_rings("call-1"), &request).await;
            asked.push((bank, one.unwrap()));
        }
        let [(bank, first), (twin, second)] = &asked[..] else { panic!("two") };
        assert_eq!(first.step_up.id, second.step_up.id);
        let answer = key.answer(twin, second);
        let step_ups = bank.verifier.step_ups();
        let done = step_ups.submit_signed(&alice(), &first.step_up.id, &answer, None).await;
        match status {
            Some(status) => assert_eq!(done.unwrap().status, status),
            None => {
                refused(done);
                assert_eq!(why(bank), Some(Reason::NotSigned));
            }
        }
    }
}

/// What was signed for anything else approves nothing, is not counted, and stops nothing.
#[tokio::test]
async fn a_signature_of_anything_else_approves_nothing() {
    let (key, stranger) = (PrivateKey::p256(), PrivateKey::p256());
    let bank = bank();
    let given = bank.verifier.credentials();
    let spare = EnrolmentRequest::device_key(request("spare")).vouched_for();
    let spare = given.enrol(&alice(), &spare).await.unwrap();
    bound(&bank, &enrolment(), &key).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let mut dearer = transfer();
    dearer.amount += 1;
    let step_ups = bank.verifier.step_ups();
    let other = step_ups.request(&call, &asking("s-2", dearer)).await.unwrap();
    let id = asked.step_up.id;
    let message = open(&bank, &asked).message_to_sign(&key.public()).unwrap();
    assert!(open(&bank, &asked).message_to_sign(&stranger.public()).is_none());
    let nonce = spare.key_nonce().unwrap();
    let possession = phone().possession_message(spare.credential.id, nonce, &key.public());
    let mut answers = vec![
        key.answer(&bank, &other),
        SignedAnswer::by_device_key(key.sign(&possession)),
        SignedAnswer::by_device_key(stranger.sign(&message)),
        SignedAnswer::by_device_key(Signature::from_raw(&[0; 64]).unwrap()),
    ];
    let right = *key.sign(&message).as_bytes();
    for at in [0, 31, 32, 63] {
        let mut wrong = right;
        wrong[at] ^= 1;
        answers.push(SignedAnswer::by_device_key(Signature::from_raw(&wrong).unwrap()));
    }
    bank.seen.take();
    for answer in &answers {
        refused(
            step_ups
                .submit(&alice(), &id, &open(&bank, &asked).answer_signed(answer.clone()))
                .await,
        );
        assert_eq!(why(&bank), Some(Reason::NotSigned));
    }
    refused(step_ups.submit(&alice(), &id, &with_code(&asked, "12345678")).await);
    assert_eq!(why(&bank), Some(Reason::NotSigned));
    assert_eq!(step_ups.outcome(&call, &id).await.unwrap(), StepUpOutcome::Waiting);
    let answer = key.answer(&bank, &asked);
    let unasked = "12345678".parse().unwrap();
    refused(step_ups.submit_signed(&alice(), &id, &answer, Some(&unasked)).await);
    let listed = given.list(&alice(), Page::first()).await.unwrap().items;
    assert!(listed.iter().any(|one| one.status == CredentialStatus::Active));
    step_ups
        .submit(&alice(), &id, &open(&bank, &asked).answer_signed(answer.clone()))
        .await
        .unwrap();
}

/// Both or nothing: the signature first, which is not counted; the code only if that is right.
#[tokio::test]
async fn no_code_is_looked_at_before_the_signature_is_right() {
    let (key, stranger) = (PrivateKey::p256(), PrivateKey::p256());
    let bank = bank();
    let app = bound_with_pin(&bank, enrolment(), &key).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let id = asked.step_up.id;
    let opened = open(&bank, &asked);
    assert!(opened.asks_code());
    let (step_ups, credentials) = (bank.verifier.step_ups(), bank.verifier.credentials());
    let code = code_of(&opened.approve(&app, &pin("2468")).unwrap());
    let wrong = |n: u32, signed: &SignedAnswer| {
        with_code(&asked, &format!("{n:08}")).signed(signed.clone())
    };
    let code = |signed: &SignedAnswer| with_code(&asked, &code).signed(signed.clone());
    let message = opened.message_to_sign(&key.public()).unwrap();
    let bad = SignedAnswer::by_device_key(stranger.sign(&message));
    let good = SignedAnswer::by_device_key(key.sign(&message));
    for n in 0..20 {
        refused(step_ups.submit(&alice(), &id, &wrong(n, &bad)).await);
    }
    // Not even a right one, and neither half alone.
    refused(step_ups.submit(&alice(), &id, &code(&bad)).await);
    refused(step_ups.submit(&alice(), &id, &opened.approve(&app, &pin("2468")).unwrap()).await);
    refused(step_ups.submit(&alice(), &id, &opened.answer_signed(good.clone())).await);
    let status = async || credentials.list(&alice(), Page::first()).await.unwrap().items[0].status;
    assert_eq!(status().await, CredentialStatus::Active);
    let listed = histories(&bank.verifier, a_credential).await;
    let counted = listed[0].events.iter().any(|of| of.action == Action::Verify);
    assert!(!counted, "nothing was counted");
    // With the signature wrong codes count, and the fifth locks.
    for n in 0..5 {
        assert_eq!(status().await, CredentialStatus::Active);
        refused(step_ups.submit(&alice(), &id, &wrong(n, &good)).await);
    }
    assert_eq!(status().await, CredentialStatus::Locked);
    credentials.unlock(&alice(), &app.id()).await.unwrap();
    step_ups.submit(&alice(), &id, &code(&good)).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
    assert!(!proof.duress());
}

#[tokio::test]
async fn coercion_is_told_with_the_code_beside_the_signature() {
    let key = PrivateKey::ed25519(9);
    let bank = bank();
    let app = bound_with_pin(&bank, enrolment(), &key).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let code = open(&bank, &asked).approve(&app, &pin("1357")).unwrap();
    let (step_ups, answer) = (bank.verifier.step_ups(), key.answer(&bank, &asked));
    let id = asked.step_up.id;
    step_ups.submit(&alice(), &id, &code.signed(answer)).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
    assert!(proof.duress());
}

/// Whoever holds the seed, as the enterprise does, forges what an OCRA credential approves, and nothing that a key
/// signs.
#[tokio::test]
async fn the_enterprise_forges_an_ocra_code_and_no_signature() {
    let bank = bank();
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment()).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let key = PrivateKey::p256();
    let id = given.credential.id;
    credentials.confirm_key(&alice(), &id, &key.possession(&given), None).await.unwrap();
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let opened = open(&bank, &asked);
    let forged = DeviceCredential::enrol(id, &seed, &pin("0000"), None, &SeededRandom::new(4));
    let code = opened.approve(&forged.unwrap(), &pin("0000")).unwrap();
    let step_ups = bank.verifier.step_ups();
    refused(step_ups.submit(&alice(), &asked.step_up.id, &code).await);
    let own = PrivateKey::p256();
    let message = opened.message_to_sign(&key.public()).unwrap();
    let answer = SignedAnswer::by_device_key(own.sign(&message));
    for answer in [opened.answer_signed(answer.clone()), code.signed(answer)] {
        refused(step_ups.submit(&alice(), &asked.step_up.id, &answer).await);
    }
    // The same against OCRA.
    let bank = crate::support::step_ups::bank();
    let credentials = bank.verifier.credentials();
    let ocra = EnrolmentRequest::ocra(request("app"));
    let given = credentials.enrol(&alice(), &ocra).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let id = given.credential.id;
    let hers =
        DeviceCredential::enrol(id, &seed, &pin("2468"), None, &SeededRandom::new(3)).unwrap();
    let first = hers.confirm(&pin("2468")).unwrap();
    credentials.confirm(&alice(), &id, &first).await.unwrap();
    let asked = crate::support::step_ups::asked(&bank, &call).await;
    let forged = DeviceCredential::enrol(id, &seed, &pin("0000"), None, &SeededRandom::new(4));
    let code = open(&bank, &asked).approve(&forged.unwrap(), &pin("0000")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
}

#[tokio::test]
async fn a_key_that_was_revoked_redeems_nothing() {
    let key = PrivateKey::p256();
    let bank = bank();
    let credential = bound(&bank, &enrolment(), &key).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let (step_ups, answer) = (bank.verifier.step_ups(), key.answer(&bank, &asked));
    let second = step_ups.request(&call, &asking("s-2", transfer())).await.unwrap();
    step_ups
        .submit(&alice(), &asked.step_up.id, &open(&bank, &asked).answer_signed(answer.clone()))
        .await
        .unwrap();
    let grant = grant(&bank, &asked).await;
    let late = key.answer(&bank, &second);
    bank.verifier.credentials().revoke(&alice(), &credential.id).await.unwrap();
    refused(step_ups.redeem(&call, &grant, &transfer(), &request("k")).await);
    refused(step_ups.submit_signed(&alice(), &second.step_up.id, &late, None).await);
}

/// The phone's key is asked before the app's PIN, and binds any other method.
#[tokio::test]
async fn a_device_key_is_asked_first_and_binds_another() {
    let key = PrivateKey::ed25519(9);
    let bank = bank_of({
        let mut policy = Policy::default();
        policy.step_ups.per_customer = 20;
        policy
    });
    let (ocra, _) = app(&bank).await;
    let credential = bound(&bank, &enrolment().vouched_for(), &key).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    assert_eq!(asked.step_up.method, Method::DeviceKey);
    assert_eq!(open(&bank, &asked).credential(), credential.id);
    assert_ne!(open(&bank, &asked).credential(), ocra.id);
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&call, &asking("bind", another())).await.unwrap();
    let answer = key.answer(&bank, &asked);
    step_ups
        .submit(&alice(), &asked.step_up.id, &open(&bank, &asked).answer_signed(answer.clone()))
        .await
        .unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &grant, &another(), &request("k")).await.unwrap();
    let tablet = EnrolmentRequest::device_key(request("tablet")).approved_in(&proof);
    let bound = bound(&bank, &tablet, &PrivateKey::p256()).await;
    assert_eq!(bound.approved_by, Some(credential.id));
}

/// The agent proves themselves to an app that approves with a key, too; no PIN answers there.
#[tokio::test]
async fn the_enterprise_proves_itself_to_an_app_with_a_key() {
    use crate::support::challenges::signing_bank;
    let bank = signing_bank();
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment()).await.unwrap();
    let id = given.credential.id;
    let possession = PrivateKey::p256().possession(&given);
    credentials.confirm_key(&alice(), &id, &possession, None).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let app = DeviceCredential::enrol_without_pin(id, &seed, &SeededRandom::new(3)).unwrap();
    let app = DeviceCredential::from_bytes(&app.to_bytes()).unwrap();
    let (challenge, token) = bank.confirmed().await;
    let said = presented(&bank, &challenge, "call-1").await;
    assert_eq!(hear(&bank, &token, &app, &said), CodeCheck::Genuine);
    let with_pin =
        DeviceCredential::enrol(id, &seed, &pin("2468"), None, &SeededRandom::new(3)).unwrap();
    assert_ne!(app.confirm(&pin("2468")).unwrap(), with_pin.confirm(&pin("2468")).unwrap());
}

/// The bytes that are signed, as the wire page has them.
#[tokio::test]
async fn what_is_signed_is_what_the_manual_says() {
    let pae = |pieces: &[&[u8]]| {
        let mut out = (pieces.len() as u64).to_le_bytes().to_vec();
        for piece in pieces {
            out.extend((piece.len() as u64).to_le_bytes());
            out.extend(*piece);
        }
        out
    };
    let sha256 = |bytes: &[u8]| ring::digest::digest(&ring::digest::SHA256, bytes);
    let id = |text: String| base32::decode(base32::Alphabet::Crockford, &text).unwrap();
    let key = PrivateKey::ed25519(9);
    let bank = bank();
    let given = bank.verifier.credentials().enrol(&alice(), &enrolment()).await.unwrap();
    let (credential, nonce) = (given.credential.id, given.key_nonce().unwrap());
    let fingerprint = {
        use base64ct::Encoding as _;
        base64ct::Base64UrlUnpadded::decode_vec(&key.public().fingerprint().to_string()).unwrap()
    };
    let at = id(credential.to_string());
    let possession: [&[u8]; 6] =
        [b"countersign device key v1", b"bank.example", b"alice", &at, nonce, &fingerprint];
    assert_eq!(phone().possession_message(credential, nonce, &key.public()), pae(&possession));
    let possession = key.possession(&given);
    let confirm = bank.verifier.credentials();
    confirm.confirm_key(&alice(), &credential, &possession, None).await.unwrap();
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let opened = open(&bank, &asked);
    let payload = {
        use base64ct::Encoding as _;
        let body = asked.token.split('.').nth(2).unwrap();
        base64ct::Base64UrlUnpadded::decode_vec(body).unwrap()
    };
    let claims: serde_json::Value = serde_json::from_slice(&payload[..payload.len() - 64]).unwrap();
    assert_eq!(claims["data"]["method"], "device_key");
    assert_eq!(claims["data"]["key"], key.public().fingerprint().to_string());
    assert_eq!(claims["data"]["with_code"], serde_json::Value::Null);
    assert_eq!(claims["data"]["number_match"], true);
    assert_eq!(claims["data"]["who_rang"], true);
    let jti = {
        use base64ct::Encoding as _;
        base64ct::Base64UrlUnpadded::decode_vec(claims["jti"].as_str().unwrap()).unwrap()
    };
    let transaction = [&[1], transfer().canonical().as_slice()].concat();
    let statement = sha256(&pae(&[
        b"countersign statement v2",
        b"bank.example",
        b"alice",
        &id(asked.step_up.id.to_string()),
        &at,
        &[&[1], fingerprint.as_slice()].concat(),
        b"call-1",
        &[2],
        opened.agent_name().as_str().as_bytes(),
        &transaction,
        b"",
        &[1, 2],
        format!("\u{1}{}", asked.digits.as_ref().unwrap().digits().replace(' ', "")).as_bytes(),
        b"",
        &jti,
    ]));
    let message = pae(&[b"countersign device approval v1", statement.as_ref()]);
    assert_eq!(opened.message_to_sign(&key.public()), Some(message));
}
