//! Why something was refused.

use core::fmt;
use serde::Serialize;

use crate::codec::variant_name::variant_name;
use crate::values::secret::silent_serde;

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

silent_serde!(Reason: "a reason of a refusal");

impl Reason {
    /// The name in serde formats, for metrics and logs. It never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        variant_name(&self).unwrap_or_default()
    }
}
