//! Additive encoding of record bodies and history events: CBOR (RFC 8949) maps with small integer
//! keys. A reader skips keys it does not know; a writer never gives a key another meaning.

use core::convert::Infallible;
use core::num::NonZeroU32;

use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Write};

/// A value with a place in a record body.
pub(crate) trait Encode {
    /// Appends the value.
    fn encode<W: Sink>(&self, to: &mut Out<W>);

    /// Whether a map has no entry for it.
    fn is_left_out(&self) -> bool {
        false
    }
}

/// What is read back from a record body, and may borrow from it.
pub(crate) trait Decode<'b>: Sized {
    /// Reads what `encode` wrote.
    fn decode(from: &mut In<'b>) -> Result<Self, Malformed>;

    /// What it is if a map has no entry for it; `None` if it must have one.
    fn left_out() -> Option<Self> {
        None
    }
}

/// What takes bytes and cannot fail.
pub(crate) trait Sink: Write<Error = Infallible> {}

impl<W: Write<Error = Infallible>> Sink for W {}

/// A value that is encoded already.
pub(crate) struct AsEncoded<'a>(pub(crate) &'a [u8]);

impl Encode for AsEncoded<'_> {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        // `Write::Error` is `Infallible`.
        let _ = to.0.writer_mut().write_all(self.0);
    }
}

/// Where values are encoded to. Writing to memory cannot fail, so nothing here returns an error.
pub(crate) struct Out<W>(Encoder<W>);

macro_rules! writes {
    ($($(#[$doc:meta])* $name:ident($value:ident: $type:ty)),* $(,)?) => {
        $($(#[$doc])* pub(crate) fn $name(&mut self, $value: $type) {
            // `Write::Error` is `Infallible`.
            let _ = self.0.$name($value);
        })*
    };
}

impl<W: Sink> Out<W> {
    writes! {
        /// Begins a map of `entries` entries.
        map(entries: u64),
        /// Begins an array of `items` items.
        array(items: u64),
        /// A number; the key of a map entry too.
        u64(value: u64),
        /// A truth value.
        bool(value: bool),
        /// A byte string.
        bytes(value: &[u8]),
        /// A text.
        str(value: &str),
    }

    /// Begins a map of an entry for each of `there` that is.
    pub(crate) fn map_of(&mut self, there: impl IntoIterator<Item = bool>) {
        self.map(there.into_iter().map(u64::from).sum());
    }

    /// One map entry.
    pub(crate) fn entry(&mut self, key: u64, value: impl FnOnce(&mut Self)) {
        self.u64(key);
        value(self);
    }

    /// An array of what `items` yields.
    pub(crate) fn list<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.array(u64::try_from(items.len()).unwrap_or(u64::MAX));
        for item in items {
            write(self, item);
        }
    }
}

/// How many bytes `value` takes.
pub(crate) fn length(value: &impl Encode) -> usize {
    struct Count(usize);
    impl Write for &mut Count {
        type Error = Infallible;
        fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(())
        }
    }
    let mut count = Count(0);
    value.encode(&mut Out(Encoder::new(&mut count)));
    count.0
}

/// Appends `value` to `to` without ever growing its allocation, which would leave a copy behind.
/// Returns whether there was room; if not, `to` holds a part of it.
pub(crate) fn append(value: &impl Encode, to: &mut Vec<u8>) -> bool {
    struct Within<'a> {
        to: &'a mut Vec<u8>,
        room: bool,
    }
    impl Write for &mut Within<'_> {
        type Error = Infallible;
        fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
            self.room &= bytes.len() <= self.to.capacity().saturating_sub(self.to.len());
            if self.room {
                self.to.extend_from_slice(bytes);
            }
            Ok(())
        }
    }
    let mut within = Within { to, room: true };
    value.encode(&mut Out(Encoder::new(&mut within)));
    within.room
}

/// Appends `value` to `to`, which may grow: for what is no secret.
pub(crate) fn grow(value: &impl Encode, to: &mut Vec<u8>) {
    value.encode(&mut Out(Encoder::new(to)));
}

