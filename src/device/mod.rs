//! The customer's half: what the app checks by itself with the enterprise's public keys, and the codes that
//! it makes.
//!
//! Begin with [`Device`]. Every `open_…` verifies a token and gives what is to be shown; the answer is made
//! from that and from nothing else. An app in another language does the same from the page
//! [tokens on the wire](crate::manual::_35_wire).

pub(crate) mod action;
pub(crate) mod challenge;
pub(crate) mod code_attempts;
pub(crate) mod credential;
pub(crate) mod ground_rules;
pub(crate) mod history;
pub(crate) mod last_contact;
mod line;
pub(crate) mod notice;
#[cfg(feature = "cards")]
pub(crate) mod payment;
pub(crate) mod reachability;
pub(crate) mod readback;
pub(crate) mod ringing;
pub(crate) mod status;
pub(crate) mod step_up;
pub(crate) mod unanswered;

pub use self::action::ShownAction;
pub use self::challenge::{
    ChallengeCheck, ChallengeError, CodeCheck, CodeCheckError, VerifiedAppointment,
    VerifiedChallenge,
};
pub use self::code_attempts::{CODE_ATTEMPTS, CodeAttempts, MalformedCodeAttempts};
pub use self::credential::{DeviceCredential, DeviceCredentialError, InvalidPin, SmartPin};
pub use self::ground_rules::GroundRules;
pub use self::history::HistoryProblem;
pub use self::last_contact::{Called, LastContactQuestion, LastContactShown};
pub use self::notice::{
    KnownNotices, NoticeCheck, NoticeError, NoticeListError, NoticeStanding, VerifiedNotice,
};
#[cfg(feature = "cards")]
pub use self::payment::{PaymentError, VerifiedPayment};
pub use self::reachability::ReachableShown;
pub use self::ringing::{
    KnownNumbers, NumberLookup, VERDICT_ASK_EVERY, VERDICT_BUDGET, VerdictQuestion,
};
pub use self::status::{NotVerified, StatusQuestion, StatusShown};
pub use self::step_up::VerifiedStepUp;
pub use self::unanswered::{UnansweredStepUp, WhoRangCheck};

use std::sync::Arc;

use crate::credential::possession::Asked;
use crate::customer::token::ErasureData;
use crate::signature::key::CredentialPublicKey;
use crate::token::pseudonym::Pseudonym;
use crate::token::{Audience, Leeway, TokenError, TrustedKeys, UntrustedToken};
use crate::values::action::form::ActionTable;
use crate::values::id::{CredentialId, CustomerId};
use crate::values::interaction::Direction;
use crate::values::time::Timestamp;

/// The customer's half of countersign, for the app.
///
/// It holds the enterprise's public keys and those of its vault, who its user is, and perhaps the pseudonym of its user.
#[derive(Debug, Clone)]
pub struct Device {
    trusted: TrustedKeys,
    /// Whose opening keys cards are sealed for; `None`: nobody's.
    #[cfg(feature = "cards")]
    vault_keys: Option<TrustedKeys>,
    customer: CustomerId,
    leeway: Leeway,
    pseudonym: Option<Arc<Pseudonym>>,
    /// The kinds of actions that are built into the app.
    actions: Arc<ActionTable>,
}

impl Device {
    /// The app of `customer`, which trusts `trusted`.
    #[must_use]
    pub fn new(trusted: TrustedKeys, customer: CustomerId) -> Self {
        Self {
            trusted,
            #[cfg(feature = "cards")]
            vault_keys: None,
            customer,
            leeway: Leeway::DEFAULT,
            pseudonym: None,
            actions: Arc::new(ActionTable::new()),
        }
    }

    /// The same, with another tolerance between its clock and the enterprise's.
    #[must_use]
    pub const fn with_leeway(mut self, leeway: Leeway) -> Self {
        self.leeway = leeway;
        self
    }

    /// The same, with the kinds of actions that are built into it. What is asked of a kind or with a field that is not
    /// among them is genuine, is shown as unknown, and can be declined, never approved.
    #[must_use]
    pub fn with_actions(mut self, actions: ActionTable) -> Self {
        self.actions = Arc::new(actions);
        self
    }

    /// What a new device key signs for [`KeyPossession::device_key`](crate::credential::KeyPossession::device_key), so
    /// that nobody enrols a key whose private part they do not hold, nor one that was enrolled elsewhere: it names
    /// issuer, customer, credential and key. `nonce` is
    /// [`Provisioning::key_nonce`](crate::credential::Provisioning::key_nonce).
    #[must_use]
    pub fn possession_message(
        &self,
        credential: CredentialId,
        nonce: &[u8; 32],
        key: &CredentialPublicKey,
    ) -> Vec<u8> {
        let (issuer, customer) = (self.trusted.issuer(), &self.customer);
        Asked { issuer, customer, credential, nonce }.message(key)
    }

    /// What an erasure receipt says ([`Customers::erase`](crate::customer::Customers::erase)).
    ///
    /// # Errors
    ///
    /// [`TokenError`] if it is not genuine, not for this customer, or not valid now.
    pub fn open_erasure(&self, token: &str, now: Timestamp) -> Result<ErasureData, TokenError> {
        let audience = Audience::from(&self.customer);
        let token = UntrustedToken::parse(token)?;
        let verified = token.verify(&self.trusted, &audience, now, self.leeway)?;
        Ok(verified.into_claims().into_data())
    }
}

/// Who contacted whom, in one sentence.
const fn headline(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "You called us.",
        Direction::Outbound => "We called you.",
    }
}

const fn headline_id(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "you_called_us",
        Direction::Outbound => "we_called_you",
    }
}
