//! An allocator that watches: it counts allocations, and looks for a planted secret in every block
//! that is given back.

pub mod canary;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What is looked for. It stands in the program's constants, which are never given back.
pub const PLANTED: &str = "xylophone quartz";

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static FOUND: Cell<u64> = const { Cell::new(0) };
}

/// Allocations of this thread so far.
pub fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// Blocks that this thread gave back with the planted secret in them, so far.
pub fn found() -> u64 {
    FOUND.with(Cell::get)
}

/// The watching allocator; make it the `#[global_allocator]`.
pub struct Watching;

/// # Safety
///
/// `block` must be valid for reads of `length` bytes.
unsafe fn look(block: *const u8, length: usize) {
    let needle = PLANTED.as_bytes();
    let first = needle[0];
    for at in 0..(length + 1).saturating_sub(needle.len()) {
        // SAFETY: `at + needle.len()` is within the block. The bytes may be uninitialised, hence the
        // volatile reads.
        let matches = unsafe {
            block.add(at).read_volatile() == first
                && (1..needle.len()).all(|n| block.add(at + n).read_volatile() == needle[n])
        };
        if matches {
            FOUND.with(|found| found.set(found.get() + 1));
            return;
        }
    }
}

// SAFETY: every call goes on to the system allocator unchanged; what is done besides neither
// allocates nor panics.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe {
            look(block, layout.size());
            System.dealloc(block, layout);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe {
            look(block, layout.size());
            System.realloc(block, layout, size)
        }
    }
}

/// Polls a future that is ready at once, as those over the memory store are.
pub fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}
