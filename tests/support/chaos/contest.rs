//! Eight processes of eight tasks race for one reveal, one grant, one code and one card that is kept for once.
//! The test binary starts itself anew for each process.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign::callback::BookingRequest;
use countersign::card::{Card, StoredCard};
use countersign::credential::ImportRequest;
use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed};
use countersign::payment::{ChargeOutcome, PaymentRequest, PaymentStatus};
use countersign::random::SeededRandom;
use countersign::step_up::{Grant, StepUpOutcome, StepUpRequest};
use countersign::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};
use countersign::time::{Clock, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authenticated, AuthenticationChallenge,
    AuthenticationProof, Authorisation, Binding, ChallengeFlow, Found, KeysHonoured, Next,
    Resumption, Sought,
};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Error, Interaction, InteractionId, Issuer,
    Keyring, MerchantId, RequestId, Timestamp, Transaction, Vault, Verifier, Window,
};
use tokio::sync::Barrier;

use super::racer::Racer;

const PROCESSES: usize = 8;
const TASKS: usize = 8;
/// How many step-ups the same code is submitted to.
const STEP_UPS: usize = 4;
/// What the processes are started with.
pub const URL: &str = "COUNTERSIGN_CONTEST_URL";
const BROKEN: &str = "COUNTERSIGN_CONTEST_BROKEN";
const NUMBER: &str = "COUNTERSIGN_CONTEST_PROCESS";
pub const KINDS: [&str; 4] = ["reveal", "grant", "code", "card"];

/// Looks first, and writes then, whatever stands there by now.
#[derive(Clone)]
pub struct Broken<S>(pub S);

impl<S: Store> Store for Broken<S> {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(at, now).await
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let found = self.0.load(at, now).await?.map(|record| record.head);
        let wanted = match expected {
            Expected::Absent => None,
            Expected::Head(head) => Some(head),
        };
        if found != wanted {
            return Ok(Put::Conflict);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        loop {
            let found = self.0.load(at, now).await?.map(|record| record.head);
            let stands = found.map_or(Expected::Absent, Expected::Head);
            if self.0.put_if(at, stands, new, news, now).await? == Put::Stored {
                return Ok(Put::Stored);
            }
        }
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        self.0.delete(at, expected).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.0.list(lane, owner, range, now).await
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        self.0.scan(after, limit).await
    }

    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.0.purge(before, limit).await
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.0.lease(token, limit, now, until).await
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.acknowledge(lease, done, now).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.0.release(lease).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.0.backlog().await
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        self.0.entries(after, limit).await
    }
}

