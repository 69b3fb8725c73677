//! What is kept of a step-up, how it is encoded, and what may be seen of it.

use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::credential::method::Method;
use crate::credential::view::KeyTag;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::otp::ocra::Suite;
use crate::policy::{Policy, Reached};
use crate::record::kind::Kind;
use crate::signature::key::{CredentialPublicKey, KeyFingerprint};
use crate::step_up::answer::SignedAnswer;
use crate::step_up::joint::statement::JointData;
use crate::step_up::number_match::AskedDigits;
use crate::step_up::request::Duress;
use crate::step_up::statement::{Covered, Statement};
use crate::step_up::token::StepUpData;
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::step_up::who_rang::{DeclineReason, WhoRang};
use crate::token::TokenId;
use crate::values::action::approvable::{Approvable, one_of};
use crate::values::action::details::ActionDetails;
use crate::values::action::ring_back::RingBack;
use crate::values::id::{AgentId, CredentialId, CustomerId, InteractionId, Issuer, StepUpId};
use crate::values::interaction::{Direction, LegKind};
use crate::values::now::RecordTime;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// What was asked for, by whom and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) credential: CredentialId,
    /// Its key: the credential's id may be enrolled anew. Records of the first version do not say.
    pub(crate) key: Option<KeyTag>,
    pub(crate) method: Method,
    /// Under which public key the answer is to be signed, if the method signs; and whether the PIN's code
    /// belongs to it.
    pub(crate) signer: Option<CredentialPublicKey>,
    pub(crate) with_code: bool,
    /// Of a fob that the question is typed into.
    pub(crate) suite: Option<Suite>,
    pub(crate) interaction: InteractionId,
    pub(crate) agent: AgentId,
    pub(crate) direction: Direction,
    pub(crate) agent_name: ShortText,
    pub(crate) what: Approvable,
    /// What was read of the line when it was asked for. Older records do not say.
    pub(crate) leg: Option<LegKind>,
    /// What was known of the number that the enterprise rang back.
    pub(crate) ring_back: Option<RingBack>,
    /// As which of several approvers.
    pub(crate) joint: Option<JointData>,
    pub(crate) nonce: TokenId,
    pub(crate) at: Timestamp,
    pub(crate) until: Timestamp,
    /// What the agent says and the customer types, if the customer is to.
    pub(crate) digits: Option<AskedDigits>,
    /// Whether the customer is asked who rang whom, and what they said once they have approved.
    pub(crate) asks_who: bool,
    pub(crate) who_rang: Option<WhoRang>,
    /// The customer's app opened the interaction.
    pub(crate) in_app: bool,
    /// How often prompts had been held off when it was asked for.
    pub(crate) holds: u32,
}

impl Terms {
    /// What the token says.
    pub(crate) fn data(&self, id: [u8; 16]) -> StepUpData {
        StepUpData {
            step_up: StepUpId(id),
            credential: self.credential,
            method: self.method,
            suite: self.suite,
            key: self.fingerprint(),
            with_code: self.with_code,
            number_match: self.digits.is_some(),
            who_rang: self.asks_who,
            interaction: self.interaction.clone(),
            direction: self.direction,
            agent_name: self.agent_name.clone(),
            what: self.what.clone(),
            joint: self.joint.clone(),
            leg: self.leg,
        }
    }

    /// What names the key under which the answer is to be signed.
    pub(crate) fn fingerprint(&self) -> Option<KeyFingerprint> {
        self.signer.as_ref().map(CredentialPublicKey::fingerprint)
    }

    /// What the customer approves.
    pub(crate) fn statement(
        &self,
        issuer: &Issuer,
        customer: &CustomerId,
        id: [u8; 16],
    ) -> Statement {
        self.covering(id, |covered| Statement::of(issuer, customer, self.nonce, covered))
    }

