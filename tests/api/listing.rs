//! Lists and histories, page by page.

use std::num::NonZeroU16;
use std::time::Duration;

use countersign::callback::{BookingRequest, CallbackStatus};
use countersign::credential::EnrolmentRequest;
use countersign::history::Subject;
use countersign::page::{Cursor, Page};
use countersign::{Channel, Policy, Window};

use crate::support::credentials::app;
use crate::support::step_ups;
use crate::support::*;

#[tokio::test]
async fn pages_hold_each_item_once_newest_first() {
    let mut policy = Policy::default();
    policy.callbacks.per_customer = 100;
    policy.callbacks.per_day = 1000;
    let bank = bank_with(policy);
    let callbacks = bank.verifier.callbacks();
    let mut booked = Vec::new();
    for n in 0..25 {
        // Some within one second, some in one hour, some hours apart.
        bank.clock.set(START.after(n * n * n * Duration::from_millis(100)));
        let window = Window::new(START, START.after(DAY)).unwrap();
        let id = format!("r-{n}");
        let booking = BookingRequest::new(request(&id), window, Channel::Voice, secret("anana"));
        booked.insert(0, callbacks.book(&alice(), &booking).await.unwrap().id);
        callbacks.book(&mallory(), &booking).await.unwrap();
    }
    for size in [1, 7, 24, 25, 26, 500] {
        let size = NonZeroU16::new(size).unwrap();
        let mut page = Page::first().at_most(size);
        let mut found = Vec::new();
        let mut subjects = Vec::new();
        loop {
            let list = callbacks.list(&alice(), page).await.unwrap();
            let histories = bank.verifier.history(&alice(), page).await.unwrap();
            assert!(list.items.len() <= usize::from(size.get()));
            assert_eq!(list.next, histories.next);
            found.extend(list.items.iter().map(|callback| callback.id));
            subjects.extend(histories.items.iter().map(|history| history.subject));
            let Some(next) = list.next else { break };
            // A cursor survives the journey to the app and back.
            let next: Cursor = next.to_string().parse().unwrap();
            page = Page::from(next).at_most(size);
        }
        assert_eq!(found, booked);
        let wanted: Vec<_> =
            found.iter().map(|id| countersign::history::Subject::Callback(*id)).collect();
        assert_eq!(subjects, wanted);
    }
}

fn key(subject: Subject) -> String {
    serde_json::to_string(&subject).unwrap()
}

#[tokio::test]
async fn a_history_is_of_every_kind_newest_first() {
    let bank = step_ups::bank();
    let (verifier, credentials) = (&bank.verifier, bank.verifier.credentials());
    let mut wanted = Vec::new();
    let (app, _) = app(&bank).await;
    wanted.insert(0, key(Subject::Credential(app.id)));
    for n in 0..5 {
        bank.clock.advance(Duration::from_secs(1));
        let booking = booking(&format!("r-{n}"), "anana");
        let booked = verifier.callbacks().book(&alice(), &booking).await.unwrap();
        wanted.insert(0, key(Subject::Callback(booked.id)));
        verifier.callbacks().book(&mallory(), &booking).await.unwrap();
        if n > 2 {
            continue;
        }
        bank.clock.advance(Duration::from_secs(1));
        let given = EnrolmentRequest::delivered(request(&format!("e-{n}"))).vouched_for();
        let given = credentials.enrol(&alice(), &given).await.unwrap();
        wanted.insert(0, key(Subject::Credential(given.credential.id)));
        bank.clock.advance(Duration::from_secs(1));
        let asking = step_ups::asking(&format!("s-{n}"), step_ups::transfer());
        let asked = verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap();
        wanted.insert(0, key(Subject::StepUp(asked.step_up.id)));
    }
    for size in 1..=14 {
        let size = NonZeroU16::new(size).unwrap();
        let mut page = Page::first().at_most(size);
        let mut found = Vec::new();
        loop {
            let histories = verifier.history(&alice(), page).await.unwrap();
            for history in &histories.items {
                history.verify().unwrap();
                found.push(key(history.subject));
            }
            let Some(next) = histories.next else { break };
            assert_eq!(
                histories.items.len(),
                usize::from(size.get()),
                "a page that goes on is full"
            );
            page = Page::from(next.to_string().parse().unwrap()).at_most(size);
        }
        assert_eq!(found, wanted, "pages of {size}");
    }

    // The cursor of a history is one for the list of a kind, and that of another kind begins anew.
    let three = Page::first().at_most(NonZeroU16::new(3).unwrap());
    let after = Page::from(verifier.history(&alice(), three).await.unwrap().next.unwrap());
    assert_eq!(verifier.callbacks().list(&alice(), after).await.unwrap().items.len(), 3);
    let one = Page::first().at_most(NonZeroU16::MIN);
    let after = Page::from(verifier.callbacks().list(&alice(), one).await.unwrap().next.unwrap());
    assert_eq!(credentials.list(&alice(), after).await.unwrap().items.len(), 4);
}

#[tokio::test]
async fn a_list_burns_what_has_expired() {
    let bank = bank();
    bank.booked().await;
    bank.clock.set(window().until());
    let before = bank.store.records();
    let list = bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(list.items[0].status, CallbackStatus::Expired);
    let after = bank.store.records();
    assert_eq!(after[0].1.head.version, before[0].1.head.version + 1);
    // Once is enough.
    bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(bank.store.records(), after);
}

#[tokio::test]
async fn records_are_purged_after_their_retention_and_not_before() {
    let bank = bank();
    bank.booked().await;
    // Window, a day to conclude, 30 seconds of leeway, 400 days, and up to the full hour.
    let end = window().until().after(401 * DAY).after(HOUR);
    bank.clock.set(end.before(std::time::Duration::from_secs(1)));
    assert_eq!(bank.verifier.purge(100).await.unwrap(), 0);
    let list = bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(list.items.len(), 1);
    bank.clock.set(end);
    let list = bank.verifier.callbacks().list(&alice(), Page::first()).await.unwrap();
    assert_eq!(list.items, []);
    assert_eq!(bank.verifier.purge(100).await.unwrap(), 1);
}
