//! Codes that are checked against a credential, and what failures lead to.

use core::time::Duration;

use crate::credential::bound::{AttestationVerdict, BoundBy, KeyProof};
use crate::credential::method::{Method, Parameters};
use crate::credential::possession::{Asked, KeyPossession, Proven};
use crate::credential::rules::enrolment::another_credential;
use crate::credential::rules::evaluate_code::{
    Attempt, Found, Moved, confirm_question, evaluate, resync,
};
use crate::credential::state::{Accepted, CredentialState, Origin, Phase};
use crate::credential::view::{Credential, KeyTag};
use crate::crypto::pae;
use crate::engine::rule::{Context, Rule, Ruled, Ruling};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::otp::Code;
use crate::otp::ocra::Response;
use crate::policy::{FirstKey, STEP_UP_LIMIT};
use crate::signature::key::CredentialPublicKey;
use crate::step_up::answer::{SignedAnswer, SignedBy};
use crate::step_up::request::Duress;
use crate::step_up::rules::Checked;
use crate::step_up::statement::Statement;
use crate::values::id::{CredentialId, CustomerId, Issuer};
use crate::values::secret::leaving_no_trace;
use crate::values::time::Timestamp;
use crate::webauthn::assertion::{Asserted, PasskeyAssertion};

/// The longest lock, however often it doubles.
const LONGEST_LOCK: Duration = Duration::from_secs(30 * 24 * 3600);

/// So many wrong codes are known again after a right one.
const FAILED: usize = 64;

const fn by_itself(action: Action) -> EventDraft {
    EventDraft::by(Actor::Clock, action)
}

/// One failure more, and what follows from it.
fn fail<O>(state: &mut CredentialState, digest: [u8; 16], cx: &Context<'_>) -> Ruling<O> {
    let policy = &cx.policy.credentials;
    let wrong = Ruling::counted(Reason::WrongCode);
    state.failures = state.failures.saturating_add(1);
    state.failed.push(digest);
    let (mut notes, mut again) = (Vec::new(), None);
    let most = policy.failures_to_disable;
    // Never without a warning, though the policy was tightened to less than the failures there were.
    if state.failures >= most && state.warned {
        state.end(Phase::Disabled(cx.now.stamp()));
        return wrong.then([by_itself(Action::Disable)]);
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
    wrong.then(notes).telling(again)
}

fn succeed(state: &mut CredentialState, moved: Moved) {
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
}

/// What a code is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// To confirm the credential: the first code, or that again.
    Confirming,
    Using,
}

/// Why no code is looked at now, if so.
fn shut(state: &CredentialState, what: For, cx: &Context<'_>) -> Option<Reason> {
    match state.phase {
        Phase::Revoked(_) => Some(Reason::Ended),
        Phase::Disabled(_) => Some(Reason::Disabled),
        Phase::Pending(_) if state.lapsed(cx.now) => Some(Reason::Ended),
        Phase::Pending(_) if what == For::Using => Some(Reason::Unconfirmed),
        Phase::Active if what == For::Confirming && state.origin == Origin::Imported => {
            Some(Reason::Ended)
        }
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

/// Refuses the code with this digest if it is not looked at now, and tells again what it led to: each code
/// is looked at once for each thing, and only while the credential is open.
fn closed<O>(
    state: &CredentialState,
    digest: [u8; 16],
    what: For,
    cx: &Context<'_>,
) -> Option<Ruling<O>> {
    // A repeated call, or one guess tried at many time steps, of which one would be its own.
    let known = state.failed.contains(&digest);
    let reason = shut(state, what, cx).or(known.then_some(Reason::WrongCode))?;
    Some(Ruling::refused(reason).telling(if known { led_to(state, cx) } else { Vec::new() }))
}

/// The same for an answer that may have no code.
fn closed_to<O>(
    state: &CredentialState,
    attempt: Option<&Attempt<'_>>,
    what: For,
    cx: &Context<'_>,
) -> Option<Ruling<O>> {
    match attempt {
        Some(attempt) => closed(state, attempt.digest, what, cx),
        None => shut(state, what, cx).map(Ruling::refused),
    }
}

/// The code that was given, if one is asked for. A signature without the code that belongs to it is no answer, and
/// is not counted.
fn given(response: Option<&Response>, asked: bool) -> Result<Option<&Response>, Reason> {
    if response.is_some() == asked { Ok(response) } else { Err(Reason::WrongCode) }
}

/// Remembers the code with this digest as one that was right.
fn accept(
    state: &mut CredentialState,
    (id, digest): ([u8; 16], [u8; 16]),
    duress: Duress,
    cx: &Context<'_>,
) {
    let until = cx.now.after(cx.policy.credentials.confirm_within);
    state.remember_accepted(Accepted { id, digest, statement: None, duress, until }, cx.clock);
}

/// The customer gives the first code, or shows that they hold a new key.
pub(crate) struct Confirm<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) customer: &'a CustomerId,
    pub(crate) response: Option<&'a Response>,
    pub(crate) possession: Option<&'a KeyPossession>,
    /// The customer's credentials that have not ended.
    pub(crate) held: &'a [Credential],
    /// So many others were bound, and their records are lost.
    pub(crate) missing: usize,
    /// The customer has had no key that signs.
    pub(crate) first_key: bool,
    /// What the host found the attestation to say, and of which challenge.
    pub(crate) attested: Option<([u8; 32], AttestationVerdict)>,
}

