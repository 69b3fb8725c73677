//! Random sequences of requests, codes, clock jumps, rotations, restarts and store faults: what must
//! never happen, never does.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use countersign::otp::ocra::Response;
use countersign::otp::{Algorithm, Digits, OtpSeed, Totp};
use countersign::store::Fault;
use countersign::token::SigningKey;
use countersign::{
    Action, Clock, CredentialStatus, Enrolment, Error, Import, Keyring, Method, Outcome, Page,
    Policy, StepUp, StepUpId, StepUpOutcome, StepUpRequest, Transaction, TransactionKind, Verifier,
};
use proptest::prelude::*;

use crate::support::*;

#[derive(Debug, Clone)]
enum Op {
    Request {
        totp: bool,
    },
    Right {
        of: usize,
    },
    Wrong {
        of: usize,
        by: u32,
    },
    /// The last right code of another step-up.
    Borrowed {
        of: usize,
    },
    Clock {
        seconds: i64,
    },
    Rotate,
    Restart,
    Fault {
        calls: usize,
        fault: usize,
    },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => any::<bool>().prop_map(|totp| Op::Request { totp }),
        6 => (0..6_usize).prop_map(|of| Op::Right { of }),
        5 => (0..6_usize, 1..9_u32).prop_map(|(of, by)| Op::Wrong { of, by }),
        3 => (0..6_usize).prop_map(|of| Op::Borrowed { of }),
        3 => (-200..400_i64).prop_map(|seconds| Op::Clock { seconds }),
        1 => Just(Op::Clock { seconds: 7200 }),
        1 => Just(Op::Rotate),
        1 => Just(Op::Restart),
        5 => (0..8_usize, 0..Fault::ALL.len()).prop_map(|(calls, fault)| Op::Fault { calls, fault }),
    ]
}

struct World {
    bank: Bank,
    keyring: Vec<u8>,
    seed: u64,
    totp: Totp,
    /// Each step-up, and whether it is answered by TOTP.
    asked: Vec<(StepUpId, bool)>,
    /// Every right code that was ever sent, and for what.
    sent: HashSet<StepUpId>,
    /// For which step-up a time step's code was accepted.
    steps: HashMap<String, StepUpId>,
    /// Wrong codes that were evaluated already.
    counted: HashSet<(StepUpId, String)>,
    last: Option<(StepUpId, String)>,
}

impl World {
    async fn new() -> Self {
        let mut policy = Policy::default();
        policy.step_ups.per_customer = 20;
        policy.step_ups.payment_methods = vec![Method::Delivered];
        let bank = bank_with(policy);
        let seed = || OtpSeed::from_bytes(&[7; 20]).unwrap();
        let totp = Totp::new(&seed(), Algorithm::Sha1, Digits::SIX, Totp::THIRTY_SECONDS);
        let mut world = Self {
            bank,
            keyring: keyring().to_bytes().to_vec(),
            seed: 10,
            totp,
            asked: Vec::new(),
            sent: HashSet::new(),
            steps: HashMap::new(),
            counted: HashSet::new(),
            last: None,
        };
        world.restart();
        let credentials = world.bank.verifier.credentials();
        credentials.import(&alice(), &Import::totp(request("fob"), seed())).await.unwrap();
        let sms = Enrolment::delivered(request("sms"));
        let given = credentials.enrol(&alice(), &sms).await.unwrap();
        let code = given.code_to_deliver().unwrap().expose().parse().unwrap();
        credentials.confirm(&alice(), &given.credential.id, &code).await.unwrap();
        world
    }

    fn restart(&mut self) {
        self.seed += 1;
        let keyring = Keyring::from_bytes(&self.keyring).unwrap();
        let Bank { store, clock, seen, verifier } = &self.bank;
        let builder =
            part(keyring, store, clock, seen, self.seed).policy(verifier.policy().clone());
        let signing = SigningKey::from_seed(&[5; 32]).unwrap();
        self.bank.verifier = builder.signing_key(signing).build().unwrap();
    }

    fn verifier(&self) -> &Verifier {
        &self.bank.verifier
    }

    /// Failures and acceptances on record of the credential of this kind, and its last change.
    async fn record(&self, totp: bool) -> (u32, usize, u64) {
        let history = histories(self.verifier(), a_credential).await;
        let begun = if totp { Action::Import } else { Action::Enrol };
        let one = history.iter().find(|one| one.events[0].action == begun).unwrap();
        let accepted = one
            .events
            .iter()
            .filter(|event| event.action == Action::Verify && event.outcome == Outcome::Done);
        (one.refusals, accepted.count(), one.events.last().unwrap().at.unix())
    }

    async fn active(&self, totp: bool) -> bool {
        let listed = self.verifier().credentials().list(&alice(), Page::first()).await.unwrap();
        let method = if totp { Method::Totp } else { Method::Delivered };
        let held = listed.items.iter().find(|one| one.method == method).unwrap();
        held.status == CredentialStatus::Active
    }

    async fn outcome(&self, id: &StepUpId) -> StepUpOutcome {
        self.verifier().step_ups().outcome(&bob_rings("call-1"), id).await.unwrap()
    }

    /// The right code now, if there is one to be had.
    async fn right(&self, id: &StepUpId, totp: bool) -> Option<String> {
        if totp {
            let now = self.bank.clock.now().unwrap().unix().max(self.record(true).await.2);
            return Some(self.totp.generate(now).expose().to_owned());
        }
        let message = self.verifier().step_ups().delivery(&alice(), id).await.ok()?.message();
        Some(message[..8].to_owned())
    }

