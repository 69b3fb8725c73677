//! Text taken apart: digits, number words, separators, and what ends a number.
//!
//! What a token is depends on the text alone, never on where a chunk of it ends: where the text so
//! far leaves it open, there is no token yet.

use crate::redact::chars::{Class, Decoded, SPACE, before, class, decode};
use crate::redact::escape::Escape;
use crate::redact::lexicon::{Lexicon, Meaning};
use crate::redact::reach::MAX_GAP_CHARS;
use crate::redact::{MAX_WORD_BYTES, escape, steps};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Digit(u8),
    Word(Meaning),
    /// Something that may stand within a number, by its kind.
    Gap(u8),
    /// Whatever ends a number.
    End,
}

/// How text is read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'l> {
    /// Without one, words only end numbers.
    pub(super) lexicon: Option<&'l Lexicon>,
    /// What stands for digits that were masked before.
    pub(super) mask: char,
}

/// The token at `at` and its length in bytes, which is not 0; `None` if it takes more text to know.
pub(super) fn token(
    how: Reading<'_>,
    text: &[u8],
    at: usize,
    last: bool,
) -> Option<(Token, usize)> {
    match decode(text, at) {
        Decoded::Char(c, 1) if u8::try_from(c).is_ok_and(escape::begins) => {
            match escape::escape(text.get(at..)?) {
                Escape::Char(c, length) if c == how.mask => Some((Token::End, length)),
                Escape::Char(c, length) => Some((plain(class(c)), length)),
                Escape::Partial if !last => None,
                _ => Some((plain(class(c)), 1)),
            }
        }
        Decoded::Char(c, length) if c == how.mask => Some((Token::End, length)),
        Decoded::Char('+', _) => plus(how.mask, text, at, last),
        Decoded::Char(c, length) => match class(c) {
            Class::Letter => match how.lexicon {
                Some(lexicon) => word(lexicon, how.mask, text, at, last),
                None => Some((Token::End, length)),
            },
            class => Some((plain(class), length)),
        },
        Decoded::Partial if !last => None,
        Decoded::Partial | Decoded::Invalid => Some((Token::End, 1)),
    }
}

const fn plain(class: Class) -> Token {
    match class {
        Class::Digit(value) => Token::Digit(value),
        Class::Separator(kind) => Token::Gap(kind),
        Class::Letter | Class::Other => Token::End,
    }
}

/// A plus sign between two digits is a space in a URL; what was masked counts as digits.
fn plus(mask: char, text: &[u8], at: usize, last: bool) -> Option<(Token, usize)> {
    let counts = |c: char| c == mask || matches!(class(c), Class::Digit(_));
    if !before(text, at).is_some_and(counts) {
        return Some((Token::End, 1));
    }
    match decode(text, at.saturating_add(1)) {
        Decoded::Char(c, _) if counts(c) => Some((Token::Gap(SPACE), 1)),
        Decoded::Partial if !last => None,
        Decoded::Invalid if !last && at.saturating_add(1) >= text.len() => None,
        _ => Some((Token::End, 1)),
    }
}

/// A whole word: letters with none before and none after.
fn word(
    lexicon: &Lexicon,
    mask: char,
    text: &[u8],
    at: usize,
    last: bool,
) -> Option<(Token, usize)> {
    let mut end = at;
    let ended = loop {
        match decode(text, end) {
            Decoded::Char(c, length) if class(c) == Class::Letter => {
                end = end.saturating_add(length);
            }
            Decoded::Char(..) => break true,
            Decoded::Partial => break last,
            Decoded::Invalid => break last || end < text.len(),
        }
        if end.saturating_sub(at) > MAX_WORD_BYTES {
            break true;
        }
    };
    let length = end.saturating_sub(at);
    steps::count(length);
    if within_word(text, at) || length > MAX_WORD_BYTES {
        return Some((Token::End, length));
    }
    if !ended {
        return None;
    }
    let word = core::str::from_utf8(text.get(at..end)?).ok()?;
    let meaning = match lexicon.meaning(word) {
        Some(Meaning::Repeat(_)) if !repeats(mask, text, end, last)? => None,
        meaning => meaning,
    };
    Some((meaning.map_or(Token::End, Token::Word), length))
}

/// Whether a word like "double" that ends at `at` counts the digit after it: not the first of several
/// that are written together, masked ones included. `None` if it takes more text to know.
fn repeats(mask: char, text: &[u8], mut at: usize, last: bool) -> Option<bool> {
    let how = Reading { lexicon: None, mask };
    let mut digits = 0_usize;
    for _ in 0..=MAX_GAP_CHARS {
        steps::count(1);
        if at >= text.len() {
            return last.then_some(true);
        }
        let (token, length) = token(how, text, at, last)?;
        let masked = matches!(decode(text, at), Decoded::Char(c, _) if c == mask);
        match token {
            _ if digits > 0 && masked => return Some(false),
            Token::Digit(_) if digits > 0 => return Some(false),
            Token::Digit(_) => digits = 1,
            // What nobody sees joins rather than parts.
            Token::Gap(kind) if digits == 0 || kind == 0 => {}
            _ => break,
        }
        at = at.saturating_add(length);
    }
    Some(true)
}

/// Whether the letter at `at` goes on with a word: there is a letter before it that is not the last
/// of an escape.
pub(super) fn within_word(text: &[u8], at: usize) -> bool {
    let Some(letter) = before(text, at) else { return false };
    class(letter) == Class::Letter
        && escape::before(text, at).is_none_or(|(c, _)| class(c) == Class::Letter)
}
