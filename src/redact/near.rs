//! What stands near a card number: the words that announce a verification code or an expiry, and
//! how far away they may be.

use super::chars::{Class, class};
use super::lexicon::{Announced, Lexicon};
use super::run::Digit;

/// How far from a card number a code or an expiry is looked for, in bytes.
pub(super) const NEAR_BYTES: u64 = 128;
/// How far before the digits their announcement is looked for, in bytes, and among how many words.
const ANNOUNCED_BYTES: usize = 40;
const ANNOUNCED_WORDS: usize = 3;
/// How far a code or an expiry that nothing announces may be from what it belongs to, in bytes.
const ADJACENT_BYTES: usize = 16;

/// What the words before `at` announce, the nearest first. Digits in between end the search.
pub(super) fn announced(lexicon: &Lexicon, text: &[u8], at: usize) -> Option<Announced> {
    let mut end = at;
    let earliest = at.saturating_sub(ANNOUNCED_BYTES);
    // A code or an expiry that is glued to a word must be glued to its announcement.
    let glued = letter_before(text, at);
    for _ in 0..ANNOUNCED_WORDS {
        let mut two = false;
        while end > earliest && !letter_before(text, end) {
            match byte_before(text, end) {
                // The 2 of "CVV2".
                Some(b'2') if letter_before(text, end - 1) => two = true,
                Some(b'0'..=b'9') => return None,
                _ => {}
            }
            end -= 1;
        }
        let mut start = end;
        while start > earliest && letter_before(text, start) {
            start -= 1;
        }
        let word = core::str::from_utf8(text.get(start..end)?).ok()?;
        let found = lexicon.announces(word);
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
