//! Every order of moves, breadth first, each state once.

use std::collections::{BTreeSet, VecDeque};

use crate::depth::{either, is_full};
use crate::moves::{Deceit, Move};
use crate::world::{Rules, World};

/// How many moves deep. The longest way to a deceit takes six, which is what a quick run looks at; that to the code
/// of a replaced appointment takes seven.
pub fn deepest() -> usize {
    either(6, 7)
}

/// What was found: each deceit with the shortest way to it.
#[derive(Debug)]
pub struct Outcome {
    pub states: usize,
    pub moves: usize,
    /// In how many moves the enterprise refused what a phone that is offline took for genuine.
    pub refused: usize,
    pub found: Vec<(Deceit, Vec<Move>)>,
}

impl Outcome {
    pub fn deceits(&self) -> BTreeSet<Deceit> {
        self.found.iter().map(|(deceit, _)| *deceit).collect()
    }
}

impl Move {
    /// Whether Alice, or Carol, can be deceived by it: what only prepares for others deceives nobody.
    pub const fn may_deceive(self) -> bool {
        match self {
            Self::Present(..)
            | Self::Say { .. }
            | Self::Ask(_)
            | Self::Tell { .. }
            | Self::AskBoth(_)
            | Self::Persuade(_) => true,
            Self::Arrange(_)
            | Self::Reassign
            | Self::Revoke
            | Self::Forward
            | Self::Call(_)
            | Self::Deceive(_)
            | Self::HangUp
            | Self::NotMe(_)
            | Self::Resume => false,
        }
    }
}

/// Looks at all that can happen within so many moves after those of `first`. A quick run ends each way with a move that
/// may deceive: nothing comes after any other.
pub fn search(rules: Rules, first: &[Move], depth: usize) -> Outcome {
    let mut start = World::new(rules);
    for step in first {
        assert!(start.moves().contains(step), "{step:?} can be made");
        assert_eq!(start.make(*step), None);
        start = start.copied();
    }
    let mut seen = BTreeSet::from([start.facts.clone()]);
    let mut waiting = VecDeque::from([(start, Vec::new())]);
    let mut outcome = Outcome { states: 1, moves: 0, refused: 0, found: Vec::new() };
    while let Some((world, path)) = waiting.pop_front() {
        for step in world.moves() {
            outcome.moves += 1;
            let is_last = path.len() + 1 == depth;
            if is_last && !is_full() && !step.may_deceive() {
                continue;
            }
            let mut next = world.copied();
            let deceit = next.make(step);
            outcome.refused += usize::from(next.facts.refused > world.facts.refused);
            let path: Vec<Move> = path.iter().copied().chain([step]).collect();
            if let Some(deceit) = deceit {
                assert!(step.may_deceive(), "{step:?}");
                if !outcome.deceits().contains(&deceit) {
                    outcome.found.push((deceit, path));
                }
                // Deceived once is enough.
                continue;
            }
            if path.len() < depth && seen.insert(next.facts.clone()) {
                outcome.states += 1;
                waiting.push_back((next, path));
            }
        }
    }
    outcome
}
