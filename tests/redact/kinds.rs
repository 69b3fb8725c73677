//! What is found and what is left of other members of each kind than those that the rules were made with. `members` says how
//! they are drawn.

use std::io::Write;

use countersign::redact::{Format, Mode, Options, cards};

use crate::conversations::masked;
use crate::corpora::machines::Kind;
use crate::depth::either;
use crate::formats::through;
use crate::members::layouts::{CLOSE, LAYOUTS, Layout, OPEN};
use crate::members::tongues::OTHERS;
use crate::members::{
    Tally, at_least, calls, card, lines, named, numerals, parted, seed, tell, usual,
};
use crate::numbers::{Drawn, groups, spoken};
use crate::talk::files::FILES;
use crate::talk::forms::{FORMS, Form, KEPT_BACK, Talk};
use crate::talk::innocent;
use crate::talk::said::Tongue;
use crate::talk::tongues::TONGUES;

/// The number words of a language, and those of its phrases that have one in them.
struct Words {
    numbers: Vec<String>,
    phrases: Vec<String>,
}

impl Words {
    fn of(tongue: &Tongue) -> Self {
        let said = |n: usize| {
            let n = if n < 10 { tongue.each(&n.to_string()) } else { tongue.pairs(&n.to_string()) };
            n.split([' ', '-']).map(str::to_owned).collect::<Vec<_>>()
        };
        let numbers: Vec<String> = (0..100)
            .flat_map(said)
            .filter(|word| !["et", "y", "e"].contains(&word.as_str()))
            .collect();
        let phrases =
            [tongue.nods, tongue.fillers, tongue.regrets, &[tongue.ask, tongue.more]].concat();
        let mut phrases: Vec<String> =
            phrases.into_iter().map(|phrase| phrase.to_lowercase()).collect();
        phrases.retain(|phrase| parts(phrase).any(|part| numbers.iter().any(|word| word == part)));
        Self { numbers, phrases }
    }

    /// Whether no digit and no number word is in a text, except in what is said in between.
    fn none_in(&self, text: &str) -> bool {
        let mut text = text.to_lowercase();
        for phrase in &self.phrases {
            text = text.replace(phrase, "");
        }
        !text.contains(|c: char| c.is_ascii_digit())
            && !parts(&text).any(|part| self.numbers.iter().any(|word| word == part))
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !('\u{900}'..'\u{e00}').contains(&c))
}

fn all_forms() -> Vec<&'static Form> {
    FORMS.iter().chain(KEPT_BACK).chain(calls::FORMS).collect()
}

/// Each form with other words in it, in each language.
#[test]
fn numbers_are_found_over_turns_whatever_else_is_said() {
    let mut rows: Vec<(String, Tally)> = Vec::new();
    let options = Options::new();
    for (at, tongue) in OTHERS.iter().chain(&TONGUES).enumerate() {
        let words = Words::of(tongue);
        let forms = if at < OTHERS.len() { all_forms() } else { calls::FORMS.iter().collect() };
        for form in forms {
            let mut drawn = Drawn(seed(100 + at as u64));
            let mut tally = Tally::default();
            for _ in 0..either(6, 64) {
                let number = card(&mut drawn, |length| length >= 14);
                let talk = form.1(tongue, &number, &mut drawn);
                let out = masked(&options, &talk);
                tally.add(out.iter().all(|text| words.none_in(text)), || {
                    format!("{number}: {talk:?}\n      {out:?}")
                });
            }
            rows.push((format!("{} {}", tongue.name, form.0), tally));
        }
    }
    at_least(&rows, 970);
}

