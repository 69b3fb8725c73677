//! Text taken apart: digits, number words, separators, and what ends a number.
//!
//! What a token is depends on the text alone, never on where a chunk of it ends: where the text so
//! far leaves it open, there is no token yet.

use crate::redact::chars::{Class, Decoded, FILLER, SPACE, before, class, decode};
use crate::redact::escape::Escape;
use crate::redact::languages::compound::Number;
use crate::redact::languages::lexicon::{Lexicon, Meaning, Part};
use crate::redact::languages::{is_between, is_mark};
use crate::redact::reach::MAX_GAP_CHARS;
use crate::redact::{MAX_WORD_BYTES, escape, steps};

/// The longest aside, in bytes; the most bytes between two words of a phrase; the most of a space and a number after a label.
const MAX_ASIDE_BYTES: usize = 24;
const MAX_BETWEEN: usize = 4;
const MAX_LABEL_NUMBER: usize = 4;
/// The most question marks and the like after a filler.
const MAX_MARKS: usize = 3;
/// What changes how text looks, in HTML.
const TAGS: &[&[u8]] =
    &[b"b", b"br", b"em", b"font", b"i", b"mark", b"span", b"strong", b"u", b"wbr"];

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
    /// Whether asides are fillers.
    pub(super) asides: bool,
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
                Some(lexicon) => {
                    let found = word(lexicon, how.mask, text, at, last)?;
                    Some(match found {
                        (Token::Word(Meaning::Aside), length) if how.asides => {
                            (Token::Word(Meaning::Filler), length)
                        }
                        found => found,
                    })
                }
                None => Some((Token::End, length)),
            },
            Class::Other if matches!(c, '[' | '(' | '<') => aside(how, text, at, last),
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

/// What transcripts put between words, such as `[pause]`: letters in brackets.
fn aside(how: Reading<'_>, text: &[u8], at: usize, last: bool) -> Option<(Token, usize)> {
    let mut end = at.saturating_add(1);
    let mut from = end;
    let mut tag = false;
    loop {
        let byte = match text.get(end) {
            None if last => return Some((Token::End, 1)),
            None => return None,
            Some(byte) => *byte,
        };
        let word = || core::str::from_utf8(text.get(from..end)?).ok();
        if !byte.is_ascii_alphabetic() {
            // Numbers are no asides, whatever encloses them.
            let meaning = how.lexicon.zip(word()).and_then(|(lexicon, word)| lexicon.meaning(word));
            if meaning.is_some_and(is_number) {
                return Some((Token::End, 1));
            }
            from = end.saturating_add(1);
        }
        match byte {
            b'>' if tag || (text.get(at) == Some(&b'<') && end.saturating_sub(at) == 2) => {
                let inside = text.get(at.saturating_add(1)..end).unwrap_or_default();
                let mut words = inside.split(|byte| matches!(byte, b'/' | b' '));
                let word = words.find(|word| !word.is_empty()).unwrap_or_default();
                let token = if TAGS.contains(&word) { Token::Gap(FILLER) } else { Token::End };
                let length = if token == Token::End { 1 } else { inside.len().saturating_add(2) };
                return Some((token, length));
            }
            b'/' if text.get(at) == Some(&b'<') && !tag => tag = true,
            b']' | b')' | b'>' if end.saturating_sub(at) > 2 => {
                return Some((Token::Gap(FILLER), end.saturating_add(1).saturating_sub(at)));
            }
            b' ' | b'_' | b'-' => {}
            byte if byte.is_ascii_alphabetic() => {}
            _ => return Some((Token::End, 1)),
        }
        end = end.saturating_add(1);
        steps::count(1);
        if end.saturating_sub(at) > MAX_ASIDE_BYTES {
            return Some((Token::End, 1));
        }
    }
}

/// Whether a word stands for digits, or changes others.
pub(super) const fn is_number(meaning: Meaning) -> bool {
    !matches!(meaning, Meaning::Link | Meaning::Filler | Meaning::Aside | Meaning::Correction)
}

