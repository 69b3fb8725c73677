//! Codes that are checked against a credential, and what failures lead to.

use core::time::Duration;

use crate::credential::method::Method;
use crate::credential::rules::enrolment::{another_credential, note, refuse, repeat};
use crate::credential::rules::evaluate::{
    Attempt, Found, Moved, confirm_question, evaluate, resync,
};
use crate::credential::state::{Accepted, CredentialState, Origin, Phase};
use crate::credential::view::{Credential, KeyTag};
use crate::crypto::pae;
use crate::engine::frame::{Context, Decision, Event};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::otp::Code;
use crate::otp::ocra::Response;
use crate::policy::STEP_UP_LIMIT;
use crate::step_up::rules::Checked;
use crate::step_up::statement::Statement;
use crate::values::id::{InteractionId, StepUpId};
use crate::values::secret::leaving_no_trace;
use crate::values::time::Timestamp;

/// The longest lock, however often it doubles.
const LONGEST_LOCK: Duration = Duration::from_secs(30 * 24 * 3600);

/// So many wrong codes are known again after a right one.
const FAILED: usize = 64;

fn by_itself(action: Action) -> EventDraft {
    note(Actor::Clock, action, Outcome::Done)
}

/// One failure more, which `wrong` notes, and what follows from it.
fn fail<O>(
    mut state: CredentialState,
    digest: [u8; 16],
    wrong: EventDraft,
    cx: &Context<'_>,
) -> Decision<CredentialState, O> {
    let policy = &cx.policy.credentials;
    let refused = Err(Reason::WrongCode.into());
    state.failures = state.failures.saturating_add(1);
    state.failed.push(digest);
    let (mut notes, mut again) = (vec![wrong], None);
    let most = policy.failures_to_disable;
    // Never without a warning, though the policy was tightened to less than the failures there were.
    if state.failures >= most && state.warned {
        state.end(Phase::Disabled(cx.now));
        notes.push(by_itself(Action::Disable));
        return Decision::write(state, notes, refused);
    }
    if state.warned {
        // Whether the first warning was heard is not known.
        again = Some(by_itself(Action::WarnOfBlock));
    } else if state.failures >= most.saturating_sub(policy.failures_to_lock).max(1) {
        state.warned = true;
        notes.push(by_itself(Action::WarnOfBlock));
    }
    // Counted from the last lock: the policy may have been tightened since.
    if state.failures.saturating_sub(state.failures_at_lock) >= policy.failures_to_lock {
        let doubled = 1_u32.checked_shl(state.locks.into()).unwrap_or(u32::MAX);
        let length = policy.first_lock.saturating_mul(doubled).min(LONGEST_LOCK);
        state.locks = state.locks.saturating_add(1);
        state.failures_at_lock = state.failures;
        state.locked_until = Some(cx.now.after(length));
        notes.push(by_itself(Action::Lock));
    }
    Decision::write(state, notes, refused).telling(again)
}

fn succeed(mut state: CredentialState, moved: Moved) -> CredentialState {
    state.failures = 0;
    state.warned = false;
    // Kept: what was found wrong for a thing stays so.
    state.failed.drain(..state.failed.len().saturating_sub(FAILED));
    (state.locks, state.failures_at_lock) = (0, 0);
    state.locked_until = None;
    match moved {
        Moved::Nowhere => {}
        Moved::Decision { step, drift } => (state.last_step, state.drift) = (Some(step), drift),
        Moved::Counter(next) => state.counter = next,
    }
    state
}

/// Why no code is looked at now, if so. `confirming` is for the first code, and for that again.
fn shut(state: &CredentialState, confirming: bool, cx: &Context<'_>) -> Option<Reason> {
    match state.phase {
        Phase::Revoked(_) => Some(Reason::Ended),
        Phase::Disabled(_) => Some(Reason::Disabled),
        Phase::Pending(_) if state.lapsed(cx.now) => Some(Reason::Ended),
        Phase::Pending(_) if !confirming => Some(Reason::Unconfirmed),
        Phase::Active if confirming && state.origin == Origin::Imported => Some(Reason::Ended),
        _ if state.locked(cx.now) => Some(Reason::Locked),
        _ => None,
    }
}

