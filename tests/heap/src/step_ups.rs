//! Lives of credentials, and what in them is secret: learnt in one run, to be looked for in another,
//! which is the same.

use std::time::Duration;

use argon2::{Argon2, Block, Params};
use countersign::credential::{EnrolmentRequest, ImportRequest, Method, Provisioning};
use countersign::device::{DeviceCredential, SmartPin, VerifiedStepUp, WhoRangCheck};
use countersign::otp::ocra::{Inputs, OcraChallenge, PinHash, Response, Suite};
use countersign::otp::{Algorithm, Code, Digits, Hotp, Ocra, OtpSeed, Totp};
use countersign::page::Page;
use countersign::random::{Random, SeededRandom};
use countersign::step_up::{StepUpAnswer, StepUpOutcome, StepUpRequest, StepUpRequested, WhoRang};
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, Policy, RequestId, Store, Timestamp, Transaction, Verifier,
};
use ring::{digest, hmac};
use zeroize::Zeroizing;

use crate::canary::write_digits;
use crate::now_or_never;

/// What the mistyped seeds in base32 begin with.
const MISTYPED: [u8; 16] = [
    0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78, 0x69, 0x5a, 0x4b, 0x3c, 0x2d, 0x1e, 0x0f,
];
pub(crate) const START: Timestamp = Timestamp::from_unix(1_800_000_000);

/// What is to be looked for, and what it is.
pub type Needles = Vec<(&'static str, Vec<u8>)>;

/// A life, from a seed of which all its secrets are made.
pub type Life = fn(&mut Learnt, u64);

/// All that is secret in `life`.
#[must_use]
pub fn secrets_of(life: Life, seed: u64) -> Needles {
    let mut learnt = Learnt(Some(Vec::new()));
    life(&mut learnt, seed);
    learnt.0.unwrap()
}

/// `LENGTH` digits of `seed`, the same for the same `which`.
fn digits<const LENGTH: usize>(seed: u64, which: u64) -> Zeroizing<String> {
    let mut room = Zeroizing::new([0; LENGTH]);
    write_digits(seed ^ (which << 32), &mut *room);
    Zeroizing::new(std::str::from_utf8(room.as_slice()).unwrap().to_owned())
}

/// A PIN.
pub(crate) fn pin_of(seed: u64, which: u64) -> Zeroizing<String> {
    digits::<12>(seed, which)
}

/// The seed of a fob, in hexadecimal.
fn fob_of(seed: u64) -> Zeroizing<String> {
    digits::<40>(seed, 3)
}

/// What is to be looked for, while it is being learnt.
#[derive(Default)]
pub struct Learnt(pub(crate) Option<Needles>);

impl Learnt {
    /// A secret of so many bytes is looked for by its halves.
    pub(crate) fn secret(&mut self, what: &'static str, secret: &[u8]) {
        if let Some(all) = &mut self.0 {
            let (first, second) = secret.split_at(secret.len() / 2);
            for half in [first, second] {
                // Memory is full of zeros, with which none may begin.
                let zeros = half.iter().take_while(|byte| **byte == 0).count();
                all.push((what, half[zeros..].to_vec()));
            }
        }
    }

    /// A short one is looked for whole.
    pub(crate) fn text(&mut self, what: &'static str, text: &str) {
        if let Some(all) = &mut self.0 {
            all.push((what, text.as_bytes().to_vec()));
        }
    }

    /// A seed: its bytes and text, as a key of HMAC, and the keys made from it.
    pub(crate) fn seed(&mut self, text: &str) {
        if self.0.is_none() {
            return;
        }
        self.secret("a seed in base32", text.as_bytes());
        self.raw(&base32::decode(base32::Alphabet::Rfc4648 { padding: false }, text).unwrap());
    }

    /// The same from hexadecimal text.
    fn fob(&mut self, hex: &str) {
        if self.0.is_none() {
            return;
        }
        self.text("a seed in hexadecimal", hex);
        let bytes = (0..20).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap());
        self.raw(&bytes.collect::<Vec<_>>());
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.secret("a seed", bytes);
        for pad in [0x36, 0x5c] {
            let padded: Vec<_> = bytes.iter().map(|byte| byte ^ pad).collect();
            self.secret("a seed in HMAC", &padded);
        }
        let extracted = mac(b"countersign credential v1", bytes);
        self.secret("what subkeys are made from", &extracted);
        for purpose in ["step-up", "duress", "delivered code", "spoken code", "derived words"] {
            let label = format!("countersign {purpose} v1\u{1}");
            self.secret("a subkey", &mac(&extracted, label.as_bytes()));
        }
    }

    /// A PIN: its text, and all that Argon2id makes of it.
    fn pin(&mut self, pin: &str, salt: &[u8]) {
        if self.0.is_none() {
            return;
        }
        self.text("a PIN", pin);
        let params = Params::new(19 * 1024, 2, 1, Some(33)).unwrap();
        let argon = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let mut memory = vec![Block::default(); 19 * 1024];
        let mut mask = [0; 33];
        argon.hash_password_into_with_memory(pin.as_bytes(), salt, &mut mask, &mut memory).unwrap();
        self.secret("a PIN's mask", &mask[..32]);
        for block in [&memory[0], &memory[19 * 1024 - 1]] {
            let words: &[u64] = block.as_ref();
            let bytes: Vec<_> = words.iter().take(4).flat_map(|word| word.to_ne_bytes()).collect();
            self.secret("the memory that a PIN was stretched in", &bytes);
        }
    }

    fn hash_of(&mut self, pin: &str) {
        if self.0.is_some() {
            let hash = digest::digest(&digest::SHA256, pin.as_bytes());
            self.secret("the hash of a PIN", hash.as_ref());
        }
    }

    pub(crate) fn code(&mut self, code: &str) {
        assert!(code.len() >= 8, "shorter ones would be found by accident");
        self.text("a code", code);
    }
}

