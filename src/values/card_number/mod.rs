//! What a card number says of itself: the check digit, and the schemes whose ranges it is in.

mod ranges;
mod table;

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::{kept_as_text, numbered};
use crate::values::agent_safe::agent_safe;
use crate::values::secret::{deserialize_text, silent_serde};

#[cfg(feature = "cards")]
pub(crate) use ranges::Brands;
pub(crate) use ranges::{Issued, Issuers};
pub use table::{BrandRange, BrandTable, InvalidBrandRange};

numbered! {
    /// A card scheme, told by a number's first digits.
    ///
    /// The last four digits and the scheme are all of a card that a receipt shows (PCI DSS 4.0.1, 3.4.1).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum Brand {
        /// Visa: 13, 16 or 19 digits.
        Visa = 1,
        /// Mastercard, the 2-series included: 16 digits.
        Mastercard = 2,
        /// American Express: 15 digits, and a verification code of four.
        AmericanExpress = 3,
        /// Discover: 16 to 19 digits.
        Discover = 4,
        /// Diners Club: 14 to 19 digits.
        DinersClub = 5,
        /// JCB: 16 to 19 digits.
        Jcb = 6,
        /// UnionPay: 16 to 19 digits.
        UnionPay = 7,
        /// Maestro: 12 to 19 digits.
        Maestro = 8,
        /// RuPay: 16 digits.
        #[serde(rename = "rupay")]
        RuPay = 9,
        /// Mir: 16 to 19 digits.
        Mir = 10,
        /// Troy: 16 digits.
        Troy = 11,
        /// Elo: 16 digits.
        Elo = 12,
        /// Hipercard and Hiper: 16 or 19 digits.
        Hipercard = 13,
        /// Verve: 16, 18 or 19 digits.
        Verve = 14,
        /// UATP (Universal Air Travel Plan): 15 digits.
        Uatp = 15,
        /// mada: 16 digits, of Visa or Mastercard too on most cards.
        Mada = 16,
        /// Dankort: 16 digits, of Visa too on most cards.
        Dankort = 17,
        /// Cartes Bancaires. No range of its own is published: a host gives them.
        CartesBancaires = 18,
        /// Interac. No range of its own is published: a host gives them.
        Interac = 19,
        /// girocard. No range of its own is published: a host gives them.
        Girocard = 20,
        /// A shop's or another host's own cards, in ranges that it gives.
        PrivateLabel = 21,
        /// UzCard: 16 digits.
        #[serde(rename = "uzcard")]
        UzCard = 22,
        /// Humo: 16 digits.
        Humo = 23,
        /// NAPAS: 16 or 19 digits.
        Napas = 24,
        /// Cabal: 16 digits.
        Cabal = 25,
    }
}

silent_serde!(Brand: "a card scheme");
agent_safe!(Brand);

impl Brand {
    /// The scheme whose range `first` (eight ASCII digits; the rest is not looked at) is in,
    /// if it issues numbers of `length` digits there.
    #[allow(dead_code, reason = "for cards and redaction")]
    pub(crate) fn of(first: &[u8], length: usize) -> Option<Self> {
        let at = length.checked_sub(ranges::SHORTEST)?;
        ranges::issued(first, None).get(at).copied().flatten().map(|issued| issued.brand)
    }

    /// Whose card number these ASCII digits are: range, length and check digit.
    #[cfg(feature = "cards")]
    pub(crate) fn of_number(digits: &[u8]) -> Option<Self> {
        Self::of(digits, digits.len()).filter(|_| luhn(digits))
    }

    /// Whether it is issued in one country, or for one trade.
    pub(crate) const fn is_national(self) -> bool {
        self.number() > Self::Maestro.number()
    }

    /// How many digits the verification code has, where there is one: 4 on American Express, 3 elsewhere. Private
    /// label cards may have 4, too.
    #[must_use]
    pub const fn code_digits(self) -> usize {
        match self {
            Self::AmericanExpress => 4,
            _ => 3,
        }
    }

    /// Whether there is a verification code on every card: not on Maestro's, UATP's, girocard's, Interac's and
    /// private label cards.
    #[must_use]
    pub const fn needs_code(self) -> bool {
        !matches!(
            self,
            Self::Maestro | Self::Uatp | Self::Girocard | Self::Interac | Self::PrivateLabel
        )
    }

    /// Whether a verification code has so many digits.
    #[cfg(feature = "cards")]
    pub(crate) const fn has_code_of(self, digits: usize) -> bool {
        digits == self.code_digits() || matches!(self, Self::PrivateLabel) && digits == 4
    }
}

/// The scheme's name as people know it.
impl fmt::Display for Brand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Visa => "Visa",
            Self::Mastercard => "Mastercard",
            Self::AmericanExpress => "American Express",
            Self::Discover => "Discover",
            Self::DinersClub => "Diners Club",
            Self::Jcb => "JCB",
            Self::UnionPay => "UnionPay",
            Self::Maestro => "Maestro",
            Self::RuPay => "RuPay",
            Self::Mir => "Mir",
            Self::Troy => "Troy",
            Self::Elo => "Elo",
            Self::Hipercard => "Hipercard",
            Self::Verve => "Verve",
            Self::Uatp => "UATP",
            Self::Mada => "mada",
            Self::Dankort => "Dankort",
            Self::CartesBancaires => "Cartes Bancaires",
            Self::Interac => "Interac",
            Self::Girocard => "girocard",
            Self::PrivateLabel => "Private label",
            Self::UzCard => "UzCard",
            Self::Humo => "Humo",
            Self::Napas => "NAPAS",
            Self::Cabal => "Cabal",
        })
    }
}

