//! What happens to a customer's anchor.
//!
//! Two records cannot be written at once. So binding and revoking are three writes: the anchor says what is
//! intended, the credential's record is written, the anchor says that it was done. Whoever reads an anchor finishes
//! what was begun.

use crate::credential::view::{Credential, CredentialStatus};
use crate::customer::state::{AnchorState, Bound, Erased, Intended, Intent};
use crate::engine::rule::{Beginning, Context, Decision, Event, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::values::time::Timestamp;

/// What a customer's records show, for the anchor's first time.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The credentials that have not ended.
    pub(crate) held: &'a [Credential],
    /// A key that signs was bound, and may have ended since.
    pub(crate) floor: bool,
}

/// The anchor of a customer who has none yet.
fn begun(shown: Shown<'_>) -> AnchorState {
    let mut anchor = AnchorState { floor: shown.floor, ..AnchorState::default() };
    for one in shown.held {
        if one.is_held() {
            anchor.floor |= one.method.signs();
            anchor.bound.push(Bound::of(one));
        } else if one.imported && one.status == CredentialStatus::Revoked {
            anchor.revoked.push(one.id);
        }
    }
    anchor
}

/// What the records show is noted, so that they need not be looked through again.
pub(crate) struct Begin<'a>(pub(crate) Shown<'a>);

impl Event<AnchorState> for Begin<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<AnchorState>, _: &Context<'_>) -> Decision<AnchorState, ()> {
        match state {
            Some(_) => Decision::keep(None, Ok(())),
            None => Decision::write(begun(self.0), Vec::new(), Ok(())),
        }
    }
}

/// On whose word an authenticator is bound, as far as the floor asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// A key that signs has approved it, or it ends.
    SigningKey,
    /// The back end's: enough while the floor is lowered.
    BackEnd,
    Other,
}

/// A binding or revocation begins.
pub(crate) struct Reserve<'a> {
    pub(crate) intent: Intent,
    pub(crate) shown: Shown<'a>,
    /// What the session alone had begun to bind, and cannot any more.
    pub(crate) given_way: &'a [Bound],
    /// Keys that sign, which were found not to be bound yet.
    pub(crate) not_bound: &'a [Bound],
    pub(crate) ground: Ground,
}

/// Whether it may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reserved {
    Yes,
    /// Others were begun by the session alone: they are to give way first.
    OthersFirst,
    /// The customer has been bound another meanwhile, or is missing one.
    AnotherBound,
    /// The customer has been erased.
    Erased,
    /// A key that signs was bound meanwhile, and none has approved this.
    BelowFloor,
    /// A key that signs is being bound: it is to be looked at whether that is done.
    KeyFirst,
}