impl Confirm<'_> {
    /// The new key, if there is to be one. A signature is looked at before any code and not counted, since nobody
    /// guesses one.
    fn key(&self, state: &CredentialState, cx: &Context<'_>) -> Result<Option<Proven>, Reason> {
        let Parameters { method, .. } = state.parameters;
        match self.possession {
            None if !method.signs() => Ok(None),
            Some(possession) if method.signs() => {
                let nonce = state.key_nonce().ok_or(Reason::Ended)?;
                let asked = Asked {
                    issuer: self.issuer,
                    customer: self.customer,
                    credential: CredentialId(cx.id),
                    nonce: &nonce,
                };
                if self.attested.is_some_and(|(challenge, _)| challenge != nonce) {
                    // It was enrolled anew since.
                    return Err(Reason::NotSigned);
                }
                let policy = &cx.policy.passkeys;
                possession.proven(method, &asked, policy).map(Some).ok_or(Reason::NotSigned)
            }
            _ => Err(Reason::NotSigned),
        }
    }

    /// Whether the policy allows the first key that signs on the word that was given, by now.
    fn may_be_first(&self, state: &CredentialState, cx: &Context<'_>) -> Result<(), Failure> {
        let policy = &cx.policy.credentials;
        match (policy.first_key, state.bound_by) {
            (FirstKey::AsAnyCredential, _) | (FirstKey::Vouched, Some(BoundBy::Visit)) => Ok(()),
            (FirstKey::Vouched, Some(BoundBy::BackEnd)) => {
                let begun = state.begun.ok_or(Reason::OutsideWindow)?;
                if !cx.now.has_reached(begun.after(policy.first_key_delay)) {
                    return Err(Reason::OutsideWindow.into());
                }
                Ok(())
            }
            (FirstKey::Vouched, _) => Err(Invalid::FirstKey.into()),
        }
    }

    /// It counts from now on.
    fn confirm(&self, state: &mut CredentialState, key: Option<Proven>, cx: &Context<'_>) {
        if let (Some(Proven { key, signature, passkey }), Some(nonce)) = (key, state.key_nonce()) {
            (state.public_key, state.passkey) = (Some(key), passkey);
            let attested = self.attested.map(|(_, verdict)| verdict);
            state.key_proof = Some(KeyProof { nonce, signature, attested });
        }
        state.phase = Phase::Active;
        state.since = Some(cx.now.stamp());
    }
}

