//! The operations of approvals that are no payment, or of several approvers.

use countersign::credential::CredentialPublicKey;
use countersign::device::{DeviceCredentialError, VerifiedStepUp, WhoRangCheck};
use countersign::otp::ocra::Response;
use countersign::{Device, Timestamp};
use serde_json::{Value, json};

use crate::run::{Outcome, credential, name, shown};

/// Opens a step-up of whatever it is, shows all of it, and gives what each key signs; with `pin` it is approved.
pub(crate) fn run(device: &Device, input: &Value, now: Timestamp) -> Outcome {
    let one = match answered(device, input, now)? {
        Ok(one) => one,
        Err(declined) => return Ok(declined),
    };
    let one = match input["digits"].as_str() {
        Some(digits) => one.with_digits(digits.parse().map_err(|_| "digits".to_owned())?),
        None => one,
    };
    let one = match input.get("on_line") {
        Some(here) => one.on_line(serde_json::from_value(here.clone()).unwrap()),
        None => one,
    };
    let signed = match input.get("key") {
        None => None,
        Some(jwk) => {
            let key = CredentialPublicKey::from_jwk(&jwk.to_string());
            let key = key.map_err(|_| "not_a_key".to_owned())?;
            one.message_to_sign(&key).map(hex::encode)
        }
    };
    let action = one.action().map(|action| {
        let lines: Vec<_> = action.lines().collect();
        json!({ "headline": action.headline(), "lines": lines })
    });
    let code = match input["pin"].as_str() {
        None => None,
        Some(pin) => {
            let pin = pin.parse().map_err(|_| "pin".to_owned())?;
            let answer = one.approve(&credential(input)?, &pin).map_err(|error| match error {
                DeviceCredentialError::Malformed => "other_credential".to_owned(),
                error => name(error),
            })?;
            Some(json!(answer.code().map(Response::expose)))
        }
    };
    Ok(json!({
        "id": one.id(),
        "credential": one.credential(),
        "headline": [one.headline_id(), one.headline()],
        "direction": one.direction(),
        "agent_name": one.agent_name(),
        "transaction": one.transaction().map(shown),
        "known": one.is_known(),
        "action": action,
        "joint": one.joint(),
        "leg": one.leg(),
        "fits_line": one.fits_line(),
        "until": one.until().unix(),
        "question": one.question(),
        "asks_code": one.asks_code(),
        "message_to_sign": signed,
        "passkey_challenge": one.passkey_challenge().map(hex::encode),
        "code": code,
    }))
}

/// After the customer has said who rang whom; or what the app declines.
fn answered(
    device: &Device,
    input: &Value,
    now: Timestamp,
) -> Result<Result<VerifiedStepUp, Value>, String> {
    let opened = device.open_step_up(input["token"].as_str().unwrap(), now);
    let mut asked = opened.map_err(|error| name(error.reason()))?;
    for who in input["who_rang"].as_array().into_iter().flatten() {
        match asked.answer(serde_json::from_value(who.clone()).unwrap()) {
            WhoRangCheck::Show(shown) => return Ok(Ok(*shown)),
            WhoRangCheck::AskAgain(again) => asked = *again,
            WhoRangCheck::Decline(id, reason) => {
                return Ok(Err(json!({ "id": id, "decline": reason })));
            }
        }
    }
    asked.without_answer().map(Ok).map_err(|_| "unanswered".to_owned())
}
