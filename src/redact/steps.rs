//! Steps of work, counted only where a test or a fuzz target asks whether they grow with the text alone.

#[cfg(any(fuzzing, test))]
std::thread_local! {
    static STEPS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

/// Counts so many steps: bytes looked at, or digits judged.
#[cfg(any(fuzzing, test))]
pub(super) fn count(steps: usize) {
    STEPS.set(STEPS.get().saturating_add(steps));
}

#[cfg(not(any(fuzzing, test)))]
pub(super) const fn count(_: usize) {}

/// The steps of this thread since this was last asked.
#[cfg(any(fuzzing, test))]
pub(crate) fn taken() -> usize {
    STEPS.take()
}