/// HMAC-SHA256: of HKDF, the extraction, and the first block of the expansion.
fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

pub(crate) fn request(id: &str) -> RequestId {
    RequestId::new(id).unwrap()
}

pub(crate) fn alice() -> CustomerId {
    CustomerId::new("alice").unwrap()
}

pub(crate) fn issuer() -> Issuer {
    Issuer::new("bank.example").unwrap()
}

pub(crate) fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

pub(crate) fn pin(text: &str) -> SmartPin {
    text.parse().unwrap()
}

pub(crate) fn response(code: &Code) -> Response {
    code.expose().parse().unwrap()
}

fn transfer() -> Transaction {
    let (payee, reference) = ("Jones Roofing".parse().unwrap(), "Invoice 7".parse().unwrap());
    Transaction::new(TransactionKind::Transfer, 1, "GBP".parse().unwrap(), payee, reference)
}

pub(crate) struct Bank {
    pub(crate) verifier: Verifier,
    clock: ManualClock,
}

impl Bank {
    pub(crate) fn new(seed: u64) -> Self {
        Self::over(MemoryStore::new(), SeededRandom::new(seed))
    }

    pub(crate) fn over(store: impl Store, random: impl Random) -> Self {
        let mut policy = Policy::default();
        policy.step_ups.payment_methods = vec![Method::Ocra, Method::Delivered];
        policy.step_ups.per_customer = 20;
        policy.step_ups.prompts.per_interaction = 20;
        let clock = ManualClock::new(START);
        let keyring = Keyring::generate(&SeededRandom::new(1)).unwrap();
        let verifier = Verifier::builder(issuer(), keyring)
            .clock(clock.clone())
            .store(store)
            .random(random)
            .policy(policy)
            .signing_key(signing())
            .build()
            .unwrap();
        Self { verifier, clock }
    }

    pub(crate) fn enrol(&self, enrolment: &EnrolmentRequest) -> Provisioning {
        let given = now_or_never(self.verifier.credentials().enrol(&alice(), enrolment)).unwrap();
        // Its answer was lost; and a host prints it.
        let again = now_or_never(self.verifier.credentials().enrol(&alice(), enrolment)).unwrap();
        assert_eq!(format!("{again:?}"), format!("{given:?}"));
        given
    }

