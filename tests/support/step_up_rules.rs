//! The rules of credentials and step-ups, written down a second time and far more simply: everything is
//! known, nothing is stored. Times are seconds.

use countersign::credential::{CredentialStatus, Method};
use countersign::otp::{Algorithm, Digits, Hotp, Ocra, OtpSeed, ocra};
use countersign::policy::{FIRST_LOCK, HOTP_LOOK_AHEAD, RESYNC_RANGE};
use countersign::step_up::StepUpData;
use countersign::token::TokenId;
use countersign::{CredentialId, Direction, StepUpId, Timestamp, Transaction};
use ring::hkdf;
use sha2::{Digest, Sha256};

pub const TO_DISABLE: u32 = 15;
pub const LEEWAY: u64 = 30;
pub const PERIOD: u64 = 30;
const NOTICED_BEHIND: i128 = 5;

/// PASETO's PAE, hashed, as the manual writes it.
fn hashed(pieces: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((pieces.len() as u64).to_le_bytes());
    for piece in pieces {
        hash.update((piece.len() as u64).to_le_bytes());
        hash.update(piece);
    }
    hash.finalize().into()
}

fn id_bytes(id: &impl std::fmt::Display) -> Vec<u8> {
    base32::decode(base32::Alphabet::Crockford, &id.to_string()).unwrap()
}

pub fn confirm_question(id: CredentialId) -> [u8; 32] {
    hashed(&[b"countersign confirm v1", &id_bytes(&id)])
}

/// `said` is what the customer answered and typed, if that was asked: who rang whom, and digits.
pub fn question(nonce: TokenId, of: &StepUpData, said: Option<(u8, &str)>) -> [u8; 32] {
    let who = said.map(|(who, _)| vec![1, who]).unwrap_or_default();
    let digits = said.map(|(_, digits)| [b"\x01", digits.as_bytes()].concat()).unwrap_or_default();
    let direction = match of.direction {
        Direction::Inbound => [1],
        Direction::Outbound => [2],
    };
    hashed(&[
        b"countersign statement v2",
        b"bank.example",
        b"alice",
        &id_bytes(&of.step_up),
        &id_bytes(&of.credential),
        b"",
        of.interaction.as_str().as_bytes(),
        &direction,
        of.agent_name.as_str().as_bytes(),
        &of.what.transaction().map(|of| [&[1], &*of.canonical()].concat()).unwrap_or_default(),
        &of.what.action().map(|of| [&[1], &*of.canonical()].concat()).unwrap_or_default(),
        &who,
        &digits,
        b"",
        nonce.as_bytes(),
    ])
}

