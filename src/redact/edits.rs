//! Edits of one text: those of several that looked at it, put together.

use zeroize::Zeroizing;

use crate::redact::Options;
use crate::redact::edit::Edit;
use crate::redact::run::Digit;
use crate::redact::steps;

/// How often a masked text is looked at again, at most.
const MOST_ROUNDS: usize = 4;

/// Adds what masks the digits for which `is` says so: whole characters and words.
pub(super) fn cover(digits: &[Digit], is: impl Fn(usize) -> bool, to: &mut Vec<Edit>) {
    let mut at = 0_usize;
    for unit in digits.chunk_by(|_, next| next.inside) {
        let end = at.saturating_add(unit.len());
        if (at..end).any(&is)
            && let Some(first) = unit.first()
        {
            to.push(Edit { start: first.start, end: first.end, masks: unit.len() });
        }
        at = end;
    }
}

/// In order, without those that are there twice; what overlaps is one.
pub(super) fn merged(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_unstable_by_key(|edit| (edit.start, edit.end));
    let mut merged: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match merged.last_mut().filter(|last| edit.start < last.end) {
            Some(last) => {
                last.masks = last.masks.max(edit.masks);
                last.end = last.end.max(edit.end);
            }
            None => merged.push(edit),
        }
    }
    merged
}

/// `text` with `edits` made, which are in order.
pub(super) fn made(text: &str, edits: &[Edit], mask: char) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.start).unwrap_or_default());
        out.extend(core::iter::repeat_n(mask, edit.masks));
        at = edit.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// `edits` and what is found in `text` once these are made, so that to mask it again finds nothing new.
pub(super) fn settled(options: &Options, text: &str, edits: Vec<Edit>) -> Vec<Edit> {
    let mut edits = merged(edits);
    if edits.is_empty() {
        return edits;
    }
    let (_, _, mask) = options.reading();
    for _ in 0..MOST_ROUNDS {
        steps::count(text.len());
        let (more, _) = options.edits_and_cards(&made(text, &edits, mask));
        if more.is_empty() {
            break;
        }
        let more = before(&more, &edits, mask);
        edits.extend(more);
        edits = merged(edits);
    }
    edits
}

/// Edits of the masked text as those of the text before; both are in order.
fn before(more: &[Edit], edits: &[Edit], mask: char) -> Vec<Edit> {
    // How much longer the text before was, up to an edit.
    let (mut taken, mut put) = (0_usize, 0_usize);
    let mut done = edits.iter().peekable();
    let mut all = Vec::with_capacity(more.len());
    for edit in more {
        while let Some(one) =
            done.next_if(|one| one.start.saturating_add(put).saturating_sub(taken) < edit.start)
        {
            taken = taken.saturating_add(one.end.saturating_sub(one.start));
            put = put.saturating_add(one.masks.saturating_mul(mask.len_utf8()));
        }
        let back = |at: usize| at.saturating_add(taken).saturating_sub(put);
        all.push(Edit { start: back(edit.start), end: back(edit.end), masks: edit.masks });
    }
    all
}