/// The end of the word that begins at `at`, whether it is known to end there, and whether it is all ASCII.
fn word_end(text: &[u8], at: usize, last: bool) -> (usize, bool, bool) {
    let rest = text.get(at..).unwrap_or_default();
    let letters = rest.iter().take(MAX_WORD_BYTES).take_while(|byte| byte.is_ascii_alphabetic());
    let length = letters.count();
    let mut end = at.saturating_add(length);
    steps::count(length);
    // Most words are ASCII, and end with what is, too.
    if length < MAX_WORD_BYTES && rest.get(length).is_some_and(u8::is_ascii) {
        return (end, true, true);
    }
    let ended = loop {
        match decode(text, end) {
            Decoded::Char(c, length) if class(c) == Class::Letter || end > at && is_mark(c) => {
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
    steps::count(end.saturating_sub(at));
    (end, ended, false)
}

/// The end of a word of ASCII letters that begins at `at` and is in no table: most are not.
pub(super) fn unknown(lexicon: &Lexicon, text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let letters = rest.iter().take(MAX_WORD_BYTES).take_while(|byte| byte.is_ascii_alphabetic());
    let length = letters.count();
    let ends = length < MAX_WORD_BYTES && rest.get(length).is_some_and(u8::is_ascii);
    let word = rest.get(..length).filter(|word| ends && !word.is_empty())?;
    (!lexicon.may_know(word)).then(|| at.saturating_add(length))
}

/// A whole word, letters with none before and none after; or several that mean something together.
fn word(
    lexicon: &Lexicon,
    mask: char,
    text: &[u8],
    at: usize,
    last: bool,
) -> Option<(Token, usize)> {
    if let Some(end) = unknown(lexicon, text, at) {
        return Some((Token::End, end.saturating_sub(at)));
    }
    let (end, ended, ascii) = word_end(text, at, last);
    let length = end.saturating_sub(at);
    if within_word(text, at) || length > MAX_WORD_BYTES {
        return Some((Token::End, length));
    }
    if !ended {
        return None;
    }
    let word = text.get(at..end)?;
    let known = if ascii {
        lexicon.known_ascii(word)
    } else {
        lexicon.known(core::str::from_utf8(word).ok()?)
    };
    let Some(known) = known else { return Some((Token::End, length)) };
    for (rest, meaning) in known.phrases {
        if let Some(end) = phrase(rest, text, end, last)? {
            if let (Meaning::Filler | Meaning::Aside, Some(number)) =
                (meaning, doubtful(known.meaning))
            {
                // "One moment" is what it says, or a digit and a pause.
                return Some((Token::Word(Meaning::Pause(number)), length));
            }
            let end = if is_number(*meaning) { end } else { after_marks(text, end, last)? };
            return Some((Token::Word(*meaning), end.saturating_sub(at)));
        }
    }
    if known.is_label
        && let Some(end) = label(text, end, last)?
    {
        return Some((Token::Gap(FILLER), end.saturating_sub(at)));
    }
    let meaning = match known.meaning {
        Some(Meaning::Repeat(_)) if !repeats(mask, text, end, last)? => None,
        meaning => meaning,
    };
    if let Some(meaning) = meaning.filter(|meaning| !is_number(*meaning)) {
        let digit = |c: char| matches!(class(c), Class::Digit(_));
        let glued =
            before(text, at).is_some_and(digit) || text.get(end).is_some_and(u8::is_ascii_digit);
        if glued && (length == 1 || meaning == Meaning::Aside) {
            // Letters of an identifier.
            return Some((Token::End, length));
        }
        let end = after_marks(text, end, last)?;
        return Some((Token::Word(meaning), end.saturating_sub(at)));
    }
    Some((meaning.map_or(Token::End, Token::Word), length))
}

/// Where the marks end that stand at `end` after a filler: "ready? four two", "correction: four two". `None` if it takes
/// more text to know.
fn after_marks(text: &[u8], mut end: usize, last: bool) -> Option<usize> {
    for _ in 0..MAX_MARKS {
        match text.get(end) {
            Some(b'?' | b'!' | b':') => end = end.saturating_add(1),
            None if !last => return None,
            _ => break,
        }
    }
    Some(end)
}

/// The one that a word stands for, which may be the first word of a filler.
fn doubtful(meaning: Option<Meaning>) -> Option<Number> {
    match meaning {
        Some(Meaning::Digits(number, Part::Unit) | Meaning::Doubtful(number)) => {
            (number.digits() == b"1").then_some(number)
        }
        _ => None,
    }
}

/// Whether a word is the one of a filler like "one moment" that `text` goes on with.
pub(super) fn pauses(how: Reading<'_>, word: &str, text: &str) -> bool {
    let own = how.lexicon.and_then(|lexicon| lexicon.meaning(word));
    let joined = token(how, format!("{word} {text}").as_bytes(), 0, true);
    matches!(own, Some(Meaning::Digits(..)))
        && matches!(joined, Some((Token::Word(Meaning::Pause(_)), _)))
}

/// Where the words of `rest` end that stand at `end`, if they do. `None` if it takes more text to know.
#[allow(clippy::option_option, reason = "not known yet, and known not to be")]
fn phrase(rest: &[String], text: &[u8], mut end: usize, last: bool) -> Option<Option<usize>> {
    for wanted in rest {
        let from = end;
        loop {
            match decode(text, end) {
                Decoded::Char(c, length)
                    if is_between(c) && end.saturating_sub(from) < MAX_BETWEEN =>
                {
                    end = end.saturating_add(length);
                }
                Decoded::Partial if !last => return None,
                Decoded::Invalid if end >= text.len() && !last => return None,
                _ => break,
            }
        }
        if from == end {
            return Some(None);
        }
        let (to, ended, _) = word_end(text, end, last);
        let word = text.get(end..to).and_then(|word| core::str::from_utf8(word).ok());
        if !ended {
            return None;
        }
        if !word.is_some_and(|word| Lexicon::is(word, wanted)) {
            return Some(None);
        }
        end = to;
    }
    Some(Some(end))
}

/// Where a label ends whose last word does at `end`: at its colon, with a number before that or none. `None` if it takes
/// more text to know.
#[allow(clippy::option_option, reason = "not known yet, and known not to be")]
fn label(text: &[u8], mut end: usize, last: bool) -> Option<Option<usize>> {
    for _ in 0..=MAX_LABEL_NUMBER {
        match text.get(end) {
            None => return if last { Some(None) } else { None },
            Some(b':') => return Some(Some(end.saturating_add(1))),
            Some(b' ' | b'0'..=b'9') => end = end.saturating_add(1),
            Some(_) => return Some(None),
        }
    }
    Some(None)
}

/// Whether a word like "double" that ends at `at` counts the digit after it: not the first of several
/// that are written together, masked ones included. `None` if it takes more text to know.
fn repeats(mask: char, text: &[u8], mut at: usize, last: bool) -> Option<bool> {
    let how = Reading { lexicon: None, mask, asides: true };
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
    let letter = |c: char| {
        if c.is_ascii() { c.is_ascii_alphabetic() } else { class(c) == Class::Letter || is_mark(c) }
    };
    before(text, at).is_some_and(letter) && escape::before(text, at).is_none_or(|(c, _)| letter(c))
}
