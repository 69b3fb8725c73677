//! The rules of payments: numbers with their defaults and limits.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::{seconds, within, within_time};

/// How long the customer may take to pay by default: twenty minutes. Our choice: a card has to be found.
pub const PAYMENT_VALID_FOR: Duration = Duration::from_secs(20 * 60);
/// The least of it: two minutes. One of them is left for the card when the other is set aside for authentication.
pub const PAYMENT_VALID_FOR_LEAST: Duration = Duration::from_secs(120);
/// The most of it: an hour.
pub const PAYMENT_LIMIT: Duration = Duration::from_secs(3600);
/// After how long the acquirer has surely done what it was asked, or will never do it, by default: two
/// minutes. Our choice.
pub const AUTHORISE_WITHIN: Duration = Duration::from_secs(120);
/// The least of it: twelve seconds. The acquirer is asked to authorise within a twelfth of it.
pub const AUTHORISE_WITHIN_LEAST: Duration = Duration::from_secs(12);
/// How long the customer may take to authenticate to the card's issuer (3-D Secure) by default: five minutes. Our choice:
/// a bank's app has to be opened.
pub const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(300);
/// The most of it: a quarter of an hour, and no more than leaves a minute of
/// [`PaymentPolicy::valid_for`].
pub const AUTHENTICATE_WITHIN_LIMIT: Duration = Duration::from_secs(900);
/// How long the vault gives out an opening key by default: ten minutes. Our choice: PCI DSS 4.0.1, requirement 3.3.1,
/// wants no code after authorisation, and sealed cards that somebody recorded stay openable for as long as their key
/// lives.
pub const OPENING_KEY_GIVEN_FOR: Duration = Duration::from_secs(600);
/// The most of it: an hour.
pub const OPENING_KEY_GIVEN_FOR_LIMIT: Duration = Duration::from_secs(3600);
/// The shortest time for which a request is made: a minute. If its opening key leaves less, the key is to be asked for
/// anew.
pub const PAYMENT_SHORTEST: Duration = Duration::from_secs(60);
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

/// How many cards may be sealed for one request by default, the first included: three. Our choice, far within what the
/// schemes allow after a decline that may be retried.
pub const PAYMENT_ATTEMPTS: u8 = 3;
/// By how much a payment may be raised by default, in per cent of what the customer agreed to: a fifth. Our choice.
pub const PAYMENT_INCREMENTS: u8 = 20;
/// How many payments a sweep asks the acquirer about at once by default. Our choice.
pub const SWEEP_AT_ONCE: u8 = 8;

/// What becomes of a payment of which the card issuer approved a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartialApprovals {
    /// It is given up, and counts as declined:
    /// `DeclineReason::PartlyApproved`.
    Void,
    /// The part is taken. The receipt says how much it is; the rest is to be asked for anew.
    Take,
}

/// The rules of payments. The enterprise and its vault should have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PaymentPolicy {
    /// How long the customer may take: [`PAYMENT_VALID_FOR_LEAST`] to [`PAYMENT_LIMIT`]. A request that names an opening key
    /// near to its end is valid for less.
    #[serde(with = "seconds")]
    pub valid_for: Duration,
    /// How long the customer may take to authenticate to the card's issuer (3-D Secure), from the moment in which the card
    /// comes in: 1 minute to [`AUTHENTICATE_WITHIN_LIMIT`], and at least a minute less than
    /// [`valid_for`](Self::valid_for). A request that allows it ends by so much before its opening key.
    #[serde(with = "seconds")]
    pub authenticate_within: Duration,
    /// After how long the acquirer has surely done what it was asked, or will never do it:
    /// [`AUTHORISE_WITHIN_LEAST`] to 30 minutes. It must be longer than the time-outs of the host's acquirer: until it is over, the vault
    /// leaves a payment alone that another process began, and only afterwards takes "not found" for
    /// "not charged".
    #[serde(with = "seconds")]
    pub authorise_within: Duration,
    /// How many cards may be sealed for one request, the first included: 1 to 10. Another one follows only a decline that
    /// may be retried. 1 allows none.
    pub attempts: u8,
    /// What becomes of a part that was approved.
    pub partial_approvals: PartialApprovals,
    /// By how much of what the customer agreed to a payment may be raised in all, in per cent: 0 to 200. 0 allows no
    /// increment.
    pub increments: u8,
    /// How many payments a sweep asks the acquirer about at once: 1 to 64.
    pub sweep_at_once: u8,
    /// How long an opening key is given out: 1 minute to [`OPENING_KEY_GIVEN_FOR_LIMIT`]. It lives for so long, the
    /// longest request ([`valid_for`](Self::valid_for)) and the [leeway](crate::Policy::leeway): 30 minutes and 30 seconds by
    /// default. Then it opens nothing, and its private half is destroyed.
    #[serde(with = "seconds")]
    pub opening_key_given_for: Duration,
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
            authenticate_within: AUTHENTICATE_WITHIN,
            authorise_within: AUTHORISE_WITHIN,
            attempts: PAYMENT_ATTEMPTS,
            partial_approvals: PartialApprovals::Void,
            increments: PAYMENT_INCREMENTS,
            sweep_at_once: SWEEP_AT_ONCE,
            opening_key_given_for: OPENING_KEY_GIVEN_FOR,
            single_use_for: SINGLE_USE_FOR,
            card_kept_for: CARD_KEPT_FOR,
            per_customer: PAYMENTS_PER_CUSTOMER,
            per_agent: PAYMENTS_PER_AGENT,
        }
    }
}

impl PaymentPolicy {
    /// How long an opening key lives: one that was given out at the last moment, by a clock that is behind, still opens what
    /// is sealed for the longest request that names it.
    #[cfg(feature = "cards")]
    pub(crate) const fn opening_key_lives(&self, leeway: Duration) -> Duration {
        self.opening_key_given_for.saturating_add(self.valid_for).saturating_add(leeway)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let minute = Duration::from_secs(60);
        let kept = CARD_KEPT_FOR_LIMIT;
        let times = [
            ("payments.valid_for", self.valid_for, PAYMENT_VALID_FOR_LEAST, PAYMENT_LIMIT),
            (
                "payments.authenticate_within",
                self.authenticate_within,
                minute,
                AUTHENTICATE_WITHIN_LIMIT.min(self.valid_for.saturating_sub(PAYMENT_SHORTEST)),
            ),
            (
                "payments.authorise_within",
                self.authorise_within,
                AUTHORISE_WITHIN_LEAST,
                minute.saturating_mul(30),
            ),
            (
                "payments.opening_key_given_for",
                self.opening_key_given_for,
                minute,
                OPENING_KEY_GIVEN_FOR_LIMIT,
            ),
            ("payments.single_use_for", self.single_use_for, minute, kept),
            ("payments.card_kept_for", self.card_kept_for, minute, kept),
        ];
        for (field, value, least, most) in times {
            within_time(field, value, least, most)?;
        }
        within("payments.attempts", self.attempts, 1, 10)?;
        within("payments.increments", self.increments, 0, 200)?;
        within("payments.sweep_at_once", self.sweep_at_once, 1, 64)?;
        within("payments.per_customer", self.per_customer, 1, 20)?;
        within("payments.per_agent", self.per_agent, 1, 200)
    }
}
