//! The machine that reads text and says what in it is to be masked.
//!
//! It looks at text through a window that its owner moves along: what it has decided may leave. All
//! it remembers of the past are the digits of one run, or the last few hundred of a long one, and
//! what of the text it still has to decide.

use zeroize::Zeroizing;

use crate::redact::announced::{ANNOUNCED_BYTES, Before};
use crate::redact::chars::{DASH, Decoded, SLASH, decode};
use crate::redact::edit::Edit;
use crate::redact::judge::{Mark, Row, Rules, Verdict, is_expiry};
use crate::redact::languages::skimmer::Skimmed;
use crate::redact::names::NameKind;
use crate::redact::near::NEAR_BYTES;
use crate::redact::reach::{LONG_PIECE, PIECE, RADIUS, SHORTEST};
use crate::redact::run::{Digit, Run, Taken};
use crate::redact::settings::{Mode, Settings};
use crate::redact::short::Short;
use crate::redact::token::{Token, token, within_word};
use crate::redact::{Span, SpanKind, escape, iban, iccid, json, near, skim, steps};
use crate::values::card_number::Brand;

/// How many bytes before what is not decided have to stay readable.
pub(super) const LOOK_BACK_BYTES: usize = ANNOUNCED_BYTES + 2 * escape::MAX_ESCAPE_BYTES;

/// Digits after their announcement, which are masked if a card number follows.
#[derive(Debug)]
struct Waiting {
    edits: Vec<Edit>,
    find: Span,
}

/// A number that is one only if its code or its expiry follows.
#[derive(Debug)]
struct Unsure {
    edits: Vec<Edit>,
    find: Span,
    last: Last,
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
    settings: Settings,
    /// How much text left the window.
    origin: u64,
    /// Everything before this was read.
    read: usize,
    run: Run,
    waiting: Vec<Waiting>,
    /// Short runs that were passed over and may yet be a code or an expiry.
    shorts: Vec<Passed>,
    unsure: Option<Unsure>,
    last: Option<Last>,
    /// Where the last expiry ended that was announced.
    announced: Option<u64>,
    /// A find that the next digits may go on with.
    open: Option<Span>,
    /// The kinds of separators between the run and what was masked right after it.
    masked_after: Option<u8>,
    edits: Vec<Edit>,
    finds: Vec<Span>,
    /// Whether the window ends where the text does.
    complete: bool,
    /// Room for runs that are read again.
    again: Run,
}

