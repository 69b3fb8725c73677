//! What only a customer's private key may approve.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::credential::method::Method;
use crate::error::ConfigError;
use crate::values::action::approvable::Approvable;
use crate::values::transaction::{Currency, Transaction, TransactionKind};

/// What is reserved for device keys and passkeys: nothing else approves it, whichever method an agent names and whatever is
/// locked, disabled or lost. By default nothing is.
///
/// Whoever holds the enterprise's keys and rows can compute a code, and no signature: so reserve what such an insider must
/// not approve. Amounts are looked at one by one; what many small ones add up to is for the host to limit. An action that is
/// no transaction has methods of its own ([`ActionRule::methods`](crate::policy::ActionRule::methods)).
///
/// What is reserved needs a step-up ([`StepUpPolicy::needed`](crate::policy::StepUpPolicy::needed)), also below its
/// threshold.
///
/// ```
/// use countersign::Policy;
///
/// // Transfers over £10,000, and every new payee.
/// let policy: Policy = serde_json::from_str(
///     r#"{"step_ups": {"reserved": {"kinds": ["transfer", "new_payee"], "over": {"GBP": 1000000}}}}"#,
/// )?;
/// # let step_ups = policy.step_ups;
/// # assert_eq!(step_ups.reserved.kinds.len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReservedForKeys {
    /// These kinds; by default none.
    pub kinds: Vec<TransactionKind>,
    /// The largest amount in minor units, by currency, that is not reserved where money moves. Of a currency that does
    /// not stand here any amount is.
    pub over: BTreeMap<Currency, u64>,
    /// Whose; by default everybody's.
    pub customers: ReservedCustomers,
}

/// Of which customers something is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReservedCustomers {
    /// Of all: who has no key is asked for none of it.
    #[default]
    All,
    /// Of those who have a key, or had one: the floor. While customers get their first keys, the others go on as before.
    KeyHolders,
}

impl ReservedForKeys {
    /// Whether `transaction` is reserved, for the customers that are meant.
    #[must_use]
    pub fn covers(&self, transaction: &Transaction) -> bool {
        let small = self
            .over
            .get(&transaction.currency)
            .is_some_and(|most| transaction.kind.is_payment() && transaction.amount <= *most);
        self.kinds.contains(&transaction.kind) && !small
    }

    /// Whether nobody may approve `transaction` by `method`.
    #[must_use]
    pub fn excludes(&self, method: Method, transaction: &Transaction) -> bool {
        self.customers == ReservedCustomers::All && !method.signs() && self.covers(transaction)
    }

    /// Whether it depends on the customer's floor who may approve `what`.
    pub(crate) fn depends_on_floor(&self, what: &Approvable) -> bool {
        let covered = what.transaction().is_some_and(|transaction| self.covers(transaction));
        self.customers == ReservedCustomers::KeyHolders && covered
    }

    /// `payments` and `others` are the methods that may approve the one and the other.
    pub(super) fn check(&self, payments: &[Method], others: &[Method]) -> Result<(), ConfigError> {
        let can_be = |kind: &TransactionKind| {
            let methods = if kind.is_payment() { payments } else { others };
            methods.iter().any(|method| method.signs())
        };
        let amounts = self.over.is_empty() || self.kinds.iter().any(|kind| kind.is_payment());
        if amounts && self.kinds.iter().all(can_be) { Ok(()) } else { Err(ConfigError::Reserved) }
    }
}
