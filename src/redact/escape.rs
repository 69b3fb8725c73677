//! Characters that are written as escapes: each is one character, between digits as well as around them, and no mask cuts
//! through one.
//!
//! | written | by |
//! | --- | --- |
//! | `%3A`, `%253A`, `%C2%A0`, `%u00A0` | URLs (RFC 3986), once or more often escaped; JavaScript |
//! | `\n`, `\u00a0`, `\u{a0}` | JSON, JavaScript, Rust |
//! | `\x3A`, `\xC2\xA0` | nginx, shells |
//! | `&#58;`, `&#x3a;`, `&quot;`, `&amp;nbsp;` | HTML |
//! | ESC `[31m`, `\x1b[31m`, `\u001b[31m`, `\033[31m`, `\e[31m`, `^[[31m` | terminals (ECMA-48) |

/// The longest escape, in bytes.
pub(super) const MAX_ESCAPE_BYTES: usize = 32;
/// The most characters between the brackets of a terminal's sequence.
const MAX_PARAMETERS: usize = 20;
/// How often a percent sign or an ampersand may be escaped itself.
const MAX_DEPTH: usize = 2;
/// The most letters of a name in HTML.
const MAX_NAME: usize = 8;
/// So many digits after "%B" are no escape with more digits behind it.
const TRACK_DIGITS: usize = 4;
/// A character that nobody sees, for what a terminal takes as a colour.
const UNSEEN: char = '\u{200b}';

/// What begins at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// A character, and how many bytes it is written in.
    Char(char, usize),
    /// Perhaps an escape: the bytes end before it is known.
    Partial,
    None,
}

/// Whether an escape may begin with this byte.
pub(super) const fn begins(byte: u8) -> bool {
    matches!(byte, b'%' | b'&' | b'\\' | b'^' | 0x1B)
}

/// The escape that the bytes begin with.
pub(super) fn escape(text: &[u8]) -> Escape {
    match text.first() {
        Some(b'%') => percent(text),
        Some(b'&') => entity(text),
        Some(b'\\') => backslash(text),
        Some(0x1B) => after(1, sequence(text.get(1..).unwrap_or_default())),
        Some(b'^') => match text.get(1) {
            None => Escape::Partial,
            Some(b'[') => after(2, sequence(text.get(2..).unwrap_or_default())),
            Some(_) => Escape::None,
        },
        _ => Escape::None,
    }
}

/// The same after `more` bytes.
fn after(more: usize, escape: Escape) -> Escape {
    match escape {
        Escape::Char(c, length) => Escape::Char(c, length.saturating_add(more)),
        other => other,
    }
}

/// `[31m`, after the control character.
fn sequence(text: &[u8]) -> Escape {
    match text.first() {
        None => return Escape::Partial,
        Some(b'[') => {}
        Some(_) => return Escape::None,
    }
    let parameters = text.iter().skip(1).take_while(|byte| matches!(byte, 0x20..=0x3F)).count();
    if parameters > MAX_PARAMETERS {
        return Escape::None;
    }
    match text.get(parameters.saturating_add(1)) {
        None => Escape::Partial,
        Some(0x40..=0x7E) => Escape::Char(UNSEEN, parameters.saturating_add(2)),
        Some(_) => Escape::None,
    }
}

/// The value of so many hexadecimal digits, or whether they may follow.
fn hexadecimal(text: &[u8], count: usize) -> Result<u32, Escape> {
    let mut value = 0_u32;
    for at in 0..count {
        let Some(byte) = text.get(at) else { return Err(Escape::Partial) };
        let Some(digit) = char::from(*byte).to_digit(16) else { return Err(Escape::None) };
        value = value.wrapping_mul(16).wrapping_add(digit);
    }
    Ok(value)
}

