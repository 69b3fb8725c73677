//! Computes OATH one-time codes, to try the crate and to compare it with other tools.
//!
//! Prints the code alone on standard output. Bad input ends with status 1 and one line on standard
//! error that does not repeat it. A key on the command line shows in the list of processes: use
//! test keys here.
//!
//! ```text
//! otp hotp --key 3132333435363738393031323334353637383930 --counter 0
//! otp totp --base32 GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ --digits 8
//! otp ocra --suite OCRA-1:HOTP-SHA1-6:QN08 --key 3132333435363738393031323334353637383930 \
//!     --question 11111111
//! ```

mod tool;

use std::error::Error;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Parser, Subcommand, ValueEnum};
use countersign::otp::ocra::{
    ClientChallenge, Inputs, OcraChallenge, PinHash, Response, ServerChallenge, Suite,
};
use countersign::otp::{Algorithm, Digits, Hotp, Ocra, OtpSeed, TimeStep, Totp};
use tool::bad;
use zeroize::Zeroizing;

/// OATH one-time codes: HOTP (RFC 4226), TOTP (RFC 6238), OCRA (RFC 6287).
#[derive(Parser)]
#[command(name = "otp")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The code at an event counter.
    Hotp {
        #[command(flatten)]
        key: Key,
        /// The event counter.
        #[arg(long, value_name = "N", allow_hyphen_values = true)]
        counter: u64,
        #[command(flatten)]
        code: CodeOptions,
    },
    /// The code at a time.
    Totp {
        #[command(flatten)]
        key: Key,
        /// Seconds since 1970-01-01T00:00:00Z; now, if left out.
        #[arg(long, value_name = "UNIX_SECONDS", allow_hyphen_values = true)]
        time: Option<u64>,
        /// Seconds per time step.
        #[arg(long, value_name = "SECONDS", default_value = "30", allow_hyphen_values = true)]
        step: NonZeroU32,
        #[command(flatten)]
        code: CodeOptions,
    },
    /// The response to a challenge; for a `-0` suite the whole HMAC in hexadecimal.
    Ocra(OcraOptions),
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Key {
    /// The key in hexadecimal, 16 to 128 bytes.
    #[arg(long, value_name = "HEX", allow_hyphen_values = true)]
    key: Option<String>,
    /// The key in base32 instead.
    #[arg(long, value_name = "BASE32", allow_hyphen_values = true)]
    base32: Option<String>,
}

#[derive(Args)]
struct CodeOptions {
    /// Digits in the code, 6 to 10.
    #[arg(long, value_name = "N", default_value = "6", allow_hyphen_values = true)]
    digits: u8,
    /// The hash function of the HMAC.
    #[arg(long, value_enum, default_value = "sha1", allow_hyphen_values = true)]
    algorithm: Hash,
}

#[derive(Args)]
struct OcraOptions {
    /// The suite, such as OCRA-1:HOTP-SHA1-6:QN08.
    #[arg(long, allow_hyphen_values = true)]
    suite: String,
    #[command(flatten)]
    key: Key,
    /// The challenge; for mutual authentication both, the other party's first.
    #[arg(long, value_name = "Q", allow_hyphen_values = true)]
    question: String,
    /// The event counter, if the suite has C.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    counter: Option<u64>,
    /// The PIN, if the suite has P.
    #[arg(long, allow_hyphen_values = true)]
    pin: Option<String>,
    /// The PIN's hash in hexadecimal instead.
    #[arg(long, value_name = "HEX", conflicts_with = "pin", allow_hyphen_values = true)]
    password_hash: Option<String>,
    /// The session information in hexadecimal, if the suite has S.
    #[arg(long, value_name = "HEX", allow_hyphen_values = true)]
    session: Option<String>,
    /// The number of time steps since 1970, if the suite has T.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    time_steps: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

impl From<Hash> for Algorithm {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Sha1 => Self::Sha1,
            Hash::Sha256 => Self::Sha256,
            Hash::Sha512 => Self::Sha512,
        }
    }
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    tool::main("hotp, totp or ocra", |cli: Cli| run(cli.command).map(Zeroizing::new))
}

