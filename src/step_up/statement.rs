//! What a customer approves, as one digest: every code, signature, acceptance, grant and binding is of a
//! statement, and never of an id that can be asked anew.

use zeroize::Zeroizing;

use crate::codec::table::kept_as_bytes;
use crate::crypto::pae;
use crate::signature::key::KeyFingerprint;
use crate::step_up::joint::statement::JointData;
use crate::step_up::number_match::MatchDigits;
use crate::step_up::token::StepUpData;
use crate::step_up::who_rang::WhoRang;
use crate::token::TokenId;
use crate::values::action::approvable::Approvable;
use crate::values::id::{CredentialId, CustomerId, InteractionId, Issuer, StepUpId};
use crate::values::interaction::{Direction, LegKind};
use crate::values::text::ShortText;

/// SHA-256 over everything that is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statement(pub(crate) [u8; 32]);

kept_as_bytes!(Statement);

/// What a statement says besides issuer, customer and nonce.
pub(crate) struct Covered<'a> {
    pub(crate) step_up: &'a StepUpId,
    pub(crate) credential: &'a CredentialId,
    /// The fingerprint of its public key, if it has one.
    pub(crate) key: Option<KeyFingerprint>,
    pub(crate) interaction: &'a InteractionId,
    pub(crate) direction: Direction,
    pub(crate) agent_name: &'a ShortText,
    pub(crate) what: &'a Approvable,
    /// What the customer answered, and typed.
    pub(crate) who_rang: Option<WhoRang>,
    pub(crate) digits: Option<&'a MatchDigits>,
    /// What was read of the line.
    pub(crate) leg: Option<LegKind>,
    /// As which of several approvers.
    pub(crate) joint: Option<&'a JointData>,
}

impl<'a> From<&'a StepUpData> for Covered<'a> {
    fn from(data: &'a StepUpData) -> Self {
        Self {
            step_up: &data.step_up,
            credential: &data.credential,
            key: data.key,
            interaction: &data.interaction,
            direction: data.direction,
            agent_name: &data.agent_name,
            what: &data.what,
            who_rang: None,
            digits: None,
            leg: data.leg,
            joint: data.joint.as_ref(),
        }
    }
}

/// A member that nothing fills yet. A member that is there begins with a byte of 1, so that an empty one
/// is not taken for none.
const ABSENT: &[u8] = &[];

impl Statement {
    /// The second form of what is approved. The form is fixed: later members take the places that are
    /// absent here.
    pub(crate) fn of(
        issuer: &Issuer,
        customer: &CustomerId,
        nonce: TokenId,
        covered: &Covered<'_>,
    ) -> Self {
        covered.members(issuer, customer, nonce, |members| Self::of_members(members, covered.joint))
    }

    /// Of members that stand in their places; as one of several approvers.
    pub(crate) fn of_members(members: &[&[u8]], joint: Option<&JointData>) -> Self {
        let statement = pae::sha256(members);
        Self(joint.map_or(statement, |joint| joint.over(statement)))
    }

    /// The first 16 bytes of a digest over the statement, for the use that `label` names.
    pub(crate) fn named(&self, label: &[u8]) -> [u8; 16] {
        pae::first(&pae::sha256(&[label, &self.0]))
    }
}

impl Covered<'_> {
    /// Gives `then` all members of the statement, in their places.
    pub(crate) fn members<R>(
        &self,
        issuer: &Issuer,
        customer: &CustomerId,
        nonce: TokenId,
        then: impl FnOnce(&[&[u8]]) -> R,
    ) -> R {
        let covered = self;
        let key = covered.key.map(|key| [&[1], key.0.as_slice()].concat()).unwrap_or_default();
        let what = [&[1], covered.what.canonical().as_slice()].concat();
        let (transaction, action) = match covered.what {
            Approvable::Transaction(_) => (what.as_slice(), ABSENT),
            Approvable::Action(_) => (ABSENT, what.as_slice()),
        };
        let answered = covered.who_rang.map(|who| vec![1, who.number()]).unwrap_or_default();
        let typed = covered.digits.map(|digits| [&[1], digits.ascii().as_slice()].concat());
        let typed = Zeroizing::new(typed.unwrap_or_default());
        let leg = covered.leg.map(|leg| [&[1], leg.name().as_bytes()].concat()).unwrap_or_default();
        then(&[
            b"countersign statement v2",
            issuer.as_str().as_bytes(),
            customer.as_str().as_bytes(),
            &covered.step_up.0,
            &covered.credential.0,
            &key,
            covered.interaction.as_str().as_bytes(),
            &[covered.direction.number()],
            covered.agent_name.as_str().as_bytes(),
            transaction,
            // An action that is no transaction.
            action,
            // What the customer answered: who rang whom.
            &answered,
            // What the customer typed: the digits that the agent said.
            &typed,
            // The leg of the interaction.
            &leg,
            nonce.as_bytes(),
        ])
    }
}
