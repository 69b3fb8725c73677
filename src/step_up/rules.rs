//! What happens to a step-up.

use crate::engine::frame::{Context, Decision, Event};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::step_up::request::{Duress, Redeemed};
use crate::step_up::state::{Approval, Phase, StepUpState, Terms};
use crate::step_up::statement::Statement;
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::values::id::{CustomerId, Issuer, StepUpId};
use crate::values::interaction::Interaction;
use crate::values::transaction::Transaction;

fn by_agent(interaction: &Interaction, action: Action, outcome: Outcome) -> EventDraft {
    EventDraft {
        actor: Actor::Agent(interaction.agent.id.clone()),
        action,
        interaction: Some(interaction.id.clone()),
        outcome,
        step_up: None,
    }
}

fn by_customer(action: Action, outcome: Outcome) -> EventDraft {
    EventDraft { actor: Actor::Customer, action, interaction: None, outcome, step_up: None }
}

fn refuse<O>(note: impl FnOnce(Outcome) -> EventDraft, reason: Reason) -> Decision<StepUpState, O> {
    Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()))
}

/// An agent asks. The outcome is the terms that stand, and what is seen of them.
pub(crate) struct Request<'a> {
    pub(crate) interaction: &'a Interaction,
    /// `None` refuses, for this reason.
    pub(crate) terms: Result<Terms, Reason>,
}

impl Event<StepUpState> for Request<'_> {
    type Outcome = (Terms, StepUp);

    fn apply(
        &self,
        state: Option<StepUpState>,
        cx: &Context<'_>,
    ) -> Decision<StepUpState, (Terms, StepUp)> {
        let note = |outcome| by_agent(self.interaction, Action::RequestStepUp, outcome);
        let terms = match &self.terms {
            Ok(terms) => terms,
            Err(reason) => return refuse(note, *reason),
        };
        if let Some(state) = state {
            if !state.terms.asks_for_same(terms) {
                return Decision::keep(None, Err(Invalid::RequestReused.into()));
            }
            let step_up = state.step_up(cx);
            return Decision::keep(Some(note(Outcome::Done)), Ok((state.terms, step_up)));
        }
        let state = StepUpState { terms: terms.clone(), phase: Phase::Requested };
        let step_up = state.step_up(cx);
        Decision::write(state, vec![note(Outcome::Done)], Ok((terms.clone(), step_up)))
    }
}

/// A code that was found right, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) statement: Statement,
    pub(crate) duress: bool,
}

/// The customer's code was accepted. `None` looks whether one was before: a step-up is approved once, and
/// then no code is looked at any more.
pub(crate) struct Approve<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    pub(crate) checked: Option<Checked>,
}

impl Event<StepUpState> for Approve<'_> {
    type Outcome = StepUp;

    fn apply(&self, state: Option<StepUpState>, cx: &Context<'_>) -> Decision<StepUpState, StepUp> {
        let note = |outcome| by_customer(Action::Approve, outcome);
        let Some(mut state) = state else { return refuse(note, Reason::Unknown) };
        match (state.phase, self.checked) {
            (Phase::Approved(_) | Phase::Redeemed { .. }, _) => {
                Decision::keep(Some(note(Outcome::Done)), Ok(state.step_up(cx)))
            }
            (Phase::Requested, Some(Checked { statement, duress }))
                if cx.now < state.terms.until =>
            {
                // Another may have been asked for under the same id since the code was checked.
                if statement != state.terms.statement(self.issuer, self.customer, cx.id) {
                    return refuse(note, Reason::NotAsApproved);
                }
                let until = cx.now.after(cx.policy.step_ups.grant_valid_for);
                state.phase = Phase::Approved(Approval { duress, at: cx.now, until });
                let step_up = state.step_up(cx);
                Decision::write(state, vec![note(Outcome::Done)], Ok(step_up))
            }
            _ => refuse(note, Reason::Ended),
        }
    }
}

/// The customer declines.
pub(crate) struct Decline;

impl Event<StepUpState> for Decline {
    type Outcome = StepUp;

    fn apply(&self, state: Option<StepUpState>, cx: &Context<'_>) -> Decision<StepUpState, StepUp> {
        let note = |outcome| by_customer(Action::Decline, outcome);
        let Some(mut state) = state else { return refuse(note, Reason::Unknown) };
        match state.status(cx.now) {
            StepUpStatus::Declined => {
                Decision::keep(Some(note(Outcome::Done)), Ok(state.step_up(cx)))
            }
            StepUpStatus::Requested => {
                state.phase = Phase::Declined;
                let step_up = state.step_up(cx);
                Decision::write(state, vec![note(Outcome::Done)], Ok(step_up))
            }
            _ => refuse(note, Reason::Ended),
        }
    }
}

