//! Doors for the fuzz targets, which alone are built with `cfg(fuzzing)`.

use crate::body;
use crate::ceremony::callback::CallbackState;
use crate::ceremony::challenge::ChallengeState;
use crate::ceremony::credential::CredentialState;
use crate::ceremony::presence::PresenceState;
use crate::ceremony::step_up::{LimitState, StepUpState};
use crate::ceremony::{Body, State};

pub use crate::ceremony::callback::CallbackSecret;

fn rewritten<C: State>(bytes: &[u8]) -> Option<Vec<u8>> {
    Body::<C>::decode(bytes).ok().map(|body| body::to_vec(&body))
}

/// Reads a callback's body and writes it again.
#[must_use]
pub fn callback_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<CallbackState>(bytes)
}

/// The same for a credential.
#[must_use]
pub fn credential_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<CredentialState>(bytes)
}

/// The same for a step-up.
#[must_use]
pub fn step_up_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<StepUpState>(bytes)
}

/// The same for a count of step-ups.
#[must_use]
pub fn step_up_limit_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<LimitState>(bytes)
}

/// Reads the body of a customer's open interactions and writes it again.
#[must_use]
pub fn presence_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<PresenceState>(bytes)
}

/// The same for a challenge.
#[must_use]
pub fn challenge_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<ChallengeState>(bytes)
}

/// The steps it takes to redact `text`.
#[must_use]
pub fn redaction_steps(options: &crate::redact::Options, text: &str) -> usize {
    let _before = crate::redact::steps::taken();
    let _masked = options.cards(text);
    crate::redact::steps::taken()
}

/// The steps it takes to redact `text` in chunks of `chunk` bytes.
#[must_use]
pub fn redaction_steps_in_chunks(
    options: &crate::redact::Options,
    text: &str,
    chunk: usize,
) -> usize {
    let _before = crate::redact::steps::taken();
    let (mut finder, mut spans) = (options.finder(), Vec::new());
    for chunk in text.as_bytes().chunks(chunk.max(1)) {
        finder.push(chunk, &mut spans);
    }
    finder.finish(&mut spans);
    crate::redact::steps::taken()
}

/// What a secret is read back as.
#[must_use]
pub fn secret_text(secret: &CallbackSecret) -> &str {
    secret.expose()
}
