//! Lists, page by page.

use core::fmt;
use core::num::NonZeroU16;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::crypto::pae;
use crate::engine::rule::{Context, Expire, State};
use crate::engine::{Engine, Stored};
use crate::error::{Error, RecordError};
use crate::record::kind::Kind;
use crate::store::{Listed, Place, Position, Range, Record, StoreError, Which};
use crate::values::agent_safe::{AgentSafe, sealed};
use crate::values::id::{CustomerId, InvalidId, bytes_from_base32, to_base32};
use crate::values::secret::deserialize_text;
use crate::values::time::Timestamp;

/// How many records are read at a time where all of them are.
const READ_AT_ONCE: usize = 100;
/// More than can be live of one kind: a hundred that are booked, and what was recognised within hours.
const READ_IN_ONE_CALL: usize = 1000;
/// The most items of a page.
const MAX_PAGE: u16 = 500;

/// The most kinds of which one list holds items.
const KINDS: usize = 5;
/// A kind and a position.
const STOP_LEN: usize = 1 + 8 + 16;

/// Where the next page begins. Opaque; in text lower-case Crockford base32, 40 characters for a list of one
/// kind and up to 200 for a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor(
    /// For each kind the last item before, in the order of their numbers.
    [Option<(u8, Position)>; KINDS],
);

impl Cursor {
    /// Behind the last items of several kinds, of which each is given once and in the order of their numbers.
    pub(crate) fn behind(stops: impl IntoIterator<Item = (Kind, Position)>) -> Self {
        let mut cursor = [None; KINDS];
        for (to, (kind, position)) in cursor.iter_mut().zip(stops) {
            *to = Some((kind.number(), position));
        }
        Self(cursor)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(KINDS * STOP_LEN);
        for (kind, at) in self.0.iter().flatten() {
            bytes.push(*kind);
            bytes.extend_from_slice(&at.created.unix().to_be_bytes());
            bytes.extend_from_slice(&at.id);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (stops, rest) = bytes.as_chunks::<STOP_LEN>();
        let sorted = stops.is_sorted_by(|[one, ..], [other, ..]| one < other);
        if stops.is_empty() || stops.len() > KINDS || !rest.is_empty() || !sorted {
            return None;
        }
        let mut cursor = [None; KINDS];
        for (to, [kind, stop @ ..]) in cursor.iter_mut().zip(stops) {
            let (created, id) = stop.split_at(8);
            let created = Timestamp::from_unix(u64::from_be_bytes(pae::first(created)));
            *to = Some((*kind, Position { created, id: pae::first(id) }));
        }
        // A time behind the last one would be written otherwise.
        Some(Self(cursor)).filter(|cursor| cursor.bytes() == bytes)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base32(&self.bytes()))
    }
}

impl FromStr for Cursor {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        bytes_from_base32(text).and_then(|bytes| Self::read(&bytes)).ok_or(InvalidId::Malformed)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a cursor as text", Self::from_str)
    }
}

/// Which part of a list to return: at most 100 items from the start, unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Page {
    after: Option<Cursor>,
    limit: u16,
}

impl Page {
    /// The first page.
    pub const fn first() -> Self {
        Self { after: None, limit: 100 }
    }

    /// The page that begins at `cursor`, the `next` of the page before.
    pub const fn from(cursor: Cursor) -> Self {
        Self { after: Some(cursor), limit: 100 }
    }

    /// At most so many items; 500 is the most.
    pub const fn at_most(mut self, items: NonZeroU16) -> Self {
        self.limit = if items.get() > MAX_PAGE { MAX_PAGE } else { items.get() };
        self
    }

    /// How many items it holds at most.
    pub(crate) fn limit(self) -> usize {
        usize::from(self.limit)
    }

    /// Behind which item of this kind it begins, if not with the newest.
    pub(crate) fn after(self, kind: Kind) -> Option<Position> {
        let stops = self.after.iter().flat_map(|cursor| cursor.0.iter().flatten());
        stops.copied().find(|(number, _)| *number == kind.number()).map(|(_, at)| at)
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::first()
    }
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Paged<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Cursor>,
    /// How many items of this page cannot be opened, and are left out: a key is missing, or somebody changed
    /// the row. The back end should find out why; see [keys](crate::manual::_24_keys).
    pub unreadable: usize,
}

impl<T: AgentSafe> sealed::Sealed for Paged<T> {}
impl<T: AgentSafe> AgentSafe for Paged<T> {}

/// Some of the customer's ceremonies of one kind.
pub(crate) struct Gathered<T> {
    pub(crate) items: Vec<(Position, T)>,
    pub(crate) unreadable: usize,
    /// Behind which position the list goes on, if it may.
    pub(crate) next: Option<Position>,
}

/// All of the customer's ceremonies of one kind that something depends on.
pub(crate) struct Live<T> {
    pub(crate) all: Vec<T>,
    /// How many cannot be opened. Whatever counts or excludes counts them.
    pub(crate) unreadable: usize,
    /// Why the first of these cannot.
    pub(crate) why: Option<RecordError>,
}

impl<T> Live<T> {
    /// `None` if none was `found` among all: an error, if it may be one that cannot be opened.
    pub(crate) fn or_unreadable<F>(&self, found: Option<F>) -> Result<Option<F>, RecordError> {
        match self.why {
            Some(why) if found.is_none() => Err(why),
            _ => Ok(found),
        }
    }
}

