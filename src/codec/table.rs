//! One table for what is written and what is read: the entries of a record, the numbers of an enum.

/// Writes and reads a type as a map. Its table has a row for each entry, in the order in which they are
/// written:
///
/// ```text
/// 0 => field                     an entry that must be there, unless `field` is an option or a list
/// 1 else default => field        always written; if it is not there, it is `default`
/// 2 unless default => field      left out if it is `default`
/// 3 => part: Type = expression   written from an expression, and read as that type
/// ```
///
/// A type whose entries are not its fields is given a name, from which the expressions take what they need
/// (perhaps through `let` before the rows), and after the table an expression that makes it of what was read.
/// What is borrowed is written without a copy.
macro_rules! record {
    (@impl [$($generic:tt)*] $type:ty {
        $($key:literal $($if:ident $default:expr)? => $field:ident),* $(,)?
    }) => {
        record! {
            @impl [$($generic)*] $type as record {
                $($key $($if $default)? => $field),*
            } Ok(Self { $($field),* })
        }
    };
    (@impl [$($generic:tt)*] $type:ty as $this:ident {
        $(let $pattern:pat = $parts:expr;)*
        $($key:literal $($if:ident $default:expr)? => $field:ident $(: $read:ty)? $(= $written:expr)?),*
        $(,)?
    } $made:expr) => {
        impl<$($generic)*> $crate::codec::cbor::Encode for $type {
            fn encode<W: $crate::codec::cbor::Sink>(&self, to: &mut $crate::codec::cbor::Out<W>) {
                let $this = self;
                $(let $pattern = $parts;)*
                $(let $field = &record!(@written $this $field $($written)?);)*
                to.map_of([$(record!(@there $field $($if $default)?)),*]);
                $(if record!(@there $field $($if $default)?) {
                    to.entry($key, |to| $crate::codec::cbor::Encode::encode($field, to));
                })*
            }
        }

        impl<'b, $($generic)*> $crate::codec::cbor::Decode<'b> for $type {
            fn decode(
                from: &mut $crate::codec::cbor::In<'b>,
            ) -> Result<Self, $crate::codec::cbor::Malformed> {
                $(let mut $field $(: Option<$read>)? = None;)*
                from.map(|key, from| match key {
                    $($key => from.once(&mut $field),)*
                    _ => Ok(false),
                })?;
                $(let $field = record!(@read $field $($if $default)?);)*
                $made
            }
        }
    };

    (@written $this:ident $field:ident) => { $this.$field };
    (@written $this:ident $field:ident $written:expr) => { $written };
    (@there $field:ident $(else $default:expr)?) => {
        !$crate::codec::cbor::Encode::is_left_out($field)
    };
    (@there $field:ident unless $default:expr) => {
        !$crate::codec::table::is($field, &$default)
    };
    (@read $field:ident) => {
        match $field {
            Some(read) => read,
            None => $crate::codec::cbor::Decode::left_out().ok_or($crate::codec::cbor::Malformed)?,
        }
    };
    (@read $field:ident $if:ident $default:expr) => { $field.unwrap_or($default) };

    (<$generic:ident: $bound:ident> $($table:tt)*) => {
        record! { @impl [$generic: $bound] $($table)* }
    };
    ($($table:tt)*) => { record! { @impl [] $($table)* } };
}
pub(crate) use record;

/// Whether two values are equal. They are of one type, so that a default need not say of which.
pub(crate) fn is<T: PartialEq>(value: &T, other: &T) -> bool {
    value == other
}

/// Writes and reads a type as what one expression makes of it, from which another makes it again.
macro_rules! kept_as {
    ($type:ty: |$this:ident| $written:expr, |$kept:ident: $as:ty| $read:expr) => {
        impl $crate::codec::cbor::Encode for $type {
            fn encode<W: $crate::codec::cbor::Sink>(&self, to: &mut $crate::codec::cbor::Out<W>) {
                let $this = self;
                $crate::codec::cbor::Encode::encode(&$written, to);
            }
        }

        impl<'b> $crate::codec::cbor::Decode<'b> for $type {
            fn decode(
                from: &mut $crate::codec::cbor::In<'b>,
            ) -> Result<Self, $crate::codec::cbor::Malformed> {
                let $kept = <$as as $crate::codec::cbor::Decode>::decode(from)?;
                $read.map_err(|_| $crate::codec::cbor::Malformed)
            }
        }
    };
}
pub(crate) use kept_as;

