//! How the holder of a card shows that it is theirs.

use crate::card::{CardVerificationCode, Cryptogram};

/// What a sealed card has beside its number. An acquirer's adapter says what it does with each of them: whatever it
/// cannot send on, it refuses.
///
/// Neither is ever stored. `Debug` prints `[REDACTED]`.
#[derive(Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an adapter that forgets one must not compile")]
pub enum Verification {
    /// The digits on the card.
    Code(CardVerificationCode),
    /// A wallet's or network token's cryptogram; the number is the token's.
    Cryptogram(Cryptogram),
    /// Nothing: the scheme prints no code on some of its cards, or on none
    /// ([`Brand::needs_code`](crate::card_number::Brand::needs_code)).
    Nothing,
}
