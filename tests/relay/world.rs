//! One enterprise, its customer's phone and everything that has happened so far. A world can be copied,
//! so that each move is played once from each state: its records are a plain map.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use countersign::credential::EnrolmentRequest;
use countersign::device::{CodeAttempts, DeviceCredential, SmartPin, VerifiedStepUp};
use countersign::id::JointStepUpId;
use countersign::otp::OtpSeed;
use countersign::policy::PromptCheck;
use countersign::random::SeededRandom;
use countersign::step_up::StepUpAnswer;
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{Device, Issuer, Keyring, Policy, RequestId, StepUpId, Timestamp, Verifier};

use crate::people::{Line, Talk, alice, carol, mallory};
use crate::rows::Rows;
use crate::several::{CarolsPhone, Several};

/// 2027-01-15T08:00:00Z. No time passes: slots, tokens and step-ups are all in force.
pub const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// As it is. Otherwise an agent may say the code in a contact of either direction, and the app
    /// does not show who contacted whom, nor ask.
    pub direction_is_covered: bool,
    /// The attacker passes on the digits that an agent said to them.
    pub digits_are_passed_on: bool,
    /// Alice and Carol are asked together, and nothing else happens.
    pub several: Option<Several>,
}

/// As it is.
pub const AS_IT_IS: Rules =
    Rules { direction_is_covered: true, digits_are_passed_on: true, several: None };

/// An appointment: Alice's first and second, each about something else, what took the place of the first, and
/// the attacker's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Appointment {
    Alices(u8),
    AlicesFirstAnew,
    Mallorys,
}

impl Appointment {
    /// What the enterprise wants to talk about.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Alices(1) | Self::AlicesFirstAnew => "About your account",
            Self::Alices(_) => "A payment of yours",
            Self::Mallorys => "About a loan",
        }
    }
}

/// Everything that decides what can happen next.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facts {
    /// Calls to Alice's number land at the attacker.
    pub forwarded: bool,
    /// The line that Alice is on.
    pub line: Option<Line>,
    /// The call that the attacker has with the enterprise.
    pub attackers: Option<Talk>,
    pub arranged: BTreeSet<Appointment>,
    /// In which calls the code of which appointment was asked for, and in which it was said.
    pub presented: BTreeSet<(Appointment, Talk)>,
    pub said: BTreeSet<(Appointment, Talk)>,
    /// The codes that the attacker knows, overheard ones included.
    pub known: BTreeSet<Appointment>,
    /// Which code Alice heard while her app waited for which, and how often.
    pub heard: BTreeMap<(Appointment, Appointment), u8>,
    /// The first challenge was taken back.
    pub revoked: bool,
    /// What her app remembers of the codes that she heard, as it keeps it; ids of tokens aside, which differ from one
    /// way to a state to another.
    pub remembered: BTreeMap<Appointment, (u8, bool)>,
    /// How often the enterprise refused what a phone that is offline took for genuine.
    pub refused: u8,
    /// The calls in which a step-up was asked for, and those whose step-up still waits for Alice.
    pub asked: BTreeSet<Talk>,
    pub waiting: BTreeSet<Talk>,
    /// Which digits Alice has typed for which step-up.
    pub typed: BTreeSet<(Talk, Talk)>,
    /// Which of those that several approve Alice has approved, on which line, and which Carol was talked into.
    pub approved: BTreeMap<Talk, Line>,
    pub persuaded: BTreeSet<Talk>,
    /// Alice has said of one that it was not her.
    pub held: bool,
    /// She has allowed prompts again.
    pub resumed: bool,
}

/// A step-up on Alice's phone, and what the agent who asked for it says.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub id: countersign::StepUpId,
    pub token: String,
    pub digits: String,
}

/// What Alice's phone holds of an appointment.
#[derive(Debug, Clone)]
pub struct Booked {
    pub id: countersign::ChallengeId,
    pub token: String,
}

#[derive(Clone)]
pub struct World {
    pub rules: Rules,
    pub facts: Facts,
    pub booked: BTreeMap<Appointment, Booked>,
    /// What her app remembers: one for all appointments.
    pub attempts: CodeAttempts,
    pub ids: BTreeMap<Appointment, countersign::ChallengeId>,
    pub prompts: BTreeMap<Talk, Prompt>,
    /// Of those that several approve: the whole, Carol's own, and her token.
    pub joint: BTreeMap<Talk, (JointStepUpId, StepUpId, String)>,
    /// What is said for each code.
    pub codes: BTreeMap<Appointment, String>,
    rows: Rows,
    phone: Arc<Phone>,
    carols: Arc<CarolsPhone>,
    drawn: u64,
}

