//! Every order of moves, breadth first, each state once.

use std::collections::{BTreeSet, VecDeque};

use crate::depth::either;
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

/// Looks at all that can happen within so many moves after those of `first`.
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
            let mut next = world.copied();
            let deceit = next.make(step);
            outcome.refused += usize::from(next.facts.refused > world.facts.refused);
            let path: Vec<Move> = path.iter().copied().chain([step]).collect();
            if let Some(deceit) = deceit {
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
