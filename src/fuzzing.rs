//! Doors for the fuzz targets, which alone are built with `cfg(fuzzing)`.

use crate::body;
use crate::ceremony::Body;
use crate::ceremony::callback::CallbackState;
use crate::ceremony::presence::PresenceState;

pub use crate::ceremony::callback::CallbackSecret;

/// Reads a callback's body and writes it again.
#[must_use]
pub fn callback_body(bytes: &[u8]) -> Option<Vec<u8>> {
    Body::<CallbackState>::decode(bytes).ok().map(|body| body::to_vec(&body))
}

/// Reads the body of a customer's open interactions and writes it again.
#[must_use]
pub fn presence_body(bytes: &[u8]) -> Option<Vec<u8>> {
    Body::<PresenceState>::decode(bytes).ok().map(|body| body::to_vec(&body))
}

/// What a secret is read back as.
#[must_use]
pub fn secret_text(secret: &CallbackSecret) -> &str {
    secret.expose()
}
