//! What happened in a ceremony: events in a hash chain, written together with the state they speak
//! of. They say who did what, when, in which interaction and with which outcome; never a secret.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::{kept_as_bytes, numbered};
use crate::codec::variant_name::variant_name;
use crate::crypto::pae;
use crate::error::Reason;
use crate::record::kind::Kind;
use crate::values::id::{
    AgentId, AnchorId, CallbackId, ChallengeId, CredentialId, DueChargeId, FeedRecordId,
    HeldNewsId, InteractionId, InvalidId, JointStepUpId, NoticeBoardId, OpeningKeysId, PaymentId,
    PresenceId, PromptsId, ReachabilityId, StepUpId, StepUpLimitId, StoredCardId, TicketId,
    TicketLimitId, bytes_from_base32, from_base32, to_base32,
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
        let (label, of) = start.split_at_mut(16);
        label.copy_from_slice(b"countersign v1.\0");
        if let Some(number) = label.last_mut() {
            *number = kind.number();
        }
        of.copy_from_slice(&id);
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

numbered! {
    /// What was done or tried.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum Action {
        /// A callback was booked.
        Book = 1,
        /// A booking was amended.
        Amend = 2,
        /// A booking was cancelled.
        Cancel = 3,
        /// The secret was shown to an agent to read out.
        Reveal = 4,
        /// The customer recognised the caller.
        Recognise = 5,
        /// The customer did not recognise the caller.
        NotRecognise = 6,
        /// The customer reported a caller although nothing had been revealed to anyone, or after the end: an
        /// impostor.
        Report = 7,
        /// The agent gave up: nobody answered.
        Abandon = 8,
        /// The time ran out.
        Expire = 9,
        // From 31 on: credentials and step-ups.
        /// A credential was enrolled.
        Enrol = 31,
        /// A credential was imported by the back end.
        Import = 32,
        /// A credential was confirmed with its first code.
        Confirm = 33,
        /// A credential was revoked.
        Revoke = 34,
        /// A credential was unlocked by the back end.
        Unlock = 35,
        /// A code was checked.
        Verify = 36,
        /// Two codes were checked, to find an authenticator's clock or counter again.
        Resync = 37,
        /// A credential was locked for a while.
        Lock = 38,
        /// A few more failures in a row will disable the credential: alert the customer.
        WarnOfBlock = 39,
        /// A credential was disabled for good.
        Disable = 40,
        /// A passkey's counter did not go up: there may be two of its authenticator.
        WarnOfClone = 46,
        /// An agent asked for a step-up.
        RequestStepUp = 41,
        /// The customer approved a step-up.
        Approve = 42,
        /// The customer declined a step-up.
        Decline = 43,
        /// A grant was redeemed.
        Redeem = 44,
        /// A code was given to the host, to be sent to the customer's number.
        Deliver = 45,
        // From 51 on: challenges.
        /// A challenge was issued.
        IssueChallenge = 51,
        /// The customer accepted a challenge.
        AnswerChallenge = 52,
        /// The customer declined a challenge.
        DeclineChallenge = 53,
        /// The customer reported a challenge, or a caller who could not have been genuine, or any after the end.
        ReportChallenge = 54,
        /// The back end confirmed an appointment.
        ConfirmAppointment = 55,
        /// The back end replaced an appointment: another slot, channel or agent.
        Reassign = 56,
        /// The code or word of an appointment was shown to an agent to say.
        Present = 57,
        /// The back end took a challenge back.
        RevokeChallenge = 58,
        // From 71 on: open interactions.
        /// An interaction began, or went over to another agent.
        Open = 71,
        /// An interaction ended.
        Close = 72,
        /// Somebody may be talking to the enterprise in the customer's name: warn the agent on that
        /// interaction. See [`Contact::open`](crate::contact::Contact::open) and
        /// [`Contact::status`](crate::contact::Contact::status).
        WarnOfRelay = 73,
        /// A call was announced, before the dialler rings.
        AnnounceCall = 74,
        /// The customer's phone asked about a call that rings, and was told that the call is the enterprise's.
        VouchForCall = 75,
        /// The customer's app asked for a ticket to call the enterprise with.
        IssueTicket = 76,
        /// A call arrived with a ticket. Refused: the ticket was used, is over, or came another way than it was given for.
        UseTicket = 77,
        /// The customer's app asked what their key has to answer before past contacts are told.
        AskLastContact = 78,
        /// The customer's key has answered, and past contacts were told.
        TellLastContact = 79,
        // From 91 on: payments.
        /// An agent asked for a payment.
        RequestPayment = 91,
        /// The customer's card was handed to the acquirer.
        Pay = 92,
        /// The acquirer authorised a payment. At the enterprise also: a newer receipt of an authorised payment was
        /// applied, which tells of a capture, a refund or a chargeback.
        Authorise = 93,
        /// The acquirer declined a payment, or nothing was charged. The customer may be allowed to try once more.
        DeclinePayment = 94,
        /// It is not known whether a payment was charged.
        LeaveUnresolved = 95,
        /// A card token was given: the vault keeps the card, or the enterprise the token.
        KeepCard = 96,
        /// A card was used under its token.
        UseCard = 97,
        /// A card token was revoked.
        RevokeCard = 98,
        /// The enterprise has applied the vault's receipt of a payment.
        AcknowledgeReceipt = 99,
        /// The back end had the vault capture what was authorised, or a part of it.
        Capture = 100,
        /// The back end had the vault give up what was authorised and not captured.
        Void = 101,
        /// The back end had the vault give back what was captured, or a part of it.
        Refund = 102,
        /// The acquirer did what it was asked to do with a payment.
        ConfirmFollowUp = 103,
        /// The acquirer did not do what it was asked to do with a payment, and will not.
        RefuseFollowUp = 104,
        /// The customer's bank wants them to authenticate before a payment is charged (3-D Secure).
        AskToAuthenticate = 105,
        /// They have authenticated. Refused: they have not, or not in time.
        Authenticate = 106,
        /// What the acquirer may have authorised is given up: a part that the policy does not take, an answer that nobody
        /// understands, or an authentication that was left.
        UndoPayment = 107,
        /// The back end had the vault authorise more of a payment.
        Increment = 108,
        /// The acquirer told of a refund that was not made through the vault.
        RecordRefund = 109,
        /// The acquirer told that the card issuer took money back.
        RecordChargeback = 110,
        /// The acquirer told that it got such money again.
        RecordChargebackReversal = 111,
        /// The acquirer's id of a payment holds the card's number or code, and was not kept.
        WithholdTransactionId = 112,
        /// The vault told what became of the money of a payment since it was authorised: captured, given up, given back,
        /// taken back, or authorised for more.
        ChangeTotals = 113,
        // From 121 on: news that could not be delivered.
        /// A worker gave a piece of news back; it is tried again.
        RetryNews = 121,
        /// A piece of news failed too often: it waits with all later ones of the customer. Tell an operator.
        ParkNews = 122,
        /// The host has the customer's news delivered again.
        ResumeNews = 123,
        /// The host has dropped what waited of the customer's news.
        DiscardNews = 124,
        // From 131 on: customers as a whole.
        /// The back end has said that the customer's records are right as they stand.
        Reconcile = 131,
        /// An erasure began: nothing is begun in the customer's name any more.
        BeginErasure = 132,
        /// The customer's records were deleted.
        Erase = 133,
        /// The customer begins anew after an erasure. Refused: something was to be begun without that.
        Readmit = 134,
        /// The host has erasure wait.
        HoldErasure = 135,
        /// Erasure need not wait any longer.
        LiftHold = 136,
        /// The back end has lowered the floor: after a delay, and for a while, its own word binds a new authenticator. Tell
        /// every device of the customer.
        LowerFloor = 137,
        /// The floor is kept after all.
        KeepFloor = 138,
        // From 151 on: prompts.
        /// The customer typed other digits than the agent has, or did not type any.
        MistypeDigits = 151,
        /// So many wrong digits in a row that prompts stop in interactions that the customer's app did not open. Tell the
        /// customer.
        StopPrompts = 152,
        /// The customer said of a step-up: not me. All that waited has ended, and prompts are held off in interactions
        /// that the customer's app did not open.
        HoldPrompts = 153,
        /// The customer's session allows prompts again.
        ResumePrompts = 154,
        /// The customer was told by somebody to approve: somebody may be coaching them.
        WarnOfCoaching = 155,
        /// The customer declined because the details are wrong.
        DisputeDetails = 156,
        // From 161 on: notices.
        /// The back end issued a notice.
        IssueNotice = 161,
        /// The back end took a notice back.
        WithdrawNotice = 162,
        // From 171 on: reachable agents.
        /// The back end reported how agents can be reached.
        ReportReachability = 171,
        // From 181 on: transfers.
        /// The conversation went over to another agent, and with it what was asked for on it.
        HandOver = 181,
    }
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
    Action: "an action of a history",
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

impl Action {
    /// Whether it ends something, so that less is allowed than before.
    pub(crate) const fn takes_authority(self) -> bool {
        matches!(
            self,
            Self::Cancel
                | Self::NotRecognise
                | Self::Report
                | Self::Abandon
                | Self::Expire
                | Self::Revoke
                | Self::Lock
                | Self::Disable
                | Self::Decline
                | Self::HoldPrompts
                | Self::StopPrompts
                | Self::DeclineChallenge
                | Self::ReportChallenge
                | Self::RevokeChallenge
                | Self::Close
                | Self::RevokeCard
                | Self::Void
                | Self::BeginErasure
                | Self::Erase
                | Self::WithdrawNotice
                | Self::HandOver
                | Self::KeepFloor
        )
    }

    /// The name in serde formats, for metrics and logs. It never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        variant_name(&self).unwrap_or_default()
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
}

impl EventDraft {
    /// `actor` has done this.
    pub(crate) const fn by(actor: Actor, action: Action) -> Self {
        Self { actor, action, interaction: None, outcome: Outcome::Done, step_up: None }
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

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_base32(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                from_base32(text).map(Self).ok_or(InvalidId::Malformed)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer, $what, Self::from_str)
            }
        }

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
