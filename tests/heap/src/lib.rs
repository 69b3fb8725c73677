//! An allocator that watches: it counts allocations, and looks for secrets in every block that is given
//! back.

pub mod canary;
pub mod cards;
pub mod spoken;
pub mod stack;
pub mod step_ups;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

/// What is always looked for. It stands in the program's constants, which are never given back.
pub const PLANTED: &str = "xylophone quartz";

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static FOUND: Cell<u64> = const { Cell::new(0) };
    static NEEDLES: Cell<&'static [Needle]> = const { Cell::new(&[]) };
    /// The bytes that needles begin with.
    static FIRSTS: Cell<&'static [bool; 256]> = const { Cell::new(&[false; 256]) };
}

/// Something else to look for, and whether it was found.
struct Needle {
    what: &'static str,
    bytes: Vec<u8>,
    found: AtomicBool,
}

/// The fewest bytes to look for: fewer stand in memory by accident.
const FEWEST: usize = 4;

/// Looks for these too, on this thread, from now on. None may begin with a zero byte, of which memory is
/// full. They are kept for ever, so that they are not found where they stand here.
pub fn look_for(needles: Vec<(&'static str, Vec<u8>)>) {
    let mut firsts = Box::new([false; 256]);
    let needles: Vec<_> = needles
        .into_iter()
        .map(|(what, bytes)| {
            assert!(bytes.len() >= FEWEST && bytes[0] != 0, "{what}");
            firsts[usize::from(bytes[0])] = true;
            Needle { what, bytes, found: AtomicBool::new(false) }
        })
        .collect();
    NEEDLES.set(Vec::leak(needles));
    FIRSTS.set(Box::leak(firsts));
}

/// What was found of it so far, and forgets that.
pub fn found_of_them() -> Vec<&'static str> {
    let found = NEEDLES.get().iter().filter(|needle| needle.found.swap(false, Ordering::Relaxed));
    found.map(|needle| needle.what).collect()
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
    let stands = |needle: &[u8], at: usize| {
        at + needle.len() <= length
            // SAFETY: `at + needle.len()` is within the block. The bytes may be uninitialised, hence the
            // volatile reads.
            && (0..needle.len()).all(|n| unsafe { block.add(at + n).read_volatile() } == needle[n])
    };
    let (planted, needles, firsts) = (PLANTED.as_bytes(), NEEDLES.get(), FIRSTS.get());
    let mut planted_too = false;
    for at in 0..length {
        // SAFETY: it is within the block.
        let first = unsafe { block.add(at).read_volatile() };
        planted_too |= first == planted[0] && stands(planted, at);
        if firsts[usize::from(first)] {
            for needle in needles.iter().filter(|needle| stands(&needle.bytes, at)) {
                needle.found.store(true, Ordering::Relaxed);
            }
        }
    }
    if planted_too {
        FOUND.with(|found| found.set(found.get() + 1));
    }
}

// SAFETY: every block comes from the system allocator and goes back to it; what is done besides neither
// allocates nor panics.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe {
            look(block, layout.size());
            // Whoever gets it next may not write all of it, and must not answer for what stood there.
            block.write_bytes(0, layout.size());
            System.dealloc(block, layout);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe {
            // Always moved: what grows in place today is moved tomorrow.
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                block.copy_to_nonoverlapping(moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

/// Polls a future that is ready at once, as those over the memory store are. In a box, as runtimes keep
/// theirs: what a future holds when it is over goes back to the allocator.
pub fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match boxed(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}

/// A future in a box, into which it brings nothing of what stood on the stack: what it holds later was put
/// there by its own call.
fn boxed<F: Future>(future: F) -> Pin<Box<F>> {
    let mut future = Box::new(future);
    let (place, length) = (&raw mut *future, size_of::<F>());
    for needle in NEEDLES.get() {
        for at in 0..length.saturating_sub(needle.bytes.len() - 1) {
            // SAFETY: it is within the box. No future is given a secret but by reference, so what looks like
            // one stands in room that the future has not used yet.
            unsafe {
                let at = place.cast::<u8>().add(at);
                if (0..needle.bytes.len()).all(|n| at.add(n).read_volatile() == needle.bytes[n]) {
                    at.write_bytes(0, needle.bytes.len());
                }
            }
        }
    }
    overwrite_the_stack();
    Box::into_pin(future)
}

/// As far down as any call goes.
#[inline(never)]
pub fn overwrite_the_stack() {
    let _ = black_box([0_u64; 32 * 1024]);
}

/// Whether this stands below on the stack, where the calls were that have returned.
#[inline(never)]
#[must_use]
pub fn is_on_the_stack(needle: &[u8]) -> bool {
    let room = black_box(std::mem::MaybeUninit::<[u8; 256 * 1024]>::uninit());
    let place = room.as_ptr().cast::<u8>();
    let stands = |at: usize| {
        // SAFETY: it is within the room. The bytes are uninitialised, hence the volatile reads.
        (0..needle.len()).all(|n| unsafe { place.add(at + n).read_volatile() } == needle[n])
    };
    (0..size_of_val(&room) - needle.len()).any(stands)
}

/// Polls a future in a box so many times, and then drops it, as a runtime does when the phone hangs up.
/// Gives what it gave, if it was over before.
pub fn dropped_after<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = boxed(future);
    for _ in 0..polls {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(value);
        }
    }
    None
}
