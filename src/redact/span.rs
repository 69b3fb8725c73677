//! What was found, and where.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use crate::values::card_number::Brand;
use crate::values::secret::silent_serde;

/// What a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum SpanKind {
    /// A card number of this scheme. Where numbers overlap, the scheme of the first.
    Card(Brand),
    /// An expiry near a card number.
    Expiry,
    /// A verification code near a card number.
    Code,
    /// A PIN near a card number.
    Pin,
}

silent_serde!(SpanKind: "what a span is");

impl SpanKind {
    /// Whether both are card numbers, or both expiries, and so on.
    pub(super) const fn is_like(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Card(_), Self::Card(_))
                | (Self::Expiry, Self::Expiry)
                | (Self::Code, Self::Code)
                | (Self::Pin, Self::Pin)
        )
    }
}

/// A stretch of text that is card data, from its first digit to its last, separators included. It
/// says where and what, and nothing of the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) kind: SpanKind,
}

silent_serde!(Span: "a span");

impl Span {
    /// Where it begins, in bytes from the beginning of the text or stream.
    #[must_use]
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// Where it ends: the byte after its last.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> SpanKind {
        self.kind
    }

    /// The place, to slice the text with; `None` if it is beyond what this machine can address.
    #[must_use]
    pub fn range(&self) -> Option<Range<usize>> {
        Some(usize::try_from(self.start).ok()?..usize::try_from(self.end).ok()?)
    }
}
