//! What a history receipt says: how far a ceremony's history had come when it was given.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::history::ceremony::CeremonyHistory;
use crate::history::event::{ChainHead, Subject};
use crate::token::{Purpose, TokenData};
use crate::values::secret::silent_serde;

/// The longest validity of a history receipt: 20 years, more than any policy keeps a record.
pub const MAX_HISTORY_HEAD_LIFETIME: Duration = Duration::from_secs(20 * 366 * 24 * 3600);

/// The head of one ceremony's history: what stands in the claim `data` of a receipt.
///
/// ```json
/// {"subject":{"callback":"…"},"events":3,"refusals":0,"head":"…"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct HistoryHeadData {
    /// Which ceremony.
    pub subject: Subject,
    /// How many events its history had.
    pub events: u32,
    /// How many attempts had been refused.
    pub refusals: u32,
    /// The head of its hash chain.
    pub head: ChainHead,
    /// How often what there must be of the customer had changed: credentials bound and revoked, an erasure. It never
    /// goes down, unless somebody put the customer's anchor back. Receipts of before do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<u32>,
}

silent_serde!(HistoryHeadData: "the head of a history");

impl HistoryHeadData {
    /// The head of `history` as it stands.
    #[must_use]
    pub fn of(history: &CeremonyHistory) -> Self {
        Self {
            subject: history.subject,
            events: history.len(),
            refusals: history.refusals,
            head: history.head,
            standing: None,
        }
    }

    /// The same, with how often what there must be of the customer had changed.
    #[must_use]
    pub(crate) const fn with_standing(mut self, changes: u32) -> Self {
        self.standing = Some(changes);
        self
    }
}

impl TokenData for HistoryHeadData {
    const PURPOSE: Purpose = Purpose::HistoryHead;
    const MAX_LIFETIME: Duration = MAX_HISTORY_HEAD_LIFETIME;
}
