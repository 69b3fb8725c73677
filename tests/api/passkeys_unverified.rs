//! Passkeys whose authenticator verified nobody, such as a security key that is only touched: taken with the PIN's code
//! where the policy says so, and not at all otherwise.

use countersign::Error;
use countersign::Policy;
use countersign::credential::{EnrolmentRequest, KeyPossession};
use countersign::device::DeviceCredential;
use countersign::policy::UserVerification::{self, Always, UnlessWithCode};
use countersign::step_up::{
    Approver, EvidenceCheck, EvidenceError, StepUpAnswer, StepUpOutcome, StepUpRequested,
    StepUpStatus,
};

use crate::evidence::{later, published};
use crate::support::credentials::{made, pin, refused};
use crate::support::device_keys::PrivateKey;
use crate::support::passkeys::{Authenticator, policy};
use crate::support::step_ups::{
    asked, bank_of, code_of, grant, open, signing, transfer, with_code as with_typed_code,
};
use crate::support::{
    Bank, Recorder, a_credential, alice, bob_rings, histories, keyring, part, request,
};

/// User present; and verified.
const TOUCHED: u8 = 0x01;
const VERIFIED: u8 = 0x05;

fn policy_of(verification: UserVerification) -> Policy {
    let mut policy = policy();
    policy.passkeys.user_verification = verification;
    policy
}

fn authenticator(flags: u8) -> Authenticator {
    Authenticator { flags, ..Authenticator::of(PrivateKey::ed25519(9)) }
}

/// Enrols it, with the PIN's code or alone.
async fn enrolled(
    bank: &Bank,
    of: &Authenticator,
    with_code: bool,
) -> Result<Option<DeviceCredential>, Error> {
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::passkey(request("passkey"));
    let enrolment = if with_code { enrolment.with_code() } else { enrolment };
    let given = credentials.enrol(&alice(), &enrolment).await.unwrap();
    let id = given.credential.id;
    let app = given.base32().map(|seed| made(id, seed, "2468", Some("1357"), 3));
    assert_eq!(app.is_some(), with_code);
    let (app, first) = app.unzip();
    let possession = KeyPossession::passkey(of.registration(given.key_nonce().unwrap()));
    credentials.confirm_key(&alice(), &id, &possession, first.as_ref()).await?;
    Ok(app)
}

async fn submit(bank: &Bank, asked: &StepUpRequested, answer: &StepUpAnswer) -> Result<(), Error> {
    let done = bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, answer).await?;
    assert_eq!(done.status, StepUpStatus::Approved);
    Ok(())
}

/// The answer of this touch, with the code of a PIN if there is an app that makes one.
fn answer(
    bank: &Bank,
    asked: &StepUpRequested,
    of: &Authenticator,
    app: Option<&DeviceCredential>,
) -> StepUpAnswer {
    let signed = of.answer(bank, asked);
    match app {
        Some(app) => open(bank, asked).approve(app, &pin("2468")).unwrap().signed(signed),
        None => open(bank, asked).answer_signed(signed),
    }
}

/// Of eight ways to bind one and eight to answer, those without the user's verification are taken only with the code, and
/// only where the policy says so.
#[tokio::test]
async fn attack_without_the_user_s_verification_only_the_pin_s_code_makes_up_for_it() {
    for verification in [Always, UnlessWithCode] {
        for with_code in [false, true] {
            let enough = verification == UnlessWithCode && with_code;
            let case = format!("{verification:?}, {with_code}");
            let bank = bank_of(policy_of(verification));
            let bound = enrolled(&bank, &authenticator(TOUCHED), with_code).await;
            assert_eq!(bound.is_ok(), enough, "{case}: {bound:?}");
            let bank = bank_of(policy_of(verification));
            let app = enrolled(&bank, &authenticator(VERIFIED), with_code).await.unwrap();
            let asked = asked(&bank, &bob_rings("call-1")).await;
            let touched = answer(&bank, &asked, &authenticator(TOUCHED), app.as_ref());
            let done = submit(&bank, &asked, &touched).await;
            assert_eq!(done.is_ok(), enough, "{case}: {done:?}");
            // Nobody there at all is never enough.
            let bank = bank_of(policy_of(verification));
            let app = enrolled(&bank, &authenticator(VERIFIED), with_code).await.unwrap();
            let asked = crate::support::step_ups::asked(&bank, &bob_rings("call-1")).await;
            refused(
                submit(&bank, &asked, &answer(&bank, &asked, &authenticator(0), app.as_ref()))
                    .await,
            );
            let good = answer(&bank, &asked, &authenticator(VERIFIED), app.as_ref());
            submit(&bank, &asked, &good).await.unwrap();
        }
    }
}

