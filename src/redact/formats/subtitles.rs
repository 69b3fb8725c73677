//! WebVTT (W3C) and SubRip: cues with times, over lines.

use core::time::Duration;

use crate::redact::formats::chat::{name, role};
use crate::redact::formats::line::{Line, Read};
use crate::redact::formats::source::Source;
use crate::redact::languages::lexicon::Lexicon;
use crate::redact::steps;

/// The most digits within a tag: what has more is no tag, but may be a card number.
const MOST_DIGITS_OF_TAG: usize = 11;
/// The longest tag, in bytes: what is longer is text.
const LONGEST_TAG: usize = 512;
/// The longest style between braces, in bytes.
const LONGEST_STYLE: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The head of a WebVTT file.
    Head,
    /// Between two blocks.
    Between,
    /// Text of a cue, or of a comment.
    Text,
    Note,
    /// Styles and regions.
    Settings,
}

/// A reader of subtitles.
pub(super) struct Subtitles {
    vtt: bool,
    state: State,
    at: Option<Duration>,
    speaker: String,
    /// How often another speaker was marked by `>>`, and how many lines of this cue began with a dash.
    turns: u32,
    dashes: u32,
}

impl Subtitles {
    pub(super) fn vtt() -> Self {
        Self { vtt: true, state: State::Head, ..Self::srt() }
    }

    pub(super) fn srt() -> Self {
        Self {
            vtt: false,
            state: State::Between,
            at: None,
            speaker: String::new(),
            turns: 0,
            dashes: 0,
        }
    }

    /// The text of a line of a cue, and who speaks.
    fn text(&mut self, line: &[u8]) -> Line {
        let mut source = Source::default();
        let mut at = 0_usize;
        let start = self.speaks(line);
        if let Some(start) = start {
            at = start;
        }
        while at < line.len() {
            let rest = line.get(at..).unwrap_or_default();
            match rest.first() {
                Some(b'<') if tag(rest).is_some() => {
                    let (inside, length) = tag(rest).unwrap_or((b"", 1));
                    if let Some(who) = voice(inside) {
                        self.speaker = who;
                    }
                    at = at.saturating_add(length);
                }
                Some(b'{') if style(rest).is_some() => {
                    at = at.saturating_add(style(rest).unwrap_or(1));
                }
                Some(b'&') if entity(rest).is_some() => {
                    let (c, length) = entity(rest).unwrap_or(('&', 1));
                    let end = at.saturating_add(length);
                    source.add_char(c, at..end);
                    at = end;
                }
                _ => {
                    let rest = rest.get(1..).unwrap_or_default();
                    let next = rest.iter().position(|byte| matches!(byte, b'<' | b'&' | b'{'));
                    let end =
                        next.map_or(line.len(), |next| at.saturating_add(1).saturating_add(next));
                    source.add_bytes(line.get(at..end).unwrap_or_default(), at);
                    at = end;
                }
            }
        }
        Line::Turn(self.speaker.clone(), self.at, source)
    }

    /// Who speaks by a mark or a label at the beginning of a line, and where the text begins then.
    fn speaks(&mut self, line: &[u8]) -> Option<usize> {
        let text = core::str::from_utf8(line).ok()?;
        let mut trimmed = text.trim_start();
        while let Some(length) = markup(trimmed) {
            trimmed = trimmed.get(length..).unwrap_or_default().trim_start();
        }
        let before = text.len().saturating_sub(trimmed.len());
        let mut start = before;
        if let Some(rest) = trimmed.strip_prefix(">>").or_else(|| trimmed.strip_prefix("&gt;&gt;"))
        {
            self.turns = self.turns.wrapping_add(1);
            self.speaker = format!(">>{}", self.turns % 2);
            start = text.len().saturating_sub(rest.len());
        } else if let Some(rest) = trimmed.strip_prefix("- ") {
            self.dashes = self.dashes.wrapping_add(1);
            self.speaker = format!("-{}", self.dashes);
            start = text.len().saturating_sub(rest.len());
        }
        let rest = text.get(start..).unwrap_or_default();
        let lexicon = Lexicon::all();
        if let Some((name, length)) = name(&lexicon, rest).or_else(|| role(&lexicon, rest)) {
            self.speaker = name;
            start = start.saturating_add(length);
        }
        (start > before).then_some(start)
    }
}

