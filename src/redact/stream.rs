//! Redaction of text that comes in chunks.

use core::fmt;
use std::io;

use zeroize::{Zeroize, Zeroizing};

use crate::redact::edit::Edit;
use crate::redact::engine::{Engine, LOOK_BACK_BYTES};
use crate::redact::{Span, json, steps};

/// The most that a [`Redactor`], a [`Writer`] or a [`Finder`] holds back, in bytes: what does not come out
/// before more is known. Digits as far apart as they may be, each gap written in the longest escape
/// sequences, come near it; most text comes nowhere near.
pub const MAX_HELD_BYTES: usize = 200 * 1024;

/// So much of a chunk is read in one go, in bytes.
const STEP: usize = 16 * 1024;
/// So much text that is no longer needed is left where it is, in bytes: what is still needed is moved
/// once for so many bytes, and not for each small chunk.
const LEFT: usize = 16 * 1024;

/// Redacts text that comes in chunks, however they are cut: the result is that of
/// [`Options::cards`](crate::redact::Options::cards) over the whole.
///
/// What cannot be decided yet stays back until the next chunk, or [`finish`](Self::finish): a number
/// that has begun, and as much of the text before as [the manual](crate::manual::_39_redaction) says.
/// Text that holds no digits and no number words comes out at once.
///
/// ```
/// use countersign::redact::Options;
///
/// let mut redactor = Options::new().redactor();
/// let mut out = String::new();
/// for chunk in ["It's 4242 42", "42 42", "42 4242, thank you"] {
///     redactor.push(chunk, &mut out);
/// }
/// redactor.finish(&mut out);
/// assert_eq!(out, "It's **** **** **** ****, thank you");
/// ```
pub struct Redactor {
    window: Window,
    mask: char,
}

impl Redactor {
    pub(super) fn new(engine: Engine, mask: char) -> Self {
        Self { window: Window::new(engine), mask }
    }

    /// Reads `chunk` and appends to `out` what is decided.
    pub fn push(&mut self, chunk: &str, out: &mut String) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let mut step = STEP.min(rest.len());
            while !rest.is_char_boundary(step) {
                step = step.saturating_sub(1);
            }
            let Some((now, later)) = rest.split_at_checked(step) else { break };
            rest = later;
            self.read(now.as_bytes(), false, out);
        }
    }

    /// Appends the rest to `out`, redacted. What is pushed after that is another text.
    pub fn finish(&mut self, out: &mut String) {
        self.read(b"", true, out);
    }

    fn read(&mut self, chunk: &[u8], last: bool, out: &mut String) {
        let mask = self.mask;
        self.window.read(chunk, last, |piece| match piece {
            // Whole characters went in, so whole characters come out.
            Piece::Text(text) | Piece::Quote(text) => out.push_str(&String::from_utf8_lossy(text)),
            Piece::Masks(masks) => out.extend(core::iter::repeat_n(mask, masks)),
        });
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("mask", &self.mask).finish_non_exhaustive()
    }
}

/// Redacts the bytes written to it and writes them on. They need not be UTF-8: what is not masked
/// goes through byte for byte.
///
/// [`flush`](io::Write::flush) passes on what is decided and no more. The rest is written by
/// [`finish`](Self::finish), or when the writer is dropped, where an error is lost.
///
/// ```
/// use std::io::Write;
///
/// use countersign::redact::Options;
///
/// # fn main() -> std::io::Result<()> {
/// let mut log = Options::new().writer(Vec::new());
/// writeln!(log, "paid with 4242-4242-4242-4242, cvv 123")?;
/// assert_eq!(log.finish()?, b"paid with ****-****-****-****, cvv ***\n");
/// # Ok(())
/// # }
/// ```
pub struct Writer<W: io::Write> {
    window: Window,
    mask: char,
    /// Taken by `finish` alone.
    to: Option<W>,
}

impl<W: io::Write> Writer<W> {
    pub(super) fn new(engine: Engine, mask: char, to: W) -> Self {
        Self { window: Window::new(engine), mask, to: Some(to) }
    }

