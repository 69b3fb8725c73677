//! What becomes of a payment after it was authorised: captured, given up, given back, raised. Each act is noted before the
//! acquirer is asked, and never for more than is left.

use crate::engine::rule::{Context, Decision, Event, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::payment::outcome::ChargeOutcome;
use crate::payment::reference::Reference;
use crate::payment::token::ReceiptData;
use crate::payment::totals::Totals;
use crate::policy::Policy;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;
use crate::values::transaction::MOST_PAID;
use crate::vault::acquirer::raw::RawId;
use crate::vault::acquirer::{KeysHonoured, asked};
use crate::vault::charge::act::{Act, FollowUp};
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::Unfound;

impl Act {
    /// How many of the kind are noted of one payment. Each kind has room of its own: many small refunds leave room for a
    /// capture.
    const fn most(self) -> usize {
        match self {
            Self::Refund => 1_000,
            Self::Capture | Self::Void | Self::Increment => 100,
        }
    }
}

impl ChargeState {
    /// Whether an act on the payment that `receipt` names is one on this, and it was authorised.
    pub(crate) fn is_for_act(
        &self,
        id: [u8; 16],
        customer: &CustomerId,
        receipt: &ReceiptData,
    ) -> Result<(), Reason> {
        if self.terms.customer != *customer {
            return Err(Reason::Unknown);
        }
        if !self.is_of(id, receipt) {
            return Err(Reason::NotGenuine);
        }
        if !self.is_authorised() {
            return Err(Reason::NotAuthorised);
        }
        Ok(())
    }

    /// Whether the acquirer has not answered one of them.
    pub(crate) fn has_open_acts(&self) -> bool {
        self.follow_ups.iter().any(|one| one.done.is_none())
    }

    /// What became of the money since it was authorised.
    pub(crate) fn totals(&self) -> Totals {
        let done = |act| self.sum_of(|one| one.act == act && one.done.is_some());
        Totals {
            captured: done(Act::Capture),
            voided: done(Act::Void),
            refunded: done(Act::Refund).saturating_add(self.refunded_outside()),
            charged_back: self.charged_back(),
            in_doubt: self.sum_of(|one| one.act != Act::Increment && one.done.is_none()),
        }
    }

    /// The sum of one kind of act, as far as it is not known that it was not done.
    fn sum(&self, act: Act) -> u64 {
        self.sum_of(|one| one.act == act)
    }

    fn sum_of(&self, counts: impl Fn(&FollowUp) -> bool) -> u64 {
        let counted = self.follow_ups.iter().filter(|one| counts(one));
        counted.fold(0, |sum, one| sum.saturating_add(one.amount))
    }

    /// How much of a payment that was authorised there is left to do this with.
    fn left(&self, act: Act, policy: &Policy) -> u64 {
        let [captured, voided] = [Act::Capture, Act::Void].map(|act| self.sum(act));
        // What was given back past the vault, or taken back, is not given back once more.
        let outside = self.refunded_outside().saturating_add(self.charged_back());
        let refunded = self.sum(Act::Refund).saturating_add(outside);
        let authorised = self.authorised();
        let unvoided = authorised.saturating_sub(voided);
        // Many acquirers capture by themselves: then the vault knows of no capture, and after a refund there can be
        // none.
        let by_itself = captured == 0;
        match act {
            // The customer agreed to the first amount alone; and the whole stays payable.
            Act::Increment => {
                let raised = self.sum(act);
                let agreed = self.terms.transaction.amount;
                let percent = u64::from(policy.payments.increments);
                let most = agreed.saturating_mul(percent) / 100;
                most.min(MOST_PAID.saturating_sub(agreed)).saturating_sub(raised)
            }
            Act::Capture if by_itself && refunded > 0 => 0,
            Act::Refund if !by_itself => {
                // What may not have been captured is not given back.
                let done = self.sum_of(|one| one.act == Act::Capture && one.done.is_some());
                done.saturating_sub(refunded)
            }
            Act::Void | Act::Refund if by_itself => unvoided.saturating_sub(refunded),
            Act::Capture | Act::Void | Act::Refund => unvoided.saturating_sub(captured),
        }
    }
}

impl asked::Before for ChargeState {
    fn captures(&self) -> Vec<(Option<&str>, u64)> {
        let done =
            self.follow_ups.iter().filter(|one| one.act == Act::Capture && one.done.is_some());
        done.map(|one| (one.raw.as_ref().map(RawId::expose), one.amount)).collect()
    }
}

/// The enterprise wants it done. It is noted before the acquirer is asked.
pub(crate) struct Ask<'a> {
    pub(crate) customer: &'a CustomerId,
    /// Says which payment is meant.
    pub(crate) receipt: &'a ReceiptData,
    pub(crate) act: Act,
    pub(crate) key: [u8; 16],
    pub(crate) amount: u64,
    /// What is known of an act that was asked for before.
    pub(crate) before: Before,
}

/// What is known of an act that the acquirer may have done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before {
    pub(crate) honoured: KeysHonoured,
    /// The acquirer has done nothing of it that it was asked for until then. `None`: it was not asked what it knows, or does
    /// not know.
    pub(crate) nothing_until: Option<Timestamp>,
    /// Until when what was noted of it may be lost.
    pub(crate) lost: Option<Timestamp>,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Ask the acquirer.
    First,
    /// It may have been done, and asking once more does it once all the same.
    Again,
    /// It may have been done: find out.
    InDoubt,
    /// Nothing: it was done.
    Done,
}

