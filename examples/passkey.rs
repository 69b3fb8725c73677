//! A bank whose customers approve by passkey: reads one JSON object a line, answers one a line. `examples/passkey/run.mjs`
//! has Chromium and its virtual authenticator in front of it, and another library's verdict beside it.
//!
//! ```text
//! passkey ORIGIN
//! "enrol"                  → {"nonce":"…"}
//! {"register":"…toJSON()"} → {"passkey":"…"} or {"refused":true}
//! "ask"                    → {"challenge":"…"}
//! {"answer":"…toJSON()"}   → {"status":"approved"} or {"refused":true}
//! ```

#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::error::Error;
use std::io::{BufRead as _, stdin};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use countersign::credential::{
    EnrolmentRequest, KeyPossession, PasskeyAssertion, PasskeyRegistration,
};
use countersign::device::{VerifiedStepUp, WhoRangCheck};
use countersign::step_up::{SignedAnswer, StepUpRequest, WhoRang};
use countersign::time::{Clock as _, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CredentialId, CustomerId, Device, Interaction, InteractionId, Issuer,
    Keyring, OsRandom, Policy, RequestId, Transaction, Verifier,
};
use serde::Deserialize;
use serde_json::{Value, json};

type Failed = Box<dyn Error>;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Enrol,
    Register(String),
    Ask,
    Answer(String),
}

struct Bank {
    verifier: Verifier,
    phone: Device,
    customer: CustomerId,
    /// How many calls there were.
    calls: usize,
    enrolled: Option<CredentialId>,
    /// What the customer reads, with what they said of who rang whom and the digits that they typed.
    shown: Option<VerifiedStepUp>,
}

impl Bank {
    fn open(origin: &str) -> Result<Self, Failed> {
        let (random, issuer) = (OsRandom::new(), Issuer::new("bank.example")?);
        let mut policy = Policy::default();
        // A relying party that is never logged in to, in production.
        policy.passkeys.rp_id = "localhost".to_owned();
        policy.passkeys.origins = vec![origin.to_owned()];
        let verifier = Verifier::builder(issuer.clone(), Keyring::generate(&random)?)
            .policy(policy)
            .signing_key(SigningKey::generate(&random)?)
            .build()?;
        let mut trusted = TrustedKeys::new(issuer);
        for key in verifier.public_keys() {
            trusted.trust(*key, Purpose::StepUp)?;
        }
        let customer = CustomerId::new("customer-1847")?;
        let phone = Device::new(trusted, customer.clone());
        Ok(Self { verifier, phone, customer, calls: 0, enrolled: None, shown: None })
    }

    async fn answer(&mut self, line: Line) -> Result<Value, Failed> {
        match line {
            Line::Enrol => {
                let id = RequestId::new(format!("passkey-{}", self.calls))?;
                let enrolment = EnrolmentRequest::passkey(id);
                let given = self.verifier.credentials().enrol(&self.customer, &enrolment).await?;
                self.enrolled = Some(given.credential.id);
                let nonce = given.key_nonce().ok_or("bound already")?;
                Ok(json!({ "nonce": Base64UrlUnpadded::encode_string(nonce) }))
            }
            Line::Register(json) => {
                let id = self.enrolled.ok_or("nothing was enrolled")?;
                let credentials = self.verifier.credentials();
                let bound = match PasskeyRegistration::from_json(&json) {
                    Ok(read) => {
                        let possession = KeyPossession::passkey(read);
                        credentials.confirm_key(&self.customer, &id, &possession, None).await.ok()
                    }
                    Err(_) => None,
                };
                Ok(bound.map_or_else(
                    || json!({ "refused": true }),
                    |bound| json!({ "passkey": bound.passkey_id }),
                ))
            }
            Line::Ask => self.ask().await,
            Line::Answer(json) => {
                let shown = self.shown.as_ref().ok_or("nothing was asked")?;
                let step_ups = self.verifier.step_ups();
                let approved = match PasskeyAssertion::from_json(&json) {
                    Ok(read) => {
                        let answer = shown.answer_signed(SignedAnswer::by_passkey(read));
                        step_ups.submit(&self.customer, &shown.id(), &answer).await.ok()
                    }
                    Err(_) => None,
                };
                Ok(approved.map_or_else(
                    || json!({ "refused": true }),
                    |step_up| json!({ "status": step_up.status }),
                ))
            }
        }
    }

    async fn ask(&mut self) -> Result<Value, Failed> {
        self.calls = self.calls.saturating_add(1);
        let call = InteractionId::new(format!("call-{}", self.calls))?;
        let agent = Agent::new(AgentId::new(format!("agent-{}", self.calls))?);
        let call = Interaction::outbound(call, self.customer.clone(), agent, Channel::Voice);
        let transfer = Transaction::new(
            TransactionKind::Transfer,
            500_000,
            "GBP".parse()?,
            "Jones Roofing 20-00-00 55779911".parse()?,
            "Invoice 7".parse()?,
        );
        let asking = StepUpRequest::new(RequestId::new("s")?, transfer, "Bob".parse()?);
        let asked = self.verifier.step_ups().request(&call, &asking).await?;
        let opened = self.phone.open_step_up(&asked.token, SystemClock.now()?)?;
        let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Enterprise) else {
            return Err("the bank rang".into());
        };
        if shown.passkey_challenge().is_some() {
            return Err("no challenge comes before the digits".into());
        }
        let said = asked.digits.as_ref().ok_or("£5000 needs digits")?.digits();
        let shown = shown.with_digits(said.parse()?);
        let challenge = shown.passkey_challenge().ok_or("another method was asked")?;
        self.shown = Some(shown);
        Ok(json!({ "challenge": Base64UrlUnpadded::encode_string(&challenge) }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let origin = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:8080".to_owned());
    let mut bank = Bank::open(&origin)?;
    for line in stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(line) => bank.answer(line).await,
            Err(_) => Err("expected enrol, register, ask or answer".into()),
        };
        println!("{}", answer.unwrap_or_else(|failed| json!({ "failed": failed.to_string() })));
    }
    Ok(())
}
