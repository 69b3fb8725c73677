//! Schemes that [`countersign::card_number::Brand`] has no name for: which of their numbers are found all the same, as those of
//! the scheme whose range they are in. The manual has the list.

use countersign::card_number::Brand;
use countersign::redact::{SpanKind, spans};

use crate::numbers::{Drawn, with_check_digit};

/// First digits, of ranges as payment processors list them, how many digits the numbers have, and as whose they are found.
const OTHERS: &[(&str, &[&str], usize, Option<Brand>)] = &[
    ("Mir", &["220000", "220199", "220424", "220499"], 16, None),
    ("Mir", &["220000", "220499"], 19, None),
    ("Troy", &["979200", "979289"], 16, None),
    ("Troy", &["650052", "657366"], 16, Some(Brand::Discover)),
    ("RuPay", &["606985", "607984", "608001", "608500"], 16, None),
    ("RuPay", &["652150", "653149"], 16, Some(Brand::Discover)),
    ("RuPay", &["508500", "508899"], 16, Some(Brand::Maestro)),
    ("RuPay", &["817200", "820000", "829999"], 16, None),
    ("RuPay", &["810000", "817199"], 16, Some(Brand::UnionPay)),
    ("Hipercard", &["606282"], 16, None),
    ("Hipercard", &["384100", "384140", "384160"], 16, Some(Brand::DinersClub)),
    ("Hiper", &["637095", "637568", "637609"], 16, Some(Brand::Maestro)),
    ("Elo", &["401178", "431274", "438935", "451416"], 16, Some(Brand::Visa)),
    ("Elo", &["504175", "506699", "506778", "636297", "636368"], 16, Some(Brand::Maestro)),
    ("Elo", &["509000", "509999"], 16, None),
    ("Elo", &["627780"], 16, Some(Brand::UnionPay)),
    ("Elo", &["650031", "651652", "655021"], 16, Some(Brand::Discover)),
    ("Verve", &["506099", "506198"], 16, Some(Brand::Maestro)),
    ("Verve", &["506099", "506198"], 19, Some(Brand::Maestro)),
    ("Verve", &["650002", "650027"], 16, Some(Brand::Discover)),
    ("Dankort", &["501900", "501999"], 16, Some(Brand::Maestro)),
    ("Dankort", &["457100"], 16, Some(Brand::Visa)),
    ("UzCard", &["860002", "860060"], 16, None),
    ("Humo", &["986000", "986099"], 16, None),
    ("InterPayment", &["636000", "636999"], 16, Some(Brand::Maestro)),
    ("InstaPayment", &["637000", "639999"], 16, Some(Brand::Maestro)),
    ("UATP", &["100000", "199999"], 15, None),
];

#[test]
fn numbers_of_other_schemes_are_found_as_the_manual_says() {
    let mut drawn = Drawn(12);
    for (scheme, ranges, length, brand) in OTHERS {
        for first in *ranges {
            for _ in 0..20 {
                let mut digits = (*first).to_owned();
                while digits.len() + 1 < *length {
                    digits.push(char::from(b'0' + u8::try_from(drawn.below(10)).unwrap()));
                }
                let number = with_check_digit(digits);
                let kind = spans(&number).first().map(|span| span.kind());
                // By chance a number of another length may be found within.
                let whole = |at: usize| spans(&number)[at].range() == Some(0..*length);
                let found = kind.filter(|_| whole(0));
                assert_eq!(found, brand.map(SpanKind::Card), "{scheme} {number}");
            }
        }
    }
    let manual = include_str!("../../src/manual/_18_redaction.md");
    for (scheme, ..) in OTHERS {
        assert!(manual.contains(scheme), "{scheme}");
    }
}
