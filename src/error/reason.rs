//! Why something was refused.

use core::fmt;
use serde::Serialize;

use crate::codec::table::numbered;
use crate::codec::variant_name::variant_name;
use crate::values::secret::silent_serde;

numbered! {
    /// Why something was refused: for the history and the observer, never for the caller or an agent.
    #[derive(
        Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize,
    )]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum Reason {
        /// No such id, or another customer's.
        Unknown = 1,
        /// The ceremony has ended.
        Ended = 2,
        /// Before or after the agreed window.
        OutsideWindow = 3,
        /// The customer contacted the enterprise; only the other way round proves anything.
        Inbound = 4,
        /// Another channel than agreed.
        WrongChannel = 5,
        /// The policy does not allow this on the channel.
        ChannelNotAllowed = 6,
        /// Another agent or team than assigned.
        NotAssigned = 7,
        /// In more interactions than allowed.
        TooManyInteractions = 8,
        /// Another agent than the one to whom this interaction's read-back was shown.
        AgentChanged = 9,
        /// The customer recognised a caller to whom nothing was revealed: the secret has leaked.
        NothingRevealed = 10,
        /// What was agreed has been shown already and can no longer change.
        AlreadyRevealed = 11,
        // From 31 on: credentials and step-ups.
        /// The code is not the right one.
        WrongCode = 31,
        /// The code was right once, and has been used or is of too long ago.
        Replayed = 32,
        /// Too many failures in a row: nothing is evaluated for a while.
        Locked = 33,
        /// So many failures that only a new credential helps.
        Disabled = 34,
        /// The credential was not confirmed with a first code yet.
        Unconfirmed = 35,
        /// The customer has no credential that may be used for this.
        NoCredential = 36,
        /// Step-ups or payments were asked for, or challenges issued, too often lately.
        TooManyRequests = 37,
        /// Another interaction, agent or transaction than approved.
        NotAsApproved = 38,
        /// The grant or the receipt is not a genuine one.
        NotGenuine = 39,
        /// Redeemed under another key already.
        Redeemed = 40,
        /// The customer has another credential, and nobody said that they may have this one beside it.
        AnotherCredential = 41,
        /// The customer was erased.
        Erased = 42,
        /// Not signed by the credential's private key, or signed for something else.
        NotSigned = 43,
        /// Fewer have approved than are needed, or their approvals do not count any more.
        TooFewApprovals = 49,
        /// The enterprise did not ring back, or on a number that is not known to be the customer's, or changed lately.
        NumberNotTrusted = 50,
        // From 51 on: challenges.
        /// No appointment was confirmed yet.
        NotConfirmed = 51,
        /// Another appointment has taken its place.
        Superseded = 52,
        /// The customer has not accepted yet.
        NotAnswered = 53,
        /// The customer has accepted already, or the slot was fixed from the start.
        AlreadyAnswered = 54,
        /// An appointment was confirmed already; it can be reassigned.
        AlreadyConfirmed = 55,
        // From 61 on: prompts.
        /// The digits are not those that the agent has, or there are none.
        WrongDigits = 61,
        /// What the customer said of who rang whom does not fit, or nothing was said.
        WhoRangDiffers = 62,
        /// Prompts are stopped or held off until the customer's session allows them.
        PromptsHeld = 63,
        // From 71 on: open interactions.
        /// As many interactions with this customer are open as can be.
        TooManyOpen = 71,
        // From 91 on: payments.
        /// Another card was given under the same request.
        AnotherCard = 91,
        /// The sealed card does not open for this request.
        CannotOpen = 92,
        /// The payment was not authorised.
        NotAuthorised = 93,
        /// A card token that serves once has served.
        Used = 94,
        /// The card token was revoked.
        Revoked = 95,
        /// Nothing, or more than is left of what was authorised or captured.
        AmountExceeded = 96,
        // From 161 on: reachable agents.
        /// The answer tells nothing of that skill over that channel.
        NotTold = 161,
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
            Self::Erased => "the customer was erased",
            Self::NotSigned => "not signed by the credential's key",
            Self::TooFewApprovals => "fewer have approved than are needed",
            Self::NumberNotTrusted => "not rung back on a number that is trusted",
            Self::NotConfirmed => "no appointment was confirmed",
            Self::Superseded => "another appointment has taken its place",
            Self::NotAnswered => "the customer has not accepted",
            Self::AlreadyAnswered => "accepted already",
            Self::AlreadyConfirmed => "confirmed already",
            Self::WrongDigits => "not the digits that the agent has",
            Self::WhoRangDiffers => "not who rang whom",
            Self::PromptsHeld => "prompts are held off",
            Self::TooManyOpen => "too many interactions open at once",
            Self::AnotherCard => "another card under the same request",
            Self::CannotOpen => "the sealed card does not open for this request",
            Self::NotAuthorised => "not authorised",
            Self::Used => "a card token used before",
            Self::Revoked => "a card token that was revoked",
            Self::AmountExceeded => "nothing, or more than is left",
            Self::NotTold => "the answer tells nothing of that skill",
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
