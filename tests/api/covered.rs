//! What a code of the app covers: whoever shows the customer something else in a single thing, under the same id and
//! nonce, gets a code that is wrong for what was asked.

use countersign::otp::OtpSeed;
use countersign::token::{
    Audience, Claims, Leeway, Purpose, StepUpData, TokenId, TrustedKeys, UntrustedToken,
};
use countersign::{
    Clock, CustomerId, Device, DeviceCredential, DeviceCredentialError, Enrolment, Issuer,
    OpenStepUp, Outcome, Reason, SeededRandom, StepUpOutcome, StepUpRequested, StepUpStatus,
};

use crate::credentials::{app, pin, refused};
use crate::step_ups::{asked, bank, signing};
use crate::support::*;

/// All that the app shows and its code covers.
pub struct Said {
    pub issuer: Issuer,
    pub customer: CustomerId,
    pub nonce: TokenId,
    pub data: StepUpData,
}

fn trusting(issuer: Issuer) -> TrustedKeys {
    let mut keys = TrustedKeys::new(issuer);
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    keys
}

/// What was asked, as the app would open it if its token said something else.
fn open_changed(
    bank: &Bank,
    asked: &StepUpRequested,
    change: impl FnOnce(&mut Said),
) -> OpenStepUp {
    let now = bank.clock.now().unwrap();
    let token = UntrustedToken::parse(&asked.token).unwrap();
    let audience = Audience::from(&alice());
    let genuine = token.verify::<StepUpData>(&trusting(issuer()), &audience, now, Leeway::NONE);
    let genuine = genuine.unwrap().into_claims();
    let (nonce, data) = (genuine.id(), genuine.data().clone());
    let mut said = Said { issuer: issuer(), customer: alice(), nonce, data };
    change(&mut said);
    let Said { issuer, customer, nonce, data } = said;
    let audience = Audience::from(&customer);
    let claims = Claims::new(issuer.clone(), audience, nonce, now, MINUTE, data).unwrap();
    let token = signing().issue(&claims).unwrap();
    Device::new(trusting(issuer), customer).open_step_up(&token, now).unwrap()
}

/// The code for what was shown is looked at, and wrong; that for what was asked is right.
pub async fn is_another_question(what: &str, change: impl FnOnce(&mut Said)) {
    let bank = bank();
    let enrolment = Enrolment::ocra(request("app")).vouched_for();
    let given = bank.verifier.credentials().enrol(&alice(), &enrolment).await.unwrap();
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let (held, _) = app(&bank).await;
    // The same keys and PIN under whatever id the token names.
    let code = |shown: &OpenStepUp| {
        let (id, random) = (shown.credential(), SeededRandom::new(3));
        let device = DeviceCredential::enrol(id, &seed, &pin("2468"), None, &random).unwrap();
        if id != held.id {
            let other = DeviceCredential::enrol(held.id, &seed, &pin("2468"), None, &random);
            let refused = shown.approve(&other.unwrap(), &pin("2468")).unwrap_err();
            assert_eq!(refused, DeviceCredentialError::Malformed);
        }
        shown.approve(&device, &pin("2468")).unwrap()
    };
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let same = code(&open_changed(&bank, &asked, |_| {}));
    let other = code(&open_changed(&bank, &asked, change));
    let (id, step_ups) = (asked.step_up.id, bank.verifier.step_ups());
    bank.seen.take();
    refused(step_ups.submit(&alice(), &id, &other).await);
    assert_eq!(bank.seen.take()[0].outcome, Outcome::Refused(Reason::WrongCode), "{what}");
    let outcome = step_ups.outcome(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(outcome, StepUpOutcome::Waiting, "{what}");
    let approved = step_ups.submit(&alice(), &id, &same).await.unwrap();
    assert_eq!(approved.status, StepUpStatus::Approved, "{what}");
}

/// What is not shown, and says for whom and which step-up the code is.
#[tokio::test]
async fn a_code_is_for_one_enterprise_customer_step_up_and_credential_and_one_nonce() {
    let other = || "04000000000000000000000000";
    is_another_question("issuer", |said| said.issuer = Issuer::new("other.example").unwrap()).await;
    is_another_question("customer", |said| said.customer = mallory()).await;
    is_another_question("step-up", |said| said.data.step_up = other().parse().unwrap()).await;
    is_another_question("credential", |said| said.data.credential = other().parse().unwrap()).await;
    is_another_question("nonce", |said| said.nonce = TokenId::from_bytes([7; 16])).await;
}
