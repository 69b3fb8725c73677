//! What happens to a payment at the vault.

use crate::card::{Attempt, CannotOpen};
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::rules::noted;
use crate::payment::token::ReceiptData;
use crate::token::TokenId;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;
use crate::vault::acquirer::KeysHonoured;
use crate::vault::acquirer::challenge::AuthenticationChallenge;
use crate::vault::acquirer::raw::RawId;
use crate::vault::charge::details::Details;
use crate::vault::charge::held::Held;
use crate::vault::charge::holding::Holding;
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
                // If the acquirer has forgotten the key, its time begins anew.
                if !self.came_in.honours(state, cx) {
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

/// The acquirer says that the customer has authenticated: from now on it may be asked to authorise.
pub(crate) struct Authenticate<'a> {
    /// The payment, as it stood when the acquirer was asked.
    pub(crate) asked: &'a ChargeState,
    /// They have not, and cannot any more; or their time is over.
    pub(crate) failed: bool,
}

impl Rule<ChargeState> for Authenticate<'_> {
    /// Whether this call is the one that asks the acquirer to authorise.
    type Outcome = (bool, ChargeState);

    fn note(&self) -> EventDraft {
        let action = if self.failed { Action::UndoPayment } else { Action::Authenticate };
        EventDraft::by(Actor::BackEnd, action)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<(bool, ChargeState)> {
        if !state.is_as_asked(self.asked) {
            return Err(Reason::Unknown.into());
        }
        let Some(UnderWay::Authenticating { until, challenge }) = &state.under_way else {
            return Ok(Ruling::repeated((false, state.copy())));
        };
        let now = cx.now.stamp();
        if self.failed {
            let why = DeclineReason::NotAuthenticated;
            state.under_way = Some(UnderWay::Undoing { why, approved: None });
            (state.outcome, state.since) = (Some(ChargeOutcome::Unresolved), now);
            state.changed(now);
            return Ok(Ruling::done((false, state.copy())));
        }
        // There was no doing it in time, or no keeping what it is called.
        if cx.now.has_reached(*until) {
            return Err(Reason::Ended.into());
        }
        let passed = RawId::of_challenge(challenge.reference.expose());
        (state.authenticated, state.under_way) = (passed, None);
        state.ask(now);
        state.first = now;
        state.changed(now);
        Ok(Ruling::done((true, state.copy())))
    }
}

/// What the acquirer said, or that it did not say.
pub(crate) struct Conclude<'a> {
    /// The payment, as it stood when the acquirer was asked.
    pub(crate) asked: &'a ChargeState,
    pub(crate) heard: Heard,
}

/// In the vault's words.
pub(crate) struct Heard {
    pub(crate) said: Said,
    pub(crate) details: Details,
}

pub(crate) enum Said {
    Outcome(ChargeOutcome),
    /// The customer is to authenticate within the policy's time.
    Challenge(AuthenticationChallenge),
    /// What it authorised (so much), or may have, is not taken.
    Undo(DeclineReason, Option<u64>),
    /// It decides later.
    Pending,
    /// What was to be undone is undone, or there was nothing to undo. `confirmed`: the acquirer said so.
    Undone {
        confirmed: bool,
    },
}

impl Heard {
    /// Something that the acquirer did not say by itself.
    pub(crate) fn only(said: Said) -> Self {
        Self { said, details: Details::default() }
    }

    pub(crate) fn is_approval(&self) -> bool {
        matches!(&self.said, Said::Outcome(outcome) if outcome.is_authorised())
    }

    /// Whether the acquirer declined it.
    pub(crate) const fn is_decline(&self) -> bool {
        matches!(
            &self.said,
            Said::Outcome(ChargeOutcome::Declined(_) | ChargeOutcome::SoftDeclined(_))
        )
    }

    /// Whether it did so for now: the customer may seal another card.
    pub(crate) const fn is_soft(&self) -> bool {
        matches!(&self.said, Said::Outcome(ChargeOutcome::SoftDeclined(_)))
    }

