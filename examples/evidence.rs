//! A disputed payment: the bank exports its evidence, and somebody else verifies it with public keys alone, in a process
//! of their own that has neither store nor secret.
//!
//! `cargo run --example evidence`; to verify what was exported to a file:
//! `cargo run --example evidence -- verify EVIDENCE.json KEYS.json FINGERPRINT`

#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::env::{args, current_exe, temp_dir};
use std::error::Error;
use std::fs;
use std::process::Command;

use countersign::credential::{CredentialPublicKey, EnrolmentRequest, KeyPossession, Signature};
use countersign::device::WhoRangCheck;
use countersign::step_up::{
    Approver, Evidence, EvidenceCheck, SignedAnswer, StepUpOutcome, StepUpRequest, WhoRang,
};
use countersign::time::{Clock as _, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    OsRandom, RequestId, StepUpId, Transaction, Verifier,
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

type Failed = Box<dyn Error>;

fn issuer() -> Result<Issuer, Failed> {
    Ok(Issuer::new("bank.example")?)
}

/// The phone: its secure hardware holds the key, and gives out its public half and signatures.
struct Phone {
    app: Device,
    key: Ed25519KeyPair,
}

impl Phone {
    fn public(&self) -> Result<CredentialPublicKey, Failed> {
        let cose = [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", self.key.public_key().as_ref()];
        Ok(CredentialPublicKey::from_cose(&cose.concat())?)
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, Failed> {
        Ok(Signature::from_raw(self.key.sign(message).as_ref())?)
    }
}

/// A payment is made on the phone's signature.
async fn pay(bank: &Verifier, phone: &Phone, customer: &CustomerId) -> Result<StepUpId, Failed> {
    let enrolment = EnrolmentRequest::device_key(RequestId::new("phone-1")?);
    let given = bank.credentials().enrol(customer, &enrolment).await?;
    let (id, nonce) = (given.credential.id, given.key_nonce().ok_or("bound already")?);
    let shown = phone.sign(&phone.app.possession_message(id, nonce, &phone.public()?))?;
    let possession = KeyPossession::device_key(phone.public()?, shown);
    bank.credentials().confirm_key(customer, &id, &possession, None).await?;

    let agent = Agent::new(AgentId::new("bob")?);
    let call = InteractionId::new("call-55031")?;
    let call = Interaction::outbound(call, customer.clone(), agent, Channel::Voice);
    let transfer = Transaction::new(
        TransactionKind::Transfer,
        500_000,
        "GBP".parse()?,
        "Jones Roofing 20-00-00 55779911".parse()?,
        "Invoice 7".parse()?,
    );
    let asking = StepUpRequest::new(RequestId::new("pay-9")?, transfer.clone(), "Bob".parse()?);
    let asked = bank.step_ups().request(&call, &asking).await?;
    // The customer says who rang whom, reads what is shown, and types what the agent says.
    let opened = phone.app.open_step_up(&asked.token, SystemClock.now()?)?;
    let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Enterprise) else {
        return Err("the bank rang".into());
    };
    let said = asked.digits.as_ref().ok_or("£5000 needs digits")?.digits();
    let shown = shown.with_digits(said.parse()?);
    let message = shown.message_to_sign(&phone.public()?).ok_or("another key was asked")?;
    let answer = shown.answer_signed(SignedAnswer::by_device_key(phone.sign(&message)?));
    bank.step_ups().submit(customer, &asked.step_up.id, &answer).await?;
    let outcome = bank.step_ups().outcome(&call, &asked.step_up.id).await?;
    let StepUpOutcome::Approved(grant) = outcome else { return Err("not approved".into()) };
    // The register of fingerprints is not in the bank's store.
    let register = phone.public()?.fingerprint();
    let key = RequestId::new("pay-9")?;
    bank.step_ups().redeem_signed_by(&call, &grant, &transfer, &key, &register).await?;
    Ok(asked.step_up.id)
}

/// In the other process.
fn verify(evidence: &str, keys: &str, fingerprint: &str) -> Result<(), Failed> {
    let evidence = Evidence::from_json(&fs::read_to_string(evidence)?)?;
    let keys = TrustedKeys::from_jwk_set(issuer()?, &fs::read_to_string(keys)?)?;
    let check = EvidenceCheck::new(&keys).signed_by(fingerprint.parse()?);
    let shown = evidence.verify(&check, SystemClock.now()?)?;
    println!("Asked of {}: {}", shown.customer(), shown.asked().what);
    println!("By {}, {}", shown.asked().agent_name, shown.asked_at());
    println!("Approved {}, redeemed {:?}", shown.approved_at(), shown.redeemed_at());
    println!("Who rang whom, by the customer: {:?}", shown.who_rang());
    println!(
        "Key bound by {:?}; it signed that itself: {}",
        shown.bound_by(),
        shown.shows_possession()
    );
    match shown.approver() {
        Approver::HolderOfExpectedKey => println!("Signed under the key that was expected."),
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<_> = args().skip(1).collect();
    if let [verb, evidence, keys, fingerprint] = arguments.as_slice()
        && verb == "verify"
    {
        return verify(evidence, keys, fingerprint);
    }

    let (random, customer) = (OsRandom::new(), CustomerId::new("customer-1847")?);
    let bank = Verifier::builder(issuer()?, Keyring::generate(&random)?)
        .signing_key(SigningKey::generate(&random)?)
        .build()?;
    let mut published = TrustedKeys::new(issuer()?);
    for key in bank.public_keys() {
        for purpose in [Purpose::StepUp, Purpose::HistoryHead, Purpose::Evidence] {
            published.trust(*key, purpose)?;
        }
    }
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new())
        .map_err(|_| "no randomness")?;
    let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| "no key")?;
    let phone = Phone { app: Device::new(published.clone(), customer.clone()), key };
    let id = pay(&bank, &phone, &customer).await?;

    // Months later the customer says: that was not me.
    let evidence = bank.step_ups().evidence(&customer, &id).await?.to_json()?;
    let folder = temp_dir().join(format!("countersign-evidence-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let (file, keys) = (folder.join("evidence.json"), folder.join("keys.json"));
    fs::write(&keys, published.to_jwk_set())?;
    let fingerprint = phone.public()?.fingerprint().to_string();
    let verified = |evidence: &str| -> Result<bool, Failed> {
        fs::write(&file, evidence)?;
        let mut other = Command::new(current_exe()?);
        other.arg("verify").args([&file, &keys]).arg(&fingerprint);
        Ok(other.status()?.success())
    };
    let good = verified(&evidence)?;
    println!("\nAnd with another agent:");
    let forged = verified(&evidence.replace(r#""agent":"bob""#, r#""agent":"eve""#))?;
    fs::remove_dir_all(&folder)?;
    if good && !forged { Ok(()) } else { Err("the evidence does not hold".into()) }
}
