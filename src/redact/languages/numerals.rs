//! Number words of many languages, and putting them together: "neununddreißig", "quatre-vingt-dix-sept".
//!
//! Words stand here as they are read once they are [folded](fold): lower case, without accents. Seven languages and
//! English have their numbers up to 99; of others there are the ten digits.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::redact::languages::{ALL, Language, OTHERS, Order};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// A piece of a number in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Atom {
    /// 0 to 9.
    Unit(u8),
    /// 10 to 19.
    Teen(u8),
    /// 20 to 90, by its first digit.
    Tens(u8),
    /// "And" between tens and units, or something else that may stand between digits.
    Link,
    /// The next digit counts so often.
    Repeat(u8),
}

/// All languages: those with all their numbers, and those of which there are the digits.
fn all() -> impl Iterator<Item = &'static Language> {
    ALL.iter().chain(OTHERS)
}

/// The longest text that is taken apart into words without spaces between them, in characters.
const LONGEST_WORD: usize = 96;

/// A set of languages, as bits.
type Languages = u64;

/// What the beginning of a word is, or all of it.
#[derive(Default)]
struct Entry {
    /// What it is by itself, and in which languages.
    meanings: Vec<(usize, Atom)>,
    /// Those of them in which it is a number, and in which it may stand between two.
    numbers: Languages,
    links: Languages,
}

/// All words, and all that words begin with.
struct Index {
    words: HashMap<String, Entry>,
    longest: usize,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut words = HashMap::<String, Entry>::new();
    let mut longest = 0;
    let mut add = |language: usize, spellings: &str, atom: Atom| {
        for spelling in spellings.split('|') {
            let mut folded = String::new();
            spelling.chars().for_each(|c| fold(c, &mut folded));
            for (end, _) in folded.char_indices() {
                words.entry(folded.get(..end).unwrap_or_default().to_owned()).or_default();
            }
            longest = longest.max(folded.chars().count());
            let entry = words.entry(folded).or_default();
            if entry.meanings.iter().any(|(of, _)| *of == language) {
                continue;
            }
            entry.meanings.push((language, atom));
            let set = if atom == Atom::Link { &mut entry.links } else { &mut entry.numbers };
            *set |= bit(language);
        }
    };
    for (language, of) in all().enumerate() {
        let numbered = |words: &'static str| (0_u8..).zip(words.split_whitespace());
        for (_, word) in numbered(of.sighs) {
            add(language, word, Atom::Unit(0));
        }
        for (value, word) in numbered(of.units) {
            add(language, word, Atom::Unit(value));
        }
        for (value, word) in numbered(of.teens) {
            add(language, word, Atom::Teen(value.saturating_add(10)));
        }
        for (value, word) in numbered(of.tens) {
            add(language, word, Atom::Tens(value.saturating_add(2)));
        }
        for (_, word) in numbered(of.links) {
            add(language, word, Atom::Link);
        }
        for (value, word) in numbered(of.repeats) {
            add(language, word, Atom::Repeat(value.saturating_add(2)));
        }
    }
    Index { words, longest }
});

fn bit(language: usize) -> Languages {
    u32::try_from(language).ok().and_then(|language| 1_u64.checked_shl(language)).unwrap_or(0)
}

/// How many languages there are.
pub(in crate::redact) const fn languages() -> usize {
    ALL.len().saturating_add(OTHERS.len())
}

/// Appends `c` as words are compared: in lower case, its compatible decomposition without marks, letters with strokes as
/// those without.
pub(in crate::redact) fn fold(c: char, to: &mut String) {
    if c.is_ascii() {
        to.push(c.to_ascii_lowercase());
        return;
    }
    unicode_normalization::char::decompose_compatible(c, |part| {
        for part in part.to_lowercase() {
            match part {
                'ß' => to.push_str("ss"),
                'ı' => to.push('i'),
                'ł' => to.push('l'),
                'ø' => to.push('o'),
                'đ' | 'ð' => to.push('d'),
                'æ' => to.push_str("ae"),
                'œ' => to.push_str("oe"),
                _ if part.general_category_group() == GeneralCategoryGroup::Mark => {}
                _ => to.push(part),
            }
        }
    });
}

/// What a folded word is in `language`: one piece of a number, or several written together.
pub(in crate::redact) fn atoms(word: &str, language: usize) -> Option<Vec<Atom>> {
    let index = &*INDEX;
    let of = |word: &str| {
        let meanings = &index.words.get(word)?.meanings;
        meanings.iter().find(|(of, _)| *of == language).map(|(_, atom)| *atom)
    };
    if let Some(atom) = of(word) {
        return Some(vec![atom]);
    }
    let bounds: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    if bounds.len() < 5 || bounds.len() > LONGEST_WORD {
        return None;
    }
    // For each place in the word the piece that ends there, of the ways to take the word apart the one with the longest
    // pieces.
    let mut ends: Vec<Option<(usize, Atom)>> = vec![None; bounds.len()];
    for to in 1..bounds.len() {
        let shortest = to.saturating_sub(index.longest);
        let piece = (shortest..to).find_map(|from| {
            let begins = from == 0 || ends.get(from).is_some_and(Option::is_some);
            let text = word.get(*bounds.get(from)?..*bounds.get(to)?)?;
            of(text).filter(|_| begins).map(|atom| (from, atom))
        });
        if let Some(end) = ends.get_mut(to) {
            *end = piece;
        }
    }
    let mut atoms = Vec::new();
    let mut at = bounds.len().saturating_sub(1);
    while at > 0 {
        let (from, atom) = (*ends.get(at)?)?;
        atoms.push(atom);
        at = from;
    }
    atoms.reverse();
    Some(atoms)
}

