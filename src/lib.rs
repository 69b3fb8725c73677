//! Mutual verification for calls, chats and messages.

#![forbid(unsafe_code)]

mod pae;
mod secret;
pub mod token;
