//! Single rows: comparing and setting, what comes back, retention, deleting.

use std::sync::Arc;

use super::part::{Part, ending, random_bytes, random_version};
use super::{Checked, answer, broken, expect};
use crate::store::{Expected, Head, Place, Put, Range, Record, Store, Which};
use crate::values::time::Timestamp;

/// A signed 64-bit column must do.
const LAST_VERSION: u64 = i64::MAX.unsigned_abs();

/// How many times 256 bytes a long record has.
const LONG: usize = 2048;

const REFUSED: &str = "a refused write leaves everything as it was";

pub(super) async fn compare_and_set<S: Store>(part: &Part<S>) -> Checked {
    let at = part.place();
    let first = random_version() >> 33;
    let [one, two, three] =
        [0_u64, 1, 2].map(|n| part.record(first.saturating_add(n), n.to_string().as_bytes()));
    let put = async |expected, new: &Record| part.put(&at, expected, new, &[], part.now).await;
    part.is("an empty place loads as none", &at, None).await?;
    let rule = "an absent record has no head";
    expect(rule, put(Expected::Head(one.head), &two).await, &Put::Conflict)?;
    part.is(REFUSED, &at, None).await?;
    part.first(&at, &one).await?;
    part.is("what was stored is loaded", &at, Some(&one)).await?;
    let rule = "a first record is not stored over another";
    expect(rule, put(Expected::Absent, &three).await, &Put::Conflict)?;
    let rule = "a record is not replaced by expecting another version";
    for other in [two.head, part.head(first.saturating_sub(1)), part.head(0)] {
        expect(rule, put(Expected::Head(other), &three).await, &Put::Conflict)?;
    }
    part.is(REFUSED, &at, Some(&one)).await?;
    part.replace(&at, &one, &two).await?;
    part.is("the new record is loaded", &at, Some(&two)).await?;
    let rule = "a version can be replaced once";
    expect(rule, put(Expected::Head(one.head), &three).await, &Put::Conflict)?;
    part.is(REFUSED, &at, Some(&two)).await
}

/// Places that a store must not take for one.
pub(super) async fn places<S: Store>(part: &Part<S>) -> Checked {
    let base = part.place();
    let with_owner = |owner| Place { owner, ..base };
    let with_id = |id| Place { id, ..base };
    let of = |bytes: [u8; 16], change: u128| (u128::from_be_bytes(bytes) ^ change).to_be_bytes();
    let mut places = vec![base];
    places.extend([1, 0x80, 0xFF].map(|bits| Place { lane: base.lane ^ bits, ..base }));
    // One bit in the first byte, in the middle and in the last byte.
    for change in [1 << 127, 1 << 120, 1 << 64, 1 << 63, 1 << 32, 0x20, 1] {
        places.push(with_owner(of(base.owner, change)));
        places.push(with_id(of(base.id, change)));
    }
    // What a column of characters drops.
    for last in [0x00, 0x20, 0x0A, 0xFF] {
        let bare = ending(random_bytes(), last);
        let twice =
            (u128::from_be_bytes(bare) >> 16 << 16) | u128::from(last) << 8 | u128::from(last);
        for bytes in [bare, twice.to_be_bytes(), [last; 16]] {
            places.push(with_id(bytes));
        }
        places.push(with_owner(ending(base.owner, last)));
    }
    places.push(with_id(ending(base.id, 0)));
    // What a comparison without case takes for one: of letters, with accents too, and of base64.
    for bytes in [b'A', b'a', 0xC4, 0xE4] {
        places.push(with_id([bytes; 16]));
        places.push(with_owner([bytes; 16]));
    }
    for letter in [*b"base64, upper ca", *b"BASE64, UPPER CA"] {
        places.push(with_id(letter));
    }
    for group in [0, 26] {
        let repeated = (0..21).fold(0_u128, |bits, _| bits << 6 | group) << 2;
        places.push(with_id(repeated.to_be_bytes()));
    }
    places.push(Place { owner: base.id, id: base.owner, ..base });
    places.sort_unstable();
    places.dedup();

    let rule = "places with another lane, owner or id are others";
    let records: Vec<(Place, Record)> =
        (1_u64..).zip(places).map(|(n, at)| (at, part.record(n, &n.to_be_bytes()))).collect();
    for (at, record) in &records {
        part.is(rule, at, None).await?;
        let put = part.put(at, Expected::Absent, record, &[], part.now).await;
        expect(rule, put, &Put::Stored)?;
    }
    for (at, record) in &records {
        part.is(rule, at, Some(record)).await?;
    }
    Ok(())
}