    /// Sends a code, again until the store says what became of it.
    async fn send(&self, id: &StepUpId, code: &str) -> Result<StepUp, Error> {
        let response: Response = code.parse().unwrap();
        for _ in 0..12 {
            match self.verifier().step_ups().submit(&alice(), id, &response).await {
                Err(Error::Store(_) | Error::Record(_)) => {}
                settled => {
                    self.bank.store.heal();
                    return settled;
                }
            }
        }
        panic!("the planned faults are used up by now")
    }

    async fn submit(&mut self, id: StepUpId, totp: bool, code: String, right: bool) {
        // Looked at without the faults, which are for the call itself: planned after this.
        let before = self.record(totp).await;
        let open = self.outcome(&id).await == StepUpOutcome::Waiting;
        let active = self.active(totp).await;
        if right {
            self.sent.insert(id);
        }
        self.plan();
        let result = self.send(&id, &code).await;
        let after = self.record(totp).await;
        let failures = after.0 - before.0;
        match &result {
            Ok(_) => {
                assert!(right, "approved without a right code");
                assert_eq!(failures, 0, "a right code was counted as a failure");
                if totp {
                    let step = self.steps.entry(code.clone()).or_insert(id);
                    assert_eq!(*step, id, "a step was accepted twice");
                }
                self.last = Some((id, code));
            }
            Err(Error::Refused(_)) if right => assert_eq!(failures, 0, "counted though right"),
            Err(Error::Refused(_)) => {
                let fresh = !self.counted.contains(&(id, code.clone()));
                assert_eq!(failures, u32::from(open && active && fresh), "lost or counted twice");
                if open && active {
                    self.counted.insert((id, code));
                }
            }
            Err(other) => panic!("{other:?}"),
        }
        assert!(after.1 - before.1 <= 1);
        if result.is_ok() && after.1 > before.1 {
            // A right code ends the streak, and what was remembered of it.
            let asked = &self.asked;
            let kind = |of: &StepUpId| asked.iter().any(|(id, is)| id == of && *is == totp);
            self.counted.retain(|(of, _)| !kind(of));
        }
    }

    fn plan(&mut self) {
        for (calls, fault) in PLANNED.with_borrow_mut(std::mem::take) {
            self.bank.store.plan(calls, fault);
        }
    }

    async fn run(&mut self, op: Op) {
        match op {
            Op::Request { totp } => {
                let kind = if totp { TransactionKind::Change } else { TransactionKind::Transfer };
                let n = self.asked.len();
                let (payee, reference) =
                    ("Jones".parse().unwrap(), format!("{n}").parse().unwrap());
                let gbp = "GBP".parse().unwrap();
                let transaction = Transaction::new(kind, 500_000, gbp, payee, reference);
                let id = request(&format!("s-{n}"));
                let asking = StepUpRequest::new(id, transaction, "Bob".parse().unwrap());
                let call = bob_rings("call-1");
                match self.verifier().step_ups().request(&call, &asking).await {
                    Ok(requested) => self.asked.push((requested.step_up.id, totp)),
                    Err(Error::Refused(_)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            Op::Right { of } => {
                let Some(&(id, totp)) = self.asked.get(of) else { return };
                let Some(code) = self.right(&id, totp).await else { return };
                self.submit(id, totp, code, true).await;
            }
            Op::Wrong { of, by } => {
                let Some(&(id, totp)) = self.asked.get(of) else { return };
                let Some(right) = self.right(&id, totp).await else { return };
                let value: u64 = right.parse().unwrap();
                let (modulus, width) = if totp { (1_000_000, 6) } else { (100_000_000, 8) };
                // Far from the right one; that it be a neighbouring step's is ruled out for TOTP.
                let code = format!("{:0width$}", (value + u64::from(by) * 101_117) % modulus);
                let now = self.bank.clock.now().unwrap().unix().max(self.record(totp).await.2);
                let near = |n: u64| self.totp.generate(now + 30 * n - 300).expose() == code;
                if totp && (0..20).any(near) {
                    return;
                }
                self.submit(id, totp, code, false).await;
            }
            Op::Borrowed { of } => {
                let Some(&(id, totp)) = self.asked.get(of) else { return };
                let Some((from, code)) = self.last.clone() else { return };
                let right = self.right(&id, totp).await.is_some_and(|right| right == code);
                // A used TOTP code may be a replay or, once it is old, simply wrong.
                if from == id || totp || right {
                    return;
                }
                self.submit(id, totp, code, false).await;
            }
            Op::Clock { seconds } => {
                let now = self.bank.clock.now().unwrap();
                let by = Duration::from_secs(seconds.unsigned_abs());
                let then = if seconds < 0 { now.before(by) } else { now.after(by) };
                self.bank.clock.set(then);
            }
            Op::Rotate => {
                let mut keyring = Keyring::from_bytes(&self.keyring).unwrap();
                keyring.rotate(&countersign::SeededRandom::new(self.seed)).unwrap();
                self.keyring = keyring.to_bytes().to_vec();
                self.restart();
            }
            Op::Restart => self.restart(),
            Op::Fault { calls, fault } => {
                PLANNED.with_borrow_mut(|all| all.push((calls, Fault::ALL[fault])));
            }
        }
    }
}

thread_local! {
    /// Faults for the next submission.
    static PLANNED: std::cell::RefCell<Vec<(usize, Fault)>> = const { std::cell::RefCell::new(Vec::new()) };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_accepted_twice_lost_or_counted_twice(ops in prop::collection::vec(op(), 1..50)) {
        PLANNED.with_borrow_mut(Vec::clear);
        block_on(async {
            let mut world = World::new().await;
            for op in ops {
                world.run(op).await;
            }
            for (id, _) in &world.asked {
                let approved = matches!(world.outcome(id).await, StepUpOutcome::Approved(_));
                assert!(!approved || world.sent.contains(id), "approved, but by whom?");
            }
        });
    }
}
