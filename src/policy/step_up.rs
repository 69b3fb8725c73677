//! The numbers of step-ups: when one is needed, by which methods, how often.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::credential::method::Method;
use crate::error::ConfigError;
use crate::policy::action::ActionPolicy;
use crate::policy::prompts::PromptPolicy;
use crate::policy::reserved::ReservedForKeys;
use crate::policy::{DAY, MINUTE, seconds, within, within_time};
use crate::values::action::approvable::Approvable;
use crate::values::transaction::{Currency, Transaction};

/// The largest amount in pence that needs no step-up by default: £1000.
pub const STEP_UP_OVER: u64 = 100_000;
/// How long the customer may take, and a grant may be redeemed, by default: five minutes each.
pub const STEP_UP_VALID_FOR: Duration = Duration::from_secs(300);
/// The most of either: ten minutes (NIST SP 800-63B-4, out-of-band codes).
pub const STEP_UP_LIMIT: Duration = crate::step_up::token::MAX_STEP_UP_LIFETIME;
/// Step-ups asked of one customer by default: five in ten minutes. Our choice, against push bombing.
pub const STEP_UPS_PER_CUSTOMER: u8 = 5;
/// Step-ups asked by one agent by default: thirty in ten minutes. Our choice.
pub const STEP_UPS_PER_AGENT: u8 = 30;
/// The stretch of time in which they are counted by default: ten minutes.
pub const STEP_UP_LIMIT_WINDOW: Duration = Duration::from_secs(600);

/// The rules of step-ups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StepUpPolicy {
    /// The largest amount in minor units, by currency, that needs no step-up. A currency that does
    /// not stand here needs one for any amount. By default £1000: 100 000 pence need none, 100 001 do.
    pub thresholds: BTreeMap<Currency, u64>,
    /// By which methods payments and transfers may be approved: by default [`Method::DeviceKey`],
    /// [`Method::Passkey`] and [`Method::Ocra`]; [`Method::Delivered`] besides. TOTP and HOTP codes do not say what they are given for, so they are
    /// no methods for payments (PSD2 RTS Art. 5). Delivered codes are "restricted" (NIST SP 800-63B-4):
    /// the host opts in here.
    pub payment_methods: Vec<Method>,
    /// By which methods anything else may be approved; by default device keys, passkeys, OCRA, TOTP and HOTP.
    pub other_methods: Vec<Method>,
    /// What only device keys and passkeys approve, though other methods stand above; by default nothing.
    pub reserved: ReservedForKeys,
    /// The kinds of actions that are no transactions, each with its own methods; by default none.
    pub actions: ActionPolicy,
    /// How long the customer may take: 30 seconds to [`STEP_UP_LIMIT`].
    #[serde(with = "seconds")]
    pub valid_for: Duration,
    /// How long a grant may be redeemed: 1 second to [`STEP_UP_LIMIT`].
    #[serde(with = "seconds")]
    pub grant_valid_for: Duration,
    /// Step-ups asked of one customer within [`limit_window`](Self::limit_window) and not approved, in interactions that
    /// the customer's app did not open: 1 to 20.
    pub per_customer: u8,
    /// Step-ups asked by one agent within it and not approved: 1 to 200.
    pub per_agent: u8,
    /// The stretch of time in which requests are counted: 1 minute to a day.
    #[serde(with = "seconds")]
    pub limit_window: Duration,
    /// What prompts ask besides the approval, and how many may go wrong.
    pub prompts: PromptPolicy,
}

impl Default for StepUpPolicy {
    fn default() -> Self {
        let pounds = "GBP".parse().map(|pounds| (pounds, STEP_UP_OVER));
        Self {
            thresholds: pounds.into_iter().collect(),
            payment_methods: vec![Method::DeviceKey, Method::Passkey, Method::Ocra],
            other_methods: vec![
                Method::DeviceKey,
                Method::Passkey,
                Method::Ocra,
                Method::Totp,
                Method::Hotp,
            ],
            reserved: ReservedForKeys::default(),
            actions: ActionPolicy::default(),
            valid_for: STEP_UP_VALID_FOR,
            grant_valid_for: STEP_UP_VALID_FOR,
            per_customer: STEP_UPS_PER_CUSTOMER,
            per_agent: STEP_UPS_PER_AGENT,
            limit_window: STEP_UP_LIMIT_WINDOW,
            prompts: PromptPolicy::default(),
        }
    }
}

impl StepUpPolicy {
    /// Whether `transaction` needs a step-up. What moves no money always does, and what is [reserved](Self::reserved).
    #[must_use]
    pub fn needed(&self, transaction: &Transaction) -> bool {
        let threshold = self.thresholds.get(&transaction.currency);
        !transaction.kind.is_payment()
            || threshold.is_none_or(|most| transaction.amount > *most)
            || self.reserved.covers(transaction)
    }

    /// Whether the customer types digits that the agent says, to approve `what` by `method`.
    #[must_use]
    pub fn asks_digits(&self, method: Method, what: &Approvable) -> bool {
        method.covers_answers() && self.prompts.number_match.needed_for(what)
    }

    /// Whether the customer is asked who rang whom.
    #[must_use]
    pub fn asks_who_rang(&self, method: Method, what: &Approvable) -> bool {
        method.covers_answers() && self.prompts.who_rang.needed_for(what)
    }

    /// Whether `method` may approve `transaction`. What is [reserved](Self::reserved) for those who have a key depends on
    /// the customer besides.
    #[must_use]
    pub fn allows(&self, method: Method, transaction: &Transaction) -> bool {
        let methods = match transaction.kind.is_payment() {
            true => &self.payment_methods,
            false => &self.other_methods,
        };
        methods.contains(&method) && !self.reserved.excludes(method, transaction)
    }

    /// The same of a transaction or an action.
    pub(crate) fn allows_approval(&self, method: Method, what: &Approvable) -> bool {
        match what {
            Approvable::Transaction(transaction) => self.allows(method, transaction),
            Approvable::Action(action) => self.actions.allows(method, action),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let (second, half) = (Duration::from_secs(1), Duration::from_secs(30));
        within_time("step_ups.valid_for", self.valid_for, half, STEP_UP_LIMIT)?;
        within_time("step_ups.grant_valid_for", self.grant_valid_for, second, STEP_UP_LIMIT)?;
        let says_what_for = |method: &Method| !matches!(method, Method::Totp | Method::Hotp);
        if !self.payment_methods.iter().all(says_what_for) {
            return Err(ConfigError::PaymentMethod);
        }
        self.reserved.check(&self.payment_methods, &self.other_methods)?;
        self.prompts.check()?;
        self.actions.check()?;
        within("step_ups.per_customer", self.per_customer, 1, 20)?;
        within("step_ups.per_agent", self.per_agent, 1, 200)?;
        within_time("step_ups.limit_window", self.limit_window, MINUTE, DAY)
    }
}
