//! What an erasure receipt says.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::token::{Purpose, TokenData, wire_time};
use crate::values::secret::silent_serde;
use crate::values::time::Timestamp;

/// The longest validity of an erasure receipt: 20 years.
pub const MAX_ERASURE_LIFETIME: Duration = Duration::from_secs(20 * 366 * 24 * 3600);

/// That the customer's records were deleted: what stands in the claim `data` of an erasure receipt.
///
/// ```json
/// {"since":"2026-01-31T14:00:00Z","records":17}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct ErasureData {
    /// Since when nothing was begun in the customer's name.
    #[serde(with = "wire_time")]
    pub since: Timestamp,
    /// How many records were deleted.
    pub records: u32,
}

silent_serde!(ErasureData: "an erasure");

impl ErasureData {
    pub(crate) const fn new(since: Timestamp, records: u32) -> Self {
        Self { since, records }
    }
}

impl TokenData for ErasureData {
    const PURPOSE: Purpose = Purpose::Erasure;
    const MAX_LIFETIME: Duration = MAX_ERASURE_LIFETIME;
}
