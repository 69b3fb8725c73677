//! What the enterprise never asks for, whoever seems to ask and wherever.

use core::fmt;

use serde::Serialize;

use crate::values::agent_safe::agent_safe;

/// Something that a genuine agent never asks a customer for, on any channel.
///
/// The list is fixed: an enterprise that needed an exception would teach its customers to make one
/// for an impostor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NeverAsked {
    /// A PIN, said or typed anywhere but in the app.
    Pin,
    /// A password or a part of one.
    Password,
    /// A one-time code, said or typed anywhere but in the app.
    OneTimeCode,
    /// The customer's own callback secret: the agent says it, the customer never does.
    CallbackSecret,
    /// A card number, said or typed anywhere but in the app.
    CardNumber,
    /// A card's verification code (CVV2, CVC2), said or typed anywhere but in the app.
    CardVerificationCode,
    /// To move money to a "safe" account.
    SafeAccount,
    /// To install something that lets others see or steer the customer's device.
    RemoteAccess,
    /// To hand over cash, a card, a device or gift cards.
    HandOver,
    /// To keep the call or the payment secret, or to lie to the bank, family or the police.
    Secrecy,
}

impl NeverAsked {
    /// The whole list, in a fixed order.
    pub const ALL: [Self; 10] = [
        Self::Pin,
        Self::Password,
        Self::OneTimeCode,
        Self::CallbackSecret,
        Self::CardNumber,
        Self::CardVerificationCode,
        Self::SafeAccount,
        Self::RemoteAccess,
        Self::HandOver,
        Self::Secrecy,
    ];

    /// The name in serde formats, and the id of its sentence for an app in another language. It never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Password => "password",
            Self::OneTimeCode => "one_time_code",
            Self::CallbackSecret => "callback_secret",
            Self::CardNumber => "card_number",
            Self::CardVerificationCode => "card_verification_code",
            Self::SafeAccount => "safe_account",
            Self::RemoteAccess => "remote_access",
            Self::HandOver => "hand_over",
            Self::Secrecy => "secrecy",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// The text names no ground rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a ground rule, such as pin or one_time_code")]
#[non_exhaustive]
pub struct UnknownRule;

impl core::str::FromStr for NeverAsked {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        Self::from_name(name).ok_or(UnknownRule)
    }
}

impl fmt::Display for NeverAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pin => "We never ask for a PIN outside the app.",
            Self::Password => "We never ask for a password.",
            Self::OneTimeCode => "We never ask you to tell us a code. Codes go into the app.",
            Self::CallbackSecret => "We tell you your secret. We never ask you for it.",
            Self::CardNumber => "We never ask for a card number outside the app.",
            Self::CardVerificationCode => {
                "We never ask for the code on the back of a card outside the app."
            }
            Self::SafeAccount => "We never ask you to move money to a safe account.",
            Self::RemoteAccess => "We never ask you to let us see or control your device.",
            Self::HandOver => "We never ask for cash, cards, devices or gift cards.",
            Self::Secrecy => "We never ask you to keep a call or a payment secret.",
        })
    }
}

agent_safe!(NeverAsked);
