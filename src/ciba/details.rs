//! The authorisation detail that asks for a step-up (RFC 9396).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ciba::CibaError;
use crate::engine::free_text::without_cards;
use crate::step_up::Redeemed;
use crate::token::strict_json;
use crate::transaction::TransactionKind;
use crate::values::id::{AgentId, CustomerId, InteractionId};
use crate::values::interaction::{Agent, Channel, Direction, Interaction};
use crate::values::text::ShortText;
use crate::values::transaction::{Currency, Transaction};

/// The `type` of an authorisation detail that asks for a step-up.
pub const DETAILS_TYPE: &str = "countersign_step_up";

/// The longest `authorization_details` that are read, in bytes.
const MAX_DETAILS: usize = 4096;

/// What is to be approved, in which interaction, for which agent: all that a step-up needs besides the customer.
///
/// ```json
/// [{"type":"countersign_step_up","interaction":"call-55031","direction":"outbound","channel":"voice",
///   "agent":"bob","agent_name":"Bob","transaction":{"kind":"transfer","amount":500000,"currency":"GBP",
///   "payee":"Jones Roofing 20-00-00 55779911","reference":"Invoice 7"}}]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUpDetails {
    /// In which interaction. The server takes it from the telephony, never from what an agent typed.
    pub interaction: InteractionId,
    /// Who contacted whom.
    pub direction: Direction,
    /// Over which channel.
    pub channel: Channel,
    /// For which agent.
    pub agent: AgentId,
    /// The name by which the agent goes, which the app shows.
    pub agent_name: ShortText,
    /// What is to be approved.
    pub transaction: Transaction,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    r#type: String,
    interaction: InteractionId,
    direction: Direction,
    channel: Channel,
    agent: AgentId,
    agent_name: ShortText,
    transaction: WrittenTransaction,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTransaction {
    kind: TransactionKind,
    amount: u64,
    currency: Currency,
    payee: ShortText,
    reference: ShortText,
}

/// So that the array is read as strictly as any object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    details: Vec<Written>,
}

impl StepUpDetails {
    /// Reads the value of `authorization_details`: an array of one detail of [`DETAILS_TYPE`].
    ///
    /// No two texts that say something else are read alike: another type, an unknown or doubled member, and a text that
    /// could not be shown as it is are refused.
    ///
    /// # Errors
    ///
    /// [`CibaError::InvalidAuthorizationDetails`], also for a card number in a text, and for a new authenticator: no client
    /// binds one.
    pub fn from_json(json: &str) -> Result<Self, CibaError> {
        Self::read(json).ok_or(CibaError::InvalidAuthorizationDetails)
    }

    fn read(json: &str) -> Option<Self> {
        let json = Some(json).filter(|json| json.len() <= MAX_DETAILS)?;
        let wrapped = format!("{{\"details\":{json}}}");
        let Wrapped { mut details } = strict_json::from_slice(wrapped.as_bytes())?;
        let one = details.pop().filter(|_| details.is_empty())?;
        if one.r#type != DETAILS_TYPE || one.transaction.kind == TransactionKind::NewAuthenticator {
            return None;
        }
        let WrittenTransaction { kind, amount, currency, payee, reference } = one.transaction;
        let read = Self {
            interaction: one.interaction,
            direction: one.direction,
            channel: one.channel,
            agent: one.agent,
            agent_name: one.agent_name,
            transaction: Transaction::new(kind, amount, currency, payee, reference),
        };
        let texts = [&read.transaction.payee, &read.transaction.reference, &read.agent_name];
        without_cards(texts).ok()?;
        // What was mended while it was read is not what was asked.
        let given: Value = serde_json::from_str(json).ok()?;
        (read.value() == given).then_some(read)
    }

    fn value(&self) -> Value {
        let Transaction { kind, amount, currency, payee, reference } = self.transaction.clone();
        let transaction = WrittenTransaction { kind, amount, currency, payee, reference };
        let written = Written {
            r#type: DETAILS_TYPE.to_owned(),
            interaction: self.interaction.clone(),
            direction: self.direction,
            channel: self.channel,
            agent: self.agent.clone(),
            agent_name: self.agent_name.clone(),
            transaction,
        };
        Value::Array(serde_json::to_value(written).into_iter().collect())
    }

    /// As `authorization_details` of a token response.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.value().to_string()
    }

    /// The interaction with this customer.
    #[must_use]
    pub fn interaction_with(&self, customer: CustomerId) -> Interaction {
        let agent = Agent::new(self.agent.clone());
        let of = match self.direction {
            Direction::Inbound => Interaction::inbound,
            Direction::Outbound => Interaction::outbound,
        };
        of(self.interaction.clone(), customer, agent, self.channel)
    }

    /// Whether this is what was approved and redeemed, in all that the customer was shown and the approval covers. The
    /// channel is not: which step-up it was tells that
    /// ([`ApprovedAuthentication::of`](crate::ciba::ApprovedAuthentication::of)).
    #[must_use]
    pub fn is_approved_by(&self, redeemed: &Redeemed) -> bool {
        *redeemed.interaction() == self.interaction
            && redeemed.direction() == self.direction
            && *redeemed.agent() == self.agent
            && *redeemed.agent_name() == self.agent_name
            && *redeemed.transaction() == self.transaction
    }
}