/// What a failure led to that still stands: its caller may not have heard of it.
fn led_to(state: &CredentialState, cx: &Context<'_>) -> Vec<EventDraft> {
    let mut notes = Vec::new();
    if matches!(state.phase, Phase::Disabled(_)) {
        notes.push(by_itself(Action::Disable));
    } else if state.warned {
        notes.push(by_itself(Action::WarnOfBlock));
    }
    if state.locked(cx.now) {
        notes.push(by_itself(Action::Lock));
    }
    notes
}

/// Why the code with this digest is not looked at now, if so, and what the observer is to be told again:
/// each code is looked at once for each thing, and only while the credential is open.
fn closed(
    state: &CredentialState,
    digest: [u8; 16],
    confirming: bool,
    cx: &Context<'_>,
) -> Option<(Reason, Vec<EventDraft>)> {
    // A repeated call, or one guess tried at many time steps, of which one would be its own.
    let known = state.failed.contains(&digest);
    let reason = shut(state, confirming, cx).or(known.then_some(Reason::WrongCode))?;
    Some((reason, if known { led_to(state, cx) } else { Vec::new() }))
}

/// The customer gives the first code.
pub(crate) struct Confirm<'a> {
    pub(crate) response: &'a Response,
    /// The customer's credentials, ended ones included.
    pub(crate) held: &'a [Credential],
}

impl Event<CredentialState> for Confirm<'_> {
    type Outcome = Credential;

    /// Only a right code is answered with the credential, also when it is confirmed already: any other
    /// code for that would be a guess at the PIN, so it is looked at and counted like the first.
    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Decision<CredentialState, Credential> {
        let attempt = Attempt::new(cx.id, confirm_question(cx.id), self.response);
        let note = |outcome| note(Actor::Customer, Action::Confirm, outcome);
        let refuse = |reason: Reason| {
            Decision::keep(Some(note(Outcome::Refused(reason))), Err(reason.into()))
        };
        let again = |state: CredentialState| {
            Decision::keep(Some(note(Outcome::Done)), Ok(state.credential(cx)))
        };
        let Some(state) = state else { return refuse(Reason::Unknown) };
        if let Some((reason, again)) = closed(&state, attempt.digest, true, cx) {
            return refuse(reason).telling(again);
        }
        let confirmed = state.phase == Phase::Active;
        if let Phase::Pending(until) = state.phase
            && state.parameters.method == Method::Delivered
            && cx.is_before(state.begun.unwrap_or_else(|| until.before(STEP_UP_LIMIT)))
        {
            return refuse(Reason::OutsideWindow);
        }
        if !confirmed && state.authority.approver.is_some_and(|by| !by.stands(self.held)) {
            // Revoked since, with all that it was about to approve.
            return refuse(Reason::Ended);
        }
        let beside = self.held.iter().any(|one| one.id.0 != cx.id && one.is_held());
        if !confirmed && beside && !state.authority.given {
            return another_credential(Action::Confirm);
        }
        if confirmed && state.has_accepted(cx.id, attempt.digest) {
            return again(state);
        }
        match evaluate(&state, &attempt, cx.clock, &cx.policy.credentials) {
            Some(Found::Right { moved: Moved::Nowhere, .. }) if confirmed => again(state),
            // Knowing a code that comes from the time or a counter is no guess, but it is not used up here.
            Some(Found::Right { .. }) if confirmed => refuse(Reason::Replayed),
            Some(Found::Right { duress, moved }) => {
                let mut state = succeed(state, moved);
                state.phase = Phase::Active;
                state.since = Some(cx.now);
                let until = cx.now.after(cx.policy.credentials.confirm_within);
                let (id, digest) = (cx.id, attempt.digest);
                let accepted = Accepted { id, digest, statement: None, duress, until };
                state.remember_accepted(accepted, cx.clock);
                let credential = state.credential(cx);
                Decision::write(state, vec![note(Outcome::Done)], Ok(credential))
            }
            Some(Found::Replayed) => refuse(Reason::Replayed),
            Some(Found::Wrong) => {
                fail(state, attempt.digest, note(Outcome::Refused(Reason::WrongCode)), cx)
            }
            None => refuse(Reason::Ended),
        }
    }
}

/// A code is given for a step-up. The outcome is what was found, and what for.
pub(crate) struct Check<'a> {
    pub(crate) step_up: StepUpId,
    pub(crate) statement: Statement,
    pub(crate) response: &'a Response,
    /// The key that was asked.
    pub(crate) key: Option<KeyTag>,
    pub(crate) interaction: &'a InteractionId,
    /// From when on the step-up can be approved, and until when.
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

