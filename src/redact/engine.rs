//! The machine that reads text and says what in it is to be masked.
//!
//! It looks at text through a window that its owner moves along: what it has decided may leave. All
//! it remembers of the past are the digits of one run, or the last few hundred of a long one, and
//! what of the text it still has to decide.

use crate::redact::announced::ANNOUNCED_BYTES;
use crate::redact::chars::{Decoded, decode};
use crate::redact::edit::Edit;
use crate::redact::languages::skimmer::Skimmed;
use crate::redact::near::NEAR_BYTES;
use crate::redact::pending::{Last, Passed, Unsure, Waiting};
use crate::redact::reach::{LONG_PIECE, PIECE, RADIUS};
use crate::redact::run::{Run, Taken};
use crate::redact::settings::Settings;
use crate::redact::short::Short;
use crate::redact::token::{Token, token, within_word};
use crate::redact::{Span, escape, skim, steps};

/// How many bytes before what is not decided have to stay readable.
pub(super) const LOOK_BACK_BYTES: usize = ANNOUNCED_BYTES + 2 * escape::MAX_ESCAPE_BYTES;

#[derive(Debug)]
pub(super) struct Engine {
    pub(super) settings: Settings,
    /// How much text left the window.
    pub(super) origin: u64,
    /// Everything before this was read.
    pub(super) read: usize,
    pub(super) run: Run,
    pub(super) waiting: Vec<Waiting>,
    /// Short runs that were passed over and may yet be a code or an expiry.
    pub(super) shorts: Vec<Passed>,
    pub(super) unsure: Option<Unsure>,
    pub(super) last: Option<Last>,
    /// Where the last expiry ended that was announced.
    pub(super) announced: Option<u64>,
    /// A find that the next digits may go on with.
    pub(super) open: Option<Span>,
    /// The kinds of separators between the run and what was masked right after it.
    pub(super) masked_after: Option<u8>,
    pub(super) edits: Vec<Edit>,
    pub(super) finds: Vec<Span>,
    /// Whether the window ends where the text does.
    pub(super) complete: bool,
    /// Room for runs that are read again.
    pub(super) again: Run,
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
                // Within what reads as an escape from earlier on there may be none.
                && short.until > start
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

    pub(super) const fn absolute(&self, at: usize) -> u64 {
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
    pub(super) fn forget(&mut self) {
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
}
