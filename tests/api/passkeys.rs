//! Approvals by passkeys: what WebAuthn asks a relying party to look at, each by itself.

use countersign::credential::{
    CredentialStatus, EnrolmentRequest, KeyPossession, Method, PasskeyAssertion,
    PasskeyRegistration,
};
use countersign::device::DeviceCredential;
use countersign::error::{ConfigError, Invalid, Reason};
use countersign::history::{Action, Outcome, Subject};
use countersign::observer::Observed;
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::{SignedAnswer, StepUpOutcome, StepUpRequested, StepUpStatus};
use countersign::{Error, Policy, Verifier};

use crate::support::credentials::{pin, refused};
use crate::support::device_keys::PrivateKey;
use crate::support::passkeys::{Authenticator, RP_ID, bound, policy};
use crate::support::step_ups::{asked, asking, bank_of, grant, open, transfer};
use crate::support::{Bank, alice, bob_rings, issuer, keyring, request};

fn enrolment() -> EnrolmentRequest {
    EnrolmentRequest::passkey(request("passkey"))
}

fn authenticator() -> Authenticator {
    Authenticator::of(PrivateKey::p256())
}

/// Why the last thing was refused, as the observer was told.
fn why(bank: &Bank) -> Option<Reason> {
    bank.seen.take().iter().rev().find_map(|seen| match seen.outcome {
        Outcome::Refused(reason) => Some(reason),
        _ => None,
    })
}

fn warned(bank: &Bank) -> bool {
    bank.seen.take().iter().any(|seen| seen.action == Action::WarnOfClone)
}

async fn submit(
    bank: &Bank,
    asked: &StepUpRequested,
    answer: &SignedAnswer,
) -> Result<StepUpStatus, Error> {
    let step_ups = bank.verifier.step_ups();
    let done = step_ups
        .submit(&alice(), &asked.step_up.id, &open(bank, asked).answer_signed(answer.clone()))
        .await;
    done.map(|step_up| step_up.status)
}

/// A bank at which Alice has this passkey, and what she is asked.
async fn asked_of(authenticator: &Authenticator, policy: Policy) -> (Bank, StepUpRequested) {
    let bank = bank_of(policy);
    bound(&bank, &enrolment(), authenticator).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    bank.seen.take();
    (bank, asked)
}

/// Asked in the same call.
async fn second(bank: &Bank) -> StepUpRequested {
    let (call, asking) = (bob_rings("call-1"), asking("s-2", transfer()));
    bank.verifier.step_ups().request(&call, &asking).await.unwrap()
}

#[tokio::test]
async fn an_approval_is_asserted_by_a_passkey() {
    for key in [PrivateKey::p256(), PrivateKey::ed25519(9)] {
        let authenticator = Authenticator::of(key);
        let bank = bank_of(policy());
        let given = bank.verifier.credentials().enrol(&alice(), &enrolment()).await.unwrap();
        assert!(given.base32().is_none(), "nothing to compute with");
        let credential = bound(&bank, &enrolment(), &authenticator).await;
        assert_eq!(
            (credential.method, credential.status),
            (Method::Passkey, CredentialStatus::Active)
        );
        assert_eq!(credential.passkey_id.as_deref(), Some("cGFzc2tleS0x"));
        let public = authenticator.key.public();
        assert_eq!(credential.key_fingerprint, Some(public.fingerprint()));
        let call = bob_rings("call-1");
        let asked = asked(&bank, &call).await;
        assert!(open(&bank, &asked).message_to_sign(&public).is_none());
        let answer = authenticator.answer(&bank, &asked);
        for _ in 0..2 {
            assert_eq!(submit(&bank, &asked, &answer).await.unwrap(), StepUpStatus::Approved);
        }
        let grant = grant(&bank, &asked).await;
        let step_ups = bank.verifier.step_ups();
        for _ in 0..2 {
            let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
            assert_eq!(proof.method(), Method::Passkey);
            assert_eq!(proof.key_fingerprint(), Some(public.fingerprint()));
        }
    }
}