/// Each ordinary way of saying a group, by itself and in turns.
#[test]
fn numbers_are_found_in_every_ordinary_way_of_saying_them() {
    let mut rows: Vec<(String, Tally)> = Vec::new();
    let options = Options::new();
    for (at, tongue) in TONGUES.iter().enumerate() {
        for way in numerals::WAYS {
            let mut drawn = Drawn(seed(300 + at as u64));
            let (mut text, mut turns) = (Tally::default(), Tally::default());
            for _ in 0..either(8, 64) {
                let number = usual(&mut drawn);
                let groups = groups(&number);
                let said: Vec<String> = groups
                    .iter()
                    .map(|group| {
                        numerals::said(tongue, way, group)
                            .unwrap_or_else(|| numerals::mixed(tongue, &[group], &mut drawn))
                    })
                    .collect();
                let words = Words::of(tongue);
                let whole = said.join(", ");
                let out = options.cards(&whole).into_owned();
                text.add(words.none_in(&out), || format!("{number}: {whole}\n      {out}"));
                let mut talk: Talk = vec![("Agent", tongue.ask.to_owned())];
                for group in &said {
                    talk.push(("Caller", group.clone()));
                    talk.push(("Agent", tongue.one(&mut drawn, tongue.nods).to_owned()));
                }
                let out = masked(&options, &talk);
                turns.add(out.iter().all(|text| words.none_in(text)), || {
                    format!("{number}: {talk:?}\n      {out:?}")
                });
            }
            rows.push((format!("{} {way}, in one text", tongue.name), text));
            rows.push((format!("{} {way}, in turns", tongue.name), turns));
        }
    }
    at_least(&rows, 970);
}

/// The texts of a file that was written with marks around them, and whether all else is as it was.
fn texts(marked: &str, out: &str) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let mut pieces = marked.split(OPEN);
    let mut rest = out.strip_prefix(pieces.next()?)?;
    for piece in pieces {
        let (_, after) = piece.split_once(CLOSE)?;
        let end = if after.is_empty() { rest.len() } else { rest.find(after)? };
        texts.push(rest[..end].to_owned());
        rest = &rest[end + after.len()..];
    }
    rest.is_empty().then_some(texts)
}

fn without_marks(marked: &str) -> String {
    marked.replace([OPEN, CLOSE], "")
}

fn redacted(format: Format, file: &str) -> String {
    let mut transcript = Options::new().transcript(format, Vec::new());
    transcript.write_all(file.as_bytes()).unwrap();
    String::from_utf8(transcript.finish().unwrap()).unwrap()
}

fn in_layout(
    layout: &Layout,
    tongue: &Tongue,
    words: &Words,
    form: &Form,
    number: &str,
    drawn: &mut Drawn,
    tally: &mut Tally,
) {
    let talk = form.1(tongue, number, drawn);
    let marked = (layout.write)(&talk);
    let file = without_marks(&marked);
    let out = redacted(layout.format, &file);
    if layout.format == Format::Words {
        let values = serde_json::Deserializer::from_str(&out).into_iter::<serde_json::Value>();
        values.for_each(|value| drop(value.expect("JSON")));
    }
    let found =
        texts(&marked, &out).is_some_and(|texts| texts.iter().all(|text| words.none_in(text)));
    tally.add(found, || format!("{number} {}: {file:.2500}\n      {out:.2500}", form.0));
}

#[test]
fn numbers_are_found_in_other_layouts_of_files() {
    let mut rows: Vec<(String, Tally)> = Vec::new();
    let forms: Vec<&Form> =
        all_forms().into_iter().filter(|form| !form.0.contains("asks for each")).collect();
    for (place, layout) in LAYOUTS.iter().enumerate() {
        for (at, tongue) in TONGUES.iter().enumerate().take(either(4, 9)) {
            let words = Words::of(tongue);
            let mut drawn = Drawn(seed(500 + place as u64 * 9 + at as u64));
            let mut tally = Tally::default();
            for n in 0..either(8, 64) {
                let number = usual(&mut drawn);
                let form = forms[(n + drawn.below(forms.len())) % forms.len()];
                in_layout(layout, tongue, &words, form, &number, &mut drawn, &mut tally);
            }
            rows.push((format!("{} {}", tongue.name, layout.name), tally));
        }
    }
    at_least(&rows, 970);
}

