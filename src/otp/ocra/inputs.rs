//! What goes into a response besides the key: a mode with its challenges, and the suite's other inputs.

use core::fmt;

use crate::crypto::oath::Message;
use crate::otp::TimeStep;
use crate::otp::ocra::question::Question;
use crate::otp::ocra::{
    ClientChallenge, OcraChallenge, PinHash, ServerChallenge, SignatureChallenge, Suite,
};

/// As long as the longest session information.
static PADDING: [u8; 512] = [0; 512];

/// The inputs to one response (RFC 6287 §5.1): the mode is the constructor, and the suite decides which
/// of the others must be given. Nothing more and nothing less is accepted.
#[derive(Clone, Copy)]
#[must_use]
pub struct Inputs<'a> {
    mode: Mode,
    /// `None` if two challenges are not of one kind and length.
    question: Option<Question>,
    counter: Option<u64>,
    pin_hash: Option<&'a PinHash>,
    session: Option<&'a [u8]>,
    /// Whether a shorter session is padded.
    padded: bool,
    time_step: Option<TimeStep>,
}

#[derive(Clone, Copy)]
enum Mode {
    OneWay,
    Server,
    Client,
    Signature,
}

impl<'a> Inputs<'a> {
    /// One-way challenge-response: the prover answers the verifier's challenge (RFC 6287 §7.1).
    pub const fn one_way(challenge: &OcraChallenge) -> Self {
        Self::of(Mode::OneWay, Some(*challenge.inner()))
    }

    /// Mutual: the server's response, over `QC | QS` (RFC 6287 §7.2). It takes no PIN, so neither
    /// may its suite.
    ///
    /// Also the server's half of a signature with server authentication (RFC 6287 §7.3).
    pub fn server_response(client: &ClientChallenge, server: &ServerChallenge) -> Self {
        Self::of(Mode::Server, Question::of_two(client.inner(), server.inner()))
    }

    /// Mutual: the client's response, over `QS | QC` (RFC 6287 §7.2).
    ///
    /// The order is in the types:
    ///
    /// ```
    /// use countersign::otp::ocra::{ChallengeFormat, ClientChallenge, Inputs, ServerChallenge};
    ///
    /// let format = ChallengeFormat::alphanumeric(8)?;
    /// let client = ClientChallenge::new(format, "CLI22220")?;
    /// let server = ServerChallenge::new(format, "SRV11110")?;
    /// let inputs = Inputs::client_response(&server, &client);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// The other way round does not compile:
    ///
    /// ```compile_fail,E0308
    /// use countersign::otp::ocra::{ChallengeFormat, ClientChallenge, Inputs, ServerChallenge};
    ///
    /// let format = ChallengeFormat::alphanumeric(8)?;
    /// let client = ClientChallenge::new(format, "CLI22220")?;
    /// let server = ServerChallenge::new(format, "SRV11110")?;
    /// let inputs = Inputs::client_response(&client, &server);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn client_response(server: &ServerChallenge, client: &ClientChallenge) -> Self {
        Self::of(Mode::Client, Question::of_two(server.inner(), client.inner()))
    }

    /// A plain signature (RFC 6287 §7.3). It takes no session information, so neither may its suite.
    pub const fn signature(signed: &SignatureChallenge) -> Self {
        Self::of(Mode::Signature, Some(*signed.inner()))
    }

    const fn of(mode: Mode, question: Option<Question>) -> Self {
        Self {
            mode,
            question,
            counter: None,
            pin_hash: None,
            session: None,
            padded: false,
            time_step: None,
        }
    }

    /// With the event counter, `C`.
    pub const fn with_counter(self, counter: u64) -> Self {
        Self { counter: Some(counter), ..self }
    }

    /// With the hash of the PIN, `P`.
    pub const fn with_pin_hash(self, pin_hash: &'a PinHash) -> Self {
        Self { pin_hash: Some(pin_hash), ..self }
    }

    /// With the session information, `S`: exactly as many bytes as the suite says. Implementations
    /// differ in how they pad a shorter one, so it has to be padded by who defines it; or as the RFC's reference does, by
    /// [`with_padded_session`](Self::with_padded_session).
    pub const fn with_session(self, session: &'a [u8]) -> Self {
        Self { session: Some(session), padded: false, ..self }
    }

    /// With the session information, `S`, padded as RFC 6287's reference implementation pads it: with zeros before it, up
    /// to the suite's length. Information that begins with a zero byte is not told apart from that without it.
    pub const fn with_padded_session(self, session: &'a [u8]) -> Self {
        Self { session: Some(session), padded: true, ..self }
    }

    /// With the time, `T`: see [`Suite::time_step_at`].
    pub const fn with_time_step(self, time_step: TimeStep) -> Self {
        Self { time_step: Some(time_step), ..self }
    }

    /// The data input of these for `suite`, if they are what it wants.
    pub(super) fn data_input(&'a self, suite: &'a Suite) -> Result<DataInput<'a>, InputError> {
        let format = suite.challenge_format();
        // Two challenges have exactly the suite's length each; one may be shorter.
        let shortest = match self.mode {
            Mode::Server | Mode::Client => format.max_len(),
            Mode::OneWay | Mode::Signature => 1,
        };
        let question = self.question.as_ref().ok_or(InputError::Challenge)?;
        if question.kind != format.kind() || !(shortest..=format.max_len()).contains(&question.each)
        {
            return Err(InputError::Challenge);
        }
        match self.mode {
            Mode::Server if suite.pin_hash().is_some() => return Err(InputError::ServerPin),
            Mode::Signature if suite.session().is_some() => {
                return Err(InputError::SignatureSession);
            }
            _ => {}
        }
        let counter = wanted(Input::Counter, suite.has_counter().then_some(()), self.counter)?;
        let pin_hash = wanted(Input::PinHash, suite.pin_hash(), self.pin_hash)?;
        if pin_hash.is_some_and(|(algorithm, hash)| hash.algorithm() != algorithm) {
            return Err(InputError::PinHashAlgorithm);
        }
        let session = wanted(Input::Session, suite.session(), self.session)?;
        let missing = match session {
            None => 0,
            Some((length, session)) => {
                let missing = usize::from(length.get()).checked_sub(session.len());
                missing
                    .filter(|missing| self.padded || *missing == 0)
                    .ok_or(InputError::SessionLength)?
            }
        };
        let time_step = wanted(Input::TimeStep, suite.time_step(), self.time_step)?;
        Ok(DataInput {
            suite: suite.prefix(),
            counter: counter.map(|((), counter)| counter),
            question: &question.bytes,
            pin_hash: pin_hash.map_or(&[], |(_, hash)| hash.expose()),
            padding: PADDING.get(..missing).ok_or(InputError::SessionLength)?,
            session: session.map_or(&[], |(_, session)| session),
            time_step: time_step.map(|(_, time_step)| time_step),
        })
    }
}

