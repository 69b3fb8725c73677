//! Reading the histories of a customer, and receipts for them.

use std::collections::VecDeque;

use crate::callback::state::CallbackState;
use crate::challenge::state::ChallengeState;
use crate::credential::held::held;
use crate::credential::state::CredentialState;
use crate::customer::anchor::anchor_of;
use crate::engine::Stored;
use crate::engine::enterprise::Enterprise;
use crate::engine::page::{Cursor, Gathered, Page, Paged};
use crate::engine::rule::State;
use crate::error::{Error, Refused};
use crate::history::ceremony::CeremonyHistory;
use crate::history::event::Subject;
use crate::history::token::{HistoryHeadData, MAX_HISTORY_HEAD_LIFETIME};
#[cfg(feature = "cards")]
use crate::payment::state::PaymentState;
use crate::record::kind::Kind;
use crate::step_up::joint::state::JointState;
use crate::step_up::state::StepUpState;
use crate::store::Position;
use crate::token::TokenId;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

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

        impl Histories<'_> {
            /// The histories on `page`, those that began last first.
            async fn histories(
                &self,
                customer: &CustomerId,
                page: Page,
                now: Timestamp,
            ) -> Result<Paged<CeremonyHistory>, Error> {
                let mut kinds = Vec::new();
                $($(#[$meta])* {
                    let gathered = self.0.gather(customer, page, now, history::<$state>).await?;
                    kinds.push(Of::new(<$state>::KIND, page, gathered));
                })*
                Ok(merged(kinds, page))
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
                    _ => Err(Refused::new().into()),
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
    JointStepUp: JointState,
}

fn history<C: State>(
    loaded: &Stored<C>,
    id: [u8; 16],
    _: Timestamp,
) -> Result<CeremonyHistory, Error> {
    Ok(loaded.body.history.read(C::subject(id))?)
}

/// The histories of one kind that may belong on a page.
struct Of {
    kind: Kind,
    /// The last one that is on the page or before it.
    taken: Option<Position>,
    left: VecDeque<(Position, CeremonyHistory)>,
    unreadable: usize,
    /// More of them stand in the store, behind these.
    more: Option<Position>,
}

impl Of {
    fn new(kind: Kind, page: Page, gathered: Gathered<CeremonyHistory>) -> Self {
        let Gathered { items, unreadable, next } = gathered;
        Self { kind, taken: page.after(kind), left: items.into(), unreadable, more: next }
    }

    /// When the next one began.
    fn began(&self) -> Option<Timestamp> {
        self.left
            .front()
            .map(|(_, next)| next.events.first().map_or(Timestamp::EPOCH, |first| first.at))
    }
}

/// One page of several kinds: of each the newest come first, and of their heads the one that began last.
fn merged(mut kinds: Vec<Of>, page: Page) -> Paged<CeremonyHistory> {
    let mut items = Vec::new();
    while items.len() < page.limit()
        && let Some(latest) =
            kinds.iter_mut().filter(|of| !of.left.is_empty()).max_by_key(|of| of.began())
        && let Some((position, history)) = latest.left.pop_front()
    {
        latest.taken = Some(position);
        items.push(history);
    }
    let unreadable = kinds.iter().map(|of| of.unreadable).sum();
    for of in &mut kinds {
        // Nothing of this kind is left for another page but what the store has behind these.
        if of.left.is_empty() {
            of.taken = of.more.or(of.taken);
        }
    }
    let more = kinds.iter().any(|of| !of.left.is_empty() || of.more.is_some());
    let stops = kinds.iter().filter_map(|of| Some((of.kind, of.taken?)));
    let next = more.then(|| Cursor::behind(stops));
    Paged { items, next, unreadable }
}

/// The histories of an enterprise's customers.
pub(crate) struct Histories<'a>(pub(crate) &'a Enterprise);

impl Histories<'_> {
    /// What happened in all of the customer's ceremonies.
    pub(crate) async fn list(
        &self,
        customer: &CustomerId,
        page: Page,
    ) -> Result<Paged<CeremonyHistory>, Error> {
        let now = self.0.clock.now()?;
        self.histories(customer, page, now).await
    }

    /// A signed receipt for the history of one ceremony as it now stands.
    pub(crate) async fn receipt(
        &self,
        customer: &CustomerId,
        subject: Subject,
    ) -> Result<String, Error> {
        Ok(self.receipted(customer, subject).await?.1)
    }

    /// The history of one ceremony as it now stands, and the receipt for it.
    pub(crate) async fn receipted(
        &self,
        customer: &CustomerId,
        subject: Subject,
    ) -> Result<(CeremonyHistory, String), Error> {
        let signing = self.0.signing()?;
        let now = self.0.clock.now()?;
        let (history, retain_until) = self.history_of(customer, subject, now).await?;
        let mut id = [0; 16];
        self.0.random.fill(&mut id)?;
        // Nothing is left of it if the record is no longer retained, which a store should not have shown.
        let valid_for = retain_until.since(now).min(MAX_HISTORY_HEAD_LIFETIME);
        let anchor = self.0.read(&anchor_of(self.0, customer)).await?;
        let changes = anchor.map_or(0, |(anchor, _)| anchor.body.state.changes);
        let mut data = HistoryHeadData::of(&history).with_standing(changes);
        let (credential, key) = match subject {
            Subject::Credential(id) => (Some(id), None),
            Subject::StepUp(id) => match self.0.read_for::<StepUpState>(customer, id.0).await? {
                Some((found, _)) => {
                    let terms = &found.body.state.terms;
                    (Some(terms.credential), terms.fingerprint())
                }
                None => (None, None),
            },
            _ => (None, None),
        };
        if let Some(id) = credential
            && let Some(held) = held(self.0, customer, id).await?
            // Another may have its id by now.
            && key.is_none_or(|key| held.shown.key_fingerprint == Some(key))
        {
            data = data.with_credential(&held.shown);
        }
        if key.is_some() {
            data.key = key;
        }
        let id = TokenId::from_bytes(id);
        let receipt = self.0.sign(signing, customer, id, now, valid_for, data).await?;
        Ok((history, receipt))
    }

    async fn one<C: State>(
        &self,
        customer: &CustomerId,
        id: [u8; 16],
        now: Timestamp,
    ) -> Result<(CeremonyHistory, Timestamp), Error> {
        let of = self.0.of::<C>(customer, id);
        let record = self.0.store.load(&of.place, now).await?.ok_or(Refused::new())?;
        let loaded = self.0.open::<C>(&of.place, &record)?;
        Ok((history(&loaded, id, now)?, record.head.retain_until))
    }
}
