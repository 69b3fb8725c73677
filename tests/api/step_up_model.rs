//! Random sequences of everything that can happen to credentials and step-ups, with faults at every
//! store call, clock jumps both ways, rotations and restarts, against the rules written a second time.
//! What must never happen, never does: two acceptances of one step or counter, an approval without a
//! correct code, a failure lost or counted twice, a correct code counted as a failure.

mod ops;
pub mod rules;

use std::time::Duration;

use countersign::otp::{Algorithm, Digits, OtpSeed};
use countersign::store::Fault;
use countersign::token::{Audience, Leeway, Purpose, StepUpData, TrustedKeys, UntrustedToken};
use countersign::{
    Action, Clock, CredentialStatus, Enrolment, Error, Import, Keyring, Method, Outcome, Page,
    Policy, SeededRandom, StepUpOutcome, StepUpRequest, StepUpStatus, Transaction, TransactionKind,
    Verifier,
};
use proptest::prelude::*;

use self::ops::{Faults, Op, Pick, turn};
use self::rules::{Asked, For, Held, Holds, Phase, TO_DISABLE, Verdict};
use crate::step_ups::signing;
use crate::support::*;

const METHODS: [Method; 4] = [Method::Ocra, Method::Totp, Method::Hotp, Method::Delivered];
const MOST_REQUESTS: usize = 20;
const MOST_HELD: usize = 5;

struct World {
    bank: Bank,
    keyring: Vec<u8>,
    seed: u64,
    held: Vec<Held>,
    asked: Vec<Asked>,
    /// When step-ups were asked for, as the limit counts them, and its last change.
    counted: (Vec<u64>, u64),
    requests: usize,
    sent: Vec<String>,
    faults: Faults,
}

impl World {
    fn new() -> Self {
        let mut policy = Policy::default();
        policy.credentials.failures_to_disable = TO_DISABLE as u8;
        policy.step_ups.per_customer = MOST_REQUESTS as u8;
        policy.step_ups.per_agent = MOST_REQUESTS as u8;
        policy.step_ups.payment_methods = METHODS.to_vec();
        let mut world = Self {
            bank: bank_with(policy),
            keyring: keyring().to_bytes().to_vec(),
            seed: 10,
            held: Vec::new(),
            asked: Vec::new(),
            counted: (Vec::new(), 0),
            requests: 0,
            sent: Vec::new(),
            faults: Vec::new(),
        };
        world.restart();
        world
    }

    fn restart(&mut self) {
        self.seed += 1;
        let keyring = Keyring::from_bytes(&self.keyring).unwrap();
        let Bank { store, clock, seen, verifier } = &self.bank;
        let builder =
            part(keyring, store, clock, seen, self.seed).policy(verifier.policy().clone());
        self.bank.verifier = builder.signing_key(signing()).build().unwrap();
    }

    fn bank(&self) -> &Verifier {
        &self.bank.verifier
    }

    fn clock(&self) -> u64 {
        self.bank.clock.now().unwrap().unix()
    }

