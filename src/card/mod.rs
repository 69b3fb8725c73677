//! Card data: what the customer types on their own device, sealed there for the vault alone, and the
//! token that stands for it afterwards.
//!
//! Nothing here is [`AgentSafe`](crate::AgentSafe). Card data is wiped on drop, compared in constant
//! time, and neither `Clone`, `Display` nor `Serialize`; `Debug` prints `[REDACTED]`; no error
//! repeats what was typed. What a receipt shows of a card is [`Brand`](crate::Brand) and
//! [`LastFour`](crate::LastFour):
//!
//! ```
//! use countersign::AgentSafe;
//! use countersign::card::Card;
//!
//! fn send_to_desktop<T: AgentSafe + serde::Serialize>(value: &T) { /* … */ }
//!
//! fn desktop(card: &Card) {
//!     send_to_desktop(&card.pan().last_four());
//! }
//! ```
//!
//! ```compile_fail,E0277
//! use countersign::AgentSafe;
//! use countersign::card::Card;
//!
//! fn send_to_desktop<T: AgentSafe>(value: &T) { /* … */ }
//!
//! fn desktop(card: &Card) {
//!     send_to_desktop(card.pan());
//! }
//! ```
//!
//! ```compile_fail,E0277
//! use countersign::AgentSafe;
//! use countersign::card::SealedCard;
//!
//! fn send_to_desktop<T: AgentSafe>(value: &T) { /* … */ }
//!
//! fn desktop(sealed: Option<SealedCard>) {
//!     send_to_desktop(&sealed);
//! }
//! ```
//!
//! ```compile_fail,E0599
//! use countersign::card::CardVerificationCode;
//!
//! fn copy(code: &CardVerificationCode) -> String {
//!     code.to_string()
//! }
//! ```
//!
//! A card from its fields to the vault and back:
//!
//! ```
//! use countersign::card::{Card, OpeningKey};
//! use countersign::{Brand, OsRandom};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // In the vault: a short-lived key, whose public half goes into the request token.
//! let opening = OpeningKey::generate(&OsRandom::new())?;
//! let request = "v4.public.…"; // the signed request, as the app got it
//!
//! // On the customer's device.
//! let card = Card::new(
//!     "4242 4242-4242 4242".parse()?,
//!     "12/34".parse()?,
//!     "123".parse()?,
//!     "Maria Jones".parse()?,
//! )?;
//! let sealed = card.seal(opening.public(), request, &OsRandom::new())?;
//!
//! // In the vault again.
//! let opened = opening.open(&sealed, request)?;
//! assert_eq!(opened.pan().brand(), Brand::Visa);
//! assert_eq!(opened.pan().last_four().as_str(), "4242");
//! assert!(opening.open(&sealed, "another request").is_err());
//! # Ok(())
//! # }
//! # example().unwrap();
//! ```
//!
//! The bytes of a sealed card, for apps that seal without this crate, are in
//! [`manual::sealing`](crate::manual::sealing).

#[expect(clippy::module_inception, reason = "the card is the module's main value")]
mod card;
mod cardholder;
mod code;
mod expiry;
mod keys;
mod pan;
mod plaintext;
mod sealing;
mod stored;
mod token;
mod typed;

pub use card::{Card, WrongCodeLength};
pub use cardholder::{Cardholder, InvalidCardholder, MAX_CARDHOLDER_CHARS};
pub use code::{CardVerificationCode, InvalidCardVerificationCode};
pub use expiry::{Expiry, InvalidExpiry};
pub use keys::{InvalidOpeningKey, InvalidSealingKey, OpeningKey, OpeningKeyId, SealingKey};
pub use pan::{InvalidPan, Pan};
pub use sealing::{CannotOpen, InvalidSealedCard, SEALED_CARD_BYTES, SealError, SealedCard};
pub use stored::StoredCard;
pub use token::{CardToken, InvalidCardToken};
