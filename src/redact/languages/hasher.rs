//! The hash of a word, for tables whose keys are the host's own: nobody else can fill them, so that no hash has to be
//! secret, and a word is looked up in a few instructions.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

/// A table of words.
pub(in crate::redact) type Table<V> = HashMap<Box<[u8]>, V, BuildHasherDefault<WordHasher>>;

/// An odd number without a pattern: 2 to the 64th by the golden ratio.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Debug, Default, Clone, Copy)]
pub(in crate::redact) struct WordHasher(u64);

impl WordHasher {
    const fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            self.add(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    fn write_usize(&mut self, length: usize) {
        self.0 ^= length as u64;
    }

    fn finish(&self) -> u64 {
        // A table takes its place from the lowest bits, which depend on few of the word's.
        self.0 ^ self.0 >> 32
    }
}
