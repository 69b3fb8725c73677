//! One live conversation: who, with whom, over which channel, and who contacted whom. The host builds it
//! from what its telephony or chat platform reports, never from what an agent typed.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::cbor::Malformed;
use crate::codec::table::numbered;
use crate::values::action::ring_back::RingBack;
use crate::values::agent_safe::agent_safe;
use crate::values::id::{
    AgentId, AnswerDigest, CallbackId, ChallengeId, CustomerId, InteractionId, MerchantId,
    NoticeId, PaymentId, SkillId, StepUpId, TeamId,
};
pub use crate::values::leg::{Leg, LegKind, UnknownLeg};
use crate::values::secret::{deserialize_text, silent_serde};

numbered! {
    /// A medium over which enterprise and customer talk.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum Channel {
        /// A telephone call.
        Voice = 1,
        /// A video call.
        Video = 2,
        /// A chat in the enterprise's own app or site.
        Chat = 3,
        /// Text messages.
        Sms = 4,
        /// E-mail.
        Email = 5,
        /// A message on a social network, where anyone can copy a brand's account.
        Social = 6,
    }
}

impl Channel {
    /// All channels, in the order of their wire numbers.
    pub const ALL: [Self; 6] =
        [Self::Voice, Self::Video, Self::Chat, Self::Sms, Self::Email, Self::Social];

    /// The name in text and in serde formats: `voice`, `video`, `chat`, `sms`, `email`, `social`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Chat => "chat",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Social => "social",
        }
    }

    /// Whether others than the customer can read what is sent there, so that a token must not name the
    /// customer: text messages, e-mail and social networks.
    #[must_use]
    pub const fn is_exposed(self) -> bool {
        matches!(self, Self::Sms | Self::Email | Self::Social)
    }
}

/// The text names no channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a channel: voice, video, chat, sms, email or social")]
#[non_exhaustive]
pub struct UnknownChannel;

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::ALL.into_iter().find(|channel| channel.name() == text).ok_or(UnknownChannel)
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a channel as text", Self::from_str)
    }
}

numbered! {
    /// Who contacted whom, from the enterprise's side.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[allow(
        clippy::exhaustive_enums,
        reason = "there is no third way round, and callers must see both"
    )]
    pub enum Direction {
        /// The customer contacted the enterprise.
        Inbound = 1,
        /// The enterprise contacted the customer.
        Outbound = 2,
    }
}

impl<'de> Deserialize<'de> for Direction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a direction as text", |text| match text {
            "inbound" => Ok(Self::Inbound),
            "outbound" => Ok(Self::Outbound),
            _ => Err("expected a direction: inbound or outbound"),
        })
    }
}

/// The agent on an interaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Agent {
    /// Who they are.
    pub id: AgentId,
    /// The team for which they act, if any.
    pub team: Option<TeamId>,
}

impl Agent {
    /// An agent who acts for no particular team.
    #[must_use]
    pub const fn new(id: AgentId) -> Self {
        Self { id, team: None }
    }

    /// The same agent, acting for `team`.
    #[must_use]
    pub fn in_team(mut self, team: TeamId) -> Self {
        self.team = Some(team);
        self
    }
}

/// Whom a callback or an appointment is assigned to; nobody else may reveal its secret or code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Assignee {
    /// This agent alone.
    Agent(AgentId),
    /// Any agent who acts for this team.
    Team(TeamId),
}

silent_serde!(Assignee: "an agent or a team");

impl Assignee {
    /// As it is kept: under one key or another.
    pub(crate) fn parts(one: Option<&Self>) -> (Option<&AgentId>, Option<&TeamId>) {
        match one {
            Some(Self::Agent(id)) => (Some(id), None),
            Some(Self::Team(id)) => (None, Some(id)),
            None => (None, None),
        }
    }

    /// Reads what it is kept as.
    pub(crate) fn of_parts(
        agent: Option<AgentId>,
        team: Option<TeamId>,
    ) -> Result<Option<Self>, Malformed> {
        match (agent, team) {
            (Some(_), Some(_)) => Err(Malformed),
            (agent, team) => Ok(agent.map(Self::Agent).or(team.map(Self::Team))),
        }
    }
}

impl Assignee {
    /// Whether `agent` is meant.
    #[must_use]
    pub fn includes(&self, agent: &Agent) -> bool {
        match self {
            Self::Agent(id) => *id == agent.id,
            Self::Team(team) => agent.team.as_ref() == Some(team),
        }
    }
}