/// The HKDF subkey of `seed` for one use.
fn subkey(seed: &[u8], label: &'static [u8]) -> OtpSeed {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign credential v1");
    let mut key = [0; 32];
    salt.extract(seed).expand(&[label], hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    OtpSeed::from_bytes(&key).unwrap()
}

/// What the customer holds.
pub enum Holds {
    /// The keys of the PIN and of the one for coercion; a fob has one.
    Asked(Vec<Ocra>),
    Counts(Hotp),
    /// Nothing: the code comes in a message.
    Messages,
}

impl Holds {
    pub fn new(
        method: Method,
        imported: bool,
        seed: &[u8],
        algorithm: Algorithm,
        digits: Digits,
    ) -> Self {
        let own = OtpSeed::from_bytes(seed);
        match method {
            Method::Delivered => Self::Messages,
            Method::Totp | Method::Hotp => {
                Self::Counts(Hotp::new(&own.unwrap(), algorithm, digits))
            }
            _ => {
                let suite = if imported { fob } else { suite }(algorithm, digits);
                let keys = if imported {
                    vec![own.unwrap()]
                } else {
                    let labels = [b"countersign step-up v1".as_slice(), b"countersign duress v1"];
                    labels.map(|label| subkey(seed, label)).into_iter().collect()
                };
                Self::Asked(keys.iter().map(|key| Ocra::new(key, suite)).collect())
            }
        }
    }

    /// The answers to `question`: with the PIN, and under coercion.
    pub fn answers(&self, question: &[u8; 32]) -> Vec<String> {
        let Self::Asked(keys) = self else { return Vec::new() };
        let answer = |key: &Ocra| {
            let text = typed(key.suite(), question);
            let challenge =
                ocra::OcraChallenge::new(key.suite().challenge_format(), &text).unwrap();
            let (inputs, pin) = (ocra::Inputs::one_way(&challenge), pin_hash(key.suite()));
            let inputs = pin.as_ref().map_or(inputs, |pin| inputs.with_pin_hash(pin));
            key.respond(&inputs).unwrap().expose().to_owned()
        };
        keys.iter().map(answer).collect()
    }

    /// The code at a step or counter.
    pub fn at(&self, number: i128) -> Option<String> {
        let Self::Counts(hotp) = self else { return None };
        Some(hotp.generate(u64::try_from(number).ok()?).expose().to_owned())
    }

    /// The last of these steps or counters with this code.
    fn last_with(&self, code: &str, of: impl Iterator<Item = i128>) -> Option<i128> {
        let mut found = None;
        for number in of {
            if self.at(number).as_deref() == Some(code) {
                found = Some(number);
            }
        }
        found
    }
}

pub fn suite(algorithm: Algorithm, digits: Digits) -> ocra::Suite {
    let hash = match algorithm {
        Algorithm::Sha1 => "SHA1",
        Algorithm::Sha256 => "SHA256",
        Algorithm::Sha512 => "SHA512",
        other => panic!("{other:?}"),
    };
    format!("OCRA-1:HOTP-{hash}-{}:QH64", digits.get()).parse().unwrap()
}

/// The suite of a fob, of each kind of question, with a PIN and without.
pub fn fob(algorithm: Algorithm, digits: Digits) -> ocra::Suite {
    let question = match algorithm {
        Algorithm::Sha1 => "QN08-PSHA1",
        Algorithm::Sha256 => "QA08-PSHA256",
        _ => "QH40",
    };
    suite(algorithm, digits).as_str().replace("QH64", question).parse().unwrap()
}

/// The hash of every fob's PIN, if `suite` has one.
pub fn pin_hash(suite: &ocra::Suite) -> Option<ocra::PinHash> {
    Some(ocra::PinHash::of(suite.pin_hash()?, "4711"))
}

/// What is typed for `question`: the last digits of the number, to which each byte adds from the right.
pub fn typed(suite: &ocra::Suite, question: &[u8; 32]) -> String {
    let format = suite.challenge_format();
    let digits = match format.kind() {
        ocra::ChallengeKind::Numeric => "0123456789",
        ocra::ChallengeKind::Hexadecimal => "0123456789ABCDEF",
        _ => "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    };
    let mut places = vec![0_usize; format.max_len().into()];
    for byte in question {
        let mut carry = usize::from(*byte);
        for place in places.iter_mut().rev() {
            let sum = *place * 256 + carry;
            (*place, carry) = (sum % digits.len(), sum / digits.len());
        }
    }
    places.into_iter().map(|place| char::from(digits.as_bytes()[place])).collect()
}

/// What a code is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    Confirmation,
    StepUp(StepUpId),
    Resync,
}

/// What becomes of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Newly, and whether under coercion.
    Accepted(bool),
    /// It was accepted for the same before.
    Repeated(bool),
    /// Evaluated, wrong, counted.
    Counted,
    /// Refused, and nothing is written.
    Ignored,
}

pub struct Held {
    pub id: CredentialId,
    pub method: Method,
    pub imported: bool,
    pub holds: Holds,
    /// What confirms it, for codes that say what they are for.
    pub first: Vec<String>,
    pub since: Option<u64>,
    pub status: CredentialStatus,
    /// Failures to a lock, as the policy now has it.
    pub to_lock: u32,
    pub locked_until: u64,
    pub updated: u64,
    /// Refusals on record, and codes accepted for step-ups.
    pub refusals: u32,
    pub accepted_on_record: usize,
    failures: u32,
    locks: u32,
    failures_at_lock: u32,
    pub last: Option<i128>,
    pub drift: i128,
    pub counter: i128,
    accepted: Vec<(For, String, bool)>,
    failed: Vec<(For, String)>,
}

impl Held {
    pub fn new(id: CredentialId, method: Method, holds: Holds, imported: bool, now: u64) -> Self {
        Self {
            id,
            method,
            imported,
            holds,
            first: Vec::new(),
            since: imported.then_some(now),
            status: if imported { CredentialStatus::Active } else { CredentialStatus::Pending },
            to_lock: 5,
            locked_until: 0,
            updated: now,
            refusals: 0,
            accepted_on_record: 0,
            failures: 0,
            locks: 0,
            failures_at_lock: 0,
            last: None,
            drift: 0,
            counter: 0,
            accepted: Vec::new(),
            failed: Vec::new(),
        }
    }

