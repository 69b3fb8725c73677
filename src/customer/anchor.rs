//! Reading a customer's anchor beside their credentials: what is missing, and finishing what was begun.

use crate::credential::consent::ConsentRecord;
use crate::credential::held::credentials_of;
use crate::credential::rules::enrolment::{GiveWay, Revoke};
use crate::credential::state::{CredentialState, Phase};
use crate::credential::view::{Credential, CredentialStatus};
use crate::customer::rules::{Begin, Ground, NotErased, Reserve, Reserved, Settle, Shown};
use crate::customer::state::{AnchorState, Bound, Intended, Intent, LANDS_WITHIN};
use crate::engine::page::Live;
use crate::engine::{Engine, RecordRef};
use crate::error::{Error, RecordError, Refused};
use crate::history::event::Actor;
use crate::policy::CredentialPolicy;
use crate::store::{Place, Range, Which};
use crate::values::id::{CredentialId, CustomerId};
use crate::values::time::Timestamp;

/// How often others are given way to before a call gives up with [`Error::Busy`].
const ROUNDS: usize = 16;
/// How many records are read at a time.
const READ_AT_ONCE: usize = 100;

/// The anchor of `customer`.
pub(crate) fn anchor_of<'a>(
    engine: &Engine,
    customer: &'a CustomerId,
) -> RecordRef<'a, AnchorState> {
    let (lane, owner) = (engine.lane(customer), engine.owner::<AnchorState>(customer));
    // One for each customer.
    RecordRef::at(Some(customer), Place { lane, owner, id: owner })
}

/// Refuses to begin anything for a customer who was erased.
pub(crate) async fn not_erased(engine: &Engine, customer: &CustomerId) -> Result<(), Error> {
    engine.run(&anchor_of(engine, customer), &NotErased).await
}

/// What there must be of a customer, beside what there is.
#[derive(Default)]
pub(crate) struct Anchored {
    pub(crate) anchor: AnchorState,
    /// What was bound, and is not there; or may have been.
    pub(crate) missing: Vec<Bound>,
    /// What was bound, and is there under a key or in a format that this process does not know. Lists count it, as what
    /// cannot be opened; another process may know it, so nothing is settled of it here.
    pub(crate) unreadable: Vec<Bound>,
    /// How many were bound, and are there, though no list shows them yet.
    unlisted: usize,
    /// Whether something was finished, so that what was read before is out of date.
    settled: bool,
}

impl Anchored {
    /// Whether this is known to have been bound, and is not there.
    pub(crate) fn misses(&self, id: CredentialId) -> bool {
        let is_bound = self.anchor.bound.iter().any(|bound| bound.id == id);
        is_bound && self.missing.iter().any(|bound| bound.id == id)
    }

    /// How many others count beside this one, besides those that lists show.
    pub(crate) fn beside(&self, id: CredentialId) -> usize {
        let others = self.missing.iter().filter(|bound| bound.id != id || self.misses(id));
        others.count().saturating_add(self.unlisted)
    }

    /// Whether it is noted already that this is intended, and nothing else that would have to give way.
    fn has_reserved(&self, intent: &Intent) -> bool {
        let AnchorState { bound, intents, .. } = &self.anchor;
        let other = |one: &Intent| one.what == Intended::Bind && one.of.id != intent.of.id;
        let alone =
            bound.iter().all(|bound| bound.id == intent.of.id) && !intents.iter().any(other);
        !self.anchor.is_erased() && intents.contains(intent) && (alone || !intent.session_alone)
    }

    /// Whether a new authenticator may not be bound on this ground, since the customer has had a key that signs.
    pub(crate) fn is_below_floor(
        &self,
        held: &[Credential],
        ground: Ground,
        now: Timestamp,
        policy: &CredentialPolicy,
    ) -> bool {
        let enough = match ground {
            Ground::SigningKey => true,
            Ground::BackEnd => self.anchor.is_lowered(now, policy),
            Ground::Other => false,
        };
        self.has_had_key(held) && !enough
    }

