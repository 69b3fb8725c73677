//! Languages made ready for looking words up.

use core::fmt;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::redact::languages::compound::{Compounds, Number};
use crate::redact::languages::filter::Filter;
use crate::redact::languages::fold::{fold, folded, folded_ascii, folded_bytes};
use crate::redact::languages::hasher::Table;
use crate::redact::languages::skimmer::Skimmer;
use crate::redact::languages::{ALL, Language, Order, entries, is_between, listed};

/// What a word means within a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Meaning {
    /// It stands for these digits.
    Digits(Number, Part),
    /// Tens, by their first digit; and the languages in which they are said so, as bits.
    Tens(u8, Order, u64),
    /// Zeros after the number before: two for a hundred, three for a thousand. Whether it is one of them where no number
    /// is before it.
    Scale(u8, bool),
    /// The next digit counts so often.
    Repeat(u8),
    /// The number before says how often this digit counts.
    Plural(u8),
    /// A zero, or nothing.
    Sigh,
    /// This digit in some languages, and a filler in others.
    Doubtful(Number),
    /// This digit, or the first word of a filler like "one moment".
    Pause(Number),
    /// "And": it may stand within a number, between tens and units.
    Link,
    /// It may stand within a number.
    Filler,
    /// It may stand within a number of one text, but not always in what several say.
    Aside,
    /// So may this; and what came before it may have been wrong.
    Correction,
}

/// What a word of digits may be put together with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Part {
    /// 0 to 9.
    Unit,
    /// 10 to 19.
    Teen,
    /// 10, which 7 to 9 may follow: "dix-sept".
    Ten,
    /// 20, or a score of what is before it: "quatre-vingts".
    Score,
    /// Hundreds: the last two digits may be others.
    Hundreds,
    /// Nothing.
    Whole,
}

/// What is announced by a word before a group of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redact) enum Announced {
    Code,
    Expiry,
}

/// What is known of a word.
#[derive(Debug, Clone, Default)]
struct Entry {
    meaning: Option<Meaning>,
    /// Entries of several words that begin with it: the others, and what they mean; the longest first.
    phrases: Vec<(Vec<String>, Meaning)>,
    /// Those who speak are called so.
    label: bool,
}

/// What is found of a word.
#[derive(Debug, Clone, Copy)]
pub(in crate::redact) struct Known<'l> {
    /// What it means by itself, or as several numbers in one word.
    pub(in crate::redact) meaning: Option<Meaning>,
    /// What entries of several words begin with it: the others of each, and what it means.
    pub(in crate::redact) phrases: &'l [(Vec<String>, Meaning)],
    /// Whether those who speak are called so.
    pub(in crate::redact) is_label: bool,
}

/// The words of some languages.
pub(in crate::redact) struct Lexicon {
    words: Table<Entry>,
    announced: Table<Announced>,
    announcing: Filter,
    cards: BTreeSet<String>,
    compounds: Compounds,
    filter: Filter,
    skimmer: Skimmer,
}

static DEFAULT: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Arc::new(Lexicon::new(ALL)));

impl fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lexicon").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

impl Lexicon {
    pub(in crate::redact) fn all() -> Arc<Self> {
        Arc::clone(&DEFAULT)
    }