    pub fn now(&self, clock: u64) -> u64 {
        self.updated.max(clock)
    }

    pub fn status(&self, clock: u64) -> CredentialStatus {
        if self.status == CredentialStatus::Active && self.now(clock) < self.locked_until {
            return CredentialStatus::Locked;
        }
        self.status
    }

    /// The step by the enterprise's clock, wherever it was before.
    pub fn step(&self, clock: u64) -> i128 {
        i128::from(clock / PERIOD)
    }

    /// `right`: the answers with the PIN and under coercion, for codes that say what they are for.
    pub fn check(&mut self, what: For, code: &str, right: &[String], clock: u64) -> Verdict {
        if what == For::Confirmation && self.imported {
            return Verdict::Ignored;
        }
        let before = self.accepted.iter().find(|(of, ..)| *of == what);
        let confirmed = what == For::Confirmation && self.status == CredentialStatus::Active;
        if let Some((_, with, duress)) = before
            && self.status != CredentialStatus::Revoked
            && (!confirmed || self.status(clock) == CredentialStatus::Active && with == code)
        {
            // Of a step-up that is approved no code is looked at.
            return Verdict::Repeated(*duress);
        }
        let wanted = match what {
            For::Confirmation if !confirmed => CredentialStatus::Pending,
            _ => CredentialStatus::Active,
        };
        if self.status(clock) != wanted || self.failed.contains(&(what, code.to_owned())) {
            return Verdict::Ignored;
        }
        if confirmed {
            return self.confirm_again(code, right, clock);
        }
        let now = self.now(clock);
        let duress = match self.method {
            Method::Totp => {
                let centre = self.step(clock) + self.drift;
                let last = self.last.unwrap_or(-1);
                let fresh = (centre - 1..=centre + 1).filter(|step| *step > last);
                let around = centre - NOTICED_BEHIND..=centre + NOTICED_BEHIND;
                match (self.holds.last_with(code, fresh), self.holds.last_with(code, around)) {
                    (Some(step), _) => {
                        self.advance(step, clock);
                        false
                    }
                    (None, Some(step)) if step <= last => return Verdict::Ignored,
                    _ => return self.fail(what, code, now),
                }
            }
            Method::Hotp => {
                let (next, ahead) = (self.counter, i128::from(HOTP_LOOK_AHEAD));
                let used = (next - NOTICED_BEHIND).max(0)..=next - 1;
                match (
                    self.holds.last_with(code, next..=next + ahead),
                    self.holds.last_with(code, used),
                ) {
                    (Some(counter), _) => {
                        self.advance(counter, clock);
                        false
                    }
                    (None, Some(_)) => return Verdict::Ignored,
                    (None, None) => return self.fail(what, code, now),
                }
            }
            _ => match right.iter().position(|right| right == code) {
                Some(which) => which == 1,
                None => return self.fail(what, code, now),
            },
        };
        self.succeed(what, code, duress, now);
        Verdict::Accepted(duress)
    }

    /// Whether a code was accepted for this step-up, and under coercion.
    pub fn accepted_for(&self, step_up: StepUpId) -> Option<bool> {
        let before = self.accepted.iter().find(|(of, ..)| *of == For::StepUp(step_up));
        before.map(|(.., duress)| *duress)
    }

    /// Another code for what is confirmed: a guess, which is counted if it is wrong.
    fn confirm_again(&mut self, code: &str, right: &[String], clock: u64) -> Verdict {
        let known = match self.method {
            Method::Totp => {
                let centre = self.step(clock) + self.drift;
                let last = self.last.unwrap_or(-1);
                let around = centre - NOTICED_BEHIND..=centre + NOTICED_BEHIND;
                let fresh = (centre - 1..=centre + 1).filter(|step| *step > last);
                self.holds.last_with(code, fresh).is_some()
                    || self.holds.last_with(code, around).is_some_and(|step| step <= last)
            }
            Method::Hotp => {
                let (next, ahead) = (self.counter, i128::from(HOTP_LOOK_AHEAD));
                let around = (next - NOTICED_BEHIND).max(0)..=next + ahead;
                self.holds.last_with(code, around).is_some()
            }
            _ => {
                return match right.iter().position(|right| right == code) {
                    Some(which) => Verdict::Repeated(which == 1),
                    None => self.fail(For::Confirmation, code, self.now(clock)),
                };
            }
        };
        if known { Verdict::Ignored } else { self.fail(For::Confirmation, code, self.now(clock)) }
    }

