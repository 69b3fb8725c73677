//! The question as the data input has it: 128 bytes made from one challenge or two (RFC 6287 §5.1).

use core::fmt;

use crate::otp::ocra::ChallengeKind;
use crate::otp::ocra::text::Text;
use crate::otp::seed::nibble;

/// The question's room in the data input, in bytes (RFC 6287 §5.1).
const LEN: usize = 128;

/// One challenge, or two of one kind and length end to end, encoded once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) kind: ChallengeKind,
    /// The length of each challenge, in characters.
    pub(super) each: u8,
    pub(super) bytes: [u8; LEN],
}

impl Question {
    /// `first`'s text with `second`'s after it, in the encoding of `first`'s kind.
    pub(super) fn of(first: &Text, second: Option<&Text>) -> Self {
        let mut text = [0; LEN];
        let mut len = 0_usize;
        for part in [Some(first), second].into_iter().flatten() {
            // Two of 64 characters fill it; what is past a challenge's end is zero.
            if let Some(to) = text.get_mut(len..).and_then(<[u8]>::first_chunk_mut) {
                *to = part.room;
            }
            len = len.saturating_add(usize::from(part.len));
        }
        let used = text.get(..len).unwrap_or_default();
        let bytes = match first.kind {
            ChallengeKind::Alphanumeric => text,
            ChallengeKind::Hexadecimal => packed(used.iter().copied().filter_map(nibble)),
            ChallengeKind::Numeric => Number::of(used).packed(),
        };
        Self { kind: first.kind, each: first.len, bytes }
    }

    /// Two challenges, if they are of one kind and length.
    pub(super) fn of_two(first: &Text, second: &Text) -> Option<Self> {
        let alike = first.kind == second.kind && first.len == second.len;
        alike.then(|| Self::of(first, Some(second)))
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not a secret, but it may be an account number.
        write!(f, "{:?}, {} characters", self.kind, self.each)
    }
}

/// Half bytes from the left, zeros after them.
fn packed(mut halves: impl Iterator<Item = u8>) -> [u8; LEN] {
    let mut encoded = [0; LEN];
    for byte in &mut encoded {
        let Some(high) = halves.next() else { break };
        *byte = (high << 4) | halves.next().unwrap_or(0);
    }
    encoded
}

/// A number of up to 128 decimal digits: 425.2 bits, so 7 limbs, the least significant first.
struct Number([u64; 7]);

impl Number {
    fn of(digits: &[u8]) -> Self {
        let mut number = Self([0; 7]);
        // Nineteen digits at a time: the most that a limb holds.
        for digits in digits.chunks(19) {
            let (mut factor, mut addend) = (1_u64, 0_u64);
            for digit in digits {
                factor = factor.wrapping_mul(10);
                let digit = u64::from(digit.wrapping_sub(b'0'));
                addend = addend.wrapping_mul(10).wrapping_add(digit);
            }
            number.multiply_and_add(factor, addend);
        }
        number
    }

    fn multiply_and_add(&mut self, factor: u64, addend: u64) {
        let mut carry = addend;
        for limb in &mut self.0 {
            // At most (2^64 - 1)^2 + 2^64 - 1, which is below 2^128.
            let wide = u128::from(*limb).wrapping_mul(factor.into()).wrapping_add(carry.into());
            *limb = u64::try_from(wide & u128::from(u64::MAX)).unwrap_or_default();
            carry = u64::try_from(wide >> 64).unwrap_or_default();
        }
    }

    /// Its hexadecimal digits from the left, without leading zeros, and zeros after them.
    fn packed(&self) -> [u8; LEN] {
        let mut encoded = [0; LEN];
        for (to, limb) in encoded.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            to.copy_from_slice(&limb.to_be_bytes());
        }
        // Zero has no digit left, which the padding makes up for.
        let zeros = encoded.iter().take_while(|byte| **byte == 0).count();
        encoded.rotate_left(zeros);
        if encoded.first().is_some_and(|byte| *byte < 0x10) {
            let mut below = 0;
            for byte in encoded.iter_mut().rev() {
                (*byte, below) = ((*byte << 4) | below, *byte >> 4);
            }
        }
        encoded
    }
}
