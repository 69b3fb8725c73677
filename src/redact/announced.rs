//! The words before a group of digits, taken apart, and what they announce.

use zeroize::{Zeroize, Zeroizing};

use crate::redact::chars::{Class, Decoded, class, decode};
use crate::redact::escape::{self, Escape};
use crate::redact::languages::lexicon::Announced;
use crate::redact::names::{MAX_NAME_CHARS, MAX_NAME_WORDS, NameKind, is_month};
use crate::redact::settings::Settings;
use crate::redact::steps;

/// How far before the digits their announcement is looked for, in bytes, in characters, and in words.
pub(super) const ANNOUNCED_BYTES: usize = 112;
const ANNOUNCED_CHARS: usize = 48;
const ANNOUNCED_WORDS: usize = 6;
/// The most parts that so many characters have.
const PARTS: usize = ANNOUNCED_CHARS;
/// The longest numeral that belongs to a name: `cvv_1`, `cvc[0]`.
const NUMERAL: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Word,
    Digits,
}

/// A word, a part of one in capitals and small letters, or digits.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    kind: Kind,
    from: usize,
    to: usize,
    /// Whether it goes on with what stands before, as in "securityCode".
    joined: bool,
    /// Whether a brace follows before the next part.
    opens: bool,
}

/// The characters before a place, in lower case, with an escape as one character; digits only where they may belong to a
/// name.
pub(super) struct Before<'n> {
    settings: &'n Settings,
    text: [u8; ANNOUNCED_CHARS * 4],
    length: usize,
    parts: [Part; PARTS],
    count: usize,
    /// Whether the last word ends where the digits begin.
    glued: bool,
}

/// Reads the last characters of a text, each to the place that its number has among so many; says how many there were.
fn characters(window: &[u8], chars: &mut [char; ANNOUNCED_CHARS]) -> usize {
    let (mut count, mut from) = (0_usize, 0_usize);
    while from < window.len() {
        let (c, length) = match escape::escape(window.get(from..).unwrap_or_default()) {
            Escape::Char(c, length) => (c, length),
            _ => match decode(window, from) {
                Decoded::Char(c, length) => (c, length),
                _ => ('\u{fffd}', 1),
            },
        };
        if let Some(slot) = chars.get_mut(count % ANNOUNCED_CHARS) {
            *slot = c;
        }
        count = count.saturating_add(1);
        from = from.saturating_add(length);
    }
    count
}

/// What the reading of characters has seen last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Gap,
    Lower,
    Upper,
    Digit,
}

impl Drop for Before<'_> {
    fn drop(&mut self) {
        // Digits of a number may be among the characters.
        self.text.get_mut(..self.length).unwrap_or_default().zeroize();
    }
}

impl<'n> Before<'n> {
    /// Reads what stands before `at`. Where it is read to is where it stays, so that it can be wiped.
    pub(super) fn with<T>(
        settings: &'n Settings,
        text: &[u8],
        at: usize,
        look: impl FnOnce(&Self) -> T,
    ) -> T {
        steps::count(ANNOUNCED_BYTES);
        let mut before = Self {
            settings,
            text: [0; ANNOUNCED_CHARS * 4],
            length: 0,
            parts: [Part::default(); PARTS],
            count: 0,
            glued: false,
        };
        let window = text.get(at.saturating_sub(ANNOUNCED_BYTES)..at).unwrap_or_default();
        // Without a branch, so that many bytes are looked at in one go.
        let plain = window
            .iter()
            .fold(true, |plain, byte| plain & byte.is_ascii() & !escape::begins(*byte));
        let seen = if plain {
            // Each byte is a character.
            let from = window.len().saturating_sub(ANNOUNCED_CHARS);
            before.read_ascii(window.get(from..).unwrap_or_default())
        } else {
            let mut chars = Zeroizing::new([' '; ANNOUNCED_CHARS]);
            let count = characters(window, &mut chars);
            let first = count.saturating_sub(ANNOUNCED_CHARS);
            let at = |n: usize| chars.get(n % ANNOUNCED_CHARS).copied().unwrap_or(' ');
            before.read_all((first..count).map(at))
        };
        before.glued = matches!(seen, Seen::Lower | Seen::Upper);
        look(&before)
    }

