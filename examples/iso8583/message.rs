//! A message of ISO 8583:1987 as text: type, bitmaps in hexadecimal, fields in ASCII. (PyPI's pyiso8583 calls this form
//! `default_ascii`. Others pack digits and bitmaps in binary, or write EBCDIC: that is a matter of this file alone.)

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

/// A message: its type and its fields. Fields are wiped when it is dropped; `Debug` shows which there are.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Message {
    kind: [u8; 4],
    fields: BTreeMap<u8, Zeroizing<String>>,
}

/// The bytes are no message of this form, or a field does not fit into its place. Not which bytes: they may be a card's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The type, or the bitmaps.
    Head,
    /// The field of this number.
    Field(u8),
    /// Something follows the last field.
    Tail,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("no message of ISO 8583"),
            Self::Field(number) => write!(f, "field {number} does not fit"),
            Self::Tail => f.write_str("something follows the message"),
        }
    }
}

impl std::error::Error for Malformed {}

/// How a field is written: in how many digits its length stands before it, and its greatest length (its only one, if no
/// length is written).
const fn form(field: u8) -> (usize, usize) {
    match field {
        1 | 52 | 53 | 64 | 65 | 86..=89 | 96 | 128 => (0, 16),
        2 => (2, 19),
        3 | 11 | 12 | 38 | 73 => (0, 6),
        4..=6 | 37 | 82..=85 => (0, 12),
        7 | 74..=81 => (0, 10),
        8..=10 | 41 => (0, 8),
        13..=18 | 71 | 72 => (0, 4),
        19..=24 | 40 | 49..=51 | 68..=70 => (0, 3),
        25 | 26 | 39 | 67 | 92 => (0, 2),
        27 | 66 | 91 => (0, 1),
        28..=31 => (0, 9),
        32 | 33 | 99 | 100 => (2, 11),
        34 | 102 | 103 => (2, 28),
        35 => (2, 37),
        36 => (3, 104),
        42 => (0, 15),
        43 => (0, 40),
        44 => (2, 25),
        45 => (2, 76),
        54 => (3, 240),
        55 => (3, 510),
        90 | 95 => (0, 42),
        93 => (0, 5),
        94 => (0, 7),
        97 => (0, 17),
        98 => (0, 25),
        101 => (2, 17),
        104 => (3, 100),
        // 46 to 48, 56 to 63, 105 to 127.
        _ => (3, 999),
    }
}

impl Message {
    /// An empty message of a type, such as `b"0100"`.
    pub(crate) fn new(kind: &[u8; 4]) -> Self {
        Self { kind: *kind, fields: BTreeMap::new() }
    }

    /// The type.
    pub(crate) fn kind(&self) -> &str {
        str::from_utf8(&self.kind).unwrap_or_default()
    }

    /// Field `number`, if it is there.
    pub(crate) fn get(&self, number: u8) -> Option<&str> {
        self.fields.get(&number).map(|field| field.as_str())
    }

    /// With field `number` (2 to 128); in the place of what stood there.
    pub(crate) fn with(mut self, number: u8, text: impl Into<String>) -> Self {
        self.fields.insert(number, Zeroizing::new(text.into()));
        self
    }

    /// Without field `number`.
    pub(crate) fn without(mut self, number: u8) -> Self {
        self.fields.remove(&number);
        self
    }

    /// The same fields under another type.
    pub(crate) fn of_kind(mut self, kind: &[u8; 4]) -> Self {
        self.kind = *kind;
        self
    }

    /// The same said again: the type's last digit says that it is a repeat (0101 for 0100).
    pub(crate) fn repeated(mut self) -> Self {
        self.kind[3] = b'1';
        self
    }

