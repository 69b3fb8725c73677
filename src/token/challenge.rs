//! What a challenge token says: why the enterprise makes contact, and on which channels.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::{Purpose, TokenData};
use crate::interaction::Channel;
use crate::secret::deserialize_text;
use crate::unicode::is_invisible;

/// The longest purpose text, in characters (as the incumbents limit messages).
pub const MAX_TEXT_CHARS: usize = 256;

/// The longest validity of a challenge token: an hour.
pub const MAX_CHALLENGE_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The validity of a challenge token where the host names none: five minutes.
pub const DEFAULT_CHALLENGE_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// A short text for people: one to [`MAX_TEXT_CHARS`] characters in one line, at least one of which
/// can be seen.
///
/// It holds no control, format, private or unassigned character and no line or paragraph separator:
/// the bidirectional controls could make a text read as another, and zero-width characters could make
/// two texts look alike. (So no emoji that is several joined by U+200D either.)
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ShortText(String);

/// The text is too long, shows nothing, or has characters that a [`ShortText`] must not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a text must have 1 to {MAX_TEXT_CHARS} characters in one line, not only white space, and no \
     control, formatting or unassigned characters"
)]
#[non_exhaustive]
pub struct InvalidText;

impl ShortText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShortText {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let too_long = text.chars().nth(MAX_TEXT_CHARS).is_some();
        if too_long || text.contains(is_unfit) || !text.contains(is_visible) {
            return Err(InvalidText);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether no text may hold it: categories Cc, Cf, Cn, Co and Cs, Zl and Zp.
fn is_unfit(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Other
        || matches!(
            c.general_category(),
            GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
        )
}

/// Whether it shows something by itself. A mark needs a letter under it, and the braille pattern
/// without dots is blank.
fn is_visible(c: char) -> bool {
    let group = c.general_category_group();
    !matches!(
        group,
        GeneralCategoryGroup::Mark | GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other
    ) && !is_invisible(c)
        && c != '\u{2800}'
}

impl fmt::Display for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ShortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a short text", Self::from_str)
    }
}

/// The channels on which a challenge may be found: at least one, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Channels(Vec<Channel>);

/// There is no channel, or one stands twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a challenge names at least one channel, and each once")]
#[non_exhaustive]
pub struct InvalidChannels;

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

/// The data of a challenge token: `{"purpose":"…","channels":["voice"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeData {
    purpose: ShortText,
    channels: Channels,
}

impl ChallengeData {
    /// A challenge because of `purpose`, to be found on `channels`.
    #[must_use]
    pub const fn new(purpose: ShortText, channels: Channels) -> Self {
        Self { purpose, channels }
    }

    /// Why the enterprise makes contact, for the customer to read.
    #[must_use]
    pub const fn purpose(&self) -> &ShortText {
        &self.purpose
    }

    /// Where the challenge may be found. A copy of it anywhere else proves nothing.
    #[must_use]
    pub const fn channels(&self) -> &Channels {
        &self.channels
    }
}

impl TokenData for ChallengeData {
    const PURPOSE: Purpose = Purpose::Challenge;
    const MAX_LIFETIME: Duration = MAX_CHALLENGE_LIFETIME;
}