    /// The same as [`read_all`](Self::read_all), of ASCII.
    fn read_ascii(&mut self, chars: &[u8]) -> Seen {
        let mask = u8::try_from(self.settings.mask).ok();
        let mut seen = Seen::Gap;
        for (at, byte) in chars.iter().enumerate() {
            seen = match byte {
                byte if Some(*byte) == mask => self.read(char::from(*byte), ' ', seen),
                b'a'..=b'z' => {
                    if matches!(seen, Seen::Gap | Seen::Digit) {
                        self.begin(Kind::Word, false);
                    }
                    self.push(char::from(*byte));
                    Seen::Lower
                }
                b'0'..=b'9' => {
                    if seen != Seen::Digit {
                        self.begin(Kind::Digits, false);
                    }
                    self.push(char::from(*byte));
                    Seen::Digit
                }
                b'A'..=b'Z' | b'.' | b'{' => {
                    let next = chars.get(at.saturating_add(1)).copied().unwrap_or(b' ');
                    self.read(char::from(*byte), char::from(next), seen)
                }
                _ => Seen::Gap,
            };
        }
        seen
    }

    fn read_all(&mut self, chars: impl Iterator<Item = char>) -> Seen {
        let (mut chars, mut seen) = (chars.peekable(), Seen::Gap);
        while let Some(c) = chars.next() {
            let next = chars.peek().copied().unwrap_or(' ');
            seen = self.read(c, next, seen);
        }
        seen
    }

    fn read(&mut self, c: char, next: char, seen: Seen) -> Seen {
        match class(c) {
            // What was masked were digits.
            _ if c == self.settings.mask => {
                if seen != Seen::Digit {
                    self.begin(Kind::Digits, false);
                }
                self.push(c);
                Seen::Digit
            }
            Class::Digit(value) => {
                if seen != Seen::Digit {
                    self.begin(Kind::Digits, false);
                }
                self.push(char::from(b'0'.wrapping_add(value)));
                Seen::Digit
            }
            Class::Letter => {
                let upper = c.is_uppercase();
                let begins = match seen {
                    Seen::Gap | Seen::Digit => Some(false),
                    // "securityCode", "CVVCode".
                    Seen::Lower if upper => Some(true),
                    Seen::Upper if upper && next.is_lowercase() => Some(true),
                    _ => None,
                };
                if let Some(joined) = begins {
                    self.begin(Kind::Word, joined);
                }
                if c.is_ascii() {
                    self.push(c.to_ascii_lowercase());
                } else {
                    narrow(c).to_lowercase().for_each(|c| self.push(c));
                }
                if upper { Seen::Upper } else { Seen::Lower }
            }
            // An accent that is a character of its own, or something that nobody sees.
            Class::Separator(0) if !matches!(seen, Seen::Gap) => {
                self.push_mark(c);
                seen
            }
            // "C.V.V."
            _ if c == '.' && matches!(seen, Seen::Upper | Seen::Lower) && self.is_initial() => {
                if next.is_alphabetic() {
                    seen
                } else {
                    Seen::Gap
                }
            }
            _ if c.is_alphanumeric() && seen != Seen::Gap => {
                self.push(c);
                seen
            }
            _ => {
                if c == '{'
                    && let Some(last) = self.last()
                {
                    last.opens = true;
                }
                Seen::Gap
            }
        }
    }

    /// Whether the last word is one letter, or letters with dots between them.
    fn is_initial(&self) -> bool {
        let last = self.count.checked_sub(1).and_then(|last| self.parts.get(last));
        last.is_some_and(|last| last.kind == Kind::Word && last.to.saturating_sub(last.from) <= 4)
    }

    fn last(&mut self) -> Option<&mut Part> {
        self.parts.get_mut(self.count.checked_sub(1)?)
    }

    fn begin(&mut self, kind: Kind, joined: bool) {
        let at = self.length;
        if let Some(part) = self.parts.get_mut(self.count) {
            *part = Part { kind, from: at, to: at, joined, opens: false };
            self.count = self.count.saturating_add(1);
        }
    }

    /// A mark that a word of a language has, as it is.
    fn push_mark(&mut self, c: char) {
        if c.is_alphanumeric() || !matches!(c, '\u{200b}'..='\u{200f}' | '\u{ad}' | '\u{feff}') {
            self.push(c);
        }
    }

    #[inline]
    fn push(&mut self, c: char) {
        if let (Ok(byte), Some(slot)) = (u8::try_from(c), self.text.get_mut(self.length))
            && byte.is_ascii()
        {
            *slot = byte;
            self.length = self.length.saturating_add(1);
            let end = self.length;
            if let Some(last) = self.last() {
                last.to = end;
            }
            return;
        }
        let end = self.length.saturating_add(c.len_utf8());
        if let Some(room) = self.text.get_mut(self.length..end) {
            c.encode_utf8(room);
            self.length = end;
            if let Some(last) = self.last() {
                last.to = end;
            }
        }
    }

