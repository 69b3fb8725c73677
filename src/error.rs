//! What can go wrong, by who has to act: nobody (refused), the caller (invalid), the host's
//! operators (store, keys, clock, randomness, configuration).

use core::fmt;
use core::time::Duration;

use serde::{Serialize, Serializer};

use crate::agent_safe::agent_safe;
use crate::ceremony::callback::SecretError;
use crate::interaction::Channel;
use crate::keys::KeyId;
use crate::otp::SeedError;
use crate::random::RandomError;
use crate::secret::silent_serde;
use crate::store::StoreError;
use crate::time::ClockError;
use crate::token::InvalidHandles;

/// Why an operation gave no result.
///
/// Only [`Error::Refused`] is a decision. Every other variant means that nothing was decided: it is
/// never a pass and never a "wrong code". No message repeats what a customer or agent typed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules say no. The reason is in the history and went to the observer.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The request cannot be carried out as it is; nothing was stored. The message says what to
    /// mend.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Too many others were changing the same record. Nothing was changed; try again.
    #[error("too many others are changing this record; try again")]
    Busy,
    /// The store failed. The change may or may not have been written; repeating the call gives the
    /// result.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// A stored record cannot be opened: it was damaged, moved, or its root key is missing.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The clock cannot tell the time.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The verifier was set up wrongly.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What cannot happen has: a token could not be signed. The clock shows a time at the very end of the year
    /// 9999, or the store showed a record whose time is over. The fault is none of the request's; look at
    /// those two, and report it if both are right.
    #[error("this should not have happened: look at the clock and the store")]
    Internal,
    /// The acquirer did not do what a vault asked of it, or did not say whether it did.
    #[cfg(feature = "cards")]
    #[error(transparent)]
    Acquirer(#[from] crate::vault::AcquirerError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The rules say no.
///
/// It has one form whatever the reason (PSD2 RTS Art. 4(3)(a)), safe for an agent or a caller to
/// hear: an unknown id, another customer's id, the wrong time or the wrong agent all read alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("refused")]
#[non_exhaustive]
pub struct Refused;

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("refused")
    }
}

agent_safe!(Refused);

/// What to mend in a request. Nothing was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The secret is not one that can be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The window is over already.
    #[error("the window must end in the future")]
    WindowOver,
    /// The window is longer than the policy allows.
    #[error("the window must not be longer than {} hours", hours(.0))]
    WindowTooLong(Duration),
    /// The window ends later than the policy allows.
    #[error("the window must end within {} hours from now", hours(.0))]
    WindowTooFar(Duration),
    /// The channel does not allow this.
    #[error("this is not allowed on the channel {0}; use another")]
    Channel(Channel),
    /// The request id was used before for something else.
    #[error("this request id was used for another request; draw a new one")]
    RequestReused,
    /// The fob was imported before, as another kind or with another PIN.
    #[error("this fob was imported with another method, algorithm, suite, digits, period or PIN")]
    AlreadyImported,
    /// The customer has as many credentials as the policy allows.
    #[error("this customer has too many credentials; revoke one first")]
    TooManyCredentials,
    /// The customer has a credential, and nobody who is entitled to has said that they may have another.
    #[error(
        "this customer has a credential; another one needs a step-up with it, or the back end's word"
    )]
    AnotherCredential,
    /// A time step is longer than two minutes.
    #[error("a time step lasts at most {} seconds", crate::policy::TIME_STEP_LIMIT)]
    TimeStep,
    /// A counter is the last that there is.
    #[error("a fob with this counter has no next code")]
    LastCounter,
    /// The booking was amended as often as the policy allows.
    #[error("this booking cannot be amended any more; cancel it and book anew")]
    TooManyAmendments,
    /// A seed is too short, or too long for its algorithm.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The digits or the account name cannot be written into an otpauth URI.
    #[error("an otpauth URI takes 6 to 8 digits and an account name without a colon")]
    NotProvisionable,
    /// The validity of a challenge is shorter than a second or longer than the policy allows.
    #[error("a challenge must be valid for 1 to {} seconds", .0.as_secs())]
    ValidFor(Duration),
    /// A handle stands twice, is on a channel that the challenge does not name, or there are too many.
    #[error(transparent)]
    Handles(#[from] InvalidHandles),
    /// A challenge that is posted there must name the handle from which it is posted.
    #[error("name the handle from which a challenge is posted on the channel {0}")]
    NoHandle(Channel),
    /// Others can read what is posted on this channel.
    #[error(
        "a challenge that is posted on the channel {0}, where others can read it, has no details"
    )]
    ExposedDetails(Channel),
    /// The texts do not fit into a token.
    #[error("the texts are too long for a token: shorten them")]
    TokenTooLong,
    /// The challenge has had as many appointments as it can.
    #[error("this challenge cannot have another appointment; revoke it and issue a new one")]
    TooManyAppointments,
    /// The customer's own word was shown to an agent already.
    #[error("the customer's word was shown to an agent; revoke this challenge and issue a new one")]
    WordWasShown,
    /// The interaction id was used before for another conversation.
    #[error("this interaction id is that of another conversation; ids must not be used twice")]
    InteractionReused,
    /// The transaction of a payment is of another kind.
    #[error("a payment is asked for with a transaction of the kind payment")]
    NotAPayment,
    /// A text that people see holds a card number.
    #[error("a text holds a card number; card data must not be written anywhere")]
    CardInText,
    /// A card may not be kept for so long, or for no time.
    #[error("a card may be kept for at most {} hours, and for a second at least", hours(.0))]
    KeptTooLong(Duration),
    /// Another card token was kept for this payment.
    #[error("another card token is kept for this payment")]
    AnotherCardToken,
    /// An amendment that changes nothing.
    #[error("an amendment must change something")]
    NothingToAmend,
}

