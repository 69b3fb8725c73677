//! OCRA fobs: the customer types a question that the app shows, and perhaps a PIN, into a thing of its
//! own, whose answer they give.

use countersign::Error;
use countersign::credential::{
    Credential, CredentialStatus, EnrolmentRequest, ImportRequest, Method, UnsuitableFob,
};
use countersign::device::{DeviceCredential, DeviceCredentialError};
use countersign::error::{Invalid, Reason};
use countersign::otp::ocra::{Inputs, OcraChallenge, PinHash, Response, Suite};
use countersign::otp::{Algorithm, Ocra, OtpSeed};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::StepUpData;
use countersign::step_up::{StepUpRequested, StepUpStatus};
use countersign::store::Place;
use countersign::token::{Audience, Leeway, Purpose, TrustedKeys, UntrustedToken};
use proptest::prelude::*;

use crate::support::credentials::{app, pin, refused};
use crate::support::rows::is_anchor;
use crate::support::step_up_rules as rules;
use crate::support::step_ups::{asking, bank, code_of, grant, open, signing, transfer, with_code};
use crate::support::unicode::written;
use crate::support::*;

/// A fob and the PIN that its owner knows.
struct Fob {
    suite: Suite,
    seed: [u8; 32],
    pin: Option<&'static str>,
}

impl Fob {
    fn new(suite: &str) -> Self {
        let suite: Suite = suite.parse().unwrap();
        Self { suite, seed: [0x5a; 32], pin: suite.pin_hash().map(|_| "4711") }
    }

    fn seed(&self) -> OtpSeed {
        OtpSeed::from_bytes(&self.seed).unwrap()
    }

    fn import(&self) -> ImportRequest {
        let pin = self.pin.map(|pin| PinHash::of(self.suite.pin_hash().unwrap(), pin));
        match pin {
            Some(pin) => ImportRequest::ocra_with_pin(self.seed(), &self.suite, pin).unwrap(),
            None => ImportRequest::ocra(self.seed(), &self.suite).unwrap(),
        }
    }

    async fn imported(&self, bank: &Bank) -> Credential {
        bank.verifier.credentials().import(&alice(), &self.import()).await.unwrap()
    }

    fn answer(&self, question: &str, pin: Option<&str>) -> Response {
        let challenge = OcraChallenge::new(self.suite.challenge_format(), question).unwrap();
        let pin_hash = pin.map(|pin| PinHash::of(self.suite.pin_hash().unwrap(), pin));
        let inputs = Inputs::one_way(&challenge);
        let inputs = pin_hash.as_ref().map_or(inputs, |pin_hash| inputs.with_pin_hash(pin_hash));
        Ocra::new(&self.seed(), self.suite).respond(&inputs).unwrap()
    }
}

fn digest_of(requested: &StepUpRequested) -> [u8; 32] {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    let token = UntrustedToken::parse(&requested.token).unwrap();
    let audience = Audience::from(&alice());
    let told = token.verify::<StepUpData>(&keys, &audience, START, Leeway::NONE).unwrap();
    let digits = requested.digits.as_ref().map(|digits| digits.digits().replace(' ', ""));
    let said = digits.as_deref().map(|digits| (2, digits));
    rules::question(told.claims().id(), told.claims().data(), said)
}

const SUITES: [&str; 12] = [
    "OCRA-1:HOTP-SHA1-6:QN08",
    "OCRA-1:HOTP-SHA256-8:QN08-PSHA1",
    "OCRA-1:HOTP-SHA256-8:QN10-PSHA256",
    "OCRA-1:HOTP-SHA512-8:QN08-PSHA512",
    "OCRA-1:HOTP-SHA256-7:QN64",
    "OCRA-1:HOTP-SHA256-8:QA08",
    "OCRA-1:HOTP-SHA1-8:QA06-PSHA1",
    "OCRA-1:HOTP-SHA512-10:QA64-PSHA256",
    "OCRA-1:HOTP-SHA256-8:QH07",
    "OCRA-1:HOTP-SHA256-8:QH40-PSHA1",
    "OCRA-1:HOTP-SHA256-8:QH64",
    "OCRA-1:HOTP-SHA256-6:QH64-PSHA512",
];

/// Alice has a fob that the question is typed into, and nothing else.
pub(crate) async fn with_a_fob() -> Bank {
    let bank = bank();
    Fob::new("OCRA-1:HOTP-SHA256-7:QN64").imported(&bank).await;
    bank
}

