//! What stands near a card number: the words that announce a verification code or an expiry, and
//! how far away they may be.

use crate::redact::chars::{Class, class};
use crate::redact::languages::lexicon::{Announced, Lexicon};
use crate::redact::run::Digit;
use crate::redact::steps;

/// How far from a card number a code or an expiry is looked for, in bytes.
pub(super) const NEAR_BYTES: u64 = 128;
/// How far before the digits their announcement is looked for, in bytes, and among how many words.
const ANNOUNCED_BYTES: usize = 40;
const ANNOUNCED_WORDS: usize = 6;
/// How far a code or an expiry that nothing announces may be from what it belongs to, in bytes.
const ADJACENT_BYTES: usize = 16;
/// The most letters with dots between them that are one word.
const INITIALS: usize = 4;
/// How far the second date of a period may be from the first, in bytes.
const PERIOD_BYTES: usize = 12;
/// The longest name in a line of a table, or on a magnetic stripe (ISO/IEC 7813: 26 characters), with what
/// encloses it, in bytes.
const NAME_BYTES: usize = 40;

/// What the words before `at` announce, the nearest first. Digits in between end the search.
pub(super) fn announced(lexicon: &Lexicon, text: &[u8], at: usize) -> Option<Announced> {
    let mut end = at;
    let earliest = at.saturating_sub(ANNOUNCED_BYTES);
    steps::count(ANNOUNCED_BYTES);
    // A code or an expiry that is glued to a word must be glued to its announcement.
    let glued = letter_before(text, at);
    for _ in 0..ANNOUNCED_WORDS {
        let mut two = false;
        while end > earliest && !letter_before(text, end) {
            match byte_before(text, end) {
                // The 2 of "CVV2".
                Some(b'2') if letter_before(text, end.saturating_sub(1)) => two = true,
                // The number of digits, in brackets.
                Some(b'3' | b'4') if byte_before(text, end.saturating_sub(1)) == Some(b'(') => {}
                Some(b'0'..=b'9') => return None,
                _ => {}
            }
            end = end.saturating_sub(1);
        }
        let mut start = end;
        while start > earliest && letter_before(text, start) {
            start = start.saturating_sub(1);
        }
        let word = core::str::from_utf8(text.get(start..end)?).ok()?;
        let found = match word.len() {
            1 => initials(lexicon, text, end),
            _ => lexicon.announces(word).or_else(|| parts(lexicon, word)),
        };
        if two && found != Some(Announced::Code) {
            return None;
        }
        if found.is_some() || glued {
            return found;
        }
        end = start;
    }
    None
}

/// What is announced by a part of a name such as "securityCode", the last first.
fn parts(lexicon: &Lexicon, word: &str) -> Option<Announced> {
    let bytes = word.as_bytes();
    let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let mut end = word.len();
    for at in (1..word.len()).rev() {
        if upper(at) && (lower(at.saturating_sub(1)) || lower(at.saturating_add(1))) {
            let found = word.get(at..end).and_then(|part| lexicon.announces(part));
            if found.is_some() {
                return found;
            }
            end = at;
        }
    }
    (end < word.len()).then(|| word.get(..end)).flatten().and_then(|part| lexicon.announces(part))
}

/// What is announced by letters with dots between them, as in "C.V.V.", the last of which ends at `end`.
fn initials(lexicon: &Lexicon, text: &[u8], mut end: usize) -> Option<Announced> {
    let mut letters = [0; INITIALS];
    let mut from = letters.len();
    while letter_before(text, end) {
        from = from.checked_sub(1)?;
        *letters.get_mut(from)? = byte_before(text, end)?;
        end = end.saturating_sub(1);
        if byte_before(text, end) != Some(b'.') {
            break;
        }
        end = end.saturating_sub(1);
    }
    lexicon.announces(core::str::from_utf8(letters.get(from..)?).ok()?)
}

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

/// The digits after the `2` of "CVV2", if that is what they begin with.
pub(super) fn without_two<'d>(text: &[u8], digits: &'d [Digit]) -> &'d [Digit] {
    match digits {
        [two, rest @ ..]
            if two.value == b'2'
                && !two.word
                && rest.first().is_none_or(|next| next.apart)
                && letter_before(text, two.start) =>
        {
            rest
        }
        _ => digits,
    }
}
