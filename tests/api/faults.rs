//! Every fault of the fault-injecting store, at every store call of every operation: an error or the
//! right answer, and repeating the call gives the result.

use countersign::callback::{AmendmentRequest, CallbackStatus, Verdict};
use countersign::error::RecordError;
use countersign::history::{Action, Outcome};
use countersign::page::{Page, Paged};
use countersign::store::{
    Expected, Fault, FaultStore, News, Place, Put, Record, Store, StoreError,
};
use countersign::{CallbackId, Error, MemoryStore, Timestamp};

use crate::support::between::{Between, Via};
use crate::support::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Book,
    Amend,
    Cancel,
    Reveal,
    RevealRefused,
    ConcludeRecognised,
    ConcludeNotRecognised,
    Report,
    Abandon,
    List,
    ListExpired,
    History,
    HistoryExpired,
}

impl Operation {
    const ALL: [Self; 13] = [
        Self::Book,
        Self::Amend,
        Self::Cancel,
        Self::Reveal,
        Self::RevealRefused,
        Self::ConcludeRecognised,
        Self::ConcludeNotRecognised,
        Self::Report,
        Self::Abandon,
        Self::List,
        Self::ListExpired,
        Self::History,
        Self::HistoryExpired,
    ];

    /// Whether its first store call is a list, and the second a load.
    fn lists(self) -> bool {
        matches!(self, Self::ListExpired | Self::HistoryExpired)
    }

    /// What stands before the operation.
    async fn prepare(self, bank: &Bank) -> CallbackId {
        let callbacks = bank.verifier.callbacks();
        // Somebody else's record, for the store to mix up.
        callbacks.book(&mallory(), &booking("other", "other word")).await.unwrap();
        let id = bank.booked().await.id;
        match self {
            // Booked twice: the first one has given the id.
            Self::Book => {}
            Self::ConcludeRecognised | Self::ConcludeNotRecognised => {
                callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
            }
            Self::RevealRefused => {
                callbacks.reveal(&bob_rings("call-0"), &id).await.unwrap();
            }
            Self::ListExpired | Self::HistoryExpired => bank.clock.set(window().until()),
            _ => {}
        }
        id
    }

    /// The operation, and what it answered in one line.
    async fn run(self, bank: &Bank, id: &CallbackId) -> Result<String, Error> {
        let callbacks = bank.verifier.callbacks();
        let (alice, call) = (alice(), bob_rings("call-1"));
        match self {
            Self::Book => {
                let booking = booking("req-new", "cherry");
                Ok(format!("{:?}", callbacks.book(&alice, &booking).await?))
            }
            Self::Amend => {
                let amendment = AmendmentRequest::new(request("a-1")).secret(secret("cherry"));
                Ok(format!("{:?}", callbacks.amend(&alice, id, &amendment).await?))
            }
            Self::Cancel => Ok(format!("{:?}", callbacks.cancel(&alice, id).await?)),
            Self::Reveal => Ok(callbacks.reveal(&call, id).await?.as_str().to_owned()),
            Self::RevealRefused => match callbacks.reveal(&call, id).await {
                Err(Error::Refused(refused)) => Ok(refused.to_string()),
                Err(error) => Err(error),
                Ok(_) => panic!("a second interaction saw the secret"),
            },
            Self::ConcludeRecognised => {
                let verdict = Verdict::Recognised;
                Ok(format!("{:?}", callbacks.conclude(&alice, id, verdict).await?))
            }
            Self::ConcludeNotRecognised | Self::Report => {
                let verdict = Verdict::NotRecognised;
                Ok(format!("{:?}", callbacks.conclude(&alice, id, verdict).await?))
            }
            Self::Abandon => Ok(format!("{:?}", callbacks.abandon(&call, id).await?)),
            Self::List | Self::ListExpired => {
                Ok(format!("{:?}", readable(callbacks.list(&alice, Page::first()).await?)?))
            }
            Self::History | Self::HistoryExpired => {
                let history = readable(bank.verifier.history(&alice, Page::first()).await?)?;
                let of = |event: &countersign::history::HistoryEvent| (event.action, event.outcome);
                let events: Vec<Vec<_>> =
                    history.items.iter().map(|one| one.events.iter().map(of).collect()).collect();
                Ok(format!("{events:?}"))
            }
        }
    }
}

/// A list goes on without what it cannot open, and says so.
fn readable<T>(page: Paged<T>) -> Result<Paged<T>, Error> {
    if page.unreadable > 0 { Err(RecordError::Damaged.into()) } else { Ok(page) }
}

/// Every event of Alice's histories: what was done, and whether.
async fn events(bank: &Bank) -> Vec<(Action, Outcome)> {
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    let events = history.items.iter().flat_map(|one| &one.events);
    let mut events: Vec<_> = events.map(|event| (event.action, event.outcome)).collect();
    events.sort_by_key(|event| format!("{event:?}"));
    events
}

async fn refusals(bank: &Bank) -> u32 {
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    history.items.iter().map(|one| one.refusals).sum()
}