/// Writes and reads a type as the bytes in it.
macro_rules! kept_as_bytes {
    ($type:ident) => {
        $crate::codec::table::kept_as! {
            $type: |this| this.0, |bytes: [u8; _]| Ok::<_, core::convert::Infallible>(Self(bytes))
        }
    };
}
pub(crate) use kept_as_bytes;

/// Writes and reads a type as the text that `as_str` gives and `FromStr` reads.
macro_rules! kept_as_text {
    ($type:ident) => {
        $crate::codec::table::kept_as! { $type: |this| this.as_str(), |text: &str| text.parse() }
    };
}
pub(crate) use kept_as_text;

/// Gives each variant of an enum its number in records, encodings and hashes, which never changes its
/// meaning.
macro_rules! numbered {
    ($(#[$about:meta])* $vis:vis enum $enum:ident {
        $($(#[$doc:meta])* $variant:ident = $number:literal),* $(,)?
    }) => {
        $(#[$about])*
        $vis enum $enum {
            $($(#[$doc])* $variant),*
        }

        impl $enum {
            pub(crate) const fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number),*
                }
            }

            pub(crate) const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        $crate::codec::table::kept_as! {
            $enum: |this| this.number(), |number: u8| Self::from_number(number).ok_or(())
        }
    };
}
pub(crate) use numbered;

#[cfg(test)]
mod tests {
    use crate::codec::cbor::{Decode, In, Malformed, to_vec};

    numbered! {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Colour {
            Red = 1,
            Blue = 3,
        }
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Bead {
        colour: Colour,
        holes: Option<u8>,
        glass: bool,
        marks: Vec<[u8; 2]>,
    }

    record! { Bead { 0 => colour, 1 => holes, 2 unless false => glass, 3 unless Vec::new() => marks } }

    /// A size from -255 to 255.
    #[derive(Debug, PartialEq, Eq)]
    struct Size(i16);

    record! {
        Size as size {
            let amount = size.0.unsigned_abs();
            let (above, below) = if size.0 < 0 { (None, Some(amount)) } else { (Some(amount), None) };
            0 => above: Option<u8> = above,
            1 else 0 => below: u8 = below,
        } Ok(Self(above.map_or_else(|| -i16::from(below), i16::from)))
    }

    fn read<T: for<'b> Decode<'b>>(bytes: &[u8]) -> Result<T, Malformed> {
        In::whole(bytes, T::decode)
    }

    #[test]
    fn a_table_serves_both_directions() {
        let plain = Bead { colour: Colour::Blue, holes: None, glass: false, marks: Vec::new() };
        let whole =
            Bead { colour: Colour::Red, holes: Some(2), glass: true, marks: vec![*b"ab", *b"cd"] };
        for (bead, bytes) in [
            (plain, b"\xa1\x00\x03".as_slice()),
            (whole, b"\xa4\x00\x01\x01\x02\x02\xf5\x03\x82\x42ab\x42cd"),
        ] {
            assert_eq!(to_vec(&bead), bytes);
            assert_eq!(read(bytes), Ok(bead));
        }
        for (size, bytes) in [(7, b"\xa1\x00\x07"), (-7, b"\xa1\x01\x07")] {
            assert_eq!(to_vec(&Size(size)), bytes);
            assert_eq!(read(bytes), Ok(Size(size)));
        }
        assert_eq!(read(b"\xa0"), Ok(Size(0)), "what is not there has a default");
    }

    #[test]
    fn what_no_table_writes_is_malformed() {
        for (bytes, what) in [
            (b"\xa0".as_slice(), "no colour"),
            (b"\xa1\x00\x02", "a colour that nobody knows"),
            (b"\xa1\x00\x61a", "a text where a number belongs"),
            (b"\xa2\x00\x03\x00\x03", "a colour twice"),
            (b"\xa2\x00\x03\x01\xf6", "nothing where a number belongs"),
            (b"\xa2\x00\x03\x03\x81\x43abc", "a mark that is too long"),
            (b"\xa2\x00\x03\x03\x9f\xff", "a list of unknown length"),
        ] {
            assert_eq!(read::<Bead>(bytes), Err(Malformed), "{what}");
        }
        assert!(read::<Bead>(b"\xa2\x00\x03\x09\xf6").is_ok(), "what a newer writer added");
    }
}
