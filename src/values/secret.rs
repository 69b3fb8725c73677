//! The one wrapper for secret bytes: wiped on drop, compared in constant time, never printed.

use core::fmt;

use serde::de::{self, Deserializer, Visitor};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Secret bytes in an allocation of their exact size.
///
/// There is no way to grow it, so no reallocation leaves a copy behind, and neither `Clone`,
/// `Display` nor `Serialize`: every copy that leaves is spelled out where it is made.
pub(crate) struct SecretBytes(Box<[u8]>);

impl SecretBytes {
    /// Copies `bytes` once, at their exact size.
    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        Self(Box::from(bytes))
    }

    /// The bytes, for the one computation that needs them.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SecretBytes {}

/// Secret text in an allocation of its exact size.
#[derive(PartialEq, Eq)]
pub(crate) struct SecretText(SecretBytes);

impl SecretText {
    /// Copies `text` once, at its exact size.
    pub(crate) fn copy_of(text: &str) -> Self {
        Self(SecretBytes::copy_of(text.as_bytes()))
    }

    /// The text, for the one computation that needs it.
    pub(crate) fn expose(&self) -> &str {
        // Built from `str` alone; the fallback cannot be reached and reveals nothing.
        core::str::from_utf8(self.0.expose()).unwrap_or_default()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a computation with codes takes of the stack at most, with room to spare, in bytes.
const OVERWRITTEN: usize = 16 * 1024;

/// Runs `compute`, and overwrites what it left on the stack.
///
/// A code is a value, and is copied from frame to frame as it is returned. A future that is made
/// afterwards takes along what stood in its place, into a box that nobody wipes. So what `compute`
/// returns is a pointer to a secret, or no secret.
pub(crate) fn leaving_no_trace<T>(compute: impl FnOnce() -> T) -> T {
    let value = in_its_own_frame(compute);
    overwrite_the_stack();
    value
}

#[inline(never)]
fn in_its_own_frame<T>(compute: impl FnOnce() -> T) -> T {
    compute()
}

#[inline(never)]
fn overwrite_the_stack() {
    let mut frame = [0_u64; OVERWRITTEN / 8];
    // As a slice: an array is wiped one number after the other.
    frame.as_mut_slice().zeroize();
}

/// Unpadded base32. Five bytes at a time, for which the encoder reserves room enough: for more it grows,
/// and gives back what it had written.
pub(crate) fn base32_of(alphabet: base32::Alphabet, bytes: &[u8]) -> Zeroizing<String> {
    let length = bytes.len().div_ceil(5).saturating_mul(8);
    let mut text = Zeroizing::new(String::with_capacity(length));
    for five in bytes.chunks(5) {
        text.push_str(&Zeroizing::new(base32::encode(alphabet, five)));
    }
    text
}

/// Deserializes text through `parse` without ever repeating what was typed.
///
/// serde's own messages quote the value they could not use, and its default visitor methods do so
/// for every type that is not expected, hence each `visit_*` is written out. An owned string from
/// the format is wiped once it has been read.
pub(crate) fn deserialize_text<'de, D, T, E>(
    deserializer: D,
    what: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: fmt::Display,
{
    let silent = SilentText { what, parse, of: core::marker::PhantomData };
    // Asked for a string, a self-describing format complains of anything else by itself, and quotes
    // it. Asked for anything, it leaves that to the visitor.
    if deserializer.is_human_readable() {
        deserializer.deserialize_any(silent)
    } else {
        deserializer.deserialize_string(silent)
    }
}

struct SilentText<F, T, E> {
    what: &'static str,
    parse: F,
    of: core::marker::PhantomData<fn() -> (T, E)>,
}

macro_rules! refuse {
    ($($method:ident: $type:ty),* $(,)?) => {
        $(fn $method<R: de::Error>(self, _: $type) -> Result<Self::Value, R> {
            Err(R::custom(format_args!("expected {}", self.what)))
        })*
    };
}

impl<'de, F, T, E> Visitor<'de> for SilentText<F, T, E>
where
    F: FnOnce(&str) -> Result<T, E>,
    E: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<R: de::Error>(self, text: &str) -> Result<T, R> {
        (self.parse)(text).map_err(R::custom)
    }

    fn visit_string<R: de::Error>(self, text: String) -> Result<T, R> {
        self.visit_str(&Zeroizing::new(text))
    }

    fn visit_byte_buf<R: de::Error>(self, bytes: Vec<u8>) -> Result<T, R> {
        drop(Zeroizing::new(bytes));
        Err(R::custom(format_args!("expected {}", self.what)))
    }

    refuse! {
        visit_bool: bool, visit_i8: i8, visit_i16: i16, visit_i32: i32, visit_i64: i64,
        visit_i128: i128, visit_u8: u8, visit_u16: u16, visit_u32: u32, visit_u64: u64,
        visit_u128: u128, visit_f32: f32, visit_f64: f64, visit_char: char, visit_bytes: &[u8],
    }

    fn visit_none<R: de::Error>(self) -> Result<T, R> {
        Err(R::custom(format_args!("expected {}", self.what)))
    }

    fn visit_unit<R: de::Error>(self) -> Result<T, R> {
        Err(R::custom(format_args!("expected {}", self.what)))
    }

    fn visit_some<D: Deserializer<'de>>(self, _: D) -> Result<T, D::Error> {
        Err(de::Error::custom(format_args!("expected {}", self.what)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, _: D) -> Result<T, D::Error> {
        Err(de::Error::custom(format_args!("expected {}", self.what)))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(de::Error::custom(format_args!("expected {}", self.what)))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(de::Error::custom(format_args!("expected {}", self.what)))
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(de::Error::custom(format_args!("expected {}", self.what)))
    }
}

/// Implements serde's traits by what was derived with `#[serde(remote = "Self")]`, in one form
/// ([`OneForm`](crate::codec::one_form::OneForm)) and with errors that repeat nothing: a derived message quotes
/// what it could not use.
macro_rules! silent_serde {
    ($($name:ty: $what:literal),* $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$name>::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$name>::deserialize(crate::codec::one_form::OneForm(deserializer))
                    .map_err(|_| serde::de::Error::custom(concat!("expected ", $what)))
            }
        }
    )*};
}
pub(crate) use silent_serde;

/// Implements `Deserialize` for a request, which is built from its members by `$build` as a host would build
/// it: in one form, no member unknown, and with errors that repeat nothing.
macro_rules! reads_request {
    ($name:ty: $what:literal, { $($members:tt)* } => |$of:ident| $build:expr) => {
        crate::values::secret::reads_request! {
            $name: $what, { $($members)* } => try |$of| Some($build)
        }
    };
    // `None` is no such request.
    ($name:ty: $what:literal, { $($(#[$meta:meta])* $member:ident: $type:ty),* $(,)? } => try $build:expr) => {
        const _: () = {
            #[derive(serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Members {
                $($(#[$meta])* $member: $type),*
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let members = Members::deserialize(crate::codec::one_form::OneForm(deserializer))
                        .map_err(|_| serde::de::Error::custom(concat!("expected ", $what)))?;
                    let build: fn(Members) -> Option<$name> = $build;
                    build(members)
                        .ok_or_else(|| serde::de::Error::custom(concat!("expected ", $what)))
                }
            }
        };
    };
}
pub(crate) use reads_request;
