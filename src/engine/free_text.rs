//! Free text that goes into a ceremony and is shown, signed and kept: none of it may hold a card number.
//!
//! It is looked at where a request comes in, and not where a record is read: what was accepted once stays
//! readable, however the looking improves.

use crate::error::Invalid;
use crate::redact;
use crate::values::text::ShortText;

/// Refuses texts with a card number in them, written or in words.
pub(crate) fn without_cards<'t>(
    texts: impl IntoIterator<Item = &'t ShortText>,
) -> Result<(), Invalid> {
    let holds_one = |text: &ShortText| redact::has_card_data(text.as_str());
    if texts.into_iter().any(holds_one) { Err(Invalid::CardInText) } else { Ok(()) }
}
