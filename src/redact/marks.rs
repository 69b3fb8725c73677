//! Taking down what was decided: what is masked, and where it was found.

use crate::redact::edit::Edit;
use crate::redact::engine::Engine;
use crate::redact::judge::{Mark, Verdict};
use crate::redact::pending::Last;
use crate::redact::run::Digit;
use crate::redact::{Span, SpanKind, json};

impl Engine {
    /// Takes down what was decided about the digits before the one at `until`.
    pub(super) fn mark(&mut self, text: &[u8], digits: &[Digit], verdicts: &[Verdict]) {
        self.edits.extend(edits(text, digits, verdicts));
        let units: Vec<(u64, u64, Verdict)> = units(digits, verdicts)
            .filter_map(|(digits, verdicts)| {
                // A word of several digits is masked as one, and is one find.
                let marked = verdicts.iter().find(|verdict| verdict.mark != Mark::None);
                let (digit, verdict) = (digits.first()?, marked.or(verdicts.first())?);
                let joined = verdicts.first().is_some_and(|first| first.joined);
                let (start, end) = (self.absolute(digit.start), self.absolute(digit.end));
                Some((start, end, Verdict { joined, ..*verdict }))
            })
            .collect();
        for (start, end, verdict) in units {
            let kind = match verdict.mark {
                Mark::None => {
                    self.close();
                    continue;
                }
                Mark::Card(brand) => {
                    self.last = Some(Last { end, tail: end, brand });
                    SpanKind::Card(brand)
                }
                Mark::Expiry => SpanKind::Expiry,
                Mark::Code => SpanKind::Code,
                Mark::Pin => SpanKind::Pin,
            };
            if let Some(last) = &mut self.last {
                last.tail = end;
            }
            match &mut self.open {
                Some(open) if verdict.joined && open.kind.is_like(kind) => open.end = end,
                _ => {
                    self.close();
                    self.open = Some(Span { start, end, kind });
                }
            }
        }
    }

    pub(super) fn close(&mut self) {
        self.finds.extend(self.open.take());
    }
}

/// The digits of each character or word together, with what was decided about them.
fn units<'a>(
    digits: &'a [Digit],
    verdicts: &'a [Verdict],
) -> impl Iterator<Item = (&'a [Digit], &'a [Verdict])> {
    let mut rest = verdicts;
    digits.chunk_by(|_, next| next.inside).map_while(move |unit| {
        let (of_unit, after) = rest.split_at_checked(unit.len())?;
        rest = after;
        Some((unit, of_unit))
    })
}

/// What is to be masked: whole characters and words, a mask for each digit.
pub(super) fn edits(text: &[u8], digits: &[Digit], verdicts: &[Verdict]) -> Vec<Edit> {
    let masked = |verdict: &Verdict| verdict.mark != Mark::None && !verdict.last_four;
    let mut edits: Vec<Edit> = units(digits, verdicts)
        .filter(|(_, verdicts)| verdicts.iter().any(masked))
        .filter_map(|(unit, _)| {
            let first = unit.first()?;
            Some(Edit { start: first.start, end: first.end, masks: unit.len() })
        })
        .collect();
    json::quote(text, &mut edits);
    edits
}