    /// Whether the customer has, or has had, a key that signs, whatever has become of it: also if the anchor is lost, and
    /// a key's record is not.
    pub(crate) fn has_had_key(&self, held: &[Credential]) -> bool {
        held.iter().any(|one| one.is_held() && one.method.signs()) || self.anchor.has_floor()
    }

    /// For the anchor's first time.
    pub(crate) const fn shown<'a>(&self, held: &'a [Credential]) -> Shown<'a> {
        Shown { held, floor: self.anchor.floor }
    }

    /// Whether a fob of this id was revoked.
    pub(crate) fn has_revoked(&self, id: CredentialId) -> bool {
        self.anchor.revoked.contains(&id)
    }

    /// Whether the back end has said that the records are right as they stand since rows may have been lost.
    pub(crate) fn is_reconciled(&self, engine: &Engine) -> bool {
        let lost = engine.lost;
        lost.is_none_or(|lost| self.anchor.reconciled.is_some_and(|at| lost.until() <= at))
    }
}

/// On whose word an authenticator with this `authority` is bound, as far as the floor asks.
pub(crate) fn ground(authority: &ConsentRecord, held: &[Credential]) -> Ground {
    let signs = |one: &Credential| {
        authority.approver.is_some_and(|by| by.id == one.id) && one.method.signs()
    };
    match authority {
        _ if held.iter().any(signs) => Ground::SigningKey,
        _ if authority.is_of_back_end() => Ground::BackEnd,
        _ => Ground::Other,
    }
}

/// Whether any record of the customer's, also of one that was revoked, shows a key that signs; and whether there are so
/// many that it should not be asked again.
async fn shows_key(engine: &Engine, customer: &CustomerId) -> Result<(bool, bool), Error> {
    let (lane, owner) = (engine.lane(customer), engine.owner::<CredentialState>(customer));
    let mut range = Range { which: Which::All, after: None, limit: READ_AT_ONCE };
    let mut all_read = true;
    loop {
        let is_long = range.after.is_some() && all_read;
        let listed = engine.store.list(lane, &owner, range, engine.clock.now()?).await?;
        for (at, record) in &listed.rows {
            let opened = engine.open::<CredentialState>(at, record);
            // Whoever can open it may see a key that signs: nothing else is noted for good here.
            all_read &= opened.is_ok();
            // Of a method that signs and confirmed: a session alone begins as many as it likes.
            if opened.is_ok_and(|found| found.body.state.public_key.is_some()) {
                return Ok((true, is_long));
            }
        }
        range.after = listed.next;
        if range.after.is_none() {
            return Ok((false, is_long && all_read));
        }
    }
}

/// Whether the customer has, or has had, a key that signs, as [`Anchored::has_had_key`]. Nothing is finished or written.
pub(crate) async fn has_had_key(engine: &Engine, customer: &CustomerId) -> Result<bool, Error> {
    let held = credentials_of(engine, customer).await?;
    if held.all.iter().any(|one| one.is_held() && one.method.signs()) {
        return Ok(true);
    }
    match engine.read(&anchor_of(engine, customer)).await? {
        Some((found, _)) => Ok(found.body.state.has_floor()),
        None => Ok(shows_key(engine, customer).await?.0),
    }
}

/// What there must be of a customer who has no anchor: none yet, or none any more.
pub(crate) async fn without_anchor(
    engine: &Engine,
    customer: &CustomerId,
) -> Result<AnchorState, Error> {
    let (floor, _) = shows_key(engine, customer).await?;
    Ok(AnchorState { floor, ..AnchorState::default() })
}

/// The customer's credentials that have not ended, and what there must be beside them.
pub(crate) async fn held_and_anchored(
    engine: &Engine,
    customer: &CustomerId,
) -> Result<(Live<Credential>, Anchored), Error> {
    let mut held = credentials_of(engine, customer).await?;
    let anchored = anchored(engine, customer, &held.all).await?;
    if anchored.settled {
        // What was revoked just now must not approve anything.
        held = credentials_of(engine, customer).await?;
    }
    Ok((held, anchored))
}

