//! What is kept of a joint step-up, under the customer in whose name it is asked.

use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::crypto::pae;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::{Policy, Reached};
use crate::record::kind::Kind;
use crate::step_up::joint::mandate::CoApprover;
use crate::step_up::joint::request::KeptVote;
use crate::step_up::joint::statement::{ApproversDigest, JointData};
use crate::step_up::joint::view::JointStepUp;
use crate::step_up::view::StepUpStatus;
use crate::token::TokenId;
use crate::values::action::approvable::{Approvable, one_of};
use crate::values::action::details::ActionDetails;
use crate::values::action::ring_back::RingBack;
use crate::values::agent_safe::Count;
use crate::values::id::{AgentId, CustomerId, InteractionId, Issuer, JointStepUpId};
use crate::values::interaction::{Direction, LegKind};
use crate::values::now::RecordTime;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// What was asked for, by whom, where, and of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JointTerms {
    pub(crate) needed: u8,
    pub(crate) approvers: Vec<CoApprover>,
    pub(crate) principal_name: ShortText,
    pub(crate) interaction: InteractionId,
    pub(crate) agent: AgentId,
    pub(crate) direction: Direction,
    pub(crate) agent_name: ShortText,
    pub(crate) what: Approvable,
    /// What was read of the principal's line when it was asked for, and known of the number that the enterprise rang back.
    pub(crate) leg: Option<LegKind>,
    pub(crate) ring_back: Option<RingBack>,
    pub(crate) nonce: TokenId,
    pub(crate) at: Timestamp,
    /// Until when each may answer.
    pub(crate) until: Timestamp,
}

impl JointTerms {
    /// Whether `other` asks for the same; what each draws for itself may differ.
    pub(crate) fn asks_for_same(&self, other: &Self) -> bool {
        self.needed == other.needed
            && self.approvers == other.approvers
            && self.principal_name == other.principal_name
            && self.interaction == other.interaction
            && self.agent == other.agent
            && self.direction == other.direction
            && self.agent_name == other.agent_name
            && self.what == other.what
    }

    /// Stands for everyone who is asked, in their roles, and for this one request: the nonce is drawn for it.
    fn digest(&self, issuer: &Issuer, principal: &CustomerId, id: [u8; 16]) -> ApproversDigest {
        let needed = [self.needed];
        let mut pieces = vec![
            b"countersign approvers v1".as_slice(),
            issuer.as_str().as_bytes(),
            principal.as_str().as_bytes(),
            &id,
            self.nonce.as_bytes(),
            &needed,
        ];
        for one in &self.approvers {
            pieces.extend([one.customer.as_str().as_bytes(), one.role.as_str().as_bytes()]);
        }
        ApproversDigest(pae::sha256(&pieces))
    }

    /// What the token of `approver` says of the whole.
    pub(crate) fn data(
        &self,
        issuer: &Issuer,
        principal: &CustomerId,
        id: [u8; 16],
        approver: &CoApprover,
    ) -> JointData {
        JointData {
            joint: JointStepUpId(id),
            principal: principal.clone(),
            principal_name: self.principal_name.clone(),
            needed: self.needed,
            of: u8::try_from(self.approvers.len()).unwrap_or(u8::MAX),
            approvers: self.digest(issuer, principal, id),
            role: approver.role.clone(),
        }
    }

    /// Whether it could be asked for where the principal was reached so, by this policy.
    pub(crate) fn was_rung_back(&self, policy: &Policy) -> bool {
        let reached = Reached {
            direction: self.direction,
            leg: self.leg.unwrap_or(LegKind::Number),
            ring_back: self.ring_back.as_ref(),
        };
        policy.step_ups.actions.rung_back(&self.what, &reached, self.at, policy.leeway).is_ok()
    }

    /// Until when it may be redeemed.
    pub(crate) fn ends(&self, policy: &Policy) -> Timestamp {
        self.until.after(policy.step_ups.grant_valid_for)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JointPhase {
    Requested,
    /// One of them declined.
    Declined,
    Redeemed {
        key: [u8; 16],
        at: Timestamp,
        votes: Vec<KeptVote>,
    },
}

/// A joint step-up as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JointState {
    pub(crate) terms: JointTerms,
    /// Whose approval the history names: places in the set, in order.
    pub(crate) heard: Vec<u8>,
    pub(crate) phase: JointPhase,
}

impl JointState {
    pub(crate) fn has_ended(&self, now: RecordTime, policy: &Policy) -> bool {
        self.phase != JointPhase::Requested || now.has_reached(self.terms.ends(policy))
    }

    fn status(&self, now: RecordTime, policy: &Policy) -> StepUpStatus {
        match &self.phase {
            JointPhase::Declined => StepUpStatus::Declined,
            JointPhase::Redeemed { .. } => StepUpStatus::Redeemed,
            JointPhase::Requested if now.has_reached(self.terms.ends(policy)) => {
                StepUpStatus::Expired
            }
            JointPhase::Requested if self.heard.len() >= usize::from(self.terms.needed) => {
                StepUpStatus::Approved
            }
            JointPhase::Requested => StepUpStatus::Requested,
        }
    }

    pub(crate) fn step_up(&self, cx: &Context<'_>) -> JointStepUp {
        let count = |of: usize| Count::of(u8::try_from(of).unwrap_or(u8::MAX));
        JointStepUp {
            id: JointStepUpId(cx.id),
            what: self.terms.what.clone(),
            status: self.status(cx.now, cx.policy),
            until: self.terms.until,
            needed: Count::of(self.terms.needed),
            of: count(self.terms.approvers.len()),
            heard: count(self.heard.len()),
        }
    }
}

impl State for JointState {
    const KIND: Kind = Kind::JointStepUp;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.terms.ends(policy).after(policy.leeway).after(policy.retention)
    }

