//! Deciding a run of digits: by itself, and by what stands before it.

use zeroize::Zeroizing;

use crate::redact::announced::Before;
use crate::redact::beside::is_code;
use crate::redact::chars::{DASH, FILLER, SPACE};
use crate::redact::engine::Engine;
use crate::redact::judge::{Mark, Row, Rules, Verdict, is_expiry, kind};
use crate::redact::marks::edits;
use crate::redact::near::NEAR_BYTES;
use crate::redact::pending::{Last, MAX_PASSED_DIGITS, Passed, Unsure};
use crate::redact::reach::SHORTEST;
use crate::redact::run::Digit;
use crate::redact::settings::{Mode, Settings};
use crate::redact::{Span, SpanKind, iban, iccid, near};

/// The most digits of a telephone number after a plus sign that a card number may have too; of
/// longer ones the sign tells nothing.
const MAX_TELEPHONE_DIGITS: usize = 13;

impl Engine {
    /// Decides the digits of the run before the one at `until`.
    pub(super) fn decide(&mut self, text: &[u8], until: usize, ends: bool) {
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
        if !self.shorts.is_empty()
            && (all.is_some() || !begins && self.judged(text, begins, ends, true).is_some())
        {
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
    pub(super) fn judged(
        &self,
        text: &[u8],
        begins: bool,
        ends: bool,
        named: bool,
    ) -> Option<Vec<Verdict>> {
        let row = self.row(text, self.run.digits(), begins, ends);
        let row = Row { rules: Rules { named, ..row.rules }, ..row };
        row.judge(self.settings.keep_last_four)
    }

    /// What is masked in the run; `all` is what might be, with all evidence.
    pub(super) fn verdicts(
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
        let number = verdicts.iter().position(card).unwrap_or(0);
        // Of digits that are said one by one as many as wanted are a code: what ends it parts more than a space.
        let ended = digits
            .get(number)
            .is_some_and(|digit| !digit.word || kind(digit.kinds) & !(SPACE | DASH) != 0);
        let lead = digits.get(..number).filter(|_| ended).unwrap_or_default();
        let named = self.is_named(text, first, lead);
        if !named {
            let named_within = || self.named_within(text, digits).filter(|_| ends);
            let sure = self.judged(text, begins, ends, false).or_else(named_within);
            let Some(sure) = sure else {
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

    /// Whether what stands before a run tells that a card number is in it: a card's name, or a code or an expiry, which are
    /// the digits of the run that lead to the number.
    pub(super) fn is_named(&self, text: &[u8], first: usize, lead: &[Digit]) -> bool {
        !self.waiting.is_empty()
            || Before::with(&self.settings, text, first, Before::names_a_card)
            || self.is_announced(text, first, lead)
    }

    /// Whether digits are what is announced before them, or that and what goes with it: a code and an expiry.
    fn is_announced(&self, text: &[u8], first: usize, digits: &[Digit]) -> bool {
        let (digits, two) = near::without_label(text, digits);
        if digits.is_empty() || digits.len() > MAX_PASSED_DIGITS {
            return false;
        }
        let is = |digits: &[Digit]| self.announced(text, first, digits, two).1.is_some();
        is(digits)
            || (1..digits.len()).any(|at| {
                let (one, other) = digits.split_at_checked(at).unwrap_or_default();
                let apart = other.first().is_some_and(|digit| digit.apart);
                apart && (is_expiry(other) || is_expiry(one) && is_code(other)) && is(one)
            })
    }

    /// What the digits of a whole run are, by what a word within it tells: the name of a card before the number, or one before
    /// the run that announces the first digits.
    fn named_within(&self, text: &[u8], digits: &[Digit]) -> Option<Vec<Verdict>> {
        let first = digits.first()?.start;
        let groups = digits.iter().enumerate().skip(1).filter(|(_, digit)| digit.apart);
        let announces = |(at, digit): &(usize, &Digit)| {
            let before = digits.get(..*at).unwrap_or_default();
            before.len() <= MAX_PASSED_DIGITS
                && (digit.kinds & FILLER != 0
                    && Before::with(&self.settings, text, digit.start, Before::names_a_card)
                    || before.iter().all(|digit| !digit.word)
                        && self.is_announced(text, first, before))
        };
        groups.filter(announces).find_map(|(at, _)| {
            let row = self.row(text, digits.get(at..)?, true, true);
            let row = Row { masked_before: None, rules: Rules { named: true, ..row.rules }, ..row };
            let found = row.judge(self.settings.keep_last_four)?;
            if !matches!(found.first()?.mark, Mark::Card(_)) {
                return None;
            }
            let none = Verdict { mark: Mark::None, last_four: false, joined: false };
            let mut verdicts = vec![none; at];
            verdicts.extend(found);
            Some(verdicts)
        })
    }

    /// A whole run that is one number.
    pub(super) fn unsure(
        &self,
        text: &[u8],
        digits: &[Digit],
        verdicts: &[Verdict],
    ) -> Option<Unsure> {
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
    pub(super) fn near(&self, start: u64) -> Option<Last> {
        let unsure = self.unsure.as_ref().map(|unsure| unsure.last);
        unsure.or(self.last).filter(|last| start <= last.end.saturating_add(NEAR_BYTES))
    }

    /// What followed the unsure number was its code or its expiry.
    pub(super) fn settle(&mut self) {
        if let Some(Unsure { edits, find, last }) = self.unsure.take() {
            self.edits.extend(edits);
            self.finds.push(find);
            self.last = Some(last);
        }
    }

    /// Digits of the run, with what stands around them.
    pub(super) fn row<'d>(
        &'d self,
        text: &[u8],
        digits: &'d [Digit],
        begins: bool,
        ends: bool,
    ) -> Row<'d> {
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
}