/// Versions that other types than a 64-bit integer take for one, or order wrongly.
pub(super) async fn versions<S: Store>(part: &Part<S>) -> Checked {
    let rule = "versions up to 2^63-1 are kept and compared exactly";
    let pairs = [
        (0, 1 << 31),
        (9, 10),
        (5, (1 << 31) + 5),
        ((1 << 31) - 1, 1 << 31),
        (u64::from(u32::MAX), 1 << 32),
        (1, (1 << 32) + 1),
        ((1 << 53) + 1, 1 << 53),
        (999_999_999_999_999_999, 1_000_000_000_000_000_000),
        (LAST_VERSION - 1, LAST_VERSION),
    ];
    for (version, another) in pairs {
        let at = part.place();
        let [old, new] = [version, another].map(|n| part.record(n, n.to_string().as_bytes()));
        part.first(&at, &old).await?;
        part.is(rule, &at, Some(&old)).await?;
        let put = part.put(&at, Expected::Head(new.head), &new, &[], part.now).await;
        expect(rule, put, &Put::Conflict)?;
        let put = part.put(&at, Expected::Head(old.head), &new, &[], part.now).await;
        expect(rule, put, &Put::Stored)?;
        part.is(rule, &at, Some(&new)).await?;
        let put = part.put(&at, Expected::Head(old.head), &old, &[], part.now).await;
        expect(rule, put, &Put::Conflict)?;
    }
    Ok(())
}

/// Everything of a record comes back as it was given.
pub(super) async fn bytes<S: Store>(part: &Part<S>) -> Checked {
    let all: Vec<u8> = (0..=u8::MAX).cycle().take(64 * 1024).collect();
    let contents: [&[u8]; 8] =
        [b"", b"\0", b" ", b"null", b"\xFF\0\xFE", b"a\0b\0", b"\xC3\x28 \r\n", &all];
    for content in contents {
        let at = part.place();
        let old = Record { sealed: Arc::from(b"before".as_slice()), ..part.record(1, content) };
        let new = part.record(2, content);
        part.first(&at, &new).await?;
        part.is("sealed bytes come back unchanged", &at, Some(&new)).await?;
        let at = part.place();
        part.first(&at, &old).await?;
        part.replace(&at, &old, &new).await?;
        part.is("sealed bytes come back unchanged", &at, Some(&new)).await?;
    }
    let rule = "times from 1970 to the end of 9999 come back unchanged";
    let times =
        [Timestamp::EPOCH, Timestamp::from_unix(1), part.now, Timestamp::from_unix(1 << 31)];
    for time in times.into_iter().chain([Timestamp::from_unix(1 << 32), Timestamp::MAX]) {
        let at = part.place();
        for (created, live_until, retain_until) in [
            (time, part.later(60), Timestamp::MAX),
            (part.ago(60), time, part.later(7200).max(time)),
        ] {
            let at = Place { id: random_bytes(), ..at };
            let head = Head { version: 7, created, live_until, retain_until };
            let old = Record { head, sealed: Arc::from(b"times".as_slice()) };
            part.first(&at, &old).await?;
            part.is(rule, &at, Some(&old)).await?;
            let new = Record { head: Head { version: 8, ..head }, ..old.clone() };
            part.replace(&at, &old, &new).await?;
            part.is(rule, &at, Some(&new)).await?;
        }
    }
    Ok(())
}

