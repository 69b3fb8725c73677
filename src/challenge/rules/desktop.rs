//! What an agent's desktop does with a challenge.

use crate::callback::view::Readback;
use crate::challenge::appointment_token::Proof;
use crate::challenge::rules::spoken_code::question;
use crate::challenge::state::{Agreed, ChallengeState, Shown};
use crate::challenge::view::SpokenProof;
use crate::engine::rule::{Context, Rule, Ruled, Ruling, Trace};
use crate::error::Reason;
use crate::history::event::{Action, EventDraft};
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
        } else if !slot.window.contains(cx.now.stamp()) || cx.is_before(slot.window.from()) {
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

impl Rule<ChallengeState> for Present<'_> {
    type Outcome = SpokenProof;

    /// A refused attempt on an existing challenge may be harvesting.
    const REFUSALS: Trace = Trace::Recorded;

    fn note(&self) -> EventDraft {
        EventDraft::by_agent(self.interaction, Action::Present)
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<SpokenProof> {
        let agreed = self.may(state, cx)?;
        let to_say = self.to_say(state, agreed)?;
        let Interaction { id, agent, .. } = self.interaction;
        if state.shown.iter().any(|shown| shown.interaction == *id) {
            return Ok(Ruling::repeated(to_say));
        }
        state.shown.push(Shown { interaction: id.clone(), agent: agent.id.clone() });
        Ok(Ruling::done(to_say))
    }
}
