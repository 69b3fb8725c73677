//! Signed tokens: PASETO v4.public over Ed25519, with a key id in the footer and the purpose as
//! implicit assertion.
//!
//! A token is `v4.public.` + base64url(claims ‖ signature) + `.` + base64url(footer):
//!
//! - the claims are one JSON object, see [`Claims`];
//! - the footer is `{"kid":"…"}`, see [`Kid`];
//! - the implicit assertion is not carried but signed, see [`Purpose`];
//! - base64url is strict (no padding, unused bits zero) and the whole has at most
//!   [`MAX_TOKEN_LEN`] characters.
//!
//! Any PASETO library verifies and makes such tokens, given the implicit assertion; [`v4_public`] is
//! that common layer here. What this crate accepts goes through [`UntrustedToken`], which checks in
//! this order and stops at the first fault: size, header, footer, a key that [`TrustedKeys`] holds
//! for this purpose now, base64url and signature, then purpose, issuer, audience and times.
//!
//! Keys: [`SigningKey`] and [`PublicKey`]. ring's Ed25519 takes any 32 bytes as a public key; keys of
//! small order, under which anyone can sign, are refused here.

mod appointment;
mod base64url;
mod challenge;
mod claims;
mod detail;
mod encoding;
mod error;
mod found_on;
mod ground_rules;
mod history_head;
mod key;
#[cfg(feature = "cards")]
mod payment;
mod purpose;
mod status;
mod step_up;
mod strict_json;
mod trusted;
mod untrusted;
pub mod v4_public;
mod weak;
mod wire_time;

pub use appointment::{AppointmentData, MAX_APPOINTMENT_LIFETIME, Proof};
pub use challenge::{
    ChallengeData, Channels, DEFAULT_CHALLENGE_LIFETIME, InvalidChannels, InvalidHandles,
    InvalidText, MAX_CHALLENGE_LIFETIME, MAX_TEXT_CHARS, ShortText,
};
pub use claims::{Audience, Claims, IssueError, TokenData, TokenId};
pub use detail::{Detail, Details, InvalidDetails, MAX_DETAILS, MAX_LABEL_CHARS, MAX_VALUE_CHARS};
pub use error::{Rejection, TokenError};
pub use found_on::{FoundElsewhere, FoundOn, Handle, InvalidFoundOn, MAX_HANDLES, PostsFrom};
pub use ground_rules::{ActsByChannel, GroundRulesData, MAX_GROUND_RULES_LIFETIME};
pub use history_head::{HistoryHeadData, MAX_HISTORY_HEAD_LIFETIME};
pub use key::{KeyError, Kid, PublicKey, SigningKey};
#[cfg(feature = "cards")]
pub use payment::{
    MAX_PAYMENT_REQUEST_LIFETIME, MAX_RECEIPT_LIFETIME, PaymentRequestData, ReceiptData,
};
pub use purpose::{Purpose, UnknownPurpose};
pub use status::{MAX_STATUS_LIFETIME, Status, StatusData, StatusNonce};
pub use step_up::{GrantData, MAX_STEP_UP_LIFETIME, StepUpData};
pub use trusted::{TrustError, TrustedKeys};
pub(crate) use untrusted::id_of_own;
pub use untrusted::{Leeway, SignedForSomeone, TooMuchLeeway, UntrustedToken, Verified};
pub use v4_public::MAX_TOKEN_LEN;
