//! The OCRA suite: parsed once, printed back exactly.

use core::fmt::{self, Write as _};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::table::kept_as_text;
use crate::otp::ocra::{ChallengeFormat, SessionLength, SuitePartError, TimeStepSize, Truncation};
use crate::otp::{Algorithm, TimeStep};
use crate::values::secret::deserialize_text;

/// Room for the longest suite, `OCRA-1:HOTP-SHA512-10:C-QN64-PSHA512-S512-T59M`, and its NUL.
const ROOM: usize = 48;

/// Which computation and which inputs an OCRA response is made from (RFC 6287 §6).
///
/// `OCRA-1:HOTP-SHA{1,256,512}-{0,4..10}:[C-]Q{A,N,H}nn[-PSHA{1,256,512}][-Snnn][-TnG]`
///
/// Read with [`str::parse`] or put together with [`Suite::new`]; `Display` gives the text. Every suite
/// has one text, and that text is part of what is authenticated, so nothing else is accepted: no lower
/// case, no spare zeros, no other order. RFC 6287 §6.3 names defaults for a bare `Q`, `P`, `S` and `T`;
/// since `S` and `S064` would be different suites to the HMAC, they must be spelled out here.
#[derive(Clone, Copy)]
pub struct Suite {
    algorithm: Algorithm,
    truncation: Truncation,
    counter: bool,
    challenge: ChallengeFormat,
    pin_hash: Option<Algorithm>,
    session: Option<SessionLength>,
    time_step: Option<TimeStepSize>,
    text: Text,
}

impl Suite {
    /// A suite whose only input is a challenge.
    #[must_use]
    pub fn new(algorithm: Algorithm, truncation: Truncation, challenge: ChallengeFormat) -> Self {
        Self {
            algorithm,
            truncation,
            counter: false,
            challenge,
            pin_hash: None,
            session: None,
            time_step: None,
            text: Text::EMPTY,
        }
        .spelled()
    }

    /// With an event counter, `C`.
    #[must_use]
    pub fn with_counter(self) -> Self {
        Self { counter: true, ..self }.spelled()
    }

    /// With the hash of a PIN, `PSHA…`.
    #[must_use]
    pub fn with_pin_hash(self, algorithm: Algorithm) -> Self {
        Self { pin_hash: Some(algorithm), ..self }.spelled()
    }

    /// With session information of exactly `length` bytes, `Snnn`.
    #[must_use]
    pub fn with_session(self, length: SessionLength) -> Self {
        Self { session: Some(length), ..self }.spelled()
    }

    /// With the time in steps of `size`, `TnG`.
    #[must_use]
    pub fn with_time_step(self, size: TimeStepSize) -> Self {
        Self { time_step: Some(size), ..self }.spelled()
    }

    /// The hash function of the HMAC.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The length of the response.
    #[must_use]
    pub const fn truncation(&self) -> Truncation {
        self.truncation
    }

    /// Whether an event counter takes part.
    #[must_use]
    pub const fn has_counter(&self) -> bool {
        self.counter
    }

    /// What a challenge looks like.
    #[must_use]
    pub const fn challenge_format(&self) -> ChallengeFormat {
        self.challenge
    }

    /// The hash function of the PIN, if its hash takes part.
    #[must_use]
    pub const fn pin_hash(&self) -> Option<Algorithm> {
        self.pin_hash
    }

    /// The length of the session information, if it takes part.
    #[must_use]
    pub const fn session(&self) -> Option<SessionLength> {
        self.session
    }

    /// The size of a time step, if the time takes part.
    #[must_use]
    pub const fn time_step(&self) -> Option<TimeStepSize> {
        self.time_step
    }

    /// The time step that `unix_seconds` falls in, if the time takes part.
    #[must_use]
    pub fn time_step_at(&self, unix_seconds: u64) -> Option<TimeStep> {
        let size = self.time_step?;
        unix_seconds.checked_div(size.as_seconds().into()).map(TimeStep::new)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Made of `str`s, so the fallback is never taken; as a suite it would match nothing.
        core::str::from_utf8(self.text.filled(0)).unwrap_or_default()
    }

    /// Its text and the NUL after it, as the data input starts (RFC 6287 §5.1).
    pub(super) fn prefix(&self) -> &[u8] {
        self.text.filled(1)
    }

    /// With its text made anew.
    fn spelled(mut self) -> Self {
        self.text = Text::EMPTY;
        // The longest suite fits, as a test with the longest of each part shows.
        let _fits = self.spell();
        self
    }

    fn spell(&mut self) -> fmt::Result {
        let text = &mut self.text;
        write!(text, "OCRA-1:HOTP-{}-{}:", self.algorithm.name(), self.truncation.code())?;
        if self.counter {
            text.write_str("C-")?;
        }
        write!(text, "Q{}{:02}", self.challenge.kind().letter(), self.challenge.max_len())?;
        if let Some(algorithm) = self.pin_hash {
            write!(text, "-P{}", algorithm.name())?;
        }
        if let Some(length) = self.session {
            write!(text, "-S{:03}", length.get())?;
        }
        if let Some(size) = self.time_step {
            write!(text, "-T{}{}", size.count(), size.letter())?;
        }
        Ok(())
    }
}

kept_as_text!(Suite);

impl FromStr for Suite {
    type Err = SuiteError;

