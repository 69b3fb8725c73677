//! How much the slow tests try: `COUNTERSIGN_DEPTH=quick`, which is the default, or `full`.
//!
//! A quick run takes fewer random cases, and of each list of points every so many: always so that each kind of
//! point still comes up. What can be said of the whole list only, a test says in a full run only, and its
//! comment says so. `.ci/full` runs everything in full.
#![allow(dead_code, reason = "each test binary uses a part")]

use countersign::store::Fault;

pub(crate) fn is_full() -> bool {
    match std::env::var("COUNTERSIGN_DEPTH").as_deref() {
        Ok("full") => true,
        Ok("quick" | "") | Err(_) => false,
        Ok(other) => panic!("COUNTERSIGN_DEPTH is quick or full, not {other:?}"),
    }
}

/// One of two values, by the depth.
pub(crate) fn either<T>(quick: T, full: T) -> T {
    if is_full() { full } else { quick }
}

/// How many cases a property is tried with. `PROPTEST_CASES` says otherwise.
pub(crate) fn cases(quick: u32, full: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().map(|text| text.parse().unwrap());
    asked.unwrap_or_else(|| either(quick, full))
}

/// All of them in a full run, every `stride`th in a quick one. In a list that goes through the points of one
/// kind after another, a stride that does not divide the number of the points of a kind covers all of both.
pub(crate) fn strided<T>(
    all: impl IntoIterator<Item = T>,
    stride: usize,
) -> impl Iterator<Item = T> {
    all.into_iter().step_by(either(stride, 1))
}

/// Every fault at each of so many store calls.
pub(crate) fn every_fault_at(calls: usize) -> impl Iterator<Item = (Fault, usize)> {
    Fault::ALL.into_iter().flat_map(move |fault| (0..calls).map(move |at| (fault, at)))
}
