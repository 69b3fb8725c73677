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

/// The key has answered what it was asked, and past contacts are told. Writes nothing.
pub(crate) struct Tell {
    /// Since when this credential may know of contacts.
    pub(crate) begins: Timestamp,
}

/// What is told.
pub(crate) struct ToldPast {
    pub(crate) past: Past,
    /// A call that may not be told was on when the time began of which it may: it is not denied either.
    pub(crate) withheld: bool,
    pub(crate) at: Timestamp,
}

impl Rule<PresenceState> for Tell {
    type Outcome = ToldPast;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::TellLastContact)
    }

    fn decide(&self, state: &mut PresenceState, cx: &Context<'_>) -> Ruled<ToldPast> {
        state.forget_aged(cx);
        let mut all = state.past.clone();
        for open in &state.open {
            all.add(&Remembered::of(open, None));
        }
        let past = all.clone().since(self.begins);
        let withheld = past.last_call.is_none() && self.was_called(&all, state, cx);
        Ok(Ruling::announced(ToldPast { past, withheld, at: cx.clock.stamp() }))
    }
}

impl Tell {
    /// Whether a call of the enterprise's ended after `begins`, or goes on. The last one is not always it.
    fn was_called(&self, all: &Past, state: &PresenceState, cx: &Context<'_>) -> bool {
        let max_age = cx.policy.presence.max_age;
        let last = all.last_call.iter().map(|one| &one.contact);
        // One whose end was never reported ends with its age.
        let mut ends = last.map(|call| call.ended.unwrap_or_else(|| call.since.after(max_age)));
        let mut closed = state.closed.iter().filter(|closed| !closed.rang_nobody);
        let mut open = state.open.iter().map(|open| Remembered::of(open, None).contact);
        ends.any(|end| self.begins <= end)
            || closed.any(|closed| self.begins <= closed.at)
            || open.any(|contact| contact.is_call_to_customer())
    }
}
