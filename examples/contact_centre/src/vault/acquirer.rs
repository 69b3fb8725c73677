//! An acquirer that says yes, except to a few numbers. For some cards their bank wants to ask first (3-D Secure).
//!
//! YOURS: your acquirer's API. This one knows a key again, and can be asked what became of a payment.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use countersign::payment::DeclineReason;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authenticated, AuthenticationChallenge,
    AuthenticationProof, Authorisation, ChallengeFlow, Found, KeysHonoured, Resumption, Sought,
};
use serde_json::json;

use crate::Fault;
use crate::vault::books::{Asked, Books, Entry};

/// The last digits of cards whose bank asks its customer before it says yes. Of others it knows enough without asking.
const ASKS: [&str; 1] = ["3220"];

/// The acquirer of the stories.
#[derive(Clone)]
pub struct Psp {
    books: Arc<Books>,
    /// Where the card's bank asks: an address of its own.
    acs_url: String,
}

/// What is given and found under a payment's key: the same whenever it is asked for.
fn approved(key: &str) -> AcquirerAnswer {
    let of_key = |from: usize, n: usize| -> String { key.chars().skip(from).take(n).collect() };
    let id = format!("txn-{}", of_key(0, 10));
    AcquirerAnswer::approved(of_key(10, 6).to_uppercase(), id)
}

fn in_doubt(fault: &Fault) -> AcquirerError {
    eprintln!("acquirer: {fault}");
    AcquirerError::InDoubt
}

impl Psp {
    #[must_use]
    pub fn new(books: Arc<Books>, issuer: &str) -> Self {
        Self { books, acs_url: format!("http://{issuer}/challenge") }
    }

    /// What the customer's device posts to the card's bank, as EMV 3-D Secure 2 writes it.
    fn challenge(&self, name: &str) -> Option<AcquirerAnswer> {
        let creq = json!({
            "messageType": "CReq", "messageVersion": "2.2.0", "acsTransID": name,
            "challengeWindowSize": "02",
        });
        let creq = Base64UrlUnpadded::encode_string(creq.to_string().as_bytes());
        let flow = ChallengeFlow::Browser { acs_url: self.acs_url.clone(), creq };
        Some(AcquirerAnswer::challenge(AuthenticationChallenge::new(name, flow)?))
    }

    fn answer(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, Fault> {
        let last_four = of.card().pan().last_four().as_str().to_owned();
        let reason = match last_four.as_str() {
            "0002" => Some(DeclineReason::Other),
            "9995" => Some(DeclineReason::InsufficientFunds),
            _ => None,
        };
        if let Some(reason) = reason {
            return Ok(AcquirerAnswer::declined(reason));
        }
        let key = of.payment().key().to_string();
        let (name, says) = (self.books.name(&key), of.payment().transaction().to_string());
        let asks = ASKS.contains(&last_four.as_str());
        if asks && of.authentication().is_none() && !of.takes_challenge() {
            return Ok(AcquirerAnswer::declined(DeclineReason::AuthenticationNeeded));
        }
        let asked = asks.then_some(Asked::Waiting);
        let goes = self.books.change(&name, |entry| {
            let new =
                || Entry { says, last_four, asked, wrong: 0, approved: false, reversed: false };
            let entry = entry.get_or_insert_with(new);
            // A proof counts for what the card's bank said itself.
            let may = entry.asked.is_none_or(|asked| asked == Asked::Passed) && !entry.reversed;
            entry.approved |= may && (!asks || of.authentication().is_some());
            (entry.approved, entry.asked == Some(Asked::Waiting) && !entry.reversed)
        })?;
        match goes {
            (true, _) => Ok(approved(&key)),
            (false, true) => Ok(self.challenge(&name).ok_or("no challenge")?),
            (false, false) => Ok(AcquirerAnswer::declined(DeclineReason::Other)),
        }
    }

    fn known(&self, key: &str) -> Result<Found, Fault> {
        let name = self.books.name(&key);
        let entry = self.books.change(&name, |entry| entry.clone())?;
        Ok(match entry {
            Some(entry) if entry.reversed => Found::Nothing,
            Some(entry) if entry.approved => Found::Answered(approved(key)),
            Some(entry) if entry.asked == Some(Asked::Waiting) => {
                Found::Answered(self.challenge(&name).ok_or("no challenge")?)
            }
            _ => Found::Nothing,
        })
    }
}

impl Acquirer for Psp {
    fn honours_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        self.answer(of).map_err(|fault| in_doubt(&fault))
    }

    async fn find(&self, payment: &Sought<'_>) -> Result<Found, AcquirerError> {
        self.known(&payment.key().to_string()).map_err(|fault| in_doubt(&fault))
    }

    /// What the card's bank says itself. What the customer's browser says of it (the hint) proves nothing, and is not
    /// looked at.
    async fn authenticated(&self, of: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        let asked = self.books.change(of.reference(), |entry| {
            entry.as_ref().filter(|entry| !entry.reversed).and_then(|entry| entry.asked)
        });
        Ok(match asked.map_err(|fault| in_doubt(&fault))? {
            Some(Asked::Waiting) => Authenticated::Waiting,
            Some(Asked::Passed) => {
                // This acquirer keeps the authentication value to itself.
                Authenticated::Passed(AuthenticationProof::new("05", "", of.reference()))
            }
            Some(Asked::Failed) | None => Authenticated::Failed,
        })
    }

    /// Gives up an approval, and the question of a customer who did not come back.
    async fn reverse(&self, payment: &Sought<'_>) -> Result<(), AcquirerError> {
        let name = self.books.name(&payment.key());
        let reversed = self.books.change(&name, |entry| {
            if let Some(entry) = entry {
                (entry.approved, entry.reversed) = (false, true);
            }
        });
        reversed.map_err(|fault| in_doubt(&fault))
    }
}
