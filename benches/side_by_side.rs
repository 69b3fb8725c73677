//! Times several ways of doing one thing in the same run, in turns, and prints ratios.
//!
//! Each round times every case for a batch of calls, one case after the other, so that a machine
//! whose speed drifts slows them all alike; the figures are medians over the rounds, and a ratio
//! is the median of the ratios within a round.
//!
//! With `COUNTED=TITLE/NAME` in the environment nothing is timed: so many calls of that one case run as
//! `CALLS` says, in [`counted`], whose instructions `.ci/instructions` counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Rounds counted, after one that is not.
const ROUNDS: usize = 201;
/// How long a case runs in one round.
const BATCH: Duration = Duration::from_millis(1);

/// One way of doing the thing.
pub struct Case<'a> {
    name: &'a str,
    prepare: Box<dyn FnMut(u32) + 'a>,
    run: Box<dyn FnMut() + 'a>,
}

/// A case called `name`; `run` is one operation (pass what it makes through `black_box`).
pub fn case<'a>(name: &'a str, run: impl FnMut() + 'a) -> Case<'a> {
    prepared(name, |_| {}, run)
}

/// The same, where each operation uses something up: before each batch, untimed, `prepare` makes
/// ready for so many calls of `run`.
pub fn prepared<'a>(
    name: &'a str,
    prepare: impl FnMut(u32) + 'a,
    run: impl FnMut() + 'a,
) -> Case<'a> {
    Case { name, prepare: Box::new(prepare), run: Box::new(run) }
}

/// Times `cases` side by side and prints them; the first is what the others are measured against.
pub fn compare(title: &str, mut cases: Vec<Case<'_>>) {
    if let Ok(wanted) = std::env::var("COUNTED") {
        let calls = std::env::var("CALLS").map_or(100, |calls| calls.parse().unwrap());
        let wanted = wanted.split_once('/').filter(|(of, _)| *of == title);
        for case in
            cases.iter_mut().filter(|case| wanted.is_some_and(|(_, name)| name == case.name))
        {
            // What is done once is done, and caches of the crate's own are filled.
            (case.prepare)(calls);
            (case.run)();
            (case.prepare)(calls);
            counted(calls, &mut case.run);
        }
        return;
    }
    println!("\n{title}");
    let mut batches = Vec::new();
    for case in &mut cases {
        // Doubling until a batch is long enough, so that preparing is not timed.
        let mut calls = 1_u32;
        loop {
            (case.prepare)(calls);
            let started = Instant::now();
            for _ in 0..calls {
                (case.run)();
            }
            if started.elapsed() >= BATCH {
                break;
            }
            calls *= 2;
        }
        batches.push(calls);
    }
    let mut times = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for (at, case) in cases.iter_mut().enumerate() {
            (case.prepare)(batches[at]);
            let started = Instant::now();
            for _ in 0..batches[at] {
                (case.run)();
            }
            times[at].push(started.elapsed().as_nanos() as f64 / f64::from(batches[at]));
        }
    }
    let first = times[0].clone();
    for (at, case) in cases.iter_mut().enumerate() {
        let ratio = median(times[at].iter().zip(&first).map(|(one, other)| one / other).collect());
        (case.prepare)(1);
        let before = allocations();
        (case.run)();
        let allocated = allocations() - before;
        println!(
            "  {:<44} {:>10.0} ns  {:>6.2}x  {:>3} allocations",
            case.name,
            median(times[at].clone()),
            ratio,
            allocated
        );
    }
}

/// The calls whose instructions are counted.
#[inline(never)]
fn counted(calls: u32, run: &mut dyn FnMut()) {
    for _ in 0..calls {
        run();
    }
}

/// The median of `figures`.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Allocations of this thread so far.
pub fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

struct Counting;

// SAFETY: every call goes to the system allocator unchanged; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
