//! What stands near card numbers: codes, expiries, PINs, and the rest of a magnetic stripe.

use crate::redact::announced::Before;
use crate::redact::chars::{DASH, SLASH};
use crate::redact::engine::Engine;
use crate::redact::judge::{Mark, Verdict, is_expiry};
use crate::redact::marks::edits;
use crate::redact::names::NameKind;
use crate::redact::near::NEAR_BYTES;
use crate::redact::pending::{MAX_FEW_DIGITS, MOST_SHORTS, Passed, Waiting};
use crate::redact::run::Digit;
use crate::redact::{Span, SpanKind, near};

/// How far from a card number codes and expiries are looked for, as a distance within the window.
const NEAR: usize = 128;
const _: () =
    assert!(NEAR as u64 == NEAR_BYTES, "a distance is the same in the window and in the stream");

/// The least digits of a track after the card number: expiry and service code; and how many of them are the
/// expiry.
const SHORTEST_TRACK: usize = 7;
const TRACK_EXPIRY: usize = 4;

pub(super) const fn is_code(digits: &[Digit]) -> bool {
    matches!(digits.len(), 3 | 4)
}

/// ISO 9564-1: four digits or more. Longer ones than these are no card's.
const fn is_pin(digits: &[Digit]) -> bool {
    matches!(digits.len(), 4..=8)
}

/// A year that a card may expire in, of two digits or four.
fn is_year(digits: &[Digit]) -> bool {
    let number = digits.iter().fold(0_u32, |number, digit| {
        number.saturating_mul(10).saturating_add(u32::from(digit.value & 0x0F))
    });
    match digits.len() {
        2 => (15..=60).contains(&number),
        4 => (2015..=2060).contains(&number),
        _ => false,
    }
}

/// What was announced as an expiry: a date, or a part of one.
const fn is_date(digits: &[Digit]) -> bool {
    matches!(digits.len(), 1..=8)
}

impl Engine {
    /// Notes a short run: what it is, is looked at once a card number comes near.
    pub(super) fn pass_over(&mut self, passed: Passed) {
        if self.shorts.len() >= MOST_SHORTS {
            // With those that begin a period which ends near.
            let (start, _) = passed.place();
            self.shorts.retain(|one| start <= one.place().1.saturating_add(2 * NEAR));
        }
        self.shorts.push(passed);
    }

    /// Forgets the short runs once none is near.
    pub(super) fn forget_shorts(&mut self) {
        let now = self.run.start().unwrap_or(self.read);
        if self.shorts.iter().all(|passed| now > passed.place().1.saturating_add(NEAR)) {
            self.shorts.clear();
        }
    }

    /// Looks at the short runs that are near, and at those that may begin a period which ends near.
    pub(super) fn look_at_shorts(&mut self, text: &[u8]) {
        let now = self.run.start().unwrap_or(self.read);
        let shorts = core::mem::take(&mut self.shorts);
        let is_near = |passed: &Passed| now <= passed.place().1.saturating_add(NEAR);
        let Some(mut first) = shorts.iter().position(is_near) else { return };
        while let Some(before) = first.checked_sub(1)
            && let (Some(one), Some(next)) = (shorts.get(before), shorts.get(first))
            && next.place().0 <= one.place().1.saturating_add(near::PERIOD_BYTES)
        {
            first = before;
        }
        for passed in shorts.into_iter().skip(first) {
            match passed {
                Passed::Short(short) => {
                    let settings = self.settings.clone();
                    let mut run = core::mem::take(&mut self.again);
                    short.runs(settings.reading(), text, self.complete, &mut run, |digits| {
                        self.few(text, digits);
                    });
                    self.again = run;
                }
                Passed::Run(digits) => self.few(text, &digits),
            }
        }
        self.forget();
    }

    /// Where the digits end that were passed over last.
    pub(super) fn passed_until(&mut self, text: &[u8]) -> Option<usize> {
        Some(match self.shorts.last()? {
            Passed::Short(short) => {
                let mut until = 0;
                let how = self.settings.reading();
                short.runs(how, text, self.complete, &mut self.again, |digits| {
                    until = digits.last().map_or(0, |digit| digit.end);
                });
                until
            }
            passed @ Passed::Run(_) => passed.place().1,
        })
    }

    /// What goes on with a magnetic stripe's track after a card number: expiry, service code and what the
    /// issuer put there (ISO/IEC 7813), all of which is masked. Says whether it was that.
    pub(super) fn track(&mut self, text: &[u8]) -> bool {
        let digits = self.run.digits();
        let Some(first) = digits.first().map(|digit| digit.start) else { return false };
        let Some(last) = self.near(self.absolute(first)) else { return false };
        let between = self.absolute(first).checked_sub(last.tail).map(usize::try_from);
        let Some(from) = between.and_then(|between| first.checked_sub(between.ok()?)) else {
            return false;
        };
        if digits.len() < SHORTEST_TRACK || !near::is_track(text, from, first) {
            return false;
        }
        let mark = |at: usize| if at < TRACK_EXPIRY { Mark::Expiry } else { Mark::Code };
        let joined = |at: usize| at > 0 && at != TRACK_EXPIRY;
        let verdict = |at| Verdict { mark: mark(at), last_four: false, joined: joined(at) };
        let verdicts: Vec<_> = (0..digits.len()).map(verdict).collect();
        self.settle();
        let run = core::mem::take(&mut self.run);
        self.mark(text, run.digits(), &verdicts);
        self.run = run;
        true
    }

