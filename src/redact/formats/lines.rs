//! Formats of lines: what is text in a line goes through the machine, the rest waits for it and stays.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use crate::redact::conversation::{Decided, Machine};
use crate::redact::formats::chat::Chat;
use crate::redact::formats::line::{Line, Read};
use crate::redact::formats::source::{Source, append, cut};
use crate::redact::formats::subtitles::Subtitles;
use crate::redact::{Format, MAX_HELD_TURNS, MAX_LINE_BYTES, Options};

/// The most lines that wait, those without text among them.
const MOST_WAITING: usize = 16 * MAX_HELD_TURNS;

/// A line that was read, until it is decided.
struct Waiting {
    bytes: Zeroizing<Vec<u8>>,
    source: Option<Source>,
}

pub(super) struct Lines {
    options: Options,
    machine: Machine,
    read: Box<dyn Read + Send + Sync>,
    /// The line that is not complete, and the one before it if what it is depends on the next.
    line: Zeroizing<Vec<u8>>,
    before: Option<Zeroizing<Vec<u8>>>,
    waiting: VecDeque<Waiting>,
}

impl Lines {
    pub(super) fn new(options: &Options, format: Format) -> Self {
        let read: Box<dyn Read + Send + Sync> = match format {
            Format::Vtt => Box::new(Subtitles::vtt()),
            Format::Srt => Box::new(Subtitles::srt()),
            Format::Chat | Format::Words => Box::new(Chat::new(options)),
        };
        Self {
            options: options.clone(),
            machine: Machine::new(options),
            read,
            line: Zeroizing::new(Vec::new()),
            before: None,
            waiting: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for mut piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            while !piece.is_empty() {
                let room = MAX_LINE_BYTES.saturating_sub(self.line.len()).min(piece.len());
                let (now, later) = piece.split_at_checked(room).unwrap_or((piece, b""));
                append(&mut self.line, now);
                piece = later;
                if now.ends_with(b"\n") || self.line.len() >= MAX_LINE_BYTES {
                    let line = core::mem::take(&mut self.line);
                    self.take(line, out);
                }
            }
        }
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        let line = core::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take(line, out);
        }
        if let Some(before) = self.before.take() {
            let line = self.read.line(without_end(&before), Some(b""));
            self.add(before, line, out);
        }
        let decided = self.machine.finish();
        self.give(decided, out);
    }

    /// Takes a line with its end.
    fn take(&mut self, bytes: Zeroizing<Vec<u8>>, out: &mut Vec<u8>) {
        if let Some(before) = self.before.take() {
            let line = self.read.line(without_end(&before), Some(without_end(&bytes)));
            self.add(before, line, out);
        }
        match self.read.line(without_end(&bytes), None) {
            Line::Unknown => self.before = Some(bytes),
            line => self.add(bytes, line, out),
        }
    }

    fn add(&mut self, bytes: Zeroizing<Vec<u8>>, line: Line, out: &mut Vec<u8>) {
        match line {
            Line::Turn(speaker, at, source) => {
                let decided = self.machine.push(&speaker, at, &source.text);
                self.waiting.push_back(Waiting { bytes, source: Some(source) });
                self.give(decided, out);
            }
            Line::Structure | Line::Unknown => {
                self.waiting.push_back(Waiting { bytes, source: None });
                // Lines without text end what was said, if there are very many.
                let decided = if self.waiting.len() > MOST_WAITING {
                    self.machine.finish()
                } else {
                    Vec::new()
                };
                self.give(decided, out);
            }
        }
    }

    /// Gives out the lines whose turns are decided, and what stands between them.
    fn give(&mut self, decided: Vec<Decided>, out: &mut Vec<u8>) {
        let (_, _, mask) = self.options.reading();
        let mut decided = decided.into_iter();
        while let Some(waiting) = self.waiting.pop_front() {
            match &waiting.source {
                None => out.extend_from_slice(&waiting.bytes),
                Some(source) => match decided.next() {
                    Some(Decided { edits, .. }) => {
                        cut(&waiting.bytes, &source.cuts(&edits), mask, out)
                    }
                    None => {
                        self.waiting.push_front(waiting);
                        break;
                    }
                },
            }
        }
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
