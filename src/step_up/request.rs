//! What goes into a step-up and comes out of it.

use core::fmt;

use crate::credential::method::Method;
use crate::credential::view::KeyTag;
use crate::signature::key::KeyFingerprint;
use crate::step_up::number_match::MatchDigits;
use crate::step_up::statement::Statement;
use crate::step_up::view::StepUp;
use crate::step_up::who_rang::WhoRang;
use crate::values::action::approvable::{Approvable, one_of};
use crate::values::action::details::ActionDetails;
use crate::values::action::ring_back::RingBack;
use crate::values::id::{
    AgentId, CredentialId, CustomerId, InteractionId, Issuer, RequestId, StepUpId,
};
use crate::values::interaction::{Direction, LegKind};
use crate::values::secret::reads_request;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;

/// What an agent asks the customer to approve.
#[derive(Debug, Clone)]
#[must_use]
pub struct StepUpRequest {
    pub(crate) request: RequestId,
    pub(crate) what: Approvable,
    pub(crate) agent_name: ShortText,
    pub(crate) method: Option<Method>,
}

impl StepUpRequest {
    /// `request` is the desktop's idempotency key; `agent_name` is the name by which the agent goes,
    /// which the app shows and the code covers.
    ///
    /// `what` is a [`Transaction`], or [`ActionDetails`] of a kind that the policy registers
    /// ([`StepUpPolicy::actions`](crate::policy::StepUpPolicy::actions)).
    pub fn new(request: RequestId, what: impl Into<Approvable>, agent_name: ShortText) -> Self {
        Self { request, what: what.into(), agent_name, method: None }
    }

    /// By this method alone; otherwise by the first that the customer has and the policy allows, in
    /// the order of [`Method`], and by the app rather than by a fob.
    pub const fn by(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }
}

/// A step-up that was asked for.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUpRequested {
    /// What the agent sees of it.
    pub step_up: StepUp,
    /// The token for the customer's app ([`Device::open_step_up`](crate::Device::open_step_up)).
    pub token: String,
    /// What the desktop shows the agent, to be said to the customer, if the customer is to type it
    /// ([`StepUpPolicy::asks_digits`](crate::policy::StepUpPolicy::asks_digits)). It goes to this desktop and nowhere else:
    /// never to the app, into a message or a log.
    pub digits: Option<MatchDigits>,
}

/// The proof that the customer approved this transaction, or, as a `Redeemed<ActionDetails>`, this action, for a
/// high-risk function to ask for.
///
/// Only [`StepUps::redeem`](crate::step_up::StepUps::redeem) makes one. A function that takes it cannot be
/// called without a step-up:
///
/// ```
/// use countersign::step_up::Redeemed;
///
/// fn transfer(approved: &Redeemed) {
///     let _amount = approved.transaction().amount; // never an amount from elsewhere
/// }
/// ```
///
/// It is neither built, copied nor read back from text anywhere else:
///
/// ```compile_fail,E0277
/// fn read(text: &str) -> countersign::step_up::Redeemed {
///     serde_json::from_str(text).unwrap()
/// }
/// ```
///
/// ```compile_fail,E0599
/// fn twice(approved: countersign::step_up::Redeemed) -> [countersign::step_up::Redeemed; 2] {
///     [approved.clone(), approved]
/// }
/// ```
///
/// ```compile_fail,E0451
/// fn forge(step_up: countersign::StepUpId) -> countersign::step_up::Redeemed {
///     countersign::step_up::Redeemed { step_up, ..todo!() }
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Redeemed<T = Transaction> {
    pub(crate) step_up: StepUpId,
    pub(crate) issuer: Issuer,
    pub(crate) customer: CustomerId,
    /// What was approved, by content.
    pub(crate) statement: Statement,
    pub(crate) credential: CredentialId,
    pub(crate) key: Option<KeyTag>,
    pub(crate) fingerprint: Option<KeyFingerprint>,
    pub(crate) interaction: InteractionId,
    pub(crate) direction: Direction,
    pub(crate) agent: AgentId,
    pub(crate) agent_name: ShortText,
    pub(crate) handed_over_to: Option<AgentId>,
    /// What was approved: a transaction, or an action.
    pub(crate) what: T,
    pub(crate) method: Method,
    pub(crate) who_rang: Option<WhoRang>,
    pub(crate) leg: Option<LegKind>,
    pub(crate) ring_back: Option<RingBack>,
    pub(crate) at: Timestamp,
    pub(crate) duress: Duress,
}

/// Whether the customer was under coercion. Not printed: whoever reads a log may stand beside them.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Duress(pub(crate) bool);

impl Duress {
    pub(crate) const NONE: Self = Self(false);

