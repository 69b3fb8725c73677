//! What an agent's desktop does with a challenge.

use crate::callback::view::Readback;
use crate::challenge::appointment_token::Proof;
use crate::challenge::rules::spoken_code::question;
use crate::challenge::state::{Agreed, ChallengeState, Shown};
use crate::challenge::view::SpokenProof;
use crate::engine::frame::{Context, Decision, Event, State as _};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::otp::ocra::Response;
use crate::policy::Act;
use crate::spoken::SpokenCode;
use crate::values::interaction::Interaction;

/// The agent asks for what to say.
pub(crate) struct Present<'a> {
    pub(crate) interaction: &'a Interaction,
    /// The answer to this question under the customer's key, if there is such a key. Behind a pointer:
    /// it goes through futures.
    pub(crate) response: Option<([u8; 32], Box<Response>)>,
}

impl Present<'_> {
    /// Whether this interaction is the contact that was agreed, now.
    fn may<'s>(&self, state: &'s ChallengeState, cx: &Context<'_>) -> Result<&'s Agreed, Reason> {
        let interaction = self.interaction;
        if state.end.is_some() {
            return Err(Reason::Ended);
        }
        let agreed = state.agreed.as_ref().ok_or(Reason::NotConfirmed)?;
        let slot = &agreed.slot;
        if !cx.policy.channels.allows(Act::Reveal, interaction.channel) {
            Err(Reason::ChannelNotAllowed)
        } else if interaction.direction != agreed.direction {
            Err(Reason::Inbound)
        } else if interaction.channel != slot.channel {
            Err(Reason::WrongChannel)
        } else if !slot.assignee.includes(&interaction.agent) {
            Err(Reason::NotAssigned)
        } else if !slot.window.contains(cx.now) || cx.is_before(slot.window.from()) {
            Err(Reason::OutsideWindow)
        } else {
            match state.shown.iter().find(|shown| shown.interaction == interaction.id) {
                Some(shown) if shown.agent == interaction.agent.id => Ok(agreed),
                Some(_) => Err(Reason::AgentChanged),
                None if state.shown.len() < usize::from(cx.policy.challenges.presentations) => {
                    Ok(agreed)
                }
                None => Err(Reason::TooManyInteractions),
            }
        }
    }

    /// What the agreed proof is.
    fn to_say(&self, state: &ChallengeState, agreed: &Agreed) -> Result<SpokenProof, Reason> {
        match (agreed.proof, &self.response, &state.word) {
            (Proof::Word, _, Some(word)) => Ok(SpokenProof::Word(Readback::of(word))),
            (Proof::Code(_), Some((asked, response)), _) if *asked == question(&agreed.token) => {
                let code = response.code().and_then(|code| SpokenCode::of(code).ok());
                code.map(SpokenProof::Code).ok_or(Reason::NoCredential)
            }
            // Another appointment took its place while this was computed: ask again.
            (Proof::Code(_), Some(_), _) => Err(Reason::Superseded),
            _ => Err(Reason::NoCredential),
        }
    }
}

impl Event<ChallengeState> for Present<'_> {
    type Outcome = SpokenProof;

    fn apply(
        &self,
        state: Option<ChallengeState>,
        cx: &Context<'_>,
    ) -> Decision<ChallengeState, SpokenProof> {
        let note = |outcome| EventDraft {
            actor: Actor::Agent(self.interaction.agent.id.clone()),
            action: Action::Present,
            interaction: Some(self.interaction.id.clone()),
            outcome,
            step_up: None,
        };
        let Some(state) = state else {
            let reason = Reason::Unknown;
            return Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()));
        };
        let (mut state, expired) = state.expire_if_due(cx);
        let to_say = self.may(&state, cx).and_then(|agreed| self.to_say(&state, agreed));
        let to_say = match to_say {
            Ok(to_say) => to_say,
            // A refused attempt on an existing challenge is written down: it may be harvesting.
            Err(reason) => {
                let refused = note(Outcome::Refused(reason));
                let recorded = expired.into_iter().chain([refused]).collect();
                return Decision::write(state, recorded, Err(reason.into()));
            }
        };
        let interaction = self.interaction;
        if state.shown.iter().any(|shown| shown.interaction == interaction.id) {
            return Decision::keep(Some(note(Outcome::Done)), Ok(to_say));
        }
        let (interaction, agent) = (interaction.id.clone(), interaction.agent.id.clone());
        state.shown.push(Shown { interaction, agent });
        Decision::write(state, vec![note(Outcome::Done)], Ok(to_say))
    }
}