/// Finishes what was begun, and looks for what is missing. `held` are the customer's credentials that have not
/// ended, read before.
async fn anchored(
    engine: &Engine,
    customer: &CustomerId,
    held: &[Credential],
) -> Result<Anchored, Error> {
    let of = anchor_of(engine, customer);
    let Some((found, now)) = engine.read(&of).await? else {
        let (floor, is_long) = shows_key(engine, customer).await?;
        if is_long {
            // A session begins as many as it likes: all of them are looked through once.
            engine.run(&of, &Begin(Shown { held, floor })).await?;
        }
        let anchor = AnchorState { floor, ..AnchorState::default() };
        return Ok(Anchored { anchor, ..Anchored::default() });
    };
    let mut anchor = found.body.state;
    let shown = Shown { held, floor: anchor.has_floor() };
    let (mut settled, mut unlisted, mut missing) = (false, 0_usize, Vec::new());
    for one in held.iter().filter(|one| one.is_held() && anchor.revoked.contains(&one.id)) {
        // It was imported while it was revoked.
        engine.run(&engine.of(customer, one.id.0), &Revoke).await?;
        settled = true;
    }
    for intent in &anchor.intents {
        let row = row(engine, customer, &intent.of).await?;
        settled |= finish(engine, customer, intent, row, shown, now).await?;
        // What may have been bound, and is not there.
        if intent.what == Intended::Bind
            && matches!(row, Row::None | Row::Damaged)
            && now < intent.until
        {
            missing.push(intent.of);
        }
    }
    if settled {
        let read = engine.read(&of).await?;
        anchor = read.map(|(found, _)| found.body.state).unwrap_or_default();
    }
    let (mut ended, mut unreadable) = (Vec::new(), Vec::new());
    missing.retain(|may_be| anchor.bound.iter().all(|bound| bound.id != may_be.id));
    for bound in &anchor.bound {
        if held.iter().any(|one| bound.is(one) && one.is_held()) {
            continue;
        }
        match row(engine, customer, bound).await? {
            // It was bound after the others were read, or an index has lost it.
            Row::Bound => unlisted = unlisted.saturating_add(1),
            Row::Revoked => {
                let revoked = Settle { what: Intended::Revoke, of: *bound, done: true, shown };
                engine.run(&of, &revoked).await?;
                settled = true;
                ended.push(*bound);
            }
            // Or it was put back to before.
            Row::Pending | Row::Lapsed | Row::Damaged | Row::Other | Row::None => {
                missing.push(*bound);
            }
            Row::Unreadable => unreadable.push(*bound),
        }
    }
    anchor.bound.retain(|bound| !ended.contains(bound));
    Ok(Anchored { anchor, missing, unreadable, unlisted, settled })
}

/// How the record of a credential stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    Pending,
    /// It can be used, or is disabled.
    Bound,
    Revoked,
    /// Its first code did not come in time, or so many wrong ones that it was disabled before.
    Lapsed,
    /// It is there, and cannot be opened by anybody.
    Damaged,
    /// It is there, and this process has not the key, or does not know the format.
    Unreadable,
    /// It has another key: the id was enrolled anew.
    Other,
    None,
}

async fn row(engine: &Engine, customer: &CustomerId, bound: &Bound) -> Result<Row, Error> {
    let (found, now) = match engine.read_for::<CredentialState>(customer, bound.id.0).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Row::None),
        Err(Error::Record(RecordError::Damaged)) => return Ok(Row::Damaged),
        Err(Error::Record(RecordError::UnknownKey(_) | RecordError::UnknownFormat(_))) => {
            return Ok(Row::Unreadable);
        }
        Err(error) => return Err(error),
    };
    let shown = found.body.state.credential(&engine.context(&found, bound.id.0, now));
    if !bound.is(&shown) {
        return Ok(Row::Other);
    }
    Ok(match (found.body.state.phase, shown.status) {
        (Phase::Revoked(_), _) => Row::Revoked,
        (_, CredentialStatus::Lapsed) => Row::Lapsed,
        (Phase::Disabled(_), _) if !shown.was_confirmed => Row::Lapsed,
        (Phase::Pending(_), _) => Row::Pending,
        (Phase::Active | Phase::Disabled(_), _) => Row::Bound,
    })
}