#[test]
fn every_fault_at_every_store_call_of_every_operation() {
    block_on(async {
        let mut cases = 0;
        for operation in Operation::ALL {
            // Without faults: the answer, how many store calls, and what the history then says.
            let clean = bank();
            let id = operation.prepare(&clean).await;
            let before = clean.store.calls();
            let right = operation.run(&clean, &id).await.unwrap();
            let calls = clean.store.calls() - before;
            let wanted = events(&clean).await;
            assert!(calls > 0);

            for fault in Fault::ALL {
                // One call more than a clean run makes, for the look after a doubtful write.
                for call in 0..=calls {
                    let case = format!("{operation:?}, {fault:?} at call {call}");
                    let bank = bank();
                    let id = operation.prepare(&bank).await;
                    bank.store.plan(call, fault);
                    let answer = operation.run(&bank, &id).await;
                    bank.store.heal();
                    match &answer {
                        Ok(answer) => assert_eq!(*answer, right, "{case}"),
                        Err(Error::Store(_) | Error::Record(_)) => {}
                        Err(other) => panic!("{case}: {other:?}"),
                    }
                    // A write whose answer alone is lost is found, and its result given.
                    let write = if operation == Operation::Book { 5 } else { 1 };
                    let writes = fault == Fault::LoseAnswer && call == write;
                    if writes && !matches!(operation, Operation::List | Operation::History) {
                        assert!(answer.is_ok() || operation.lists(), "{case}: {answer:?}");
                    }
                    let spoils = matches!(
                        fault,
                        Fault::Garbage
                            | Fault::Foreign
                            | Fault::Older
                            | Fault::Truncated
                            | Fault::BitFlipped
                    );
                    if call == 0 && spoils && operation != Operation::Book {
                        assert!(matches!(answer, Err(Error::Record(_))), "{case}: {answer:?}");
                    }
                    // Nobody has lost anything: the same call again gives the result.
                    assert_eq!(operation.run(&bank, &id).await.unwrap(), right, "{case}, again");
                    // And nothing was done twice. (A refused attempt that is made twice counts
                    // twice.)
                    if operation == Operation::RevealRefused {
                        assert!((1..=2).contains(&refusals(&bank).await), "{case}");
                    } else {
                        assert_eq!(events(&bank).await, wanted, "{case}");
                        assert_eq!(refusals(&bank).await, 0, "{case}");
                    }
                    cases += 1;
                }
            }
        }
        assert!(cases > 300, "{cases}");
    });
}

#[test]
fn a_readback_that_was_counted_is_seen_in_the_end() {
    block_on(async {
        // The write lands, its answer is lost, and so is the look after it.
        let bank = bank();
        let id = bank.booked().await.id;
        bank.store.plan(1, Fault::LoseAnswer);
        bank.store.plan(2, Fault::FailBefore);
        let callbacks = bank.verifier.callbacks();
        let lost = callbacks.reveal(&bob_rings("call-1"), &id).await;
        assert!(matches!(lost, Err(Error::Store(_))), "{lost:?}");
        assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "anana");
        assert!(matches!(
            callbacks.reveal(&bob_rings("call-2"), &id).await,
            Err(Error::Refused(_))
        ));
    });
}

/// Lets the first update of a record land, then has somebody else change it, and only then answers:
/// with an error or with a lost race.
#[derive(Debug, Clone)]
struct Overtaken {
    inner: FaultStore<MemoryStore>,
    clock: countersign::time::ManualClock,
    lost: std::sync::Arc<std::sync::atomic::AtomicBool>,
    as_conflict: bool,
}

impl Between for Overtaken {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.inner
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let put = self.inner.put_if(at, expected, new, news, now).await?;
        let first = expected != Expected::Absent;
        if !first || self.lost.swap(true, std::sync::atomic::Ordering::SeqCst) {
            return Ok(put);
        }
        let other = part(keyring(), &self.inner, &self.clock, &Recorder::default(), 77);
        let other = other.build().unwrap();
        let id = other.callbacks().list(&alice(), Page::first()).await.unwrap().items[0].id;
        other.callbacks().reveal(&bob_rings("call-other"), &id).await.unwrap_err();
        if self.as_conflict {
            Ok(Put::Conflict)
        } else {
            Err(StoreError::unavailable("the answer was lost"))
        }
    }
}

#[test]
fn a_lost_answer_is_found_by_the_operation_s_own_id_even_behind_another_change() {
    block_on(async {
        for as_conflict in [false, true] {
            let bank = bank();
            let id = bank.booked().await.id;
            let store = Overtaken {
                inner: bank.store.clone(),
                clock: bank.clock.clone(),
                lost: std::sync::Arc::default(),
                as_conflict,
            };
            bank.seen.take();
            let verifier = part(keyring(), &bank.store, &bank.clock, &bank.seen, 2)
                .store(Via(store))
                .build()
                .unwrap();
            // Another interaction asks right after. What Bob's call gets is what landed first.
            let readback = verifier.callbacks().reveal(&bob_rings("call-1"), &id).await.unwrap();
            assert_eq!(readback.as_str(), "anana");
            let told = bank.seen.take();
            assert_eq!(told.len(), 1);
            assert_eq!((told[0].outcome, told[0].repeated), (Outcome::Done, false));
            assert_eq!(refusals(&bank).await, 1);
            assert_eq!(events(&bank).await.len(), 3);
        }
    });
}

