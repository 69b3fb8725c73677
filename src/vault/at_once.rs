//! Several things at once, and not too many.

use core::pin::Pin;
use core::task::Poll;
use std::future::poll_fn;

/// Runs the futures, at most `most` (and at least one) at a time, and hands out what each comes to as soon as it does.
pub(super) async fn at_once<F: Future>(
    most: usize,
    futures: impl Iterator<Item = F>,
    mut done: impl FnMut(F::Output),
) {
    let mut waiting = futures.fuse();
    let mut running: Vec<Pin<Box<F>>> = Vec::new();
    poll_fn(|cx| {
        loop {
            while running.len() < most.max(1)
                && let Some(next) = waiting.next()
            {
                running.push(Box::pin(next));
            }
            let before = running.len();
            running.retain_mut(|future| match future.as_mut().poll(cx) {
                Poll::Ready(output) => {
                    done(output);
                    false
                }
                Poll::Pending => true,
            });
            if running.is_empty() && before == 0 {
                return Poll::Ready(());
            }
            // There is room for others, which were not polled yet.
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn as_many_at_once_as_it_says_and_each_once() {
        for (count, most) in [(0, 3), (1, 3), (3, 3), (10, 3), (10, 1), (10, 0), (5, 100)] {
            let (running, highest) = (Cell::new(0), Cell::new(0));
            let one = |n: usize| {
                let (running, highest) = (&running, &highest);
                async move {
                    running.set(running.get() + 1);
                    highest.set(highest.get().max(running.get()));
                    for _ in 0..(n * 7) % 5 {
                        tokio::task::yield_now().await;
                    }
                    running.set(running.get() - 1);
                    n
                }
            };
            let mut done = Vec::new();
            at_once(most, (0..count).map(one), |n| done.push(n)).await;
            done.sort_unstable();
            assert_eq!(done, (0..count).collect::<Vec<_>>(), "{count} {most}");
            assert!(highest.get() <= most.max(1), "{count} {most}: {}", highest.get());
        }
    }
}
