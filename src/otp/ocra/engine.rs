//! Computing and verifying responses.

use core::ops::RangeInclusive;

use subtle::{Choice, ConditionallySelectable as _};

use super::inputs::{Input, InputError, Inputs};
use super::response::Response;
use super::suite::Suite;
use crate::otp::mac::Keyed;
use crate::otp::{OtpSeed, TimeStep, Window};

/// An OCRA computation, keyed once for one suite (RFC 6287 §5).
#[derive(Debug)]
pub struct Ocra {
    keyed: Keyed,
    suite: Suite,
}

impl Ocra {
    /// Computes the key schedule of `seed` for `suite`.
    #[must_use]
    pub fn new(seed: &OtpSeed, suite: Suite) -> Self {
        Self { keyed: Keyed::new(suite.algorithm(), seed), suite }
    }

    /// The suite.
    #[must_use]
    pub const fn suite(&self) -> &Suite {
        &self.suite
    }

    /// The response to `inputs`.
    ///
    /// # Errors
    ///
    /// [`InputError`] if `inputs` are not exactly what the suite wants.
    pub fn respond(&self, inputs: &Inputs<'_>) -> Result<Response, InputError> {
        let data = inputs.data_input(&self.suite)?;
        let mut room = self.keyed.room();
        Ok(data.with(data.counter, data.time_step, |parts| {
            Response::of(room.mac(parts), self.suite.truncation())
        }))
    }

    /// Looks for `response` at the counter and time step of `inputs` and, as far as `search` says,
    /// around them. `Ok(None)` is a wrong response.
    ///
    /// # Errors
    ///
    /// [`InputError`] if `inputs` are not exactly what the suite wants, or `search` ranges over an
    /// input that it does not have.
    pub fn verify(
        &self,
        inputs: &Inputs<'_>,
        search: Search,
        response: &Response,
    ) -> Result<Option<Match>, InputError> {
        let data = inputs.data_input(&self.suite)?;
        if search.look_ahead != 0 && data.counter.is_none() {
            return Err(InputError::Superfluous(Input::Counter));
        }
        if (search.window != ONE_STEP || search.after.is_some()) && data.time_step.is_none() {
            return Err(InputError::Superfluous(Input::TimeStep));
        }
        let mut room = self.keyed.room();
        let mut found = Choice::from(0);
        let (mut counter_found, mut step_found) = (0, 0);
        for step in candidates(data.time_step, |step| search.window.around(step)) {
            // The steps already used are known to everyone; leaving them out reveals nothing.
            if search.after.is_some_and(|used| step <= used.get()) {
                continue;
            }
            let time_step = data.time_step.map(|_| TimeStep::new(step));
            let ahead = u64::from(search.look_ahead);
            for counter in candidates(data.counter, |from| from..=from.saturating_add(ahead)) {
                let counter_used = data.counter.map(|_| counter);
                let hit = data.with(counter_used, time_step, |parts| {
                    Response::of(room.mac(parts), self.suite.truncation()).ct_eq(response)
                });
                counter_found.conditional_assign(&counter, hit);
                step_found.conditional_assign(&step, hit);
                found |= hit;
            }
        }
        Ok(bool::from(found).then(|| Match {
            counter: data.counter.map(|_| counter_found),
            time_step: data.time_step.map(|_| TimeStep::new(step_found)),
        }))
    }
}

/// The candidates around `expected`, or one that stands for an input the suite does not have.
fn candidates<T>(
    expected: Option<T>,
    around: impl FnOnce(T) -> RangeInclusive<u64>,
) -> RangeInclusive<u64> {
    expected.map_or(0..=0, around)
}

/// No drift and nothing either side.
const ONE_STEP: Window = Window::either_side(0);

/// How far from the expected counter and time step a response is looked for.
///
/// A suite with both is searched over every pair: `(look_ahead + 1) × (2 × steps + 1)` computations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Search {
    look_ahead: u8,
    window: Window,
    after: Option<TimeStep>,
}

impl Search {
    /// At the given counter and time step only.
    pub const EXACT: Self = Self { look_ahead: 0, window: ONE_STEP, after: None };

    /// Also at the `counters` after the expected one (as RFC 4226 §7.4 has it for HOTP).
    pub const fn with_look_ahead(self, counters: u8) -> Self {
        Self { look_ahead: counters, ..self }
    }

    /// In `window` around the expected time step (RFC 6238 §5.2).
    pub const fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Only after `last_accepted`, so that a time step is accepted once (RFC 6238 §5.2).
    pub const fn after(self, last_accepted: TimeStep) -> Self {
        Self { after: Some(last_accepted), ..self }
    }
}

/// Where a response matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Match {
    counter: Option<u64>,
    time_step: Option<TimeStep>,
}

impl Match {
    /// The counter, if the suite has one; the next expected counter is the one after it.
    #[must_use]
    pub const fn counter(&self) -> Option<u64> {
        self.counter
    }

    /// The time step, if the suite has the time.
    #[must_use]
    pub const fn time_step(&self) -> Option<TimeStep> {
        self.time_step
    }
}