/// The enterprise and its vault, as every process has them.
#[derive(Clone)]
struct House {
    bank: Verifier,
    vault: Vault,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

fn trusted(issuer: &str, seed: u8, purpose: Purpose) -> TrustedKeys {
    let mut keys = TrustedKeys::new(Issuer::new(issuer).unwrap());
    keys.trust(*key(seed).public_key(), purpose).unwrap();
    keys
}

/// As the bank and the phones trust the vault.
fn vault_keys() -> TrustedKeys {
    let mut keys = trusted("vault.bank.example", 6, Purpose::Receipt);
    keys.trust(*key(6).public_key(), Purpose::OpeningKey).unwrap();
    keys
}

impl House {
    fn on<S: Store + Clone>(store: S) -> Self {
        let ring = |seed| Keyring::generate(&SeededRandom::new(seed)).unwrap();
        let (issuer, of_vault) = ("bank.example", "vault.bank.example");
        let bank = Verifier::builder(Issuer::new(issuer).unwrap(), ring(7))
            .store(store.clone())
            .signing_key(key(5))
            .vault_keys(vault_keys())
            .outbox()
            .build();
        let enterprise = trusted(issuer, 5, Purpose::PaymentRequest);
        let vault = Vault::builder(Issuer::new(of_vault).unwrap(), ring(8), key(6), enterprise)
            .store(store)
            .build();
        Self { bank: bank.unwrap(), vault: vault.unwrap() }
    }
}

impl House {
    /// A payment for which the customer has to authenticate, in two calls; the token of the card that was kept. In
    /// between nothing is charged.
    async fn paid(&self, of: &CustomerId) -> String {
        let key = self.vault.public_key().await.unwrap();
        let mut purchase = change();
        purchase.kind = TransactionKind::Payment;
        let name = "Bob".parse().unwrap();
        let asking = PaymentRequest::new(request("p"), merchant(), purchase, name, key);
        let asked = self.bank.payments().request(&call(of, "call-1"), &asking).await.unwrap();
        let keys = trusted("bank.example", 5, Purpose::PaymentRequest);
        let phone = Device::new(keys, of.clone()).with_vault_keys(vault_keys());
        let shown = phone.open_payment(&asked.token, SystemClock.now().unwrap()).unwrap();
        let number = "4242424242424242".parse().unwrap();
        let (expiry, name) = ("12/34".parse().unwrap(), "Alice Jones".parse().unwrap());
        let card = Card::new(number, expiry, "123".parse().unwrap(), name).unwrap();
        let sealed = shown.seal(&card, &SeededRandom::new(3)).unwrap();
        let challenged = self.vault.pay(of, &asked.token, &sealed, &Authorises).await.unwrap();
        assert_eq!(*challenged.receipt.outcome(), ChargeOutcome::Authenticating);
        assert!(
            matches!(challenged.next, Some(Next::Authenticate(_)))
                && challenged.card_token.is_none()
        );
        let again = self.vault.pay(of, &asked.token, &sealed, &Authorises).await.unwrap();
        assert_eq!(again, challenged);
        let resumed = self.vault.resume(of, &asked.token, &sealed, None, &Authorises);
        let paid = resumed.await.unwrap();
        assert!(matches!(paid.receipt.outcome(), ChargeOutcome::Authorised { amount: 5_000, .. }));
        let settled = self.bank.payments().apply_receipt(of, &paid.receipt).await.unwrap();
        assert_eq!(settled.status, PaymentStatus::Authorised);
        paid.card_token.unwrap().expose().to_owned()
    }
}

/// One such payment, on a store of any kind.
pub async fn pays_with_a_challenge(store: impl Store + Clone) {
    let house = House::on(store);
    let of = customer("alice");
    let token = house.paid(&of).await.parse().unwrap();
    let binding = Binding::new(of, merchant());
    let number = |card: &StoredCard| card.pan().last_four().as_str().to_owned();
    assert_eq!(house.vault.with_card(&token, &binding, number).await.unwrap(), "4242");
}

fn customer(name: &str) -> CustomerId {
    CustomerId::new(name).unwrap()
}

fn request(id: &str) -> RequestId {
    RequestId::new(id).unwrap()
}

/// In each round an agent of its own: what one agent asks for is limited.
fn call(of: &CustomerId, id: &str) -> Interaction {
    let agent = Agent::new(AgentId::new(format!("of-{}", of.as_str())).unwrap());
    let id = InteractionId::new(format!("{id}-{}", of.as_str())).unwrap();
    Interaction::outbound(id, of.clone(), agent, Channel::Voice)
}

fn change() -> Transaction {
    let (payee, reference) = ("Jones Roofing".parse().unwrap(), "Invoice 7".parse().unwrap());
    Transaction::new(TransactionKind::Change, 5_000, "GBP".parse().unwrap(), payee, reference)
}

fn seed() -> OtpSeed {
    OtpSeed::from_bytes(&[8; 20]).unwrap()
}

fn code() -> Response {
    let hotp = Hotp::new(&seed(), Algorithm::Sha1, Digits::SIX);
    hotp.generate(3).expose().parse().unwrap()
}

fn merchant() -> MerchantId {
    MerchantId::new("bank-fees").unwrap()
}

struct Authorises;

impl Acquirer for Authorises {
    fn honours_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        if of.authentication().is_none() {
            let flow = ChallengeFlow::Redirect { url: "https://psp.example/3ds/1".to_owned() };
            let challenge = AuthenticationChallenge::new("3ds-1", flow).unwrap();
            return Ok(AcquirerAnswer::challenge(challenge));
        }
        Ok(AcquirerAnswer::approved("OK1234", format!("t-{}", of.payment().key())))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Nothing)
    }

    async fn authenticated(&self, _: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        Ok(Authenticated::Passed(AuthenticationProof::new("05", "AAABBEg0VhI=", "ds-1")))
    }
}

/// Makes what a round is about; the words that say what it is.
async fn prepared(house: &House, kind: &str, name: &str) -> String {
    let of = customer(name);
    let step_ups = house.bank.step_ups();
    let asked = async |n: usize| {
        let asking =
            StepUpRequest::new(request(&format!("s-{n}")), change(), "Bob".parse().unwrap());
        step_ups.request(&call(&of, "call-1"), &asking).await.unwrap().step_up.id
    };
    match kind {
        "reveal" => {
            let now = SystemClock.now().unwrap();
            let window = Window::new(now, now.after(Duration::from_secs(3600))).unwrap();
            let secret = "anana".parse().unwrap();
            let booking = BookingRequest::new(request("r"), window, Channel::Voice, secret);
            house.bank.callbacks().book(&of, &booking).await.unwrap().id.to_string()
        }
        "grant" => {
            let fob = ImportRequest::hotp(seed(), 3);
            house.bank.credentials().import(&of, &fob).await.unwrap();
            let id = asked(0).await;
            step_ups.submit(&of, &id, &code()).await.unwrap();
            match step_ups.outcome(&call(&of, "call-1"), &id).await.unwrap() {
                StepUpOutcome::Approved(grant) => serde_json::to_string(&grant).unwrap(),
                other => panic!("{other:?}"),
            }
        }
        "code" => {
            let fob = ImportRequest::hotp(seed(), 3);
            house.bank.credentials().import(&of, &fob).await.unwrap();
            let mut ids = Vec::new();
            for n in 0..STEP_UPS {
                ids.push(asked(n).await.to_string());
            }
            ids.join(" ")
        }
        "card" => house.paid(&of).await,
        _ => panic!("{kind} is none"),
    }
}

