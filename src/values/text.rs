//! Short texts for people, and what may stand in them.

use core::fmt;
use core::str::FromStr;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use unicode_properties::GeneralCategory;
use unicode_properties::GeneralCategoryGroup;
use unicode_properties::UnicodeGeneralCategory;

use crate::codec::table::kept_as;
use crate::values::secret::deserialize_text;
use crate::values::typed::is_longer;
use crate::values::unicode::joiners::{are_in_place, is_joiner};
use crate::values::unicode::{is_invisible, is_space};

/// The longest purpose text, in characters (as the incumbents limit messages).
pub const MAX_TEXT_CHARS: usize = 256;

/// A short text for people: one to [`MAX_TEXT_CHARS`] characters in one line, at least one of which
/// can be seen.
///
/// It holds no control, format, private, unassigned or invisible character, no line or paragraph
/// separator, and no two spaces in a row: the bidirectional controls could make a text read as another,
/// what nobody sees could make two texts look alike, and many spaces push the rest out of sight.
///
/// U+200C and U+200D stand where their script has them (RFC 8264 by the rules of RFC 5892, A.1 and A.2):
/// after a virama, and U+200C between two letters that would join. So `ශ්‍රී` and `علی‌رضا` can be written,
/// and no emoji that is several joined by U+200D.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ShortText(String);

/// The text is too long, shows nothing, or has characters that a [`ShortText`] must not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a text must have 1 to {MAX_TEXT_CHARS} characters in one line, not only white space, no two \
     spaces in a row, and no control, formatting, invisible or unassigned characters"
)]
#[non_exhaustive]
pub struct InvalidText;

impl ShortText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads what a record holds. Records of before hold invisible characters and spaces in a row;
    /// what was accepted once stays readable.
    pub(crate) fn kept(text: &str) -> Result<Self, InvalidText> {
        if is_longer(text, MAX_TEXT_CHARS) || text.contains(is_unfit) || !text.contains(is_visible)
        {
            return Err(InvalidText);
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for ShortText {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let text = Self::kept(text)?;
        if text.0.is_ascii() && !text.0.contains("  ") {
            return Ok(text);
        }
        let spaces = |(one, next)| is_space(one) && is_space(next);
        let in_a_row = text.0.chars().zip(text.0.chars().skip(1)).any(spaces);
        if in_a_row || text.0.contains(is_invisible) || !are_in_place(&text.0) {
            return Err(InvalidText);
        }
        Ok(text)
    }
}

kept_as! { ShortText: |text| text.as_str(), |text: &str| Self::kept(text) }

/// Whether no text may hold it: categories Cc, Cf less the two joiners, Cn, Co and Cs, Zl and Zp.
fn is_unfit(c: char) -> bool {
    // Categories are looked up by search, and most texts are ASCII.
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    (c.general_category_group() == GeneralCategoryGroup::Other && !is_joiner(c))
        || matches!(
            c.general_category(),
            GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
        )
}

/// Whether it shows something by itself. A mark needs a letter under it.
fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic();
    }
    let group = c.general_category_group();
    !matches!(
        group,
        GeneralCategoryGroup::Mark | GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other
    ) && !is_invisible(c)
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
