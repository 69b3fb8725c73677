//! What the back end does with a board of notices.

use crate::challenge::request::Asked;
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::notice::state::{BoardState, Posted};
use crate::notice::view::PostedNotice;
use crate::policy::NOTICES_AT_ONCE;
use crate::values::id::NoticeId;

/// The back end posts a notice. `made` is what is to be posted, or why there is nothing; number and time are set here.
pub(crate) struct Post {
    pub(crate) asked: Asked,
    pub(crate) made: Result<Posted, Failure>,
}

impl Rule<BoardState> for Post {
    type Outcome = Posted;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::IssueNotice)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<BoardState, Posted> {
        let mut state = BoardState::default();
        let ruling = self.decide(&mut state, cx)?;
        Ok((Some(state), ruling))
    }

    fn decide(&self, state: &mut BoardState, cx: &Context<'_>) -> Ruled<Posted> {
        let mut earlier = state.posted.iter();
        if let Some(earlier) = earlier.find(|one| one.asked.request == self.asked.request) {
            if earlier.asked != self.asked {
                return Err(Invalid::RequestReused.into());
            }
            return Ok(Ruling::repeated(earlier.clone()));
        }
        let made = self.made.clone()?;
        state.forget_ended(cx.now);
        if state.posted.len() >= NOTICES_AT_ONCE {
            return Err(Invalid::TooManyNotices.into());
        }
        state.number = state.next_number(cx.now);
        let data = made.data.numbered(state.number);
        let posted = Posted { since: cx.clock.stamp(), data, ..made };
        state.posted.push(posted.clone());
        Ok(Ruling::done(posted))
    }
}

/// The back end takes a notice back.
pub(crate) struct Withdraw(pub(crate) NoticeId);

impl Rule<BoardState> for Withdraw {
    type Outcome = PostedNotice;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::WithdrawNotice)
    }

    fn decide(&self, state: &mut BoardState, cx: &Context<'_>) -> Ruled<PostedNotice> {
        let number = state.next_number(cx.now);
        let found = state.posted.iter_mut().find(|posted| posted.id == self.0);
        let posted = found.ok_or(Reason::Unknown)?;
        if posted.withdrawn.is_some() {
            return Ok(Ruling::repeated(posted.notice()));
        }
        if cx.now.has_reached(posted.until) {
            return Err(Reason::Ended.into());
        }
        posted.withdrawn = Some(cx.now.stamp());
        let notice = posted.notice();
        state.number = number;
        Ok(Ruling::done(notice))
    }
}
