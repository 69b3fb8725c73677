//! What is kept of a step-up, how it is encoded, and what may be seen of it.

use core::convert::Infallible;

use minicbor::encode::Write;

use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::credential::method::Method;
use crate::credential::view::KeyTag;
use crate::engine::frame::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::otp::ocra::Suite;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::step_up::statement::{Covered, Statement};
use crate::step_up::token::StepUpData;
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::token::TokenId;
use crate::values::id::{AgentId, CredentialId, CustomerId, InteractionId, Issuer, StepUpId};
use crate::values::interaction::Direction;
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
    /// Of a fob that the question is typed into.
    pub(crate) suite: Option<Suite>,
    pub(crate) interaction: InteractionId,
    pub(crate) agent: AgentId,
    pub(crate) direction: Direction,
    pub(crate) agent_name: ShortText,
    pub(crate) transaction: Transaction,
    pub(crate) nonce: TokenId,
    pub(crate) at: Timestamp,
    pub(crate) until: Timestamp,
}

impl Terms {
    /// What the token says.
    pub(crate) fn data(&self, id: [u8; 16]) -> StepUpData {
        StepUpData {
            step_up: StepUpId(id),
            credential: self.credential,
            method: self.method,
            suite: self.suite,
            interaction: self.interaction.clone(),
            direction: self.direction,
            agent_name: self.agent_name.clone(),
            transaction: self.transaction.clone(),
        }
    }