    pub(crate) fn call() -> Interaction {
        let (call, agent) = (InteractionId::new("c").unwrap(), AgentId::new("bob").unwrap());
        Interaction::outbound(call, alice(), Agent::new(agent), Channel::Voice)
    }

    pub(crate) fn ask(&self, id: &str, method: Method) -> StepUpRequested {
        self.ask_for(transfer(), id, method)
    }

    pub(crate) fn ask_for(
        &self,
        mut what: Transaction,
        id: &str,
        method: Method,
    ) -> StepUpRequested {
        if matches!(method, Method::Totp | Method::Hotp) {
            what.kind = TransactionKind::Change;
        }
        let asking = StepUpRequest::new(request(id), what, "Bob".parse().unwrap()).by(method);
        now_or_never(self.verifier.step_ups().request(&Self::call(), &asking)).unwrap()
    }

    /// Submitted twice, granted and redeemed twice.
    pub(crate) fn finish(&self, requested: &StepUpRequested, code: &Response) {
        let (step_ups, id) = (self.verifier.step_ups(), requested.step_up.id);
        for _ in 0..2 {
            now_or_never(step_ups.submit(&alice(), &id, &answer(requested, code))).unwrap();
        }
        let call = Self::call();
        let outcome = now_or_never(step_ups.outcome(&call, &id)).unwrap();
        let StepUpOutcome::Approved(grant) = outcome else { panic!("{outcome:?}") };
        for _ in 0..2 {
            let (what, key) = (requested.step_up.what.transaction().unwrap().clone(), request("k"));
            let proof = now_or_never(step_ups.redeem(&call, &grant, &what, &key)).unwrap();
            assert_eq!(proof.transaction(), &what);
        }
    }

    fn refuse(&self, requested: &StepUpRequested, code: &Response) {
        let id = requested.step_up.id;
        let answer = answer(requested, code);
        now_or_never(self.verifier.step_ups().submit(&alice(), &id, &answer)).unwrap_err();
    }

    /// All that is read and ended.
    pub(crate) fn end(self) {
        let credentials = self.verifier.credentials();
        for held in now_or_never(credentials.list(&alice(), Page::first())).unwrap().items {
            now_or_never(credentials.revoke(&alice(), &held.id)).unwrap();
            now_or_never(credentials.unlock(&alice(), &held.id)).unwrap_err();
        }
        now_or_never(self.verifier.history(&alice(), Page::first())).unwrap();
    }
}

/// What is shown once Alice has said that the bank rang her, with the digits that the agent says.
fn shown(phone: &Device, requested: &StepUpRequested) -> VerifiedStepUp {
    let opened = phone.open_step_up(&requested.token, START).unwrap();
    let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Enterprise) else {
        panic!("the bank rang")
    };
    match &requested.digits {
        Some(digits) => shown.with_digits(digits.digits().parse().unwrap()),
        None => *shown,
    }
}

/// This code with the rest of the answer.
fn answer(requested: &StepUpRequested, code: &Response) -> StepUpAnswer {
    let answer = StepUpAnswer::by_code(code.expose().parse().unwrap());
    match &requested.digits {
        Some(digits) => {
            answer.who_rang(WhoRang::Enterprise).with_digits(digits.digits().parse().unwrap())
        }
        None => answer,
    }
}

