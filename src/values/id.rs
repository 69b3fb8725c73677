//! Identifiers: the host's own (customer, agent, team, interaction, request), and the crate's.
//!
//! Each meaning has its own type, so that an agent's id cannot stand where a customer's belongs.

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::codec::table::{kept_as_bytes, kept_as_text};
use crate::crypto::pae;
use crate::values::secret::deserialize_text;
use crate::values::unicode::is_invisible;

/// The longest identifier a host may use, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 128;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidId {
    /// The text is empty.
    #[error("an identifier must not be empty")]
    Empty,
    /// The text is longer than [`MAX_ID_BYTES`].
    #[error("an identifier must not be longer than {MAX_ID_BYTES} bytes")]
    TooLong,
    /// The text holds white space, or a control, bidirectional, invisible or unassigned character.
    #[error(
        "an identifier must not hold white space or control, invisible or unassigned characters"
    )]
    Unprintable,
    /// The text is not one that this crate wrote.
    #[error("this identifier is not one that countersign gave out")]
    Malformed,
}

pub(crate) fn checked(text: &str) -> Result<&str, InvalidId> {
    if text.is_empty() {
        Err(InvalidId::Empty)
    } else if text.len() > MAX_ID_BYTES {
        Err(InvalidId::TooLong)
    } else if !text.chars().all(is_visible) {
        Err(InvalidId::Unprintable)
    } else {
        Ok(text)
    }
}

/// Whether a character can be seen, so that two identifiers that look alike in a log are alike: no
/// white space, and none of Unicode's "other" categories (control, format, private, unassigned).
fn is_visible(c: char) -> bool {
    c.is_ascii_graphic()
        || (!c.is_ascii()
            && !c.is_whitespace()
            && !is_invisible(c)
            && c.general_category_group() != GeneralCategoryGroup::Other)
}

macro_rules! host_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        ///
        /// One to [`MAX_ID_BYTES`] bytes without white space or control, bidirectional and invisible
        /// characters; compared byte by byte. It is not a secret: use the host's opaque key for the person, not a name.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes over the host's identifier.
            ///
            /// # Errors
            ///
            /// [`InvalidId`] if it is empty, too long or holds what cannot be seen.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                checked(text.as_ref()).map(|text| Self(Arc::from(text)))
            }

            /// The identifier as the host gave it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer, $what, |text| Self::new(text))
            }
        }

        kept_as_text!($name);
    };
}

host_id! {
    /// The enterprise (or one tenant of a shared service) that a [`Verifier`](crate::Verifier)
    /// speaks for. Records of one issuer cannot be found or opened by another.
    Issuer, "an issuer as text"
}
host_id! {
    /// A customer, as the host knows them.
    CustomerId, "a customer id as text"
}
host_id! {
    /// An agent of the contact centre.
    AgentId, "an agent id as text"
}
host_id! {
    /// A team of agents, to which a callback may be assigned.
    TeamId, "a team id as text"
}
host_id! {
    /// One live conversation on any channel, the contact centre's *interaction* id (the telephony
    /// platform's call id, the chat's session id). The host must not use one twice.
    InteractionId, "an interaction id as text"
}
host_id! {
    /// An idempotency key: the app draws one for each thing that its user does (a UUID will do) and
    /// sends the same one again when it repeats a call whose answer was lost.
    RequestId, "a request id as text"
}

host_id! {
    /// A merchant account at the acquirer, for which a payment is made and to which a card token is
    /// bound.
    MerchantId, "a merchant id as text"
}

host_id! {
    /// A system that reports calls: a telephony platform, a dialler, a chat platform.
    FeedId, "a feed's id as text"
}

host_id! {
    /// A line over which calls reach the enterprise, as its session border controller names it.
    TrunkId, "a trunk's id as text"
}

/// How a type over bytes is written and read: in lower-case Crockford base32.
macro_rules! text_in_base32 {
    ($name:ident, $what:literal) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&to_base32(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                from_base32(text).map(Self).ok_or(InvalidId::Malformed)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer, $what, Self::from_str)
            }
        }
    };
}
pub(crate) use text_in_base32;

macro_rules! own_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) [u8; 16]);

        text_in_base32!($name, $what);
        kept_as_bytes!($name);
    };
}

own_id! {
    /// The record of what there must be of a customer. In text 26 characters of lower-case Crockford base32.
    AnchorId, "an anchor's id as text"
}
own_id! {
    /// The record of what a customer is asked, and of wrong digits. In text 26 characters of lower-case Crockford base32.
    PromptsId, "the id of a customer's prompts as text"
}
own_id! {
    /// Names what is held of a customer's news. In text 26 characters of lower-case Crockford base32.
    HeldNewsId, "the id of held news as text"
}
own_id! {
    /// A booked callback. 26 characters of lower-case Crockford base32 in text.
    ///
    /// It is derived from the customer and the booking's [`RequestId`] with a key, so it tells nothing
    /// about either, and it opens nothing by itself.
    CallbackId, "a callback id as text"
}
own_id! {
    /// A customer's credential. 26 characters of lower-case Crockford base32 in text.
    ///
    /// Derived from the customer and the enrolment's [`RequestId`] with a key, so it tells nothing
    /// about either.
    CredentialId, "a credential id as text"
}

