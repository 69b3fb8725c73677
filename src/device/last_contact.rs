//! When the enterprise last called: asked with the customer's key, and shown.

use crate::contact::past::request::{LastContactChallenge, LastContactProof};
use crate::contact::past::statement::AskedOfKey;
use crate::contact::token::last_contact::{LastContactData, PastContact, ReportedSpan};
use crate::contact::token::status::StatusNonce;
use crate::credential::method::Method;
use crate::crypto::random::{Random, RandomError};
use crate::device::Device;
use crate::device::credential::{DeviceCredential, DeviceCredentialError, SmartPin};
use crate::device::status::NotVerified;
use crate::policy::WATERMARK_LAG_LIMIT;
use crate::signature::key::CredentialPublicKey;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::statement::Statement;
use crate::values::id::{CustomerId, Issuer};
use crate::values::time::Timestamp;

/// One question of the app for the last contact, for the customer's key to answer. Keep it until the answer is opened.
#[derive(Debug)]
#[must_use]
pub struct LastContactQuestion {
    issuer: Issuer,
    customer: CustomerId,
    challenge: LastContactChallenge,
    query: StatusNonce,
}

impl LastContactQuestion {
    fn statement(&self) -> Statement {
        AskedOfKey {
            issuer: &self.issuer,
            customer: &self.customer,
            credential: self.challenge.credential,
            key: self.challenge.key,
            challenge: self.challenge.challenge,
            query: self.query,
        }
        .statement()
    }

    /// What the phone's private key signs, for
    /// [`SignedAnswer::by_device_key`](crate::step_up::SignedAnswer::by_device_key). `None` unless a device key is to answer
    /// and it is `key`'s.
    #[must_use]
    pub fn message_to_sign(&self, key: &CredentialPublicKey) -> Option<Vec<u8>> {
        let LastContactChallenge { method, key: asked, .. } = &self.challenge;
        let is_asked = *method == Method::DeviceKey && *asked == Some(key.fingerprint());
        is_asked.then(|| self.statement().message())
    }

    /// The challenge of the WebAuthn assertion, for
    /// [`SignedAnswer::by_passkey`](crate::step_up::SignedAnswer::by_passkey). `None` unless a passkey is to answer.
    #[must_use]
    pub fn passkey_challenge(&self) -> Option<[u8; 32]> {
        (self.challenge.method == Method::Passkey).then(|| self.statement().0)
    }

    /// Whether the PIN's code is asked for: alone, or with the signature.
    #[must_use]
    pub const fn asks_code(&self) -> bool {
        !self.challenge.method.signs() || self.challenge.with_code
    }

    /// The customer types their PIN: the proof for
    /// [`Contact::last_contact`](crate::contact::Contact::last_contact). The PIN stays here.
    ///
    /// # Errors
    ///
    /// [`DeviceCredentialError::Malformed`] if another credential is asked; [`DeviceCredentialError::Memory`]. A wrong PIN is
    /// no error here: it gives a wrong code, which the enterprise refuses and counts.
    pub fn by_code(
        &self,
        credential: &DeviceCredential,
        pin: &SmartPin,
    ) -> Result<LastContactProof, DeviceCredentialError> {
        if self.challenge.credential != credential.id() {
            return Err(DeviceCredentialError::Malformed);
        }
        let code = credential.answer(&self.statement().0, pin)?;
        Ok(self.proof().with_code(code))
    }

    /// The key has signed. If the code is asked for too, add it
    /// ([`LastContactProof::with_code`](crate::contact::LastContactProof::with_code)), or sign what
    /// [`by_code`](Self::by_code) gave.
    pub fn signed(&self, signed: SignedAnswer) -> LastContactProof {
        self.proof().signed(signed)
    }

    const fn proof(&self) -> LastContactProof {
        LastContactProof::new(self.challenge.credential, self.query)
    }
}

/// Whether the enterprise called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Called {
    /// It did: [`LastContactShown::last_call`] says when.
    Yes,
    /// No call was reported with this customer, in the time of [`LastContactShown::reported`]. A call that is over, and of
    /// which nobody was named, is not covered.
    Never,
    /// It cannot be told: reports are missing, or a call may be this customer's.
    Undetermined,
}

/// A genuine answer to this customer's own question.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct LastContactShown {
    data: LastContactData,
    at: Timestamp,
}

impl LastContactShown {
    /// Whether the enterprise called.
    #[must_use]
    pub fn called(&self) -> Called {
        let fresh = |span: ReportedSpan| self.at.since(span.until) <= WATERMARK_LAG_LIMIT;
        match (&self.data.last_call, self.data.reported) {
            (Some(_), _) => Called::Yes,
            (None, Some(span)) if fresh(span) => Called::Never,
            (None, _) => Called::Undetermined,
        }
    }

    /// The last time that the enterprise called. It may go on.
    #[must_use]
    pub const fn last_call(&self) -> Option<&PastContact> {
        self.data.last_call.as_ref()
    }

    /// The last contact over whichever channel, whoever began it: one that the customer did not begin was somebody in their
    /// name.
    #[must_use]
    pub const fn last_contact(&self) -> Option<&PastContact> {
        self.data.last_contact.as_ref()
    }

    /// In which time all contacts are known: show it with [`Called::Never`].
    #[must_use]
    pub const fn reported(&self) -> Option<ReportedSpan> {
        self.data.reported
    }

    /// What to show, in words.
    #[must_use]
    pub fn headline(&self) -> &'static str {
        match self.called() {
            Called::Yes => {
                "This is when we last called you. It does not prove who is on your line now."
            }
            Called::Never => {
                "We have not called you in this time. If somebody said they were us, they were not."
            }
            Called::Undetermined => "We cannot tell whether we called you. Hang up and call us.",
        }
    }

    /// The same for an app in another language: `called`, `never_called` or `undetermined`. It never changes.
    #[must_use]
    pub fn headline_id(&self) -> &'static str {
        match self.called() {
            Called::Yes => "called",
            Called::Never => "never_called",
            Called::Undetermined => "undetermined",
        }
    }
}

impl Device {
    /// A question for the last contact, from what the enterprise drew
    /// ([`Contact::last_contact_challenge`](crate::contact::Contact::last_contact_challenge)). For the app, `random` is
    /// [`OsRandom`](crate::OsRandom).
    ///
    /// # Errors
    ///
    /// [`RandomError`] if the source failed.
    pub fn last_contact_question(
        &self,
        challenge: LastContactChallenge,
        random: &impl Random,
    ) -> Result<LastContactQuestion, RandomError> {
        let (issuer, customer) = (self.trusted.issuer().clone(), self.customer.clone());
        Ok(LastContactQuestion { issuer, customer, challenge, query: StatusNonce::draw(random)? })
    }

    /// Opens the enterprise's answer to `question`.
    ///
    /// # Errors
    ///
    /// [`NotVerified`]: show "not verified".
    pub fn open_last_contact(
        &self,
        token: &str,
        question: &LastContactQuestion,
        now: Timestamp,
    ) -> Result<LastContactShown, NotVerified> {
        let claims = self.answer::<LastContactData>(token, now)?;
        if claims.data().nonce != question.query {
            return Err(NotVerified::OtherQuestion);
        }
        let at = claims.not_before();
        Ok(LastContactShown { data: claims.into_data(), at })
    }
}