    /// Gives `then` what the statement says.
    pub(crate) fn covering<R>(&self, id: [u8; 16], then: impl FnOnce(&Covered<'_>) -> R) -> R {
        let covered = Covered {
            step_up: &StepUpId(id),
            credential: &self.credential,
            key: self.fingerprint(),
            interaction: &self.interaction,
            direction: self.direction,
            agent_name: &self.agent_name,
            what: &self.what,
            joint: self.joint.as_ref(),
            who_rang: self.who_rang,
            digits: self.digits.as_ref().map(|digits| &*digits.0),
            leg: self.leg,
        };
        then(&covered)
    }

    /// Whether it could be asked for where the customer was reached so, by this policy. Of one of several approvers the
    /// joint step-up says that.
    pub(crate) fn was_rung_back(&self, policy: &Policy) -> bool {
        let reached = Reached {
            direction: self.direction,
            leg: self.leg.unwrap_or(LegKind::Number),
            ring_back: self.ring_back.as_ref(),
        };
        policy.step_ups.actions.rung_back(&self.what, &reached, self.at, policy.leeway).is_ok()
    }

    /// Whether `other` asks for the same; what each draws for itself may differ.
    pub(crate) fn asks_for_same(&self, other: &Self) -> bool {
        self.interaction == other.interaction
            && self.agent == other.agent
            && self.direction == other.direction
            && self.agent_name == other.agent_name
            && self.what == other.what
            && self.joint == other.joint
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Approval {
    pub(crate) duress: Duress,
    pub(crate) at: Timestamp,
    /// Until when it may be redeemed.
    pub(crate) until: Timestamp,
    /// What the key signed, if the method signs.
    pub(crate) signed: Option<SignedAnswer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    Requested,
    Approved(Approval),
    Redeemed {
        approval: Approval,
        key: [u8; 16],
        at: Timestamp,
    },
    /// Records of before do not say why.
    Declined(Option<DeclineReason>),
    /// The digits were wrong too often in a row.
    Mistyped,
}

/// What has become of a step-up for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Approved,
    /// It will not be approved any more.
    Ended,
}

/// To whom the conversation went over since it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandedOver {
    pub(crate) to: AgentId,
    pub(crate) at: Timestamp,
    /// The customer had not answered: it ended then.
    pub(crate) unanswered: bool,
}

/// A step-up as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StepUpState {
    pub(crate) terms: Terms,
    pub(crate) phase: Phase,
    pub(crate) handed_over: Option<HandedOver>,
}

impl StepUpState {
    /// The agent whose it is: who asked, or to whom the conversation went over since.
    pub(crate) fn holder(&self) -> &AgentId {
        self.handed_over.as_ref().map_or(&self.terms.agent, |handed| &handed.to)
    }

    /// Whether it ended unanswered because the conversation went over to another agent.
    pub(crate) fn is_transferred(&self) -> bool {
        self.handed_over.as_ref().is_some_and(|handed| handed.unanswered)
    }

    pub(crate) fn status(&self, now: RecordTime) -> StepUpStatus {
        match &self.phase {
            Phase::Declined(_) | Phase::Mistyped => StepUpStatus::Declined,
            _ if self.is_transferred() => StepUpStatus::Transferred,
            Phase::Requested if now.has_reached(self.terms.until) => StepUpStatus::Expired,
            Phase::Requested => StepUpStatus::Requested,
            Phase::Approved(approval) if now.has_reached(approval.until) => StepUpStatus::Expired,
            Phase::Approved(_) => StepUpStatus::Approved,
            Phase::Redeemed { .. } => StepUpStatus::Redeemed,
        }
    }

    /// Whether the customer may say of it "not me": not after an approval, and once.
    pub(crate) const fn may_be_disowned(&self) -> bool {
        matches!(&self.phase, Phase::Requested | Phase::Mistyped | Phase::Declined(_))
            && !matches!(&self.phase, Phase::Declined(Some(DeclineReason::NotMe)))
    }

    /// What has become of it, unless it is open.
    pub(crate) fn fate(&self, cx: &Context<'_>) -> Option<Fate> {
        match (&self.phase, self.status(cx.now)) {
            (Phase::Approved(_) | Phase::Redeemed { .. }, _) => Some(Fate::Approved),
            (_, StepUpStatus::Requested) => None,
            _ => Some(Fate::Ended),
        }
    }

    pub(crate) fn step_up(&self, cx: &Context<'_>) -> StepUp {
        StepUp {
            id: StepUpId(cx.id),
            method: self.terms.method,
            what: self.terms.what.clone(),
            status: self.status(cx.now),
            until: self.terms.until,
            joint: self.terms.joint.clone(),
        }
    }
}

impl State for StepUpState {
    const KIND: Kind = Kind::StepUp;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let until = self.terms.until.after(policy.step_ups.grant_valid_for);
        until.after(policy.leeway).after(policy.retention)
    }

    fn live_until(&self, policy: &Policy) -> Timestamp {
        match &self.phase {
            _ if self.is_transferred() => Timestamp::EPOCH,
            Phase::Requested => self.terms.until.after(policy.leeway),
            Phase::Approved(approval) => approval.until.after(policy.leeway),
            Phase::Redeemed { .. } | Phase::Declined(_) | Phase::Mistyped => Timestamp::EPOCH,
        }
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::StepUp(StepUpId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::StepUp(self.step_up(cx))
    }
}