/// Longer than any record of the crate, and than parts that servers give at once.
pub(super) async fn long<S: Store>(part: &Part<S>) -> Checked {
    let rule = "a record of 512 KiB is stored, listed, and comes back unchanged";
    let bytes = |first: u8| {
        let run: Vec<u8> = (0..=u8::MAX).map(|byte| byte.wrapping_add(first)).collect();
        run.repeat(LONG)
    };
    let mut rows = Vec::new();
    for first in 0..4 {
        let at = part.place();
        let old = part.record(1, &bytes(first));
        let new = part.record(2, &bytes(first.saturating_add(9)));
        for (expected, record) in [(Expected::Absent, &old), (Expected::Head(old.head), &new)] {
            let put = part.put(&at, expected, record, &[], part.now).await;
            expect(rule, put, &Put::Stored)?;
            part.is(rule, &at, Some(record)).await?;
        }
        rows.push((at, new));
    }
    let (mut listed, mut after) = (Vec::new(), None);
    for _ in 0..=rows.len().saturating_mul(2) {
        let range = Range { which: Which::All, after, limit: 100 };
        let found = part.store.list(part.lane, &part.owner, range, part.now).await;
        let found = answer(rule, found)?;
        listed.extend(found.rows);
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    listed.sort_unstable_by_key(|(at, _)| *at);
    rows.sort_unstable_by_key(|(at, _)| *at);
    if listed == rows { Ok(()) } else { broken(rule, (listed.len(), rows.len())) }
}

pub(super) async fn retention<S: Store>(part: &Part<S>) -> Checked {
    let rule = "from its end of retention on a record counts as absent";
    let at = part.place();
    // Read with clocks that are ahead: to the server's own it is retained all the while.
    let end = part.later(7200);
    let record = Record {
        head: Head { retain_until: end, ..part.head(random_version()) },
        ..part.record(1, b"short")
    };
    part.first(&at, &record).await?;
    let until = "a record is retained until just before its end";
    part.is_at(until, &at, Some(&record), part.later(7199)).await?;
    part.is_at(rule, &at, None, end).await?;
    part.is_at(rule, &at, None, part.later(7201)).await?;
    part.is_at(rule, &at, None, Timestamp::MAX).await?;
    part.is_at(until, &at, Some(&record), part.now).await?;

    // Written with clocks that are behind. The store may have deleted it by now, or not.
    let old = Record {
        head: Head { retain_until: part.ago(60), ..part.head(5) },
        ..part.record(5, b"over")
    };
    for (now, stored) in [(part.ago(60), true), (part.now, true)] {
        let at = part.place();
        part.past(&at, &old).await?;
        part.is_at(rule, &at, None, now).await?;
        let new = part.record(6, b"anew");
        // One that a store would file where the old one is filed, and one that it would not.
        let alike = Record { head: Head { version: 6, ..old.head }, ..new.clone() };
        for over in [&alike, &new] {
            let put = part.put(&at, Expected::Head(old.head), over, &[], now).await;
            expect(rule, put, &Put::Conflict)?;
        }
        let put = part.put(&at, Expected::Absent, &new, &[], now).await;
        let rule = "a first record takes the place of one no longer retained";
        expect(rule, put, if stored { &Put::Stored } else { &Put::Conflict })?;
        part.is(rule, &at, Some(&new)).await?;
    }
    Ok(())
}

pub(super) async fn deleting<S: Store>(part: &Part<S>) -> Checked {
    let at = part.place();
    let [one, two, three] = [41, 42, 43].map(|n| part.record(n, &n.to_be_bytes()));
    let delete = async |head| part.store.delete(&at, head).await;
    let rule = "where nothing stands nothing is deleted";
    expect(rule, delete(one.head).await, &Put::Conflict)?;
    part.first(&at, &one).await?;
    part.replace(&at, &one, &two).await?;
    let rule = "a record is not deleted by expecting another version";
    for other in [one.head, three.head] {
        expect(rule, delete(other).await, &Put::Conflict)?;
        part.is(rule, &at, Some(&two)).await?;
    }
    let rule = "a record is deleted by expecting its head";
    expect(rule, delete(two.head).await, &Put::Stored)?;
    part.is(rule, &at, None).await?;
    part.is_at(rule, &at, None, Timestamp::EPOCH).await?;
    expect("a record is deleted once", delete(two.head).await, &Put::Conflict)?;
    let put = part.put(&at, Expected::Head(two.head), &three, &[], part.now).await;
    expect("a record that was deleted is not replaced", put, &Put::Conflict)?;
    part.first(&at, &three).await?;
    part.is("where a record was deleted another is stored", &at, Some(&three)).await?;

    // No longer retained: the store may have deleted it before.
    let at = part.place();
    let old = Record {
        head: Head { retain_until: part.ago(3 * 3600), ..part.head(8) },
        ..part.record(8, b"over")
    };
    part.past(&at, &old).await?;
    let rule = "a record that is no longer retained can be deleted";
    let _ = answer(rule, part.store.delete(&at, old.head).await)?;
    part.is_at(rule, &at, None, Timestamp::EPOCH).await
}
