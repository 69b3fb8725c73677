//! Everything that is kept of a customer, for the customer (GDPR, Article 20).

use core::num::NonZeroU16;

use serde::Serialize;

use crate::customer::view::Standing;
use crate::engine::Engine;
use crate::engine::page::{Cursor, Page};
use crate::engine::rule::State;
use crate::error::Error;
use crate::history::ceremony::CeremonyHistory;
use crate::observer::View;
use crate::outbox::Parked;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

/// Everything that is kept of a customer, as JSON would have it. No secret is in it: neither words nor codes, seeds
/// or keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Export {
    /// Whose.
    pub customer: CustomerId,
    /// When it was read.
    pub at: Timestamp,
    /// What there must be.
    pub standing: Standing,
    /// Each ceremony, of each kind the newest first.
    pub ceremonies: Vec<ExportedCeremony>,
    /// What waits of their news in the outbox because it was parked. What is told of in them stands in the ceremonies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<Parked>,
    /// How many records cannot be opened, and are not in it.
    pub unreadable: usize,
}

/// One ceremony: how it stands, and what happened in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExportedCeremony {
    /// How it stands.
    pub now: View,
    /// What happened.
    pub history: CeremonyHistory,
}

/// Adds all of the customer's ceremonies of kind `C`.
pub(super) async fn add<C: State>(
    engine: &Engine,
    customer: &CustomerId,
    to: &mut Export,
) -> Result<(), Error> {
    let mut page = Page::first();
    loop {
        let all = page.at_most(NonZeroU16::MAX);
        let gathered = engine.gather::<C, _>(customer, all, to.at, |stored, id, now| {
            let now = stored.body.state.view(&engine.context(stored, id, now));
            Ok(ExportedCeremony { now, history: stored.body.history.read(C::subject(id))? })
        });
        let gathered = gathered.await?;
        to.unreadable = to.unreadable.saturating_add(gathered.unreadable);
        to.ceremonies.extend(gathered.items.into_iter().map(|(_, ceremony)| ceremony));
        let Some(next) = gathered.next else { return Ok(()) };
        page = Page::from(Cursor::behind([(C::KIND, next)]));
    }
}