    /// Whether the acquirer holds money by it, or may: an approval, a part that is not taken, something that nobody
    /// understands. Nothing is charged before the customer has authenticated.
    pub(crate) fn holds(&self) -> bool {
        let undo = |why: &DeclineReason| *why != DeclineReason::NotAuthenticated;
        self.is_approval() || matches!(&self.said, Said::Undo(why, _) if undo(why))
    }

    /// What the acquirer has approved by it, as far as it says so.
    pub(crate) fn held(&self, attempt: Attempt) -> Option<Held> {
        let amount = match &self.said {
            Said::Outcome(ChargeOutcome::Authorised { amount, .. }) => Some(*amount),
            Said::Undo(_, approved) => *approved,
            _ => None,
        };
        let raw = self.details.raw_id.as_ref().map(RawId::copy);
        amount.map(|amount| Held { attempt, amount, raw })
    }
}

impl ChargeState {
    /// Whether it is about the card that the acquirer was asked about. If rows were lost meanwhile, another card may stand
    /// there, of which nothing was said. A sealed card opens for one request alone: its digest tells requests apart as well.
    pub(super) fn is_as_asked(&self, asked: &Self) -> bool {
        self.terms.digest == asked.terms.digest
    }

    /// Whether it is the same card, sealed anew since. That says that it had been declined; but money that was taken after
    /// all was taken.
    fn is_same_card(&self, asked: &Self) -> bool {
        self.terms.request == asked.terms.request
            && self.terms.fingerprint == asked.terms.fingerprint
            && self.attempt > asked.attempt
    }
}

impl Rule<ChargeState> for Conclude<'_> {
    type Outcome = ChargeState;

    fn note(&self) -> EventDraft {
        let action = match &self.heard.said {
            Said::Outcome(outcome) => noted(outcome),
            Said::Challenge(_) => Action::AskToAuthenticate,
            Said::Undo(..) => Action::UndoPayment,
            Said::Pending => Action::LeaveUnresolved,
            Said::Undone { .. } => Action::DeclinePayment,
        };
        EventDraft::by(Actor::BackEnd, action)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<ChargeState> {
        let holds = self.heard.holds();
        let is_earlier = holds && state.is_same_card(self.asked);
        if !state.is_as_asked(self.asked) && !is_earlier {
            return Err(Reason::Unknown.into());
        }
        let now = cx.now.stamp();
        if holds {
            let attempt = self.asked.attempt;
            match state.holding(attempt, self.heard.is_approval()) {
                // By a call that was slow to note it.
                Holding::Known if state.learn(self.heard.held(attempt)) => {
                    let undone = EventDraft::by(Actor::BackEnd, Action::UndoPayment);
                    return Ok(Ruling::done(state.copy()).noted_as(undone));
                }
                Holding::Known => return Ok(Ruling::nothing(state.copy())),
                Holding::Beside => return Ok(self.given_up(state, now)),
                Holding::Own if is_earlier => state.stands_by(attempt),
                Holding::Own => {}
            }
        }
        let undoing = match state.under_way {
            Some(UnderWay::Undoing { why, .. }) => Some(why),
            _ => None,
        };
        let outcome = match &self.heard.said {
            Said::Outcome(outcome) => match (undoing, outcome) {
                (None, outcome) => outcome.clone(),
                // Once it is being given up it is not taken any more.
                (Some(why), ChargeOutcome::Declined(_) | ChargeOutcome::SoftDeclined(_)) => {
                    ChargeOutcome::Declined(why)
                }
                (Some(_), _) => return Ok(Ruling::nothing(state.copy())),
            },
            Said::Undone { confirmed } => match undoing {
                Some(why) => {
                    state.undone = *confirmed;
                    ChargeOutcome::Declined(why)
                }
                None => return Ok(Ruling::nothing(state.copy())),
            },
            Said::Challenge(challenge) => {
                // Of a step that is over it says nothing.
                let waits = matches!(state.under_way, None | Some(UnderWay::Pending));
                if state.is_final() || state.authenticated.is_some() || !waits {
                    return Ok(Ruling::nothing(state.copy()));
                }
                // The opening key is gone soon after the time that the request sets.
                let within = now.after(cx.policy.payments.authenticate_within);
                let until =
                    state.terms.authenticate_until.map_or(within, |until| until.min(within));
                state.under_way =
                    Some(UnderWay::Authenticating { challenge: challenge.copy(), until });
                state.outcome = None;
                return Ok(self.written(state, now));
            }
            Said::Undo(why, approved) => {
                if state.is_final() || undoing.is_some() {
                    return Ok(Ruling::nothing(state.copy()));
                }
                state.under_way = Some(UnderWay::Undoing { why: *why, approved: *approved });
                (state.outcome, state.since) = (Some(ChargeOutcome::Unresolved), now);
                return Ok(self.written(state, now));
            }
            Said::Pending => {
                if state.is_final() || state.under_way.is_some() {
                    return Ok(Ruling::nothing(state.copy()));
                }
                state.under_way = Some(UnderWay::Pending);
                state.outcome = Some(ChargeOutcome::Unresolved);
                return Ok(self.written(state, now));
            }
        };
        // That nothing was found says nothing about an attempt that was begun since.
        let of_attempt = matches!(
            outcome,
            ChargeOutcome::Declined(DeclineReason::NotCharged) | ChargeOutcome::Unresolved
        );
        let stale = of_attempt && self.asked.asked != state.asked;
        let stands = match &state.outcome {
            Some(known) if known.is_final() => !outcome.outweighs(known),
            Some(known) => outcome == *known,
            None => false,
        };
        // What is being given up is no approval, and what waits for the customer is not in doubt.
        let waits = state.under_way.is_some() && outcome == ChargeOutcome::Unresolved;
        if stale || stands || waits {
            return Ok(Ruling::nothing(state.copy()));
        }
        let last = state.attempt.number() >= cx.policy.payments.attempts;
        state.outcome = Some(match outcome {
            ChargeOutcome::SoftDeclined(reason) if last => ChargeOutcome::Declined(reason),
            other => other,
        });
        if state.is_final() {
            state.under_way = None;
        }
        Ok(self.written(state, now))
    }
}

