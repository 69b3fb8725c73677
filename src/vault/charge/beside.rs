//! Money that a card of the same request holds beside the one that is noted: an acquirer takes a soft decline back, or a
//! restored store has forgotten the later card.

use crate::card::Attempt;
use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::outcome::ChargeOutcome;
use crate::vault::charge::details::Details;
use crate::vault::charge::rules::{Heard, Said};
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::UnderWay;

impl ChargeState {
    /// The acquirer has authorised the `earlier` card after all, upon whose soft decline another was sealed. That one stands,
    /// unless the later was authorised already; the other is given up. `None`: it is to be noted as any approval is.
    pub(super) fn taken_back(
        &mut self,
        earlier: Attempt,
        cx: &Context<'_>,
    ) -> Option<Ruling<Self>> {
        if self.charged() == earlier || self.beside.contains(&earlier) {
            return Some(Ruling::nothing(self.copy()));
        }
        if self.is_authorised() || matches!(self.under_way, Some(UnderWay::Undoing { .. })) {
            self.beside.push(earlier);
            self.changed(cx.now.stamp());
            let noted = EventDraft::by(Actor::BackEnd, Action::UndoPayment);
            return Some(Ruling::done(self.copy()).then(Some(noted)));
        }
        if !self.is_final() {
            self.beside.push(self.attempt);
        }
        self.charged = Some(earlier);
        self.details = Details::default();
        None
    }
}

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
        state.changed(cx.now.stamp());
        Ok(Ruling::done(state.copy()))
    }
}

/// After a restore: the acquirer has charged a card that was sealed after the last one that is noted.
pub(crate) struct Later<'a> {
    pub(crate) asked: &'a ChargeState,
    pub(crate) attempt: Attempt,
    pub(crate) heard: Heard,
}

impl Rule<ChargeState> for Later<'_> {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Authorise)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        let softly = matches!(state.outcome, Some(ChargeOutcome::SoftDeclined(_)));
        let Said::Outcome(outcome) = &self.heard.said else {
            return Ok(Ruling::nothing(state.copy()));
        };
        if !state.is_as_asked(self.asked) || !softly || !outcome.is_authorised() {
            return Ok(Ruling::nothing(state.copy()));
        }
        state.charged = Some(self.attempt);
        (state.outcome, state.details) = (Some(outcome.clone()), self.heard.details.copy());
        state.changed(cx.now.stamp());
        Ok(Ruling::done(state.copy()))
    }
}
