//! Whether a code is right: every way it could be is computed, whichever it is.

use crate::credential::method::{Method, Parameters};
use crate::credential::question::Typed;
use crate::credential::request::EnrolmentRequest;
use crate::credential::state::{CredentialState, Origin};
use crate::crypto::pae;
use crate::otp::ocra::{Inputs, OcraChallenge, PinHash, Response, Suite};
use crate::otp::subkeys::{Subkeys, Use};
use crate::otp::{Code, Hotp, Ocra, OtpSeed, StepWindow, TimeStep, Totp};
use crate::policy::{CredentialPolicy, RESYNC_RANGE};
use crate::step_up::request::Duress;
use crate::values::now::WallClock;
use crate::values::secret::{SecretBytes, leaving_no_trace};

/// Steps or counters behind the expected one at which a used code is recognised as such.
const LOOK_BEHIND: u8 = 5;
/// The drift that is followed: what a resync can find, and a little.
const MAX_DRIFT: i32 = RESYNC_RANGE as i32 + 2;

/// A code for one thing.
pub(crate) struct Attempt<'a> {
    /// What the code is given for: a step-up, or the credential itself when it is confirmed.
    pub(crate) id: [u8; 16],
    /// SHA-256 over everything that the code is to cover.
    pub(crate) question: [u8; 32],
    pub(crate) response: &'a Response,
    /// Names the code and what it was given for, without telling it to who cannot try them all.
    pub(crate) digest: [u8; 16],
}

impl<'a> Attempt<'a> {
    pub(crate) fn new(id: [u8; 16], question: [u8; 32], response: &'a Response) -> Self {
        let code = response.expose().as_bytes();
        let pieces = [b"countersign attempt v1".as_slice(), &id, &question, code];
        // The hash keeps its input until it is full.
        let digest = leaving_no_trace(|| pae::first(&pae::sha256(&pieces)));
        Self { id, question, response, digest }
    }
}

/// What a code was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Right { duress: Duress, moved: Moved },
    Replayed,
    Wrong,
}

/// How far an authenticator has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    Nowhere,
    /// The step that matched, and how far the authenticator's clock is off.
    Decision {
        step: u64,
        drift: i32,
    },
    /// The next counter to expect.
    Counter(u64),
}

/// What is asked when a credential is confirmed.
pub(crate) fn confirm_question(id: [u8; 16]) -> [u8; 32] {
    pae::sha256(&[b"countersign confirm v1", &id])
}

/// A question as OCRA takes it, made ready once for every key that may have answered it.
struct Asked {
    suite: Suite,
    challenge: OcraChallenge,
}

impl Asked {
    fn new(parameters: &Parameters, question: &[u8; 32]) -> Option<Self> {
        let suite = parameters.suite()?;
        let format = suite.challenge_format();
        let challenge = OcraChallenge::new(format, Typed::of(format, question).as_str()).ok()?;
        Some(Self { suite, challenge })
    }

    fn answer(&self, key: &OtpSeed, pin_hash: Option<&PinHash>) -> Option<Response> {
        let inputs = Inputs::one_way(&self.challenge);
        let inputs = pin_hash.map_or(inputs, |pin_hash| inputs.with_pin_hash(pin_hash));
        Ocra::new(key, self.suite).respond(&inputs).ok()
    }
}

/// The response to `question` under `key`.
pub(crate) fn respond(
    parameters: &Parameters,
    key: &OtpSeed,
    question: &[u8; 32],
) -> Option<Response> {
    Asked::new(parameters, question)?.answer(key, None)
}

/// The code that an agent says for `question`: OCRA-1:HOTP-SHA256-8:QH64, whatever the credential's own
/// suite is, under its subkey for that.
pub(crate) fn spoken_code(key: &SecretBytes, question: &[u8; 32]) -> Option<Box<Response>> {
    let key = OtpSeed::from_bytes(key.expose()).ok()?;
    respond(&EnrolmentRequest::APP, &key, question).map(Box::new)
}

/// The code to deliver for `question`, behind a pointer: it goes through futures.
pub(crate) fn delivered_code(state: &CredentialState, question: &[u8; 32]) -> Option<Box<Code>> {
    leaving_no_trace(|| {
        let key = Subkeys::of(state.seed.as_ref()?).seed(Use::Delivered)?;
        respond(&state.parameters, &key, question)?.code()?.expose().parse().ok().map(Box::new)
    })
}

/// Looks at `attempt`. `None` if there is no seed any more.
pub(crate) fn evaluate(
    state: &CredentialState,
    attempt: &Attempt<'_>,
    clock: WallClock,
    policy: &CredentialPolicy,
) -> Option<Found> {
    // The right codes are computed here, and the next future is made where they stood.
    leaving_no_trace(|| found(state, attempt, clock, policy))
}