pub struct Phone {
    pub device: Device,
    pub credential: DeviceCredential,
    pin: SmartPin,
    /// Codes by the token that they approve. Each takes a derivation that is slow on purpose, and many
    /// states ask with the same token.
    approved: Mutex<BTreeMap<String, String>>,
}

impl Phone {
    /// Alice enters her PIN.
    pub fn approve(&self, prompt: &Prompt, digits: &str, shown: VerifiedStepUp) -> StepUpAnswer {
        let shown = shown.with_digits(digits.parse().unwrap());
        let mut approved = self.approved.lock().unwrap();
        let code = approved.entry(format!("{} {digits}", prompt.token)).or_insert_with(|| {
            let code = shown.approve(&self.credential, &self.pin).unwrap();
            code.code().unwrap().expose().to_owned()
        });
        shown.answer_with(code.parse().unwrap())
    }
}

fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

pub fn request(id: impl AsRef<str>) -> RequestId {
    RequestId::new(id).unwrap()
}

/// Nothing here waits for anything.
pub fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the store never waits"),
    }
}

impl World {
    /// Alice and the attacker are customers with a phone each.
    pub fn new(rules: Rules) -> Self {
        let mut trusted = TrustedKeys::new(Issuer::new("bank.example").unwrap());
        let purposes = [Purpose::Challenge, Purpose::Appointment, Purpose::StepUp, Purpose::Status];
        for purpose in purposes {
            trusted.trust(*signing().public_key(), purpose).unwrap();
        }
        let rows = Rows::default();
        let bank = bank(&rows, 0, rules);
        let pin: SmartPin = "2468".parse().unwrap();
        let mut credentials = Vec::new();
        for customer in [alice(), mallory()] {
            let enrolment = EnrolmentRequest::ocra(request("phone"));
            let given = now_or_never(bank.credentials().enrol(&customer, &enrolment)).unwrap();
            let seed = OtpSeed::from_base32(given.base32().unwrap()).unwrap();
            let (id, random) = (given.credential.id, SeededRandom::new(3));
            let held = DeviceCredential::enrol(id, &seed, &pin, None, &random).unwrap();
            let first = held.confirm(&pin).unwrap();
            now_or_never(bank.credentials().confirm(&customer, &id, &first)).unwrap();
            credentials.push(held);
        }
        let carols = CarolsPhone::new(Device::new(trusted.clone(), carol()), &bank);
        let device = Device::new(trusted, alice());
        let (credential, approved) = (credentials.remove(0), Mutex::default());
        let phone = Phone { device, credential, pin, approved };
        Self {
            rules,
            facts: Facts::default(),
            booked: BTreeMap::new(),
            attempts: CodeAttempts::new(),
            ids: BTreeMap::new(),
            prompts: BTreeMap::new(),
            joint: BTreeMap::new(),
            codes: BTreeMap::new(),
            rows,
            phone: Arc::new(phone),
            carols: Arc::new(carols),
            drawn: 0,
        }
    }

    /// The same state with records of its own.
    pub fn copied(&self) -> Self {
        Self { rows: self.rows.copied(), drawn: self.drawn + 1, ..self.clone() }
    }

    pub fn bank(&self) -> Verifier {
        bank(&self.rows, self.drawn, self.rules)
    }

    pub fn carols_phone(&self) -> Arc<CarolsPhone> {
        Arc::clone(&self.carols)
    }

    pub fn phone(&self) -> Arc<Phone> {
        Arc::clone(&self.phone)
    }
}

fn bank(rows: &Rows, seed: u64, rules: Rules) -> Verifier {
    let keyring = Keyring::generate(&SeededRandom::new(7)).unwrap();
    let mut policy = Policy::default();
    // Whatever is only limited by how often it is tried is tried often enough.
    policy.step_ups.per_customer = 20;
    if !rules.direction_is_covered {
        policy.step_ups.prompts.who_rang = PromptCheck::never();
    }
    policy.challenges.per_customer = 20;
    policy.challenges.presentations = 5;
    Verifier::builder(Issuer::new("bank.example").unwrap(), keyring)
        .store(rows.clone())
        .clock(ManualClock::new(NOW))
        .random(SeededRandom::new(seed))
        .policy(policy)
        .signing_key(signing())
        .build()
        .unwrap()
}