    fn from_str(text: &str) -> Result<Self, SuiteError> {
        let rest = text.strip_prefix("OCRA-1:").ok_or(SuiteError::Version)?;
        let (function, inputs) = rest.split_once(':').ok_or(SuiteError::Shape)?;
        let function = function.strip_prefix("HOTP-").ok_or(SuiteError::Function)?;
        let (algorithm, truncation) = function.split_once('-').ok_or(SuiteError::Function)?;
        let algorithm = Algorithm::named(algorithm).ok_or(SuiteError::Function)?;
        let truncation = match number(truncation)? {
            0 => Truncation::NONE,
            digits => Truncation::to_digits(digits)?,
        };

        let mut inputs = inputs.split('-').peekable();
        let counter = inputs.next_if_eq(&"C").is_some();
        let challenge = inputs.next().and_then(|input| input.strip_prefix('Q'));
        let mut suite = Self::new(algorithm, truncation, format(challenge)?);
        suite.counter = counter;
        if let Some(name) = inputs.peek().and_then(|input| input.strip_prefix('P')) {
            suite.pin_hash = Some(Algorithm::named(name).ok_or(SuiteError::PinHash)?);
            inputs.next();
        }
        if let Some(length) = inputs.peek().and_then(|input| input.strip_prefix('S')) {
            suite.session = Some(SessionLength::new(number(length)?)?);
            inputs.next();
        }
        if let Some(size) = inputs.peek().and_then(|input| input.strip_prefix('T')) {
            suite.time_step = Some(time_step_size(size)?);
            inputs.next();
        }
        if inputs.next().is_some() {
            return Err(SuiteError::Inputs);
        }
        let suite = suite.spelled();
        // What reads the same but is spelled otherwise is another suite to the HMAC.
        if suite.as_str() == text { Ok(suite) } else { Err(SuiteError::Spelling) }
    }
}

fn format(challenge: Option<&str>) -> Result<ChallengeFormat, SuiteError> {
    let challenge = challenge.ok_or(SuiteError::Challenge)?;
    let of_kind = |letter| challenge.strip_prefix(letter);
    let format = if let Some(length) = of_kind('A') {
        ChallengeFormat::alphanumeric(number(length)?)
    } else if let Some(length) = of_kind('N') {
        ChallengeFormat::numeric(number(length)?)
    } else if let Some(length) = of_kind('H') {
        ChallengeFormat::hexadecimal(number(length)?)
    } else {
        return Err(SuiteError::Challenge);
    };
    Ok(format?)
}

fn time_step_size(text: &str) -> Result<TimeStepSize, SuiteError> {
    let size = if let Some(count) = text.strip_suffix('S') {
        TimeStepSize::seconds(number(count)?)
    } else if let Some(count) = text.strip_suffix('M') {
        TimeStepSize::minutes(number(count)?)
    } else if let Some(count) = text.strip_suffix('H') {
        TimeStepSize::hours(number(count)?)
    } else {
        return Err(SuitePartError::TimeStepSize.into());
    };
    Ok(size?)
}

/// A number, however it is spelled: the comparison with the canonical text refuses `+8` and `008`.
fn number<N: FromStr>(text: &str) -> Result<N, SuiteError> {
    text.parse().map_err(|_| SuiteError::Number)
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Suite").field(&self.as_str()).finish()
    }
}

impl PartialEq for Suite {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Suite {}

impl core::hash::Hash for Suite {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for Suite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Suite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "an OCRA suite", Self::from_str)
    }
}

/// Text in a fixed room, NUL after it.
#[derive(Clone, Copy)]
struct Text {
    room: [u8; ROOM],
    len: usize,
}

impl Text {
    const EMPTY: Self = Self { room: [0; ROOM], len: 0 };

    /// What has been written, and `more` bytes after it.
    fn filled(&self, more: usize) -> &[u8] {
        self.room.get(..self.len.saturating_add(more)).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let end = self.len.saturating_add(more.len());
        // Strictly less, for the NUL.
        let to = self.room.get_mut(self.len..end).filter(|_| end < ROOM).ok_or(fmt::Error)?;
        to.copy_from_slice(more.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Why text is not an OCRA suite. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuiteError {
    /// Not `OCRA-1:`.
    #[error("a suite starts with OCRA-1:")]
    Version,
    /// Not three parts.
    #[error("a suite has three parts with a colon between them")]
    Shape,
    /// The crypto function is not `HOTP-SHAn-t`.
    #[error("a suite's second part is HOTP-SHA1-t, HOTP-SHA256-t or HOTP-SHA512-t")]
    Function,
    /// The challenge is missing or of an unknown kind.
    #[error("a suite needs a challenge, QAnn, QNnn or QHnn, with nothing but C- before it")]
    Challenge,
    /// The PIN's hash is not one of three.
    #[error("a suite's PIN hash is PSHA1, PSHA256 or PSHA512")]
    PinHash,
    /// More, doubled or misplaced inputs.
    #[error("a suite's inputs are C, Q, P, S and T, each at most once and in this order")]
    Inputs,
    /// A number is missing or is none.
    #[error("a suite lacks one of its numbers")]
    Number,
    /// A number in another spelling than the suite's own.
    #[error("a suite's numbers are written as t, Qnn, Snnn and Tn, without spare signs or zeros")]
    Spelling,
    /// A number out of range.
    #[error(transparent)]
    Part(#[from] SuitePartError),
}
