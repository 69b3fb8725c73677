//! Verifying what customers sign, beside the raw primitives; and a whole `submit` of a passkey, beside the sum of
//! the primitives that it needs: owner tags, HKDF, AES-GCM, randomness, history hashes, SHA-256, ES256.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use countersign::credential::{
    CredentialPublicKey, EnrolmentRequest, KeyPossession, PasskeyAssertion, PasskeyRegistration,
    Signature,
};
use countersign::device::WhoRangCheck;
use countersign::step_up::{SignedAnswer, StepUpAnswer, StepUpRequest, WhoRang};
use countersign::time::ManualClock;
use countersign::token::{Purpose, Signer, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, OsRandom, Policy, RequestId, StepUpId, Timestamp, Transaction, Verifier,
};
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, UnparsedPublicKey,
};
use sha2::{Digest, Sha256};
use side_by_side::{case, compare, prepared};

const START: Timestamp = Timestamp::from_unix(1_800_000_000);
const RP_ID: &str = "approve.bank.example";
const ORIGIN: &str = "https://approve.bank.example";
const SPKI_P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}

/// RFC 4648 §5, unpadded.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut bits = 0_u32;
        for at in 0..3 {
            bits = (bits << 8) | u32::from(three.get(at).copied().unwrap_or(0));
        }
        for at in 0..=three.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