    /// Of languages that were checked. Where two have one word, the first counts.
    pub(in crate::redact) fn new(languages: &[Language]) -> Self {
        let mut words = Table::<Entry>::default();
        let mut beginning = Vec::new();
        let compounds = Compounds::new(languages);
        for (at, language) in (0_u32..).zip(languages) {
            for (word, meaning) in numbers(language) {
                if let Some(folded) = fold(word) {
                    let known = words.entry(folded.into_bytes().into()).or_default();
                    let known = known.meaning.get_or_insert(meaning);
                    if let Meaning::Digits(Number { languages, .. }, _)
                    | Meaning::Tens(_, _, languages) = known
                    {
                        *languages |= 1_u64.checked_shl(at).unwrap_or(0);
                    }
                    beginning.push((word, language.joined && may_go_on(word, meaning)));
                }
            }
        }
        let ones: Vec<String> = languages
            .iter()
            .flat_map(|language| listed(language.units))
            .filter_map(|(value, word)| fold(word).filter(|_| value == 1))
            .collect();
        let mut add = |entry: &str, meaning| {
            let mut parts = entry.split(is_between).filter_map(fold);
            let Some(first) = parts.next() else { return };
            let rest: Vec<String> = parts.collect();
            let entry = words.entry(first.into_bytes().into()).or_default();
            if rest.is_empty() {
                let known = entry.meaning.get_or_insert(meaning);
                if let Meaning::Digits(number, Part::Unit) = *known {
                    *known = Meaning::Doubtful(number);
                }
            } else {
                entry.phrases.push((rest, meaning));
            }
        };
        for language in languages {
            let scales =
                [(language.hundreds, 100, Part::Hundreds), (language.thousand, 1000, Part::Whole)];
            for ((_, article), (scale, value, part)) in
                listed(language.articles).flat_map(|article| scales.map(|scale| (article, scale)))
            {
                for (_, scale) in listed(scale) {
                    // No digit before counts it.
                    add(&format!("{article} {scale}"), Meaning::Digits(Number::of(value, 0), part));
                }
            }
        }
        for language in languages {
            entries(language.corrections).for_each(|entry| add(entry, Meaning::Correction));
        }
        // "One moment" may be a digit and "moment".
        let behind_one = |entry: &'static str| {
            let (first, rest) = entry.split_once(' ')?;
            ones.iter().any(|one| fold(first).as_ref() == Some(one)).then_some(rest)
        };
        for language in languages {
            let rests = entries(language.fillers).filter_map(behind_one);
            rests.for_each(|rest| add(rest, Meaning::Filler));
        }
        for language in languages {
            for (place, word) in listed(language.links) {
                add(word, if place == 0 { Meaning::Link } else { Meaning::Filler });
            }
        }
        for language in languages {
            entries(language.fillers).for_each(|entry| add(entry, Meaning::Filler));
        }
        for language in languages {
            let rests = entries(language.asides).filter_map(behind_one);
            rests.for_each(|rest| add(rest, Meaning::Aside));
            entries(language.asides).for_each(|entry| add(entry, Meaning::Aside));
        }
        for entry in words.values_mut() {
            entry.phrases.sort_by_key(|(rest, _)| core::cmp::Reverse(rest.len()));
        }
        let (mut announced, mut announcing) = (Table::default(), Filter::default());
        let mut cards = BTreeSet::new();
        for language in languages {
            for (words, what) in
                [(language.code_words, Announced::Code), (language.expiry_words, Announced::Expiry)]
            {
                for word in words.iter().filter_map(|word| fold(word)) {
                    announcing.add(word.as_bytes());
                    announced.entry(word.into_bytes().into()).or_insert(what);
                }
            }
            for label in entries(language.labels).filter_map(fold) {
                words.entry(label.into_bytes().into()).or_default().label = true;
            }
            cards.extend(entries(language.card_words).filter_map(fold));
        }
        let skimmer = Skimmer::new(beginning.into_iter());
        let mut filter = Filter::default();
        words.keys().for_each(|word| filter.add(word));
        compounds.beginnings().for_each(|begin| filter.add_beginning(begin));
        Self { words, announced, announcing, cards, compounds, filter, skimmer }
    }

    /// What is known of a word.
    pub(in crate::redact) fn known(&self, word: &str) -> Option<Known<'_>> {
        folded_bytes(word, |word| self.look_up(word))
    }

    /// Whether anything may be known of a word of ASCII letters.
    pub(in crate::redact) fn may_know(&self, word: &[u8]) -> bool {
        self.filter.may_be(word)
    }

    /// What is known of a word of ASCII letters.
    pub(in crate::redact) fn known_ascii(&self, word: &[u8]) -> Option<Known<'_>> {
        folded_ascii(word, |word| self.look_up(word))
    }

    fn look_up(&self, folded: &[u8]) -> Option<Known<'_>> {
        let Some(entry) = self.words.get(folded) else {
            let meaning = Some(self.compound(folded)?);
            return Some(Known { meaning, phrases: &[], is_label: false });
        };
        Some(Known {
            meaning: entry.meaning.or_else(|| self.compound(folded)),
            phrases: &entry.phrases,
            is_label: entry.label,
        })
    }

    /// What a word means as several numbers in one.
    fn compound(&self, folded: &[u8]) -> Option<Meaning> {
        Some(Meaning::Digits(self.compounds.number(folded)?, Part::Whole))
    }

    /// What a word means by itself, or as several numbers in one word.
    pub(in crate::redact) fn meaning(&self, word: &str) -> Option<Meaning> {
        self.known(word)?.meaning
    }

    /// Whether `word` is `other`, which is folded.
    pub(in crate::redact) fn is(word: &str, other: &str) -> bool {
        folded(word, |word| Some(word == other)).unwrap_or(false)
    }

    pub(in crate::redact) fn announces(&self, word: &[u8]) -> Option<Announced> {
        let found = |word: &[u8]| self.announced.get(word).copied();
        if !word.is_ascii() {
            folded_bytes(core::str::from_utf8(word).ok()?, found)
        } else if self.announcing.may_be(word) {
            folded_ascii(word, found)
        } else {
            None
        }
    }

    /// Whether people who say this speak of cards.
    pub(in crate::redact) fn is_of_cards(&self, word: &str) -> bool {
        folded(word, |word| Some(self.cards.contains(word))).unwrap_or(false)
    }

    pub(in crate::redact) const fn skimmer(&self) -> &Skimmer {
        &self.skimmer
    }
}

