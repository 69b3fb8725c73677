//! Short runs of digits, passed over as fast as they are read: too few digits for a card number, and nothing but plain
//! separators between them. Most digits of a log are in one.

use crate::redact::chars::{Class, class};
use crate::redact::reach::{MAX_GAP_CHARS, SHORTEST};
use crate::redact::run::Digit;
use crate::redact::steps;
use crate::redact::token::{Reading, Token, token};

/// The most digits of a code or an expiry.
const MOST: usize = 8;

/// What a byte is to a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Byte {
    Digit,
    Gap,
    Letter,
    /// It ends the run.
    End,
    /// It takes a longer look.
    Other,
}

const fn byte(byte: u8) -> Byte {
    match byte {
        b'0'..=b'9' => Byte::Digit,
        b'a'..=b'z' | b'A'..=b'Z' => Byte::Letter,
        b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | b'-' | b'~' | b'.' | b'/' | b'_' | b','
        | b'|' | b';' | b'\'' => Byte::Gap,
        // Escapes, plus signs, and what may enclose an aside; and all that is not ASCII.
        b'%' | b'&' | b'\\' | 0x1B | b'+' | b'[' | b'(' | b'<' | 0x80.. => Byte::Other,
        _ => Byte::End,
    }
}

/// A short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short {
    pub(super) start: usize,
    /// Where its last digit ends.
    pub(super) end: usize,
    /// Where what ended it begins.
    pub(super) until: usize,
    digits: usize,
}

impl Short {
    /// The short run that begins at `at`, if it is one and ends within `text`.
    pub(super) fn read(how: Reading<'_>, text: &[u8], at: usize, last: bool) -> Option<Self> {
        let mut short = Self { start: at, end: at, until: at, digits: 0 };
        for (place, byte) in text.iter().enumerate().skip(at) {
            match self::byte(*byte) {
                Byte::Digit => {
                    short.digits = short.digits.saturating_add(1);
                    if short.digits >= SHORTEST {
                        return None;
                    }
                    short.end = place.saturating_add(1);
                }
                Byte::Gap if place.saturating_sub(short.end) < MAX_GAP_CHARS => {}
                Byte::Gap | Byte::End => return short.ended(place),
                Byte::Letter if how.lexicon.is_none() => return short.ended(place),
                Byte::Letter | Byte::Other => {
                    let ends = matches!(token(how, text, place, last), Some((Token::End, _)));
                    return if ends { short.ended(place) } else { None };
                }
            }
        }
        if last { short.ended(text.len()) } else { None }
    }

    fn ended(mut self, until: usize) -> Option<Self> {
        steps::count(until.saturating_sub(self.start));
        self.until = until;
        (self.digits > 0).then_some(self)
    }

    /// Whether it may be a code or an expiry.
    pub(super) const fn may_be_card_data(&self) -> bool {
        self.digits <= MOST
    }

    /// Its digits.
    pub(super) fn digits(&self, text: &[u8]) -> Vec<Digit> {
        let mut digits: Vec<Digit> = Vec::with_capacity(self.digits);
        let mut kinds = 0;
        for (at, byte) in text.iter().enumerate().take(self.end).skip(self.start) {
            match class(char::from(*byte)) {
                Class::Digit(value) => {
                    let before = digits.last().map_or(at, |digit| digit.end);
                    digits.push(Digit {
                        value: b'0' | value,
                        start: at,
                        end: at.saturating_add(1),
                        kinds,
                        apart: before < at,
                        ..Digit::default()
                    });
                    kinds = 0;
                }
                Class::Separator(kind) => kinds |= kind,
                Class::Letter | Class::Other => {}
            }
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::escape;

    #[test]
    fn a_byte_is_what_a_character_is() {
        for at in 0..0x80_u8 {
            let what = byte(at);
            match class(char::from(at)) {
                _ if what == Byte::Other => {}
                Class::Digit(_) => assert_eq!(what, Byte::Digit),
                Class::Separator(_) => assert_eq!(what, Byte::Gap, "{at}"),
                Class::Letter => assert_eq!(what, Byte::Letter),
                Class::Other => assert_eq!(what, Byte::End, "{at}"),
            }
            assert!(what == Byte::Other || !escape::begins(at));
        }
    }
}
