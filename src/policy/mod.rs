//! The policy: numbers that a host may tighten, with defaults, limits and sources, and which act may happen
//! on which channel.

mod action;
mod challenge;
mod channels;
mod credential;
mod leg;
mod notice;
mod outbox;
mod passkey;
mod payment;
mod prompts;
mod reachability;
mod reserved;
mod step_up;
mod ticket;

pub(crate) use self::action::Reached;
pub use self::action::{
    ActionPolicy, ActionRule, NUMBER_CHECKED_WITHIN, NUMBER_UNCHANGED_FOR, RingBackRule,
};
pub use self::challenge::{
    CHALLENGE_APPOINTMENTS, CHALLENGE_CONCLUDE_WITHIN, CHALLENGE_CONFIRM_WITHIN, CHALLENGE_LIMIT,
    CHALLENGE_MAX_AHEAD, CHALLENGE_MAX_SLOT, CHALLENGE_MAX_SLOT_LIMIT, CHALLENGE_PRESENTATIONS,
    CHALLENGE_PRESENTATIONS_LIMIT, CHALLENGE_VALID_FOR, CHALLENGES_PER_CUSTOMER, ChallengePolicy,
};
pub use self::channels::{Act, ChannelMatrix};
pub use self::credential::{
    CONFIRM_WITHIN, CREDENTIALS_PER_CUSTOMER, CredentialPolicy, FAILURES_TO_DISABLE,
    FAILURES_TO_LOCK, FIRST_KEY_DELAY, FIRST_LOCK, FLOOR_DELAY, FLOOR_WINDOW, FirstKey,
    HOTP_LOOK_AHEAD, RESYNC_RANGE, TIME_STEP_LIMIT, TOTP_STEPS,
};
pub use self::leg::{LEG_FACTS_FOR, LegAdvice, LegPolicy, LegRule, SIM_UNCHANGED_FOR};
pub use self::notice::{NOTICE_LIST_LIMIT, NOTICE_LIST_VALID_FOR, NOTICES_AT_ONCE};
pub use self::outbox::{NEWS_ATTEMPTS, NEWS_RETRY_AFTER, NEWS_RETRY_WITHIN, OutboxPolicy};
pub use self::passkey::{PasskeyPolicy, UserVerification};
pub use self::prompts::{
    MISMATCHES_TO_STOP, PROMPTS_PER_DAY, PROMPTS_PER_INTERACTION, PromptCheck, PromptPolicy,
};
pub use self::reachability::{
    REACHABLE_FEWEST_AGENTS, REACHABLE_LIMIT, REACHABLE_SKILLS, REACHABLE_STALE_AFTER,
    REACHABLE_VALID_FOR, ReachabilityPolicy,
};
pub use self::reserved::{ReservedCustomers, ReservedForKeys};
pub use self::step_up::{
    STEP_UP_LIMIT, STEP_UP_LIMIT_WINDOW, STEP_UP_OVER, STEP_UP_VALID_FOR, STEP_UPS_PER_AGENT,
    STEP_UPS_PER_CUSTOMER, StepUpPolicy,
};
pub use self::ticket::{
    TICKET_LIMIT_WINDOW, TICKET_TRIES_IN_ALL, TICKET_TRIES_IN_ALL_LIMIT, TICKET_TRIES_PER_CALL,
    TICKET_TRIES_PER_NUMBER, TICKET_VALID_FOR, TICKET_VALID_FOR_LIMIT, TICKETS_PER_CUSTOMER,
    TicketPolicy,
};
pub use crate::token::{LEEWAY, LEEWAY_LIMIT};

