//! Free text that goes into a ceremony and is shown, signed and kept: none of it may hold a card number.
//!
//! It is looked at where a request comes in, and not where a record is read: what was accepted once stays
//! readable, however the looking improves.

use crate::error::Invalid;
use crate::policy::ActionPolicy;
use crate::redact::hidden;
use crate::values::action::approvable::Approvable;
use crate::values::text::ShortText;

/// Refuses texts with a card number in them, written in whatever form or in words.
pub(crate) fn without_cards<'t>(
    texts: impl IntoIterator<Item = &'t ShortText>,
) -> Result<(), Invalid> {
    let holds_one = |text: &ShortText| hidden::holds_a_card(text.as_str());
    if texts.into_iter().any(holds_one) { Err(Invalid::CardInText) } else { Ok(()) }
}

/// Refuses an action that is not of a kind of `actions`, and what holds a card number.
pub(crate) fn fit_to_ask(actions: &ActionPolicy, what: &Approvable) -> Result<(), Invalid> {
    match what {
        Approvable::Transaction(transaction) => {
            without_cards([&transaction.payee, &transaction.reference])
        }
        Approvable::Action(action) => {
            actions.rule_of(action)?;
            // A number may be one of a card as well as a text.
            let values: Vec<_> =
                action.fields().iter().map(|field| field.value.to_read()).collect();
            let each = values.iter().flatten();
            // Nor one that is spread over fields.
            let together = values.iter().flatten().cloned().collect::<Vec<_>>().join(" ");
            let holds = each.chain([&together]).any(|text| hidden::holds_a_card(text));
            if holds { Err(Invalid::CardInText) } else { Ok(()) }
        }
    }
}

/// Refuses identifiers with a card number in them: they are shown, signed, kept and logged as texts are.
#[cfg(feature = "cards")]
pub(crate) fn without_cards_in_ids<'t>(
    ids: impl IntoIterator<Item = &'t str>,
) -> Result<(), Invalid> {
    if ids.into_iter().any(hidden::id_holds_a_card) { Err(Invalid::CardInId) } else { Ok(()) }
}
