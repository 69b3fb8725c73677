//! The facet for joint step-ups.

use crate::crypto::pae;
use crate::customer::anchor::not_erased;
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::{fit_to_ask, without_cards};
use crate::engine::trace::call;
use crate::error::{Error, Invalid, Reason, Refused, Stop};
use crate::policy::Act;
use crate::step_up::StepUps;
use crate::step_up::joint::mandate::Mandate;
use crate::step_up::joint::request::{
    JointStepUpRequest, JointStepUpRequested, JointToken, JointlyRedeemed,
};
use crate::step_up::joint::rules::{RedeemJoint, RequestJoint, Vote, counting};
use crate::step_up::joint::state::{JointPhase, JointState, JointTerms};
use crate::step_up::joint::view::JointOutcome;
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
            let terms = self.terms(interaction, request)?;
            let may_be = match known {
                None => {
                    Stop::made(Box::pin(self.may_be_asked(interaction, request, id, &terms)).await)?
                }
                Some(_) => Ok(()),
            };
            let terms = may_be.map(|()| terms);
            let of = inner.of::<JointState>(principal, id);
            let (terms, step_up) = inner.run(&of, &RequestJoint { interaction, terms }).await?;
            let mut tokens = Vec::new();
            let (mut why, mut digits) = (None, None);
            for one in &terms.approvers {
                let theirs = seen_by(&one.customer, interaction);
                let asked = request.of_each();
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

    /// Whether a new one may be asked for, before anything of it is written. It is counted against the agent first, as the
    /// prompt of the first approver, which it is: else a refusal would tell for nothing which customers have a credential.
    async fn may_be_asked(
        self,
        interaction: &Interaction,
        request: &JointStepUpRequest,
        id: [u8; 16],
        terms: &JointTerms,
    ) -> Result<(), Stop> {
        let inner = self.0;
        if let Some(first) = terms.approvers.first() {
            let theirs = seen_by(&first.customer, interaction);
            let member = inner.member(id, terms, first);
            StepUps(inner).counted_by_agent(&theirs, &request.of_each(), member.0).await?;
        }
        StepUps(inner).rung_back(interaction, &request.what, terms.at)?;
        // Nobody is asked for what cannot come about.
        if self.able(interaction, request).await? < request.needed.into() {
            return Err(Reason::NoCredential.into());
        }
        Ok(())
    }

    /// How many of those who are to be asked have a credential for it.
    async fn able(
        self,
        interaction: &Interaction,
        request: &JointStepUpRequest,
    ) -> Result<usize, Error> {
        let asked = request.of_each();
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
            leg: interaction.leg.as_ref().map(|_| inner.policy.legs.of(interaction, at)),
            ring_back: interaction.ring_back.clone(),
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
            let given = counting(&cast, |_| true).len();
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
    /// `interaction` and `transaction` are what the back end is about to act on; `mandate` is who may approve that in the
    /// name of this customer, from the host's register and never from the request; `key` is its idempotency key for the
    /// act: the same key again gives the same proof, another one nothing. It is repeated as long as the approvers' own
    /// records are kept.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if fewer approvals stand than are needed, fewer or others were asked than the mandate says, one of
    /// the set declined, it has ended, was redeemed under another key, or was asked for in another interaction, by another
    /// agent or for another transaction; [`Invalid::Approvers`] if the mandate is none.
    pub async fn redeem(
        self,
        interaction: &Interaction,
        id: &JointStepUpId,
        transaction: &Transaction,
        mandate: &Mandate,
        key: &RequestId,
    ) -> Result<JointlyRedeemed, Error> {
        call!("joint_step_ups.redeem", async {
            let what = transaction.clone().into();
            let redeemed = self.redeemed(interaction, id, &what, (mandate, key)).await?;
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
        mandate: &Mandate,
        key: &RequestId,
    ) -> Result<JointlyRedeemed<ActionDetails>, Error> {
        call!("joint_step_ups.redeem_action", async {
            let what = action.clone().into();
            let redeemed = self.redeemed(interaction, id, &what, (mandate, key)).await?;
            Ok(redeemed.of(action.clone()))
        })
    }

    async fn redeemed(
        self,
        interaction: &Interaction,
        id: &JointStepUpId,
        what: &Approvable,
        (mandate, key): (&Mandate, &RequestId),
    ) -> Result<JointlyRedeemed<Approvable>, Error> {
        let (inner, principal): (_, &CustomerId) = (self.0, &interaction.customer);
        mandate.check().map_err(Invalid::from)?;
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
        let cast = &cast;
        let event = RedeemJoint { issuer, principal, interaction, what, key, mandate, terms, cast };
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
        ring_back: interaction.ring_back.clone().filter(|_| is_on_line),
        ..interaction.clone()
    }
}
