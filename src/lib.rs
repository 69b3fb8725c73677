//! Mutual verification for calls, chats and messages.

#![forbid(unsafe_code)]

pub mod otp;
mod pae;
mod secret;