/// The number words of a language, and what they mean.
fn numbers(language: &Language) -> Vec<(&'static str, Meaning)> {
    let mut all = Vec::new();
    let scores = language.order == Order::Scores;
    let number = |value: u32| Number::of(value, 0);
    for (value, word) in listed(language.units) {
        all.push((word, Meaning::Digits(number(value.into()), Part::Unit)));
    }
    for (at, word) in listed(language.teens) {
        let part = if scores && at == 0 { Part::Ten } else { Part::Teen };
        all.push((word, Meaning::Digits(number(u32::from(at).saturating_add(10)), part)));
    }
    for (at, word) in listed(language.tens) {
        all.push((
            word,
            match at {
                0 if scores => Meaning::Digits(number(20), Part::Score),
                _ => Meaning::Tens(b'2'.saturating_add(at), language.order, 0),
            },
        ));
    }
    for (at, word) in listed(language.compounds) {
        all.push((word, Meaning::Digits(number(u32::from(at).saturating_add(20)), Part::Whole)));
    }
    // "Hundred" without an article belongs to a number that was said before.
    let one = language.articles.is_empty();
    let several = language.hundreds.split_whitespace().count() > 1;
    for (at, word) in listed(language.hundreds) {
        all.push((
            word,
            if several {
                let value = u32::from(at).saturating_add(1).saturating_mul(100);
                Meaning::Digits(number(value), Part::Hundreds)
            } else {
                Meaning::Scale(2, one)
            },
        ));
    }
    for (_, word) in listed(language.thousand) {
        all.push((word, Meaning::Scale(3, one)));
    }
    for (_, word) in listed(language.sighs) {
        all.push((word, Meaning::Sigh));
    }
    for (at, word) in listed(language.repeats) {
        all.push((word, Meaning::Repeat(at.saturating_add(2))));
    }
    for (digit, word) in listed(language.plurals) {
        all.push((word, Meaning::Plural(b'0'.saturating_add(digit))));
    }
    all
}

/// Whether a number written as one word may begin with this one and go on.
fn may_go_on(word: &str, meaning: Meaning) -> bool {
    word.len() > 2
        && matches!(meaning, Meaning::Digits(..) | Meaning::Tens(..) | Meaning::Scale(..))
}
