//! Lines of a chat or a transcript: times and names before the text, in the ways in which programs write them.

use std::sync::Arc;

use crate::redact::Options;
use crate::redact::formats::line::{Line, Read};
use crate::redact::formats::source::Source;
use crate::redact::languages::lexicon::Lexicon;
use crate::redact::token::is_number;

/// The longest name, in bytes, and the most words of one.
const LONGEST_NAME: usize = 48;
const MOST_WORDS: usize = 6;
/// The longest line with a name and a time alone, in bytes.
const LONGEST_HEADING: usize = 2 * LONGEST_NAME;
/// The most digits of a name that is no telephone number.
const MOST_DIGITS: usize = 6;
/// The most words of a time with its date.
const MOST_OF_TIME: usize = 6;
/// The most digits of a date, of a time with its zone, and of both in one word.
const DIGITS_OF_DATE: usize = 8;
const DIGITS_OF_TIME: usize = 13;
const DIGITS_OF_BOTH: usize = 21;
/// The most parts of more than two digits: a year, and the fraction of a second.
const LONG_PARTS: usize = 2;

/// Months and days of the week, which are written whole or by their first letters, three at least.
const CALENDAR: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// The most digits of a day and a year.
const DIGITS_OF_CALENDAR: usize = 6;

/// A reader of chats.
pub(super) struct Chat {
    lexicon: Arc<Lexicon>,
    speaker: String,
}

impl Chat {
    pub(super) fn new(options: &Options) -> Self {
        let (lexicon, ..) = options.reading();
        Self { lexicon, speaker: String::new() }
    }
}

impl Read for Chat {
    fn line(&mut self, line: &[u8], _: Option<&[u8]>) -> Line {
        let mut start = 0_usize;
        let valid = line.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let stamp = stamp(valid);
        let after = valid.get(stamp..).unwrap_or_default();
        let lead = lead(after);
        let after_lead = after.get(lead..).unwrap_or_default();
        let named = |text: &str| {
            let found = name(&self.lexicon, text).or_else(|| bracketed(text));
            found
                .or_else(|| role(&self.lexicon, text))
                .or_else(|| full_name(&self.lexicon, text))
                .or_else(|| field(&self.lexicon, text, stamp > 0))
        };
        if let Some((name, length)) = named(after) {
            self.speaker = name;
            start = stamp.saturating_add(length);
        } else if let Some((name, length)) = named(after_lead).filter(|_| lead > 0) {
            self.speaker = name;
            start = stamp.saturating_add(lead).saturating_add(length);
        } else if stamp > 0 {
            start = stamp;
        } else if let Some(name) = self.heading(valid) {
            self.speaker = name;
            return Line::Structure;
        }
        let mut source = Source::default();
        source.add_bytes(line.get(start..).unwrap_or_default(), start);
        Line::Turn(self.speaker.clone(), None, source)
    }
}

impl Chat {
    /// The name in a line of its own with a time after it, before the messages.
    fn heading(&self, line: &str) -> Option<String> {
        if line.len() > LONGEST_HEADING {
            return None;
        }
        let mut words = line.split_whitespace().rev().peekable();
        let mut times = 0_usize;
        while words.next_if(|word| is_part_of_time(word)).is_some() {
            times = times.saturating_add(1);
        }
        // "Caller, 10:32", "Caller — Today at 10:32".
        while times > 0
            && words
                .next_if(|word| {
                    matches!(*word, "-" | "–" | "—" | "|" | "at" | "Today" | "Yesterday")
                })
                .is_some()
        {}
        let mut name: Vec<&str> = words.map(|word| word.trim_end_matches(',')).collect();
        name.reverse();
        let number = |word: &&str| self.lexicon.meaning(word).is_some_and(is_number);
        let is_name = (1..=3).contains(&name.len())
            && times > 0
            && name.iter().all(|word| word.chars().all(|c| c.is_alphabetic() || c == '.'))
            && !name.iter().any(number);
        is_name.then(|| name.join(" "))
    }
}

