//! Which act may happen on which channel.

use core::fmt;
use serde::Deserialize;
use serde::Serialize;

use crate::values::interaction::Channel;
use crate::values::secret::silent_serde;

/// Something that the channel matrix allows or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Act {
    /// Showing the agent a secret or code to read out.
    Reveal,
    /// Sending a challenge token.
    Challenge,
    /// Asking for a step-up.
    StepUp,
    /// Asking for a payment.
    Payment,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reveal => "reveal",
            Self::Challenge => "challenge",
            Self::StepUp => "step_up",
            Self::Payment => "payment",
        })
    }
}

/// Which act may happen on which channels.
///
/// E-mail is readable on its way and a social account is easily copied: they carry challenge tokens
/// at most. A policy that allows more there is a [`ConfigError`](crate::error::ConfigError).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ChannelMatrix {
    /// Where a secret or code may be revealed; by default voice, video, chat and SMS.
    pub reveal: Vec<Channel>,
    /// Where a challenge token may be sent; by default everywhere.
    pub challenge: Vec<Channel>,
    /// Where a step-up may be asked for; by default voice, video, chat and SMS.
    pub step_up: Vec<Channel>,
    /// Where a payment may be asked for; by default voice, video, chat and SMS.
    pub payment: Vec<Channel>,
}

impl Default for ChannelMatrix {
    fn default() -> Self {
        let private = vec![Channel::Voice, Channel::Video, Channel::Chat, Channel::Sms];
        Self {
            reveal: private.clone(),
            challenge: Channel::ALL.to_vec(),
            step_up: private.clone(),
            payment: private,
        }
    }
}

impl ChannelMatrix {
    /// Whether `act` may happen on `channel`.
    #[must_use]
    pub fn allows(&self, act: Act, channel: Channel) -> bool {
        self.of(act).contains(&channel) && !Self::never(act, channel)
    }

    pub(crate) fn of(&self, act: Act) -> &[Channel] {
        match act {
            Act::Reveal => &self.reveal,
            Act::Challenge => &self.challenge,
            Act::StepUp => &self.step_up,
            Act::Payment => &self.payment,
        }
    }

    /// What no policy can allow.
    pub(crate) const fn never(act: Act, channel: Channel) -> bool {
        matches!(channel, Channel::Email | Channel::Social) && !matches!(act, Act::Challenge)
    }
}

silent_serde!(Act: "an act of the channel matrix");
