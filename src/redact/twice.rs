//! Numbers that are told and repeated piece by piece, where nobody knows who speaks: chance makes card numbers of them, two
//! of each digit.

use zeroize::Zeroizing;

use crate::redact::reach::{LONGEST, SHORTEST};
use crate::redact::run::Digit;
use crate::redact::said::MOST_DIGITS;
use crate::redact::steps;
use crate::values::card_number::{Issuers, luhn};

/// The fewest digits of a piece, and of all that is there twice. A piece is not the same again and again, nor is the next:
/// 4242 4242 4242 4242 is a card's number.
pub(super) const PIECE: usize = 2;
const TWICE: usize = 12;
/// The most digits at the ends whose repetition is missing: the text begins or ends between the two.
const ONCE: usize = 8;

/// Whether digits are pieces of a number, each of them twice, and what they tell is no card number.
pub(super) fn is_told_twice(issuers: &Issuers, digits: &[Digit]) -> bool {
    if digits.len() < TWICE || digits.len() > MOST_DIGITS {
        return false;
    }
    let most = digits.len().saturating_sub(TWICE).min(ONCE);
    (0..=most).any(|from| is_twice(issuers, digits, from, most.saturating_sub(from)))
}

/// Whether the digits from `from` on are pieces twice, but for so many at the end.
fn is_twice(issuers: &Issuers, digits: &[Digit], from: usize, most: usize) -> bool {
    let end = digits.len();
    // The length of the last piece of those that end before each digit, if there are such.
    let mut last = vec![None; end.saturating_add(1)];
    if let Some(first) = last.get_mut(from) {
        *first = Some(0);
    }
    for at in from..end {
        let Some(before) = last.get(at).copied().flatten().map(Some) else { continue };
        let rest = digits.get(at..).unwrap_or_default();
        for length in PIECE..=rest.len() / 2 {
            steps::count(length);
            let (piece, after) = rest.split_at_checked(length).unwrap_or_default();
            // What comes again and again was not repeated by somebody else.
            let before = before.filter(|before| *before == length);
            let before = before.and_then(|length| digits.get(at.saturating_sub(length)..at));
            let other = before.is_none_or(|before| !is_same(before, piece));
            if is_same(piece, after)
                && other
                && !is_repeated(piece)
                && let Some(place) = last.get_mut(at.saturating_add(length.saturating_mul(2)))
            {
                place.get_or_insert(length);
            }
        }
    }
    let ends = end.saturating_sub(most).max(from.saturating_add(TWICE))..=end;
    ends.rev().any(|to| {
        last.get(to).is_some_and(Option::is_some) && !tells_card(issuers, digits, from, to, &last)
    })
}

/// Whether the first digits of `after` are those of `piece`.
pub(super) fn is_same(piece: &[Digit], after: &[Digit]) -> bool {
    piece.iter().zip(after).all(|(one, other)| one.value == other.value)
}

/// Whether a piece is the same again and again itself.
pub(super) fn is_repeated(piece: &[Digit]) -> bool {
    (1..=piece.len() / 2).any(|period| {
        piece.iter().zip(piece.iter().skip(period)).all(|(one, next)| one.value == next.value)
    })
}

/// Whether pieces that are there twice are a card number, each of them taken once.
fn tells_card(
    issuers: &Issuers,
    digits: &[Digit],
    from: usize,
    to: usize,
    last: &[Option<usize>],
) -> bool {
    let mut told = Zeroizing::new(Vec::with_capacity(digits.len()));
    let mut at = to;
    while at > from
        && let Some(length) = last.get(at).copied().flatten().filter(|length| *length > 0)
    {
        let start = at.saturating_sub(length);
        told.extend(
            digits.get(start..at).unwrap_or_default().iter().rev().map(|digit| digit.value),
        );
        at = start.saturating_sub(length);
    }
    told.reverse();
    (SHORTEST..=LONGEST).contains(&told.len()) && issuers.issued(&told).is_some() && luhn(&told)
}
