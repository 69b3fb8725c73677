//! Characters that are written as escapes.

/// The character that an escape at the beginning of `text` stands for, and its length: `%3A` (RFC 3986), `&#58;`, `&nbsp;`
/// (HTML), `\u003a`, `\u{3a}`, `\x3a`.
pub(super) fn escape(text: &str) -> Option<(char, usize)> {
    let number = |digits: &str, radix: u32, before: usize, after: usize| {
        let value = u32::from_str_radix(digits, radix).ok()?;
        let length = before.saturating_add(digits.len()).saturating_add(after);
        Some((char::from_u32(value)?, length))
    };
    let run = |text: &str, most: usize, is: fn(&char) -> bool| {
        text.chars().take(most).take_while(is).map(char::len_utf8).sum::<usize>()
    };
    let hex: fn(&char) -> bool = char::is_ascii_hexdigit;
    if let Some(rest) = text.strip_prefix('%') {
        return number(rest.get(..2).filter(|two| run(two, 2, hex) == 2)?, 16, 1, 0);
    }
    if let Some(rest) = text.strip_prefix("&#") {
        let (rest, radix, before) = match rest.strip_prefix(['x', 'X']) {
            Some(rest) => (rest, 16, 3),
            None => (rest, 10, 2),
        };
        let digits = rest.get(..run(rest, 6, hex))?;
        return rest
            .get(digits.len()..)?
            .starts_with(';')
            .then(|| number(digits, radix, before, 1))?;
    }
    if let Some(rest) = text.strip_prefix('&') {
        let name = run(rest, 8, char::is_ascii_alphabetic);
        let closed = name > 1 && rest.get(name..)?.starts_with(';');
        return closed.then_some((' ', name.saturating_add(2)));
    }
    if let Some(rest) = text.strip_prefix("\\u{") {
        let digits = rest.get(..run(rest, 6, hex))?;
        return rest.get(digits.len()..)?.starts_with('}').then(|| number(digits, 16, 3, 1))?;
    }
    let (rest, count) = match text.strip_prefix("\\u") {
        Some(rest) => (rest, 4),
        None => (text.strip_prefix("\\x")?, 2),
    };
    number(rest.get(..count).filter(|digits| run(digits, count, hex) == count)?, 16, 2, 0)
}