    /// The message in bytes.
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        if !self.kind.iter().all(u8::is_ascii_digit) {
            return Err(Malformed::Head);
        }
        // Grown once: what a vector leaves behind as it grows is not wiped.
        let length: usize = self.fields.values().map(|field| field.len() + 3).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(4 + 32 + length));
        bytes.extend(self.kind);
        let mut bits: u128 = 0;
        for number in self.fields.keys() {
            if !(2..=128).contains(number) {
                return Err(Malformed::Field(*number));
            }
            bits |= 1 << (128 - u32::from(*number));
        }
        // The first bit says that there is a second bitmap.
        if bits.trailing_zeros() < 64 {
            bytes.extend(format!("{:032X}", bits | 1 << 127).bytes());
        } else {
            bytes.extend(format!("{:016X}", bits >> 64).bytes());
        }
        for (number, field) in &self.fields {
            let (digits, longest) = form(*number);
            let fits = if digits == 0 { field.len() == longest } else { field.len() <= longest };
            if !fits || !field.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                return Err(Malformed::Field(*number));
            }
            if digits > 0 {
                bytes.extend(format!("{:0digits$}", field.len()).bytes());
            }
            bytes.extend(field.bytes());
        }
        Ok(bytes)
    }

    /// Reads what [`encode`](Self::encode) writes, and nothing else.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = bytes;
        let kind: [u8; 4] = taken(&mut rest, 4, Malformed::Head)?.try_into().unwrap_or_default();
        if !kind.iter().all(u8::is_ascii_digit) {
            return Err(Malformed::Head);
        }
        let mut bits = u128::from(bitmap(&mut rest)?) << 64;
        if bits >> 127 == 1 {
            let second = bitmap(&mut rest)?;
            if second == 0 {
                return Err(Malformed::Head);
            }
            bits |= u128::from(second);
        }
        let mut fields = BTreeMap::new();
        for number in 2..=128_u8 {
            if bits >> (128 - u32::from(number)) & 1 == 0 {
                continue;
            }
            let wrong = Malformed::Field(number);
            let (digits, longest) = form(number);
            let length = if digits == 0 {
                longest
            } else {
                let length = taken(&mut rest, digits, wrong)?;
                if !length.iter().all(u8::is_ascii_digit) {
                    return Err(wrong);
                }
                str::from_utf8(length).ok().and_then(|text| text.parse().ok()).ok_or(wrong)?
            };
            let field = taken(&mut rest, length, wrong)?;
            if length > longest || !field.iter().all(|byte| (b' '..=b'~').contains(byte)) {
                return Err(wrong);
            }
            let field = str::from_utf8(field).map_err(|_| wrong)?;
            fields.insert(number, Zeroizing::new(field.to_owned()));
        }
        if rest.is_empty() { Ok(Self { kind, fields }) } else { Err(Malformed::Tail) }
    }
}

fn taken<'a>(rest: &mut &'a [u8], length: usize, wrong: Malformed) -> Result<&'a [u8], Malformed> {
    let (taken, left) = rest.split_at_checked(length).ok_or(wrong)?;
    *rest = left;
    Ok(taken)
}

fn bitmap(rest: &mut &[u8]) -> Result<u64, Malformed> {
    let digits = taken(rest, 16, Malformed::Head)?;
    if !digits.iter().all(|digit| digit.is_ascii_digit() || (b'A'..=b'F').contains(digit)) {
        return Err(Malformed::Head);
    }
    let digits = str::from_utf8(digits).map_err(|_| Malformed::Head)?;
    u64::from_str_radix(digits, 16).map_err(|_| Malformed::Head)
}

/// For people: what is a card's is masked.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind())?;
        for (number, field) in &self.fields {
            match number {
                2 => write!(f, " 2=…{}", field.get(field.len().saturating_sub(4)..).unwrap_or(""))?,
                // Expiry, tracks, PIN, private data, in which the verification code is, and the address.
                14 | 35 | 36 | 45 | 48 | 52 | 123 => write!(f, " {number}=[REDACTED]")?,
                _ => write!(f, " {number}={}", field.trim_end())?,
            }
        }
        Ok(())
    }
}

/// Which fields there are, and no more of them.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind(), self.fields.keys())
    }
}
