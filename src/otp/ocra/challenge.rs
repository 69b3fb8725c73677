//! Challenges, a type for each role, and how they are written into the data input.

use core::fmt;

use super::suite_parts::{ChallengeFormat, ChallengeKind};
use crate::otp::seed::nibble;

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

    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.room.iter().copied().take(usize::from(self.len))
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
    let text = first.bytes().chain(second.into_iter().flat_map(Text::bytes));
    match first.kind {
        ChallengeKind::Alphanumeric => {
            let mut question = [0; QUESTION_LEN];
            question.iter_mut().zip(text).for_each(|(to, byte)| *to = byte);
            question
        }
        ChallengeKind::Hexadecimal => pack(text.filter_map(nibble)),
        ChallengeKind::Numeric => Number::of(text).into_question(),
    }
}

/// Half bytes from the left, zeros after them.
fn pack(nibbles: impl Iterator<Item = u8>) -> [u8; QUESTION_LEN] {
    let mut question = [0; QUESTION_LEN];
    let mut nibbles = nibbles;
    for byte in &mut question {
        let Some(high) = nibbles.next() else { break };
        *byte = (high << 4) | nibbles.next().unwrap_or(0);
    }
    question
}

/// A number of up to 128 decimal digits: 425.2 bits, so 14 limbs, the least significant first.
struct Number([u32; 14]);

impl Number {
    fn of(mut digits: impl Iterator<Item = u8>) -> Self {
        let mut number = Self([0; 14]);
        loop {
            let (mut factor, mut addend) = (1, 0);
            // Nine digits at a time: the most that a limb holds.
            for digit in digits.by_ref().take(9) {
                factor *= 10;
                addend = addend * 10 + u64::from(digit.wrapping_sub(b'0'));
            }
            if factor == 1 {
                return number;
            }
            number.multiply_and_add(factor, addend);
        }
    }

    fn multiply_and_add(&mut self, factor: u64, addend: u64) {
        let mut carry = addend;
        for limb in &mut self.0 {
            let wide = u64::from(*limb) * factor + carry;
            *limb = u32::try_from(wide & u64::from(u32::MAX)).unwrap_or_default();
            carry = wide >> 32;
        }
    }

    /// In hexadecimal without leading zeros (zero is one `0`), from the left.
    fn into_question(self) -> [u8; QUESTION_LEN] {
        let bytes = self.0.iter().rev().flat_map(|limb| limb.to_be_bytes());
        pack(bytes.flat_map(|byte| [byte >> 4, byte & 0x0f]).skip_while(|nibble| *nibble == 0))
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
