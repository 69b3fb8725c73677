//! Challenges and appointments, as the app may show them, and what it makes of what was heard.

use std::sync::Arc;

use crate::challenge::appointment_token::{AppointmentData, Proof};
use crate::challenge::found_on::{FoundElsewhere, FoundOn};
use crate::challenge::rules::spoken_code::question;
use crate::challenge::token::ChallengeData;
use crate::device::code_attempts::Left;
use crate::device::credential::DeviceCredential;
use crate::device::{CodeAttempts, Device};
use crate::spoken::{SpokenCode, SpokenError};
use crate::token::pseudonym::Pseudonym;
use crate::token::{
    Audience, Claims, Leeway, Rejection, SignedForSomeone, TokenError, TokenId, UntrustedToken,
};
use crate::values::id::{ChallengeId, CustomerId};
use crate::values::interaction::{Direction, LegKind};
use crate::values::text::ShortText;
use crate::values::time::{Timestamp, Window};

/// Why a challenge must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// It is not genuine, not for this customer, or not valid now.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It is genuine, but was not meant for the place where it was found: a copy.
    #[error(transparent)]
    FoundElsewhere(#[from] FoundElsewhere),
}

/// A genuine challenge, found where it was meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[allow(clippy::exhaustive_enums, reason = "the app must tell one from the other")]
pub enum ChallengeCheck {
    /// It is for this customer. Only this may be shown as genuine.
    ForYou(VerifiedChallenge),
    /// The enterprise signed it for one of its customers, and this device cannot tell which: show "signed
    /// by the enterprise, but perhaps not for you". Anyone can forward such a token.
    ForSomeone(SignedForSomeone<ChallengeData>),
}

/// A genuine challenge for this customer, for the app to show and to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct VerifiedChallenge {
    claims: Claims<ChallengeData>,
}

impl VerifiedChallenge {
    /// Which challenge, for [`Challenges::answer`](crate::challenge::Challenges::answer).
    #[must_use]
    pub const fn id(&self) -> ChallengeId {
        ChallengeId(*self.claims.id().as_bytes())
    }

    /// Why the enterprise makes contact, from where, and what it never asks for.
    #[must_use]
    pub const fn data(&self) -> &ChallengeData {
        self.claims.data()
    }

    /// Until when the customer may answer.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.claims.expires_at()
    }
}

impl Device {
    /// The same, knowing its customer's pseudonym
    /// ([`Challenges::pseudonym`](crate::challenge::Challenges::pseudonym)): without it a token that does not name
    /// the customer is [`ChallengeCheck::ForSomeone`] at best.
    #[must_use]
    pub fn with_pseudonym(mut self, pseudonym: Pseudonym) -> Self {
        self.pseudonym = Some(Arc::new(pseudonym));
        self
    }

    /// Verifies a challenge token that was found on a channel: in a chat, a text message, an e-mail, a
    /// message on a social network.
    ///
    /// # Errors
    ///
    /// [`ChallengeError`]: show nothing of it.
    pub fn open_challenge(
        &self,
        token: &str,
        found_on: &FoundOn,
        now: Timestamp,
    ) -> Result<ChallengeCheck, ChallengeError> {
        let verified = self.signed_challenge(token, now)?;
        verified.claims().data().check_found_on(found_on)?;
        Ok(self.addressed(verified)?)
    }

