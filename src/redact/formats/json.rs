//! JSON (RFC 8259) with the place of each value, so that what is not changed stays byte for byte.

use core::ops::Range;

use crate::redact::formats::source::Source;

/// The deepest nesting that is looked at.
const DEEPEST: usize = 128;

/// A value and where it stands.
#[derive(Debug)]
pub(super) enum Json {
    /// The place of what stands between the quotation marks.
    String(Range<usize>),
    /// Numbers, `true`, `false`, `null`.
    Other(Range<usize>),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// One value after another, to the end; `None` if `bytes` are anything else.
pub(super) fn values(bytes: &[u8]) -> Option<Vec<Json>> {
    let text = core::str::from_utf8(bytes).ok()?;
    let mut parser = Parser { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let mut values = Vec::new();
    loop {
        parser.spaces();
        if parser.at >= text.len() {
            return (!values.is_empty()).then_some(values);
        }
        values.push(parser.value(0)?);
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at = self.at.saturating_add(1);
        }
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        self.spaces();
        match self.peek()? {
            b'"' => self.string().map(Json::String),
            b'[' => {
                self.list(b']', |parser| parser.value(depth.saturating_add(1))).map(Json::Array)
            }
            b'{' => self
                .list(b'}', |parser| {
                    let key = parser.string()?;
                    let key = parser.text.get(key)?.to_owned();
                    parser.spaces();
                    (parser.next()? == b':').then_some(())?;
                    Some((key, parser.value(depth.saturating_add(1))?))
                })
                .map(Json::Object),
            _ => self.other(),
        }
    }

    /// What stands between brackets, parted by commas.
    fn list<T>(
        &mut self,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.next()?;
        let mut items = Vec::new();
        self.spaces();
        if self.peek()? == close {
            self.next()?;
            return Some(items);
        }
        loop {
            self.spaces();
            items.push(item(self)?);
            self.spaces();
            match self.next()? {
                b',' => {}
                byte if byte == close => return Some(items),
                _ => return None,
            }
        }
    }

    /// A string: what stands between its quotation marks.
    fn string(&mut self) -> Option<Range<usize>> {
        (self.next()? == b'"').then_some(())?;
        let start = self.at;
        loop {
            match self.next()? {
                b'"' => return Some(start..self.at.saturating_sub(1)),
                b'\\' => {
                    self.next()?;
                }
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn other(&mut self) -> Option<Json> {
        let start = self.at;
        let rest = self.text.get(start..)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let value = rest.get(..end)?;
        let known = matches!(value, "true" | "false" | "null")
            || value.starts_with(|c: char| c.is_ascii_digit() || c == '-')
                && value.parse::<f64>().is_ok();
        self.at = start.saturating_add(end);
        known.then_some(Json::Other(start..self.at))
    }
}

/// Adds what a string in `text` stands for, whose place is `place`.
pub(super) fn read_string(text: &str, place: Range<usize>, to: &mut Source) {
    let mut at = place.start;
    while at < place.end {
        let rest = text.get(at..place.end).unwrap_or_default();
        let plain = rest.find('\\').unwrap_or(rest.len());
        to.add(rest.get(..plain).unwrap_or_default(), at);
        at = at.saturating_add(plain);
        let escape = rest.get(plain..).unwrap_or_default();
        let Some((c, length)) = unescape(escape) else { continue };
        let end = at.saturating_add(length).min(place.end);
        to.add_char(c, at..end);
        at = end;
    }
}

/// The character of the escape at the beginning of `text`, and its length; `None` if there is nothing.
fn unescape(text: &str) -> Option<(char, usize)> {
    let kind = text.strip_prefix('\\')?.chars().next().unwrap_or('\\');
    let hex = |at: usize| {
        let digits = text.get(at..at.saturating_add(4))?;
        u32::from_str_radix(digits, 16).ok()
    };
    Some(match kind {
        'n' => ('\n', 2),
        'r' => ('\r', 2),
        't' => ('\t', 2),
        'b' => ('\u{8}', 2),
        'f' => ('\u{c}', 2),
        'u' => match hex(2) {
            Some(high @ 0xD800..0xDC00) => {
                let low = text.get(6..8).filter(|begin| *begin == "\\u").and_then(|_| hex(8));
                let low = low.filter(|low| (0xDC00..0xE000).contains(low));
                let pair = low.and_then(|low| {
                    let high = high.checked_sub(0xD800)?.checked_mul(0x400)?;
                    char::from_u32(high.checked_add(low)?.checked_add(0x2400)?)
                });
                pair.map_or(('\u{fffd}', 6), |c| (c, 12))
            }
            Some(value) => (char::from_u32(value).unwrap_or('\u{fffd}'), 6),
            None => ('\u{fffd}', 2),
        },
        kind => (kind, kind.len_utf8().saturating_add(1)),
    })
}
