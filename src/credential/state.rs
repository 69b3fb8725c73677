//! What is kept of a credential, how it is encoded, and what may be seen of it.

use core::convert::Infallible;
use core::time::Duration;

use minicbor::encode::Write;

use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::credential::consent::{Approver, ConsentRecord, DuressFlag};
use crate::credential::method::{Method, Parameters};
use crate::credential::view::{Credential, CredentialStatus, KeyTag};
use crate::crypto::pae;
use crate::engine::frame::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::otp::OtpSeed;
use crate::otp::ocra::{PinHash, Suite};
use crate::policy::{FAILURES_TO_LOCK, Policy};
use crate::record::kind::Kind;
use crate::step_up::statement::Statement;
use crate::values::id::CredentialId;
use crate::values::secret::leaving_no_trace;
use crate::values::time::Timestamp;

/// The most acceptances remembered: more than any policy allows while one of them can still be finished, which is
/// twenty step-ups a minute for ten minutes before it and ten after.
const ACCEPTED: usize = 512;
/// How much longer an acceptance is remembered than what it was for can be finished: one write by a
/// machine whose clock is ahead by less must not forget it.
const REMEMBERED_LONGER: Duration = Duration::from_secs(3600);

/// Who made the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Enrolled,
    Imported,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waits for its first code until then.
    Pending(Timestamp),
    Active,
    /// Ended, and when.
    Disabled(Timestamp),
    Revoked(Timestamp),
}

/// A code that was accepted, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) id: [u8; 16],
    pub(crate) digest: [u8; 16],
    /// What was approved, whatever the code was. `None` of the credential's own codes, and of what records
    /// of the first version remember, which approves nothing.
    pub(crate) statement: Option<Statement>,
    pub(crate) duress: bool,
    /// Until when what it was for can still be finished.
    pub(crate) until: Timestamp,
}

/// A credential as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CredentialState {
    pub(crate) parameters: Parameters,
    pub(crate) origin: Origin,
    /// Until the end.
    pub(crate) seed: Option<OtpSeed>,
    /// Of a fob whose suite has one, as long as there is a seed.
    pub(crate) pin_hash: Option<PinHash>,
    pub(crate) phase: Phase,
    /// The last time step at which a code was accepted.
    pub(crate) last_step: Option<u64>,
    /// The next counter to expect.
    pub(crate) counter: u64,
    /// How many steps the authenticator's clock is ahead.
    pub(crate) drift: i32,
    /// Evaluated failures in a row.
    pub(crate) failures: u8,
    /// Whether a block was announced since the last success.
    pub(crate) warned: bool,
    /// Locks since the last success, and how many failures there were at the last one.
    pub(crate) locks: u8,
    pub(crate) failures_at_lock: u8,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) authority: ConsentRecord,
    /// When it was enrolled. Records of the first version do not say.
    pub(crate) begun: Option<Timestamp>,
    /// Since when it can be used. Records of the first version do not say.
    pub(crate) since: Option<Timestamp>,
    /// So that what they were for can be finished. Of those for the credential itself, the last alone.
    pub(crate) accepted: Vec<Accepted>,
    /// Each of the failures in a row, so that a wrong code is looked at once for each thing.
    pub(crate) failed: Vec<[u8; 16]>,
}

