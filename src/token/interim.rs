//! Values that the rest of the crate brings: instants, issuers, channels. Only what tokens need, under
//! the same names, so that this file can go once they stand at the crate's root.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::sync::Arc;

/// An instant: whole seconds since 1970-01-01T00:00:00Z, at most 9999-12-30T22:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The last instant that can be written down; arithmetic stops here.
    pub const MAX: Self = Self(253_402_207_200);

    /// The instant `seconds` after the epoch, [`Timestamp::MAX`] at most.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        if seconds > Self::MAX.0 { Self::MAX } else { Self(seconds) }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// The instant `by` later, in whole seconds, [`Timestamp::MAX`] at most.
    #[must_use]
    pub const fn after(self, by: Duration) -> Self {
        Self::from_unix(self.0.saturating_add(by.as_secs()))
    }

    /// The instant `by` earlier, in whole seconds, the epoch at the earliest.
    #[must_use]
    pub const fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by.as_secs()))
    }

    /// How long after `earlier` this is; nothing if it is not later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = i64::try_from(self.0)
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .ok_or(fmt::Error)?;
        fmt::Display::fmt(&instant, f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The longest identifier a host may use, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 128;

/// The text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an identifier has 1 to {MAX_ID_BYTES} bytes and neither white space nor control characters"
)]
#[non_exhaustive]
pub struct InvalidId;

pub(super) fn checked_id(text: &str) -> Result<Arc<str>, InvalidId> {
    let unfit = |c: char| c.is_control() || c.is_whitespace();
    if text.is_empty() || text.len() > MAX_ID_BYTES || text.contains(unfit) {
        return Err(InvalidId);
    }
    Ok(Arc::from(text))
}

/// Who signs: the enterprise, or one tenant of a shared service.
///
/// One to [`MAX_ID_BYTES`] bytes without white space or control characters; compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer(Arc<str>);

impl Issuer {
    /// Takes over the host's name for the issuer.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] if it is empty, too long or holds white space or control characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
        checked_id(text.as_ref()).map(Self)
    }

    /// The name as the host gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A medium over which enterprise and customer talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// A telephone call.
    Voice,
    /// A video call.
    Video,
    /// A chat in the enterprise's own app or site.
    Chat,
    /// Text messages.
    Sms,
    /// E-mail.
    Email,
    /// A message on a social network, where anyone can copy a brand's account.
    Social,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 6] =
        [Self::Voice, Self::Video, Self::Chat, Self::Sms, Self::Email, Self::Social];

    /// The name in text: `voice`, `video`, `chat`, `sms`, `email`, `social`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Chat => "chat",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Social => "social",
        }
    }
}

/// The text names no channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a channel: voice, video, chat, sms, email or social")]
#[non_exhaustive]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::ALL.into_iter().find(|channel| channel.name() == text).ok_or(UnknownChannel)
    }
}

impl<'de> serde::Deserialize<'de> for Channel {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::secret::deserialize_text(deserializer, "a channel as text", Self::from_str)
    }
}