/// What `attempt` is, with whatever that leaves on the stack.
fn found(
    state: &CredentialState,
    attempt: &Attempt<'_>,
    clock: WallClock,
    policy: &CredentialPolicy,
) -> Option<Found> {
    let seed = state.seed.as_ref()?;
    match (state.parameters.method, state.origin) {
        (Method::Ocra | Method::DeviceKey | Method::Passkey, Origin::Enrolled) => {
            let keys = Subkeys::of(seed);
            answered(state, attempt, &keys.seed(Use::StepUp)?, &keys.seed(Use::Duress)?)
        }
        // A fob knows one key and no coercion.
        (Method::Ocra | Method::DeviceKey | Method::Passkey, Origin::Imported) => {
            answered(state, attempt, seed, seed)
        }
        (Method::Delivered, _) => {
            let key = Subkeys::of(seed).seed(Use::Delivered)?;
            answered(state, attempt, &key, &key)
        }
        (Method::Totp, _) => Some(timed(state, seed, attempt.response.code(), clock, policy)),
        (Method::Hotp, _) => Some(counted(state, seed, attempt.response.code(), policy)),
    }
}

fn answered(
    state: &CredentialState,
    attempt: &Attempt<'_>,
    own: &OtpSeed,
    duress: &OtpSeed,
) -> Option<Found> {
    let asked = Asked::new(&state.parameters, &attempt.question)?;
    let pin_hash = state.pin_hash.as_ref();
    compared(attempt.response, [own, duress], |key| asked.answer(key, pin_hash))
}

/// Both answers are always computed and compared, so that the time tells nothing of coercion.
fn compared(
    given: &Response,
    [own, duress]: [&OtpSeed; 2],
    mut answer: impl FnMut(&OtpSeed) -> Option<Response>,
) -> Option<Found> {
    let (own, duress) = (answer(own)?, answer(duress)?);
    let (own, duress) = (own == *given, duress == *given);
    if own | duress {
        Some(Found::Right { duress: Duress(duress & !own), moved: Moved::Nowhere })
    } else {
        Some(Found::Wrong)
    }
}

fn totp(state: &CredentialState, seed: &OtpSeed) -> Totp {
    let Parameters { algorithm, digits, period, .. } = state.parameters;
    Totp::new(seed, algorithm, digits, period)
}

fn timed(
    state: &CredentialState,
    seed: &OtpSeed,
    code: Option<&Code>,
    clock: WallClock,
    policy: &CredentialPolicy,
) -> Found {
    let Some(code) = code else { return Found::Wrong };
    let totp = totp(state, seed);
    let window = StepWindow::either_side(policy.totp_steps).with_drift(state.drift);
    let last = state.last_step.map(TimeStep::new);
    let fresh = totp.verify(code, clock.stamp().unix(), window, last);
    let behind = StepWindow::either_side(LOOK_BEHIND).with_drift(state.drift);
    let any = totp.verify(code, clock.stamp().unix(), behind, None);
    match (fresh, any) {
        (Some(step), _) => Found::Right { duress: Duress::NONE, moved: moved(&totp, step, clock) },
        (None, Some(step)) if last.is_some_and(|last| step <= last) => Found::Replayed,
        _ => Found::Wrong,
    }
}

fn moved(totp: &Totp, step: TimeStep, clock: WallClock) -> Moved {
    let drift =
        step.drift_from(totp.time_step_at(clock.stamp().unix())).clamp(-MAX_DRIFT, MAX_DRIFT);
    Moved::Decision { step: step.get(), drift }
}

fn counted(
    state: &CredentialState,
    seed: &OtpSeed,
    code: Option<&Code>,
    policy: &CredentialPolicy,
) -> Found {
    let Some(code) = code else { return Found::Wrong };
    let Parameters { algorithm, digits, .. } = state.parameters;
    let hotp = Hotp::new(seed, algorithm, digits);
    let fresh = hotp.verify(code, state.counter, policy.hotp_look_ahead.into());
    let behind = state.counter.min(LOOK_BEHIND.into());
    let first = state.counter.saturating_sub(behind);
    let used = behind > 0
        && hotp
            .verify(code, first, u16::try_from(behind.saturating_sub(1)).unwrap_or_default())
            .is_some();
    match fresh {
        // A counter at the very end has no next one, so it is never accepted.
        Some(counter) if counter < u64::MAX => {
            Found::Right { duress: Duress::NONE, moved: Moved::Counter(counter.saturating_add(1)) }
        }
        _ if used => Found::Replayed,
        _ => Found::Wrong,
    }
}

