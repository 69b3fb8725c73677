//! What a token is for. A closed list: a key is trusted for some of these, a token has exactly one.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::values::secret::deserialize_text;

macro_rules! purposes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What a token is for.
        ///
        /// The purpose is signed twice: as a claim, and as PASETO's implicit assertion, bytes that
        /// are signed but not carried, so that a token for one purpose does not even have a valid
        /// signature for another. The implicit assertion is the ASCII text `countersign:v1:` and
        /// the purpose's name, and nothing else; for a challenge these 24 bytes:
        ///
        /// ```text
        /// 63 6f 75 6e 74 65 72 73 69 67 6e 3a 76 31 3a 63 68 61 6c 6c 65 6e 67 65
        /// c  o  u  n  t  e  r  s  i  g  n  :  v  1  :  c  h  a  l  l  e  n  g  e
        /// ```
        ///
        /// `v1` counts the meaning of the claims: a member that narrows what a token allows comes
        /// with `v2`, so that a reader that does not know it refuses the token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Purpose {
            $($(#[$doc])* $variant,)+
        }

        impl Purpose {
            /// All purposes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name, as the claim `purpose` has it: lower-case words joined by `_`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The implicit assertion: `countersign:v1:` and the name.
            #[must_use]
            pub const fn implicit_assertion(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("countersign:v1:", $name),)+
                }
            }
        }
    };
}

purposes! {
    /// The enterprise announces a contact: who, why, where, until when.
    Challenge = "challenge",
    /// The agreed slot, channel and direction of a call.
    Appointment = "appointment",
    /// What the customer is asked to approve during an interaction.
    StepUp = "step_up",
    /// The approval, for the high-risk function to redeem.
    Grant = "grant",
    /// What the customer is asked to pay, and the vault key to seal the card for.
    PaymentRequest = "payment_request",
    /// The vault's word on how a payment ended.
    Receipt = "receipt",
    /// The vault's key to seal cards for.
    OpeningKey = "opening_key",
    /// Whether the enterprise is talking to this customer right now.
    Status = "status",
    /// Whether the call that rings is the enterprise's.
    CallVerdict = "call_verdict",
    /// When the enterprise last contacted this customer.
    LastContact = "last_contact",
    /// The enterprise's telephone numbers, and those that never call.
    CallNumbers = "call_numbers",
    /// What the enterprise never asks for, and on which channels it does what.
    GroundRules = "ground_rules",
    /// The head of a customer's history, for the customer to keep.
    HistoryHead = "history_head",
    /// That the customer's records were deleted.
    Erasure = "erasure",
    /// The enterprise's word for what it knows of one approval, for a dispute.
    Evidence = "evidence",
    /// What customers are to know.
    Notice = "notice",
    /// Which notices are in force.
    NoticeList = "notice_list",
    /// How agents can be reached right now.
    Reachable = "reachable",
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a token purpose, such as challenge or step_up")]
#[non_exhaustive]
pub struct UnknownPurpose;

impl core::str::FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        Self::ALL.iter().copied().find(|one| one.name() == text).ok_or(UnknownPurpose)
    }
}

impl Serialize for Purpose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Purpose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "the name of a token purpose", str::parse)
    }
}