/// A character of UTF-8 whose bytes are written one by one, each after `prefix` with two digits: the first is known.
fn utf8(text: &[u8], prefix: &[u8], first: u32) -> Escape {
    let length = match first {
        0..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        // It is no text in UTF-8: as in Latin-1.
        _ => 1,
    };
    let size = prefix.len().saturating_add(2);
    let latin = Escape::Char(char::from_u32(first).unwrap_or(' '), size);
    let mut bytes = [0_u8; 4];
    for (at, byte) in bytes.iter_mut().take(length).enumerate() {
        let rest = text.get(at.saturating_mul(size)..).unwrap_or_default();
        let begun = rest.get(..prefix.len().min(rest.len())).unwrap_or_default();
        if !prefix.starts_with(begun) {
            return latin;
        }
        match hexadecimal(rest.get(prefix.len()..).unwrap_or_default(), 2) {
            Ok(value) => *byte = u8::try_from(value).unwrap_or(0),
            Err(Escape::Partial) => return Escape::Partial,
            Err(_) => return latin,
        }
    }
    let c = core::str::from_utf8(bytes.get(..length).unwrap_or_default()).ok();
    match c.and_then(|text| text.chars().next()) {
        Some(c) => Escape::Char(c, size.saturating_mul(length)),
        None => latin,
    }
}

/// `%3A`, `%253A`.
fn percent(text: &[u8]) -> Escape {
    const PREFIX: &[u8] = b"%2525";
    // Track 1 of a magnetic stripe: "%B" and the card number.
    if let Some([b'B', number @ ..]) = text.get(1..)
        && number.iter().take(TRACK_DIGITS).all(u8::is_ascii_digit)
    {
        return if number.len() < TRACK_DIGITS { Escape::Partial } else { Escape::None };
    }
    if text.get(1) == Some(&b'u') {
        return match hexadecimal(text.get(2..).unwrap_or_default(), 4) {
            Ok(value) => char::from_u32(value).map_or(Escape::None, |c| Escape::Char(c, 6)),
            Err(other) => other,
        };
    }
    for depth in (0..=MAX_DEPTH).rev() {
        let prefix = PREFIX.get(..depth.saturating_mul(2).saturating_add(1)).unwrap_or_default();
        if !text.starts_with(prefix) {
            if prefix.starts_with(text) {
                return Escape::Partial;
            }
            continue;
        }
        match hexadecimal(text.get(prefix.len()..).unwrap_or_default(), 2) {
            Ok(first) => return utf8(text, prefix, first),
            Err(Escape::Partial) => return Escape::Partial,
            Err(_) => {}
        }
    }
    Escape::None
}

/// `&#58;`, `&#x3a;`, `&quot;`, each with `amp;` after the ampersand or without.
fn entity(text: &[u8]) -> Escape {
    let mut from = 1_usize;
    for _ in 0..MAX_DEPTH {
        let rest = text.get(from..).unwrap_or_default();
        // "&amp;" itself is an ampersand, unless it is followed by what one escapes.
        match rest.get(..4) {
            Some(b"amp;") => match named(rest.get(4..).unwrap_or_default()) {
                Escape::None => break,
                Escape::Partial => return Escape::Partial,
                Escape::Char(..) => from = from.saturating_add(4),
            },
            Some(_) => break,
            None if b"amp;".starts_with(rest) => return Escape::Partial,
            None => break,
        }
    }
    after(from, named(text.get(from..).unwrap_or_default()))
}

/// What follows the ampersand.
fn named(text: &[u8]) -> Escape {
    let numbered = |from: usize, radix: u32| {
        let digits = text.get(from..).unwrap_or_default();
        let digits = digits.iter().take(MAX_NAME);
        let digits: &[u8] = {
            let count = digits.take_while(|byte| char::from(**byte).is_digit(radix)).count();
            text.get(from..from.saturating_add(count)).unwrap_or_default()
        };
        let end = from.saturating_add(digits.len());
        let value = core::str::from_utf8(digits).ok();
        let value = value.and_then(|digits| u32::from_str_radix(digits, radix).ok());
        match (text.get(end), value.and_then(char::from_u32)) {
            (None, _) if digits.len() < MAX_NAME => Escape::Partial,
            (Some(b';'), Some(c)) => Escape::Char(c, end.saturating_add(1)),
            _ => Escape::None,
        }
    };
    match text {
        [] | [b'#'] => Escape::Partial,
        [b'#', b'x' | b'X', ..] => numbered(2, 16),
        [b'#', ..] => numbered(1, 10),
        _ => {
            let letters = text.iter().take(MAX_NAME).take_while(|b| b.is_ascii_alphabetic());
            let letters = letters.count();
            // "&frac12;" and "&sup2;".
            let rest = text.get(letters..).unwrap_or_default();
            let digits = rest.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
            let end = letters.saturating_add(digits);
            match text.get(end) {
                None => Escape::Partial,
                Some(b';') if letters > 1 => {
                    let c = match text.get(..letters).unwrap_or_default() {
                        b"nbsp" | b"ensp" | b"emsp" | b"thinsp" | b"hairsp" | b"numsp"
                        | b"puncsp" | b"Tab" => ' ',
                        b"NewLine" => '\n',
                        b"ndash" | b"mdash" | b"minus" | b"hyphen" | b"dash" => '-',
                        b"zwj" | b"zwnj" | b"shy" | b"lrm" | b"rlm" => UNSEEN,
                        b"middot" | b"bull" | b"period" => '.',
                        b"sol" => '/',
                        b"comma" => ',',
                        b"apos" => '\'',
                        b"lowbar" => '_',
                        _ => '"',
                    };
                    Escape::Char(c, end.saturating_add(1))
                }
                Some(_) => Escape::None,
            }
        }
    }
}

