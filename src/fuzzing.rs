//! Doors for the fuzz targets, which alone are built with `cfg(fuzzing)`.

use crate::callback::state::CallbackState;
use crate::challenge::state::ChallengeState;
use crate::codec::cbor as body;
use crate::contact::state::PresenceState;
use crate::credential::state::CredentialState;
#[cfg(feature = "cards")]
use crate::crypto::keyring::Keyring;
use crate::engine::rule::{Body, State};
#[cfg(feature = "cards")]
use crate::payment::state::PaymentState;
#[cfg(feature = "cards")]
use crate::record::kind::Kind;
#[cfg(feature = "cards")]
use crate::record::sealed::Sealer;
use crate::step_up::joint::state::JointState;
use crate::step_up::limit::LimitState;
use crate::step_up::state::StepUpState;
#[cfg(feature = "cards")]
use crate::store::{Place, Record};
#[cfg(feature = "cards")]
use crate::vault::charge::state::ChargeState;
#[cfg(feature = "cards")]
use crate::vault::opening_keys::OpeningKeysState;
#[cfg(feature = "cards")]
use crate::vault::stored_card::StoredCardState;

pub use crate::callback::secret::CallbackSecret;

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

/// The same for a joint step-up.
#[must_use]
pub fn joint_step_up_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<JointState>(bytes)
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

/// The same for a payment, as the enterprise keeps it.
#[cfg(feature = "cards")]
#[must_use]
pub fn payment_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<PaymentState>(bytes)
}

/// The same for a payment, as the vault keeps it.
#[cfg(feature = "cards")]
#[must_use]
pub fn charge_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<ChargeState>(bytes)
}

/// The same for a card that the vault keeps.
#[cfg(feature = "cards")]
#[must_use]
pub fn stored_card_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<StoredCardState>(bytes)
}

/// The same for the vault's opening keys.
#[cfg(feature = "cards")]
#[must_use]
pub fn opening_keys_body(bytes: &[u8]) -> Option<Vec<u8>> {
    rewritten::<OpeningKeysState>(bytes)
}

/// What is sealed in a record of one of these four kinds, whichever it is.
#[cfg(feature = "cards")]
#[must_use]
pub fn opened(keyring: &Keyring, at: &Place, record: &Record) -> Option<Vec<u8>> {
    let kinds = [Kind::Payment, Kind::Charge, Kind::StoredCard, Kind::OpeningKeys];
    let open = |kind| Sealer::new(keyring, kind, at).open(record).ok();
    kinds.into_iter().find_map(open).map(|body| body.to_vec())
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

/// What an authenticator made, read whole: a registration's attestation object, an assertion's data, client data.
/// Whether each is one.
#[must_use]
pub fn webauthn(bytes: &[u8]) -> [bool; 3] {
    use crate::webauthn::authenticator_data::AuthenticatorData;
    use crate::webauthn::client_data::ClientData;
    use crate::webauthn::registration::authenticator_data;
    let read = |data: &[u8]| AuthenticatorData::read(data).is_some();
    let registered = authenticator_data(bytes).is_some_and(read);
    [registered, read(bytes), ClientData::read(bytes).is_some()]
}