/// The back end asks for the code to send to the customer's number. The observer is told each time: whoever reads the
/// code could answer in the customer's place. Nothing is written: a machine whose clock is ahead must not delay what
/// follows.
pub(crate) struct Deliver<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    /// For what the credential has a code.
    pub(crate) code: Result<Statement, Reason>,
}

impl Event<StepUpState> for Deliver<'_> {
    type Outcome = Transaction;

    fn apply(
        &self,
        state: Option<StepUpState>,
        cx: &Context<'_>,
    ) -> Decision<StepUpState, Transaction> {
        let note = |outcome| EventDraft {
            actor: Actor::BackEnd,
            action: Action::Deliver,
            interaction: None,
            outcome,
            step_up: None,
        };
        let Some(state) = state else { return refuse(note, Reason::Unknown) };
        if state.status(cx.now) != StepUpStatus::Requested {
            return refuse(note, Reason::Ended);
        }
        if cx.is_before(state.terms.at) {
            return refuse(note, Reason::OutsideWindow);
        }
        match self.code {
            // Another may have been asked for under the same id since the code was made.
            Ok(of) if of != state.terms.statement(self.issuer, self.customer, cx.id) => {
                return refuse(note, Reason::NotAsApproved);
            }
            Ok(_) => {}
            Err(reason) => return refuse(note, reason),
        }
        let announced = vec![note(Outcome::Done)];
        Decision { announced, ..Decision::keep(None, Ok(state.terms.transaction)) }
    }
}

/// The back end redeems a grant.
pub(crate) struct Redeem<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    pub(crate) interaction: &'a Interaction,
    pub(crate) transaction: &'a Transaction,
    pub(crate) key: [u8; 16],
    /// What was approved by the grant, if it bears our signature over that.
    pub(crate) genuine: Option<Statement>,
    /// The credential that approved it has been revoked since, or another has its id.
    pub(crate) revoked: bool,
}

impl Redeem<'_> {
    fn redeemed(&self, state: &StepUpState, duress: bool, cx: &Context<'_>) -> Redeemed {
        let at = match state.phase {
            Phase::Redeemed { at, .. } => at,
            _ => cx.now,
        };
        Redeemed {
            step_up: StepUpId(cx.id),
            issuer: self.issuer.clone(),
            customer: self.customer.clone(),
            statement: state.terms.statement(self.issuer, self.customer, cx.id),
            credential: state.terms.credential,
            key: state.terms.key,
            interaction: state.terms.interaction.clone(),
            agent: state.terms.agent.clone(),
            transaction: state.terms.transaction.clone(),
            method: state.terms.method,
            at,
            duress: Duress(duress),
        }
    }
}

impl Event<StepUpState> for Redeem<'_> {
    type Outcome = Redeemed;

    fn apply(
        &self,
        state: Option<StepUpState>,
        cx: &Context<'_>,
    ) -> Decision<StepUpState, Redeemed> {
        let note = |outcome| EventDraft {
            actor: Actor::BackEnd,
            action: Action::Redeem,
            interaction: Some(self.interaction.id.clone()),
            outcome,
            step_up: None,
        };
        let Some(mut state) = state else { return refuse(note, Reason::Unknown) };
        let terms = &state.terms;
        if self.genuine != Some(terms.statement(self.issuer, self.customer, cx.id)) {
            return refuse(note, Reason::NotGenuine);
        }
        if terms.interaction != self.interaction.id
            || terms.agent != self.interaction.agent.id
            || terms.direction != self.interaction.direction
            || terms.transaction != *self.transaction
        {
            return refuse(note, Reason::NotAsApproved);
        }
        match state.phase {
            Phase::Redeemed { approval, key, .. } if key == self.key => {
                let redeemed = self.redeemed(&state, approval.duress, cx);
                Decision::keep(Some(note(Outcome::Done)), Ok(redeemed))
            }
            Phase::Redeemed { .. } => refuse(note, Reason::Redeemed),
            Phase::Approved(_) if self.revoked => refuse(note, Reason::NoCredential),
            Phase::Approved(approval) if cx.is_before(approval.at) => {
                refuse(note, Reason::OutsideWindow)
            }
            Phase::Approved(approval) if cx.now < approval.until => {
                state.phase = Phase::Redeemed { approval, key: self.key, at: cx.now };
                let redeemed = self.redeemed(&state, approval.duress, cx);
                Decision::write(state, vec![note(Outcome::Done)], Ok(redeemed))
            }
            _ => refuse(note, Reason::Ended),
        }
    }
}
