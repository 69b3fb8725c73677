//! What goes into a joint step-up and comes out of it.

use crate::codec::table::record;
use crate::credential::method::Method;
use crate::signature::key::KeyFingerprint;
use crate::step_up::joint::mandate::{
    CoApprover, InvalidApprovers, MAX_APPROVERS, Mandate, check_set,
};
use crate::step_up::joint::view::JointStepUp;
use crate::step_up::number_match::MatchDigits;
use crate::step_up::request::{Duress, StepUpRequest};
use crate::step_up::statement::Statement;
use crate::values::action::approvable::Approvable;
use crate::values::action::details::ActionDetails;
use crate::values::action::ring_back::RingBack;
use crate::values::id::{
    AgentId, CredentialId, CustomerId, InteractionId, Issuer, JointStepUpId, RequestId, StepUpId,
};
use crate::values::interaction::LegKind;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// What several customers are asked to approve in the name of the one on the line.
///
/// A desktop says what is asked ([`StepUpRequest`]); whom, how many, and by which name they know the customer comes from the
/// host's register ([`Mandate`]). So it is not read from text:
///
/// ```compile_fail,E0277
/// fn from_desktop(text: &str) -> countersign::step_up::joint::JointStepUpRequest {
///     serde_json::from_str(text).unwrap()
/// }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct JointStepUpRequest {
    pub(crate) request: RequestId,
    pub(crate) what: Approvable,
    pub(crate) agent_name: ShortText,
    pub(crate) principal_name: ShortText,
    pub(crate) needed: u8,
    pub(crate) approvers: Vec<CoApprover>,
}

impl JointStepUpRequest {
    /// `needed` of `approvers` are to approve `what`: a [`Transaction`], or [`ActionDetails`] of a kind that the policy
    /// registers. `request` is the desktop's idempotency key; `principal_name` is the name by which the approvers know
    /// the customer on the line, who is an approver only if they stand among them.
    pub fn new(
        request: RequestId,
        what: impl Into<Approvable>,
        agent_name: ShortText,
        principal_name: ShortText,
        needed: u8,
        approvers: Vec<CoApprover>,
    ) -> Self {
        let what = what.into();
        Self { request, what, agent_name, principal_name, needed, approvers }
    }

    /// The same of what a desktop asks: the set and the number come from the host's register, and so does the name.
    pub fn of(asked: StepUpRequest, principal_name: ShortText, mandate: &Mandate) -> Self {
        let StepUpRequest { request, what, agent_name, .. } = asked;
        let Mandate { needed, approvers, .. } = mandate;
        Self::new(request, what, agent_name, principal_name, *needed, approvers.clone())
    }

    /// What each of them is asked.
    pub(crate) fn of_each(&self) -> StepUpRequest {
        let Self { request, what, agent_name, .. } = self;
        StepUpRequest::new(request.clone(), what.clone(), agent_name.clone())
    }

    pub(crate) fn check(&self) -> Result<(), InvalidApprovers> {
        check_set(self.needed, &self.approvers, MAX_APPROVERS)?;
        if self.what.is_new_authenticator() {
            return Err(InvalidApprovers::NewAuthenticator);
        }
        Ok(())
    }
}

/// A joint step-up that was asked for.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JointStepUpRequested {
    /// What the agent sees of it.
    pub step_up: JointStepUp,
    /// A token for the app of each approver who can be asked. Those who have no credential for it, or were asked too
    /// often lately, have none.
    pub tokens: Vec<JointToken>,
    /// What the agent says to the customer on the line, if they are among the approvers and are to type it. The others
    /// are not on the call and type nothing. As [`StepUpRequested::digits`](crate::step_up::StepUpRequested::digits), it
    /// goes to this desktop and nowhere else.
    pub digits: Option<MatchDigits>,
}

/// What one approver is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JointToken {
    /// Whom to send it to.
    pub customer: CustomerId,
    /// Their own step-up, for [`submit`](crate::step_up::StepUps::submit) and
    /// [`decline`](crate::step_up::StepUps::decline).
    pub step_up: StepUpId,
    /// The token for their app ([`Device::open_step_up`](crate::Device::open_step_up)).
    pub token: String,
}

/// One approval that counted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedeemedVote {
    /// Whose.
    pub customer: CustomerId,
    /// In which role.
    pub role: ShortText,
    /// Their own step-up.
    pub step_up: StepUpId,
    /// With which credential.
    pub credential: CredentialId,
    /// How.
    pub method: Method,
    /// What names the public key under which it was signed, if the method signs.
    pub key_fingerprint: Option<KeyFingerprint>,
    /// When.
    pub at: Timestamp,
    pub(crate) duress: Duress,
}

