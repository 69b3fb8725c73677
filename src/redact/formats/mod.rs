//! Files with conversations in them: subtitles, lists of words, chats.

mod chat;
mod json;
mod line;
mod lines;
mod source;
mod subtitles;
#[cfg(test)]
mod tests;
mod words;

use core::fmt;
use std::io;

use zeroize::{Zeroize, Zeroizing};

use crate::redact::Options;

use self::lines::Lines;

/// The longest line that is looked at in one piece, in bytes; a longer one is taken for several.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// How a conversation is written down in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// WebVTT subtitles (W3C). Speakers are those of voice tags, or of labels before the text.
    Vtt,
    /// SubRip subtitles.
    Srt,
    /// JSON of a speech engine or of a chat: lists of words, segments and whole texts, one value or several after each
    /// other. Such a file is read to its end before anything is written.
    Words,
    /// Lines of a chat or a transcript, with times and names before them or not.
    Chat,
}

/// Masks card data in a file of some [`Format`] that is written to it, and writes it on. All that is not card data stays
/// byte for byte, and the file stays one of its format.
///
/// ```
/// use std::io::Write;
///
/// use countersign::redact::{Format, Options};
///
/// # fn main() -> std::io::Result<()> {
/// let mut transcript = Options::new().transcript(Format::Srt, Vec::new());
/// transcript.write_all(b"1\n00:00:14,000 --> 00:00:15,000\n4242 4242\n\n")?;
/// transcript.write_all(b"2\n00:00:15,500 --> 00:00:17,000\n4242 4242\n")?;
/// let masked = "1\n00:00:14,000 --> 00:00:15,000\n**** ****\n\n2\n00:00:15,500 --> 00:00:17,000\n**** ****\n";
/// assert_eq!(transcript.finish()?, masked.as_bytes());
/// # Ok(())
/// # }
/// ```
///
/// Lines come out as soon as they are certain: no more turns are held back than by a
/// [`Conversation`](crate::redact::Conversation). [`flush`](io::Write::flush) passes on what is certain and no more; the
/// rest is written by [`finish`](Self::finish), or when this is dropped, where an error is lost.
pub struct Transcript<W: io::Write> {
    reader: Reader,
    /// What is masked and not written.
    out: Vec<u8>,
    /// Taken by `finish` alone.
    to: Option<W>,
}

enum Reader {
    Lines(Box<Lines>),
    /// All of the file so far.
    Whole(Zeroizing<Vec<u8>>, Options),
}

impl Options {
    /// For a file of some format that is written to `to`. A mask that means something in such a file is `*` there.
    #[must_use]
    pub fn transcript<W: io::Write>(&self, format: Format, to: W) -> Transcript<W> {
        Transcript::new(self, format, to)
    }
}

impl<W: io::Write> Transcript<W> {
    pub(super) fn new(options: &Options, format: Format, to: W) -> Self {
        let options = options.with_safe_mask();
        let reader = match format {
            Format::Words => Reader::Whole(Zeroizing::new(Vec::new()), options),
            format => Reader::Lines(Box::new(Lines::new(&options, format))),
        };
        Self { reader, out: Vec::new(), to: Some(to) }
    }

    /// Writes the rest, redacted, and gives back what it wrote to.
    ///
    /// # Errors
    ///
    /// Whatever the underlying writer says.
    pub fn finish(mut self) -> io::Result<W> {
        self.end()?;
        self.to.take().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    fn end(&mut self) -> io::Result<()> {
        match &mut self.reader {
            Reader::Lines(lines) => lines.finish(&mut self.out),
            Reader::Whole(bytes, options) => {
                words::redact(options, bytes, &mut self.out);
                bytes.zeroize();
                bytes.clear();
            }
        }
        self.pass_on()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let written = match &mut self.to {
            Some(to) => to.write_all(&self.out),
            None => Ok(()),
        };
        self.out.clear();
        written
    }
}

impl<W: io::Write> io::Write for Transcript<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.reader {
            Reader::Lines(lines) => lines.push(bytes, &mut self.out),
            Reader::Whole(all, _) => source::append(all, bytes),
        }
        self.pass_on()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.as_mut().map_or(Ok(()), io::Write::flush)
    }
}

impl<W: io::Write> Drop for Transcript<W> {
    fn drop(&mut self) {
        if self.to.is_some() {
            let _lost = self.end();
        }
    }
}

impl<W: io::Write> fmt::Debug for Transcript<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript").finish_non_exhaustive()
    }
}
