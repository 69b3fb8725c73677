//! The customer's phone of a script: the crate's `Device`, a PIN, and what the app remembers.

use axum::http::Method;
use countersign::card::Card;
use countersign::device::{CodeAttempts, DeviceCredential, SmartPin, StatusQuestion};
use countersign::device::{UnansweredStepUp, VerifiedPayment, VerifiedStepUp};
use countersign::otp::OtpSeed;
use countersign::time::{Clock as _, SystemClock};
use countersign::token::{PublicKey, Purpose, TrustedKeys};
use countersign::{CustomerId, Device, Issuer, OsRandom};
use serde_json::{Value, json};

use crate::Fault;
use crate::bank::{BANK, vault_keys};
use crate::script::client::{Client, text};
use crate::session::Role;

/// The customer's PIN, and the one for use under coercion.
pub const PIN: &str = "2468";
pub const SECOND: &str = "1357";

/// A visit with its phone set up.
pub struct Phone {
    pub client: Client,
    pub vault: String,
    pub device: Device,
    pub held: DeviceCredential,
    pub attempts: CodeAttempts,
    requests: u32,
}

impl Phone {
    /// A new visit: enrolled, and confirmed with a first code.
    pub async fn set_up(host: &str, vault: &str) -> Result<Self, Fault> {
        let client = Client::begin(host).await?;
        let state = client.get(Role::Phone, "/state").await?;
        let given = client.post(Role::Phone, "/enrol", json!({ "request": "phone-1" })).await?;
        let seed = OtpSeed::from_base32(&text(&given, "/seed")?)?;
        let id = text(&given, "/credential/id")?.parse()?;
        let (held, code) = {
            let (pin, second): (SmartPin, SmartPin) = (PIN.parse()?, SECOND.parse()?);
            // Argon2 takes a while: not on a thread that serves others.
            tokio::task::spawn_blocking(move || {
                let held =
                    DeviceCredential::enrol(id, &seed, &pin, Some(&second), &OsRandom::new())?;
                let code = held.confirm(&pin)?.expose().to_owned();
                Ok::<_, Fault>((held, code))
            })
            .await??
        };
        let path = format!("/credentials/{}/confirm", held.id());
        client.post(Role::Phone, &path, json!({ "code": code })).await?;

        let mut trusted = TrustedKeys::new(Issuer::new(BANK)?);
        let bank: PublicKey = text(&state, "/trust/bank/keys/0")?.parse()?;
        for purpose in [
            Purpose::StepUp,
            Purpose::Challenge,
            Purpose::Appointment,
            Purpose::Status,
            Purpose::PaymentRequest,
            Purpose::HistoryHead,
            Purpose::CallNumbers,
            Purpose::CallVerdict,
            Purpose::Notice,
            Purpose::NoticeList,
            Purpose::Reachable,
        ] {
            trusted.trust(bank, purpose)?;
        }
        let of_vault: PublicKey = text(&state, "/trust/vault/keys/0")?.parse()?;
        let customer: CustomerId = CustomerId::new(text(&state, "/customer")?)?;
        let device = Device::new(trusted, customer)
            .with_pseudonym(text(&given, "/pseudonym")?.parse()?)
            .with_vault_keys(vault_keys(&of_vault)?);
        let attempts = CodeAttempts::new();
        let vault = vault.to_owned();
        Ok(Self { client, vault, device, held, attempts, requests: 0 })
    }

    /// An idempotency key for the next thing.
    pub fn request(&mut self) -> String {
        self.requests = self.requests.saturating_add(1);
        format!("r-{}", self.requests)
    }

    /// "Is that really you?", as the app shows the answer.
    pub async fn asks(&self) -> Result<&'static str, Fault> {
        let question = StatusQuestion::new(&OsRandom::new(), SystemClock.now()?)?;
        let body = json!({ "nonce": question.nonce() });
        let answer = self.client.post(Role::Phone, "/status", body).await?;
        let now = SystemClock.now()?;
        Ok(self.device.open_status(&text(&answer, "/token")?, &question, now)?.headline_id())
    }

    /// The step-up that waits.
    pub async fn step_up(&self) -> Result<UnansweredStepUp, Fault> {
        let pending = self.client.get(Role::Phone, "/state").await?;
        let token = text(&pending, "/pending/step_ups/0/token")?;
        Ok(self.device.open_step_up(&token, SystemClock.now()?)?)
    }

    /// Approves it with the digits that the agent says and a PIN; gives the code.
    pub async fn approves(
        &self,
        shown: VerifiedStepUp,
        digits: &str,
        pin: &str,
    ) -> Result<String, Fault> {
        let (held, pin): (_, SmartPin) = (self.held.to_bytes(), pin.parse()?);
        let shown = shown.with_digits(digits.parse()?);
        tokio::task::spawn_blocking(move || {
            let held = DeviceCredential::from_bytes(&held)?;
            let answer = shown.approve(&held, &pin)?;
            Ok(answer.code().ok_or("no code")?.expose().to_owned())
        })
        .await?
    }

    /// A payment request, with the ticket for the vault.
    pub async fn payment(&self, id: &str) -> Result<(String, String, VerifiedPayment), Fault> {
        let path = format!("/payments/{id}/ticket");
        let given = self.client.post(Role::Phone, &path, json!({})).await?;
        let (token, ticket) = (text(&given, "/token")?, text(&given, "/ticket")?);
        let shown = self.device.open_payment(&token, SystemClock.now()?)?;
        Ok((token, ticket, shown))
    }

    /// What the vault answers to a card.
    pub async fn pays(
        &self,
        ticket: &str,
        token: &str,
        sealed: &str,
    ) -> Result<(u16, Value), Fault> {
        let body = json!({ "ticket": ticket, "token": token, "sealed": sealed });
        self.at_vault("/pay", &body).await
    }

    /// The same after the customer has been at their card's bank, with what came back from there.
    pub async fn resumes(
        &self,
        ticket: &str,
        token: &str,
        sealed: &str,
        hint: Option<&str>,
    ) -> Result<(u16, Value), Fault> {
        let body = json!({ "ticket": ticket, "token": token, "sealed": sealed, "hint": hint });
        self.at_vault("/resume", &body).await
    }

    async fn at_vault(&self, path: &str, body: &Value) -> Result<(u16, Value), Fault> {
        let origin = format!("http://{}", self.vault);
        let headers = [("origin", origin.as_str())];
        let answer =
            self.client.patiently(&self.vault, Method::POST, path, &headers, Some(body)).await?;
        Ok((answer.status, answer.body))
    }
}

/// A card, sealed for this request alone.
pub fn sealed(shown: &VerifiedPayment, number: &str) -> Result<String, Fault> {
    let (code, name) = ("123".parse()?, "Alice Jones".parse()?);
    let card = Card::new(number.parse()?, "12/34".parse()?, code, name)?;
    Ok(shown.seal(&card, &OsRandom::new())?.to_text())
}
