//! The published test cards of Stripe and Adyen.

use countersign::card::{InvalidPan, Pan};

use crate::support::cards;

#[test]
fn each_parses_with_its_scheme() {
    for card in cards() {
        let pan: Pan = card.number.parse().unwrap();
        let plain = card.number.replace(' ', "");
        assert_eq!(pan.brand(), card.brand, "{plain}");
        assert_eq!(pan.expose(), plain);
        assert_eq!(pan.last_four().as_str(), &plain[plain.len() - 4..]);
        assert_eq!(pan.bin(), &plain[..if plain.len() < 16 { 6 } else { 8 }], "{plain}");
    }
}

#[test]
fn any_digit_changed_is_refused() {
    for card in cards() {
        let plain = card.number.replace(' ', "").into_bytes();
        for at in 0..plain.len() {
            for digit in (b'0'..=b'9').filter(|digit| *digit != plain[at]) {
                let mut other = plain.clone();
                other[at] = digit;
                let other = String::from_utf8(other).unwrap();
                assert_eq!(other.parse::<Pan>(), Err(InvalidPan::CheckDigit), "{other}");
            }
        }
    }
}

#[test]
fn any_two_neighbours_swapped_are_refused_but_0_and_9() {
    let (mut refused, mut blind) = (0, 0);
    for card in cards() {
        let plain = card.number.replace(' ', "").into_bytes();
        for at in 1..plain.len() {
            let (one, other) = (plain[at - 1].min(plain[at]), plain[at - 1].max(plain[at]));
            let mut swapped = plain.clone();
            swapped.swap(at - 1, at);
            let swapped = String::from_utf8(swapped).unwrap();
            let parsed = swapped.parse::<Pan>();
            if one == other {
                assert!(parsed.is_ok(), "{swapped}");
            } else if (one, other) == (b'0', b'9') {
                assert_ne!(parsed, Err(InvalidPan::CheckDigit), "{swapped}");
                blind += 1;
            } else {
                assert_eq!(parsed, Err(InvalidPan::CheckDigit), "{swapped}");
                refused += 1;
            }
        }
    }
    assert!(refused > 300 && blind > 5, "{refused} and {blind}");
}
