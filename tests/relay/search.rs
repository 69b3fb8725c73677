//! Every order of moves, breadth first, each state once.

use std::collections::{BTreeSet, VecDeque};

use crate::moves::{Deceit, Move};
use crate::world::{Rules, World};

/// How many moves deep. The longest way to a deceit takes six, that to the code of a replaced appointment seven; an eighth
/// move finds nothing more.
const DEPTH: usize = 7;

/// What was found: each deceit with the shortest way to it.
#[derive(Debug)]
pub struct Outcome {
    pub states: usize,
    pub moves: usize,
    pub found: Vec<(Deceit, Vec<Move>)>,
}

impl Outcome {
    pub fn deceits(&self) -> BTreeSet<Deceit> {
        self.found.iter().map(|(deceit, _)| *deceit).collect()
    }
}

pub fn search(rules: Rules) -> Outcome {
    let start = World::new(rules);
    let mut seen = BTreeSet::from([start.facts.clone()]);
    let mut waiting = VecDeque::from([(start, Vec::new())]);
    let mut outcome = Outcome { states: 1, moves: 0, found: Vec::new() };
    while let Some((world, path)) = waiting.pop_front() {
        for step in world.moves() {
            outcome.moves += 1;
            let mut next = world.copied();
            let deceit = next.make(step);
            let path: Vec<Move> = path.iter().copied().chain([step]).collect();
            if let Some(deceit) = deceit {
                if !outcome.deceits().contains(&deceit) {
                    outcome.found.push((deceit, path));
                }
                // Deceived once is enough.
                continue;
            }
            if path.len() < DEPTH && seen.insert(next.facts.clone()) {
                outcome.states += 1;
                waiting.push_back((next, path));
            }
        }
    }
    outcome
}
