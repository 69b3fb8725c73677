//! Where the card's bills go, for the acquirer to compare.

use core::fmt;

use zeroize::Zeroizing;

use crate::card::Country;
use crate::card::line::Line;
use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::values::secret::SecretText;
use crate::values::typed::{is_longer, is_separator, trimmed};
use crate::values::unicode::digit;

/// The longest line of an address and the longest town, in characters (as EMV 3-D Secure limits them).
pub const MAX_ADDRESS_CHARS: usize = 50;
/// The most lines of an address (as EMV 3-D Secure has them).
pub const MAX_ADDRESS_LINES: usize = 3;
/// The longest postcode: no country's is longer than 10.
pub(super) const POSTCODE_BYTES: usize = 12;
/// The longest code of a region (ISO 3166-2, after the hyphen).
pub(super) const REGION_BYTES: usize = 3;
pub(super) const LINE_BYTES: usize = AddressLine::MAX_BYTES;
/// From this many digits on, a card number was typed into the wrong field.
const DIGITS_OF_A_CARD: usize = 12;
/// The longest text that is read as a postcode or region, in characters.
const MAX_TYPED: usize = 32;

type AddressLine = Line<MAX_ADDRESS_CHARS>;

/// Where the card's bills go: for the acquirer's address verification (AVS) and for 3-D Secure. Of a country, and as
/// much more as the app asks for: most issuers compare the postcode and the digits of the first line.
///
/// Lines and town are read as a [`Cardholder`](crate::card::Cardholder)'s name is: spaces of any kind become one U+0020
/// between words, and a line with 12 digits or more is refused, since a card number was typed into the wrong field.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
///
/// ```
/// use countersign::card::BillingAddress;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let address = BillingAddress::new("GB".parse()?)
///     .with_line("1 High Street")?
///     .with_city("Leeds")?
///     .with_postcode("ls1  1aa")?;
/// assert_eq!(address.lines().collect::<Vec<_>>(), ["1 High Street"]);
/// assert_eq!(address.postcode(), Some("LS1 1AA"));
/// assert_eq!(format!("{address:?}"), "BillingAddress([REDACTED])");
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(PartialEq, Eq)]
pub struct BillingAddress {
    country: Country,
    region: Option<Code>,
    postcode: Option<Code>,
    city: Option<AddressLine>,
    lines: Vec<AddressLine>,
}

/// Which part of an address is none. It does not repeat what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBillingAddress {
    /// A line, or a fourth one.
    #[error(
        "an address has up to {MAX_ADDRESS_LINES} lines, of 1 to {MAX_ADDRESS_CHARS} visible \
         characters and no card number"
    )]
    Line,
    /// The town.
    #[error("a town has 1 to {MAX_ADDRESS_CHARS} visible characters and no card number")]
    City,
    /// The postcode.
    #[error("a postcode has 1 to {POSTCODE_BYTES} letters and digits, with spaces or hyphens")]
    Postcode,
    /// The region.
    #[error("a region is 1 to {REGION_BYTES} letters and digits (ISO 3166-2), such as CA")]
    Region,
}

impl BillingAddress {
    /// Somewhere in `country`.
    #[must_use]
    pub const fn new(country: Country) -> Self {
        Self { country, region: None, postcode: None, city: None, lines: Vec::new() }
    }

    /// One line more of street and number, up to [`MAX_ADDRESS_LINES`].
    ///
    /// # Errors
    ///
    /// [`InvalidBillingAddress::Line`].
    pub fn with_line(mut self, line: &str) -> Result<Self, InvalidBillingAddress> {
        let read = AddressLine::typed(line).filter(|_| self.lines.len() < MAX_ADDRESS_LINES);
        self.lines.push(read.ok_or(InvalidBillingAddress::Line)?);
        Ok(self)
    }

    /// The town.
    ///
    /// # Errors
    ///
    /// [`InvalidBillingAddress::City`].
    pub fn with_city(mut self, city: &str) -> Result<Self, InvalidBillingAddress> {
        self.city = Some(AddressLine::typed(city).ok_or(InvalidBillingAddress::City)?);
        Ok(self)
    }

    /// The postcode: letters, digits of any script, and single spaces or hyphens between them; with fewer than 12
    /// digits. Letters become capitals.
    ///
    /// # Errors
    ///
    /// [`InvalidBillingAddress::Postcode`].
    pub fn with_postcode(mut self, postcode: &str) -> Result<Self, InvalidBillingAddress> {
        let read = Code::typed::<POSTCODE_BYTES>(postcode).filter(Code::is_no_card);
        self.postcode = Some(read.ok_or(InvalidBillingAddress::Postcode)?);
        Ok(self)
    }

