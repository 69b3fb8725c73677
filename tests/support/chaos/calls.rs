//! One call: timed, sometimes dropped, and its failure looked at.

use std::future::Future;
use std::time::{Duration, Instant};

use countersign::store::StoreError;

use super::SLACK;
use super::load::Shared;
use super::random::Random;

/// What became of a call; `None` if its future was dropped.
pub async fn made<T>(
    shared: &Shared,
    random: &mut Random,
    name: &str,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Option<Result<T, StoreError>> {
    let begun = Instant::now();
    let answer = if random.one_in(12) {
        let patience = Duration::from_micros(random.below(3000));
        match tokio::time::timeout(patience, call).await {
            Ok(answer) => answer,
            Err(_) => {
                shared.journal().sums.dropped += 1;
                return None;
            }
        }
    } else {
        call.await
    };
    let took = begun.elapsed();
    let mut journal = shared.journal();
    journal.sums.longest = journal.sums.longest.max(took);
    if let Err(error) = &answer {
        journal.failed(error);
    }
    drop(journal);
    assert!(took < shared.deadline + SLACK, "{name} took {took:?}: {:?}", answer.err());
    Some(answer)
}

/// The same, where a dropped call and a failed one come to the same.
pub async fn got<T>(
    shared: &Shared,
    random: &mut Random,
    name: &str,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Option<T> {
    made(shared, random, name, call).await?.ok()
}
