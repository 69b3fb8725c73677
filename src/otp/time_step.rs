//! Time steps, and the window of them in which a code is looked for.

use core::ops::RangeInclusive;

/// A number of whole time steps since 1970-01-01T00:00:00Z (RFC 6238 §4.2 with T0 = 0; RFC 6287 §5.1).
///
/// A type of its own so that it cannot be taken for seconds or for an event counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeStep(u64);

impl TimeStep {
    /// The step with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// How many steps it lies after `expected` (negative: before), for [`StepWindow::with_drift`].
    ///
    /// Beyond the range of `i32` it is the nearest end of that range.
    #[must_use]
    pub fn drift_from(self, expected: Self) -> i32 {
        let drift = i128::from(self.0).saturating_sub(expected.0.into());
        i32::try_from(drift).unwrap_or(if drift < 0 { i32::MIN } else { i32::MAX })
    }
}

/// The steps in which a code is looked for: the authenticator's drift, and so many around it
/// (RFC 6238 §5.2 and §6).
///
/// The default is one step either side and no drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StepWindow {
    either_side: u8,
    drift: i32,
}

impl StepWindow {
    /// The expected step and `steps` either side of it.
    #[must_use]
    pub const fn either_side(steps: u8) -> Self {
        Self { either_side: steps, drift: 0 }
    }

    /// The same window around an authenticator whose clock is `drift` steps ahead (negative: behind).
    #[must_use]
    pub const fn with_drift(self, drift: i32) -> Self {
        Self { drift, ..self }
    }

    /// The steps' numbers; those before 0 or past `u64::MAX` do not exist.
    pub(super) fn around(self, expected: TimeStep) -> RangeInclusive<u64> {
        let centre = i128::from(expected.0).saturating_add(self.drift.into());
        let first = centre.saturating_sub(self.either_side.into()).max(0);
        let last = centre.saturating_add(self.either_side.into()).min(u64::MAX.into());
        match (u64::try_from(first), u64::try_from(last)) {
            (Ok(first), Ok(last)) => first..=last,
            // Entirely before 0 or past the end: no candidates.
            _ => NONE,
        }
    }
}

/// An empty range.
#[allow(clippy::reversed_empty_ranges, reason = "empty is what it is for")]
pub(super) const NONE: RangeInclusive<u64> = 1..=0;

impl Default for StepWindow {
    fn default() -> Self {
        Self::either_side(1)
    }
}