record! {
    StepUpState as state {
        let (phase, approval, redeemed) = match &state.phase {
            Phase::Requested => (1_u8, None, None),
            Phase::Approved(approval) => (2, Some(approval), None),
            Phase::Redeemed { approval, key, at } => (3, Some(approval), Some((*key, *at))),
            Phase::Declined(_) => (4, None, None),
            Phase::Mistyped => (5, None, None),
        };
        0 => terms: Terms,
        1 => phase: u8 = phase,
        // Records of the first version named the code.
        2 => _code: Option<[u8; 16]> = None::<[u8; 16]>,
        // One byte either way: coercion does not show in the size.
        3 => duress: Option<bool> = approval.map(|approval| approval.duress.0),
        4 => at: Option<Timestamp> = approval.map(|approval| approval.at),
        5 => until: Option<Timestamp> = approval.map(|approval| approval.until),
        6 => key: Option<[u8; 16]> = redeemed.map(|(key, _)| key),
        7 => redeemed: Option<Timestamp> = redeemed.map(|(_, at)| at),
        8 => signed: Option<SignedAnswer> = approval.and_then(|approval| approval.signed.clone()),
        9 => why: Option<DeclineReason> = match &state.phase {
            Phase::Declined(why) => *why,
            _ => None,
        },
        28 => handed_over: Option<HandedOver> = state.handed_over.clone(),
    } {
        let approval = match (duress, at, until) {
            (Some(duress), Some(at), Some(until)) => {
                Some(Approval { duress: Duress(duress), at, until, signed })
            }
            _ => None,
        };
        // What was approved by a key is signed by it, or it was not approved.
        let is_signed = |approval: &Approval| approval.signed.is_some() == terms.signer.is_some();
        if !approval.as_ref().is_none_or(is_signed) {
            return Err(Malformed);
        }
        let phase = match (phase, approval, key, redeemed) {
            (1, ..) => Phase::Requested,
            (2, Some(approval), ..) => Phase::Approved(approval),
            (3, Some(approval), Some(key), Some(at)) => Phase::Redeemed { approval, key, at },
            (4, ..) => Phase::Declined(why),
            (5, ..) => Phase::Mistyped,
            _ => return Err(Malformed),
        };
        Ok(Self { terms, phase, handed_over })
    }
}

record! { HandedOver { 0 => to, 1 => at, 2 unless false => unanswered } }

record! {
    Terms as terms {
        0 => credential: CredentialId = &terms.credential,
        1 => method: Method = &terms.method,
        2 => interaction: InteractionId = &terms.interaction,
        3 => agent: AgentId = &terms.agent,
        4 => direction: Direction = &terms.direction,
        5 => agent_name: ShortText = &terms.agent_name,
        6 => transaction: Option<Transaction> = terms.what.transaction(),
        7 => nonce: TokenId = &terms.nonce,
        8 => at: Timestamp = &terms.at,
        9 => until: Timestamp = &terms.until,
        10 => suite: Option<Suite> = &terms.suite,
        11 => key: Option<KeyTag> = &terms.key,
        12 => signer: Option<CredentialPublicKey> = &terms.signer,
        13 unless false => with_code: bool = terms.with_code,
        14 => digits: Option<AskedDigits> = &terms.digits,
        15 unless false => asks_who: bool = terms.asks_who,
        16 => who_rang: Option<WhoRang> = terms.who_rang,
        17 unless false => in_app: bool = terms.in_app,
        20 => action: Option<ActionDetails> = terms.what.action(),
        21 => joint: Option<JointData> = &terms.joint,
        35 => leg: Option<LegKind> = terms.leg,
        36 => ring_back: Option<RingBack> = &terms.ring_back,
        37 unless 0 => holds: u32 = terms.holds,
    } {
        let what = one_of(transaction, action).ok_or(Malformed)?;
        Ok(Self {
            credential,
            key,
            method,
            signer,
            with_code,
            suite,
            interaction,
            agent,
            direction,
            agent_name,
            what,
            joint,
            digits,
            asks_who,
            who_rang,
            in_app,
            holds,
            leg,
            ring_back,
            nonce,
            at,
            until,
        })
    }
}
