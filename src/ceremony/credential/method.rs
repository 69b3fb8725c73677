//! How a credential makes its codes, and what is asked for when one is enrolled or imported.

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::word::Word;
use crate::agent_safe::agent_safe;
use crate::body::{Encode, In, Malformed, Out};
use crate::error::Invalid;
use crate::id::RequestId;
use crate::otp::ocra::{ChallengeFormat, ChallengeKind, PinHash, Suite, Truncation};
use crate::otp::{Algorithm, Digits, OtpSeed, Totp};
use crate::policy::TIME_STEP_LIMIT;
use crate::secret::silent_serde;
use crate::token::ShortText;

/// How a code comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Method {
    /// The app's answer to everything it shows (RFC 6287), or a fob's to a question that stands for it:
    /// the code is good for that alone.
    Ocra,
    /// An authenticator with a clock (RFC 6238). Its code says nothing of what it is given for.
    Totp,
    /// An authenticator with a counter (RFC 4226). Its code says nothing of what it is given for.
    Hotp,
    /// A code that the enterprise sends in a message which names amount and payee.
    Delivered,
}

silent_serde!(Method: "a method of answering");
agent_safe!(Method);

impl Method {
    const ALL: [Self; 4] = [Self::Ocra, Self::Totp, Self::Hotp, Self::Delivered];

    /// The number in records. It never changes its meaning.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Ocra => 1,
            Self::Totp => 2,
            Self::Hotp => 3,
            Self::Delivered => 4,
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.number() == number)
    }
}

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
}

impl Parameters {
    /// What each method has unless said otherwise.
    const fn of(method: Method) -> Self {
        let (algorithm, digits) = match method {
            Method::Ocra | Method::Delivered => (Algorithm::Sha256, Digits::EIGHT),
            Method::Totp | Method::Hotp => (Algorithm::Sha1, Digits::SIX),
        };
        let (period, question) = (Totp::THIRTY_SECONDS, ChallengeFormat::QH64);
        Self { method, algorithm, digits, period, question, pin: None }
    }

    pub(crate) const fn algorithm_number(&self) -> u8 {
        self.algorithm.record_number()
    }