impl Engine {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            origin: 0,
            read: 0,
            run: Run::default(),
            waiting: Vec::new(),
            shorts: Vec::new(),
            unsure: None,
            last: None,
            announced: None,
            open: None,
            masked_after: None,
            edits: Vec::new(),
            finds: Vec::new(),
            complete: false,
            again: Run::default(),
        }
    }

    /// Reads on in `text`, to its end if it is the `last` there will be. Says up to where everything
    /// is decided.
    pub(super) fn read(&mut self, text: &[u8], last: bool) -> usize {
        self.complete = last;
        while self.read < text.len() && (self.run.start().is_some() || self.skim(text, last)) {
            let start = self.read;
            steps::count(1);
            let how = self.settings.reading();
            if self.run.start().is_none()
                && self.near(self.absolute(start)).is_none()
                && let Some(short) = Short::read(how, text, start, last)
            {
                self.read = short.until;
                if short.may_be_card_data() {
                    self.pass_over(Passed::Short(short));
                }
                continue;
            }
            let Some((token, length)) = token(how, text, start, last) else { break };
            let end = start.saturating_add(length);
            self.take(text, token, start, end);
            self.read = end;
            if matches!(token, Token::Digit(_)) && length == 1 {
                self.read = self.take_digits(text, end);
            }
        }
        if last {
            self.end_run(text);
            self.shorts.clear();
            self.waiting.clear();
            self.unsure = None;
        } else if self.run.digits().len() >= PIECE {
            self.decide_most(text);
        } else if self.run.start().is_none() {
            self.read = self.read.min(escape::partial(text));
        }
        self.look_at_shorts(text);
        let unsure = self.unsure.iter().flat_map(|unsure| &unsure.edits);
        let waiting = self.waiting.iter().flat_map(|waiting| &waiting.edits).chain(unsure);
        let waiting = waiting.map(|edit| edit.start).min().unwrap_or(usize::MAX);
        self.read.min(waiting).min(self.run.start().unwrap_or(usize::MAX))
    }

    /// The edits of what is decided, in order.
    pub(super) fn edits(&mut self) -> Vec<Edit> {
        steps::count(self.edits.len());
        self.edits.sort_unstable_by_key(|edit| (edit.start, edit.end));
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
        let unsure = self.unsure.iter_mut().flat_map(|unsure| &mut unsure.edits);
        let waiting = self.waiting.iter_mut().flat_map(|waiting| &mut waiting.edits);
        for edit in waiting.chain(unsure) {
            edit.start = edit.start.saturating_sub(by);
            edit.end = edit.end.saturating_sub(by);
        }
    }

    /// Forgets everything, for another text.
    pub(super) fn restart(&mut self) {
        *self = Self::new(self.settings.clone());
    }

    const fn absolute(&self, at: usize) -> u64 {
        self.origin.saturating_add(at as u64)
    }

    /// Passes over what begins no number. Says whether there is something to take.
    fn skim(&mut self, text: &[u8], last: bool) -> bool {
        let at = if self.settings.spoken {
            let within = within_word(text, self.read);
            match self.settings.lexicon.skimmer().skim(text, self.read, within) {
                Skimmed::At(at) => Ok(at),
                // What may be the beginning of a word is all of it.
                Skimmed::UpTo(at) if last && at < text.len() => Ok(at),
                Skimmed::UpTo(at) => Err(at),
            }
        } else {
            skim::digit(text, self.read).ok_or(text.len())
        };
        let begun = self.read;
        self.read = at.map_or_else(|end| end, |at| escape::start(text, at)).max(begun);
        steps::count(self.read.saturating_sub(begun));
        self.forget();
        at.is_ok()
    }

    /// Forgets what is too far away by now.
    fn forget(&mut self) {
        if self.unsure.is_none() && self.waiting.is_empty() {
            return;
        }
        let now = self.absolute(self.run.start().unwrap_or(self.read));
        if self.unsure.as_ref().is_some_and(|one| now > one.last.end.saturating_add(NEAR_BYTES)) {
            self.unsure = None;
        }
        if !self.waiting.is_empty() {
            steps::count(self.waiting.len());
            self.waiting.retain(|waiting| now <= waiting.find.end.saturating_add(NEAR_BYTES));
        }
    }

    /// Notes a short run: what it is, is looked at once a card number comes near.
    fn pass_over(&mut self, passed: Passed) {
        if self.shorts.len() >= MOST_SHORTS {
            let near = usize::try_from(NEAR_BYTES).unwrap_or(usize::MAX);
            let (start, _) = passed.place();
            self.shorts.retain(|one| start <= one.place().1.saturating_add(near));
        }
        self.shorts.push(passed);
    }

    /// Forgets the short runs once none is near.
    fn forget_shorts(&mut self) {
        let near = usize::try_from(NEAR_BYTES).unwrap_or(usize::MAX);
        let now = self.run.start().unwrap_or(self.read);
        if self.shorts.iter().all(|passed| now > passed.place().1.saturating_add(near)) {
            self.shorts.clear();
        }
    }

    /// Looks at the short runs that are near.
    fn look_at_shorts(&mut self, text: &[u8]) {
        let near = usize::try_from(NEAR_BYTES).unwrap_or(usize::MAX);
        let now = self.run.start().unwrap_or(self.read);
        let is_near = |digits: &[Digit]| {
            digits.last().is_some_and(|last| now <= last.end.saturating_add(near))
        };
        for passed in core::mem::take(&mut self.shorts) {
            if now > passed.place().1.saturating_add(near) {
                continue;
            }
            match passed {
                Passed::Short(short) => {
                    let settings = self.settings.clone();
                    let mut run = core::mem::take(&mut self.again);
                    short.runs(settings.reading(), text, self.complete, &mut run, |digits| {
                        if is_near(digits) {
                            self.few(text, digits);
                        }
                    });
                    self.again = run;
                }
                Passed::Run(digits) => self.few(text, &digits),
            }
        }
    }

    /// Where the digits end that were passed over last.
    fn passed_until(&mut self, text: &[u8]) -> Option<usize> {
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

    fn take(&mut self, text: &[u8], token: Token, start: usize, end: usize) {
        if self.run.take(token, start, end) == Taken::Ended {
            let mask = self.settings.mask;
            let masked = matches!(decode(text, start), Decoded::Char(c, _) if c == mask);
            self.masked_after = masked.then_some(self.run.gap());
            self.end_run(text);
            // What cannot belong to the run may begin the next.
            let _ = self.run.take(token, start, end);
        }
        self.decide_piece(text);
    }

    /// Takes the plain digits that go on with the last; says where they end.
    fn take_digits(&mut self, text: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(value) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
            let end = at.saturating_add(1);
            // What follows may still belong to this one.
            self.run.take_digit(*value, at, end);
            at = end;
            self.decide_piece(text);
        }
        steps::count(at.saturating_sub(from));
        at
    }

    /// Decides a part of a run that has become long.
    fn decide_piece(&mut self, text: &[u8]) {
        // What stands before a run counts for its first piece, whose length must not depend on where a chunk ends.
        let most = if self.run.begins() { PIECE } else { LONG_PIECE };
        if self.run.digits().len() >= most {
            self.decide_most(text);
        }
    }

    /// Decides a long run but for the digits that what follows may change.
    fn decide_most(&mut self, text: &[u8]) {
        let digits = self.run.digits();
        let length = if self.run.begins() { PIECE } else { digits.len() };
        let mut until = length.saturating_sub(RADIUS);
        while digits.get(until).is_some_and(|digit| digit.inside) {
            until = until.saturating_sub(1);
        }
        self.decide(text, until, false);
        self.run.decide(until, RADIUS);
    }

    fn end_run(&mut self, text: &[u8]) {
        self.decide(text, self.run.digits().len(), true);
        self.run.clear();
        self.masked_after = None;
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
            let run = core::mem::take(&mut self.run);
            // One right before may be the beginning of a period.
            let start = run.start().unwrap_or(self.read);
            if self.near(self.absolute(start)).is_none() {
                if run.digits().len() <= MAX_PASSED_DIGITS {
                    self.pass_over(Passed::Run(Zeroizing::new(run.digits().to_vec())));
                }
                self.run = run;
                return;
            }
            if self
                .passed_until(text)
                .is_some_and(|until| start <= until.saturating_add(near::PERIOD_BYTES))
            {
                self.look_at_shorts(text);
            }
            self.few(text, run.digits());
            self.run = run;
            return;
        }
        // With all evidence first: it is seldom looked for.
        let all = begins.then(|| self.judged(text, begins, ends, true)).flatten();
        self.forget_shorts();
        if !self.shorts.is_empty() && (all.is_some() || !begins && self.judged(text, begins, ends, true).is_some()) {
            self.look_at_shorts(text);
        }
        match self.verdicts(text, begins, ends, all) {
            Some(verdicts) => {
                let from = self.run.decided();
                let run = core::mem::take(&mut self.run);
                let digits = run.digits().get(from..until).unwrap_or_default();
                self.mark(text, digits, verdicts.get(from..until).unwrap_or_default());
                self.run = run;
            }
            None => self.close(),
        }
    }

    /// What the digits of the run are, by the evidence in it; with `named`, as if a card was named before it.
    fn judged(&self, text: &[u8], begins: bool, ends: bool, named: bool) -> Option<Vec<Verdict>> {
        let row = self.row(text, self.run.digits(), begins, ends);
        let row = Row { rules: Rules { named, ..row.rules }, ..row };
        row.judge(self.settings.keep_last_four)
    }

    /// What is masked in the run; `all` is what might be, with all evidence.
    fn verdicts(
        &mut self,
        text: &[u8],
        begins: bool,
        ends: bool,
        all: Option<Vec<Verdict>>,
    ) -> Option<Vec<Verdict>> {
        let digits = self.run.digits();
        let (first, end) = (digits.first()?.start, digits.last()?.end);
        let Settings { any_length, keep_last_four, .. } = self.settings;
        if !begins {
            return self.judged(text, begins, ends, false);
        }
        let mut verdicts = all?;
        let card = |verdict: &Verdict| matches!(verdict.mark, Mark::Card(_));
        let leads = verdicts.iter().position(card).is_some_and(|number| number > 0);
        let named = self.is_named(text, first, leads);
        if !named {
            let Some(sure) = self.judged(text, begins, ends, false) else {
                let telephone = text.get(..first)?.ends_with(b"+");
                let other = telephone || iban::end(text, first, end).is_some();
                let unsure = self.unsure(text, digits, &verdicts);
                self.unsure = unsure.filter(|_| ends && !other).or(self.unsure.take());
                return None;
            };
            verdicts = sure;
        }
        if ends && digits.len() <= MAX_TELEPHONE_DIGITS && text.get(..first)?.ends_with(b"+") {
            return None;
        }
        if ends && !any_length && iccid::is_iccid(digits) {
            return None;
        }
        if let Some(until) = iban::end(text, first, end) {
            let account = digits.iter().take_while(|digit| digit.end <= until).count();
            let row = self.row(text, digits, begins, ends);
            let row = Row { account, rules: Rules { named, ..row.rules }, ..row };
            verdicts = row.judge(keep_last_four)?;
        }
        self.unsure = None;
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
        Some(verdicts)
    }

    /// Whether what stands before a run tells that a card number is in it: a card's name, or a code or an expiry, which may
    /// be digits of the run that lead to the number.
    fn is_named(&self, text: &[u8], first: usize, leads: bool) -> bool {
        if !self.waiting.is_empty() {
            return true;
        }
        let before = self.before(text, first);
        before.names_a_card() || leads && before.announces(false).is_some()
    }

    /// A whole run that is one number.
    fn unsure(&self, text: &[u8], digits: &[Digit], verdicts: &[Verdict]) -> Option<Unsure> {
        let (first, last) = (digits.first()?, digits.last()?);
        let Mark::Card(brand) = verdicts.first()?.mark else { return None };
        let whole = verdicts.iter().all(|verdict| verdict.mark == Mark::Card(brand));
        let find = Span {
            start: self.absolute(first.start),
            end: self.absolute(last.end),
            kind: SpanKind::Card(brand),
        };
        let last = Last { end: find.end, tail: find.end, brand };
        whole.then(|| Unsure { edits: edits(text, digits, verdicts), find, last })
    }

    /// The number that the digits which begin at `start` may belong to, whether it was sure or not.
    fn near(&self, start: u64) -> Option<Last> {
        let unsure = self.unsure.as_ref().map(|unsure| unsure.last);
        unsure.or(self.last).filter(|last| start <= last.end.saturating_add(NEAR_BYTES))
    }

    /// What followed the unsure number was its code or its expiry.
    fn settle(&mut self) {
        if let Some(Unsure { edits, find, last }) = self.unsure.take() {
            self.edits.extend(edits);
            self.finds.push(find);
            self.last = Some(last);
        }
    }

    /// What goes on with a magnetic stripe's track after a card number: expiry, service code and what the
    /// issuer put there (ISO/IEC 7813), all of which is masked. Says whether it was that.
    fn track(&mut self, text: &[u8]) -> bool {
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

    /// Digits of the run, with what stands around them.
    fn row<'d>(&'d self, text: &[u8], digits: &'d [Digit], begins: bool, ends: bool) -> Row<'d> {
        let Settings { any_length, mode, mask, ref issuers, .. } = self.settings;
        let first = digits.first().filter(|_| begins);
        let group = digits.iter().skip(1).take_while(|digit| !digit.apart).count();
        let last = digits.last().filter(|_| ends);
        let hash = first.filter(|_| !any_length && group >= SHORTEST).is_some_and(|first| {
            let end = last.filter(|_| group.saturating_add(1) == digits.len());
            near::is_hexadecimal(text, first.start, end.map(|last| last.end))
        });
        let glued = first.zip(last).is_some_and(|(first, last)| {
            digits.len() >= SHORTEST && near::is_glued(text, first.start, last.end)
        });
        Row {
            digits,
            begins,
            ends,
            account: 0,
            masked_before: first.and_then(|first| near::masked_before(mask, text, first.start)),
            masked_after: self.masked_after.filter(|_| ends),
            rules: Rules {
                any_length,
                logs: mode == Mode::Logs,
                named: false,
                hash,
                glued,
                issuers,
            },
        }
    }

    /// The words before `first`.
    fn before(&self, text: &[u8], first: usize) -> Before<'_> {
        Before::new(&self.settings, text, first)
    }

    /// What is announced before `first`, and `digits` are; `two` is whether the 2 of "CVV2" stands before them.
    fn announced(
        &self,
        text: &[u8],
        first: usize,
        digits: &[Digit],
        two: bool,
    ) -> (Option<NameKind>, Option<Mark>) {
        let before = self.before(text, first);
        let announced = before.announces(two);
        let mark = match announced {
            Some(NameKind::Code) if is_code(digits) => Some(Mark::Code),
            Some(NameKind::Expiry) if is_date(digits) => Some(Mark::Expiry),
            Some(NameKind::Pin) if is_pin(digits) => Some(Mark::Pin),
            // "Sep 2027".
            _ if before.is_month() && is_year(digits) => Some(Mark::Expiry),
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
    fn few(&mut self, text: &[u8], digits: &[Digit]) {
        let Some(first) = digits.first().map(|digit| digit.start) else { return };
        let (rest, two) = near::without_label(text, digits);
        if rest.is_empty() || rest.len() > MAX_FEW_DIGITS {
            return;
        }
        let row = self.row(text, rest, true, true);
        let (announced, mark) = self.announced(text, first, rest, two);
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

    /// Takes down what was decided about the digits before the one at `until`.
    fn mark(&mut self, text: &[u8], digits: &[Digit], verdicts: &[Verdict]) {
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

    fn close(&mut self) {
        self.finds.extend(self.open.take());
    }
}

/// So many short runs are noted before those that are far away are forgotten.
const MOST_SHORTS: usize = 64;
/// The most digits of a code or an expiry, and of the name before it.
const MAX_PASSED_DIGITS: usize = MAX_FEW_DIGITS + 1;

/// Digits that were passed over: too few for a card number.
#[derive(Debug)]
enum Passed {
    /// Plain ones.
    Short(Short),
    /// Others.
    Run(Zeroizing<Vec<Digit>>),
}

impl Passed {
    /// Where they begin and end.
    fn place(&self) -> (usize, usize) {
        match self {
            Self::Short(short) => (short.start, short.end),
            Self::Run(digits) => (
                digits.first().map_or(0, |digit| digit.start),
                digits.last().map_or(0, |digit| digit.end),
            ),
        }
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
fn edits(text: &[u8], digits: &[Digit], verdicts: &[Verdict]) -> Vec<Edit> {
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
