//! Histories: the events of each ceremony, chained by hashes, and signed receipts for them.
//!
//! Begin with [`Verifier::history`](crate::Verifier::history) and
//! [`Device::check_history`](crate::Device::check_history); what receipts are for is in the
//! [manual](crate::manual::_34_tokens#history-receipts).

pub(crate) mod action;
pub(crate) mod ceremony;
pub(crate) mod chain;
pub(crate) mod event;
#[cfg(test)]
mod exported;
pub(crate) mod facet;
pub(crate) mod token;

pub use self::action::Action;
pub use self::ceremony::{BrokenHistory, CeremonyHistory, Earlier};
pub use self::event::{Actor, ChainHead, HistoryEvent, OperationId, Outcome, Subject};
pub use self::token::{HistoryHeadData, MAX_HISTORY_HEAD_LIFETIME};