/// Appends a byte string to `to`.
pub(crate) fn append_bytes(bytes: &[u8], to: &mut Vec<u8>) {
    to.reserve(bytes.len().saturating_add(9));
    Out(Encoder::new(to)).bytes(bytes);
}

/// `value` in an allocation of its exact size.
#[cfg(any(test, fuzzing, feature = "cards"))]
pub(crate) fn to_vec(value: &impl Encode) -> Vec<u8> {
    let mut out = Vec::with_capacity(length(value));
    let room = append(value, &mut out);
    debug_assert!(room, "the length counted is exact");
    out
}

/// Reads a body. Every failure is one: the bytes are not what this crate wrote.
pub(crate) struct In<'b>(Decoder<'b>);

/// The bytes are not what this crate wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl From<DecodeError> for Malformed {
    fn from(_: DecodeError) -> Self {
        Self
    }
}

impl<'b> In<'b> {
    /// Reads exactly `bytes`: what `read` leaves over is an error.
    pub(crate) fn whole<T>(
        bytes: &'b [u8],
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let mut from = Self(Decoder::new(bytes));
        let value = read(&mut from)?;
        if from.0.position() == bytes.len() { Ok(value) } else { Err(Malformed) }
    }

    /// Reads a map; `field` reads the value of a key it knows and returns whether it did.
    pub(crate) fn map(
        &mut self,
        mut field: impl FnMut(u64, &mut Self) -> Result<bool, Malformed>,
    ) -> Result<(), Malformed> {
        let entries = self.0.map()?.ok_or(Malformed)?;
        for _ in 0..entries {
            let key = self.u64()?;
            let before = self.0.position();
            if !field(key, self)? {
                self.0.set_position(before);
                self.0.skip()?;
            }
        }
        Ok(())
    }

    /// Reads an array item by item.
    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let items = self.0.array()?.ok_or(Malformed)?;
        // Not `with_capacity`: the number is only a claim.
        let mut out = Vec::new();
        for _ in 0..items {
            out.push(item(self)?);
        }
        Ok(out)
    }

    /// Reads the value of an entry, of which there is one.
    pub(crate) fn once<T: Decode<'b>>(&mut self, value: &mut Option<T>) -> Result<bool, Malformed> {
        match value.replace(T::decode(self)?) {
            None => Ok(true),
            Some(_) => Err(Malformed),
        }
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(self.0.u64()?)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'b [u8], Malformed> {
        Ok(self.0.bytes()?)
    }

    pub(crate) fn str(&mut self) -> Result<&'b str, Malformed> {
        Ok(self.0.str()?)
    }
}

macro_rules! numbers {
    ($($type:ident),*) => {$(
        impl Encode for $type {
            fn encode<W: Sink>(&self, to: &mut Out<W>) {
                to.u64((*self).into());
            }
        }

        impl Decode<'_> for $type {
            fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
                Ok(from.0.$type()?)
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64);

impl Encode for NonZeroU32 {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        self.get().encode(to);
    }
}

impl Decode<'_> for NonZeroU32 {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        Self::new(u32::decode(from)?).ok_or(Malformed)
    }
}

impl Encode for bool {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        to.bool(*self);
    }
}

impl Decode<'_> for bool {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        Ok(from.0.bool()?)
    }
}

impl Encode for String {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        to.str(self);
    }
}

impl Decode<'_> for String {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        from.str().map(str::to_owned)
    }
}

impl Encode for str {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        to.str(self);
    }
}

impl<'b> Decode<'b> for &'b str {
    fn decode(from: &mut In<'b>) -> Result<Self, Malformed> {
        from.str()
    }
}

impl Encode for [u8] {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        to.bytes(self);
    }
}

impl<'b> Decode<'b> for &'b [u8] {
    fn decode(from: &mut In<'b>) -> Result<Self, Malformed> {
        from.bytes()
    }
}

impl<const N: usize> Encode for [u8; N] {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        to.bytes(self);
    }
}

