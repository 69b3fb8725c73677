//! What has become of a step-up: the grant for the desktop, and the proof that the back end turns it into.

use crate::credential::held::held;
use crate::credential::view::CredentialStatus;
use crate::crypto::pae;
use crate::engine::trace::call;
use crate::error::{Error, Refused};
use crate::policy::Act;
use crate::signature::key::KeyFingerprint;
use crate::step_up::facet::StepUps;
use crate::step_up::request::Redeemed;
use crate::step_up::rules::{Redeem, Standing};
use crate::step_up::standing::standing;
use crate::step_up::state::{Phase, StepUpState};
use crate::step_up::statement::Statement;
use crate::step_up::token::GrantData;
use crate::step_up::view::{Grant, ShortToken, StepUpOutcome, StepUpStatus};
use crate::token::{Audience, Leeway, Purpose, TokenId, TrustedKeys, UntrustedToken};
use crate::values::action::approvable::Approvable;
use crate::values::action::details::ActionDetails;
use crate::values::id::{CustomerId, RequestId, StepUpId};
use crate::values::interaction::Interaction;
use crate::values::transaction::Transaction;

impl StepUps<'_> {
    /// What has become of it, for the agent who asked, in the interaction in which they asked. Writes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] to any other agent and in any other interaction.
    pub async fn outcome(
        self,
        interaction: &Interaction,
        id: &StepUpId,
    ) -> Result<StepUpOutcome, Error> {
        call!("step_ups.outcome", async {
            let customer = &interaction.customer;
            let (loaded, clock) =
                self.0.read_for::<StepUpState>(customer, id.0).await?.ok_or(Refused::new())?;
            let state = &loaded.body.state;
            // One of several approvals is none, and no grant is given for it.
            if state.terms.interaction != interaction.id
                || *state.holder() != interaction.agent.id
                || state.terms.joint.is_some()
            {
                return Err(Refused::new().into());
            }
            Ok(match (state.status(self.0.context(&loaded, id.0, clock).now), &state.phase) {
                (StepUpStatus::Approved | StepUpStatus::Redeemed, Phase::Approved(approval))
                | (_, Phase::Redeemed { approval, .. }) => {
                    let terms = &state.terms;
                    let data = GrantData::new(
                        *id,
                        terms.interaction.clone(),
                        terms.agent.clone(),
                        terms.what.clone(),
                    )
                    .handed_over_to(state.handed_over.as_ref().map(|handed| handed.to.clone()));
                    let jti = grant_id(terms.statement(&self.0.issuer, customer, id.0));
                    let signing = self.0.signing()?;
                    let valid_for = approval.until.since(approval.at);
                    let token =
                        self.0.sign(signing, customer, jti, approval.at, valid_for, data).await?;
                    StepUpOutcome::Approved(Grant { step_up: *id, token: ShortToken(token) })
                }
                (StepUpStatus::Declined, _) => StepUpOutcome::Declined,
                (StepUpStatus::Expired, _) => StepUpOutcome::Expired,
                (StepUpStatus::Transferred, _) => StepUpOutcome::Transferred,
                _ => {
                    let held = held(self.0, customer, state.terms.credential).await?;
                    let usable = held.is_some_and(|held| {
                        held.shown.status == CredentialStatus::Active
                            && held.shown.key == state.terms.key
                    });
                    if usable { StepUpOutcome::Waiting } else { StepUpOutcome::Refused }
                }
            })
        })
    }

    /// The back end turns a grant into the proof that a high-risk function asks for, once.
    ///
    /// `interaction` and `transaction` are what the back end is about to act on, `key` is its
    /// idempotency key for the act: the same key again gives the same proof, another one nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the grant is not genuine, has expired, was redeemed under another key,
    /// or was given in another interaction, to another agent (unless the call [went over](Self::hand_over) to this one) or
    /// for another transaction; and if the
    /// credential that approved it has been revoked before it was redeemed.
    pub async fn redeem(
        self,
        interaction: &Interaction,
        grant: &Grant,
        transaction: &Transaction,
        key: &RequestId,
    ) -> Result<Redeemed, Error> {
        call!("step_ups.redeem", async {
            let what = transaction.clone().into();
            let redeemed = self.redeemed(interaction, grant, &what, key, None).await?;
            Ok(redeemed.of(transaction.clone()))
        })
    }

    /// The same for a host that keeps its customers' fingerprints in another place: only what was signed under the key of
    /// this one. Whoever holds the enterprise's keys and writes its rows can put another key in, and not there.
    ///
    /// # Errors
    ///
    /// As [`redeem`](Self::redeem), and [`Error::Refused`] if it was signed under another key, or not signed.
    pub async fn redeem_signed_by(
        self,
        interaction: &Interaction,
        grant: &Grant,
        transaction: &Transaction,
        key: &RequestId,
        expected: &KeyFingerprint,
    ) -> Result<Redeemed, Error> {
        call!("step_ups.redeem_signed_by", async {
            let what = transaction.clone().into();
            let redeemed = self.redeemed(interaction, grant, &what, key, Some(*expected)).await?;
            Ok(redeemed.of(transaction.clone()))
        })
    }

    /// The same for an action: no proof of one is a proof of a transaction, nor the other way round.
    ///
    /// # Errors
    ///
    /// As [`redeem`](Self::redeem).
    pub async fn redeem_action(
        self,
        interaction: &Interaction,
        grant: &Grant,
        action: &ActionDetails,
        key: &RequestId,
    ) -> Result<Redeemed<ActionDetails>, Error> {
        call!("step_ups.redeem_action", async {
            let what = action.clone().into();
            let redeemed = self.redeemed(interaction, grant, &what, key, None).await?;
            Ok(redeemed.of(action.clone()))
        })
    }

    /// The same for an action, as [`redeem_signed_by`](Self::redeem_signed_by).
    ///
    /// # Errors
    ///
    /// As [`redeem_signed_by`](Self::redeem_signed_by).
    pub async fn redeem_action_signed_by(
        self,
        interaction: &Interaction,
        grant: &Grant,
        action: &ActionDetails,
        key: &RequestId,
        expected: &KeyFingerprint,
    ) -> Result<Redeemed<ActionDetails>, Error> {
        call!("step_ups.redeem_action_signed_by", async {
            let what = action.clone().into();
            let redeemed = self.redeemed(interaction, grant, &what, key, Some(*expected)).await?;
            Ok(redeemed.of(action.clone()))
        })
    }

    async fn redeemed(
        self,
        interaction: &Interaction,
        grant: &Grant,
        what: &Approvable,
        key: &RequestId,
        expected: Option<KeyFingerprint>,
    ) -> Result<Redeemed<Approvable>, Error> {
        let customer = &interaction.customer;
        self.0.allows_leg(interaction, (Act::StepUp, what.transaction()), None)?;
        let id = grant.step_up.0;
        let known = self.0.read_for::<StepUpState>(customer, id).await?;
        let (genuine, credential) = match &known {
            Some((loaded, _)) => {
                let state = &loaded.body.state;
                let genuine = self.genuine(customer, grant, state);
                let standing = match genuine {
                    Some(_) => standing(self.0, customer, &state.terms).await?,
                    None => Standing::Stands,
                };
                (genuine, standing)
            }
            None => (None, Standing::Stands),
        };
        let key = pae::sha256(&[b"countersign redemption key v1", key.as_str().as_bytes()]);
        let key = pae::first(&key);
        let issuer = &self.0.issuer;
        let event =
            Redeem { issuer, customer, interaction, what, key, genuine, credential, expected };
        self.0.run(&self.0.of(customer, id), &event).await
    }

    /// What `state` says, if we signed `grant` for that. When it expires is the state's to say.
    fn genuine(
        self,
        customer: &CustomerId,
        grant: &Grant,
        state: &StepUpState,
    ) -> Option<Statement> {
        let (Phase::Approved(approval) | Phase::Redeemed { approval, .. }) = &state.phase else {
            return None;
        };
        let mut keys = TrustedKeys::new(self.0.issuer.clone());
        for key in self.0.public_keys() {
            // A key that was published twice is trusted once.
            let _ = keys.trust(*key, Purpose::Grant);
        }
        let audience = Audience::from(customer);
        let verified = UntrustedToken::parse(&grant.token.0).and_then(|token| {
            token.verify::<GrantData>(&keys, &audience, approval.at, Leeway::NONE)
        });
        let terms = &state.terms;
        let wanted = GrantData::new(
            grant.step_up,
            terms.interaction.clone(),
            terms.agent.clone(),
            terms.what.clone(),
        )
        .handed_over_to(state.handed_over.as_ref().map(|handed| handed.to.clone()));
        let statement = terms.statement(&self.0.issuer, customer, grant.step_up.0);
        let genuine = verified.is_ok_and(|verified| {
            let claims = verified.claims();
            claims.id() == grant_id(statement) && *claims.data() == wanted
        });
        genuine.then_some(statement)
    }
}

/// The id of the grant of an approved step-up: it stands for what was approved.
fn grant_id(statement: Statement) -> TokenId {
    TokenId::from_bytes(statement.named(b"countersign grant id v2"))
}
