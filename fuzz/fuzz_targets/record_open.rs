//! A store that returns hostile bytes for every record: always an error, never a panic or a pass.
#![no_main]

#[path = "../../tests/support/between.rs"]
mod between;

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use countersign::callback::{BookingRequest, Verdict};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::store::{
    Expected, Head, Listed, News, Place, Position, Put, Range, Record, StoreError,
};
use countersign::time::ManualClock;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Error, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, RequestId, Timestamp, Verifier, Window,
};
use libfuzzer_sys::fuzz_target;

use between::{Between, Via};

static KEYRING: LazyLock<Vec<u8>> =
    LazyLock::new(|| Keyring::generate(&SeededRandom::new(1)).unwrap().to_bytes().to_vec());

struct Hostile(Record, MemoryStore);

impl Between for Hostile {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.1
    }

    async fn load(&self, _: &Place, _: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(Some(self.0.clone()))
    }

    async fn put_if(
        &self,
        _: &Place,
        _: Expected,
        _: &Record,
        _: News<'_>,
        _: Timestamp,
    ) -> Result<Put, StoreError> {
        panic!("nothing is written over a record that does not open");
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        _: Range,
        _: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        let rows = vec![(Place { lane, owner: *owner, id: [7; 16] }, self.0.clone())];
        Ok(Listed { rows, next: None })
    }
}

fn booking() -> BookingRequest {
    let start = Timestamp::from_unix(1_800_000_000);
    let window = Window::new(start, start.after(Duration::from_secs(3600))).unwrap();
    let word = "anana".parse().unwrap();
    BookingRequest::new(RequestId::new("r-1").unwrap(), window, Channel::Voice, word)
}

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("this store never waits"),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((head, tail)) = data.split_first_chunk::<17>() else { return };
    let keyring = Keyring::from_bytes(&KEYRING).unwrap();
    let [kind, version, retain @ ..] = head;
    let mut sealed = tail.to_vec();
    if kind & 1 == 1 {
        // Past the first checks: the right format and key id.
        let id = u64::from_str_radix(&keyring.active().to_string(), 16).unwrap();
        sealed = [&[2], id.to_be_bytes().as_slice(), tail].concat();
    }
    let retain = u64::from_be_bytes(retain[..8].try_into().unwrap());
    let record = Record {
        head: Head {
            version: u64::from(*version).wrapping_sub(u64::from(kind & 2)),
            created: Timestamp::from_unix(retain >> 1),
            live_until: Timestamp::from_unix(retain.rotate_left(7)),
            retain_until: Timestamp::from_unix(retain),
        },
        sealed: sealed.into(),
    };
    let bank = Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
        .store(Via(Hostile(record, MemoryStore::with_capacity(1))))
        .clock(ManualClock::new(Timestamp::from_unix(1_800_000_000)))
        .build()
        .unwrap();
    let alice = CustomerId::new("alice").unwrap();
    let id = "00000000000000000000000000".parse().unwrap();
    let call = Interaction::outbound(
        InteractionId::new("call").unwrap(),
        alice.clone(),
        Agent::new(AgentId::new("bob").unwrap()),
        Channel::Voice,
    );
    for failed in [
        now_or_never(bank.callbacks().reveal(&call, &id)).err(),
        now_or_never(bank.callbacks().conclude(&alice, &id, Verdict::Recognised)).err(),
        now_or_never(bank.callbacks().book(&alice, &booking())).err(),
    ] {
        assert!(matches!(failed, Some(Error::Record(_))), "{failed:?}");
    }
    // Lists go on without it, and say so.
    let listed = now_or_never(bank.callbacks().list(&alice, Page::first())).unwrap();
    assert_eq!((listed.items.len(), listed.unreadable), (0, 1));
    let history = now_or_never(bank.history(&alice, Page::first())).unwrap();
    assert!(history.items.is_empty() && history.unreadable > 3);
});