impl<const N: usize> Decode<'_> for [u8; N] {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        from.bytes()?.try_into().map_err(|_| Malformed)
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        (**self).encode(to);
    }

    fn is_left_out(&self) -> bool {
        (**self).is_left_out()
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        if let Some(value) = self {
            value.encode(to);
        }
    }

    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<'b, T: Decode<'b>> Decode<'b> for Option<T> {
    fn decode(from: &mut In<'b>) -> Result<Self, Malformed> {
        T::decode(from).map(Some)
    }

    fn left_out() -> Option<Self> {
        Some(None)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        to.list(self.iter(), |to, item| item.encode(to));
    }
}

impl<'b, T: Decode<'b>> Decode<'b> for Vec<T> {
    fn decode(from: &mut In<'b>) -> Result<Self, Malformed> {
        from.list(T::decode)
    }

    fn left_out() -> Option<Self> {
        Some(Self::new())
    }
}

/// An array of byte strings as they are encoded, one after the other.
pub(crate) struct ByteStrings<'b> {
    pub(crate) count: u32,
    pub(crate) encoded: &'b [u8],
}

impl Encode for ByteStrings<'_> {
    fn encode<W: Sink>(&self, to: &mut Out<W>) {
        to.array(self.count.into());
        let _ = to.0.writer_mut().write_all(self.encoded);
    }
}

impl<'b> Decode<'b> for ByteStrings<'b> {
    fn decode(from: &mut In<'b>) -> Result<Self, Malformed> {
        let count = u32::try_from(from.0.array()?.ok_or(Malformed)?).map_err(|_| Malformed)?;
        let start = from.0.position();
        for _ in 0..count {
            from.0.bytes()?;
        }
        let encoded = from.0.input().get(start..from.0.position()).ok_or(Malformed)?;
        Ok(Self { count, encoded })
    }
}

#[cfg(test)]
mod tests {
    use super::{In, Malformed, Out};
    use minicbor::encode::Encoder;

    fn written(write: impl FnOnce(&mut Out<&mut Vec<u8>>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut Out(Encoder::new(&mut bytes)));
        bytes
    }

    fn read(bytes: &[u8]) -> Result<(Option<u64>, Option<String>), Malformed> {
        let (mut number, mut text) = (None, None);
        In::whole(bytes, |from| {
            from.map(|key, from| {
                match key {
                    0 => number = Some(from.u64()?),
                    1 => text = Some(from.str()?.to_owned()),
                    _ => return Ok(false),
                }
                Ok(true)
            })
        })?;
        Ok((number, text))
    }

    #[test]
    fn an_older_reader_skips_what_a_newer_writer_added() {
        let bytes = written(|to| {
            to.map(4);
            to.entry(0, |to| to.u64(7));
            to.entry(9, |to| to.list([1_u64, 2].into_iter(), |to, n| to.u64(n)));
            to.entry(1, |to| to.str("seven"));
            to.entry(10, |to| {
                to.map(1);
                to.entry(0, |to| to.bytes(b"nested"));
            });
        });
        assert_eq!(read(&bytes), Ok((Some(7), Some("seven".to_owned()))));
    }

    #[test]
    fn a_newer_reader_sees_that_an_older_writer_left_something_out() {
        let bytes = written(|to| {
            to.map(1);
            to.entry(0, |to| to.u64(7));
        });
        assert_eq!(read(&bytes), Ok((Some(7), None)));
    }

    #[test]
    fn anything_else_is_malformed() {
        let bytes = written(|to| {
            to.map(2);
            to.entry(0, |to| to.u64(7));
            to.entry(1, |to| to.str("seven"));
        });
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length]), Err(Malformed), "{length}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(read(&longer), Err(Malformed), "something follows");
        assert_eq!(read(b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff"), Err(Malformed), "a huge map");
        assert_eq!(read(b"\xbf\xff"), Err(Malformed), "a map of unknown length");
        assert_eq!(read(b"\xa1\x00\x61a"), Err(Malformed), "a text where a number belongs");
    }
}
