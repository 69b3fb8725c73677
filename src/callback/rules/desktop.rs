//! What an agent's desktop does with a callback.

use crate::callback::rules::derived::derived_words;
use crate::callback::state::{CallbackState, End, Phase, Shown};
use crate::callback::view::{Callback, Readback};
use crate::engine::frame::{Context, Decision, Event, State};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::policy::Act;
use crate::values::id::{CallbackId, CredentialId};
use crate::values::interaction::{Direction, Interaction};
use crate::values::secret::{SecretBytes, SecretText};

fn note(interaction: &Interaction, action: Action, outcome: Outcome) -> EventDraft {
    EventDraft {
        actor: Actor::Agent(interaction.agent.id.clone()),
        action,
        interaction: Some(interaction.id.clone()),
        outcome,
        step_up: None,
    }
}

/// A refused attempt on an existing callback is written down: it may be harvesting.
fn refuse<O>(
    state: CallbackState,
    expired: Option<EventDraft>,
    refused: EventDraft,
    reason: Reason,
) -> Decision<CallbackState, O> {
    let recorded = expired.into_iter().chain([refused]).collect();
    Decision::write(state, recorded, Err(reason.into()))
}

/// Whether this interaction is the call that was agreed, now.
fn may_see(
    state: &CallbackState,
    interaction: &Interaction,
    cx: &Context<'_>,
) -> Result<(), Reason> {
    let terms = &state.terms;
    if matches!(state.phase, Phase::Ended { .. }) {
        Err(Reason::Ended)
    } else if !cx.policy.channels.allows(Act::Reveal, interaction.channel) {
        Err(Reason::ChannelNotAllowed)
    } else if interaction.direction != Direction::Outbound {
        Err(Reason::Inbound)
    } else if interaction.channel != terms.channel {
        Err(Reason::WrongChannel)
    } else if terms.assignee.as_ref().is_some_and(|to| !to.includes(&interaction.agent)) {
        Err(Reason::NotAssigned)
    } else if !terms.window.contains(cx.now) || cx.is_before(terms.window.from()) {
        Err(Reason::OutsideWindow)
    } else {
        match state.shown.iter().find(|shown| shown.interaction == interaction.id) {
            Some(shown) if shown.agent == interaction.agent.id => Ok(()),
            Some(_) => Err(Reason::AgentChanged),
            None if state.shown.len() < usize::from(cx.policy.callbacks.reveals) => Ok(()),
            None => Err(Reason::TooManyInteractions),
        }
    }
}

/// Whether this interaction may give up: whoever may see the secret, and who has seen it until the
/// callback ends, for a call that is not answered may outlast the window.
fn may_abandon(
    state: &CallbackState,
    interaction: &Interaction,
    cx: &Context<'_>,
) -> Result<(), Reason> {
    if matches!(state.phase, Phase::Open { .. }) && is_its_call(state, interaction) {
        Ok(())
    } else {
        may_see(state, interaction, cx)
    }
}

/// Whether this is an interaction, and the agent, to whom the secret was shown.
fn is_its_call(state: &CallbackState, interaction: &Interaction) -> bool {
    interaction.direction == Direction::Outbound
        && interaction.channel == state.terms.channel
        && state
            .shown
            .iter()
            .any(|shown| shown.interaction == interaction.id && shown.agent == interaction.agent.id)
}

/// What a reveal comes to.
pub(crate) enum Revealed {
    Shown(Readback),
    /// It is allowed, and takes the key of this credential: ask again with it.
    NeedsKey(CredentialId),
}

/// The agent asks for the secret to read out.
pub(crate) struct Reveal<'a> {
    pub(crate) interaction: &'a Interaction,
    /// Of which credential the key of derived words was looked for, and the key if there is one.
    pub(crate) key: Option<(CredentialId, Option<&'a SecretBytes>)>,
}

impl Reveal<'_> {
    /// What the agent is to say.
    fn readback(&self, state: &CallbackState, cx: &Context<'_>) -> Result<Revealed, Reason> {
        let Phase::Open { secret } = &state.phase else { return Err(Reason::Ended) };
        let readback = match (state.derived_with, self.key) {
            (None, _) => Readback::of(secret),
            (Some(credential), Some((of, key))) if of == credential => {
                let key = key.ok_or(Reason::NoCredential)?;
                let (id, direction) = (CallbackId(cx.id), self.interaction.direction);
                let words = derived_words(key, id, direction, state.terms.channel, secret);
                Readback(SecretText::copy_of(&words.ok_or(Reason::NoCredential)?.words()))
            }
            (Some(credential), _) => return Ok(Revealed::NeedsKey(credential)),
        };
        Ok(Revealed::Shown(readback))
    }
}

impl Event<CallbackState> for Reveal<'_> {
    type Outcome = Revealed;

    fn apply(
        &self,
        state: Option<CallbackState>,
        cx: &Context<'_>,
    ) -> Decision<CallbackState, Revealed> {
        let Interaction { id, agent, .. } = self.interaction;
        let note = |outcome| note(self.interaction, Action::Reveal, outcome);
        let Some(state) = state else {
            let reason = Reason::Unknown;
            return Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()));
        };
        let (mut state, expired) = state.expire_if_due(cx);
        let allowed = may_see(&state, self.interaction, cx);
        let revealed = match allowed.and_then(|()| self.readback(&state, cx)) {
            Ok(Revealed::NeedsKey(credential)) => {
                return Decision::keep(None, Ok(Revealed::NeedsKey(credential)));
            }
            Ok(revealed) => revealed,
            Err(reason) => {
                return refuse(state, expired, note(Outcome::Refused(reason)), reason);
            }
        };
        if state.shown.iter().any(|shown| shown.interaction == *id) {
            return Decision::keep(Some(note(Outcome::Done)), Ok(revealed));
        }
        state.shown.push(Shown { interaction: id.clone(), agent: agent.id.clone() });
        Decision::write(state, vec![note(Outcome::Done)], Ok(revealed))
    }
}

/// The agent gives up: nobody answered.
pub(crate) struct Abandon<'a>(pub(crate) &'a Interaction);

impl Event<CallbackState> for Abandon<'_> {
    type Outcome = Callback;

    fn apply(
        &self,
        state: Option<CallbackState>,
        cx: &Context<'_>,
    ) -> Decision<CallbackState, Callback> {
        let note = |outcome| note(self.0, Action::Abandon, outcome);
        let Some(state) = state else {
            let reason = Reason::Unknown;
            return Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()));
        };
        let (mut state, expired) = state.expire_if_due(cx);
        let call = Shown { interaction: self.0.id.clone(), agent: self.0.agent.id.clone() };
        if let Phase::Ended { end: End::NoAnswer, by: Some(by) } = &state.phase
            && *by == call
            && self.0.direction == Direction::Outbound
        {
            let callback = state.callback(cx);
            return Decision::keep(Some(note(Outcome::Done)), Ok(callback));
        }
        if let Err(reason) = may_abandon(&state, self.0, cx) {
            return refuse(state, expired, note(Outcome::Refused(reason)), reason);
        }
        state.end(End::NoAnswer, Some(call));
        let callback = state.callback(cx);
        Decision::write(state, vec![note(Outcome::Done)], Ok(callback))
    }
}
