//! What a challenge token says: why the enterprise makes contact, and on which channels.

use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::challenge::detail::{Detail, Details};
use crate::challenge::found_on::{FoundElsewhere, FoundOn, MAX_HANDLES, PostsFrom};
use crate::codec::table::kept_as;
use crate::token::{Purpose, TokenData};
use crate::values::interaction::Channel;
use crate::values::never_asked::NeverAsked;
use crate::values::secret::{deserialize_text, silent_serde};
use crate::values::text::ShortText;

/// The longest validity of a challenge token: an hour.
pub const MAX_CHALLENGE_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The validity of a challenge token where the host names none: five minutes.
pub const DEFAULT_CHALLENGE_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// The channels on which a challenge may be found: at least one, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Channels(Vec<Channel>);

/// There is no channel, or one stands twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a challenge names at least one channel, and each once")]
#[non_exhaustive]
pub struct InvalidChannels;

kept_as! { Channels: |channels| channels.0, |channels: Vec<Channel>| Self::new(&channels) }

impl Channels {
    /// These channels, in this order.
    ///
    /// # Errors
    ///
    /// [`InvalidChannels`].
    pub fn new(channels: &[Channel]) -> Result<Self, InvalidChannels> {
        let distinct: std::collections::BTreeSet<_> = channels.iter().collect();
        if channels.is_empty() || distinct.len() != channels.len() {
            return Err(InvalidChannels);
        }
        Ok(Self(channels.to_vec()))
    }

    /// Whether `channel` is one of them.
    #[must_use]
    pub fn contains(&self, channel: Channel) -> bool {
        self.0.contains(&channel)
    }

    /// The channels, in the order in which they were given.
    #[must_use]
    pub fn as_slice(&self) -> &[Channel] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Channels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let channels = Vec::<Channel>::deserialize(deserializer)?;
        Self::new(&channels).map_err(serde::de::Error::custom)
    }
}

/// The data of a challenge token:
///
/// ```json
/// {"purpose":"…","channels":["voice","sms"],"handles":[{"channel":"sms","handle":"BANK"}],
///  "details":[{"label":"Card","value":"ends in 1234"}],"never_asked":["pin","password"],
///  "pseudonymous":true}
/// ```
///
/// All but the first two may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct ChallengeData {
    purpose: ShortText,
    channels: Channels,
    #[serde(default, skip_serializing_if = "Handles::is_empty")]
    handles: Handles,
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    details: Details,
    #[serde(default, skip_serializing_if = "Rules::is_empty")]
    never_asked: Rules,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pseudonymous: bool,
}

silent_serde!(ChallengeData: "what a challenge says");

impl ChallengeData {
    /// A challenge because of `purpose`, to be found on `channels`.
    #[must_use]
    pub const fn new(purpose: ShortText, channels: Channels) -> Self {
        Self {
            purpose,
            channels,
            handles: Handles::none(),
            details: Details::none(),
            never_asked: Rules(Vec::new()),
            pseudonymous: false,
        }
    }

    /// The same, from these handles and no others on the channels that they name.
    ///
    /// # Errors
    ///
    /// [`InvalidHandles`] if there are more than [`MAX_HANDLES`], one stands twice, or one is on a channel
    /// on which the challenge is not to be found.
    pub fn from_handles(
        mut self,
        handles: impl IntoIterator<Item = PostsFrom>,
    ) -> Result<Self, InvalidHandles> {
        self.handles = Handles::on(Some(&self.channels), handles)?;
        Ok(self)
    }

    /// The same with details.
    #[must_use]
    pub fn with_details(mut self, details: Details) -> Self {
        self.details = details;
        self
    }

    /// The same, saying what a genuine agent never asks for.
    #[must_use]
    pub fn with_ground_rules(mut self, never_asked: &[NeverAsked]) -> Self {
        self.never_asked = Rules(never_asked.to_vec());
        self
    }

    /// The same for an audience that is a pseudonym.
    #[must_use]
    pub(crate) const fn under_pseudonym(mut self, pseudonymous: bool) -> Self {
        self.pseudonymous = pseudonymous;
        self
    }

