//! What happens to a step-up. The code that the customer gives for it is checked against the credential, in
//! `credential/rules/check_code.rs`, and comes here as [`Checked`].

use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Invalid, Made, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::Policy;
use crate::signature::key::KeyFingerprint;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::request::{Duress, Redeemed};
use crate::step_up::state::{Approval, Phase, StepUpState, Terms};
use crate::step_up::statement::Statement;
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::step_up::who_rang::WhoRang;
use crate::values::action::approvable::Approvable;
use crate::values::id::{CustomerId, Issuer, StepUpId};
use crate::values::interaction::Interaction;

/// An agent asks. The outcome is the terms that stand, and what is seen of them.
pub(crate) struct Request<'a> {
    pub(crate) interaction: &'a Interaction,
    /// `Err`: there is to be none, for this reason.
    pub(crate) terms: Made<Terms>,
}

impl Rule<StepUpState> for Request<'_> {
    type Outcome = (Terms, StepUp);

    fn note(&self) -> EventDraft {
        EventDraft::by_agent(self.interaction, Action::RequestStepUp)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<StepUpState, (Terms, StepUp)> {
        let terms = self.terms.clone()?;
        let state =
            StepUpState { terms: terms.clone(), phase: Phase::Requested, handed_over: None };
        let step_up = state.step_up(cx);
        // How the principal was reached is nothing of the other approvers'.
        let on_line =
            terms.joint.as_ref().is_none_or(|of| of.principal == self.interaction.customer);
        let rung_back = rung_back(&terms.what, self.interaction, cx.policy).filter(|_| on_line);
        Ok((Some(state), Ruling::done((terms, step_up)).then(rung_back)))
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<(Terms, StepUp)> {
        let terms = self.terms.as_ref().map_err(|why| *why)?;
        if !state.terms.asks_for_same(terms) {
            return Err(Invalid::RequestReused.into());
        }
        Ok(Ruling::repeated((state.terms.clone(), state.step_up(cx))))
    }
}

/// That the enterprise had rung back, for the history of what may be asked only then.
pub(crate) fn rung_back(
    what: &Approvable,
    interaction: &Interaction,
    policy: &Policy,
) -> Option<EventDraft> {
    policy.step_ups.actions.ring_back(what)?;
    Some(EventDraft::by(Actor::BackEnd, Action::RingBack).in_interaction(&interaction.id))
}

/// A code that was found right, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) statement: Statement,
    pub(crate) duress: Duress,
}

/// The customer's code was accepted. `None` looks whether one was before: a step-up is approved once, and
/// then no code is looked at any more.
pub(crate) struct Approve<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    pub(crate) checked: Option<Checked>,
    /// What a key signed, whose signature was found right.
    pub(crate) signed: Option<&'a SignedAnswer>,
    /// What the customer said of who rang whom.
    pub(crate) who_rang: Option<WhoRang>,
    /// Why no code was looked at, if so.
    pub(crate) refused: Option<Reason>,
}

impl Rule<StepUpState> for Approve<'_> {
    type Outcome = StepUp;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Approve)
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<StepUp> {
        match (&state.phase, self.checked) {
            (Phase::Approved(_) | Phase::Redeemed { .. }, _) => {
                Ok(Ruling::repeated(state.step_up(cx)))
            }
            (Phase::Requested, Some(Checked { statement, duress }))
                if !cx.now.has_reached(state.terms.until) && !state.is_transferred() =>
            {
                let asked = state.terms.clone();
                state.terms.who_rang = self.who_rang;
                // Another may have been asked for under the same id since the code was checked.
                if statement != state.terms.statement(self.issuer, self.customer, cx.id) {
                    state.terms = asked;
                    return Err(Reason::NotAsApproved.into());
                }
                let until = cx.now.after(cx.policy.step_ups.grant_valid_for);
                let (at, signed) = (cx.now.stamp(), self.signed.cloned());
                state.phase = Phase::Approved(Approval { duress, at, until, signed });
                let who_rang = self.who_rang;
                let said = EventDraft { who_rang, ..self.note() };
                Ok(Ruling::done(state.step_up(cx)).noted_as(said))
            }
            (Phase::Requested, None)
                if self.refused.is_some() && !cx.now.has_reached(state.terms.until) =>
            {
                Err(self.refused.unwrap_or(Reason::Ended).into())
            }
            _ => Err(Reason::Ended.into()),
        }
    }
}