/// Whether that settled it.
async fn finish(
    engine: &Engine,
    customer: &CustomerId,
    intent: &Intent,
    row: Row,
    shown: Shown<'_>,
    now: Timestamp,
) -> Result<bool, Error> {
    let Intent { what, of, until, .. } = *intent;
    let done = match (what, row) {
        (Intended::Bind, Row::Bound) => true,
        (Intended::Bind, Row::Revoked | Row::Lapsed | Row::Other) => false,
        // It may still land, and is missed until then.
        (Intended::Bind, Row::Pending | Row::Damaged) => return Ok(false),
        // Whoever can open it finishes it.
        (_, Row::Unreadable) => return Ok(false),
        (Intended::Bind, Row::None) if now < until.after(engine.policy.leeway) => return Ok(false),
        (Intended::Bind, Row::None) => false,
        (Intended::Revoke, Row::Bound | Row::Pending | Row::Lapsed) => {
            engine.run(&engine.of(customer, of.id.0), &Revoke).await?;
            true
        }
        (Intended::Revoke, Row::Revoked | Row::Damaged | Row::Other | Row::None) => true,
    };
    engine.run(&anchor_of(engine, customer), &Settle { what, of, done, shown }).await?;
    Ok(true)
}

/// Notes what is intended, before the credential's record is written. `false`: the session alone may not bind it.
pub(crate) async fn reserve(
    engine: &Engine,
    customer: &CustomerId,
    intent: Intent,
    ground: Ground,
    held: &[Credential],
    anchored: &Anchored,
) -> Result<Reserved, Error> {
    // What was reserved before may be below a floor by now.
    if ground == Ground::SigningKey && anchored.has_reserved(&intent) {
        return Ok(Reserved::Yes);
    }
    let (of, shown) = (anchor_of(engine, customer), anchored.shown(held));
    let (mut given_way, mut not_bound) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (given_way_yet, not_bound_yet) = (&given_way, &not_bound);
        let reserve =
            Reserve { intent, shown, given_way: given_way_yet, not_bound: not_bound_yet, ground };
        let reserved = engine.run(&of, &reserve).await?;
        match reserved {
            Reserved::Yes | Reserved::AnotherBound | Reserved::BelowFloor => return Ok(reserved),
            Reserved::Erased => return Err(Refused::new().into()),
            Reserved::OthersFirst | Reserved::KeyFirst => {}
        }
        let read = engine.read(&of).await?;
        let others = read.map(|(found, _)| found.body.state.intents).unwrap_or_default();
        if reserved == Reserved::KeyFirst {
            let binds = |one: &&Intent| one.what == Intended::Bind && one.of.method.signs();
            for other in others.iter().filter(binds).filter(|one| one.of.id != intent.of.id) {
                // What cannot be opened here may be bound: then there is a floor.
                if matches!(row(engine, customer, &other.of).await?, Row::Bound | Row::Unreadable) {
                    return Ok(Reserved::BelowFloor);
                }
                not_bound.push(other.of);
            }
            continue;
        }
        for other in
            others.iter().filter(|other| other.session_alone && other.of.id != intent.of.id)
        {
            // One of the two writes comes first: either that one is bound, or it never will be.
            let place = engine.of(customer, other.of.id.0);
            engine.run(&place, &GiveWay(Actor::Customer)).await?;
            if matches!(row(engine, customer, &other.of).await?, Row::Bound | Row::Unreadable) {
                return Ok(Reserved::AnotherBound);
            }
            given_way.push(other.of);
        }
    }
    Err(Error::Busy)
}

/// Notes that it was done.
pub(crate) async fn settle(
    engine: &Engine,
    customer: &CustomerId,
    intent: Intent,
    shown: Shown<'_>,
) -> Result<(), Error> {
    let settle = Settle { what: intent.what, of: intent.of, done: true, shown };
    engine.run(&anchor_of(engine, customer), &settle).await
}

/// Until when a write that is begun now may land.
pub(crate) fn lands_until(engine: &Engine) -> Result<Timestamp, Error> {
    Ok(engine.clock.now()?.after(LANDS_WITHIN))
}
