//! How the enterprise reached the customer whom it rang back, as the host knows it.

use serde::Serialize;

use crate::codec::table::record;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// What is known of the number on which the enterprise rang back: the host's word, with its source and age, for kinds of
/// actions whose [`RingBackRule`](crate::policy::RingBackRule) asks for it
/// ([`Interaction::rung_back`](crate::Interaction::rung_back)). A number that the caller names is no such fact.
///
/// The host looks it up where it keeps numbers, when the call stands. It is not read from text: a desktop that could say
/// so itself would make any number the right one.
///
/// ```compile_fail,E0277
/// fn from_desktop(text: &str) -> countersign::action::RingBack {
///     serde_json::from_str(text).unwrap()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct RingBack {
    /// Since when the number on file, its SIM and where it is forwarded to are the same.
    pub unchanged_since: Timestamp,
    /// When the source said so.
    pub checked_at: Timestamp,
    /// Who said so: "HR directory", "operator". The rule names those that count.
    pub source: ShortText,
}

impl RingBack {
    /// On a number on file that was the same since `unchanged_since`, as `source` said at `checked_at`.
    #[must_use]
    pub const fn on_file(
        unchanged_since: Timestamp,
        checked_at: Timestamp,
        source: ShortText,
    ) -> Self {
        Self { unchanged_since, checked_at, source }
    }
}

record! { RingBack { 0 => unchanged_since, 1 => checked_at, 2 => source } }