    /// Under coercion if either is so.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Duress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Redeemed {
    /// What was approved.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        &self.what
    }
}

impl Redeemed<ActionDetails> {
    /// What was approved. A function that moves money or binds an app takes no proof of an action:
    ///
    /// ```compile_fail,E0308
    /// # use countersign::action::ActionDetails;
    /// # use countersign::step_up::Redeemed;
    /// fn transfer(approved: &Redeemed) {}
    ///
    /// fn act(approved: &Redeemed<ActionDetails>) {
    ///     transfer(approved);
    /// }
    /// ```
    #[must_use]
    pub const fn action(&self) -> &ActionDetails {
        &self.what
    }
}

impl<T> Redeemed<T> {
    /// The same proof, with what was approved as it was given.
    pub(crate) fn of<U>(self, what: U) -> Redeemed<U> {
        let Redeemed {
            step_up,
            issuer,
            customer,
            statement,
            credential,
            key,
            fingerprint,
            interaction,
            direction,
            agent,
            agent_name,
            handed_over_to,
            what: _,
            method,
            who_rang,
            leg,
            ring_back,
            at,
            duress,
        } = self;
        Redeemed {
            step_up,
            issuer,
            customer,
            statement,
            credential,
            key,
            fingerprint,
            interaction,
            direction,
            agent,
            agent_name,
            handed_over_to,
            what,
            method,
            who_rang,
            leg,
            ring_back,
            at,
            duress,
        }
    }

    /// How it was approved.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// What the customer said of who rang whom, if they were asked. The approval covers it.
    #[must_use]
    pub const fn who_rang(&self) -> Option<WhoRang> {
        self.who_rang
    }

    /// What was read of the line when it was asked for, if somebody looked: [`LegKind::InApp`] if the enterprise rang back
    /// within the app. The approval covers it.
    #[must_use]
    pub const fn leg(&self) -> Option<LegKind> {
        self.leg
    }

    /// What was known of the number on which the enterprise rang back, if somebody looked it up. The host's word: no
    /// approval covers it.
    #[must_use]
    pub const fn ring_back(&self) -> Option<&RingBack> {
        self.ring_back.as_ref()
    }

    /// By which step-up.
    #[must_use]
    pub const fn step_up(&self) -> StepUpId {
        self.step_up
    }

    /// What was approved, by content: a step-up's id may be asked anew for something else.
    pub(crate) const fn statement(&self) -> Statement {
        self.statement
    }

    /// Whom it was approved for: the enterprise.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// With which credential.
    #[must_use]
    pub const fn credential(&self) -> CredentialId {
        self.credential
    }

    /// What names the public key under which it was signed, for a host that keeps its customers' fingerprints in
    /// another place: who can write the enterprise's rows with its keys can put another key in, and not there.
    /// `None` if the method does not sign.
    #[must_use]
    pub const fn key_fingerprint(&self) -> Option<KeyFingerprint> {
        self.fingerprint
    }

    /// With which key.
    pub(crate) const fn key(&self) -> Option<KeyTag> {
        self.key
    }

    /// Who approved it.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// In which interaction.
    #[must_use]
    pub const fn interaction(&self) -> &InteractionId {
        &self.interaction
    }

    /// Who began that interaction.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// For which agent: the one whose name the customer was shown.
    #[must_use]
    pub const fn agent(&self) -> &AgentId {
        &self.agent
    }

    /// The name by which that agent goes, as the customer was shown it.
    #[must_use]
    pub const fn agent_name(&self) -> &ShortText {
        &self.agent_name
    }

    /// The agent to whom the conversation went over before it was redeemed, if it did: the customer was shown another
    /// name ([`agent`](Self::agent)) when they approved.
    #[must_use]
    pub const fn handed_over_to(&self) -> Option<&AgentId> {
        self.handed_over_to.as_ref()
    }

    /// When it was redeemed first.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The customer gave the PIN for coercion, or the credential was bound with a proof that they gave so
    /// ([`EnrolmentRequest::approved_in`](crate::credential::EnrolmentRequest::approved_in)). Act as if all went well; alert those who
    /// help.
    #[must_use]
    pub const fn duress(&self) -> bool {
        self.duress.0
    }
}

reads_request! {
    StepUpRequest: "a request for a step-up", {
        request: RequestId,
        #[serde(default)] transaction: Option<Transaction>,
        #[serde(default)] action: Option<ActionDetails>,
        agent_name: ShortText,
        #[serde(default)] method: Option<Method>,
    } => try |of| Some(StepUpRequest {
        request: of.request,
        what: one_of(of.transaction, of.action)?,
        agent_name: of.agent_name,
        method: of.method,
    })
}
