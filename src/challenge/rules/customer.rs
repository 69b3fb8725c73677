//! What the customer does with a challenge, from their authenticated app; and time running out.

use crate::callback::request::Verdict;
use crate::challenge::request::Acceptance;
use crate::challenge::rules::back_end::check_slot;
use crate::challenge::state::{Answered, ChallengeState, End};
use crate::challenge::view::Challenge;
use crate::engine::frame::{Context, Decision, Event, State as _};
use crate::engine::free_text::without_cards;
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::token::TokenId;

pub(crate) type Stepped = Decision<ChallengeState, Challenge>;

fn note(action: Action, outcome: Outcome) -> EventDraft {
    EventDraft { actor: Actor::Customer, action, interaction: None, outcome, step_up: None }
}

/// A refusal that leaves the challenge as it is, but for time having run out.
fn refuse(
    state: ChallengeState,
    expired: Option<EventDraft>,
    action: Action,
    reason: Reason,
) -> Stepped {
    let refused = note(action, Outcome::Refused(reason));
    Decision::keep(Some(refused), Err(reason.into())).with_expiry(state, expired)
}

/// Nothing to change: the call repeats one that was carried out.
fn repeat(
    state: ChallengeState,
    expired: Option<EventDraft>,
    action: Action,
    cx: &Context<'_>,
) -> Stepped {
    let challenge = state.challenge(cx);
    Decision::keep(Some(note(action, Outcome::Done)), Ok(challenge)).with_expiry(state, expired)
}

fn done(
    state: ChallengeState,
    expired: Option<EventDraft>,
    action: Action,
    cx: &Context<'_>,
) -> Stepped {
    let challenge = state.challenge(cx);
    let recorded = expired.into_iter().chain([note(action, Outcome::Done)]).collect();
    Decision::write(state, recorded, Ok(challenge))
}

fn unknown(action: Action) -> Stepped {
    Decision::keep(
        Some(note(action, Outcome::Refused(Reason::Unknown))),
        Err(Reason::Unknown.into()),
    )
}

/// The customer accepts, perhaps with proposals and an own word.
pub(crate) struct Accept<'a>(pub(crate) &'a Acceptance);

impl Accept<'_> {
    fn check(&self, cx: &Context<'_>) -> Result<(), Invalid> {
        let proposal = &self.0.proposal;
        check_slot(proposal.slot, proposal.channel, cx.policy, cx.now)?;
        without_cards(&proposal.topic)?;
        if let Some(word) = &self.0.word {
            word.at_least(cx.policy.callbacks.secret_chars)?;
            word.avoids(&self.0.forbidden)?;
        }
        Ok(())
    }
}

impl Event<ChallengeState> for Accept<'_> {
    type Outcome = Challenge;

    fn apply(&self, state: Option<ChallengeState>, cx: &Context<'_>) -> Stepped {
        let action = Action::AnswerChallenge;
        let Some(state) = state else { return unknown(action) };
        let (mut state, expired) = state.expire_if_due(cx);
        let asked = self.0.asked();
        if let Some(answer) = state.answer.as_ref().filter(|one| one.asked.request == asked.request)
        {
            let same_word = match (&state.word, &self.0.word) {
                (Some(word), Some(attached)) => word == attached,
                // It is burnt: there is nothing to compare with.
                _ => true,
            };
            if answer.asked == asked && same_word {
                return repeat(state, expired, action, cx);
            }
            return Decision::keep(None, Err(Invalid::RequestReused.into()))
                .with_expiry(state, expired);
        }
        if state.end.is_some() {
            return refuse(state, expired, action, Reason::Ended);
        }
        if state.answer.is_some() || state.agreed.is_some() {
            return refuse(state, expired, action, Reason::AlreadyAnswered);
        }
        if let Err(invalid) = self.check(cx) {
            return Decision::keep(None, Err(invalid.into()));
        }
        let window = self.0.proposal.slot.map_or(cx.now, |slot| slot.until());
        state.answer = Some(Answered {
            asked,
            proposal: self.0.proposal.clone(),
            credential: self.0.credential,
            word: self.0.word.is_some(),
            until: cx.now.after(cx.policy.challenges.confirm_within).max(window),
        });
        state.word = self.0.word.as_ref().map(|word| word.copy());
        done(state, expired, action, cx)
    }
}

