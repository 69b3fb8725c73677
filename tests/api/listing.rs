//! Lists and histories, page by page.

use std::collections::BTreeSet;
use std::num::NonZeroU16;

use countersign::{CallbackStatus, Cursor, Page};

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
        let wanted: Vec<_> = found.iter().map(|id| countersign::Subject::Callback(*id)).collect();
        assert_eq!(subjects, wanted);
    }
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
    assert_eq!(after[0].1.version, before[0].1.version + 1);
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
