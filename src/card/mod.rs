//! Card data: what the customer types on their own device, sealed there for the vault alone, and the
//! token that stands for it afterwards.
//!
//! Nothing here is [`AgentSafe`](crate::AgentSafe). Card data is wiped on drop, compared in constant
//! time, and neither `Clone`, `Display` nor `Serialize`; `Debug` prints `[REDACTED]`; no error
//! repeats what was typed. What a receipt shows of a card is [`Brand`](crate::card_number::Brand) and
//! [`LastFour`](crate::card_number::LastFour):
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
//! A card from its fields to the sealed bytes, on the customer's device:
//!
//! ```
//! use countersign::card::{Card, SealedCard};
//! use countersign::OsRandom;
//! use countersign::card_number::Brand;
//! use countersign::device::VerifiedPayment;
//!
//! fn sealed(shown: &VerifiedPayment) -> Result<SealedCard, Box<dyn std::error::Error>> {
//!     let card = Card::new(
//!         "4242 4242-4242 4242".parse()?,
//!         "12/34".parse()?,
//!         "123".parse()?,
//!         "Maria Jones".parse()?,
//!     )?;
//!     assert_eq!(card.pan().brand(), Brand::Visa);
//!     assert_eq!(card.pan().last_four().as_str(), "4242");
//!     Ok(shown.seal(&card, &OsRandom::new())?)
//! }
//! ```
//!
//! An [`VerifiedPayment`](crate::device::VerifiedPayment) is a request that was verified, and the key is the one that this
//! request names: there is no other way to seal a card, so none for a key that an impostor chose. (Tests
//! have one, behind the feature `test-util`.)
//!
//! ```compile_fail,E0624
//! use countersign::OsRandom;
//! use countersign::card::{Attempt, Card, SealError, SealedCard, SealingKey};
//!
//! fn sealed(card: &Card, key: &SealingKey, token: &str) -> Result<SealedCard, SealError> {
//!     card.seal(key, token, Attempt::FIRST, &OsRandom::new())
//! }
//! ```
//!
//! ```compile_fail,E0061
//! use countersign::card::{Card, SealError, SealedCard, SealingKey};
//! use countersign::OsRandom;
//! use countersign::device::VerifiedPayment;
//!
//! fn sealed(
//!     shown: &VerifiedPayment,
//!     card: &Card,
//!     key: &SealingKey,
//! ) -> Result<SealedCard, SealError> {
//!     shown.seal(card, key, &OsRandom::new())
//! }
//! ```
//!
//! The vault opens it in [`Vault::pay`](crate::Vault::pay); [`vault`](crate::vault) plays the whole of it.
//!
//! The bytes of a sealed card, for apps that seal without this crate, are in
//! [`manual::_38_sealing`](crate::manual::_38_sealing).

mod billing;
#[expect(clippy::module_inception, reason = "the card is the module's main value")]
mod card;
mod cardholder;
mod code;
mod country;
mod cryptogram;
mod expiry;
mod keys;
mod line;
mod pan;
mod plaintext;
mod sealing;
mod stored;
mod stored_credential;
mod token;
mod verification;

pub use crate::values::attempt::Attempt;
pub use billing::{BillingAddress, InvalidBillingAddress, MAX_ADDRESS_CHARS, MAX_ADDRESS_LINES};
pub use card::{Card, NotItsBrand, WrongCodeLength};
pub use cardholder::{Cardholder, InvalidCardholder, MAX_CARDHOLDER_CHARS};
pub use code::{CardVerificationCode, InvalidCardVerificationCode};
pub use country::{Country, UnknownCountry};
pub use cryptogram::{Cryptogram, Eci, InvalidCryptogram, InvalidEci, Wallet};
pub use expiry::{Expiry, InvalidExpiry};
pub use keys::{InvalidOpeningKey, InvalidSealingKey, OpeningKey, OpeningKeyId, SealingKey};
pub use pan::{InvalidPan, Pan};
pub use sealing::{CannotOpen, InvalidSealedCard, SEALED_CARD_BYTES, SealError, SealedCard};
pub use stored::StoredCard;
pub use stored_credential::StoredCredential;
pub use token::{CardToken, InvalidCardToken};
pub use verification::Verification;