/// Both or nothing: neither the touch nor the code approves by itself, and a wrong code is counted as everywhere.
#[tokio::test]
async fn attack_a_touch_alone_and_a_code_alone_approve_nothing() {
    let bank = bank_of(policy_of(UnlessWithCode));
    let of = authenticator(TOUCHED);
    let app = enrolled(&bank, &of, true).await.unwrap().unwrap();
    let (call, asked) = (bob_rings("call-1"), asked(&bank, &bob_rings("call-1")).await);
    let code = open(&bank, &asked).approve(&app, &pin("2468")).unwrap();
    refused(submit(&bank, &asked, &answer(&bank, &asked, &of, None)).await);
    refused(submit(&bank, &asked, &with_typed_code(&asked, &code_of(&code))).await);
    assert_eq!(
        histories(&bank.verifier, a_credential).await[0].refusals,
        0,
        "no code was looked at"
    );
    let wrong = open(&bank, &asked).approve(&app, &pin("1111")).unwrap();
    refused(submit(&bank, &asked, &wrong.signed(of.answer(&bank, &asked))).await);
    assert_eq!(histories(&bank.verifier, a_credential).await[0].refusals, 1);
    let outcome = bank.verifier.step_ups().outcome(&call, &asked.step_up.id).await.unwrap();
    assert_eq!(outcome, StepUpOutcome::Waiting);
    // The PIN for coercion is looked at as ever.
    let coerced = open(&bank, &asked).approve(&app, &pin("1357")).unwrap();
    submit(&bank, &asked, &coerced.signed(of.answer(&bank, &asked))).await.unwrap();
    let (grant, step_ups) = (grant(&bank, &asked).await, bank.verifier.step_ups());
    // A machine whose policy asks for more redeems it not.
    let seen = Recorder::default();
    let builder = part(keyring(), &bank.store, &bank.clock, &seen, 2).policy(policy_of(Always));
    let strict = builder.signing_key(signing()).build().unwrap();
    refused(strict.step_ups().redeem(&call, &grant, &transfer(), &request("k")).await);
    let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
    assert!(proof.duress());
}

/// That the code was right is the enterprise's word, and whoever verifies evidence says whether that is enough.
#[tokio::test]
async fn evidence_of_a_touch_is_verified_by_whom_the_code_is_enough() {
    let bank = bank_of(policy_of(UnlessWithCode));
    let of = authenticator(TOUCHED);
    let app = enrolled(&bank, &of, true).await.unwrap();
    let asked = asked(&bank, &bob_rings("call-1")).await;
    submit(&bank, &asked, &answer(&bank, &asked, &of, app.as_ref())).await.unwrap();
    let evidence = bank.verifier.step_ups().evidence(&alice(), &asked.step_up.id).await.unwrap();
    let (keys, fingerprint) = (published(), of.key.public().fingerprint());
    let check = |verification| {
        let check = EvidenceCheck::new(&keys).signed_by(fingerprint);
        let check = check.passkeys(&policy_of(verification).passkeys);
        evidence.verify(&check, later()).map(|shown| shown.approver())
    };
    assert_eq!(check(UnlessWithCode), Ok(Approver::HolderOfExpectedKey));
    assert_eq!(check(Always), Err(EvidenceError::Signature));
}

/// There is no policy that leaves it out for good.
#[test]
fn attack_no_policy_leaves_out_both() {
    assert_eq!(Policy::default().passkeys.user_verification, Always);
    for (text, read) in
        [("\"always\"", Some(Always)), ("\"unless_with_code\"", Some(UnlessWithCode))]
            .into_iter()
            .chain(["false", "true", "null", "\"never\""].map(|text| (text, None)))
    {
        let json = format!(r#"{{"passkeys":{{"user_verification":{text}}}}}"#);
        let policy = serde_json::from_str::<Policy>(&json);
        assert_eq!(policy.ok().map(|policy| policy.passkeys.user_verification), read, "{text}");
    }
}