/// `\n`, `\u00a0`, `\u{a0}`, `\x3A`, and a terminal's sequence whose control character is escaped.
fn backslash(text: &[u8]) -> Escape {
    let ends = |c: char, length: usize| {
        if c == '\u{1b}' {
            let rest = text.get(length..).unwrap_or_default();
            match sequence(rest) {
                Escape::None => Escape::Char(UNSEEN, length),
                found => after(length, found),
            }
        } else {
            Escape::Char(c, length)
        }
    };
    match text.get(1) {
        None => Escape::Partial,
        Some(b'n' | b'r') => Escape::Char('\n', 2),
        Some(b't') => Escape::Char('\t', 2),
        // What it stands for before a bracket alone: it may be a word's first letter.
        Some(b'e') => match sequence(text.get(2..).unwrap_or_default()) {
            Escape::Char(c, length) => Escape::Char(c, length.saturating_add(2)),
            other => other,
        },
        // So may this be: a stroke and the first digits of a group.
        Some(b'0') => match text.get(..text.len().min(4)) {
            Some(b"\\033") => match sequence(text.get(4..).unwrap_or_default()) {
                Escape::Char(c, length) => Escape::Char(c, length.saturating_add(4)),
                other => other,
            },
            Some(begun) if begun.len() < 4 && b"\\033".starts_with(begun) => Escape::Partial,
            _ => Escape::None,
        },
        Some(b'x') => match hexadecimal(text.get(2..).unwrap_or_default(), 2) {
            Ok(0x1B) => ends('\u{1b}', 4),
            Ok(first) => utf8(text, b"\\x", first),
            Err(other) => other,
        },
        Some(b'u') if text.get(2) == Some(&b'{') => {
            let digits = text.iter().skip(3).take(6).take_while(|byte| byte.is_ascii_hexdigit());
            let count = digits.count();
            let end = count.saturating_add(3);
            match (text.get(end), hexadecimal(text.get(3..).unwrap_or_default(), count)) {
                (None, _) => Escape::Partial,
                (Some(b'}'), Ok(value)) if count > 0 => match char::from_u32(value) {
                    Some(c) => ends(c, end.saturating_add(1)),
                    None => Escape::None,
                },
                _ => Escape::None,
            }
        }
        Some(b'u') => match hexadecimal(text.get(2..).unwrap_or_default(), 4) {
            // Half of a pair is no character by itself.
            Ok(value) => char::from_u32(value).map_or(Escape::None, |c| ends(c, 6)),
            Err(other) => other,
        },
        Some(_) => Escape::None,
    }
}

/// What a byte is to an escape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Within,
    Begins,
}

/// What each byte is.
const PARTS: [Part; 256] = {
    let mut parts = [Part::None; 256];
    let (mut rest, mut byte) = (parts.as_mut_slice(), 0_u8);
    while let [part, others @ ..] = rest {
        *part = match byte {
            byte if begins(byte) => Part::Begins,
            b'#' | b';' | b'[' | b'{' | b'}' | b'?' => Part::Within,
            byte if byte.is_ascii_alphanumeric() => Part::Within,
            _ => Part::None,
        };
        (rest, byte) = (others, byte.wrapping_add(1));
    }
    parts
};