/// The app, from enrolment to redemption, with both PINs and a wrong one.
pub fn app(learnt: &mut Learnt, seed: u64) {
    let bank = Bank::new(seed);
    let credentials = bank.verifier.credentials();
    let given = bank.enrol(&EnrolmentRequest::ocra(request("app")));
    let text = given.base32().unwrap();
    learnt.seed(text);
    let given_seed = OtpSeed::from_base32(text).unwrap();
    let (id, own, duress) = (given.credential.id, pin_of(seed, 1), pin_of(seed, 2));
    let made = {
        // As the app types it.
        let typed: SmartPin = serde_json::from_str(&format!("\"{}\"", "7777")).unwrap();
        drop(typed);
        let random = SeededRandom::new(3);
        DeviceCredential::enrol(id, &given_seed, &pin(&own), Some(&pin(&duress)), &random).unwrap()
    };
    assert!(!format!("{made:?}{given_seed:?}").contains(text));
    drop((given_seed, given));
    let bytes = made.to_bytes();
    learnt.pin(&own, &bytes[39..55]);
    learnt.pin(&duress, &bytes[39..55]);
    let device = DeviceCredential::from_bytes(&bytes).unwrap();
    DeviceCredential::from_bytes(&bytes[1..]).unwrap_err();
    drop((made, bytes));

    let first = device.confirm(&pin(&own)).unwrap();
    learnt.code(first.expose());
    now_or_never(credentials.confirm(&alice(), &id, &"00000000".parse().unwrap())).unwrap_err();
    for _ in 0..2 {
        now_or_never(credentials.confirm(&alice(), &id, &first)).unwrap();
    }
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    let phone = Device::new(keys, alice());
    for (n, with) in [&own, &duress].into_iter().enumerate() {
        let requested = bank.ask(&n.to_string(), Method::Ocra);
        let shown = shown(&phone, &requested);
        let wrong = shown.approve(&device, &pin("9461")).unwrap();
        let right = shown.approve(&device, &pin(with)).unwrap();
        let [wrong, code] = [&wrong, &right].map(|answer| answer.code().unwrap());
        bank.refuse(&requested, wrong);
        learnt.code(wrong.expose());
        learnt.code(code.expose());
        assert!(!format!("{right:?}{code:?}{shown:?}").contains(code.expose()));
        bank.finish(&requested, code);
    }
    // Locked, and disabled at last: the seed is burnt.
    let requested = bank.ask("2", Method::Ocra);
    for n in 0..100_u32 {
        bank.refuse(&requested, &format!("{n:010}").parse().unwrap());
        if n % 5 == 4 {
            let unlocked = now_or_never(credentials.unlock(&alice(), &id));
            assert_eq!(unlocked.is_ok(), n < 99);
        }
    }
    bank.end();
}

/// An authenticator, newly enrolled.
#[must_use]
pub fn authenticator(seed: u64) -> Provisioning {
    Bank::new(seed).enrol(&EnrolmentRequest::totp(request("totp")).digits(Digits::EIGHT))
}

/// An authenticator that was enrolled, and fobs that were imported.
pub fn codes(learnt: &mut Learnt, seed: u64) {
    let bank = Bank::new(seed);
    let credentials = bank.verifier.credentials();
    let enrolment = EnrolmentRequest::totp(request("totp")).digits(Digits::EIGHT);
    let given = bank.enrol(&enrolment);
    let text = given.base32().unwrap();
    assert!(given.otpauth().unwrap().contains(text));
    learnt.seed(text);
    let given_seed = OtpSeed::from_base32(text).unwrap();
    let totp = Totp::new(&given_seed, Algorithm::Sha1, Digits::EIGHT, Totp::THIRTY_SECONDS);
    let id = given.credential.id;
    drop((given_seed, given));
    let code = totp.generate(START.unix());
    learnt.code(code.expose());
    now_or_never(credentials.confirm(&alice(), &id, &response(&code))).unwrap();
    bank.clock.advance(Duration::from_secs(60));
    let requested = bank.ask("totp", Method::Totp);
    let code = totp.generate(START.unix() + 60);
    learnt.code(code.expose());
    bank.refuse(&requested, &"00000000".parse().unwrap());
    bank.finish(&requested, &response(&code));
    let far = [900, 930].map(|later| totp.generate(START.unix() + later));
    far.iter().for_each(|code| learnt.code(code.expose()));
    now_or_never(credentials.resync(&alice(), &id, &far[0], &far[1])).unwrap();

    // From a list of the fobs' maker.
    let hex = fob_of(seed);
    learnt.fob(&hex);
    // Mistyped.
    OtpSeed::from_hex(&hex[1..]).unwrap_err();
    let text = "6DQ5FQ5UUWLIO6DJLJFTYLI6B4ISEM2E";
    for bad in [&text[1..], &text[..25], "6DQ5FQ5UUWLIO6DJLJFTYLI6B4ISEM2!"] {
        OtpSeed::from_base32(bad).unwrap_err();
    }
    learnt.secret("a mistyped seed", &MISTYPED);
    let fob = || ImportRequest::hotp(OtpSeed::from_hex(&hex).unwrap(), 7).digits(Digits::EIGHT);
    let held = now_or_never(credentials.import(&alice(), &fob())).unwrap();
    assert_eq!(now_or_never(credentials.import(&alice(), &fob())).unwrap(), held);
    let requested = bank.ask("hotp", Method::Hotp);
    let fob_seed = OtpSeed::from_hex(&hex).unwrap();
    let code = Hotp::new(&fob_seed, Algorithm::Sha1, Digits::EIGHT).generate(7);
    learnt.code(code.expose());
    bank.finish(&requested, &response(&code));
    bank.end();
}