pub use self::payment::{
    AUTHENTICATE_WITHIN, AUTHENTICATE_WITHIN_LIMIT, AUTHORISE_WITHIN, AUTHORISE_WITHIN_LEAST,
    CARD_KEPT_FOR, CARD_KEPT_FOR_LIMIT, OPENING_KEY_GIVEN_FOR, OPENING_KEY_GIVEN_FOR_LIMIT,
    PAYMENT_ATTEMPTS, PAYMENT_INCREMENTS, PAYMENT_LIMIT, PAYMENT_SHORTEST, PAYMENT_VALID_FOR,
    PAYMENT_VALID_FOR_LEAST, PAYMENTS_PER_AGENT, PAYMENTS_PER_CUSTOMER, PartialApprovals,
    PaymentPolicy, SINGLE_USE_FOR, SWEEP_AT_ONCE,
};

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::ConfigError;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The longest callback window by default: 31 days.
pub const CALLBACK_MAX_WINDOW: Duration = Duration::from_secs(31 * 24 * 3600);
/// The longest callback window any policy may allow: 366 days.
pub const CALLBACK_MAX_WINDOW_LIMIT: Duration = Duration::from_secs(366 * 24 * 3600);
/// How far ahead a callback window may end by default: 366 days, which is also the limit.
pub const CALLBACK_MAX_AHEAD: Duration = Duration::from_secs(366 * 24 * 3600);
/// In how many interactions a callback secret may be revealed by default: one.
///
/// A second one costs the customer certainty: a word that two calls have used was heard twice.
pub const CALLBACK_REVEALS: u8 = 1;
/// In how many interactions any policy may allow a reveal.
pub const CALLBACK_REVEALS_LIMIT: u8 = 5;
/// How often a booking may be amended by default, which is also the limit. Each amendment stays in
/// the history, so the number bounds the size of a record.
pub const CALLBACK_AMENDMENTS: u8 = 16;
/// How long after the window the customer may still say whether they recognised the caller, by
/// default: a day. A call that started in the window may outlast it.
pub const CALLBACK_CONCLUDE_WITHIN: Duration = Duration::from_secs(24 * 3600);
/// How many callbacks a customer may have booked at a time, by default. Our choice: it bounds what a stolen
/// session can make of a store, and what [`Contact::status`](crate::contact::Contact::status) reads.
pub const CALLBACKS_PER_CUSTOMER: u8 = 20;
/// How many callbacks a customer may book within a day, by default. Our choice: nobody needs so many, and a session that
/// books and cancels without end would fill the store, and the outbox for others.
pub const CALLBACKS_PER_DAY: u16 = 50;
/// The fewest letters and digits of a callback secret by default, which is also the least.
pub const CALLBACK_SECRET_CHARS: u8 = 4;
/// After how long an interaction whose end was not reported counts as ended, by default: four hours.
/// Our choice: longer than calls last, shorter than an outage of telephony's reports should matter.
pub const INTERACTION_MAX_AGE: Duration = Duration::from_secs(4 * 3600);
/// For how long the answer to "is it you?" counts by default: ten seconds. Our choice.
pub const STATUS_VALID_FOR: Duration = Duration::from_secs(10);
/// The most of it: half a minute.
pub const STATUS_LIMIT: Duration = crate::contact::token::status::MAX_STATUS_LIFETIME;
/// How many interactions with one customer may be open at once, of each direction, so that those of
/// one do not hide one of the other. It bounds the size of a record.
pub const OPEN_EACH_WAY: usize = 8;
/// How many calls of one feed may go on at once of which it is not known whose phone they reach. It bounds the size of a
/// record.
pub const UNIDENTIFIED_AT_ONCE: usize = 64;
/// How many ends are remembered of one customer, for beginnings that are reported too late.
pub const CLOSED_REMEMBERED: usize = 32;
/// How old a feed's watermark may be by default: two seconds. Our choice.
pub const WATERMARK_LAG: Duration = Duration::from_secs(2);
/// The most of it: half a minute.
pub const WATERMARK_LAG_LIMIT: Duration = Duration::from_secs(30);
/// For how long an announced call may ring by default: a minute. Our choice.
pub const RING_FOR: Duration = MINUTE;
/// The most of it: three minutes.
pub const RING_FOR_LIMIT: Duration = Duration::from_secs(180);
/// For how long a signed list of the enterprise's numbers holds by default: a day. Our choice.
pub const NUMBERS_VALID_FOR: Duration = DAY;
/// For how long the last contact is remembered by default: 90 days. Our choice.
pub const CONTACT_REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3600);
/// The most of it: 400 days.
pub const CONTACT_REMEMBERED_LIMIT: Duration = Duration::from_secs(400 * 24 * 3600);
/// For how long the customer's key may answer before the last contact is told: two minutes. Our choice.
pub const LAST_CONTACT_ASKED_FOR: Duration = Duration::from_secs(120);
/// How many reports of a feed are kept beyond one that is missing. It bounds the size of a record.
pub const REPORTS_AHEAD: usize = 256;
/// How long a record is kept after its ceremony could last have changed, by default: 400 days, so
/// that a dispute within 13 months (PSD2 Art. 71) finds its history.
pub const RETENTION: Duration = Duration::from_secs(400 * 24 * 3600);
/// How long a signed statement of the ground rules holds by default: a week. Our choice.
pub const GROUND_RULES_VALID_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// The most of it: 31 days.
pub const GROUND_RULES_LIMIT: Duration =
    crate::challenge::ground_rules_token::MAX_GROUND_RULES_LIFETIME;
