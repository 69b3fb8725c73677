//! Asking a customer to approve: what is asked of whom, with which credential, and whether there is room for it.

use std::sync::Arc;

use crate::credential::held::credentials_of;
use crate::credential::method::Method;
use crate::credential::view::{Credential, CredentialStatus};
use crate::customer::anchor::{held_and_anchored, not_erased};
use crate::engine::free_text::{fit_to_ask, without_cards};
use crate::engine::trace::call;
use crate::error::{Error, Failure, Invalid, Reason, Stop};
use crate::policy::{Act, Reached};
use crate::step_up::count::Limit;
use crate::step_up::facet::StepUps;
use crate::step_up::joint::statement::JointData;
use crate::step_up::number_match::{AskedDigits, MatchDigits};
use crate::step_up::prompt_rules::AskPrompt;
use crate::step_up::request::{StepUpRequest, StepUpRequested};
use crate::step_up::rules::Request;
use crate::step_up::state::{Phase, StepUpState, Terms};
use crate::token::TokenId;
use crate::values::action::approvable::Approvable;
use crate::values::id::CustomerId;
use crate::values::interaction::Interaction;
use crate::values::time::Timestamp;

impl StepUps<'_> {
    /// The agent on `interaction` asks the customer to approve a transaction in the app.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the policy does not allow it on the channel, the customer has no
    /// credential for it, or it was asked for too often lately, of this customer or by this agent
    /// ([`Error::retry_at`] says when there is room);
    /// [`Invalid::Leg`] if the policy does not allow it on this line, with what the agent can do;
    /// [`Error::Invalid`] if the request id was used for something else or a text holds a card number;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey); [`Error::Signer`]: the call repeated
    /// gives the token of what was asked for then.
    pub async fn request(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
    ) -> Result<StepUpRequested, Error> {
        call!("step_ups.request", async {
            let id = self.0.keyring.locate(&[
                b"countersign step-up v1",
                self.0.issuer.as_str().as_bytes(),
                interaction.customer.as_str().as_bytes(),
                interaction.id.as_str().as_bytes(),
                request.request.as_str().as_bytes(),
            ]);
            self.asked(interaction, request, id, None).await
        })
    }

    /// The same under this id; as one of several approvers, until when they may answer.
    pub(crate) async fn asked(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
        id: [u8; 16],
        joint: Option<(JointData, Timestamp)>,
    ) -> Result<StepUpRequested, Error> {
        // Nothing is asked for that cannot be signed.
        self.0.signing()?;
        let customer = &interaction.customer;
        let holds;
        let terms = match self.0.read_for::<StepUpState>(customer, id).await? {
            Some((loaded, _))
                if request.method.is_some_and(|by| by != loaded.body.state.terms.method) =>
            {
                return Err(Invalid::RequestReused.into());
            }
            // Repeated: what was drawn then stands, whatever has become of the credential.
            Some((loaded, _)) => {
                let state = loaded.body.state;
                // Whoever wrote it may not have come to look.
                holds = Some(state.terms.holds).filter(|_| state.phase == Phase::Requested);
                Ok(Terms {
                    interaction: interaction.id.clone(),
                    agent: interaction.agent.id.clone(),
                    direction: interaction.direction,
                    agent_name: request.agent_name.clone(),
                    what: request.what.clone(),
                    joint: joint.map(|(joint, _)| joint),
                    ..state.terms
                })
            }
            None => {
                not_erased(self.0, customer).await?;
                // Before anything is counted: the agent does it again on another line. Of several approvers' the line
                // was looked at already.
                if joint.is_none() {
                    let act = (Act::StepUp, request.what.transaction());
                    self.0.allows_leg(interaction, act, None)?;
                }
                without_cards([&request.agent_name])?;
                fit_to_ask(&self.0.policy.step_ups.actions, &request.what)?;
                // Boxed, as it is large.
                let counted = Box::pin(self.counted(interaction, request, id, joint));
                let counted = Stop::made(counted.await)?;
                holds = counted.as_ref().ok().map(|terms| terms.holds);
                counted
            }
        };
        let of = self.0.of::<StepUpState>(customer, id);
        let (terms, step_up) = self.0.run(&of, &Request { interaction, terms }).await?;
        if let Some(holds) = holds {
            self.0.not_overtaken(customer, id, holds).await?;
        }
        let digits = terms.digits.as_ref().map(|digits| digits.0.copied());
        Ok(StepUpRequested { step_up, token: self.token(customer, id, &terms).await?, digits })
    }

    /// The token of a step-up with these terms, the same each time.
    pub(crate) async fn token(
        self,
        customer: &CustomerId,
        id: [u8; 16],
        terms: &Terms,
    ) -> Result<String, Error> {
        self.0.token(customer, terms.nonce, terms.at, terms.until, terms.data(id)).await
    }

    /// The terms of a new step-up, counted against the limits of agent, interaction and customer, or why there is
    /// none. In this order: an agent who has asked too often uses up no
    /// customer's, and cannot go on asking which customers have a credential.
    async fn counted(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
        id: [u8; 16],
        joint: Option<(JointData, Timestamp)>,
    ) -> Result<Terms, Stop> {
        let prompt = self.counted_by_agent(interaction, request, id).await?;
        let terms = self.terms(interaction, request, joint).await?;
        let holds = self.0.count_prompt(&interaction.customer, &prompt).await?;
        Ok(Terms { holds, ..terms })
    }

    /// Counts it against the agent's limit; gives the prompt, which is to be counted against the others.
    pub(crate) async fn counted_by_agent(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
        id: [u8; 16],
    ) -> Result<AskPrompt, Stop> {
        let asked: &[&[u8]] = &[
            b"countersign step-up asked v1",
            &id,
            &[interaction.direction.number()],
            interaction.agent.id.as_str().as_bytes(),
            request.agent_name.as_str().as_bytes(),
            &request.what.canonical(),
        ];
        let prompt = self.0.prompt(interaction, id, asked);
        let by_agent = Limit {
            whose: interaction.agent.id.as_str(),
            label: b"countersign step-ups by agent v1",
            most: self.0.policy.step_ups.per_agent,
        };
        let customer = &interaction.customer;
        match self.0.count_step_up(customer, prompt.new, &by_agent).await {
            Ok(()) => Ok(prompt),
            Err(error) => {
                let Some(at) = error.retry_at() else { return Err(error.into()) };
                let at = self.0.prompt_room(customer, &prompt, at).await?;
                Err(Failure::Limited(at).into())
            }
        }
    }

    /// Whether what is asked may be asked on this line, if it may be only after the enterprise rang back.
    pub(crate) fn rung_back(
        self,
        interaction: &Interaction,
        what: &Approvable,
        now: Timestamp,
    ) -> Result<(), Reason> {
        let policy = &self.0.policy;
        let reached = Reached {
            direction: interaction.direction,
            leg: policy.legs.of(interaction, now),
            ring_back: interaction.ring_back.as_ref(),
        };
        policy.step_ups.actions.rung_back(what, &reached, now, policy.leeway)
    }

    /// The terms of a new step-up, or why there is none.
    async fn terms(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
        joint: Option<(JointData, Timestamp)>,
    ) -> Result<Terms, Stop> {
        let inner = self.0;
        let now = inner.clock.now().map_err(Error::from)?;
        let (joint, until) = joint.unzip();
        // Nobody is asked who could not answer in time.
        if until.is_some_and(|until| until <= now) {
            return Err(Reason::Ended.into());
        }
        let longest = now.after(inner.policy.step_ups.valid_for);
        if !inner.policy.channels.allows(Act::StepUp, interaction.channel) {
            return Err(Reason::ChannelNotAllowed.into());
        }
        // Of several approvers' line it was looked at already.
        if joint.is_none() {
            self.rung_back(interaction, &request.what, now)?;
        }
        let held = self.credential(interaction, request).await?.ok_or(Reason::NoCredential)?;
        let mut nonce = [0; 16];
        inner.random.fill(&mut nonce).map_err(Error::from)?;
        let (policy, what) = (&inner.policy.step_ups, &request.what);
        // The other approvers are not on the call: nobody says digits to them, and they rang nobody.
        let on_call = joint.as_ref().is_none_or(|joint| joint.principal == interaction.customer);
        let digits = if on_call && policy.asks_digits(held.method, what) {
            let drawn = MatchDigits::draw(&*inner.random).map_err(Error::from)?;
            Some(AskedDigits(Arc::new(drawn)))
        } else {
            None
        };
        Ok(Terms {
            digits,
            asks_who: on_call && policy.asks_who_rang(held.method, what),
            who_rang: None,
            in_app: interaction.opened_in_app,
            holds: 0,
            credential: held.id,
            key: held.key,
            method: held.method,
            signer: held.public_key,
            with_code: held.with_code,
            suite: held.suite,
            interaction: interaction.id.clone(),
            agent: interaction.agent.id.clone(),
            direction: interaction.direction,
            agent_name: request.agent_name.clone(),
            what: request.what.clone(),
            joint,
            leg: interaction.leg.as_ref().map(|_| inner.policy.legs.of(interaction, now)),
            ring_back: interaction.ring_back.clone(),
            nonce: TokenId::from_bytes(nonce),
            at: now,
            until: until.map_or(longest, |until| until.min(longest)),
        })
    }

    /// The customer's best credential that may approve this: of the best method, the app before a fob,
    /// then the one that has served longest. `None` also if a better one is locked or disabled: wrong codes
    /// must not lead to a weaker one, unless the agent asks for its method.
    pub(crate) async fn credential(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
    ) -> Result<Option<Credential>, Error> {
        let inner = self.0;
        let rank = |of: &Credential| (of.method, of.imported, of.since, of.id);
        let (mut best, mut locked): (Option<&Credential>, Option<_>) = (None, None);
        let customer = &interaction.customer;
        let reserved = &inner.policy.step_ups.reserved;
        let asks_floor =
            request.what.is_new_authenticator() || reserved.depends_on_floor(&request.what);
        let (live, floor) = if asks_floor {
            let (live, anchored) = held_and_anchored(self.0, customer).await?;
            let floor = anchored.has_had_key(&live.all);
            (live, floor)
        } else {
            (credentials_of(self.0, customer).await?, false)
        };
        for held in &live.all {
            // No name and no lock leads below the floor.
            let wanted = (!floor || held.method.signs())
                && request.method.is_none_or(|method| method == held.method)
                && inner.policy.step_ups.allows_approval(held.method, &request.what);
            let better = |than: &&Credential| rank(held) < rank(than);
            match held.status {
                CredentialStatus::Active if wanted && best.as_ref().is_none_or(better) => {
                    best = Some(held);
                }
                CredentialStatus::Locked | CredentialStatus::Disabled if wanted => {
                    let kind = (held.method, held.imported);
                    locked = Some(locked.map_or(kind, |than: (Method, bool)| than.min(kind)));
                }
                _ => {}
            }
        }
        let named = request.method.is_some();
        let gives_way = |best: &Credential| {
            !named && locked.is_some_and(|locked| locked < (best.method, best.imported))
        };
        let best = live.or_unreadable(best)?;
        Ok(best.filter(|best| !gives_way(best)).cloned())
    }
}
