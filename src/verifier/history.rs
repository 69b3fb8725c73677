//! Reading histories and lists, page by page.

use core::fmt;
use core::num::NonZeroU16;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Verifier;
use super::driver::Loaded;
use crate::ceremony::callback::{CallbackState, Expire};
use crate::ceremony::credential::CredentialState;
use crate::ceremony::step_up::StepUpState;
use crate::ceremony::{Context, State};
use crate::error::{ConfigError, Error, Refused};
use crate::history::{CeremonyHistory, Subject};
use crate::id::{CustomerId, InvalidId, from_base32, to_base32};
use crate::secret::deserialize_text;
use crate::store::Range;
use crate::time::Timestamp;
use crate::token::{Audience, Claims, HistoryHeadData, MAX_HISTORY_HEAD_LIFETIME, TokenId};

/// The most items of a page.
const MAX_PAGE: u16 = 500;

/// Where the next page begins. Opaque; in text 26 characters of lower-case Crockford base32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor(pub(super) [u8; 16]);

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
    pub(super) after: Option<Cursor>,
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

    pub(super) const fn limit(&self) -> usize {
        // Lossless: `usize::from` is not const.
        self.limit as usize
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

impl Verifier {
    /// What happened in the customer's callbacks ([`Credentials::history`](crate::Credentials::history)
    /// shows those of credentials): one history each, in the order of their ids,
    /// every one checked against the head of its hash chain.
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
        let owner = self.owner::<CallbackState>(customer);
        let range = Range { after: page.after.map(|cursor| cursor.0), limit: page.limit() };
        let listed = self.0.store.list(&owner, range, now).await?;
        let mut items = Vec::with_capacity(listed.len());
        for (at, record) in &listed {
            let of = self.of::<CallbackState>(customer, at.id);
            let mut loaded = self.open::<CallbackState>(&of.place, record)?;
            if loaded.body.state.overdue(&self.context(&loaded, at.id, now)) {
                self.drive(&of, &Expire).await?;
                let Some(record) = self.0.store.load(&of.place, now).await? else { continue };
                loaded = self.open::<CallbackState>(&of.place, &record)?;
            }
            let subject = CallbackState::subject(at.id);
            let history = loaded.body.history.read(subject)?;
            items.push(history);
        }
        let next = listed.last().filter(|_| listed.len() >= page.limit());
        Ok(Paged { next: next.map(|(at, _)| Cursor(at.id)), items })
    }

    /// A signed receipt for the history of one ceremony as it now stands, for the customer's app to
    /// keep. With it [`Device::check_history`](crate::Device::check_history) notices later whether
    /// that history only grew. It is valid for as long as the record is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the customer has no such ceremony;
    /// [`ConfigError::NoSigningKey`](crate::ConfigError::NoSigningKey); otherwise as
    /// [`history`](Self::history).
    pub async fn history_receipt(
        &self,
        customer: &CustomerId,
        subject: Subject,
    ) -> Result<String, Error> {
        let signing = self.0.signing_key.as_ref().ok_or(ConfigError::NoSigningKey)?;
        let now = self.0.clock.now()?;
        let (history, retain_until) = match subject {
            Subject::Callback(id) => self.one::<CallbackState>(customer, id.0, now).await?,
            Subject::Credential(id) => self.one::<CredentialState>(customer, id.0, now).await?,
            Subject::StepUp(id) => self.one::<StepUpState>(customer, id.0, now).await?,
            // It has no events.
            Subject::StepUpLimit(_) => return Err(Refused.into()),
        };
        let mut id = [0; 16];
        self.0.random.fill(&mut id)?;
        let claims = Claims::new(
            self.0.issuer.clone(),
            Audience::from(customer),
            TokenId::from_bytes(id),
            now,
            retain_until.since(now).min(MAX_HISTORY_HEAD_LIFETIME),
            HistoryHeadData::of(&history),
        );
        // It fails only if the record is no longer retained, which a store should not have shown.
        Ok(claims.and_then(|claims| signing.issue(&claims)).map_err(|_| Refused)?)
    }

    /// The history of one ceremony, and until when its record is kept.
    async fn one<C: State>(
        &self,
        customer: &CustomerId,
        id: [u8; 16],
        now: Timestamp,
    ) -> Result<(CeremonyHistory, Timestamp), Error> {
        let of = self.of::<C>(customer, id);
        let record = self.0.store.load(&of.place, now).await?.ok_or(Refused)?;
        let loaded = self.open::<C>(&of.place, &record)?;
        Ok((loaded.body.history.read(C::subject(id))?, record.retain_until))
    }

    /// The histories of one kind of ceremony, in the order of their ids.
    pub(super) async fn histories<C: State>(
        &self,
        customer: &CustomerId,
        page: Page,
    ) -> Result<Paged<CeremonyHistory>, Error> {
        self.paged::<C, _>(customer, page, |loaded, at, _| {
            Ok(loaded.body.history.read(C::subject(at))?)
        })
        .await
    }

    /// The customer's ceremonies of one kind, each as `show` shows it.
    pub(super) async fn paged<C: State, T>(
        &self,
        customer: &CustomerId,
        page: Page,
        mut show: impl FnMut(&Loaded<C>, [u8; 16], Timestamp) -> Result<T, Error>,
    ) -> Result<Paged<T>, Error> {
        let now = self.0.clock.now()?;
        let owner = self.owner::<C>(customer);
        let range = Range { after: page.after.map(|cursor| cursor.0), limit: page.limit() };
        let listed = self.0.store.list(&owner, range, now).await?;
        let mut items = Vec::with_capacity(listed.len());
        for (at, record) in &listed {
            let of = self.of::<C>(customer, at.id);
            items.push(show(&self.open::<C>(&of.place, record)?, at.id, now)?);
        }
        let next = listed.last().filter(|_| listed.len() >= page.limit());
        Ok(Paged { next: next.map(|(at, _)| Cursor(at.id)), items })
    }

    /// The context in which a record that was read is looked at.
    pub(super) fn context<C: State>(
        &self,
        loaded: &Loaded<C>,
        id: [u8; 16],
        now: Timestamp,
    ) -> Context<'_> {
        Context { now: now.max(loaded.body.updated), policy: &self.0.policy, id }
    }
}
