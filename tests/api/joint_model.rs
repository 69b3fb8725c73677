//! Joint step-ups against their rules, written down a second time and far more simply: four customers, some needed,
//! answers, revocations, time and redemptions in any order.

use countersign::step_up::joint::JointOutcome;
use countersign::{Error, Policy};
use proptest::prelude::*;

use crate::joint::{Person, asked, people, redeemed};
use crate::support::depth::cases;
use crate::support::step_ups::bank_of;
use crate::support::*;

#[derive(Debug, Clone, Copy)]
enum Move {
    Approve(usize),
    Decline(usize),
    Revoke(usize),
    Wait(u64),
    AskAgain,
    Redeem(u8),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..4_usize).prop_map(Move::Approve),
        1 => (0..4_usize).prop_map(Move::Decline),
        1 => (0..4_usize).prop_map(Move::Revoke),
        1 => prop_oneof![Just(60_u64), Just(299), Just(300), Just(600)].prop_map(Move::Wait),
        1 => Just(Move::AskAgain),
        2 => (0..2_u8).prop_map(Move::Redeem),
    ];
    prop::collection::vec(one, 1..14)
}

/// What there is to know.
#[derive(Default)]
struct Model {
    approved: [bool; 4],
    revoked: [bool; 4],
    declined: [bool; 4],
    redeemed: Option<u8>,
    clock: u64,
}

impl Model {
    fn ended(&self) -> bool {
        self.declined.contains(&true) || self.redeemed.is_some() || self.clock >= 600
    }

    fn votes(&self) -> usize {
        (0..4).filter(|at| self.approved[*at] && !self.revoked[*at]).count()
    }

    fn approve(&mut self, at: usize) -> bool {
        // What was given is given, and a repeated call hears so.
        let fresh = !self.ended() && !self.revoked[at] && self.clock < 300;
        let granted = self.approved[at] || (fresh && !self.declined[at]);
        self.approved[at] = granted;
        granted
    }

    fn decline(&mut self, at: usize) -> bool {
        let granted = self.declined[at] || (!self.approved[at] && self.clock < 300);
        // After a redemption it is noted in their own record, and changes nothing any more.
        self.declined[at] = granted;
        granted
    }

    fn redeem(&mut self, key: u8, needed: usize) -> bool {
        if let Some(before) = self.redeemed {
            return before == key;
        }
        let granted = !self.ended() && self.votes() >= needed;
        if granted {
            self.redeemed = Some(key);
        }
        granted
    }
}

fn agrees<T: std::fmt::Debug>(result: Result<T, Error>, granted: bool, what: Move) {
    match result {
        Ok(_) => assert!(granted, "{what:?} was granted"),
        Err(Error::Refused(_)) => assert!(!granted, "{what:?} was refused"),
        Err(other) => panic!("{what:?}: {other:?}"),
    }
}

async fn play(needed: u8, moves: &[Move]) {
    let mut policy = Policy::default();
    policy.step_ups.per_customer = 20;
    let bank = bank_of(policy);
    let people: Vec<Person> = people(&bank, &["alice", "carol", "dave", "erin"]).await;
    let first = asked(&bank, needed, &people).await;
    let answers: Vec<_> = people.iter().map(|one| one.answer(&first)).collect();
    let (mut model, step_ups) = (Model::default(), bank.verifier.step_ups());
    for one in moves {
        match *one {
            Move::Approve(at) => {
                let (who, id) = (&people[at].customer, people[at].token(&first).step_up);
                let result = step_ups.submit(who, &id, &answers[at]).await;
                agrees(result, model.approve(at), *one);
            }
            Move::Decline(at) => {
                agrees(people[at].declines(&bank, &first).await, model.decline(at), *one)
            }
            Move::Revoke(at) => {
                let credentials = bank.verifier.credentials();
                credentials.revoke(&people[at].customer, &people[at].credential).await.unwrap();
                model.revoked[at] = true;
            }
            Move::Wait(seconds) => {
                bank.clock.advance(std::time::Duration::from_secs(seconds));
                model.clock += seconds;
            }
            Move::AskAgain => assert_eq!(asked(&bank, needed, &people).await.tokens, first.tokens),
            Move::Redeem(key) => {
                let result = redeemed(&bank, &first, &format!("k-{key}")).await;
                agrees(result, model.redeem(key, needed.into()), *one);
            }
        }
        let outcome = bank.verifier.joint_step_ups();
        let outcome = outcome.outcome(&bob_rings("call-1"), &first.step_up.id).await.unwrap();
        let wanted = match &model {
            Model { redeemed: Some(_), .. } => JointOutcome::Approved,
            model if model.declined.contains(&true) => JointOutcome::Declined,
            model if model.clock >= 600 => JointOutcome::Expired,
            model if model.votes() >= needed.into() => JointOutcome::Approved,
            model if model.clock >= 300 => JointOutcome::Expired,
            model => {
                let approved = countersign::agent_safe::Count::of(model.votes() as u8);
                JointOutcome::Waiting { approved }
            }
        };
        assert_eq!(outcome, wanted, "after {one:?} of {moves:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(48, 1000)))]

    #[test]
    fn in_any_order_it_is_redeemed_exactly_when_enough_votes_stand(
        needed in 1..=4_u8,
        moves in moves(),
    ) {
        block_on(play(needed, &moves));
    }
}
