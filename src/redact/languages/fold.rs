//! Words as they are compared: in lower case and without accents.

use crate::redact::languages::MAX_WORD_BYTES;

/// A word as words are compared; `None` if it is empty or too long.
pub(in crate::redact) fn fold(word: &str) -> Option<String> {
    folded(word, |word| Some(word.to_owned())).filter(|word| !word.is_empty())
}

/// Calls `look_up` with `word` in lower case and without accents; Indian vowel signs stay.
pub(in crate::redact) fn folded<T>(
    word: &str,
    look_up: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    // Not on the heap: it may be a digit.
    let mut folded = [0; MAX_WORD_BYTES];
    if word.is_ascii() {
        let folded = folded.get_mut(..word.len())?;
        folded.copy_from_slice(word.as_bytes());
        folded.make_ascii_lowercase();
        return look_up(core::str::from_utf8(folded).ok()?);
    }
    let mut length = Some(0_usize);
    let mut push = |c: char| {
        let from = length?;
        let end = from.saturating_add(c.len_utf8());
        length = folded.get_mut(from..end).map(|room| {
            c.encode_utf8(room);
            end
        });
        length
    };
    for c in word.chars() {
        unicode_normalization::char::decompose_compatible(c, |part| {
            for part in part.to_lowercase() {
                let plain = match part {
                    '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' => continue,
                    'ß' => {
                        push('s');
                        's'
                    }
                    'ı' => 'i',
                    'ł' => 'l',
                    'ø' => 'o',
                    'đ' | 'ð' => 'd',
                    part => part,
                };
                push(plain);
            }
        });
    }
    look_up(core::str::from_utf8(folded.get(..length?)?).ok()?)
}
