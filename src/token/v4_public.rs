//! PASETO v4.public as the specification writes it: any message, footer and implicit assertion.
//!
//! This is the layer for the published test vectors and for other implementations. What the rest of
//! the crate issues and accepts goes through [`SigningKey::issue`] and
//! [`UntrustedToken`](crate::token::UntrustedToken), which bind key, purpose, audience and time.

use core::fmt;

use crate::crypto::{ed25519, pae};
use crate::token::{PublicKey, Rejection, SigningKey, TokenError, base64url, weak};

/// The longest token, in characters; a longer one is refused before anything is done with it.
pub const MAX_TOKEN_LEN: usize = 8 * 1024;

/// The longest implicit assertion, in bytes.
pub const MAX_IMPLICIT_ASSERTION_LEN: usize = 1024;

pub(super) const HEADER: &str = "v4.public.";
pub(super) const SIGNATURE_LEN: usize = 64;
/// What the characters of the longest token decode to, at most.
const DECODED_LEN: usize = MAX_TOKEN_LEN / 4 * 3;
/// The count and four lengths of the PAE, the header, message and footer, implicit assertion.
const SIGNED_LEN: usize = 5 * 8 + HEADER.len() + DECODED_LEN + MAX_IMPLICIT_ASSERTION_LEN;

/// Room to verify one token without allocating, about 13 KiB. It holds nothing secret and can be
/// used again.
pub struct Buffer {
    decoded: [u8; DECODED_LEN],
    signed: [u8; SIGNED_LEN],
}

impl Buffer {
    /// An empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self { decoded: [0; DECODED_LEN], signed: [0; SIGNED_LEN] }
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").finish_non_exhaustive()
    }
}

/// What a verified token carries, decoded into a [`Buffer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened<'b> {
    /// The signed message.
    pub message: &'b [u8],
    /// The footer, empty if the token has none.
    pub footer: &'b [u8],
}

/// The token would be longer than [`MAX_TOKEN_LEN`] or the implicit assertion is longer than
/// [`MAX_IMPLICIT_ASSERTION_LEN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a token has at most {MAX_TOKEN_LEN} characters and an implicit assertion at most \
     {MAX_IMPLICIT_ASSERTION_LEN} bytes: sign less"
)]
#[non_exhaustive]
pub struct TooLong;

/// Signs `message` and `footer`, and the `implicit_assertion` that the token does not carry (PASETO
/// version 4, "Sign").
///
/// Ed25519 is deterministic: the same input gives the same token.
///
/// # Errors
///
/// [`TooLong`].
pub fn sign(
    key: &SigningKey,
    message: &[u8],
    footer: &[u8],
    implicit_assertion: &[u8],
) -> Result<String, TooLong> {
    let signed = to_be_signed(message, footer, implicit_assertion)?;
    signed_with(&key.sign(&signed), message, footer)
}

/// What a key signs: the pre-authentication encoding of all parts, if the token is not too long.
pub(super) fn to_be_signed(
    message: &[u8],
    footer: &[u8],
    implicit_assertion: &[u8],
) -> Result<Vec<u8>, TooLong> {
    Lengths::of(message, footer)?;
    if implicit_assertion.len() > MAX_IMPLICIT_ASSERTION_LEN {
        return Err(TooLong);
    }
    Ok(pae::encode(&[HEADER.as_bytes(), message, footer, implicit_assertion]))
}

/// The token of these parts.
pub(super) fn signed_with(
    signature: &[u8; SIGNATURE_LEN],
    message: &[u8],
    footer: &[u8],
) -> Result<String, TooLong> {
    let Lengths { payload, payload_chars, token } = Lengths::of(message, footer)?;
    let mut signed = Vec::with_capacity(payload);
    signed.extend_from_slice(message);
    signed.extend_from_slice(signature);

    let mut token = vec![b'.'; token];
    let (header, rest) = token.split_at_mut(HEADER.len());
    header.copy_from_slice(HEADER.as_bytes());
    let (first, last) = rest.split_at_mut_checked(payload_chars).ok_or(TooLong)?;
    base64url::encode_into(&signed, first).ok_or(TooLong)?;
    if let Some((_dot, last)) = last.split_first_mut() {
        base64url::encode_into(footer, last).ok_or(TooLong)?;
    }
    String::from_utf8(token).map_err(|_| TooLong)
}