fn run(command: Command) -> Outcome<String> {
    match command {
        Command::Hotp { key, counter, code } => {
            let hotp = Hotp::new(&key.seed()?, code.algorithm.into(), code.digits()?);
            Ok(hotp.generate(counter).expose().to_owned())
        }
        Command::Totp { key, time, step, code } => {
            let digits = code.digits()?;
            let totp = Totp::new(&key.seed()?, code.algorithm.into(), digits, step);
            let time = match time {
                Some(time) => time,
                None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
            };
            Ok(totp.generate(time).expose().to_owned())
        }
        Command::Ocra(options) => Ok(options.respond()?.expose().to_owned()),
    }
}

impl Key {
    fn seed(&self) -> Outcome<OtpSeed> {
        Ok(match (&self.key, &self.base32) {
            (Some(hex), _) => OtpSeed::from_hex(hex).map_err(bad("--key"))?,
            (None, Some(base32)) => OtpSeed::from_base32(base32).map_err(bad("--base32"))?,
            (None, None) => return Err("give --key or --base32".into()),
        })
    }
}

impl CodeOptions {
    fn digits(&self) -> Outcome<Digits> {
        Ok(Digits::new(self.digits).map_err(bad("--digits"))?)
    }
}

impl OcraOptions {
    fn respond(&self) -> Outcome<Response> {
        let suite: Suite = self.suite.parse().map_err(bad("--suite"))?;
        let ocra = Ocra::new(&self.key.seed()?, suite);
        let format = suite.challenge_format();
        let longest = usize::from(format.max_len());
        // Twice the suite's length is two challenges, and what is computed over both is the response of
        // the second's author to the first's, whichever of the two is called the client.
        let response = match self.question.split_at_checked(longest) {
            Some((other, own)) if own.len() == longest => {
                let server = ServerChallenge::new(format, other).map_err(bad("--question"))?;
                let client = ClientChallenge::new(format, own).map_err(bad("--question"))?;
                self.respond_to(&ocra, Inputs::client_response(&server, &client))?
            }
            _ => {
                let challenge =
                    OcraChallenge::new(format, &self.question).map_err(bad("--question"))?;
                self.respond_to(&ocra, Inputs::one_way(&challenge))?
            }
        };
        Ok(response)
    }

    fn respond_to(&self, ocra: &Ocra, inputs: Inputs<'_>) -> Outcome<Response> {
        let pin_hash = self.pin_hash(ocra.suite())?;
        let session = self.session.as_ref().map(|text| hex(text, "--session")).transpose()?;
        let mut inputs = inputs;
        if let Some(counter) = self.counter {
            inputs = inputs.with_counter(counter);
        }
        if let Some(pin_hash) = &pin_hash {
            inputs = inputs.with_pin_hash(pin_hash);
        }
        if let Some(session) = &session {
            inputs = inputs.with_session(session);
        }
        if let Some(time_steps) = self.time_steps {
            inputs = inputs.with_time_step(TimeStep::new(time_steps));
        }
        Ok(ocra.respond(&inputs)?)
    }

    fn pin_hash(&self, suite: &Suite) -> Outcome<Option<PinHash>> {
        // For a suite without P any algorithm will do: the response refuses the input.
        let algorithm = suite.pin_hash().unwrap_or(Algorithm::Sha1);
        Ok(match (&self.pin, &self.password_hash, suite.pin_hash()) {
            (Some(pin), _, _) => Some(PinHash::of(algorithm, pin)),
            (None, Some(_), None) => return Err("the suite takes no PIN hash".into()),
            (None, Some(text), Some(_)) => {
                let hash = hex(text, "--password-hash")?;
                let hash = PinHash::from_bytes(algorithm, &hash);
                Some(hash.map_err(bad("--password-hash"))?)
            }
            (None, None, _) => None,
        })
    }
}

fn hex(text: &str, option: &str) -> Outcome<Vec<u8>> {
    hex::decode(text)
        .map_err(|_| format!("{option}: expected an even number of hexadecimal digits").into())
}