#[tokio::test]
async fn a_fob_answers_the_question_that_the_app_shows() {
    for suite in SUITES {
        let (bank, fob) = (bank(), Fob::new(suite));
        let held = fob.imported(&bank).await;
        assert_eq!((held.method, held.imported, held.suite), (Method::Ocra, true, Some(fob.suite)));
        let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
        let requested = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
        let id = requested.step_up.id;
        let shown = open(&bank, &requested);
        let question = shown.question().unwrap();
        assert_eq!(question, rules::typed(&fob.suite, &digest_of(&requested)), "{suite}");
        assert_eq!(question.len(), usize::from(fob.suite.challenge_format().max_len()));

        // Another question, and a wrong PIN, are wrong codes.
        let mut other = transfer();
        other.amount += 1;
        let another = step_ups.request(&call, &asking("s-2", other)).await.unwrap();
        let elsewhere = open(&bank, &another).question().unwrap();
        assert_ne!(elsewhere, question, "{suite}");
        let mut failures = vec![fob.answer(&elsewhere, fob.pin)];
        failures.extend(fob.pin.map(|_| fob.answer(&question, Some("4712"))));
        for wrong in &failures {
            refused(step_ups.submit(&alice(), &id, &with_code(&requested, wrong.expose())).await);
        }
        let history = histories(&bank.verifier, a_credential).await.remove(0);
        assert_eq!(usize::try_from(history.refusals).unwrap(), failures.len(), "{suite}");

        let code = shown.answer_with(fob.answer(&question, fob.pin));
        let done = step_ups.submit(&alice(), &id, &code).await.unwrap();
        assert_eq!(done.status, StepUpStatus::Approved, "{suite}");
        assert_eq!(step_ups.submit(&alice(), &id, &code).await.unwrap(), done, "repeated");
        let again = with_code(&another, &code_of(&code));
        refused(step_ups.submit(&alice(), &another.step_up.id, &again).await);
        let grant = grant(&bank, &requested).await;
        let proof = step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
        assert_eq!((proof.transaction(), proof.duress()), (&transfer(), false));
    }
}

#[tokio::test]
async fn a_fob_s_answer_is_typed_on_any_keypad_and_repeated_on_another() {
    let (bank, fob) = (bank(), Fob::new("OCRA-1:HOTP-SHA256-8:QN08"));
    fob.imported(&bank).await;
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let requested = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    let (id, question) = (requested.step_up.id, open(&bank, &requested).question().unwrap());
    let right = fob.answer(&question, None);
    let [arabic, persian] = ['٠', '۰'].map(|zero| written(right.expose(), zero));
    let typed = with_code(&requested, &format!("\u{200f}{arabic}\n"));
    let done = step_ups.submit(&alice(), &id, &typed).await.unwrap();
    assert_eq!(done.status, StepUpStatus::Approved);
    let again = with_code(&requested, &persian);
    assert_eq!(step_ups.submit(&alice(), &id, &again).await.unwrap(), done, "repeated");
}

#[tokio::test]
async fn wrong_pins_of_a_fob_lock_it() {
    let (bank, fob) = (bank(), Fob::new("OCRA-1:HOTP-SHA256-8:QN08-PSHA1"));
    let held = fob.imported(&bank).await;
    let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
    let requested = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
    let (id, question) = (requested.step_up.id, open(&bank, &requested).question().unwrap());
    for wrong in ["0000", "1111", "2222", "3333", "4444"] {
        let wrong = fob.answer(&question, Some(wrong));
        refused(step_ups.submit(&alice(), &id, &with_code(&requested, wrong.expose())).await);
    }
    let right = with_code(&requested, fob.answer(&question, fob.pin).expose());
    bank.seen.take();
    refused(step_ups.submit(&alice(), &id, &right).await);
    let seen = bank.seen.take();
    assert_eq!(seen[0].outcome, countersign::history::Outcome::Refused(Reason::Locked));
    bank.verifier.credentials().unlock(&alice(), &held.id).await.unwrap();
    step_ups.submit(&alice(), &id, &right).await.unwrap();
}

