//! Mutual verification for calls, chats and messages: the enterprise proves itself to its customer,
//! and the customer to the enterprise, without an agent ever holding anything that an impostor could
//! reuse.
//!
//! - [`Verifier`] is the enterprise's half: [`Verifier::callbacks`] for callback secrets,
//!   [`Verifier::challenges`] for contact that the enterprise makes,
//!   [`Verifier::credentials`] and [`Verifier::step_ups`] for approvals during a call, `payments`
//!   (feature `cards`) for payments whose card no agent sees, [`Verifier::history`] for what happened.
//! - [`Keyring`] holds the secret keys, [`Store`] keeps sealed records, [`Policy`] holds the rules,
//!   [`Observer`] is told what happens.
//! - [`Device`] is the customer's half: what the app checks with the enterprise's public keys.
//! - `Vault` (feature `cards`) is the cardholder data environment's half: it opens sealed cards, asks
//!   the host's acquirer, and keeps cards under tokens.
//! - `card` (feature `cards`) holds card data, seals it for the vault alone, and has the tokens that
//!   stand for it.
//! - [`otp`] and [`token`] are the standards below: OATH one-time codes and PASETO v4.public;
//!   [`spoken`] is what a person can say of them.
//! - [`redact`] masks card data in what people type and say.
//! - [`AgentSafe`] marks what an agent may see.
//! - The [`manual`] explains threats, ceremonies, formats and failures.
//!
//! A whole callback:
//!
//! ```
#![doc = include_str!("../examples/callback.rs")]
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        reason = "a unit test that panics fails, as it should"
    )
)]

pub mod callback;
#[cfg(feature = "cards")]
pub mod card;
pub mod challenge;
mod codec;
pub mod contact;
pub mod credential;
mod crypto;
pub mod device;
mod engine;
pub mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod history;
pub mod manual;
pub mod observer;
pub mod otp;
#[cfg(feature = "cards")]
pub mod payment;
pub mod policy;
mod record;
pub mod redact;
pub mod spoken;
pub mod step_up;
pub mod store;
#[cfg(test)]
mod texts_of_before;
pub mod token;
mod values;
#[cfg(feature = "cards")]
pub mod vault;
pub mod verifier;

#[doc(inline)]
pub use crypto::{keyring, random};
#[doc(inline)]
pub use engine::page;
#[doc(inline)]
pub use values::{agent_safe, card_number, id, interaction, text, time, transaction};

pub use agent_safe::AgentSafe;
pub use device::Device;
pub use error::{Error, Refused};
pub use id::{
    AgentId, CallbackId, ChallengeId, CredentialId, CustomerId, IdempotencyKey, InteractionId,
    Issuer, MerchantId, PaymentId, RequestId, StepUpId, TeamId,
};
pub use interaction::{Agent, Assignee, Channel, Direction, Interaction};
pub use keyring::Keyring;
pub use observer::Observer;
pub use policy::Policy;
pub use random::OsRandom;
pub use store::{MemoryStore, Store};
pub use time::{Timestamp, Window};
pub use transaction::{Currency, Transaction};
#[cfg(feature = "cards")]
pub use vault::Vault;
pub use verifier::Verifier;
