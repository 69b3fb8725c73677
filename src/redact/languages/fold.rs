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
    folded_bytes(word, |word| look_up(core::str::from_utf8(word).ok()?))
}

/// Calls `look_up` with a word of ASCII letters in lower case.
pub(in crate::redact) fn folded_ascii<T>(
    word: &[u8],
    look_up: impl FnOnce(&[u8]) -> Option<T>,
) -> Option<T> {
    let mut folded = [0; MAX_WORD_BYTES];
    let folded = folded.get_mut(..word.len())?;
    for (folded, byte) in folded.iter_mut().zip(word) {
        *folded = byte.to_ascii_lowercase();
    }
    look_up(folded)
}

/// The same, with the bytes of the word.
pub(in crate::redact) fn folded_bytes<T>(
    word: &str,
    look_up: impl FnOnce(&[u8]) -> Option<T>,
) -> Option<T> {
    // Not on the heap: it may be a digit.
    let mut folded = [0; MAX_WORD_BYTES];
    if word.is_ascii() {
        return folded_ascii(word.as_bytes(), look_up);
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
    look_up(folded.get(..length?)?)
}