    /// What the customer approves.
    pub(crate) fn statement(
        &self,
        issuer: &Issuer,
        customer: &CustomerId,
        id: [u8; 16],
    ) -> Statement {
        let covered = Covered {
            step_up: &StepUpId(id),
            credential: &self.credential,
            interaction: &self.interaction,
            direction: self.direction,
            agent_name: &self.agent_name,
            transaction: &self.transaction,
        };
        Statement::of(issuer, customer, self.nonce, &covered)
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Approval {
    pub(crate) duress: bool,
    pub(crate) at: Timestamp,
    /// Until when it may be redeemed.
    pub(crate) until: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Requested,
    Approved(Approval),
    Redeemed { approval: Approval, key: [u8; 16], at: Timestamp },
    Declined,
}

/// A step-up as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StepUpState {
    pub(crate) terms: Terms,
    pub(crate) phase: Phase,
}

impl StepUpState {
    pub(crate) fn status(&self, now: Timestamp) -> StepUpStatus {
        match self.phase {
            Phase::Requested if self.terms.until <= now => StepUpStatus::Expired,
            Phase::Requested => StepUpStatus::Requested,
            Phase::Approved(approval) if approval.until <= now => StepUpStatus::Expired,
            Phase::Approved(_) => StepUpStatus::Approved,
            Phase::Redeemed { .. } => StepUpStatus::Redeemed,
            Phase::Declined => StepUpStatus::Declined,
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

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut terms, mut phase, mut duress) = (None, None, None);
        let (mut at, mut until, mut key, mut redeemed) = (None, None, None, None);
        from.map(|key_number, from| {
            match key_number {
                0 => terms = Some(Terms::decode(from)?),
                1 => phase = Some(from.u8()?),
                // Records of the first version named the code.
                2 => _ = from.array_of::<16>()?,
                3 => duress = Some(from.bool()?),
                4 => at = Some(Timestamp::from_unix(from.u64()?)),
                5 => until = Some(Timestamp::from_unix(from.u64()?)),
                6 => key = Some(from.array_of()?),
                7 => redeemed = Some(Timestamp::from_unix(from.u64()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let approval = || {
            Ok::<_, Malformed>(Approval {
                duress: duress.ok_or(Malformed)?,
                at: at.ok_or(Malformed)?,
                until: until.ok_or(Malformed)?,
            })
        };
        let phase = match phase {
            Some(1) => Phase::Requested,
            Some(2) => Phase::Approved(approval()?),
            Some(3) => Phase::Redeemed {
                approval: approval()?,
                key: key.ok_or(Malformed)?,
                at: redeemed.ok_or(Malformed)?,
            },
            Some(4) => Phase::Declined,
            _ => return Err(Malformed),
        };
        Ok(Self { terms: terms.ok_or(Malformed)?, phase })
    }

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let until = self.terms.until.after(policy.step_ups.grant_valid_for);
        until.after(policy.leeway).after(policy.retention)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::StepUp(StepUpId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::StepUp(self.step_up(cx))
    }
}

impl Encode for StepUpState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let (number, approval, redeemed) = match self.phase {
            Phase::Requested => (1, None, None),
            Phase::Approved(approval) => (2, Some(approval), None),
            Phase::Redeemed { approval, key, at } => (3, Some(approval), Some((key, at))),
            Phase::Declined => (4, None, None),
        };
        let (approved, used) = (approval.is_some(), redeemed.is_some());
        to.map_with(2, [approved, approved, approved, used, used]);
        to.entry(0, |to| self.terms.encode(to));
        to.entry(1, |to| to.u64(number));
        if let Some(approval) = approval {
            // One byte either way: coercion does not show in the size.
            to.entry(3, |to| to.bool(approval.duress));
            to.entry(4, |to| to.u64(approval.at.unix()));
            to.entry(5, |to| to.u64(approval.until.unix()));
        }
        if let Some((key, at)) = redeemed {
            to.entry(6, |to| to.bytes(&key));
            to.entry(7, |to| to.u64(at.unix()));
        }
    }
}

impl Terms {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut credential, mut method, mut interaction, mut agent) = (None, None, None, None);
        let (mut direction, mut agent_name, mut transaction) = (None, None, None);
        let (mut nonce, mut at, mut until) = (None, None, None);
        let (mut suite, mut key) = (None, None);
        from.map(|number, from| {
            match number {
                0 => credential = Some(CredentialId(from.array_of()?)),
                1 => method = Method::from_number(from.u8()?),
                2 => interaction = Some(from.parsed()?),
                3 => agent = Some(from.parsed()?),
                4 => direction = Direction::from_number(from.u8()?),
                5 => agent_name = Some(from.read(ShortText::kept)?),
                6 => transaction = Some(Transaction::decode(from)?),
                7 => nonce = Some(TokenId::from_bytes(from.array_of()?)),
                8 => at = Some(Timestamp::from_unix(from.u64()?)),
                9 => until = Some(Timestamp::from_unix(from.u64()?)),
                10 => suite = Some(from.parsed()?),
                11 => key = Some(KeyTag(from.array_of()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            credential: credential.ok_or(Malformed)?,
            key,
            method: method.ok_or(Malformed)?,
            suite,
            interaction: interaction.ok_or(Malformed)?,
            agent: agent.ok_or(Malformed)?,
            direction: direction.ok_or(Malformed)?,
            agent_name: agent_name.ok_or(Malformed)?,
            transaction: transaction.ok_or(Malformed)?,
            nonce: nonce.ok_or(Malformed)?,
            at: at.ok_or(Malformed)?,
            until: until.ok_or(Malformed)?,
        })
    }
}

impl Encode for Terms {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map_with(10, [self.suite.is_some(), self.key.is_some()]);
        to.entry(0, |to| to.bytes(&self.credential.0));
        to.entry(1, |to| to.u64(self.method.number().into()));
        to.entry(2, |to| to.str(self.interaction.as_str()));
        to.entry(3, |to| to.str(self.agent.as_str()));
        to.entry(4, |to| to.u64(self.direction.number().into()));
        to.entry(5, |to| to.str(self.agent_name.as_str()));
        to.entry(6, |to| self.transaction.encode(to));
        to.entry(7, |to| to.bytes(self.nonce.as_bytes()));
        to.entry(8, |to| to.u64(self.at.unix()));
        to.entry(9, |to| to.u64(self.until.unix()));
        if let Some(suite) = &self.suite {
            to.entry(10, |to| to.str(suite.as_str()));
        }
        if let Some(key) = &self.key {
            to.entry(11, |to| to.bytes(&key.0));
        }
    }
}
