//! A whole payment on `MemoryStore`, from the request to the settled receipt, and lending a kept card,
//! beside the sum of the primitives that each needs: Ed25519, HPKE, owner tags, HKDF, AES-GCM,
//! randomness, history hashes. The aim: at most twice as long.

#[path = "../tests/support/between.rs"]
mod between;

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use between::{Between, Via};
use countersign::card::{Card, CardToken, SealedCard, StoredCredential};
use countersign::payment::PaymentRequest;
use countersign::store::{
    Expected, Listed, News, Place, Position, Put, Range, Record, Store, StoreError,
};
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authenticated, AuthenticationChallenge,
    AuthenticationProof, Authorisation, Binding, ChallengeFlow, Found, Paid, Resumption, Sought,
};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, MerchantId, OsRandom, Policy, RequestId, Timestamp, Transaction, Vault, Verifier,
};
use hmac::{Hmac, KeyInit, Mac};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{OpModeR, OpModeS};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use side_by_side::{case, compare, prepared};

const START: Timestamp = Timestamp::from_unix(1_800_000_000);
/// Of a record: format, key id, nonce, tag.
const SEAL_BYTES: usize = 1 + 8 + 12 + 16;

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("neither the memory store nor this acquirer ever waits"),
    }
}

/// An acquirer that takes no time.
struct Psp;

impl Acquirer for Psp {
    async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        Ok(AcquirerAnswer::approved("A1B2C3", "txn-1"))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}

/// The same, once the customer has authenticated.
struct Challenging;

impl Acquirer for Challenging {
    async fn authorise(&self, of: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        if of.authentication().is_some() {
            return Ok(AcquirerAnswer::approved("A1B2C3", "txn-1"));
        }
        let flow = ChallengeFlow::Redirect { url: "https://psp.example/3ds/1".to_owned() };
        let challenge = AuthenticationChallenge::new("3ds-1", flow);
        Ok(AcquirerAnswer::challenge(challenge.ok_or(AcquirerError::InDoubt)?))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }

    async fn authenticated(&self, _: &Resumption<'_>) -> Result<Authenticated, AcquirerError> {
        Ok(Authenticated::Passed(AuthenticationProof::new("05", "AAABBEg0VhI=", "ds-1")))
    }
}

/// Counts the calls, and remembers how long the bodies were that were read and written.
#[derive(Clone, Default)]
struct Counting {
    inner: MemoryStore,
    calls: Arc<AtomicUsize>,
    read: Arc<Mutex<Vec<usize>>>,
    written: Arc<Mutex<Vec<usize>>>,
}

impl Counting {
    fn reset(&self) {
        self.calls.store(0, Ordering::Relaxed);
        self.read.lock().unwrap().clear();
        self.written.lock().unwrap().clear();
    }

    /// How many calls there were, and the bodies' lengths.
    fn seen(&self) -> (usize, Vec<usize>, Vec<usize>) {
        let (read, written) = (self.read.lock().unwrap(), self.written.lock().unwrap());
        (self.calls.load(Ordering::Relaxed), read.clone(), written.clone())
    }
}

impl Between for Counting {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.inner
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let loaded = self.inner.load(at, now).await?;
        self.read
            .lock()
            .unwrap()
            .extend(loaded.as_ref().map(|record| record.sealed.len() - SEAL_BYTES));
        Ok(loaded)
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.written.lock().unwrap().push(new.sealed.len() - SEAL_BYTES);
        self.inner.put_if(at, expected, new, news, now).await
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.list(lane, owner, range, now).await
    }
}

/// Puts back, at once, what a write replaced: a token that serves once can then be timed again and
/// again. Putting back is timed as well.
#[derive(Clone, Default)]
struct Restoring {
    inner: MemoryStore,
    restores: Arc<AtomicBool>,
}