#[tokio::test]
async fn the_same_fob_with_another_pin_or_suite_is_an_error_and_ended_it_stays_so() {
    let (bank, fob) = (bank(), Fob::new("OCRA-1:HOTP-SHA256-8:QN08-PSHA1"));
    let credentials = bank.verifier.credentials();
    let held = fob.imported(&bank).await;
    assert_eq!(fob.imported(&bank).await, held, "repeated");
    let before = bank.store.records();
    let plain = Fob::new("OCRA-1:HOTP-SHA256-8:QN08");
    let long = Fob::new("OCRA-1:HOTP-SHA256-8:QN09-PSHA1");
    let letters = Fob::new("OCRA-1:HOTP-SHA256-8:QA08-PSHA1");
    let other_hash = Fob::new("OCRA-1:HOTP-SHA256-8:QN08-PSHA256");
    let other_pin = Fob { pin: Some("4712"), ..Fob::new(fob.suite.as_str()) };
    for other in [plain, long, letters, other_hash, other_pin] {
        let again = credentials.import(&alice(), &other.import()).await;
        assert!(matches!(again, Err(Error::Invalid(Invalid::AlreadyImported))), "{again:?}");
    }
    assert_eq!(bank.store.records(), before);

    // Seed and PIN hash are burnt: 32 and 20 bytes, and how they are encoded.
    let length = |records: &[(Place, countersign::store::Record)]| {
        let (_, fob) = records.iter().find(|(at, _)| !is_anchor(at)).unwrap();
        fob.sealed.len()
    };
    credentials.revoke(&alice(), &held.id).await.unwrap();
    let plain_bank = self::bank();
    let plain = Fob::new("OCRA-1:HOTP-SHA256-8:QN08");
    let plain_held = plain.imported(&plain_bank).await;
    let with_seed = length(&plain_bank.store.records());
    // The PIN's hash, its key and length; and in the parameters which hash function it is of.
    assert_eq!(length(&before) - with_seed, 20 + 2 + 2);
    plain_bank.verifier.credentials().revoke(&alice(), &plain_held.id).await.unwrap();
    assert_eq!(length(&bank.store.records()) - length(&plain_bank.store.records()), 2);

    let again = fob.imported(&bank).await;
    assert_eq!((again.id, again.status), (held.id, CredentialStatus::Revoked));
    let listed = credentials.list(&alice(), Page::first()).await.unwrap().items;
    assert_eq!((listed.len(), listed[0].suite), (1, Some(fob.suite)));
}

#[tokio::test]
async fn an_app_comes_before_a_fob_and_shows_no_question() {
    let bank = bank();
    // Whichever of the ids comes first.
    for n in 0..8_u8 {
        let fob = Fob { seed: [n; 32], ..Fob::new("OCRA-1:HOTP-SHA256-8:QN08") };
        fob.imported(&bank).await;
    }
    let (held, device) = app(&bank).await;
    let call = bob_rings("call-1");
    let asked = bank.verifier.step_ups().request(&call, &asking("s", transfer())).await.unwrap();
    let shown = open(&bank, &asked);
    assert_eq!((shown.question(), held.suite), (None, None));
    let code = shown.approve(&device, &pin("2468")).unwrap();
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
}

#[tokio::test]
async fn an_app_s_keys_answer_for_no_fob() {
    let (bank, fob) = (bank(), Fob::new("OCRA-1:HOTP-SHA256-8:QN08"));
    let held = fob.imported(&bank).await;
    let call = bob_rings("call-1");
    let asked = bank.verifier.step_ups().request(&call, &asking("s", transfer())).await.unwrap();
    let shown = open(&bank, &asked);
    // Not even if the app were given the fob's seed: the PIN of an app leads to another key.
    let random = SeededRandom::new(3);
    let app = DeviceCredential::enrol(held.id, &fob.seed(), &pin("2468"), None, &random).unwrap();
    let code = shown.approve(&app, &pin("2468")).unwrap();
    refused(bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await);
}

