//! How an app shows what is to be approved: a transaction, or an action by the app's own table.

use crate::values::action::approvable::Approvable;
use crate::values::action::form::ActionTable;
use crate::values::text::ShortText;

/// What the app can show.
#[derive(Debug)]
pub(super) enum Shown {
    Transaction,
    Action(ShownAction),
    /// An action of a kind, or with a field, that the app's table does not have.
    Unknown,
}

impl Shown {
    pub(super) fn of(what: &Approvable, table: &ActionTable) -> Self {
        let Approvable::Action(action) = what else { return Self::Transaction };
        let Some(form) = table.get(action.kind()) else { return Self::Unknown };
        let Ok(lines) = form.shown(action) else { return Self::Unknown };
        Self::Action(ShownAction {
            headline: form.headline().clone(),
            lines: lines
                .iter()
                .map(|(label, value)| ((*label).clone(), value.to_string()))
                .collect(),
        })
    }
}

/// An action as the app shows it: headline and labels are its own, values are the enterprise's, and the answer covers
/// them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownAction {
    headline: ShortText,
    lines: Vec<(ShortText, String)>,
}

impl ShownAction {
    /// What is to be done, in the app's own words.
    #[must_use]
    pub const fn headline(&self) -> &ShortText {
        &self.headline
    }

    /// Every field, in order: its label, and what stands in it.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|(label, value)| (label.as_str(), value.as_str()))
    }
}
