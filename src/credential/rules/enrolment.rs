//! How a credential comes about and ends.

use core::time::Duration;

use crate::credential::bound::BoundBy;
use crate::credential::consent::{Approver, ConsentRecord};
use crate::credential::method::{Method, Parameters};
use crate::credential::provisioning::Provisioning;
use crate::credential::request::ImportRequest;
use crate::credential::rules::evaluate_code::{confirm_question, delivered_code};
use crate::credential::state::{CredentialState, Origin, Phase};
use crate::credential::view::Credential;
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::otp::OtpSeed;
use crate::otp::ocra::PinHash;
use crate::policy::STEP_UP_LIMIT;
use crate::values::id::StepUpId;
use crate::values::secret::SecretText;

/// The customer enrols; the seed is made from `drawn`.
pub(crate) struct Enrol<'a> {
    pub(crate) parameters: Parameters,
    pub(crate) drawn: &'a [u8; 32],
    pub(crate) authority: ConsentRecord,
    /// On whose word it is bound.
    pub(crate) bound_by: BoundBy,
    /// How long it waits before it may be confirmed.
    pub(crate) waits: Duration,
    /// In which step-up the customer said that they may have it, and with which credential, though that
    /// was too long ago.
    pub(crate) step_up: Option<StepUpId>,
    pub(crate) approver: Option<Approver>,
    pub(crate) issuer: &'a str,
    /// What an authenticator shows.
    pub(crate) account: &'a str,
}

/// The `otpauth` URI, unless this crate was built without.
type OtpAuth = Option<zeroize::Zeroizing<String>>;

impl Enrol<'_> {
    /// What is given out as long as the credential is not confirmed.
    fn provisioning(
        &self,
        state: &CredentialState,
        cx: &Context<'_>,
    ) -> Result<Provisioning, Invalid> {
        let credential = state.credential(cx);
        let pending = matches!(state.phase, Phase::Pending(_)) && !state.lapsed(cx.now);
        let (mut seed, mut uri, mut code, mut nonce) = (None, None, None, None);
        match (&state.seed, state.parameters.method) {
            (Some(_), Method::Delivered) if pending => {
                code = delivered_code(state, &confirm_question(cx.id));
            }
            (Some(held), method) if pending => {
                // A passkey alone computes nothing with it.
                if method != Method::Passkey || state.parameters.with_code {
                    seed = Some(SecretText::copy_of(&held.to_base32()));
                }
                if matches!(method, Method::Totp | Method::Hotp) {
                    uri = self.otpauth(held)?;
                }
                if method.signs() {
                    nonce = state.key_nonce();
                }
            }
            _ => {}
        }
        Ok(Provisioning { credential, seed, uri, code, nonce })
    }

    /// A new credential, with the seed that was drawn.
    fn begun(&self, cx: &Context<'_>) -> Result<(CredentialState, Ruling<Provisioning>), Failure> {
        check(&self.parameters)?;
        if self.parameters.method == Method::Passkey && !cx.policy.passkeys.has_relying_party() {
            return Err(Invalid::NoRelyingParty.into());
        }
        let seed = OtpSeed::from_bytes(self.drawn).map_err(Invalid::Seed)?;
        let mut within = cx.policy.credentials.confirm_within;
        if self.parameters.method == Method::Delivered {
            within = within.min(STEP_UP_LIMIT);
        }
        let phase = Phase::Pending(cx.now.after(self.waits).after(within));
        let mut state = CredentialState::new(self.parameters, Origin::Enrolled, seed, phase);
        (state.authority, state.begun) = (self.authority, Some(cx.now.stamp()));
        state.bound_by = self.parameters.method.signs().then_some(self.bound_by);
        let given = self.provisioning(&state, cx)?;
        let ConsentRecord { given: authorised, approver, .. } = self.authority;
        let step_up = self.step_up.filter(|_| approver.is_some());
        let actor = if authorised && approver.is_none() { Actor::BackEnd } else { Actor::Customer };
        let enrolled = EventDraft { step_up, ..EventDraft::by(actor, Action::Enrol) };
        Ok((state, Ruling::done(given).noted_as(enrolled)))
    }

    /// What an authenticator reads, if this crate can make it.
    #[cfg(feature = "provisioning")]
    fn otpauth(&self, seed: &OtpSeed) -> Result<OtpAuth, Invalid> {
        crate::credential::provisioning::otpauth(seed, &self.parameters, self.issuer, self.account)
            .map(Some)
            .ok_or(Invalid::NotProvisionable)
    }

    #[cfg(not(feature = "provisioning"))]
    const fn otpauth(&self, _: &OtpSeed) -> Result<OtpAuth, Invalid> {
        let (_, _) = (self.issuer, self.account);
        Ok(None)
    }
}