    /// Verifies a challenge token that the enterprise's back end handed to the app itself, through its authenticated
    /// session ([`Verifier::pending`](crate::Verifier::pending)). It was found on no channel, so none is
    /// compared: never open a token with this that came from anywhere else, or a copy of it is shown as genuine.
    ///
    /// # Errors
    ///
    /// [`TokenError`]: show nothing of it.
    pub fn open_pending_challenge(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<ChallengeCheck, TokenError> {
        self.addressed(self.signed_challenge(token, now)?)
    }

    fn signed_challenge(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<SignedForSomeone<ChallengeData>, TokenError> {
        UntrustedToken::parse(token)?.verify_for_someone(&self.trusted, now, self.leeway)
    }

    /// Whether it is for this customer.
    fn addressed(
        &self,
        verified: SignedForSomeone<ChallengeData>,
    ) -> Result<ChallengeCheck, TokenError> {
        let claims = verified.claims();
        let expected = match (claims.data().is_pseudonymous(), &self.pseudonym) {
            (false, _) => Some(Audience::from(&self.customer)),
            (true, Some(pseudonym)) => pseudonym.audience(claims.id()),
            (true, None) => return Ok(ChallengeCheck::ForSomeone(verified)),
        };
        if expected.as_ref() != Some(claims.audience()) {
            return Err(Rejection::Audience.into());
        }
        Ok(ChallengeCheck::ForYou(VerifiedChallenge { claims: verified.into_claims() }))
    }

    /// Verifies an appointment token of the enterprise for this customer.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if it is not genuine, not for this customer, or not valid now: show nothing of it.
    pub fn open_appointment(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<VerifiedAppointment, TokenError> {
        let audience = Audience::from(&self.customer);
        let verified = UntrustedToken::parse(token)?.verify::<AppointmentData>(
            &self.trusted,
            &audience,
            now,
            self.leeway,
        )?;
        Ok(VerifiedAppointment {
            customer: self.customer.clone(),
            question: question(token),
            claims: verified.into_claims(),
            leeway: self.leeway,
        })
    }
}

/// What came of what was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum CodeCheck {
    /// The caller knows the code of this appointment. Call
    /// [`Challenges::conclude`](crate::challenge::Challenges::conclude) *before* anything is shown. If it agrees, show headline,
    /// purpose and agent's name. If it refuses, the appointment was replaced or taken back: tell the customer to hang
    /// up. If the app is offline, show that the enterprise could not be asked. It is found once.
    Genuine,
    /// Not the code. The customer may ask the caller to say it again.
    NotGenuine {
        /// How many more wrong codes may be heard.
        attempts_left: u8,
    },
    /// Not the code, once too often; or another code after the right one. Tell the customer to hang up,
    /// and report it.
    HangUpAndReport,
    /// Before or after the slot, when no agent is given the code. Nothing was compared: the caller is not
    /// genuine.
    OutsideSlot,
}

impl CodeCheck {
    /// Whether it was the code. Everything else is a no.
    #[must_use]
    pub const fn is_genuine(self) -> bool {
        matches!(self, Self::Genuine)
    }
}

/// Why nothing was made of what was heard. Nothing was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeCheckError {
    /// It is no code at all: ask for it again.
    #[error(transparent)]
    NotACode(#[from] SpokenError),
    /// The code is another credential's, of another of the customer's devices.
    #[error("the code of this appointment is another device's to check")]
    OtherCredential,
    /// The agent says the customer's own word instead: the customer recognises it.
    #[error("the caller is to say the customer's own word, not a code")]
    OwnWord,
}

/// A genuine appointment for this customer, for the app to show, and to check the caller's code with.
///
/// What was heard is counted in the app's [`CodeAttempts`].
#[derive(Debug)]
#[must_use]
pub struct VerifiedAppointment {
    customer: CustomerId,
    claims: Claims<AppointmentData>,
    question: [u8; 32],
    leeway: Leeway,
}

impl VerifiedAppointment {
    /// Of which challenge.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.claims.data().challenge
    }

    /// Which appointment, for [`Challenges::conclude`](crate::challenge::Challenges::conclude): its token's id.
    #[must_use]
    pub const fn id(&self) -> TokenId {
        self.claims.id()
    }

    /// For which customer.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// Who contacts whom, in one sentence: "We call you." or "You call us." Show it first: a caller who
    /// says that it is the other way round is not genuine.
    #[must_use]
    pub const fn headline(&self) -> &'static str {
        match self.direction() {
            Direction::Inbound => "You call us.",
            Direction::Outbound => "We call you.",
        }
    }

    /// The same for an app in another language: `you_call_us` or `we_call_you`. It never changes.
    #[must_use]
    pub const fn headline_id(&self) -> &'static str {
        match self.direction() {
            Direction::Inbound => "you_call_us",
            Direction::Outbound => "we_call_you",
        }
    }

    /// Who contacts whom, from the enterprise's side.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.claims.data().direction
    }

    /// Why.
    #[must_use]
    pub const fn purpose(&self) -> &ShortText {
        &self.claims.data().purpose
    }

    /// When.
    #[must_use]
    pub const fn slot(&self) -> Window {
        self.claims.data().slot
    }

    /// The line over which contact is to be made, if it matters: no other will be genuine.
    #[must_use]
    pub const fn leg(&self) -> Option<LegKind> {
        self.claims.data().leg
    }

    /// Everything that was agreed.
    #[must_use]
    pub const fn data(&self) -> &AppointmentData {
        self.claims.data()
    }

    /// Compares what the caller said, as the customer heard and typed or picked it: digits or words. It
    /// needs no network and no PIN.
    ///
    /// The right code is [`CodeCheck::Genuine`] once: whoever says it later may have overheard it. Wrong codes
    /// are counted; what is no code at all is not. Keep `attempts` before anything is told or shown.
    ///
    /// `Ok` is no yes: ask [`CodeCheck::is_genuine`].
    ///
    /// # Errors
    ///
    /// [`CodeCheckError`].
    pub fn check_spoken_code(
        &self,
        credential: &DeviceCredential,
        heard: &str,
        attempts: &mut CodeAttempts,
        now: Timestamp,
    ) -> Result<CodeCheck, CodeCheckError> {
        match self.data().proof {
            Proof::Code(id) if id == credential.id() => {}
            Proof::Code(_) => return Err(CodeCheckError::OtherCredential),
            Proof::Word => return Err(CodeCheckError::OwnWord),
        }
        let heard: SpokenCode = heard.parse()?;
        let slot = self.slot();
        let leeway = self.leeway.duration();
        if now.after(leeway) < slot.from() || slot.until().after(leeway) <= now {
            return Ok(CodeCheck::OutsideSlot);
        }
        let Some(left) = attempts.attempts_left(self.id()).checked_sub(1) else {
            return Ok(CodeCheck::HangUpAndReport);
        };
        let response = credential.spoken_code(&self.question);
        let code = response.as_ref().and_then(|response| response.code());
        // There is a code of eight digits always; if not, nothing is genuine.
        let genuine =
            code.and_then(|code| SpokenCode::of(code).ok()).is_some_and(|one| one == heard);
        let noted = if genuine { Left::Genuine } else { Left::Attempts(left) };
        attempts.note(self.id(), self.claims.expires_at(), noted, now);
        Ok(match (genuine, left) {
            (true, _) => CodeCheck::Genuine,
            (false, 0) => CodeCheck::HangUpAndReport,
            (false, attempts_left) => CodeCheck::NotGenuine { attempts_left },
        })
    }
}