impl Event<AnchorState> for Reserve<'_> {
    type Outcome = Reserved;

    fn apply(
        &self,
        state: Option<AnchorState>,
        cx: &Context<'_>,
    ) -> Decision<AnchorState, Reserved> {
        let Intent { what, of, session_alone, .. } = self.intent;
        let mut anchor = state.unwrap_or_else(|| begun(self.shown));
        if what == Intended::Bind && anchor.is_erased() {
            return Decision::keep(None, Ok(Reserved::Erased));
        }
        if what == Intended::Bind && anchor.revoked.contains(&of.id) {
            return Decision::keep(None, Ok(Reserved::AnotherBound));
        }
        if what == Intended::Bind && session_alone {
            if anchor.bound.iter().any(|bound| bound.id != of.id) {
                return Decision::keep(None, Ok(Reserved::AnotherBound));
            }
            let binds = |one: &Intent| one.what == Intended::Bind && one.of.id != of.id;
            let waits = |one: &&Intent| binds(one) && !self.given_way.contains(&one.of);
            match anchor.intents.iter().find(waits) {
                Some(one) if one.session_alone => {
                    return Decision::keep(None, Ok(Reserved::OthersFirst));
                }
                Some(_) => return Decision::keep(None, Ok(Reserved::AnotherBound)),
                None => {}
            }
        }
        let by_key = self.ground == Ground::SigningKey;
        if what == Intended::Bind && !by_key && !anchor.bound.contains(&of) {
            let policy = &cx.policy.credentials;
            // It does not begin too early by the record's time, nor end too late by this machine's.
            let lowered = [cx.clock.stamp(), cx.now.stamp()];
            let lowered = lowered.iter().all(|now| anchor.is_lowered(*now, policy));
            if anchor.has_floor() && !(lowered && self.ground == Ground::BackEnd) {
                return Decision::keep(None, Ok(Reserved::BelowFloor));
            }
            let signs = |one: &Intent| {
                one.what == Intended::Bind && one.of.id != of.id && one.of.method.signs()
            };
            if anchor.intents.iter().any(|one| signs(one) && !self.not_bound.contains(&one.of)) {
                return Decision::keep(None, Ok(Reserved::KeyFirst));
            }
        }
        if anchor.intents.contains(&self.intent) {
            return Decision::keep(None, Ok(Reserved::Yes));
        }
        let gone = |one: &Intent| one.of.id == of.id || self.given_way.contains(&one.of);
        anchor.intents.retain(|one| !gone(one));
        anchor.intents.push(self.intent);
        Decision::write(anchor, Vec::new(), Ok(Reserved::Yes))
    }
}

/// A binding or revocation that was begun is done, or will never be.
pub(crate) struct Settle<'a> {
    pub(crate) what: Intended,
    pub(crate) of: Bound,
    pub(crate) done: bool,
    pub(crate) shown: Shown<'a>,
}

impl Event<AnchorState> for Settle<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<AnchorState>, _: &Context<'_>) -> Decision<AnchorState, ()> {
        let before = state.unwrap_or_else(|| begun(self.shown));
        let mut anchor = before.clone();
        let of = self.of;
        anchor.intents.retain(|one| match self.what {
            // What was begun to bind it binds nothing any more.
            Intended::Revoke if self.done => one.of.id != of.id,
            what => (one.what, one.of) != (what, of),
        });
        match self.what {
            Intended::Bind if self.done && anchor.may_bind(&of) => {
                // Whatever was bound while it was lowered, it is back.
                (anchor.floor, anchor.floor_ends) = (anchor.has_floor() || of.method.signs(), None);
                anchor.bound.retain(|bound| bound.id != of.id);
                anchor.bound.push(of);
                anchor.changes = anchor.changes.saturating_add(1);
            }
            Intended::Revoke if self.done => {
                // What was bound is not known any more, and the floor stays.
                anchor.floor |= anchor.has_floor();
                let was_bound = anchor.bound.len();
                anchor.bound.retain(|bound| bound.id != of.id);
                let is_known = anchor.revoked.contains(&of.id);
                if of.imported && !is_known {
                    anchor.revoked.push(of.id);
                }
                if anchor.bound.len() < was_bound || (of.imported && !is_known) {
                    anchor.changes = anchor.changes.saturating_add(1);
                }
            }
            Intended::Bind | Intended::Revoke => {}
        }
        if anchor == before {
            return Decision::keep(None, Ok(()));
        }
        Decision::write(anchor, Vec::new(), Ok(()))
    }
}

/// Something begins: refused of a customer who was erased, until they begin anew.
pub(crate) struct NotErased;

impl Rule<AnchorState> for NotErased {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Readmit)
    }

    fn begin(&self, _: &Context<'_>) -> Beginning<AnchorState, ()> {
        Ok((None, Ruling::nothing(())))
    }

    fn decide(&self, state: &mut AnchorState, _: &Context<'_>) -> Ruled<()> {
        if state.is_erased() { Err(Reason::Erased.into()) } else { Ok(Ruling::nothing(())) }
    }
}

/// The back end has a customer begin anew who was erased.
pub(crate) struct Readmit;