    fn live_until(&self, policy: &Policy) -> Timestamp {
        match self.phase {
            JointPhase::Requested => self.terms.ends(policy).after(policy.leeway),
            JointPhase::Declined | JointPhase::Redeemed { .. } => Timestamp::EPOCH,
        }
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::JointStepUp(JointStepUpId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::JointStepUp(self.step_up(cx))
    }
}

/// Whether it can have been redeemed with these votes: as many as were needed, each of a place of its own.
fn are_enough(terms: &JointTerms, votes: &[KeptVote]) -> bool {
    let mut places: Vec<_> = votes.iter().map(|vote| vote.approver).collect();
    places.sort_unstable();
    places.dedup();
    let each_once = places.len() == votes.len();
    let in_set = places.iter().all(|place| usize::from(*place) < terms.approvers.len());
    each_once && in_set && votes.len() >= usize::from(terms.needed)
}

record! {
    JointState as state {
        let (phase, redeemed) = match &state.phase {
            JointPhase::Requested => (1_u8, None),
            JointPhase::Declined => (2, None),
            JointPhase::Redeemed { key, at, votes } => (3, Some((*key, *at, votes))),
        };
        0 => terms: JointTerms,
        1 => phase: u8 = phase,
        2 => heard: Vec<u8>,
        3 => key: Option<[u8; 16]> = redeemed.map(|(key, ..)| key),
        4 => redeemed_at: Option<Timestamp> = redeemed.map(|(_, at, _)| at),
        5 => votes: Vec<KeptVote> = redeemed.map(|(_, _, votes)| votes.clone()).unwrap_or_default(),
    } {
        let phase = match (phase, key, redeemed_at) {
            (1, ..) => JointPhase::Requested,
            (2, ..) => JointPhase::Declined,
            (3, Some(key), Some(at)) if are_enough(&terms, &votes) => {
                JointPhase::Redeemed { key, at, votes }
            }
            _ => return Err(Malformed),
        };
        Ok(Self { terms, heard, phase })
    }
}

record! {
    JointTerms as terms {
        0 => needed: u8 = terms.needed,
        1 => approvers: Vec<CoApprover> = &terms.approvers,
        2 => principal_name: ShortText = &terms.principal_name,
        3 => interaction: InteractionId = &terms.interaction,
        4 => agent: AgentId = &terms.agent,
        5 => direction: Direction = &terms.direction,
        6 => agent_name: ShortText = &terms.agent_name,
        7 => transaction: Option<Transaction> = terms.what.transaction(),
        8 => action: Option<ActionDetails> = terms.what.action(),
        9 => nonce: TokenId = &terms.nonce,
        10 => at: Timestamp = &terms.at,
        11 => until: Timestamp = &terms.until,
        12 => leg: Option<LegKind> = terms.leg,
        13 => ring_back: Option<RingBack> = &terms.ring_back,
    } {
        let what = one_of(transaction, action).ok_or(Malformed)?;
        Ok(Self {
            needed,
            approvers,
            principal_name,
            interaction,
            agent,
            direction,
            agent_name,
            what,
            leg,
            ring_back,
            nonce,
            at,
            until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::transaction::TransactionKind;

    fn approver(customer: &str, role: &str) -> CoApprover {
        CoApprover::new(CustomerId::new(customer).unwrap(), role.parse().unwrap())
    }

    /// Under one nonce and id, so that nothing else differs.
    fn digest(needed: u8, approvers: Vec<CoApprover>, nonce: u8, principal: &str) -> [u8; 32] {
        let text = |text: &str| -> ShortText { text.parse().unwrap() };
        let gbp = "GBP".parse().unwrap();
        let what = Transaction::new(TransactionKind::Transfer, 500, gbp, text("Jones"), text("7"));
        let terms = JointTerms {
            needed,
            approvers,
            principal_name: text("Alice"),
            interaction: InteractionId::new("call-1").unwrap(),
            agent: AgentId::new("bob").unwrap(),
            direction: Direction::Outbound,
            agent_name: text("Bob"),
            what: what.into(),
            leg: None,
            ring_back: None,
            nonce: TokenId::from_bytes([nonce; 16]),
            at: Timestamp::EPOCH,
            until: Timestamp::EPOCH,
        };
        let issuer = Issuer::new("bank.example").unwrap();
        terms.digest(&issuer, &CustomerId::new(principal).unwrap(), [1; 16]).0
    }

    #[test]
    fn the_set_s_digest_names_each_approver_role_number_and_request() {
        let (alice, carol) = (approver("alice", "holder"), approver("carol", "holder"));
        let set = || vec![alice.clone(), carol.clone()];
        let all = [
            digest(2, set(), 7, "alice"),
            digest(1, set(), 7, "alice"),
            digest(2, set(), 8, "alice"),
            digest(2, set(), 7, "carol"),
            digest(2, vec![alice.clone()], 7, "alice"),
            digest(2, vec![carol.clone(), alice.clone()], 7, "alice"),
            digest(2, vec![alice.clone(), approver("dave", "holder")], 7, "alice"),
            digest(2, vec![alice.clone(), approver("carol", "witness")], 7, "alice"),
            digest(2, vec![alice.clone(), approver("carolh", "older")], 7, "alice"),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| other != one), "{at}");
        }
        assert_eq!(all[0], digest(2, set(), 7, "alice"));
    }
}
