//! CBOR as CTAP2 writes it: lengths in their shortest form and known beforehand. Values are walked over, and none is
//! made.

/// How deep arrays and maps may nest: certificates stand in an array in a map in the attestation's map.
const MAX_DEPTH: u8 = 8;

/// The head of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    Unsigned,
    Negative,
    Bytes(usize),
    Text(usize),
    Array(usize),
    Map(usize),
    /// False, true or null.
    Simple,
}

/// The head at the beginning of `bytes`, and what comes after it.
pub(crate) fn head(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (major, low) = (first >> 5, first & 0x1f);
    let (value, rest) = match low {
        0..24 => (u64::from(low), rest),
        24 => {
            let (value, rest) = rest.split_first()?;
            (u64::from(*value), rest)
        }
        25 => {
            let (value, rest) = rest.split_first_chunk()?;
            (u64::from(u16::from_be_bytes(*value)), rest)
        }
        26 => {
            let (value, rest) = rest.split_first_chunk()?;
            (u64::from(u32::from_be_bytes(*value)), rest)
        }
        27 => {
            let (value, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*value), rest)
        }
        // Of unknown length, or no CBOR.
        _ => return None,
    };
    let least = match low {
        24 if major == 7 => return None,
        24 => 24,
        25 => 1 << 8,
        26 => 1 << 16,
        27 => 1 << 32,
        _ => 0,
    };
    if value < least {
        return None;
    }
    let length = usize::try_from(value).ok();
    let head = match major {
        0 => Head::Unsigned,
        1 => Head::Negative,
        2 => Head::Bytes(length?),
        3 => Head::Text(length?),
        4 => Head::Array(length?),
        5 => Head::Map(length?),
        7 if (20..=22).contains(&low) => Head::Simple,
        // A tag, a floating-point number.
        _ => return None,
    };
    Some((head, rest))
}

/// A byte string at the beginning of `bytes`, and what comes after it.
pub(crate) fn byte_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match head(bytes)? {
        (Head::Bytes(length), rest) => rest.split_at_checked(length),
        _ => None,
    }
}

/// A text at the beginning of `bytes`, and what comes after it.
pub(crate) fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    match head(bytes)? {
        (Head::Text(length), rest) => {
            let (text, rest) = rest.split_at_checked(length)?;
            Some((core::str::from_utf8(text).ok()?, rest))
        }
        _ => None,
    }
}

/// What comes after a map.
pub(crate) fn after_map(bytes: &[u8]) -> Option<&[u8]> {
    matches!(head(bytes)?.0, Head::Map(_)).then(|| skip(bytes, MAX_DEPTH)).flatten()
}

/// What comes after one item of any kind.
fn skip(bytes: &[u8], depth: u8) -> Option<&[u8]> {
    let depth = depth.checked_sub(1)?;
    let (head, mut rest) = head(bytes)?;
    match head {
        Head::Unsigned | Head::Negative | Head::Simple => Some(rest),
        Head::Bytes(_) => byte_string(bytes).map(|(_, rest)| rest),
        Head::Text(_) => text(bytes).map(|(_, rest)| rest),
        Head::Array(items) => {
            for _ in 0..items {
                rest = skip(rest, depth)?;
            }
            Some(rest)
        }
        Head::Map(members) => {
            let mut last: Option<&[u8]> = None;
            for _ in 0..members {
                let after = skip(rest, depth)?;
                let key = rest.get(..rest.len().checked_sub(after.len())?)?;
                // Shorter keys first, then bytewise: in this order none stands twice.
                if last.is_some_and(|last| (last.len(), last) >= (key.len(), key)) {
                    return None;
                }
                last = Some(key);
                rest = skip(after, depth)?;
            }
            Some(rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{after_map, byte_string};

    #[test]
    fn what_ctap2_does_not_write_is_refused() {
        for (good, rest) in [
            ("a0", ""),
            ("a0ff", "ff"),
            ("a10102", ""),
            ("a2010261610a", ""),
            ("a1614181820102", ""),
            ("a10142aabb", ""),
            ("a101f5", ""),
            ("a11818f6", ""),
        ] {
            let bytes = hex::decode(good).unwrap();
            assert_eq!(after_map(&bytes), Some(hex::decode(rest).unwrap().as_slice()), "{good}");
        }
        for bad in [
            "",
            "01",
            "a1",
            "a101",
            "bf0102ff",
            "a1180102",
            "a119000102",
            "a201020102",
            "a202010102",
            "a26161010102",
            "a10142aa",
            "a161ff01",
            "a101c001",
            "a101f93c00",
            "a101f820",
            "a1015f41aaff",
            "a1011c",
            "a1018181818181818181818101",
            "a1019bffffffffffffffff",
        ] {
            let bytes = hex::decode(bad).unwrap();
            assert_eq!(after_map(&bytes), None, "{bad}");
        }
        assert_eq!(byte_string(&[0x41, 7, 8]), Some(([7].as_slice(), [8].as_slice())));
        assert_eq!(byte_string(&[0x58, 1, 7]), None, "one byte has a shorter form");
    }
}