    /// Calls with this turn's faults, again until it is said what became of it.
    async fn settled<T>(&self, call: impl AsyncFn() -> Result<T, Error>) -> Option<T> {
        for (calls, fault) in &self.faults {
            self.bank.store.plan(*calls, Fault::ALL[*fault]);
        }
        for _ in 0..8 {
            match call().await {
                Err(Error::Store(_) | Error::Record(_)) => {}
                Err(Error::Refused(_)) => {
                    self.bank.store.heal();
                    return None;
                }
                Ok(value) => {
                    self.bank.store.heal();
                    return Some(value);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        panic!("the planned faults are used up by now")
    }

    async fn run(&mut self, op: Op) {
        let clock = self.clock();
        match op {
            Op::Enrol { method, algorithm, digits, imported, wrong_first }
                if self.held.len() < MOST_HELD =>
            {
                let method = METHODS[method];
                let imported = imported && method != Method::Delivered;
                let algorithm = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512][algorithm];
                let digits = Digits::new(digits).unwrap();
                if imported {
                    self.import(method, algorithm, digits).await;
                } else {
                    self.enrol(method, algorithm, digits, wrong_first).await;
                }
            }
            Op::Request { held } if held < self.held.len() => self.request(held).await,
            Op::Submit { of, code } if of < self.asked.len() => {
                let Some(code) = self.pick(of, &code) else { return };
                self.submit(of, code).await;
            }
            Op::Resync { held, off } if held < self.held.len() => self.resync(held, off).await,
            Op::Decline { of } if of < self.asked.len() => {
                let id = self.asked[of].id;
                let result =
                    self.settled(async || self.bank().step_ups().decline(&alice(), &id).await);
                let done = result.await.is_some();
                let asked = &mut self.asked[of];
                let open = asked.open(clock);
                assert_eq!(done, open || asked.phase == Phase::Declined);
                if open {
                    (asked.updated, asked.phase) = (asked.now(clock), Phase::Declined);
                }
            }
            Op::Redeem { of, key, changed } if of < self.asked.len() => {
                self.redeem(of, key, changed).await;
            }
            Op::Revoke { held } if held < self.held.len() => {
                let id = self.held[held].id;
                let call = async || self.bank().credentials().revoke(&alice(), &id).await;
                assert_eq!(self.settled(call).await.unwrap().status, CredentialStatus::Revoked);
                let held = &mut self.held[held];
                if held.status != CredentialStatus::Revoked {
                    (held.updated, held.status) = (held.now(clock), CredentialStatus::Revoked);
                }
            }
            Op::Unlock { held } if held < self.held.len() => {
                let id = self.held[held].id;
                let call = async || self.bank().credentials().unlock(&alice(), &id).await;
                let done = self.settled(call).await.is_some();
                let held = &mut self.held[held];
                let status = held.status(clock);
                let ended = [CredentialStatus::Disabled, CredentialStatus::Revoked];
                assert_eq!(done, !ended.contains(&status));
                if status == CredentialStatus::Locked {
                    (held.updated, held.locked_until) = (held.now(clock), 0);
                }
            }
            Op::Clock { seconds } => {
                let by = Duration::from_secs(seconds.unsigned_abs());
                let now = self.bank.clock.now().unwrap();
                self.bank.clock.set(if seconds < 0 { now.before(by) } else { now.after(by) });
            }
            Op::Rotate => {
                let mut keyring = Keyring::from_bytes(&self.keyring).unwrap();
                keyring.rotate(&SeededRandom::new(self.seed)).unwrap();
                self.keyring = keyring.to_bytes().to_vec();
                self.restart();
            }
            Op::Restart => self.restart(),
            _ => {}
        }
    }

    async fn import(&mut self, method: Method, algorithm: Algorithm, digits: Digits) {
        let n = self.held.len();
        let bytes = [n as u8 + 1; 32];
        let import = || {
            let seed = OtpSeed::from_bytes(&bytes).unwrap();
            match method {
                Method::Totp => Import::totp(seed).algorithm(algorithm).digits(digits),
                Method::Hotp => Import::hotp(seed, 0).algorithm(algorithm).digits(digits),
                _ => {
                    let suite = rules::fob(algorithm, digits);
                    match rules::pin_hash(&suite) {
                        Some(pin) => Import::ocra_with_pin(seed, &suite, pin).unwrap(),
                        None => Import::ocra(seed, &suite).unwrap(),
                    }
                }
            }
        };
        let call = async || self.bank().credentials().import(&alice(), &import()).await;
        let credential = self.settled(call).await.unwrap();
        let holds = Holds::new(method, true, &bytes, algorithm, digits);
        self.held.push(Held::new(credential.id, method, holds, true, self.clock()));
    }

    async fn enrol(&mut self, method: Method, algorithm: Algorithm, digits: Digits, wrong: bool) {
        let id = request(&format!("enrol-{}", self.held.len()));
        let enrolment = match method {
            Method::Ocra => Enrolment::ocra(id),
            Method::Totp => Enrolment::totp(id),
            Method::Hotp => Enrolment::hotp(id),
            _ => Enrolment::delivered(id),
        };
        let enrolment = enrolment.algorithm(algorithm).digits(digits);
        let enrol = async || self.bank().credentials().enrol(&alice(), &enrolment).await;
        let given = self.settled(enrol).await.unwrap();
        let again = enrol().await.unwrap();
        assert!(given.base32() == again.base32() && given.otpauth() == again.otpauth());
        let seed = given.base32().unwrap_or_default();
        let seed = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, seed).unwrap();
        let (id, clock) = (given.credential.id, self.clock());
        let holds = Holds::new(method, false, &seed, algorithm, digits);
        self.held.push(Held::new(id, method, holds, false, clock));
        let at = self.held.len() - 1;

        let held = &self.held[at];
        let right = match given.code_to_deliver() {
            Some(code) => vec![code.expose().to_owned()],
            None => held.holds.answers(&rules::confirm_question(id)),
        };
        let code = match method {
            Method::Totp => held.holds.at(held.step(clock)).unwrap(),
            Method::Hotp => held.holds.at(0).unwrap(),
            _ => right[0].clone(),
        };
        let codes = if wrong { vec![shifted(&code, 1), code] } else { vec![code] };
        for code in codes {
            let response = code.parse().unwrap();
            let call = async || self.bank().credentials().confirm(&alice(), &id, &response).await;
            let done = self.settled(call).await.is_some();
            let verdict = self.held[at].check(For::Confirmation, &code, &right, clock);
            assert_eq!(done, matches!(verdict, Verdict::Accepted(_)));
            self.compare(at).await;
        }
    }

    async fn request(&mut self, held: usize) {
        let (clock, call) = (self.clock(), bob_rings("call-1"));
        let method = self.held[held].method;
        let gbp = "GBP".parse().unwrap();
        let kind = if self.requests.is_multiple_of(2) {
            TransactionKind::Transfer
        } else {
            TransactionKind::Payment
        };
        let reference = format!("{}", self.requests).parse().unwrap();
        let transaction = Transaction::new(kind, 500_000, gbp, "Jones".parse().unwrap(), reference);
        let id = request(&format!("s-{}", self.requests));
        self.requests += 1;
        let asking = StepUpRequest::new(id, transaction, "Bob".parse().unwrap()).by(method);
        let ask = async || self.bank().step_ups().request(&call, &asking).await;
        let requested = self.settled(ask).await;
        if let Some(requested) = &requested {
            assert_eq!(ask().await.unwrap(), *requested, "repeated");
        }

        let usable =
            |one: &&Held| one.method == method && one.status(clock) == CredentialStatus::Active;
        let best = self.held.iter().filter(usable).min_by_key(|one| (one.imported, one.id));
        let credential = best.map(|one| one.id);
        let (recent, updated) = &mut self.counted;
        let now = clock.max(*updated);
        let few = recent.iter().filter(|at| now < **at + 600).count() < MOST_REQUESTS;
        assert_eq!(requested.is_some(), few && credential.is_some());
        let Some(requested) = requested else { return };
        recent.retain(|at| now < *at + 600);
        recent.push(now);
        *updated = now;
        let mut keys = TrustedKeys::new(issuer());
        keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
        let token = UntrustedToken::parse(&requested.token).unwrap();
        let at = self.bank.clock.now().unwrap();
        let told = token.verify::<StepUpData>(&keys, &Audience::from(&alice()), at, Leeway::NONE);
        let told = told.unwrap();
        let (nonce, data) = (told.claims().id(), told.claims().data());
        assert_eq!(Some(data.credential), credential);
        let held = self.held.iter().position(|one| one.id == data.credential).unwrap();
        let id = requested.step_up.id;
        let right = if method == Method::Delivered {
            let message = self.bank().step_ups().delivery(&alice(), &id).await.unwrap().message();
            vec![message.split(' ').next().unwrap().to_owned()]
        } else {
            self.held[held].holds.answers(&rules::question(nonce, data))
        };
        self.asked.push(Asked {
            id,
            held,
            right,
            until: clock + 300,
            updated: clock,
            phase: Phase::Requested,
            transaction: requested.step_up.transaction,
            grant: None,
            proof: None,
        });
    }

    fn pick(&self, of: usize, pick: &Pick) -> Option<String> {
        let asked = &self.asked[of];
        let held = &self.held[asked.held];
        let right = |beside| match held.method {
            Method::Totp => held.holds.at(held.step(self.clock()) + held.drift + beside),
            Method::Hotp => held.holds.at(held.counter + beside),
            _ => asked.right.first().cloned(),
        };
        match pick {
            Pick::Right { duress: true, .. } if asked.right.len() > 1 => {
                asked.right.get(1).cloned()
            }
            Pick::Right { beside, .. } => right(*beside),
            Pick::Wrong(by) => right(0).map(|code| shifted(&code, *by)),
            Pick::Used(which) => self.sent.get(*which).cloned(),
        }
    }

    async fn submit(&mut self, of: usize, code: String) {
        let (clock, id) = (self.clock(), self.asked[of].id);
        let response = code.parse().unwrap();
        let call = async || self.bank().step_ups().submit(&alice(), &id, &response).await;
        let result = self.settled(call).await;

        let asked = &mut self.asked[of];
        let at = asked.held;
        let approved = match &asked.phase {
            Phase::Approved { code: with, .. } => *with == code,
            Phase::Requested if asked.open(clock) => {
                let what = For::StepUp(id);
                match self.held[at].check(what, &code, &asked.right, clock) {
                    Verdict::Accepted(duress) => {
                        let until = asked.now(clock) + 300;
                        asked.updated = asked.now(clock);
                        let code = code.clone();
                        asked.phase = Phase::Approved { code, duress, until, redeemed: None };
                        true
                    }
                    Verdict::Repeated(_) => panic!("an acceptance was not finished"),
                    Verdict::Counted | Verdict::Ignored => false,
                }
            }
            _ => false,
        };
        assert_eq!(result.is_some(), approved);
        if let Some(step_up) = result {
            assert_ne!(step_up.status, StepUpStatus::Requested);
            let call = bob_rings("call-1");
            let outcome = self.bank().step_ups().outcome(&call, &id).await.unwrap();
            match outcome {
                StepUpOutcome::Approved(grant) => self.asked[of].grant = Some(grant),
                other => assert_eq!(other, StepUpOutcome::Expired),
            }
        }
        self.sent.push(code);
        self.compare(at).await;
    }

    async fn resync(&mut self, at: usize, off: i128) {
        let (clock, held) = (self.clock(), &self.held[at]);
        let from = off + if held.method == Method::Totp { held.step(clock) } else { held.counter };
        let (Some(first), Some(second)) = (held.holds.at(from), held.holds.at(from + 1)) else {
            return;
        };
        let codes = [first.parse().unwrap(), second.parse().unwrap()];
        let call = async || {
            self.bank().credentials().resync(&alice(), &held.id, &codes[0], &codes[1]).await
        };
        let done = self.settled(call).await.is_some();
        let verdict = self.held[at].resync([&first, &second], clock);
        assert_eq!(done, matches!(verdict, Verdict::Accepted(_) | Verdict::Repeated(_)));
        self.sent.extend([first, second]);
        self.compare(at).await;
    }

    async fn redeem(&mut self, of: usize, key: u8, changed: Option<bool>) {
        let clock = self.clock();
        let Some(grant) = self.asked[of].grant.clone() else { return };
        let mut call = bob_rings("call-1");
        let mut transaction = self.asked[of].transaction.clone();
        match changed {
            Some(true) => transaction.amount += 1,
            Some(false) => call.direction = countersign::Direction::Inbound,
            None => {}
        }
        let id = request(&format!("k-{key}"));
        let redeem = async || self.bank().step_ups().redeem(&call, &grant, &transaction, &id).await;
        let proof = self.settled(redeem).await;
        if let Some(proof) = &proof {
            assert_eq!(redeem().await.unwrap(), *proof, "repeated");
        }

        let asked = &mut self.asked[of];
        let now = asked.now(clock);
        let Phase::Approved { duress, until, redeemed, .. } = &mut asked.phase else {
            panic!("there is no grant without an approval");
        };
        let revoked = self.held[asked.held].status == CredentialStatus::Revoked;
        let may =
            changed.is_none() && redeemed.map_or(now < *until && !revoked, |with| with == key);
        assert_eq!(proof.is_some(), may);
        let Some(proof) = proof else { return };
        assert_eq!((proof.duress(), proof.transaction()), (*duress, &transaction));
        if redeemed.is_none() {
            (*redeemed, asked.updated) = (Some(key), now);
        }
        assert_eq!(*asked.proof.get_or_insert(proof.at()), proof.at());
    }

    /// What is on record of a credential is what the rules say.
    async fn compare(&self, at: usize) {
        let held = &self.held[at];
        let listed = self.bank().credentials().list(&alice(), Page::first()).await.unwrap();
        let shown = listed.items.iter().find(|one| one.id == held.id).unwrap();
        assert_eq!(shown.status, held.status(self.clock()));
        let history = histories(self.bank(), |of| *of == countersign::Subject::Credential(held.id));
        let history = history.await.remove(0);
        assert_eq!(history.refusals, held.refusals, "lost, or counted twice");
        let accepted = history.events.iter();
        let accepted =
            accepted.filter(|e| e.action == Action::Verify && e.outcome == Outcome::Done);
        assert_eq!(accepted.count(), held.accepted_on_record);
    }

    async fn finish(&self) {
        for at in 0..self.held.len() {
            self.compare(at).await;
        }
        for asked in &self.asked {
            let call = bob_rings("call-1");
            let outcome = self.bank().step_ups().outcome(&call, &asked.id).await.unwrap();
            let now = asked.now(self.clock());
            match &asked.phase {
                Phase::Approved { redeemed: Some(_), .. } => {
                    assert!(matches!(outcome, StepUpOutcome::Approved(_)));
                }
                Phase::Approved { until, .. } if now < *until => {
                    assert!(matches!(outcome, StepUpOutcome::Approved(_)));
                }
                Phase::Approved { .. } => assert_eq!(outcome, StepUpOutcome::Expired),
                Phase::Declined => assert_eq!(outcome, StepUpOutcome::Declined),
                Phase::Requested if !asked.open(self.clock()) => {
                    assert_eq!(outcome, StepUpOutcome::Expired);
                }
                Phase::Requested => {
                    let status = self.held[asked.held].status(self.clock());
                    let waiting = status == CredentialStatus::Active;
                    let wanted =
                        if waiting { StepUpOutcome::Waiting } else { StepUpOutcome::Refused };
                    assert_eq!(outcome, wanted);
                }
            }
        }
    }
}

fn shifted(code: &str, by: u64) -> String {
    let (value, width) = (code.parse::<u64>().unwrap(), code.len());
    let modulus = 10_u64.pow(u32::try_from(width).unwrap());
    format!("{:0width$}", (value + by * 101_117) % modulus)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_accepted_twice_lost_or_counted_twice(
        turns in prop::collection::vec(turn(), 1..70),
    ) {
        block_on(async {
            let mut world = World::new();
            for (op, faults) in turns {
                world.faults = faults;
                world.run(op).await;
            }
            world.finish().await;
        });
    }
}
