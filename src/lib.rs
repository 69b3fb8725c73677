//! Mutual verification for calls, chats and messages.

#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        reason = "a unit test that panics fails, as it should"
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod agent_safe;
mod body;
mod ceremony;
mod error;
mod ground_rules;
mod history;
mod id;
mod interaction;
mod keys;
mod observer;
mod pae;
pub mod policy;
mod random;
mod record;
mod secret;
pub mod store;
mod time;
mod verifier;

pub use agent_safe::{AgentSafe, ForDesktop};
pub use ceremony::callback::{
    Amendment, BookCallback, Callback, CallbackSecret, CallbackStatus, MAX_SECRET_CHARS, Readback,
    SecretError, Verdict,
};
pub use error::{ConfigError, Error, Invalid, Reason, RecordError, Refused};
pub use ground_rules::NeverAsked;
pub use history::{
    Action, Actor, BrokenHistory, CeremonyHistory, ChainHead, HistoryEvent, OperationId, Outcome,
    Subject,
};
pub use id::{
    AgentId, CallbackId, CustomerId, InteractionId, InvalidId, Issuer, MAX_ID_BYTES, RequestId,
    TeamId,
};
pub use interaction::{Agent, Assignee, Channel, Direction, Interaction, UnknownChannel};
pub use keys::{KEY_BYTES, KeyId, Keyring, KeyringError, MAX_ROOT_KEYS};
pub use observer::{Observed, Observer, View};
pub use policy::Policy;
pub use random::{OsRandom, Random, RandomError};
pub use store::{MemoryStore, Store, StoreError};
pub use time::{Clock, ClockError, EmptyWindow, InvalidTimestamp, SystemClock, Timestamp, Window};
pub use verifier::{Callbacks, Cursor, Page, Paged, Verifier, VerifierBuilder};

#[cfg(feature = "test-util")]
pub use random::SeededRandom;
#[cfg(feature = "test-util")]
pub use time::ManualClock;