impl Between for Restoring {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.inner
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        if !self.restores.load(Ordering::Relaxed) {
            return self.inner.put_if(at, expected, new, news, now).await;
        }
        let before = self.inner.load(at, now).await?.expect("there is a card");
        let put = self.inner.put_if(at, expected, new, news, now).await?;
        let written = Expected::Head(new.head);
        let put_back = self.inner.put_if(at, written, &before, News::NONE, now).await?;
        assert_eq!(put_back, Put::Stored);
        Ok(put)
    }
}

/// The same 32 bytes for sealing.
struct Drawn;

impl TryRng for Drawn {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(9)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(9)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        to.fill(9);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

/// As many payments as a batch needs, of a customer each: asked for, and the card sealed; if `paid`,
/// with what came of them.
struct Filled {
    verifier: Verifier,
    vault: Vault,
    customers: Vec<CustomerId>,
    bindings: Vec<Binding>,
    tokens: Vec<String>,
    cards: Vec<SealedCard>,
    paid: Vec<Paid>,
}

/// How far the payments of a batch have gone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gone {
    Asked,
    Paid,
    /// Under tokens that serve many times.
    Kept,
}

fn merchant() -> MerchantId {
    MerchantId::new("bank-fees").unwrap()
}

impl Filled {
    fn new(bank_store: impl Store, store: impl Store, count: u32, gone: Gone) -> Self {
        let random = OsRandom::new();
        let mut policy = Policy::default();
        policy.payments.per_agent = 200;
        let (bank, own) =
            (Issuer::new("bank.example").unwrap(), Issuer::new("vault.bank.example").unwrap());
        let (bank_key, vault_key) =
            (SigningKey::generate(&random).unwrap(), SigningKey::generate(&random).unwrap());
        let mut of_bank = TrustedKeys::new(bank.clone());
        of_bank.trust(*bank_key.public_key(), Purpose::PaymentRequest).unwrap();
        let mut of_vault = TrustedKeys::new(own.clone());
        for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
            of_vault.trust(*vault_key.public_key(), purpose).unwrap();
        }
        let keyring = || Keyring::generate(&random).unwrap();
        let vault = Vault::builder(own, keyring(), vault_key, of_bank.clone())
            .store(store)
            .clock(ManualClock::new(START))
            .build()
            .unwrap();
        let verifier = Verifier::builder(bank, keyring())
            .store(bank_store)
            .policy(policy)
            .clock(ManualClock::new(START))
            .signing_key(bank_key)
            .vault_keys(of_vault.clone())
            .build()
            .unwrap();
        let mut filled = Self {
            verifier,
            vault,
            customers: Vec::new(),
            bindings: Vec::new(),
            tokens: Vec::new(),
            cards: Vec::new(),
            paid: Vec::new(),
        };
        for n in 0..count {
            now_or_never(filled.add(n, gone, [&of_bank, &of_vault]));
        }
        filled
    }

    async fn add(&mut self, n: u32, gone: Gone, keys: [&TrustedKeys; 2]) {
        let customer = CustomerId::new(format!("customer-{n}")).unwrap();
        // A hundred customers to an agent, or the limit would stop them.
        let agent = Agent::new(AgentId::new(format!("bob-{}", n / 100)).unwrap());
        let id = InteractionId::new(format!("call-{n}")).unwrap();
        let call = Interaction::outbound(id, customer.clone(), agent, Channel::Voice);
        let fees = Transaction::new(
            TransactionKind::Payment,
            4_200,
            "GBP".parse().unwrap(),
            "Example Bank".parse().unwrap(),
            "Account fees 2026".parse().unwrap(),
        );
        let (request, agent) = (RequestId::new("p").unwrap(), "Bob".parse().unwrap());
        let key = self.vault.public_key().await.unwrap();
        let mut asking = PaymentRequest::new(request, merchant(), fees, agent, key);
        if gone == Gone::Kept {
            asking = asking.keep_card_for(std::time::Duration::from_secs(3600 * 24 * 100));
        }
        let asked = self.verifier.payments().request(&call, &asking).await.unwrap();
        let [of_bank, of_vault] = keys.map(TrustedKeys::clone);
        let device = Device::new(of_bank, customer.clone()).with_vault_keys(of_vault);
        let shown = device.open_payment(&asked.token, START).unwrap();
        let agreed = match gone {
            Gone::Kept => card().with_stored_credential(StoredCredential::Recurring),
            Gone::Asked | Gone::Paid => card(),
        };
        let sealed = shown.seal(&agreed, &OsRandom::new()).unwrap();
        if gone != Gone::Asked {
            self.paid.push(self.vault.pay(&customer, &asked.token, &sealed, &Psp).await.unwrap());
        }
        self.bindings.push(Binding::new(customer.clone(), merchant()));
        self.customers.push(customer);
        self.tokens.push(asked.token);
        self.cards.push(sealed);
    }

    fn pay(&self, n: usize) -> Paid {
        now_or_never(self.vault.pay(&self.customers[n], &self.tokens[n], &self.cards[n], &Psp))
            .unwrap()
    }

    /// With a challenge, which the customer takes.
    fn pay_and_resume(&self, n: usize) -> Paid {
        let (customer, token, card) = (&self.customers[n], &self.tokens[n], &self.cards[n]);
        now_or_never(async {
            self.vault.pay(customer, token, card, &Challenging).await.unwrap();
            self.vault.resume(customer, token, card, Some("cres"), &Challenging).await.unwrap()
        })
    }

    fn apply_receipt(&self, n: usize, paid: &Paid) {
        let settled = self.verifier.payments().apply_receipt(&self.customers[n], &paid.receipt);
        black_box(now_or_never(settled).unwrap());
    }

    fn with_card(&self, n: usize) {
        let token: &CardToken = self.paid[n].card_token.as_ref().unwrap();
        let lent = self.vault.with_card(token, &self.bindings[n], |card| {
            black_box(card.pan().expose());
        });
        now_or_never(lent).unwrap();
    }
}