/// What browsers send.
#[tokio::test]
async fn json_of_browsers_is_read() {
    let authenticator = authenticator();
    let bank = bank_of(policy());
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment()).await.unwrap();
    let nonce = given.key_nonce().unwrap();
    let json = authenticator.registration_json(nonce);
    let registration = PasskeyRegistration::from_json(&json).unwrap();
    assert_eq!(registration, authenticator.registration(nonce));
    let possession = KeyPossession::passkey(registration);
    credentials.confirm_key(&alice(), &given.credential.id, &possession, None).await.unwrap();
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let challenge = open(&bank, &asked).passkey_challenge().unwrap();
    let json = authenticator.assertion_json(&challenge);
    let answer = SignedAnswer::by_passkey(PasskeyAssertion::from_json(&json).unwrap());
    assert_eq!(submit(&bank, &asked, &answer).await.unwrap(), StepUpStatus::Approved);
    for bad in [
        "",
        "{}",
        "[]",
        &json.replace("rawId", "rawid"),
        &json.replace("\":\"", "\":\"="),
        &format!("{}{}", &json[..json.len() - 1], r#","rawId":"AA"}"#),
    ] {
        assert!(PasskeyAssertion::from_json(bad).is_err(), "{bad}");
        assert!(PasskeyRegistration::from_json(bad).is_err(), "{bad}");
    }
    assert!(PasskeyAssertion::from_json(&" ".repeat(20_000)).is_err());
    let longer = vec![0; 5000];
    assert!(PasskeyAssertion::new(&longer, b"", b"", b"").is_err());
    assert!(PasskeyAssertion::new(b"", &longer, b"", b"").is_err());
    assert!(PasskeyAssertion::new(b"", b"", &longer, b"").is_err());
    assert!(PasskeyAssertion::new(b"", b"", b"", &longer).is_err());
    assert!(PasskeyRegistration::new(&longer, b"").is_err());
    assert!(PasskeyRegistration::new(b"", &[0; 40_000]).is_err());
}

type Change = fn(&mut Authenticator);

/// Whatever this changes of an assertion that is signed rightly is refused, not counted, and stops nothing.
async fn refused_with(change: Change) {
    let mut of = authenticator();
    let (bank, asked) = asked_of(&of, policy()).await;
    let good = of.answer(&bank, &asked);
    change(&mut of);
    refused(submit(&bank, &asked, &of.answer(&bank, &asked)).await);
    assert_eq!(why(&bank), Some(Reason::NotSigned));
    let outcome = bank.verifier.step_ups().outcome(&bob_rings("call-1"), &asked.step_up.id).await;
    assert_eq!(outcome.unwrap(), StepUpOutcome::Waiting);
    assert_eq!(submit(&bank, &asked, &good).await.unwrap(), StepUpStatus::Approved);
}

#[tokio::test]
async fn another_rp_id_is_refused() {
    refused_with(|of| of.rp_id = "bank.example".to_owned()).await;
}

#[tokio::test]
async fn another_origin_is_refused() {
    refused_with(|of| of.origin = "https://login.bank.example".to_owned()).await;
}

#[tokio::test]
async fn another_type_is_refused() {
    refused_with(|of| of.kind = Some("webauthn.create")).await;
}

#[tokio::test]
async fn a_page_within_another_one_is_refused() {
    refused_with(|of| of.cross_origin = true).await;
}

#[tokio::test]
async fn a_user_who_was_not_verified_is_refused() {
    refused_with(|of| of.flags = 0x01).await;
}

#[tokio::test]
async fn a_user_who_was_not_present_is_refused() {
    refused_with(|of| of.flags = 0x04).await;
}

#[tokio::test]
async fn a_passkey_that_became_copyable_is_refused() {
    refused_with(|of| of.flags = 0x0d).await;
}

#[tokio::test]
async fn a_passkey_that_is_copied_and_cannot_be_is_refused() {
    refused_with(|of| of.flags = 0x15).await;
}

