//! What happens to a credential.

use core::time::Duration;

use super::evaluate::{Attempt, Found, Moved, confirm_question, delivered_code, evaluate, resync};
use super::method::{Import, Method, Parameters};
use super::provisioning::Provisioning;
use super::state::{Accepted, Credential, CredentialState, Origin, Phase};
use crate::ceremony::{Context, Event, Step};
use crate::error::{Invalid, Reason};
use crate::history::{Action, Actor, Note, Outcome};
use crate::otp::ocra::{PinHash, Response};
use crate::otp::{Code, OtpSeed};
use crate::pae;
use crate::secret::SecretText;

/// The longest lock, however often it doubles.
const LONGEST_LOCK: Duration = Duration::from_secs(30 * 24 * 3600);

fn note(actor: Actor, action: Action, outcome: Outcome) -> Note {
    Note { actor, action, interaction: None, outcome, step_up: None }
}

/// The customer gave a code: what became of it, and what it was given for.
fn given(attempt: &Attempt<'_>, action: Action, outcome: Outcome) -> Note {
    Note {
        interaction: attempt.step_up.as_ref().map(|one| one.interaction.clone()),
        step_up: attempt.step_up.as_ref().map(|one| one.id),
        ..note(Actor::Customer, action, outcome)
    }
}

/// A refusal that leaves no trace.
fn refuse<O>(actor: Actor, action: Action, reason: Reason) -> Step<CredentialState, O> {
    Step::keep(Some(note(actor, action, Outcome::Refused(reason))), Err(reason.into()))
}

/// A call that changes nothing because it was carried out before.
fn repeat<O>(actor: Actor, action: Action, result: O) -> Step<CredentialState, O> {
    Step::keep(Some(note(actor, action, Outcome::Done)), Ok(result))
}

/// The customer enrols; the seed is made from `drawn`.
pub(crate) struct Enrol<'a> {
    pub(crate) parameters: Parameters,
    pub(crate) drawn: &'a [u8; 32],
    pub(crate) issuer: &'a str,
    /// What an authenticator shows.
    pub(crate) account: &'a str,
}

impl Enrol<'_> {
    /// What is given out as long as the credential is not confirmed.
    fn provisioning(&self, state: &CredentialState, cx: &Context<'_>) -> Option<Provisioning> {
        let credential = state.credential(cx);
        let pending = matches!(state.phase, Phase::Pending(_)) && !state.lapsed(cx.now);
        let (mut seed, mut uri, mut code) = (None, None, None);
        match (&state.seed, state.parameters.method) {
            (Some(_), Method::Delivered) if pending => {
                code = delivered_code(state, &confirm_question(cx.id));
            }
            (Some(held), method) if pending => {
                seed = Some(SecretText::copy_of(&held.to_base32()));
                if matches!(method, Method::Totp | Method::Hotp) {
                    uri = self.otpauth(held)?;
                }
            }
            _ => {}
        }
        Some(Provisioning { credential, seed, uri, code })
    }

    #[cfg(feature = "provisioning")]
    #[allow(clippy::option_option, reason = "the outer one is failure, the inner one the feature")]
    fn otpauth(&self, seed: &OtpSeed) -> Option<Option<zeroize::Zeroizing<String>>> {
        super::provisioning::otpauth(seed, &self.parameters, self.issuer, self.account).map(Some)
    }

    #[cfg(not(feature = "provisioning"))]
    #[allow(clippy::option_option, reason = "the outer one is failure, the inner one the feature")]
    const fn otpauth(&self, _: &OtpSeed) -> Option<Option<zeroize::Zeroizing<String>>> {
        let (_, _) = (self.issuer, self.account);
        Some(None)
    }
}

impl Event<CredentialState> for Enrol<'_> {
    type Outcome = Provisioning;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Step<CredentialState, Provisioning> {
        if let Some(state) = state {
            if state.parameters != self.parameters || state.origin != Origin::Enrolled {
                return Step::keep(None, Err(Invalid::RequestReused.into()));
            }
            return match self.provisioning(&state, cx) {
                Some(given) => repeat(Actor::Customer, Action::Enrol, given),
                None => Step::keep(None, Err(Invalid::NotProvisionable.into())),
            };
        }
        let seed = match OtpSeed::from_bytes(self.drawn) {
            Ok(seed) => seed,
            Err(error) => return Step::keep(None, Err(Invalid::Seed(error).into())),
        };
        let until = cx.now.after(cx.policy.credentials.confirm_within);
        let state =
            CredentialState::new(self.parameters, Origin::Enrolled, seed, Phase::Pending(until));
        let Some(given) = self.provisioning(&state, cx) else {
            return Step::keep(None, Err(Invalid::NotProvisionable.into()));
        };
        Step::write(state, vec![note(Actor::Customer, Action::Enrol, Outcome::Done)], Ok(given))
    }
}

