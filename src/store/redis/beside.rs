//! Calls that are made side by side: their commands go out together, so that all of them take one round trip.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;

use crate::store::StoreError;

/// One of them.
pub(super) type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What all of them come to, in their order, once each has ended; an error if one is.
pub(super) async fn side_by_side<T>(calls: Vec<Call<'_, T>>) -> Result<Vec<T>, StoreError> {
    let mut calls: Vec<_> = calls.into_iter().map(|call| (call, None)).collect();
    poll_fn(|cx| {
        let mut ended = true;
        for (call, answer) in &mut calls {
            if answer.is_none() {
                match call.as_mut().poll(cx) {
                    Poll::Ready(value) => *answer = Some(value),
                    Poll::Pending => ended = false,
                }
            }
        }
        if ended { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    calls.into_iter().filter_map(|(_, answer)| answer).collect()
}