impl Rule<ChargeState> for Ask<'_> {
    type Outcome = (Asked, ChargeState);

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, self.act.action())
    }

    fn decide(&self, state: &mut ChargeState, cx: &Context<'_>) -> Ruled<(Asked, ChargeState)> {
        state.is_for_act(cx.id, self.customer, self.receipt)?;
        let now = cx.now.stamp();
        if let Some(known) = state.follow_ups.iter_mut().find(|one| one.key == self.key) {
            if known.asked_for != self.amount {
                return Err(Invalid::RequestReused.into());
            }
            if known.done.is_some() {
                return Ok(Ruling::repeated((Asked::Done, state.copy())));
            }
            let within = cx.policy.payments.authorise_within;
            if self.before.honoured.covers(known.first, now.after(within), cx.policy.leeway) {
                // What is not found from now on may be on its way once more.
                known.since = now;
                return Ok(Ruling::again((Asked::Again, state.copy())));
            }
            let nothing = self.before.nothing_until.is_some_and(|until| {
                known.unfound(cx.policy, until, self.before.lost) == Unfound::NotCharged
            });
            if !nothing {
                return Ok(Ruling::repeated((Asked::InDoubt, state.copy())));
            }
            // Once the acquirer has forgotten the key, its time begins anew.
            if self.before.honoured.has_forgotten(known.first, now, cx.policy.leeway) {
                known.first = now;
            }
            known.since = now;
            return Ok(Ruling::done((Asked::First, state.copy())));
        }
        if self.amount == 0 || self.amount > state.left(self.act, cx.policy) {
            return Err(Reason::AmountExceeded.into());
        }
        if state.follow_ups.iter().filter(|one| one.act == self.act).count() >= self.act.most() {
            return Err(Reason::TooManyRequests.into());
        }
        state.follow_ups.push(FollowUp {
            act: self.act,
            key: self.key,
            amount: self.amount,
            asked_for: self.amount,
            done: None,
            raw: None,
            first: now,
            since: now,
        });
        state.changed(now);
        Ok(Ruling::done((Asked::First, state.copy())))
    }
}

/// The acquirer did it, or says that it did not and will not; or that was found out.
pub(crate) struct Answered<'a> {
    /// Says which payment is meant.
    pub(crate) receipt: &'a ReceiptData,
    pub(crate) act: Act,
    pub(crate) key: [u8; 16],
    /// How much was asked for.
    pub(crate) asked_for: u64,
    /// What it is called, and how much of it was done.
    pub(crate) done: Option<(Reference, u64)>,
    /// What it is called to the letter, if that may be kept.
    pub(crate) raw: Option<RawId>,
    /// It was only not found, of what the acquirer was asked until then: if it was asked since, that says nothing.
    pub(crate) nothing_until: Option<Timestamp>,
    /// Until when what was noted of it may be lost.
    pub(crate) lost: Option<Timestamp>,
}

impl Event<ChargeState> for Answered<'_> {
    type Outcome = ChargeState;

    fn apply(
        &self,
        state: Option<ChargeState>,
        cx: &Context<'_>,
    ) -> Decision<ChargeState, ChargeState> {
        let state = state.filter(|state| state.is_of(cx.id, self.receipt));
        let Some(mut state) = state else {
            return Decision::keep(None, Err(Reason::Unknown.into()));
        };
        let known = state.follow_ups.iter().position(|one| one.key == self.key);
        let stands = known.and_then(|at| state.follow_ups.get(at));
        let says_nothing = |one: &FollowUp| {
            self.nothing_until
                .is_some_and(|until| one.unfound(cx.policy, until, self.lost) == Unfound::InDoubt)
        };
        if stands.is_some_and(|one| one.done.is_some() || says_nothing(one)) {
            return Decision::keep(None, Ok(state));
        }
        let now = cx.now.stamp();
        let action = match (&self.done, known) {
            // It is noted though another call was told that it would not be done.
            (Some((reference, amount)), at) => {
                let done = FollowUp {
                    act: self.act,
                    key: self.key,
                    amount: *amount,
                    asked_for: self.asked_for,
                    done: Some(reference.clone()),
                    raw: self.raw.as_ref().map(RawId::copy),
                    first: stands.map_or(now, |one| one.first),
                    since: stands.map_or(now, |one| one.since),
                };
                match at.and_then(|at| state.follow_ups.get_mut(at)) {
                    Some(known) => *known = done,
                    None => state.follow_ups.push(done),
                }
                if let (Act::Increment, Some(ChargeOutcome::Authorised { amount: all, .. })) =
                    (self.act, &mut state.outcome)
                {
                    *all = all.saturating_add(*amount);
                }
                Action::ConfirmFollowUp
            }
            (None, Some(at)) => {
                state.follow_ups.remove(at);
                Action::RefuseFollowUp
            }
            (None, None) => return Decision::keep(None, Ok(state)),
        };
        state.changed(now);
        let shown = state.copy();
        Decision::write(state, vec![EventDraft::by(Actor::BackEnd, action)], Ok(shown))
    }
}
