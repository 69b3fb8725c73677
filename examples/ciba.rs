//! A bank behind an authorisation server: reads one JSON object a line, answers one a line. `examples/ciba/run.mjs` has
//! a real server in front of it (npm's `oidc-provider`), which speaks HTTP and issues tokens.
//!
//! ```text
//! {"ask":{"id":"…","mode":"poll","parameters":{…}}}   → {"shown":"…","digits":"…"} or {"error":"…"}
//! {"answer":{"id":"…","with":"2468","digits":"…"}}    the phone; "decline" declines
//! {"poll":{"id":"…"}}                                 → {"error":"authorization_pending"}, …
//!                                                       {"authorization_details":"…","duress":false}
//! ```

#![allow(clippy::print_stdout, reason = "an example shows something")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::io::{BufRead as _, stdin};

use countersign::ciba::{
    ApprovedAuthentication, AuthReqId, BackchannelRequest, DeliveryMode, DeviceAnswer,
    PendingAuthentication, Polled,
};
use countersign::credential::EnrolmentRequest;
use countersign::device::{DeviceCredential, SmartPin, WhoRangCheck};
use countersign::otp::OtpSeed;
use countersign::step_up::WhoRang;
use countersign::time::{Clock as _, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    CustomerId, Device, Interaction, Issuer, Keyring, OsRandom, RequestId, Verifier,
};
use serde::Deserialize;
use serde_json::{Value, json};

type Failed = Box<dyn Error>;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Ask { id: String, mode: String, parameters: BTreeMap<String, String> },
    Answer { id: String, with: String, digits: Option<String> },
    Poll { id: String },
}

/// What the server keeps of one authentication.
struct Asked {
    interaction: Interaction,
    pending: PendingAuthentication,
    /// What the phone was sent.
    token: String,
}

struct Bank {
    verifier: Verifier,
    phone: Device,
    held: DeviceCredential,
    asked: HashMap<String, Asked>,
}

impl Bank {
    /// A bank at which Alice has an app with the PINs 2468 and, for coercion, 1357.
    async fn open() -> Result<Self, Failed> {
        let random = OsRandom::new();
        let issuer = Issuer::new("bank.example")?;
        let verifier = Verifier::builder(issuer.clone(), Keyring::generate(&random)?)
            .signing_key(SigningKey::generate(&random)?)
            .build()?;
        let alice = CustomerId::new("alice")?;
        let enrolment = EnrolmentRequest::ocra(RequestId::new("phone-1")?);
        let given = verifier.credentials().enrol(&alice, &enrolment).await?;
        let seed = OtpSeed::from_base32(given.base32().ok_or("confirmed already")?)?;
        let (pin, other): (SmartPin, SmartPin) = ("2468".parse()?, "1357".parse()?);
        let id = given.credential.id;
        let held = DeviceCredential::enrol(id, &seed, &pin, Some(&other), &random)?;
        verifier.credentials().confirm(&alice, &id, &held.confirm(&pin)?).await?;
        let mut trusted = TrustedKeys::new(issuer);
        for key in verifier.public_keys() {
            trusted.trust(*key, Purpose::StepUp)?;
        }
        let phone = Device::new(trusted, alice);
        Ok(Self { verifier, phone, held, asked: HashMap::new() })
    }

    async fn answer(&mut self, line: Line) -> Result<Value, Failed> {
        match line {
            Line::Ask { id, mode, parameters } => self.ask(id, &mode, &parameters).await,
            Line::Answer { id, with, digits } => {
                let asked = self.asked.get(&id).ok_or("unknown")?;
                let customer = &asked.interaction.customer;
                let step_up = asked.pending.step_up();
                let sent = self.phone_sends(&asked.token, &with, digits)?.to_string();
                // The bank reads what the phone sent.
                let step_ups = self.verifier.step_ups();
                match DeviceAnswer::from_json(&sent)? {
                    DeviceAnswer::Approve(answer) => {
                        step_ups.submit(customer, &step_up, &answer).await?;
                    }
                    DeviceAnswer::Decline(why) => {
                        step_ups.decline(customer, &step_up, why).await?;
                    }
                }
                Ok(json!({}))
            }
            Line::Poll { id } => self.poll(&id).await,
        }
    }

    /// Alice knows that the bank rang, types the digits that the agent says, and then a PIN.
    fn phone_sends(
        &self,
        token: &str,
        with: &str,
        digits: Option<String>,
    ) -> Result<Value, Failed> {
        if with == "decline" {
            return Ok(json!({ "decline": "not_me" }));
        }
        let opened = self.phone.open_step_up(token, SystemClock.now()?)?;
        let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Enterprise) else {
            return Err("the bank rang".into());
        };
        let digits = digits.ok_or("no digits")?;
        let answer = shown.with_digits(digits.parse()?).approve(&self.held, &with.parse()?)?;
        let code = answer.code().ok_or("no code")?.expose();
        Ok(json!({ "who_rang": "enterprise", "digits": digits, "code": code }))
    }

    async fn ask(
        &mut self,
        id: String,
        mode: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Value, Failed> {
        let read = || {
            let mode: DeliveryMode = mode.parse()?;
            let parameters = parameters.iter().map(|(name, value)| (&**name, &**value));
            BackchannelRequest::read(parameters, mode)
        };
        let request = match read() {
            Ok(request) => request,
            Err(error) => return Ok(json!({ "error": error })),
        };
        let drawn: AuthReqId = id.parse()?;
        let (interaction, step_up) = request.step_up(&drawn)?;
        let requested = self.verifier.step_ups().request(&interaction, &step_up).await?;
        let (step_up, now) = (&requested.step_up, SystemClock.now()?);
        let pending = PendingAuthentication::begun(drawn, &request, step_up, now);
        let shown = requested.step_up.what.to_string();
        let told = pending.acknowledgement(now);
        // The server gives them to the client, whose agent says them; the token goes to the phone.
        let (digits, token) = (requested.digits, requested.token);
        self.asked.insert(id, Asked { interaction, pending, token });
        Ok(json!({ "shown": shown, "acknowledgement": told, "digits": digits }))
    }

    async fn poll(&mut self, id: &str) -> Result<Value, Failed> {
        let asked = self.asked.get_mut(id).ok_or("unknown")?;
        let step_ups = self.verifier.step_ups();
        let outcome = step_ups.outcome(&asked.interaction, &asked.pending.step_up()).await?;
        let grant = match asked.pending.poll(outcome, SystemClock.now()?) {
            Polled::NoTokens(error) => return Ok(json!({ "error": error })),
            Polled::Approved(grant) => grant,
        };
        let (call, key) = (&asked.interaction, RequestId::new(id)?);
        let transaction = &asked.pending.details().transaction;
        let proof = step_ups.redeem(call, &grant, transaction, &key).await?;
        let approved = ApprovedAuthentication::of(&asked.pending, &proof)?;
        Ok(json!({
            "authorization_details": approved.authorization_details,
            "duress": approved.duress,
        }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut bank = Bank::open().await?;
    for line in stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(line) => bank.answer(line).await,
            Err(_) => Err("expected ask, answer or poll".into()),
        };
        println!("{}", answer.unwrap_or_else(|failed| json!({ "failed": failed.to_string() })));
    }
    Ok(())
}
