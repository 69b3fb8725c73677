//! What to mend in a request.

use core::time::Duration;

use serde::{Serialize, Serializer};

use crate::callback::secret::SecretError;
use crate::challenge::token::InvalidHandles;
use crate::otp::SeedError;
use crate::policy::LegAdvice;
use crate::step_up::joint::mandate::InvalidApprovers;
use crate::values::action::form::ActionMismatch;
use crate::values::agent_safe::agent_safe;
use crate::values::interaction::Channel;
use crate::values::transaction::NotPayable;

/// What to mend in a request. Nothing was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The secret is not one that can be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The notice is not one of the batch's.
    #[error("the notice is not one of the batch's")]
    UnknownNotice,
    /// As many callbacks are booked as the policy allows.
    #[error("too many callbacks are booked")]
    TooManyCallbacks,
    /// As many callbacks were booked within a day as the policy allows, whatever became of them.
    #[error("too many callbacks were booked within a day")]
    TooManyCallbacksInADay,
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
    /// Records were lost or put back, or may have been, and the back end has not said since that those of this customer are
    /// right as they stand.
    #[error(
        "this customer's records may have been lost; the back end must vouch for it, or reconcile the customer first"
    )]
    NotReconciled,
    /// The host has erasure wait.
    #[error("the customer's records are on hold; lift the hold first")]
    OnHold,
    /// A payment may still be made, or it is not known how one ended.
    #[error("a payment of this customer is open; settle it first")]
    PaymentOpen,
    /// The customer's erasure has not come to its end.
    #[error("the customer's erasure has not come to its end; erase them again first")]
    NotErasedYet,
    /// A time step is longer than two minutes.
    #[error("a time step lasts at most {} seconds", crate::policy::TIME_STEP_LIMIT)]
    TimeStep,
    /// The customer has had a key that signs, and none such approved this authenticator.
    #[error(
        "only a key that signs approves another authenticator of this customer; or lower the floor first"
    )]
    BelowFloor,
    /// The customer's first key that signs needs the back end's word, by policy.
    #[error("the first key of a customer needs the back end's word, and a delay or a visit")]
    FirstKey,
    /// A passkey is to be enrolled, and the policy names no relying party.
    #[error("name the relying party of passkeys in the policy")]
    NoRelyingParty,
    /// A counter is the last that there is.
    #[error("a fob with this counter has no next code")]
    LastCounter,
    /// The booking was amended as often as the policy allows.
    #[error("this booking cannot be amended any more; cancel it and book anew")]
    TooManyAmendments,
    /// A seed is too short, or too long for its algorithm.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The digits, the enterprise's name or the account name cannot be written into an otpauth URI.
    #[error(
        "an otpauth URI takes 6 to 8 digits, and neither in the account name nor in the enterprise's name a colon"
    )]
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
    /// The verifier knows no such feed.
    #[error("this feed is not one of the verifier's telephony")]
    UnknownFeed,
    /// Calls of this feed show no such number.
    #[error("this feed's calls do not show this number; add it to the verifier's telephony")]
    UnknownNumber,
    /// So many reports of the feed are missing before this one that no more are kept.
    #[error("too many reports of this feed are missing; send them, or begin anew")]
    FeedGap,
    /// A feed began anew with a number that is not above all that it has used.
    #[error(
        "this feed has used this number, or a higher one; begin anew with one above all of them"
    )]
    ReportNumberUsed,
    /// The line is not one on which the policy allows this, with what helps.
    #[error("this is not allowed on this line: {0}")]
    Leg(LegAdvice),
    /// The transaction of a payment is of another kind.
    #[error("a payment is asked for with a transaction of the kind payment")]
    NotAPayment,
    /// No card can be charged with the amount or currency.
    #[error(transparent)]
    NotPayable(#[from] NotPayable),
    /// The action is not one of those that the policy registers.
    #[error(transparent)]
    Action(#[from] ActionMismatch),
    /// These customers cannot be asked together.
    #[error(transparent)]
    Approvers(#[from] InvalidApprovers),
    /// A text that people see holds a card number.
    #[error("a text holds a card number; card data must not be written anywhere")]
    CardInText,
    /// An identifier holds a card number.
    #[error("an identifier holds a card number; card data must not be written anywhere")]
    CardInId,
    /// A card may not be kept for so long, or for no time.
    #[error("a card may be kept for at most {} hours, and for a second at least", hours(.0))]
    KeptTooLong(Duration),
    /// The vault's key is none to ask a customer to seal a card for.
    #[cfg(feature = "cards")]
    #[error(transparent)]
    OpeningKey(#[from] crate::payment::OpeningKeyProblem),
    /// Another card token was kept for this payment.
    #[error("another card token is kept for this payment")]
    AnotherCardToken,
    /// As many notices that have not ended stand on the board as there can be.
    #[error("too many notices have not ended; let one end first")]
    TooManyNotices,
    /// A report of reachable agents was measured by a clock that is ahead.
    #[error("a report was measured in the future; set that clock")]
    ReportFromFuture,
    /// As many skills were reported as there can be.
    #[error(
        "at most {} skills over their channels can be reported",
        crate::policy::REACHABLE_SKILLS
    )]
    TooManySkills,
    /// An amendment that changes nothing.
    #[error("an amendment must change something")]
    NothingToAmend,
}

fn hours(duration: &Duration) -> u64 {
    duration.as_secs() / 3600
}

/// The message, which repeats nothing of the request.
impl Serialize for Invalid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

agent_safe!(Invalid);
