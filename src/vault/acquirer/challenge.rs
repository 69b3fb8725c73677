//! 3-D Secure, as far as the vault has a part in it: what the customer's device is to do, and the proof that they did.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::card::Pan;
use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::values::card_number::LastFour;
use crate::values::secret::{SecretText, silent_serde};
use crate::vault::acquirer::raw::{MAX_RAW_BYTES, could_hold_number, holds_number};

/// The longest text of a challenge, in bytes: what an access control server signs for an app is a few kilobytes.
pub(crate) const MAX_CHALLENGE_BYTES: usize = 16 * 1024;

/// What the customer's device is to do before the payment can be charged, as the acquirer or the 3-D Secure server gave it
/// ([EMV 3-D Secure 2](https://www.emvco.com/emv-technologies/3-d-secure/)).
///
/// It goes to the device that pays and to nobody else; it is not [`AgentSafe`](crate::AgentSafe).
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct AuthenticationChallenge {
    /// How it is done.
    pub flow: ChallengeFlow,
    /// What the acquirer calls it; the device needs none of it.
    #[serde(skip, default = "no_reference")]
    pub(crate) reference: SecretText,
}

fn no_reference() -> SecretText {
    SecretText::copy_of("")
}

silent_serde!(AuthenticationChallenge: "a challenge");

/// How a customer is authenticated.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum ChallengeFlow {
    /// A page of the card issuer's, in a frame or a web view: the challenge request is posted to the address.
    Browser {
        /// The access control server's address.
        acs_url: String,
        /// The challenge request (`creq`), as text.
        creq: String,
    },
    /// In the app itself, through a 3-D Secure kit.
    App {
        /// The 3-D Secure server's id of the transaction.
        three_ds_server_transaction_id: String,
        /// The access control server's id of it.
        acs_transaction_id: String,
        /// The access control server's reference number.
        acs_reference_number: String,
        /// What the access control server signed for the kit.
        acs_signed_content: String,
    },
    /// A page of the acquirer's own, which does the rest.
    Redirect {
        /// Its address.
        url: String,
    },
}

silent_serde!(ChallengeFlow: "how a customer is authenticated");

impl AuthenticationChallenge {
    /// `reference` is what the acquirer calls it, for [`Resumption::reference`](crate::vault::Resumption::reference): it is
    /// kept, sealed, until the customer has authenticated. `None` if a text is empty, or longer than 16 KiB; `reference`
    /// has at most 1024 bytes.
    #[must_use]
    pub fn new(reference: &str, flow: ChallengeFlow) -> Option<Self> {
        let fits = (1..=MAX_RAW_BYTES).contains(&reference.len()) && flow.fits();
        fits.then(|| Self { flow, reference: SecretText::copy_of(reference) })
    }

    pub(crate) fn copy(&self) -> Self {
        let reference = SecretText::copy_of(self.reference.expose());
        Self { flow: self.flow.clone(), reference }
    }
}

impl ChallengeFlow {
    fn texts(&self) -> [&str; 4] {
        match self {
            Self::Browser { acs_url, creq } => [acs_url, creq, acs_url, creq],
            Self::App {
                three_ds_server_transaction_id,
                acs_transaction_id,
                acs_reference_number,
                acs_signed_content,
            } => [
                three_ds_server_transaction_id,
                acs_transaction_id,
                acs_reference_number,
                acs_signed_content,
            ],
            Self::Redirect { url } => [url; 4],
        }
    }

    /// Whether a text of it holds the card's number.
    pub(crate) fn names(&self, pan: &Pan) -> bool {
        self.texts().iter().any(|text| holds_number(text, pan.expose()))
    }

    /// Whether a text of it could hold the number of a card that ends so.
    pub(crate) fn could_name(&self, last_four: LastFour) -> bool {
        self.texts().iter().any(|text| could_hold_number(text, last_four))
    }

    fn fits(&self) -> bool {
        self.texts().iter().all(|text| (1..=MAX_CHALLENGE_BYTES).contains(&text.len()))
    }

    const fn number(&self) -> u8 {
        match self {
            Self::Browser { .. } => 1,
            Self::App { .. } => 2,
            Self::Redirect { .. } => 3,
        }
    }
}

record! {
    AuthenticationChallenge as challenge {
        let [first, second, third, fourth] = challenge.flow.texts();
        let is_app = matches!(challenge.flow, ChallengeFlow::App { .. });
        let is_redirect = matches!(challenge.flow, ChallengeFlow::Redirect { .. });
        0 => reference: &str = challenge.reference.expose(),
        1 => number: u8 = challenge.flow.number(),
        2 => first: &str = first,
        3 => second: Option<&str> = (!is_redirect).then_some(second),
        4 => third: Option<&str> = is_app.then_some(third),
        5 => fourth: Option<&str> = is_app.then_some(fourth),
    } {
        let own = |text: &str| text.to_owned();
        let flow = match (number, second, third, fourth) {
            (1, Some(creq), None, None) => {
                ChallengeFlow::Browser { acs_url: own(first), creq: own(creq) }
            }
            (2, Some(second), Some(third), Some(fourth)) => ChallengeFlow::App {
                three_ds_server_transaction_id: own(first),
                acs_transaction_id: own(second),
                acs_reference_number: own(third),
                acs_signed_content: own(fourth),
            },
            (3, None, None, None) => ChallengeFlow::Redirect { url: own(first) },
            _ => return Err(Malformed),
        };
        Self::new(reference, flow).ok_or(Malformed)
    }
}

/// Not what is in it: an address may be a secret by itself.
impl fmt::Debug for AuthenticationChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticationChallenge").field("flow", &self.flow).finish_non_exhaustive()
    }
}

impl fmt::Debug for ChallengeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Browser { .. } => "Browser",
            Self::App { .. } => "App",
            Self::Redirect { .. } => "Redirect",
        })
    }
}

/// What came of a challenge, by the word of the acquirer or the 3-D Secure server.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authenticated {
    /// The customer authenticated, or the issuer vouches for an attempt.
    Passed(AuthenticationProof),
    /// The customer did not, and cannot any more.
    Failed,
    /// The customer has not finished.
    Waiting,
}

/// The proof of an authentication, for the authorisation. The vault does not keep it: it asks for it again if it must.
///
/// Wiped on drop; neither `Clone` nor `Serialize`; `Debug` prints `[REDACTED]`.
#[derive(PartialEq, Eq)]
pub struct AuthenticationProof {
    eci: SecretText,
    cryptogram: SecretText,
    transaction_id: SecretText,
}

impl AuthenticationProof {
    /// The electronic commerce indicator, the authentication value (CAVV, AAV), and the directory server's id of the
    /// transaction. An acquirer that keeps these to itself takes them empty.
    #[must_use]
    pub fn new(eci: &str, cryptogram: &str, transaction_id: &str) -> Self {
        Self {
            eci: SecretText::copy_of(eci),
            cryptogram: SecretText::copy_of(cryptogram),
            transaction_id: SecretText::copy_of(transaction_id),
        }
    }

    /// The electronic commerce indicator.
    #[must_use]
    pub fn eci(&self) -> &str {
        self.eci.expose()
    }

    /// The authentication value (CAVV, AAV): for the acquirer's call and nothing else.
    #[must_use]
    pub fn cryptogram(&self) -> &str {
        self.cryptogram.expose()
    }

    /// The directory server's id of the transaction.
    #[must_use]
    pub fn transaction_id(&self) -> &str {
        self.transaction_id.expose()
    }
}

impl fmt::Debug for AuthenticationProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthenticationProof([REDACTED])")
    }
}