impl Rule<CredentialState> for Confirm<'_> {
    type Outcome = Credential;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Confirm)
    }

    /// Only a right code is answered with the credential, also when it is confirmed already: any other
    /// code for that would be a guess at the PIN, so it is looked at and counted like the first. Of a method that signs
    /// the key's proof is enough by then.
    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<Credential> {
        let key = self.key(state, cx)?;
        let asks_code = state.parameters.asks_code();
        let response = given(self.response, asks_code)?;
        let confirmed = state.phase == Phase::Active;
        if let Some(Proven { key, .. }) = key.as_ref().filter(|_| confirmed) {
            // Anybody may have seen the proof, so no code is looked at beside it: none is a guess, and none is told
            // from another.
            return match shut(state, For::Confirming, cx) {
                Some(reason) => Err(reason.into()),
                None if state.public_key != Some(*key) => Err(Reason::NotSigned.into()),
                None => Ok(Ruling::repeated(state.credential(cx))),
            };
        }
        let attempt = response.map(|code| Attempt::new(cx.id, confirm_question(cx.id), code));
        if let Some(refused) = closed_to(state, attempt.as_ref(), For::Confirming, cx) {
            return Ok(refused);
        }
        if let Phase::Pending(until) = state.phase
            && state.parameters.method == Method::Delivered
            && cx.is_before(state.begun.unwrap_or_else(|| until.before(STEP_UP_LIMIT)))
        {
            return Err(Reason::OutsideWindow.into());
        }
        if !confirmed && state.authority.approver.is_some_and(|by| !by.stands(self.held)) {
            // Revoked since, with all that it was about to approve.
            return Err(Reason::Ended.into());
        }
        if !confirmed && self.first_key && state.parameters.method.signs() {
            self.may_be_first(state, cx)?;
        }
        let others = self.held.iter().any(|one| one.id.0 != cx.id && one.is_held());
        let beside = others || self.missing > 0;
        if !confirmed && beside && !state.authority.given {
            return Ok(another_credential(Action::Confirm));
        }
        let Some(attempt) = attempt else {
            self.confirm(state, key, cx);
            return Ok(Ruling::done(state.credential(cx)));
        };
        if confirmed && state.has_accepted(cx.id, attempt.digest) {
            return Ok(Ruling::repeated(state.credential(cx)));
        }
        match evaluate(state, &attempt, cx.clock, &cx.policy.credentials) {
            Some(Found::Right { moved: Moved::Nowhere, .. }) if confirmed => {
                Ok(Ruling::repeated(state.credential(cx)))
            }
            // Knowing a code that comes from the time or a counter is no guess, but it is not used up here.
            Some(Found::Right { .. }) if confirmed => Err(Reason::Replayed.into()),
            Some(Found::Right { duress, moved }) => {
                succeed(state, moved);
                self.confirm(state, key, cx);
                accept(state, (cx.id, attempt.digest), duress, cx);
                Ok(Ruling::done(state.credential(cx)))
            }
            Some(Found::Replayed) => Err(Reason::Replayed.into()),
            Some(Found::Wrong) => Ok(fail(state, attempt.digest, cx)),
            None => Err(Reason::Ended.into()),
        }
    }
}

/// A code or signature is given for a statement: a step-up's, or another question to the customer's key. The outcome is
/// what was found, and what for.
pub(crate) struct Check<'a> {
    /// Of the step-up, or what names the question.
    pub(crate) id: [u8; 16],
    /// What the credential's history says of it.
    pub(crate) note: EventDraft,
    pub(crate) statement: Statement,
    /// `None` of a key that signs without a PIN.
    pub(crate) response: Option<&'a Response>,
    pub(crate) signed: Option<&'a SignedAnswer>,
    /// The key that was asked, and how it answers.
    pub(crate) key: Option<KeyTag>,
    pub(crate) signer: Option<CredentialPublicKey>,
    /// From when on it can be given, and until when.
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

impl Check<'_> {
    /// What the authenticator said of itself.
    fn asserted(&self) -> Option<(&PasskeyAssertion, Asserted)> {
        match &self.signed?.0 {
            SignedBy::Passkey(assertion) => Some((assertion, assertion.said()?)),
            SignedBy::DeviceKey(_) => None,
        }
    }

    /// That there seem to be two of the authenticator, if so. `Err` if it is another passkey, or one that can be copied
    /// and could not when it was made, or the other way round (WebAuthn Level 3 §7.2, step 20).
    fn of_clone(&self, state: &CredentialState) -> Result<Vec<EventDraft>, Reason> {
        let (passkey, asserted) = match (&state.passkey, self.asserted()) {
            (None, None) => return Ok(Vec::new()),
            (Some(passkey), Some(asserted)) => (passkey, asserted),
            _ => return Err(Reason::NotSigned),
        };
        let (assertion, Asserted { counter, backup_eligible, .. }) = asserted;
        if assertion.id() != passkey.id || backup_eligible != passkey.backup_eligible {
            return Err(Reason::NotSigned);
        }
        let counts = counter > 0 || passkey.counter > 0;
        let back = counts && counter <= passkey.counter;
        Ok(if back { vec![by_itself(Action::WarnOfClone)] } else { Vec::new() })
    }

    /// Refuses it, and notes that once for each question.
    fn refuse_clone(
        &self,
        state: &mut CredentialState,
        clones: Vec<EventDraft>,
    ) -> Ruling<Checked> {
        match &mut state.passkey {
            Some(passkey) if passkey.refused_in != Some(self.id) => {
                passkey.refused_in = Some(self.id);
                Ruling::counted(Reason::NotSigned).then(clones)
            }
            _ => Ruling::refused(Reason::NotSigned).telling(clones),
        }
    }

    /// Remembers how far the authenticator has counted, and whether it is copied now.
    fn count_up(&self, state: &mut CredentialState) {
        if let (Some(passkey), Some((_, asserted))) = (&mut state.passkey, self.asserted()) {
            passkey.counter = passkey.counter.max(asserted.counter);
            passkey.backed_up = asserted.backed_up;
        }
    }

    /// Whether the answer is signed by the very key that was asked, if that signs.
    fn is_signed(&self, state: &CredentialState, cx: &Context<'_>) -> bool {
        match (self.signer, self.signed) {
            (None, None) => state.public_key.is_none(),
            (Some(key), Some(signed)) => {
                state.public_key == Some(key)
                    && signed.is_of(
                        self.statement,
                        state.parameters.method,
                        &key,
                        &cx.policy.passkeys,
                    )
            }
            _ => false,
        }
    }
}