    /// Two codes in a row, further off.
    pub fn resync(&mut self, [first, second]: [&str; 2], clock: u64) -> Verdict {
        let both = format!("{first} {second}");
        if self.status(clock) != CredentialStatus::Active
            || self.failed.contains(&(For::Resync, both.clone()))
        {
            return Verdict::Ignored;
        }
        if self.accepted.iter().any(|(of, with, _)| *of == For::Resync && *with == both) {
            return Verdict::Repeated(false);
        }
        let now = self.now(clock);
        let range = i128::from(RESYNC_RANGE);
        let (centre, unused) = match self.method {
            Method::Totp => (self.step(clock), self.last.map_or(0, |last| last + 1)),
            Method::Hotp => (self.counter, self.counter),
            _ => return Verdict::Ignored,
        };
        let pairs = |from: i128, until: i128| {
            (from.max(0)..until).rfind(|at| {
                self.holds.at(*at).as_deref() == Some(first)
                    && self.holds.at(at + 1).as_deref() == Some(second)
            })
        };
        // The second of the two is not behind the present by more than the window.
        let earliest = match self.method {
            Method::Totp => unused.max(centre - 2),
            _ => unused,
        };
        let Some(found) = pairs(earliest.max(centre - range), centre + range) else {
            return match pairs(centre - range, earliest.min(centre + range)) {
                Some(_) => Verdict::Ignored,
                None => self.fail(For::Resync, &both, now),
            };
        };
        self.accepted.retain(|(of, ..)| !matches!(of, For::Confirmation | For::Resync));
        self.advance(found + 1, clock);
        self.succeed(For::Resync, &both, false, now);
        Verdict::Accepted(false)
    }

    /// A step or counter is used up. **It is beyond all that were before.**
    fn advance(&mut self, number: i128, clock: u64) {
        assert!(self.last.is_none_or(|last| last < number), "{number} is accepted a second time");
        self.last = Some(number);
        if self.method == Method::Totp {
            let most = i128::from(RESYNC_RANGE) + 2;
            self.drift = (number - self.step(clock)).clamp(-most, most);
        } else {
            self.counter = number + 1;
        }
    }

    fn succeed(&mut self, what: For, code: &str, duress: bool, now: u64) {
        (self.failures, self.locks, self.failures_at_lock) = (0, 0, 0);
        self.locked_until = 0;
        self.status = CredentialStatus::Active;
        self.since.get_or_insert(now);
        self.updated = now;
        self.accepted.push((what, code.to_owned(), duress));
        self.accepted_on_record += usize::from(matches!(what, For::StepUp(_)));
    }

    fn fail(&mut self, what: For, code: &str, now: u64) -> Verdict {
        self.failed.push((what, code.to_owned()));
        self.failures += 1;
        self.refusals += 1;
        self.updated = now;
        if self.failures >= TO_DISABLE {
            self.status = CredentialStatus::Disabled;
        } else if self.failures - self.failures_at_lock >= self.to_lock {
            self.locked_until = now + (FIRST_LOCK.as_secs() << self.locks);
            self.locks += 1;
            self.failures_at_lock = self.failures;
        }
        Verdict::Counted
    }
}

/// How far a step-up has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    Requested,
    Approved { duress: bool, from: u64, until: u64, redeemed: Option<u8> },
    Declined,
}

pub struct Asked {
    pub id: StepUpId,
    pub held: usize,
    pub right: Vec<String>,
    /// What the agent says, if the customer is to type it.
    pub digits: Option<String>,
    pub from: u64,
    pub until: u64,
    pub updated: u64,
    pub phase: Phase,
    /// The customer said "not me" of it, or of another one while it waited.
    pub disowned: bool,
    pub transaction: Transaction,
    pub grant: Option<countersign::step_up::Grant>,
    /// When it was redeemed first.
    pub proof: Option<Timestamp>,
}

impl Asked {
    pub fn now(&self, clock: u64) -> u64 {
        self.updated.max(clock)
    }

    pub fn open(&self, clock: u64) -> bool {
        self.phase == Phase::Requested && self.now(clock) < self.until
    }

    pub fn approve(&mut self, duress: bool, clock: u64) {
        self.updated = self.now(clock);
        let (from, until) = (self.updated, self.updated + 300);
        self.phase = Phase::Approved { duress, from, until, redeemed: None };
    }

    /// Asked for by a machine whose clock is ahead of this one's by more than clocks may differ.
    pub fn too_early(&self, clock: u64) -> bool {
        clock + LEEWAY < self.from
    }
}
