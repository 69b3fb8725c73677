//! The machine that reads text and says what in it is to be masked.
//!
//! It looks at text through a window that its owner moves along: what it has decided may leave. All
//! it remembers of the past are the digits of one run, or the last few hundred of a long one, and
//! what of the text it still has to decide.

use std::sync::Arc;

use crate::redact::judge::{Mark, Row, Verdict, is_expiry};
use crate::redact::languages::lexicon::{Announced, Lexicon};
use crate::redact::languages::skimmer::Skimmed;
use crate::redact::near::NEAR_BYTES;
use crate::redact::reach::{PIECE, RADIUS, SHORTEST};
use crate::redact::run::{Digit, Run, Taken};
use crate::redact::token::{Reading, Token, escape_start, partial_escape, token, within_word};
use crate::redact::{Span, SpanKind, iban, iccid, near, skim, steps};
use crate::values::card_number::Brand;

/// How many bytes before what is not decided have to stay readable.
pub(super) const LOOK_BACK_BYTES: usize = 64;

/// A stretch to be replaced by so many masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) masks: usize,
}

/// Digits after their announcement, which are masked if a card number follows.
#[derive(Debug)]
struct Waiting {
    edits: Vec<Edit>,
    find: Span,
}

/// The last card number, for what follows it.
#[derive(Debug, Clone, Copy)]
struct Last {
    /// Where it ends.
    end: u64,
    /// Where that ends which was masked right after it.
    tail: u64,
    brand: Brand,
}

#[derive(Debug)]
pub(super) struct Engine {
    lexicon: Arc<Lexicon>,
    spoken: bool,
    keep_last_four: bool,
    any_length: bool,
    mask: char,
    /// How much text left the window.
    origin: u64,
    /// Everything before this was read.
    read: usize,
    run: Run,
    waiting: Vec<Waiting>,
    last: Option<Last>,
    /// Where the last expiry ended that was announced.
    announced: Option<u64>,
    /// A find that the next digits may go on with.
    open: Option<Span>,
    edits: Vec<Edit>,
    finds: Vec<Span>,
}

impl Engine {
    pub(super) fn new(
        lexicon: Arc<Lexicon>,
        spoken: bool,
        keep_last_four: bool,
        any_length: bool,
        mask: char,
    ) -> Self {
        Self {
            lexicon,
            spoken,
            keep_last_four,
            any_length,
            mask,
            origin: 0,
            read: 0,
            run: Run::default(),
            waiting: Vec::new(),
            last: None,
            announced: None,
            open: None,
            edits: Vec::new(),
            finds: Vec::new(),
        }
    }

    /// Reads on in `text`, to its end if it is the `last` there will be. Says up to where everything
    /// is decided.
    pub(super) fn read(&mut self, text: &[u8], last: bool) -> usize {
        while self.read < text.len() && (self.run.start().is_some() || self.skim(text, last)) {
            let lexicon = self.spoken.then_some(&*self.lexicon);
            let how = Reading { lexicon, mask: self.mask };
            let start = self.read;
            steps::count(1);
            let Some((token, length)) = token(how, text, start, last) else { break };
            let end = start.saturating_add(length);
            self.take(text, token, start, end);
            self.read = end;
        }
        if last {
            self.end_run(text);
            self.waiting.clear();
        } else if self.run.start().is_none() {
            self.read = self.read.min(partial_escape(text));
        }
        let waiting = self.waiting.iter().flat_map(|waiting| &waiting.edits);
        let waiting = waiting.map(|edit| edit.start).min().unwrap_or(usize::MAX);
        self.read.min(waiting).min(self.run.start().unwrap_or(usize::MAX))
    }

    /// The edits of what is decided, in order.
    pub(super) fn edits(&mut self) -> Vec<Edit> {
        steps::count(self.edits.len());
        self.edits.sort_unstable_by_key(|edit| edit.start);
        core::mem::take(&mut self.edits)
    }

    /// The finds that are complete, in order.
    pub(super) fn finds(&mut self) -> Vec<Span> {
        self.finds.sort_unstable_by_key(|find| find.start);
        core::mem::take(&mut self.finds)
    }

    /// The first `by` bytes leave the window.
    pub(super) fn shift(&mut self, by: usize) {
        self.origin = self.absolute(by);
        self.read = self.read.saturating_sub(by);
        self.run.shift(by);
        steps::count(self.run.digits().len().saturating_add(self.waiting.len()));
        for edit in self.waiting.iter_mut().flat_map(|waiting| &mut waiting.edits) {
            edit.start = edit.start.saturating_sub(by);
            edit.end = edit.end.saturating_sub(by);
        }
    }

    /// Forgets everything, for another text.
    pub(super) fn restart(&mut self) {
        let lexicon = Arc::clone(&self.lexicon);
        *self = Self::new(lexicon, self.spoken, self.keep_last_four, self.any_length, self.mask);
    }

