//! What a customer approves and is no transaction: an action of a kind that the host registers, with typed fields.

pub(crate) mod approvable;
pub(crate) mod details;
pub(crate) mod form;
pub(crate) mod name;
pub(crate) mod ring_back;

pub use self::approvable::Approvable;
pub use self::details::{
    ActionDetails, ActionField, ActionValue, InvalidAction, MAX_ACTION_NUMBER, MAX_VALUE_CHARS,
};
pub use self::form::{
    ActionForm, ActionMismatch, ActionTable, FieldType, FormField, InvalidForm, MAX_LABEL_CHARS,
};
pub use self::name::{ActionKind, FieldName, InvalidActionName, MAX_FIELDS, MAX_NAME_CHARS};
pub use self::ring_back::RingBack;
