//! Text that has passed redaction, as a type.

use core::fmt;

use serde::Serialize;

use crate::redact;
use crate::values::agent_safe::agent_safe;

/// A text whose card data was masked, so that an agent's desktop may show it.
///
/// ```
/// use countersign::redact::Masked;
///
/// let note = Masked::of("Wants to use 4242 4242 4242 4242 again");
/// assert_eq!(note.as_str(), "Wants to use **** **** **** **** again");
/// ```
///
/// A text that has not passed cannot become one:
///
/// ```compile_fail,E0423
/// let note = countersign::redact::Masked("4242 4242 4242 4242".to_owned());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Masked(String);

impl Masked {
    /// Masks the card data in `text`, as [`redact::cards`](crate::redact::cards) does.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(redact::cards(text).into_owned())
    }

    /// Masks with other options.
    pub(super) fn with(options: &redact::Options, text: &str) -> Self {
        Self(options.cards(text).into_owned())
    }

    /// A text that passed in another way.
    pub(super) fn passed(text: zeroize::Zeroizing<String>) -> Self {
        Self(text.as_str().to_owned())
    }

    /// The masked text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

agent_safe!(Masked);