/// One live conversation between an agent and a customer.
///
/// The host builds it from what its telephony or chat platform knows, never from what an agent
/// typed. It names the customer, so an agent on one call cannot reach another customer's records.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Interaction {
    /// The platform's id of this conversation.
    pub id: InteractionId,
    /// The customer at the other end.
    pub customer: CustomerId,
    /// The agent at this end.
    pub agent: Agent,
    /// The medium.
    pub channel: Channel,
    /// Who contacted whom.
    pub direction: Direction,
    /// The customer's own app opened it, in an authenticated session: nobody else can begin one like that in the
    /// customer's name. Whoever rings and gives the customer's name has not.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub opened_in_app: bool,
    /// What was read of the line, if somebody looked: [`on_leg`](Self::on_leg).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<Leg>,
    /// What is known of the number that the enterprise rang back, if somebody looked it up: [`rung_back`](Self::rung_back).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring_back: Option<RingBack>,
}

impl Interaction {
    /// The same, which the customer's own app opened in an authenticated session
    /// ([`opened_in_app`](Self::opened_in_app)).
    #[must_use]
    pub fn from_app(self) -> Self {
        Self { opened_in_app: true, ..self }
    }

    /// A conversation in which the customer contacted the enterprise.
    #[must_use]
    pub const fn inbound(
        id: InteractionId,
        customer: CustomerId,
        agent: Agent,
        channel: Channel,
    ) -> Self {
        let direction = Direction::Inbound;
        Self {
            id,
            customer,
            agent,
            channel,
            direction,
            opened_in_app: false,
            leg: None,
            ring_back: None,
        }
    }

    /// A conversation in which the enterprise contacted the customer.
    #[must_use]
    pub const fn outbound(
        id: InteractionId,
        customer: CustomerId,
        agent: Agent,
        channel: Channel,
    ) -> Self {
        let direction = Direction::Outbound;
        Self {
            id,
            customer,
            agent,
            channel,
            direction,
            opened_in_app: false,
            leg: None,
            ring_back: None,
        }
    }

    /// The same, on the line that was read just now: when the call stands, and again before each act.
    #[must_use]
    pub fn on_leg(mut self, leg: Leg) -> Self {
        self.leg = Some(leg);
        self
    }

    /// The same, in which the enterprise rang back on a number of which this is known: for kinds of actions that are asked
    /// for only then ([`ActionRule::ring_back`](crate::policy::ActionRule::ring_back)). A call within the app is said by its
    /// leg ([`Leg::in_app`]).
    #[must_use]
    pub fn rung_back(mut self, number: RingBack) -> Self {
        self.ring_back = Some(number);
        self
    }
}

/// What a telephony or chat platform reports of a conversation, as text: an [`Interaction`] that nobody
/// vouches for yet.
///
/// An interaction itself is never read from text: whoever writes the text would choose customer and direction.
/// Read a report only from the platform, over a connection that no agent can write to, and then say so.
///
/// ```
/// use countersign::interaction::InteractionReport;
///
/// let reported = r#"{"id":"call-1","customer":"alice","agent":{"id":"bob","team":"cards"},
///                    "channel":"voice","direction":"outbound"}"#;
/// let report: InteractionReport = serde_json::from_str(reported)?;
/// let call = report.vouched_by_platform();
/// assert_eq!(call.agent.id.as_str(), "bob");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// fn from_desktop(text: &str) -> countersign::Interaction {
///     serde_json::from_str(text).unwrap()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct InteractionReport {
    id: InteractionId,
    customer: CustomerId,
    agent: ReportedAgent,
    channel: Channel,
    direction: Direction,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    opened_in_app: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportedAgent {
    id: AgentId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team: Option<TeamId>,
}

silent_serde!(InteractionReport: "a report of an interaction");

impl InteractionReport {
    /// The interaction, on the platform's word.
    #[must_use]
    pub fn vouched_by_platform(self) -> Interaction {
        let Self { id, customer, agent, channel, direction, opened_in_app } = self;
        let agent = Agent { id: agent.id, team: agent.team };
        let (leg, ring_back) = (None, None);
        Interaction { id, customer, agent, channel, direction, opened_in_app, leg, ring_back }
    }
}

agent_safe!(
    Channel,
    Direction,
    Agent,
    Assignee,
    Interaction,
    CallbackId,
    CustomerId,
    AgentId,
    TeamId,
    InteractionId,
    StepUpId,
    ChallengeId,
    PaymentId,
    MerchantId,
    NoticeId,
    SkillId,
    AnswerDigest,
);
