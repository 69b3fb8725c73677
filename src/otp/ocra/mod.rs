//! OCRA, challenge-response and signatures (RFC 6287): one-way, mutual, and signing.
//!
//! A [`Suite`] says which inputs take part; [`Inputs`] names a mode and gives exactly those; [`Ocra`]
//! computes and verifies. An input that the suite wants and does not get, or gets and does not want,
//! is an error: nothing is ignored, padded into shape or cut.
//!
//! **The roles are types.** The server answers over `QC | QS` and the client over `QS | QC`
//! (RFC 6287 §7.2). [`ClientChallenge`] and [`ServerChallenge`] cannot stand in for one another, so
//! that order can't be swapped.
//!
//! **Numeric and short hexadecimal questions are not injective.** See [`ChallengeFormat::numeric`]:
//! `00000001` and `00000016` give the same response. Where two questions must not be confused, use
//! `QH` at its full length (what this crate does in the suites it defines) or `QA`.
//!
//! ```
//! use countersign::otp::ocra::{OcraChallenge, Inputs, Search, Suite};
//! use countersign::otp::{Ocra, OtpSeed};
//!
//! let suite: Suite = "OCRA-1:HOTP-SHA1-6:QN08".parse()?;
//! let ocra = Ocra::new(&OtpSeed::from_bytes(b"12345678901234567890")?, suite);
//! let challenge = OcraChallenge::new(suite.challenge_format(), "11111111")?;
//! let inputs = Inputs::one_way(&challenge);
//! assert_eq!(ocra.respond(&inputs)?.expose(), "243178");
//! assert!(ocra.verify(&inputs, Search::EXACT, &"243 178".parse()?)?.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod challenge;
#[cfg(test)]
mod data_input_vectors;
mod engine;
mod inputs;
mod pin_hash;
mod question;
mod response;
mod suite;
mod suite_parts;
mod text;

pub use challenge::{ClientChallenge, OcraChallenge, ServerChallenge, SignatureChallenge};
pub use engine::{Match, Ocra, Search};
pub use inputs::{Input, InputError, Inputs};
pub use pin_hash::{PinHash, PinHashError};
pub use response::Response;
pub use suite::{Suite, SuiteError};
pub use suite_parts::{
    ChallengeFormat, ChallengeKind, SessionLength, SuitePartError, TimeStepSize, Truncation,
};
pub use text::OcraChallengeError;
