//! Money that a card of a request holds beside what the payment came to: an acquirer takes a soft decline back, approves a
//! part too late, or a restored store has forgotten the later card.

use crate::card::Attempt;
use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::history::event::{Action, Actor, EventDraft};
use crate::values::time::Timestamp;
use crate::vault::charge::holding::Holding;
use crate::vault::charge::rules::{Heard, Said};
use crate::vault::charge::state::ChargeState;

/// The acquirer has given up what it held beside the payment, and will not hold more.
pub(crate) struct GaveUp(pub(crate) Attempt);

impl Rule<ChargeState> for GaveUp {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::UndoPayment)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        if !state.beside.contains(&self.0) {
            return Ok(Ruling::repeated(state.copy()));
        }
        state.beside.retain(|one| *one != self.0);
        state.held.retain(|one| one.attempt != self.0);
        if !state.given_up.contains(&self.0) {
            state.given_up.push(self.0);
        }
        state.changed(cx.now.stamp());
        Ok(Ruling::done(state.copy()))
    }
}

/// After a restore: the acquirer holds money of another card than the one that is noted. One that was sealed later says that
/// this one was declined softly.
pub(crate) struct Another<'a> {
    pub(crate) asked: &'a ChargeState,
    pub(crate) attempt: Attempt,
    pub(crate) heard: Heard,
}

impl Rule<ChargeState> for Another<'_> {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        let action = match self.heard.is_approval() {
            true => Action::Authorise,
            false => Action::UndoPayment,
        };
        EventDraft::by(Actor::BackEnd, action)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        if !state.is_as_asked(self.asked) || !self.heard.holds() {
            return Ok(Ruling::nothing(state.copy()));
        }
        match (state.holding(self.attempt, self.heard.is_approval()), &self.heard.said) {
            (Holding::Own, Said::Outcome(outcome)) => {
                state.stands_by(self.attempt);
                (state.outcome, state.under_way) = (Some(outcome.clone()), None);
                state.details = self.heard.details.copy();
            }
            (Holding::Beside, _) => {
                state.give_up(self.attempt, self.heard.held(self.attempt));
            }
            (Holding::Known, _) if state.learn(self.heard.held(self.attempt)) => {
                let undone = EventDraft::by(Actor::BackEnd, Action::UndoPayment);
                return Ok(Ruling::done(state.copy()).noted_as(undone));
            }
            (Holding::Own | Holding::Known, _) => return Ok(Ruling::nothing(state.copy())),
        }
        state.changed(cx.now.stamp());
        Ok(Ruling::done(state.copy()))
    }
}

/// After a restore: no card that was sealed after this one was charged. The enterprise may have heard of one all the same, in
/// a receipt that is newer than what is noted: it is to hear of this once more.
pub(crate) struct TellAnew {
    /// When it changed last, as it stood then.
    pub(crate) ended: Timestamp,
}

impl Rule<ChargeState> for TellAnew {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::DeclinePayment)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        if state.ended != self.ended {
            return Ok(Ruling::nothing(state.copy()));
        }
        state.changed(cx.now.stamp());
        Ok(Ruling::done(state.copy()))
    }
}

/// After a restore: by a person's word nothing was charged of these cards, which may have been sealed later.
pub(crate) struct RuleOut(pub(crate) Vec<Attempt>);

impl Rule<ChargeState> for RuleOut {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::UndoPayment)
    }

    fn decide(&self, state: &mut ChargeState, _: &Context<'_>) -> Ruled<ChargeState> {
        let known = |one: &&Attempt| state.given_up.contains(one) || state.beside.contains(one);
        let ruled_out: Vec<Attempt> = self.0.iter().filter(|one| !known(one)).copied().collect();
        if ruled_out.is_empty() {
            return Ok(Ruling::repeated(state.copy()));
        }
        state.given_up.extend(ruled_out);
        Ok(Ruling::done(state.copy()))
    }
}
