//! The details of a challenge: a few labelled values, for the customer to read.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::values::secret::silent_serde;
use crate::values::text::ShortText;

/// The most details of a challenge.
pub const MAX_DETAILS: usize = 20;
/// The longest label of a detail, in characters.
pub const MAX_LABEL_CHARS: usize = 36;
/// The longest value of a detail, in characters.
pub const MAX_VALUE_CHARS: usize = 128;

/// A labelled value, such as *Card*: *ends in 1234*.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Detail {
    label: ShortText,
    value: ShortText,
}

silent_serde!(Detail: "a detail: a label of 36 characters at most and a value of 128");

/// The label or the value is too long, or there are too many details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a challenge has at most {MAX_DETAILS} details, with labels of at most {MAX_LABEL_CHARS} and values \
     of at most {MAX_VALUE_CHARS} characters"
)]
#[non_exhaustive]
pub struct InvalidDetails;

impl Detail {
    /// `value`, under `label`.
    ///
    /// # Errors
    ///
    /// [`InvalidDetails`] if one is too long.
    pub fn new(label: ShortText, value: ShortText) -> Result<Self, InvalidDetails> {
        let detail = Self { label, value };
        if detail.fits() { Ok(detail) } else { Err(InvalidDetails) }
    }

    fn fits(&self) -> bool {
        let within = |text: &ShortText, most| text.as_str().chars().nth(most).is_none();
        within(&self.label, MAX_LABEL_CHARS) && within(&self.value, MAX_VALUE_CHARS)
    }

    /// What it is.
    #[must_use]
    pub const fn label(&self) -> &ShortText {
        &self.label
    }

    /// Its value.
    #[must_use]
    pub const fn value(&self) -> &ShortText {
        &self.value
    }
}

/// The values may be personal data.
impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detail").field("label", &self.label).finish_non_exhaustive()
    }
}

/// At most [`MAX_DETAILS`] details, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Details(Vec<Detail>);

impl Details {
    /// These details.
    ///
    /// # Errors
    ///
    /// [`InvalidDetails`] if there are too many.
    pub fn new(details: impl IntoIterator<Item = Detail>) -> Result<Self, InvalidDetails> {
        let mut details = details.into_iter();
        let kept: Vec<_> = details.by_ref().take(MAX_DETAILS).collect();
        if details.next().is_some() { Err(InvalidDetails) } else { Ok(Self(kept)) }
    }

    /// The details, in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[Detail] {
        &self.0
    }

    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Details {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let details = Vec::<Detail>::deserialize(deserializer)?;
        if details.iter().all(Detail::fits) {
            Self::new(details).map_err(serde::de::Error::custom)
        } else {
            Err(serde::de::Error::custom(InvalidDetails))
        }
    }
}