fn card() -> Card {
    Card::new(
        "4242424242424242".parse().unwrap(),
        "12/34".parse().unwrap(),
        "123".parse().unwrap(),
        "Alice Jones".parse().unwrap(),
    )
    .unwrap()
}

/// A record's ciphertext and tag.
struct Sealed(Vec<u8>);

/// The primitives, set up once as vault and verifier have them.
struct Primitives {
    random: SystemRandom,
    locator: Hmac<Sha256>,
    root: Prk,
    pair: Ed25519KeyPair,
    private: <X25519HkdfSha256 as Kem>::PrivateKey,
    encapsulated: <X25519HkdfSha256 as Kem>::EncappedKey,
    card: Vec<u8>,
}

impl Primitives {
    fn new() -> Self {
        let (private, public) = X25519HkdfSha256::derive_keypair(&[7; 32]);
        let (encapsulated, card) =
            hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public,
                b"countersign sealed card v1",
                &[7; 1152],
                &[8; 32],
                &mut Drawn,
            )
            .unwrap();
        Self {
            random: SystemRandom::new(),
            locator: Hmac::new_from_slice(&[7; 32]).unwrap(),
            root: Salt::new(HKDF_SHA256, b"countersign root v1").extract(&[9; 32]),
            pair: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap(),
            private,
            encapsulated,
            card,
        }
    }

    /// A keyed tag: of an owner, a place, an idempotency key, a fingerprint.
    fn tag(&self) {
        let mut mac = self.locator.clone();
        mac.update(&[1; 90]);
        black_box(mac.finalize().into_bytes());
    }

    fn key(&self) -> LessSafeKey {
        let info = [[3_u8; 103].as_slice()];
        LessSafeKey::new(UnboundKey::from(self.root.expand(&info, &AES_256_GCM).unwrap()))
    }

    fn sealed(&self, length: usize) -> Sealed {
        let mut body = vec![0; length];
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        self.key().seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        Sealed(body)
    }

    /// Record key and opening.
    fn read(&self, record: &Sealed) -> LessSafeKey {
        let key = self.key();
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        let mut body = record.0.clone();
        black_box(key.open_in_place(nonce, Aad::from([1; 163]), &mut body).unwrap());
        key
    }

    /// Randomness, the history's hash and the sealing.
    fn write(&self, key: &LessSafeKey, length: usize) {
        black_box(Sha256::digest(black_box([3; 161])));
        self.write_unlinked(key, length);
    }

    /// The same where nothing is added to the history.
    fn write_unlinked(&self, key: &LessSafeKey, length: usize) {
        self.draw::<28>();
        let mut body = vec![0; length];
        body.reserve(16);
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        key.seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        black_box(&body);
    }

    fn draw<const BYTES: usize>(&self) {
        let mut random = [0; BYTES];
        self.random.fill(&mut random).unwrap();
        black_box(random);
    }

    fn open_card(&self) {
        let opened = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private,
            &self.encapsulated,
            b"countersign sealed card v1",
            &self.card,
            &[8; 32],
        );
        black_box(opened.unwrap());
    }
}

