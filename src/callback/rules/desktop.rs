//! What an agent's desktop does with a callback.

use crate::callback::rules::derived::derived_words;
use crate::callback::state::{CallbackState, End, Phase, Shown};
use crate::callback::view::{Callback, Readback};
use crate::engine::rule::{Context, Rule, Ruled, Ruling, Trace};
use crate::error::Reason;
use crate::history::event::{Action, EventDraft};
use crate::policy::Act;
use crate::values::id::{CallbackId, CredentialId};
use crate::values::interaction::{Direction, Interaction};
use crate::values::secret::{SecretBytes, SecretText};

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
    } else if !terms.window.contains(cx.now.stamp()) || cx.is_before(terms.window.from()) {
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

impl Rule<CallbackState> for Reveal<'_> {
    type Outcome = Revealed;

    /// A refused attempt on an existing callback may be harvesting.
    const REFUSALS: Trace = Trace::Recorded;

    fn note(&self) -> EventDraft {
        EventDraft::by_agent(self.interaction, Action::Reveal)
    }

    fn decide(&self, state: &mut CallbackState, cx: &Context<'_>) -> Ruled<Revealed> {
        may_see(state, self.interaction, cx)?;
        let revealed = self.readback(state, cx)?;
        let Interaction { id, agent, .. } = self.interaction;
        if matches!(revealed, Revealed::NeedsKey(_)) {
            return Ok(Ruling::nothing(revealed));
        }
        if state.shown.iter().any(|shown| shown.interaction == *id) {
            return Ok(Ruling::repeated(revealed));
        }
        state.shown.push(Shown { interaction: id.clone(), agent: agent.id.clone() });
        Ok(Ruling::done(revealed))
    }
}

/// The agent gives up: nobody answered.
pub(crate) struct Abandon<'a>(pub(crate) &'a Interaction);

impl Rule<CallbackState> for Abandon<'_> {
    type Outcome = Callback;

    const REFUSALS: Trace = Trace::Recorded;

    fn note(&self) -> EventDraft {
        EventDraft::by_agent(self.0, Action::Abandon)
    }

    fn decide(&self, state: &mut CallbackState, cx: &Context<'_>) -> Ruled<Callback> {
        let call = Shown { interaction: self.0.id.clone(), agent: self.0.agent.id.clone() };
        if let Phase::Ended { end: End::NoAnswer, by: Some(by) } = &state.phase
            && *by == call
            && self.0.direction == Direction::Outbound
        {
            return Ok(Ruling::repeated(state.callback(cx)));
        }
        may_abandon(state, self.0, cx)?;
        state.end(End::NoAnswer, Some(call));
        Ok(Ruling::done(state.callback(cx)))
    }
}
