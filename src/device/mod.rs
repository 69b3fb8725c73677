//! The customer's half: what the app checks by itself with the enterprise's public keys, and the codes that
//! it makes.
//!
//! Begin with [`Device`]. Every `open_…` verifies a token and gives what is to be shown; the answer is made
//! from that and from nothing else. An app in another language does the same from the page
//! [tokens on the wire](crate::manual::_14_wire).

pub(crate) mod action;
pub(crate) mod challenge;
pub(crate) mod code_attempts;
pub(crate) mod credential;
pub(crate) mod ground_rules;
pub(crate) mod last_contact;
mod line;
pub(crate) mod notice;
#[cfg(feature = "cards")]
pub(crate) mod payment;
pub(crate) mod reachability;
pub(crate) mod readback;
pub(crate) mod ringing;
pub(crate) mod status;
pub(crate) mod unanswered;

pub use self::action::ShownAction;
pub use self::challenge::{
    ChallengeCheck, ChallengeError, CodeCheck, CodeCheckError, VerifiedAppointment,
    VerifiedChallenge,
};
pub use self::code_attempts::{CODE_ATTEMPTS, CodeAttempts, MalformedCodeAttempts};
pub use self::credential::{DeviceCredential, DeviceCredentialError, InvalidPin, SmartPin};
pub use self::ground_rules::GroundRules;
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
pub use self::unanswered::{UnansweredStepUp, WhoRangCheck};

use std::sync::Arc;

use self::action::Shown;
use crate::credential::method::Method;
use crate::credential::possession::Asked;
use crate::credential::question::Typed;
use crate::customer::token::ErasureData;
use crate::history::ceremony::CeremonyHistory;
use crate::history::token::HistoryHeadData;
use crate::otp::ocra::Response;
use crate::signature::key::CredentialPublicKey;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::joint::statement::JointData;
use crate::step_up::number_match::MatchDigits;
use crate::step_up::statement::{Covered, Statement};
use crate::step_up::step_answer::StepUpAnswer;
use crate::step_up::token::StepUpData;
use crate::step_up::who_rang::WhoRang;
use crate::token::pseudonym::Pseudonym;
use crate::token::{Audience, Claims, Leeway, Rejection, TokenError, TrustedKeys, UntrustedToken};
use crate::values::action::form::ActionTable;
use crate::values::id::{CredentialId, CustomerId, StepUpId};
use crate::values::interaction::{Direction, LegKind};
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

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

