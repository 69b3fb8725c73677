//! The customer's key is asked, and past contacts are told.

use crate::contact::past::state::{AskedKey, Past, Remembered};
use crate::contact::state::PresenceState;
use crate::contact::token::status::StatusNonce;
use crate::credential::view::KeyTag;
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::LAST_CONTACT_ASKED_FOR;
use crate::values::id::CredentialId;
use crate::values::time::Timestamp;

/// The app asks what the customer's key has to answer.
pub(crate) struct AskKey {
    pub(crate) challenge: StatusNonce,
    pub(crate) credential: CredentialId,
    pub(crate) key: Option<KeyTag>,
}

impl Rule<PresenceState> for AskKey {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::AskLastContact)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<PresenceState, ()> {
        let mut state = PresenceState::default();
        let ruling = self.decide(&mut state, cx)?;
        Ok((Some(state), ruling))
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<()> {
        state.forget_aged(cx);
        let Self { challenge, credential, key } = *self;
        let (at, until) = (cx.clock.stamp(), cx.clock.after(LAST_CONTACT_ASKED_FOR));
        state.asked = Some(AskedKey { challenge, credential, key, at, until });
        Ok(Ruling::done_unrecorded(()))
    }
}

/// The key has answered what it was asked, and past contacts are told. Writes nothing. The outcome is what is remembered,
/// and when it was told.
pub(crate) struct Tell;

impl Rule<PresenceState> for Tell {
    type Outcome = (Past, Timestamp);

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::TellLastContact)
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<(Past, Timestamp)> {
        state.forget_aged(cx);
        let mut past = state.past.clone();
        for open in &state.open {
            past.add(&Remembered::of(open, None));
        }
        Ok(Ruling::announced((past, cx.clock.stamp())))
    }
}
