//! Free text that goes into a ceremony and is shown, signed and kept: none of it may hold a card number.
//!
//! It is looked at where a request comes in, and not where a record is read: what was accepted once stays
//! readable, however the looking improves.

use crate::error::Invalid;
use crate::redact::hidden;
use crate::values::text::ShortText;

/// Refuses texts with a card number in them, written in whatever form or in words.
pub(crate) fn without_cards<'t>(
    texts: impl IntoIterator<Item = &'t ShortText>,
) -> Result<(), Invalid> {
    let holds_one = |text: &ShortText| hidden::holds_a_card(text.as_str());
    if texts.into_iter().any(holds_one) { Err(Invalid::CardInText) } else { Ok(()) }
}

/// Refuses identifiers with a card number in them: they are shown, signed, kept and logged as texts are.
#[cfg(feature = "cards")]
pub(crate) fn without_cards_in_ids<'t>(
    ids: impl IntoIterator<Item = &'t str>,
) -> Result<(), Invalid> {
    if ids.into_iter().any(hidden::id_holds_a_card) { Err(Invalid::CardInId) } else { Ok(()) }
}