#[tokio::test]
async fn another_passkey_id_is_refused() {
    refused_with(|of| of.id = b"passkey-2".to_vec()).await;
}

#[tokio::test]
async fn another_key_is_refused() {
    refused_with(|of| of.key = PrivateKey::p256()).await;
}

/// Two banks that draw the same, so that what each asks differs in what is asked alone.
#[tokio::test]
async fn a_challenge_of_another_amount_is_refused() {
    let of = authenticator();
    let mut dearer = transfer();
    dearer.amount += 1;
    for (other, same) in [(transfer(), true), (dearer, false)] {
        let mut asked = Vec::new();
        for what in [transfer(), other] {
            let bank = bank_of(policy());
            bound(&bank, &enrolment(), &of).await;
            let request = asking("s-1", what);
            let one = bank.verifier.step_ups().request(&bob_rings("call-1"), &request).await;
            asked.push((bank, one.unwrap()));
        }
        let [(bank, first), (twin, second)] = &asked[..] else { panic!("two") };
        assert_eq!(first.step_up.id, second.step_up.id);
        let done = submit(bank, first, &of.answer(twin, second)).await;
        if same {
            assert_eq!(done.unwrap(), StepUpStatus::Approved);
        } else {
            refused(done);
            assert_eq!(why(bank), Some(Reason::NotSigned));
        }
    }
}

/// A login page's challenge, or another statement.
#[tokio::test]
async fn another_challenge_is_refused() {
    let of = authenticator();
    let (bank, asked) = asked_of(&of, policy()).await;
    let mut dearer = transfer();
    dearer.amount += 1;
    let call = bob_rings("call-1");
    let other = bank.verifier.step_ups().request(&call, &asking("s-2", dearer)).await.unwrap();
    refused(submit(&bank, &asked, &of.answer(&bank, &other)).await);
    assert_eq!(why(&bank), Some(Reason::NotSigned));
    let login = SignedAnswer::by_passkey(of.assertion(&[7; 32]));
    refused(submit(&bank, &asked, &login).await);
    // Nor is what it signs a device key's signature.
    let message = open(&bank, &asked).passkey_challenge().unwrap();
    let raw = SignedAnswer::by_device_key(of.key.sign(&message));
    refused(submit(&bank, &asked, &raw).await);
    assert_eq!(why(&bank), Some(Reason::NotSigned));
}

/// Whatever this changes of a registration is refused, though nothing in it is signed.
#[tokio::test]
async fn a_registration_is_judged() {
    let changes: [(&str, Change); 8] = [
        ("RP id", |of| of.rp_id = "bank.example".to_owned()),
        ("origin", |of| of.origin = "https://login.bank.example".to_owned()),
        ("type", |of| of.kind = Some("webauthn.get")),
        ("cross-origin", |of| of.cross_origin = true),
        ("not verified", |of| of.flags = 0x01),
        ("not present", |of| of.flags = 0x04),
        ("copied and not copyable", |of| of.flags = 0x15),
        ("no id", |of| of.id = Vec::new()),
    ];
    for (what, change) in changes {
        let bank = bank_of(policy());
        let credentials = bank.verifier.credentials();
        let given = credentials.enrol(&alice(), &enrolment()).await.unwrap();
        let (id, nonce) = (given.credential.id, given.key_nonce().unwrap());
        let mut of = authenticator();
        let good = KeyPossession::passkey(of.registration(nonce));
        let challenge = KeyPossession::passkey(of.registration(&[7; 32]));
        change(&mut of);
        let other = KeyPossession::passkey(of.registration(nonce));
        for bad in [other, challenge] {
            refused(credentials.confirm_key(&alice(), &id, &bad, None).await);
            assert_eq!(why(&bank), Some(Reason::NotSigned), "{what}");
        }
        credentials.confirm_key(&alice(), &id, &good, None).await.unwrap();
    }
}