/// One task of the race; what it won, if it did.
async fn races(house: &House, kind: &str, name: &str, about: &str, n: usize) -> Option<String> {
    let of = customer(name);
    let (won, answer) = match kind {
        "reveal" => {
            let id = about.parse().unwrap();
            let call = call(&of, &format!("call-{n}"));
            let shown = house.bank.callbacks().reveal(&call, &id).await;
            (n.to_string(), shown.map(|shown| assert_eq!(shown.as_str(), "anana")))
        }
        "grant" => {
            let grant: Grant = serde_json::from_str(about).unwrap();
            let (call, key) = (call(&of, "call-1"), request(&format!("k-{n}")));
            let step_ups = house.bank.step_ups();
            (n.to_string(), step_ups.redeem(&call, &grant, &change(), &key).await.map(drop))
        }
        "code" => {
            let id = about.split(' ').nth(n % STEP_UPS).unwrap();
            let step_ups = house.bank.step_ups();
            let answer = step_ups.submit(&of, &id.parse().unwrap(), &code()).await;
            // Whoever submits it to the same step-up again gets the same answer.
            (id.to_owned(), answer.map(drop))
        }
        "card" => {
            let token = about.parse().unwrap();
            let binding = Binding::new(of, merchant());
            let used = house.vault.with_card(&token, &binding, |_: &StoredCard| ()).await;
            (n.to_string(), used)
        }
        _ => panic!("{kind} is none"),
    };
    match answer {
        Ok(()) => Some(won),
        Err(Error::Refused(_) | Error::Busy) => None,
        Err(error) => panic!("{kind}: {error:?}"),
    }
}

/// Whether this process was started for a race, and is to call [`process`].
pub fn is_process() -> bool {
    std::env::var_os(URL).is_some()
}

/// A process of the race, until its standard input ends.
pub async fn process<S: Store + Clone, F: Future<Output = S>>(open: impl FnOnce(String) -> F) {
    let store = open(std::env::var(URL).unwrap()).await;
    let house = if std::env::var_os(BROKEN).is_some() {
        House::on(Broken(store))
    } else {
        House::on(store)
    };
    let process: usize = std::env::var(NUMBER).unwrap().parse().unwrap();
    println!("\nready");
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let [kind, name, about] = line.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
        let barrier = Arc::new(Barrier::new(TASKS));
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (house, barrier) = (house.clone(), Arc::clone(&barrier));
                let (kind, name, about) = (kind.to_owned(), name.to_owned(), about.to_owned());
                tokio::spawn(async move {
                    barrier.wait().await;
                    races(&house, &kind, &name, &about, process * TASKS + task).await
                })
            })
            .collect();
        let mut won = String::new();
        for task in tasks {
            if let Some(one) = task.await.unwrap() {
                won = format!("{won} {one}");
            }
        }
        println!("\nwon{won}");
    }
}

/// How many won, of each round and kind. `test` is the name of a test that calls [`process`] where it
/// [is one](is_process).
pub async fn contest<S: Store + Clone>(
    store: S,
    test: &str,
    url: &str,
    rounds: usize,
    broken: bool,
) -> Vec<(&'static str, usize)> {
    let house = House::on(store);
    let start = |number: usize| {
        let mut orders = vec![(URL, url.to_owned()), (NUMBER, number.to_string())];
        orders.extend(broken.then(|| (BROKEN, "1".to_owned())));
        Racer::start(test, orders)
    };
    let mut racers: Vec<_> = (0..PROCESSES).map(start).collect();
    racers.iter_mut().for_each(|racer| drop(racer.hear("ready")));
    let mut winners = Vec::new();
    for round in 0..rounds {
        for kind in KINDS {
            let name = format!("{kind}-{round}");
            let about = prepared(&house, kind, &name).await;
            for racer in &mut racers {
                racer.tell(&format!("{kind} {name} {about}"));
            }
            let mut won = Vec::new();
            for racer in &mut racers {
                won.extend(racer.hear("won").split_whitespace().map(str::to_owned));
            }
            won.sort();
            won.dedup();
            winners.push((kind, won.len()));
        }
    }
    winners
}

/// One winner each.
pub fn one_each(name: &str, winners: &[(&str, usize)]) {
    println!("{name}: {} races of {} in {PROCESSES} processes", winners.len(), PROCESSES * TASKS);
    let wrong: Vec<_> = winners.iter().filter(|(_, won)| *won != 1).collect();
    assert!(wrong.is_empty() && !winners.is_empty(), "{wrong:?}");
}

/// The race can be lost, in each kind.
pub fn several(name: &str, winners: &[(&str, usize)]) {
    for kind in KINDS {
        let lost = winners.iter().filter(|(of, won)| *of == kind && *won > 1).count();
        println!("{name}: several winners of a {kind} in {lost} rounds");
        assert!(lost > 0, "the race for a {kind} finds nothing");
    }
}
