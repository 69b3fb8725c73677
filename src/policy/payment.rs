//! The rules of payments: numbers with their defaults and limits.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::{seconds, within, within_time};

/// How long the customer may take to pay by default: ten minutes. Our choice: a card has to be found.
pub const PAYMENT_VALID_FOR: Duration = Duration::from_secs(600);
/// The most of it: an hour.
pub const PAYMENT_LIMIT: Duration = Duration::from_secs(3600);
/// After how long the acquirer has surely done what it was asked, or will never do it, by default: two
/// minutes. Our choice.
pub const AUTHORISE_WITHIN: Duration = Duration::from_secs(120);
/// How long the vault's opening keys exist by default, which is also the most: a day. New requests get
/// each for the first half of it.
pub const OPENING_KEY_FOR: Duration = OPENING_KEY_FOR_LIMIT;
/// The most of it.
pub const OPENING_KEY_FOR_LIMIT: Duration = Duration::from_secs(24 * 3600);
/// How long a card token that serves once may be used by default: 30 days. Our choice.
pub const SINGLE_USE_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// For how long a request may ask to keep a card by default: 366 days. Our choice.
pub const CARD_KEPT_FOR: Duration = Duration::from_secs(366 * 24 * 3600);
/// The most of it: ten years, longer than cards are valid.
pub const CARD_KEPT_FOR_LIMIT: Duration = Duration::from_secs(3660 * 24 * 3600);
/// Payments asked of one customer by default: five in ten minutes. Our choice, against push bombing.
pub const PAYMENTS_PER_CUSTOMER: u8 = 5;
/// Payments asked for by one agent by default: thirty in ten minutes. Our choice.
pub const PAYMENTS_PER_AGENT: u8 = 30;

/// How long the customer may take to authenticate (3-D Secure) by default: five minutes. Our choice; the schemes' access
/// control servers give up after ten at the latest.
pub const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(300);
/// How many cards may be sealed for one request by default, the first included: three. Our choice, far within what the
/// schemes allow after a decline that may be retried.
pub const PAYMENT_ATTEMPTS: u8 = 3;
/// How many payments a sweep asks the acquirer about at once by default. Our choice.
pub const SWEEP_AT_ONCE: u8 = 8;

/// What becomes of a payment of which the card issuer approved a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartialApprovals {
    /// It is given up, and counts as declined:
    /// [`PartlyApproved`](crate::payment::DeclineReason::PartlyApproved).
    Void,
    /// The part is taken. The receipt says how much it is; the rest is to be asked for anew.
    Take,
}

/// The rules of payments. The enterprise and its vault should have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PaymentPolicy {
    /// How long the customer may take: 1 minute to [`PAYMENT_LIMIT`].
    #[serde(with = "seconds")]
    pub valid_for: Duration,
    /// After how long the acquirer has surely done what it was asked, or will never do it: 1 second to
    /// 30 minutes. It must be longer than the time-outs of the host's acquirer: until it is over, the vault
    /// leaves a payment alone that another process began, and only afterwards takes "not found" for
    /// "not charged".
    #[serde(with = "seconds")]
    pub authorise_within: Duration,
    /// How long the customer may take to authenticate (3-D Secure): 1 to 15 minutes.
    #[serde(with = "seconds")]
    pub authenticate_within: Duration,
    /// How many cards may be sealed for one request, the first included: 1 to 10. Another one follows only a decline that
    /// may be retried. 1 allows none.
    pub attempts: u8,
    /// What becomes of a part that was approved.
    pub partial_approvals: PartialApprovals,
    /// How many payments a sweep asks the acquirer about at once: 1 to 64.
    pub sweep_at_once: u8,
    /// How long an opening key exists before its private half is destroyed: 2 hours to
    /// [`OPENING_KEY_FOR_LIMIT`]. New requests get it for the first half of that time.
    #[serde(with = "seconds")]
    pub opening_key_for: Duration,
    /// How long a card token that serves once may be used: 1 minute to [`CARD_KEPT_FOR_LIMIT`].
    #[serde(with = "seconds")]
    pub single_use_for: Duration,
    /// For how long a request may ask to keep a card: 1 minute to [`CARD_KEPT_FOR_LIMIT`].
    #[serde(with = "seconds")]
    pub card_kept_for: Duration,
    /// Payments asked of one customer within
    /// [`StepUpPolicy::limit_window`](crate::policy::StepUpPolicy::limit_window): 1 to 20.
    pub per_customer: u8,
    /// Payments asked for by one agent within it: 1 to 200.
    pub per_agent: u8,
}

impl Default for PaymentPolicy {
    fn default() -> Self {
        Self {
            valid_for: PAYMENT_VALID_FOR,
            authorise_within: AUTHORISE_WITHIN,
            authenticate_within: AUTHENTICATE_WITHIN,
            attempts: PAYMENT_ATTEMPTS,
            partial_approvals: PartialApprovals::Void,
            sweep_at_once: SWEEP_AT_ONCE,
            opening_key_for: OPENING_KEY_FOR,
            single_use_for: SINGLE_USE_FOR,
            card_kept_for: CARD_KEPT_FOR,
            per_customer: PAYMENTS_PER_CUSTOMER,
            per_agent: PAYMENTS_PER_AGENT,
        }
    }
}

impl PaymentPolicy {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        let kept = CARD_KEPT_FOR_LIMIT;
        let times = [
            ("payments.valid_for", self.valid_for, minute, PAYMENT_LIMIT),
            ("payments.authorise_within", self.authorise_within, second, minute.saturating_mul(30)),
            (
                "payments.opening_key_for",
                self.opening_key_for,
                minute.saturating_mul(120),
                OPENING_KEY_FOR_LIMIT,
            ),
            (
                "payments.authenticate_within",
                self.authenticate_within,
                minute,
                minute.saturating_mul(15),
            ),
            ("payments.single_use_for", self.single_use_for, minute, kept),
            ("payments.card_kept_for", self.card_kept_for, minute, kept),
        ];
        for (field, value, least, most) in times {
            within_time(field, value, least, most)?;
        }
        within("payments.attempts", self.attempts, 1, 10)?;
        within("payments.sweep_at_once", self.sweep_at_once, 1, 64)?;
        within("payments.per_customer", self.per_customer, 1, 20)?;
        within("payments.per_agent", self.per_agent, 1, 200)
    }
}
