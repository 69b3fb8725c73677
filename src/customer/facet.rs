//! The facet for customers as a whole: how they stand, reconciliation, erasure, export.

use crate::callback::state::CallbackState;
use crate::challenge::state::ChallengeState;
use crate::contact::state::PresenceState;
use crate::credential::held::credentials_of;
use crate::credential::state::CredentialState;
use crate::credential::view::Credential;
use crate::customer::anchor::{anchor_of, held_and_anchored, without_anchor};
use crate::customer::export::{Export, add};
use crate::customer::rules::{BeginErasure, FinishErasure, Floor, Hold, Readmit, Reconcile, Shown};
use crate::customer::token::{ErasureData, MAX_ERASURE_LIFETIME};
use crate::customer::view::{Erasure, Standing};
#[cfg(feature = "cards")]
use crate::engine::Engine;
use crate::engine::Stored;
use crate::engine::enterprise::Enterprise;
use crate::engine::page::Live;
use crate::engine::rule::State;
use crate::engine::trace::call;
#[cfg(feature = "cards")]
use crate::error::Invalid;
use crate::error::{Error, RecordError, Refused};
use crate::notice::state::BoardState;
use crate::outbox::Outbox;
#[cfg(feature = "cards")]
use crate::payment::state::PaymentState;
use crate::step_up::joint::state::JointState;
use crate::step_up::prompts::PromptsState;
use crate::step_up::state::StepUpState;
use crate::store::{Head, Place, Put, Range, Which};
use crate::token::TokenId;
use crate::values::id::CustomerId;
use crate::values::time::Timestamp;

/// How many records are read at a time.
const READ_AT_ONCE: usize = 100;
/// How often a kind is gone through until nothing is left of it.
const ROUNDS: usize = 8;

/// The kinds of records that are a customer's own, as the others are nobody's, besides payments. A new kind is one name
/// more.
macro_rules! of_customer {
    ($of:ident, $each:ident) => {
        $each!($of: CallbackState, ChallengeState, CredentialState, StepUpState, JointState,
            PresenceState, PromptsState, BoardState);
    };
}

/// Customers as a whole: see [`Verifier::customers`](crate::Verifier::customers).
///
/// For the back end alone. Never call any of it from the app's endpoint, or whoever steals a session wipes the traces of a
/// fraud. Only [`keep_floor`](Self::keep_floor) may be called from there, too.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`], [`Error::Clock`] or
/// [`Error::Random`]; repeating the call goes on.
#[derive(Debug, Clone, Copy)]
pub struct Customers<'a>(pub(crate) &'a Enterprise);

