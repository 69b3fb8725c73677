//! What a `tracing` subscriber is told (feature `tracing`): a span around each public call, an event when it ends, and
//! an event for each call of the store. Names, outcomes, times and counts alone: no id, no text, no reason.
//!
//! Without the feature nothing of this is there.

#[cfg(feature = "tracing")]
mod calls;
#[cfg(feature = "tracing")]
mod stores;

#[cfg(feature = "tracing")]
pub(crate) use self::calls::watched;
#[cfg(feature = "tracing")]
use self::stores::Watched;

use crate::store::{ErasedStore, Store};

/// One public call by its name, a future that gives `Result<_, Error>`: waits for it, and tells a subscriber.
#[cfg(feature = "tracing")]
macro_rules! call {
    ($name:literal, $call:expr $(,)?) => {
        $crate::engine::trace::watched(
            ::tracing::info_span!(target: "countersign", $name),
            $name,
            $call,
        )
        .await
    };
}

/// One public call by its name, a future that gives `Result<_, Error>`: waits for it.
#[cfg(not(feature = "tracing"))]
macro_rules! call {
    ($name:literal, $call:expr $(,)?) => {
        $crate::engine::trace::unwatched($call).await
    };
}

pub(crate) use call;

/// The same future: it says of a block what it gives.
#[cfg(not(feature = "tracing"))]
pub(crate) const fn unwatched<T, F>(call: F) -> F
where
    F: Future<Output = Result<T, crate::error::Error>>,
{
    call
}

/// A store whose calls a subscriber is told of.
#[cfg(feature = "tracing")]
pub(crate) fn store(store: impl Store) -> Box<dyn ErasedStore> {
    Box::new(Watched(store))
}

/// The store as it is.
#[cfg(not(feature = "tracing"))]
pub(crate) fn store(store: impl Store) -> Box<dyn ErasedStore> {
    Box::new(store)
}
