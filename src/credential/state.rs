//! What is kept of a credential, how it is encoded, and what may be seen of it.

use core::time::Duration;

use crate::codec::cbor::Malformed;
use crate::codec::table::{numbered, record};
use crate::credential::bound::{BoundBy, KeyProof};
use crate::credential::consent::{Approver, ConsentRecord};
use crate::credential::method::{Method, Parameters};
use crate::credential::possession::Passkey;
use crate::credential::view::{Credential, CredentialStatus, KeyTag};
use crate::crypto::pae;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::otp::OtpSeed;
use crate::otp::ocra::{PinHash, Suite};
use crate::otp::subkeys::{Subkeys, Use};
use crate::policy::{FAILURES_TO_LOCK, Policy};
use crate::record::kind::Kind;
use crate::signature::key::CredentialPublicKey;
use crate::step_up::request::Duress;
use crate::step_up::statement::Statement;
use crate::token::base64url;
use crate::values::id::CredentialId;
use crate::values::now::{RecordTime, WallClock};
use crate::values::secret::leaving_no_trace;
use crate::values::time::Timestamp;

/// The most acceptances remembered: more than any policy allows while one of them can still be finished, which is
/// twenty step-ups a minute for ten minutes before it and ten after.
const ACCEPTED: usize = 512;
/// How much longer an acceptance is remembered than what it was for can be finished: one write by a
/// machine whose clock is ahead by less must not forget it.
const REMEMBERED_LONGER: Duration = Duration::from_secs(3600);

numbered! {
    /// Who made the seed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Origin {
        Enrolled = 1,
        Imported = 2,
    }
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
    pub(crate) duress: Duress,
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
    /// What it signs with, from its confirmation on; kept after the end.
    pub(crate) public_key: Option<CredentialPublicKey>,
    /// Whose passkey it is, beside the key.
    pub(crate) passkey: Option<Passkey>,
    /// With which proof of possession, kept after the end.
    pub(crate) key_proof: Option<KeyProof>,
    /// On whose word, of a method that signs. Records of before do not say.
    pub(crate) bound_by: Option<BoundBy>,
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

/// Which key a seed is.
pub(crate) fn key_of(seed: &OtpSeed) -> KeyTag {
    let pieces = [b"countersign credential key v1".as_slice(), seed.expose()];
    // The hash keeps its input until it is full.
    KeyTag(leaving_no_trace(|| pae::first(&pae::sha256(&pieces))))
}