/// The back end asks for the code to send to the customer's number. The observer is told each time: whoever reads the
/// code could answer in the customer's place. Nothing is written: a machine whose clock is ahead must not delay what
/// follows.
pub(crate) struct Deliver<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    /// For what the credential has a code.
    pub(crate) code: Made<Statement>,
}

impl Rule<StepUpState> for Deliver<'_> {
    type Outcome = Approvable;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Deliver)
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<Approvable> {
        if state.status(cx.now) != StepUpStatus::Requested {
            return Err(Reason::Ended.into());
        }
        if cx.is_before(state.terms.at) {
            return Err(Reason::OutsideWindow.into());
        }
        // Another may have been asked for under the same id since the code was made.
        if self.code? != state.terms.statement(self.issuer, self.customer, cx.id) {
            return Err(Reason::NotAsApproved.into());
        }
        Ok(Ruling::announced(state.terms.what.clone()))
    }
}

/// The credential that approved a step-up, as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Stands,
    /// Revoked since, or another has its id.
    Revoked,
    /// It shares a secret, and what it approved is reserved for keys, of which the customer has one by now.
    BelowFloor,
}

/// Whether the signature that was kept with `approval` is the key's, of `statement`: verified anew, whatever the record
/// says. What is reserved for keys, and an action of a kind that they alone approve, is not approved without one.
pub(crate) fn is_signed(
    terms: &Terms,
    approval: &Approval,
    statement: Statement,
    policy: &Policy,
) -> bool {
    match (&terms.signer, &approval.signed) {
        (None, None) => {
            let (reserved, method) = (&policy.step_ups.reserved, terms.method);
            let actions = &policy.step_ups.actions;
            let excluded = match &terms.what {
                Approvable::Transaction(transaction) => reserved.excludes(method, transaction),
                Approvable::Action(action) => actions.excludes(method, action),
            };
            !method.signs() && !excluded
        }
        (Some(key), Some(signed)) => {
            signed.is_of(statement, (terms.method, terms.with_code), key, &policy.passkeys)
        }
        _ => false,
    }
}

/// The back end redeems a grant.
pub(crate) struct Redeem<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    pub(crate) interaction: &'a Interaction,
    pub(crate) what: &'a Approvable,
    pub(crate) key: [u8; 16],
    /// What was approved by the grant, if it bears our signature over that.
    pub(crate) genuine: Option<Statement>,
    /// What has become of the credential that approved it.
    pub(crate) credential: Standing,
    /// Under which key it must be signed, by a register that is not ours.
    pub(crate) expected: Option<KeyFingerprint>,
}

impl Redeem<'_> {
    /// Whether the signature that was kept is the key's, of what is approved here: it is verified anew, whatever the
    /// record says.
    fn is_signed(&self, state: &StepUpState, cx: &Context<'_>) -> bool {
        let (Phase::Approved(approval) | Phase::Redeemed { approval, .. }) = &state.phase else {
            return true;
        };
        let statement = state.terms.statement(self.issuer, self.customer, cx.id);
        is_signed(&state.terms, approval, statement, cx.policy)
    }

    fn redeemed(
        &self,
        state: &StepUpState,
        duress: Duress,
        cx: &Context<'_>,
    ) -> Redeemed<Approvable> {
        let at = match &state.phase {
            Phase::Redeemed { at, .. } => *at,
            _ => cx.now.stamp(),
        };
        Redeemed {
            step_up: StepUpId(cx.id),
            issuer: self.issuer.clone(),
            customer: self.customer.clone(),
            statement: state.terms.statement(self.issuer, self.customer, cx.id),
            credential: state.terms.credential,
            key: state.terms.key,
            fingerprint: state.terms.fingerprint(),
            interaction: state.terms.interaction.clone(),
            direction: state.terms.direction,
            agent: state.terms.agent.clone(),
            agent_name: state.terms.agent_name.clone(),
            handed_over_to: state.handed_over.as_ref().map(|handed| handed.to.clone()),
            what: state.terms.what.clone(),
            method: state.terms.method,
            who_rang: state.terms.who_rang,
            leg: state.terms.leg,
            ring_back: state.terms.ring_back.clone(),
            at,
            duress,
        }
    }
}