fn request(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

/// A phone's key.
struct Key {
    pair: EcdsaKeyPair,
    public: CredentialPublicKey,
}

impl Key {
    fn new() -> Self {
        let (random, of) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(of, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(of, pkcs8.as_ref(), &random).unwrap();
        let frame: Vec<u8> = (0..SPKI_P256.len() / 2)
            .map(|at| u8::from_str_radix(&SPKI_P256[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let der = [&frame, pair.public_key().as_ref()].concat();
        let public = CredentialPublicKey::from_spki_der(&der).unwrap();
        Self { pair, public }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    fn client_data(kind: &str, challenge: &[u8]) -> Vec<u8> {
        let challenge = base64url(challenge);
        serde_json::json!({
            "type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": false,
        })
        .to_string()
        .into_bytes()
    }

    fn data(flags: u8) -> Vec<u8> {
        [&*Sha256::digest(RP_ID), &[flags, 0, 0, 0, 0]].concat()
    }

    fn registration(&self, challenge: &[u8]) -> PasskeyRegistration {
        let attested = [vec![0; 16], vec![0, 9], b"passkey-1".to_vec(), self.public.to_cose()];
        let data = [Self::data(0x45), attested.concat()].concat();
        let head = [0x58, u8::try_from(data.len()).unwrap()];
        let before = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".as_slice();
        let client = Self::client_data("webauthn.create", challenge);
        PasskeyRegistration::new(&client, &[before, &head, &data].concat()).unwrap()
    }

    fn assertion(&self, challenge: &[u8]) -> PasskeyAssertion {
        let (client, data) = (Self::client_data("webauthn.get", challenge), Self::data(0x05));
        let signature = self.sign(&[data.as_slice(), &Sha256::digest(&client)].concat());
        PasskeyAssertion::new(b"passkey-1", &client, &data, &signature).unwrap()
    }
}

/// As many step-ups as a batch needs, of a customer each, and their answers.
struct Filled {
    verifier: Verifier,
    asked: Vec<(CustomerId, StepUpId, StepUpAnswer)>,
}

impl Filled {
    fn new(key: &Key, count: u32) -> Self {
        let mut policy = Policy::default();
        policy.step_ups.per_agent = 200;
        policy.passkeys.rp_id = RP_ID.to_owned();
        policy.passkeys.origins = vec![ORIGIN.to_owned()];
        let verifier = Verifier::builder(
            Issuer::new("bank.example").unwrap(),
            Keyring::generate(&OsRandom::new()).unwrap(),
        )
        .store(MemoryStore::new())
        .policy(policy)
        .clock(ManualClock::new(START))
        .signing_key(SigningKey::generate(&OsRandom::new()).unwrap())
        .build()
        .unwrap();
        let mut filled = Self { verifier, asked: Vec::new() };
        for n in 0..count {
            now_or_never(filled.add(key, n));
        }
        filled
    }

    async fn add(&mut self, key: &Key, n: u32) {
        let customer = CustomerId::new(format!("customer-{n}")).unwrap();
        let credentials = self.verifier.credentials();
        let enrolment = EnrolmentRequest::passkey(request("passkey"));
        let given = credentials.enrol(&customer, &enrolment).await.unwrap();
        let registration = key.registration(given.key_nonce().unwrap());
        let (id, possession) = (given.credential.id, KeyPossession::passkey(registration));
        credentials.confirm_key(&customer, &id, &possession, None).await.unwrap();
        // A hundred customers to an agent, or the limit would stop them.
        let agent = Agent::new(AgentId::new(format!("bob-{}", n / 100)).unwrap());
        let id = InteractionId::new(format!("call-{n}")).unwrap();
        let call = Interaction::outbound(id, customer.clone(), agent, Channel::Voice);
        let text = |text: &str| text.parse().unwrap();
        let (kind, pounds) = (TransactionKind::Transfer, "GBP".parse().unwrap());
        let transfer = Transaction::new(kind, 500_000, pounds, text("Jones"), text("Invoice 7"));
        let asking = StepUpRequest::new(request("s"), transfer, text("Bob"));
        let asked = self.verifier.step_ups().request(&call, &asking).await.unwrap();
        let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
        keys.trust(*self.verifier.public_keys().next().unwrap(), Purpose::StepUp).unwrap();
        let opened = Device::new(keys, customer.clone()).open_step_up(&asked.token, START).unwrap();
        let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Enterprise) else {
            panic!("the bank rang");
        };
        let said = asked.digits.as_ref().unwrap().digits();
        let shown = shown.with_digits(said.parse().unwrap());
        let assertion = key.assertion(&shown.passkey_challenge().unwrap());
        let answer = shown.answer_signed(SignedAnswer::by_passkey(assertion));
        self.asked.push((customer, asked.step_up.id, answer));
    }

    fn submit(&self, n: usize) {
        let (customer, id, answer) = &self.asked[n];
        let submitted = self.verifier.step_ups().submit(customer, id, answer);
        black_box(now_or_never(submitted).unwrap());
    }
}

/// The primitives, set up once as the verifier has them.
struct Primitives {
    random: SystemRandom,
    locator: Hmac<Sha256>,
    root: Prk,
}

impl Primitives {
    fn new() -> Self {
        Self {
            random: SystemRandom::new(),
            locator: Hmac::new_from_slice(&[7; 32]).unwrap(),
            root: Salt::new(HKDF_SHA256, b"countersign root v1").extract(&[9; 32]),
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
    fn write(&self, sealed: &[u8], more: usize) {
        let key = self.read(sealed);
        let mut random = [0; 28];
        self.random.fill(&mut random).unwrap();
        black_box(Sha256::digest(black_box([3; 161])));
        let mut body = vec![0; sealed.len() + more];
        body.reserve(16);
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        key.seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        black_box(&body);
    }
}

fn main() {
    let (key, message) = (Key::new(), [7; 300]);
    let raw = Signature::from_der(&key.sign(&message)).unwrap();
    let point = key.pair.public_key();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    let verify = |message: &[u8]| public.verify(message, raw.as_bytes()).unwrap();
    compare(
        "verify ES256",
        vec![
            case("ring", || verify(black_box(&message))),
            case("countersign", || {
                assert!(key.public.verifies(black_box(&message), &raw));
            }),
        ],
    );

    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let jwk = format!(
        r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#,
        base64url(pair.public_key().as_ref())
    );
    let ours = CredentialPublicKey::from_jwk(&jwk).unwrap();
    let signed = Signature::from_raw(pair.sign(&message).as_ref()).unwrap();
    let public = UnparsedPublicKey::new(&ED25519, pair.public_key());
    compare(
        "verify Ed25519",
        vec![
            case("ring", || public.verify(black_box(&message), signed.as_bytes()).unwrap()),
            case("countersign", || {
                assert!(ours.verifies(black_box(&message), &signed));
            }),
        ],
    );

    let sign = SigningKey::from_seed(&[7; 32]).unwrap();
    compare(
        "sign Ed25519",
        vec![
            case("ring", || {
                black_box(pair.sign(black_box(&message)));
            }),
            case("countersign", || {
                black_box(now_or_never(Signer::sign(&sign, black_box(&message))).unwrap());
            }),
        ],
    );

    let primitives = Primitives::new();
    let (credential, step_up) = (primitives.sealed(420), primitives.sealed(500));
    let (next, bank) = (Cell::new(0_usize), RefCell::new(None));
    compare(
        "submit of a passkey",
        vec![
            case("sum of the primitives", || {
                primitives.read(&step_up);
                // The statement, client data and RP id, and the signature.
                black_box(Sha256::digest(black_box([1; 420])));
                black_box(Sha256::digest(black_box([1; 160])));
                black_box(Sha256::digest(black_box(RP_ID)));
                verify(&message);
                primitives.write(&credential, 80);
                // With the assertion, which is kept.
                primitives.write(&step_up, 380);
            }),
            prepared(
                "countersign",
                |calls| {
                    next.set(0);
                    bank.replace(Some(Filled::new(&key, calls)));
                },
                || bank.borrow().as_ref().unwrap().submit(next.replace(next.get() + 1)),
            ),
        ],
    );
}