impl fmt::Debug for Inputs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inputs([REDACTED])")
    }
}

/// Both what the suite says of an input and the input, or neither.
fn wanted<S, G>(
    which: Input,
    suite: Option<S>,
    given: Option<G>,
) -> Result<Option<(S, G)>, InputError> {
    match (suite, given) {
        (Some(suite), Some(given)) => Ok(Some((suite, given))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(InputError::Missing(which)),
        (None, Some(_)) => Err(InputError::Superfluous(which)),
    }
}

/// `OCRASuite | 00 | C | Q | P | S | T` (RFC 6287 §5.1), everything checked.
pub(super) struct DataInput<'a> {
    suite: &'a [u8],
    pub(super) counter: Option<u64>,
    question: &'a [u8],
    pin_hash: &'a [u8],
    padding: &'static [u8],
    session: &'a [u8],
    pub(super) time_step: Option<TimeStep>,
}

impl Message for DataInput<'_> {
    fn feed(&self, mut sink: impl FnMut(&[u8])) {
        sink(self.suite);
        if let Some(counter) = self.counter {
            sink(&counter.to_be_bytes());
        }
        sink(self.question);
        sink(self.pin_hash);
        sink(self.padding);
        sink(self.session);
        if let Some(time_step) = self.time_step {
            sink(&time_step.get().to_be_bytes());
        }
    }
}

/// An input that not every suite has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Input {
    /// `C`.
    Counter,
    /// `P`.
    PinHash,
    /// `S`.
    Session,
    /// `T`.
    TimeStep,
}

impl Input {
    const fn with_article(self) -> &'static str {
        match self {
            Self::Counter => "a counter",
            Self::PinHash => "a PIN hash",
            Self::Session => "session information",
            Self::TimeStep => "a time step",
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::PinHash => "PIN hash",
            Self::Session => "session information",
            Self::TimeStep => "time step",
        })
    }
}

/// Why inputs do not suit a suite. It does not repeat them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// An input that the suite has was not given.
    #[error("the suite needs {}", .0.with_article())]
    Missing(Input),
    /// An input was given, or is searched over, that the suite does not have.
    #[error("the suite takes no {0}")]
    Superfluous(Input),
    /// The challenge was made for another format.
    #[error("the challenge is not of the suite's kind and length")]
    Challenge,
    /// The PIN hash is of another algorithm.
    #[error("the PIN hash is not of the suite's algorithm")]
    PinHashAlgorithm,
    /// The session information has another length.
    #[error("the session information must have exactly the suite's length")]
    SessionLength,
    /// A server's response with a suite that has a PIN.
    #[error("a server's response takes no PIN: give the server a suite without P")]
    ServerPin,
    /// A signature with a suite that has session information.
    #[error("a signature takes no session information: use a suite without S")]
    SignatureSession,
}