/// A fob that the question is typed into, and a PIN.
pub fn typed(learnt: &mut Learnt, seed: u64) {
    let bank = Bank::new(seed);
    let credentials = bank.verifier.credentials();
    let (hex, pin) = (fob_of(seed), pin_of(seed, 4));
    learnt.fob(&hex);
    learnt.text("a fob's PIN", &pin);
    let pin_hash = || PinHash::of(Algorithm::Sha256, &pin);
    learnt.hash_of(&pin);
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-PSHA256".parse().unwrap();
    let fob_seed = || OtpSeed::from_hex(&hex).unwrap();
    let fob = || ImportRequest::ocra_with_pin(fob_seed(), &suite, pin_hash()).unwrap();
    let held = now_or_never(credentials.import(&alice(), &fob())).unwrap();
    assert_eq!(now_or_never(credentials.import(&alice(), &fob())).unwrap(), held);
    let other = PinHash::of(Algorithm::Sha256, "1111");
    let other = ImportRequest::ocra_with_pin(fob_seed(), &suite, other).unwrap();
    now_or_never(credentials.import(&alice(), &other)).unwrap_err();
    ImportRequest::ocra_with_pin(
        fob_seed(),
        &"OCRA-1:HOTP-SHA256-8:QN08".parse().unwrap(),
        pin_hash(),
    )
    .unwrap_err();
    assert!(!format!("{:?}", fob()).contains(pin.as_str()));

    let requested = bank.ask("typed", Method::Ocra);
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    let shown = shown(&Device::new(keys, alice()), &requested);
    let question =
        OcraChallenge::new(suite.challenge_format(), &shown.question().unwrap()).unwrap();
    let given = pin_hash();
    let inputs = Inputs::one_way(&question).with_pin_hash(&given);
    let code = Ocra::new(&fob_seed(), suite).respond(&inputs).unwrap();
    learnt.code(code.expose());
    bank.refuse(&requested, &"00000000".parse().unwrap());
    bank.finish(&requested, &code);
    bank.end();
}

/// The longest text of a transaction.
fn long() -> String {
    "x".repeat(128)
}

/// Codes that are sent to the customer.
pub fn delivered(learnt: &mut Learnt, seed: u64) {
    let bank = Bank::new(seed);
    let given = bank.enrol(&EnrolmentRequest::delivered(request("sms")));
    let code = given.code_to_deliver().unwrap();
    learnt.code(code.expose());
    let confirm = response(code);
    let id = given.credential.id;
    now_or_never(bank.verifier.credentials().confirm(&alice(), &id, &confirm)).unwrap();
    let step_ups = bank.verifier.step_ups();
    // The shortest message, and the longest, which outgrows whatever was guessed of it.
    for (id, payee, reference) in [("a", "B".to_owned(), "C".to_owned()), ("b", long(), long())] {
        let mut what = transfer();
        (what.payee, what.reference) = (payee.parse().unwrap(), reference.parse().unwrap());
        let requested = bank.ask_for(what, id, Method::Delivered);
        let delivery = now_or_never(step_ups.delivery(&alice(), &requested.step_up.id)).unwrap();
        let message = delivery.message();
        assert!(message.contains(&payee) && message.contains(&reference));
        let code: Response = message[..8].parse().unwrap();
        learnt.code(code.expose());
        assert!(!format!("{delivery:?}").contains(code.expose()));
        bank.refuse(&requested, &"00000000".parse().unwrap());
        bank.finish(&requested, &code);
    }
    bank.end();
}
