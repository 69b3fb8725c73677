//! What the customer asks for: a booking, a change of one, a verdict.

use core::fmt;

use serde::{Deserialize, Deserializer};

use crate::callback::secret::CallbackSecret;
use crate::callback::view::FromAnswer;
use crate::error::Reason;
use crate::values::id::{AnswerDigest, CredentialId, RequestId, SkillId};
use crate::values::interaction::{Assignee, Channel};
use crate::values::secret::reads_request;
use crate::values::time::Window;

/// A callback to book.
///
/// ```
/// use countersign::{Channel, RequestId, Window};
/// use countersign::callback::BookingRequest;
///
/// # fn example(now: countersign::Timestamp) -> Result<BookingRequest, Box<dyn std::error::Error>> {
/// let window = Window::new(now, now.after(core::time::Duration::from_secs(3600)))?;
/// let booking =
///     BookingRequest::new(RequestId::new("9f1c")?, window, Channel::Voice, "anana".parse()?)
///         .forbidding(["Smith", "1990-04-01", "EC1A 1BB"]);
/// # Ok(booking)
/// # }
/// ```
#[derive(Debug)]
pub struct BookingRequest {
    pub(crate) request: RequestId,
    pub(crate) terms: Terms,
    pub(crate) secret: CallbackSecret,
    pub(crate) derived_with: Option<CredentialId>,
    pub(crate) forbidden: Forbidden,
    /// From which answer about reachable agents it is booked.
    pub(crate) answer: Option<Answered>,
}

/// An answer about reachable agents that the customer was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) digest: AnswerDigest,
    pub(crate) skill: SkillId,
    /// Whether it is ours, told this customer of the skill, and counts now.
    pub(crate) told: Result<(), Reason>,
}

impl Answered {
    /// What a booking keeps of it.
    pub(crate) fn kept(&self) -> FromAnswer {
        FromAnswer { skill: self.skill.clone(), digest: self.digest }
    }
}

impl BookingRequest {
    /// A callback within `window` over `channel`, for any agent to make.
    ///
    /// `request` is the app's idempotency key: the same one again gives the same booking.
    #[must_use]
    pub const fn new(
        request: RequestId,
        window: Window,
        channel: Channel,
        secret: CallbackSecret,
    ) -> Self {
        let terms = Terms { window, channel, assignee: None };
        let forbidden = Forbidden(Vec::new());
        Self { request, terms, secret, derived_with: None, forbidden, answer: None }
    }

    /// Only this agent, or an agent of this team, may reveal the secret.
    #[must_use]
    pub fn assigned_to(mut self, assignee: Assignee) -> Self {
        self.terms.assignee = Some(assignee);
        self
    }

    /// Words that the secret must not be: what the host knows of the customer, and so might
    /// others (name, postcode, date of birth). They are compared and not kept.
    #[must_use]
    pub fn forbidding<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.forbidden.0.extend(words.into_iter().map(Into::into));
        self
    }

    /// The agent says words that the app shows too, rather than the secret, which no agent learns
    /// then. The words are made of the secret with a key of this credential of the customer: one
    /// that was enrolled for the app ([`EnrolmentRequest::ocra`](crate::credential::EnrolmentRequest::ocra)). The app shows
    /// [`Device::readback_words`](crate::Device::readback_words).
    #[must_use]
    pub const fn derived_with(mut self, credential: CredentialId) -> Self {
        self.derived_with = Some(credential);
        self
    }

    /// The credential that makes words of the secret, if one does.
    pub(crate) const fn credential(&self) -> Option<CredentialId> {
        self.derived_with
    }

    pub(crate) const fn request(&self) -> &RequestId {
        &self.request
    }
}

/// Whether an amendment changes who is to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reassignment {
    Unchanged,
    /// To this agent or team, or to any agent.
    To(Option<Assignee>),
}

/// Changes to a booking whose secret was not shown yet. What is not named stays.
#[derive(Debug)]
pub struct AmendmentRequest {
    pub(crate) request: RequestId,
    pub(crate) window: Option<Window>,
    pub(crate) channel: Option<Channel>,
    pub(crate) secret: Option<CallbackSecret>,
    pub(crate) assignee: Reassignment,
    pub(crate) forbidden: Forbidden,
}

impl AmendmentRequest {
    /// No changes yet. `request` is the app's idempotency key: the same one again changes nothing
    /// more.
    #[must_use]
    pub const fn new(request: RequestId) -> Self {
        Self {
            request,
            window: None,
            channel: None,
            secret: None,
            assignee: Reassignment::Unchanged,
            forbidden: Forbidden(Vec::new()),
        }
    }

    /// Another window.
    #[must_use]
    pub const fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// Another channel.
    #[must_use]
    pub const fn channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Another secret.
    #[must_use]
    pub fn secret(mut self, secret: CallbackSecret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Another agent or team; `None` for any agent.
    #[must_use]
    pub fn assigned_to(mut self, assignee: Option<Assignee>) -> Self {
        self.assignee = Reassignment::To(assignee);
        self
    }

    /// Words that a new secret must not be, as in [`BookingRequest::forbidding`].
    #[must_use]
    pub fn forbidding<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.forbidden.0.extend(words.into_iter().map(Into::into));
        self
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.window.is_none()
            && self.channel.is_none()
            && self.secret.is_none()
            && matches!(self.assignee, Reassignment::Unchanged)
    }
}

/// What the customer says of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::exhaustive_enums, reason = "a caller is recognised or is not")]
pub enum Verdict {
    /// The caller said the secret.
    Recognised,
    /// The caller did not say the secret.
    NotRecognised,
}

/// Words that a secret must not be. They are personal data, so they are not printed.
pub(crate) struct Forbidden(pub(crate) Vec<String>);

impl fmt::Debug for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} words]", self.0.len())
    }
}

/// What customer and enterprise agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) window: Window,
    pub(crate) channel: Channel,
    pub(crate) assignee: Option<Assignee>,
}

reads_request! {
    BookingRequest: "a booking of a callback", {
        request: RequestId,
        window: Window,
        channel: Channel,
        secret: CallbackSecret,
        #[serde(default)] assignee: Option<Assignee>,
        #[serde(default)] derived_with: Option<CredentialId>,
    } => |of| {
        let mut booking = BookingRequest::new(of.request, of.window, of.channel, of.secret);
        booking.terms.assignee = of.assignee;
        booking.derived_with = of.derived_with;
        booking
    }
}

reads_request! {
    AmendmentRequest: "an amendment of a callback", {
        request: RequestId,
        #[serde(default)] window: Option<Window>,
        #[serde(default)] channel: Option<Channel>,
        #[serde(default)] secret: Option<CallbackSecret>,
        // `null` is any agent, and nothing no change.
        #[serde(default, deserialize_with = "present")] assignee: Option<Option<Assignee>>,
    } => |of| {
        let mut amendment = AmendmentRequest::new(of.request);
        (amendment.window, amendment.channel, amendment.secret) = (of.window, of.channel, of.secret);
        match of.assignee {
            Some(assignee) => amendment.assigned_to(assignee),
            None => amendment,
        }
    }
}

/// What stands there, `null` too.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