impl Rule<AnchorState> for Readmit {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Readmit)
    }

    fn begin(&self, _: &Context<'_>) -> Beginning<AnchorState, ()> {
        Ok((None, Ruling::nothing(())))
    }

    fn decide(&self, state: &mut AnchorState, cx: &Context<'_>) -> Ruled<()> {
        match state.erased {
            Some(Erased { done: false, .. }) => Err(Invalid::NotErasedYet.into()),
            Some(_) => {
                state.erased = None;
                state.readmitted = Some(cx.now.stamp());
                state.changes = state.changes.saturating_add(1);
                Ok(Ruling::done(()))
            }
            None => Ok(Ruling::nothing(())),
        }
    }
}

/// The back end says that the customer's records are right as they stand: what is missing is given up.
pub(crate) struct Reconcile<'a> {
    pub(crate) shown: Shown<'a>,
    /// What is given up.
    pub(crate) missing: &'a [Bound],
}

impl Reconcile<'_> {
    fn reconciled(&self, before: AnchorState, cx: &Context<'_>) -> AnchorState {
        let AnchorState { bound: shown, revoked: ended, floor, .. } = begun(self.shown);
        let mut anchor = before.clone();
        // Of what is given up, too.
        anchor.floor |= before.has_floor() || floor;
        anchor.bound.retain(|bound| !self.missing.contains(bound));
        let is_new = |one: &Bound| before.bound.iter().all(|bound| bound.id != one.id);
        anchor.bound.extend(shown.into_iter().filter(|one| is_new(one)));
        anchor.revoked.extend(ended.into_iter().filter(|id| !before.revoked.contains(id)));
        let changed = anchor.bound != before.bound || anchor.revoked != before.revoked;
        AnchorState {
            changes: before.changes.saturating_add(changed.into()),
            reconciled: Some(cx.now.stamp()),
            ..anchor
        }
    }
}

impl Rule<AnchorState> for Reconcile<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Reconcile)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<AnchorState, ()> {
        Ok((Some(self.reconciled(AnchorState::default(), cx)), Ruling::done(())))
    }

    fn decide(&self, state: &mut AnchorState, cx: &Context<'_>) -> Ruled<()> {
        *state = self.reconciled(state.clone(), cx);
        Ok(Ruling::done(()))
    }
}

/// The back end lowers the floor after a delay, or keeps it after all.
pub(crate) enum Floor<'a> {
    /// With what the customer's records show, for the anchor's first time.
    Lower(Shown<'a>),
    Keep,
}

impl Rule<AnchorState> for Floor<'_> {
    /// When the floor ends.
    type Outcome = Option<Timestamp>;

    fn note(&self) -> EventDraft {
        match self {
            Self::Lower(_) => EventDraft::by(Actor::BackEnd, Action::LowerFloor),
            Self::Keep => EventDraft::by(Actor::Customer, Action::KeepFloor),
        }
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<AnchorState, Option<Timestamp>> {
        let Self::Lower(shown) = self else { return Ok((None, Ruling::nothing(None))) };
        let mut anchor = begun(*shown);
        let ruling = self.decide(&mut anchor, cx)?;
        Ok((anchor.floor_ends.is_some().then_some(anchor), ruling))
    }

    fn decide(&self, state: &mut AnchorState, cx: &Context<'_>) -> Ruled<Option<Timestamp>> {
        let policy = &cx.policy.credentials;
        let lowering = state.lowering(cx.now.stamp(), policy);
        match self {
            _ if !state.has_floor() => return Ok(Ruling::nothing(None)),
            Self::Lower(_) if lowering.is_some() => return Ok(Ruling::repeated(lowering)),
            Self::Lower(_) => state.floor_ends = Some(cx.now.after(policy.floor_delay)),
            Self::Keep if lowering.is_none() => return Ok(Ruling::nothing(None)),
            Self::Keep => (state.floor, state.floor_ends) = (true, None),
        }
        state.changes = state.changes.saturating_add(1);
        Ok(Ruling::done(state.floor_ends))
    }
}

