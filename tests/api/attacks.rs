//! The attacks on callbacks that must fail, by the number of the threat model.

use std::sync::atomic::{AtomicBool, Ordering};

use countersign::callback::{CallbackStatus, Verdict};
use countersign::error::{Reason, RecordError};
use countersign::history::{Action, Outcome};
use countersign::page::Page;
use countersign::store::{Expected, Head, News, Place, Put, Record, Store, StoreError};
use countersign::{Channel, Direction, Error, MemoryStore};

use crate::support::between::{Between, Via, put};
use crate::support::*;

#[tokio::test]
async fn attack_02_caller_id_spoofing_with_correct_account_details() {
    // The impostor knows the customer, the number, the window, even the callback's id. What they do
    // not have is an outbound interaction that the enterprise's own platform vouches for.
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    // The customer hears no word, and says so.
    let reported = callbacks.conclude(&alice(), &id, Verdict::NotRecognised).await.unwrap();
    assert!(reported.reported);
    assert_eq!(bank.seen.take().last().unwrap().action, Action::Report);
    // The enterprise still can make the genuine call.
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "anana");
}

#[tokio::test]
async fn attack_01_the_relay_s_second_call_is_inbound_and_reveals_nothing() {
    // While a scammer talks to the customer, an accomplice rings the enterprise in her name and has
    // the agent look up the word.
    let bank = bank();
    let id = bank.booked().await.id;
    let mut relayed = bob_rings("call-1");
    relayed.direction = Direction::Inbound;
    let result = bank.verifier.callbacks().reveal(&relayed, &id).await;
    assert!(matches!(result, Err(Error::Refused(_))));
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(history.items[0].events[1].outcome, Outcome::Refused(Reason::Inbound));
}

#[tokio::test]
async fn attack_11_a_bribed_agent_harvests_nothing_and_every_attempt_is_on_record() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let new = booking("req-1", "anana").assigned_to(countersign::Assignee::Agent(agent("bob").id));
    let id = callbacks.book(&alice(), &new).await.unwrap().id;
    let eve = || call("call-1", &alice(), agent("eve"));
    let mut attempts = vec![eve()];
    for channel in [Channel::Video, Channel::Chat, Channel::Sms, Channel::Email, Channel::Social] {
        let mut attempt = eve();
        attempt.channel = channel;
        attempts.push(attempt);
    }
    let mut inbound = eve();
    inbound.direction = Direction::Inbound;
    attempts.push(inbound);
    for attempt in &attempts {
        assert!(matches!(callbacks.reveal(attempt, &id).await, Err(Error::Refused(_))));
    }
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
    assert_eq!(history.refusals as usize, attempts.len());
    assert_eq!(history.events.len(), 1 + attempts.len());
    assert!(history.events[1..].iter().all(|event| {
        event.actor == countersign::history::Actor::Agent(agent("eve").id)
            && event.action == Action::Reveal
    }));
}

#[tokio::test]
async fn attack_12_another_customer_s_id_is_refused_like_an_unknown_one() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let before = bank.store.records();
    let foreign = callbacks.cancel(&mallory(), &id).await.unwrap_err();
    let unknown = callbacks.cancel(&mallory(), &unknown_callback()).await.unwrap_err();
    assert_eq!(format!("{foreign:?}{foreign}"), format!("{unknown:?}{unknown}"));
    assert_eq!(bank.store.records(), before);
    assert_eq!(callbacks.list(&mallory(), Page::first()).await.unwrap().items, []);
}

/// A store whose rows the test can exchange.
async fn rows(bank: &Bank) -> (MemoryStore, Vec<(Place, Record)>) {
    (MemoryStore::new(), bank.store.records())
}

async fn write(store: &MemoryStore, at: &Place, record: &Record) {
    put(store, at, record, START).await;
}

#[tokio::test]
async fn attack_13_swapped_truncated_flipped_and_reversioned_rows_are_errors() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let older = bank.store.records().remove(0).1;
    callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    callbacks.book(&alice(), &booking("req-2", "banana")).await.unwrap();
    callbacks.book(&mallory(), &booking("req-1", "cherry")).await.unwrap();
    let rows_at_rest = bank.store.records();
    let (at, newest) = rows_at_rest.iter().find(|(at, _)| at.id == raw(&id)).unwrap();

    let mut forged: Vec<(String, Record)> = Vec::new();
    let with = |sealed: Vec<u8>| Record { sealed: sealed.into(), ..newest.clone() };
    for (other, record) in rows_at_rest.iter().filter(|(other, _)| other != at) {
        forged.push((format!("the row of {other:?}"), record.clone()));
        forged.push((format!("the body of {other:?}"), with(record.sealed.to_vec())));
    }
    forged.push(("an older body, newer version".into(), with(older.sealed.to_vec())));
    let head = newest.head;
    for (what, head) in [
        ("a newer version", Head { version: head.version + 1, ..head }),
        ("an older version", Head { version: head.version - 1, ..head }),
        ("kept longer", Head { retain_until: head.retain_until.after(HOUR), ..head }),
        ("live for longer", Head { live_until: head.live_until.after(HOUR), ..head }),
        ("begun later", Head { created: head.created.after(HOUR), ..head }),
    ] {
        forged.push((what.into(), Record { head, ..newest.clone() }));
    }
    for length in 0..newest.sealed.len() {
        forged.push((format!("cut to {length}"), with(newest.sealed[..length].to_vec())));
    }
    for bit in 0..newest.sealed.len() * 8 {
        let mut sealed = newest.sealed.to_vec();
        sealed[bit / 8] ^= 1 << (bit % 8);
        forged.push((format!("bit {bit} flipped"), with(sealed)));
    }
    let mut longer = newest.sealed.to_vec();
    longer.push(0);
    forged.push(("one byte more".into(), with(longer)));

    for (what, record) in forged {
        let (store, _) = rows(&bank).await;
        write(&store, at, &record).await;
        let verifier = countersign::Verifier::builder(issuer(), keyring())
            .store(store.clone())
            .clock(bank.clock.clone())
            .build()
            .unwrap();
        let callbacks = verifier.callbacks();
        for result in [
            callbacks.reveal(&bob_rings("call-1"), &id).await.err(),
            callbacks.conclude(&alice(), &id, Verdict::Recognised).await.err(),
        ] {
            let Some(Error::Record(error)) = result else { panic!("{what}: {result:?}") };
            let first_byte_changed = matches!(error, RecordError::UnknownFormat(_));
            let key_changed = matches!(error, RecordError::UnknownKey(_));
            assert!(first_byte_changed || key_changed || error == RecordError::Damaged, "{what}");
        }
        // Lists go on without it, and say so.
        let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
        assert_eq!((listed.items, listed.unreadable), (vec![], 1), "{what}");
        let listed = verifier.history(&alice(), Page::first()).await.unwrap();
        assert_eq!((listed.items, listed.unreadable), (vec![], 1), "{what}");
        // It is still there for whoever looks into it.
        assert_eq!(store.load(at, START).await.unwrap(), Some(record));
    }
}

