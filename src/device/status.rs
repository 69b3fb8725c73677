//! Whether the enterprise is talking to the customer, as the app may show it.

use crate::contact::token::status::{OnTheLine, Status, StatusData, StatusNonce};
use crate::crypto::random::{Random, RandomError};
use crate::device::Device;
use crate::token::{Audience, Claims, Rejection, TokenData, UntrustedToken};
use crate::values::interaction::Direction;
use crate::values::time::Timestamp;

/// One question of the app: send [`nonce`](Self::nonce) to the enterprise, keep the rest.
#[derive(Debug)]
#[must_use]
pub struct StatusQuestion {
    nonce: StatusNonce,
    asked: Timestamp,
}

impl StatusQuestion {
    /// A question asked at `now` by this device's own clock. For the app, `random` is
    /// [`OsRandom`](crate::OsRandom).
    ///
    /// # Errors
    ///
    /// [`RandomError`] if the source failed.
    pub fn new(random: &impl Random, now: Timestamp) -> Result<Self, RandomError> {
        Ok(Self { nonce: StatusNonce::draw(random)?, asked: now })
    }

    /// For [`Contact::status`](crate::contact::Contact::status).
    #[must_use]
    pub const fn nonce(&self) -> StatusNonce {
        self.nonce
    }
}

/// There is no answer to show: show "not verified", and that the customer should hang up and call the
/// number on their card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotVerified {
    /// The enterprise did not sign it for this customer.
    #[error("not verified: the enterprise did not give this answer to this customer")]
    NotGenuine,
    /// It answers another question.
    #[error("not verified: this is the answer to another question")]
    OtherQuestion,
    /// Its seconds are over, or this device's clock is ahead.
    #[error("not verified: the answer is too old; ask again")]
    Stale,
    /// It is signed by a key that this app does not trust: a forgery, or an app that has missed a change of the
    /// enterprise's keys, or whose clock is outside of the time for which it trusts the key. Fetch them anew and ask
    /// again, once.
    #[error("not verified: the answer is signed by a key that this app does not know")]
    UnknownKey,
    /// It is genuine and seems to come from the future: this device's clock is behind. Let the customer set it.
    #[error("not verified: this device's clock is wrong")]
    Clock,
}

/// A genuine, fresh answer to this customer's own question.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct StatusShown {
    status: Status,
    call: Option<OnTheLine>,
}

impl StatusShown {
    /// What the enterprise says.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The conversation that the answer is about: who is on it for the enterprise, why, since when. Show it with the
    /// [`headline`](Self::headline), never without: that there is such a call does not prove that it is the customer's.
    #[must_use]
    pub const fn call(&self) -> Option<&OnTheLine> {
        self.call.as_ref()
    }

    /// What to show, in words.
    #[must_use]
    pub const fn headline(&self) -> &'static str {
        match self.status {
            Status::NotUs => "We are not talking to you. If somebody says they are us, hang up.",
            Status::Scheduled => {
                "We are not talking to you now. We have an appointment with you. \
                 If somebody says they are us, hang up."
            }
            Status::Calling => {
                "We are trying to reach you. This does not prove who is on your line: \
                 ask for the code."
            }
            Status::TalkingToYou { direction: Direction::Inbound, .. } => {
                "Someone is talking to us as you. If you did not contact us yourself, hang up."
            }
            Status::TalkingToYou { direction: Direction::Outbound, .. } => {
                "We contacted you, and you recognised us. If this is another call, hang up."
            }
            Status::Undetermined => {
                "We cannot tell whether we are talking to you. Ask for the code, or hang up and call us."
            }
        }
    }

    /// The same for an app in another language: `not_us`, `scheduled`, `calling`, `someone_is_talking_as_you`,
    /// `talking_to_you` or `undetermined`. It never changes.
    #[must_use]
    pub const fn headline_id(&self) -> &'static str {
        match self.status {
            Status::NotUs => "not_us",
            Status::Scheduled => "scheduled",
            Status::Calling => "calling",
            Status::TalkingToYou { direction: Direction::Inbound, .. } => {
                "someone_is_talking_as_you"
            }
            Status::TalkingToYou { direction: Direction::Outbound, .. } => "talking_to_you",
            Status::Undetermined => "undetermined",
        }
    }
}

impl Device {
    /// Opens the enterprise's answer to `question`. It counts for as many seconds from the question on
    /// as it says, by this device's own clock, and its times must fit the enterprise's.
    ///
    /// # Errors
    ///
    /// [`NotVerified`] if it is not signed, meant for another customer, the answer to another question,
    /// or stale.
    pub fn open_status(
        &self,
        token: &str,
        question: &StatusQuestion,
        now: Timestamp,
    ) -> Result<StatusShown, NotVerified> {
        let claims = self.answer::<StatusData>(token, now)?;
        if claims.data().nonce != question.nonce {
            return Err(NotVerified::OtherQuestion);
        }
        let StatusData { status, call, .. } = in_time(claims, question.asked, now)?;
        Ok(StatusShown { status, call })
    }

    /// A genuine answer for this customer.
    pub(super) fn answer<D: TokenData>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims<D>, NotVerified> {
        let audience = Audience::from(&self.customer);
        UntrustedToken::parse(token)
            .and_then(|token| token.verify(&self.trusted, &audience, now, self.leeway))
            .map(crate::token::Verified::into_claims)
            .map_err(|error| match error.reason() {
                Rejection::Expired => NotVerified::Stale,
                Rejection::NotYetValid => NotVerified::Clock,
                Rejection::UnknownKey => NotVerified::UnknownKey,
                _ => NotVerified::NotGenuine,
            })
    }
}

/// What an answer says, if it counts at `now` for what was `asked`.
pub(super) fn in_time<D>(
    claims: Claims<D>,
    asked: Timestamp,
    now: Timestamp,
) -> Result<D, NotVerified> {
    let valid_for = claims.expires_at().since(claims.not_before());
    // A clock that was set back tells nothing about the age.
    if now < asked || asked.after(valid_for) <= now {
        return Err(NotVerified::Stale);
    }
    Ok(claims.into_data())
}
