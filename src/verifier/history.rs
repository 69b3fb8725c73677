//! Reading histories and lists, page by page.

use core::cmp::Ordering;
use core::fmt;
use core::num::NonZeroU16;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Verifier;
use crate::ceremony::callback::CallbackState;
use crate::ceremony::challenge::ChallengeState;
use crate::ceremony::credential::CredentialState;
#[cfg(feature = "cards")]
use crate::ceremony::payment::PaymentState;
use crate::ceremony::step_up::StepUpState;
use crate::ceremony::{Context, Expire, State};
use crate::engine::Loaded;
use crate::error::{Error, Refused};
use crate::history::{CeremonyHistory, Subject};
use crate::id::{CustomerId, InvalidId, from_base32, to_base32};
use crate::secret::deserialize_text;
use crate::store::{Place, Range};
use crate::time::Timestamp;
use crate::token::{HistoryHeadData, MAX_HISTORY_HEAD_LIFETIME, TokenId};

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

impl<T: crate::AgentSafe> crate::agent_safe::sealed::Sealed for Paged<T> {}
impl<T: crate::AgentSafe> crate::AgentSafe for Paged<T> {}

/// The kinds of ceremonies that have a history, in the order in which they are listed, which is that
/// of their numbers. A new kind is one line more.
macro_rules! ceremonies {
    ($($(#[$meta:meta])* $subject:ident: $state:ty),* $(,)?) => {
        const _: () = {
            let mut last = 0;
            $($(#[$meta])* {
                assert!(last < <$state>::KIND.number(), "kinds stand in the order of their numbers");
                last = <$state>::KIND.number();
            })*
            assert!(last > 0, "there are some");
        };

        impl Verifier {
            /// The histories on `page`, kind by kind.
            async fn histories(
                &self,
                customer: &CustomerId,
                page: Page,
                now: Timestamp,
            ) -> Result<Paged<CeremonyHistory>, Error> {
                let mut items = Vec::new();
                $($(#[$meta])* {
                    let next = self.gather(customer, page, now, &mut items, history::<$state>).await?;
                    if next.is_some() {
                        return Ok(Paged { items, next });
                    }
                })*
                Ok(Paged { items, next: None })
            }

            /// One history, and until when its record is kept.
            async fn history_of(
                &self,
                customer: &CustomerId,
                subject: Subject,
                now: Timestamp,
            ) -> Result<(CeremonyHistory, Timestamp), Error> {
                match subject {
                    $($(#[$meta])* Subject::$subject(id) => self.one::<$state>(customer, id.0, now).await,)*
                    // The others have no events.
                    _ => Err(Refused.into()),
                }
            }
        }
    };
}

ceremonies! {
    Callback: CallbackState,
    Challenge: ChallengeState,
    Credential: CredentialState,
    StepUp: StepUpState,
    #[cfg(feature = "cards")]
    Payment: PaymentState,
}

fn history<C: State>(
    loaded: &Loaded<C>,
    id: [u8; 16],
    _: Timestamp,
) -> Result<CeremonyHistory, Error> {
    Ok(loaded.body.history.read(C::subject(id))?)
}

impl Verifier {
    /// What happened in all of the customer's ceremonies: one history each, every one checked against
    /// the head of its hash chain. Callbacks come first, then challenges, credentials, step-ups and payments, each in
    /// the order of their ids; a page may hold the last of one kind and the first of the next.
    ///
    /// It names agents and reasons of refusals, so it is for the back end and for the customer whose it
    /// is, not for an agent.
    ///
    /// # Errors
    ///
    /// [`Error::Record`] if a record was damaged, or its events were edited, reordered or left out;
    /// [`Error::Store`], [`Error::Clock`]; [`Error::Busy`] or [`Error::Random`] while noting that
    /// time has run out.
    pub async fn history(
        &self,
        customer: &CustomerId,
        page: Page,
    ) -> Result<Paged<CeremonyHistory>, Error> {
        let now = self.0.clock.now()?;
        self.histories(customer, page, now).await
    }

    /// A signed receipt for the history of one ceremony as it now stands, for the customer's app to
    /// keep. With it [`Device::check_history`](crate::Device::check_history) notices later whether
    /// that history only grew. It is valid for as long as the record is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the customer has no such ceremony;
    /// [`ConfigError::NoSigningKey`](crate::ConfigError::NoSigningKey); [`Error::Internal`] if the store showed a
    /// record that is no longer retained; otherwise as [`history`](Self::history).
    pub async fn history_receipt(
        &self,
        customer: &CustomerId,
        subject: Subject,
    ) -> Result<String, Error> {
        let signing = self.signing_key()?;
        let now = self.0.clock.now()?;
        let (history, retain_until) = self.history_of(customer, subject, now).await?;
        let mut id = [0; 16];
        self.0.random.fill(&mut id)?;
        // Nothing is left of it if the record is no longer retained, which a store should not have shown.
        let valid_for = retain_until.since(now).min(MAX_HISTORY_HEAD_LIFETIME);
        let data = HistoryHeadData::of(&history);
        self.0.sign(signing, customer, TokenId::from_bytes(id), now, valid_for, data)
    }

    async fn one<C: State>(
        &self,
        customer: &CustomerId,
        id: [u8; 16],
        now: Timestamp,
    ) -> Result<(CeremonyHistory, Timestamp), Error> {
        let of = self.of::<C>(customer, id);
        let record = self.0.store.load(&of.place, now).await?.ok_or(Refused)?;
        let loaded = self.open::<C>(&of.place, &record)?;
        Ok((history(&loaded, id, now)?, record.retain_until))
    }

    /// The customer's ceremonies of one kind, each as `show` shows it.
    pub(super) async fn paged<C: State, T>(
        &self,
        customer: &CustomerId,
        page: Page,
        show: impl Fn(&Loaded<C>, [u8; 16], Timestamp) -> Result<T, Error>,
    ) -> Result<Paged<T>, Error> {
        let now = self.0.clock.now()?;
        let mut items = Vec::new();
        let next = self.gather(customer, page, now, &mut items, show).await?;
        Ok(Paged { items, next })
    }

    /// Adds those ceremonies of one kind to `items` that `page` still has room for, and notes which
    /// time has run out. Returns where the next page begins if this one is full.
    async fn gather<C: State, T>(
        &self,
        customer: &CustomerId,
        page: Page,
        now: Timestamp,
        items: &mut Vec<T>,
        show: impl Fn(&Loaded<C>, [u8; 16], Timestamp) -> Result<T, Error>,
    ) -> Result<Option<Cursor>, Error> {
        let Some(after) = page.start::<C>() else { return Ok(None) };
        let limit = usize::from(page.limit).saturating_sub(items.len());
        let owner = self.owner::<C>(customer);
        let listed = self.0.store.list(&owner, Range { after, limit }, now).await?;
        items.reserve(listed.len());
        for (at, record) in &listed {
            let of = self.of::<C>(customer, at.id);
            let mut loaded = self.open::<C>(&of.place, record)?;
            if loaded.body.state.overdue(&self.context(&loaded, at.id, now)) {
                self.drive(&of, &Expire).await?;
                let Some(record) = self.0.store.load(&of.place, now).await? else { continue };
                loaded = self.open::<C>(&of.place, &record)?;
            }
            items.push(show(&loaded, at.id, now)?);
        }
        let last = listed.last().filter(|_| listed.len() >= limit);
        Ok(last.map(|(at, _)| Cursor::after::<C>(at.id)))
    }

    /// What `read` makes of each of the customer's ceremonies of kind `C`, in the order of their ids.
    pub(super) async fn all_of<C: State, T>(
        &self,
        customer: &CustomerId,
        read: impl Fn(C, &Context<'_>) -> T,
    ) -> Result<Vec<T>, Error> {
        let now = self.0.clock.now()?;
        let owner = self.owner::<C>(customer);
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let range = Range { after, limit: READ_AT_ONCE };
            let listed = self.0.store.list(&owner, range, now).await?;
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
    pub(super) fn context<C: State>(
        &self,
        loaded: &Loaded<C>,
        id: [u8; 16],
        now: Timestamp,
    ) -> Context<'_> {
        let later = now.max(loaded.body.updated);
        Context { now: later, clock: now, policy: &self.0.policy, id }
    }
}
