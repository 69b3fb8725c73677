//! What a statement of the ground rules says.

use core::time::Duration;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::policy::{Act, ChannelMatrix};
use crate::token::{Purpose, TokenData};
use crate::values::interaction::Channel;
use crate::values::never_asked::NeverAsked;
use crate::values::secret::{deserialize_text, silent_serde};

/// The longest validity of a statement of the ground rules: 31 days.
pub const MAX_GROUND_RULES_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

/// What the enterprise never asks for, and on which channels it does what: what stands in the claim
/// `data` of a statement of the ground rules. It is for everyone: the audience is `everyone`.
///
/// ```json
/// {"never_asked":["pin","password"],
///  "channels":{"reveal":["voice"],"challenge":["voice","sms"],"step_up":["voice"],"payment":[]}}
/// ```
///
/// A reader leaves out rules and channels that it does not know, and takes an act that is not named for
/// one that is done nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct GroundRulesData {
    /// What a genuine agent never asks for.
    #[serde(deserialize_with = "known")]
    pub never_asked: Vec<NeverAsked>,
    /// What is done where.
    pub channels: ActsByChannel,
}

silent_serde!(GroundRulesData: "the ground rules");

/// On which channels the enterprise does what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ActsByChannel {
    /// Where an agent says a secret or code.
    #[serde(default, deserialize_with = "known")]
    pub reveal: Vec<Channel>,
    /// Where a challenge may be found.
    #[serde(default, deserialize_with = "known")]
    pub challenge: Vec<Channel>,
    /// Where an agent may ask for an approval in the app.
    #[serde(default, deserialize_with = "known")]
    pub step_up: Vec<Channel>,
    /// Where an agent may ask for a payment in the app.
    #[serde(default, deserialize_with = "known")]
    pub payment: Vec<Channel>,
}

silent_serde!(ActsByChannel: "acts and their channels");

impl GroundRulesData {
    /// The rules of an enterprise with this policy of channels.
    pub(crate) fn of(channels: &ChannelMatrix) -> Self {
        let of = |act| -> Vec<Channel> {
            Channel::ALL.into_iter().filter(|channel| channels.allows(act, *channel)).collect()
        };
        Self {
            never_asked: NeverAsked::ALL.to_vec(),
            channels: ActsByChannel {
                reveal: of(Act::Reveal),
                challenge: of(Act::Challenge),
                step_up: of(Act::StepUp),
                payment: of(Act::Payment),
            },
        }
    }
}

impl ActsByChannel {
    /// Where the enterprise does `act`.
    #[must_use]
    pub fn of(&self, act: Act) -> &[Channel] {
        match act {
            Act::Reveal => &self.reveal,
            Act::Challenge => &self.challenge,
            Act::StepUp => &self.step_up,
            Act::Payment => &self.payment,
        }
    }
}

impl TokenData for GroundRulesData {
    const PURPOSE: Purpose = Purpose::GroundRules;
    const MAX_LIFETIME: Duration = MAX_GROUND_RULES_LIFETIME;
}

/// A list of names, without those that this version does not know.
fn known<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Named<T>(Option<T>);

    impl<'de, T: FromStr> Deserialize<'de> for Named<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserialize_text(deserializer, "a name as text", |name| {
                Ok::<_, core::convert::Infallible>(Self(name.parse().ok()))
            })
        }
    }

    let named = Vec::<Named<T>>::deserialize(deserializer)?;
    Ok(named.into_iter().filter_map(|Named(known)| known).collect())
}
