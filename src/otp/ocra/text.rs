//! The text of a challenge question, before it is encoded.

use core::fmt;

use crate::otp::ocra::{ChallengeFormat, ChallengeKind};

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
    pub(super) fn new(format: ChallengeFormat, text: &str) -> Result<Self, OcraChallengeError> {
        let len = u8::try_from(text.len()).map_err(|_| OcraChallengeError::TooLong)?;
        if len == 0 {
            return Err(OcraChallengeError::Empty);
        }
        if len > format.max_len() {
            return Err(OcraChallengeError::TooLong);
        }
        if !text.bytes().all(|byte| format.kind().permits(byte)) {
            return Err(OcraChallengeError::Characters);
        }
        let mut room = [0; MAX_LEN];
        room.iter_mut().zip(text.bytes()).for_each(|(to, byte)| *to = byte);
        Ok(Self { kind: format.kind(), len, room })
    }

    /// Of exactly the longest length: between two challenges there is nothing to tell where one ends.
    pub(super) fn exactly(format: ChallengeFormat, text: &str) -> Result<Self, OcraChallengeError> {
        let text = Self::new(format, text)?;
        if text.len == format.max_len() { Ok(text) } else { Err(OcraChallengeError::TooShort) }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not a secret, but it may be an account number.
        write!(f, "{:?}, {} characters", self.kind, self.len)
    }
}

/// Why text is not a challenge of its format. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OcraChallengeError {
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
