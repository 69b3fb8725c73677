//! The machine behind a conversation: turns go in, what is to be masked in them comes out.

use core::ops::Range;
use core::time::Duration;
use std::collections::{BTreeSet, VecDeque};

use zeroize::{Zeroize, Zeroizing};

use crate::redact::conversation::heard::{Heard, Hearing};
use crate::redact::conversation::known::{FEWEST, Known};
use crate::redact::conversation::stream::Stream;
use crate::redact::edit::Edit;
use crate::redact::judge::{Mark, is_expiry};
use crate::redact::languages::lexicon::Announced;
use crate::redact::run::Digit;
use crate::redact::{MAX_HELD_TURNS, Options, SpanKind, edits, steps};

/// The most speakers that are told apart; the others are one more.
const MOST_SPEAKERS: usize = 32;
/// For how many turns after somebody spoke of cards that counts.
const OF_CARDS_TURNS: u64 = 16;
/// For how many turns after a card number its code and expiry are looked for, and for how many after their announcement.
const NEAR_TURNS: u64 = 16;
const ANNOUNCED_TURNS: u64 = 4;
/// How many numbers are remembered for their echoes.
const MOST_KNOWN: usize = 8;
const MOST_FOUND: usize = 256;
/// The most digits of an expiry.
const MOST_OF_EXPIRY: usize = 8;

/// In a turn of more bytes few digits echo a number only so near to what was found of one, in bytes: it may be all that is said
/// in a call.
const LONG_TURN: usize = 120;
const BESIDE: usize = 40;

/// A turn that is not decided, or was and waits for others.
struct Held {
    number: u64,
    text: Zeroizing<String>,
    /// The groups in it.
    groups: Vec<Vec<Digit>>,
    edits: Vec<Edit>,
    /// Where the digits stand that are kept, and those that echo something.
    kept: BTreeSet<usize>,
    echoes: BTreeSet<usize>,
}

impl Held {
    /// Masks what echoes a number.
    fn echo(&mut self, known: &Known) {
        let long = self.text.len() > LONG_TURN;
        // Where something is masked: in a long turn a digit or two are an echo only beside that.
        let mut places: Vec<(usize, usize)> = Vec::new();
        if long {
            places.extend(self.edits.iter().map(|edit| (edit.start, edit.end)));
            places.sort_unstable();
            steps::count(places.len());
        }
        let mut until = 0;
        for group in &self.groups {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
            if long && group.len() < FEWEST {
                let from = last.end.saturating_add(BESIDE);
                let before = places.partition_point(|(start, _)| *start <= from);
                let place = before.checked_sub(1).and_then(|at| places.get(at));
                let until = place.map_or(0, |(_, end)| *end).max(until);
                if until == 0 || until.saturating_add(BESIDE) < first.start {
                    continue;
                }
            }
            let echoed = known.echoed(group, self.number);
            let is = |at: usize| {
                let place = group.get(at).map(|digit| digit.start);
                let done = place.is_some_and(|start| {
                    self.kept.contains(&start) || self.echoes.contains(&start)
                });
                echoed.get(at) == Some(&true) && !done
            };
            let before = self.edits.len();
            edits::cover(group, is, &mut self.edits);
            for edit in self.edits.get(before..).unwrap_or_default() {
                self.echoes.insert(edit.start);
                until = until.max(edit.end);
            }
        }
    }

    /// Notes what is kept of its own card numbers, and says what they are.
    fn own(&mut self, cards: &[Range<usize>], keep: bool) -> Vec<Zeroizing<Vec<u8>>> {
        if cards.is_empty() {
            return Vec::new();
        }
        let mut masked: Vec<usize> = Vec::new();
        if keep {
            masked.extend(self.edits.iter().map(|edit| edit.start));
            masked.sort_unstable();
        }
        let digits: Zeroizing<Vec<Digit>> = Zeroizing::new(self.groups.concat());
        steps::count(digits.len().saturating_add(masked.len()));
        let mut own = Vec::new();
        for range in cards {
            let from = digits.partition_point(|digit| digit.start < range.start);
            let to = digits.partition_point(|digit| digit.start < range.end);
            let within = digits.get(from..to).unwrap_or_default();
            own.push(Zeroizing::new(within.iter().map(|digit| digit.value).collect()));
            if keep {
                let starts = within.iter().map(|digit| digit.start);
                self.kept.extend(starts.filter(|start| masked.binary_search(start).is_err()));
            }
        }
        own
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.groups.iter_mut().flatten().for_each(Zeroize::zeroize);
    }
}

