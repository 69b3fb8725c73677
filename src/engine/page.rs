//! Lists, page by page.

use core::cmp::Ordering;
use core::fmt;
use core::num::NonZeroU16;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::engine::rule::{Context, Expire, State};
use crate::engine::{Engine, Stored};
use crate::error::Error;
use crate::store::{Place, Range};
use crate::values::agent_safe::{AgentSafe, sealed};
use crate::values::id::{CustomerId, InvalidId, from_base32, to_base32};
use crate::values::secret::deserialize_text;
use crate::values::time::Timestamp;

/// How many records are read at a time where all of them are.
const READ_AT_ONCE: usize = 100;
/// The most items of a page.
const MAX_PAGE: u16 = 500;

/// Where the next page begins. Opaque; in text 28 characters of lower-case Crockford base32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor(
    /// The number of the kind, then the id, of the last item before.
    [u8; 17],
);

impl Cursor {
    fn after<C: State>(id: [u8; 16]) -> Self {
        let mut position = [C::KIND.number(); 17];
        for (to, from) in position.iter_mut().skip(1).zip(id) {
            *to = from;
        }
        Self(position)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base32(&self.0))
    }
}

impl FromStr for Cursor {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        from_base32(text).map(Self).ok_or(InvalidId::Malformed)
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

    /// Where the items of kind `C` begin: `None` if the page begins behind all of them.
    fn start<C: State>(&self) -> Option<Option<[u8; 16]>> {
        let Some(Cursor([kind, id @ ..])) = self.after else { return Some(None) };
        match kind.cmp(&C::KIND.number()) {
            Ordering::Less => Some(None),
            Ordering::Equal => Some(Some(id)),
            Ordering::Greater => None,
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::first()
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Paged<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Cursor>,
}

impl<T: AgentSafe> sealed::Sealed for Paged<T> {}
impl<T: AgentSafe> AgentSafe for Paged<T> {}

impl Engine {
    /// The customer's ceremonies of one kind, each as `show` shows it.
    pub(crate) async fn paged<C: State, T>(
        &self,
        customer: &CustomerId,
        page: Page,
        show: impl Fn(&Stored<C>, [u8; 16], Timestamp) -> Result<T, Error>,
    ) -> Result<Paged<T>, Error> {
        let now = self.clock.now()?;
        let mut items = Vec::new();
        let next = self.gather(customer, page, now, &mut items, show).await?;
        Ok(Paged { items, next })
    }

    /// Adds those ceremonies of one kind to `items` that `page` still has room for, and notes which
    /// time has run out. Returns where the next page begins if this one is full.
    pub(crate) async fn gather<C: State, T>(
        &self,
        customer: &CustomerId,
        page: Page,
        now: Timestamp,
        items: &mut Vec<T>,
        show: impl Fn(&Stored<C>, [u8; 16], Timestamp) -> Result<T, Error>,
    ) -> Result<Option<Cursor>, Error> {
        let Some(after) = page.start::<C>() else { return Ok(None) };
        let limit = usize::from(page.limit).saturating_sub(items.len());
        let owner = self.owner::<C>(customer);
        let listed = self.store.list(&owner, Range { after, limit }, now).await?;
        items.reserve(listed.len());
        for (at, record) in &listed {
            let of = self.of::<C>(customer, at.id);
            let mut loaded = self.open::<C>(&of.place, record)?;
            if loaded.body.state.overdue(&self.context(&loaded, at.id, now)) {
                self.run(&of, &Expire).await?;
                let Some(record) = self.store.load(&of.place, now).await? else { continue };
                loaded = self.open::<C>(&of.place, &record)?;
            }
            items.push(show(&loaded, at.id, now)?);
        }
        let last = listed.last().filter(|_| listed.len() >= limit);
        Ok(last.map(|(at, _)| Cursor::after::<C>(at.id)))
    }

    /// What `read` makes of each of the customer's ceremonies of kind `C`, in the order of their ids.
    pub(crate) async fn all_of<C: State, T>(
        &self,
        customer: &CustomerId,
        read: impl Fn(C, &Context<'_>) -> T,
    ) -> Result<Vec<T>, Error> {
        let now = self.clock.now()?;
        let owner = self.owner::<C>(customer);
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let range = Range { after, limit: READ_AT_ONCE };
            let listed = self.store.list(&owner, range, now).await?;
            for (at, record) in &listed {
                let loaded = self.open::<C>(&Place { owner, id: at.id }, record)?;
                let cx = self.context(&loaded, at.id, now);
                all.push(read(loaded.body.state, &cx));
            }
            after = listed.last().map(|(at, _)| at.id);
            if listed.len() < READ_AT_ONCE {
                return Ok(all);
            }
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
