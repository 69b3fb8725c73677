//! What goes into a challenge and comes out of it.

use core::fmt;
use core::time::Duration;

use crate::callback::secret::CallbackSecret;
use crate::challenge::detail::Details;
use crate::challenge::found_on::PostsFrom;
use crate::challenge::token::Channels;
use crate::challenge::view::Proposal;
use crate::crypto::pae;
use crate::values::id::{CredentialId, RequestId};
use crate::values::interaction::{Assignee, Channel, LegKind};
use crate::values::secret::reads_request;
use crate::values::text::ShortText;
use crate::values::time::Window;

/// A challenge to issue.
///
/// ```
/// use countersign::challenge::{Channels, PostsFrom};
/// use countersign::{Channel, RequestId};
/// use countersign::challenge::ChallengeRequest;
///
/// # fn example() -> Result<ChallengeRequest, Box<dyn std::error::Error>> {
/// let channels = Channels::new(&[Channel::Voice, Channel::Sms])?;
/// let challenge =
///     ChallengeRequest::new(RequestId::new("9f1c")?, "About a payment of 31 January".parse()?, channels)
///         .posting_from([PostsFrom::new(Channel::Sms, "BANK".parse()?)]);
/// # Ok(challenge)
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ChallengeRequest {
    pub(crate) request: RequestId,
    pub(crate) purpose: ShortText,
    pub(crate) channels: Channels,
    pub(crate) handles: Vec<PostsFrom>,
    pub(crate) details: Details,
    pub(crate) valid_for: Option<Duration>,
    pub(crate) slot: Option<Slot>,
}

impl ChallengeRequest {
    /// A challenge because of `purpose`, whose token may be found on `channels`. The customer may
    /// answer for five minutes.
    ///
    /// `request` is the back end's idempotency key: the same one again gives the same challenge.
    pub fn new(request: RequestId, purpose: ShortText, channels: Channels) -> Self {
        Self {
            request,
            purpose,
            channels,
            handles: Vec::new(),
            details: Details::default(),
            valid_for: None,
            slot: None,
        }
    }

    /// From where the enterprise posts the token. Text messages, e-mail and social networks need one.
    pub fn posting_from(mut self, handles: impl IntoIterator<Item = PostsFrom>) -> Self {
        self.handles.extend(handles);
        self
    }

    /// What else the customer may want to know; not on channels that others can read.
    pub fn with_details(mut self, details: Details) -> Self {
        self.details = details;
        self
    }

    /// How long the customer may take to answer: whole seconds, at most what the policy allows.
    pub const fn valid_for(mut self, valid_for: Duration) -> Self {
        self.valid_for = Some(valid_for);
        self
    }

    /// Fixes the slot from the start: there is nothing to answer, and the appointment is signed with the
    /// challenge. Only for customers with a credential.
    pub fn at(mut self, slot: Slot) -> Self {
        self.slot = Some(slot);
        self
    }
}

/// When, how and by whom the enterprise makes contact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slot {
    /// When.
    pub window: Window,
    /// Over which channel.
    pub channel: Channel,
    /// Who makes contact; nobody else is shown the code.
    pub assignee: Assignee,
    /// The name by which they go, which the app shows and the code covers.
    pub agent_name: ShortText,
    /// The line over which contact is to be made, if it matters: [`on_leg`](Self::on_leg).
    pub leg: Option<LegKind>,
}

impl Slot {
    /// Within `window` over `channel`, by `assignee`, who goes by `agent_name`.
    #[must_use]
    pub const fn new(
        window: Window,
        channel: Channel,
        assignee: Assignee,
        agent_name: ShortText,
    ) -> Self {
        Self { window, channel, assignee, agent_name, leg: None }
    }

    /// Over this line alone, or in the app. The app shows it, and the code covers it.
    #[must_use]
    pub const fn on_leg(mut self, leg: LegKind) -> Self {
        self.leg = Some(leg);
        self
    }

    /// What the state remembers of a request for this slot.
    pub(crate) fn asked_by(&self, request: &RequestId) -> Asked {
        let (kind, id) = match &self.assignee {
            Assignee::Agent(id) => (1, id.as_str()),
            Assignee::Team(id) => (2, id.as_str()),
        };
        let leg = self.leg.map(|leg| [leg.number()]);
        let from = self.window.from().unix().to_be_bytes();
        let until = self.window.until().unix().to_be_bytes();
        let channel = [self.channel.number(), kind];
        let mut content: Vec<&[u8]> = vec![
            b"countersign slot v1",
            &from,
            &until,
            &channel,
            id.as_bytes(),
            self.agent_name.as_str().as_bytes(),
        ];
        // As before, if none is stated.
        content.extend(leg.as_ref().map(<[u8; 1]>::as_slice));
        Asked::of(request, &content)
    }
}