#[test]
fn the_last_attempt_s_outcome_is_looked_for_too() {
    block_on(async {
        for (last, ok) in [
            (Fault::LoseAnswer, true),
            (Fault::LandedConflict, true),
            (Fault::FailBefore, false),
            (Fault::Conflict, false),
        ] {
            let bank = bank();
            let id = bank.booked().await.id;
            // 127 lost races, each a load and a write, and then the last.
            for attempt in 0..127 {
                bank.store.plan(2 * attempt + 1, Fault::Conflict);
            }
            bank.store.plan(2 * 127 + 1, last);
            let callbacks = bank.verifier.callbacks();
            let result = callbacks.cancel(&alice(), &id).await;
            bank.store.heal();
            let status = callbacks.list(&alice(), Page::first()).await.unwrap().items[0].status;
            if ok {
                assert_eq!(result.unwrap().status, CallbackStatus::Cancelled, "{last:?}");
                assert_eq!(status, CallbackStatus::Cancelled);
            } else {
                let error = result.unwrap_err();
                let busy = matches!(error, Error::Busy);
                assert_eq!(busy, last == Fault::Conflict, "{error:?}");
                assert_eq!(status, CallbackStatus::Booked);
            }
        }
    });
}

#[test]
fn a_store_that_always_fails_is_an_error_and_never_a_refusal() {
    block_on(async {
        for fault in Fault::ALL {
            for operation in Operation::ALL {
                let bank = bank();
                let id = operation.prepare(&bank).await;
                bank.store.always(Some(fault));
                let answer = operation.run(&bank, &id).await;
                let reads = matches!(operation, Operation::List | Operation::History);
                let case = format!("{operation:?}, always {fault:?}: {answer:?}");
                match fault {
                    Fault::FailBefore => {
                        assert!(matches!(answer, Err(Error::Store(_))), "{case}");
                    }
                    Fault::LoseAnswer => {
                        assert!(matches!(answer, Err(Error::Store(_))), "{case}");
                    }
                    Fault::Delay(_) | Fault::LandedConflict => assert!(answer.is_ok(), "{case}"),
                    Fault::Conflict if reads => assert!(answer.is_ok(), "{case}"),
                    Fault::Conflict => assert!(matches!(answer, Err(Error::Busy)), "{case}"),
                    // Booking finds an empty place, which cannot be spoilt.
                    _ if operation == Operation::Book => {}
                    _ => assert!(matches!(answer, Err(Error::Record(_))), "{case}"),
                }
            }
        }
    });
}

#[test]
fn a_random_source_or_clock_that_fails_decides_nothing() {
    #[derive(Debug)]
    struct Broken;
    impl countersign::random::Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), countersign::random::RandomError> {
            Err(countersign::random::RandomError::new())
        }
    }
    impl countersign::time::Clock for Broken {
        fn now(&self) -> Result<countersign::Timestamp, countersign::time::ClockError> {
            Err(countersign::time::ClockError::new())
        }
    }
    block_on(async {
        let bank = bank();
        let id = bank.booked().await.id;
        let (store, clock, seen) = (&bank.store, &bank.clock, &bank.seen);
        let dice = part(keyring(), store, clock, seen, 2).random(Broken).build().unwrap();
        let result = dice.callbacks().reveal(&bob_rings("call-1"), &id).await;
        assert!(matches!(result, Err(Error::Random(_))), "{result:?}");
        let timeless = part(keyring(), store, clock, seen, 3).clock(Broken).build().unwrap();
        let result = timeless.callbacks().reveal(&bob_rings("call-1"), &id).await;
        assert!(matches!(result, Err(Error::Clock(_))), "{result:?}");
        let listed = bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
        assert_eq!(listed.items[0].status, CallbackStatus::Booked);
    });
}

#[test]
fn a_full_store_is_an_error_that_says_so() {
    block_on(async {
        let store = FaultStore::new(MemoryStore::with_capacity(1));
        let clock = countersign::time::ManualClock::new(START);
        let seen = Recorder::default();
        let verifier = part(keyring(), &store, &clock, &seen, 1).build().unwrap();
        let callbacks = verifier.callbacks();
        let id = callbacks.book(&alice(), &booking("req-1", "anana")).await.unwrap().id;
        let full = callbacks.book(&alice(), &booking("req-2", "banana")).await;
        assert!(matches!(full, Err(Error::Store(StoreError::Full))), "{full:?}");
        // What is there can still be used.
        assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "anana");
        assert_eq!(callbacks.list(&alice(), Page::first()).await.unwrap().items.len(), 1);
    });
}
