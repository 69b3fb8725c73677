//! What the acquirer says of a payment, and what becomes of that.

use crate::card::Attempt;
use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::rules::noted;
use crate::payment::token::ReceiptData;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;
use crate::vault::acquirer::challenge::AuthenticationChallenge;
use crate::vault::acquirer::raw::RawId;
use crate::vault::charge::details::Details;
use crate::vault::charge::held::Held;
use crate::vault::charge::holding::Holding;
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::UnderWay;

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

    /// Whether it holds money, or may, beside a payment of which it was said that nothing was charged: what it decides later,
    /// too, since the customer may be asked for it anew by then.
    pub(crate) fn holds_beside(&self, state: &ChargeState) -> bool {
        self.holds() || self.is_pending() && state.is_inferred()
    }

    /// Whether the acquirer decides later.
    pub(crate) const fn is_pending(&self) -> bool {
        matches!(self.said, Said::Pending)
    }

    /// What the acquirer has approved by it, as far as it says so: also beyond what was asked for, which is never taken.
    pub(crate) fn held(&self, attempt: Attempt) -> Option<Held> {
        let amount = match &self.said {
            Said::Outcome(ChargeOutcome::Authorised { amount, .. }) => Some(*amount),
            Said::Undo(_, approved) => *approved,
            _ => None,
        };
        let raw = self.details.raw_id.as_ref().map(RawId::copy);
        let beyond = self.details.beyond.unwrap_or(0);
        amount.map(|amount| Held { attempt, amount: amount.saturating_add(beyond), raw })
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
        let holds = self.heard.holds_beside(state);
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
                (Some(_), _) => return Ok(self.approved_while_undoing(state, now)),
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
                if undoing.is_some() {
                    return Ok(self.approved_while_undoing(state, now));
                }
                if state.is_final() {
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

    /// What the acquirer approved of the payment while that is being given up, if it is news: that is to be voided.
    fn approved_while_undoing(
        &self,
        state: &mut ChargeState,
        now: Timestamp,
    ) -> Ruling<ChargeState> {
        let amount = self.heard.held(self.asked.attempt).map(|held| held.amount);
        match &mut state.under_way {
            Some(UnderWay::Undoing { approved, .. }) if *approved < amount => *approved = amount,
            _ => return Ruling::nothing(state.copy()),
        }
        let undone = EventDraft::by(Actor::BackEnd, Action::UndoPayment);
        self.written(state, now).noted_as(undone)
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
