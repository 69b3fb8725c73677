//! Short runs of digits, passed over as fast as they are read: too few digits for a card number. Most digits of a log are in
//! one, and most number words of a conversation.

use zeroize::Zeroizing;

use crate::redact::chars::{Class, class};
use crate::redact::languages::lexicon::Meaning;
use crate::redact::reach::{MAX_GAP_CHARS, SHORTEST};
use crate::redact::run::{Digit, Run, Taken, letters};
use crate::redact::steps;
use crate::redact::token::{Reading, Token, token, unknown};

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
        b'%' | b'&' | b'\\' | b'^' | 0x1B | b'+' | b'[' | b'(' | b'<' | 0x80.. => Byte::Other,
        _ => Byte::End,
    }
}

/// What each byte is.
const BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Other; 256];
    let (mut rest, mut at) = (bytes.as_mut_slice(), 0_u8);
    while let [what, others @ ..] = rest {
        *what = byte(at);
        (rest, at) = (others, at.wrapping_add(1));
    }
    bytes
};

/// What stands behind plain digits and separators, and where.
enum Plain {
    /// As many digits as a card number has.
    Many,
    Ended(usize),
    Letter(usize),
    Other(usize),
}

/// Digits and number words that are a card number in no way in which they may be read, from where one begins to where
/// nothing of it goes on. Read one by one, they may be several runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short {
    pub(super) start: usize,
    /// Where its last digit or number word ends.
    pub(super) end: usize,
    /// Where what ended it begins.
    pub(super) until: usize,
    /// How many digits it has at most.
    digits: usize,
    /// Nothing but plain digits and separators.
    plain: bool,
}

impl Short {
    /// The short run that begins at `at`, if it is one and ends within `text`. What begins no number is one without digits.
    pub(super) fn read(how: Reading<'_>, text: &[u8], at: usize, last: bool) -> Option<Self> {
        let mut short = Self { start: at, end: at, until: at, digits: 0, plain: true };
        let (mut place, mut gap) = (at, 0_usize);
        loop {
            let Some(found) = short.read_plain(text, place, &mut gap) else {
                return last.then(|| short.ended(text.len()));
            };
            place = match found {
                Plain::Many => return None,
                Plain::Ended(at) => return Some(short.ended(at)),
                Plain::Letter(at) if how.lexicon.is_none() => return Some(short.ended(at)),
                Plain::Letter(at) | Plain::Other(at) => at,
            };
            if let Plain::Letter(at) = found
                && let Some(end) = how.lexicon.and_then(|lexicon| unknown(lexicon, text, at))
            {
                let from = if short.digits == 0 { end } else { at };
                return Some(short.ended(from));
            }
            let (token, length) = token(how, text, place, last)?;
            let end = place.saturating_add(length);
            let (digits, chars) = weight(token, length);
            if short.digits == 0 && digits == 0 {
                // What is no number is passed over as a whole.
                return Some(short.ended(end));
            }
            gap = if digits == 0 { gap.saturating_add(chars) } else { 0 };
            if token == Token::End || gap > MAX_GAP_CHARS {
                return Some(short.ended(place));
            }
            short.plain = false;
            if digits > 0 {
                short.digits = short.digits.saturating_add(digits);
                if short.digits >= SHORTEST {
                    return None;
                }
                short.end = end;
            }
            place = end;
        }
    }

    /// Reads plain digits and separators from `from` on. Says what stands behind them; `None` if the text ends first.
    fn read_plain(&mut self, text: &[u8], from: usize, gap: &mut usize) -> Option<Plain> {
        let (mut digits, mut chars, mut end) = (self.digits, *gap, self.end);
        let mut found = None;
        for (at, byte) in (from..).zip(text.get(from..)?) {
            match BYTES.get(usize::from(*byte)).copied().unwrap_or(Byte::Other) {
                Byte::Digit => {
                    (digits, chars, end) = (digits.saturating_add(1), 0, at.saturating_add(1));
                    if digits < SHORTEST {
                        continue;
                    }
                    found = Some(Plain::Many);
                }
                Byte::Gap => {
                    chars = chars.saturating_add(1);
                    if chars <= MAX_GAP_CHARS && digits > 0 {
                        continue;
                    }
                    found = Some(Plain::Ended(at));
                }
                Byte::End => found = Some(Plain::Ended(at)),
                Byte::Letter => found = Some(Plain::Letter(at)),
                Byte::Other => found = Some(Plain::Other(at)),
            }
            break;
        }
        (self.digits, *gap, self.end) = (digits, chars, end);
        match found {
            // What begins nothing is passed over.
            Some(Plain::Ended(at)) if digits == 0 => Some(Plain::Ended(at.saturating_add(1))),
            found => found,
        }
    }

    fn ended(mut self, until: usize) -> Self {
        steps::count(until.saturating_sub(self.start));
        self.until = until;
        self
    }

    /// Whether it may be a code or an expiry.
    pub(super) const fn may_be_card_data(&self) -> bool {
        self.digits > 0 && (self.digits <= MOST || !self.plain)
    }

    /// Its runs one by one.
    pub(super) fn runs(
        &self,
        how: Reading<'_>,
        text: &[u8],
        last: bool,
        run: &mut Run,
        mut each: impl FnMut(&[Digit]),
    ) {
        if self.plain {
            return each(&Zeroizing::new(self.digits(text)));
        }
        let mut at = self.start;
        while at < self.until {
            let Some((token, length)) = token(how, text, at, last) else { break };
            let end = at.saturating_add(length);
            if run.take(token, at, end) == Taken::Ended {
                if run.start().is_some() {
                    each(run.digits());
                }
                run.clear();
                let _ = run.take(token, at, end);
            }
            at = end;
        }
        if run.start().is_some() {
            each(run.digits());
        }
        run.clear();
    }

    /// Its digits.
    fn digits(&self, text: &[u8]) -> Vec<Digit> {
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

/// How many digits a token stands for at most, and how much of a gap it is if it is none.
fn weight(token: Token, length: usize) -> (usize, usize) {
    match token {
        Token::Digit(_) => (1, 0),
        Token::Gap(_) | Token::End => (0, 1),
        Token::Word(meaning) => match meaning {
            Meaning::Digits(number, _) | Meaning::Doubtful(number) | Meaning::Pause(number) => {
                (number.digits().len(), 0)
            }
            Meaning::Tens(..) => (2, 0),
            Meaning::Scale(zeros, _) => (usize::from(zeros).saturating_add(1), 0),
            Meaning::Repeat(times) => (usize::from(times).saturating_sub(1), 0),
            Meaning::Plural(_) => (9, 0),
            Meaning::Sigh => (1, 0),
            Meaning::Link | Meaning::Filler | Meaning::Aside | Meaning::Correction => {
                (0, letters(length))
            }
        },
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
