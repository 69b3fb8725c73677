//! No block that goes back to the allocator holds a seed, a key made from one, a PIN, what is made from
//! it, or a one-time code.
//!
//! All of them are learnt in a first run; in a second one, which is the same, they are looked for.

use std::time::Duration;

use argon2::{Argon2, Block, Params};
use countersign::otp::ocra::{Challenge, Inputs, PinHash, Response, Suite};
use countersign::otp::{Algorithm, Code, Digits, Hotp, Ocra, OtpSeed, Totp};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, DeviceCredential, Enrolment, Import, Interaction,
    InteractionId, Issuer, Keyring, ManualClock, Method, Page, Policy, Provisioning, RequestId,
    SeededRandom, SmartPin, StepUpOutcome, StepUpRequest, StepUpRequested, Timestamp, Transaction,
    TransactionKind, Verifier,
};
use countersign_heap::{Watching, found_of_them, look_for, now_or_never};
use ring::{digest, hmac};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

const START: Timestamp = Timestamp::from_unix(1_800_000_000);
const PIN: &str = "946137285016";
const DURESS: &str = "275038461972";

/// What is to be looked for, while it is being learnt.
#[derive(Default)]
struct Learnt(Option<Vec<(&'static str, Vec<u8>)>>);

impl Learnt {
    /// A secret of so many bytes is looked for by its halves.
    fn secret(&mut self, what: &'static str, secret: &[u8]) {
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
    fn text(&mut self, what: &'static str, text: &str) {
        if let Some(all) = &mut self.0 {
            all.push((what, text.as_bytes().to_vec()));
        }
    }

    /// A seed: its bytes and text, as a key of HMAC, and the keys made from it.
    fn seed(&mut self, text: &str) {
        if self.0.is_none() {
            return;
        }
        self.secret("a seed in base32", text.as_bytes());
        let bytes = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, text).unwrap();
        self.secret("a seed", &bytes);
        for pad in [0x36, 0x5c] {
            let padded: Vec<_> = bytes.iter().map(|byte| byte ^ pad).collect();
            self.secret("a seed in HMAC", &padded);
        }
        let extracted = mac(b"countersign credential v1", &bytes);
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

    fn code(&mut self, code: &str) {
        assert!(code.len() >= 8, "shorter ones would be found by accident");
        self.text("a code", code);
    }
}

/// HMAC-SHA256: of HKDF, the extraction, and the first block of the expansion.
fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

fn request(id: &str) -> RequestId {
    RequestId::new(id).unwrap()
}

fn alice() -> CustomerId {
    CustomerId::new("alice").unwrap()
}

fn issuer() -> Issuer {
    Issuer::new("bank.example").unwrap()
}

fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

fn pin(text: &str) -> SmartPin {
    text.parse().unwrap()
}

fn response(code: &Code) -> Response {
    code.expose().parse().unwrap()
}

fn transfer() -> Transaction {
    let (payee, reference) = ("Jones Roofing".parse().unwrap(), "Invoice 7".parse().unwrap());
    Transaction::new(TransactionKind::Transfer, 1, "GBP".parse().unwrap(), payee, reference)
}

struct Bank {
    verifier: Verifier,
    clock: ManualClock,
}

impl Bank {
    fn new() -> Self {
        let mut policy = Policy::default();
        policy.step_ups.payment_methods =
            vec![Method::Ocra, Method::Totp, Method::Hotp, Method::Delivered];
        policy.step_ups.per_customer = 20;
        let clock = ManualClock::new(START);
        let keyring = Keyring::generate(&SeededRandom::new(1)).unwrap();
        let verifier = Verifier::builder(issuer(), keyring)
            .clock(clock.clone())
            .random(SeededRandom::new(2))
            .policy(policy)
            .signing_key(signing())
            .build()
            .unwrap();
        Self { verifier, clock }
    }

    fn enrol(&self, enrolment: &Enrolment) -> Provisioning {
        let given = now_or_never(self.verifier.credentials().enrol(&alice(), enrolment)).unwrap();
        // Its answer was lost; and a host prints it.
        let again = now_or_never(self.verifier.credentials().enrol(&alice(), enrolment)).unwrap();
        assert_eq!(format!("{again:?}"), format!("{given:?}"));
        given
    }

    fn call() -> Interaction {
        let (call, agent) = (InteractionId::new("c").unwrap(), AgentId::new("bob").unwrap());
        Interaction::outbound(call, alice(), Agent::new(agent), Channel::Voice)
    }

    fn ask(&self, id: &str, method: Method) -> StepUpRequested {
        let asking = StepUpRequest::new(request(id), transfer(), "Bob".parse().unwrap()).by(method);
        now_or_never(self.verifier.step_ups().request(&Self::call(), &asking)).unwrap()
    }

    /// Submitted twice, granted and redeemed twice.
    fn finish(&self, requested: &StepUpRequested, code: &Response) {
        let (step_ups, id) = (self.verifier.step_ups(), requested.step_up.id);
        for _ in 0..2 {
            now_or_never(step_ups.submit(&alice(), &id, code)).unwrap();
        }
        let call = Self::call();
        let outcome = now_or_never(step_ups.outcome(&call, &id)).unwrap();
        let StepUpOutcome::Approved(grant) = outcome else { panic!("{outcome:?}") };
        for _ in 0..2 {
            let (what, key) = (transfer(), request("k"));
            let proof = now_or_never(step_ups.redeem(&call, &grant, &what, &key)).unwrap();
            assert_eq!(proof.transaction(), &what);
        }
    }

    fn refuse(&self, requested: &StepUpRequested, code: &Response) {
        let id = requested.step_up.id;
        now_or_never(self.verifier.step_ups().submit(&alice(), &id, code)).unwrap_err();
    }

    /// All that is read and ended.
    fn end(self) {
        let credentials = self.verifier.credentials();
        for held in now_or_never(credentials.list(&alice(), Page::first())).unwrap().items {
            now_or_never(credentials.revoke(&alice(), &held.id)).unwrap();
            now_or_never(credentials.unlock(&alice(), &held.id)).unwrap_err();
        }
        now_or_never(self.verifier.history(&alice(), Page::first())).unwrap();
    }
}

/// The app, from enrolment to redemption, with both PINs and a wrong one.
fn app(learnt: &mut Learnt) {
    let bank = Bank::new();
    let credentials = bank.verifier.credentials();
    let given = bank.enrol(&Enrolment::ocra(request("app")));
    let text = given.base32().unwrap();
    learnt.seed(text);
    let seed = OtpSeed::from_base32(text).unwrap();
    let id = given.credential.id;
    let made = {
        // As the app types it.
        let typed: SmartPin = serde_json::from_str(&format!("\"{}\"", "7777")).unwrap();
        drop(typed);
        let random = SeededRandom::new(3);
        DeviceCredential::enrol(id, &seed, &pin(PIN), Some(&pin(DURESS)), &random).unwrap()
    };
    assert!(!format!("{made:?}{seed:?}").contains(text));
    drop((seed, given));
    let bytes = made.to_bytes();
    learnt.pin(PIN, &bytes[39..55]);
    learnt.pin(DURESS, &bytes[39..55]);
    let device = DeviceCredential::from_bytes(&bytes).unwrap();
    DeviceCredential::from_bytes(&bytes[1..]).unwrap_err();
    drop((made, bytes));

    let first = device.confirm(&pin(PIN)).unwrap();
    learnt.code(first.expose());
    now_or_never(credentials.confirm(&alice(), &id, &"00000000".parse().unwrap())).unwrap_err();
    for _ in 0..2 {
        now_or_never(credentials.confirm(&alice(), &id, &first)).unwrap();
    }
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    let phone = Device::new(keys, alice());
    for (n, with) in [PIN, DURESS].into_iter().enumerate() {
        let requested = bank.ask(&n.to_string(), Method::Ocra);
        let shown = phone.open_step_up(&requested.token, START).unwrap();
        let wrong = shown.approve(&device, &pin("9461")).unwrap();
        bank.refuse(&requested, &wrong);
        let code = shown.approve(&device, &pin(with)).unwrap();
        learnt.code(wrong.expose());
        learnt.code(code.expose());
        assert!(!format!("{code:?}{shown:?}").contains(code.expose()));
        bank.finish(&requested, &code);
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

/// An authenticator that was enrolled, and fobs that were imported.
fn codes(learnt: &mut Learnt) {
    let bank = Bank::new();
    let credentials = bank.verifier.credentials();
    let enrolment = Enrolment::totp(request("totp")).digits(Digits::EIGHT);
    let given = bank.enrol(&enrolment);
    let text = given.base32().unwrap();
    assert!(given.otpauth().unwrap().contains(text));
    learnt.seed(text);
    let seed = OtpSeed::from_base32(text).unwrap();
    let totp = Totp::new(&seed, Algorithm::Sha1, Digits::EIGHT, Totp::THIRTY_SECONDS);
    let id = given.credential.id;
    drop((seed, given));
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
    let hex = "f0e1d2c3b4a5968778695a4b3c2d1e0f11223344";
    let text = "6DQ5FQ5UUWLIO6DJLJFTYLI6B4ISEM2E";
    learnt.text("a seed in hexadecimal", hex);
    learnt.seed(text);
    assert_eq!(OtpSeed::from_hex(hex).unwrap(), OtpSeed::from_base32(text).unwrap());
    // Mistyped.
    OtpSeed::from_hex(&hex[1..]).unwrap_err();
    for bad in [&text[1..], &text[..25], "6DQ5FQ5UUWLIO6DJLJFTYLI6B4ISEM2!"] {
        OtpSeed::from_base32(bad).unwrap_err();
    }
    let fob = || Import::hotp(OtpSeed::from_hex(hex).unwrap(), 7).digits(Digits::EIGHT);
    let held = now_or_never(credentials.import(&alice(), &fob())).unwrap();
    assert_eq!(now_or_never(credentials.import(&alice(), &fob())).unwrap(), held);
    let requested = bank.ask("hotp", Method::Hotp);
    let seed = OtpSeed::from_hex(hex).unwrap();
    let code = Hotp::new(&seed, Algorithm::Sha1, Digits::EIGHT).generate(7);
    learnt.code(code.expose());
    bank.finish(&requested, &response(&code));
    bank.end();
}

/// A fob that the question is typed into, and a PIN.
fn typed(learnt: &mut Learnt) {
    let bank = Bank::new();
    let credentials = bank.verifier.credentials();
    let hex = "f0e1d2c3b4a5968778695a4b3c2d1e0f11223344";
    learnt.text("a fob's PIN", "947113580264");
    let pin_hash = || PinHash::of(Algorithm::Sha256, "947113580264");
    learnt.secret("the hash of a PIN", digest::digest(&digest::SHA256, b"947113580264").as_ref());
    learnt.seed("6DQ5FQ5UUWLIO6DJLJFTYLI6B4ISEM2E");
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-PSHA256".parse().unwrap();
    let seed = || OtpSeed::from_hex(hex).unwrap();
    let fob = || Import::ocra_with_pin(seed(), &suite, pin_hash()).unwrap();
    let held = now_or_never(credentials.import(&alice(), &fob())).unwrap();
    assert_eq!(now_or_never(credentials.import(&alice(), &fob())).unwrap(), held);
    let other = PinHash::of(Algorithm::Sha256, "1111");
    let other = Import::ocra_with_pin(seed(), &suite, other).unwrap();
    now_or_never(credentials.import(&alice(), &other)).unwrap_err();
    Import::ocra_with_pin(seed(), &"OCRA-1:HOTP-SHA256-8:QN08".parse().unwrap(), pin_hash())
        .unwrap_err();
    assert!(!format!("{:?}", fob()).contains("9471"));

    let requested = bank.ask("typed", Method::Ocra);
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    let shown = Device::new(keys, alice()).open_step_up(&requested.token, START).unwrap();
    let question = Challenge::new(suite.challenge_format(), &shown.question().unwrap()).unwrap();
    let pin = pin_hash();
    let inputs = Inputs::one_way(&question).with_pin_hash(&pin);
    let code = Ocra::new(&seed(), suite).respond(&inputs).unwrap();
    learnt.code(code.expose());
    bank.refuse(&requested, &"00000000".parse().unwrap());
    bank.finish(&requested, &code);
    bank.end();
}

/// Codes that are sent to the customer.
fn delivered(learnt: &mut Learnt) {
    let bank = Bank::new();
    let given = bank.enrol(&Enrolment::delivered(request("sms")));
    let code = given.code_to_deliver().unwrap();
    learnt.code(code.expose());
    let confirm = response(code);
    let id = given.credential.id;
    now_or_never(bank.verifier.credentials().confirm(&alice(), &id, &confirm)).unwrap();
    let requested = bank.ask("sms", Method::Delivered);
    let step_ups = bank.verifier.step_ups();
    let delivery = now_or_never(step_ups.delivery(&alice(), &requested.step_up.id)).unwrap();
    let message = delivery.message();
    let code: Response = message[..8].parse().unwrap();
    learnt.code(code.expose());
    assert!(!format!("{delivery:?}").contains(code.expose()));
    bank.finish(&requested, &code);
    bank.end();
}

#[track_caller]
fn leaves_nothing_behind(life: fn(&mut Learnt)) {
    let mut learnt = Learnt(Some(Vec::new()));
    life(&mut learnt);
    let all = learnt.0.unwrap();
    // The copies outlive the search.
    let copies = all.clone();
    look_for(all);
    life(&mut Learnt(None));
    assert_eq!(found_of_them(), [""; 0]);
    // Whatever is not wiped is found.
    for (what, bytes) in &copies {
        drop(std::hint::black_box([b"before ", &bytes[..], b" after"].concat()));
        assert_eq!(found_of_them(), [*what]);
    }
    assert!(copies.len() >= 2);
}

#[test]
fn an_app_leaves_no_seed_pin_or_code_behind() {
    leaves_nothing_behind(app);
}

#[test]
fn authenticators_and_fobs_leave_no_seed_or_code_behind() {
    leaves_nothing_behind(codes);
}

#[test]
fn fobs_with_pins_leave_nothing_behind() {
    leaves_nothing_behind(typed);
}

#[test]
fn delivered_codes_are_not_left_behind() {
    leaves_nothing_behind(delivered);
}

/// A host that copies what it was given, and forgets the copy.
#[test]
fn what_a_host_copies_is_found() {
    let mut learnt = Learnt(Some(Vec::new()));
    codes(&mut learnt);
    look_for(learnt.0.unwrap());
    let given = Bank::new().enrol(&Enrolment::totp(request("totp")).digits(Digits::EIGHT));
    assert_eq!(found_of_them(), [""; 0]);
    drop(given.base32().unwrap().to_owned());
    assert_eq!(found_of_them(), ["a seed in base32"; 2]);
    drop(format!("Scan this: {}", given.otpauth().unwrap()));
    assert_eq!(found_of_them(), ["a seed in base32"; 2]);
}
