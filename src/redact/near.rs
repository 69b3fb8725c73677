//! What stands near a card number: the words that announce a verification code or an expiry, and
//! how far away they may be.

use crate::redact::chars::{Class, FILLER, SPACE, before, class};
use crate::redact::judge::is_expiry;
use crate::redact::reach::MAX_GAP_CHARS;
use crate::redact::run::Digit;
use crate::redact::{escape, steps};

/// How far from a card number a code or an expiry is looked for, in bytes.
pub(super) const NEAR_BYTES: u64 = 128;
/// How far a code or an expiry that nothing announces may be from what it belongs to, in bytes.
const ADJACENT_BYTES: usize = 16;
/// How far the second date of a period may be from the first, in bytes.
pub(super) const PERIOD_BYTES: usize = 12;
/// The longest name in a line of a table, or on a magnetic stripe (ISO/IEC 7813: 26 characters), with what
/// encloses it, in bytes.
const NAME_BYTES: usize = 40;
/// How far an expiry may be on a line behind the number that it belongs to, in bytes.
const LINE_BYTES: usize = 60;
/// How much of a word before digits is looked at, and how much of a hash makes it one.
const WORD_BYTES: usize = 64;
const HASH: usize = 8;
/// How far before digits something that was masked is looked for, in bytes.
const GAP_BYTES: usize = 96;

fn byte_before(text: &[u8], at: usize) -> Option<u8> {
    text.get(at.checked_sub(1)?).copied()
}

/// Bytes of letters: those of ASCII, and all that are not ASCII.
fn letter_before(text: &[u8], at: usize) -> bool {
    byte_before(text, at).is_some_and(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
}

/// Whether nothing but a few characters that are neither letters nor digits stands between.
pub(super) fn is_adjacent(text: &[u8], from: usize, to: usize) -> bool {
    to.saturating_sub(from) <= ADJACENT_BYTES
        && text.get(from..to).is_some_and(|between| {
            String::from_utf8_lossy(between)
                .chars()
                .all(|c| matches!(class(c), Class::Separator(_) | Class::Other))
        })
}

/// Whether a date that begins at `to` is the end of a period that began with one before `from`.
pub(super) fn is_period(text: &[u8], from: usize, to: usize) -> bool {
    to.saturating_sub(from) <= PERIOD_BYTES
        && text.get(from..to).is_some_and(|between| {
            !between.iter().any(|byte| byte.is_ascii_digit() || *byte == b'\n')
        })
}

/// Whether no more than one field of a line of a table stands between, as in `number,name,expiry`.
pub(super) fn is_next_field(text: &[u8], from: usize, to: usize) -> bool {
    matches!(named(text, from, to), Some((b',' | b';' | b'|' | b'\t', _)))
}

/// Whether what begins at `to` goes on with a magnetic stripe's track after the number: after `=`, or `D` in
/// hexadecimal, or after the name between carets.
pub(super) fn is_track(text: &[u8], from: usize, to: usize) -> bool {
    matches!(text.get(from..to), Some(b"=" | b"D" | b"d"))
        || matches!(named(text, from, to), Some((b'^', true)))
}

/// The byte that encloses what stands between, if it is the same before and after, and nothing within is a
/// digit or the end of a line; and whether there is anything within.
fn named(text: &[u8], from: usize, to: usize) -> Option<(u8, bool)> {
    let between = text.get(from..to).filter(|between| between.len() <= NAME_BYTES)?;
    let [first, within @ .., last] = between else { return None };
    let ends = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'\n' | b'\r');
    (first == last && !within.iter().any(ends)).then_some((*first, !within.is_empty()))
}

/// Whether no more than words of one line stand between, as in a list of details: number, name, expiry.
pub(super) fn is_on_line(text: &[u8], from: usize, to: usize) -> bool {
    text.get(from..to).filter(|between| between.len() <= LINE_BYTES).is_some_and(|between| {
        !between.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'\n' | b'\r'))
    })
}

/// Whether a letter stands right before a run that begins at `start`, or right after one that ends at `end`.
pub(super) fn is_glued(text: &[u8], start: usize, end: usize) -> bool {
    let letter = byte_before(text, start).is_some_and(|byte| byte.is_ascii_alphabetic());
    let glued = letter && escape::before(text, start).is_none();
    glued || text.get(end).is_some_and(u8::is_ascii_alphabetic)
}

/// Whether the digits that begin at `start` stand within a hexadecimal word: a hash, or the id of a trace. `end` is where
/// they end, if no more digits follow: one character there is looked at.
pub(super) fn is_hexadecimal(text: &[u8], start: usize, end: Option<usize>) -> bool {
    if escape::before(text, start).is_some() {
        return false;
    }
    let letter = |byte: &u8| matches!(byte, b'a'..=b'f' | b'A'..=b'F');
    let before = text.get(start.saturating_sub(WORD_BYTES)..start).unwrap_or_default();
    let word = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric());
    let (mut length, mut letters, mut all) = (0_usize, 0_usize, true);
    for byte in word {
        all &= byte.is_ascii_hexdigit();
        letters = letters.saturating_add(usize::from(letter(byte)));
        length = length.saturating_add(1);
    }
    let after = end.and_then(|end| text.get(end)).is_some_and(letter);
    // "cc" and "dead" are words, too.
    all && letters > 0 && before.last().is_some_and(letter) && (after || length >= HASH)
}

/// The digits after what counts or numbers them: the `2` of "CVV2" and "CV2" and whether that stood there, or the "three" of
/// "the last three".
pub(super) fn without_label<'d>(text: &[u8], digits: &'d [Digit]) -> (&'d [Digit], bool) {
    match digits {
        [two, rest @ ..]
            if two.value == b'2'
                && !two.word
                && rest.first().is_none_or(|next| next.apart)
                && letter_before(text, two.start) =>
        {
            (rest, true)
        }
        [count, rest @ ..]
            if matches!(count.value, b'3' | b'4')
                && (usize::from(count.value & 0x0F) == rest.len()
                    || count.word
                        && matches!(rest.len(), 3 | 4)
                        && rest.first().is_some_and(|first| first.kinds & FILLER != 0))
                && rest.iter().all(|digit| !digit.word)
                && rest.first().is_some_and(|first| first.apart)
                && rest.iter().skip(1).all(|digit| count.word || !digit.apart) =>
        {
            (rest, false)
        }
        _ => {
            // "Gültig bis 01/27": a number word in another language.
            let said = digits.iter().take_while(|digit| digit.word).count();
            let rest = digits.get(said..).unwrap_or_default();
            let dated = rest.iter().all(|digit| !digit.word) && is_expiry(rest);
            (if dated { rest } else { digits }, false)
        }
    }
}

/// The kinds of separators between what was masked and the digits that begin at `at`, if nothing else stands there but
/// letters.
pub(super) fn masked_before(mask: char, text: &[u8], at: usize) -> Option<u8> {
    let (mut from, mut kinds) = (at, 0);
    for _ in 0..=MAX_GAP_CHARS {
        steps::count(1);
        if at.saturating_sub(from) > GAP_BYTES {
            return None;
        }
        let (c, start) = match escape::before(text, from) {
            Some(found) => found,
            None => {
                let c = before(text, from)?;
                (c, from.saturating_sub(c.len_utf8()))
            }
        };
        from = start;
        kinds |= match class(c) {
            _ if c == mask => return Some(kinds),
            _ if c == '+' => SPACE,
            Class::Separator(kind) => kind,
            Class::Letter => FILLER,
            Class::Digit(_) | Class::Other => return None,
        };
    }
    None
}
