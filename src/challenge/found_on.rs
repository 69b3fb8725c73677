//! Where a token was found, and from which accounts the enterprise posts.

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::{kept_as_text, record};
use crate::values::id;
use crate::values::id::InvalidId;
use crate::values::interaction::{Channel, UnknownChannel};
use crate::values::secret::{deserialize_text, silent_serde};

/// The most handles of one challenge.
pub const MAX_HANDLES: usize = 16;

/// From where the enterprise posts on a channel: a telephone number, a sender name, an address, an
/// account.
///
/// One to [`MAX_ID_BYTES`](crate::id::MAX_ID_BYTES) bytes without white space or characters that cannot be
/// seen, as the channel writes it (`+442079460000`, `BANK`, `help@bank.example`, `@bank`). Upper and
/// lower case of ASCII letters are alike; nothing else is, so a look-alike letter of another script
/// makes another handle.
#[derive(Debug, Clone, Eq)]
pub struct Handle(Arc<str>);

impl Handle {
    /// Takes over a handle as the channel shows it.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] if it is empty, too long or holds what cannot be seen.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
        id::checked(text.as_ref()).map(|text| Self(Arc::from(text)))
    }

    /// The handle as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Handle {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a handle as text", |text| Self::new(text))
    }
}

/// Where a token was found: on a channel, and from which handle it came, if the channel shows one.
///
/// In text the channel's name and, after a colon, the handle: `chat`, `sms:BANK`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundOn {
    /// On which channel.
    pub channel: Channel,
    /// From which handle.
    pub handle: Option<Handle>,
}

impl FoundOn {
    /// Found on `channel`, which shows no sender.
    #[must_use]
    pub const fn channel(channel: Channel) -> Self {
        Self { channel, handle: None }
    }

    /// Found on `channel`, from `handle`.
    #[must_use]
    pub const fn from(channel: Channel, handle: Handle) -> Self {
        Self { channel, handle: Some(handle) }
    }
}

/// The text says nowhere where a token could be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFoundOn {
    /// It does not begin with a channel.
    #[error(transparent)]
    Channel(#[from] UnknownChannel),
    /// What follows the colon is no handle.
    #[error(transparent)]
    Handle(#[from] InvalidId),
}

impl FromStr for FoundOn {
    type Err = InvalidFoundOn;

    fn from_str(text: &str) -> Result<Self, InvalidFoundOn> {
        Ok(match text.split_once(':') {
            Some((channel, handle)) => Self::from(channel.parse()?, handle.parse()?),
            None => Self::channel(text.parse()?),
        })
    }
}

impl fmt::Display for FoundOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.handle {
            Some(handle) => write!(f, "{}:{handle}", self.channel),
            None => write!(f, "{}", self.channel),
        }
    }
}

/// A channel and a handle from which the enterprise posts there: `{"channel":"sms","handle":"BANK"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct PostsFrom {
    /// On which channel.
    pub channel: Channel,
    /// From which handle.
    pub handle: Handle,
}

silent_serde!(PostsFrom: "a channel and a handle");

kept_as_text!(Handle);
record! { PostsFrom { 0 => channel, 1 => handle } }

impl PostsFrom {
    /// The enterprise posts on `channel` from `handle`.
    #[must_use]
    pub const fn new(channel: Channel, handle: Handle) -> Self {
        Self { channel, handle }
    }
}

/// The token says nothing of the place where it was found: a copy of it there proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("this token was not meant for the place where it was found: a copy of it proves nothing")]
#[non_exhaustive]
pub struct FoundElsewhere;
