//! How the enterprise reached the customer whom it rang back, as the host knows it.

use serde::{Deserialize, Serialize};

use crate::values::secret::silent_serde;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// How the enterprise rang back: the host's word, with its source and age, for kinds of actions whose
/// [`RingBackRule`](crate::policy::RingBackRule) asks for it. A number that the caller names is no such fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum RingBack {
    /// By a call within the app, to an authenticated session.
    InApp,
    /// On a number that is on file.
    OnFile {
        /// Since when the number on file, its SIM and where it is forwarded to are the same.
        unchanged_since: Timestamp,
        /// When the source said so.
        checked_at: Timestamp,
        /// Who said so: "HR directory", "operator". The rule names those that count.
        source: ShortText,
    },
}

silent_serde!(RingBack: "how the customer was rung back");

impl RingBack {
    /// On a number on file that was the same since `unchanged_since`, as `source` said at `checked_at`.
    #[must_use]
    pub const fn on_file(
        unchanged_since: Timestamp,
        checked_at: Timestamp,
        source: ShortText,
    ) -> Self {
        Self::OnFile { unchanged_since, checked_at, source }
    }
}
