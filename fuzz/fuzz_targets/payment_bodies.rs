//! Bodies of payments, charges, kept cards and opening keys that opened but are not what this crate
//! wrote: read or refused, never a panic; what is read is written the same again.
#![no_main]

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use countersign::card::Card;
use countersign::fuzzing::{
    charge_body, opened, opening_keys_body, payment_body, stored_card_body,
};
use countersign::payment::PaymentRequest;
use countersign::random::SeededRandom;
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{Acquirer, AcquirerAnswer, AcquirerError, Authorisation, Found, Sought};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, MerchantId, RequestId, Timestamp, Transaction, Vault, Verifier,
};
use libfuzzer_sys::fuzz_target;

const START: Timestamp = Timestamp::from_unix(1_800_000_000);

/// What the crate itself writes, of each kind.
static GOOD: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(written()).poll(&mut cx) {
        Poll::Ready(bodies) => bodies,
        Poll::Pending => panic!("nothing here waits"),
    }
});

struct Psp;

impl Acquirer for Psp {
    async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        Ok(AcquirerAnswer::approved("A1B2C3", "txn-1"))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}

/// A payment that was made, settled and acknowledged.
async fn written() -> Vec<Vec<u8>> {
    let (bank, own) = (Issuer::new("bank.example").unwrap(), Issuer::new("vault.example").unwrap());
    let key = |seed| SigningKey::from_seed(&[seed; 32]).unwrap();
    let keyring = |seed| Keyring::generate(&SeededRandom::new(seed)).unwrap();
    let mut of_bank = TrustedKeys::new(bank.clone());
    of_bank.trust(*key(1).public_key(), Purpose::PaymentRequest).unwrap();
    let mut of_vault = TrustedKeys::new(own.clone());
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        of_vault.trust(*key(2).public_key(), purpose).unwrap();
    }
    let (bank_store, store) =
        (FaultStore::new(MemoryStore::new()), FaultStore::new(MemoryStore::new()));
    let vault = Vault::builder(own, keyring(3), key(2), of_bank.clone())
        .store(store.clone())
        .clock(ManualClock::new(START))
        .random(SeededRandom::new(5))
        .build()
        .unwrap();
    let verifier = Verifier::builder(bank, keyring(4))
        .store(bank_store.clone())
        .clock(ManualClock::new(START))
        .random(SeededRandom::new(6))
        .signing_key(key(1))
        .vault_keys(of_vault.clone())
        .build()
        .unwrap();
    let customer = CustomerId::new("alice").unwrap();
    let (id, agent) = (InteractionId::new("call-1").unwrap(), AgentId::new("bob").unwrap());
    let call = Interaction::outbound(id, customer.clone(), Agent::new(agent), Channel::Voice);
    let fees = Transaction::new(
        TransactionKind::Payment,
        4_200,
        "GBP".parse().unwrap(),
        "Example Bank".parse().unwrap(),
        "Account fees".parse().unwrap(),
    );
    let asking = PaymentRequest::new(
        RequestId::new("p-1").unwrap(),
        MerchantId::new("bank-fees").unwrap(),
        fees,
        "Bob".parse().unwrap(),
        vault.public_key().await.unwrap(),
    );
    let asked = verifier.payments().request(&call, &asking).await.unwrap();
    let device = Device::new(of_bank, customer.clone()).with_vault_keys(of_vault);
    let shown = device.open_payment(&asked.token, START).unwrap();
    let card = Card::new(
        "4242424242424242".parse().unwrap(),
        "12/34".parse().unwrap(),
        "123".parse().unwrap(),
        "Alice Jones".parse().unwrap(),
    );
    let sealed = shown.seal(&card.unwrap(), &SeededRandom::new(7)).unwrap();
    let paid = vault.pay(&customer, &asked.token, &sealed, &Psp).await.unwrap();
    verifier.payments().apply_receipt(&customer, &paid.receipt).await.unwrap();
    let token = paid.card_token.unwrap();
    verifier.payments().keep_card_token(&customer, &paid.receipt, &token).await.unwrap();
    vault.acknowledge(&customer, &paid.receipt).await.unwrap();
    let mut bodies = Vec::new();
    for (keyring, store) in [(keyring(4), &bank_store), (keyring(3), &store)] {
        let rows = store.records();
        bodies.extend(rows.iter().filter_map(|(at, record)| opened(&keyring, at, record)));
    }
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|good| check(good) >= 1));
    bodies
}

/// Reads `data` as a body of each kind, and returns as how many of them it was read.
fn check(data: &[u8]) -> usize {
    let kinds = [payment_body, charge_body, stored_card_body, opening_keys_body];
    let read = kinds.into_iter().filter_map(|rewritten| Some((rewritten, rewritten(data)?)));
    read.map(|(rewritten, written)| assert_eq!(rewritten(&written), Some(written))).count()
}

fuzz_target!(|data: &[u8]| {
    check(data);
    // A good body with a stretch replaced: which, where, how much.
    if let [which, low, high, much, rest @ ..] = data {
        let good = &GOOD[usize::from(*which) % GOOD.len()];
        let from = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
        let to = (from + usize::from(*much)).min(good.len());
        check(&[&good[..from], rest, &good[to..]].concat());
    }
});
