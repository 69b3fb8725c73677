//! Words that are in no table, told by their first two letters and their length: most words are none of ours.

/// The letters of ASCII, and what is none.
const LETTERS: usize = 32;

/// For each two letters, the lengths of the words that begin with them, as bits; of one bit for all from 63 on.
#[derive(Debug, Clone)]
pub(in crate::redact) struct Filter([u64; LETTERS * LETTERS]);

impl Default for Filter {
    fn default() -> Self {
        Self([0; LETTERS * LETTERS])
    }
}

/// The place of the first two letters or bytes, whatever their case.
fn place(word: &[u8]) -> usize {
    let letter = |at: usize| word.get(at).map_or(0, |byte| usize::from(byte & 0x1F));
    letter(0).saturating_mul(LETTERS).saturating_add(letter(1))
}

fn bit(length: usize) -> u64 {
    1 << length.min(63)
}

impl Filter {
    /// Adds a word in lower case.
    pub(in crate::redact) fn add(&mut self, word: &[u8]) {
        if let Some(lengths) = self.0.get_mut(place(word)) {
            *lengths |= bit(word.len());
        }
    }

    /// Adds all words that begin with these letters.
    pub(in crate::redact) fn add_beginning(&mut self, begin: [u8; 2]) {
        if let Some(lengths) = self.0.get_mut(place(&begin)) {
            *lengths = u64::MAX;
        }
    }

    /// Whether a word may be one that was added. Its case makes no difference if it is ASCII.
    pub(in crate::redact) fn may_be(&self, word: &[u8]) -> bool {
        self.0.get(place(word)).is_none_or(|lengths| lengths & bit(word.len()) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_that_was_added_is_left_out() {
        let mut filter = Filter::default();
        filter.add(b"two");
        filter.add(b"o");
        filter.add_beginning(*b"ei");
        for word in ["two", "TWO", "Two", "o", "eins", "EINUNDZWANZIG"] {
            assert!(filter.may_be(word.as_bytes()), "{word}");
        }
        for word in ["ten", "tw", "twos", "oh", "a", "ex"] {
            assert!(!filter.may_be(word.as_bytes()), "{word}");
        }
    }
}