    /// What is announced before `first`, and `digits` are; `two` is whether the 2 of "CVV2" stands before them.
    pub(super) fn announced(
        &self,
        text: &[u8],
        first: usize,
        digits: &[Digit],
        two: bool,
    ) -> (Option<NameKind>, Option<Mark>) {
        let (announced, month) = Before::with(&self.settings, text, first, |before| {
            (before.announces(two), before.is_month())
        });
        let mark = match announced {
            Some(NameKind::Code) if is_code(digits) => Some(Mark::Code),
            Some(NameKind::Expiry) if is_date(digits) => Some(Mark::Expiry),
            Some(NameKind::Pin) if is_pin(digits) => Some(Mark::Pin),
            // "Sep 2027".
            _ if month && is_year(digits) => Some(Mark::Expiry),
            // "From 12/23 to 12/27".
            _ if is_expiry(digits) && self.ends_period(text, first) => Some(Mark::Expiry),
            _ => None,
        };
        (announced, mark)
    }

    /// Whether the date that begins at `first` ends a period whose first date was announced.
    pub(super) fn ends_period(&self, text: &[u8], first: usize) -> bool {
        let between = self.announced.and_then(|end| self.absolute(first).checked_sub(end));
        let from = between.and_then(|between| first.checked_sub(usize::try_from(between).ok()?));
        from.is_some_and(|from| near::is_period(text, from, first))
    }

    /// Marks what was announced before the run and stands in it before a card number, whose first
    /// digit is that at `number`.
    pub(super) fn lead(&self, text: &[u8], verdicts: &mut [Verdict], number: usize) {
        let Some(digits) = self.run.digits().get(..number) else { return };
        let (Some(first), (rest, two)) = (digits.first(), near::without_label(text, digits)) else {
            return;
        };
        let (_, Some(mark)) = self.announced(text, first.start, rest, two) else { return };
        let free = digits.len().saturating_sub(rest.len())..number;
        let free = verdicts.get_mut(free).unwrap_or_default();
        for (at, verdict) in free.iter_mut().enumerate() {
            (verdict.mark, verdict.joined) = (mark, at > 0);
        }
    }

    /// A run too short for a card number may be an expiry or a code near one.
    pub(super) fn few(&mut self, text: &[u8], digits: &[Digit]) {
        let Some(first) = digits.first().map(|digit| digit.start) else { return };
        let (rest, two) = near::without_label(text, digits);
        if rest.is_empty() || rest.len() > MAX_FEW_DIGITS {
            return;
        }
        let row = self.row(text, rest, true, true);
        // The count belongs to what announces: "the last 3 123".
        let named = if two { first } else { rest.first().map_or(first, |digit| digit.start) };
        let (announced, mark) = self.announced(text, named, rest, two);
        let start = self.absolute(first);
        let date_end = rest.last().map(|digit| self.absolute(digit.end));
        let last = self.near(start);
        let pin = mark == Some(Mark::Pin);
        let verdicts = |expiry: usize, code: usize| {
            (0..digits.len()).map(move |at| {
                let at = at.wrapping_sub(digits.len().saturating_sub(rest.len()));
                let mark = match at {
                    at if at < expiry => Mark::Expiry,
                    at if at < code && pin => Mark::Pin,
                    at if at < code => Mark::Code,
                    _ => Mark::None,
                };
                Verdict { mark, last_four: false, joined: at > 0 && at != expiry }
            })
        };
        let all = |mark| match mark {
            Mark::Expiry => verdicts(rest.len(), rest.len()).collect::<Vec<_>>(),
            _ => verdicts(0, rest.len()).collect(),
        };
        if let Some(last) = last {
            let between = start.checked_sub(last.tail).map(usize::try_from);
            let from = between.and_then(|between| first.checked_sub(between.ok()?));
            let is = |near: fn(&[u8], usize, usize) -> bool| {
                from.is_some_and(|from| near(text, from, first))
            };
            let tail = row.tail(0, last.brand);
            let date = |digit: &Digit| digit.kinds == SLASH || digit.kinds == DASH;
            let adjacent = is(near::is_adjacent)
                || tail.expiry > 0 && is(near::is_next_field)
                || rest.iter().take(tail.expiry).any(date) && is(near::is_on_line);
            let sure = self.unsure.is_none();
            let adjacent = adjacent && (sure || tail.expiry > 0);
            let found = match mark {
                Some(mark) => all(mark),
                None if (adjacent || announced == Some(NameKind::Expiry)) && tail.code > 0 => {
                    verdicts(tail.expiry, tail.code).collect()
                }
                None => return,
            };
            self.settle();
            self.mark(text, digits, &found);
            self.announced = date_end.filter(|_| mark == Some(Mark::Expiry));
        } else if let Some(mark) = mark {
            let kind = match mark {
                Mark::Code => SpanKind::Code,
                Mark::Pin => SpanKind::Pin,
                _ => SpanKind::Expiry,
            };
            let found = all(mark);
            let (Some(from), Some(to)) = (rest.first(), rest.last()) else { return };
            let find = Span { start: self.absolute(from.start), end: self.absolute(to.end), kind };
            let edits = edits(text, digits, &found);
            self.waiting.push(Waiting { edits, find });
            self.announced = date_end.filter(|_| mark == Mark::Expiry);
        }
    }
}
