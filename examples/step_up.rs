//! The shortest useful integration: an agent asks for a step-up, the customer's app shows what it is
//! for and answers it with the PIN, the back end redeems the grant.
//!
//! `cargo run --example step_up`

#![allow(clippy::print_stdout, reason = "an example shows something")]

use countersign::credential::EnrolmentRequest;
use countersign::device::{DeviceCredential, SmartPin, WhoRangCheck};
use countersign::otp::OtpSeed;
use countersign::step_up::{Redeemed, StepUpOutcome, StepUpRequest, WhoRang};
use countersign::time::{Clock, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    OsRandom, RequestId, Transaction, Verifier,
};

/// The high-risk function: it cannot be called without the customer's approval, and takes the amount
/// from nowhere else.
fn transfer(approved: &Redeemed) {
    println!("Transferred: {}", approved.transaction());
    if approved.duress() {
        println!("(The customer is being coerced: alert those who help.)");
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once, in the back end. In production both come unwrapped from your KMS.
    let random = OsRandom::new();
    let issuer = Issuer::new("bank.example")?;
    let verifier = Verifier::builder(issuer.clone(), Keyring::generate(&random)?)
        .signing_key(SigningKey::generate(&random)?)
        .build()?;

    // Once, in the app: it is enrolled, and its user chooses a PIN, which never leaves it.
    let customer = CustomerId::new("customer-1847")?;
    let enrolment = EnrolmentRequest::ocra(RequestId::new("phone-1")?);
    let given = verifier.credentials().enrol(&customer, &enrolment).await?;
    let seed = OtpSeed::from_base32(given.base32().ok_or("confirmed already")?)?;
    let pin: SmartPin = "2468".parse()?;
    let held = DeviceCredential::enrol(given.credential.id, &seed, &pin, None, &random)?;
    verifier.credentials().confirm(&customer, &held.id(), &held.confirm(&pin)?).await?;
    let mut trusted = TrustedKeys::new(issuer);
    for key in verifier.public_keys() {
        trusted.trust(*key, Purpose::StepUp)?;
    }
    let device = Device::new(trusted, customer.clone());

    // The desktop's endpoint: the customer has rung and wants to pay a roofer.
    let agent = Agent::new(AgentId::new("bob")?);
    let call = InteractionId::new("call-55031")?;
    let interaction = Interaction::inbound(call, customer.clone(), agent, Channel::Voice);
    let payment = Transaction::new(
        TransactionKind::Transfer,
        500_000,
        "GBP".parse()?,
        "Jones Roofing 20-00-00 55779911".parse()?,
        "Invoice 7".parse()?,
    );
    let request =
        StepUpRequest::new(RequestId::new("transfer-9")?, payment.clone(), "Bob".parse()?);
    if !verifier.policy().step_ups.needed(&payment) {
        return Err("£5000 needs a step-up".into());
    }
    let requested = verifier.step_ups().request(&interaction, &request).await?;

    // The app, which got the token by push: it asks who rang whom and shows nothing else before.
    let asked = device.open_step_up(&requested.token, SystemClock.now()?)?;
    let WhoRangCheck::Show(shown) = asked.answer(WhoRang::Customer) else {
        return Err("ask once more, then decline".into());
    };
    let what = shown.transaction().ok_or("an app of today shows transactions")?;
    println!("{} {} asks:\n  {what}", shown.headline(), shown.agent_name());
    // The desktop shows six digits, the agent says them, the customer types them, and then the PIN.
    let said = requested.digits.as_ref().ok_or("£5000 needs digits")?.digits();
    println!("\"Please type {}.\"", &*said);
    let answer = shown.with_digits(said.parse()?).approve(&held, &pin)?;
    verifier.step_ups().submit(&customer, &requested.step_up.id, &answer).await?;

    // The desktop learns the outcome; the back end redeems it under a key of its own.
    let outcome = verifier.step_ups().outcome(&interaction, &requested.step_up.id).await?;
    let StepUpOutcome::Approved(grant) = outcome else { return Err("not approved".into()) };
    let key = RequestId::new("booking-771")?;
    let approved = verifier.step_ups().redeem(&interaction, &grant, &payment, &key).await?;
    transfer(&approved);
    Ok(())
}