/// The back end imports a fob.
impl Event<CredentialState> for Import {
    type Outcome = Credential;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Step<CredentialState, Credential> {
        if let Some(state) = state {
            let same = state.parameters == self.parameters
                && state.origin == Origin::Imported
                && state.seed.as_ref().is_none_or(|seed| *seed == self.seed)
                && (state.seed.is_none() || state.pin_hash == self.pin_hash);
            if !same {
                return Step::keep(None, Err(Invalid::AlreadyImported.into()));
            }
            return repeat(Actor::BackEnd, Action::Import, state.credential(cx));
        }
        let seed = match OtpSeed::from_bytes(self.seed.expose()) {
            Ok(seed) => seed,
            Err(error) => return Step::keep(None, Err(Invalid::Seed(error).into())),
        };
        let mut state =
            CredentialState::new(self.parameters, Origin::Imported, seed, Phase::Active);
        state.counter = self.counter;
        if let Some(pin_hash) = &self.pin_hash {
            let copied = PinHash::from_bytes(pin_hash.algorithm(), pin_hash.expose());
            // Of the right length, since it is one.
            state.pin_hash = copied.ok();
        }
        let credential = state.credential(cx);
        Step::write(
            state,
            vec![note(Actor::BackEnd, Action::Import, Outcome::Done)],
            Ok(credential),
        )
    }
}

/// One failure more, which `wrong` notes, and what follows from it.
fn fail(
    mut state: CredentialState,
    digest: [u8; 16],
    wrong: Note,
    cx: &Context<'_>,
) -> (CredentialState, Vec<Note>) {
    let policy = &cx.policy.credentials;
    state.failures = state.failures.saturating_add(1);
    state.failed.push(digest);
    let mut notes = vec![wrong];
    let most = policy.failures_to_disable;
    if state.failures >= most {
        state.end(Phase::Disabled(cx.now));
        notes.push(note(Actor::Clock, Action::Disable, Outcome::Done));
        return (state, notes);
    }
    // Not just at that number: the policy may have been tightened since the last failure.
    if !state.warned && state.failures >= most.saturating_sub(policy.failures_to_lock).max(1) {
        state.warned = true;
        notes.push(note(Actor::Clock, Action::WarnOfBlock, Outcome::Done));
    }
    let (locks, over) = (
        state.failures / policy.failures_to_lock.max(1),
        state.failures % policy.failures_to_lock.max(1),
    );
    if over == 0 {
        let doubled = 1_u32.checked_shl(u32::from(locks.saturating_sub(1))).unwrap_or(u32::MAX);
        let length = policy.first_lock.saturating_mul(doubled).min(LONGEST_LOCK);
        state.locked_until = Some(cx.now.after(length));
        notes.push(note(Actor::Clock, Action::Lock, Outcome::Done));
    }
    (state, notes)
}

fn succeed(mut state: CredentialState, moved: Moved) -> CredentialState {
    state.failures = 0;
    state.warned = false;
    state.failed.clear();
    state.locked_until = None;
    match moved {
        Moved::Nowhere => {}
        Moved::Step { step, drift } => (state.last_step, state.drift) = (Some(step), drift),
        Moved::Counter(next) => state.counter = next,
    }
    state
}

/// Why no code is looked at now, if so. `confirming` is for the first code, and that alone.
fn shut(state: &CredentialState, confirming: bool, cx: &Context<'_>) -> Option<Reason> {
    match state.phase {
        Phase::Revoked(_) => Some(Reason::Ended),
        Phase::Disabled(_) => Some(Reason::Disabled),
        Phase::Pending(_) if state.lapsed(cx.now) => Some(Reason::Ended),
        Phase::Pending(_) if !confirming => Some(Reason::Unconfirmed),
        Phase::Active if confirming => Some(Reason::Ended),
        _ if state.locked(cx.now) => Some(Reason::Locked),
        _ => None,
    }
}

/// A code is checked: once for each thing, and evaluated only while the credential is open.
fn check(
    state: Option<CredentialState>,
    attempt: &Attempt<'_>,
    action: Action,
    cx: &Context<'_>,
) -> Step<CredentialState, (bool, Option<Credential>)> {
    let refuse = |reason| {
        let refused = given(attempt, action, Outcome::Refused(reason));
        Step::keep(Some(refused), Err(reason.into()))
    };
    let Some(state) = state else { return refuse(Reason::Unknown) };
    let digest = attempt.digest;
    if let Some(before) = state.accepted.iter().find(|one| one.id == attempt.id)
        && !matches!(state.phase, Phase::Revoked(_))
    {
        return if before.digest == digest {
            let told = given(attempt, action, Outcome::Done);
            Step::keep(Some(told), Ok((before.duress, Some(state.credential(cx)))))
        } else {
            refuse(Reason::Replayed)
        };
    }
    if let Some(reason) = shut(&state, action == Action::Confirm, cx) {
        return refuse(reason);
    }
    // A repeated call, or one guess tried at many time steps: looked at and counted once.
    if state.failed.contains(&digest) {
        return refuse(Reason::WrongCode);
    }
    match evaluate(&state, attempt, cx.clock, &cx.policy.credentials) {
        Some(Found::Right { duress, moved }) => {
            let mut state = succeed(state, moved);
            state.phase = Phase::Active;
            let until = match &attempt.step_up {
                Some(step_up) => step_up.until,
                None => cx.now.after(cx.policy.credentials.confirm_within),
            };
            let accepted = Accepted { id: attempt.id, digest, duress, until };
            state.remember_accepted(accepted, cx.now);
            let credential = state.credential(cx);
            let done = vec![given(attempt, action, Outcome::Done)];
            Step::write(state, done, Ok((duress, Some(credential))))
        }
        // Knowing a used code is no guess: it is not counted.
        Some(Found::Replayed) => refuse(Reason::Replayed),
        Some(Found::Wrong) => {
            let wrong = given(attempt, action, Outcome::Refused(Reason::WrongCode));
            let (state, notes) = fail(state, digest, wrong, cx);
            Step::write(state, notes, Err(Reason::WrongCode.into()))
        }
        None => refuse(Reason::Ended),
    }
}