/// A vote as it is kept with the redemption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptVote {
    /// The place in the set.
    pub(crate) approver: u8,
    pub(crate) step_up: StepUpId,
    pub(crate) statement: Statement,
    pub(crate) credential: CredentialId,
    pub(crate) method: Method,
    pub(crate) fingerprint: Option<KeyFingerprint>,
    pub(crate) at: Timestamp,
    pub(crate) duress: bool,
}

record! {
    KeptVote {
        0 => approver,
        1 => step_up,
        2 => statement,
        3 => credential,
        4 => method,
        5 => fingerprint,
        6 => at,
        7 => duress,
    }
}

/// The proof that as many customers as were needed approved this, for a high-risk function to ask for.
///
/// Only [`JointStepUps::redeem`](crate::step_up::joint::JointStepUps::redeem) and
/// [`redeem_action`](crate::step_up::joint::JointStepUps::redeem_action) make one. It is no
/// [`Redeemed`](crate::step_up::Redeemed): one person's approval does not stand where several are needed, and several do
/// not bind an app.
///
/// ```compile_fail,E0308
/// use countersign::step_up::Redeemed;
/// use countersign::step_up::joint::JointlyRedeemed;
///
/// fn by_both(approved: &JointlyRedeemed) {}
///
/// fn by_one(approved: &Redeemed) {
///     by_both(approved);
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn read(text: &str) -> countersign::step_up::joint::JointlyRedeemed {
///     serde_json::from_str(text).unwrap()
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct JointlyRedeemed<T = Transaction> {
    pub(crate) id: JointStepUpId,
    pub(crate) issuer: Issuer,
    pub(crate) principal: CustomerId,
    pub(crate) interaction: InteractionId,
    pub(crate) agent: AgentId,
    pub(crate) what: T,
    pub(crate) leg: Option<LegKind>,
    pub(crate) ring_back: Option<RingBack>,
    pub(crate) needed: u8,
    pub(crate) votes: Vec<RedeemedVote>,
    pub(crate) at: Timestamp,
}

impl JointlyRedeemed {
    /// What was approved.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        &self.what
    }
}

impl JointlyRedeemed<ActionDetails> {
    /// What was approved.
    #[must_use]
    pub const fn action(&self) -> &ActionDetails {
        &self.what
    }
}

impl<T> JointlyRedeemed<T> {
    /// The same proof, with what was approved as it was given.
    pub(crate) fn of<U>(self, what: U) -> JointlyRedeemed<U> {
        let Self {
            id,
            issuer,
            principal,
            interaction,
            agent,
            what: _,
            leg,
            ring_back,
            needed,
            votes,
            at,
        } = self;
        JointlyRedeemed {
            id,
            issuer,
            principal,
            interaction,
            agent,
            what,
            leg,
            ring_back,
            needed,
            votes,
            at,
        }
    }

    /// By which joint step-up.
    #[must_use]
    pub const fn joint_step_up(&self) -> JointStepUpId {
        self.id
    }

    /// Whom it was approved for: the enterprise.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// In whose name.
    #[must_use]
    pub const fn principal(&self) -> &CustomerId {
        &self.principal
    }

    /// In which interaction.
    #[must_use]
    pub const fn interaction(&self) -> &InteractionId {
        &self.interaction
    }

    /// For which agent.
    #[must_use]
    pub const fn agent(&self) -> &AgentId {
        &self.agent
    }

    /// What was read of the principal's line when it was asked for, if somebody looked: [`LegKind::InApp`] if the
    /// enterprise rang back within the app. The host's word.
    #[must_use]
    pub const fn leg(&self) -> Option<LegKind> {
        self.leg
    }

    /// What was known of the number on which the enterprise rang the principal back, if somebody looked it up. The host's
    /// word: no approval covers it.
    #[must_use]
    pub const fn ring_back(&self) -> Option<&RingBack> {
        self.ring_back.as_ref()
    }

    /// How many were needed.
    #[must_use]
    pub const fn needed(&self) -> u8 {
        self.needed
    }

    /// The approvals that counted, as many as were needed or more, in the order of the set.
    #[must_use]
    pub fn votes(&self) -> &[RedeemedVote] {
        &self.votes
    }

    /// When it was redeemed first.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// One of them gave the PIN for coercion. Act as if all went well; alert those who help.
    #[must_use]
    pub fn duress(&self) -> bool {
        self.votes.iter().any(|vote| vote.duress.0)
    }
}