/// Looks for two consecutive codes further off (RFC 4226 §7.4). `None` if there is no clock or counter
/// to find again. Two of which one was used already are no guess, but find nothing; nor do two of an
/// earlier time than the window: nothing but the time tells an authenticator that lags by so much from
/// codes that somebody has seen and kept.
pub(crate) fn resync(
    state: &CredentialState,
    [first, second]: [&Code; 2],
    clock: WallClock,
    policy: &CredentialPolicy,
) -> Option<Found> {
    let seed = state.seed.as_ref()?;
    let Parameters { method, algorithm, digits, .. } = state.parameters;
    let hotp = Hotp::new(seed, algorithm, digits);
    let totp = totp(state, seed);
    let (centre, next, earliest) = match method {
        Method::Totp => {
            let next = state.last_step.map_or(0, |last| last.saturating_add(1));
            let present = totp.time_step_at(clock.stamp().unix()).get();
            (present, next, present.saturating_sub(policy.totp_steps.into()))
        }
        Method::Hotp => (state.counter, state.counter, 0),
        Method::Ocra | Method::Delivered | Method::DeviceKey | Method::Passkey => return None,
    };
    let range = u64::from(RESYNC_RANGE);
    // Where a match is the last, if the first of the two is used or both are too old, and if not.
    let (mut used, mut found) = (false, None);
    let mut before = false;
    for candidate in centre.saturating_sub(range)..=centre.saturating_add(range) {
        let code = hotp.generate(candidate);
        if before & (code == *second) {
            let good = candidate > next && candidate >= earliest;
            if good { found = Some(candidate) } else { used = true }
        }
        before = code == *first;
    }
    Some(match (found.filter(|last| *last < u64::MAX), method) {
        (Some(last), Method::Totp) => {
            Found::Right { duress: Duress::NONE, moved: moved(&totp, TimeStep::new(last), clock) }
        }
        (Some(last), _) => {
            Found::Right { duress: Duress::NONE, moved: Moved::Counter(last.saturating_add(1)) }
        }
        (None, _) if used || found.is_some() => Found::Replayed,
        (None, _) => Found::Wrong,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::{Asked, Found, Moved, PinHash, compared};
    use crate::credential::request::ImportRequest;
    use crate::otp::OtpSeed;
    use crate::otp::ocra::Suite;
    use crate::step_up::request::Duress;

    /// An answer that is right at once must not come sooner than one that is wrong or given under
    /// coercion.
    #[test]
    fn both_answers_are_always_computed() {
        let keys = [1, 2].map(|byte| OtpSeed::from_bytes(&[byte; 32]).unwrap());
        let asked =
            Asked::new(&crate::credential::request::EnrolmentRequest::APP, &[7; 32]).unwrap();
        let answers = keys.each_ref().map(|key| asked.answer(key, None).unwrap());
        let right = |duress| Found::Right { duress: Duress(duress), moved: Moved::Nowhere };
        for (given, wanted) in [
            (answers[0].expose(), right(false)),
            (answers[1].expose(), right(true)),
            ("00000000", Found::Wrong),
            ("123456", Found::Wrong),
        ] {
            let mut computed = Vec::new();
            let found = compared(&given.parse().unwrap(), [&keys[0], &keys[1]], |key| {
                computed.push(key.expose().to_vec());
                asked.answer(key, None)
            });
            assert_eq!(found, Some(wanted));
            assert_eq!(computed, [[1; 32], [2; 32]]);
        }
    }

    /// RFC 6287 appendix C.1, for the suites that a fob may have here.
    #[test]
    fn a_fob_answers_as_the_rfc_has_it() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/oath.json")).unwrap();
        let (mut plain, mut with_pin) = (0, 0);
        for vector in file.get("vectors").unwrap().as_array().unwrap() {
            let text = |field: &str| vector.get(field).and_then(|value| value.as_str());
            if text("mode") != Some("one-way") {
                continue;
            }
            let suite: Suite = text("suite").unwrap().parse().unwrap();
            let seed = OtpSeed::from_hex(text("key").unwrap()).unwrap();
            let pin_hash = || {
                let hash = hex::decode(text("password_hash")?).unwrap();
                Some(PinHash::from_bytes(suite.pin_hash().unwrap(), &hash).unwrap())
            };
            let import = match pin_hash() {
                Some(pin_hash) => ImportRequest::ocra_with_pin(seed, &suite, pin_hash),
                None => ImportRequest::ocra(seed, &suite),
            };
            // With a counter or the time.
            let Ok(import) = import else { continue };
            let number: u128 = text("question").unwrap().parse().unwrap();
            let mut digest = [0; 32];
            *digest.last_chunk_mut().unwrap() = number.to_be_bytes();
            let asked = Asked::new(&import.parameters, &digest).unwrap();
            let answer = asked.answer(&import.seed, import.pin_hash.as_ref()).unwrap();
            assert_eq!(answer.expose(), text("expected").unwrap());
            *(if import.pin_hash.is_some() { &mut with_pin } else { &mut plain }) += 1;
        }
        assert_eq!((plain, with_pin), (10, 5));
    }
}
