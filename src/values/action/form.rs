//! What a kind of action looks like: its headline and its fields, in the table that the back end has and in the one
//! that is built into the app.

use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::values::action::details::{ActionDetails, ActionValue, Value};
use crate::values::action::name::{ActionKind, FieldName, MAX_FIELDS};
use crate::values::text::ShortText;

/// The longest label of a field, in characters (the incumbents' limit).
pub const MAX_LABEL_CHARS: usize = 36;

/// What can stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FieldType {
    /// A text that the customer reads.
    Text,
    /// A whole number.
    Number,
    /// The SHA-256 digest of a document.
    Digest,
}

/// A field that every action of a kind has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FormField {
    /// Its name, the same at the back end and in the app.
    pub name: FieldName,
    /// What the customer reads before the value, in their language: at most [`MAX_LABEL_CHARS`] characters.
    pub label: ShortText,
    /// What stands in it.
    #[serde(rename = "type")]
    pub field_type: FieldType,
}

impl FormField {
    /// The field `name`, shown as `label`.
    #[must_use]
    pub const fn new(name: FieldName, label: ShortText, field_type: FieldType) -> Self {
        Self { name, label, field_type }
    }
}

/// Why something is not the form of a kind of action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidForm {
    /// There are more fields than [`MAX_FIELDS`], or none: then nothing would be approved.
    #[error("a kind of action has 1 to {MAX_FIELDS} fields")]
    Fields,
    /// Two fields have one name or one label.
    #[error("no two fields of a kind of action have one name or one label")]
    FieldTwice,
    /// A label is longer than [`MAX_LABEL_CHARS`].
    #[error("the label of a field has at most {MAX_LABEL_CHARS} characters")]
    LabelTooLong,
}

/// How a kind of action is shown: the headline, and the fields that it has, all of them, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionForm {
    headline: ShortText,
    fields: Vec<FormField>,
}

impl ActionForm {
    /// The form with this headline, in the customer's language.
    ///
    /// # Errors
    ///
    /// [`InvalidForm`].
    pub fn new(headline: ShortText, fields: Vec<FormField>) -> Result<Self, InvalidForm> {
        if fields.is_empty() || fields.len() > MAX_FIELDS {
            return Err(InvalidForm::Fields);
        }
        let is_long =
            |field: &FormField| field.label.as_str().chars().nth(MAX_LABEL_CHARS).is_some();
        if fields.iter().any(is_long) {
            return Err(InvalidForm::LabelTooLong);
        }
        let distinct = |mut of: Vec<&str>| {
            of.sort_unstable();
            of.dedup();
            of.len() == fields.len()
        };
        let names = fields.iter().map(|field| field.name.as_str()).collect();
        let labels = fields.iter().map(|field| field.label.as_str()).collect();
        if !distinct(names) || !distinct(labels) {
            return Err(InvalidForm::FieldTwice);
        }
        Ok(Self { headline, fields })
    }

    /// What is shown above the fields.
    #[must_use]
    pub const fn headline(&self) -> &ShortText {
        &self.headline
    }

    /// The fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[FormField] {
        &self.fields
    }

    /// The labels and values of `action`, if it has just the fields of this form, in order.
    pub(crate) fn shown<'a>(
        &'a self,
        action: &'a ActionDetails,
    ) -> Result<Vec<(&'a ShortText, &'a ActionValue)>, ActionMismatch> {
        let given = action.fields();
        let known = |name: &FieldName| self.fields.iter().any(|field| field.name == *name);
        if !given.iter().all(|field| known(&field.name)) {
            return Err(ActionMismatch::UnknownField);
        }
        // The names of an action are distinct.
        if given.len() < self.fields.len() {
            return Err(ActionMismatch::MissingField);
        }
        let mut lines = Vec::with_capacity(given.len());
        for (field, form) in given.iter().zip(&self.fields) {
            let fits = matches!(
                (&field.value.0, form.field_type),
                (Value::Text(_), FieldType::Text)
                    | (Value::Number(_), FieldType::Number)
                    | (Value::Digest(_), FieldType::Digest)
            );
            if field.name != form.name {
                return Err(ActionMismatch::Order);
            }
            if !fits {
                return Err(ActionMismatch::WrongType);
            }
            lines.push((&form.label, &field.value));
        }
        Ok(lines)
    }

    /// The whole of `action` for a message: the headline, labels and values.
    pub(crate) fn in_words(&self, action: &ActionDetails) -> Result<String, ActionMismatch> {
        let lines = self.shown(action)?;
        let lines: Vec<_> =
            lines.iter().map(|(label, value)| format!("{label}: {value}")).collect();
        Ok(format!("{} ({})", self.headline, lines.join(", ")))
    }
}

impl<'de> Deserialize<'de> for ActionForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Members {
            headline: ShortText,
            fields: Vec<FormField>,
        }
        let Members { headline, fields } = Members::deserialize(deserializer)?;
        Self::new(headline, fields).map_err(serde::de::Error::custom)
    }
}

/// Why an action is not one of those that are registered. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ActionMismatch {
    /// No kind of this name is registered.
    #[error("no such kind of action is registered")]
    UnknownKind,
    /// The kind has no field of this name.
    #[error("the kind of action has no such field")]
    UnknownField,
    /// A field of the kind is not there.
    #[error("a field of the kind of action is missing")]
    MissingField,
    /// A field holds something of another type.
    #[error("a field of the action is of another type")]
    WrongType,
    /// The fields stand in another order.
    #[error("the fields of an action stand in the order of its kind")]
    Order,
}

/// The kinds of actions that an app knows, for [`Device::with_actions`](crate::Device::with_actions): built into the
/// app, in the customer's language, and never taken from a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionTable(BTreeMap<ActionKind, ActionForm>);

impl ActionTable {
    /// No kinds yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// With another kind, in place of one of the same name.
    #[must_use]
    pub fn with(mut self, kind: ActionKind, form: ActionForm) -> Self {
        self.0.insert(kind, form);
        self
    }

    /// The form of this kind.
    #[must_use]
    pub fn get(&self, kind: &ActionKind) -> Option<&ActionForm> {
        self.0.get(kind)
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Digest => "digest",
        })
    }
}
