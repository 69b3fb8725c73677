//! A process that dies in the middle of a call, and calls that are stopped there.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use countersign::store::Fault;

/// A process that never comes back from a call of its store.
pub(crate) const DIES: Fault = Fault::Delay(u32::MAX);

/// What comes of `future` within so many polls.
pub(crate) fn polled<T>(mut future: Pin<&mut impl Future<Output = T>>, polls: usize) -> Option<T> {
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    })
}

/// Runs `future` until it ends, or until nothing more happens: then its process has died.
pub(crate) fn until_death<T>(future: impl Future<Output = T>) -> Option<T> {
    polled(pin!(future), 1000)
}
