//! How a credential comes about and ends.

use crate::credential::consent::{Approver, ConsentRecord};
use crate::credential::method::{Method, Parameters};
use crate::credential::provisioning::Provisioning;
use crate::credential::request::ImportRequest;
use crate::credential::rules::evaluate::{confirm_question, delivered_code};
use crate::credential::state::{CredentialState, Origin, Phase};
use crate::credential::view::Credential;
use crate::engine::frame::{Context, Decision, Event};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::otp::OtpSeed;
use crate::otp::ocra::PinHash;
use crate::policy::STEP_UP_LIMIT;
use crate::values::id::StepUpId;
use crate::values::secret::SecretText;

pub(crate) const fn note(actor: Actor, action: Action, outcome: Outcome) -> EventDraft {
    EventDraft { actor, action, interaction: None, outcome, step_up: None }
}

/// A refusal that leaves no trace.
pub(crate) fn refuse<O>(
    actor: Actor,
    action: Action,
    reason: Reason,
) -> Decision<CredentialState, O> {
    Decision::keep(Some(note(actor, action, Outcome::Refused(reason))), Err(reason.into()))
}

/// A call that changes nothing because it was carried out before.
pub(crate) fn repeat<O>(actor: Actor, action: Action, result: O) -> Decision<CredentialState, O> {
    Decision::keep(Some(note(actor, action, Outcome::Done)), Ok(result))
}

/// The customer enrols; the seed is made from `drawn`.
pub(crate) struct Enrol<'a> {
    pub(crate) parameters: Parameters,
    pub(crate) drawn: &'a [u8; 32],
    pub(crate) authority: ConsentRecord,
    /// In which step-up the customer said that they may have it, and with which credential, though that
    /// was too long ago.
    pub(crate) step_up: Option<StepUpId>,
    pub(crate) approver: Option<Approver>,
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

    /// A new credential, with the seed that was drawn.
    fn begun(&self, cx: &Context<'_>) -> Decision<CredentialState, Provisioning> {
        if let Err(error) = check(&self.parameters) {
            return Decision::keep(None, Err(error.into()));
        }
        let seed = match OtpSeed::from_bytes(self.drawn) {
            Ok(seed) => seed,
            Err(error) => return Decision::keep(None, Err(Invalid::Seed(error).into())),
        };
        let mut within = cx.policy.credentials.confirm_within;
        if self.parameters.method == Method::Delivered {
            within = within.min(STEP_UP_LIMIT);
        }
        let phase = Phase::Pending(cx.now.after(within));
        let mut state = CredentialState::new(self.parameters, Origin::Enrolled, seed, phase);
        (state.authority, state.begun) = (self.authority, Some(cx.now));
        let Some(given) = self.provisioning(&state, cx) else {
            return Decision::keep(None, Err(Invalid::NotProvisionable.into()));
        };
        let ConsentRecord { given: authorised, approver, .. } = self.authority;
        let step_up = self.step_up.filter(|_| approver.is_some());
        let actor = if authorised && approver.is_none() { Actor::BackEnd } else { Actor::Customer };
        let enrolled = note(actor, Action::Enrol, Outcome::Done);
        Decision::write(state, vec![EventDraft { step_up, ..enrolled }], Ok(given))
    }

    #[cfg(feature = "provisioning")]
    #[allow(clippy::option_option, reason = "the outer one is failure, the inner one the feature")]
    fn otpauth(&self, seed: &OtpSeed) -> Option<Option<zeroize::Zeroizing<String>>> {
        crate::credential::provisioning::otpauth(seed, &self.parameters, self.issuer, self.account)
            .map(Some)
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
    ) -> Decision<CredentialState, Provisioning> {
        if let Some(state) = state {
            if state.parameters != self.parameters || state.origin != Origin::Enrolled {
                return Decision::keep(None, Err(Invalid::RequestReused.into()));
            }
            let pending = matches!(state.phase, Phase::Pending(_));
            let ConsentRecord { given, approver, .. } = state.authority;
            // With the proof that it was enrolled with, whose time may have ended since.
            let lately = state
                .begun
                .is_some_and(|begun| cx.now < begun.after(cx.policy.step_ups.grant_valid_for));
            let repeated = approver.is_some() && approver == self.approver && lately;
            if pending && given && !self.authority.given && !repeated {
                // Its seed is not for whoever has the session and guesses the request id.
                return another_credential(Action::Enrol);
            }
            let vouched = self.authority.given && self.authority.approver.is_none();
            let anew = !given || (vouched && (approver.is_some() || state.lapsed(cx.now)));
            if pending && self.authority.given && anew {
                // With a seed of its own: others have seen the one there was.
                return self.begun(cx);
            }
            return match self.provisioning(&state, cx) {
                Some(given) => repeat(Actor::Customer, Action::Enrol, given),
                None => Decision::keep(None, Err(Invalid::NotProvisionable.into())),
            };
        }
        self.begun(cx)
    }
}

