//! Callback secrets: the customer books a callback and sets a secret, and the agent who rings says it.
//!
//! Begin with [`Verifier::callbacks`](crate::Verifier::callbacks); the rules are in the
//! [manual](crate::manual::_03_callbacks).

pub(crate) mod facet;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod secret;
pub(crate) mod state;
pub(crate) mod view;

pub use self::facet::Callbacks;
pub use self::request::{AmendmentRequest, BookingRequest, Verdict};
pub use self::secret::{CallbackSecret, MAX_FORBIDDEN_WORDS, MAX_SECRET_CHARS, SecretError};
pub use self::view::{Callback, CallbackStatus, FromAnswer, Readback};
