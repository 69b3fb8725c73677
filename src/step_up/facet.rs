//! The facet for step-ups.

use crate::credential::held::{credentials_of, held};
use crate::credential::method::Method;
use crate::credential::rules::check_code::Check;
use crate::credential::rules::evaluate_code::delivered_code;
use crate::credential::view::{Credential, CredentialStatus};
use crate::crypto::pae;
use crate::customer::anchor::{held_and_anchored, not_erased};
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::{fit_to_ask, without_cards};
use crate::engine::trace::call;
use crate::error::{Error, Invalid, Reason, Refused, Stop};
use crate::otp::Code;
use crate::otp::ocra::Response;
use crate::policy::Act;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::count::Limit;
use crate::step_up::delivery::Delivery;
use crate::step_up::joint::statement::JointData;
use crate::step_up::request::{Redeemed, StepUpRequest, StepUpRequested};
use crate::step_up::rules::{Approve, Decline, Deliver, Redeem, Request, Standing};
use crate::step_up::standing::standing;
use crate::step_up::state::{Phase, StepUpState, Terms};
use crate::step_up::statement::Statement;
use crate::step_up::token::GrantData;
use crate::step_up::view::{Grant, ShortToken, StepUp, StepUpOutcome, StepUpStatus};
use crate::token::{Audience, Leeway, Purpose, TokenId, TrustedKeys, UntrustedToken};
use crate::values::action::approvable::Approvable;
use crate::values::action::details::ActionDetails;
use crate::values::id::{CustomerId, RequestId, StepUpId};
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
                without_cards([&request.agent_name])?;
                fit_to_ask(&self.0.policy.step_ups.actions, &request.what)?;
                Stop::made(self.counted(interaction, request, id, joint).await)?
            }
        };
        let of = self.0.of::<StepUpState>(customer, id);
        let (terms, step_up) = self.0.run(&of, &Request { interaction, terms }).await?;
        Ok(StepUpRequested { step_up, token: self.token(customer, id, &terms).await? })
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

    /// The terms of a new step-up, counted against the agent's and the customer's limit, or why there is
    /// none. In this order: an agent who has asked too often uses up no customer's, and cannot go on
    /// asking which customers have a credential.
    async fn counted(
        self,
        interaction: &Interaction,
        request: &StepUpRequest,
        id: [u8; 16],
        joint: Option<(JointData, Timestamp)>,
    ) -> Result<Terms, Stop> {
        let policy = &self.0.policy.step_ups;
        let by_agent = Limit {
            whose: interaction.agent.id.as_str(),
            label: b"countersign step-ups by agent v1",
            most: policy.per_agent,
        };
        let of_customer = Limit {
            whose: interaction.customer.as_str(),
            label: b"countersign step-ups of customer v1",
            most: policy.per_customer,
        };
        let asked: &[&[u8]] = &[
            b"countersign step-up asked v1",
            &id,
            &[interaction.direction.number()],
            interaction.agent.id.as_str().as_bytes(),
            request.agent_name.as_str().as_bytes(),
            &request.what.canonical(),
        ];
        let (customer, of_customer) = (&interaction.customer, [of_customer]);
        self.0.count(customer, asked, &[by_agent], &of_customer).await?;
        let terms = self.terms(interaction, request, joint).await?;
        self.0.count(customer, asked, &of_customer, &[]).await?;
        Ok(terms)
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
        Ok(Terms {
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
            let floor = anchored.has_floor(&live.all, inner.clock.now()?);
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
                || state.terms.agent != interaction.agent.id
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
                    );
                    let jti = grant_id(terms.statement(&self.0.issuer, customer, id.0));
                    let signing = self.0.signing()?;
                    let valid_for = approval.until.since(approval.at);
                    let token =
                        self.0.sign(signing, customer, jti, approval.at, valid_for, data).await?;
                    StepUpOutcome::Approved(Grant { step_up: *id, token: ShortToken(token) })
                }
                (StepUpStatus::Declined, _) => StepUpOutcome::Declined,
                (StepUpStatus::Expired, _) => StepUpOutcome::Expired,
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

    /// The customer's app gives the response, from its authenticated session alone: so nobody else
    /// can spend the customer's attempts.
    ///
    /// The credential is written first and remembers for what it accepted the code; repeating the
    /// call finishes the approval and counts nothing. At most five store calls without a race.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a wrong or used code, a locked credential, and after a decline or the end of
    /// the time. Once the step-up is approved there is no wrong code any more.
    pub async fn submit(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        response: &Response,
    ) -> Result<StepUp, Error> {
        call!("step_ups.submit", self.submitted(customer, id, Some(response), None))
    }

    /// The same with a signature: of a device key, and the PIN's code with it if the credential was enrolled
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
        call!("step_ups.submit_signed", self.submitted(customer, id, code, Some(signed)))
    }

    async fn submitted(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        response: Option<&Response>,
        signed: Option<&SignedAnswer>,
    ) -> Result<StepUp, Error> {
        let engine = &self.0.engine;
        let of = engine.of::<StepUpState>(customer, id.0);
        let mut sealer = engine.sealer(&of);
        let Some((loaded, clock)) = engine.read_with(&of, &mut sealer).await? else {
            // Refused there, and told to the observer.
            let (issuer, checked) = (&engine.issuer, None);
            return engine.run(&of, &Approve { issuer, customer, checked, signed }).await;
        };
        let state = &loaded.body.state;
        let issuer = &engine.issuer;
        let checked = match state.status(engine.context(&loaded, id.0, clock).now) {
            StepUpStatus::Requested => {
                let terms = &state.terms;
                // Ended by another, or redeemed without this one: no code is looked at any more.
                if let Some(joint) = &terms.joint
                    && engine.joint_has_ended(joint).await?
                {
                    let approve = Approve { issuer, customer, checked: None, signed: None };
                    return engine.run_with(&of, &mut sealer, &approve).await;
                }
                let check = Check {
                    step_up: *id,
                    statement: terms.statement(issuer, customer, id.0),
                    response,
                    signed,
                    key: terms.key,
                    signer: terms.signer,
                    interaction: &terms.interaction,
                    from: terms.at,
                    until: terms.until,
                };
                let credential = engine.of(customer, terms.credential.0);
                Some(engine.run(&credential, &check).await?)
            }
            _ => None,
        };
        let approve = Approve { issuer, customer, checked, signed };
        let step_up = engine.run_with(&of, &mut sealer, &approve).await?;
        if let Some(joint) = &step_up.joint {
            engine.hear(customer, joint).await?;
        }
        Ok(step_up)
    }

    /// The customer's app declines.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] after the end or an approval.
    pub async fn decline(self, customer: &CustomerId, id: &StepUpId) -> Result<StepUp, Error> {
        call!("step_ups.decline", async {
            let step_up = self.0.run(&self.0.of(customer, id.0), &Decline).await?;
            if let Some(joint) = &step_up.joint {
                self.0.hear(customer, joint).await?;
            }
            Ok(step_up)
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
    /// or was given in another interaction, to another agent or for another transaction; and if the
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
            let redeemed = self.redeemed(interaction, grant, &what, key).await?;
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
            let redeemed = self.redeemed(interaction, grant, &what, key).await?;
            Ok(redeemed.of(action.clone()))
        })
    }

    async fn redeemed(
        self,
        interaction: &Interaction,
        grant: &Grant,
        what: &Approvable,
        key: &RequestId,
    ) -> Result<Redeemed<Approvable>, Error> {
        let customer = &interaction.customer;
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
        let event = Redeem { issuer, customer, interaction, what, key, genuine, credential };
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
        );
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