/// The customer gives the first code.
pub(crate) struct Confirm<'a>(pub(crate) &'a Response);

impl Event<CredentialState> for Confirm<'_> {
    type Outcome = Credential;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Step<CredentialState, Credential> {
        let question = confirm_question(cx.id);
        let attempt = Attempt::new(cx.id, question, self.0, None);
        let Step { next, recorded, announced, told, result } =
            check(state, &attempt, Action::Confirm, cx);
        let result = result.and_then(|(_, credential)| credential.ok_or(Reason::Ended.into()));
        Step { next, recorded, announced, told, result }
    }
}

/// A code is given for something else. The outcome is whether under coercion.
pub(crate) struct Check<'a>(pub(crate) Attempt<'a>);

impl Event<CredentialState> for Check<'_> {
    type Outcome = bool;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Step<CredentialState, bool> {
        let Step { next, recorded, announced, told, result } =
            check(state, &self.0, Action::Verify, cx);
        Step { next, recorded, announced, told, result: result.map(|(duress, _)| duress) }
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
    ) -> Step<CredentialState, Credential> {
        let action = Action::Resync;
        let Some(state) = state else { return refuse(Actor::Customer, action, Reason::Unknown) };
        let [first, second] = self.0;
        let pieces = [
            b"countersign resync v1".as_slice(),
            first.expose().as_bytes(),
            second.expose().as_bytes(),
        ];
        let digest = pae::first(&pae::sha256(&pieces));
        if let Some(reason) = shut(&state, false, cx) {
            return refuse(Actor::Customer, action, reason);
        }
        if state.accepted.iter().any(|one| one.id == cx.id && one.digest == digest) {
            return repeat(Actor::Customer, action, state.credential(cx));
        }
        // As with single codes: looked at and counted once.
        if state.failed.contains(&digest) {
            return refuse(Actor::Customer, action, Reason::WrongCode);
        }
        match resync(&state, self.0, cx.clock) {
            Some(moved) => {
                let mut state = succeed(state, moved);
                let until = cx.now.after(cx.policy.credentials.confirm_within);
                let accepted = Accepted { id: cx.id, digest, duress: false, until };
                state.remember_accepted(accepted, cx.now);
                let credential = state.credential(cx);
                let done = vec![note(Actor::Customer, action, Outcome::Done)];
                Step::write(state, done, Ok(credential))
            }
            None => {
                let wrong = note(Actor::Customer, action, Outcome::Refused(Reason::WrongCode));
                let (state, notes) = fail(state, digest, wrong, cx);
                Step::write(state, notes, Err(Reason::WrongCode.into()))
            }
        }
    }
}

/// The back end revokes a credential, because a phone was lost, say.
pub(crate) struct Revoke;

impl Event<CredentialState> for Revoke {
    type Outcome = Credential;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Step<CredentialState, Credential> {
        let Some(mut state) = state else {
            return refuse(Actor::BackEnd, Action::Revoke, Reason::Unknown);
        };
        if matches!(state.phase, Phase::Revoked(_)) {
            return repeat(Actor::BackEnd, Action::Revoke, state.credential(cx));
        }
        state.end(Phase::Revoked(cx.now));
        let credential = state.credential(cx);
        let done = vec![note(Actor::BackEnd, Action::Revoke, Outcome::Done)];
        Step::write(state, done, Ok(credential))
    }
}

/// The back end ends a lock. The failures stay counted: only a right code resets them.
pub(crate) struct Unlock;

impl Event<CredentialState> for Unlock {
    type Outcome = Credential;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Step<CredentialState, Credential> {
        let Some(mut state) = state else {
            return refuse(Actor::BackEnd, Action::Unlock, Reason::Unknown);
        };
        match state.phase {
            Phase::Disabled(_) => refuse(Actor::BackEnd, Action::Unlock, Reason::Disabled),
            Phase::Revoked(_) => refuse(Actor::BackEnd, Action::Unlock, Reason::Ended),
            _ if !state.locked(cx.now) => {
                repeat(Actor::BackEnd, Action::Unlock, state.credential(cx))
            }
            _ => {
                state.locked_until = None;
                let credential = state.credential(cx);
                let done = vec![note(Actor::BackEnd, Action::Unlock, Outcome::Done)];
                Step::write(state, done, Ok(credential))
            }
        }
    }
}