/// How many refusals in a row, with nothing done in between, a ceremony's history lists; more are
/// counted. Our choice.
pub const LISTED_REFUSALS: u32 = 16;
/// How many events a ceremony's history lists: the last 256. Of those before there are their number and
/// the head of their chain. Our choice; a credential in daily use would otherwise grow for ever.
pub const LISTED_EVENTS: u32 = 256;

/// The rules that a host may tighten. The defaults stand in the constants of this module.
///
/// Durations are whole seconds in serde formats. Fields that are left out keep their defaults;
/// unknown ones are refused, so that a misspelt rule does not go unnoticed. Unlike everything else in
/// this crate, its errors name what they found: it is read from the operator's own configuration, and
/// holds no secret.
///
/// ```
/// use core::time::Duration;
/// use countersign::Policy;
///
/// let mut policy = Policy::default();
/// policy.callbacks.max_window = Duration::from_secs(4 * 3600);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// Callback secrets.
    pub callbacks: CallbackPolicy,
    /// Credentials: locks and time windows.
    pub credentials: CredentialPolicy,
    /// Step-ups: when they are needed, by which methods, how often.
    pub step_ups: StepUpPolicy,
    /// Passkeys: the relying party, and what their answers must say.
    pub passkeys: PasskeyPolicy,
    /// Challenges and their appointments.
    pub challenges: ChallengePolicy,
    /// Payments and the cards that are kept.
    pub payments: PaymentPolicy,
    /// Open interactions, and what the customer is told of them.
    pub presence: PresencePolicy,
    /// How agents can be reached.
    pub reachability: ReachabilityPolicy,
    /// Tickets for calls from the app.
    pub tickets: TicketPolicy,
    /// Which lines allow which act.
    pub legs: LegPolicy,
    /// News that could not be delivered.
    pub outbox: OutboxPolicy,
    /// Which act may happen on which channel.
    pub channels: ChannelMatrix,
    /// How long a signed statement of the ground rules holds: an hour to [`GROUND_RULES_LIMIT`].
    #[serde(with = "seconds")]
    pub ground_rules_valid_for: Duration,
    /// How long a list of the notices in force holds: a minute to [`NOTICE_LIST_LIMIT`].
    #[serde(with = "seconds")]
    pub notice_list_valid_for: Duration,
    /// How long a record is kept after its ceremony could last have changed: 1 to 4000 days.
    #[serde(with = "seconds")]
    pub retention: Duration,
    /// How far the clocks of the host's machines may disagree: 0 to [`LEEWAY_LIMIT`].
    ///
    /// It is not the leeway that tokens are verified with, which is about the issuer's clock and the
    /// verifier's: see [`token::Leeway`](crate::token::Leeway), with the same default and limit.
    #[serde(with = "seconds")]
    pub leeway: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            callbacks: CallbackPolicy::default(),
            credentials: CredentialPolicy::default(),
            step_ups: StepUpPolicy::default(),
            passkeys: PasskeyPolicy::default(),
            challenges: ChallengePolicy::default(),
            payments: PaymentPolicy::default(),
            presence: PresencePolicy::default(),
            reachability: ReachabilityPolicy::default(),
            tickets: TicketPolicy::default(),
            legs: LegPolicy::default(),
            outbox: OutboxPolicy::default(),
            channels: ChannelMatrix::default(),
            ground_rules_valid_for: GROUND_RULES_VALID_FOR,
            notice_list_valid_for: NOTICE_LIST_VALID_FOR,
            retention: RETENTION,
            leeway: LEEWAY,
        }
    }
}