#[tokio::test]
async fn a_passkey_is_no_device_key_and_the_other_way_round() {
    let of = authenticator();
    let bank = bank_of(policy());
    let credentials = bank.verifier.credentials();
    let device = EnrolmentRequest::device_key(request("phone"));
    let (passkey, device) = (
        credentials.enrol(&alice(), &enrolment()).await.unwrap(),
        credentials.enrol(&alice(), &device).await.unwrap(),
    );
    let registered = KeyPossession::passkey(of.registration(device.key_nonce().unwrap()));
    let id = device.credential.id;
    refused(credentials.confirm_key(&alice(), &id, &registered, None).await);
    let signed = of.key.possession(&passkey);
    let id = passkey.credential.id;
    refused(credentials.confirm_key(&alice(), &id, &signed, None).await);
}

/// A counter that goes back is told, and refused where the policy says so; one that stays at 0 counts nothing.
#[tokio::test]
async fn a_counter_that_goes_back_is_told() {
    for refuses in [false, true] {
        let mut of = authenticator();
        of.counter = 7;
        let mut policy = policy();
        policy.passkeys.refuse_clones = refuses;
        let (bank, first) = asked_of(&of, policy).await;
        of.counter = 8;
        submit(&bank, &first, &of.answer(&bank, &first)).await.unwrap();
        assert!(!warned(&bank));
        let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
        let mut warnings = 0;
        for counter in [8, 3, 0] {
            let id = format!("s-{counter}-again");
            let next = step_ups.request(&call, &asking(&id, transfer())).await.unwrap();
            bank.seen.take();
            of.counter = counter;
            let done = submit(&bank, &next, &of.answer(&bank, &next)).await;
            let new = |seen: &[Observed]| {
                let of_clone = |one: &&Observed| one.action == Action::WarnOfClone;
                seen.iter().filter(of_clone).map(|one| !one.repeated).collect::<Vec<_>>()
            };
            // The first time it is news.
            assert_eq!(new(&bank.seen.take()), [true], "{counter}");
            if refuses {
                refused(done);
                refused(submit(&bank, &next, &of.answer(&bank, &next)).await);
                assert_eq!(new(&bank.seen.take()), [false], "{counter}");
            } else {
                assert_eq!(done.unwrap(), StepUpStatus::Approved);
            }
            // And stands in the history, where the refusal does.
            let histories = bank.verifier.history(&alice(), Page::first()).await.unwrap().items;
            let of_credential =
                histories.iter().find(|one| matches!(one.subject, Subject::Credential(_))).unwrap();
            let noted = of_credential.events.iter().filter(|one| one.action == Action::WarnOfClone);
            warnings += 1;
            assert_eq!(noted.count(), warnings);
        }
        let next = step_ups.request(&call, &asking("s-9", transfer())).await.unwrap();
        of.counter = 9;
        submit(&bank, &next, &of.answer(&bank, &next)).await.unwrap();
        assert!(!warned(&bank));
    }
    let of = authenticator();
    let mut policy = policy();
    policy.passkeys.refuse_clones = true;
    let (bank, first) = asked_of(&of, policy).await;
    let next = second(&bank).await;
    for asked in [first, next] {
        submit(&bank, &asked, &of.answer(&bank, &asked)).await.unwrap();
        assert!(!warned(&bank));
    }
}

/// A passkey that may be copied stays one, whether it is copied at the time or not.
#[tokio::test]
async fn a_copyable_passkey_may_be_copied_and_not() {
    let mut of = authenticator();
    of.flags = 0x0d;
    let (bank, first) = asked_of(&of, policy()).await;
    let next = second(&bank).await;
    of.flags = 0x1d;
    submit(&bank, &first, &of.answer(&bank, &first)).await.unwrap();
    of.flags = 0x05;
    refused(submit(&bank, &next, &of.answer(&bank, &next)).await);
    of.flags = 0x0d;
    submit(&bank, &next, &of.answer(&bank, &next)).await.unwrap();
}

