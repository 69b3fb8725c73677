//! A genuine step-up: what of it is shown, and what the customer answers.

use crate::credential::method::Method;
use crate::credential::question::Typed;
use crate::device::action::{Shown, ShownAction};
use crate::device::credential::{DeviceCredential, DeviceCredentialError, SmartPin};
use crate::device::{headline, headline_id};
use crate::otp::ocra::Response;
use crate::signature::key::CredentialPublicKey;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::joint::statement::JointData;
use crate::step_up::number_match::MatchDigits;
use crate::step_up::statement::{Covered, Statement};
use crate::step_up::step_answer::StepUpAnswer;
use crate::step_up::token::StepUpData;
use crate::step_up::who_rang::WhoRang;
use crate::token::Claims;
use crate::values::id::{CredentialId, CustomerId, StepUpId};
use crate::values::interaction::{Direction, LegKind};
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// A genuine step-up, for the app to show. Show [`headline`](Self::headline) first: it exposes a
/// stranger who rings the customer while an accomplice rings the enterprise.
#[derive(Debug)]
pub struct VerifiedStepUp {
    pub(super) customer: CustomerId,
    pub(super) claims: Claims<StepUpData>,
    /// What the customer said of who rang whom, if they were asked.
    pub(super) who_rang: Option<WhoRang>,
    /// What the customer typed.
    pub(super) digits: Option<MatchDigits>,
    /// The line that the app knows it is on.
    pub(super) here: Option<LegKind>,
    pub(super) shown: Shown,
}

impl VerifiedStepUp {
    /// Which step-up.
    #[must_use]
    pub const fn id(&self) -> StepUpId {
        self.claims.data().step_up
    }

    /// Which of the customer's credentials is to answer.
    #[must_use]
    pub const fn credential(&self) -> CredentialId {
        self.claims.data().credential
    }

