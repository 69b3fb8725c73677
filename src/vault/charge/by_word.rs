//! What a person found out about a payment: it holds of what the acquirer was asked before they looked.

use crate::engine::rule::{Context, Rule, Ruled};
use crate::error::Reason;
use crate::history::event::EventDraft;
use crate::vault::charge::rules::Conclude;
use crate::vault::charge::state::ChargeState;

/// A person's word, in the place of the acquirer's answer.
pub(crate) struct ConcludeByWord<'a> {
    pub(crate) said: Conclude<'a>,
    /// How often the acquirer had been asked by then. Once it is asked anew, that is on its way.
    pub(crate) asked: u32,
}

impl Rule<ChargeState> for ConcludeByWord<'_> {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        self.said.note()
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        if state.asked != self.asked {
            return Err(Reason::Unknown.into());
        }
        self.said.decide(state, cx)
    }
}
