//! The anchor: what there must be of a customer, kept apart from the records that say what there is. A row that is lost
//! is missed by it. It is written when a credential is bound or revoked, and when the customer is erased; never when a
//! code is checked.

use core::time::Duration;

use crate::codec::table::{numbered, record};
use crate::credential::method::Method;
use crate::credential::view::{Credential, CredentialStatus, KeyTag};
use crate::customer::view::Standing;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::{CredentialPolicy, Policy};
use crate::record::kind::Kind;
use crate::values::id::{AnchorId, CredentialId};
use crate::values::time::Timestamp;

/// A credential that was bound, or is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) id: CredentialId,
    /// Its key: the id may be enrolled anew.
    pub(crate) key: Option<KeyTag>,
    pub(crate) method: Method,
    pub(crate) imported: bool,
}

impl Bound {
    pub(crate) const fn of(credential: &Credential) -> Self {
        let Credential { id, key, method, imported, .. } = credential;
        Self { id: *id, key: *key, method: *method, imported: *imported }
    }

    /// What is to be seen of it once it is revoked and its record lost.
    pub(crate) const fn revoked(&self) -> Credential {
        Credential {
            id: self.id,
            method: self.method,
            imported: self.imported,
            suite: None,
            status: CredentialStatus::Revoked,
            since: None,
            approved_by: None,
            locked_until: None,
            key_fingerprint: None,
            passkey_id: None,
            bound_by: None,
            attested: None,
            public_key: None,
            with_code: false,
            key: None,
            was_confirmed: true,
            begun_by_session: None,
        }
    }

    /// Whether `credential` is this one. The key of one that has ended is burnt.
    pub(crate) fn is(&self, credential: &Credential) -> bool {
        let same_key = self.key.is_none() || credential.key.is_none() || self.key == credential.key;
        self.id == credential.id && same_key
    }
}

numbered! {
    /// What was begun, and takes a write to another record.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Intended {
        Bind = 1,
        Revoke = 2,
    }
}

/// What was begun and is not known to be done: whoever reads it finishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) what: Intended,
    pub(crate) of: Bound,
    /// Until when the other write can land.
    pub(crate) until: Timestamp,
    /// On nobody's word but the session's.
    pub(crate) session_alone: bool,
}

impl Intent {
    pub(crate) const fn revoke(of: Bound, until: Timestamp) -> Self {
        Self { what: Intended::Revoke, of, until, session_alone: false }
    }
}

/// An erasure, and whether all of it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Erased {
    pub(crate) since: Timestamp,
    pub(crate) done: bool,
    /// How many records were deleted.
    pub(crate) records: u32,
}

/// What there must be of a customer, as it is sealed in their anchor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AnchorState {
    /// How often it changed what there must be. Receipts bear it, so that whoever holds one notices that
    /// it was put back.
    pub(crate) changes: u32,
    pub(crate) bound: Vec<Bound>,
    /// Imported fobs that were revoked, and stay so.
    pub(crate) revoked: Vec<CredentialId>,
    pub(crate) intents: Vec<Intent>,
    /// When the back end said last that the records are right as they stand.
    pub(crate) reconciled: Option<Timestamp>,
    pub(crate) erased: Option<Erased>,
    /// Since when the host has erasure wait.
    pub(crate) held_since: Option<Timestamp>,
    /// A key that signs was bound: from then on only such a one approves a new authenticator, whatever becomes of it.
    pub(crate) floor: bool,
    /// When that ends for a while, on the back end's word.
    pub(crate) floor_ends: Option<Timestamp>,
    /// When the customer began anew after an erasure.
    pub(crate) readmitted: Option<Timestamp>,
}

/// For how long a write that was begun may still land, if nothing else says so.
pub(crate) const LANDS_WITHIN: Duration = Duration::from_secs(3600);

impl AnchorState {
    pub(crate) fn standing(&self, now: Timestamp, policy: &CredentialPolicy) -> Standing {
        let ends = self.lowering(now, policy);
        Standing {
            changes: self.changes,
            bound: self.bound.iter().map(|bound| bound.id).collect(),
            missing: Vec::new(),
            unreadable: Vec::new(),
            revoked_fobs: self.revoked.clone(),
            unfinished: self.intents.iter().map(|intent| intent.of.id).collect(),
            reconciled: self.reconciled,
            erased: self.erased.map(|erased| erased.since),
            on_hold_since: self.held_since,
            floor: self.has_floor(),
            floor_ends: ends,
            floor_returns: ends.map(|ends| ends.after(policy.floor_window())),
        }
    }

    /// Whether there is a floor, in force or lowered. Anchors of before say so by what is bound.
    pub(crate) fn has_floor(&self) -> bool {
        self.floor || self.bound.iter().any(|bound| bound.method.signs())
    }

    /// When the floor ends, or ended, if it has not come back since.
    pub(crate) fn lowering(&self, now: Timestamp, policy: &CredentialPolicy) -> Option<Timestamp> {
        self.floor_ends.filter(|ends| self.has_floor() && now < ends.after(policy.floor_window()))
    }

    /// Whether the back end has lowered the floor, the delay is over, and the floor has not come back since.
    pub(crate) fn is_lowered(&self, now: Timestamp, policy: &CredentialPolicy) -> bool {
        self.lowering(now, policy).is_some_and(|ends| ends <= now)
    }

    /// Whether this is to be noted as bound.
    pub(crate) fn may_bind(&self, of: &Bound) -> bool {
        !self.is_erased() && !self.bound.contains(of) && !self.revoked.contains(&of.id)
    }

    /// Whether the customer was erased, and has not begun anew.
    pub(crate) const fn is_erased(&self) -> bool {
        self.erased.is_some()
    }
}

impl State for AnchorState {
    const KIND: Kind = Kind::Anchor;
    const LISTED: bool = false;

    /// For ever: what there must be does not end by itself.
    fn retain_until(&self, _: &Policy) -> Timestamp {
        Timestamp::MAX
    }

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::MAX
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Anchor(AnchorId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Anchor(self.standing(cx.now.stamp(), &cx.policy.credentials))
    }
}

record! {
    AnchorState {
        0 unless 0 => changes,
        1 => bound,
        2 => revoked,
        3 => intents,
        4 => reconciled,
        5 => erased,
        6 => held_since,
        7 unless false => floor,
        8 => floor_ends,
        9 => readmitted,
    }
}

record! {
    Bound {
        0 => id,
        1 => key,
        2 => method,
        3 unless false => imported,
    }
}

record! {
    Intent {
        0 => what,
        1 => of,
        2 => until,
        3 unless false => session_alone,
    }
}

record! {
    Erased {
        0 => since,
        1 unless false => done,
        2 unless 0 => records,
    }
}