#[test]
fn what_no_fob_may_have_is_said() {
    let import = |suite: &str, pin: Option<Algorithm>| {
        let seed = OtpSeed::from_bytes(&[1; 32]).unwrap();
        let suite = suite.parse().unwrap();
        match pin {
            Some(algorithm) => {
                ImportRequest::ocra_with_pin(seed, &suite, PinHash::of(algorithm, "4711"))
            }
            None => ImportRequest::ocra(seed, &suite),
        }
        .err()
    };
    let (sha1, sha256) = (Some(Algorithm::Sha1), Some(Algorithm::Sha256));
    for (suite, pin, wanted) in [
        ("OCRA-1:HOTP-SHA256-8:C-QN08", None, UnsuitableFob::Inputs),
        ("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", sha1, UnsuitableFob::Inputs),
        ("OCRA-1:HOTP-SHA256-8:QN08-S064", None, UnsuitableFob::Inputs),
        ("OCRA-1:HOTP-SHA512-8:QN08-T1M", None, UnsuitableFob::Inputs),
        ("OCRA-1:HOTP-SHA256-0:QN08", None, UnsuitableFob::Digits),
        ("OCRA-1:HOTP-SHA256-4:QN08", None, UnsuitableFob::Digits),
        ("OCRA-1:HOTP-SHA256-5:QN08", None, UnsuitableFob::Digits),
        ("OCRA-1:HOTP-SHA256-8:QN07", None, UnsuitableFob::Question),
        ("OCRA-1:HOTP-SHA256-8:QH06", None, UnsuitableFob::Question),
        ("OCRA-1:HOTP-SHA256-8:QA05", None, UnsuitableFob::Question),
        ("OCRA-1:HOTP-SHA256-8:QN08-PSHA1", None, UnsuitableFob::PinHash),
        ("OCRA-1:HOTP-SHA256-8:QN08", sha1, UnsuitableFob::PinHash),
        ("OCRA-1:HOTP-SHA256-8:QN08-PSHA1", sha256, UnsuitableFob::PinHash),
    ] {
        assert_eq!(import(suite, pin), Some(wanted), "{suite}");
    }
    // An app's PIN is another matter, and never hashed like that.
    for suite in SUITES.iter().filter(|suite| !suite.ends_with(":QH64")) {
        let suite = suite.parse().unwrap();
        assert!(EnrolmentRequest::ocra(request("app")).suite(&suite).is_err(), "{suite}");
        let seed = OtpSeed::from_bytes(&[1; 32]).unwrap();
        let (id, random) = ("00000000000000000000000000".parse().unwrap(), SeededRandom::new(1));
        let device =
            DeviceCredential::enrol_for_suite(id, &seed, &suite, &pin("2468"), None, &random);
        assert!(matches!(device, Err(DeviceCredentialError::Suite(_))), "{suite}");
    }
}

#[test]
fn neither_seed_nor_pin_of_a_fob_is_printed() {
    let import = Fob::new("OCRA-1:HOTP-SHA256-8:QN08-PSHA1").import();
    let printed = format!("{import:?}{import:#?}");
    let hash = "e8fed7c5621fcc32f5db606fefee7c98f36cc2fa"; // SHA-1 of 4711
    for trace in ["4711", "5a5a", "90, 90", "e8fed7", "232, 254, 215", hash] {
        assert!(!printed.contains(trace), "{trace} in {printed}");
    }
}

#[test]
fn a_suite_is_text_in_serde_and_its_errors_are_silent() {
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-PSHA1".parse().unwrap();
    let json = serde_json::to_string(&suite).unwrap();
    assert_eq!(json, "\"OCRA-1:HOTP-SHA256-8:QN08-PSHA1\"");
    assert_eq!(serde_json::from_str::<Suite>(&json).unwrap(), suite);
    for bad in ["\"xylophone\"", "7770001777", "[\"xylophone\"]", "{\"xylophone\":1}", "null"] {
        let error = serde_json::from_str::<Suite>(bad).unwrap_err().to_string();
        assert!(!error.contains("xylophone") && !error.contains("777000"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// All that is approved is in the question: whatever of it differs, the fob answers another one.
    #[test]
    fn other_transactions_have_other_questions(by in 1..1_000_000_u64, suite in 0..SUITES.len()) {
        block_on(async {
            let (bank, fob) = (bank(), Fob::new(SUITES[suite]));
            fob.imported(&bank).await;
            let (step_ups, call) = (bank.verifier.step_ups(), bob_rings("call-1"));
            let mut other = transfer();
            other.amount += by;
            let one = step_ups.request(&call, &asking("s-1", transfer())).await.unwrap();
            let two = step_ups.request(&call, &asking("s-2", other)).await.unwrap();
            let questions = [&one, &two].map(|asked| open(&bank, asked).question().unwrap());
            assert_ne!(questions[0], questions[1]);
            for (asked, question) in [&one, &two].into_iter().zip(&questions) {
                assert_eq!(*question, rules::typed(&fob.suite, &digest_of(asked)));
            }
        });
    }
}
