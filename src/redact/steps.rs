//! Steps of work, counted only where a fuzz target asks whether they grow with the text alone.

#[cfg(fuzzing)]
std::thread_local! {
    static STEPS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

/// Counts so many steps: bytes looked at, or digits judged.
#[cfg(fuzzing)]
pub(super) fn count(steps: usize) {
    STEPS.set(STEPS.get().saturating_add(steps));
}

#[cfg(not(fuzzing))]
pub(super) const fn count(_: usize) {}

/// The steps of this thread since this was last asked.
#[cfg(fuzzing)]
pub(crate) fn taken() -> usize {
    STEPS.take()
}
