//! What an acquirer calls a payment, to the letter: for asking it again, and for nothing else.

use zeroize::Zeroizing;

use crate::card::{CardVerificationCode, Pan};
use crate::codec::table::kept_as;
use crate::values::card_number::{LastFour, could_hold};
use crate::values::secret::SecretText;

/// The longest one that is kept, in bytes.
pub(crate) const MAX_RAW_BYTES: usize = 1024;

/// An acquirer's id as the acquirer wrote it, sealed in the vault's record. It leaves the vault for the acquirer alone;
/// whoever else sees it sees a [`Reference`](crate::payment::Reference).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RawId(SecretText);

impl RawId {
    /// `None`: empty, longer than [`MAX_RAW_BYTES`], not ASCII, or it holds the card's number or its verification code, and is not to
    /// be kept.
    pub(crate) fn of(text: &str, pan: &Pan, code: Option<&CardVerificationCode>) -> Option<Self> {
        let holds = holds_number(text, pan.expose())
            || code.is_some_and(|code| holds_code(text, code.expose()));
        (!holds).then(|| Self::kept(text)).flatten()
    }

    /// The same of an answer that came when nobody had the card at hand: of what could be its number, nothing is kept.
    pub(crate) fn unseen(text: &str, last_four: LastFour) -> Option<Self> {
        (!could_hold(&digits_of(text), last_four)).then(|| Self::kept(text)).flatten()
    }

    /// What names a challenge: it was looked at when that came in.
    pub(crate) fn of_challenge(reference: &str) -> Option<Self> {
        Self::kept(reference)
    }

    fn kept(text: &str) -> Option<Self> {
        // Of digits in another script nothing is known; no acquirer writes its ids so.
        let fits = (1..=MAX_RAW_BYTES).contains(&text.len()) && text.is_ascii();
        fits.then(|| Self(SecretText::copy_of(text)))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Another copy, for the record that keeps it.
    pub(crate) fn copy(&self) -> Self {
        Self(SecretText::copy_of(self.expose()))
    }
}

kept_as! { RawId: |id| id.expose(), |text: &str| Self::kept(text).ok_or(()) }

/// Whether the digits of `text`, whatever stands between them, hold the number.
pub(crate) fn holds_number(text: &str, number: &str) -> bool {
    digits_of(text).windows(number.len()).any(|part| part == number.as_bytes())
}

/// Whether digits of `text` could be the number of a card that ends so, as far as no letter stands between them: a long
/// text in base64 has so many that some of them would look like any number.
pub(crate) fn could_hold_number(text: &str, last_four: LastFour) -> bool {
    let mut runs = text.split(|c: char| c.is_ascii_alphabetic());
    runs.any(|run| could_hold(&digits_of(run), last_four))
}

fn digits_of(text: &str) -> Zeroizing<Vec<u8>> {
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    digits.extend(text.bytes().filter(u8::is_ascii_digit));
    digits
}

/// Whether the code stands in it by itself. Three digits somewhere in a longer id are chance.
fn holds_code(text: &str, code: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_holds_the_card_is_not_kept() {
        let pan: Pan = "4242424242424242".parse().unwrap();
        let code: CardVerificationCode = "737".parse().unwrap();
        for (text, kept) in [
            ("6749947830245691146238", true),
            ("pi_3MtwBwLkdIwHu7ix28a3tqPa", true),
            ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", true),
            ("73", true),
            ("a737b", true),
            ("7370", true),
            ("4242424242424242", false),
            ("tx-4242.4242 4242-4242/9", false),
            ("9942424242424242429", false),
            ("737", false),
            ("tx-737-1", false),
            ("cvv=737", false),
            ("", false),
            ("４２４２４２４２４２４２４２４２", false),
            (&"x".repeat(1024), true),
            (&"x".repeat(1025), false),
        ] {
            let raw = RawId::of(text, &pan, Some(&code));
            assert_eq!(raw.as_ref().map(RawId::expose), kept.then_some(text), "{text}");
        }
        assert!(RawId::of("737", &pan, None).is_some());
        for (text, kept) in [
            ("tx-4242.4242 4242-4242/9", false),
            ("6749947830245691146238", true),
            ("tx-9000.0000 0001-4242/9", false),
            ("tx-7100.0010 0000-4242/9", true),
        ] {
            assert_eq!(RawId::unseen(text, pan.last_four()).is_some(), kept, "{text}");
        }
    }
}
