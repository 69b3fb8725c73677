//! Card numbers in short texts and identifiers, in whatever form: any character between the digits, any character that
//! looks like a digit, number words of many languages, escapes.
//!
//! [`cards`](crate::redact::cards) masks what people type and say, and leaves the rest as it is; here a text is refused as a
//! whole, so that less has to stand between digits for them to be one number. The text is read once into a plain one, in
//! which digits are ASCII, words are folded, and everything else is a single space. The same engine looks at that, and
//! again with the words of each language said in English.

#[cfg(feature = "cards")]
mod ids;
mod plain;
#[cfg(test)]
mod tests;

use crate::redact::has_card_data;
use crate::redact::hidden::plain::readings;

#[cfg(feature = "cards")]
pub(crate) use ids::id_holds_a_card;

/// Whether a text holds a card number, however it is written.
pub(crate) fn holds_a_card(text: &str) -> bool {
    if has_card_data(text) {
        return true;
    }
    readings(text).any(|plain| plain.holds_a_number() || plain.says_a_number())
}
