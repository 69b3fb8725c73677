//! What may be seen of a card that the vault keeps.

use serde::Serialize;

use crate::values::agent_safe::agent_safe;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::StoredCardId;
use crate::values::time::Timestamp;

/// A card that the vault keeps, as its observer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CardOnFile {
    /// Its id.
    pub id: StoredCardId,
    /// Its scheme.
    pub brand: Brand,
    /// The last four digits of its number.
    pub last_four: LastFour,
    /// Whether its token serves once.
    pub once: bool,
    /// Until when its token may be used.
    pub until: Timestamp,
    /// How often it was used.
    pub uses: u32,
    /// Where it stands.
    pub status: CardOnFileStatus,
}

/// Where a card that the vault keeps stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CardOnFileStatus {
    /// It can be used.
    Active,
    /// It served once and is gone.
    Used,
    /// It was revoked and is gone.
    Revoked,
    /// Its time is over.
    Expired,
}

agent_safe!(CardOnFile, CardOnFileStatus);