impl Asked {
    pub(crate) fn of(request: &RequestId, content: &[&[u8]]) -> Self {
        let request =
            pae::sha256(&[b"countersign request v1".as_slice(), request.as_str().as_bytes()]);
        Self { request: pae::first(&request), content: pae::first(&pae::sha256(content)) }
    }
}

/// What the customer answers.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth answer")]
pub enum Answer {
    /// Yes, perhaps another time or otherwise.
    Accept(Acceptance),
    /// No.
    Decline,
    /// This is not from you, or should not be.
    Report,
}

/// The customer accepts.
#[must_use]
pub struct Acceptance {
    pub(crate) request: RequestId,
    pub(crate) proposal: Proposal,
    pub(crate) word: Option<CallbackSecret>,
    pub(crate) forbidden: Vec<String>,
    pub(crate) credential: Option<CredentialId>,
}

impl Acceptance {
    /// The customer accepts without proposing anything. `request` is the app's idempotency key: the same
    /// one again changes nothing more.
    pub fn new(request: RequestId) -> Self {
        Self {
            request,
            proposal: Proposal::default(),
            word: None,
            forbidden: Vec::new(),
            credential: None,
        }
    }

    /// Proposes when.
    pub const fn proposing_slot(mut self, slot: Window) -> Self {
        self.proposal.slot = Some(slot);
        self
    }

    /// Proposes another channel.
    pub const fn proposing_channel(mut self, channel: Channel) -> Self {
        self.proposal.channel = Some(channel);
        self
    }

    /// Proposes what else to talk about.
    pub fn proposing_topic(mut self, topic: ShortText) -> Self {
        self.proposal.topic = Some(topic);
        self
    }

    /// Names the credential of this app, of which the agent is to say the code. Otherwise the enterprise
    /// takes one of the customer's.
    pub const fn with_credential(mut self, credential: CredentialId) -> Self {
        self.credential = Some(credential);
        self
    }

    /// Attaches an own word, which the agent is to say instead of a code. Customers without a credential
    /// need one.
    pub fn with_word(mut self, word: CallbackSecret) -> Self {
        self.word = Some(word);
        self
    }

    /// Words that the own word must not be, as in
    /// [`BookingRequest::forbidding`](crate::callback::BookingRequest::forbidding). They are compared and not kept.
    pub fn forbidding<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.forbidden.extend(words.into_iter().map(Into::into));
        self
    }

    /// What the state remembers of this request.
    pub(crate) fn asked(&self) -> Asked {
        let Proposal { slot, channel, topic } = &self.proposal;
        let [from, until] =
            slot.map_or([u64::MAX; 2], |slot| [slot.from().unix(), slot.until().unix()]);
        let flags = [
            channel.map_or(0, Channel::number),
            u8::from(topic.is_some()),
            u8::from(self.credential.is_some()),
            u8::from(self.word.is_some()),
        ];
        Asked::of(
            &self.request,
            &[
                b"countersign acceptance v1",
                &from.to_be_bytes(),
                &until.to_be_bytes(),
                &flags,
                topic.as_ref().map_or("", ShortText::as_str).as_bytes(),
                &self.credential.map_or([0; 16], |credential| credential.0),
            ],
        )
    }
}

/// The forbidden words are personal data, so they are not printed.
impl fmt::Debug for Acceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptance")
            .field("request", &self.request)
            .field("proposal", &self.proposal)
            .field("word", &self.word)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

/// A request by its id, and what it asked for, secrets aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) request: [u8; 16],
    pub(crate) content: [u8; 16],
}

reads_request! {
    ChallengeRequest: "a challenge to issue", {
        request: RequestId,
        purpose: ShortText,
        channels: Channels,
        #[serde(default)] handles: Vec<PostsFrom>,
        #[serde(default)] details: Details,
        #[serde(default)] valid_for_seconds: Option<u32>,
        #[serde(default)] slot: Option<Slot>,
    } => |of| ChallengeRequest {
        request: of.request,
        purpose: of.purpose,
        channels: of.channels,
        handles: of.handles,
        details: of.details,
        valid_for: of.valid_for_seconds.map(|seconds| Duration::from_secs(seconds.into())),
        slot: of.slot,
    }
}

reads_request! {
    Slot: "a slot: window, channel, assignee and agent_name", {
        window: Window,
        channel: Channel,
        assignee: Assignee,
        agent_name: ShortText,
    } => |of| Slot::new(of.window, of.channel, of.assignee, of.agent_name)
}
