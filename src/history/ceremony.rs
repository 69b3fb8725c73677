//! The history of one ceremony, as it is shown and archived, and the check of its chain.

use serde::{Deserialize, Serialize};

use crate::history::event::{ChainHead, HistoryEvent, Subject};
use crate::values::secret::silent_serde;

/// The history of one ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct CeremonyHistory {
    /// Which ceremony.
    pub subject: Subject,
    /// What happened before the events that are listed, if there was more than
    /// [`LISTED_EVENTS`](crate::policy::LISTED_EVENTS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
    /// What happened, in order.
    pub events: Vec<HistoryEvent>,
    /// How many attempts were refused in all. Of those in a row the first
    /// [`LISTED_REFUSALS`](crate::policy::LISTED_REFUSALS) stand among the events.
    /// The number itself is covered by the record's seal and by receipts, but not by the head.
    pub refusals: u32,
    /// The end of the hash chain over the subject and the events.
    pub head: ChainHead,
}

/// The part of a history that is no longer listed. Whoever kept the events checks them with the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Earlier {
    /// How many events there were.
    pub events: u32,
    /// The end of their hash chain.
    pub head: ChainHead,
}

/// Events were edited, reordered, added or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the events do not lead to the head of the history")]
#[non_exhaustive]
pub struct BrokenHistory;

impl CeremonyHistory {
    /// Checks that the events, as they stand, lead to the head. A host that archives histories
    /// elsewhere checks them with this; the crate has checked those that it returns.
    ///
    /// # Errors
    ///
    /// [`BrokenHistory`] if events were edited, reordered, added or left out.
    pub fn verify(&self) -> Result<(), BrokenHistory> {
        self.heads().map(drop)
    }

    /// How many events there have been, those that are no longer listed included.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.events.len()).unwrap_or(u32::MAX).saturating_add(self.unlisted())
    }

    /// Whether nothing has happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events are no longer listed.
    pub(crate) fn unlisted(&self) -> u32 {
        self.earlier.map_or(0, |earlier| earlier.events)
    }

    /// The heads of the chain before the events listed, after one of them, and so on, if the last is the
    /// head.
    pub(crate) fn heads(&self) -> Result<Vec<ChainHead>, BrokenHistory> {
        let start = || self.subject.chain_start();
        let mut head = self.earlier.map_or_else(start, |earlier| earlier.head);
        let mut heads = vec![head];
        let mut number = self.unlisted();
        for event in &self.events {
            // What is shown of an event is what the chain covers.
            let shown = HistoryEvent::decode(&event.encoded.0).map_err(|_| BrokenHistory)?;
            if shown != *event || event.number != number {
                return Err(BrokenHistory);
            }
            // More events than can be counted are those of no history.
            number = number.checked_add(1).ok_or(BrokenHistory)?;
            head = head.link(&event.encoded.0);
            heads.push(head);
        }
        if head == self.head { Ok(heads) } else { Err(BrokenHistory) }
    }
}

silent_serde! {
    CeremonyHistory: "a history",
    Earlier: "the earlier part of a history",
}