    /// Why the enterprise makes contact, for the customer to read.
    #[must_use]
    pub const fn purpose(&self) -> &ShortText {
        &self.purpose
    }

    /// Where the challenge may be found. A copy of it anywhere else proves nothing:
    /// [`check_found_on`](Self::check_found_on).
    #[must_use]
    pub const fn channels(&self) -> &Channels {
        &self.channels
    }

    /// From where the enterprise posts on those channels.
    #[must_use]
    pub fn handles(&self) -> &[PostsFrom] {
        &self.handles.0
    }

    /// What else the customer may want to know.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        self.details.as_slice()
    }

    /// What a genuine agent never asks for.
    #[must_use]
    pub fn never_asked(&self) -> &[NeverAsked] {
        &self.never_asked.0
    }

    /// Whether the audience is a [`Pseudonym`](crate::challenge::Pseudonym) of the customer.
    #[must_use]
    pub const fn is_pseudonymous(&self) -> bool {
        self.pseudonymous
    }

    /// Whether the challenge was to be found there: on one of its channels, and from one of the handles
    /// that it names for that channel. Where it names none, none is vouched for.
    ///
    /// # Errors
    ///
    /// [`FoundElsewhere`].
    pub fn check_found_on(&self, found_on: &FoundOn) -> Result<(), FoundElsewhere> {
        self.handles.check(Some(&self.channels), found_on)
    }
}

/// Each handle once on its channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Handles(Vec<PostsFrom>);

/// There are too many handles, one stands twice, or one is on a channel that the challenge does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a challenge names at most {MAX_HANDLES} handles, each once and on a channel of the challenge"
)]
#[non_exhaustive]
pub struct InvalidHandles;

impl Handles {
    fn new(handles: impl IntoIterator<Item = PostsFrom>) -> Result<Self, InvalidHandles> {
        let mut kept: Vec<PostsFrom> = Vec::new();
        for from in handles {
            if kept.len() >= MAX_HANDLES || kept.contains(&from) {
                return Err(InvalidHandles);
            }
            kept.push(from);
        }
        Ok(Self(kept))
    }

    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Those of what is to be found on `channels`, and on no others.
    pub(crate) fn on(
        channels: Option<&Channels>,
        handles: impl IntoIterator<Item = PostsFrom>,
    ) -> Result<Self, InvalidHandles> {
        let handles = Self::new(handles)?;
        let named = |from: &PostsFrom| channels.is_some_and(|all| all.contains(from.channel));
        if handles.0.iter().all(named) { Ok(handles) } else { Err(InvalidHandles) }
    }

    /// Whether what is to be found on `channels`, from these handles where they name some, was to be found there.
    pub(crate) fn check(
        &self,
        channels: Option<&Channels>,
        found_on: &FoundOn,
    ) -> Result<(), FoundElsewhere> {
        let mut handles = self.0.iter().filter(|from| from.channel == found_on.channel).peekable();
        let from = match &found_on.handle {
            Some(handle) => handles.any(|from| from.handle == *handle),
            None => handles.peek().is_none(),
        };
        let named = channels.is_some_and(|channels| channels.contains(found_on.channel));
        if named && from { Ok(()) } else { Err(FoundElsewhere) }
    }

    pub(crate) fn as_slice(&self) -> &[PostsFrom] {
        &self.0
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Handles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let handles = Vec::<PostsFrom>::deserialize(deserializer)?;
        Self::new(handles).map_err(serde::de::Error::custom)
    }
}

/// The names of the rules; those of a later version are not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
struct Rules(Vec<NeverAsked>);

impl Rules {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A name, known or not.
        struct Named(Option<NeverAsked>);

        impl<'de> Deserialize<'de> for Named {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer, "the name of a ground rule", |name| {
                    Ok::<_, core::convert::Infallible>(Self(NeverAsked::from_name(name)))
                })
            }
        }

        let named = Vec::<Named>::deserialize(deserializer)?;
        Ok(Self(named.into_iter().filter_map(|Named(rule)| rule).collect()))
    }
}

impl TokenData for ChallengeData {
    const PURPOSE: Purpose = Purpose::Challenge;
    const MAX_LIFETIME: Duration = MAX_CHALLENGE_LIFETIME;
}
