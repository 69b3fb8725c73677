//! The facet for customers as a whole: how they stand, reconciliation, erasure, export.

use crate::callback::state::CallbackState;
use crate::challenge::state::ChallengeState;
use crate::contact::state::PresenceState;
use crate::credential::held::credentials_of;
use crate::credential::state::CredentialState;
use crate::customer::anchor::{anchor_of, anchored};
use crate::customer::export::{Export, add};
use crate::customer::rules::{BeginErasure, FinishErasure, Hold, Readmit, Reconcile};
use crate::customer::token::{ErasureData, MAX_ERASURE_LIFETIME};
use crate::customer::view::{Erasure, Standing};
use crate::engine::enterprise::Enterprise;
use crate::engine::rule::State;
use crate::engine::trace::call;
use crate::error::Error;
#[cfg(feature = "cards")]
use crate::error::Invalid;
#[cfg(feature = "cards")]
use crate::payment::state::PaymentState;
#[cfg(feature = "cards")]
use crate::payment::view::PaymentStatus;
use crate::step_up::state::StepUpState;
use crate::store::{Put, Range, Which};
use crate::token::TokenId;
use crate::values::id::CustomerId;

/// How many records are deleted between two looks at the list.
const DELETED_AT_ONCE: usize = 100;
/// How often a kind is gone through until nothing is left of it.
const ROUNDS: usize = 8;

/// The kinds of records that are a customer's own, as the others are nobody's. A new kind is one line more.
macro_rules! of_customer {
    ($of:ident, $each:ident) => {
        $each!($of: CallbackState, ChallengeState, CredentialState, StepUpState, PresenceState);
        #[cfg(feature = "cards")]
        $each!($of: PaymentState);
    };
}

/// Customers as a whole: see [`Verifier::customers`](crate::Verifier::customers).
///
/// For the back end alone. Never call any of it from the app's endpoint: whoever steals a session would wipe the
/// traces of a fraud.
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
            let held = credentials_of(self.0, customer).await?;
            let anchored = anchored(self.0, customer, &held.all).await?;
            let missing = anchored.missing.iter().map(|bound| bound.id).collect();
            Ok(Standing { missing, ..anchored.anchor.standing() })
        })
    }

    /// The back end says that the customer's records are right as they stand: it has compared the customer's
    /// credentials with what it knows, and revoked what should not be there. What is missing is given up, and the
    /// customer may bind again as any other.
    ///
    /// An anchor that cannot be opened is begun anew: fobs that were revoked and whose records are lost are forgotten
    /// then.
    ///
    /// # Errors
    ///
    /// See [`Customers`].
    pub async fn reconcile(self, customer: &CustomerId) -> Result<Standing, Error> {
        call!("customers.reconcile", async {
            let engine = &self.0.engine;
            let of = anchor_of(engine, customer);
            if let Err(Error::Record(_)) = engine.read(&of).await {
                let now = engine.clock.now()?;
                if let Some(record) = engine.store.load(&of.place, now).await? {
                    // Whatever took its place meanwhile is read below.
                    let _: Put = engine.store.delete(&of.place, record.head).await?;
                }
            }
            let held = credentials_of(engine, customer).await?;
            // What was begun is finished first, so that it does not come after.
            anchored(engine, customer, &held.all).await?;
            let held = credentials_of(engine, customer).await?;
            engine.run(&of, &Reconcile { held: &held.all }).await?;
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
            let held = credentials_of(self.0, customer).await?;
            self.0.run(&anchor_of(self.0, customer), &Hold::Set(&held.all)).await
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
    /// deleted, pending secrets, grants and seeds with them. A call that was under way may still write one: call
    /// it again an hour later, and it deletes that too. It may be stopped at any time and called again.
    ///
    /// What is left holds no name: the mark, which fobs were revoked, counts that end within two days. News in the
    /// outbox is delivered as any other; empty it first if it must not be. The vault has an
    /// [erasure of its own](crate::manual::_25_deploying_stores).
    ///
    /// # Errors
    ///
    /// [`Invalid::OnHold`](crate::error::Invalid::OnHold), [`Invalid::PaymentOpen`](crate::error::Invalid::PaymentOpen)
    /// as long as a payment may still be made or it is not known how one ended;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey). Otherwise see [`Customers`].
    pub async fn erase(self, customer: &CustomerId) -> Result<Erasure, Error> {
        call!("customers.erase", async {
            let engine = &self.0.engine;
            let signing = self.0.signing()?;
            #[cfg(feature = "cards")]
            self.no_payment_is_open(customer).await?;
            let of = anchor_of(engine, customer);
            let held = credentials_of(engine, customer).await?;
            engine.run(&of, &BeginErasure { held: &held.all }).await?;
            let mut deleted = 0_u32;
            macro_rules! delete {
            ($of:ident: $($state:ty),*) => {
                $(deleted = deleted.saturating_add($of.delete::<$state>(customer).await?);)*
            };
        }
            of_customer!(self, delete);
            let erased = engine.run(&of, &FinishErasure { deleted }).await?;
            let mut id = [0; 16];
            engine.random.fill(&mut id)?;
            let data = ErasureData::new(erased.since, erased.records);
            let (id, now) = (TokenId::from_bytes(id), engine.clock.now()?);
            let receipt =
                engine.sign(signing, customer, id, now, MAX_ERASURE_LIFETIME, data).await?;
            Ok(Erasure { records: erased.records, receipt })
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
                unreadable: 0,
            };
            macro_rules! export_each {
            ($of:ident: $($state:ty),*) => {
                $(add::<$state>($of, customer, &mut export).await?;)*
            };
        }
            of_customer!(engine, export_each);
            Ok(export)
        })
    }

    #[cfg(feature = "cards")]
    async fn no_payment_is_open(self, customer: &CustomerId) -> Result<(), Error> {
        let open = self.0.live(customer, |state: PaymentState, cx| {
            matches!(state.status(cx), PaymentStatus::Requested | PaymentStatus::Unresolved)
        });
        // One that cannot be opened cannot be settled either.
        let open = open.await?.all.contains(&true);
        if open { Err(Invalid::PaymentOpen.into()) } else { Ok(()) }
    }

    /// Deletes all of the customer's records of kind `C`, those too that cannot be opened; returns how many.
    async fn delete<C: State>(self, customer: &CustomerId) -> Result<u32, Error> {
        let engine = &self.0.engine;
        let (lane, owner) = (engine.lane(customer), engine.owner::<C>(customer));
        let mut deleted = 0_u32;
        for _ in 0..ROUNDS {
            let now = engine.clock.now()?;
            let mut range = Range { which: Which::All, after: None, limit: DELETED_AT_ONCE };
            let mut found = false;
            loop {
                let listed = engine.store.list(lane, &owner, range, now).await?;
                for (at, record) in &listed.rows {
                    found = true;
                    if engine.store.delete(at, record.head).await? == Put::Stored {
                        deleted = deleted.saturating_add(1);
                    }
                }
                range.after = listed.next;
                if range.after.is_none() {
                    break;
                }
            }
            if !found {
                return Ok(deleted);
            }
        }
        Err(Error::Busy)
    }
}
