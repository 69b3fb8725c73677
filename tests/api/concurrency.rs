//! Many at once.

use std::sync::Arc;

use countersign::Error;
use countersign::callback::{CallbackStatus, Verdict};
use countersign::history::{Action, Outcome};
use countersign::page::Page;
use countersign::store::Fault;
use tokio::sync::Barrier;

use crate::support::*;

/// Runs `count` copies of `task` at once, on several threads and with their store calls interleaved.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    task: impl Fn(usize) -> F,
) -> Vec<T> {
    let start = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|n| {
            let (start, task) = (Arc::clone(&start), task(n));
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_interactions_one_sees_the_secret() {
    for interleaved in [false, true] {
        let bank = bank();
        let id = bank.booked().await.id;
        if interleaved {
            bank.store.always(Some(Fault::Delay(1)));
        }
        let verifier = bank.verifier.clone();
        let results = at_once(64, |n| {
            let verifier = verifier.clone();
            async move {
                let call = bob_rings(&format!("call-{n}"));
                verifier.callbacks().reveal(&call, &id).await
            }
        })
        .await;
        let winners: Vec<_> = (0..64).filter(|n| results[*n].is_ok()).collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(results[winners[0]].as_ref().unwrap().as_str(), "anana");
        let refused = results.iter().filter(|result| matches!(result, Err(Error::Refused(_))));
        assert_eq!(refused.count(), 63);

        // The same interaction, asking again, gets the same read-back.
        let call = bob_rings(&format!("call-{}", winners[0]));
        assert_eq!(verifier.callbacks().reveal(&call, &id).await.unwrap().as_str(), "anana");

        // All refusals are counted, the first 16 listed.
        let history = verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
        assert_eq!(history.refusals, 63);
        let listed = history.events.iter().filter(|e| matches!(e.outcome, Outcome::Refused(_)));
        assert_eq!(listed.count(), 16);
        let revealed = history.events.iter().filter(|e| e.outcome == Outcome::Done);
        let actions: Vec<_> = revealed.map(|event| event.action).collect();
        assert_eq!(actions, [Action::Book, Action::Reveal]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_booking_sent_64_times_is_one_booking() {
    let bank = bank();
    bank.store.always(Some(Fault::Delay(1)));
    let results = at_once(64, |_| {
        let verifier = bank.verifier.clone();
        async move { verifier.callbacks().book(&alice(), &booking("req-1", "anana")).await }
    })
    .await;
    let first = results[0].as_ref().unwrap();
    assert!(results.iter().all(|result| result.as_ref().unwrap() == first));
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(history.items.len(), 1);
    assert_eq!(history.items[0].events.len(), 1);
    let told = bank.seen.take();
    assert_eq!(told.iter().filter(|event| !event.repeated).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_ends_at_once_one_is_the_end() {
    let bank = bank();
    let id = bank.booked().await.id;
    bank.verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
    bank.store.always(Some(Fault::Delay(1)));
    let results = at_once(64, |n| {
        let verifier = bank.verifier.clone();
        async move {
            let callbacks = verifier.callbacks();
            let ended = match n % 4 {
                0 => callbacks.conclude(&alice(), &id, Verdict::Recognised).await,
                1 => callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await,
                2 => callbacks.cancel(&alice(), &id).await,
                _ => callbacks.abandon(&bob_rings("call-1"), &id).await,
            };
            ended.map(|callback| callback.status)
        }
    })
    .await;
    let listed = bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    let end = listed.items[0].status;
    assert!(end.has_ended() && end != CallbackStatus::Expired);
    // Those who asked for that end got it, and so did the customer's reports, which are noted after every end;
    // everybody else was refused.
    let reported = end != CallbackStatus::NotRecognised;
    let granted = if reported { 32 } else { 16 };
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), granted);
    assert!(results.iter().all(|result| match result {
        Ok(status) => *status == end,
        Err(error) => matches!(error, Error::Refused(_)),
    }));
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let done = history.items[0].events.iter().filter(|event| event.outcome == Outcome::Done);
    let done: Vec<_> = done.map(|event| event.action).collect();
    let reports = done.iter().filter(|action| **action == Action::Report).count();
    assert_eq!(reports, usize::from(reported));
    let others = [Action::Book, Action::Reveal, Action::Report];
    assert_eq!(done.iter().filter(|action| !others.contains(action)).count(), 1);
}
