//! What happened in a ceremony: events in a hash chain, written together with the state they speak
//! of. They say who did what (`action.rs`), when, in which interaction and with which outcome; never a secret.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::kept_as_bytes;
use crate::codec::variant_name::variant_name;
use crate::crypto::pae;
use crate::error::Reason;
pub(crate) use crate::history::action::Action;
use crate::record::kind::Kind;
use crate::step_up::who_rang::WhoRang;
use crate::values::id::{
    AgentId, AnchorId, CallbackId, ChallengeId, CredentialId, DueChargeId, FeedRecordId,
    HeldNewsId, InteractionId, InvalidId, JointStepUpId, NoticeBoardId, OpeningKeysId, PaymentId,
    PresenceId, PromptsId, ReachabilityId, StepUpId, StepUpLimitId, StoredCardId, TicketId,
    TicketLimitId, bytes_from_base32, from_base32, text_in_base32, to_base32,
};
use crate::values::interaction::Interaction;
use crate::values::secret::{deserialize_text, silent_serde};
use crate::values::time::Timestamp;

/// Which ceremony an event or an observation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Subject {
    /// A callback.
    Callback(CallbackId),
    /// A credential.
    Credential(CredentialId),
    /// A step-up.
    StepUp(StepUpId),
    /// How often step-ups were asked for, of a customer or by an agent.
    StepUpLimit(StepUpLimitId),
    /// A challenge.
    Challenge(ChallengeId),
    /// Which interactions with a customer are open.
    Presence(PresenceId),
    /// A payment, as the enterprise knows it.
    Payment(PaymentId),
    /// The same payment, as the vault knows it.
    Charge(PaymentId),
    /// A card that the vault keeps.
    StoredCard(StoredCardId),
    /// The vault's opening keys.
    OpeningKeys(OpeningKeysId),
    /// A vault's note that a sweep is to look at a payment.
    DueCharge(DueChargeId),
    /// The customer's news that could not be delivered.
    HeldNews(HeldNewsId),
    /// What there must be of a customer.
    Anchor(AnchorId),
    /// A step-up that several customers approve.
    JointStepUp(JointStepUpId),
    /// What a customer is asked, and wrong digits in a row.
    Prompts(PromptsId),
    /// The notices for a customer.
    NoticeBoard(NoticeBoardId),
    /// How agents can be reached.
    Reachability(ReachabilityId),
    /// What a feed has reported.
    Feed(FeedRecordId),
    /// A ticket for a call of the customer's.
    Ticket(TicketId),
    /// How often tickets were tried lately.
    TicketLimit(TicketLimitId),
}

impl Subject {
    /// The kind, and the bytes of the id.
    pub(crate) const fn parts(self) -> (Kind, [u8; 16]) {
        match self {
            Self::Callback(id) => (Kind::Callback, id.0),
            Self::Credential(id) => (Kind::Credential, id.0),
            Self::StepUp(id) => (Kind::StepUp, id.0),
            Self::StepUpLimit(id) => (Kind::StepUpLimit, id.0),
            Self::Challenge(id) => (Kind::Challenge, id.0),
            Self::Presence(id) => (Kind::Presence, id.0),
            Self::Payment(id) => (Kind::Payment, id.0),
            Self::Charge(id) => (Kind::Charge, id.0),
            Self::StoredCard(id) => (Kind::StoredCard, id.0),
            Self::OpeningKeys(id) => (Kind::OpeningKeys, id.0),
            Self::DueCharge(id) => (Kind::DueCharge, id.0),
            Self::HeldNews(id) => (Kind::OutboxHold, id.0),
            Self::Anchor(id) => (Kind::Anchor, id.0),
            Self::JointStepUp(id) => (Kind::JointStepUp, id.0),
            Self::Prompts(id) => (Kind::Prompts, id.0),
            Self::NoticeBoard(id) => (Kind::NoticeBoard, id.0),
            Self::Reachability(id) => (Kind::Reachability, id.0),
            Self::Feed(id) => (Kind::Feed, id.0),
            Self::Ticket(id) => (Kind::Ticket, id.0),
            Self::TicketLimit(id) => (Kind::TicketLimit, id.0),
        }
    }

    /// The subject of this kind and id.
    pub(crate) const fn of(kind: Kind, id: [u8; 16]) -> Self {
        match kind {
            Kind::Callback => Self::Callback(CallbackId(id)),
            Kind::Credential => Self::Credential(CredentialId(id)),
            Kind::StepUp => Self::StepUp(StepUpId(id)),
            Kind::StepUpLimit => Self::StepUpLimit(StepUpLimitId(id)),
            Kind::Challenge => Self::Challenge(ChallengeId(id)),
            Kind::Presence => Self::Presence(PresenceId(id)),
            Kind::Payment => Self::Payment(PaymentId(id)),
            Kind::Charge => Self::Charge(PaymentId(id)),
            Kind::StoredCard => Self::StoredCard(StoredCardId(id)),
            Kind::OpeningKeys => Self::OpeningKeys(OpeningKeysId(id)),
            Kind::DueCharge => Self::DueCharge(DueChargeId(id)),
            Kind::OutboxHold => Self::HeldNews(HeldNewsId(id)),
            Kind::Anchor => Self::Anchor(AnchorId(id)),
            Kind::JointStepUp => Self::JointStepUp(JointStepUpId(id)),
            Kind::Prompts => Self::Prompts(PromptsId(id)),
            Kind::NoticeBoard => Self::NoticeBoard(NoticeBoardId(id)),
            Kind::Reachability => Self::Reachability(ReachabilityId(id)),
            Kind::Feed => Self::Feed(FeedRecordId(id)),
            Kind::Ticket => Self::Ticket(TicketId(id)),
            Kind::TicketLimit => Self::TicketLimit(TicketLimitId(id)),
        }
    }

