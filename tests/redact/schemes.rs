//! National schemes and others: which of their numbers are found, in which forms, and as whose. The manual has the list.

use countersign::card_number::{Brand, BrandRange, BrandTable};
use countersign::redact::{Options, SpanKind, spans};

use crate::numbers::{Drawn, with_check_digit};

/// First digits, of ranges as payment processors list them, how many digits the numbers have, and as whose they are found.
const OTHERS: &[(&str, &[&str], usize, Option<Brand>)] = &[
    ("Mir", &["220000", "220199", "220424", "220499"], 16, Some(Brand::Mir)),
    ("Troy", &["979200", "979289"], 16, Some(Brand::Troy)),
    ("Troy", &["650052", "657366"], 16, Some(Brand::Discover)),
    ("RuPay", &["606985", "607984", "608001", "608500"], 16, Some(Brand::RuPay)),
    ("RuPay", &["652150", "653149"], 16, Some(Brand::RuPay)),
    ("RuPay", &["508500", "508899"], 16, Some(Brand::RuPay)),
    ("RuPay", &["817200", "820000", "829999"], 16, Some(Brand::RuPay)),
    ("RuPay", &["810000", "817199"], 16, Some(Brand::UnionPay)),
    ("Hipercard", &["606282"], 16, Some(Brand::Hipercard)),
    ("Hipercard", &["384100", "384140", "384160"], 16, Some(Brand::Hipercard)),
    ("Hiper", &["637095", "637568", "637609"], 16, Some(Brand::Hipercard)),
    ("Elo", &["401178", "431274", "438935", "451416"], 16, Some(Brand::Elo)),
    ("Elo", &["504175", "506699", "506778", "636297", "636368"], 16, Some(Brand::Elo)),
    ("Elo", &["509000", "509999"], 16, Some(Brand::Elo)),
    ("Elo", &["627780"], 16, Some(Brand::Elo)),
    ("Elo", &["650031", "651652", "655021"], 16, Some(Brand::Elo)),
    ("Verve", &["506099", "506198"], 16, Some(Brand::Verve)),
    ("Verve", &["650002", "650027"], 16, Some(Brand::Verve)),
    ("mada", &["588845", "604906", "968201", "968211"], 16, Some(Brand::Mada)),
    ("mada", &["440647", "468540"], 16, Some(Brand::Visa)),
    ("mada", &["513213", "22337902"], 16, Some(Brand::Mastercard)),
    ("Dankort", &["501900", "501999"], 16, Some(Brand::Dankort)),
    ("Dankort", &["457100"], 16, Some(Brand::Visa)),
    ("UzCard", &["860002", "860060", "860014"], 16, Some(Brand::UzCard)),
    ("Humo", &["986000", "986099"], 16, Some(Brand::Humo)),
    ("NAPAS", &["970403", "970436", "970499"], 16, Some(Brand::Napas)),
    ("Cabal", &["604201", "604400", "604324"], 16, Some(Brand::Cabal)),
    ("InterPayment", &["636000", "636999"], 16, Some(Brand::Maestro)),
    ("InstaPayment", &["637000", "639999"], 16, Some(Brand::Maestro)),
];

/// Those that are found only where something tells them from other numbers: groups as on a card, words, an expiry.
const RARE: &[(&str, &[&str], usize, Brand)] = &[
    ("UATP", &["100000", "135400", "199999"], 15, Brand::Uatp),
    ("Mir", &["220000", "220499"], 17, Brand::Mir),
    ("Mir", &["220000", "220499"], 19, Brand::Mir),
    ("Hipercard", &["606282"], 19, Brand::Hipercard),
    ("Verve", &["506099", "506198"], 19, Brand::Verve),
    ("NAPAS", &["970403"], 19, Brand::Napas),
    ("Maestro", &["5018", "6759"], 12, Brand::Maestro),
    ("Visa", &["4222"], 13, Brand::Visa),
    ("UnionPay", &["6222"], 19, Brand::UnionPay),
];

fn drawn(drawn: &mut Drawn, first: &str, length: usize) -> String {
    let mut digits = first.to_owned();
    while digits.len() + 1 < length {
        digits.push(char::from(b'0' + u8::try_from(drawn.below(10)).unwrap()));
    }
    with_check_digit(digits)
}

/// As whose the whole of `text` is found. By chance a number of another length may be found within.
fn found(text: &str) -> Option<SpanKind> {
    let all = spans(text);
    let whole = |span: &&countersign::redact::Span| span.range() == Some(0..text.len());
    all.first().filter(whole).map(|span| span.kind())
}

fn grouped(number: &str, separator: &str) -> String {
    let sizes: &[usize] = if number.len() == 15 { &[4, 5, 6] } else { &[4, 4, 4, 4, 4] };
    let mut rest = number;
    let mut groups = Vec::new();
    for size in sizes {
        let (group, after) = rest.split_at((*size).min(rest.len()));
        if !group.is_empty() {
            groups.push(group);
        }
        rest = after;
    }
    groups.join(separator)
}

const WORDS: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

fn spoken(number: &str) -> String {
    let words = number.chars().map(|c| WORDS[usize::try_from(c.to_digit(10).unwrap()).unwrap()]);
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn numbers_of_other_schemes_are_found_as_the_manual_says() {
    let mut random = Drawn(12);
    for (scheme, ranges, length, brand) in OTHERS {
        for first in *ranges {
            let mut named = 0;
            for _ in 0..20 {
                let number = drawn(&mut random, first, *length);
                let (kind, dashed) = (brand.map(SpanKind::Card), grouped(&number, "-"));
                named += usize::from(found(&number) == kind);
                for text in [&number, &grouped(&number, " "), &dashed, &spoken(&number)] {
                    assert_eq!(found(text).is_some(), kind.is_some(), "{scheme} {text}");
                }
            }
            // A part of a number may be another scheme's by chance, which is found first.
            assert!(named >= 12, "{scheme} {first}: {named}");
        }
    }
    for (scheme, ranges, length, brand) in RARE {
        for first in *ranges {
            for _ in 0..20 {
                let number = drawn(&mut random, first, *length);
                assert_eq!(found(&number), None, "{scheme} {number}");
                for text in [grouped(&number, " "), grouped(&number, "-"), spoken(&number)] {
                    assert!(found(&text).is_some(), "{scheme} {text}");
                }
                let with_expiry = format!("{number} 12/34");
                let first = spans(&with_expiry).first().map(|span| span.kind());
                assert_eq!(first, Some(SpanKind::Card(*brand)), "{scheme} {with_expiry}");
            }
        }
    }
    let manual = include_str!("../../src/manual/_39_redaction.md");
    let rare = RARE.iter().map(|(scheme, ..)| scheme);
    for scheme in OTHERS.iter().map(|(scheme, ..)| scheme).chain(rare) {
        assert!(manual.contains(scheme), "{scheme}");
    }
}

/// A host's own range counts in every reading of what was said, with a check digit or without.
#[test]
fn a_hosts_range_counts_where_oh_is_a_sigh() {
    let range = BrandRange::new("982616", "982616", &[16], &[Brand::PrivateLabel]).unwrap();
    let table = BrandTable::new([range.without_check_digit()]).unwrap();
    let said = "nine eight two six oh one six zero zero zero zero zero zero zero zero zero one";
    assert_eq!(Options::new().cards(said), said);
    assert_eq!(Options::new().ranges(&table).cards(said), ["*"; 17].join(" "));
}