fn hours(duration: &Duration) -> u64 {
    duration.as_secs() / 3600
}

/// A stored record cannot be opened. It is never taken for an absent one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record does not belong to this place, version and retention, or was changed.
    #[error("a stored record was damaged, moved or changed")]
    Damaged,
    /// The root key that sealed the record is not in the keyring.
    #[error("a stored record was sealed under root key {0}, which the keyring does not hold")]
    UnknownKey(KeyId),
    /// The record has a format of a later version of this crate.
    #[error("a stored record has format {0}, which this version cannot read")]
    UnknownFormat(u8),
    /// A history holds an event that a later version of this crate wrote.
    #[error("a history holds an event of a later version, which this version cannot read")]
    UnknownEvent,
}

/// What is wrong with the set-up of a verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A number of the policy lies outside of what is allowed.
    #[error("policy: `{field}` must be from {least} to {most}")]
    OutOfRange {
        /// The field of [`Policy`](crate::Policy).
        field: &'static str,
        /// The smallest number allowed.
        least: u64,
        /// The largest number allowed.
        most: u64,
    },
    /// Tokens were asked for, but the verifier has no signing key.
    #[error("this needs a signing key: give one to the builder")]
    NoSigningKey,
    /// Receipts are to be settled, but the verifier trusts no vault.
    #[error("this needs the vault's public keys: give them to the builder")]
    NoVaultKeys,
    /// A key that signs payment requests is trusted for receipts, or the other way round: who asks
    /// for a payment must not be able to say that it was made.
    #[error("one key must not sign both payment requests and receipts")]
    OneKeyForBoth,
    /// The policy lets payments be approved by a method whose codes say nothing of amount and payee.
    #[error("policy: `step_ups.payment_methods` takes OCRA and delivered codes alone")]
    PaymentMethod,
    /// The policy allows an act on a channel where it is never allowed.
    #[error("policy: `{act}` can never be allowed on the channel {channel}")]
    ForbiddenChannel {
        /// The act.
        act: crate::policy::Act,
        /// The channel.
        channel: Channel,
    },
}

/// Why something was refused: for the history and the observer, never for the caller or an agent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Reason {
    /// No such id, or another customer's.
    Unknown,
    /// The ceremony has ended.
    Ended,
    /// Before or after the agreed window.
    OutsideWindow,
    /// The customer contacted the enterprise; only the other way round proves anything.
    Inbound,
    /// Another channel than agreed.
    WrongChannel,
    /// The policy does not allow this on the channel.
    ChannelNotAllowed,
    /// Another agent or team than assigned.
    NotAssigned,
    /// In more interactions than allowed.
    TooManyInteractions,
    /// Another agent than the one to whom this interaction's read-back was shown.
    AgentChanged,
    /// The customer recognised a caller to whom nothing was revealed: the secret has leaked.
    NothingRevealed,
    /// What was agreed has been shown already and can no longer change.
    AlreadyRevealed,
    /// The code is not the right one.
    WrongCode,
    /// The code was right once, and has been used or is of too long ago.
    Replayed,
    /// Too many failures in a row: nothing is evaluated for a while.
    Locked,
    /// So many failures that only a new credential helps.
    Disabled,
    /// The credential was not confirmed with a first code yet.
    Unconfirmed,
    /// The customer has no credential that may be used for this.
    NoCredential,
    /// Step-ups or payments were asked for, or challenges issued, too often lately.
    TooManyRequests,
    /// Another interaction, agent or transaction than approved.
    NotAsApproved,
    /// The grant or the receipt is not a genuine one.
    NotGenuine,
    /// Redeemed under another key already.
    Redeemed,
    /// The customer has another credential, and nobody said that they may have this one beside it.
    AnotherCredential,
    /// No appointment was confirmed yet.
    NotConfirmed,
    /// Another appointment has taken its place.
    Superseded,
    /// The customer has not accepted yet.
    NotAnswered,
    /// The customer has accepted already, or the slot was fixed from the start.
    AlreadyAnswered,
    /// An appointment was confirmed already; it can be reassigned.
    AlreadyConfirmed,
    /// As many interactions with this customer are open as can be.
    TooManyOpen,
    /// Another card was given under the same request.
    AnotherCard,
    /// The sealed card does not open for this request.
    CannotOpen,
    /// The payment was not authorised.
    NotAuthorised,
    /// A card token that serves once has served.
    Used,
    /// The card token was revoked.
    Revoked,
    /// Nothing, or more than is left of what was authorised or captured.
    AmountExceeded,
}

