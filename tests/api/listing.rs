//! Lists and histories, page by page.

use std::collections::BTreeSet;
use std::num::NonZeroU16;

use countersign::callback::CallbackStatus;
use countersign::credential::EnrolmentRequest;
use countersign::history::Subject;
use countersign::page::{Cursor, Page};

use crate::support::credentials::app;
use crate::support::step_ups;
use crate::support::*;

#[tokio::test]
async fn pages_hold_each_item_once() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let mut booked = BTreeSet::new();
    for n in 0..25 {
        booked.insert(
            callbacks.book(&alice(), &booking(&format!("r-{n}"), "anana")).await.unwrap().id,
        );
        callbacks.book(&mallory(), &booking(&format!("r-{n}"), "anana")).await.unwrap();
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
        assert_eq!(found.len(), 25);
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), booked);
        let wanted: Vec<_> =
            found.iter().map(|id| countersign::history::Subject::Callback(*id)).collect();
        assert_eq!(subjects, wanted);
    }
}

fn key(subject: Subject) -> String {
    serde_json::to_string(&subject).unwrap()
}

#[tokio::test]
async fn a_history_is_of_every_ceremony_kind_by_kind() {
    let bank = step_ups::bank();
    let (verifier, credentials) = (&bank.verifier, bank.verifier.credentials());
    let mut wanted = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    for n in 0..5 {
        let booking = booking(&format!("r-{n}"), "anana");
        let booked = verifier.callbacks().book(&alice(), &booking).await.unwrap();
        wanted[0].insert(key(Subject::Callback(booked.id)));
        verifier.callbacks().book(&mallory(), &booking).await.unwrap();
    }
    let (app, _) = app(&bank).await;
    wanted[1].insert(key(Subject::Credential(app.id)));
    for n in 0..3 {
        let given = EnrolmentRequest::delivered(request(&format!("e-{n}"))).vouched_for();
        let given = credentials.enrol(&alice(), &given).await.unwrap();
        wanted[1].insert(key(Subject::Credential(given.credential.id)));
    }
    for n in 0..3 {
        let asking = step_ups::asking(&format!("s-{n}"), step_ups::transfer());
        let asked = verifier.step_ups().request(&bob_rings("call-1"), &asking).await.unwrap();
        wanted[2].insert(key(Subject::StepUp(asked.step_up.id)));
    }
    // In the order of ids within a kind.
    let wanted: Vec<_> = wanted.into_iter().flatten().collect();
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

    // A list of one kind begins behind what another list has shown.
    let one = NonZeroU16::MIN;
    let after_callback = verifier.callbacks().list(&alice(), Page::first().at_most(one)).await;
    let after_callback = Page::from(after_callback.unwrap().next.unwrap());
    assert_eq!(credentials.list(&alice(), after_callback).await.unwrap().items.len(), 4);
    let after_credential = credentials.list(&alice(), Page::first().at_most(one)).await;
    let after_credential = Page::from(after_credential.unwrap().next.unwrap());
    let callbacks = verifier.callbacks().list(&alice(), after_credential).await.unwrap();
    assert_eq!((callbacks.items, callbacks.next), (vec![], None));
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
