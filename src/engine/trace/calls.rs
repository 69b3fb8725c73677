//! A public call in its span, and the event when it ends.

use core::cell::Cell;
use core::future::poll_fn;
use core::pin::pin;
use std::time::Instant;

use tracing::{Level, Span, enabled, event};

use crate::error::Error;
use crate::store::StoreError;

/// What a call came to whose future was dropped before it ended.
pub(super) const DROPPED: &str = "dropped";

/// What the writes of a call came to.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Writes that were tried.
    attempts: u64,
    /// Writes that lost a race.
    conflicts: u64,
}

thread_local! {
    /// Of the call that this thread is polling.
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { attempts: 0, conflicts: 0 }) };
}

/// Counts a write that the call tries which this thread is polling.
pub(super) fn tried() {
    let counts = COUNTS.get();
    COUNTS.set(Counts { attempts: counts.attempts.saturating_add(1), ..counts });
}

/// Counts one that lost a race.
pub(super) fn lost() {
    let counts = COUNTS.get();
    COUNTS.set(Counts { conflicts: counts.conflicts.saturating_add(1), ..counts });
}

/// Waits for `call` in `span`, and tells how it ended.
pub(crate) async fn watched<T>(
    span: Span,
    name: &'static str,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let begun = enabled!(target: "countersign", Level::DEBUG).then(Instant::now);
    let mut watch = Call { name, span, begun, counts: Counts::default() };
    let mut call = pin!(call);
    let result = poll_fn(|cx| watch.in_span(|| call.as_mut().poll(cx))).await;
    watch.ended(outcome(&result));
    result
}

/// A call that is going on; one that goes away before it has ended was dropped.
struct Call {
    name: &'static str,
    span: Span,
    /// `None` once it has been told, or if nobody listens.
    begun: Option<Instant>,
    counts: Counts,
}

impl Call {
    fn in_span<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        let _entered = self.span.enter();
        if self.begun.is_none() {
            return poll();
        }
        let outer = COUNTS.replace(self.counts);
        let polled = poll();
        self.counts = COUNTS.replace(outer);
        polled
    }

    fn ended(&mut self, outcome: &'static str) {
        let Some(begun) = self.begun.take() else { return };
        let Counts { attempts, conflicts } = self.counts;
        event!(
            target: "countersign",
            parent: &self.span,
            Level::DEBUG,
            call = self.name,
            outcome,
            latency_us = micros(begun),
            attempts,
            conflicts,
        );
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.ended(DROPPED);
    }
}

/// Microseconds since then.
pub(super) fn micros(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// What a call came to. Why something was refused, or what was invalid, is told elsewhere: to the observer, and to
/// the caller.
const fn outcome<T>(result: &Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(Error::Refused(_)) => "refused",
        Err(Error::Invalid(_)) => "invalid",
        Err(Error::Busy) => "busy",
        Err(Error::Store(error)) => of_store(error),
        Err(Error::Record(_)) => "record",
        Err(Error::Random(_)) => "random",
        Err(Error::Clock(_)) => "clock",
        Err(Error::Signer(_)) => "signer",
        Err(Error::Judge(_)) => "judge",
        Err(Error::Config(_)) => "config",
        Err(Error::Internal) => "internal",
        #[cfg(feature = "cards")]
        Err(Error::Acquirer(_)) => "acquirer",
    }
}

/// Why a store did not do it.
pub(super) const fn of_store(error: &StoreError) -> &'static str {
    match error {
        StoreError::Full => "store_full",
        StoreError::Unavailable(_) => "store_unavailable",
    }
}
