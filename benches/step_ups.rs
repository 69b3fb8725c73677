//! A whole `submit` and `redeem` on `MemoryStore`, beside the sum of the primitives that each needs:
//! owner tags, HKDF, AES-GCM, randomness, history hashes, OCRA, Ed25519.

#[path = "../tests/support/between.rs"]
mod between;

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use between::{Between, Via};
use countersign::credential::EnrolmentRequest;
use countersign::otp::ocra::{Inputs, OcraChallenge, Response, Suite};
use countersign::otp::{Ocra, OtpSeed};
use countersign::policy::PromptCheck;
use countersign::step_up::StepUpData;
use countersign::step_up::{Grant, StepUpOutcome, StepUpRequest};
use countersign::store::{
    Expected, Listed, News, Place, Position, Put, Range, Record, Store, StoreError,
};
use countersign::time::ManualClock;
use countersign::token::{
    Audience, Leeway, Purpose, SigningKey, TokenId, TrustedKeys, UntrustedToken,
};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Interaction, InteractionId, Issuer, Keyring, MemoryStore,
    OsRandom, Policy, RequestId, StepUpId, Timestamp, Transaction, Verifier,
};
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use side_by_side::{case, compare, prepared};

const START: Timestamp = Timestamp::from_unix(1_800_000_000);

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}

fn request(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

fn transaction() -> Transaction {
    let (payee, reference) = ("Jones Roofing 20-00-00 55779911", "Invoice 7");
    let (payee, reference) = (payee.parse().unwrap(), reference.parse().unwrap());
    Transaction::new(TransactionKind::Transfer, 500_000, "GBP".parse().unwrap(), payee, reference)
}

/// Counts the calls, and remembers the sizes of what was last read and written.
#[derive(Clone, Default)]
struct Counting {
    inner: MemoryStore,
    calls: Arc<AtomicUsize>,
}

impl Between for Counting {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.inner
    }

    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.load(at, now).await
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

fn bytes(id: &impl std::fmt::Display) -> Vec<u8> {
    base32::decode(base32::Alphabet::Crockford, &id.to_string()).unwrap()
}

/// A customer's app, without the Argon2 that guards its PIN.
struct App(OtpSeed);

impl App {
    fn new(seed: &str) -> Self {
        let seed = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, seed).unwrap();
        let prk = Salt::new(HKDF_SHA256, b"countersign credential v1").extract(&seed);
        let mut key = [0; 32];
        let info = [b"countersign step-up v1".as_slice()];
        prk.expand(&info, HKDF_SHA256).unwrap().fill(&mut key).unwrap();
        Self(OtpSeed::from_bytes(&key).unwrap())
    }

    /// The response to the hash of these pieces, as PASETO's PAE writes them.
    fn answer(&self, pieces: &[&[u8]]) -> Response {
        let mut hash = Sha256::new();
        hash.update((pieces.len() as u64).to_le_bytes());
        for piece in pieces {
            hash.update((piece.len() as u64).to_le_bytes());
            hash.update(piece);
        }
        let suite: Suite = "OCRA-1:HOTP-SHA256-8:QH64".parse().unwrap();
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let challenge = OcraChallenge::new(suite.challenge_format(), &digest).unwrap();
        Ocra::new(&self.0, suite).respond(&Inputs::one_way(&challenge)).unwrap()
    }
}

/// As many step-ups as a batch needs, of a customer each; `approved` with grants.
struct Filled {
    verifier: Verifier,
    calls: Vec<Interaction>,
    ids: Vec<StepUpId>,
    codes: Vec<Response>,
    grants: Vec<Grant>,
}

impl Filled {
    fn new(store: impl Store, count: u32, approved: bool) -> Self {
        let mut policy = Policy::default();
        policy.step_ups.per_agent = 200;
        // What the code alone takes; the digits are one store call more, and one comparison.
        policy.step_ups.prompts.number_match = PromptCheck::never();
        policy.step_ups.prompts.who_rang = PromptCheck::never();
        let verifier = Verifier::builder(
            Issuer::new("bank.example").unwrap(),
            Keyring::generate(&OsRandom::new()).unwrap(),
        )
        .store(store)
        .policy(policy)
        .clock(ManualClock::new(START))
        .signing_key(SigningKey::generate(&OsRandom::new()).unwrap())
        .build()
        .unwrap();
        let (calls, ids, codes, grants) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut filled = Self { verifier, calls, ids, codes, grants };
        for n in 0..count {
            now_or_never(filled.add(n, approved));
        }
        filled
    }

