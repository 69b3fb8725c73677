//! What the enterprise's back end does with a challenge.

use crate::challenge::appointment_token::Proof;
use crate::challenge::request::Asked;
use crate::challenge::state::{Agreed, ChallengeState, End, Issued};
use crate::challenge::view::{AppointmentConfirmed, Challenge, ChallengeIssued};
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::{Act, CHALLENGE_APPOINTMENTS, Policy};
use crate::values::interaction::Channel;
use crate::values::time::{Timestamp, Window};

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

impl Rule<ChallengeState> for Issue {
    type Outcome = ChallengeIssued;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::IssueChallenge)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<ChallengeState, ChallengeIssued> {
        let (issued, agreed) = self.made.clone()?;
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
            recognised_at: None,
            end: None,
        };
        let issued = Self::outcome(&state, cx);
        Ok((Some(state), Ruling::done(issued)))
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<ChallengeIssued> {
        if state.issued.asked != self.asked {
            return Err(Invalid::RequestReused.into());
        }
        Ok(Ruling::repeated(Self::outcome(state, cx)))
    }
}

/// Which appointment it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    First,
    /// In the place of the one in force.
    Another,
}

/// The back end confirms a slot, or gives another one in its place: another token, another code.
pub(crate) struct ConfirmAppointment {
    pub(crate) asked: Asked,
    pub(crate) which: Which,
    /// What is to be agreed, or why there is nothing.
    pub(crate) made: Result<Agreed, Failure>,
}

impl ConfirmAppointment {
    /// Whether the challenge has come as far as this needs.
    fn may(&self, state: &ChallengeState) -> Result<(), Reason> {
        match (self.which, &state.agreed) {
            _ if state.end.is_some() => Err(Reason::Ended),
            (Which::Another, None) => Err(Reason::NotConfirmed),
            (Which::First, Some(_)) => Err(Reason::AlreadyConfirmed),
            (Which::First, None) if state.answer.is_none() => Err(Reason::NotAnswered),
            _ => Ok(()),
        }
    }

    fn outcome(state: &ChallengeState, token: &str, cx: &Context<'_>) -> AppointmentConfirmed {
        AppointmentConfirmed { challenge: state.challenge(cx), token: token.to_owned() }
    }
}

impl Rule<ChallengeState> for ConfirmAppointment {
    type Outcome = AppointmentConfirmed;

    fn note(&self) -> EventDraft {
        let action = match self.which {
            Which::First => Action::ConfirmAppointment,
            Which::Another => Action::Reassign,
        };
        EventDraft::by(Actor::BackEnd, action)
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<AppointmentConfirmed> {
        let request = self.asked.request;
        let mut earlier = state.replaced.iter().chain(state.agreed.as_ref().map(|one| &one.asked));
        if let Some(earlier) = earlier.find(|one| one.request == request) {
            if *earlier != self.asked {
                return Err(Invalid::RequestReused.into());
            }
            return match state.agreed.as_ref().filter(|agreed| agreed.asked == self.asked) {
                Some(agreed) => Ok(Ruling::repeated(Self::outcome(state, &agreed.token, cx))),
                // Its token and code are dead.
                None => Err(Reason::Superseded.into()),
            };
        }
        self.may(state)?;
        let agreed = self.made.as_ref().map_err(|failure| *failure)?;
        // Answered only now, while this was made.
        if (agreed.proof == Proof::Word) != state.word.is_some() {
            return Err(Reason::NotAnswered.into());
        }
        // What one agent knows, another must not be told as if it were fresh.
        if state.word.is_some() && !state.shown.is_empty() {
            return Err(Invalid::WordWasShown.into());
        }
        if state.replaced.len().saturating_add(1) >= CHALLENGE_APPOINTMENTS {
            return Err(Invalid::TooManyAppointments.into());
        }
        state.replaced.extend(state.agreed.take().map(|agreed| agreed.asked));
        state.shown.clear();
        state.agreed = Some(agreed.clone());
        Ok(Ruling::done(Self::outcome(state, &agreed.token, cx)))
    }
}

/// The back end takes a challenge back.
pub(crate) struct Revoke;

impl Rule<ChallengeState> for Revoke {
    type Outcome = Challenge;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::RevokeChallenge)
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<Challenge> {
        match state.end {
            Some(End::Revoked) => Ok(Ruling::repeated(state.challenge(cx))),
            Some(_) => Err(Reason::Ended.into()),
            None => {
                state.finish(End::Revoked);
                Ok(Ruling::done(state.challenge(cx)))
            }
        }
    }
}