/// The customer may not have it beside what they have; that is told, and not written.
pub(crate) fn another_credential<O>(action: Action) -> Decision<CredentialState, O> {
    let refused = Outcome::Refused(Reason::AnotherCredential);
    let told = Some(note(Actor::Customer, action, refused));
    Decision::keep(told, Err(Invalid::AnotherCredential.into()))
}

/// An enrolment that cannot be.
pub(crate) struct RefuseEnrol(pub(crate) Invalid);

impl Event<CredentialState> for RefuseEnrol {
    type Outcome = Provisioning;

    fn apply(
        &self,
        _: Option<CredentialState>,
        _: &Context<'_>,
    ) -> Decision<CredentialState, Provisioning> {
        match self.0 {
            Invalid::AnotherCredential => another_credential(Action::Enrol),
            invalid => Decision::keep(None, Err(invalid.into())),
        }
    }
}

/// Whether HMAC makes the same key of `seed` as of the fob's.
fn same_key(seed: &OtpSeed, fob: &ImportRequest) -> bool {
    let algorithm = fob.parameters.algorithm;
    algorithm.key_of(seed) == algorithm.key_of(&fob.seed)
}

/// Whether a new credential may have these.
pub(crate) fn check(parameters: &Parameters) -> Result<(), Invalid> {
    if parameters.fit() { Ok(()) } else { Err(Invalid::TimeStep) }
}

impl ImportRequest {
    /// Whether it can be, whoever holds what.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        check(&self.parameters)?;
        if self.counter == u64::MAX { Err(Invalid::LastCounter) } else { Ok(()) }
    }
}

/// The back end imports a fob.
impl Event<CredentialState> for ImportRequest {
    type Outcome = Credential;

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Decision<CredentialState, Credential> {
        if let Some(state) = state {
            let same = state.parameters == self.parameters
                && state.origin == Origin::Imported
                && state.seed.as_ref().is_none_or(|seed| same_key(seed, self))
                && (state.seed.is_none() || state.pin_hash == self.pin_hash);
            if !same {
                return Decision::keep(None, Err(Invalid::AlreadyImported.into()));
            }
            return repeat(Actor::BackEnd, Action::Import, state.credential(cx));
        }
        if let Err(invalid) = self.check() {
            return Decision::keep(None, Err(invalid.into()));
        }
        let seed = match OtpSeed::from_bytes(self.seed.expose()) {
            Ok(seed) => seed,
            Err(error) => return Decision::keep(None, Err(Invalid::Seed(error).into())),
        };
        let mut state =
            CredentialState::new(self.parameters, Origin::Imported, seed, Phase::Active);
        state.counter = self.counter;
        state.since = Some(cx.now);
        if let Some(pin_hash) = &self.pin_hash {
            let copied = PinHash::from_bytes(pin_hash.algorithm(), pin_hash.expose());
            // Of the right length, since it is one.
            state.pin_hash = copied.ok();
        }
        let credential = state.credential(cx);
        Decision::write(
            state,
            vec![note(Actor::BackEnd, Action::Import, Outcome::Done)],
            Ok(credential),
        )
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
    ) -> Decision<CredentialState, Credential> {
        let Some(mut state) = state else {
            return refuse(Actor::BackEnd, Action::Revoke, Reason::Unknown);
        };
        if matches!(state.phase, Phase::Revoked(_)) {
            return repeat(Actor::BackEnd, Action::Revoke, state.credential(cx));
        }
        state.end(Phase::Revoked(cx.now));
        let credential = state.credential(cx);
        let done = vec![note(Actor::BackEnd, Action::Revoke, Outcome::Done)];
        Decision::write(state, done, Ok(credential))
    }
}

/// What the session alone began makes room for what somebody answers for, on whose word.
pub(crate) struct GiveWay(pub(crate) Actor);

impl Event<CredentialState> for GiveWay {
    type Outcome = ();

    fn apply(
        &self,
        state: Option<CredentialState>,
        cx: &Context<'_>,
    ) -> Decision<CredentialState, ()> {
        let waits = |state: &CredentialState| {
            matches!(state.phase, Phase::Pending(_)) && !state.authority.given
        };
        let Some(mut state) = state.filter(waits) else { return Decision::keep(None, Ok(())) };
        state.end(Phase::Revoked(cx.now));
        Decision::write(state, vec![note(self.0.clone(), Action::Revoke, Outcome::Done)], Ok(()))
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
    ) -> Decision<CredentialState, Credential> {
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
                Decision::write(state, done, Ok(credential))
            }
        }
    }
}
