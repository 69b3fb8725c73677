//! Numbers that were found, for what echoes them.

use zeroize::Zeroizing;

use crate::redact::run::Digit;
use crate::redact::steps;

/// For how many turns after a number its echoes are looked for, and for how many those of two digits.
const ECHO_TURNS: u64 = 16;
const NEAREST_TURNS: u64 = 3;
/// The fewest digits of an echo: within a number and its groups, right after it, and later.
pub(super) const FEWEST: usize = 4;
/// The same far from a number: four digits of it stand in any other of that length once in sixty.
const FEWEST_FAR: usize = 7;
/// The fewest digits of a group that may be an echo with a mistake in it.
const FEWEST_ALIKE: usize = 4;

/// A number that was found, and when.
pub(super) struct Known {
    values: Zeroizing<Vec<u8>>,
    /// The turn in which it began, and the one in which it was found.
    first: u64,
    turn: u64,
}

impl Known {
    pub(super) fn new(values: Zeroizing<Vec<u8>>, first: u64, turn: u64) -> Self {
        Self { values, first, turn }
    }

    /// For groups far from it.
    pub(super) fn far(values: Zeroizing<Vec<u8>>) -> Self {
        Self::new(values, 0, 0)
    }

    /// Which digits of a group far from the number are it or nearly.
    pub(super) fn echoed_far(&self, group: &[Digit]) -> Vec<bool> {
        self.echoes(group, FEWEST_FAR, FEWEST_FAR, true)
    }

    /// Whether an echo may follow in this turn.
    pub(super) fn is_near(&self, turn: u64) -> bool {
        turn.saturating_sub(self.turn) <= ECHO_TURNS
    }

    /// Whether a group is the last digits.
    fn ends_with(&self, group: &[Digit]) -> bool {
        let from = self.values.len().checked_sub(group.len());
        let last = from.and_then(|from| self.values.get(from..));
        last.is_some_and(|last| last.iter().zip(group).all(|(one, digit)| *one == digit.value))
    }

    /// Which digits of a group in this turn echo the number.
    pub(super) fn echoed(&self, group: &[Digit], turn: u64) -> Vec<bool> {
        let within = (self.first..=self.turn).contains(&turn);
        let fewest = match turn.checked_sub(self.turn) {
            _ if within => 1,
            Some(1..=NEAREST_TURNS) if self.ends_with(group) => 1,
            _ => FEWEST,
        };
        // Nobody repeats with a mistake what was not said yet.
        self.echoes(group, fewest, FEWEST, turn >= self.first)
    }

    /// Which digits of a group are the number's: `fewest` if they are all of it, or `within` in it; and with `mistaken`, all if
    /// most of them are.
    fn echoes(&self, group: &[Digit], fewest: usize, within: usize, mistaken: bool) -> Vec<bool> {
        let mut echoed = vec![false; group.len()];
        let values = self.values.as_slice();
        steps::count(group.len().saturating_mul(values.len()));
        let alike = |window: &[u8]| {
            let same = window.iter().zip(group).filter(|(value, digit)| **value == digit.value);
            same.count().saturating_mul(4) >= group.len().saturating_mul(3)
                || is_turned(window, group)
        };
        if mistaken && group.len() >= FEWEST_ALIKE && values.windows(group.len()).any(alike) {
            echoed.fill(true);
            return echoed;
        }
        for from in 0..group.len() {
            let rest = group.get(from..).unwrap_or_default();
            let longest = (0..values.len()).map(|at| {
                let values = values.get(at..).unwrap_or_default().iter().zip(rest);
                values.take_while(|(value, digit)| **value == digit.value).count()
            });
            let longest = longest.max().unwrap_or(0);
            // Few digits are an echo only as a whole group.
            if longest >= within || (longest >= fewest && longest == group.len()) {
                let echo = echoed.get_mut(from..from.saturating_add(longest));
                echo.unwrap_or_default().fill(true);
            }
        }
        echoed
    }
}

/// Whether a group is these digits but for two beside each other that changed their places.
fn is_turned(values: &[u8], group: &[Digit]) -> bool {
    let mut differ =
        values.iter().zip(group).enumerate().filter(|(_, (one, digit))| **one != digit.value);
    let (Some((at, (one, first))), Some((next, (other, second))), None) =
        (differ.next(), differ.next(), differ.next())
    else {
        return false;
    };
    next == at.saturating_add(1) && *one == second.value && *other == first.value
}
