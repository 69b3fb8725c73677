//! The answer to a write: given once by the thread that writes, awaited by any runtime.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::RedbStoreError;

enum State<T> {
    Waiting(Option<Waker>),
    Done(Result<T, RedbStoreError>),
    /// The answer was taken, or nobody waits for it any more.
    Over,
}

pub(super) struct Slot<T>(Mutex<State<T>>);

/// What is known of a slot without its type.
pub(super) trait Pending: Send + Sync {
    /// Answers with this failure, unless there is an answer.
    fn fail(&self, error: &RedbStoreError);
    /// Whether nobody waits any more.
    fn is_over(&self) -> bool;
}

impl<T> Slot<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers, unless there is an answer.
    pub(super) fn set(&self, answer: Result<T, RedbStoreError>) {
        let mut state = self.state();
        let State::Waiting(waker) = &mut *state else { return };
        let waker = waker.take();
        *state = State::Done(answer);
        // The waker is foreign code: it must not find the slot locked.
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T: Send> Pending for Slot<T> {
    fn fail(&self, error: &RedbStoreError) {
        self.set(Err(error.clone()));
    }

    fn is_over(&self) -> bool {
        matches!(*self.state(), State::Over)
    }
}

/// The other end of a slot.
pub(super) struct Answered<T>(Arc<Slot<T>>);

pub(super) fn slot<T>() -> (Arc<Slot<T>>, Answered<T>) {
    let slot = Arc::new(Slot(Mutex::new(State::Waiting(None))));
    (Arc::clone(&slot), Answered(slot))
}

impl<T> Future for Answered<T> {
    type Output = Result<T, RedbStoreError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.state();
        match core::mem::replace(&mut *state, State::Over) {
            State::Done(answer) => Poll::Ready(answer),
            State::Waiting(_) => {
                *state = State::Waiting(Some(cx.waker().clone()));
                Poll::Pending
            }
            State::Over => Poll::Ready(Err(RedbStoreError::WriterGone)),
        }
    }
}

impl<T> Drop for Answered<T> {
    fn drop(&mut self) {
        let before = core::mem::replace(&mut *self.0.state(), State::Over);
        // A waker is foreign code: it is dropped with the slot unlocked.
        drop(before);
    }
}
