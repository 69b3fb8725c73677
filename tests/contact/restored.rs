//! The store was restored: what was kept of a customer may be lost, and the feeds' own records not.

use countersign::contact::CallVerdict::{Legitimate, NotLegitimate, Undetermined};
use countersign::contact::Status;
use countersign::store::{Expected, News, Put, Store};
use countersign::{MemoryStore, Policy, Verifier, Window};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

async fn fresh(verifier: &Verifier, feeds: &mut [Feed; 2]) {
    for feed in feeds {
        feed.beat(verifier).await;
    }
}

/// The announced call is lost with the primary of Alice's slot. The feeds go on without a gap.
#[tokio::test]
async fn a_call_that_was_lost_with_its_record_is_not_denied() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    fresh(&bank.verifier, &mut feeds).await;
    feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
    fresh(&bank.verifier, &mut feeds).await;

    // The feeds' records share an owner; Alice's stands alone.
    let all = bank.store.records();
    let of_feeds = |owner| all.iter().filter(|(at, _)| at.owner == owner).count() == 2;
    let kept = MemoryStore::new();
    let mut lost = 0;
    for (at, record) in &all {
        if of_feeds(at.owner) {
            let put = kept.put_if(at, Expected::Absent, record, News::NONE, START).await;
            assert_eq!(put.unwrap(), Put::Stored);
        } else {
            lost += 1;
        }
    }
    assert_eq!((all.len(), lost), (3, 1));

    let after = |seed, window: Option<Window>| {
        let store = countersign::store::FaultStore::new(kept.clone());
        let builder = part(keyring(), &store, &bank.clock, &bank.seen, seed);
        let builder = builder.telephony(telephony()).signing_key(signing());
        match window {
            Some(window) => builder.restored_from(window),
            None => builder,
        }
        .build()
        .unwrap()
    };
    let window = Window::new(START.before(MINUTE), at(1)).unwrap();
    let (unaware, aware) = (after(20, None), after(21, Some(window)));
    bank.clock.set(at(5));
    fresh(&aware, &mut feeds).await;
    let asks = async |verifier: &Verifier, query, second| {
        let verdict = Ringing::of(ours(), query, at(second - 4)).asked(verifier, at(second)).await;
        (status(verifier, at(second)).await, verdict)
    };
    let denied = (Status::NotUs, NotLegitimate);
    assert_eq!(asks(&unaware, 1, 5).await, denied, "what the host is to say, and why");
    assert_eq!(asks(&aware, 2, 5).await, (Status::Undetermined, Undetermined));

    // What is announced now is told, and for as long as a call may last nothing is denied.
    feeds[0].announce(&aware, &rings("call-2"), ours()).await;
    fresh(&aware, &mut feeds).await;
    assert_eq!(Ringing::of(ours(), 3, at(5)).asked(&aware, at(5)).await, Legitimate);
    assert_eq!(status(&aware, at(5)).await, Status::Calling);
    feeds[0].ended(&aware, &rings("call-2")).await;
    let age = Policy::default().presence.max_age.as_secs();
    for (second, wanted) in [(age, (Status::Undetermined, Undetermined)), (age + 1, denied)] {
        bank.clock.set(at(second));
        fresh(&aware, &mut feeds).await;
        assert_eq!(asks(&aware, second, second).await, wanted, "{second}");
    }
}
