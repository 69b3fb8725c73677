//! Challenges, a type for each role.

use crate::otp::ocra::ChallengeFormat;
use crate::otp::ocra::question::Question;
use crate::otp::ocra::text::{OcraChallengeError, Text};

impl Text {
    /// A challenge that stands alone, as the data input has it.
    fn alone(format: ChallengeFormat, text: &str) -> Result<Question, OcraChallengeError> {
        Self::new(format, text).map(|text| Question::of(&text, None))
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
            pub fn new(format: ChallengeFormat, text: &str) -> Result<Self, OcraChallengeError> {
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
    OcraChallenge(Question), alone,
    /// A challenge of 1 to `max_len` characters.
    ///
    /// # Errors
    ///
    /// [`OcraChallengeError`] if it is empty, too long, or has characters of another kind.
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
    /// [`OcraChallengeError`] if its length differs or it has characters of another kind.
}

role! {
    /// The server's challenge, QS, in mutual challenge-response (RFC 6287 §7.2).
    ServerChallenge(Text), exactly,
    /// A challenge of exactly `max_len` characters, for the reason given at [`ClientChallenge::new`].
    ///
    /// # Errors
    ///
    /// [`OcraChallengeError`] if its length differs or it has characters of another kind.
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
    /// [`OcraChallengeError`] if it is empty, too long, or has characters of another kind.
}
