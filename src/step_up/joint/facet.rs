//! The facet for joint step-ups.

use crate::crypto::pae;
use crate::customer::anchor::not_erased;
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::{fit_to_ask, without_cards};
use crate::engine::trace::call;
use crate::error::{Error, Invalid, Reason, Refused};
use crate::policy::Act;
use crate::step_up::StepUps;
use crate::step_up::joint::request::{
    JointStepUpRequest, JointStepUpRequested, JointToken, JointlyRedeemed,
};
use crate::step_up::joint::rules::{RedeemJoint, RequestJoint, Vote};
use crate::step_up::joint::state::{JointPhase, JointState, JointTerms};
use crate::step_up::joint::view::JointOutcome;
use crate::step_up::request::StepUpRequest;
use crate::token::TokenId;
use crate::values::action::approvable::Approvable;
use crate::values::action::details::ActionDetails;
use crate::values::agent_safe::Count;
use crate::values::id::{CustomerId, JointStepUpId, RequestId};
use crate::values::interaction::Interaction;
use crate::values::transaction::Transaction;

/// Joint step-ups: see [`Verifier::joint_step_ups`](crate::Verifier::joint_step_ups).
///
/// The agent's desktop calls `request` and `outcome`, the back end `redeem` and `redeem_action`. Each approver's app
/// answers its own step-up by [`StepUps::submit`](crate::step_up::StepUps::submit) and
/// [`decline`](crate::step_up::StepUps::decline). Repeating a call whose answer was lost gives the first result again
/// and counts nothing.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`], [`Error::Clock`] or
/// [`Error::Random`]; nothing was decided then, or repeating the call finishes it.
#[derive(Debug, Clone, Copy)]
pub struct JointStepUps<'a>(pub(crate) &'a Enterprise);

