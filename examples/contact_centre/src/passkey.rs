//! The endpoints of a phone that approves by passkey instead of a PIN.
//!
//! YOURS: an origin of its own for approvals, which nobody logs in to. Here everything is one page.

use axum::Json;
use axum::routing::post;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use countersign::credential::{
    Credential, EnrolmentRequest, KeyPossession, PasskeyAssertion, PasskeyRegistration,
};
use countersign::error::{Error, Refused};
use countersign::policy::PasskeyPolicy;
use countersign::step_up::{MatchDigits, SignedAnswer, StepUp, StepUpAnswer, WhoRang};
use countersign::{CredentialId, RequestId, StepUpId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Body, ForCustomer, Path};
use crate::guard::Phone;
use crate::phone::completed;
use crate::service::Endpoint;

type Answered<T> = Result<Json<T>, ForCustomer>;

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        ("POST", "/passkeys", post(enrol)),
        ("POST", "/passkeys/{id}/confirm", post(confirm)),
        ("POST", "/step-ups/{id}/sign", post(sign)),
    ]
}

/// Where passkeys are made and approve: `host` is what this service is called, `localhost:PORT`.
pub fn policy(host: &str) -> PasskeyPolicy {
    let mut policy = PasskeyPolicy::default();
    host.split(':').next().unwrap_or_default().clone_into(&mut policy.rp_id);
    policy.origins = vec![format!("http://{host}")];
    policy
}

#[derive(Deserialize)]
struct Enrol {
    request: RequestId,
}

/// The first credential of a customer, on the session's word.
async fn enrol(Phone { app, customer, .. }: Phone, Body(enrol): Body<Enrol>) -> Answered<Value> {
    let request = EnrolmentRequest::passkey(enrol.request);
    let given = app.bank.credentials().enrol(&customer, &request).await?;
    let nonce = given.key_nonce().ok_or(Error::from(Refused::new()))?;
    Ok(Json(json!({
        "credential": given.credential.id, "challenge": Base64UrlUnpadded::encode_string(nonce),
    })))
}

/// What `navigator.credentials` gave, as its `toJSON()` writes it.
#[derive(Deserialize)]
struct Given {
    answer: String,
}

async fn confirm(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<CredentialId>,
    Body(given): Body<Given>,
) -> Answered<Credential> {
    let read = PasskeyRegistration::from_json(&given.answer);
    let possession = KeyPossession::passkey(read.map_err(|_| Error::from(Refused::new()))?);
    let credentials = app.bank.credentials();
    let confirmed = credentials.confirm_key(&customer, &id, &possession, None).await?;
    visitor.room.tell();
    Ok(Json(confirmed))
}

/// The same, with what the customer answered and typed.
#[derive(Deserialize)]
struct Signed {
    answer: String,
    digits: Option<MatchDigits>,
    who_rang: Option<WhoRang>,
}

async fn sign(
    Phone { app, visitor, customer }: Phone,
    Path(id): Path<StepUpId>,
    Body(given): Body<Signed>,
) -> Answered<StepUp> {
    let read = PasskeyAssertion::from_json(&given.answer);
    let signed = SignedAnswer::by_passkey(read.map_err(|_| Error::from(Refused::new()))?);
    let answer = completed(StepUpAnswer::by_signature(signed), given.digits, given.who_rang);
    let approved = app.bank.step_ups().submit(&customer, &id, &answer).await?;
    visitor.room.tell();
    Ok(Json(approved))
}
