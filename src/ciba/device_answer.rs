//! What the customer's authentication device answers, for the server that hands it on to the bank.

use serde::Deserialize;

use crate::ciba::CibaError;
use crate::otp::ocra::Response;
use crate::signature::signed::Signature;
use crate::step_up::{DeclineReason, MatchDigits, SignedAnswer, StepUpAnswer, WhoRang};
use crate::token::{base64url, strict_json};
use crate::webauthn::assertion::PasskeyAssertion;

/// The longest answer that is read, in bytes: a passkey's is the longest.
const MAX_ANSWER: usize = 32 * 1024;

/// What the customer's app (CIBA's authentication device) sends after a request: all that the step-up asked for, or why
/// the customer declines. The server looks at nothing of it.
///
/// ```json
/// {"who_rang":"enterprise","digits":"123456","code":"12345678"}
/// {"who_rang":"enterprise","digits":"123456","passkey":"{…toJSON()}"}
/// {"who_rang":"enterprise","digits":"123456","device_key":"…64 bytes, base64url"}
/// {"decline":"not_me"}
/// ```
#[derive(Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the customer approves or does not")]
#[allow(clippy::large_enum_variant, reason = "it is read once and taken apart at once")]
pub enum DeviceAnswer {
    /// For [`StepUps::submit`](crate::step_up::StepUps::submit).
    Approve(StepUpAnswer),
    /// For [`StepUps::decline`](crate::step_up::StepUps::decline).
    Decline(DeclineReason),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    who_rang: Option<WhoRang>,
    digits: Option<MatchDigits>,
    code: Option<Response>,
    passkey: Option<String>,
    device_key: Option<String>,
    decline: Option<DeclineReason>,
}

impl DeviceAnswer {
    /// Reads what the app sent over its own authenticated session with the enterprise, never through the client.
    ///
    /// # Errors
    ///
    /// [`CibaError::InvalidRequest`]: malformed, an unknown or doubled member, neither a code nor a signature, two
    /// signatures, or a decline with an approval.
    pub fn from_json(json: &str) -> Result<Self, CibaError> {
        Self::read(json).ok_or(CibaError::InvalidRequest)
    }

    fn read(json: &str) -> Option<Self> {
        let json = Some(json).filter(|json| json.len() <= MAX_ANSWER)?;
        let Written { who_rang, digits, code, passkey, device_key, decline } =
            strict_json::from_slice(json.as_bytes())?;
        let signed = match (passkey, device_key) {
            (None, None) => None,
            (Some(json), None) => {
                Some(SignedAnswer::by_passkey(PasskeyAssertion::from_json(&json).ok()?))
            }
            (None, Some(text)) => {
                let mut raw = [0; 64];
                let raw = base64url::decode(&text, &mut raw)?;
                Some(SignedAnswer::by_device_key(Signature::from_raw(raw).ok()?))
            }
            (Some(_), Some(_)) => return None,
        };
        let mut answer = match (code, signed, decline) {
            (Some(code), None, None) => StepUpAnswer::by_code(code),
            (None, Some(signed), None) => StepUpAnswer::by_signature(signed),
            (Some(code), Some(signed), None) => StepUpAnswer::by_code(code).signed(signed),
            (None, None, Some(reason)) if who_rang.is_none() && digits.is_none() => {
                return Some(Self::Decline(reason));
            }
            _ => return None,
        };
        if let Some(who) = who_rang {
            answer = answer.who_rang(who);
        }
        if let Some(digits) = digits {
            answer = answer.with_digits(digits);
        }
        Some(Self::Approve(answer))
    }
}
