//! Whatever is read as a history from JSON: no panic, in the customer's app neither, and what leads to a
//! head that the enterprise wrote is what the enterprise wrote.
#![no_main]

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use countersign::callback::{BookingRequest, Verdict};
use countersign::history::CeremonyHistory;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    RequestId, Timestamp, Verifier, Window,
};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);

/// A history, the same as JSON, a receipt of when it was shorter, and the device of its customer.
struct Good {
    history: CeremonyHistory,
    json: String,
    receipt: String,
    device: Device,
}

static GOOD: LazyLock<Good> = LazyLock::new(|| {
    let random = SeededRandom::new(1);
    let issuer = Issuer::new("bank.example").unwrap();
    let key = SigningKey::from_seed(&[1; 32]).unwrap();
    let mut keys = TrustedKeys::new(issuer.clone());
    keys.trust(*key.public_key(), Purpose::HistoryHead).unwrap();
    let bank = Verifier::builder(issuer, Keyring::generate(&random).unwrap())
        .clock(ManualClock::new(NOW))
        .random(random)
        .signing_key(key)
        .build()
        .unwrap();
    let alice = CustomerId::new("alice").unwrap();
    let window = Window::new(NOW, Timestamp::from_unix(NOW.unix() + 3600)).unwrap();
    let request = RequestId::new("request").unwrap();
    let secret = "anana".parse().unwrap();
    let booking = BookingRequest::new(request, window, Channel::Voice, secret);
    let id = ready(bank.callbacks().book(&alice, &booking)).unwrap().id;
    let call = |name: &str| {
        let agent = Agent::new(AgentId::new(name).unwrap());
        let id = InteractionId::new("call").unwrap();
        Interaction::outbound(id, alice.clone(), agent, Channel::Voice)
    };
    ready(bank.callbacks().reveal(&call("bob"), &id)).unwrap();
    ready(bank.callbacks().reveal(&call("eve"), &id)).unwrap_err();
    let subject = countersign::history::Subject::Callback(id);
    let receipt = ready(bank.history_receipt(&alice, subject)).unwrap();
    ready(bank.callbacks().conclude(&alice, &id, Verdict::Recognised)).unwrap();
    let history = ready(bank.history(&alice, Page::first())).unwrap().items.remove(0);
    let json = serde_json::to_string(&history).unwrap();
    Good { history, json, receipt, device: Device::new(keys, alice) }
});

/// Everything is in memory, so that nothing waits.
fn ready<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing to wait for"),
    }
}

fn check(json: &[u8]) {
    let good = &*GOOD;
    let Ok(read) = serde_json::from_slice::<CeremonyHistory>(json) else { return };
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<CeremonyHistory>(&written).unwrap(), read);
    let verified = read.verify();
    let count = read.len();
    if verified.is_ok() {
        let before = read.earlier.map_or(0, |earlier| u64::from(earlier.events));
        assert_eq!(u64::from(count), before + read.events.len() as u64);
        if read.head == good.history.head {
            assert!(good.history.events.ends_with(&read.events), "events that were not written");
            assert!(read.earlier.is_some() || read.events.len() == good.history.events.len());
            assert!(read.events.is_empty() || read.len() == good.history.len());
        }
    }
    if let Ok(more) = good.device.check_history(&good.receipt, &[read], NOW) {
        assert!(verified.is_ok() && more <= count);
    }
}

fuzz_target!(|data: &[u8]| {
    check(data);
    // The good history with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        let good = GOOD.json.as_bytes();
        let from = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
        let to = (from + usize::from(*much)).min(good.len());
        check(&[&good[..from], rest, &good[to..]].concat());
    }
});