/// The rules of callback secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CallbackPolicy {
    /// The longest window: 1 minute to [`CALLBACK_MAX_WINDOW_LIMIT`].
    #[serde(with = "seconds")]
    pub max_window: Duration,
    /// How far ahead a window may end: 1 minute to [`CALLBACK_MAX_AHEAD`].
    #[serde(with = "seconds")]
    pub max_ahead: Duration,
    /// In how many interactions the secret may be revealed: 1 to [`CALLBACK_REVEALS_LIMIT`].
    pub reveals: u8,
    /// How often a booking may be amended: 0 to [`CALLBACK_AMENDMENTS`].
    pub amendments: u8,
    /// How long after the window the customer may still conclude: 0 to 7 days.
    #[serde(with = "seconds")]
    pub conclude_within: Duration,
    /// How many callbacks a customer may have booked at a time: 1 to 100. Bookings that come at the same
    /// moment do not see each other, so it may be exceeded by so many.
    pub per_customer: u8,
    /// How many callbacks a customer may book within 24 hours, counted by the hour and whatever became of them: 1 to 10 000.
    /// A booking reads so many rows at most. Bookings at the same moment may exceed it, too.
    pub per_day: u16,
    /// The fewest letters and digits of a secret: [`CALLBACK_SECRET_CHARS`] to 32. A sign that writes a
    /// whole syllable or word, as in Chinese, Korean and kana, counts as one and a half.
    pub secret_chars: u8,
}

impl Default for CallbackPolicy {
    fn default() -> Self {
        Self {
            max_window: CALLBACK_MAX_WINDOW,
            max_ahead: CALLBACK_MAX_AHEAD,
            reveals: CALLBACK_REVEALS,
            amendments: CALLBACK_AMENDMENTS,
            conclude_within: CALLBACK_CONCLUDE_WITHIN,
            per_customer: CALLBACKS_PER_CUSTOMER,
            per_day: CALLBACKS_PER_DAY,
            secret_chars: CALLBACK_SECRET_CHARS,
        }
    }
}

/// The rules of open interactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PresencePolicy {
    /// After how long an interaction whose end was not reported counts as ended: 1 minute to a day.
    #[serde(with = "seconds")]
    pub max_age: Duration,
    /// For how long the answer to "is it you?" counts: 1 second to [`STATUS_LIMIT`].
    #[serde(with = "seconds")]
    pub status_valid_for: Duration,
    /// How old a feed's watermark may be for "we are not talking to you": 1 second to [`WATERMARK_LAG_LIMIT`]. The clocks
    /// of the host's machines must not differ by more.
    #[serde(with = "seconds")]
    pub lag: Duration,
    /// For how long an announced call may ring: 10 seconds to [`RING_FOR_LIMIT`], and no longer than `max_age`.
    #[serde(with = "seconds")]
    pub ring_for: Duration,
    /// For how long a signed list of the enterprise's numbers holds: an hour to 31 days.
    #[serde(with = "seconds")]
    pub numbers_valid_for: Duration,
    /// For how long the last contact is remembered, to be told to the customer's key: 0, which remembers none, to
    /// [`CONTACT_REMEMBERED_LIMIT`].
    #[serde(with = "seconds")]
    pub contact_remembered: Duration,
}

