//! What a prompt asks for besides the approval, and how many may go wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::within;
use crate::values::action::approvable::Approvable;
use crate::values::transaction::{Currency, Transaction, TransactionKind};

/// Wrong digits in a row after which prompts stop where the app did not begin the conversation, by default and at most:
/// ten. Our choice; NIST SP 800-63B-4 asks for a limit that a new secret does not reset.
pub const MISMATCHES_TO_STOP: u8 = 10;
/// Prompts in one interaction that were not approved, within a day, by default: five. Our choice.
pub const PROMPTS_PER_INTERACTION: u8 = 5;
/// Prompts of one customer that were not approved, within a day, by default: thirty. Our choice, against push bombing.
pub const PROMPTS_PER_DAY: u8 = 30;

/// For what something is asked besides the approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PromptCheck {
    /// For these kinds; by default for all but [`TransactionKind::Change`].
    pub kinds: Vec<TransactionKind>,
    /// The largest amount in minor units, by currency, that needs none where money moves. A currency that does not
    /// stand here needs it for any amount; by default none stands here.
    pub over: BTreeMap<Currency, u64>,
    /// For actions that are no transactions; by default it is.
    pub actions: bool,
}

impl Default for PromptCheck {
    fn default() -> Self {
        let kinds = vec![
            TransactionKind::Payment,
            TransactionKind::Transfer,
            TransactionKind::NewPayee,
            TransactionKind::NewAuthenticator,
        ];
        Self { kinds, over: BTreeMap::new(), actions: true }
    }
}

impl PromptCheck {
    /// Never.
    #[must_use]
    pub const fn never() -> Self {
        Self { kinds: Vec::new(), over: BTreeMap::new(), actions: false }
    }

    /// Whether it is asked for `transaction`.
    #[must_use]
    pub fn needed(&self, transaction: &Transaction) -> bool {
        let small = self
            .over
            .get(&transaction.currency)
            .is_some_and(|most| transaction.kind.is_payment() && transaction.amount <= *most);
        self.kinds.contains(&transaction.kind) && !small
    }

    /// Whether it is asked for `what`.
    #[must_use]
    pub fn needed_for(&self, what: &Approvable) -> bool {
        what.transaction().map_or(self.actions, |transaction| self.needed(transaction))
    }
}

/// What prompts ask besides the approval, and their limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PromptPolicy {
    /// For what the customer types six digits that the agent says, where the method covers them: OCRA, device keys and
    /// passkeys. NIST SP 800-63B-4 asks for a carried secret with an out-of-band approval; where the method is
    /// cryptographic it is our choice.
    pub number_match: PromptCheck,
    /// For what the customer is asked who rang whom, where the method covers the answer: the same methods.
    pub who_rang: PromptCheck,
    /// Wrong digits in a row over all step-ups of a customer, after which prompts stop: 1 to
    /// [`MISMATCHES_TO_STOP`].
    pub mismatches: u8,
    /// Prompts in one interaction that were not approved, within a day: 1 to 20.
    pub per_interaction: u8,
    /// Prompts of one customer that were not approved, within a day: 1 to 100.
    pub per_day: u8,
}

impl Default for PromptPolicy {
    fn default() -> Self {
        Self {
            number_match: PromptCheck::default(),
            who_rang: PromptCheck::default(),
            mismatches: MISMATCHES_TO_STOP,
            per_interaction: PROMPTS_PER_INTERACTION,
            per_day: PROMPTS_PER_DAY,
        }
    }
}

impl PromptPolicy {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("step_ups.prompts.mismatches", self.mismatches, 1, MISMATCHES_TO_STOP)?;
        within("step_ups.prompts.per_interaction", self.per_interaction, 1, 20)?;
        within("step_ups.prompts.per_day", self.per_day, 1, 100)
    }
}