/// How long the parts of a token are.
struct Lengths {
    /// In bytes.
    payload: usize,
    payload_chars: usize,
    token: usize,
}

impl Lengths {
    fn of(message: &[u8], footer: &[u8]) -> Result<Self, TooLong> {
        let payload = message.len().checked_add(SIGNATURE_LEN).ok_or(TooLong)?;
        let payload_chars = base64url::encoded_len(payload);
        let footer_chars = base64url::encoded_len(footer.len());
        let dot = usize::from(!footer.is_empty());
        let token = [payload_chars, dot, footer_chars]
            .into_iter()
            .try_fold(HEADER.len(), usize::checked_add)
            .filter(|length| *length <= MAX_TOKEN_LEN)
            .ok_or(TooLong)?;
        Ok(Self { payload, payload_chars, token })
    }
}

/// Whether `signature` is one of `signed` under `key`, which every verifier takes.
pub(super) fn is_signed(key: &PublicKey, signed: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
    let nonce_point = signature.first_chunk::<32>();
    nonce_point.is_some_and(|point| !weak::has_small_order(point))
        && ed25519::verifies(key.as_bytes(), signed, signature)
}

/// Verifies `token` under `key` and `implicit_assertion` (PASETO version 4, "Verify"), without
/// allocating. Signatures are checked without cofactor; S not below the group order and R of small
/// order are refused.
///
/// Nothing says here what the key may sign or how long the message holds: see
/// [`UntrustedToken`](crate::token::UntrustedToken).
///
/// # Errors
///
/// [`TokenError`].
pub fn verify<'b>(
    token: &str,
    key: &PublicKey,
    implicit_assertion: &[u8],
    buffer: &'b mut Buffer,
) -> Result<Opened<'b>, TokenError> {
    Ok(Parts::split(token)?.open(key, implicit_assertion, buffer)?)
}

/// The parts of a token that has the right size and header, still in base64url.
#[derive(Clone, Copy)]
pub(super) struct Parts<'t> {
    payload: &'t str,
    pub(super) footer: Option<&'t str>,
}

impl<'t> Parts<'t> {
    pub(super) fn split(token: &'t str) -> Result<Self, Rejection> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(Rejection::TooLong);
        }
        let parts = token.strip_prefix(HEADER).ok_or(Rejection::Malformed)?;
        match parts.split_once('.') {
            // An empty footer is written without its dot, or one message had two tokens.
            Some((_, "")) => Err(Rejection::Malformed),
            Some((payload, footer)) => Ok(Self { payload, footer: Some(footer) }),
            None => Ok(Self { payload: parts, footer: None }),
        }
    }

    /// The message, whoever signed it.
    pub(super) fn unverified<'b>(&self, buffer: &'b mut Buffer) -> Option<&'b [u8]> {
        let payload = base64url::decode(self.payload, &mut buffer.decoded)?;
        payload.split_last_chunk::<SIGNATURE_LEN>().map(|(message, _)| message)
    }

    pub(super) fn open<'b>(
        &self,
        key: &PublicKey,
        implicit_assertion: &[u8],
        buffer: &'b mut Buffer,
    ) -> Result<Opened<'b>, Rejection> {
        let Buffer { decoded, signed } = buffer;
        let payload = base64url::decode(self.payload, decoded).ok_or(Rejection::Malformed)?.len();
        let (payload, rest) = decoded.split_at_mut_checked(payload).ok_or(Rejection::Malformed)?;
        let (message, signature) =
            payload.split_last_chunk::<SIGNATURE_LEN>().ok_or(Rejection::Malformed)?;
        let footer: &'b [u8] = match self.footer {
            Some(footer) => base64url::decode(footer, rest).ok_or(Rejection::Malformed)?,
            None => &[],
        };

        let mut written = 0_usize;
        let mut fits = implicit_assertion.len() <= MAX_IMPLICIT_ASSERTION_LEN;
        let pieces = [HEADER.as_bytes(), message, footer, implicit_assertion];
        pae::feed(&pieces, |bytes| {
            let end = written.saturating_add(bytes.len());
            match signed.get_mut(written..end) {
                Some(place) => place.copy_from_slice(bytes),
                None => fits = false,
            }
            written = end;
        });
        let signed = signed.get(..written).filter(|_| fits).ok_or(Rejection::TooLong)?;

        if !is_signed(key, signed, signature) {
            return Err(Rejection::Signature);
        }
        Ok(Opened { message, footer })
    }
}
