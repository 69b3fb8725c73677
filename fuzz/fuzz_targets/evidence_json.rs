//! Whatever is read as evidence: no panic, one spelling, and nothing is verified except what was exported.
#![no_main]

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use countersign::credential::EnrolmentRequest;
use countersign::device::{DeviceCredential, WhoRangCheck};
use countersign::otp::OtpSeed;
use countersign::random::SeededRandom;
use countersign::step_up::{Evidence, EvidenceCheck, StepUpRequest, WhoRang};
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    RequestId, Timestamp, Transaction, Verifier,
};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);

/// What was exported, and the keys to verify it with.
static GOOD: LazyLock<(String, TrustedKeys)> = LazyLock::new(|| {
    let random = SeededRandom::new(1);
    let issuer = Issuer::new("bank.example").unwrap();
    let key = SigningKey::from_seed(&[1; 32]).unwrap();
    let mut keys = TrustedKeys::new(issuer.clone());
    for purpose in [Purpose::Evidence, Purpose::StepUp, Purpose::HistoryHead] {
        keys.trust(*key.public_key(), purpose).unwrap();
    }
    let bank = Verifier::builder(issuer, Keyring::generate(&random).unwrap())
        .clock(ManualClock::new(NOW))
        .random(random)
        .signing_key(key)
        .build()
        .unwrap();
    let alice = CustomerId::new("alice").unwrap();
    let app = EnrolmentRequest::ocra(RequestId::new("app").unwrap());
    let given = ready(bank.credentials().enrol(&alice, &app)).unwrap();
    let (id, random) = (given.credential.id, SeededRandom::new(3));
    let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
    let pin = "2468".parse().unwrap();
    let phone = DeviceCredential::enrol(id, &seed, &pin, None, &random).unwrap();
    let first = phone.confirm(&pin).unwrap();
    ready(bank.credentials().confirm(&alice, &id, &first)).unwrap();
    let agent = Agent::new(AgentId::new("bob").unwrap());
    let call = InteractionId::new("call").unwrap();
    let call = Interaction::outbound(call, alice.clone(), agent, Channel::Voice);
    let text = |text: &str| text.parse().unwrap();
    let kind = TransactionKind::Transfer;
    let transfer = Transaction::new(kind, 5, "GBP".parse().unwrap(), text("Jones"), text("7"));
    let asking = StepUpRequest::new(RequestId::new("s").unwrap(), transfer, text("Bob"));
    let asked = ready(bank.step_ups().request(&call, &asking)).unwrap();
    let device = Device::new(keys.clone(), alice.clone());
    let opened = device.open_step_up(&asked.token, NOW).unwrap();
    let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Enterprise) else {
        panic!("the bank rang");
    };
    let said = asked.digits.as_ref().unwrap().digits();
    let code = shown.with_digits(said.parse().unwrap()).approve(&phone, &pin).unwrap();
    let id = asked.step_up.id;
    ready(bank.step_ups().submit(&alice, &id, &code)).unwrap();
    let evidence = ready(bank.step_ups().evidence(&alice, &id)).unwrap();
    (evidence.to_json().unwrap(), keys)
});

/// Everything is in memory, so that nothing waits.
fn ready<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing to wait for"),
    }
}

fn check(json: &str) {
    let (good, keys) = &*GOOD;
    let Ok(read) = Evidence::from_json(json) else { return };
    assert_eq!(read.to_json().unwrap(), json, "one spelling");
    let verified = read.verify(&EvidenceCheck::new(keys), NOW);
    assert_eq!(verified.is_ok(), json == good, "nobody else has the key");
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = core::str::from_utf8(data) {
        check(text);
    }
    // The good evidence with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        let good = GOOD.0.as_bytes();
        let from = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
        let to = (from + usize::from(*much)).min(good.len());
        let changed = [&good[..from], rest, &good[to..]].concat();
        if let Ok(text) = core::str::from_utf8(&changed) {
            check(text);
        }
    }
});
