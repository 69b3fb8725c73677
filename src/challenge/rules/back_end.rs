//! What the enterprise's back end does with a challenge.

use crate::challenge::appointment_token::Proof;
use crate::challenge::request::Asked;
use crate::challenge::state::{Agreed, ChallengeState, End, Issued};
use crate::challenge::view::{AppointmentConfirmed, Challenge, ChallengeIssued};
use crate::engine::frame::{Context, Decision, Event, State as _};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::policy::{Act, CHALLENGE_APPOINTMENTS, Policy};
use crate::values::interaction::Channel;
use crate::values::time::{Timestamp, Window};

fn note(action: Action, outcome: Outcome) -> EventDraft {
    EventDraft { actor: Actor::BackEnd, action, interaction: None, outcome, step_up: None }
}

/// A refusal that leaves the challenge as it is, but for time having run out.
fn refuse<O>(
    state: Option<ChallengeState>,
    expired: Option<EventDraft>,
    action: Action,
    reason: Reason,
) -> Decision<ChallengeState, O> {
    let step = Decision::keep(Some(note(action, Outcome::Refused(reason))), Err(reason.into()));
    match state {
        Some(state) => step.with_expiry(state, expired),
        None => step,
    }
}

/// The slot and channel that an appointment may have now, as far as they are named.
pub(crate) fn check_slot(
    slot: Option<Window>,
    channel: Option<Channel>,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), Invalid> {
    let rules = &policy.challenges;
    if slot.is_some_and(|slot| slot.until() <= now) {
        Err(Invalid::WindowOver)
    } else if slot.is_some_and(|slot| slot.length() > rules.max_slot) {
        Err(Invalid::WindowTooLong(rules.max_slot))
    } else if slot.is_some_and(|slot| slot.until() > now.after(rules.max_ahead)) {
        Err(Invalid::WindowTooFar(rules.max_ahead))
    } else if let Some(channel) = channel.filter(|one| !policy.channels.allows(Act::Reveal, *one)) {
        Err(Invalid::Channel(channel))
    } else {
        Ok(())
    }
}

/// The back end issues a challenge. `made` is what is to be kept, or why there is nothing.
pub(crate) struct Issue {
    pub(crate) asked: Asked,
    pub(crate) made: Result<(Issued, Option<Agreed>), Failure>,
}

impl Issue {
    fn outcome(state: &ChallengeState, cx: &Context<'_>) -> ChallengeIssued {
        ChallengeIssued {
            challenge: state.challenge(cx),
            token: state.issued.token.clone(),
            // One of a later confirmation was not issued here.
            appointment: state
                .agreed
                .as_ref()
                .filter(|agreed| agreed.asked == state.issued.asked)
                .map(|agreed| agreed.token.clone()),
        }
    }
}

impl Event<ChallengeState> for Issue {
    type Outcome = ChallengeIssued;

    fn apply(
        &self,
        state: Option<ChallengeState>,
        cx: &Context<'_>,
    ) -> Decision<ChallengeState, ChallengeIssued> {
        let action = Action::IssueChallenge;
        if let Some(state) = state {
            let (state, expired) = state.expire_if_due(cx);
            if state.issued.asked != self.asked {
                return Decision::keep(None, Err(Invalid::RequestReused.into()))
                    .with_expiry(state, expired);
            }
            let issued = Self::outcome(&state, cx);
            return Decision::keep(Some(note(action, Outcome::Done)), Ok(issued))
                .with_expiry(state, expired);
        }
        let (issued, agreed) = match &self.made {
            Ok(made) => made.clone(),
            Err(Failure::Denied(reason)) => return refuse(None, None, action, *reason),
            Err(failure) => return Decision::keep(None, Err(*failure)),
        };
        let state = ChallengeState {
            issued,
            answer: None,
            word: None,
            agreed,
            replaced: Vec::new(),
            shown: Vec::new(),
            reported: false,
            false_caller: false,
            false_callers_of: Vec::new(),
            late_callers_of: Vec::new(),
            late_report: None,
            end: None,
        };
        let issued = Self::outcome(&state, cx);
        Decision::write(state, vec![note(action, Outcome::Done)], Ok(issued))
    }
}

/// The back end confirms a slot, or gives another one in its place: another token, another code.
pub(crate) struct ConfirmAppointment {
    pub(crate) asked: Asked,
    /// Whether an appointment is to be replaced, or there is to be a first one.
    pub(crate) reassign: bool,
    /// What is to be agreed, or why there is nothing.
    pub(crate) made: Result<Agreed, Failure>,
}

