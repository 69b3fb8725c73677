//! What is kept of a step-up, how it is encoded, and what may be seen of it.

use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::credential::method::Method;
use crate::credential::view::KeyTag;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::otp::ocra::Suite;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::signature::key::{CredentialPublicKey, KeyFingerprint};
use crate::step_up::answer::SignedAnswer;
use crate::step_up::number_match::AskedDigits;
use crate::step_up::request::Duress;
use crate::step_up::statement::{Covered, Statement};
use crate::step_up::token::StepUpData;
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::step_up::who_rang::{DeclineReason, WhoRang};
use crate::token::TokenId;
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
    pub(crate) transaction: Transaction,
    /// What was read of the line when it was asked for. Older records do not say.
    pub(crate) leg: Option<LegKind>,
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
            transaction: self.transaction.clone(),
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
            transaction: &self.transaction,
            who_rang: self.who_rang,
            digits: self.digits.as_ref().map(|digits| &*digits.0),
            leg: self.leg,
        };
        then(&covered)
    }

    /// Whether `other` asks for the same; what each draws for itself may differ.
    pub(crate) fn asks_for_same(&self, other: &Self) -> bool {
        self.interaction == other.interaction
            && self.agent == other.agent
            && self.direction == other.direction
            && self.agent_name == other.agent_name
            && self.transaction == other.transaction
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

/// A step-up as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StepUpState {
    pub(crate) terms: Terms,
    pub(crate) phase: Phase,
}

impl StepUpState {
    pub(crate) fn status(&self, now: RecordTime) -> StepUpStatus {
        match &self.phase {
            Phase::Requested if now.has_reached(self.terms.until) => StepUpStatus::Expired,
            Phase::Requested => StepUpStatus::Requested,
            Phase::Approved(approval) if now.has_reached(approval.until) => StepUpStatus::Expired,
            Phase::Approved(_) => StepUpStatus::Approved,
            Phase::Redeemed { .. } => StepUpStatus::Redeemed,
            Phase::Declined(_) | Phase::Mistyped => StepUpStatus::Declined,
        }
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
            transaction: self.terms.transaction.clone(),
            status: self.status(cx.now),
            until: self.terms.until,
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
        Ok(Self { terms, phase })
    }
}

record! {
    Terms {
        0 => credential,
        1 => method,
        2 => interaction,
        3 => agent,
        4 => direction,
        5 => agent_name,
        6 => transaction,
        7 => nonce,
        8 => at,
        9 => until,
        10 => suite,
        11 => key,
        12 => signer,
        13 unless false => with_code,
        14 => digits,
        15 unless false => asks_who,
        16 => who_rang,
        17 unless false => in_app,
        35 => leg,
    }
}
