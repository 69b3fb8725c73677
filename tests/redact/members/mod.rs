//! Other members of each kind that redaction has to find, or to leave: drawn from a seed, with other words, names, layouts
//! and lines than those that the rest of these tests has.
//!
//! `COUNTERSIGN_SEED` draws others; without it each run draws the same.

pub(crate) mod calls;
pub(crate) mod layouts;
pub(crate) mod lines;
pub(crate) mod named;
pub(crate) mod numerals;
pub(crate) mod parted;
pub(crate) mod tongues;

use crate::depth::either;
use crate::numbers::{Drawn, SCHEMES, with_check_digit};

/// The seed that is drawn from, with one of its own for each test.
pub(crate) fn seed(own: u64) -> u64 {
    let seed = std::env::var("COUNTERSIGN_SEED").ok();
    let seed = seed.map_or(0, |seed| seed.parse::<u64>().unwrap());
    seed.wrapping_mul(1_000_003).wrapping_add(own)
}

/// A number of any scheme with one of the lengths for which `is` holds.
pub(crate) fn card(drawn: &mut Drawn, is: impl Fn(usize) -> bool) -> String {
    loop {
        let (_, ranges) = SCHEMES[drawn.below(SCHEMES.len())];
        let (from, to, lengths) = ranges[drawn.below(ranges.len())];
        let length = lengths[drawn.below(lengths.len())];
        if !is(length) {
            continue;
        }
        let mut digits = (from + drawn.next() % (to - from + 1)).to_string();
        while digits.len() + 1 < length {
            digits.push(char::from(b'0' + u8::try_from(drawn.below(10)).unwrap()));
        }
        return with_check_digit(digits);
    }
}

/// Of 14 to 16 digits.
pub(crate) fn usual(drawn: &mut Drawn) -> String {
    card(drawn, |length| (14..=16).contains(&length))
}

/// What was found of a kind.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) all: usize,
    pub(crate) found: usize,
    pub(crate) missed: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, found: bool, what: impl FnOnce() -> String) {
        self.all += 1;
        if found {
            self.found += 1;
        } else if self.missed.len() < 3 {
            self.missed.push(what());
        }
    }
}

/// Prints a figure.
#[expect(clippy::print_stdout, reason = "the figures are what is wanted")]
pub(crate) fn tell(line: &str) {
    println!("{line}");
}

/// Fails if fewer are found than so many in a thousand, and prints the figures.
pub(crate) fn at_least(rows: &[(String, Tally)], thousandths: usize) {
    let mut wrong = String::new();
    for (name, tally) in rows {
        let line = format!("{name}: {} of {}", tally.found, tally.all);
        tell(&line);
        // One of the few of a quick run is chance.
        if (tally.found + either(1, 0)) * 1000 < tally.all * thousandths {
            wrong += &format!("{line}\n    {}\n", tally.missed.join("\n    "));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
