//! What has happened: events, their hash chain, and how both are shown.

pub(crate) mod ceremony;
pub(crate) mod chain;
pub(crate) mod event;
pub(crate) mod facet;
pub(crate) mod token;

pub use self::ceremony::{BrokenHistory, CeremonyHistory, Earlier};
pub use self::event::{Action, Actor, ChainHead, HistoryEvent, OperationId, Outcome, Subject};
pub use self::token::{HistoryHeadData, MAX_HISTORY_HEAD_LIFETIME};
