//! Card data in free text: found in what people type and say, and masked.
//!
//! ```
//! use countersign::redact;
//!
//! let typed = "my card is 4242 4242 4242 4242, exp 12/27, cvv 123. Order 20451.";
//! assert_eq!(redact::cards(typed), "my card is **** **** **** ****, exp **/**, cvv ***. Order 20451.");
//! let said = "it's four two four two, four two four two, four two four two, four two four two";
//! assert!(!redact::cards(said).contains("two"));
//! let other = "it's four two four two, four two four two, four two four two, four two four three";
//! assert_eq!(redact::cards(other), other, "the check digit is wrong");
//! ```
//!
//! [`cards`] is for a whole text; [`Options`] says what is kept and masked, and makes a [`Redactor`]
//! for text in chunks, a [`Writer`] for bytes, and a [`Finder`] for places alone. What is found and
//! what is not, with figures, is in [the manual](crate::manual::_39_redaction).

mod accepted;
mod announced;
mod beside;
mod candidate;
mod candidates;
mod chars;
mod conversation;
mod decide;
mod edit;
mod edits;
mod engine;
mod escape;
mod formats;
mod groups;
pub(crate) mod hidden;
mod iban;
mod iccid;
mod json;
mod judge;
pub mod languages;
mod lines;
mod marks;
mod masked;
mod names;
mod near;
mod neighbours;
mod options;
mod pending;
mod reach;
mod run;
mod said;
mod settings;
mod short;
mod skim;
mod span;
pub(crate) mod steps;
mod stream;
mod token;
#[cfg(feature = "tracing")]
mod tracing;
mod twice;

use std::borrow::Cow;

pub use self::masked::Masked;
pub use conversation::{Conversation, MAX_HELD_TURNS, MaskedTurn, Turn};
pub use formats::{Format, MAX_LINE_BYTES, Transcript};
pub use languages::{ENGLISH, InvalidLanguage, Language, MAX_WORD_BYTES};
pub use lines::Lines;
pub use names::{InvalidName, MAX_NAME_CHARS, NameKind};
pub use options::{InvalidMask, Options};
pub use settings::Mode;
pub use span::{Span, SpanKind};
pub use stream::{Finder, MAX_HELD_BYTES, Redactor, Writer};
#[cfg(feature = "tracing")]
pub use tracing::Redacted;

/// `text` with card numbers masked, and verification codes and expiries near them: each digit as
/// `*`, separators as they were. Without card data it is `text` itself.
///
/// Spoken numbers in English count too. [`Options`] can do otherwise.
#[must_use]
pub fn cards(text: &str) -> Cow<'_, str> {
    Options::new().cards(text)
}

/// Whether [`cards`] would mask anything.
pub(crate) fn has_card_data(text: &str) -> bool {
    // A card number needs as many bytes as digits, and no word has more digits than letters.
    text.len() >= reach::SHORTEST && Options::new().finds_any(text)
}

/// Where `text` holds card data, in order.
///
/// ```
/// use countersign::card_number::Brand;
/// use countersign::redact;
/// use countersign::redact::SpanKind;
///
/// let spans = redact::spans("card 4242424242424242 cvc 123");
/// assert_eq!(spans[0].range(), Some(5..21));
/// assert_eq!(spans[0].kind(), SpanKind::Card(Brand::Visa));
/// assert_eq!(spans[1].range(), Some(26..29));
/// assert_eq!(spans[1].kind(), SpanKind::Code);
/// ```
#[must_use]
pub fn spans(text: &str) -> Vec<Span> {
    Options::new().spans(text)
}
