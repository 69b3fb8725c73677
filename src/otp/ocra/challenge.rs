//! Challenges, a type for each role.

use core::fmt;

use super::question::Question;
use super::suite_parts::{ChallengeFormat, ChallengeKind};

/// The longest challenge, in characters.
const MAX_LEN: usize = 64;

/// A challenge's text: ASCII of its kind, 1 to 64 characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) kind: ChallengeKind,
    pub(super) len: u8,
    /// NUL past its end.
    pub(super) room: [u8; MAX_LEN],
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
        Ok(Self { kind: format.kind(), len, room })
    }

    /// Of exactly the longest length: between two challenges there is nothing to tell where one ends.
    fn exactly(format: ChallengeFormat, text: &str) -> Result<Self, ChallengeError> {
        let text = Self::new(format, text)?;
        if text.len == format.max_len() { Ok(text) } else { Err(ChallengeError::TooShort) }
    }

    /// A challenge that stands alone, as the data input has it.
    fn alone(format: ChallengeFormat, text: &str) -> Result<Question, ChallengeError> {
        Self::new(format, text).map(|text| Question::of(&text, None))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not a secret, but it may be an account number.
        write!(f, "{:?}, {} characters", self.kind, self.len)
    }
}

macro_rules! role {
    ($(#[$doc:meta])* $name:ident($inner:ident), $of:ident, $(#[$new:meta])*) => {
        $(#[$doc])*
        ///
        /// `Debug` shows its kind and length alone: a question may be made from an account number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name($inner);

        impl $name {
            $(#[$new])*
            pub fn new(format: ChallengeFormat, text: &str) -> Result<Self, ChallengeError> {
                Text::$of(format, text).map(Self)
            }

            pub(super) const fn inner(&self) -> &$inner {
                &self.0
            }
        }
    };
}

role! {
    /// The verifier's challenge in one-way challenge-response (RFC 6287 §7.1).
    Challenge(Question), alone,
    /// A challenge of 1 to `max_len` characters.
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] if it is empty, too long, or has characters of another kind.
}

role! {
    /// The client's challenge, QC, in mutual challenge-response (RFC 6287 §7.2).
    ClientChallenge(Text), exactly,
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
    ServerChallenge(Text), exactly,
    /// A challenge of exactly `max_len` characters, for the reason given at [`ClientChallenge::new`].
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] if its length differs or it has characters of another kind.
}

role! {
    /// What is signed (RFC 6287 §7.3).
    ///
    /// The type keeps signatures and ordinary responses apart within a program. The computation is the
    /// same for both, so that across programs only a separate key for signatures does.
    SignatureChallenge(Question), alone,
    /// What to sign, 1 to `max_len` characters. Numeric questions don't tell amounts apart: see
    /// [`ChallengeFormat::numeric`].
    ///
    /// # Errors
    ///
    /// [`ChallengeError`] if it is empty, too long, or has characters of another kind.
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
    /// Characters that its kind does not have. RFC 6287 has letters and digits in a question of the
    /// kind QA; other implementations take spaces and punctuation too, and what a client computes over
    /// those differs among them.
    #[error(
        "the challenge has characters that the suite's kind of challenge does not permit: QN has ASCII \
         digits, QH hexadecimal digits, QA ASCII letters and digits, and none has spaces or punctuation"
    )]
    Characters,
}
