//! Ranges that a host gives, beside the published ones.

use crate::values::card_number::Brand;
use crate::values::card_number::ranges::{Brands, Issuers, Lengths, MOST_DIGITS, Range, Ranges};
#[cfg(feature = "cards")]
use crate::values::card_number::ranges::{PUBLISHED, prefixes};

/// Card numbers that begin alike, and whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandRange(Range);

/// What is wrong with a range, or with two together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBrandRange {
    /// Its ends are not one to eight digits each, as many as each other, the smaller first.
    #[error("a range is from one to eight first digits to as many others that are not before them")]
    Digits,
    /// It has no lengths, or one that no card number has.
    #[error("a range has numbers of one or more lengths, of 12 to 19 digits")]
    Lengths,
    /// It has no schemes, more than three, or one twice.
    #[error("a range has one to three schemes")]
    Brands,
    /// It overlaps another that is given with as many digits.
    #[error("two ranges of as many digits overlap")]
    Overlap,
}

impl BrandRange {
    /// Numbers that begin with `from` to `to`, both included (one to eight digits each: `"601100"` to `"601199"`), of one
    /// of these lengths. `brands` has the scheme first that is paid over unless the customer chooses another of them.
    ///
    /// # Errors
    ///
    /// [`InvalidBrandRange`].
    pub fn new(
        from: &str,
        to: &str,
        lengths: &[usize],
        brands: &[Brand],
    ) -> Result<Self, InvalidBrandRange> {
        let read = |text: &str| {
            let fits = (1..=MOST_DIGITS).contains(&text.len())
                && text.bytes().all(|digit| digit.is_ascii_digit());
            text.parse::<u32>().ok().filter(|_| fits)
        };
        let (first, last) = read(from).zip(read(to)).ok_or(InvalidBrandRange::Digits)?;
        if from.len() != to.len() || first > last {
            return Err(InvalidBrandRange::Digits);
        }
        let lengths = Lengths::of(lengths).ok_or(InvalidBrandRange::Lengths)?;
        let brands = Brands::new(brands).ok_or(InvalidBrandRange::Brands)?;
        let unchecked = false;
        Ok(Self(Range { digits: from.len(), from: first, to: last, lengths, brands, unchecked }))
    }

    /// The same of numbers that need not have a check digit. [Redaction](crate::redact::Options::ranges) finds them: where
    /// the range is given by four digits or more as any other number, and else with evidence beside it. A
    /// `card::Pan` has a check digit all the same.
    #[must_use]
    pub const fn without_check_digit(mut self) -> Self {
        self.0.unchecked = true;
        self
    }
}

/// Ranges that a host gives beside the published ones: its own private label cards, a newer list of its acquirer's,
/// or schemes of which no ranges are published. Of all ranges that a number is in the one that is given with the most
/// digits counts, and of two that are given with as many the host's.
///
/// Give the same to the app (`card::Pan::read`) and to the vault
/// (`VaultBuilder::card_ranges`), to the vault first: it refuses a number
/// that it does not know.
///
/// ```
/// use countersign::card::Pan;
/// use countersign::card_number::{Brand, BrandRange, BrandTable};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let table = BrandTable::new([
///     BrandRange::new("982616", "982616", &[16], &[Brand::PrivateLabel])?,
///     BrandRange::new("497010", "497019", &[16], &[Brand::CartesBancaires, Brand::Visa])?,
/// ])?;
/// assert_eq!(Pan::read("9826 1600 0000 0005", &table)?.brand(), Brand::PrivateLabel);
/// let pan = Pan::read("4970 1000 0000 0014", &table)?;
/// assert_eq!(pan.brands(), [Brand::CartesBancaires, Brand::Visa]);
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrandTable(Ranges);

impl BrandTable {
    /// The published ranges and these.
    ///
    /// # Errors
    ///
    /// [`InvalidBrandRange::Overlap`] if two of these overlap that are given with as many digits.
    pub fn new(ranges: impl IntoIterator<Item = BrandRange>) -> Result<Self, InvalidBrandRange> {
        let ranges = Ranges::new(ranges.into_iter().map(|range| range.0));
        ranges.map(Self).ok_or(InvalidBrandRange::Overlap)
    }

    /// These ranges and the published ones, for looking a number's beginning up.
    pub(crate) fn issuers(&self) -> Issuers {
        Issuers::with(Some(self.0.clone()))
    }

    /// The schemes of a number of these ASCII digits.
    #[cfg(feature = "cards")]
    pub(crate) fn brands(&self, number: &[u8]) -> Option<Brands> {
        let prefixes = prefixes(number);
        (1..=MOST_DIGITS).rev().zip(prefixes.into_iter().rev()).find_map(|(digits, first)| {
            let ranges = [&self.0, &*PUBLISHED].into_iter();
            let mut found = ranges.filter_map(|ranges| ranges.at(digits, first?));
            found.find(|range| range.lengths.has(number.len())).map(|range| range.brands)
        })
    }
}