impl JointStepUps<'_> {
    /// The agent on `interaction` asks several customers to approve something in the name of the one on the line.
    ///
    /// Each gets a step-up of their own, under their own limits and with their own credential. Whoever cannot be asked
    /// is passed over, as long as enough are left.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the set cannot be asked, the request id was used for something else, the action is not
    /// registered, or a text holds a card number; [`Error::Refused`] as for
    /// [`StepUps::request`](crate::step_up::StepUps::request), if fewer can be asked than are needed;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey), [`Error::Signer`].
    pub async fn request(
        self,
        interaction: &Interaction,
        request: &JointStepUpRequest,
    ) -> Result<JointStepUpRequested, Error> {
        call!("joint_step_ups.request", async {
            let inner = self.0;
            inner.signing()?;
            let principal = &interaction.customer;
            let id = inner.keyring.locate(&[
                b"countersign joint step-up v1",
                inner.issuer.as_str().as_bytes(),
                principal.as_str().as_bytes(),
                interaction.id.as_str().as_bytes(),
                request.request.as_str().as_bytes(),
            ]);
            let known = inner.read_for::<JointState>(principal, id).await?;
            if known.is_none() {
                not_erased(inner, principal).await?;
                let act = (Act::StepUp, request.what.transaction());
                inner.allows_leg(interaction, act, None)?;
                request.check().map_err(Invalid::from)?;
                without_cards([&request.agent_name, &request.principal_name])?;
                without_cards(request.approvers.iter().map(|one| &one.role))?;
                fit_to_ask(&inner.policy.step_ups.actions, &request.what)?;
            }
            let mut terms = Ok(self.terms(interaction, request)?);
            // Nobody is asked for what cannot come about.
            if known.is_none() && self.able(interaction, request).await? < request.needed.into() {
                terms = Err(Reason::NoCredential.into());
            }
            let of = inner.of::<JointState>(principal, id);
            let (terms, step_up) = inner.run(&of, &RequestJoint { interaction, terms }).await?;
            let mut tokens = Vec::new();
            let (mut why, mut digits) = (None, None);
            for one in &terms.approvers {
                let theirs = seen_by(&one.customer, interaction);
                let mut asked = StepUpRequest::new(
                    request.request.clone(),
                    terms.what.clone(),
                    terms.agent_name.clone(),
                );
                asked.ring_back.clone_from(&request.ring_back);
                let member = inner.member(id, &terms, one);
                let joint = terms.data(&inner.issuer, principal, id, one);
                let joint = Some((joint, terms.until));
                // Boxed, as it is large.
                match Box::pin(StepUps(inner).asked(&theirs, &asked, member.0, joint)).await {
                    Ok(asked) => {
                        digits = digits.or(asked.digits);
                        tokens.push(JointToken {
                            customer: one.customer.clone(),
                            step_up: member,
                            token: asked.token,
                        });
                    }
                    Err(error @ Error::Refused(_)) => why = Some(error),
                    Err(error) => return Err(error),
                }
            }
            match why {
                Some(error) if tokens.len() < usize::from(terms.needed) => Err(error),
                _ => Ok(JointStepUpRequested { step_up, tokens, digits }),
            }
        })
    }

    /// How many of those who are to be asked have a credential for it.
    async fn able(
        self,
        interaction: &Interaction,
        request: &JointStepUpRequest,
    ) -> Result<usize, Error> {
        let (id, name) = (request.request.clone(), request.agent_name.clone());
        let asked = StepUpRequest::new(id, request.what.clone(), name);
        let mut able = 0_usize;
        for one in &request.approvers {
            let theirs = seen_by(&one.customer, interaction);
            if StepUps(self.0).credential(&theirs, &asked).await?.is_some() {
                able = able.saturating_add(1);
            }
        }
        Ok(able)
    }

    /// The terms of a new one; of one that is there those that it must have.
    fn terms(
        self,
        interaction: &Interaction,
        request: &JointStepUpRequest,
    ) -> Result<JointTerms, Error> {
        let inner = self.0;
        let mut nonce = [0; 16];
        inner.random.fill(&mut nonce)?;
        let at = inner.clock.now()?;
        Ok(JointTerms {
            needed: request.needed,
            approvers: request.approvers.clone(),
            principal_name: request.principal_name.clone(),
            interaction: interaction.id.clone(),
            agent: interaction.agent.id.clone(),
            direction: interaction.direction,
            agent_name: request.agent_name.clone(),
            what: request.what.clone(),
            nonce: TokenId::from_bytes(nonce),
            at,
            until: at.after(inner.policy.step_ups.valid_for),
        })
    }

    /// What has become of it, for the agent who asked, in the interaction in which they asked. Writes nothing, and looks
    /// at each approval anew.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] to any other agent and in any other interaction.
    pub async fn outcome(
        self,
        interaction: &Interaction,
        id: &JointStepUpId,
    ) -> Result<JointOutcome, Error> {
        call!("joint_step_ups.outcome", async {
            let (inner, principal) = (self.0, &interaction.customer);
            let (loaded, clock) =
                inner.read_for::<JointState>(principal, id.0).await?.ok_or(Refused::new())?;
            let state = &loaded.body.state;
            if state.terms.interaction != interaction.id
                || state.terms.agent != interaction.agent.id
            {
                return Err(Refused::new().into());
            }
            let now = inner.context(&loaded, id.0, clock).now;
            match &state.phase {
                JointPhase::Declined => return Ok(JointOutcome::Declined),
                JointPhase::Redeemed { .. } => return Ok(JointOutcome::Approved),
                JointPhase::Requested if state.has_ended(now, &inner.policy) => {
                    return Ok(JointOutcome::Expired);
                }
                JointPhase::Requested => {}
            }
            let cast = inner.votes(principal, id.0, &state.terms).await?;
            if cast.iter().any(|one| one.vote == Vote::Declined) {
                return Ok(JointOutcome::Declined);
            }
            let given = cast.iter().filter(|one| matches!(one.vote, Vote::Given(_))).count();
            Ok(match given >= usize::from(state.terms.needed) {
                true => JointOutcome::Approved,
                false if now.has_reached(state.terms.until) => JointOutcome::Expired,
                false => {
                    let approved = Count::of(u8::try_from(given).unwrap_or(u8::MAX));
                    JointOutcome::Waiting { approved }
                }
            })
        })
    }

    /// The back end turns a joint step-up into the proof that a high-risk function asks for, once. Every approval is
    /// looked at anew: its signature, its credential, and whether anybody declined meanwhile.
    ///
    /// `interaction` and `transaction` are what the back end is about to act on, `key` is its idempotency key for the
    /// act: the same key again gives the same proof, another one nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if fewer approvals stand than are needed, one of the set declined, it has ended, was redeemed
    /// under another key, or was asked for in another interaction, by another agent or for another transaction.
    pub async fn redeem(
        self,
        interaction: &Interaction,
        id: &JointStepUpId,
        transaction: &Transaction,
        key: &RequestId,
    ) -> Result<JointlyRedeemed, Error> {
        call!("joint_step_ups.redeem", async {
            let what = transaction.clone().into();
            let redeemed = self.redeemed(interaction, id, &what, key).await?;
            Ok(redeemed.of(transaction.clone()))
        })
    }

    /// The same for an action.
    ///
    /// # Errors
    ///
    /// As [`redeem`](Self::redeem).
    pub async fn redeem_action(
        self,
        interaction: &Interaction,
        id: &JointStepUpId,
        action: &ActionDetails,
        key: &RequestId,
    ) -> Result<JointlyRedeemed<ActionDetails>, Error> {
        call!("joint_step_ups.redeem_action", async {
            let what = action.clone().into();
            let redeemed = self.redeemed(interaction, id, &what, key).await?;
            Ok(redeemed.of(action.clone()))
        })
    }

    async fn redeemed(
        self,
        interaction: &Interaction,
        id: &JointStepUpId,
        what: &Approvable,
        key: &RequestId,
    ) -> Result<JointlyRedeemed<Approvable>, Error> {
        let (inner, principal): (_, &CustomerId) = (self.0, &interaction.customer);
        inner.allows_leg(interaction, (Act::StepUp, what.transaction()), None)?;
        let known = inner.read_for::<JointState>(principal, id.0).await?;
        let terms = known.as_ref().map(|(loaded, _)| &loaded.body.state.terms);
        let cast = match terms {
            Some(terms) => inner.votes(principal, id.0, terms).await?,
            None => Vec::new(),
        };
        let key = pae::sha256(&[b"countersign redemption key v1", key.as_str().as_bytes()]);
        let key = pae::first(&key);
        let issuer = &inner.issuer;
        let event = RedeemJoint { issuer, principal, interaction, what, key, terms, cast: &cast };
        inner.run(&inner.of(principal, id.0), &event).await
    }
}

/// The conversation as it is counted and stated for an approver. Who is not the customer on the line did not open it in
/// their app, and is on no line of it.
fn seen_by(approver: &CustomerId, interaction: &Interaction) -> Interaction {
    let is_on_line = *approver == interaction.customer;
    Interaction {
        customer: approver.clone(),
        opened_in_app: interaction.opened_in_app && is_on_line,
        leg: interaction.leg.clone().filter(|_| is_on_line),
        ..interaction.clone()
    }
}