    /// State, province or canton, by its code in ISO 3166-2 without the country: `CA` for `US-CA`.
    ///
    /// # Errors
    ///
    /// [`InvalidBillingAddress::Region`].
    pub fn with_region(mut self, region: &str) -> Result<Self, InvalidBillingAddress> {
        let read = Code::typed::<REGION_BYTES>(region).filter(Code::has_no_separator);
        self.region = Some(read.ok_or(InvalidBillingAddress::Region)?);
        Ok(self)
    }

    /// The country.
    #[must_use]
    pub const fn country(&self) -> Country {
        self.country
    }

    /// The region's code, without the country.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_ref().map(Code::expose)
    }

    /// The postcode, in capitals.
    #[must_use]
    pub fn postcode(&self) -> Option<&str> {
        self.postcode.as_ref().map(Code::expose)
    }

    /// The town.
    #[must_use]
    pub fn city(&self) -> Option<&str> {
        self.city.as_ref().map(Line::expose)
    }

    /// The lines of street and number, at most [`MAX_ADDRESS_LINES`].
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(Line::expose)
    }

    /// Another copy, for the record that keeps it.
    pub(super) fn copy(&self) -> Self {
        Self {
            country: self.country,
            region: self.region.as_ref().map(Code::copy),
            postcode: self.postcode.as_ref().map(Code::copy),
            city: self.city.as_ref().map(Line::copy),
            lines: self.lines.iter().map(Line::copy).collect(),
        }
    }

    /// Puts together what was sealed or kept; spaces in lines and town stay as they are.
    pub(super) fn kept<'t>(
        country: Country,
        region: Option<&str>,
        postcode: Option<&str>,
        city: Option<&str>,
        lines: impl IntoIterator<Item = &'t str>,
    ) -> Option<Self> {
        let mut kept = Self::new(country);
        if let Some(region) = region {
            kept = kept.with_region(region).ok()?;
        }
        if let Some(postcode) = postcode {
            kept = kept.with_postcode(postcode).ok()?;
        }
        kept.city = match city {
            Some(city) => Some(Line::kept(city)?),
            None => None,
        };
        for line in lines {
            kept.lines.push(Line::kept(line)?);
        }
        (kept.lines.len() <= MAX_ADDRESS_LINES).then_some(kept)
    }
}

record! {
    BillingAddress as address {
        0 => country,
        1 => region: Option<&str> = address.region(),
        2 => postcode: Option<&str> = address.postcode(),
        3 => city: Option<&str> = address.city(),
        4 => lines: Vec<&str> = address.lines().collect::<Vec<_>>(),
    } Self::kept(country, region, postcode, city, lines).ok_or(Malformed)
}

impl fmt::Debug for BillingAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BillingAddress([REDACTED])")
    }
}

/// Capital letters and digits, ASCII, with single spaces or hyphens between them.
#[derive(PartialEq, Eq)]
struct Code(SecretText);

impl Code {
    /// Reads what was typed, at most `MAX` characters of it once they are folded.
    fn typed<const MAX: usize>(text: &str) -> Option<Self> {
        if is_longer(text, MAX_TYPED) {
            return None;
        }
        let mut code = Zeroizing::new(String::with_capacity(MAX));
        let mut separator = None;
        for c in trimmed(text).chars() {
            let folded = match digit(c) {
                Some(value) => char::from(b'0'.saturating_add(value)),
                None if c.is_ascii_alphabetic() => c.to_ascii_uppercase(),
                None if is_separator(c) && !code.is_empty() => {
                    let folded = if c.is_whitespace() { ' ' } else { '-' };
                    // `12345 - 678` is one separation, by the hyphen.
                    separator = separator.filter(|one| *one == '-').or(Some(folded));
                    continue;
                }
                None => return None,
            };
            for c in separator.take().into_iter().chain([folded]) {
                if code.len() == MAX {
                    return None;
                }
                code.push(c);
            }
        }
        // Trimmed, so what separates at the end is a hyphen.
        (!code.is_empty() && separator.is_none()).then(|| Self(SecretText::copy_of(&code)))
    }

    fn expose(&self) -> &str {
        self.0.expose()
    }

    fn copy(&self) -> Self {
        Self(SecretText::copy_of(self.expose()))
    }

    fn is_no_card(&self) -> bool {
        self.expose().bytes().filter(u8::is_ascii_digit).count() < DIGITS_OF_A_CARD
    }

    fn has_no_separator(&self) -> bool {
        !self.expose().contains([' ', '-'])
    }
}