/// The length of a time at the beginning of a line, with its date and what follows it up to the name.
fn stamp(line: &str) -> usize {
    let trimmed = line.trim_start_matches(['\u{200e}', '\u{200f}', '\u{feff}', ' ']);
    let before = line.len().saturating_sub(trimmed.len());
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some((inside, rest)) =
            trimmed.strip_prefix(open).and_then(|rest| rest.split_once(close))
            && inside.len() <= LONGEST_NAME
            && inside.split_whitespace().all(is_part_of_time)
            && inside.contains(':')
        {
            let spaces = rest.len().saturating_sub(rest.trim_start().len());
            let end = line.len().saturating_sub(rest.len());
            return end.saturating_add(spaces);
        }
    }
    let (mut end, mut at, mut timed) = (0_usize, before, false);
    // Digits of days and years before the time.
    let (mut digits, mut month) = (0_usize, false);
    for word in trimmed.split_inclusive([' ', '\t']).take(MOST_OF_TIME) {
        let bare = word.trim_end();
        at = at.saturating_add(word.len());
        if is_of_calendar(bare) {
            // What was said begins.
            if timed {
                break;
            }
            // "Nov 30, 2026 10:32".
            month |= bare.starts_with(char::is_alphabetic);
            digits = digits.saturating_add(bare.chars().filter(char::is_ascii_digit).count());
            continue;
        }
        if bare.is_empty() || (timed && matches!(bare, "-" | "–" | "|" | "—")) {
            end = at;
        } else if is_part_of_time(bare) {
            timed |= bare.contains(':');
            end = at;
        } else {
            break;
        }
    }
    let dated = digits == 0 || month && digits <= DIGITS_OF_CALENDAR;
    if timed && dated { end } else { 0 }
}

/// A day, a month by its name, or a year.
fn is_of_calendar(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.']);
    let number = matches!(word.len(), 1 | 2 | 4) && word.bytes().all(|byte| byte.is_ascii_digit());
    let lower = word.to_ascii_lowercase();
    let named = word.len() >= 3 && CALENDAR.iter().any(|name| name.starts_with(&lower));
    number || named
}

/// A date, a time, or what stands beside one.
fn is_part_of_time(word: &str) -> bool {
    let word = word.trim_end_matches([',', ']', ')']).trim_start_matches(['[', '(']);
    if matches!(word, "AM" | "PM" | "am" | "pm" | "a.m." | "p.m." | "UTC" | "Z") {
        return true;
    }
    let is_part = |c: char| {
        c.is_ascii_digit()
            || matches!(c, ':' | '/' | '.' | '-' | 'T' | 'Z' | '+' | '\u{202f}' | '\u{a0}')
    };
    let word = word
        .trim_end_matches("AM")
        .trim_end_matches("PM")
        .trim_end_matches("am")
        .trim_end_matches("pm");
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let parts = word.split([':', '/', '.', '-', 'T', 'Z', '+', '\u{202f}', '\u{a0}']);
    let short = parts.clone().all(|part| part.len() <= 4);
    let long = parts.clone().filter(|part| part.len() > 2).count();
    let several = parts.filter(|part| !part.is_empty()).count();
    let dated = word.matches(['/', '.', '-']).count() >= 2;
    let most = match (word.contains(':'), word.contains('T')) {
        (true, true) => DIGITS_OF_BOTH,
        (true, false) => DIGITS_OF_TIME,
        (false, _) => DIGITS_OF_DATE,
    };
    // What is divided as a card's number is none: "4242-4242-4242-4242".
    word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(is_part)
        && short
        && long <= LONG_PARTS
        && several >= 2
        && (3..=most).contains(&digits)
        && (word.contains(':') || dated)
}

/// What stands before a name: the number of the line, what marks a quotation, a list or bold letters.
fn lead(line: &str) -> usize {
    let rest = line.trim_start_matches([' ', '\t', '>', '*', '_', '-', '•', '#']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = rest.get(digits..).unwrap_or_default();
    let name = numbered.trim_start_matches(['.', ')', ':', ' ', '\t']);
    let is_number = (1..=MOST_DIGITS).contains(&digits) && name.len() < numbered.len();
    let rest = if is_number { name } else { rest };
    line.len().saturating_sub(rest.len())
}

/// A role in brackets that a language names, as `[Agent]`. Sounds stand so, too: all of it are such words.
pub(super) fn role(lexicon: &Lexicon, line: &str) -> Option<(String, usize)> {
    let is_label = |word: &str| lexicon.known(word).is_some_and(|known| known.is_label);
    enclosed(lexicon, line, |name| name.split_whitespace().all(is_label))
}

/// A name of several words in brackets, as `[Maria Jones]`.
fn full_name(lexicon: &Lexicon, line: &str) -> Option<(String, usize)> {
    let capital =
        |word: &str| word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphabetic);
    enclosed(lexicon, line, |name| {
        name.split_whitespace().count() > 1 && name.split_whitespace().all(capital)
    })
}