/// Where an escape begins that goes on beyond `at` or ends there, if there is one.
fn around(text: &[u8], at: usize, is: impl Fn(usize) -> bool) -> Option<(usize, Escape)> {
    let mut found = None;
    let mut from = at;
    let window = text.get(at.saturating_sub(MAX_ESCAPE_BYTES)..at)?;
    for byte in window.iter().rev() {
        let part = PARTS.get(usize::from(*byte)).copied().unwrap_or(Part::None);
        if part == Part::None {
            break;
        }
        from = from.saturating_sub(1);
        if part == Part::Begins {
            let here = escape(text.get(from..).unwrap_or_default());
            let reaches = match here {
                Escape::Char(_, length) => is(from.saturating_add(length)),
                Escape::Partial => true,
                Escape::None => false,
            };
            // One that begins before may have this one within it.
            if reaches {
                found = Some((from, here));
            }
        }
    }
    found
}

/// Where a byte at `at` belongs to an escape, the beginning of that; else `at`.
pub(super) fn start(text: &[u8], at: usize) -> usize {
    around(text, at, |end| at < end).map_or(at, |(from, _)| from)
}

/// The character whose escape ends just before `at`, and where it begins.
pub(super) fn before(text: &[u8], at: usize) -> Option<(char, usize)> {
    match around(text.get(..at)?, at, |end| end == at)? {
        (from, Escape::Char(c, _)) => Some((c, from)),
        _ => None,
    }
}

/// Where an escape begins that the end of `text` cuts off; else its end.
pub(super) fn partial(text: &[u8]) -> usize {
    let end = text.len();
    match around(text, end, |_| false) {
        Some((from, Escape::Partial)) => from,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_one_character() {
        for (text, c) in [
            ("%3A", ':'),
            ("%253a", ':'),
            ("%25253A", ':'),
            ("%C2%A0", '\u{a0}'),
            ("%25C2%25A0", '\u{a0}'),
            ("%FF", 'ÿ'),
            ("\\u00a0", '\u{a0}'),
            ("\\u{a0}", '\u{a0}'),
            ("\\x22", '"'),
            ("\\xE2\\x80\\x89", '\u{2009}'),
            ("&#58;", ':'),
            ("&#x3a;", ':'),
            ("&nbsp;", ' '),
            ("&amp;nbsp;", ' '),
            ("&amp;", '"'),
            ("&sup2;", '"'),
            ("\u{1b}[31;1m", UNSEEN),
            ("\u{1b}[K", UNSEEN),
            ("\\x1b[0m", UNSEEN),
            ("\\u001b[38;5;12m", UNSEEN),
            ("\\033[31m", UNSEEN),
            ("\\e[31m", UNSEEN),
            ("^[[31m", UNSEEN),
            ("%u2009", '\u{2009}'),
            ("&hairsp;", ' '),
            ("\\n", '\n'),
            ("\\t", '\t'),
        ] {
            let long = format!("x{text} y");
            assert_eq!(escape(&long.as_bytes()[1..]), Escape::Char(c, text.len()), "{text:?}");
            // An ampersand may be the beginning of another escape.
            let ended = before(long.as_bytes(), text.len() + 1);
            assert!(ended == Some((c, 1)) || text == "&amp;", "{text:?}");
            for at in 2..=text.len() {
                assert_eq!(start(long.as_bytes(), at), 1, "{text:?} {at}");
                let cut = &long.as_bytes()[..at];
                let known = matches!(escape(&cut[1..]), Escape::Char(..));
                assert!(known || partial(cut) == 1, "{text:?} {at}");
            }
            assert!(text.len() <= MAX_ESCAPE_BYTES);
        }
        for text in [
            "%zz", "%", "100%x", "&x;", "&#;", "\\x4", "\\u{}", "\\q", "\u{1b}x", "AT&T 4",
            "%B4242", "\\0336", "\\033\\",
        ] {
            assert!(!matches!(escape(text.as_bytes()), Escape::Char(..)), "{text:?}");
        }
    }
}
