//! What is kept of a customer's prompts: how many went unapproved lately, wrong digits in a row, and whether prompts are
//! held off. One record for each customer: a request is counted in it by one write, and `submit` reads it only where
//! digits are typed.

use core::time::Duration;

use crate::codec::table::record;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::step_up::limit::LimitState;
use crate::step_up::view::Prompts;
use crate::values::id::PromptsId;
use crate::values::time::Timestamp;

/// The stretch of time in which the prompts of an interaction, and those of a day, are counted.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
/// So many wrong answers are known again.
const KNOWN: usize = 64;

/// A customer's prompts, as they are sealed in their record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PromptsState {
    /// Asked lately in interactions that the customer's app did not open, by the short limit and by the day's.
    pub(crate) lately: LimitState,
    pub(crate) by_day: LimitState,
    /// Asked in interactions that the app opened: they are limited by interaction alone.
    pub(crate) own: LimitState,
    /// Wrong digits in a row, in all interactions, and those in interactions that the app opened.
    pub(crate) mismatches: u32,
    pub(crate) own_mismatches: u32,
    /// What was wrong, by what it was given for: the same counts once.
    pub(crate) wrong: Vec<[u8; 16]>,
    /// Since when prompts are held off.
    pub(crate) held_since: Option<Timestamp>,
    /// How often they were: a request that was under way meanwhile notices.
    pub(crate) holds: u32,
    /// How often prompts were held off, have stopped and were allowed again, and when they last were. What allows them
    /// says which it means, so that it lifts nothing that came later.
    pub(crate) number: u32,
    pub(crate) resumed_at: Option<Timestamp>,
}

impl PromptsState {
    /// Whether the digits were wrong so often that prompts stop.
    fn has_stopped(&self, policy: &Policy) -> bool {
        self.mismatches >= u32::from(policy.step_ups.prompts.mismatches)
    }

    /// Whether none may be asked or answered in an interaction that the customer's app did not open.
    pub(crate) fn is_shut(&self, policy: &Policy) -> bool {
        self.held_since.is_some() || self.has_stopped(policy)
    }

    /// An approval ends the row of wrong digits: those that do not stop prompts. `false` if there is none.
    pub(crate) fn end_row(&mut self, policy: &Policy) -> bool {
        let row = (self.mismatches, self.own_mismatches);
        if !self.has_stopped(policy) {
            self.mismatches = 0;
        }
        self.own_mismatches = 0;
        row != (self.mismatches, self.own_mismatches)
    }

    /// Prompts are held off, have stopped or are allowed again: what means the last time means this one no more.
    pub(crate) const fn renumber(&mut self) {
        self.number = self.number.saturating_add(1);
    }

    pub(crate) fn shown(&self, policy: &Policy) -> Prompts {
        Prompts {
            number: self.number,
            held_since: self.held_since,
            stopped: self.has_stopped(policy),
            mismatches: self.mismatches,
        }
    }

    /// Remembers an answer that was wrong; `false` if it was known.
    pub(crate) fn is_new(&mut self, wrong: [u8; 16]) -> bool {
        if self.wrong.contains(&wrong) {
            return false;
        }
        let surplus = self.wrong.len().saturating_add(1).saturating_sub(KNOWN);
        self.wrong.drain(..surplus.min(self.wrong.len()));
        self.wrong.push(wrong);
        true
    }
}

impl State for PromptsState {
    const KIND: Kind = Kind::Prompts;
    const LISTED: bool = false;

    /// For ever while something is counted in a row or held off: neither ends by itself. Then for as long as a call that
    /// allowed prompts may come again, by its number.
    fn retain_until(&self, policy: &Policy) -> Timestamp {
        if self.mismatches > 0 || self.held_since.is_some() {
            return Timestamp::MAX;
        }
        let lately = self.lately.kept_until(policy.step_ups.limit_window);
        let numbered = self.resumed_at.map_or(Timestamp::EPOCH, |at| at.after(policy.retention));
        lately.max(self.by_day.kept_until(DAY)).max(self.own.kept_until(DAY)).max(numbered)
    }

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Prompts(PromptsId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Prompts(self.shown(cx.policy))
    }
}

record! {
    PromptsState {
        0 else LimitState::default() => lately,
        1 else LimitState::default() => by_day,
        2 else LimitState::default() => own,
        3 unless 0 => mismatches,
        4 unless 0 => own_mismatches,
        5 => wrong,
        6 => held_since,
        7 unless 0 => holds,
        8 unless 0 => number,
        9 => resumed_at,
    }
}
