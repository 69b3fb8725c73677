//! The text of a turn and where each character of it stands in the file: tags are left out, escapes are one character.

use core::ops::Range;

use zeroize::Zeroizing;

use crate::redact::edit::Edit;
use crate::redact::steps;

/// A stretch of text and where it stands in the file. Both are of one length if it stands there as it is.
#[derive(Debug)]
struct Segment {
    text: Range<usize>,
    source: Range<usize>,
}

/// The text of a turn and where it stands.
#[derive(Default)]
pub(super) struct Source {
    pub(super) text: Zeroizing<String>,
    segments: Vec<Segment>,
}

/// A stretch of the file to be replaced by so many masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) masks: usize,
}

impl Source {
    /// Adds text that stands in the file from `at` on as it is.
    pub(super) fn add(&mut self, text: &str, at: usize) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.push(text);
        let (end, until) = (self.text.len(), at.saturating_add(text.len()));
        match self.segments.last_mut() {
            Some(last) if last.source.end == at && last.text.len() == last.source.len() => {
                (last.text.end, last.source.end) = (end, until);
            }
            _ => self.segments.push(Segment { text: start..end, source: at..until }),
        }
    }

    /// Adds a character that is written otherwise in the file.
    pub(super) fn add_char(&mut self, c: char, source: Range<usize>) {
        let start = self.text.len();
        self.push(c.encode_utf8(&mut [0; 4]));
        let end = self.text.len();
        // Of one length by chance, it must not be cut.
        self.segments.push(Segment { text: start..end, source });
    }

    /// Adds bytes of the file that need not be UTF-8.
    pub(super) fn add_bytes(&mut self, bytes: &[u8], at: usize) {
        let mut from = at;
        for chunk in bytes.utf8_chunks() {
            self.add(chunk.valid(), from);
            from = from.saturating_add(chunk.valid().len());
            let invalid = chunk.invalid().len();
            if invalid > 0 {
                let to = from.saturating_add(invalid);
                self.add_char('\u{fffd}', from..to);
                from = to;
            }
        }
    }

    /// Adds what stands nowhere in the file.
    pub(super) fn part(&mut self, between: &str) {
        self.push(between);
    }

    /// Appends without leaving copies behind where there was not enough room.
    fn push(&mut self, text: &str) {
        let needed = self.text.len().saturating_add(text.len());
        if needed > self.text.capacity() {
            let room = needed.max(self.text.len().saturating_mul(2)).max(128);
            let mut larger = Zeroizing::new(String::with_capacity(room));
            larger.push_str(&self.text);
            self.text = larger;
        }
        self.text.push_str(text);
    }

    /// What is to be done in the file for edits of the text: masks in the place of the first of what is cut out.
    pub(super) fn cuts(&self, edits: &[Edit]) -> Vec<Cut> {
        let mut cuts = Vec::new();
        for edit in edits {
            let from = self.segments.partition_point(|segment| segment.text.end <= edit.start);
            let mut masks = edit.masks;
            steps::count(edit.end.saturating_sub(edit.start));
            for segment in self.segments.iter().skip(from) {
                if segment.text.start >= edit.end {
                    break;
                }
                // Of what is written otherwise all is cut: it is one character.
                let before = edit.start.saturating_sub(segment.text.start);
                let after = segment.text.end.saturating_sub(edit.end);
                let start = segment.source.start.saturating_add(before);
                let end = segment.source.end.saturating_sub(after);
                cuts.push(Cut { start, end, masks: core::mem::take(&mut masks) });
            }
        }
        cuts
    }
}

/// `bytes` with `cuts` made, which are in order.
pub(super) fn cut(bytes: &[u8], cuts: &[Cut], mask: char, to: &mut Vec<u8>) {
    let mut at = 0;
    for cut in cuts.iter().filter(|cut| cut.start <= cut.end) {
        if cut.start < at {
            continue;
        }
        to.extend_from_slice(bytes.get(at..cut.start).unwrap_or_default());
        for _ in 0..cut.masks {
            to.extend_from_slice(mask.encode_utf8(&mut [0; 4]).as_bytes());
        }
        at = cut.end;
    }
    to.extend_from_slice(bytes.get(at..).unwrap_or_default());
}

/// Appends bytes without leaving copies behind where there was not enough room.
pub(super) fn append(to: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let needed = to.len().saturating_add(bytes.len());
    if needed > to.capacity() {
        let room = needed.max(to.len().saturating_mul(2));
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(to);
        *to = larger;
    }
    to.extend_from_slice(bytes);
}
