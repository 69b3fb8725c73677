//! OATH one-time codes: HOTP (RFC 4226), TOTP (RFC 6238) and OCRA (RFC 6287).
//!
//! Pure functions over values: the counter, the time, the drift and the last accepted step come in,
//! the matched counter or step goes out, and nothing is remembered. Counting failures, keeping the
//! watermark and locking a credential is the caller's part.
//!
//! - The key schedule is computed once per [`Hotp`], [`Totp`] or [`Ocra`] and copied for each
//!   candidate. Neither generating nor verifying allocates.
//! - A window is evaluated to its end whether or not a candidate has matched, and every comparison
//!   is in constant time. The number of candidates and of digits is not secret.
//! - Where one code happens to fit several candidates, the last of them is reported, so that storing
//!   it as the watermark rules the code out for all of them.
//!
//! ```
//! use countersign::otp::{Algorithm, Code, Digits, OtpSeed, Totp, StepWindow};
//!
//! let seed = OtpSeed::from_hex("3132333435363738393031323334353637383930")?;
//! let totp = Totp::new(&seed, Algorithm::Sha1, Digits::EIGHT, Totp::THIRTY_SECONDS);
//! let typed: Code = "9428 7082".parse()?;
//! let matched = totp.verify(&typed, 59, StepWindow::default(), None);
//! assert_eq!(matched, Some(totp.time_step_at(59)));
//! // The same code again: the step has been used.
//! assert_eq!(totp.verify(&typed, 59, StepWindow::default(), matched), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod code;
mod hotp;
mod mac;
mod matched;
pub mod ocra;
mod seed;
pub(crate) mod subkeys;
mod time_step;
mod totp;

pub use code::{Code, CodeError, Digits, DigitsError};
pub use hotp::Hotp;
pub use mac::Algorithm;
pub use ocra::Ocra;
pub use seed::{OtpSeed, SeedError};
pub use time_step::{StepWindow, TimeStep};
pub use totp::Totp;