    /// The first value of a chain, so that events cannot pass for those of another ceremony: the 15
    /// bytes `countersign v1.`, the kind and the id.
    pub(crate) fn chain_start(self) -> ChainHead {
        let (kind, id) = self.parts();
        let mut start = [0; 32];
        let pieces = b"countersign v1.".iter().copied().chain([kind.number()]).chain(id);
        for (to, from) in start.iter_mut().zip(pieces) {
            *to = from;
        }
        ChainHead(start)
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Actor {
    /// The customer, through their authenticated app.
    Customer,
    /// This agent, through their desktop.
    Agent(AgentId),
    /// Nobody: time passed.
    Clock,
    /// The enterprise's back end.
    BackEnd,
    /// Another customer, who was asked to approve something in this one's name: their own step-up stands beside it.
    Approver,
}

/// Whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[allow(clippy::exhaustive_enums, reason = "it was done or it was refused")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, for this reason.
    Refused(Reason),
}

silent_serde! {
    Subject: "a ceremony: its kind and id",
    Actor: "an actor of a history",
    Outcome: "an outcome of a history",
    HistoryEvent: "an event of a history",
}

impl Actor {
    /// Who, without which agent: `customer`, `agent`, `clock`, `back_end` or `approver`. It never changes.
    #[must_use]
    pub fn name(&self) -> &'static str {
        variant_name(self).unwrap_or_default()
    }
}

impl Outcome {
    /// Whether it was done, without why not: `done` or `refused`. It never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        variant_name(&self).unwrap_or_default()
    }
}

/// What a step of a ceremony wants recorded; the driver adds when, and its operation id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventDraft {
    pub(crate) actor: Actor,
    pub(crate) action: Action,
    pub(crate) interaction: Option<InteractionId>,
    pub(crate) outcome: Outcome,
    /// For which step-up, in the history of a credential; by which, in that of a joint one.
    pub(crate) step_up: Option<StepUpId>,
    /// What the customer said of who rang whom, where they approved.
    pub(crate) who_rang: Option<WhoRang>,
}

impl EventDraft {
    /// `actor` has done this.
    pub(crate) const fn by(actor: Actor, action: Action) -> Self {
        let (interaction, step_up, who_rang) = (None, None, None);
        Self { actor, action, interaction, outcome: Outcome::Done, step_up, who_rang }
    }

    /// The agent has done this, on `interaction`.
    pub(crate) fn by_agent(interaction: &Interaction, action: Action) -> Self {
        Self::by(Actor::Agent(interaction.agent.id.clone()), action).in_interaction(&interaction.id)
    }

    pub(crate) fn in_interaction(self, id: &InteractionId) -> Self {
        Self { interaction: Some(id.clone()), ..self }
    }

    /// It was tried, and refused.
    pub(crate) fn refused(self, reason: Reason) -> Self {
        Self { outcome: Outcome::Refused(reason), ..self }
    }
}

/// One event of a ceremony's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct HistoryEvent {
    /// Its number within the ceremony, from 0.
    pub number: u32,
    /// When it happened, never earlier than the event before.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done or tried.
    pub action: Action,
    /// In which interaction, if in one.
    pub interaction: Option<InteractionId>,
    /// Whether it was done.
    pub outcome: Outcome,
    /// For which step-up a code was checked; which approver's it is, in a joint one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_up: Option<StepUpId>,
    /// What the customer said of who rang whom, if they were asked and approved. The approval covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who_rang: Option<WhoRang>,
    /// The operation that wrote it: random, unique.
    pub operation: OperationId,
    /// The event as it stands in the record, which the chain covers: what a later version of this
    /// crate adds to an event is kept here by an earlier one.
    pub(crate) encoded: Encoded,
}

/// The bytes of an event. In text lower-case Crockford base32.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Encoded(pub(crate) Box<[u8]>);

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base32(&self.0))
    }
}

impl Serialize for Encoded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "an encoded event as text", |text| {
            bytes_from_base32(text).map(|bytes| Self(bytes.into())).ok_or(InvalidId::Malformed)
        })
    }
}

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub(crate) [u8; $bytes]);

        text_in_base32!($name, $what);
        kept_as_bytes!($name);
    };
}

opaque! {
    /// Names one write. In text 26 characters of lower-case Crockford base32.
    OperationId, 16, "an operation id as text"
}
opaque! {
    /// The end of a hash chain: it stands for every event before it, in their order. In text 52
    /// characters of lower-case Crockford base32.
    ChainHead, 32, "a chain head as text"
}

impl ChainHead {
    /// The head after one more event: SHA-256(PAE("countersign history link v1", head, event)).
    pub(crate) fn link(&self, event: &[u8]) -> Self {
        Self(pae::sha256(&[b"countersign history link v1", &self.0, event]))
    }
}