    const fn absolute(&self, at: usize) -> u64 {
        self.origin.saturating_add(at as u64)
    }

    /// Passes over what begins no number. Says whether there is something to take.
    fn skim(&mut self, text: &[u8], last: bool) -> bool {
        let at = if self.spoken {
            let within = within_word(text, self.read);
            match self.lexicon.skimmer().skim(text, self.read, within) {
                Skimmed::At(at) => Ok(at),
                // What may be the beginning of a word is all of it.
                Skimmed::UpTo(at) if last && at < text.len() => Ok(at),
                Skimmed::UpTo(at) => Err(at),
            }
        } else {
            skim::digit(text, self.read).ok_or(text.len())
        };
        let begun = self.read;
        self.read = at.map_or_else(|end| end, |at| escape_start(text, at)).max(begun);
        steps::count(self.read.saturating_sub(begun));
        self.forget();
        at.is_ok()
    }

    /// Forgets what is too far away by now.
    fn forget(&mut self) {
        if !self.waiting.is_empty() {
            steps::count(self.waiting.len());
            let now = self.absolute(self.run.start().unwrap_or(self.read));
            self.waiting.retain(|waiting| now <= waiting.find.end.saturating_add(NEAR_BYTES));
        }
    }

    fn take(&mut self, text: &[u8], token: Token, start: usize, end: usize) {
        if self.run.take(token, start, end) == Taken::Ended {
            self.end_run(text);
            // What cannot belong to the run may begin the next.
            let _ = self.run.take(token, start, end);
        }
        if self.run.digits().len() >= PIECE {
            let mut until = PIECE - RADIUS;
            while self.run.digits().get(until).is_some_and(|digit| digit.inside) {
                until = until.saturating_sub(1);
            }
            self.decide(text, until, false);
            self.run.decide(until, RADIUS);
        }
    }

    fn end_run(&mut self, text: &[u8]) {
        self.decide(text, self.run.digits().len(), true);
        self.run.clear();
        self.close();
        self.forget();
    }

    /// Decides the digits of the run before the one at `until`.
    fn decide(&mut self, text: &[u8], until: usize, ends: bool) {
        let begins = self.run.begins();
        if begins && ends && self.track(text) {
            return;
        }
        if begins && ends && self.run.digits().len() < SHORTEST {
            self.few(text);
            return;
        }
        match self.verdicts(text, begins, ends) {
            Some(verdicts) => self.mark(&verdicts, until),
            None => self.close(),
        }
    }

    fn verdicts(&mut self, text: &[u8], begins: bool, ends: bool) -> Option<Vec<Verdict>> {
        let digits = self.run.digits();
        let (first, end) = (digits.first()?.start, digits.last()?.end);
        let any_length = self.any_length;
        let row = Row { digits, begins, ends, account: 0, any_length };
        let mut verdicts = row.judge(self.keep_last_four)?;
        if begins {
            if ends && digits.len() <= MAX_TELEPHONE_DIGITS && text.get(..first)?.ends_with(b"+") {
                return None;
            }
            if ends && !any_length && iccid::is_iccid(digits) {
                return None;
            }
            if let Some(until) = iban::end(text, first, end) {
                let account = digits.iter().take_while(|digit| digit.end <= until).count();
                verdicts = Row { account, ..row }.judge(self.keep_last_four)?;
            }
            let card = |verdict: &Verdict| matches!(verdict.mark, Mark::Card(_));
            if let Some(number) = verdicts.iter().position(card) {
                let start = self.absolute(digits.get(number)?.start);
                self.lead(text, &mut verdicts, number);
                for waiting in core::mem::take(&mut self.waiting) {
                    if start <= waiting.find.end.saturating_add(NEAR_BYTES) {
                        self.edits.extend(waiting.edits);
                        self.finds.push(waiting.find);
                    }
                }
            }
        }
        Some(verdicts)
    }

    /// What goes on with a magnetic stripe's track after a card number: expiry, service code and what the
    /// issuer put there (ISO/IEC 7813), all of which is masked. Says whether it was that.
    fn track(&mut self, text: &[u8]) -> bool {
        let digits = self.run.digits();
        let (Some(first), Some(last)) = (digits.first().map(|digit| digit.start), self.last) else {
            return false;
        };
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
        self.mark(&verdicts, verdicts.len());
        true
    }

    /// What is announced before `first`, and `digits` are.
    fn announced(
        &self,
        text: &[u8],
        first: usize,
        digits: &[Digit],
    ) -> (Option<Announced>, Option<Mark>) {
        let announced = near::announced(&self.lexicon, text, first);
        let mark = match announced {
            Some(Announced::Code) if is_code(digits) => Some(Mark::Code),
            Some(Announced::Expiry) if is_date(digits) => Some(Mark::Expiry),
            // "From 12/23 to 12/27".
            _ if is_expiry(digits) && self.ends_period(text, first) => Some(Mark::Expiry),
            _ => None,
        };
        (announced, mark)
    }