impl CredentialState {
    pub(crate) fn new(parameters: Parameters, origin: Origin, seed: OtpSeed, phase: Phase) -> Self {
        Self {
            parameters,
            origin,
            seed: Some(seed),
            public_key: None,
            passkey: None,
            key_proof: None,
            bound_by: None,
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
    pub(crate) fn lapsed(&self, now: RecordTime) -> bool {
        matches!(self.phase, Phase::Pending(until) if now.has_reached(until))
    }

    pub(crate) fn locked(&self, now: RecordTime) -> bool {
        self.locked_until.is_some_and(|until| !now.has_reached(until))
    }

    /// Which key it has; none after the end.
    pub(crate) fn key(&self) -> Option<KeyTag> {
        self.seed.as_ref().map(key_of)
    }

    /// What a new key signs to show that its owner holds it, as long as there is a seed.
    pub(crate) fn key_nonce(&self) -> Option<[u8; 32]> {
        let seed = self.seed.as_ref()?;
        // The derivation works with the seed.
        let nonce = leaving_no_trace(|| Subkeys::of(seed).get(Use::Possession))?;
        nonce.expose().try_into().ok()
    }

    /// What the code was that was accepted for this statement.
    pub(crate) fn accepted_for(&self, statement: Statement) -> Option<&Accepted> {
        self.accepted.iter().find(|one| one.statement == Some(statement))
    }

    pub(crate) fn has_accepted(&self, id: [u8; 16], digest: [u8; 16]) -> bool {
        self.accepted.iter().any(|one| one.id == id && one.digest == digest)
    }

    /// `clock` is this machine's: what another's was at the last change forgets nothing.
    pub(crate) fn remember_accepted(&mut self, accepted: Accepted, clock: WallClock) {
        self.accepted.retain(|one| {
            one.id != accepted.id && !clock.has_reached(one.until.after(REMEMBERED_LONGER))
        });
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
            locked_until: self.locked_until.filter(|until| !cx.now.has_reached(*until)),
            // Records of the first version say neither.
            key: self.key(),
            key_fingerprint: self.public_key.as_ref().map(CredentialPublicKey::fingerprint),
            public_key: self.public_key,
            passkey_id: self.passkey.as_ref().map(|passkey| base64url::encode(&passkey.id)),
            bound_by: self.bound_by,
            attested: self.key_proof.as_ref().and_then(|proof| proof.attested),
            with_code: self.parameters.with_code,
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

    /// An imported fob counts when it has ended, too: importing it again must find it.
    fn live_until(&self, policy: &Policy) -> Timestamp {
        match self.phase {
            Phase::Active | Phase::Disabled(_) => Timestamp::MAX,
            _ if self.origin == Origin::Imported => Timestamp::MAX,
            Phase::Pending(until) => until.after(policy.leeway),
            Phase::Revoked(_) => Timestamp::EPOCH,
        }
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Credential(CredentialId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Credential(self.credential(cx))
    }
}

record! {
    CredentialState as state {
        let (phase, at) = match state.phase {
            Phase::Pending(until) => (1_u8, Some(until)),
            Phase::Active => (2, None),
            Phase::Disabled(at) => (3, Some(at)),
            Phase::Revoked(at) => (4, Some(at)),
        };
        // The encoding has no negative numbers.
        let (ahead, behind) = match state.drift {
            ..0 => (None, Some(state.drift.unsigned_abs())),
            0.. => (Some(state.drift.unsigned_abs()), None),
        };
        let locked = state.locks > 0;
        let ConsentRecord { given, approver, under_coercion } = &state.authority;
        0 => parameters: Parameters,
        1 => origin,
        2 => seed: Option<OtpSeed>,
        3 => phase: u8 = phase,
        4 else Timestamp::EPOCH => at: Timestamp = at,
        5 => last_step,
        6 else 0 => counter,
        7 => ahead: Option<u32> = ahead,
        8 => behind: Option<u32> = behind,
        9 else 0 => failures: u8,
        10 => locked_until,
        11 => accepted,
        12 => failed,
        13 unless false => warned,
        14 => pin_hash: Option<&[u8]> = state.pin_hash.as_ref().map(PinHash::expose),
        15 => locks: Option<u8> = locked.then_some(state.locks),
        16 => failures_at_lock: Option<u8> = locked.then_some(state.failures_at_lock),
        17 => since,
        18 unless false => given: bool = *given,
        // One byte either way: coercion does not show in the size.
        19 else false => under_coercion: bool = given.then_some(under_coercion.0),
        20 => approver: Option<CredentialId> = approver.map(|approver| approver.id),
        21 => begun,
        22 => approver_key: Option<KeyTag> =
            state.authority.approver.and_then(|approver| approver.key),
        23 => public_key: Option<CredentialPublicKey>,
        24 => passkey: Option<Passkey>,
        30 => key_proof: Option<KeyProof>,
        31 => bound_by: Option<BoundBy>,
    } {
        let phase = match phase {
            1 => Phase::Pending(at),
            2 => Phase::Active,
            3 => Phase::Disabled(at),
            4 => Phase::Revoked(at),
            _ => return Err(Malformed),
        };
        let ended = matches!(phase, Phase::Disabled(_) | Phase::Revoked(_));
        if seed.is_none() != ended {
            return Err(Malformed);
        }
        let (signs, active) = (parameters.method.signs(), phase == Phase::Active);
        let has_passkey = parameters.method == Method::Passkey && public_key.is_some();
        if passkey.is_some() != has_passkey {
            return Err(Malformed);
        }
        if (public_key.is_some() && !signs) || (public_key.is_none() && signs && active) {
            return Err(Malformed);
        }
        if key_proof.is_some() && public_key.is_none() {
            return Err(Malformed);
        }
        let pin_hash = match (parameters.pin, pin_hash) {
            (Some(algorithm), Some(hash)) if !ended => {
                Some(PinHash::from_bytes(algorithm, hash).map_err(|_| Malformed)?)
            }
            (Some(_), None) if ended => None,
            (None, None) => None,
            _ => return Err(Malformed),
        };
        let steps = i32::try_from(ahead.or(behind).unwrap_or(0)).map_err(|_| Malformed)?;
        let drift = match (ahead, behind) {
            (Some(_), Some(_)) => return Err(Malformed),
            (None, Some(_)) => steps.saturating_neg(),
            _ => steps,
        };
        let approver = approver.map(|id| Approver { id, key: approver_key });
        let under_coercion = Duress(under_coercion);
        // Records of the first version do not say; no policy allowed more failures to a lock.
        let locks = locks.unwrap_or(failures / FAILURES_TO_LOCK);
        let failures_at_lock = failures_at_lock
            .unwrap_or(failures.saturating_sub(failures % FAILURES_TO_LOCK));
        Ok(Self {
            parameters,
            origin,
            seed,
            public_key,
            passkey,
            key_proof,
            bound_by,
            pin_hash,
            phase,
            last_step,
            counter,
            drift,
            failures,
            warned,
            locks,
            failures_at_lock,
            locked_until,
            authority: ConsentRecord { given, approver, under_coercion },
            begun,
            since,
            accepted,
            failed,
        })
    }
}

record! {
    Accepted as accepted {
        0 => id,
        1 => digest,
        // One byte either way: coercion does not show in the size.
        2 => duress: bool = accepted.duress.0,
        // Records of the first version do not say; the oldest of them make way for new ones.
        3 else Timestamp::MAX => until,
        4 => statement,
    } Ok(Self { id, digest, statement, duress: Duress(duress), until })
}
