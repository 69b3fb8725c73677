//! What people and programs call a card's number, its code, its expiry and its PIN.
//!
//! A name stands here as it is read: lower case, without what stands between its words. So "securitycode" is "security
//! code", "securityCode", "security_code" and "SECURITY-CODE".

use std::sync::{Arc, LazyLock};

use crate::redact::chars::{Class, class};
use crate::redact::languages::filter::Filter;
use crate::redact::languages::hasher::Table;

/// What a name announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameKind {
    /// The card number: a number that nothing else tells from others is one after such a name.
    Card,
    /// The verification code.
    Code,
    /// The expiry, or a part of it.
    Expiry,
    /// The PIN, of four to eight digits.
    Pin,
}

/// A name has letters, and at most [`MAX_NAME_CHARS`] characters without what stands between its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has one to {MAX_NAME_CHARS} letters and digits, and letters among them")]
#[non_exhaustive]
pub struct InvalidName;

/// The longest name, in letters and digits.
pub const MAX_NAME_CHARS: usize = 32;

/// The most words of a name.
pub(super) const MAX_NAME_WORDS: usize = 4;

const CODES: &[&str] = &[
    "cv",
    "cv2",
    "ccv",
    "ccv2",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "cvn",
    "cvn2",
    "cvx",
    "cvx2",
    "cvm",
    "cvd",
    "cvd2",
    "cid",
    "csc",
    "csc2",
    "cav",
    "cav2",
    "icvv",
    "dcvv",
    "dcvc",
    "cvvcode",
    "cvnumber",
    "cvvnumber",
    "cvcnumber",
    "cvvalue",
    "seccode",
    "secucode",
    "securitycode",
    "securitynumber",
    "securitydigits",
    "securityvalue",
    "cardcode",
    "cardsecurity",
    "verificationcode",
    "verificationvalue",
    "verificationnumber",
    "signaturestrip",
    "reverse",
    "threedigit",
    "threedigits",
    "threedigitnumber",
    "threedigitcode",
    "fourdigitcode",
    "threenumbers",
    "lastthree",
    "last3",
    "last3digits",
    "final3",
    "final3digits",
    "finalthreedigits",
    "cve",
    "cve2",
    "vcode",
    "spc",
    "signaturepanelcode",
    "cardid",
    "cardidentification",
    "cardidentificationnumber",
    "cardverification",
    "lastthreedigits",
    "finalthree",
    "lastthreenumbers",
    "3digit",
    "3digits",
    "4digitcode",
    "kartenprufnummer",
    "prufnummer",
    "prüfnummer",
    "prüfziffer",
    "cryptogramme",
];

const EXPIRIES: &[&str] = &[
    "exp",
    "expiry",
    "expdate",
    "expirydate",
    "expirationdate",
    "cardexpiry",
    "cardexp",
    "expmonth",
    "expyear",
    "expirymonth",
    "expiryyear",
    "expirationmonth",
    "expirationyear",
    "expmm",
    "expyy",
    "expmmyy",
    "mmyy",
    "goodthru",
    "goodthrough",
    "gooduntil",
    "validthru",
    "validthrough",
    "validuntil",
    "validto",
    "validtill",
    "enddate",
    "cardend",
    "runsout",
    "expirydt",
    "expdt",
    "expon",
    "dateofexpiry",
    "validity",
];

const PINS: &[&str] = &[
    "pin",
    "pincode",
    "pinnumber",
    "pinno",
    "cardpin",
    "atmpin",
    "personalidentificationnumber",
    "geheimzahl",
    "geheimnummer",
    "codesecret",
    "codepin",
    "codicepin",
    "clavesecreta",
    "kodpin",
];

const CARDS: &[&str] = &[
    "card",
    "cards",
    "cardnumber",
    "cardno",
    "cardnum",
    "cardnr",
    "creditcard",
    "debitcard",
    "ccnumber",
    "ccnum",
    "ccno",
    "cc",
    "pan",
    "dpan",
    "fpan",
    "primaryaccountnumber",
    "visa",
    "mastercard",
    "maestro",
    "amex",
    "americanexpress",
    "discover",
    "diners",
    "jcb",
    "unionpay",
    "rupay",
    "mir",
    "troy",
    "elo",
    "hipercard",
    "verve",
    "uatp",
    "mada",
    "dankort",
    "humo",
    "uzcard",
    "napas",
    "cabal",
    "karte",
    "kartennummer",
    "kreditkarte",
    "carte",
    "cartebancaire",
    "tarjeta",
    "cartao",
    "cartão",
    "carta",
    "karta",
    "karty",
    "kaart",
    "kaartnummer",
    "kort",
    "kortnummer",
    "kortti",
    "kártya",
    "карта",
    "карты",
    "картка",
    "कार्ड",
];

const MONTHS: &[&str] = &[
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The names that are known, and a host's own.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    names: Table<NameKind>,
    filter: Filter,
}

static SHIPPED: LazyLock<Arc<Names>> = LazyLock::new(|| {
    let all = [
        (CARDS, NameKind::Card),
        (CODES, NameKind::Code),
        (EXPIRIES, NameKind::Expiry),
        (PINS, NameKind::Pin),
    ];
    let mut shipped = Names::default();
    for (names, named) in all {
        names.iter().for_each(|name| shipped.insert(named, name));
    }
    Arc::new(shipped)
});

impl Names {
    pub(super) fn shipped() -> Arc<Self> {
        Arc::clone(&SHIPPED)
    }

    pub(super) fn add(&mut self, named: NameKind, name: &str) -> Result<(), InvalidName> {
        // With the marks of scripts whose vowels are marks.
        let is_part = |c: &char| c.is_alphanumeric() || class(*c) == Class::Separator(0);
        let letters = name.chars().filter(is_part).flat_map(char::to_lowercase);
        let name: String = letters.collect();
        let fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
        if !fits || !name.chars().any(char::is_alphabetic) {
            return Err(InvalidName);
        }
        self.insert(named, &name);
        Ok(())
    }

    fn insert(&mut self, named: NameKind, name: &str) {
        self.filter.add(name.as_bytes());
        self.names.insert(name.as_bytes().into(), named);
    }

    /// What a name in lower case announces.
    pub(super) fn get(&self, name: &[u8]) -> Option<NameKind> {
        if self.filter.may_be(name) { self.names.get(name).copied() } else { None }
    }
}

/// Whether a word in lower case is a month.
pub(super) fn is_month(word: &[u8]) -> bool {
    MONTHS.iter().any(|month| month.as_bytes() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_they_are_read() {
        let shipped = Names::shipped();
        for name in [CARDS, CODES, EXPIRIES, PINS].into_iter().flatten() {
            let mut names = Names::default();
            names.add(NameKind::Code, name).unwrap();
            assert_eq!(names.get(name.as_bytes()), Some(NameKind::Code), "{name}");
        }
        let count = CARDS.len() + CODES.len() + EXPIRIES.len() + PINS.len();
        assert_eq!(shipped.names.len(), count, "each is one thing");
        let mut names = (*shipped).clone();
        assert_eq!(names.add(NameKind::Pin, "Geheim-Zahl"), Ok(()));
        assert_eq!(names.get(b"geheimzahl"), Some(NameKind::Pin));
        for wrong in ["", "--", "123", &"x".repeat(MAX_NAME_CHARS + 1)] {
            assert_eq!(names.add(NameKind::Pin, wrong), Err(InvalidName));
        }
    }
}