/// A form with what is filled in, and the same with what must go as masks.
fn filled(form: &str, number: &str, drawn: &mut Drawn) -> (String, String) {
    let month = drawn.below(12);
    let year = 27 + drawn.below(8);
    let (code, pin) = (format!("{:03}", drawn.below(1000)), format!("{:04}", drawn.below(10_000)));
    let (mut text, mut wanted, mut rest) = (String::new(), String::new(), form);
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        text += before;
        wanted += before;
        let name = after.as_bytes();
        let value = match name.get(1).filter(|_| name.get(2) == Some(&b'}')) {
            Some(b'n') => number.to_owned(),
            Some(b'g') => groups(number).join(" "),
            Some(b'c') => code.clone(),
            Some(b'p') => pin.clone(),
            Some(b'w') => spoken(&code, "zero"),
            Some(b'm') => format!("{:02}", month + 1),
            Some(b'y') => year.to_string(),
            Some(b'Y') => format!("20{year}"),
            Some(b'M') => named::MONTHS[month].to_owned(),
            _ => {
                text.push('{');
                wanted.push('{');
                rest = &after[1..];
                continue;
            }
        };
        text += &value;
        wanted += &match name[1] {
            b'w' => "* * *".to_owned(),
            b'M' => value,
            _ => value.replace(|c: char| c.is_ascii_digit(), "*"),
        };
        rest = &after[3..];
    }
    (text + rest, wanted + rest)
}

fn named_forms(forms: &[&str], own: u64) -> Vec<(String, Tally)> {
    let mut rows = Vec::new();
    for form in forms {
        let mut drawn = Drawn(seed(own));
        let mut tally = Tally::default();
        for n in 0..either(8, 64) {
            let number = card(&mut drawn, |length| length == 16);
            let (text, wanted) = filled(form, &number, &mut drawn);
            let options = Options::new().mode([Mode::People, Mode::Logs][n % 2]);
            let out = options.cards(&text).into_owned();
            tally.add(out == wanted, || format!("{text}\n      {out}"));
        }
        rows.push(((*form).to_owned(), tally));
    }
    rows
}

#[test]
fn codes_are_found_by_other_names() {
    at_least(&named_forms(named::CODES, 700), 990);
}

#[test]
fn expiries_are_found_by_other_names() {
    at_least(&named_forms(named::EXPIRIES, 701), 990);
}

#[test]
fn pins_are_found_by_other_names() {
    at_least(&named_forms(named::PINS, 702), 990);
}

/// A text with a number made by `write`, whose digits stand between two marks each.
fn in_text(
    rows: &mut Vec<(String, Tally)>,
    name: &str,
    own: u64,
    write: impl Fn(&str, &mut Drawn) -> String,
) {
    let mut drawn = Drawn(seed(own));
    let mut tally = Tally::default();
    for _ in 0..either(8, 64) {
        let number = usual(&mut drawn);
        let text = write(&number, &mut drawn);
        let piece = |piece: &str| match piece.split_once('\u{2}') {
            Some((digits, rest)) => digits.replace(|c: char| c.is_ascii_digit(), "*") + rest,
            None => piece.to_owned(),
        };
        let wanted: String = text.split('\u{1}').map(piece).collect();
        let text = text.replace(['\u{1}', '\u{2}'], "");
        let out = cards(&text).into_owned();
        tally.add(out == wanted, || format!("{text:?}\n      {out:?}"));
    }
    rows.push((format!("{name:?}"), tally));
}

#[test]
fn numbers_are_found_with_other_gaps() {
    let mut rows = Vec::new();
    for gap in parted::GAPS {
        in_text(&mut rows, gap, 710, |number, _| {
            groups(number).iter().map(|group| format!("\u{1}{group}\u{2}{gap}")).collect()
        });
    }
    at_least(&rows, 990);
}

