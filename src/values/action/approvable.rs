//! What a customer approves: a transaction, or an action that is none.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::one_form::OneForm;
use crate::values::action::details::ActionDetails;
use crate::values::agent_safe::agent_safe;
use crate::values::transaction::{Transaction, TransactionKind};

/// What a step-up asks the customer to approve. In JSON it is the member `transaction` or the member `action` of
/// what it stands in, and never both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "an app must show every kind, or offer no approval")]
pub enum Approvable {
    /// Money, a payee, a change of details or a new authenticator.
    Transaction(Transaction),
    /// An action of a kind that the host registers.
    Action(ActionDetails),
}

impl Approvable {
    /// The transaction, if it is one.
    #[must_use]
    pub const fn transaction(&self) -> Option<&Transaction> {
        match self {
            Self::Transaction(transaction) => Some(transaction),
            Self::Action(_) => None,
        }
    }

    /// The action, if it is one.
    #[must_use]
    pub const fn action(&self) -> Option<&ActionDetails> {
        match self {
            Self::Transaction(_) => None,
            Self::Action(action) => Some(action),
        }
    }

    /// Whether it is the approval of another app or fob.
    pub(crate) fn is_new_authenticator(&self) -> bool {
        let kind = self.transaction().map(|transaction| transaction.kind);
        kind == Some(TransactionKind::NewAuthenticator)
    }

    /// Its one encoding. No transaction is encoded as an action is.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        match self {
            Self::Transaction(transaction) => transaction.canonical(),
            Self::Action(action) => action.canonical(),
        }
    }
}

impl From<Transaction> for Approvable {
    fn from(transaction: Transaction) -> Self {
        Self::Transaction(transaction)
    }
}

impl From<ActionDetails> for Approvable {
    fn from(action: ActionDetails) -> Self {
        Self::Action(action)
    }
}

impl fmt::Display for Approvable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction(transaction) => transaction.fmt(f),
            Self::Action(action) => action.fmt(f),
        }
    }
}

/// The two members, of which one is there.
#[derive(Serialize, Deserialize)]
struct Members {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction: Option<Transaction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<ActionDetails>,
}

impl Serialize for Approvable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (transaction, action) = (self.transaction().cloned(), self.action().cloned());
        Members { transaction, action }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Approvable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members { transaction, action } = Members::deserialize(OneForm(deserializer))?;
        one_of(transaction, action)
            .ok_or_else(|| serde::de::Error::custom("expected a transaction or an action"))
    }
}

/// The one that is there, if only one is.
pub(crate) fn one_of(
    transaction: Option<Transaction>,
    action: Option<ActionDetails>,
) -> Option<Approvable> {
    match (transaction, action) {
        (Some(transaction), None) => Some(transaction.into()),
        (None, Some(action)) => Some(action.into()),
        _ => None,
    }
}

agent_safe!(Approvable);
