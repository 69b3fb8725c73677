//! Mutual verification for calls, chats and messages: the enterprise proves itself to its customer, and
//! the customer to the enterprise. No agent ever holds anything that an impostor could reuse. It is a
//! library for the services of banks, insurers, telcos and contact centres: it opens no ports and starts
//! no threads.
//!
//! ```text
//!  customer's app             enterprise back end             agent's desktop
//! ┌────────────┐   session   ┌────────────────────┐ interaction ┌─────────────┐
//! │   Device   │ ──────────▶ │      Verifier      │ ◀────────── │ no library, │
//! │            │ ◀────────── │                    │ ──────────▶ │ no secret   │
//! └─────┬──────┘   tokens    └──┬──────────────┬──┘  AgentSafe  └─────────────┘
//!       │ sealed card           ▲ receipts     │ sealed records
//!       ▼                       │              ▼
//! ┌─────────────────────────────┴──────┐   ┌───────────┐
//! │  Vault, in a network of its own    │   │   Store   │
//! └─────┬──────────────────────────────┘   └───────────┘
//!       ▼ card and amount
//!    acquirer
//! ```
//!
//! # Where to look
//!
//! | half | who runs it | |
//! | --- | --- | --- |
//! | [`Verifier`] | the back end | books, shows, checks and remembers; its facets are the capabilities |
//! | [`Device`] | the customer's app | checks what the enterprise signed, and makes codes |
//! | `Vault` (feature `cards`) | the cardholder data environment | opens sealed cards and asks the acquirer |
//!
//! | capability | module |
//! | --- | --- |
//! | The customer books a call; the agent who rings says the customer's secret. | [`callback`] |
//! | The enterprise announces a call; the agent says a code that the app knows. | [`challenge`] |
//! | "Is that really you?" Open calls, the call that rings, and signed answers. | [`contact`] |
//! | The customer approves a transaction in the app during a call. | [`step_up`] |
//! | Several customers approve together. | [`step_up::joint`] |
//! | What customers approve with: keys of phones, passkeys, apps, fobs, delivered codes. | [`credential`] |
//! | The customer pays by card, and the agent sees a receipt. | `payment`, `vault` (feature `cards`) |
//! | What customers are to know, such as a scam that is going round. | [`notice`] |
//! | Whether an agent can be reached, and a callback if not. | [`reachability`] |
//! | What waits for an app that was off. | [`pending`] |
//! | What happened, chained by hashes, and receipts for it. | [`history`] |
//! | What there must be of a customer; erasure and export. | [`customer`] |
//! | Card data masked in what people type and say. | [`redact`] |
//!
//! | what a host brings, or handles | module |
//! | --- | --- |
//! | where records are kept | [`store`] |
//! | the secret keys | [`keyring`] |
//! | the numbers that it may tighten | [`policy`] |
//! | who is told what happens, in the process; and by a worker, so that nothing is lost | [`observer`], [`outbox`] |
//! | what went wrong, by who must act | [`error`] |
//! | what an agent may see, checked by the compiler | [`agent_safe`] |
//! | what is approved and is no transaction | [`action`] |
//! | ids, conversations, amounts, instants, short texts, pages of a list | [`id`], [`interaction`], [`transaction`], [`time`], [`text`], [`page`] |
//! | randomness; setting up a verifier; what a card number says of itself | [`random`], [`verifier`], [`card_number`] |
//!
//! | standard | module |
//! | --- | --- |
//! | HOTP, TOTP and OCRA (RFC 4226, 6238, 6287) | [`otp`] |
//! | PASETO v4.public tokens, with keys bound to purposes | [`token`] |
//! | codes and words for saying aloud | [`spoken`] |
//! | CIBA and rich authorisation requests (RFC 9396), mapped to step-ups | [`ciba`] |
//! | cards, sealed with HPKE (RFC 9180) | `card` (feature `cards`) |
//!
//! The [`manual`] has a [tutorial](manual::_01_tutorial), the [threats](manual::_44_threats), every format
//! byte by byte, and a [checklist](manual::_47_deployment) for going live.
//!
//! # A whole callback
//!
//! ```
//! use countersign::callback::{BookingRequest, Verdict};
//! use countersign::time::{Clock, SystemClock};
//! use countersign::*;
//! use std::time::Duration;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once, in the back end. In production the keys come from your KMS.
//! let keyring = Keyring::generate(&OsRandom::new())?;
//! let bank = Verifier::in_memory(Issuer::new("bank.example")?, keyring);
//!
//! // The app's endpoint: your service has authenticated the customer.
//! let alice = CustomerId::new("customer-1847")?;
//! let now = SystemClock.now()?;
//! let window = Window::new(now, now.after(Duration::from_secs(7200)))?;
//! let request = RequestId::new("9f1c-77")?; // the app's idempotency key
//! let secret = "anana".parse()?;
//! let booking = BookingRequest::new(request, window, Channel::Voice, secret);
//! let booked = bank.callbacks().book(&alice, &booking).await?;
//!
//! // The desktop's endpoint: your telephony platform has placed the call.
//! let bob = Agent::new(AgentId::new("bob")?);
//! let id = InteractionId::new("call-55031")?;
//! let call = Interaction::outbound(id, alice.clone(), bob, Channel::Voice);
//! let readback = bank.callbacks().reveal(&call, &booked.id).await?;
//! assert_eq!(readback.as_str(), "anana"); // "Your secret is anana."
//!
//! // The app again: the customer taps "That's my secret". It is burnt.
//! let said = Verdict::Recognised;
//! bank.callbacks().conclude(&alice, &booked.id, said).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `cards` (default) | payments: card types, sealing, the vault, receipts |
//! | `provisioning` (default) | the otpauth URI of a new TOTP or HOTP credential |
//! | `ring` (default), `aws-lc`, `fips` | the cryptographic library: [which computes what](manual::_24_keys) |
//! | `pskc` | fobs from a key container (RFC 6030): plain, under a key, under a password |
//! | `qr` | the otpauth URI as a QR code, in SVG and for a terminal |
//! | `redb`, `redis`, `postgres` | stores: records in one file, in Redis or Valkey, in PostgreSQL |
//! | `tracing` | a span and an event for every call and every store call; `redact::Redacted` masks card data in what a subscriber writes |
//! | `test-util` | `ManualClock`, `SeededRandom`, `FaultStore`, the store conformance suite (needs tokio) |

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
pub mod ciba;
mod codec;
pub mod contact;
pub mod credential;
mod crypto;
pub mod customer;
pub mod device;
mod engine;
pub mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod history;
pub mod manual;
pub mod notice;
pub mod observer;
#[cfg(test)]
mod old_records_open;
pub mod otp;
pub mod outbox;
#[cfg(feature = "cards")]
pub mod payment;
pub mod pending;
pub mod policy;
pub mod reachability;
mod record;
pub mod redact;
mod signature;
pub mod spoken;
pub mod step_up;
pub mod store;
pub mod token;
mod values;
#[cfg(feature = "cards")]
pub mod vault;
pub mod verifier;
mod webauthn;

#[doc(inline)]
pub use crypto::{keyring, random};
#[doc(inline)]
pub use engine::page;
#[doc(inline)]
pub use values::{action, agent_safe, card_number, id, interaction, text, time, transaction};

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