#[test]
fn numbers_are_found_with_other_escapes() {
    let mut rows = Vec::new();
    for gap in parted::ESCAPES {
        in_text(&mut rows, gap, 711, |number, _| {
            groups(number).iter().map(|group| format!("\u{1}{group}\u{2}{gap}")).collect()
        });
    }
    at_least(&rows, 990);
}

#[test]
fn numbers_are_found_within_other_marks() {
    let mut rows = Vec::new();
    for (before, after) in parted::AROUND {
        let name = format!("{before}…{after}");
        in_text(&mut rows, &name, 712, |number, drawn| {
            let number =
                if drawn.below(2) == 0 { number.to_owned() } else { groups(number).join(" ") };
            format!("{before}\u{1}{number}\u{2}{after}")
        });
    }
    at_least(&rows, 990);
}

/// Number words and figures with something between each two groups.
fn between(
    rows: &mut Vec<(String, Tally)>,
    what: &str,
    own: u64,
    write: impl Fn(&[String], &mut Drawn) -> String,
) {
    let words = Words::of(&TONGUES[0]);
    let mut drawn = Drawn(seed(own));
    let mut tally = Tally::default();
    for n in 0..either(8, 64) {
        let number = usual(&mut drawn);
        let said: Vec<String> = groups(&number)
            .iter()
            .map(|group| if n % 2 == 0 { (*group).to_owned() } else { TONGUES[0].each(group) })
            .collect();
        let text = write(&said, &mut drawn);
        let out = cards(&text).into_owned();
        tally.add(words.none_in(&out.replace(what, "")), || format!("{text}\n      {out}"));
    }
    rows.push((what.to_owned(), tally));
}

#[test]
fn numbers_are_found_over_other_fillers() {
    let mut rows = Vec::new();
    for filler in OTHERS[0].fillers.iter().chain(parted::FILLERS) {
        between(&mut rows, filler, 713, |said, _| said.join(&format!(" {filler} ")));
    }
    at_least(&rows, 970);
}

#[test]
fn numbers_are_found_over_other_sighs() {
    let mut rows = Vec::new();
    for sigh in parted::SIGHS {
        between(&mut rows, sigh, 714, |said, drawn| {
            let at = 1 + drawn.below(said.len() - 1);
            format!("{} {sigh} {}", said[..at].join(" "), said[at..].join(" "))
        });
    }
    at_least(&rows, 970);
}

#[test]
fn numbers_are_found_over_other_corrections() {
    let mut rows = Vec::new();
    for regret in parted::REGRETS {
        between(&mut rows, regret, 715, |said, drawn| {
            let at = drawn.below(said.len().min(3));
            let wrong = match said[at].strip_suffix(|c: char| c.is_ascii_digit()) {
                Some(rest) if said[at].len() > 1 => {
                    let last = said[at].as_bytes()[said[at].len() - 1] - b'0';
                    format!("{rest}{}", (last + 1) % 10)
                }
                _ => {
                    let (rest, last) = said[at].rsplit_once(' ').unwrap();
                    format!("{rest} {}", if last == "four" { "five" } else { "four" })
                }
            };
            let before = said[..at].join(" ");
            format!("{before} {wrong} {regret} {}", said[at..].join(" ")).trim_start().to_owned()
        });
    }
    at_least(&rows, 970);
}