/// A turn that is decided.
pub(in crate::redact) struct Decided {
    pub(in crate::redact) text: Zeroizing<String>,
    pub(in crate::redact) edits: Vec<Edit>,
}

/// What the last card number was followed by.
#[derive(Default)]
struct After {
    /// The turn of the last card number.
    card: Option<u64>,
    announced: Option<(Announced, u64)>,
}

pub(in crate::redact) struct Machine {
    options: Options,
    speakers: Vec<String>,
    /// The words with which each ended and that may begin a phrase; and the last if it was a digit.
    begun: Vec<(String, Zeroizing<String>)>,
    /// What each speaker said, and at the end of the list what all did.
    streams: Vec<Stream>,
    all: Stream,
    held: VecDeque<Held>,
    turns: u64,
    of_cards: Option<u64>,
    known: Vec<Known>,
    /// All numbers, for what repeats them elsewhere.
    found: Vec<Zeroizing<Vec<u8>>>,
    after: After,
}

impl Machine {
    pub(in crate::redact) fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            speakers: Vec::new(),
            begun: Vec::new(),
            streams: Vec::new(),
            all: Stream::default(),
            held: VecDeque::new(),
            turns: 0,
            of_cards: None,
            known: Vec::new(),
            found: Vec::new(),
            after: After::default(),
        }
    }

    /// How many turns are held back.
    pub(in crate::redact) fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes a turn; says what is decided by now, in the order of turns.
    pub(in crate::redact) fn push(
        &mut self,
        speaker: &str,
        at: Option<Duration>,
        text: &str,
    ) -> Vec<Decided> {
        let number = self.turns;
        self.turns = self.turns.saturating_add(1);
        let speaker = self.speaker(speaker);
        let (edits, cards) = self.options.edits_and_cards(text);
        let mut held = Held {
            number,
            text: Zeroizing::new(text.to_owned()),
            groups: Vec::new(),
            edits,
            kept: BTreeSet::new(),
            echoes: BTreeSet::new(),
        };
        let (lexicon, spoken, mask) = self.options.reading();
        let alone = self.speakers.len() < 2;
        self.streams.iter_mut().for_each(|stream| stream.set_alone(alone));
        self.all.set_alone(alone);
        let of_cards = self.of_cards.is_some();
        let hearing = Hearing { lexicon: &lexicon, spoken, mask, of_cards };
        let (begun, one) = self.begun.get_mut(speaker).map(core::mem::take).unwrap_or_default();
        if hearing.pauses(&one, text) {
            self.streams.get_mut(speaker).into_iter().for_each(Stream::doubt);
        }
        let (heard, begun) = hearing.turn(&begun, text);
        if let Some(place) = self.begun.get_mut(speaker) {
            *place = (begun, Zeroizing::new(Hearing::last(text, &heard).to_owned()));
        }
        for (n, stream) in self.streams.iter_mut().enumerate() {
            if n != speaker {
                stream.other_turn(self.of_cards.is_some());
            }
        }
        steps::count(heard.len().saturating_mul(self.streams.len()));
        let means = heard.iter().any(|heard| matches!(heard, Heard::Word));
        let talks = heard.iter().any(|heard| matches!(heard, Heard::Word | Heard::Aside));
        for heard in heard {
            match heard {
                Heard::Word => {
                    let of_cards = self.of_cards.is_some();
                    self.streams.iter_mut().for_each(|stream| stream.word(of_cards));
                    self.all.word(of_cards);
                }
                // What the others say parts nothing that is nothing but asides.
                Heard::Aside => {
                    let of_cards = self.of_cards.is_some();
                    for (n, stream) in self.streams.iter_mut().enumerate() {
                        if n == speaker || means {
                            stream.word(of_cards);
                        }
                    }
                }
                Heard::Correction => {
                    let streams = self.streams.iter_mut().chain([&mut self.all]);
                    streams.for_each(Stream::correct);
                }
                Heard::Announced(what) => self.after.announced = Some((what, number)),
                Heard::OfCards => self.of_cards = Some(number),
                Heard::Digits(group, _)
                    if talks
                        && self.of_cards.is_none()
                        && matches!(group.as_slice(), [one] if one.word) =>
                {
                    // "One of them", "I can see two items".
                    self.streams.iter_mut().for_each(|stream| stream.word(false));
                    held.groups.push(group);
                }
                Heard::Digits(group, corrects) => {
                    self.follow(&group, &mut held.edits);
                    let of_cards = self.of_cards.is_some();
                    if let Some(stream) = self.streams.get_mut(speaker) {
                        stream.add(&group, (corrects, of_cards), number, at);
                    }
                    if self.of_cards.is_some() {
                        self.all.add(&group, (corrects, true), number, at);
                    }
                    held.groups.push(group);
                }
            }
        }
        for known in &self.known {
            held.echo(known);
        }
        let is_card = |kind: &SpanKind| matches!(kind, SpanKind::Card(_));
        let cards = cards.into_iter().filter(|(_, kind)| is_card(kind)).map(|(range, _)| range);
        let cards: Vec<Range<usize>> = cards.collect();
        let learnt = held.own(&cards, self.options.kept() > 0);
        self.held.push_back(held);
        let old = learnt.len().saturating_sub(MOST_KNOWN);
        for (n, values) in learnt.into_iter().enumerate() {
            self.find_again(&values);
            // Of many numbers in one turn the last are remembered.
            if n >= old {
                self.learn(values, number);
            }
        }
        self.find(speaker);
        if self.of_cards.is_none() {
            self.all.close();
        }
        if self.of_cards.is_some_and(|then| number.saturating_sub(then) > OF_CARDS_TURNS) {
            self.of_cards = None;
        }
        self.release()
    }

    /// The numbers that were found.
    pub(in crate::redact) fn found(&self) -> &[Zeroizing<Vec<u8>>] {
        &self.found
    }

    /// The rest of the turns.
    pub(in crate::redact) fn finish(&mut self) -> Vec<Decided> {
        self.streams.iter_mut().for_each(Stream::close);
        self.all.close();
        let rest = self.release();
        let found = core::mem::take(&mut self.found);
        *self = Self { found, ..Self::new(&self.options) };
        rest
    }

    fn speaker(&mut self, name: &str) -> usize {
        steps::count(name.len());
        let known = self.speakers.iter().position(|speaker| speaker == name);
        known.unwrap_or_else(|| {
            if self.speakers.len() < MOST_SPEAKERS {
                self.speakers.push(name.to_owned());
                self.streams.push(Stream::default());
                self.begun.push(Default::default());
            }
            self.speakers.len().saturating_sub(1)
        })
    }

    /// Masks a code or an expiry that was asked for after a card number.
    fn follow(&mut self, group: &[Digit], to: &mut Vec<Edit>) {
        let now = self.turns.saturating_sub(1);
        let near = self.after.card.is_some_and(|card| now.saturating_sub(card) <= NEAR_TURNS);
        let announced = self
            .after
            .announced
            .filter(|(_, then)| near && now.saturating_sub(*then) <= ANNOUNCED_TURNS);
        let mark = match announced {
            Some((Announced::Code, _)) if matches!(group.len(), 3 | 4) => Mark::Code,
            Some((Announced::Expiry, _)) if group.len() <= MOST_OF_EXPIRY => Mark::Expiry,
            _ if near && group.len() > 3 && is_expiry(group) && announced.is_some() => Mark::Expiry,
            _ => return,
        };
        if mark == Mark::Code {
            self.after.announced = None;
            let values = Zeroizing::new(group.iter().map(|digit| digit.value).collect());
            self.remember(Known::new(values, now, now));
        }
        edits::cover(group, |_| true, to);
    }

    /// Looks for numbers over turns, and masks them and what echoes them.
    fn find(&mut self, speaker: usize) {
        let of_cards = self.of_cards.is_some();
        let several = self.speakers.len() > 1 && of_cards;
        let mut learnt = Vec::new();
        let issuers = self.options.issuers();
        let streams = self.streams.get_mut(speaker).into_iter();
        for stream in streams.chain(several.then_some(&mut self.all)) {
            for spoken in stream.numbers(&issuers, of_cards) {
                let said = spoken.said;
                let digits = stream.digits().get(said.from..spoken.end).unwrap_or_default();
                let places = stream.places().get(said.from..spoken.end).unwrap_or_default();
                let keep = self.options.kept().min(said.length);
                let kept_from = digits.len().saturating_sub(keep);
                for (n, (digit, place)) in digits.iter().zip(places).enumerate() {
                    let held = self.held.iter_mut().find(|held| held.number == place.turn);
                    let keep = n >= kept_from && !digit.inside;
                    let Some(held) = held else { continue };
                    if keep {
                        held.kept.insert(digit.start);
                    } else {
                        cover(digit, digits, n, &mut held.edits);
                    }
                }
                if let Some(first) = places.first() {
                    learnt.push((said.values, first.turn));
                }
                if spoken.complete {
                    stream.decide(self.turns);
                }
            }
        }
        for (values, first) in learnt {
            self.learn(values, first);
        }
        if !several {
            // What all said counts only where somebody spoke of cards.
            let _ = self.all.numbers(&issuers, false);
        }
    }

    /// Masks what echoes a number in the turns that are held, and remembers it for those to come.
    fn learn(&mut self, values: Zeroizing<Vec<u8>>, first: u64) {
        let now = self.turns.saturating_sub(1);
        self.find_again(&values);
        let known = Known::new(values, first, now);
        for held in &mut self.held {
            held.echo(&known);
        }
        self.after.card = Some(now);
        self.remember(known);
    }

    fn remember(&mut self, known: Known) {
        self.known.push(known);
        if self.known.len() > MOST_KNOWN {
            self.known.remove(0);
        }
    }

    /// Notes a number for what repeats it elsewhere.
    fn find_again(&mut self, values: &Zeroizing<Vec<u8>>) {
        if self.found.len() < MOST_FOUND && !self.found.contains(values) {
            self.found.push(values.clone());
        }
    }

    /// The turns of which everything is decided.
    fn release(&mut self) -> Vec<Decided> {
        let now = self.turns;
        self.known.retain(|known| known.is_near(now));
        // What is held too long is taken for what it seems.
        let too_many = self.held.len().checked_sub(MAX_HELD_TURNS.saturating_add(1));
        if let Some(last) = too_many.and_then(|at| self.held.get(at)).map(|held| held.number) {
            for stream in self.streams.iter_mut().chain([&mut self.all]) {
                stream.forget_before(last.saturating_add(1));
            }
        }
        let live = self.live_from();
        let mut decided = Vec::new();
        while let Some(held) = self.held.pop_front() {
            if held.number >= live {
                self.held.push_front(held);
                break;
            }
            let mut held = held;
            let (text, edits) = (core::mem::take(&mut held.text), core::mem::take(&mut held.edits));
            let edits = edits::settled(&self.options, &text, edits);
            decided.push(Decided { text, edits });
        }
        decided
    }

    fn live_from(&self) -> u64 {
        let streams = self.streams.iter().chain([&self.all]);
        streams.filter_map(Stream::live_from).min().unwrap_or(u64::MAX)
    }
}

/// Masks the character or word of a digit that stands at `at` among `digits`.
fn cover(digit: &Digit, digits: &[Digit], at: usize, to: &mut Vec<Edit>) {
    let same = |other: &&Digit| other.start == digit.start && other.end == digit.end;
    let before = digits.get(..at).unwrap_or_default().iter().rev().take_while(same).count();
    let after = digits.get(at..).unwrap_or_default().iter().take_while(same).count();
    to.push(Edit { start: digit.start, end: digit.end, masks: before.saturating_add(after) });
}
