//! Bank account numbers that are not card numbers: IBANs (ISO 13616), told by country, length and
//! check digits.

use zeroize::Zeroizing;

use crate::redact::chars::{Class, before, class};
use crate::redact::steps;

/// Countries and the lengths of their IBANs, from SWIFT's IBAN registry.
const LENGTHS: &[u8] = b"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27\
DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30\
KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29\
PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/// How far before a run of digits an IBAN may begin, in bytes: the longest, in groups of four.
const MAX_BYTES_BEFORE: usize = 42;

/// Where the IBAN ends that begins at or before `from` and ends after it, at `until` the latest.
pub(super) fn end(text: &[u8], from: usize, until: usize) -> Option<usize> {
    let earliest = from.saturating_sub(MAX_BYTES_BEFORE);
    let window = text.get(earliest..text.len().min(from.saturating_add(4)))?;
    steps::count(window.len());
    let begins = |four: &[u8]| {
        matches!(four, [a, b, c, d] if c.is_ascii_digit() && b.is_ascii_alphabetic()
            && a.is_ascii_alphabetic() && d.is_ascii_digit())
    };
    let starts = window.windows(4).enumerate().rev().filter(|(_, four)| begins(four));
    starts.map(|(at, _)| earliest.saturating_add(at)).find_map(|at| {
        let stands_alone = before(text, at).is_none_or(|c| class(c) == Class::Other || c == ' ');
        if !stands_alone {
            return None;
        }
        steps::count(MAX_BYTES_BEFORE);
        let end = read(text.get(at..until)?)?;
        Some(at.saturating_add(end)).filter(|end| *end > from)
    })
}

/// The length of the valid IBAN that `text` begins with, with single spaces wherever they are.
fn read(text: &[u8]) -> Option<usize> {
    let country = text.get(..2)?.to_ascii_uppercase();
    let mut entries = LENGTHS.chunks_exact(4);
    let [.., tens, ones] = entries.find(|entry| entry.starts_with(&country))? else { return None };
    let digit = |byte: &u8| usize::from(byte.wrapping_sub(b'0'));
    let length = digit(tens).saturating_mul(10).saturating_add(digit(ones));

    let mut characters = Zeroizing::new(Vec::with_capacity(length));
    let mut spaced = true;
    for (at, byte) in text.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            characters.push(byte.to_ascii_uppercase());
            spaced = false;
        } else if *byte == b' ' && !spaced {
            spaced = true;
        } else {
            return None;
        }
        if characters.len() == length {
            let end = at.saturating_add(1);
            let goes_on = text.get(end).is_some_and(u8::is_ascii_alphanumeric);
            return (!goes_on && checks(&characters)).then_some(end);
        }
    }
    None
}

/// ISO 7064, MOD 97-10: the first four characters last, letters as 10 to 35.
fn checks(characters: &[u8]) -> bool {
    let Some((first, rest)) = characters.split_at_checked(4) else { return false };
    let remainder = rest.iter().chain(first).fold(0_u32, |sum, character| {
        let value = char::from(*character).to_digit(36).unwrap_or(0);
        // Below 97 · 100 + 36 before it is reduced.
        sum.wrapping_mul(if value < 10 { 10 } else { 100 }).wrapping_add(value) % 97
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_is_told_by_its_country_length_and_check_digits() {
        // The registry's examples.
        for iban in ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "NO93 8601 1117 947"]
        {
            assert_eq!(read(iban.as_bytes()), Some(iban.len()), "{iban}");
            assert_eq!(read(iban.to_lowercase().as_bytes()), Some(iban.len()), "{iban}");
        }
        for other in [
            "DE88370400440532013000",
            "DE893704004405320130001",
            "DE8937040044053201300",
            "DE89  370400440532013000",
            "XX89370400440532013000",
            "",
        ] {
            assert_eq!(read(other.as_bytes()), None, "{other}");
        }
        let lengths = LENGTHS.chunks_exact(4);
        assert!(lengths.remainder().is_empty());
        assert!(lengths.is_sorted());
    }

    #[test]
    fn it_is_found_from_the_digits_within_it() {
        let text = b"to GB29 NWBK 6016 1331 9268 19 please";
        assert_eq!(end(text, 13, 30), Some(30));
        assert_eq!(end(text, 13, 29), None);
        assert_eq!(end(b"x DE89370400440532013000", 4, 24), Some(24));
        assert_eq!(end(b"xDE89370400440532013000", 3, 23), None);
    }
}
