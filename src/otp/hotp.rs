//! HOTP, codes from an event counter (RFC 4226).

use core::ops::RangeInclusive;

use crate::crypto::oath::{Keyed, Room};
use crate::otp::mac::truncate;
use crate::otp::matched::Matched;
use crate::otp::{Algorithm, Code, Digits, OtpSeed};

/// An event-based authenticator's computation, keyed once (RFC 4226 §5.3).
///
/// ```
/// use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed};
///
/// let seed = OtpSeed::from_bytes(b"12345678901234567890")?;
/// let hotp = Hotp::new(&seed, Algorithm::Sha1, Digits::SIX);
/// assert_eq!(hotp.generate(0).expose(), "755224");
/// assert_eq!(hotp.verify(&"969429".parse()?, 0, 5), Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Hotp {
    keyed: Keyed,
    digits: Digits,
}

impl Hotp {
    /// Computes the key schedule of `seed`. RFC 4226 defines SHA-1 alone; the others are common.
    #[must_use]
    pub fn new(seed: &OtpSeed, algorithm: Algorithm, digits: Digits) -> Self {
        Self { keyed: Keyed::new(algorithm, seed), digits }
    }

    /// The code at `counter`.
    pub fn generate(&self, counter: u64) -> Code {
        let mut mac = self.keyed.room();
        Code::of(truncated(&mut mac, counter), self.digits.get())
    }

    /// Looks for `code` at `counter` (the next one not yet used) and at the `look_ahead` after it
    /// (RFC 4226 §7.2 and §7.4), and returns the counter that matched.
    ///
    /// The next expected counter is the one after it. Counters past `u64::MAX` do not exist; an
    /// authenticator that has matched there is spent.
    #[must_use]
    pub fn verify(&self, code: &Code, counter: u64, look_ahead: u16) -> Option<u64> {
        self.search(code, counter..=counter.saturating_add(u64::from(look_ahead)), None)
    }

    /// The last of `candidates` after `after` at which `code` is right; every one is evaluated.
    pub(super) fn search(
        &self,
        code: &Code,
        candidates: RangeInclusive<u64>,
        after: Option<u64>,
    ) -> Option<u64> {
        let wanted = code.wanted(self.digits);
        let mut mac = self.keyed.room();
        let mut matched = Matched::default();
        for candidate in candidates {
            let right = wanted.is(truncated(&mut mac, candidate));
            if after.is_none_or(|used| used < candidate) {
                matched.note(candidate, right);
            }
        }
        matched.get()
    }
}

/// The truncated HMAC over a counter or time step (RFC 4226 §5.3).
fn truncated(mac: &mut Room<'_>, moving_factor: u64) -> u32 {
    truncate(mac.mac(&moving_factor))
}
