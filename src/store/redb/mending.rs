//! Indexes that are damaged: what an owner's records say of themselves is filed anew.

use core::ops::Bound;

use ::redb::ReadableTable;

use super::rows::{self, Done};
use super::writes::Tables;
use crate::store::{Head, Place, Position};

/// How many records one transaction files anew in what is due.
const FILED_AT_ONCE: usize = 100;

impl Tables<'_> {
    /// Files the records of an owner anew, and drops the keys of the indexes that file nothing. It reads all of them:
    /// once, when a list has met such a key.
    pub(super) fn mend(&mut self, lane: u8, owner: &[u8; 16]) -> Done<()> {
        self.changed = true;
        for (index, length) in [(&mut self.all, rows::ALL_KEY), (&mut self.live, rows::LIVE_KEY)] {
            let mut damaged = Vec::new();
            for row in rows::of_owner(index, lane, owner)? {
                let (key, _) = row?;
                if key.value().len() != length {
                    damaged.push(key.value().to_vec());
                }
            }
            for key in damaged {
                index.remove(key.as_slice())?;
            }
        }
        for (at, head) in self.owned(lane, owner)? {
            self.file_anew(&at, head)?;
        }
        Ok(())
    }

    /// The records of an owner: where they stand, and their heads, if they have one.
    fn owned(&self, lane: u8, owner: &[u8; 16]) -> Done<Vec<(Place, Option<Head>)>> {
        let mut owned = Vec::new();
        for row in rows::of_owner(&self.records, lane, owner)? {
            let (key, row) = row?;
            owned.extend(rows::place(key.value()).map(|at| (at, rows::head(row.value()))));
        }
        Ok(owned)
    }

    fn file_anew(&mut self, at: &Place, head: Option<Head>) -> Done<()> {
        let Some(head) = head else { return self.file_cut(at) };
        let position = Position { created: head.created, id: at.id };
        let listed = rows::list_key(at.lane, &at.owner, &position);
        self.all.insert(listed.as_slice(), ())?;
        if let Some(live) = rows::live_key(at, &head) {
            self.live.insert(live.as_slice(), ())?;
        }
        self.due.insert(rows::due_key(head.retain_until, at).as_slice(), ())?;
        Ok(())
    }

    /// A row that is too short to have a head: nobody overlooks it. When it is due stays on file.
    fn file_cut(&mut self, at: &Place) -> Done<()> {
        let head = rows::no_head(rows::created(&self.all, at)?);
        if rows::filed(&self.all, at)?.is_empty() {
            let position = Position { created: head.created, id: at.id };
            self.all.insert(rows::list_key(at.lane, &at.owner, &position).as_slice(), ())?;
        }
        if rows::filed(&self.live, at)?.is_empty()
            && let Some(live) = rows::live_key(at, &head)
        {
            self.live.insert(live.as_slice(), ())?;
        }
        Ok(())
    }

    /// Files some of the records behind this one in what is due, and says whether more are to be filed: a key there does, which
    /// the next part of a purge meets first.
    pub(super) fn file_due(&mut self, behind: &[u8]) -> Done<bool> {
        let rest = (Bound::Excluded(behind), Bound::Unbounded);
        let mut found = Vec::new();
        for row in self.records.range::<&[u8]>(rest)?.take(FILED_AT_ONCE) {
            let (key, row) = row?;
            found.push((key.value().to_vec(), rows::head(row.value())));
        }
        for (key, head) in &found {
            if let Some((at, head)) = rows::place(key).zip(*head) {
                self.due.insert(rows::due_key(head.retain_until, &at).as_slice(), ())?;
            }
        }
        let is_part = found.len() >= FILED_AT_ONCE;
        let last = found.iter().map(|(key, _)| key).rfind(|key| rows::place(key).is_some());
        let Some(last) = last.filter(|_| is_part) else { return Ok(false) };
        self.due.insert(rows::to_file_key(last).as_slice(), ())?;
        Ok(true)
    }
}