impl Event<CredentialState> for Check<'_> {
    type Outcome = Checked;

    /// Once a code was accepted for the statement no other is looked at: the answer is the same for all,
    /// so that nothing is learnt about a PIN, and an approval whose answer was lost is finished. What was
    /// accepted for another statement under the same id counts for nothing here.
    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Decision<CredentialState, Checked> {
        let note = |outcome| EventDraft {
            interaction: Some(self.interaction.clone()),
            step_up: Some(self.step_up),
            ..note(Actor::Customer, Action::Verify, outcome)
        };
        let refused = |reason| note(Outcome::Refused(reason));
        let refuse = |reason: Reason| Decision::keep(Some(refused(reason)), Err(reason.into()));
        let Some(state) = state else { return refuse(Reason::Unknown) };
        if cx.is_before(self.from) {
            return refuse(Reason::OutsideWindow);
        }
        let statement = self.statement;
        if let Some(before) = state.accepted_for(statement)
            && !matches!(state.phase, Phase::Revoked(_))
        {
            let duress = before.duress;
            return Decision::keep(Some(note(Outcome::Done)), Ok(Checked { statement, duress }));
        }
        let attempt = Attempt::new(self.step_up.0, statement.0, self.response);
        let (id, digest) = (attempt.id, attempt.digest);
        if let Some((reason, again)) = closed(&state, digest, false, cx) {
            return refuse(reason).telling(again);
        }
        if state.key() != self.key {
            return refuse(Reason::NoCredential);
        }
        match evaluate(&state, &attempt, cx.clock, &cx.policy.credentials) {
            Some(Found::Right { duress, moved }) => {
                let mut state = succeed(state, moved);
                let duress = duress | state.authority.under_coercion.0;
                let until = self.until;
                let accepted = Accepted { id, digest, statement: Some(statement), duress, until };
                state.remember_accepted(accepted, cx.clock);
                Decision::write(state, vec![note(Outcome::Done)], Ok(Checked { statement, duress }))
            }
            // Knowing a used code is no guess: it is not counted.
            Some(Found::Replayed) => refuse(Reason::Replayed),
            Some(Found::Wrong) => fail(state, digest, refused(Reason::WrongCode), cx),
            None => refuse(Reason::Ended),
        }
    }
}

/// The customer gives two consecutive codes of an authenticator that has run off.
pub(crate) struct Resync<'a>(pub(crate) [&'a Code; 2]);

impl Event<CredentialState> for Resync<'_> {
    type Outcome = Credential;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Decision<CredentialState, Credential> {
        let (actor, action) = (Actor::Customer, Action::Resync);
        let Some(state) = state else { return refuse(actor, action, Reason::Unknown) };
        let [first, second] = self.0;
        let pieces = [
            b"countersign resync v1".as_slice(),
            first.expose().as_bytes(),
            second.expose().as_bytes(),
        ];
        let digest = pae::first(&pae::sha256(&pieces));
        if let Some((reason, again)) = closed(&state, digest, false, cx) {
            return refuse(actor, action, reason).telling(again);
        }
        if state.has_accepted(cx.id, digest) {
            return repeat(actor, action, state.credential(cx));
        }
        let policy = &cx.policy.credentials;
        match leaving_no_trace(|| resync(&state, self.0, cx.clock, policy)) {
            Some(Found::Right { duress, moved }) => {
                let mut state = succeed(state, moved);
                let until = cx.now.after(cx.policy.credentials.confirm_within);
                let id = cx.id;
                let accepted = Accepted { id, digest, statement: None, duress, until };
                state.remember_accepted(accepted, cx.clock);
                let credential = state.credential(cx);
                let done = vec![note(actor, action, Outcome::Done)];
                Decision::write(state, done, Ok(credential))
            }
            Some(Found::Replayed) => refuse(actor, action, Reason::Replayed),
            Some(Found::Wrong) => {
                let wrong = note(actor, action, Outcome::Refused(Reason::WrongCode));
                fail(state, digest, wrong, cx)
            }
            // Nothing in it can run off, so no code could be right.
            None => refuse(actor, action, Reason::NoCredential),
        }
    }
}
