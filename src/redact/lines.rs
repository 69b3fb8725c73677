//! Redaction of a log that must come out line by line.

use core::fmt;
use std::io;

use crate::redact::Writer;

/// Redacts the lines written to it, each as a text of its own: what was decided about a line is written on once the line
/// ends, so that a log is never behind. It is for any logger that writes to an [`io::Write`].
///
/// A number that is spread over two lines is not found: [`Writer`] finds it, and holds back what is not decided.
///
/// ```
/// use std::io::Write;
///
/// use countersign::redact::{Mode, Options};
///
/// # fn main() -> std::io::Result<()> {
/// let mut log = Options::new().mode(Mode::Logs).lines(Vec::new());
/// writeln!(log, "pan=4242424242424242 took=17")?;
/// assert_eq!(log.get_ref().unwrap(), b"pan=**************** took=17\n");
/// # Ok(())
/// # }
/// ```
pub struct Lines<W: io::Write> {
    writer: Writer<W>,
}

impl<W: io::Write> Lines<W> {
    pub(super) const fn new(writer: Writer<W>) -> Self {
        Self { writer }
    }

    /// What it writes to, unless it was finished.
    #[must_use]
    pub const fn get_ref(&self) -> Option<&W> {
        self.writer.get_ref()
    }

    /// Writes the rest of the last line, redacted, and gives back what it wrote to.
    ///
    /// # Errors
    ///
    /// Whatever the underlying writer says.
    pub fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }
}

impl<W: io::Write> io::Write for Lines<W> {
    /// Reads all of `bytes`. After an error of the underlying writer it is unknown how much of them went out.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            io::Write::write_all(&mut self.writer, line)?;
            if line.ends_with(b"\n") {
                self.writer.end_text()?;
            }
        }
        Ok(bytes.len())
    }

    /// Passes on what is decided. A line that has not ended is not.
    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut self.writer)
    }
}

impl<W: io::Write> fmt::Debug for Lines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("writer", &self.writer).finish()
    }
}