impl Rule<StepUpState> for Redeem<'_> {
    type Outcome = Redeemed<Approvable>;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Redeem).in_interaction(&self.interaction.id)
    }

    fn decide(&self, state: &mut StepUpState, cx: &Context<'_>) -> Ruled<Redeemed<Approvable>> {
        let terms = &state.terms;
        // One of several approvals is none.
        if terms.joint.is_some() {
            return Err(Reason::NotAsApproved.into());
        }
        if self.genuine != Some(terms.statement(self.issuer, self.customer, cx.id)) {
            return Err(Reason::NotGenuine.into());
        }
        if terms.interaction != self.interaction.id
            || *state.holder() != self.interaction.agent.id
            || terms.direction != self.interaction.direction
            || terms.what != *self.what
        {
            return Err(Reason::NotAsApproved.into());
        }
        // A state that was forged with our keys has a key of the forger's, or none.
        let other_key = self.expected.is_some_and(|key| terms.fingerprint() != Some(key));
        if other_key || !self.is_signed(state, cx) {
            return Err(Reason::NotSigned.into());
        }
        match &state.phase {
            Phase::Redeemed { approval, key, .. } if *key == self.key => {
                Ok(Ruling::repeated(self.redeemed(state, approval.duress, cx)))
            }
            Phase::Redeemed { .. } => Err(Reason::Redeemed.into()),
            Phase::Approved(_) if self.credential == Standing::Revoked => {
                Err(Reason::NoCredential.into())
            }
            Phase::Approved(_) if self.credential == Standing::BelowFloor => {
                Err(Reason::NotSigned.into())
            }
            // Asked under another policy, or by nobody: the row may be forged.
            Phase::Approved(_) if !terms.was_rung_back(cx.policy) => {
                Err(Reason::NumberNotTrusted.into())
            }
            Phase::Approved(approval) if cx.is_before(approval.at) => {
                Err(Reason::OutsideWindow.into())
            }
            Phase::Approved(approval) if !cx.now.has_reached(approval.until) => {
                let (approval, duress) = (approval.clone(), approval.duress);
                state.phase = Phase::Redeemed { approval, key: self.key, at: cx.now.stamp() };
                Ok(Ruling::done(self.redeemed(state, duress, cx)))
            }
            _ => Err(Reason::Ended.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::cbor::{Decode as _, In, Malformed, to_vec};
    use crate::credential::method::Method;
    use crate::crypto::ed25519::KeyPair;
    use crate::engine::rule::Event as _;
    use crate::error::Failure;
    use crate::signature::key::CredentialPublicKey;
    use crate::signature::signed::Signature;
    use crate::step_up::joint::statement::{ApproversDigest, JointData};
    use crate::token::TokenId;
    use crate::values::id::{AgentId, CredentialId, InteractionId, JointStepUpId};
    use crate::values::interaction::{Agent, Channel};
    use crate::values::time::Timestamp;
    use crate::values::transaction::{Transaction, TransactionKind};

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn key(byte: u8) -> (KeyPair, CredentialPublicKey) {
        let pair = KeyPair::from_seed(&[byte; 32]).unwrap();
        let public = pair.public_key().unwrap();
        let cose = [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20".as_slice(), &public].concat();
        (pair, CredentialPublicKey::from_cose(&cose).unwrap())
    }

    fn transaction() -> Transaction {
        let text = |text: &str| text.parse().unwrap();
        let gbp = "GBP".parse().unwrap();
        Transaction::new(TransactionKind::Transfer, 500, gbp, text("Jones"), text("7"))
    }

    fn call() -> Interaction {
        let (id, bob) = (InteractionId::new("call-1").unwrap(), AgentId::new("bob").unwrap());
        let alice = CustomerId::new("alice").unwrap();
        Interaction::outbound(id, alice, Agent::new(bob), Channel::Voice)
    }

    /// Asked of a device key, and approved with what is signed.
    fn approved(signed: Option<SignedAnswer>) -> StepUpState {
        let call = call();
        let terms = Terms {
            credential: CredentialId([2; 16]),
            key: None,
            method: Method::DeviceKey,
            signer: Some(key(9).1),
            with_code: false,
            suite: None,
            interaction: call.id.clone(),
            agent: call.agent.id.clone(),
            direction: call.direction,
            agent_name: "Bob".parse().unwrap(),
            what: transaction().into(),
            joint: None,
            leg: None,
            ring_back: None,
            nonce: TokenId::from_bytes([3; 16]),
            at: NOW,
            until: NOW,
            digits: None,
            asks_who: false,
            who_rang: None,
            in_app: false,
            holds: 0,
        };
        let until = Timestamp::from_unix(NOW.unix() + 60);
        let approval = Approval { duress: Duress::NONE, at: NOW, until, signed };
        StepUpState { terms, phase: Phase::Approved(approval), handed_over: None }
    }

    fn statement() -> Statement {
        let (issuer, alice) = people();
        approved(None).terms.statement(&issuer, &alice, [1; 16])
    }

    fn people() -> (Issuer, CustomerId) {
        (Issuer::new("bank.example").unwrap(), CustomerId::new("alice").unwrap())
    }

    fn redeemed(state: StepUpState) -> Result<Redeemed<Approvable>, Failure> {
        let ((issuer, alice), call) = (people(), call());
        let (what, policy) = (transaction().into(), Policy::default());
        let redeem = Redeem {
            issuer: &issuer,
            customer: &alice,
            interaction: &call,
            what: &what,
            key: [4; 16],
            genuine: Some(state.terms.statement(&issuer, &alice, [1; 16])),
            credential: Standing::Stands,
            expected: None,
        };
        redeem.apply(Some(state), &Context::of([1; 16], NOW, NOW, &policy)).result
    }

    /// Whatever the record says, and though the grant is genuine: a state that was forged by who can seal rows.
    #[test]
    fn the_kept_signature_is_verified_anew() {
        let by = |byte: u8, message: &[u8]| {
            SignedAnswer::by_device_key(Signature(key(byte).0.sign(message)))
        };
        let message = statement().message();
        assert!(redeemed(approved(Some(by(9, &message)))).is_ok());
        let refused = Err(Failure::from(Reason::NotSigned));
        let mut other = approved(Some(by(9, &message)));
        other.terms.agent_name = "Eve".parse().unwrap();
        let mut weaker = approved(None);
        weaker.terms.signer = None;
        for state in [
            approved(None),
            approved(Some(by(8, &message))),
            approved(Some(by(9, &statement().0))),
            other,
            weaker,
        ] {
            assert_eq!(redeemed(state), refused);
        }
    }

    /// However genuine a grant for it would be: one of several approvals is none.
    #[test]
    fn what_one_of_several_approved_is_not_redeemed_alone() {
        let mut one = approved(None);
        one.terms.joint = Some(JointData {
            joint: JointStepUpId([5; 16]),
            principal: CustomerId::new("alice").unwrap(),
            principal_name: "Alice".parse().unwrap(),
            needed: 2,
            of: 3,
            approvers: ApproversDigest([6; 32]),
            role: "holder".parse().unwrap(),
        });
        let (issuer, alice) = people();
        let message = one.terms.statement(&issuer, &alice, [1; 16]).message();
        let signed = SignedAnswer::by_device_key(Signature(key(9).0.sign(&message)));
        let Phase::Approved(approval) = &mut one.phase else { panic!("approved") };
        approval.signed = Some(signed);
        assert_eq!(redeemed(one), Err(Failure::from(Reason::NotAsApproved)));
    }

    #[test]
    fn an_approved_state_without_its_signature_is_malformed() {
        let read = |state: &StepUpState| In::whole(&to_vec(state), StepUpState::decode);
        let signature = key(9).0.sign(&statement().message());
        let signed = approved(Some(SignedAnswer::by_device_key(Signature(signature))));
        assert_eq!(read(&signed).as_ref(), Ok(&signed));
        assert_eq!(read(&approved(None)), Err(Malformed));
        let mut of_no_key = signed;
        of_no_key.terms.signer = None;
        assert_eq!(read(&of_no_key), Err(Malformed));
    }
}
