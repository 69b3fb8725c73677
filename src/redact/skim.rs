//! Passing over text without digits, as fast as memory allows.

use crate::redact::chars::may_begin_digit;

/// Bytes looked at in one go: a few vector registers, so that the compiler uses them.
const BLOCK: usize = 64;

/// Where, from `from` on, the first digit stands or may begin.
pub(super) fn digit(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let mut at = from;
    let (blocks, tail) = rest.as_chunks::<BLOCK>();
    for block in blocks {
        // Whether any byte is a digit or not ASCII, without a branch.
        let found = block.iter().fold(0_u8, |found, byte| {
            found | (byte & 0x80) | u8::from(byte.wrapping_sub(b'0') < 10)
        });
        if found != 0
            && let Some(within) = block.iter().position(may_begin)
        {
            return Some(at.saturating_add(within));
        }
        at = at.saturating_add(BLOCK);
    }
    tail.iter().position(may_begin).map(|within| at.saturating_add(within))
}

fn may_begin(byte: &u8) -> bool {
    byte.is_ascii_digit() || may_begin_digit(*byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_at_every_place() {
        for length in 0..200_usize {
            let mut text = vec![b'x'; length];
            assert_eq!(digit(&text, 0), None);
            for at in 0..length {
                text[at] = b'7';
                assert_eq!(digit(&text, 0), Some(at));
                assert_eq!(digit(&text, at), Some(at));
                assert_eq!(digit(&text, at + 1), None);
                text[at] = 0xE2;
                assert_eq!(digit(&text, 0), None);
                text[at] = 0xEF;
                assert_eq!(digit(&text, 0), Some(at));
                text[at] = b'x';
            }
        }
        assert_eq!(digit(b"/:", 0), None);
        assert_eq!(digit(b"x", 7), None);
    }
}