    /// Whether the date that begins at `first` ends a period whose first date was announced.
    fn ends_period(&self, text: &[u8], first: usize) -> bool {
        let between = self.announced.and_then(|end| self.absolute(first).checked_sub(end));
        let from = between.and_then(|between| first.checked_sub(usize::try_from(between).ok()?));
        from.is_some_and(|from| near::is_period(text, from, first))
    }

    /// Marks what was announced before the run and stands in it before a card number, whose first
    /// digit is that at `number`.
    fn lead(&self, text: &[u8], verdicts: &mut [Verdict], number: usize) {
        let Some(digits) = self.run.digits().get(..number) else { return };
        let (Some(first), rest) = (digits.first(), near::without_two(text, digits)) else { return };
        let (_, Some(mark)) = self.announced(text, first.start, rest) else { return };
        let free = digits.len().saturating_sub(rest.len())..number;
        let free = verdicts.get_mut(free).unwrap_or_default();
        for (at, verdict) in free.iter_mut().enumerate() {
            (verdict.mark, verdict.joined) = (mark, at > 0);
        }
    }

    /// A run too short for a card number may be an expiry or a code near one.
    fn few(&mut self, text: &[u8]) {
        let digits = self.run.digits();
        let Some(first) = digits.first().map(|digit| digit.start) else { return };
        let rest = near::without_two(text, digits);
        if rest.is_empty() || rest.len() > MAX_FEW_DIGITS {
            return;
        }
        let row =
            Row { digits: rest, begins: true, ends: true, account: 0, any_length: self.any_length };
        let (announced, mark) = self.announced(text, first, rest);
        let start = self.absolute(first);
        let date_end = rest.last().map(|digit| self.absolute(digit.end));
        let last = self.last.filter(|last| start <= last.end.saturating_add(NEAR_BYTES));
        let verdicts = |expiry: usize, code: usize| {
            (0..digits.len()).map(move |at| {
                let at = at.wrapping_sub(digits.len().saturating_sub(rest.len()));
                let mark = match at {
                    at if at < expiry => Mark::Expiry,
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
            let adjacent = is(near::is_adjacent) || (tail.expiry > 0 && is(near::is_next_field));
            let found = match mark {
                Some(mark) => all(mark),
                None if (adjacent || announced == Some(Announced::Expiry)) && tail.code > 0 => {
                    verdicts(tail.expiry, tail.code).collect()
                }
                None => return,
            };
            self.mark(&found, found.len());
            self.announced = date_end.filter(|_| mark == Some(Mark::Expiry));
        } else if let Some(mark) = mark {
            let kind = if mark == Mark::Code { SpanKind::Code } else { SpanKind::Expiry };
            let found = all(mark);
            let (Some(from), Some(to)) = (rest.first(), rest.last()) else { return };
            let find = Span { start: self.absolute(from.start), end: self.absolute(to.end), kind };
            let edits = edits(digits, &found);
            self.waiting.push(Waiting { edits, find });
            self.announced = date_end.filter(|_| mark == Mark::Expiry);
        }
    }

    /// Takes down what was decided about the digits before the one at `until`.
    fn mark(&mut self, verdicts: &[Verdict], until: usize) {
        let from = self.run.decided();
        let digits = self.run.digits().get(from..until).unwrap_or_default();
        let verdicts = verdicts.get(from..until).unwrap_or_default();
        self.edits.extend(edits(digits, verdicts));
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

    fn close(&mut self) {
        self.finds.extend(self.open.take());
    }
}

/// The most digits of a telephone number after a plus sign that a card number may have too; of
/// longer ones the sign tells nothing.
const MAX_TELEPHONE_DIGITS: usize = 13;
/// The least digits of a track after the card number: expiry and service code; and how many of them are the
/// expiry.
const SHORTEST_TRACK: usize = 7;
const TRACK_EXPIRY: usize = 4;
/// The most digits of an expiry and a code together.
const MAX_FEW_DIGITS: usize = 10;

const fn is_code(digits: &[Digit]) -> bool {
    matches!(digits.len(), 3 | 4)
}

/// What was announced as an expiry: a date, or a part of one.
const fn is_date(digits: &[Digit]) -> bool {
    matches!(digits.len(), 1..=8)
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
fn edits(digits: &[Digit], verdicts: &[Verdict]) -> Vec<Edit> {
    let masked = |verdict: &Verdict| verdict.mark != Mark::None && !verdict.last_four;
    units(digits, verdicts)
        .filter(|(_, verdicts)| verdicts.iter().any(masked))
        .filter_map(|(unit, _)| {
            let first = unit.first()?;
            Some(Edit { start: first.start, end: first.end, masks: unit.len() })
        })
        .collect()
}
