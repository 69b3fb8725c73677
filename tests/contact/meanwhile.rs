//! What happens while an answer is being made: a report that comes between, and a store in which every race is lost.

use std::sync::Arc;

use countersign::contact::{Arrival, Arrived, Status};
use countersign::device::StatusQuestion;
use countersign::random::SeededRandom;
use countersign::store::{
    Fault, FaultStore, Listed, Place, Position, Range, Record, Store as _, StoreError,
};
use countersign::{Error, InteractionId, MemoryStore, Policy, Timestamp, Verifier};
use tokio::sync::Semaphore;

use crate::lines::bank;
use crate::lines::*;
use crate::support::between::{Between, Via};
use crate::support::*;

/// What is listed is read at once, and arrives when the test lets it.
#[derive(Clone)]
struct Slow {
    under: FaultStore<MemoryStore>,
    arrives: Arc<Semaphore>,
}

impl Between for Slow {
    type Under = FaultStore<MemoryStore>;

    fn under(&self) -> &Self::Under {
        &self.under
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let read = self.under.list(lane, owner, range, now).await;
        drop(self.arrives.acquire().await.unwrap());
        read
    }
}

/// A process of its own over such a store.
fn slow_process(bank: &Bank) -> (Verifier, Slow) {
    let slow = Slow { under: bank.store.clone(), arrives: Arc::new(Semaphore::new(0)) };
    let verifier = part(keyring(), &bank.store, &bank.clock, &bank.seen, 7)
        .policy(Policy::default())
        .store(Via(slow.clone()))
        .telephony(telephony())
        .signing_key(signing())
        .build()
        .unwrap();
    (verifier, slow)
}

/// An agent dials by hand while the feeds' rows are on their way to the process: what it was told since stands.
#[tokio::test]
async fn rows_that_arrive_late_put_no_report_out_of_mind() {
    let bank = bank();
    let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
    bank.clock.set(at(10));
    for feed in &mut feeds {
        feed.beat(&bank.verifier).await;
    }
    let (verifier, slow) = slow_process(&bank);
    let question = StatusQuestion::new(&SeededRandom::new(1), at(10)).unwrap();
    let (report, by_hand) = (feeds[1].report(), InteractionId::new("by-hand").unwrap());
    let (contact, customer, shown) = (verifier.contact(), alice(), ours());
    let (asked, ()) = tokio::join!(contact.status(&customer, question.nonce()), async {
        contact.began_unidentified(&report, &by_hand, Some(&shown)).await.unwrap();
        slow.arrives.add_permits(1);
    });
    let shown = phone_of(alice()).open_status(&asked.unwrap(), &question, at(10)).unwrap();
    assert_eq!(shown.status(), Status::Undetermined);
    // Nor afterwards, when nothing is read any more.
    assert_eq!(status(&verifier, at(10)).await, Status::Undetermined);
    contact.ended_unidentified(&feeds[1].report(), &by_hand).await.unwrap();
    assert_eq!(status(&verifier, at(10)).await, Status::NotUs);
}

/// A try that could not be counted was not too many: the call may ask again.
#[tokio::test]
async fn a_try_that_is_not_counted_in_all_that_haste_is_an_error() {
    let (bank, call) = (bank(), InteractionId::new("in-1").unwrap());
    let contact = bank.verifier.contact();
    let ticket = contact.dial_ticket(&alice()).await.unwrap();
    let arrival = Arrival::dialled(call, ticket.expose());
    bank.store.always(Some(Fault::Conflict));
    let busy = contact.arrive(&arrival).await;
    assert!(matches!(busy, Err(Error::Busy)), "{busy:?}");
    bank.store.heal();
    let arrived = contact.arrive(&arrival).await.unwrap();
    assert!(matches!(arrived, Arrived::Asked(_)), "{arrived:?}");
}
