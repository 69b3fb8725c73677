//! How a credential makes its codes, and what is asked for when one is enrolled or imported.

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::agent_safe::agent_safe;
use crate::body::{Encode, In, Malformed, Out};
use crate::id::RequestId;
use crate::otp::ocra::{ChallengeFormat, Suite, Truncation};
use crate::otp::{Algorithm, Digits, OtpSeed, Totp};
use crate::secret::silent_serde;
use crate::token::ShortText;

/// How a code comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
#[non_exhaustive]
pub enum Method {
    /// The app's answer to everything it shows (RFC 6287): the code is good for that alone.
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
}

impl Parameters {
    /// What each method has unless said otherwise.
    const fn of(method: Method) -> Self {
        let (algorithm, digits) = match method {
            Method::Ocra | Method::Delivered => (Algorithm::Sha256, Digits::EIGHT),
            Method::Totp | Method::Hotp => (Algorithm::Sha1, Digits::SIX),
        };
        Self { method, algorithm, digits, period: Totp::THIRTY_SECONDS }
    }

    pub(crate) const fn algorithm_number(&self) -> u8 {
        self.algorithm.record_number()
    }

    /// The OCRA suite of these: a full hexadecimal question and nothing else.
    pub(crate) fn suite(&self) -> Option<Suite> {
        let truncation = Truncation::to_digits(self.digits.get()).ok()?;
        let format = ChallengeFormat::hexadecimal(64).ok()?;
        Some(Suite::new(self.algorithm, truncation, format))
    }

    pub(crate) fn with_suite(mut self, suite: &Suite) -> Result<Self, UnsuitableSuite> {
        self.algorithm = suite.algorithm();
        let digits = suite.truncation().digits().ok_or(UnsuitableSuite)?;
        self.digits = Digits::new(digits).map_err(|_| UnsuitableSuite)?;
        let same = self.suite().is_some_and(|own| own.as_str() == suite.as_str());
        if same { Ok(self) } else { Err(UnsuitableSuite) }
    }

    pub(super) fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut method, mut algorithm, mut digits, mut period) = (None, None, None, None);
        from.map(|key, from| {
            match key {
                0 => method = Method::from_number(from.u8()?),
                1 => algorithm = Algorithm::from_record(from.u8()?),
                2 => digits = Digits::new(from.u8()?).ok(),
                3 => period = NonZeroU32::new(from.u32()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            method: method.ok_or(Malformed)?,
            algorithm: algorithm.ok_or(Malformed)?,
            digits: digits.ok_or(Malformed)?,
            period: period.ok_or(Malformed)?,
        })
    }
}

impl Encode for Parameters {
    fn encode<W: minicbor::encode::Write<Error = core::convert::Infallible>>(
        &self,
        to: &mut Out<W>,
    ) {
        to.map(4);
        to.entry(0, |to| to.u64(self.method.number().into()));
        to.entry(1, |to| to.u64(self.algorithm_number().into()));
        to.entry(2, |to| to.u64(self.digits.get().into()));
        to.entry(3, |to| to.u64(self.period.get().into()));
    }
}

/// The suite has other inputs than a question of 64 hexadecimal digits, or fewer than six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a step-up needs a suite such as OCRA-1:HOTP-SHA256-8:QH64, with 6 to 10 digits")]
#[non_exhaustive]
pub struct UnsuitableSuite;

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
}

impl Enrolment {
    /// What an app has unless said otherwise.
    pub(crate) const APP: Parameters = Parameters::of(Method::Ocra);

    const fn new(request: RequestId, method: Method) -> Self {
        Self { request, parameters: Parameters::of(method), account: None }
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

    /// Codes that the enterprise sends to a number which the host knows to be the customer's.
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

    /// With another time step, in seconds. Only TOTP has one.
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
        self.parameters = self.parameters.with_suite(suite)?;
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
/// The seed is its name: importing it again for the same customer finds the credential that there is,
/// with its counters, revoked or not. A fob that was revoked so stays revoked; give the customer
/// another one. That two customers share a fob is not noticed: each has counters of their own.
#[derive(Debug)]
#[must_use]
pub struct Import {
    pub(crate) parameters: Parameters,
    pub(crate) seed: OtpSeed,
    pub(crate) counter: u64,
}

impl Import {
    const fn new(method: Method, seed: OtpSeed) -> Self {
        Self { parameters: Parameters::of(method), seed, counter: 0 }
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

    /// An OCRA fob with this suite, into which the customer types the question.
    ///
    /// # Errors
    ///
    /// [`UnsuitableSuite`] unless its only input is a question of 64 hexadecimal digits.
    pub fn ocra(seed: OtpSeed, suite: &Suite) -> Result<Self, UnsuitableSuite> {
        let mut import = Self::new(Method::Ocra, seed);
        import.parameters = import.parameters.with_suite(suite)?;
        Ok(import)
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

    /// With another time step, in seconds. Only TOTP has one.
    pub const fn period(mut self, seconds: NonZeroU32) -> Self {
        self.parameters.period = seconds;
        self
    }
}