/// The customer declines.
pub(crate) struct Decline;

impl Event<ChallengeState> for Decline {
    type Outcome = Challenge;

    fn apply(&self, state: Option<ChallengeState>, cx: &Context<'_>) -> Stepped {
        let action = Action::DeclineChallenge;
        let Some(state) = state else { return unknown(action) };
        let (mut state, expired) = state.expire_if_due(cx);
        match state.end {
            Some(End::Declined) => repeat(state, expired, action, cx),
            Some(_) => refuse(state, expired, action, Reason::Ended),
            None => {
                state.finish(End::Declined);
                done(state, expired, action, cx)
            }
        }
    }
}

/// The customer reports the challenge. It always reaches the history, however the challenge ended.
pub(crate) struct Report;

impl Event<ChallengeState> for Report {
    type Outcome = Challenge;

    fn apply(&self, state: Option<ChallengeState>, cx: &Context<'_>) -> Stepped {
        let action = Action::ReportChallenge;
        let Some(state) = state else { return unknown(action) };
        let (mut state, expired) = state.expire_if_due(cx);
        match state.end {
            Some(_) if state.reported => repeat(state, expired, action, cx),
            Some(_) => {
                state.reported = true;
                state.late_report = Some(cx.now);
                done(state, expired, action, cx)
            }
            None => {
                state.reported = true;
                state.finish(End::Reported);
                done(state, expired, action, cx)
            }
        }
    }
}

/// The customer says whether the caller said the code or word of an appointment.
pub(crate) struct Conclude {
    pub(crate) appointment: TokenId,
    pub(crate) verdict: Verdict,
}

impl Event<ChallengeState> for Conclude {
    type Outcome = Challenge;

    fn apply(&self, state: Option<ChallengeState>, cx: &Context<'_>) -> Stepped {
        let (action, wanted) = match self.verdict {
            Verdict::Recognised => (Action::Recognise, End::Recognised),
            Verdict::NotRecognised => (Action::NotRecognise, End::NotRecognised),
        };
        let Some(state) = state else { return unknown(action) };
        let (mut state, expired) = state.expire_if_due(cx);
        // A device that is offline does not know that an appointment was replaced.
        let in_force = state.agreed.as_ref().is_some_and(|agreed| agreed.is(self.appointment));
        match (state.end, self.verdict) {
            (Some(end), _) if end == wanted && in_force => repeat(state, expired, action, cx),
            (Some(_), Verdict::Recognised) => refuse(state, expired, action, Reason::Ended),
            (None, _) if !state.shown.is_empty() && in_force => {
                state.finish(wanted);
                done(state, expired, action, cx)
            }
            // Someone said a code that the enterprise has not shown to anyone, or shows no more.
            (None, Verdict::Recognised) => {
                let replaced = state.agreed.is_some() && !in_force;
                let reason = if replaced { Reason::Superseded } else { Reason::NothingRevealed };
                Decision::write(
                    state,
                    vec![note(action, Outcome::Refused(reason))],
                    Err(reason.into()),
                )
            }
            // Someone else made contact. The enterprise still can, so an appointment in force stays; and it is
            // noted after every end, too, whoever made it.
            (_, Verdict::NotRecognised) if state.has_false_caller(self.appointment) => {
                repeat(state, expired, Action::ReportChallenge, cx)
            }
            (Some(_), Verdict::NotRecognised) => {
                state.late_callers_of.push(self.appointment);
                state.late_report = Some(cx.now);
                done(state, expired, Action::ReportChallenge, cx)
            }
            (None, Verdict::NotRecognised) => {
                state.false_caller = true;
                state.false_callers_of.push(self.appointment);
                done(state, expired, Action::ReportChallenge, cx)
            }
        }
    }
}
