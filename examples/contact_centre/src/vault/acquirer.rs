//! An acquirer that says yes, except to two numbers.
//!
//! YOURS: your acquirer's API. This one knows a key again by giving what follows from it.

use countersign::payment::DeclineReason;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authorisation, Found, KeysHonoured, Sought,
};

/// The acquirer of the stories.
#[derive(Debug, Clone, Copy)]
pub struct Yes;

impl Acquirer for Yes {
    fn honours_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        let reason = match of.card().pan().last_four().as_str() {
            "0002" => Some(DeclineReason::Other),
            "9995" => Some(DeclineReason::InsufficientFunds),
            _ => None,
        };
        if let Some(reason) = reason {
            return Ok(AcquirerAnswer::declined(reason));
        }
        let key = of.key().to_string();
        let of_key = |from: usize, n: usize| -> String { key.chars().skip(from).take(n).collect() };
        let id = format!("txn-{}", of_key(0, 10));
        Ok(AcquirerAnswer::approved(of_key(10, 6).to_uppercase(), id))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}