silent_serde!(Reason: "a reason of a refusal");

impl Reason {
    const ALL: [Self; 34] = [
        Self::Unknown,
        Self::Ended,
        Self::OutsideWindow,
        Self::Inbound,
        Self::WrongChannel,
        Self::ChannelNotAllowed,
        Self::NotAssigned,
        Self::TooManyInteractions,
        Self::AgentChanged,
        Self::NothingRevealed,
        Self::AlreadyRevealed,
        Self::WrongCode,
        Self::Replayed,
        Self::Locked,
        Self::Disabled,
        Self::Unconfirmed,
        Self::NoCredential,
        Self::TooManyRequests,
        Self::NotAsApproved,
        Self::NotGenuine,
        Self::Redeemed,
        Self::AnotherCredential,
        Self::NotConfirmed,
        Self::Superseded,
        Self::NotAnswered,
        Self::AlreadyAnswered,
        Self::AlreadyConfirmed,
        Self::TooManyOpen,
        Self::AnotherCard,
        Self::CannotOpen,
        Self::NotAuthorised,
        Self::Used,
        Self::Revoked,
        Self::AmountExceeded,
    ];

    /// The number in records and hashes. It never changes its meaning.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Unknown => 1,
            Self::Ended => 2,
            Self::OutsideWindow => 3,
            Self::Inbound => 4,
            Self::WrongChannel => 5,
            Self::ChannelNotAllowed => 6,
            Self::NotAssigned => 7,
            Self::TooManyInteractions => 8,
            Self::AgentChanged => 9,
            Self::NothingRevealed => 10,
            Self::AlreadyRevealed => 11,
            // From 31 on: credentials and step-ups.
            Self::WrongCode => 31,
            Self::Replayed => 32,
            Self::Locked => 33,
            Self::Disabled => 34,
            Self::Unconfirmed => 35,
            Self::NoCredential => 36,
            Self::TooManyRequests => 37,
            Self::NotAsApproved => 38,
            Self::NotGenuine => 39,
            Self::Redeemed => 40,
            Self::AnotherCredential => 41,
            // From 51 on: challenges.
            Self::NotConfirmed => 51,
            Self::Superseded => 52,
            Self::NotAnswered => 53,
            Self::AlreadyAnswered => 54,
            Self::AlreadyConfirmed => 55,
            // From 71 on: open interactions.
            Self::TooManyOpen => 71,
            // From 91 on: payments.
            Self::AnotherCard => 91,
            Self::CannotOpen => 92,
            Self::NotAuthorised => 93,
            Self::Used => 94,
            Self::Revoked => 95,
            Self::AmountExceeded => 96,
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "no such id for this customer",
            Self::Ended => "it has ended",
            Self::OutsideWindow => "outside the window",
            Self::Inbound => "the customer contacted us",
            Self::WrongChannel => "not the channel agreed",
            Self::ChannelNotAllowed => "not allowed on this channel",
            Self::NotAssigned => "not assigned to this agent",
            Self::TooManyInteractions => "shown in another interaction already",
            Self::AgentChanged => "shown to another agent in this interaction",
            Self::NothingRevealed => "nothing had been revealed",
            Self::AlreadyRevealed => "revealed already",
            Self::WrongCode => "a wrong code",
            Self::Replayed => "a code used before",
            Self::Locked => "locked after failures in a row",
            Self::Disabled => "disabled after too many failures",
            Self::Unconfirmed => "not confirmed yet",
            Self::NoCredential => "no credential for this",
            Self::TooManyRequests => "asked for too often lately",
            Self::NotAsApproved => "not what was approved",
            Self::NotGenuine => "not a genuine grant or receipt",
            Self::Redeemed => "redeemed already",
            Self::AnotherCredential => "the customer has another credential",
            Self::NotConfirmed => "no appointment was confirmed",
            Self::Superseded => "another appointment has taken its place",
            Self::NotAnswered => "the customer has not accepted",
            Self::AlreadyAnswered => "accepted already",
            Self::AlreadyConfirmed => "confirmed already",
            Self::TooManyOpen => "too many interactions open at once",
            Self::AnotherCard => "another card under the same request",
            Self::CannotOpen => "the sealed card does not open for this request",
            Self::NotAuthorised => "not authorised",
            Self::Used => "a card token used before",
            Self::Revoked => "a card token that was revoked",
            Self::AmountExceeded => "nothing, or more than is left",
        })
    }
}

/// Inside the crate: the rules say no, and why (the caller gets the bare [`Refused`]), or the
/// request needs mending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Denied(Reason),
    Invalid(Invalid),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Denied(reason)
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied(_) => Self::Refused(Refused),
            Failure::Invalid(invalid) => Self::Invalid(invalid),
        }
    }
}
