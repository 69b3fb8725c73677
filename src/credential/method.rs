//! How a credential makes its codes, and what is asked for when one is enrolled or imported.

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::codec::cbor::Malformed;
use crate::codec::table::{numbered, record};
use crate::otp::ocra::{ChallengeFormat, ChallengeKind, Suite, Truncation};
use crate::otp::{Algorithm, Digits, Totp};
use crate::policy::TIME_STEP_LIMIT;
use crate::values::agent_safe::agent_safe;
use crate::values::secret::silent_serde;
use crate::values::time::Timestamp;

numbered! {
    /// How a code comes about.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum Method {
        /// A private key in the phone's secure hardware, which signs everything that the app shows. Nobody without
        /// that key makes a signature under it, the enterprise included.
        DeviceKey = 5,
        /// A passkey (WebAuthn Level 3), which signs a digest of everything that is shown. Its relying party is one that
        /// is never logged in to.
        Passkey = 6,
        /// The app's answer to everything it shows (RFC 6287), or a fob's to a question that stands for it:
        /// the code is good for that alone.
        Ocra = 1,
        /// An authenticator with a clock (RFC 6238). Its code says nothing of what it is given for.
        Totp = 2,
        /// An authenticator with a counter (RFC 4226). Its code says nothing of what it is given for.
        Hotp = 3,
        /// A code that the enterprise sends in a message which names amount and payee.
        Delivered = 4,
    }
}

impl Method {
    /// Whether the customer answers with a private key of theirs, which the enterprise does not have.
    #[must_use]
    pub const fn signs(self) -> bool {
        matches!(self, Self::DeviceKey | Self::Passkey)
    }
}

impl Method {
    /// Whether an answer covers what the customer says and types in the prompt: the digits, who rang whom. A code that
    /// is made before does not.
    #[must_use]
    pub const fn covers_answers(self) -> bool {
        matches!(self, Self::DeviceKey | Self::Passkey | Self::Ocra)
    }
}

silent_serde!(Method: "a method of answering");
agent_safe!(Method);

/// A method with its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) method: Method,
    pub(crate) algorithm: Algorithm,
    pub(crate) digits: Digits,
    pub(crate) period: NonZeroU32,
    /// What an OCRA question looks like.
    pub(crate) question: ChallengeFormat,
    /// The hash function of a fob's PIN, if its suite has one.
    pub(crate) pin: Option<Algorithm>,
    /// Whether a signature counts only together with the PIN's code.
    pub(crate) with_code: bool,
}

impl Parameters {
    /// What each method has unless said otherwise.
    pub(crate) const fn of(method: Method) -> Self {
        let (algorithm, digits) = match method {
            Method::Ocra | Method::Delivered | Method::DeviceKey | Method::Passkey => {
                (Algorithm::Sha256, Digits::EIGHT)
            }
            Method::Totp | Method::Hotp => (Algorithm::Sha1, Digits::SIX),
        };
        let (period, question) = (Totp::THIRTY_SECONDS, ChallengeFormat::QH64);
        Self { method, algorithm, digits, period, question, pin: None, with_code: false }
    }

    /// Whether a new credential may have these.
    pub(crate) fn fit(&self) -> bool {
        self.method != Method::Totp || self.period.get() <= TIME_STEP_LIMIT
    }

    /// Whether an answer has a code, alone or beside a signature.
    pub(crate) const fn asks_code(&self) -> bool {
        !self.method.signs() || self.with_code
    }

    /// The last time step that began by `at`. `None` but for TOTP.
    pub(crate) fn step_at(&self, at: Timestamp) -> Option<u64> {
        if self.method == Method::Totp {
            at.unix().checked_div(self.period.get().into())
        } else {
            None
        }
    }

    /// The OCRA suite of these.
    pub(crate) fn suite(&self) -> Option<Suite> {
        let truncation = Truncation::to_digits(self.digits.get()).ok()?;
        let suite = Suite::new(self.algorithm, truncation, self.question);
        Some(self.pin.map_or(suite, |algorithm| suite.with_pin_hash(algorithm)))
    }

    /// With the suite of an app, whose only input is a whole digest.
    pub(crate) fn with_app_suite(self, suite: &Suite) -> Result<Self, UnsuitableSuite> {
        let parameters = self.with_fob_suite(suite).map_err(|_| UnsuitableSuite)?;
        let whole = parameters.question == ChallengeFormat::QH64 && parameters.pin.is_none();
        if whole { Ok(parameters) } else { Err(UnsuitableSuite) }
    }

    /// With the suite of a fob, which a person types the question into.
    pub(crate) fn with_fob_suite(mut self, suite: &Suite) -> Result<Self, UnsuitableFob> {
        if suite.has_counter() || suite.session().is_some() || suite.time_step().is_some() {
            return Err(UnsuitableFob::Inputs);
        }
        let digits = suite.truncation().digits().ok_or(UnsuitableFob::Digits)?;
        self.digits = Digits::new(digits).map_err(|_| UnsuitableFob::Digits)?;
        let format = suite.challenge_format();
        let shortest = match format.kind() {
            ChallengeKind::Numeric => 8,
            ChallengeKind::Hexadecimal => 7,
            ChallengeKind::Alphanumeric => 6,
        };
        if format.max_len() < shortest {
            return Err(UnsuitableFob::Question);
        }
        (self.algorithm, self.question, self.pin) = (suite.algorithm(), format, suite.pin_hash());
        Ok(self)
    }
}

record! {
    Parameters as parameters {
        // A whole digest is not written.
        let typed = Some(parameters.question).filter(|question| *question != ChallengeFormat::QH64);
        0 => method,
        1 => algorithm,
        2 => digits,
        3 => period,
        4 => kind: Option<ChallengeKind> = typed.map(|question| question.kind()),
        5 => length: Option<u8> = typed.map(|question| question.max_len()),
        6 => pin,
        7 unless false => with_code,
    } {
        let question = match (kind, length) {
            (None, None) => ChallengeFormat::QH64,
            (Some(kind), Some(length)) => {
                ChallengeFormat::new(kind, length).map_err(|_| Malformed)?
            }
            _ => return Err(Malformed),
        };
        Ok(Self { method, algorithm, digits, period, question, pin, with_code })
    }
}

/// The suite has other inputs than a question of 64 hexadecimal digits, or fewer than six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an app needs a suite such as OCRA-1:HOTP-SHA256-8:QH64, with 6 to 10 digits")]
#[non_exhaustive]
pub struct UnsuitableSuite;

/// Why an OCRA fob cannot answer step-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum UnsuitableFob {
    /// The suite has a counter, session information or the time.
    #[error("a fob's suite has a question, perhaps a PIN hash, and nothing else")]
    Inputs,
    /// The response is no code of 6 to 10 digits.
    #[error("a fob's response has 6 to 10 digits")]
    Digits,
    /// There are fewer than a hundred million questions, so that two step-ups are asked the same one too
    /// often.
    #[error("a fob's question has at least 8 digits, 7 hexadecimal digits or 6 letters")]
    Question,
    /// The suite has a PIN hash and none was given, or one of another hash function; or one was given
    /// that it does not have.
    #[error("a PIN hash is given if the suite has one, made with the suite's hash function for it")]
    PinHash,
}
