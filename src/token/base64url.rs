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

/// How a type over 16 bytes is written and read: as 22 characters.
macro_rules! text_in_base64url {
    ($name:ident: $what:literal) => {
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&$crate::token::base64url::encode(&self.0))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::values::secret::deserialize_text(deserializer, $what, |text| {
                    $crate::token::base64url::decode_array(text)
                        .map(Self)
                        .ok_or("expected 22 characters of base64url")
                })
            }
        }
    };
}
pub(crate) use text_in_base64url;