impl Rule<CredentialState> for Enrol<'_> {
    type Outcome = Provisioning;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Enrol)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<CredentialState, Provisioning> {
        let (begun, ruling) = self.begun(cx)?;
        Ok((Some(begun), ruling))
    }

    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<Provisioning> {
        if state.parameters != self.parameters || state.origin != Origin::Enrolled {
            return Err(Invalid::RequestReused.into());
        }
        let pending = matches!(state.phase, Phase::Pending(_));
        let ConsentRecord { given, approver, .. } = state.authority;
        // With the proof that it was enrolled with, whose time may have ended since.
        let lately = state.begun.is_some_and(|begun| {
            !cx.now.has_reached(begun.after(cx.policy.step_ups.grant_valid_for))
        });
        let repeated = approver.is_some() && approver == self.approver && lately;
        if pending && given && !self.authority.given && !repeated {
            // Its seed is not for whoever has the session and guesses the request id.
            return Ok(another_credential(Action::Enrol));
        }
        let vouched = self.authority.given && self.authority.approver.is_none();
        let anew = !given || (vouched && (approver.is_some() || state.lapsed(cx.now)));
        if pending && self.authority.given && anew {
            // With a seed of its own: others have seen the one there was.
            let (begun, ruling) = self.begun(cx)?;
            *state = begun;
            return Ok(ruling);
        }
        Ok(Ruling::repeated(self.provisioning(state, cx)?))
    }
}

/// The customer may not have it beside what they have; that is told, and not written.
pub(crate) fn another_credential<O>(tried: Action) -> Ruling<O> {
    let refused = EventDraft::by(Actor::Customer, tried).refused(Reason::AnotherCredential);
    Ruling::refused(Invalid::AnotherCredential).noted_as(refused)
}

/// An enrolment that cannot be.
pub(crate) struct RefuseEnrol(pub(crate) Invalid);

impl RefuseEnrol {
    fn refused<O>(&self) -> Ruled<O> {
        match self.0 {
            Invalid::AnotherCredential => Ok(another_credential(Action::Enrol)),
            invalid => Err(invalid.into()),
        }
    }
}

impl Rule<CredentialState> for RefuseEnrol {
    type Outcome = Provisioning;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Enrol)
    }

    fn begin(&self, _: &Context<'_>) -> Beginning<CredentialState, Provisioning> {
        Ok((None, self.refused()?))
    }

    fn decide(&self, _: &mut CredentialState, _: &Context<'_>) -> Ruled<Provisioning> {
        self.refused()
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
impl Rule<CredentialState> for ImportRequest {
    type Outcome = Credential;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Import)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<CredentialState, Credential> {
        self.check()?;
        let seed = self.seed.copy();
        let mut state =
            CredentialState::new(self.parameters, Origin::Imported, seed, Phase::Active);
        state.counter = self.counter;
        // What another machine has seen may be ahead of a clock that lags, by so much and not by years.
        let latest = cx.clock.after(cx.policy.leeway);
        state.last_step = self.last_used.and_then(|at| self.parameters.step_at(at.min(latest)));
        state.since = Some(cx.now.stamp());
        if let Some(pin_hash) = &self.pin_hash {
            let copied = PinHash::from_bytes(pin_hash.algorithm(), pin_hash.expose());
            // Of the right length, since it is one.
            state.pin_hash = copied.ok();
        }
        let credential = state.credential(cx);
        Ok((Some(state), Ruling::done(credential)))
    }

    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<Credential> {
        let same = state.parameters == self.parameters
            && state.origin == Origin::Imported
            && state.seed.as_ref().is_none_or(|seed| same_key(seed, self))
            && (state.seed.is_none() || state.pin_hash == self.pin_hash);
        if !same {
            return Err(Invalid::AlreadyImported.into());
        }
        Ok(Ruling::repeated(state.credential(cx)))
    }
}

/// The back end revokes a credential, because a phone was lost, say.
pub(crate) struct Revoke;

impl Rule<CredentialState> for Revoke {
    type Outcome = Credential;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Revoke)
    }

    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<Credential> {
        if matches!(state.phase, Phase::Revoked(_)) {
            return Ok(Ruling::repeated(state.credential(cx)));
        }
        state.end(Phase::Revoked(cx.now.stamp()));
        Ok(Ruling::done(state.credential(cx)))
    }
}

/// What the session alone began makes room for what somebody answers for, on whose word.
pub(crate) struct GiveWay(pub(crate) Actor);

impl Rule<CredentialState> for GiveWay {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(self.0.clone(), Action::Revoke)
    }

    fn begin(&self, _: &Context<'_>) -> Beginning<CredentialState, ()> {
        Ok((None, Ruling::nothing(())))
    }

    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<()> {
        if !matches!(state.phase, Phase::Pending(_)) || state.authority.given {
            return Ok(Ruling::nothing(()));
        }
        state.end(Phase::Revoked(cx.now.stamp()));
        Ok(Ruling::done(()))
    }
}

/// The back end ends a lock. The failures stay counted: only a right code resets them.
pub(crate) struct Unlock;

impl Rule<CredentialState> for Unlock {
    type Outcome = Credential;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Unlock)
    }

    fn decide(&self, state: &mut CredentialState, cx: &Context<'_>) -> Ruled<Credential> {
        match state.phase {
            Phase::Disabled(_) => Err(Reason::Disabled.into()),
            Phase::Revoked(_) => Err(Reason::Ended.into()),
            _ if !state.locked(cx.now) => Ok(Ruling::repeated(state.credential(cx))),
            _ => {
                state.locked_until = None;
                Ok(Ruling::done(state.credential(cx)))
            }
        }
    }
}
