//! What the customer does with a challenge, from their authenticated app; and time running out.

use crate::callback::request::Verdict;
use crate::challenge::request::Acceptance;
use crate::challenge::rules::back_end::check_slot;
use crate::challenge::state::{Answered, ChallengeState, End};
use crate::challenge::view::Challenge;
use crate::engine::free_text::without_cards;
use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::token::TokenId;

const fn note(action: Action) -> EventDraft {
    EventDraft::by(Actor::Customer, action)
}

/// The customer accepts, perhaps with proposals and an own word.
pub(crate) struct Accept<'a>(pub(crate) &'a Acceptance);

impl Accept<'_> {
    fn check(&self, cx: &Context<'_>) -> Result<(), Invalid> {
        let proposal = &self.0.proposal;
        check_slot(proposal.slot, proposal.channel, cx.policy, cx.now.stamp())?;
        without_cards(&proposal.topic)?;
        if let Some(word) = &self.0.word {
            word.at_least(cx.policy.callbacks.secret_chars)?;
            word.avoids(&self.0.forbidden)?;
        }
        Ok(())
    }
}

impl Rule<ChallengeState> for Accept<'_> {
    type Outcome = Challenge;

    fn note(&self) -> EventDraft {
        note(Action::AnswerChallenge)
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<Challenge> {
        let asked = self.0.asked();
        if let Some(answer) = state.answer.as_ref().filter(|one| one.asked.request == asked.request)
        {
            let same_word = match (&state.word, &self.0.word) {
                (Some(word), Some(attached)) => word == attached,
                // It is burnt: there is nothing to compare with.
                _ => true,
            };
            if answer.asked == asked && same_word {
                return Ok(Ruling::repeated(state.challenge(cx)));
            }
            return Err(Invalid::RequestReused.into());
        }
        if state.end.is_some() {
            return Err(Reason::Ended.into());
        }
        if state.answer.is_some() || state.agreed.is_some() {
            return Err(Reason::AlreadyAnswered.into());
        }
        self.check(cx)?;
        let window = self.0.proposal.slot.map_or(cx.now.stamp(), |slot| slot.until());
        state.answer = Some(Answered {
            asked,
            proposal: self.0.proposal.clone(),
            credential: self.0.credential,
            word: self.0.word.is_some(),
            until: cx.now.after(cx.policy.challenges.confirm_within).max(window),
        });
        state.word = self.0.word.as_ref().map(|word| word.copy());
        Ok(Ruling::done(state.challenge(cx)))
    }
}

/// The customer declines.
pub(crate) struct Decline;

impl Rule<ChallengeState> for Decline {
    type Outcome = Challenge;

    fn note(&self) -> EventDraft {
        note(Action::DeclineChallenge)
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<Challenge> {
        match state.end {
            Some(End::Declined) => Ok(Ruling::repeated(state.challenge(cx))),
            Some(_) => Err(Reason::Ended.into()),
            None => {
                state.finish(End::Declined);
                Ok(Ruling::done(state.challenge(cx)))
            }
        }
    }
}

/// The customer reports the challenge. It always reaches the history, however the challenge ended.
pub(crate) struct Report;

impl Rule<ChallengeState> for Report {
    type Outcome = Challenge;

    fn note(&self) -> EventDraft {
        note(Action::ReportChallenge)
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<Challenge> {
        match state.end {
            Some(_) if state.reported => return Ok(Ruling::repeated(state.challenge(cx))),
            Some(_) => state.late_report = Some(cx.now.stamp()),
            None => state.finish(End::Reported),
        }
        state.reported = true;
        Ok(Ruling::done(state.challenge(cx)))
    }
}

/// The customer says whether the caller said the code or word of an appointment.
pub(crate) struct Conclude {
    pub(crate) appointment: TokenId,
    pub(crate) verdict: Verdict,
}

impl Rule<ChallengeState> for Conclude {
    type Outcome = Challenge;

    fn note(&self) -> EventDraft {
        note(match self.verdict {
            Verdict::Recognised => Action::Recognise,
            Verdict::NotRecognised => Action::NotRecognise,
        })
    }

    fn decide(&self, state: &mut ChallengeState, cx: &Context<'_>) -> Ruled<Challenge> {
        let wanted = match self.verdict {
            Verdict::Recognised => End::Recognised,
            Verdict::NotRecognised => End::NotRecognised,
        };
        let report = note(Action::ReportChallenge);
        // A device that is offline does not know that an appointment was replaced.
        let in_force = state.agreed.as_ref().is_some_and(|agreed| agreed.is(self.appointment));
        match (state.end, self.verdict) {
            (Some(end), _) if end == wanted && in_force => {
                Ok(Ruling::repeated(state.challenge(cx)))
            }
            (Some(_), Verdict::Recognised) => Err(Reason::Ended.into()),
            (None, _) if !state.shown.is_empty() && in_force => {
                state.finish(wanted);
                state.recognised_at = (wanted == End::Recognised).then(|| cx.now.stamp());
                Ok(Ruling::done(state.challenge(cx)))
            }
            // Someone said a code that the enterprise has not shown to anyone, or shows no more.
            (None, Verdict::Recognised) => {
                let replaced = state.agreed.is_some() && !in_force;
                let reason = if replaced { Reason::Superseded } else { Reason::NothingRevealed };
                Ok(Ruling::counted(reason))
            }
            // Someone else made contact. The enterprise still can, so an appointment in force stays; and it is
            // noted after every end, too, whoever made it.
            (_, Verdict::NotRecognised) if state.has_false_caller(self.appointment) => {
                Ok(Ruling::repeated(state.challenge(cx)).noted_as(report))
            }
            (Some(_), Verdict::NotRecognised) => {
                state.late_callers_of.push(self.appointment);
                state.late_report = Some(cx.now.stamp());
                Ok(Ruling::done(state.challenge(cx)).noted_as(report))
            }
            (None, Verdict::NotRecognised) => {
                state.false_caller = true;
                state.false_callers_of.push(self.appointment);
                Ok(Ruling::done(state.challenge(cx)).noted_as(report))
            }
        }
    }
}