impl Read for Subtitles {
    fn line(&mut self, line: &[u8], next: Option<&[u8]>) -> Line {
        let blank = line.iter().all(u8::is_ascii_whitespace);
        let settings = |line: &[u8]| line.starts_with(b"STYLE") || line.starts_with(b"REGION");
        if blank {
            self.state = State::Between;
            return Line::Structure;
        }
        if let Some(at) = timing(line) {
            (self.state, self.at, self.dashes) = (State::Text, at, 0);
            return Line::Structure;
        }
        match (self.state, next) {
            (State::Head | State::Settings, _) => Line::Structure,
            (State::Note, _) => self.note(line),
            (State::Between, None) if self.vtt && line.starts_with(b"NOTE") => {
                self.state = State::Note;
                self.note(line)
            }
            (State::Between, None) if self.vtt && settings(line) => {
                self.state = State::Settings;
                Line::Structure
            }
            // The name or number of a cue, if its times follow.
            (State::Between, None) => Line::Unknown,
            (State::Text, None) if line.iter().all(u8::is_ascii_digit) => Line::Unknown,
            (State::Between | State::Text, Some(next)) if timing(next).is_some() => Line::Structure,
            (State::Between | State::Text, _) => {
                self.state = State::Text;
                self.text(line)
            }
        }
    }
}

impl Subtitles {
    fn note(&self, line: &[u8]) -> Line {
        let mut source = Source::default();
        source.add_bytes(line, 0);
        Line::Turn("NOTE".to_owned(), self.at, source)
    }
}

/// Whether a line has the times of a cue, and when it begins if that can be told.
#[allow(clippy::option_option, reason = "a line of times, and a time in it")]
fn timing(line: &[u8]) -> Option<Option<Duration>> {
    let line = core::str::from_utf8(line).ok()?;
    let (from, to) = line.split_once("-->")?;
    let is_time = |text: &str| {
        text.contains(':')
            && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | '\u{feff}'))
    };
    let to = to.split_whitespace().next().unwrap_or_default();
    (is_time(from.trim()) && is_time(to)).then(|| time(from.trim()))
}

/// Hours, minutes and seconds with a fraction.
fn time(text: &str) -> Option<Duration> {
    let text = text.trim_start_matches('\u{feff}').replace(',', ".");
    let mut seconds = 0_f64;
    for part in text.split(':') {
        seconds = seconds.mul_add(60.0, part.parse::<f64>().ok()?);
    }
    Duration::try_from_secs_f64(seconds).ok()
}

/// What is in a tag at the beginning of `text`, and its length.
fn tag(text: &[u8]) -> Option<(&[u8], usize)> {
    let end = text.iter().take(LONGEST_TAG).position(|byte| *byte == b'>');
    steps::count(end.unwrap_or(LONGEST_TAG).min(text.len()));
    let end = end?;
    let inside = text.get(1..end)?;
    let first = inside.first()?;
    let digits = inside.iter().filter(|byte| byte.is_ascii_digit()).count();
    let known = first.is_ascii_alphabetic() || matches!(first, b'/');
    let time = inside.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    let is_tag = (known || time && inside.contains(&b':')) && digits <= MOST_DIGITS_OF_TAG;
    is_tag.then(|| (inside, end.saturating_add(1)))
}

/// The length of a tag or a style before who speaks, except for a voice.
fn markup(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'<') {
        return tag(bytes).filter(|(inside, _)| voice(inside).is_none()).map(|(_, length)| length);
    }
    style(bytes)
}

/// The length of a place or style at the beginning of `text`, as SubStation Alpha has it: `{\an8}`.
fn style(text: &[u8]) -> Option<usize> {
    let inside = text.strip_prefix(b"{\\")?;
    let end = inside.iter().take(LONGEST_STYLE).position(|byte| *byte == b'}')?;
    steps::count(end);
    let inside = inside.get(..end)?;
    let digits = inside.iter().filter(|byte| byte.is_ascii_digit()).count();
    let fits = inside.first()?.is_ascii_alphabetic() && digits <= MOST_DIGITS_OF_TAG;
    fits.then(|| end.saturating_add(3))
}

/// The name in a voice tag.
fn voice(inside: &[u8]) -> Option<String> {
    let rest = inside.strip_prefix(b"v")?;
    if !matches!(rest.first(), Some(b'.' | b' ' | b'\t')) {
        return None;
    }
    let rest = core::str::from_utf8(rest).ok()?;
    let name = rest.split_once([' ', '\t'])?.1.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The character of an entity at the beginning of `text`, and its length.
fn entity(text: &[u8]) -> Option<(char, usize)> {
    let text = text.get(..text.len().min(12)).and_then(|text| text.utf8_chunks().next())?.valid();
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    let c = match name {
        "nbsp" => '\u{a0}',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        _ => {
            let digits = name.strip_prefix('#')?;
            let hex = digits.strip_prefix(['x', 'X']).and_then(|digits| number(digits, 16));
            hex.or_else(|| number(digits, 10))?
        }
    };
    Some((c, name.len().saturating_add(2)))
}