    async fn add(&mut self, n: u32, approved: bool) {
        let customer = CustomerId::new(format!("customer-{n}")).unwrap();
        let (credentials, step_ups) = (self.verifier.credentials(), self.verifier.step_ups());
        let given =
            credentials.enrol(&customer, &EnrolmentRequest::ocra(request("app"))).await.unwrap();
        let app = App::new(given.base32().unwrap());
        let first = app.answer(&[b"countersign confirm v1", &bytes(&given.credential.id)]);
        credentials.confirm(&customer, &given.credential.id, &first).await.unwrap();
        // A hundred customers to an agent, or the limit would stop them.
        let agent = Agent::new(AgentId::new(format!("bob-{}", n / 100)).unwrap());
        let id = InteractionId::new(format!("call-{n}")).unwrap();
        let call = Interaction::outbound(id, customer.clone(), agent, Channel::Voice);
        let asking = StepUpRequest::new(request("s"), transaction(), "Bob".parse().unwrap());
        let asked = step_ups.request(&call, &asking).await.unwrap();
        let id = asked.step_up.id;
        let nonce = self.nonce(&customer, &asked.token);
        let code = app.answer(&[
            b"countersign statement v2",
            b"bank.example",
            customer.as_str().as_bytes(),
            &bytes(&id),
            &bytes(&given.credential.id),
            b"",
            call.id.as_str().as_bytes(),
            &[2],
            b"Bob",
            &[&[1], &*transaction().canonical()].concat(),
            b"",
            b"",
            b"",
            b"",
            nonce.as_bytes(),
        ]);
        if approved {
            step_ups.submit(&customer, &id, &code).await.unwrap();
            match step_ups.outcome(&call, &id).await.unwrap() {
                StepUpOutcome::Approved(grant) => self.grants.push(grant),
                other => panic!("{other:?}"),
            }
        }
        self.calls.push(call);
        self.ids.push(id);
        self.codes.push(code);
    }

    fn nonce(&self, customer: &CustomerId, token: &str) -> TokenId {
        let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
        keys.trust(*self.verifier.public_keys().next().unwrap(), Purpose::StepUp).unwrap();
        let (token, customer) = (UntrustedToken::parse(token).unwrap(), Audience::from(customer));
        let verified = token.verify::<StepUpData>(&keys, &customer, START, Leeway::NONE);
        verified.unwrap().claims().id()
    }

    fn submit(&self, n: usize) {
        let (customer, id) = (&self.calls[n].customer, &self.ids[n]);
        let step_up = self.verifier.step_ups().submit(customer, id, &self.codes[n]);
        black_box(now_or_never(step_up).unwrap());
    }

    fn redeem(&self, n: usize, transaction: &Transaction, key: &RequestId) {
        let (call, grant) = (&self.calls[n], &self.grants[n]);
        let redeemed = self.verifier.step_ups().redeem(call, grant, transaction, key);
        black_box(now_or_never(redeemed).unwrap());
    }
}

/// The primitives, set up once as the verifier has them.
struct Primitives {
    random: SystemRandom,
    locator: Hmac<Sha256>,
    root: Prk,
    pair: Ed25519KeyPair,
}

impl Primitives {
    fn new() -> Self {
        Self {
            random: SystemRandom::new(),
            locator: Hmac::new_from_slice(&[7; 32]).unwrap(),
            root: Salt::new(HKDF_SHA256, b"countersign root v1").extract(&[9; 32]),
            pair: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap(),
        }
    }

    fn key(&self) -> LessSafeKey {
        let info = [[3_u8; 103].as_slice()];
        LessSafeKey::new(UnboundKey::from(self.root.expand(&info, &AES_256_GCM).unwrap()))
    }