impl Rule<CredentialState> for Check<'_> {
    type Outcome = Checked;

    fn note(&self) -> EventDraft {
        self.note.clone()
    }

    /// Once a code was accepted for the statement no other is looked at: the answer is the same for all,
    /// so that nothing is learnt about a PIN, and an approval whose answer was lost is finished. What was
    /// accepted for another statement under the same id counts for nothing here.
    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<Checked> {
        if cx.is_before(self.from) {
            return Err(Reason::OutsideWindow.into());
        }
        let statement = self.statement;
        // Before any code, and not counted: nobody guesses a signature, and none may spend attempts at the PIN.
        if !self.is_signed(state, cx) {
            return Err(Reason::NotSigned.into());
        }
        if let Some(before) = state.accepted_for(statement)
            && !matches!(state.phase, Phase::Revoked(_))
        {
            return Ok(Ruling::repeated(Checked { statement, duress: before.duress }));
        }
        let response = given(self.response, state.parameters.asks_code())?;
        let attempt = response.map(|code| Attempt::new(self.id, statement.0, code));
        if let Some(refused) = closed_to(state, attempt.as_ref(), For::Using, cx) {
            return Ok(refused);
        }
        if state.key() != self.key {
            return Err(Reason::NoCredential.into());
        }
        let clones = self.of_clone(state)?;
        if !clones.is_empty() && cx.policy.passkeys.refuse_clones {
            return Ok(self.refuse_clone(state, clones));
        }
        let Some(attempt) = attempt else {
            self.count_up(state);
            let (duress, until) = (state.authority.under_coercion, self.until);
            let digest = statement.named(b"countersign signed attempt v1");
            let id = self.id;
            let accepted = Accepted { id, digest, statement: Some(statement), duress, until };
            state.remember_accepted(accepted, cx.clock);
            return Ok(Ruling::done(Checked { statement, duress }).then(clones));
        };
        let (id, digest) = (attempt.id, attempt.digest);
        match evaluate(state, &attempt, cx.clock, &cx.policy.credentials) {
            Some(Found::Right { duress, moved }) => {
                succeed(state, moved);
                self.count_up(state);
                let duress = duress.or(state.authority.under_coercion);
                let until = self.until;
                let accepted = Accepted { id, digest, statement: Some(statement), duress, until };
                state.remember_accepted(accepted, cx.clock);
                Ok(Ruling::done(Checked { statement, duress }).then(clones))
            }
            // Knowing a used code is no guess: it is not counted.
            Some(Found::Replayed) => Err(Reason::Replayed.into()),
            Some(Found::Wrong) => Ok(fail(state, digest, cx)),
            None => Err(Reason::Ended.into()),
        }
    }
}

/// The customer gives two consecutive codes of an authenticator that has run off.
pub(crate) struct Resync<'a>(pub(crate) [&'a Code; 2]);

impl Rule<CredentialState> for Resync<'_> {
    type Outcome = Credential;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Resync)
    }

    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<Credential> {
        let [first, second] = self.0.map(|code| code.expose().as_bytes());
        let digest = pae::first(&pae::sha256(&[b"countersign resync v1", first, second]));
        if let Some(refused) = closed(state, digest, For::Using, cx) {
            return Ok(refused);
        }
        if state.has_accepted(cx.id, digest) {
            return Ok(Ruling::repeated(state.credential(cx)));
        }
        let policy = &cx.policy.credentials;
        match leaving_no_trace(|| resync(state, self.0, cx.clock, policy)) {
            Some(Found::Right { duress, moved }) => {
                succeed(state, moved);
                accept(state, (cx.id, digest), duress, cx);
                Ok(Ruling::done(state.credential(cx)))
            }
            Some(Found::Replayed) => Err(Reason::Replayed.into()),
            Some(Found::Wrong) => Ok(fail(state, digest, cx)),
            // Nothing in it can run off, so no code could be right.
            None => Err(Reason::NoCredential.into()),
        }
    }
}
