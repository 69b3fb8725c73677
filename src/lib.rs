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

mod agent_safe;
mod body;
#[cfg(feature = "cards")]
pub mod card;
mod card_number;
mod ceremony;
mod device;
mod device_credential;
mod engine;
mod error;
mod free_text;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod ground_rules;
mod history;
mod id;
mod interaction;
mod keys;
pub mod manual;
mod observer;
mod one_form;
pub mod otp;
mod pae;
pub mod policy;
mod pseudonym;
mod random;
mod record;
pub mod redact;
mod secret;
pub mod spoken;
pub mod store;
mod subkeys;
mod time;
pub mod token;
mod transaction;
mod typed;
mod unicode;
#[cfg(feature = "cards")]
pub mod vault;
mod verifier;

pub use agent_safe::{AgentSafe, ForDesktop};
pub use card_number::{Brand, InvalidLastFour, LastFour};
pub use ceremony::callback::{
    Amendment, BookCallback, Callback, CallbackSecret, CallbackStatus, MAX_FORBIDDEN_WORDS,
    MAX_SECRET_CHARS, Readback, SecretError, Verdict,
};
pub use ceremony::challenge::{
    Acceptance, Answer, Appointment, AppointmentConfirmed, Challenge, ChallengeIssued,
    ChallengeStatus, IssueChallenge, Proposal, Slot, ToSay,
};
#[cfg(feature = "cards")]
pub use ceremony::charge::{Charge, ChargeStatus};
pub use ceremony::credential::{
    Credential, CredentialStatus, Enrolment, Import, Method, Provisioning, UnsuitableFob,
    UnsuitableSuite,
};
#[cfg(feature = "cards")]
pub use ceremony::payment::{
    ChargeOutcome, DeclineReason, InvalidReference, Payment, PaymentOutcome, PaymentRequest,
    PaymentRequested, PaymentStatus, Receipt, Reference,
};
pub use ceremony::presence::OpenInteraction;
pub use ceremony::step_up::{
    Delivery, Grant, Redeemed, StepUp, StepUpOutcome, StepUpRequest, StepUpRequested, StepUpStatus,
};
#[cfg(feature = "cards")]
pub use ceremony::stored_card::{CardOnFile, CardOnFileStatus};
#[cfg(feature = "cards")]
pub use device::OpenPayment;
pub use device::{
    ChallengeError, Device, GroundRules, HEARING_ATTEMPTS, HearError, Heard, Hearings,
    HistoryProblem, MalformedHearings, NotVerified, OpenAppointment, OpenChallenge, OpenStepUp,
    OpenedChallenge, StatusQuestion, StatusShown,
};
pub use device_credential::{DeviceCredential, DeviceCredentialError, InvalidPin, SmartPin};
pub use error::{ConfigError, Error, Invalid, Reason, RecordError, Refused};
pub use ground_rules::{NeverAsked, UnknownRule};
pub use history::{
    Action, Actor, BrokenHistory, CeremonyHistory, ChainHead, Earlier, HistoryEvent, OperationId,
    Outcome, Subject,
};
pub use id::{
    AgentId, CallbackId, CardFingerprint, ChallengeId, CredentialId, CustomerId, IdempotencyKey,
    InteractionId, InvalidId, Issuer, MAX_ID_BYTES, MerchantId, OpeningKeysId, PaymentId,
    PresenceId, RequestId, StepUpId, StepUpLimitId, StoredCardId, TeamId,
};
pub use interaction::{Agent, Assignee, Channel, Direction, Interaction, UnknownChannel};
pub use keys::{KEY_BYTES, KeyId, Keyring, KeyringError, MAX_ROOT_KEYS};
pub use observer::{Observed, Observer, View};
pub use policy::Policy;
pub use pseudonym::Pseudonym;
pub use random::{OsRandom, Random, RandomError};
pub use store::{MemoryStore, Store, StoreError};
pub use time::{Clock, ClockError, EmptyWindow, InvalidTimestamp, SystemClock, Timestamp, Window};
pub use transaction::{Currency, Transaction, TransactionKind, UnknownCurrency};
pub use verifier::{
    Callbacks, Challenges, Credentials, Cursor, Page, Paged, StepUps, Verifier, VerifierBuilder,
};

#[cfg(feature = "cards")]
pub use vault::{Vault, VaultBuilder};
#[cfg(feature = "cards")]
pub use verifier::Payments;

#[cfg(feature = "test-util")]
pub use random::SeededRandom;
#[cfg(feature = "test-util")]
pub use time::ManualClock;