/// Both or nothing, as with a device key.
#[tokio::test]
async fn the_pin_s_code_may_be_asked_beside_a_passkey() {
    let of = authenticator();
    let bank = bank_of(policy());
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment().with_code()).await.unwrap();
    let (id, random) = (given.credential.id, SeededRandom::new(3));
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let app =
        DeviceCredential::enrol(id, &seed, &pin("2468"), Some(&pin("1357")), &random).unwrap();
    let possession = KeyPossession::passkey(of.registration(given.key_nonce().unwrap()));
    refused(credentials.confirm_key(&alice(), &id, &possession, None).await);
    let first = app.confirm(&pin("2468")).unwrap();
    credentials.confirm_key(&alice(), &id, &possession, Some(&first)).await.unwrap();
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let (step_ups, answer) = (bank.verifier.step_ups(), of.answer(&bank, &asked));
    let step_up = asked.step_up.id;
    assert!(open(&bank, &asked).asks_code());
    refused(
        step_ups
            .submit(&alice(), &step_up, &open(&bank, &asked).answer_signed(answer.clone()))
            .await,
    );
    let code = open(&bank, &asked).approve(&app, &pin("1357")).unwrap();
    step_ups.submit(&alice(), &step_up, &code.signed(answer)).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
    assert!(proof.duress());
}

#[tokio::test]
async fn without_a_relying_party_there_is_no_passkey() {
    let bank = bank_of(Policy::default());
    let enrolled = bank.verifier.credentials().enrol(&alice(), &enrolment()).await;
    assert!(matches!(enrolled, Err(Error::Invalid(Invalid::NoRelyingParty))));
    let listed = bank.verifier.credentials().list(&alice(), Page::first()).await.unwrap();
    assert!(listed.items.is_empty());
}

#[test]
fn a_policy_names_both_rp_id_and_origins_or_neither() {
    let build = |rp_id: &str, origins: &[&str]| {
        let mut policy = Policy::default();
        policy.passkeys.rp_id = rp_id.to_owned();
        policy.passkeys.origins = origins.iter().map(|one| (*one).to_owned()).collect();
        Verifier::builder(issuer(), keyring()).policy(policy).build().err()
    };
    assert_eq!(build("", &[]), None);
    assert_eq!(build(RP_ID, &["https://approve.bank.example", "android:apk-key-hash:x"]), None);
    for (rp_id, origins) in [
        (RP_ID, [].as_slice()),
        ("", &["https://approve.bank.example"]),
        (RP_ID, &[""]),
        (RP_ID, &["https://a b"]),
        ("https://approve.bank.example", &["https://approve.bank.example"]),
        ("a:1", &["https://approve.bank.example"]),
        (RP_ID, &["x"; 33]),
    ] {
        assert_eq!(build(rp_id, origins), Some(ConfigError::Passkeys), "{rp_id} {origins:?}");
    }
}

/// A registration without attestation signs nothing, so a key under which nothing can verify would be bound, and raise the
/// floor above all that the customer has.
#[tokio::test]
async fn attack_a_passkey_whose_key_is_no_point_of_the_curve_is_not_bound() {
    let (of, bank) = (authenticator(), bank_of(policy()));
    let credentials = bank.verifier.credentials();
    let given = credentials.enrol(&alice(), &enrolment()).await.unwrap();
    let good = of.registration(given.key_nonce().unwrap());
    let client = {
        let json = of.registration_json(given.key_nonce().unwrap());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let text = json["response"]["clientDataJSON"].as_str().unwrap().to_owned();
        <base64ct::Base64UrlUnpadded as base64ct::Encoding>::decode_vec(&text).unwrap()
    };
    let mut object = good.attestation_object().to_vec();
    // The lowest bit of y.
    *object.last_mut().unwrap() ^= 1;
    let bad = KeyPossession::passkey(PasskeyRegistration::new(&client, &object).unwrap());
    refused(credentials.confirm_key(&alice(), &given.credential.id, &bad, None).await);
    assert!(!bank.verifier.customers().standing(&alice()).await.unwrap().floor);
    let good = KeyPossession::passkey(good);
    credentials.confirm_key(&alice(), &given.credential.id, &good, None).await.unwrap();
    assert!(bank.verifier.customers().standing(&alice()).await.unwrap().floor);
}
