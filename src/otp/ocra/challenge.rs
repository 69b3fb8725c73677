//! Challenges, a type for each role, and how they are written into the data input.

use core::fmt;

use super::suite_parts::{ChallengeFormat, ChallengeKind};

/// The longest challenge, in characters.
const MAX_LEN: usize = 64;
/// The challenge's room in the data input, in bytes (RFC 6287 §5.1).
pub(super) const QUESTION_LEN: usize = 128;

/// A challenge's text: ASCII of its kind, 1 to 64 characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    kind: ChallengeKind,
    room: [u8; MAX_LEN],
    len: u8,
}

impl Text {
    fn new(format: ChallengeFormat, text: &str) -> Result<Self, ChallengeError> {
        let len = u8::try_from(text.len()).map_err(|_| ChallengeError::TooLong)?;
        if len == 0 {
            return Err(ChallengeError::Empty);
        }
        if len > format.max_len() {
            return Err(ChallengeError::TooLong);
        }
        if !text.bytes().all(|byte| format.kind().permits(byte)) {
            return Err(ChallengeError::Characters);
        }
        let mut room = [0; MAX_LEN];
        room.iter_mut().zip(text.bytes()).for_each(|(to, byte)| *to = byte);
        Ok(Self { kind: format.kind(), room, len })
    }

    /// Of exactly the longest length: between two challenges there is nothing to tell where one ends.
    fn exactly(format: ChallengeFormat, text: &str) -> Result<Self, ChallengeError> {
        let text = Self::new(format, text)?;
        if text.len == format.max_len() { Ok(text) } else { Err(ChallengeError::TooShort) }
    }

    pub(super) const fn kind(&self) -> ChallengeKind {
        self.kind
    }

    pub(super) const fn len(&self) -> u8 {
        self.len
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not a secret, but it may be an account number.
        write!(f, "{:?}, {} characters", self.kind, self.len)
    }
}

macro_rules! role {
    ($(#[$doc:meta])* $name:ident, $of:ident, $(#[$new:meta])*) => {
        $(#[$doc])*
        ///
        /// `Debug` shows its kind and length alone: a question may be made from an account number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(Text);

        impl $name {
            $(#[$new])*
            pub fn new(format: ChallengeFormat, text: &str) -> Result<Self, ChallengeError> {
                Text::$of(format, text).map(Self)
            }

            pub(super) const fn text(&self) -> &Text {
                &self.0
            }
        }
    };
}

role! {
    /// The verifier's challenge in one-way challenge-response (RFC 6287 §7.1).
    Challenge, new,
    /// A challenge of 1 to `max_len` characters.
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] if it is empty, too long, or has characters of another kind.
}

role! {
    /// The client's challenge, QC, in mutual challenge-response (RFC 6287 §7.2).
    ClientChallenge, exactly,
    /// A challenge of exactly `max_len` characters.
    ///
    /// The two challenges are put end to end with no mark between them, so a shorter one could be
    /// continued by the other side's.
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] if its length differs or it has characters of another kind.
}

role! {
    /// The server's challenge, QS, in mutual challenge-response (RFC 6287 §7.2).
    ServerChallenge, exactly,
    /// A challenge of exactly `max_len` characters, for the reason given at [`ClientChallenge::new`].
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] if its length differs or it has characters of another kind.
}

role! {
    /// What is signed (RFC 6287 §7.3): a type of its own, so that no answer to an ordinary challenge is
    /// asked for, or taken, as a signature. Use a separate key for signatures all the same.
    SignatureChallenge, new,
    /// What to sign, 1 to `max_len` characters. Numeric questions don't tell amounts apart: see
    /// [`ChallengeFormat::numeric`].
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] if it is empty, too long, or has characters of another kind.
}

/// Writes one or two challenges of one kind, one text after the other, as RFC 6287 §5.1 wants them.
pub(super) fn question(first: &Text, second: Option<&Text>) -> [u8; QUESTION_LEN] {
    let mut text = [0; QUESTION_LEN];
    let mut len = 0;
    for part in [Some(first), second].into_iter().flatten() {
        // Two of 64 characters fill it; what is past a challenge's end is zero.
        if let Some(to) = text.get_mut(len..).and_then(<[u8]>::first_chunk_mut) {
            *to = part.room;
        }
        len += usize::from(part.len);
    }
    match first.kind {
        ChallengeKind::Alphanumeric => text,
        ChallengeKind::Hexadecimal => packed(&text),
        ChallengeKind::Numeric => Number::of(text.get(..len).unwrap_or_default()).question(),
    }
}

/// The bytes that hexadecimal digits write; NUL, the padding, is taken for 0.
fn packed(digits: &[u8; QUESTION_LEN]) -> [u8; QUESTION_LEN] {
    // Without branches, so that all of it goes through vector registers.
    let half = |digit: u8| (digit & 0x0f) + 9 * (digit >> 6);
    let mut question = [0; QUESTION_LEN];
    for (to, [high, low]) in question.iter_mut().zip(digits.as_chunks().0) {
        *to = (half(*high) << 4) | half(*low);
    }
    question
}

/// A number of up to 128 decimal digits: 425.2 bits, so 14 limbs, the least significant first.
struct Number {
    limbs: [u32; 14],
    used: usize,
}

impl Number {
    fn of(digits: &[u8]) -> Self {
        let mut number = Self { limbs: [0; 14], used: 0 };
        // Nine digits at a time: the most that a limb holds.
        for digits in digits.chunks(9) {
            let (mut factor, mut addend) = (1, 0);
            for digit in digits {
                factor *= 10;
                addend = addend * 10 + u64::from(digit.wrapping_sub(b'0'));
            }
            number.multiply_and_add(factor, addend);
        }
        number
    }

    fn multiply_and_add(&mut self, factor: u64, addend: u64) {
        let mut carry = addend;
        self.used += 1;
        for limb in self.limbs.iter_mut().take(self.used) {
            let wide = u64::from(*limb) * factor + carry;
            *limb = u32::try_from(wide & u64::from(u32::MAX)).unwrap_or_default();
            carry = wide >> 32;
        }
        // Nine digits are fewer than 30 bits, so a limb each is always enough.
    }

    /// In hexadecimal without leading zeros (zero is one `0`), from the left.
    fn question(&self) -> [u8; QUESTION_LEN] {
        let mut question = [0; QUESTION_LEN];
        let limbs = self.limbs.iter().take(self.used).rev();
        let bytes = limbs.flat_map(|limb| limb.to_be_bytes()).skip_while(|byte| *byte == 0);
        let mut odd = false;
        let mut left = 0;
        let mut room = question.iter_mut();
        for (at, byte) in bytes.enumerate() {
            if at == 0 && byte < 0x10 {
                // An odd number of digits: each byte straddles two.
                odd = true;
                left = byte << 4;
            } else if let Some(to) = room.next() {
                *to = if odd { left | (byte >> 4) } else { byte };
                left = byte << 4;
            }
        }
        if odd && let Some(to) = room.next() {
            *to = left;
        }
        question
    }
}

/// Why text is not a challenge of its format. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// Nothing at all.
    #[error("a challenge has at least one character")]
    Empty,
    /// Longer than the format permits.
    #[error("the challenge is longer than the suite permits")]
    TooLong,
    /// Shorter than a mutual challenge has to be.
    #[error("a challenge in mutual authentication has the suite's full length")]
    TooShort,
    /// Characters that its kind does not have.
    #[error("the challenge has characters that the suite's kind of challenge does not permit")]
    Characters,
}
