//! What is kept of a challenge, and what may be seen of it.

use crate::callback::secret::CallbackSecret;
use crate::challenge::appointment_token::Proof;
use crate::challenge::request::{Asked, Slot};
use crate::challenge::token::Channels;
use crate::challenge::view::{Appointment, Challenge, ChallengeStatus, Proposal};
use crate::codec::table::numbered;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::{CHALLENGE_APPOINTMENTS, Policy};
use crate::record::kind::Kind;
use crate::token::{TokenId, id_of_own};
use crate::values::id::{AgentId, ChallengeId, CredentialId, InteractionId};
use crate::values::interaction::Direction;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// What was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) asked: Asked,
    /// As it was signed, so that a repeated call gives the same one after a change of keys too.
    pub(crate) token: String,
    pub(crate) purpose: ShortText,
    pub(crate) channels: Channels,
    /// Until when the customer may answer.
    pub(crate) until: Timestamp,
}

/// What the customer answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) asked: Asked,
    pub(crate) proposal: Proposal,
    /// The credential of the app that answered.
    pub(crate) credential: Option<CredentialId>,
    /// Whether a word was attached; it exists only until the end.
    pub(crate) word: bool,
    /// Until when the enterprise may confirm.
    pub(crate) until: Timestamp,
}

/// The appointment in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Agreed {
    pub(crate) asked: Asked,
    /// As it was signed: the spoken code is computed over it.
    pub(crate) token: String,
    pub(crate) slot: Slot,
    pub(crate) direction: Direction,
    pub(crate) proof: Proof,
}

/// An interaction in which the code or word was shown, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) interaction: InteractionId,
    pub(crate) agent: AgentId,
}

numbered! {
    /// How a challenge ended.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum End {
        Recognised = 1,
        NotRecognised = 2,
        Declined = 3,
        Reported = 4,
        Revoked = 5,
        Expired = 6,
    }
}

/// A challenge as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChallengeState {
    pub(crate) issued: Issued,
    pub(crate) answer: Option<Answered>,
    /// The customer's own word; whatever ends a challenge burns it.
    pub(crate) word: Option<CallbackSecret>,
    pub(crate) agreed: Option<Agreed>,
    /// The confirmations whose appointments were replaced.
    pub(crate) replaced: Vec<Asked>,
    /// Where the code of the appointment in force was shown.
    pub(crate) shown: Vec<Shown>,
    /// The customer reported it.
    pub(crate) reported: bool,
    /// The customer reported a caller although nothing had been shown to anyone.
    pub(crate) false_caller: bool,
    /// About which appointments, as far as the app said; at most [`CHALLENGE_APPOINTMENTS`]. Older records do not say.
    pub(crate) false_callers_of: Vec<TokenId>,
    /// The same, but reported after the end, whatever was reported before.
    pub(crate) late_callers_of: Vec<TokenId>,
    /// When the customer last reported something after the end.
    pub(crate) late_report: Option<Timestamp>,
    pub(crate) end: Option<End>,
    /// When the customer said that they recognised the caller. Older records do not say.
    pub(crate) recognised_at: Option<Timestamp>,
}

impl Agreed {
    /// Whether `appointment` is this one, or what is said in it is the same: the customer's own word is not shown any
    /// more once it was shown in another.
    pub(crate) fn is(&self, appointment: TokenId) -> bool {
        self.proof == Proof::Word || id_of_own(&self.token) == Some(appointment)
    }
}

impl ChallengeState {
    /// Whether a false caller was reported about `appointment`, since the end if there was one, or about so many that no more are told apart.
    pub(crate) fn has_false_caller(&self, appointment: TokenId) -> bool {
        let of = if self.end.is_none() { &self.false_callers_of } else { &self.late_callers_of };
        of.contains(&appointment) || of.len() >= CHALLENGE_APPOINTMENTS
    }

    /// The instant from which on nothing but a report can happen to an open challenge any more.
    fn deadline(&self, policy: &Policy) -> Timestamp {
        match (&self.agreed, &self.answer) {
            (Some(agreed), _) if self.shown.is_empty() => agreed.slot.window.until(),
            (Some(agreed), _) => {
                agreed.slot.window.until().after(policy.challenges.conclude_within)
            }
            (None, Some(answer)) => answer.until,
            (None, None) => self.issued.until,
        }
    }

    /// Ends it and burns the word.
    pub(crate) fn finish(&mut self, end: End) {
        self.end = Some(end);
        self.word = None;
    }

    pub(crate) fn status(&self, cx: &Context<'_>) -> ChallengeStatus {
        match self.end {
            Some(End::Recognised) => ChallengeStatus::Recognised,
            Some(End::NotRecognised) => ChallengeStatus::NotRecognised,
            Some(End::Declined) => ChallengeStatus::Declined,
            Some(End::Reported) => ChallengeStatus::Reported,
            Some(End::Revoked) => ChallengeStatus::Revoked,
            Some(End::Expired) => ChallengeStatus::Expired,
            None if self.overdue(cx) => ChallengeStatus::Expired,
            None if !self.shown.is_empty() => ChallengeStatus::Presented,
            None if self.agreed.is_some() => ChallengeStatus::Confirmed,
            None if self.answer.is_some() => ChallengeStatus::Answered,
            None => ChallengeStatus::Issued,
        }
    }

    pub(crate) fn challenge(&self, cx: &Context<'_>) -> Challenge {
        Challenge {
            id: ChallengeId(cx.id),
            purpose: self.issued.purpose.clone(),
            channels: self.issued.channels.clone(),
            until: self.issued.until,
            status: self.status(cx),
            proposal: self.answer.as_ref().map(|answer| answer.proposal.clone()),
            appointment: self.agreed.as_ref().map(|agreed| Appointment {
                slot: agreed.slot.window,
                channel: agreed.slot.channel,
                direction: agreed.direction,
                assignee: agreed.slot.assignee.clone(),
                agent_name: agreed.slot.agent_name.clone(),
                proof: agreed.proof,
                leg: agreed.slot.leg,
            }),
            presentations: u8::try_from(self.shown.len()).unwrap_or(u8::MAX),
            reported: self.reported || self.false_caller || self.late_report.is_some(),
        }
    }
}

impl State for ChallengeState {
    const KIND: Kind = Kind::Challenge;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let answered = self.answer.as_ref().map(|answer| answer.until);
        let agreed = self.agreed.as_ref();
        let agreed = agreed
            .map(|agreed| agreed.slot.window.until().after(policy.challenges.conclude_within));
        // What is reported late is kept as long as what was in time.
        let last = [answered, agreed, self.late_report]
            .into_iter()
            .flatten()
            .fold(self.issued.until, Ord::max);
        last.after(policy.leeway).after(policy.retention)
    }

    /// One that was recognised counts for as long as its interaction may be open, which began in the window and before the
    /// customer said so.
    fn live_until(&self, policy: &Policy) -> Timestamp {
        let until = match (self.end, &self.agreed) {
            (None, _) => self.deadline(policy),
            (Some(End::Recognised), Some(agreed)) if self.late_report.is_none() => {
                let until = agreed.slot.window.until();
                let last = self.recognised_at.map_or(until, |at| at.min(until));
                last.after(policy.presence.max_age)
            }
            (Some(_), _) => return Timestamp::EPOCH,
        };
        until.after(policy.leeway)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Challenge(ChallengeId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Challenge(self.challenge(cx))
    }

    fn overdue(&self, cx: &Context<'_>) -> bool {
        self.end.is_none() && cx.now.has_reached(self.deadline(cx.policy))
    }

    fn expire(&mut self) {
        self.finish(End::Expired);
    }
}
