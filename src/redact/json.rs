//! What keeps JSON JSON: a number that is masked is no number any more, so that quotation marks go around its masks, written
//! as those of its name are.

use crate::redact::chars::before;
use crate::redact::edit::Edit;
use crate::redact::escape;

/// The longest number, and the most white space before it, in bytes.
const MAX_BYTES: usize = 48;

/// Adds quotation marks around each number of JSON of which some digits are masked: edits that replace nothing. `masked`
/// are edits of digits, in order.
pub(super) fn quote(text: &[u8], masked: &mut Vec<Edit>) {
    let mut marks = Vec::new();
    for stretch in masked.chunk_by(|one, next| one.end == next.start) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
        let start = first.start.saturating_sub(digits_before(text, first.start));
        let end = last.end.saturating_add(digits_after(text, last.end));
        let ends = match text.get(end) {
            None => true,
            Some(byte) => matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'),
        };
        if ends && mark(text, start).is_some() && marks.last() != Some(&end) {
            marks.extend([start, end]);
        }
    }
    masked.extend(marks.into_iter().map(|at| Edit { start: at, end: at, masks: 0 }));
}

/// The quotation mark for the number that begins at `at` or ends there: as after the name before it.
pub(super) fn mark(text: &[u8], at: usize) -> Option<&[u8]> {
    let mut from = at.saturating_sub(digits_before(text, at));
    from = from.saturating_sub(count_before(text, from, |byte| *byte == b' '));
    let colon = from.checked_sub(1).filter(|at| text.get(*at) == Some(&b':'))?;
    match escape::before(text, colon) {
        Some(('"', from)) => text.get(from..colon),
        Some(_) => None,
        None if before(text, colon) == Some('"') => {
            // With a backslash for each time that it is text within a text.
            let mark = colon.saturating_sub(1);
            let escapes = count_before(text, mark, |byte| *byte == b'\\');
            text.get(mark.saturating_sub(escapes)..colon)
        }
        None => None,
    }
}

fn count_before(text: &[u8], at: usize, is: impl Fn(&u8) -> bool) -> usize {
    let before = text.get(at.saturating_sub(MAX_BYTES)..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| is(byte)).count()
}

fn digits_before(text: &[u8], at: usize) -> usize {
    count_before(text, at, u8::is_ascii_digit)
}

fn digits_after(text: &[u8], at: usize) -> usize {
    let after = text.get(at..).unwrap_or_default();
    after.iter().take(MAX_BYTES).take_while(|byte| byte.is_ascii_digit()).count()
}