    fn text(&self, from: usize, to: usize) -> &[u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    fn part(&self, at: usize) -> Option<Part> {
        self.parts.get(..self.count)?.get(at).copied()
    }

    /// What the name announces that ends with the part at `at`, the longest first.
    fn name(&self, at: usize, two: bool) -> Option<NameKind> {
        let last = self.part(at)?;
        let most = at.saturating_add(1).min(MAX_NAME_WORDS);
        (1..=most).rev().find_map(|words| {
            let first = self.part(at.saturating_add(1).checked_sub(words)?)?;
            let name = self.text(first.from, last.to);
            if name.len() > MAX_NAME_CHARS * 2 {
                return None;
            }
            if two {
                let mut with = [0; MAX_NAME_CHARS * 2 + 1];
                with.get_mut(..name.len())?.copy_from_slice(name);
                *with.get_mut(name.len())? = b'2';
                return self.settings.names.get(with.get(..=name.len())?);
            }
            // Alone it is a person's papers.
            self.settings.names.get(name).filter(|_| name != b"cv")
        })
    }

    fn is_language(&self, at: usize) -> Option<NameKind> {
        let part = self.part(at)?;
        self.settings.lexicon.announces(self.text(part.from, part.to)).map(|announced| {
            match announced {
                Announced::Code => NameKind::Code,
                Announced::Expiry => NameKind::Expiry,
            }
        })
    }

    /// What the words announce, the nearest first: not a card. `two` is whether the digits began with the 2 of "CVV2".
    /// Digits in between end the search, except those of a name.
    pub(super) fn announces(&self, two: bool) -> Option<NameKind> {
        let (mut words, mut nested) = (0_usize, false);
        for at in (0..self.count).rev() {
            let part = self.part(at)?;
            let first = at.saturating_add(1) == self.count;
            if part.kind == Kind::Digits {
                let numeral = part.to.saturating_sub(part.from) <= NUMERAL;
                let named = at
                    .checked_sub(1)
                    .filter(|_| numeral && !first)
                    .or_else(|| at.checked_sub(1).filter(|_| numeral));
                if let Some(before) = named.filter(|before| self.is_word(*before)) {
                    let found = self.name(at, false).or_else(|| self.name(before, false));
                    let found = found.or_else(|| self.is_language(before));
                    if let Some(found) = found.filter(|found| *found != NameKind::Card) {
                        return Some(found);
                    }
                }
                // "(3 digits)", "3-digit".
                if let Some(after) = self.part(at.saturating_add(1))
                    && numeral
                    && self.text(after.from, after.to).starts_with(b"digit")
                {
                    continue;
                }
                if part.to.saturating_sub(part.from) > 1 {
                    return None;
                }
                // `"securityCode":{"indicator":"1","value":"333"}`.
                nested = true;
                continue;
            }
            let found = self.name(at, two && first).or_else(|| self.is_language(at));
            let found = found.filter(|found| *found != NameKind::Card);
            if let Some(found) = found {
                return (!nested || part.opens).then_some(found).filter(|found| {
                    // The 2 of anything else is a digit of its own.
                    !two || *found == NameKind::Code
                });
            }
            if !part.joined {
                if self.glued && !nested {
                    return None;
                }
                words = words.saturating_add(1);
            }
            if words >= ANNOUNCED_WORDS {
                return None;
            }
        }
        None
    }

    fn is_word(&self, at: usize) -> bool {
        self.part(at).is_some_and(|part| part.kind == Kind::Word)
    }

    /// Whether a card is named before, with nothing but words between.
    pub(super) fn names_a_card(&self) -> bool {
        let mut words = 0_usize;
        for at in (0..self.count).rev() {
            let Some(part) = self.part(at) else { return false };
            if part.kind == Kind::Digits {
                return false;
            }
            if self.name(at, false) == Some(NameKind::Card) {
                return true;
            }
            if !part.joined {
                words = words.saturating_add(1);
            }
            if words >= ANNOUNCED_WORDS {
                return false;
            }
        }
        false
    }

    /// Whether the word right before is a month.
    pub(super) fn is_month(&self) -> bool {
        let last = self.count.checked_sub(1).and_then(|last| self.part(last));
        last.is_some_and(|last| is_month(self.text(last.from, last.to)))
    }
}

/// A full-width letter as it stands in ASCII.
fn narrow(c: char) -> char {
    let at = |from: u32, to: u32| {
        let up = u32::from(c).checked_sub(from).filter(|up| *up < 26)?;
        char::from_u32(up.saturating_add(to))
    };
    at(0xFF41, 0x61).or_else(|| at(0xFF21, 0x41)).unwrap_or(c)
}
