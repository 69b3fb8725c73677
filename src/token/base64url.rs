//! Strict base64url (RFC 4648 §5): no padding, no white space, unused bits zero, so that there is
//! exactly one text for the same bytes. base64ct decodes in constant time.

use base64ct::{Base64UrlUnpadded, Encoding};

/// Decodes into the front of `to` and returns what was written; `None` if it is not canonical or
/// does not fit.
pub(crate) fn decode<'b>(text: &str, to: &'b mut [u8]) -> Option<&'b [u8]> {
    Base64UrlUnpadded::decode(text, to).ok()
}

/// Decodes exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0_u8; N];
    (decode(text, &mut bytes)?.len() == N).then_some(bytes)
}

/// Encodes `bytes`, which are at most a few kilobytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Encodes into the whole of `to`, which has exactly the right length.
pub(crate) fn encode_into(bytes: &[u8], to: &mut [u8]) -> Option<()> {
    let wanted = to.len();
    (Base64UrlUnpadded::encode(bytes, to).ok()?.len() == wanted).then_some(())
}

/// How long the text of `bytes` bytes is.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    // Four characters for three bytes, rounded up; lengths here are far from overflowing.
    bytes.saturating_mul(4).div_ceil(3)
}
