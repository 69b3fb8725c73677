//! Reading what the approvers of a joint step-up answered, each in a record of their own.

use crate::engine::Engine;
use crate::error::Error;
use crate::step_up::joint::mandate::CoApprover;
use crate::step_up::joint::request::KeptVote;
use crate::step_up::joint::rules::{Cast, Hear, Vote};
use crate::step_up::joint::state::{JointState, JointTerms};
use crate::step_up::joint::statement::JointData;
use crate::step_up::rules::{Standing, is_signed};
use crate::step_up::standing::standing;
use crate::step_up::state::{Phase, StepUpState};
use crate::values::id::{CustomerId, StepUpId};

impl Engine {
    /// The id of the own step-up of an approver, who cannot tell it from any other.
    pub(crate) fn member(&self, id: [u8; 16], terms: &JointTerms, one: &CoApprover) -> StepUpId {
        StepUpId(self.keyring.locate(&[
            b"countersign joint member v1",
            self.issuer.as_str().as_bytes(),
            one.customer.as_str().as_bytes(),
            &id,
            terms.nonce.as_bytes(),
        ]))
    }

    /// The votes of all who are asked, as they stand now: each signature is verified anew, each credential looked at.
    pub(crate) async fn votes(
        &self,
        principal: &CustomerId,
        id: [u8; 16],
        terms: &JointTerms,
    ) -> Result<Vec<Cast>, Error> {
        let mut all = Vec::with_capacity(terms.approvers.len());
        for (approver, one) in (0_u8..).zip(&terms.approvers) {
            let step_up = self.member(id, terms, one);
            let asked = terms.data(&self.issuer, principal, id, one);
            let vote = self.vote(terms, (approver, one), step_up, &asked).await?;
            all.push(Cast { approver, step_up, vote });
        }
        Ok(all)
    }

    async fn vote(
        &self,
        joint: &JointTerms,
        (approver, one): (u8, &CoApprover),
        step_up: StepUpId,
        asked: &JointData,
    ) -> Result<Vote, Error> {
        let Some((found, clock)) = self.read_for::<StepUpState>(&one.customer, step_up.0).await?
        else {
            return Ok(Vote::None);
        };
        let StepUpState { terms, phase, .. } = &found.body.state;
        let is_same = terms.joint.as_ref() == Some(asked)
            && terms.interaction == joint.interaction
            && terms.agent == joint.agent
            && terms.direction == joint.direction
            && terms.agent_name == joint.agent_name
            && terms.what == joint.what;
        let approval = match phase {
            Phase::Declined(_) | Phase::Mistyped if is_same => return Ok(Vote::Declined),
            Phase::Approved(approval) if is_same => approval,
            _ => return Ok(Vote::None),
        };
        let cx = self.context(&found, step_up.0, clock);
        let statement = terms.statement(&self.issuer, &one.customer, step_up.0);
        if !is_signed(terms, approval, statement, &self.policy) {
            return Ok(Vote::None);
        }
        let lapsed = cx.is_before(approval.at)
            || approval.at >= joint.until
            || standing(self, &one.customer, terms).await? != Standing::Stands;
        let vote = KeptVote {
            approver,
            step_up,
            statement,
            credential: terms.credential,
            method: terms.method,
            fingerprint: terms.fingerprint(),
            at: approval.at,
            duress: approval.duress.0,
        };
        Ok(if lapsed { Vote::Lapsed(vote) } else { Vote::Given(vote) })
    }

    /// Whether the joint step-up of which `data` speaks has ended, or is not there any more.
    pub(crate) async fn joint_has_ended(&self, data: &JointData) -> Result<bool, Error> {
        let found = self.read_for::<JointState>(&data.principal, data.joint.0).await?;
        Ok(found.is_none_or(|(found, clock)| {
            let now = self.context(&found, data.joint.0, clock).now;
            found.body.state.has_ended(now, &self.policy)
        }))
    }

    /// One of the approvers answered: the principal's record hears of it. A call that is repeated finishes this, and
    /// nothing that counts depends on it.
    pub(crate) async fn hear(&self, customer: &CustomerId, data: &JointData) -> Result<(), Error> {
        let (principal, id) = (&data.principal, data.joint.0);
        let Some((found, _)) = self.read_for::<JointState>(principal, id).await? else {
            return Ok(());
        };
        let terms = &found.body.state.terms;
        let place = terms.approvers.iter().position(|one| one.customer == *customer);
        let Some((approver, one)) =
            place.and_then(|place| Some((u8::try_from(place).ok()?, terms.approvers.get(place)?)))
        else {
            return Ok(());
        };
        let step_up = self.member(id, terms, one);
        let asked = terms.data(&self.issuer, principal, id, one);
        let vote = self.vote(terms, (approver, one), step_up, &asked).await?;
        let cast = [Cast { approver, step_up, vote }];
        self.run(&self.of(principal, id), &Hear { principal, cast: &cast }).await
    }
}
