//! A customer's app: what it answers the telephone about a ringing call, and what it shows of its own question.

use std::time::Duration;

use countersign::contact::{CallVerdict, PhoneNumber};
use countersign::device::{KnownNumbers, NumberLookup, StatusQuestion, VerdictQuestion};
use countersign::time::{Clock, SystemClock};
use countersign::token::{Purpose, TrustedKeys};
use countersign::{CredentialId, CustomerId, Device, Issuer, OsRandom, Timestamp};

use crate::Failure;
use crate::pbx::Pbx;

/// An app.
#[derive(Debug)]
pub struct Phone {
    pub customer: CustomerId,
    device: Device,
    credential: CredentialId,
    numbers: KnownNumbers,
}

/// What the app shows beside a ringing call.
#[must_use]
pub const fn shown(verdict: CallVerdict) -> &'static str {
    match verdict {
        CallVerdict::Legitimate => "Example Bank is calling you.",
        CallVerdict::NotLegitimate => "WARNING: this is not Example Bank. Hang up.",
        CallVerdict::Undetermined => {
            "WARNING: we cannot tell whether this is us. Ask for the code."
        }
        _ => "Not a number of Example Bank's.",
    }
}

fn now() -> Result<Timestamp, Failure> {
    Ok(SystemClock.now()?)
}

impl Phone {
    /// The app of a customer, with the bank's keys built in and its list of numbers fetched.
    ///
    /// # Errors
    ///
    /// If the list does not verify.
    pub fn of(customer: CustomerId, credential: CredentialId, pbx: &Pbx) -> Result<Self, Failure> {
        let mut keys = TrustedKeys::new(Issuer::new("bank.example")?);
        for key in pbx.bank().public_keys() {
            for purpose in [Purpose::Status, Purpose::CallVerdict, Purpose::CallNumbers] {
                keys.trust(*key, purpose)?;
            }
        }
        let device = Device::new(keys, customer.clone());
        let list = pbx.wait(pbx.bank().contact().numbers_token())?;
        let numbers = device.open_numbers(&list, now()?)?;
        Ok(Self { customer, device, credential, numbers })
    }

    /// What the telephone is answered about a call that rings with this number, and has for so long. The number stays on
    /// the device unless it is one of the bank's.
    ///
    /// # Errors
    ///
    /// If the bank does not answer: the app answers "undetermined" then.
    pub fn verdict(
        &self,
        number: &PhoneNumber,
        ringing_for: Duration,
        beside_another: bool,
        pbx: &Pbx,
    ) -> Result<CallVerdict, Failure> {
        if let NumberLookup::Verdict(verdict) = self.numbers.look_up(number, now()?) {
            return Ok(verdict);
        }
        let question = VerdictQuestion::new(number.clone(), &OsRandom::new(), now()?)?;
        let ringing = question.ringing(self.credential, ringing_for);
        let ringing = if beside_another { ringing.beside_another() } else { ringing };
        let token = pbx.wait(pbx.bank().contact().verdict(&self.customer, &ringing))?;
        Ok(self.device.open_verdict(&token, &question, now()?)?)
    }

    /// Whether the number is one to ask the bank about.
    ///
    /// # Errors
    ///
    /// If the clock cannot be read.
    pub fn would_ask(&self, number: &PhoneNumber) -> Result<bool, Failure> {
        Ok(self.numbers.look_up(number, now()?) == NumberLookup::Ask)
    }

    /// "Is that really you?": the id of what the app shows, and by which name the agent goes.
    ///
    /// # Errors
    ///
    /// If the bank does not answer.
    pub fn status(&self, pbx: &Pbx) -> Result<(&'static str, Option<String>), Failure> {
        let question = StatusQuestion::new(&OsRandom::new(), now()?)?;
        let token = pbx.wait(pbx.bank().contact().status(&self.customer, question.nonce()))?;
        let shown = self.device.open_status(&token, &question, now()?)?;
        let name = shown.call().and_then(|call| call.agent_name.as_ref());
        Ok((shown.headline_id(), name.map(ToString::to_string)))
    }
}