impl Default for PresencePolicy {
    fn default() -> Self {
        Self {
            max_age: INTERACTION_MAX_AGE,
            status_valid_for: STATUS_VALID_FOR,
            lag: WATERMARK_LAG,
            ring_for: RING_FOR,
            numbers_valid_for: NUMBERS_VALID_FOR,
            contact_remembered: CONTACT_REMEMBERED,
        }
    }
}

impl Policy {
    /// Checks every number against its limits.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the first field that loosens a rule past its limit.
    pub fn check(&self) -> Result<(), ConfigError> {
        let callbacks = &self.callbacks;
        let (second, minute) = (Duration::from_secs(1), MINUTE);
        within_time(
            "callbacks.max_window",
            callbacks.max_window,
            minute,
            CALLBACK_MAX_WINDOW_LIMIT,
        )?;
        within_time("callbacks.max_ahead", callbacks.max_ahead, minute, CALLBACK_MAX_AHEAD)?;
        within("callbacks.reveals", callbacks.reveals, 1, CALLBACK_REVEALS_LIMIT)?;
        within("callbacks.amendments", callbacks.amendments, 0, CALLBACK_AMENDMENTS)?;
        let week = DAY.saturating_mul(7);
        within_time("callbacks.conclude_within", callbacks.conclude_within, Duration::ZERO, week)?;
        within("callbacks.per_customer", callbacks.per_customer, 1, 100)?;
        if !(1..=10_000).contains(&callbacks.per_day) {
            let field = "callbacks.per_day";
            return Err(ConfigError::OutOfRange { field, least: 1, most: 10_000 });
        }
        within("callbacks.secret_chars", callbacks.secret_chars, CALLBACK_SECRET_CHARS, 32)?;
        self.credentials.check()?;
        self.step_ups.check()?;
        self.passkeys.check()?;
        self.challenges.check()?;
        self.payments.check()?;
        self.reachability.check()?;
        self.outbox.check()?;
        self.tickets.check()?;
        self.legs.check()?;
        let presence = &self.presence;
        within_time("presence.max_age", presence.max_age, minute, DAY)?;
        let answer = presence.status_valid_for;
        within_time("presence.status_valid_for", answer, second, STATUS_LIMIT)?;
        let hour = minute.saturating_mul(60);
        within_time("presence.lag", presence.lag, second, WATERMARK_LAG_LIMIT)?;
        let ten = second.saturating_mul(10);
        let most = presence.max_age.min(RING_FOR_LIMIT);
        within_time("presence.ring_for", presence.ring_for, ten, most)?;
        let list = presence.numbers_valid_for;
        let most = crate::contact::token::numbers::MAX_NUMBERS_LIFETIME;
        within_time("presence.numbers_valid_for", list, hour, most)?;
        let (kept, most) = (presence.contact_remembered, CONTACT_REMEMBERED_LIMIT);
        within_time("presence.contact_remembered", kept, Duration::ZERO, most)?;
        let rules = self.ground_rules_valid_for;
        within_time("ground_rules_valid_for", rules, hour, GROUND_RULES_LIMIT)?;
        let list = self.notice_list_valid_for;
        within_time("notice_list_valid_for", list, minute, NOTICE_LIST_LIMIT)?;
        within_time("retention", self.retention, DAY, DAY.saturating_mul(4000))?;
        within_time("leeway", self.leeway, Duration::ZERO, LEEWAY_LIMIT)?;
        for act in [Act::Reveal, Act::Challenge, Act::StepUp, Act::Payment] {
            for &channel in self.channels.of(act) {
                if ChannelMatrix::never(act, channel) {
                    return Err(ConfigError::ForbiddenChannel { act, channel });
                }
            }
        }
        Ok(())
    }
}

fn within(field: &'static str, value: u8, least: u8, most: u8) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::OutOfRange { field, least: least.into(), most: most.into() })
    }
}

fn within_time(
    field: &'static str,
    value: Duration,
    least: Duration,
    most: Duration,
) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::OutOfRange { field, least: least.as_secs(), most: most.as_secs() })
    }
}

/// Durations as whole seconds.
mod seconds {
    use core::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(of: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(of.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