/// Who speaks, in brackets before the text. Numbers, also in words, are nobody's name.
fn enclosed(
    lexicon: &Lexicon,
    line: &str,
    is_name: impl Fn(&str) -> bool,
) -> Option<(String, usize)> {
    let (name, rest) = line.strip_prefix('[')?.split_once(']')?;
    let number = |word: &str| lexicon.meaning(word).is_some_and(is_number);
    let fits = (1..=LONGEST_NAME).contains(&name.trim().len())
        && !name.contains(|c: char| c.is_numeric())
        && !name.split_whitespace().any(number);
    let spaces = rest.len().saturating_sub(rest.trim_start().len());
    let start = line.len().saturating_sub(rest.len()).saturating_add(spaces);
    (fits && is_name(name) && spaces > 0).then(|| (name.to_owned(), start))
}

/// The name in a field by itself, after a time.
fn field(lexicon: &Lexicon, line: &str, timed: bool) -> Option<(String, usize)> {
    let (name, rest) = line.split_once(['|', '\t']).filter(|_| timed)?;
    let name = name.trim();
    let words = || name.split_whitespace();
    let number = |word: &str| lexicon.meaning(word).is_some_and(is_number);
    let is_name = (1..=MOST_WORDS).contains(&words().count())
        && name.len() <= LONGEST_NAME
        && name.starts_with(char::is_alphabetic)
        && !name.contains(|c: char| c.is_numeric())
        && !words().any(number);
    let spaces = rest.len().saturating_sub(rest.trim_start().len());
    let start = line.len().saturating_sub(rest.len()).saturating_add(spaces);
    is_name.then(|| (name.to_owned(), start))
}

/// A name between angle brackets, as in IRC.
fn bracketed(line: &str) -> Option<(String, usize)> {
    let (name, rest) = line.strip_prefix('<')?.split_once('>')?;
    let fits = name.len() <= LONGEST_NAME && name.starts_with(|c: char| !c.is_ascii_digit());
    let spaces = rest.len().saturating_sub(rest.trim_start().len());
    let digits = name.chars().filter(char::is_ascii_digit).count();
    (fits && digits <= MOST_DIGITS)
        .then(|| (name.to_owned(), line.len().saturating_sub(rest.len()).saturating_add(spaces)))
}

/// A name without the time beside it, which is another in each line.
fn without_time(name: &str) -> String {
    let words = name.split_whitespace().filter(|word| !is_part_of_time(word));
    words.collect::<Vec<_>>().join(" ")
}

/// The name before a colon at the beginning of a line, and where the text after it begins.
pub(super) fn name(lexicon: &Lexicon, line: &str) -> Option<(String, usize)> {
    let colons = line.match_indices([':', '：']).take_while(|(at, _)| *at <= LONGEST_NAME);
    let (end, colon) = colons.into_iter().find(|(at, colon)| {
        let after = line.get(at.saturating_add(colon.len())..).unwrap_or_default();
        let bold = after.strip_prefix("**").or_else(|| after.strip_prefix("__")).unwrap_or(after);
        bold.is_empty() || bold.starts_with(char::is_whitespace) || colon.len() > 1
    })?;
    let name = line.get(..end)?;
    let telephone = name.starts_with('+');
    let is_part = |c: char| {
        c.is_alphanumeric()
            || !c.is_ascii() && !c.is_control()
            || matches!(
                c,
                ' ' | '.'
                    | '_'
                    | '-'
                    | '\''
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '+'
                    | '@'
                    | '#'
                    | '&'
                    | ':'
                    | '/'
            )
    };
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    let words = || name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let tells = |word: &str| {
        lexicon.announces(word.as_bytes()).is_some()
            || lexicon.is_of_cards(word)
            || lexicon.meaning(word).is_some_and(is_number)
    };
    let is_name = (telephone
        || name.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '@'))
        && name.chars().all(is_part)
        && (telephone || digits <= MOST_DIGITS)
        && words().count() <= MOST_WORDS
        && !words().any(tells);
    let rest = line.get(end.saturating_add(colon.len())..)?;
    let rest = rest.strip_prefix("**").or_else(|| rest.strip_prefix("__")).unwrap_or(rest);
    let spaces = rest.len().saturating_sub(rest.trim_start().len());
    let start = line.len().saturating_sub(rest.len()).saturating_add(spaces);
    is_name.then(|| (without_time(name), start))
}
