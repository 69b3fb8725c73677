//! The facet for step-ups.

use std::sync::Arc;

use crate::credential::held::{credentials_of, held};
use crate::credential::method::Method;
use crate::credential::rules::check_code::Check;
use crate::credential::rules::evaluate_code::delivered_code;
use crate::credential::view::{Credential, CredentialStatus};
use crate::crypto::pae;
use crate::customer::anchor::{held_and_anchored, not_erased};
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::{fit_to_ask, without_cards};
use crate::engine::page::Page;
use crate::engine::trace::call;
use crate::error::{Error, Failure, Invalid, Reason, Refused, Stop};
use crate::history::event::{Action, Actor, EventDraft};
use crate::otp::Code;
use crate::otp::ocra::Response;
use crate::policy::Act;
use crate::signature::key::KeyFingerprint;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::count::Limit;
use crate::step_up::delivery::Delivery;
use crate::step_up::evidence::Evidence;
use crate::step_up::export::export;
use crate::step_up::joint::state::JointState;
use crate::step_up::joint::statement::JointData;
use crate::step_up::joint::transfer::EndJoint;
use crate::step_up::number_match::{AskedDigits, MatchDigits};
use crate::step_up::prompt_rules::ResumePrompts;
use crate::step_up::prompting::{Answered, prompts_of};
use crate::step_up::request::{Redeemed, StepUpRequest, StepUpRequested};
use crate::step_up::rules::{Approve, Decline, Deliver, Redeem, Request, Standing};
use crate::step_up::standing::standing;
use crate::step_up::state::{Phase, StepUpState, Terms};
use crate::step_up::statement::Statement;
use crate::step_up::step_answer::GivenAnswer;
use crate::step_up::token::GrantData;
use crate::step_up::transfer::HandOver;
use crate::step_up::view::{Grant, Prompts, ShortToken, StepUp, StepUpOutcome, StepUpStatus};
use crate::step_up::who_rang::DeclineReason;
use crate::token::{Audience, Leeway, Purpose, TokenId, TrustedKeys, UntrustedToken};
use crate::values::action::approvable::Approvable;
use crate::values::action::details::ActionDetails;
use crate::values::id::{AgentId, CustomerId, RequestId, StepUpId};
use crate::values::interaction::Interaction;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// Step-ups: see [`Verifier::step_ups`](crate::Verifier::step_ups).
///
/// The agent's desktop calls `request` and `outcome`, which neither take nor return a code. The
/// customer's app calls `submit` and `decline`. The back end calls `redeem` and `delivery`.
/// Repeating a call whose answer was lost gives the first result again and counts nothing.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then, or repeating the call finishes
/// it. An unknown id and another customer's are refused alike.
///
/// # What an agent's code calls
///
/// What the desktop calls takes no code and returns none; what returns one cannot be passed on to a
/// desktop:
///
/// ```
/// # use countersign::{AgentSafe, Error, Interaction, StepUpId};
/// # use countersign::step_up::{StepUpRequest, StepUps};
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: StepUps<'_>, call: &Interaction, asked: &StepUpRequest, id: &StepUpId) {
///     sent_to_desktop(async { Ok(of.request(call, asked).await?.step_up) }).await;
///     sent_to_desktop(of.outcome(call, id)).await;
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use countersign::{AgentSafe, CustomerId, Error, StepUpId};
/// # use countersign::step_up::StepUps;
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: StepUps<'_>, customer: &CustomerId, id: &StepUpId) {
///     sent_to_desktop(of.delivery(customer, id)).await;
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use countersign::{AgentSafe, CustomerId, Error};
/// # use countersign::credential::{Credentials, EnrolmentRequest};
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: Credentials<'_>, customer: &CustomerId, enrolment: &EnrolmentRequest) {
///     sent_to_desktop(of.enrol(customer, enrolment)).await;
/// }
/// ```
///
/// A code that a customer says aloud has no place to go:
///
/// ```compile_fail,E0061
/// # use countersign::Interaction;
/// # use countersign::otp::ocra::Response;
/// # use countersign::step_up::{StepUpRequest, StepUps};
/// async fn desktop(of: StepUps<'_>, call: &Interaction, asked: &StepUpRequest, code: &Response) {
///     let _ = of.request(call, asked, code).await;
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use countersign::{Interaction, StepUpId};
/// # use countersign::otp::ocra::Response;
/// # use countersign::step_up::StepUps;
/// async fn desktop(of: StepUps<'_>, call: &Interaction, id: &StepUpId, code: &Response) {
///     // It takes the customer, whom the host has authenticated, and not an interaction.
///     let _ = of.submit(call, id, code).await;
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StepUps<'a>(pub(crate) &'a Enterprise);

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
        let mut holds = None;
        let terms = match self.0.read_for::<StepUpState>(customer, id).await? {
            Some((loaded, _))
                if request.method.is_some_and(|by| by != loaded.body.state.terms.method) =>
            {
                return Err(Invalid::RequestReused.into());
            }
            // Repeated: what was drawn then stands, whatever has become of the credential.
            Some((loaded, _)) => Ok(Terms {
                interaction: interaction.id.clone(),
                agent: interaction.agent.id.clone(),
                direction: interaction.direction,
                agent_name: request.agent_name.clone(),
                what: request.what.clone(),
                joint: joint.map(|(joint, _)| joint),
                ..loaded.body.state.terms
            }),
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
                let counted = Stop::made(self.counted(interaction, request, id, joint).await)?;
                counted.map(|(terms, held)| {
                    holds = Some(held);
                    terms
                })
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
    /// none; and how often prompts were held off until then. In this order: an agent who has asked too often uses up no
    /// customer's, and cannot go on asking which customers have a credential.
    async fn counted(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
        id: [u8; 16],
        joint: Option<(JointData, Timestamp)>,
    ) -> Result<(Terms, u32), Stop> {
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
            Ok(()) => {}
            Err(error) => {
                let Some(at) = error.retry_at() else { return Err(error.into()) };
                let at = self.0.prompt_room(customer, &prompt, at).await?;
                return Err(Failure::Limited(at).into());
            }
        }
        let terms = self.terms(interaction, request, joint).await?;
        let holds = self.0.count_prompt(customer, &prompt).await?;
        Ok((terms, holds))
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
        if let Some(rule) = inner.policy.step_ups.actions.ring_back(&request.what) {
            let leeway = inner.policy.leeway;
            rule.check(interaction.direction, request.ring_back.as_ref(), now, leeway)?;
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
        let (live, floor) = if request.what.is_new_authenticator() {
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

    /// The customer's app gives the answer, from its authenticated session alone: so nobody else
    /// can spend the customer's attempts.
    ///
    /// First it is looked whether the customer's answer to who rang whom fits, then whether the digits are those that the
    /// agent has. Only then is the code looked at, or the signature. The credential is written next and remembers for
    /// what it accepted the code; repeating the call finishes the approval and counts nothing. At most five store calls
    /// without a race; one more where digits are typed, and two more again if the last ones were wrong.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for wrong digits (counted apart from the PIN, the same digits once), a wrong or used code, a
    /// locked credential, and after a decline or the end of the time. Once the step-up is approved there is no wrong
    /// code any more.
    pub async fn submit<'a>(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        answer: impl Into<GivenAnswer<'a>>,
    ) -> Result<StepUp, Error> {
        call!("step_ups.submit", self.submitted(customer, id, answer.into()))
    }

    /// The same with a signature where neither digits nor who rang whom are asked: of a device key, and the PIN's code
    /// with it if the credential was enrolled
    /// [`with_code`](crate::credential::EnrolmentRequest::with_code).
    ///
    /// The signature is kept, and verified anew by [`redeem`](Self::redeem).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] as for [`submit`](Self::submit), and if the credential's key did not sign this very
    /// statement: that is not counted, and no code is looked at then.
    pub async fn submit_signed(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        signed: &SignedAnswer,
        code: Option<&Response>,
    ) -> Result<StepUp, Error> {
        let answer = GivenAnswer::of(code, Some(signed));
        call!("step_ups.submit_signed", self.submitted(customer, id, answer))
    }

    async fn submitted(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        answer: GivenAnswer<'_>,
    ) -> Result<StepUp, Error> {
        let engine = &self.0.engine;
        let of = engine.of::<StepUpState>(customer, id.0);
        let mut sealer = engine.sealer(&of);
        let GivenAnswer { who_rang, code: response, signed, .. } = answer;
        let (issuer, checked, refused) = (&engine.issuer, None, None);
        let mut approve = Approve { issuer, customer, checked, signed, who_rang, refused };
        let Some((loaded, clock)) = engine.read_with(&of, &mut sealer).await? else {
            // Refused there, and told to the observer.
            return engine.run(&of, &approve).await;
        };
        let state = &loaded.body.state;
        let is_open = state.status(engine.context(&loaded, id.0, clock).now);
        let mut was_wrong = false;
        if is_open == StepUpStatus::Requested {
            let terms = &state.terms;
            // Ended by another, or redeemed without this one: no code is looked at any more.
            if let Some(joint) = &terms.joint
                && engine.joint_has_ended(joint).await?
            {
                return engine.run_with(&of, &mut sealer, &approve).await;
            }
            match self.0.answered(customer, id, terms, &answer).await? {
                Answered::No(reason) => approve.refused = Some(reason),
                Answered::Yes { after_wrong } => {
                    was_wrong = after_wrong;
                    let covered = Terms { who_rang, ..terms.clone() };
                    let verified = EventDraft::by(Actor::Customer, Action::Verify)
                        .in_interaction(&terms.interaction);
                    let check = Check {
                        id: id.0,
                        note: EventDraft { step_up: Some(*id), ..verified },
                        statement: covered.statement(issuer, customer, id.0),
                        response,
                        signed,
                        key: terms.key,
                        signer: terms.signer,
                        from: terms.at,
                        until: terms.until,
                    };
                    let credential = engine.of(customer, terms.credential.0);
                    approve.checked = Some(engine.run(&credential, &check).await?);
                }
            }
        }
        let step_up = engine.run_with(&of, &mut sealer, &approve).await?;
        if was_wrong {
            self.0.end_row(customer).await?;
        }
        if let Some(joint) = &step_up.joint {
            Box::pin(engine.hear(customer, joint)).await?;
        }
        Ok(step_up)
    }

    /// The customer's app declines, and says why.
    ///
    /// [`NotMe`](DeclineReason::NotMe) ends everything that waits for the customer's approval, and holds off new prompts
    /// in interactions that the customer's app did not open, until [`resume_prompts`](Self::resume_prompts). It may also
    /// be said of a step-up whose time is over.
    ///
    /// The reason goes to the history and the observer as an action of its own, and never to the agent.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) after the end or an approval.
    pub async fn decline(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        reason: DeclineReason,
    ) -> Result<StepUp, Error> {
        call!("step_ups.decline", async {
            if reason == DeclineReason::NotMe {
                self.0.hold_off(customer, id).await?;
            }
            let step_up = self.0.run(&self.0.of(customer, id.0), &Decline(reason)).await?;
            if let Some(joint) = &step_up.joint {
                Box::pin(self.0.hear(customer, joint)).await?;
            }
            Ok(step_up)
        })
    }

    /// The customer's app allows prompts again, from its authenticated session alone: those that were held off or have
    /// stopped, and those that were too many for a day. Ask the customer for what an app asks before it changes
    /// settings; never call it from a desktop or for a caller.
    ///
    /// # Errors
    ///
    /// See [`StepUps`].
    pub async fn resume_prompts(self, customer: &CustomerId) -> Result<Prompts, Error> {
        call!("step_ups.resume_prompts", self.0.run(&prompts_of(self.0, customer), &ResumePrompts))
    }

    /// Whether the customer can be asked, for their app.
    ///
    /// # Errors
    ///
    /// See [`StepUps`].
    pub async fn prompts(self, customer: &CustomerId) -> Result<Prompts, Error> {
        call!("step_ups.prompts", async {
            let found = self.0.read(&prompts_of(self.0, customer)).await?;
            Ok(found.map(|(found, _)| found.body.state.shown(&self.0.policy)).unwrap_or_default())
        })
    }

    /// The back end reports that a conversation went over to another agent: `interaction` names the new one, `from` the
    /// one before. Call it when telephony says so, after the report to [`Contact`](crate::contact::Contact).
    ///
    /// Of what was asked for on that call, the newest hundred of the customer's at most: what has no answer yet names the
    /// first agent and ends ([`StepUpStatus::Transferred`]), to be asked anew with the new name. Of all else the outcome is
    /// the new agent's from now on, and the first one's no more; a grant names both, and
    /// [`Redeemed::handed_over_to`] says so. A grant that the first agent was given before counts no more. A
    /// [joint step-up](crate::step_up::joint) that is not redeemed ends as if it was declined: the new agent asks anew.
    ///
    /// # Errors
    ///
    /// See [`StepUps`]; repeating the call goes on.
    pub async fn hand_over(
        self,
        interaction: &Interaction,
        from: &AgentId,
    ) -> Result<Vec<StepUp>, Error> {
        call!("step_ups.hand_over", async {
            let customer = &interaction.customer;
            let hand_over = HandOver { interaction, from };
            let found = self.0.paged::<StepUpState, _>(customer, Page::first(), |found, id, _| {
                Ok(hand_over.is_of(&found.body.state).then_some(id))
            });
            let mut handed = Vec::new();
            for id in found.await?.items.into_iter().flatten() {
                handed.push(self.0.run(&self.0.of(customer, id), &hand_over).await?);
            }
            let end = EndJoint { interaction, from };
            let open =
                self.0.live(customer, |state: JointState, cx| end.is_of(&state).then_some(cx.id));
            for id in open.await?.all.into_iter().flatten() {
                match self.0.run(&self.0.of(customer, id), &end).await {
                    // Another ended it meanwhile.
                    Ok(()) | Err(Error::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(handed)
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

    /// Exports what is known of an approval, for a dispute: what was asked, shown, answered, typed and signed, how the
    /// credential was bound, and both histories with receipts. The customer need not be there, and nothing is written.
    ///
    /// Whoever has the enterprise's public keys verifies it: [`Evidence::verify`]. It can be exported as long as the
    /// step-up is kept ([`Policy::retention`](crate::Policy::retention)); export what is disputed in time.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it was not approved;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey); [`Error::Signer`].
    pub async fn evidence(self, customer: &CustomerId, id: &StepUpId) -> Result<Evidence, Error> {
        call!("step_ups.evidence", export(self.0, customer, id))
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

    /// The code for the host to send to the customer's number, if that is the method. The observer is told each time:
    /// whoever reads the code could answer in the customer's place.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is another method, the step-up has ended, or the credential is locked.
    pub async fn delivery(self, customer: &CustomerId, id: &StepUpId) -> Result<Delivery, Error> {
        call!("step_ups.delivery", async {
            let of = self.0.of::<StepUpState>(customer, id.0);
            let code = match self.0.read_for::<StepUpState>(customer, id.0).await? {
                Some((loaded, _)) => {
                    Stop::made(self.code_of(customer, id, &loaded.body.state).await)?
                }
                None => Err(Reason::Unknown.into()),
            };
            let issuer = &self.0.issuer;
            let made = code.as_ref().map(|(statement, _)| *statement).map_err(|why| *why);
            let what = self.0.run(&of, &Deliver { issuer, customer, code: made }).await?;
            // Of a kind that is registered no more nothing can be said to the customer.
            let in_words = match &what {
                Approvable::Transaction(transaction) => transaction.to_string(),
                Approvable::Action(action) => {
                    let rule = self.0.policy.step_ups.actions.rule_of(action);
                    let words = rule.and_then(|rule| rule.form.in_words(action));
                    words.map_err(Invalid::from)?
                }
            };
            Ok(Delivery { code: code.map_err(|_| Error::Internal)?.1, what, in_words })
        })
    }

    /// The code that answers a step-up whose method is a delivered one.
    async fn code_of(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        state: &StepUpState,
    ) -> Result<(Statement, Box<Code>), Stop> {
        let terms = &state.terms;
        if terms.method != Method::Delivered {
            return Err(Reason::NoCredential.into());
        }
        let held = held(self.0, customer, terms.credential).await?.ok_or(Reason::NoCredential)?;
        // A locked one would refuse the code.
        if held.shown.status != CredentialStatus::Active {
            return Err(Reason::Locked.into());
        }
        if held.shown.key != terms.key {
            return Err(Reason::NoCredential.into());
        }
        let statement = terms.statement(&self.0.issuer, customer, id.0);
        let code = delivered_code(&held.state, &statement.0).ok_or(Reason::NoCredential)?;
        Ok((statement, code))
    }
}

/// The id of the grant of an approved step-up: it stands for what was approved.
fn grant_id(statement: Statement) -> TokenId {
    TokenId::from_bytes(statement.named(b"countersign grant id v2"))
}
