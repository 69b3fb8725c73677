//! TOTP, codes from the time (RFC 6238): HOTP with the number of the time step as counter.

use core::num::{NonZeroU32, NonZeroU64};

use crate::otp::{Algorithm, Code, Digits, Hotp, OtpSeed, StepWindow, TimeStep};

/// A time-based authenticator's computation, keyed once (RFC 6238 §4). T0 is 0, the Unix epoch.
///
/// ```
/// use countersign::otp::{Algorithm, Digits, OtpSeed, Totp};
///
/// let seed = OtpSeed::from_bytes(b"12345678901234567890")?;
/// let totp = Totp::new(&seed, Algorithm::Sha1, Digits::EIGHT, Totp::THIRTY_SECONDS);
/// assert_eq!(totp.generate(1_111_111_109).expose(), "07081804");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Totp {
    hotp: Hotp,
    seconds_per_step: NonZeroU32,
}

impl Totp {
    /// The usual time step (RFC 6238 §4.1).
    pub const THIRTY_SECONDS: NonZeroU32 = match NonZeroU32::new(30) {
        Some(seconds) => seconds,
        None => NonZeroU32::MIN,
    };

    /// Computes the key schedule of `seed`.
    #[must_use]
    pub fn new(
        seed: &OtpSeed,
        algorithm: Algorithm,
        digits: Digits,
        seconds_per_step: NonZeroU32,
    ) -> Self {
        Self { hotp: Hotp::new(seed, algorithm, digits), seconds_per_step }
    }

    /// The step that `unix_seconds` falls in.
    #[must_use]
    pub fn time_step_at(&self, unix_seconds: u64) -> TimeStep {
        TimeStep::new(unix_seconds / NonZeroU64::from(self.seconds_per_step))
    }

    /// The code at `unix_seconds`.
    pub fn generate(&self, unix_seconds: u64) -> Code {
        self.hotp.generate(self.time_step_at(unix_seconds).get())
    }

    /// Looks for `code` in `window` around `unix_seconds` and returns the step that matched.
    ///
    /// `last_accepted` is the step returned when a code of this authenticator was last accepted: no
    /// step up to and including it can match, so that a step is accepted once and never an earlier
    /// one after a later one (RFC 6238 §5.2). `None` only for one that has never been used.
    ///
    /// [`TimeStep::drift_from`] [`Totp::time_step_at`] gives the drift to remember (RFC 6238 §6).
    #[must_use]
    pub fn verify(
        &self,
        code: &Code,
        unix_seconds: u64,
        window: StepWindow,
        last_accepted: Option<TimeStep>,
    ) -> Option<TimeStep> {
        let candidates = window.around(self.time_step_at(unix_seconds));
        self.hotp.search(code, candidates, last_accepted.map(TimeStep::get)).map(TimeStep::new)
    }
}