/// Bodies that were read and written, in order.
struct Bodies {
    read: Vec<Sealed>,
    written: Vec<usize>,
}

impl Bodies {
    fn of(store: &Counting, primitives: &Primitives) -> Self {
        let (_, read, written) = store.seen();
        Self { read: read.into_iter().map(|length| primitives.sealed(length)).collect(), written }
    }
}

fn main() {
    let primitives = Primitives::new();
    let (bank_store, store) = (Counting::default(), Counting::default());
    let filled = Filled::new(Via(bank_store.clone()), Via(store.clone()), 1, Gone::Asked);
    store.reset();
    let paid = filled.pay(0);
    let (pay_calls, pay) = (store.seen().0, Bodies::of(&store, &primitives));
    bank_store.reset();
    filled.apply_receipt(0, &paid);
    let (settle_calls, settle) = (bank_store.seen().0, Bodies::of(&bank_store, &primitives));
    // The opening keys and the charge; and thrice written: begun, concluded, the card.
    assert_eq!((pay.read.len(), pay.written.len()), (2, 3));
    assert_eq!((settle.read.len(), settle.written.len()), (1, 1));

    let lend = |gone| {
        let store = Counting::default();
        let filled = Filled::new(MemoryStore::new(), Via(store.clone()), 1, gone);
        store.reset();
        filled.with_card(0);
        let bodies = Bodies::of(&store, &primitives);
        assert_eq!((bodies.read.len(), bodies.written.len()), (1, 1));
        (store.seen().0, bodies)
    };
    let (lend_calls, once) = lend(Gone::Paid);
    let (_, many) = lend(Gone::Kept);
    println!("store calls: pay {pay_calls}, settle {settle_calls}, with_card {lend_calls}");
    assert!(pay_calls <= 7 && settle_calls <= 2 && lend_calls <= 2);

    let challenged = {
        let store = Counting::default();
        let filled = Filled::new(MemoryStore::new(), Via(store.clone()), 1, Gone::Asked);
        store.reset();
        filled.pay_and_resume(0);
        println!("store calls: pay with a challenge, and resume {}", store.seen().0);
        Bodies::of(&store, &primitives)
    };

    let request = vec![7; filled.tokens[0].len() * 3 / 4];
    let receipt = vec![7; paid.receipt.token().len() * 3 / 4];
    let public = UnparsedPublicKey::new(&ED25519, primitives.pair.public_key());
    let (of_request, of_receipt) = (primitives.pair.sign(&request), primitives.pair.sign(&receipt));

    let vault_s = || {
        // The request; the opening keys; the card.
        public.verify(&request, of_request.as_ref()).unwrap();
        primitives.tag();
        black_box(primitives.read(&pay.read[0]));
        primitives.open_card();
        black_box(Sha256::digest(black_box([1; 1218])));
        // Begun, asked, concluded.
        primitives.tag();
        primitives.draw::<27>();
        let key = primitives.key();
        primitives.write(&key, pay.written[0]);
        primitives.tag();
        let key = primitives.read(&pay.read[1]);
        primitives.write(&key, pay.written[1]);
        // The receipt; the card, its fingerprint, its place and its owner's tag.
        black_box(Sha256::digest(black_box([1; 100])));
        black_box(primitives.pair.sign(&receipt));
        primitives.tag();
        primitives.tag();
        primitives.tag();
        let key = primitives.key();
        primitives.write(&key, pay.written[2]);
    };
    // Whatever is read and written, in order; each time the request, the card and a receipt.
    let challenged_s = || {
        let mut key = primitives.key();
        for record in &challenged.read {
            primitives.tag();
            key = primitives.read(record);
        }
        for length in &challenged.written {
            primitives.write(&key, *length);
        }
        for _ in 0..2 {
            public.verify(&request, of_request.as_ref()).unwrap();
            primitives.tag();
            primitives.open_card();
            black_box(Sha256::digest(black_box([1; 1218])));
            primitives.draw::<27>();
            primitives.tag();
            black_box(Sha256::digest(black_box([1; 100])));
            black_box(primitives.pair.sign(&receipt));
        }
        primitives.tag();
        primitives.tag();
        primitives.tag();
    };
    let enterprise_s = || {
        public.verify(&receipt, of_receipt.as_ref()).unwrap();
        primitives.tag();
        let key = primitives.read(&settle.read[0]);
        primitives.write(&key, settle.written[0]);
    };

    let (next, scene) = (Cell::new(0_usize), RefCell::new(None));
    let ready = |calls, gone| {
        next.set(0);
        let filled = Filled::new(MemoryStore::new(), MemoryStore::new(), calls, gone);
        scene.replace(Some(filled));
    };
    let with = |run: &dyn Fn(&Filled, usize)| {
        run(scene.borrow().as_ref().unwrap(), next.replace(next.get() + 1));
    };
    compare(
        "pay, at the vault",
        vec![
            case("sum of the primitives", vault_s),
            prepared(
                "countersign: Vault::pay",
                |calls| ready(calls, Gone::Asked),
                || {
                    with(&|filled, n| {
                        black_box(filled.pay(n));
                    })
                },
            ),
        ],
    );
    compare(
        "pay with a challenge, and resume, at the vault",
        vec![
            case("sum of the primitives", challenged_s),
            prepared(
                "countersign: Vault::pay, Vault::resume",
                |calls| ready(calls, Gone::Asked),
                || {
                    with(&|filled, n| {
                        black_box(filled.pay_and_resume(n));
                    })
                },
            ),
        ],
    );
    compare(
        "settle, at the enterprise",
        vec![
            case("sum of the primitives", enterprise_s),
            prepared(
                "countersign: settle",
                |calls| ready(calls, Gone::Paid),
                || with(&|filled, n| filled.apply_receipt(n, &filled.paid[n])),
            ),
        ],
    );
    compare(
        "pay and settle",
        vec![
            case("sum of the primitives", || {
                vault_s();
                enterprise_s();
            }),
            prepared(
                "countersign",
                |calls| ready(calls, Gone::Asked),
                || with(&|filled, n| filled.apply_receipt(n, &filled.pay(n))),
            ),
        ],
    );

    // Its place, its owner's tag and its lane; then the record.
    let opened = |record: &Sealed| {
        primitives.tag();
        primitives.tag();
        primitives.tag();
        primitives.read(record)
    };
    let store = Restoring::default();
    let filled = Filled::new(MemoryStore::new(), Via(store.clone()), 1, Gone::Paid);
    store.restores.store(true, Ordering::Relaxed);
    compare(
        "with_card, under a token that serves once",
        vec![
            case("sum of the primitives", || {
                let key = opened(&once.read[0]);
                primitives.write(&key, once.written[0]);
            }),
            case("countersign: Vault::with_card", || filled.with_card(0)),
        ],
    );
    let filled = Filled::new(MemoryStore::new(), MemoryStore::new(), 1, Gone::Kept);
    compare(
        "with_card, under a token that serves many times",
        vec![
            case("sum of the primitives", || {
                let key = opened(&many.read[0]);
                primitives.write_unlinked(&key, many.written[0]);
            }),
            case("countersign: Vault::with_card", || filled.with_card(0)),
        ],
    );
}
