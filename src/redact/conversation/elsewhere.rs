//! What repeats a number elsewhere in a document, as in another list of the same words.

use zeroize::{Zeroize, Zeroizing};

use crate::redact::conversation::heard::{Heard, Hearing};
use crate::redact::conversation::known::Known;
use crate::redact::edit::Edit;
use crate::redact::run::Digit;
use crate::redact::{Options, edits, steps};

/// The fewest digits of a group that may repeat a number.
const FEWEST: usize = 8;
/// The most numbers of a document whose parts are looked for, and what nearly repeats them. Of more, what is the same in
/// [`FEWEST`] digits: each of hundreds in part is found nearly everywhere.
const MOST_IN_PART: usize = 64;

/// The numbers of a document.
pub(in crate::redact) struct Elsewhere {
    few: Vec<Known>,
    /// Whatever [`FEWEST`] digits stand in them beside each other, in order.
    many: Zeroizing<Vec<[u8; FEWEST]>>,
}

impl Elsewhere {
    pub(in crate::redact) fn new(mut numbers: Vec<Zeroizing<Vec<u8>>>) -> Self {
        steps::count(numbers.len());
        numbers.sort_unstable_by(|one, other| one.as_slice().cmp(other.as_slice()));
        numbers.dedup();
        let mut many = Zeroizing::new(Vec::new());
        if numbers.len() <= MOST_IN_PART {
            return Self { few: numbers.into_iter().map(Known::far).collect(), many };
        }
        let room = numbers.iter().map(|number| number.len()).sum();
        many.reserve_exact(room);
        let windows = numbers.iter().flat_map(|number| number.windows(FEWEST));
        many.extend(windows.filter_map(|window| <[u8; FEWEST]>::try_from(window).ok()));
        many.sort_unstable();
        Self { few: Vec::new(), many }
    }

    /// What in `text` repeats one of the numbers, or nearly.
    pub(in crate::redact) fn repeated(&self, options: &Options, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        if self.few.is_empty() && self.many.is_empty() {
            return edits;
        }
        let (lexicon, spoken, mask) = options.reading();
        for heard in (Hearing { lexicon: &lexicon, spoken, mask, of_cards: true }).text(text) {
            let Heard::Digits(mut group, _) = heard else { continue };
            if group.len() >= FEWEST {
                for number in &self.few {
                    let echoed = number.echoed_far(&group);
                    edits::cover(&group, |at| echoed.get(at) == Some(&true), &mut edits);
                }
                if !self.many.is_empty() {
                    let same = self.same(&group);
                    edits::cover(&group, |at| same.get(at) == Some(&true), &mut edits);
                }
            }
            group.zeroize();
        }
        edits
    }

    /// Which digits of a group stand in a number with those beside them.
    fn same(&self, group: &[Digit]) -> Vec<bool> {
        let mut same = vec![false; group.len()];
        let mut values = Zeroizing::new([0; FEWEST]);
        for (from, window) in group.windows(FEWEST).enumerate() {
            values.iter_mut().zip(window).for_each(|(value, digit)| *value = digit.value);
            steps::count(FEWEST);
            if self.many.binary_search(&values).is_ok() {
                let same = same.get_mut(from..from.saturating_add(FEWEST));
                same.unwrap_or_default().fill(true);
            }
        }
        same
    }
}