/// An erasure begins, or goes on: from here on nothing of the customer's is begun.
pub(crate) struct BeginErasure<'a> {
    pub(crate) shown: Shown<'a>,
}

impl BeginErasure<'_> {
    fn marked(anchor: AnchorState, cx: &Context<'_>) -> AnchorState {
        let mut revoked = anchor.revoked;
        let fobs = anchor.bound.iter().filter(|bound| bound.imported).map(|bound| bound.id);
        revoked.extend(fobs);
        AnchorState {
            // Or an erasure would be the way below it without a delay.
            floor: anchor.bound.iter().any(|bound| bound.method.signs()) || anchor.floor,
            floor_ends: None,
            bound: Vec::new(),
            revoked,
            intents: Vec::new(),
            changes: anchor.changes.saturating_add(1),
            erased: Some(Erased { since: cx.now.stamp(), done: false, records: 0 }),
            ..anchor
        }
    }
}

impl Rule<AnchorState> for BeginErasure<'_> {
    type Outcome = Erased;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::BeginErasure)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<AnchorState, Erased> {
        let anchor = Self::marked(begun(self.shown), cx);
        let erased = anchor.erased.ok_or(Reason::Unknown)?;
        Ok((Some(anchor), Ruling::done(erased)))
    }

    fn decide(&self, state: &mut AnchorState, cx: &Context<'_>) -> Ruled<Erased> {
        if state.held_since.is_some() {
            return Err(Invalid::OnHold.into());
        }
        if let Some(erased) = state.erased {
            return Ok(Ruling::repeated(erased));
        }
        *state = Self::marked(core::mem::take(state), cx);
        let erased = state.erased.ok_or(Reason::Unknown)?;
        Ok(Ruling::done(erased))
    }
}

/// So many records were deleted; nothing is left that could be found.
pub(crate) struct FinishErasure {
    pub(crate) deleted: u32,
}

impl Rule<AnchorState> for FinishErasure {
    type Outcome = Erased;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Erase)
    }

    fn decide(&self, state: &mut AnchorState, _: &Context<'_>) -> Ruled<Erased> {
        let before = state.erased.ok_or(Reason::Ended)?;
        if before.done && self.deleted == 0 {
            return Ok(Ruling::repeated(before));
        }
        let records = before.records.saturating_add(self.deleted);
        let erased = Erased { done: true, records, ..before };
        state.erased = Some(erased);
        Ok(Ruling::done(erased))
    }
}

/// The host has erasure wait, or no longer.
pub(crate) enum Hold<'a> {
    /// With what the customer's records show, for the anchor's first time.
    Set(Shown<'a>),
    Lift,
}

impl Rule<AnchorState> for Hold<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        let action = match self {
            Self::Set(_) => Action::HoldErasure,
            Self::Lift => Action::LiftHold,
        };
        EventDraft::by(Actor::BackEnd, action)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<AnchorState, ()> {
        match self {
            Self::Set(shown) => {
                let held_since = Some(cx.now.stamp());
                Ok((Some(AnchorState { held_since, ..begun(*shown) }), Ruling::done(())))
            }
            Self::Lift => Ok((None, Ruling::nothing(()))),
        }
    }

    fn decide(&self, state: &mut AnchorState, cx: &Context<'_>) -> Ruled<()> {
        match self {
            Self::Set(_) if state.is_erased() => Err(Reason::Erased.into()),
            Self::Set(_) if state.held_since.is_some() => Ok(Ruling::repeated(())),
            Self::Set(_) => {
                state.held_since = Some(cx.now.stamp());
                Ok(Ruling::done(()))
            }
            Self::Lift if state.held_since.is_none() => Ok(Ruling::nothing(())),
            Self::Lift => {
                state.held_since = None;
                Ok(Ruling::done(()))
            }
        }
    }
}