impl Conclude<'_> {
    /// What the acquirer holds of this card is given up beside the payment.
    fn given_up(&self, state: &mut ChargeState, now: Timestamp) -> Ruling<ChargeState> {
        let attempt = self.asked.attempt;
        state.give_up(attempt, self.heard.held(attempt));
        let undone = EventDraft::by(Actor::BackEnd, Action::UndoPayment);
        // It is known to the acquirer by the id that it has just given.
        if attempt == state.charged() {
            return self.written(state, now).noted_as(undone);
        }
        state.changed(now);
        Ruling::done(state.copy()).then(self.heard.is_approval().then_some(undone))
    }

    fn written(&self, state: &mut ChargeState, now: Timestamp) -> Ruling<ChargeState> {
        let earlier = core::mem::take(&mut state.details);
        let withheld = self.heard.details.withheld && !earlier.withheld;
        state.details = self.heard.details.copy().or(earlier);
        state.changed(now);
        let told = withheld.then(|| EventDraft::by(Actor::BackEnd, Action::WithholdTransactionId));
        Ruling::done(state.copy()).then(told)
    }
}

/// The enterprise has settled a receipt.
pub(crate) struct Acknowledge<'a> {
    pub(crate) customer: &'a CustomerId,
    pub(crate) receipt: &'a ReceiptData,
}

impl Rule<ChargeState> for Acknowledge<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::AcknowledgeReceipt)
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<()> {
        if state.terms.customer != *self.customer {
            return Err(Reason::Unknown.into());
        }
        if !state.is_of(cx.id, self.receipt) {
            return Err(Reason::NotGenuine.into());
        }
        // Another receipt has overtaken it, or will: that one is still to be settled.
        let said = state.said(self.receipt.payment);
        if said != *self.receipt || state.outcome.is_none() {
            return Ok(Ruling::nothing(()));
        }
        if state.acknowledged {
            return Ok(Ruling::repeated(()));
        }
        state.acknowledged = true;
        Ok(Ruling::done(()))
    }
}
