//! What may happen, drawn at random.

use countersign::store::Fault;
use proptest::prelude::*;

#[derive(Debug, Clone)]
pub enum Op {
    Enrol {
        method: usize,
        algorithm: usize,
        digits: u8,
        imported: bool,
        wrong_first: bool,
    },
    /// By the method of `held` and no other, or by the best for what that may approve.
    Request {
        held: usize,
        named: bool,
    },
    Submit {
        of: usize,
        code: Pick,
        once: bool,
    },
    Confirm {
        held: usize,
        code: Pick,
    },
    Resync {
        held: usize,
        off: i128,
    },
    Decline {
        of: usize,
    },
    /// The customer types other digits than the agent's, with the right code.
    Mistype {
        of: usize,
        by: u64,
    },
    /// "That was not me."
    NotMe {
        of: usize,
    },
    Resume,
    Redeem {
        of: usize,
        key: u8,
        changed: Option<bool>,
    },
    Revoke {
        held: usize,
    },
    Unlock {
        held: usize,
    },
    Clock {
        seconds: i64,
    },
    Rotate,
    Restart {
        to_lock: u8,
    },
}

/// Which code is sent.
#[derive(Debug, Clone)]
pub enum Pick {
    /// The right one, or so many steps or counters beside it.
    Right { duress: bool, beside: i128 },
    /// The right one with this added.
    Wrong(u64),
    /// One that was sent before, whatever for.
    Used(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let pick = prop_oneof![
        6 => (any::<bool>(), prop_oneof![4 => Just(0), 1 => -8..14_i128])
            .prop_map(|(duress, beside)| Pick::Right { duress, beside }),
        4 => (1..5_u64).prop_map(Pick::Wrong),
        2 => (0..20_usize).prop_map(Pick::Used),
    ];
    let some = 0..6_usize;
    prop_oneof![
        3 => (0..4_usize, 0..3_usize, 6..9_u8, any::<bool>(), any::<bool>()).prop_map(
            |(method, algorithm, digits, imported, wrong_first)| Op::Enrol {
                method, algorithm, digits, imported, wrong_first
            }),
        6 => (some.clone(), prop::bool::weighted(0.7))
            .prop_map(|(held, named)| Op::Request { held, named }),
        14 => (some.clone(), pick.clone(), prop::bool::weighted(0.15))
            .prop_map(|(of, code, once)| Op::Submit { of, code, once }),
        2 => (some.clone(), pick).prop_map(|(held, code)| Op::Confirm { held, code }),
        1 => (some.clone(), -40..60_i128).prop_map(|(held, off)| Op::Resync { held, off }),
        1 => some.clone().prop_map(|of| Op::Decline { of }),
        4 => (some.clone(), 1..5_u64).prop_map(|(of, by)| Op::Mistype { of, by }),
        1 => some.clone().prop_map(|of| Op::NotMe { of }),
        1 => Just(Op::Resume),
        4 => (some.clone(), 0..2_u8, prop::option::weighted(0.2, any::<bool>()))
            .prop_map(|(of, key, changed)| Op::Redeem { of, key, changed }),
        1 => some.clone().prop_map(|held| Op::Revoke { held }),
        1 => some.prop_map(|held| Op::Unlock { held }),
        3 => (-200..400_i64).prop_map(|seconds| Op::Clock { seconds }),
        1 => (1800..7200_i64).prop_map(|seconds| Op::Clock { seconds }),
        1 => Just(Op::Rotate),
        1 => (3..6_u8).prop_map(|to_lock| Op::Restart { to_lock }),
    ]
}

/// Faults of a turn: after how many store calls, and which.
pub type Faults = Vec<(usize, usize)>;

pub fn turn() -> impl Strategy<Value = (Op, Faults)> {
    (op(), prop::collection::vec((0..12_usize, 0..Fault::ALL.len()), 0..3))
}
