//! Computing and verifying responses.

use core::ops::RangeInclusive;

use crate::crypto::oath::Keyed;
use crate::otp::matched::Matched;
use crate::otp::ocra::{Input, InputError, Inputs, Response, Suite};
use crate::otp::{OtpSeed, StepWindow, TimeStep};

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
        Ok(Response::of(self.keyed.room().mac(&data), self.suite.truncation()))
    }

    /// Looks for `response` at the counter and time step of `inputs` and, as far as `search` says,
    /// around them. `Ok(None)` is a wrong response; one of another length is just that.
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
        let mut data = inputs.data_input(&self.suite)?;
        if search.look_ahead != 0 && data.counter.is_none() {
            return Err(InputError::Superfluous(Input::Counter));
        }
        if (search.window != ONE_STEP || search.after.is_some()) && data.time_step.is_none() {
            return Err(InputError::Superfluous(Input::TimeStep));
        }
        let mut room = self.keyed.room();
        let (mut at_counter, mut at_step) = (Matched::default(), Matched::default());
        let (counters, steps) = (data.counter, data.time_step);
        for step in candidates(steps, |step| search.window.around(step)) {
            data.time_step = steps.map(|_| TimeStep::new(step));
            let fresh = search.after.is_none_or(|used| used.get() < step);
            let ahead = u64::from(search.look_ahead);
            for counter in candidates(counters, |from| from..=from.saturating_add(ahead)) {
                data.counter = counters.map(|_| counter);
                let right = Response::of(room.mac(&data), self.suite.truncation()).ct_eq(response);
                if fresh {
                    at_counter.note(counter, right);
                    at_step.note(step, right);
                }
            }
        }
        Ok(at_counter.get().zip(at_step.get()).map(|(counter, step)| Match {
            counter: counters.map(|_| counter),
            time_step: steps.map(|_| TimeStep::new(step)),
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
const ONE_STEP: StepWindow = StepWindow::either_side(0);

/// How far from the expected counter and time step a response is looked for.
///
/// A suite with both is searched over every pair: `(look_ahead + 1) × (2 × steps + 1)` computations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Search {
    look_ahead: u8,
    window: StepWindow,
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
    pub const fn with_window(self, window: StepWindow) -> Self {
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