    fn sealed(&self, length: usize) -> Vec<u8> {
        let mut body = vec![0; length];
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        self.key().seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        body
    }

    /// Owner tag, record key and opening.
    fn read(&self, sealed: &[u8]) -> LessSafeKey {
        let mut mac = self.locator.clone();
        mac.update(&[1; 90]);
        black_box(mac.finalize().into_bytes());
        let key = self.key();
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        let mut body = sealed.to_vec();
        black_box(key.open_in_place(nonce, Aad::from([1; 163]), &mut body).unwrap());
        key
    }

    /// The same, then randomness, the history's hash and the sealing.
    fn write(&self, sealed: &[u8]) {
        let key = self.read(sealed);
        let mut random = [0; 28];
        self.random.fill(&mut random).unwrap();
        black_box(Sha256::digest(black_box([3; 161])));
        let mut body = vec![0; sealed.len() + 80];
        body.reserve(16);
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        key.seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        black_box(&body);
    }

    /// Question, digest, both subkeys and both responses.
    fn code(&self, suite: Suite) {
        black_box(Sha256::digest(black_box([1; 420])));
        black_box(Sha256::digest(black_box([1; 140])));
        let prk = Salt::new(HKDF_SHA256, b"countersign credential v1").extract(&[9; 32]);
        let question = OcraChallenge::new(suite.challenge_format(), &"A5".repeat(32)).unwrap();
        for info in [b"countersign step-up v1".as_slice(), b"countersign duress v1"] {
            let mut key = [0; 32];
            prk.expand(&[info], HKDF_SHA256).unwrap().fill(&mut key).unwrap();
            let seed = OtpSeed::from_bytes(&key).unwrap();
            let response = Ocra::new(&seed, suite).respond(&Inputs::one_way(&question));
            drop(black_box(response.unwrap()));
        }
    }
}

fn main() {
    let counting = Counting::default();
    let filled = Filled::new(Via(counting.clone()), 1, false);
    counting.calls.store(0, Ordering::Relaxed);
    filled.submit(0);
    let submitted = counting.calls.load(Ordering::Relaxed);
    let counting = Counting::default();
    let filled = Filled::new(Via(counting.clone()), 1, true);
    counting.calls.store(0, Ordering::Relaxed);
    filled.redeem(0, &transaction(), &request("k"));
    let redeemed = counting.calls.load(Ordering::Relaxed);
    println!("store calls: submit {submitted}, redeem {redeemed}");
    assert!(submitted <= 5 && redeemed <= 4);

    let primitives = Primitives::new();
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QH64".parse().unwrap();
    let (credential, step_up) = (primitives.sealed(420), primitives.sealed(390));
    let (next, bank) = (Cell::new(0_usize), RefCell::new(None));
    compare(
        "submit",
        vec![
            case("sum of the primitives", || {
                primitives.read(&step_up);
                primitives.code(suite);
                primitives.write(&credential);
                primitives.write(&step_up);
            }),
            prepared(
                "countersign",
                |calls| {
                    next.set(0);
                    bank.replace(Some(Filled::new(MemoryStore::new(), calls, false)));
                },
                || bank.borrow().as_ref().unwrap().submit(next.replace(next.get() + 1)),
            ),
        ],
    );

    let message = [7; 900];
    let signature = primitives.pair.sign(&message);
    let public = UnparsedPublicKey::new(&ED25519, primitives.pair.public_key());
    let (payment, key) = (transaction(), request("k"));
    compare(
        "redeem",
        vec![
            case("sum of the primitives", || {
                primitives.read(&step_up);
                public.verify(&message, signature.as_ref()).unwrap();
                black_box(Sha256::digest(black_box([1; 60])));
                primitives.write(&step_up);
            }),
            prepared(
                "countersign",
                |calls| {
                    next.set(0);
                    bank.replace(Some(Filled::new(MemoryStore::new(), calls, true)));
                },
                || {
                    bank.borrow().as_ref().unwrap().redeem(
                        next.replace(next.get() + 1),
                        &payment,
                        &key,
                    )
                },
            ),
        ],
    );
}
