//! Random sequences of everything that can happen to credentials and step-ups, with faults at every
//! store call, clock jumps both ways, rotations and restarts, against the rules written a second time.
//! What must never happen, never does: two acceptances of one step or counter, an approval without a
//! correct code, a failure lost or counted twice, a correct code counted as a failure.

mod acts;
mod ops;

use std::collections::HashSet;
use std::time::Duration;

use countersign::credential::{CredentialStatus, Method};
use countersign::history::{Action, HistoryEvent, Outcome, Subject};
use countersign::otp::{Algorithm, Digits};
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::{DeclineReason, StepUpOutcome};
use countersign::store::Fault;
use countersign::time::Clock;
use countersign::{Error, Keyring, Policy, Timestamp, Verifier};
use proptest::prelude::*;

use self::ops::{Faults, Op, turn};
use crate::support::depth::cases;
use crate::support::step_up_rules::{Asked, Held, Phase, TO_DISABLE};
use crate::support::step_ups::{limits_alone, signing};
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
    /// When step-ups were asked for, as the agent's limit counts them, and as the customer's does.
    counted: [Vec<(u64, u64)>; 2],
    /// A call whose answer was lost was not repeated.
    gave_up: bool,
    /// Of which credentials a block was announced.
    warned: HashSet<Subject>,
    requests: usize,
    /// Wrong digits in a row, and which were wrong for what; whether prompts are held off.
    mismatches: u32,
    mistyped: HashSet<(usize, String)>,
    held_off: bool,
    sent: Vec<String>,
    faults: Faults,
}

impl World {
    fn new() -> Self {
        let mut policy = Policy::default();
        policy.credentials.failures_to_disable = TO_DISABLE as u8;
        policy.step_ups.per_customer = MOST_REQUESTS as u8;
        policy.step_ups.per_agent = MOST_REQUESTS as u8;
        policy.step_ups.payment_methods = vec![Method::Ocra, Method::Delivered];
        policy.step_ups.other_methods = METHODS.to_vec();
        let mut world = Self {
            bank: bank_with(limits_alone(policy)),
            keyring: keyring().to_bytes().to_vec(),
            seed: 10,
            held: Vec::new(),
            asked: Vec::new(),
            counted: [Vec::new(), Vec::new()],
            gave_up: false,
            warned: HashSet::new(),
            requests: 0,
            mismatches: 0,
            mistyped: HashSet::new(),
            held_off: false,
            sent: Vec::new(),
            faults: Vec::new(),
        };
        world.restart(5);
        world
    }

    fn restart(&mut self, to_lock: u8) {
        self.seed += 1;
        let keyring = Keyring::from_bytes(&self.keyring).unwrap();
        let Bank { store, clock, seen, verifier } = &self.bank;
        let mut policy = verifier.policy().clone();
        policy.credentials.failures_to_lock = to_lock;
        for held in &mut self.held {
            held.to_lock = to_lock.into();
        }
        let builder = part(keyring, store, clock, seen, self.seed).policy(policy);
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

    /// One call with this turn's faults; `None` if it was not said what became of it.
    async fn once<T>(&self, call: impl AsyncFn() -> Result<T, Error>) -> Option<Option<T>> {
        for (calls, fault) in &self.faults {
            self.bank.store.plan(*calls, Fault::ALL[*fault]);
        }
        let result = call().await;
        self.bank.store.heal();
        match result {
            Err(Error::Store(_) | Error::Record(_)) => None,
            Err(Error::Refused(_)) => Some(None),
            Ok(value) => Some(Some(value)),
            Err(other) => panic!("{other:?}"),
        }
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
            Op::Request { held, named } if held < self.held.len() => {
                self.request(held, named).await;
            }
            Op::Submit { of, code, once } if of < self.asked.len() => {
                let Some(code) = self.pick(of, &code) else { return };
                self.submit(of, code, once).await;
            }
            Op::Confirm { held, code } if held < self.held.len() => self.confirm(held, code).await,
            Op::Resync { held, off } if held < self.held.len() => self.resync(held, off).await,
            Op::Decline { of } if of < self.asked.len() => {
                let id = self.asked[of].id;
                let result = self.settled(async || {
                    self.bank().step_ups().decline(&alice(), &id, DeclineReason::ChangedMind).await
                });
                let done = result.await.is_some();
                let asked = &mut self.asked[of];
                let open = asked.open(clock);
                assert_eq!(done, open || asked.phase == Phase::Declined);
                if open {
                    (asked.updated, asked.phase) = (asked.now(clock), Phase::Declined);
                }
            }
            Op::Mistype { of, by } if of < self.asked.len() => self.mistype(of, by).await,
            Op::NotMe { of } if of < self.asked.len() => self.not_me(of).await,
            Op::Resume => {
                let shown = self.bank().step_ups().prompts(&alice()).await.unwrap();
                let number = shown.number;
                let call = async || self.bank().step_ups().resume_prompts(&alice(), number).await;
                let resumed = self.settled(call).await.unwrap();
                assert_eq!((resumed.mismatches, resumed.held_since), (0, None));
                (self.mismatches, self.held_off) = (0, false);
                self.counted[1].clear();
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
                self.restart(self.bank().policy().credentials.failures_to_lock);
            }
            Op::Restart { to_lock } => self.restart(to_lock),
            _ => {}
        }
        self.heard();
    }

    /// Nobody is blocked without the observer having been told before to alert them.
    fn heard(&mut self) {
        for event in self.bank.seen.take() {
            match event.action {
                Action::WarnOfBlock => {
                    self.warned.insert(event.subject);
                }
                Action::Disable if !self.gave_up => {
                    assert!(self.warned.contains(&event.subject), "disabled without a warning");
                }
                _ => {}
            }
        }
    }

    /// What is on record of a credential is what the rules say.
    async fn compare(&self, at: usize) {
        let held = &self.held[at];
        let accepted = held.accepted_on_record;
        assert_eq!(self.on_record(at).await, (held.refusals, accepted), "lost, or counted twice");
        let listed = self.bank().credentials().list(&alice(), Page::first()).await.unwrap();
        let shown = listed.items.iter().find(|one| one.id == held.id).unwrap();
        assert_eq!(shown.status, held.status(self.clock()));
        assert_eq!(shown.since.map(Timestamp::unix), held.since);
    }

    /// How many refusals and accepted codes are on record of a credential.
    async fn on_record(&self, at: usize) -> (u32, usize) {
        let subject = Subject::Credential(self.held[at].id);
        let history = histories(self.bank(), |of| *of == subject).await.remove(0);
        let accepted = |e: &&HistoryEvent| e.action == Action::Verify && e.outcome == Outcome::Done;
        (history.refusals, history.events.iter().filter(accepted).count())
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

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(48, 192), ..ProptestConfig::default() })]

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