    /// Whether a new credential may have these.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let too_long = self.method == Method::Totp && self.period.get() > TIME_STEP_LIMIT;
        if too_long { Err(Invalid::TimeStep) } else { Ok(()) }
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
    fn with_fob_suite(mut self, suite: &Suite) -> Result<Self, UnsuitableFob> {
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

    pub(super) fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut method, mut algorithm, mut digits, mut period) = (None, None, None, None);
        // A whole digest and no PIN are not written.
        let (mut kind, mut length, mut pin) = (None, None, None);
        from.map(|key, from| {
            match key {
                0 => method = Method::from_number(from.u8()?),
                1 => algorithm = Algorithm::from_record(from.u8()?),
                2 => digits = Digits::new(from.u8()?).ok(),
                3 => period = NonZeroU32::new(from.u32()?),
                4 => kind = Some(from.u8()?),
                5 => length = Some(from.u8()?),
                6 => pin = Some(Algorithm::from_record(from.u8()?).ok_or(Malformed)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let question = match (kind, length) {
            (None, None) => Ok(ChallengeFormat::QH64),
            (Some(1), Some(length)) => ChallengeFormat::numeric(length),
            (Some(2), Some(length)) => ChallengeFormat::hexadecimal(length),
            (Some(3), Some(length)) => ChallengeFormat::alphanumeric(length),
            _ => return Err(Malformed),
        };
        Ok(Self {
            method: method.ok_or(Malformed)?,
            algorithm: algorithm.ok_or(Malformed)?,
            digits: digits.ok_or(Malformed)?,
            period: period.ok_or(Malformed)?,
            question: question.map_err(|_| Malformed)?,
            pin,
        })
    }
}

impl Encode for Parameters {
    fn encode<W: minicbor::encode::Write<Error = core::convert::Infallible>>(
        &self,
        to: &mut Out<W>,
    ) {
        let typed = self.question != ChallengeFormat::QH64;
        to.map_with(4, [typed, typed, self.pin.is_some()]);
        to.entry(0, |to| to.u64(self.method.number().into()));
        to.entry(1, |to| to.u64(self.algorithm_number().into()));
        to.entry(2, |to| to.u64(self.digits.get().into()));
        to.entry(3, |to| to.u64(self.period.get().into()));
        if typed {
            to.entry(4, |to| match self.question.kind() {
                ChallengeKind::Numeric => to.u64(1),
                ChallengeKind::Hexadecimal => to.u64(2),
                ChallengeKind::Alphanumeric => to.u64(3),
            });
            to.entry(5, |to| to.u64(self.question.max_len().into()));
        }
        if let Some(algorithm) = self.pin {
            to.entry(6, |to| to.u64(algorithm.record_number().into()));
        }
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

/// A credential to enrol.
///
/// ```
/// use countersign::otp::{Algorithm, Digits};
/// use countersign::{Enrolment, RequestId};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let app = Enrolment::ocra(RequestId::new("9f1c")?);
/// let authenticator = Enrolment::totp(RequestId::new("9f1d")?)
///     .algorithm(Algorithm::Sha256)
///     .digits(Digits::EIGHT);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Enrolment {
    pub(crate) request: RequestId,
    pub(crate) parameters: Parameters,
    pub(crate) account: Option<ShortText>,
    pub(crate) word: Word,
}

impl Enrolment {
    /// What an app has unless said otherwise.
    pub(crate) const APP: Parameters = Parameters::of(Method::Ocra);

    const fn new(request: RequestId, method: Method) -> Self {
        let parameters = Parameters::of(method);
        Self { request, parameters, account: None, word: Word::SESSION }
    }

    /// The customer's app: OCRA, by default `OCRA-1:HOTP-SHA256-8:QH64`. `request` is the app's
    /// idempotency key: the same one again gives the same credential.
    pub const fn ocra(request: RequestId) -> Self {
        Self::new(request, Method::Ocra)
    }

    /// An authenticator app: TOTP, by default with SHA-1, six digits and 30 seconds, which is what
    /// most of them know.
    pub const fn totp(request: RequestId) -> Self {
        Self::new(request, Method::Totp)
    }

    /// A counting authenticator: HOTP, by default with SHA-1 and six digits.
    pub const fn hotp(request: RequestId) -> Self {
        Self::new(request, Method::Hotp)
    }

    /// Codes that the enterprise sends to a number which the host knows to be the customer's. Send the
    /// first one ([`Provisioning::code_to_deliver`](crate::Provisioning::code_to_deliver)) to that number
    /// and keep it from the app, or it proves nothing.
    pub const fn delivered(request: RequestId) -> Self {
        Self::new(request, Method::Delivered)
    }

    /// With another hash function.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.parameters.algorithm = algorithm;
        self
    }

    /// With more or fewer digits.
    pub const fn digits(mut self, digits: Digits) -> Self {
        self.parameters.digits = digits;
        self
    }

    /// With another time step, in seconds, of at most [`TIME_STEP_LIMIT`]. Only TOTP has one.
    pub const fn period(mut self, seconds: NonZeroU32) -> Self {
        self.parameters.period = seconds;
        self
    }

    /// With the algorithm and digits of `suite`.
    ///
    /// # Errors
    ///
    /// [`UnsuitableSuite`] unless its only input is a question of 64 hexadecimal digits.
    pub fn suite(mut self, suite: &Suite) -> Result<Self, UnsuitableSuite> {
        self.parameters = self.parameters.with_app_suite(suite)?;
        Ok(self)
    }

    /// With the account name that an authenticator shows; the customer id otherwise.
    pub fn account(mut self, name: ShortText) -> Self {
        self.account = Some(name);
        self
    }
}

/// A fob whose seed its maker has told the enterprise.
///
/// The seed is its name, as the key that HMAC makes of it: with zeros at its end, or hashed because it is longer
/// than a block, it is the same fob. Importing it again for the same customer finds the credential that there is,
/// with its counters, revoked or not. A fob that was revoked so stays revoked; give the customer
/// another one. That two customers share a fob is not noticed: each has counters of their own.
#[derive(Debug)]
#[must_use]
pub struct Import {
    pub(crate) parameters: Parameters,
    pub(crate) seed: OtpSeed,
    pub(crate) counter: u64,
    pub(crate) pin_hash: Option<PinHash>,
}

impl Import {
    const fn new(method: Method, seed: OtpSeed) -> Self {
        Self { parameters: Parameters::of(method), seed, counter: 0, pin_hash: None }
    }

    /// A TOTP fob, by default with SHA-1, six digits and 30 seconds. Read the seed with
    /// [`OtpSeed::from_hex`] or [`OtpSeed::from_base32`], which take canonical text alone.
    pub const fn totp(seed: OtpSeed) -> Self {
        Self::new(Method::Totp, seed)
    }

    /// A HOTP fob, by default with SHA-1 and six digits, whose next counter is `counter`.
    pub const fn hotp(seed: OtpSeed, counter: u64) -> Self {
        let mut import = Self::new(Method::Hotp, seed);
        import.counter = counter;
        import
    }

    /// An OCRA fob with this suite, into which the customer types the question that the app shows
    /// ([`OpenStepUp::question`](crate::OpenStepUp::question)).
    ///
    /// A question shorter than `QH64` names what is approved by so much less: see the
    /// [manual](crate::manual::step_ups).
    ///
    /// # Errors
    ///
    /// [`UnsuitableFob`], also if the suite has a PIN hash.
    pub fn ocra(seed: OtpSeed, suite: &Suite) -> Result<Self, UnsuitableFob> {
        Self::ocra_fob(seed, suite, None)
    }

    /// The same for a fob that takes a PIN too, whose suite has a PIN hash.
    ///
    /// The hash is sealed with the seed and wiped with it. It is a fast hash without salt, as good as the
    /// PIN itself to whoever sees it, and here for fobs that compute it; the app's PIN is never hashed so.
    ///
    /// ```
    /// use countersign::Import;
    /// use countersign::otp::ocra::{PinHash, Suite};
    /// use countersign::otp::{Algorithm, OtpSeed};
    ///
    /// let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-PSHA1".parse()?;
    /// let seed = OtpSeed::from_bytes(b"12345678901234567890123456789012")?;
    /// let fob = Import::ocra_with_pin(seed, &suite, PinHash::of(Algorithm::Sha1, "1234"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UnsuitableFob`], also if the suite has no PIN hash or one of another hash function.
    pub fn ocra_with_pin(
        seed: OtpSeed,
        suite: &Suite,
        pin: PinHash,
    ) -> Result<Self, UnsuitableFob> {
        Self::ocra_fob(seed, suite, Some(pin))
    }

    fn ocra_fob(
        seed: OtpSeed,
        suite: &Suite,
        pin_hash: Option<PinHash>,
    ) -> Result<Self, UnsuitableFob> {
        let parameters = Parameters::of(Method::Ocra).with_fob_suite(suite)?;
        if parameters.pin != pin_hash.as_ref().map(PinHash::algorithm) {
            return Err(UnsuitableFob::PinHash);
        }
        Ok(Self { parameters, seed, counter: 0, pin_hash })
    }

    /// With another hash function.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.parameters.algorithm = algorithm;
        self
    }

    /// With more or fewer digits.
    pub const fn digits(mut self, digits: Digits) -> Self {
        self.parameters.digits = digits;
        self
    }

    /// With another time step, in seconds, of at most [`TIME_STEP_LIMIT`]. Only TOTP has one.
    pub const fn period(mut self, seconds: NonZeroU32) -> Self {
        self.parameters.period = seconds;
        self
    }
}
