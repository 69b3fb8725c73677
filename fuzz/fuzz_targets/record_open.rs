//! A store that returns hostile bytes for every record: always an error, never a panic or a pass.
#![no_main]

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use countersign::callback::Verdict;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::store::StoreError;
use countersign::store::{Expected, Place, Put, Range, Record, Store};
use countersign::time::ManualClock;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Error, Interaction, InteractionId, Issuer, Keyring,
    Timestamp, Verifier,
};
use libfuzzer_sys::fuzz_target;

static KEYRING: LazyLock<Vec<u8>> =
    LazyLock::new(|| Keyring::generate(&SeededRandom::new(1)).unwrap().to_bytes().to_vec());

struct Hostile(Record);

impl Store for Hostile {
    async fn load(&self, _: &Place, _: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(Some(self.0.clone()))
    }
    async fn put_if(
        &self,
        _: &Place,
        _: Expected,
        _: &Record,
        _: Timestamp,
    ) -> Result<Put, StoreError> {
        panic!("nothing is written over a record that does not open");
    }
    async fn list(
        &self,
        owner: &[u8; 16],
        _: Range,
        _: Timestamp,
    ) -> Result<Vec<(Place, Record)>, StoreError> {
        Ok(vec![(Place { owner: *owner, id: [7; 16] }, self.0.clone())])
    }
    async fn purge(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
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
        sealed = [&[1], id.to_be_bytes().as_slice(), tail].concat();
    }
    let retain = u64::from_be_bytes(retain[..8].try_into().unwrap());
    let record = Record {
        version: u64::from(*version).wrapping_sub(u64::from(kind & 2)),
        sealed: sealed.into(),
        retain_until: Timestamp::from_unix(retain),
    };
    let bank = Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
        .store(Hostile(record))
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
        now_or_never(bank.callbacks().list(&alice, Page::first())).err(),
        now_or_never(bank.history(&alice, Page::first())).err(),
    ] {
        assert!(matches!(failed, Some(Error::Record(_))), "{failed:?}");
    }
});
