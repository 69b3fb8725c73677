//! Callback secrets: the customer books a call and sets a secret, the agent who rings reads it back, or
//! the words derived from it.
//!
//! `Booked → Revealed → Recognised | NotRecognised | NoAnswer`, or `Cancelled`, `Expired`. The
//! secret exists only before the end.

mod customer;
mod derived;
mod desktop;
mod secret;
mod state;

pub(crate) use self::customer::{Amend, Book, Cancel, Conclude};
pub(crate) use self::derived::{derived_words, words_key};
pub(crate) use self::desktop::{Abandon, Reveal, Revealed};
pub(crate) use self::state::CallbackState;

pub use self::customer::{Amendment, BookCallback, Verdict};
pub use self::desktop::Readback;
pub use self::secret::{CallbackSecret, MAX_FORBIDDEN_WORDS, MAX_SECRET_CHARS, SecretError};
pub use self::state::{Callback, CallbackStatus};