impl ConfirmAppointment {
    const fn action(&self) -> Action {
        if self.reassign { Action::Reassign } else { Action::ConfirmAppointment }
    }

    /// Whether the challenge has come as far as this needs.
    fn may(&self, state: &ChallengeState) -> Result<(), Reason> {
        if state.end.is_some() {
            Err(Reason::Ended)
        } else if self.reassign && state.agreed.is_none() {
            Err(Reason::NotConfirmed)
        } else if !self.reassign && state.agreed.is_some() {
            Err(Reason::AlreadyConfirmed)
        } else if state.agreed.is_none() && state.answer.is_none() {
            Err(Reason::NotAnswered)
        } else {
            Ok(())
        }
    }

    fn outcome(state: &ChallengeState, token: &str, cx: &Context<'_>) -> AppointmentConfirmed {
        AppointmentConfirmed { challenge: state.challenge(cx), token: token.to_owned() }
    }
}

impl Event<ChallengeState> for ConfirmAppointment {
    type Outcome = AppointmentConfirmed;

    fn apply(
        &self,
        state: Option<ChallengeState>,
        cx: &Context<'_>,
    ) -> Decision<ChallengeState, AppointmentConfirmed> {
        let action = self.action();
        let Some(state) = state else { return refuse(None, None, action, Reason::Unknown) };
        let (mut state, expired) = state.expire_if_due(cx);
        let request = self.asked.request;
        let earlier = state.replaced.iter().chain(state.agreed.as_ref().map(|one| &one.asked));
        if let Some(earlier) = earlier.copied().find(|one| one.request == request) {
            if earlier != self.asked {
                return Decision::keep(None, Err(Invalid::RequestReused.into()))
                    .with_expiry(state, expired);
            }
            return match state.agreed.as_ref().filter(|agreed| agreed.asked == self.asked) {
                Some(agreed) => {
                    let confirmed = Self::outcome(&state, &agreed.token, cx);
                    Decision::keep(Some(note(action, Outcome::Done)), Ok(confirmed))
                        .with_expiry(state, expired)
                }
                // Its token and code are dead.
                None => refuse(Some(state), expired, action, Reason::Superseded),
            };
        }
        if let Err(reason) = self.may(&state) {
            return refuse(Some(state), expired, action, reason);
        }
        let agreed = match &self.made {
            Ok(agreed) => agreed,
            Err(Failure::Denied(reason)) => return refuse(Some(state), expired, action, *reason),
            Err(failure) => return Decision::keep(None, Err(*failure)),
        };
        // Answered only now, while this was made.
        if (agreed.proof == Proof::Word) != state.word.is_some() {
            return refuse(Some(state), expired, action, Reason::NotAnswered);
        }
        // What one agent knows, another must not be told as if it were fresh.
        if state.word.is_some() && !state.shown.is_empty() {
            return Decision::keep(None, Err(Invalid::WordWasShown.into()));
        }
        if state.replaced.len().saturating_add(1) >= CHALLENGE_APPOINTMENTS {
            return Decision::keep(None, Err(Invalid::TooManyAppointments.into()));
        }
        state.replaced.extend(state.agreed.take().map(|agreed| agreed.asked));
        state.shown.clear();
        state.agreed = Some(agreed.clone());
        let confirmed = Self::outcome(&state, &agreed.token, cx);
        Decision::write(state, vec![note(action, Outcome::Done)], Ok(confirmed))
    }
}

/// The back end takes a challenge back.
pub(crate) struct Revoke;

impl Event<ChallengeState> for Revoke {
    type Outcome = Challenge;

    fn apply(
        &self,
        state: Option<ChallengeState>,
        cx: &Context<'_>,
    ) -> Decision<ChallengeState, Challenge> {
        let action = Action::RevokeChallenge;
        let Some(state) = state else { return refuse(None, None, action, Reason::Unknown) };
        let (mut state, expired) = state.expire_if_due(cx);
        match state.end {
            Some(End::Revoked) => {
                let challenge = state.challenge(cx);
                Decision::keep(Some(note(action, Outcome::Done)), Ok(challenge))
            }
            Some(_) => refuse(Some(state), expired, action, Reason::Ended),
            None => {
                state.finish(End::Revoked);
                let challenge = state.challenge(cx);
                Decision::write(state, vec![note(action, Outcome::Done)], Ok(challenge))
            }
        }
    }
}