impl CredentialState {
    pub(crate) fn new(parameters: Parameters, origin: Origin, seed: OtpSeed, phase: Phase) -> Self {
        Self {
            parameters,
            origin,
            seed: Some(seed),
            pin_hash: None,
            phase,
            last_step: None,
            counter: 0,
            drift: 0,
            failures: 0,
            warned: false,
            locks: 0,
            failures_at_lock: 0,
            locked_until: None,
            authority: ConsentRecord::default(),
            begun: None,
            since: None,
            accepted: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Whether the first code did not come in time.
    pub(crate) fn lapsed(&self, now: Timestamp) -> bool {
        matches!(self.phase, Phase::Pending(until) if until <= now)
    }

    pub(crate) fn locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// Which key it has; none after the end.
    pub(crate) fn key(&self) -> Option<KeyTag> {
        let seed = self.seed.as_ref()?;
        let pieces = [b"countersign credential key v1".as_slice(), seed.expose()];
        // The hash keeps its input until it is full.
        Some(KeyTag(leaving_no_trace(|| pae::first(&pae::sha256(&pieces)))))
    }

    /// What the code was that was accepted for this statement.
    pub(crate) fn accepted_for(&self, statement: Statement) -> Option<&Accepted> {
        self.accepted.iter().find(|one| one.statement == Some(statement))
    }

    pub(crate) fn has_accepted(&self, id: [u8; 16], digest: [u8; 16]) -> bool {
        self.accepted.iter().any(|one| one.id == id && one.digest == digest)
    }

    /// `clock` is this machine's: what another's was at the last change forgets nothing.
    pub(crate) fn remember_accepted(&mut self, accepted: Accepted, clock: Timestamp) {
        self.accepted
            .retain(|one| one.id != accepted.id && clock < one.until.after(REMEMBERED_LONGER));
        if self.accepted.len() >= ACCEPTED {
            self.accepted.remove(0);
        }
        self.accepted.push(accepted);
    }

    /// Ends it and burns the seed, and the PIN hash with it.
    pub(crate) fn end(&mut self, phase: Phase) {
        self.phase = phase;
        self.seed = None;
        self.pin_hash = None;
        self.locked_until = None;
    }

    /// The suite of a fob that a person types the question into.
    fn fob_suite(&self) -> Option<Suite> {
        let fob = self.origin == Origin::Imported && self.parameters.method == Method::Ocra;
        fob.then(|| self.parameters.suite()).flatten()
    }

    pub(crate) fn credential(&self, cx: &Context<'_>) -> Credential {
        Credential {
            id: CredentialId(cx.id),
            method: self.parameters.method,
            imported: self.origin == Origin::Imported,
            suite: self.fob_suite(),
            status: match self.phase {
                Phase::Pending(_) if self.lapsed(cx.now) => CredentialStatus::Lapsed,
                Phase::Pending(_) => CredentialStatus::Pending,
                Phase::Active if self.locked(cx.now) => CredentialStatus::Locked,
                Phase::Active => CredentialStatus::Active,
                Phase::Disabled(_) => CredentialStatus::Disabled,
                Phase::Revoked(_) => CredentialStatus::Revoked,
            },
            since: self.since,
            approved_by: self.authority.approver.map(|approver| approver.id),
            locked_until: self.locked_until.filter(|until| cx.now < *until),
            // Records of the first version say neither.
            key: self.key(),
            was_confirmed: self.since.is_some() || self.begun.is_none(),
            begun_by_session: match self.phase {
                Phase::Pending(until) if !self.authority.given && !self.lapsed(cx.now) => {
                    Some(self.begun.unwrap_or(until))
                }
                _ => None,
            },
        }
    }
}

impl State for CredentialState {
    const KIND: Kind = Kind::Credential;

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut parameters, mut origin, mut seed) = (None, None, None);
        let (mut phase, mut phase_at) = (None, Timestamp::EPOCH);
        let (mut last_step, mut counter, mut drift) = (None, 0, 0);
        let (mut failures, mut warned, mut locked_until, mut since) = (0, false, None, None);
        let (mut locks, mut failures_at_lock) = (None, None);
        let (mut authority, mut begun) = (ConsentRecord::default(), None);
        let (mut approver, mut approver_key) = (None, None);
        let (mut accepted, mut failed) = (Vec::new(), Vec::new());
        let mut pin_hash = None;
        from.map(|key, from| {
            match key {
                0 => parameters = Some(Parameters::decode(from)?),
                1 => {
                    origin = match from.u8()? {
                        1 => Some(Origin::Enrolled),
                        2 => Some(Origin::Imported),
                        _ => None,
                    }
                }
                2 => seed = Some(OtpSeed::from_bytes(from.bytes()?).map_err(|_| Malformed)?),
                3 => phase = Some(from.u8()?),
                4 => phase_at = Timestamp::from_unix(from.u64()?),
                5 => last_step = Some(from.u64()?),
                6 => counter = from.u64()?,
                7 => drift = i32::try_from(from.u64()?).map_err(|_| Malformed)?,
                8 => {
                    let back = i32::try_from(from.u64()?).map_err(|_| Malformed)?;
                    drift = back.checked_neg().ok_or(Malformed)?;
                }
                9 => failures = from.u8()?,
                10 => locked_until = Some(Timestamp::from_unix(from.u64()?)),
                11 => accepted = from.list(Accepted::decode)?,
                12 => failed = from.list(In::array_of)?,
                13 => warned = from.bool()?,
                14 => pin_hash = Some(from.bytes()?),
                15 => locks = Some(from.u8()?),
                16 => failures_at_lock = Some(from.u8()?),
                17 => since = Some(Timestamp::from_unix(from.u64()?)),
                18 => authority.given = from.bool()?,
                19 => authority.under_coercion = DuressFlag(from.bool()?),
                20 => approver = Some(CredentialId(from.array_of()?)),
                21 => begun = Some(Timestamp::from_unix(from.u64()?)),
                22 => approver_key = Some(KeyTag(from.array_of()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let phase = match phase {
            Some(1) => Phase::Pending(phase_at),
            Some(2) => Phase::Active,
            Some(3) => Phase::Disabled(phase_at),
            Some(4) => Phase::Revoked(phase_at),
            _ => return Err(Malformed),
        };
        authority.approver = approver.map(|id| Approver { id, key: approver_key });
        let ended = matches!(phase, Phase::Disabled(_) | Phase::Revoked(_));
        if seed.is_none() != ended {
            return Err(Malformed);
        }
        let parameters = parameters.ok_or(Malformed)?;
        let pin_hash = match (parameters.pin, pin_hash) {
            (Some(algorithm), Some(hash)) if !ended => {
                Some(PinHash::from_bytes(algorithm, hash).map_err(|_| Malformed)?)
            }
            (Some(_), None) if ended => None,
            (None, None) => None,
            _ => return Err(Malformed),
        };
        Ok(Self {
            parameters,
            origin: origin.ok_or(Malformed)?,
            seed,
            pin_hash,
            phase,
            last_step,
            counter,
            drift,
            failures,
            warned,
            // Records of the first version do not say; no policy allowed more failures to a lock.
            locks: locks.unwrap_or(failures / FAILURES_TO_LOCK),
            failures_at_lock: failures_at_lock
                .unwrap_or(failures.saturating_sub(failures % FAILURES_TO_LOCK)),
            locked_until,
            authority,
            begun,
            since,
            accepted,
            failed,
        })
    }

    /// An active credential is kept for ever: its count of failures must not be forgotten. So is a disabled
    /// one until it is revoked, or another could be bound in its place by the session alone; and a fob that
    /// has ended, or importing it again would make it active and its used codes new. One whose first code
    /// never came is kept as a trace if somebody said that the customer may have it, and otherwise not at all:
    /// a session could fill the store with them.
    fn retain_until(&self, policy: &Policy) -> Timestamp {
        match self.phase {
            Phase::Active | Phase::Disabled(_) => Timestamp::MAX,
            _ if self.origin == Origin::Imported => Timestamp::MAX,
            Phase::Pending(until) if !self.authority.given => until.after(policy.leeway),
            Phase::Pending(until) => until.after(policy.leeway).after(policy.retention),
            Phase::Revoked(at) => at.after(policy.leeway).after(policy.retention),
        }
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Credential(CredentialId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Credential(self.credential(cx))
    }
}

impl Encode for CredentialState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let (phase, at) = match self.phase {
            Phase::Pending(until) => (1, Some(until)),
            Phase::Active => (2, None),
            Phase::Disabled(at) => (3, Some(at)),
            Phase::Revoked(at) => (4, Some(at)),
        };
        let approver_key = self.authority.approver.and_then(|approver| approver.key);
        let optional = [
            self.seed.is_some(),
            at.is_some(),
            self.last_step.is_some(),
            self.locked_until.is_some(),
            self.pin_hash.is_some(),
            self.warned,
            self.since.is_some(),
            self.authority.given,
            self.authority.given,
            self.authority.approver.is_some(),
            self.begun.is_some(),
            approver_key.is_some(),
        ];
        let locked = self.locks > 0;
        to.map_with(8, optional.into_iter().chain([locked, locked]));
        to.entry(0, |to| self.parameters.encode(to));
        to.entry(1, |to| match self.origin {
            Origin::Enrolled => to.u64(1),
            Origin::Imported => to.u64(2),
        });
        if let Some(seed) = &self.seed {
            to.entry(2, |to| to.bytes(seed.expose()));
        }
        to.entry(3, |to| to.u64(phase));
        if let Some(at) = at {
            to.entry(4, |to| to.u64(at.unix()));
        }
        if let Some(step) = self.last_step {
            to.entry(5, |to| to.u64(step));
        }
        to.entry(6, |to| to.u64(self.counter));
        // Ahead under one key, behind under another: the encoding has no negative numbers.
        let key = if self.drift < 0 { 8 } else { 7 };
        to.entry(key, |to| to.u64(self.drift.unsigned_abs().into()));
        to.entry(9, |to| to.u64(self.failures.into()));
        if let Some(until) = self.locked_until {
            to.entry(10, |to| to.u64(until.unix()));
        }
        to.entry(11, |to| to.list(self.accepted.iter(), |to, one| one.encode(to)));
        to.entry(12, |to| to.list(self.failed.iter(), |to, digest| to.bytes(digest)));
        if self.warned {
            to.entry(13, |to| to.bool(true));
        }
        if let Some(pin_hash) = &self.pin_hash {
            to.entry(14, |to| to.bytes(pin_hash.expose()));
        }
        if locked {
            to.entry(15, |to| to.u64(self.locks.into()));
            to.entry(16, |to| to.u64(self.failures_at_lock.into()));
        }
        if let Some(since) = self.since {
            to.entry(17, |to| to.u64(since.unix()));
        }
        if self.authority.given {
            to.entry(18, |to| to.bool(true));
            // One byte either way: coercion does not show in the size.
            to.entry(19, |to| to.bool(self.authority.under_coercion.0));
        }
        if let Some(approver) = &self.authority.approver {
            to.entry(20, |to| to.bytes(&approver.id.0));
        }
        if let Some(begun) = self.begun {
            to.entry(21, |to| to.u64(begun.unix()));
        }
        if let Some(key) = approver_key {
            to.entry(22, |to| to.bytes(&key.0));
        }
    }
}

impl Accepted {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut id, mut digest, mut duress, mut statement) = (None, None, None, None);
        // Records of the first version do not say; the oldest of them make way for new ones.
        let mut until = Timestamp::MAX;
        from.map(|key, from| {
            match key {
                0 => id = Some(from.array_of()?),
                1 => digest = Some(from.array_of()?),
                2 => duress = Some(from.bool()?),
                3 => until = Timestamp::from_unix(from.u64()?),
                4 => statement = Some(Statement(from.array_of()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            id: id.ok_or(Malformed)?,
            digest: digest.ok_or(Malformed)?,
            statement,
            duress: duress.ok_or(Malformed)?,
            until,
        })
    }
}

impl Encode for Accepted {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map_with(4, [self.statement.is_some()]);
        to.entry(0, |to| to.bytes(&self.id));
        to.entry(1, |to| to.bytes(&self.digest));
        // One byte either way: coercion does not show in the size.
        to.entry(2, |to| to.bool(self.duress));
        to.entry(3, |to| to.u64(self.until.unix()));
        if let Some(statement) = &self.statement {
            to.entry(4, |to| to.bytes(&statement.0));
        }
    }
}
