//! The numbers of credentials: locks, windows, how many there may be.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::policy::{DAY, MINUTE, seconds, within, within_time};

/// Failures in a row after which a credential is locked: five, which is also the most (PSD2 RTS (EU)
/// 2018/389 Art. 4(3)(b)).
pub const FAILURES_TO_LOCK: u8 = 5;
/// How long the first lock lasts by default, and at least: 30 minutes; each further one lasts twice
/// as long. Our choice.
pub const FIRST_LOCK: Duration = Duration::from_secs(30 * 60);
/// Evaluated failures in a row after which a credential is disabled, which is also the most (NIST SP
/// 800-63B-4).
pub const FAILURES_TO_DISABLE: u8 = 100;
/// Time steps either side of the expected one in which a TOTP code is looked for (RFC 6238 §5.2).
pub const TOTP_STEPS: u8 = 1;
/// Counters after the expected one at which a HOTP code is looked for by default (RFC 4226 §7.4).
pub const HOTP_LOOK_AHEAD: u8 = 10;
/// How far ahead two consecutive codes are looked for in a resync, in steps or counters (RFC 4226 §7.4,
/// RFC 6238 §6). As far behind they are known for old ones, and found only in the window: a pair from the past
/// proves nothing of the present.
pub const RESYNC_RANGE: u8 = 100;
/// The longest time step of an authenticator, in seconds: two minutes (NIST SP 800-63B-4, one-time
/// password authenticators).
pub const TIME_STEP_LIMIT: u32 = 120;
/// How many credentials a customer may have that have not ended, by default and at most: sixteen. Our
/// choice; it bounds what an app's session can make the enterprise keep.
pub const CREDENTIALS_PER_CUSTOMER: u8 = 16;
/// How long a new credential waits for its first code by default: a day.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(24 * 3600);
/// How long it takes by default until the floor is lowered: three days. Our choice: long enough for a customer who is told
/// to say no.
pub const FLOOR_DELAY: Duration = Duration::from_secs(3 * 24 * 3600);
/// For how long a lowered floor stays down at most: a week. Our choice: long enough for a new phone, and no standing
/// permission.
pub const FLOOR_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long the first key that signs waits by default, if policy asks for the back end's word: a day. Our choice: long
/// enough for a customer who is told to say no.
pub const FIRST_KEY_DELAY: Duration = Duration::from_secs(24 * 3600);

/// Whose word the first key that signs needs. Whatever it allows, the credential says on whose word it was bound
/// ([`Credential::bound_by`](crate::credential::Credential::bound_by)), and so do receipts and evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FirstKey {
    /// That which any credential needs: the session's if there is none yet, an approval by another one, or the back
    /// end's.
    AsAnyCredential,
    /// The back end's, and then a delay ([`CredentialPolicy::first_key_delay`]), or a visit to a branch
    /// ([`EnrolmentRequest::vouched_for_in_person`](crate::credential::EnrolmentRequest::vouched_for_in_person)).
    Vouched,
}

/// The rules of credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CredentialPolicy {
    /// Failures in a row until a lock: 1 to [`FAILURES_TO_LOCK`].
    pub failures_to_lock: u8,
    /// The first lock; each further one is twice as long: [`FIRST_LOCK`] to a day.
    #[serde(with = "seconds")]
    pub first_lock: Duration,
    /// Evaluated failures in a row until only a new credential helps: more than
    /// [`failures_to_lock`](Self::failures_to_lock), to [`FAILURES_TO_DISABLE`]. So many failures
    /// before that, at most, the observer is told to alert the customer.
    pub failures_to_disable: u8,
    /// Time steps either side of the expected one: 0 or [`TOTP_STEPS`].
    pub totp_steps: u8,
    /// Counters looked at after the expected one: 0 to [`HOTP_LOOK_AHEAD`].
    pub hotp_look_ahead: u8,
    /// How long a new credential waits for its first code: 1 minute to 30 days. One of delivered codes
    /// waits for ten minutes at most, as long as such a code may be good.
    #[serde(with = "seconds")]
    pub confirm_within: Duration,
    /// How many credentials a customer may have that have not ended: 1 to
    /// [`CREDENTIALS_PER_CUSTOMER`]. Calls at the same instant do not see each other and may exceed it. What the
    /// session alone began gives way to what somebody answers for, the oldest first.
    pub per_customer: u8,
    /// How long it takes until the floor is lowered ([`Customers::lower_floor`](crate::customer::Customers::lower_floor)):
    /// an hour to 30 days. It stays down for as long again, for [`FLOOR_WINDOW`] at most.
    #[serde(with = "seconds")]
    pub floor_delay: Duration,
    /// Whose word the first key that signs needs.
    pub first_key: FirstKey,
    /// How long the first key waits on the back end's word without a visit, if policy asks for that word: an hour to 30
    /// days.
    #[serde(with = "seconds")]
    pub first_key_delay: Duration,
}

impl Default for CredentialPolicy {
    fn default() -> Self {
        Self {
            failures_to_lock: FAILURES_TO_LOCK,
            first_lock: FIRST_LOCK,
            failures_to_disable: FAILURES_TO_DISABLE,
            totp_steps: TOTP_STEPS,
            hotp_look_ahead: HOTP_LOOK_AHEAD,
            confirm_within: CONFIRM_WITHIN,
            per_customer: CREDENTIALS_PER_CUSTOMER,
            floor_delay: FLOOR_DELAY,
            first_key: FirstKey::AsAnyCredential,
            first_key_delay: FIRST_KEY_DELAY,
        }
    }
}

impl CredentialPolicy {
    /// For how long a lowered floor stays down.
    pub(crate) fn floor_window(&self) -> Duration {
        self.floor_delay.min(FLOOR_WINDOW)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let locks = self.failures_to_lock;
        within("credentials.failures_to_lock", locks, 1, FAILURES_TO_LOCK)?;
        within_time("credentials.first_lock", self.first_lock, FIRST_LOCK, DAY)?;
        let disable = self.failures_to_disable;
        let more = locks.saturating_add(1);
        within("credentials.failures_to_disable", disable, more, FAILURES_TO_DISABLE)?;
        within("credentials.totp_steps", self.totp_steps, 0, TOTP_STEPS)?;
        within("credentials.hotp_look_ahead", self.hotp_look_ahead, 0, HOTP_LOOK_AHEAD)?;
        let month = DAY.saturating_mul(30);
        within_time("credentials.confirm_within", self.confirm_within, MINUTE, month)?;
        let hour = MINUTE.saturating_mul(60);
        within_time("credentials.floor_delay", self.floor_delay, hour, month)?;
        within_time("credentials.first_key_delay", self.first_key_delay, hour, month)?;
        let most = CREDENTIALS_PER_CUSTOMER;
        within("credentials.per_customer", self.per_customer, 1, most)
    }
}