impl Engine {
    /// The customer's ceremonies of one kind, each as `show` shows it.
    pub(crate) async fn paged<C: State, T>(
        &self,
        customer: &CustomerId,
        page: Page,
        show: impl Fn(&Stored<C>, [u8; 16], Timestamp) -> Result<T, Error>,
    ) -> Result<Paged<T>, Error> {
        let now = self.clock.now()?;
        let Gathered { items, unreadable, next } = self.gather(customer, page, now, show).await?;
        let items = items.into_iter().map(|(_, item)| item).collect();
        let next = next.map(|at| Cursor::behind([(C::KIND, at)]));
        Ok(Paged { items, next, unreadable })
    }

    /// Those ceremonies of one kind that belong on `page`. Notes which time has run out.
    pub(crate) async fn gather<C: State, T>(
        &self,
        customer: &CustomerId,
        page: Page,
        now: Timestamp,
        show: impl Fn(&Stored<C>, [u8; 16], Timestamp) -> Result<T, Error>,
    ) -> Result<Gathered<T>, Error> {
        let (lane, owner) = (self.lane(customer), self.owner::<C>(customer));
        let mut gathered = Gathered { items: Vec::new(), unreadable: 0, next: page.after(C::KIND) };
        loop {
            let taken = gathered.items.len().saturating_add(gathered.unreadable);
            let limit = page.limit().saturating_sub(taken);
            if limit == 0 {
                return Ok(gathered);
            }
            let range = Range { which: Which::All, after: gathered.next, limit };
            let listed = self.store.list(lane, &owner, range, now).await?;
            for (at, record) in &listed.rows {
                let Ok(mut loaded) = self.open::<C>(at, record) else {
                    gathered.unreadable = gathered.unreadable.saturating_add(1);
                    continue;
                };
                if loaded.body.state.overdue(&self.context(&loaded, at.id, now)) {
                    let of = self.of::<C>(customer, at.id);
                    self.run(&of, &Expire).await?;
                    let Some(record) = self.store.load(&of.place, now).await? else { continue };
                    loaded = self.open::<C>(&of.place, &record)?;
                }
                let position = Position { created: record.head.created, id: at.id };
                gathered.items.push((position, show(&loaded, at.id, now)?));
            }
            gathered.next = listed.next;
            if gathered.next.is_none() {
                return Ok(gathered);
            }
        }
    }

    /// What `read` makes of each of the customer's ceremonies of kind `C` that something depends on.
    pub(crate) async fn live<C: State, T>(
        &self,
        customer: &CustomerId,
        read: impl Fn(C, &Context<'_>) -> T,
    ) -> Result<Live<T>, Error> {
        self.live_beside(self.lane(customer), self.owner::<C>(customer), read).await
    }

    /// The same, where the place of one of them is known.
    pub(crate) async fn live_beside<C: State, T>(
        &self,
        lane: u8,
        owner: [u8; 16],
        read: impl Fn(C, &Context<'_>) -> T,
    ) -> Result<Live<T>, Error> {
        let now = self.clock.now()?;
        let range = Range { which: Which::Live, after: None, limit: READ_AT_ONCE };
        let listed = self.store.list(lane, &owner, range, now).await?;
        self.live_from(lane, owner, listed, now, read).await
    }

    /// The same of two kinds: all of both is found in one call of the store.
    pub(crate) async fn live_of_both<A: State, B: State, T>(
        &self,
        customer: &CustomerId,
        read_one: impl Fn(A, &Context<'_>) -> T,
        read_other: impl Fn(B, &Context<'_>) -> T,
    ) -> Result<(Live<T>, Live<T>), Error> {
        let lane = self.lane(customer);
        let owners = [self.owner::<A>(customer), self.owner::<B>(customer)];
        let now = self.clock.now()?;
        let range = Range { which: Which::Live, after: None, limit: READ_IN_ONE_CALL };
        let listed = self.store.list_each(lane, &owners, range, now).await?;
        let missing = |_| StoreError::unavailable("the store left a list out");
        let [one, other] = <[_; 2]>::try_from(listed).map_err(missing)?;
        let [owner, other_owner] = owners;
        Ok((
            self.live_from(lane, owner, one, now, read_one).await?,
            self.live_from(lane, other_owner, other, now, read_other).await?,
        ))
    }

    /// What `read` makes of each record of `listed`, and of the parts that follow.
    async fn live_from<C: State, T>(
        &self,
        lane: u8,
        owner: [u8; 16],
        mut listed: Listed<(Place, Record), Position>,
        now: Timestamp,
        read: impl Fn(C, &Context<'_>) -> T,
    ) -> Result<Live<T>, Error> {
        let mut live = Live { all: Vec::new(), unreadable: 0, why: None };
        loop {
            for (at, record) in &listed.rows {
                let loaded = match self.open::<C>(&Place { lane, owner, id: at.id }, record) {
                    Ok(loaded) => loaded,
                    Err(why) => {
                        live.unreadable = live.unreadable.saturating_add(1);
                        live.why.get_or_insert(why);
                        continue;
                    }
                };
                let cx = self.context(&loaded, at.id, now);
                live.all.push(read(loaded.body.state, &cx));
            }
            let Some(after) = listed.next else { return Ok(live) };
            let range = Range { which: Which::Live, after: Some(after), limit: READ_AT_ONCE };
            listed = self.store.list(lane, &owner, range, now).await?;
        }
    }

    /// The context in which a record that was read is looked at.
    pub(crate) fn context<C: State>(
        &self,
        loaded: &Stored<C>,
        id: [u8; 16],
        now: Timestamp,
    ) -> Context<'_> {
        Context::of(id, loaded.body.updated, now, &self.policy)
    }
}