/// The last four digits of a card number: with the scheme, all that a receipt shows of a card (PCI
/// DSS 4.0.1, 3.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LastFour([u8; 4]);

/// The text is not four digits. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the last four digits of a card number")]
#[non_exhaustive]
pub struct InvalidLastFour;

impl LastFour {
    /// The last four of `digits`, ASCII digits all; zeros if there are fewer.
    #[cfg(feature = "cards")]
    pub(crate) fn of(digits: &[u8]) -> Self {
        Self(digits.last_chunk().copied().unwrap_or([b'0'; 4]))
    }

    /// The four digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Built from ASCII digits alone.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

kept_as_text!(LastFour);

impl FromStr for LastFour {
    type Err = InvalidLastFour;

    fn from_str(text: &str) -> Result<Self, InvalidLastFour> {
        let digits = <[u8; 4]>::try_from(text.as_bytes()).map_err(|_| InvalidLastFour)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(InvalidLastFour) }
    }
}

impl fmt::Display for LastFour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for LastFour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for LastFour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "four digits as text", Self::from_str)
    }
}

agent_safe!(LastFour);

/// Whether ASCII digits, the check digit last, satisfy Luhn's formula (ISO/IEC 7812-1, annex B).
/// Anything but digits, and no digits, do not.
///
/// Any one digit changed is noticed, and any two neighbours swapped except 0 and 9: `09` and `90`
/// add up alike.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let mut sum = 0_u32;
    for (place, digit) in digits.iter().rev().enumerate() {
        let Some(digit) = value(*digit) else { return false };
        let weighed = if place % 2 == 0 { digit } else { digit.wrapping_mul(2) };
        let weighed = if weighed > 9 { weighed.wrapping_sub(9) } else { weighed };
        sum = sum.wrapping_add(u32::from(weighed));
    }
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Whether some of these ASCII digits could be the number of a card that ends so: 12 to 19 with the right check digit. Their
/// beginning says nothing against it: a host has ranges of its own, and a co-badged card is paid over any of its schemes.
#[cfg(feature = "cards")]
pub(crate) fn could_hold(digits: &[u8], last_four: LastFour) -> bool {
    let mut parts = (12..=19).flat_map(|length| digits.windows(length));
    parts.any(|part| part.ends_with(last_four.as_str().as_bytes()) && luhn(part))
}

/// The value of an ASCII digit.
const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_checks_the_last_digit() {
        // The example that every text on the formula has, and a published test card.
        assert!(luhn(b"49927398716"));
        assert!(luhn(b"4242424242424242"));
        assert!(luhn(b"0"));
        assert!(!luhn(b"1"));
        assert!(!luhn(b""));
        assert!(!luhn(b"4242 424242424242"));
        assert!(!luhn(b"4242424242424\xc2\xb2"));
    }

    #[test]
    fn of_the_ranges_that_a_number_is_in_the_narrowest_counts() {
        let of = |prefix: &str, length| {
            let first = format!("{prefix}77777777");
            Brand::of(first.as_bytes(), length)
        };
        for (prefix, length, brand) in [
            ("2220", 16, None),
            ("2221", 16, Some(Brand::Mastercard)),
            ("2720", 16, Some(Brand::Mastercard)),
            ("2721", 16, None),
            ("2205", 16, None),
            ("2204", 19, Some(Brand::Mir)),
            ("5100", 15, None),
            ("4000", 14, None),
            ("3527", 16, None),
            ("3528", 16, Some(Brand::Jcb)),
            ("6439", 16, None),
            ("6440", 19, Some(Brand::Discover)),
            ("8171", 19, Some(Brand::UnionPay)),
            ("8172", 19, None),
            ("8172", 16, Some(Brand::RuPay)),
            ("8300", 16, None),
            // Elo's, of 16 digits alone, within Maestro's.
            ("506699", 16, Some(Brand::Elo)),
            ("506699", 17, Some(Brand::Maestro)),
            ("506698", 16, Some(Brand::Maestro)),
            ("506778", 16, Some(Brand::Elo)),
            ("506779", 16, Some(Brand::Maestro)),
            ("1", 15, Some(Brand::Uatp)),
            ("1", 16, None),
        ] {
            assert_eq!(of(prefix, length), brand, "{prefix} {length}");
        }
        assert_eq!(Brand::of(b"424", 16), Some(Brand::Visa), "the first digit says enough");
        assert_eq!(Brand::of(b"x4242", 16), None);
        assert_eq!(Brand::of(b"", 16), None);
        assert_eq!(Brand::of(b"4242x", 16), Some(Brand::Visa));
    }

    #[test]
    fn numbers_stand_for_one_brand_each() {
        for number in 1..=25 {
            assert_eq!(Brand::from_number(number).map(Brand::number), Some(number));
        }
        assert_eq!(Brand::from_number(0), None);
        assert_eq!(Brand::from_number(26), None);
    }
}