/// In which languages a folded word is a number, or several written together (`true`), or may stand between two.
pub(in crate::redact) fn languages_of(word: &str, mut each: impl FnMut(usize, bool)) {
    let index = &*INDEX;
    let whole = index.words.get(word);
    let mut numbers = whole.map_or(0, |entry| entry.numbers);
    let links = whole.map_or(0, |entry| entry.links);
    if numbers | links == 0 && word.len() <= 4 * LONGEST_WORD {
        numbers = taken_apart(index, word);
    }
    for language in 0..languages() {
        let (is_number, is_link) = (numbers & bit(language) != 0, links & bit(language) != 0);
        if is_number || is_link {
            each(language, is_number);
        }
    }
}

/// The languages in which all of `word` is numbers written together.
fn taken_apart(index: &Index, word: &str) -> Languages {
    // For each place in the word, the languages in which all before it is words.
    let mut reached = vec![0; word.len().saturating_add(1)];
    if let Some(begin) = reached.first_mut() {
        *begin = Languages::MAX;
    }
    for from in 0..word.len() {
        let languages = reached.get(from).copied().unwrap_or(0);
        let Some(rest) = word.get(from..).filter(|_| languages != 0) else { continue };
        let ends = rest.char_indices().skip(1).map(|(at, _)| at).chain([rest.len()]);
        for end in ends {
            let Some(entry) = rest.get(..end).and_then(|begin| index.words.get(begin)) else {
                break;
            };
            if let Some(to) = reached.get_mut(from.saturating_add(end)) {
                *to |= languages & (entry.numbers | entry.links);
            }
        }
    }
    reached.last().copied().unwrap_or(0)
}

/// What the pieces come to, in English words for one digit each, with fillers and repeats.
pub(in crate::redact) fn spoken(
    atoms: &[Atom],
    language: usize,
    mut say: impl FnMut(&'static str),
) {
    let order = all().nth(language).map_or(Order::TensFirst, |of| of.order);
    let mut at = 0_usize;
    let mut digits = |first: u8, last: Option<u8>| {
        for digit in [Some(first), last].into_iter().flatten() {
            if let Some(word) = DIGITS.get(usize::from(digit)) {
                say(word);
            }
        }
    };
    while let Some(rest) = atoms.get(at..).filter(|rest| !rest.is_empty()) {
        use Atom::{Link, Repeat, Teen, Tens, Unit};
        let taken = match (order, rest) {
            (Order::UnitsFirst, [Unit(unit), Link, Tens(tens), ..]) => {
                digits(*tens, Some(*unit));
                3
            }
            (Order::UnitsFirst, [Tens(tens), ..]) => {
                digits(*tens, Some(0));
                1
            }
            (Order::Scores, [Unit(4), Tens(2), Link, Unit(unit), ..])
            | (Order::Scores, [Unit(4), Tens(2), Unit(unit @ 1..=9), ..]) => {
                digits(8, Some(*unit));
                if matches!(rest, [_, _, Link, ..]) { 4 } else { 3 }
            }
            (Order::Scores, [Unit(4), Tens(2), Teen(10), Unit(unit @ 7..=9), ..]) => {
                digits(9, Some(*unit));
                4
            }
            (Order::Scores, [Unit(4), Tens(2), Teen(teen), ..]) => {
                digits(9, Some(teen.saturating_sub(10)));
                3
            }
            (Order::Scores, [Unit(4), Tens(2), ..]) => {
                digits(8, Some(0));
                2
            }
            (Order::Scores, [Tens(6), Teen(10), Unit(unit @ 7..=9), ..]) => {
                digits(7, Some(*unit));
                3
            }
            (Order::Scores, [Tens(6), Link, Teen(teen), ..]) => {
                digits(7, Some(teen.saturating_sub(10)));
                3
            }
            (Order::Scores, [Tens(6), Teen(teen), ..]) => {
                digits(7, Some(teen.saturating_sub(10)));
                2
            }
            (Order::Scores, [Teen(10), Unit(unit @ 7..=9), ..]) => {
                digits(1, Some(*unit));
                2
            }
            (_, [Tens(tens), Link, Unit(unit @ 1..=9), ..]) => {
                digits(*tens, Some(*unit));
                3
            }
            (_, [Tens(tens), Unit(unit @ 1..=9), ..]) => {
                digits(*tens, Some(*unit));
                2
            }
            (_, [Tens(tens), ..]) => {
                digits(*tens, Some(0));
                1
            }
            (_, [Teen(teen), ..]) => {
                digits(1, Some(teen.saturating_sub(10)));
                1
            }
            (_, [Unit(unit), ..]) => {
                digits(*unit, None);
                1
            }
            (_, [Link, ..] | []) => 1,
            (_, [Repeat(times), ..]) => {
                // The next digit, once more each time.
                let next = match rest.get(1) {
                    Some(Unit(unit)) => *unit,
                    _ => 10,
                };
                for _ in 1..*times {
                    digits(next, None);
                }
                1
            }
        };
        at = at.saturating_add(taken);
    }
}

/// The words of the digits, for the engine to read.
const DIGITS: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