own_id! {
    /// A step-up. 26 characters of lower-case Crockford base32 in text.
    ///
    /// Derived from the interaction and the request with a key, so it tells nothing about either.
    StepUpId, "a step-up id as text"
}
own_id! {
    /// A step-up that several customers approve. 26 characters of lower-case Crockford base32 in text.
    ///
    /// Derived from the interaction and the request with a key, so it tells nothing about either.
    JointStepUpId, "a joint step-up id as text"
}
own_id! {
    /// The count of step-ups asked of a customer or by an agent. 26 characters of lower-case
    /// Crockford base32 in text.
    StepUpLimitId, "a limit id as text"
}
own_id! {
    /// A payment. 26 characters of lower-case Crockford base32 in text.
    ///
    /// Derived from the interaction and the request with a key, so it tells nothing about either.
    PaymentId, "a payment id as text"
}
own_id! {
    /// A card that a vault keeps under a token. 26 characters of lower-case Crockford base32 in text.
    ///
    /// Derived from the token and what it is bound to with a key, so it tells nothing about either.
    StoredCardId, "a stored card's id as text"
}
own_id! {
    /// Recognises a card number: equal for equal numbers within one vault, for ever, and telling nothing
    /// about the number to whoever has not the vault's locator key (PCI DSS 4.0.1, 3.5.1.1). 26
    /// characters of lower-case Crockford base32 in text.
    CardFingerprint, "a card's fingerprint as text"
}
own_id! {
    /// What names a payment, or one call about it, at the acquirer: the same whenever that call is repeated. 26
    /// characters of lower-case Crockford base32 in text.
    IdempotencyKey, "an idempotency key as text"
}
own_id! {
    /// The record of a vault's opening keys. 26 characters of lower-case Crockford base32 in text.
    OpeningKeysId, "an opening keys' id as text"
}
own_id! {
    /// A vault's note that a sweep is to look at a payment. 26 characters of lower-case Crockford base32 in text.
    DueChargeId, "a due charge's id as text"
}
own_id! {
    /// The record of which interactions with a customer are open. 26 characters of lower-case
    /// Crockford base32 in text.
    PresenceId, "a presence id as text"
}

own_id! {
    /// The record of what a feed has reported. In text 26 characters of lower-case Crockford base32.
    FeedRecordId, "the id of a feed's record as text"
}
own_id! {
    /// A ticket. In text 26 characters of lower-case Crockford base32.
    ///
    /// Derived from what is presented with a key, so it tells nothing about that.
    TicketId, "a ticket's id as text"
}
own_id! {
    /// The count of tickets that were tried. In text 26 characters of lower-case Crockford base32.
    TicketLimitId, "the id of a ticket limit as text"
}

own_id! {
    /// A challenge. 26 characters of lower-case Crockford base32 in text.
    ///
    /// Derived from the customer and the [`RequestId`] with a key, so it tells nothing about either. It
    /// is the id of its token too.
    ChallengeId, "a challenge id as text"
}

own_id! {
    /// A notice. 26 characters of lower-case Crockford base32 in text.
    ///
    /// Derived from whom it is for and the [`RequestId`] with a key. It is the id of its token too.
    NoticeId, "a notice id as text"
}
own_id! {
    /// The record of a board of notices: everyone's, or a customer's. In text 26 characters of lower-case Crockford
    /// base32.
    NoticeBoardId, "a notice board's id as text"
}

host_id! {
    /// What customers need an agent for, such as `cards`: a queue of the contact centre, as apps show it.
    SkillId, "a skill as text"
}
own_id! {
    /// Stands for an answer about reachable agents, by content: the first 16 bytes of a digest of its token. In text 26
    /// characters of lower-case Crockford base32.
    AnswerDigest, "an answer's digest as text"
}
own_id! {
    /// The record of how agents can be reached. In text 26 characters of lower-case Crockford base32.
    ReachabilityId, "a reachability id as text"
}

impl AnswerDigest {
    /// Of this token.
    pub(crate) fn of_token(token: &str) -> Self {
        let digest = pae::sha256(&[b"countersign reachable answer v1", token.as_bytes()]);
        Self(pae::first(&digest))
    }
}

/// Crockford base32 in lower case.
pub(crate) fn to_base32(bytes: &[u8]) -> String {
    base32::encode(base32::Alphabet::Crockford, bytes).to_ascii_lowercase()
}

/// Reads what [`to_base32`] wrote and nothing else: the decoder alone would ignore trailing bits and
/// take several spellings for one value.
pub(crate) fn from_base32<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N.saturating_mul(8).div_ceil(5) {
        return None;
    }
    bytes_from_base32(text)?.try_into().ok()
}

/// The same for bytes of any length.
pub(crate) fn bytes_from_base32(text: &str) -> Option<Vec<u8>> {
    let bytes = base32::decode(base32::Alphabet::Crockford, text)?;
    (to_base32(&bytes) == text).then_some(bytes)
}