    /// Who contacted whom, in one sentence: "You called us." or "We called you."; or "Another customer asks for your
    /// approval." if the conversation is another customer's ([`joint`](Self::joint)).
    #[must_use]
    pub fn headline(&self) -> &'static str {
        if self.is_for_another() {
            "Another customer asks for your approval."
        } else {
            headline(self.direction())
        }
    }

    /// The same for an app in another language: `you_called_us`, `we_called_you` or `another_asks`. It never
    /// changes.
    #[must_use]
    pub fn headline_id(&self) -> &'static str {
        if self.is_for_another() { "another_asks" } else { headline_id(self.direction()) }
    }

    /// Who contacted whom, from the enterprise's side.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.claims.data().direction
    }

    /// In whose name it is asked, how many must approve, and in which role this customer answers, if several are
    /// asked. Show all of it.
    #[must_use]
    pub const fn joint(&self) -> Option<&JointData> {
        self.claims.data().joint.as_ref()
    }

    /// Whether the conversation is another customer's.
    fn is_for_another(&self) -> bool {
        self.joint().is_some_and(|joint| joint.principal != self.customer)
    }

    /// The name by which the agent goes.
    #[must_use]
    pub const fn agent_name(&self) -> &ShortText {
        &self.claims.data().agent_name
    }

    /// What is to be approved: amount, currency, payee, reference. `None` if it is an action.
    #[must_use]
    pub const fn transaction(&self) -> Option<&Transaction> {
        self.claims.data().what.transaction()
    }

    /// The action that is to be approved, with headline and labels from the app's own table. `None` if it is a
    /// transaction, or an action that the table does not have: then [`is_known`](Self::is_known) is false.
    #[must_use]
    pub const fn action(&self) -> Option<&ShownAction> {
        match &self.shown {
            Shown::Action(action) => Some(action),
            Shown::Transaction | Shown::Unknown => None,
        }
    }

    /// Whether the app can show what is to be approved. If not, say that the app is too old for it, and offer to
    /// decline: nothing here approves it.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self.shown, Shown::Unknown)
    }

    /// What the customer is to type into their fob, if an OCRA fob is to answer; `None` otherwise. The
    /// fob's response goes to [`StepUps::submit`](crate::step_up::StepUps::submit).
    ///
    /// It stands for all that is shown: show that first.
    #[must_use]
    pub fn question(&self) -> Option<String> {
        let format = self.claims.data().suite.filter(|_| self.may_answer())?.challenge_format();
        if self.lacks_digits() {
            return None;
        }
        Some(Typed::of(format, &self.statement().0).as_str().to_owned())
    }

    /// What the customer approves.
    fn statement(&self) -> Statement {
        let (issuer, nonce) = (self.claims.issuer(), self.claims.id());
        let (who_rang, digits) = (self.who_rang, self.digits.as_ref());
        let covered = Covered { who_rang, digits, ..self.claims.data().into() };
        Statement::of(issuer, &self.customer, nonce, &covered)
    }

    /// Whether the customer is to type six digits that the agent says, before anything is approved.
    #[must_use]
    pub const fn asks_digits(&self) -> bool {
        self.claims.data().number_match
    }

    /// The customer has typed these digits, which the agent said. The approval covers them. They are nothing to a
    /// step-up that asks for none.
    #[must_use]
    pub fn with_digits(mut self, digits: MatchDigits) -> Self {
        self.digits = Some(digits).filter(|_| self.asks_digits());
        self
    }

    /// Whether it was asked for on this line, and the app knows what it is for.
    fn may_answer(&self) -> bool {
        self.fits_line() && self.is_known()
    }

    fn lacks_digits(&self) -> bool {
        self.asks_digits() && self.digits.is_none()
    }

    /// What the customer answered and typed, with this code of a fob, or of a message.
    #[must_use]
    pub fn answer_with(&self, code: Response) -> StepUpAnswer {
        self.completed(StepUpAnswer::by_code(code))
    }

    /// What the customer answered and typed, with this signature.
    #[must_use]
    pub fn answer_signed(&self, signed: SignedAnswer) -> StepUpAnswer {
        self.completed(StepUpAnswer::by_signature(signed))
    }

    fn completed(&self, mut answer: StepUpAnswer) -> StepUpAnswer {
        if let Some(who) = self.who_rang {
            answer = answer.who_rang(who);
        }
        if let Some(digits) = &self.digits {
            answer = answer.with_digits(digits.copied());
        }
        answer
    }

    /// Until when the customer may answer.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.claims.expires_at()
    }

    /// What the phone's private key signs to approve this, for
    /// [`SignedAnswer::by_device_key`](crate::step_up::SignedAnswer::by_device_key): it covers everything shown. `None`
    /// unless a device key is to answer and it is `key`'s, and
    /// if digits are asked for and not given yet.
    #[must_use]
    pub fn message_to_sign(&self, key: &CredentialPublicKey) -> Option<Vec<u8>> {
        let data = self.claims.data();
        let asked = data.method == Method::DeviceKey && data.key == Some(key.fingerprint());
        (asked && self.may_answer() && !self.lacks_digits()).then(|| self.statement().message())
    }

    /// The challenge of the WebAuthn assertion that approves this, for
    /// [`SignedAnswer::by_passkey`](crate::step_up::SignedAnswer::by_passkey): a digest of everything shown. `None` unless a
    /// passkey is to answer. Which, [`Credential::passkey_id`](crate::credential::Credential) says.
    #[must_use]
    pub fn passkey_challenge(&self) -> Option<[u8; 32]> {
        let asked = self.claims.data().method == Method::Passkey;
        (asked && self.may_answer() && !self.lacks_digits()).then(|| self.statement().0)
    }

    /// Whether the PIN's code ([`approve`](Self::approve)) is asked for: alone, or with the signature.
    #[must_use]
    pub const fn asks_code(&self) -> bool {
        !self.claims.data().method.signs() || self.claims.data().with_code
    }

    /// The customer approves with their PIN: the answer for
    /// [`StepUps::submit`](crate::step_up::StepUps::submit), whose code covers everything shown, answered and typed. The
    /// PIN stays here.
    ///
    /// # Errors
    ///
    /// [`DeviceCredentialError::Malformed`] if the step-up is for another credential;
    /// [`OtherLine`](DeviceCredentialError::OtherLine) if it was asked for on a line that [is not this
    /// one](Self::on_line); [`UnknownAction`](DeviceCredentialError::UnknownAction) if the app does not know what it is for;
    /// [`NoDigits`](DeviceCredentialError::NoDigits) before [`with_digits`](Self::with_digits). A wrong PIN is
    /// no error here: it gives a wrong response, which the enterprise refuses and counts.
    pub fn approve(
        &self,
        credential: &DeviceCredential,
        pin: &SmartPin,
    ) -> Result<StepUpAnswer, DeviceCredentialError> {
        if self.claims.data().credential != credential.id() {
            return Err(DeviceCredentialError::Malformed);
        }
        if !self.is_known() {
            return Err(DeviceCredentialError::UnknownAction);
        }
        if !self.fits_line() {
            return Err(DeviceCredentialError::OtherLine);
        }
        if self.lacks_digits() {
            return Err(DeviceCredentialError::NoDigits);
        }
        let code = credential.answer(&self.statement().0, pin)?;
        Ok(self.answer_with(code))
    }
}
