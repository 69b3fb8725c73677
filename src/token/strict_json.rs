//! JSON without room for two readings: at any depth a member may stand once in an object, and a value has
//! one form.

use core::fmt;
use std::borrow::Cow;

use core::marker::PhantomData;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::codec::one_form::OneForm;

/// How deep arrays and objects may nest.
const MAX_DEPTH: u8 = 16;

/// Reads all of `json`, an object, as a `T`; `None` if it is not JSON, not a `T`, nested deeper than
/// [`MAX_DEPTH`], has a doubled member, or an array where a `T` has an object.
pub(crate) fn from_slice<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    // Once here, so that serde_json need not look at each string again.
    let json = core::str::from_utf8(json).ok()?;
    let mut reader = serde_json::Deserializer::from_str(json);
    Once { depth: MAX_DEPTH }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    shallow(json)
}

/// The same for a `T` that admits no nesting and no unknown members, without allocating.
pub(super) fn shallow_from_slice<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    shallow(core::str::from_utf8(json).ok()?)
}

fn shallow<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = object(OneForm(&mut reader)).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// Reads a `T` from an object alone: what serde derives takes an array of the members' values too.
pub(super) fn object<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(Object(PhantomData))
}

struct Object<T>(PhantomData<fn() -> T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(OneForm(MapAccessDeserializer::new(members)))
    }
}

/// Writes `value` without spaces.
pub(super) fn to_vec<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}

/// Walks over one value and keeps nothing of it.
#[derive(Clone, Copy)]
struct Once {
    depth: u8,
}

impl Once {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("nested too deep"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Once {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        while items.next_element_seed(deeper)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        let mut names = Vec::with_capacity(8);
        while let Some(name) = members.next_key::<Name<'de>>()? {
            names.push(name.0);
            members.next_value_seed(deeper)?;
        }
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [one, next] if one == next)) {
            return Err(A::Error::custom("a member stands twice"));
        }
        Ok(())
    }
}

/// A member's name, copied only where it is written with escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