/// Why a history is not the one that the receipt speaks of, grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryProblem {
    /// The receipt is not a token that the enterprise gave this customer.
    #[error("this receipt was not given to this customer by the enterprise")]
    NotGenuine,
    /// The receipt is signed with a key that the app does not trust (yet).
    #[error("this receipt is signed with a key that is not trusted; fetch the public keys again")]
    UnknownKey,
    /// The receipt is genuine, but from the future: one of the two clocks is wrong.
    #[error("this receipt is from the future; set this device's clock")]
    NotYetValid,
    /// The receipt has expired: the enterprise no longer has to keep that history.
    #[error("this receipt has expired; the enterprise need not keep that history any longer")]
    Expired,
    /// The history of the receipt's ceremony is not among those shown.
    #[error("the history that this receipt speaks of is missing")]
    Missing,
    /// The events shown do not lead to the head shown.
    #[error("the history shown is not whole")]
    Broken,
    /// The history shown does not contain the one of the receipt: events were taken back or changed.
    #[error("the history was shortened or changed since this receipt was given")]
    Rewritten,
    /// What the enterprise knows of the customer's credentials was put back to an older state since.
    #[error(
        "what the enterprise knows of this customer's credentials was put back to an older state"
    )]
    PutBack,
    /// The receipt is from before the events that are still listed, so it cannot be compared with them.
    /// A receipt that is renewed whenever a history is shown does not get so old.
    #[error("this receipt is older than the events that the history still lists")]
    TooOld,
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

    /// Checks that since `receipt` was given, the history it speaks of only grew.
    ///
    /// `histories` are what the enterprise shows now ([`Verifier::history`](crate::Verifier::history),
    /// all its pages). An app that keeps a receipt of each ceremony
    /// ([`Verifier::history_receipt`](crate::Verifier::history_receipt)) so notices when a record was
    /// put back to an older state or deleted, which the enterprise cannot see by itself.
    ///
    /// A newer receipt must not simply take the older one's place: after a rollback it would vouch for
    /// what came then. [`renew_receipt`](Self::renew_receipt) says when it may.
    ///
    /// Returns how many events there are more.
    ///
    /// # Errors
    ///
    /// [`HistoryProblem`] says what is wrong.
    pub fn check_history(
        &self,
        receipt: &str,
        histories: &[CeremonyHistory],
        now: Timestamp,
    ) -> Result<u32, HistoryProblem> {
        self.grown_since(&self.head_of(receipt, now)?, histories)
    }

    /// Checks that the app may keep the receipt `new` in place of `old`: both are genuine, speak of
    /// the same ceremony, and the history shown contains both.
    ///
    /// Returns how many events there are since `old`.
    ///
    /// # Errors
    ///
    /// [`HistoryProblem`] says what is wrong; keep `old` then, it is the evidence.
    pub fn renew_receipt(
        &self,
        old: &str,
        new: &str,
        histories: &[CeremonyHistory],
        now: Timestamp,
    ) -> Result<u32, HistoryProblem> {
        let (old, new) = (self.head_of(old, now)?, self.head_of(new, now)?);
        if new.subject != old.subject {
            return Err(HistoryProblem::Missing);
        }
        if new.events < old.events {
            return Err(HistoryProblem::Rewritten);
        }
        // One that was given by an older release does not say.
        if let (Some(new), Some(old)) = (new.standing, old.standing)
            && new < old
        {
            return Err(HistoryProblem::PutBack);
        }
        let grown = self.grown_since(&old, histories)?;
        self.grown_since(&new, histories)?;
        Ok(grown)
    }

    /// How often what there must be of this customer had changed when `receipt` was given: credentials bound and
    /// revoked, an erasure. An app that keeps the highest number it has seen notices, by a newer receipt with a lower
    /// one, that the enterprise's store was put back. `None` if the receipt does not say.
    ///
    /// # Errors
    ///
    /// [`HistoryProblem`] if the receipt is not genuine, or not valid now.
    pub fn standing_of(
        &self,
        receipt: &str,
        now: Timestamp,
    ) -> Result<Option<u32>, HistoryProblem> {
        Ok(self.head_of(receipt, now)?.standing)
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

    fn head_of(&self, receipt: &str, now: Timestamp) -> Result<HistoryHeadData, HistoryProblem> {
        let audience = Audience::from(&self.customer);
        UntrustedToken::parse(receipt)
            .and_then(|token| token.verify(&self.trusted, &audience, now, self.leeway))
            .map(|verified| verified.into_claims().into_data())
            .map_err(|error| match error.reason() {
                Rejection::Expired => HistoryProblem::Expired,
                Rejection::NotYetValid => HistoryProblem::NotYetValid,
                Rejection::UnknownKey => HistoryProblem::UnknownKey,
                _ => HistoryProblem::NotGenuine,
            })
    }

    fn grown_since(
        &self,
        then: &HistoryHeadData,
        histories: &[CeremonyHistory],
    ) -> Result<u32, HistoryProblem> {
        let now = histories
            .iter()
            .find(|history| history.subject == then.subject)
            .ok_or(HistoryProblem::Missing)?;
        let heads = now.heads().map_err(|_| HistoryProblem::Broken)?;
        let listed = then.events.checked_sub(now.unlisted()).ok_or(HistoryProblem::TooOld)?;
        let kept = usize::try_from(listed).ok().and_then(|events| heads.get(events));
        if kept != Some(&then.head) || now.refusals < then.refusals {
            return Err(HistoryProblem::Rewritten);
        }
        Ok(now.len().saturating_sub(then.events))
    }
}

/// A genuine step-up, for the app to show. Show [`headline`](Self::headline) first: it exposes a
/// stranger who rings the customer while an accomplice rings the enterprise.
#[derive(Debug)]
pub struct VerifiedStepUp {
    customer: CustomerId,
    claims: Claims<StepUpData>,
    /// What the customer said of who rang whom, if they were asked.
    who_rang: Option<WhoRang>,
    /// What the customer typed.
    digits: Option<MatchDigits>,
    /// The line that the app knows it is on.
    here: Option<LegKind>,
    shown: Shown,
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