    /// Writes the rest, redacted, and gives back what it wrote to.
    ///
    /// # Errors
    ///
    /// Whatever the underlying writer says.
    pub fn finish(mut self) -> io::Result<W> {
        self.read(b"", true)?;
        let mut to = self.to.take().ok_or(io::ErrorKind::Other)?;
        to.flush()?;
        Ok(to)
    }

    /// What it writes to, unless it was finished.
    pub(super) const fn get_ref(&self) -> Option<&W> {
        self.to.as_ref()
    }

    /// Writes what is left of the text. What is written after that is another.
    pub(super) fn end_text(&mut self) -> io::Result<()> {
        self.read(b"", true)
    }

    fn read(&mut self, chunk: &[u8], last: bool) -> io::Result<()> {
        let Some(to) = &mut self.to else { return Ok(()) };
        let mut utf8 = [0; 4];
        let mask = self.mask.encode_utf8(&mut utf8).as_bytes();
        let mut result = Ok(());
        self.window.read(chunk, last, |piece| {
            if result.is_ok() {
                result = match piece {
                    Piece::Text(text) | Piece::Quote(text) => to.write_all(text),
                    Piece::Masks(masks) => (0..masks).try_for_each(|_| to.write_all(mask)),
                };
            }
        });
        result
    }
}

impl<W: io::Write> io::Write for Writer<W> {
    /// Reads all of `bytes`. After an error of the underlying writer it is unknown how much of them
    /// went out.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for step in bytes.chunks(STEP) {
            self.read(step, false)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.as_mut().map_or(Ok(()), W::flush)
    }
}

impl<W: io::Write> Drop for Writer<W> {
    fn drop(&mut self) {
        // `finish` is for those who want to know.
        let _ = self.read(b"", true);
        let _ = io::Write::flush(self);
    }
}

impl<W: io::Write> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("mask", &self.mask).finish_non_exhaustive()
    }
}

/// Finds card data in bytes that come in chunks, and leaves the text alone.
pub struct Finder {
    window: Window,
}

impl Finder {
    pub(super) fn new(engine: Engine) -> Self {
        Self { window: Window::new(engine) }
    }

    /// Reads `chunk` and appends to `spans` what is decided, in order.
    pub fn push(&mut self, chunk: &[u8], spans: &mut Vec<Span>) {
        for step in chunk.chunks(STEP) {
            spans.extend(self.window.read(step, false, |_| {}));
        }
    }

    /// Appends the rest. What is pushed after that is another text.
    pub fn finish(&mut self, spans: &mut Vec<Span>) {
        spans.extend(self.window.read(b"", true, |_| {}));
    }
}

impl fmt::Debug for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finder").finish_non_exhaustive()
    }
}