/// The bytes of an id, as a store sees them.
fn raw(id: &countersign::CallbackId) -> [u8; 16] {
    let bytes = base32::decode(base32::Alphabet::Crockford, &id.to_string()).unwrap();
    bytes.try_into().unwrap()
}

#[tokio::test]
async fn a_thief_of_the_database_learns_neither_secrets_nor_customers() {
    let bank = bank();
    bank.booked().await;
    let new = booking("req-2", "xylophone").assigned_to(team("loans-team"));
    bank.verifier.callbacks().book(&alice(), &new).await.unwrap();
    let dump: Vec<u8> = bank
        .store
        .records()
        .iter()
        .flat_map(|(at, record)| [&at.owner[..], &at.id[..], &record.sealed[..]].concat())
        .collect();
    for needle in ["anana", "xylophone", "alice", "bank.example", "req-1", "loans-team"] {
        let found = dump.windows(needle.len()).any(|bytes| bytes == needle.as_bytes());
        assert!(!found, "{needle}");
    }
    // The retention shows the hour at most.
    assert!(bank.store.records().iter().all(|(_, r)| r.head.retain_until.unix() % 3600 == 0));
    assert!(bank.store.records().iter().all(|(_, r)| r.head.live_until.unix() % 3600 == 0));
}

#[tokio::test]
async fn attack_18_expiry_is_enforced_at_the_moment_of_use_by_our_clock() {
    // The record waits in a slow store while the window closes.
    #[derive(Debug)]
    struct Slow(MemoryStore, countersign::time::ManualClock, AtomicBool);
    impl Between for Slow {
        type Under = MemoryStore;

        fn under(&self) -> &MemoryStore {
            &self.0
        }

        async fn put_if(
            &self,
            at: &Place,
            expected: Expected,
            new: &Record,
            news: News<'_>,
            now: countersign::Timestamp,
        ) -> Result<Put, StoreError> {
            if expected != Expected::Absent && !self.2.swap(true, Ordering::SeqCst) {
                // Somebody else is faster, and time passes.
                self.1.set(window().until());
                return Ok(Put::Conflict);
            }
            self.0.put_if(at, expected, new, news, now).await
        }
    }
    let clock = countersign::time::ManualClock::new(START);
    let slow = Via(Slow(MemoryStore::new(), clock.clone(), AtomicBool::new(false)));
    let verifier = countersign::Verifier::builder(issuer(), keyring())
        .store(slow)
        .clock(clock)
        .build()
        .unwrap();
    let callbacks = verifier.callbacks();
    let id = callbacks.book(&alice(), &booking("req-1", "anana")).await.unwrap().id;
    let result = callbacks.reveal(&bob_rings("call-1"), &id).await;
    // Decided anew with a fresh clock, it is too late.
    assert!(matches!(result, Err(Error::Refused(_))), "{result:?}");
    let history = verifier.history(&alice(), Page::first()).await.unwrap().items.remove(0);
    let events: Vec<_> = history.events.iter().map(|e| (e.action, e.outcome)).collect();
    assert_eq!(
        events,
        [
            (Action::Book, Outcome::Done),
            (Action::Expire, Outcome::Done),
            (Action::Reveal, Outcome::Refused(Reason::Ended)),
        ]
    );
}

#[tokio::test]
async fn attack_20_a_store_outage_is_neither_a_pass_nor_a_refusal() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    bank.store.always(Some(countersign::store::Fault::FailBefore));
    let result = callbacks.reveal(&bob_rings("call-1"), &id).await;
    assert!(matches!(result, Err(Error::Store(_))), "{result:?}");
    bank.store.always(Some(countersign::store::Fault::LoseAnswer));
    let result = callbacks.reveal(&bob_rings("call-1"), &id).await;
    assert!(matches!(result, Err(Error::Store(_))), "{result:?}");
    bank.store.heal();
    let listed = callbacks.list(&alice(), Page::first()).await.unwrap();
    assert!(
        !listed.items[0].status.has_ended() && listed.items[0].status != CallbackStatus::Expired
    );
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "anana");
}
