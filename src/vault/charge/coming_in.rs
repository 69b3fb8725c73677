//! A customer's card has come in: what there is to do with it. It may have come in before, its acquirer have been asked, and
//! what was noted of that be lost.

use crate::card::{Attempt, CannotOpen};
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::outcome::ChargeOutcome;
use crate::token::TokenId;
use crate::values::time::Timestamp;
use crate::vault::acquirer::KeysHonoured;
use crate::vault::charge::details::Details;
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::{UnderWay, Unfound};

/// What names the card that has come in: the id of the request's token, which of the cards sealed for it, and its digest;
/// and what is known of an acquirer that may have been asked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CameIn {
    pub(crate) request: TokenId,
    pub(crate) attempt: Attempt,
    pub(crate) digest: [u8; 32],
    /// Until when what was noted of this payment may be lost: the acquirer may have been asked once more, of which
    /// nothing is noted.
    pub(crate) lost: Option<Timestamp>,
    pub(crate) honoured: KeysHonoured,
    /// What the acquirer knows. `None`: it was not asked.
    pub(crate) sought: Option<Searched>,
}

/// What came of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Searched {
    /// It has an answer, which is noted next.
    Answered,
    /// It has charged nothing that it was asked for until then.
    NothingUntil(Timestamp),
    /// It holds money of another card of the same request.
    Another,
    /// It cannot tell.
    Unknown,
}

impl CameIn {
    /// What there is to do for a payment that there is.
    pub(crate) fn next(&self, state: &ChargeState, cx: &Context<'_>) -> Result<Begun, Reason> {
        if state.terms.request != self.request {
            return Err(Reason::NotGenuine);
        }
        let now = cx.now.stamp();
        if Some(self.attempt) == state.attempt.next() && state.takes_another_attempt(cx.policy, now)
        {
            return match (self.lost, self.sought) {
                (None, _) | (Some(_), Some(Searched::Answered)) => Ok(Begun::Anew),
                (Some(_), None) => Ok(Begun::Sought),
                // This card may have been charged, of which nothing is noted.
                (Some(lost), Some(Searched::NothingUntil(until)))
                    if state.unfound(cx.policy, until, Some(lost)) == Unfound::NotCharged =>
                {
                    Ok(Begun::Anew)
                }
                (Some(_), Some(_)) => Err(Reason::AnotherCard),
            };
        }
        if self.attempt != state.attempt || state.terms.digest != self.digest {
            return Err(Reason::AnotherCard);
        }
        if state.is_final() {
            return Ok(Begun::Ended);
        }
        match &state.under_way {
            Some(UnderWay::Authenticating { until, .. }) if cx.now.has_reached(*until) => {
                return Ok(Begun::Abandoned);
            }
            Some(UnderWay::Authenticating { .. }) => return Ok(Begun::Authenticating),
            Some(UnderWay::Undoing { .. }) => return Ok(Begun::Undoing),
            Some(UnderWay::Pending) | None => {}
        }
        let pending = state.under_way.is_some();
        let over = now >= state.surely(cx.policy, self.lost);
        if state.outcome.is_none() && !over && !(self.lost.is_some() && self.honours(state, cx)) {
            return Ok(Begun::Busy);
        }
        if pending || cx.now.has_reached(state.payable_until()) {
            return Ok(Begun::InDoubt);
        }
        Ok(match self.sought {
            None => Begun::Sought,
            Some(Searched::NothingUntil(until))
                if state.unfound(cx.policy, until, self.lost) == Unfound::NotCharged =>
            {
                Begun::Again
            }
            Some(Searched::Answered) => Begun::Busy,
            Some(Searched::Another) => Begun::InDoubt,
            Some(_) if self.honours(state, cx) => Begun::Again,
            Some(_) => Begun::InDoubt,
        })
    }

    /// Whether the acquirer charges once, though it is asked again within the time that it may take now.
    fn honours(&self, state: &ChargeState, cx: &Context<'_>) -> bool {
        let at = cx.now.stamp().after(cx.policy.payments.authorise_within);
        self.honoured.covers(state.first, at, cx.policy.leeway)
    }

