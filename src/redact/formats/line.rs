//! What one line of a file is, and what tells that.

use core::time::Duration;

use crate::redact::formats::source::Source;

/// What a line is.
pub(super) enum Line {
    /// No text: it stays as it is.
    Structure,
    /// A line of somebody's text: who, when, and where in the line.
    Turn(String, Option<Duration>, Source),
    /// What it is depends on the next.
    Unknown,
}

/// The reader of a format: says what lines are.
pub(super) trait Read {
    /// What the next line is; `line` is without its end. `now` says that it must be told.
    fn line(&mut self, line: &[u8], next: Option<&[u8]>) -> Line;
}