/// How many lines of each kind are changed, of which at most so many in ten thousand may be.
fn changed(kinds: &[Kind], mode: Mode, own: u64, most: usize) {
    let count = either(1_500, 10_000);
    let options = Options::new().mode(mode);
    let mut wrong = String::new();
    for (at, (name, line)) in (0..).zip(kinds) {
        let mut drawn = Drawn(seed(own + at));
        let text: String = (0..count).map(|_| line(&mut drawn) + "\n").collect();
        let out = options.cards(&text);
        assert_eq!(out.lines().count(), text.lines().count());
        let differ: Vec<_> =
            text.lines().zip(out.lines()).filter(|(before, after)| before != after).collect();
        tell(&format!("{name}: {} of {count}", differ.len()));
        if differ.len() * 10_000 > count * most + either(20_000, 0) {
            wrong += &format!(
                "{name}: {} of {count}: {:?}\n",
                differ.len(),
                &differ[..differ.len().min(4)]
            );
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn other_lines_of_machines_stay_in_logs() {
    changed(lines::MACHINES, Mode::Logs, 800, 10);
}

#[test]
fn other_lines_of_machines_stay_for_people() {
    changed(lines::MACHINES, Mode::People, 800, 50);
}

#[test]
fn other_tables_stay() {
    changed(lines::TABLES, Mode::People, 900, 50);
    changed(lines::TABLES, Mode::Logs, 900, 50);
}

#[test]
fn other_lines_of_people_stay() {
    changed(lines::PEOPLE, Mode::People, 1000, 50);
}

/// How many texts of one conversation may be changed by chance, because an account's number is a card's as well: where each
/// text tells who speaks, in subtitles, and in lists of single words that do not tell it.
const fn by_chance(format: Format, told: bool) -> usize {
    match (format, told) {
        (Format::Vtt | Format::Srt, _) => 30,
        (Format::Words, false) => 40,
        _ => 8,
    }
}

/// Lists that do not tell who speaks, or not always.
const UNTOLD: [&str; 4] = ["words", "Watson", "Whisper, verbose", "Vosk"];

/// Conversations without a card in every layout, of files whose lists do not tell who speaks, too: the share of texts.
#[test]
fn conversations_without_a_card_stay_in_other_layouts() {
    let mut wrong = String::new();
    let mut drawn = Drawn(seed(1100));
    let mut all: Vec<(&str, usize, usize, Vec<String>)> = Vec::new();
    let mut allowed = Vec::new();
    let talks: Vec<Talk> =
        (0..either(12, 200)).map(|_| innocent::conversation(&mut drawn)).collect();
    for layout in LAYOUTS {
        let mut row = (layout.name, 0, 0, Vec::new());
        allowed.push(by_chance(layout.format, !UNTOLD.contains(&layout.name)));
        for talk in &talks {
            let marked = (layout.write)(talk);
            let out = redacted(layout.format, &without_marks(&marked));
            let texts = texts(&marked, &out).expect("what is no text stays");
            let before = texts_of(&marked);
            row.1 += before.len();
            for (text, out) in before.iter().zip(&texts).filter(|(text, out)| text != out) {
                row.2 += 1;
                row.3.push(format!("{text} -> {out}"));
            }
        }
        all.push(row);
    }
    for file in FILES {
        let mut row = (file.name, 0, 0, Vec::new());
        allowed.push(by_chance(file.format, !UNTOLD.contains(&file.name)));
        for talk in &talks {
            let written = (file.write)(talk);
            let out = String::from_utf8(through(file.format, written.as_bytes(), 1000)).unwrap();
            let (texts, before) = ((file.read)(&out), (file.read)(&written));
            row.1 += before.len();
            for (text, out) in before.iter().zip(&texts).filter(|(text, out)| text != out) {
                row.2 += 1;
                row.3.push(format!("{text} -> {out}"));
            }
        }
        all.push(row);
    }
    for ((name, lines, changed, which), by_chance) in all.into_iter().zip(allowed) {
        tell(&format!("{name}: {changed} of {lines}"));
        if changed * 200 > lines + 200 * by_chance {
            wrong +=
                &format!("{name}: {changed} of {lines}: {:?}\n", &which[..which.len().min(12)]);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn texts_of(marked: &str) -> Vec<String> {
    let after = |piece: &str| piece.split_once(CLOSE).map(|(text, _)| text.to_owned());
    marked.split(OPEN).skip(1).filter_map(after).collect()
}