    /// What there is to do for a payment that nothing is noted of.
    fn first(&self, made: &ChargeState, cx: &Context<'_>) -> Result<Begun, Reason> {
        let Some(lost) = self.lost else { return Ok(Begun::First) };
        Ok(match self.sought {
            None => Begun::Sought,
            Some(Searched::Answered) => Begun::Busy,
            Some(Searched::NothingUntil(until))
                if made.unfound(cx.policy, until, Some(lost)) == Unfound::NotCharged =>
            {
                Begun::Again
            }
            // One before it may have been charged, under a key of its own.
            Some(_) if !made.attempt.is_first() => return Err(Reason::AnotherCard),
            Some(Searched::Another) => Begun::InDoubt,
            Some(_) if self.honours(made, cx) => Begun::Again,
            Some(_) => Begun::InDoubt,
        })
    }

    /// Whether that takes the card: what has ended needs no verification code.
    pub(crate) fn needs_card(&self, state: Option<&ChargeState>, cx: &Context<'_>) -> bool {
        state.is_none_or(|state| matches!(self.next(state, cx), Ok(Begun::Again | Begun::Anew)))
    }
}

/// The customer's card has come in. It is noted before the acquirer is asked.
pub(crate) struct Begin {
    pub(crate) came_in: CameIn,
    /// What is to be noted of the card, if it was opened. `Err`: it was not needed
    /// ([`CameIn::needs_card`]), or cannot be opened.
    pub(crate) made: Result<ChargeState, CannotOpen>,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Ask the acquirer to authorise.
    First,
    /// It may have been asked before; asking once more charges once all the same.
    Again,
    /// The acquirer declined a card that was sealed before this one, softly: ask it to authorise.
    Anew,
    /// It may have been charged: find out first.
    Sought,
    /// It may have been charged: find out, no more.
    InDoubt,
    /// Another call is asking the acquirer.
    Busy,
    /// The customer is to authenticate.
    Authenticating,
    /// They did not in time: what waits for them at the acquirer is to be given up.
    Abandoned,
    /// What the acquirer may have authorised is being given up.
    Undoing,
    /// Nothing: it has ended.
    Ended,
}

impl Rule<ChargeState> for Begin {
    type Outcome = (Begun, ChargeState);

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Pay)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<ChargeState, (Begun, ChargeState)> {
        let made = self.made.as_ref().map_err(|CannotOpen| Reason::CannotOpen)?;
        if cx.now.has_reached(made.terms.until) {
            return Err(Reason::Ended.into());
        }
        // A later card says that one before it was declined: of that nothing is noted.
        if !made.attempt.is_first() && self.came_in.lost.is_none() {
            return Err(Reason::AnotherCard.into());
        }
        let now = cx.now.stamp();
        let next = self.came_in.first(made, cx)?;
        if next == Begun::Sought {
            return Ok((None, Ruling::repeated((next, made.copy()))));
        }
        let mut begun = ChargeState { since: now, ended: now, ..made.copy() };
        if self.came_in.lost.is_none() {
            begun.first = now;
        }
        if next == Begun::InDoubt {
            // It may have been asked until then, and is not asked now.
            begun.since = self.came_in.lost.unwrap_or(now);
            begun.outcome = Some(ChargeOutcome::Unresolved);
        }
        let shown = begun.copy();
        Ok((Some(begun), Ruling::done((next, shown))))
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<(Begun, ChargeState)> {
        let now = cx.now.stamp();
        match (self.came_in.next(state, cx)?, &self.made) {
            (Begun::Again, Ok(_)) => {
                state.ask(now);
                // Once the acquirer has forgotten the key, its time begins anew.
                let (honoured, leeway) = (self.came_in.honoured, cx.policy.leeway);
                if honoured.has_forgotten(state.first, now, leeway) {
                    state.first = now;
                }
                Ok(Ruling::done((Begun::Again, state.copy())))
            }
            (Begun::Anew, Ok(made)) => {
                if made.terms.fingerprint != state.terms.fingerprint {
                    return Err(Reason::AnotherCard.into());
                }
                state.terms.digest = made.terms.digest;
                (state.attempt, state.authenticated) = (self.came_in.attempt, None);
                (state.details, state.under_way) = (Details::default(), None);
                state.ask(now);
                state.first = now;
                Ok(Ruling::done((Begun::Anew, state.copy())))
            }
            (Begun::Anew, Err(CannotOpen)) => Err(Reason::CannotOpen.into()),
            (Begun::Again, Err(CannotOpen)) => Ok(Ruling::repeated((Begun::InDoubt, state.copy()))),
            (begun, _) => Ok(Ruling::repeated((begun, state.copy()))),
        }
    }
}
