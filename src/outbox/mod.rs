//! The outbox: news of every change, each written in one atomic step with the change, for a worker of the
//! host's to deliver: to a dialler, a notification service, an audit log, the enterprise's back end.
//!
//! Off unless [`VerifierBuilder::outbox`](crate::verifier::VerifierBuilder::outbox) or the vault's turns it
//! on. The [manual](crate::manual::_29_outbox) shows a worker.

pub(crate) mod facet;
mod giving_up;
pub(crate) mod lane;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod view;

pub use self::facet::Outbox;
pub use self::view::{Batch, GivenBack, Notice, NoticeId, Parked, UnreadableNews};
pub use crate::store::Backlog;