impl Customers<'_> {
    /// How the customer stands: what there must be by their anchor, and what of it is missing. What was begun by a
    /// process that died is finished on the way.
    ///
    /// # Errors
    ///
    /// See [`Customers`].
    pub async fn standing(self, customer: &CustomerId) -> Result<Standing, Error> {
        call!("customers.standing", async {
            let (_, anchored) = held_and_anchored(self.0, customer).await?;
            let missing = anchored.missing.iter().map(|bound| bound.id).collect();
            let unreadable = anchored.unreadable.iter().map(|bound| bound.id).collect();
            let (now, policy) = (self.0.clock.now()?, &self.0.policy.credentials);
            Ok(Standing { missing, unreadable, ..anchored.anchor.standing(now, policy) })
        })
    }

    /// The back end says that the customer's records are right as they stand: it has compared the customer's
    /// credentials with what it knows, and revoked what should not be there. What is missing is given up, and the
    /// customer may bind again as any other.
    ///
    /// A credential's record that is damaged is deleted, and so is a damaged anchor. With it are forgotten: fobs that were
    /// revoked and whose records are lost, the mark of an erasure, and a [`hold`](Self::hold), which the host sets again. The
    /// floor is up then, whether there was one or not. What may have been bound by a call that is still under way is missed until its time is
    /// over.
    ///
    /// # Errors
    ///
    /// [`Error::Record`] if a key or format is not known: another process may know it. Otherwise see [`Customers`].
    pub async fn reconcile(self, customer: &CustomerId) -> Result<Standing, Error> {
        call!("customers.reconcile", async {
            let engine = &self.0.engine;
            let of = anchor_of(engine, customer);
            let damaged =
                matches!(engine.read(&of).await, Err(Error::Record(RecordError::Damaged)));
            if damaged {
                let now = engine.clock.now()?;
                if let Some(record) = engine.store.load(&of.place, now).await? {
                    // Whatever took its place meanwhile is read below.
                    let _: Put = engine.store.delete(&of.place, record.head).await?;
                }
            }
            self.delete::<CredentialState>(customer, |opened| match opened {
                Err(RecordError::Damaged) => Ok(true),
                Err(error) => Err(error.into()),
                Ok(_) => Ok(false),
            })
            .await?;
            let (held, anchored) = held_and_anchored(engine, customer).await?;
            // Whether there was a floor nobody can say any more.
            let floor = damaged || anchored.anchor.floor;
            let shown = Shown { held: &held.all, floor };
            let reconcile = Reconcile { shown, missing: &anchored.missing };
            engine.run(&of, &reconcile).await?;
            self.standing(customer).await
        })
    }

    /// The host has erasure wait: a claim, an investigation, a law. [`erase`](Self::erase) fails until
    /// [`lift_hold`](Self::lift_hold). Records go on to end with their retention.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the customer is erased. Otherwise see [`Customers`].
    pub async fn hold(self, customer: &CustomerId) -> Result<(), Error> {
        call!("customers.hold", async {
            let (held, floor) = self.shown(customer).await?;
            let shown = Shown { held: &held.all, floor };
            self.0.run(&anchor_of(self.0, customer), &Hold::Set(shown)).await
        })
    }

    /// Erasure need not wait any longer.
    ///
    /// # Errors
    ///
    /// See [`Customers`].
    pub async fn lift_hold(self, customer: &CustomerId) -> Result<(), Error> {
        call!("customers.lift_hold", async {
            self.0.run(&anchor_of(self.0, customer), &Hold::Lift).await
        })
    }

    /// Deletes everything that is kept of the customer (GDPR, Article 17), and signs a receipt that says so. What law
    /// makes the host keep it exports first ([`export`](Self::export)).
    ///
    /// First the customer's anchor is marked: from then on nothing is begun in their name until
    /// [`readmit`](Self::readmit), or until the back end binds a credential on its own word. Then their records are
    /// deleted, pending secrets, grants and seeds with them. It may be stopped at any time and called again.
    ///
    /// A call that was under way may still write a record: [`erase_remainder`](Self::erase_remainder) deletes it an hour
    /// later.
    ///
    /// What is left holds no name: the mark, which fobs were revoked, whether there was a key that signs (so that an erasure
    /// is no way below the floor), counts that end within two days. News in the
    /// outbox is delivered as any other; empty it first if it must not be. What is parked is dropped. What other customers'
    /// joint step-ups say of them stays: see the [manual](crate::manual::_30_customers). The vault has an
    /// [erasure of its own](crate::manual::_30_customers).
    ///
    /// # Errors
    ///
    /// [`Invalid::OnHold`](crate::error::Invalid::OnHold), [`Invalid::PaymentOpen`](crate::error::Invalid::PaymentOpen)
    /// as long as a payment may still be made, or it is not known how one ended: of a request that ran out that is a day
    /// later, by when a sweep of the vault has brought its receipt if there is one. [`Error::Record`] if the key or format of a
    /// payment is not known. [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey). Otherwise see
    /// [`Customers`].
    pub async fn erase(self, customer: &CustomerId) -> Result<Erasure, Error> {
        call!("customers.erase", async {
            self.0.signing()?;
            #[cfg(feature = "cards")]
            self.no_payment_is_open(customer).await?;
            let of = anchor_of(self.0, customer);
            let (held, floor) = self.shown(customer).await?;
            let shown = Shown { held: &held.all, floor };
            self.0.run(&of, &BeginErasure { shown }).await?;
            self.delete_all(customer).await
        })
    }

    /// Deletes what was written by calls that were under way when the customer was [erased](Self::erase): call it an hour
    /// later. It deletes nothing of a customer who has begun anew.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] unless the customer is erased. Otherwise as [`erase`](Self::erase).
    pub async fn erase_remainder(self, customer: &CustomerId) -> Result<Erasure, Error> {
        call!("customers.erase_remainder", async {
            self.0.signing()?;
            let anchor = self.0.read(&anchor_of(self.0, customer)).await?;
            if !anchor.is_some_and(|(anchor, _)| anchor.body.state.is_erased()) {
                return Err(Refused::new().into());
            }
            self.delete_all(customer).await
        })
    }

    /// What the customer's records show: what has not ended, and whether a key that signs was ever bound.
    async fn shown(self, customer: &CustomerId) -> Result<(Live<Credential>, bool), Error> {
        let held = credentials_of(self.0, customer).await?;
        let floor = without_anchor(self.0, customer).await?.floor;
        Ok((held, floor))
    }

    /// Deletes everything, notes it, and signs that.
    async fn delete_all(self, customer: &CustomerId) -> Result<Erasure, Error> {
        let engine = &self.0.engine;
        let mut deleted = 0_u32;
        macro_rules! delete {
            ($of:ident: $($state:ty),*) => {
                $(deleted = deleted.saturating_add($of.delete::<$state>(customer, |_| Ok(true)).await?);)*
            };
        }
        of_customer!(self, delete);
        #[cfg(feature = "cards")]
        {
            // One that was asked for just before the mark is open, and stays.
            let gone =
                self.delete::<PaymentState>(customer, |opened| is_over(engine, opened)).await?;
            deleted = deleted.saturating_add(gone);
            self.no_payment_is_open(customer).await?;
        }
        Outbox(engine).forget(customer).await?;
        let of = anchor_of(engine, customer);
        let erased = engine.run(&of, &FinishErasure { deleted }).await?;
        let mut id = [0; 16];
        engine.random.fill(&mut id)?;
        let data = ErasureData::new(erased.since, erased.records);
        let (id, now) = (TokenId::from_bytes(id), engine.clock.now()?);
        let signing = self.0.signing()?;
        let receipt = engine.sign(signing, customer, id, now, MAX_ERASURE_LIFETIME, data).await?;
        Ok(Erasure { records: erased.records, receipt })
    }

    /// The customer has lost the last key that signs, and is to be bound another authenticator on the back end's word:
    /// after [`floor_delay`](crate::policy::CredentialPolicy::floor_delay) that is possible, for as long again and a week at
    /// most, until one is bound. Gives from when; `None` if there is no floor. Tell every device of the customer ([`Action::LowerFloor`](crate::history::Action::LowerFloor)), so that
    /// who did not ask for it has the floor kept ([`keep_floor`](Self::keep_floor)). Never on the word of a caller.
    ///
    /// # Errors
    ///
    /// See [`Customers`].
    pub async fn lower_floor(self, customer: &CustomerId) -> Result<Option<Timestamp>, Error> {
        call!("customers.lower_floor", async {
            let (held, floor) = self.shown(customer).await?;
            let shown = Shown { held: &held.all, floor };
            self.0.run(&anchor_of(self.0, customer), &Floor::Lower(shown)).await
        })
    }

    /// The floor is not lowered after all. This call alone may come from the app's session, too: it takes nothing from
    /// anybody but who wants the floor lowered.
    ///
    /// # Errors
    ///
    /// See [`Customers`].
    pub async fn keep_floor(self, customer: &CustomerId) -> Result<(), Error> {
        call!("customers.keep_floor", async {
            self.0.run(&anchor_of(self.0, customer), &Floor::Keep).await.map(|_| ())
        })
    }

    /// The customer who was erased begins anew.
    ///
    /// # Errors
    ///
    /// [`Invalid::NotErasedYet`](crate::error::Invalid::NotErasedYet) as long as [`erase`](Self::erase) did not come to
    /// its end. Otherwise see [`Customers`].
    pub async fn readmit(self, customer: &CustomerId) -> Result<(), Error> {
        call!("customers.readmit", async {
            self.0.run(&anchor_of(self.0, customer), &Readmit).await
        })
    }

    /// Everything that is kept of the customer, in one answer that serialises (GDPR, Articles 15 and 20): each ceremony as
    /// it stands and its history. It names agents and reasons of refusals, and no secret.
    ///
    /// # Errors
    ///
    /// See [`Customers`].
    pub async fn export(self, customer: &CustomerId) -> Result<Export, Error> {
        call!("customers.export", async {
            let engine = &self.0.engine;
            let (standing, at) = (self.standing(customer).await?, engine.clock.now()?);
            let mut export = Export {
                customer: customer.clone(),
                at,
                standing,
                ceremonies: Vec::new(),
                parked: None,
                unreadable: 0,
            };
            macro_rules! export_each {
            ($of:ident: $($state:ty),*) => {
                $(add::<$state>($of, customer, &mut export).await?;)*
            };
        }
            of_customer!(engine, export_each);
            #[cfg(feature = "cards")]
            add::<PaymentState>(engine, customer, &mut export).await?;
            match Outbox(engine).parked_of(customer).await {
                Ok(parked) => export.parked = parked,
                Err(Error::Record(_)) => export.unreadable = export.unreadable.saturating_add(1),
                Err(error) => return Err(error),
            }
            Ok(export)
        })
    }

    #[cfg(feature = "cards")]
    async fn no_payment_is_open(self, customer: &CustomerId) -> Result<(), Error> {
        let open = self.each::<PaymentState>(customer, |opened| Ok(!is_over(self.0, opened)?));
        if open.await?.is_empty() { Ok(()) } else { Err(Invalid::PaymentOpen.into()) }
    }

    /// Where the customer's records of kind `C` stand of which `wanted` says so.
    async fn each<C: State>(
        self,
        customer: &CustomerId,
        wanted: impl Fn(Result<Stored<C>, RecordError>) -> Result<bool, Error>,
    ) -> Result<Vec<(Place, Head)>, Error> {
        let engine = &self.0.engine;
        let (lane, owner) = (engine.lane(customer), engine.owner::<C>(customer));
        let now = engine.clock.now()?;
        let mut range = Range { which: Which::All, after: None, limit: READ_AT_ONCE };
        let mut found = Vec::new();
        loop {
            let listed = engine.store.list(lane, &owner, range, now).await?;
            for (at, record) in &listed.rows {
                if wanted(engine.open::<C>(at, record))? {
                    found.push((*at, record.head));
                }
            }
            range.after = listed.next;
            if range.after.is_none() {
                return Ok(found);
            }
        }
    }

    /// Deletes those of the customer's records of kind `C` of which `wanted` says so; returns how many. Until none is
    /// found: those that are written meanwhile, too.
    async fn delete<C: State>(
        self,
        customer: &CustomerId,
        wanted: impl Fn(Result<Stored<C>, RecordError>) -> Result<bool, Error>,
    ) -> Result<u32, Error> {
        let mut deleted = 0_u32;
        for _ in 0..ROUNDS {
            let found = self.each::<C>(customer, &wanted).await?;
            if found.is_empty() {
                return Ok(deleted);
            }
            for (at, head) in found {
                if self.0.store.delete(&at, head).await? == Put::Stored {
                    deleted = deleted.saturating_add(1);
                }
            }
        }
        Err(Error::Busy)
    }
}

/// Whether nothing can come of a payment any more. One that is damaged cannot be settled by anybody.
#[cfg(feature = "cards")]
fn is_over(
    engine: &Engine,
    opened: Result<Stored<PaymentState>, RecordError>,
) -> Result<bool, Error> {
    match opened {
        Ok(payment) => {
            let now = engine.clock.now()?;
            Ok(payment.body.state.is_over(&engine.policy, now))
        }
        Err(RecordError::Damaged) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