/// A piece of what comes out.
pub(super) enum Piece<'a> {
    Text(&'a [u8]),
    Masks(usize),
    /// A quotation mark.
    Quote(&'a [u8]),
}

/// Gives `text` from `from` to `to` piece by piece, with `edits` made.
pub(super) fn pieces(
    text: &[u8],
    from: usize,
    to: usize,
    edits: &[Edit],
    mut give: impl FnMut(Piece<'_>),
) {
    let mut at = from;
    for edit in edits {
        give(Piece::Text(text.get(at..edit.start).unwrap_or_default()));
        give(match edit.masks {
            0 => Piece::Quote(json::mark(text, edit.start).unwrap_or_default()),
            masks => Piece::Masks(masks),
        });
        at = edit.end;
    }
    give(Piece::Text(text.get(at..to).unwrap_or_default()));
}

/// The text that is still needed: what is not decided, and a little before it.
struct Window {
    engine: Engine,
    text: Zeroizing<Vec<u8>>,
    /// How much of it was given out.
    given: usize,
    /// How much of it was wiped.
    wiped: usize,
}

impl Window {
    fn new(engine: Engine) -> Self {
        Self { engine, text: Zeroizing::new(Vec::new()), given: 0, wiped: 0 }
    }

    fn read(&mut self, chunk: &[u8], last: bool, give: impl FnMut(Piece<'_>)) -> Vec<Span> {
        self.append(chunk);
        let decided = self.engine.read(&self.text, last);
        pieces(&self.text, self.given, decided, &self.engine.edits(), give);
        let finds = self.engine.finds();
        if last {
            self.text.zeroize();
            self.engine.restart();
            (self.given, self.wiped) = (0, 0);
        } else {
            let mut leave = decided.saturating_sub(LOOK_BACK_BYTES);
            while leave > 0 && self.text.get(leave).is_some_and(|byte| byte & 0xC0 == 0x80) {
                leave = leave.saturating_sub(1);
            }
            self.given = decided;
            self.leave(leave);
        }
        finds
    }

    /// Wipes the text before `leave`, and moves the rest to its place once it is worth it.
    fn leave(&mut self, leave: usize) {
        if let Some(gone) = self.text.get_mut(self.wiped..leave) {
            steps::count(gone.len());
            gone.zeroize();
            self.wiped = leave;
        }
        if leave < LEFT {
            return;
        }
        let needed = self.text.len().saturating_sub(leave);
        steps::count(self.text.len());
        self.text.copy_within(leave.., 0);
        // What was moved still stands where it was.
        if let Some(moved) = self.text.get_mut(needed..) {
            moved.zeroize();
        }
        self.text.truncate(needed);
        self.engine.shift(leave);
        self.given = self.given.saturating_sub(leave);
        self.wiped = 0;
    }

    /// Appends without leaving copies behind where there was not enough room.
    fn append(&mut self, chunk: &[u8]) {
        let needed = self.text.len().saturating_add(chunk.len());
        if needed > self.text.capacity() {
            steps::count(self.text.len());
            let doubled = self.text.len().saturating_mul(2);
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(doubled)));
            larger.extend_from_slice(&self.text);
            self.text = larger;
        }
        self.text.extend_from_slice(chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;

    /// The most that is held back, and all that the window holds, between two chunks of `text`.
    fn most_held(text: &str, chunk: usize) -> (usize, usize) {
        let mut finder = Options::new().finder();
        let mut spans = Vec::new();
        let mut most = (0, 0);
        for chunk in text.as_bytes().chunks(chunk) {
            finder.push(chunk, &mut spans);
            let Window { text, given, .. } = &finder.window;
            most = (most.0.max(text.len() - given), most.1.max(text.len()));
        }
        most
    }

    #[test]
    fn no_text_makes_the_window_grow() {
        let escapes = |times| "\\u{0000a0}".repeat(times);
        let texts = [
            "4".to_owned(),
            "4 ".to_owned(),
            format!("4{}", escapes(16)),
            format!("4{}", "\\u001b[;;;;;;;;;;;;;;;;;;;;m".repeat(16)),
            format!("double{0}4{0}", escapes(16)),
            format!("thousand{}", escapes(16)),
            "\u{200b}".to_owned(),
            "four \u{2009}".to_owned(),
            "cvv 123 ".to_owned(),
            "exp 1227 cvv 123 x".to_owned(),
            "4242424242424242 1227 123 ".to_owned(),
            "\\".to_owned(),
            "\\u{".to_owned(),
            "double ".to_owned(),
            "o".to_owned(),
            "DE893704".to_owned(),
        ];
        let mut most = 0;
        for text in texts {
            let text = text.repeat(120_000 / text.len());
            for chunk in [1000, 60_000] {
                let (held, all) = most_held(&text, chunk);
                assert!(held <= MAX_HELD_BYTES, "{held} bytes of {text:.40}");
                assert!(all <= MAX_HELD_BYTES + LEFT + STEP, "{all} bytes of {text:.40}");
                most = most.max(held);
            }
        }
        // The bound is not many times what is needed.
        assert!(most > MAX_HELD_BYTES / 2, "{most}");
    }
}
