//! Between the server's types and the store's: signed numbers and byte strings of any length there.

use std::sync::Arc;

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::error::Failure;
use crate::store::{Entry, EntryId, Head, Place, Record, ScanCursor};
use crate::values::time::Timestamp;

/// A timestamp is at most the end of the year 9999.
pub(super) fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.unix()).unwrap_or(i64::MAX)
}

/// The same 64 bits. Versions are compared for equality alone.
pub(super) const fn version(version: u64) -> i64 {
    version.cast_signed()
}

/// The columns of a row, from the left.
pub(super) struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) const fn of(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn take<T: FromSql<'a>>(&mut self) -> Result<T, Failure> {
        let column = self.next;
        self.next = column.saturating_add(1);
        Ok(self.row.try_get(column)?)
    }

    pub(super) fn lane(&mut self) -> Result<u8, Failure> {
        u8::try_from(self.take::<i16>()?).map_err(|_| Failure::Foreign("a lane"))
    }

    pub(super) fn name(&mut self) -> Result<[u8; 16], Failure> {
        self.take::<&[u8]>()?.try_into().map_err(|_| Failure::Foreign("a name"))
    }

    fn time(&mut self) -> Result<Timestamp, Failure> {
        let seconds = u64::try_from(self.take::<i64>()?);
        seconds.map(Timestamp::from_unix).map_err(|_| Failure::Foreign("a time"))
    }

    pub(super) fn place(&mut self) -> Result<Place, Failure> {
        Ok(Place { lane: self.lane()?, owner: self.name()?, id: self.name()? })
    }

    pub(super) fn head(&mut self) -> Result<Head, Failure> {
        Ok(Head {
            version: self.take::<i64>()?.cast_unsigned(),
            created: self.time()?,
            live_until: self.time()?,
            retain_until: self.time()?,
        })
    }

    /// `None`: the row stands for a position alone.
    pub(super) fn sealed(&mut self) -> Result<Option<Arc<[u8]>>, Failure> {
        Ok(self.take::<Option<&[u8]>>()?.map(Arc::from))
    }

    pub(super) fn record(&mut self) -> Result<Record, Failure> {
        let head = self.head()?;
        let sealed = self.sealed()?.ok_or(Failure::Foreign("a row without bytes"))?;
        Ok(Record { head, sealed })
    }

    pub(super) fn entry(&mut self) -> Result<Entry, Failure> {
        let place = self.place()?;
        let (created, version) = (self.time()?, self.take::<i64>()?.cast_unsigned());
        let index = u16::try_from(self.take::<i32>()?);
        let index = index.map_err(|_| Failure::Foreign("an index"))?;
        let sealed = self.sealed()?.ok_or(Failure::Foreign("an entry without bytes"))?;
        Ok(Entry { id: EntryId { place, created, version, index }, sealed })
    }
}

/// What one value says, of a statement that gives one.
pub(super) fn only<T>(rows: &[Row]) -> Result<T, Failure>
where
    T: for<'a> FromSql<'a>,
{
    Columns::of(rows.first().ok_or(Failure::Foreign("no row"))?).take()
}

/// Where a scan of records goes on.
pub(super) fn place_after(cursor: &ScanCursor) -> Result<Place, Failure> {
    let bytes: &[u8; 33] = cursor.0.as_slice().try_into().map_err(|_| Failure::Cursor)?;
    let [lane, rest @ ..] = bytes;
    let (owner, id) = rest.split_at(16);
    let name = |part: &[u8]| part.try_into().map_err(|_| Failure::Cursor);
    Ok(Place { lane: *lane, owner: name(owner)?, id: name(id)? })
}

pub(super) fn cursor_at(at: &Place) -> ScanCursor {
    ScanCursor([&[at.lane][..], &at.owner, &at.id].concat())
}

/// Where a scan of entries goes on: a lane, and a number in it.
pub(super) fn entry_after(cursor: &ScanCursor) -> Result<(i16, i64), Failure> {
    let bytes: &[u8; 9] = cursor.0.as_slice().try_into().map_err(|_| Failure::Cursor)?;
    let [lane, sequence @ ..] = *bytes;
    Ok((i16::from(lane), i64::from_be_bytes(sequence)))
}

pub(super) fn cursor_at_entry(lane: u8, sequence: i64) -> ScanCursor {
    ScanCursor([&[lane][..], &sequence.to_be_bytes()].concat())
}
