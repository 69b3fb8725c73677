//! The facet for callback secrets.

use core::time::Duration;

use crate::callback::request::{AmendmentRequest, BookingRequest, Verdict};
use crate::callback::rules::customer::{Amend, Book, Cancel, Conclude, Words};
use crate::callback::rules::desktop::{Abandon, Reveal, Revealed};
use crate::callback::state::{CallbackState, Phase};
use crate::callback::view::{Callback, Readback};
use crate::credential::held::held;
use crate::customer::anchor::not_erased;
use crate::engine::RecordRef;
use crate::engine::enterprise::Enterprise;
use crate::engine::page::{Page, Paged};
use crate::engine::rule::{Context, State};
use crate::engine::trace::call;
use crate::error::{Error, Refused};
use crate::otp::subkeys::Use;
use crate::policy::Act;
use crate::store::{Place, Range, Which};
use crate::values::id::{CallbackId, CredentialId, CustomerId};
use crate::values::interaction::Interaction;
use crate::values::secret::SecretBytes;
use crate::values::time::Timestamp;

/// What `per_day` is counted over.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How many heads are read at a time.
const READ_AT_ONCE: usize = 100;

/// Callback secrets: see [`Verifier::callbacks`](crate::Verifier::callbacks).
///
/// The customer's app calls `book`, `amend`, `cancel`, `list` and `conclude`; the host has
/// authenticated the customer. The agent's desktop calls `reveal` and `abandon`. Repeating a call
/// whose answer was lost gives the first result again and counts nothing.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then. An unknown id and another
/// customer's are refused alike.
#[derive(Debug, Clone, Copy)]
pub struct Callbacks<'a>(pub(crate) &'a Enterprise);

impl Callbacks<'_> {
    /// The customer books a callback and sets its secret.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the credential that is to make words is not one that the customer's app
    /// holds. [`Error::Invalid`] says what to mend: the window is over, too long or too far ahead, the
    /// channel does not allow a reveal, the secret is too short or forbidden, the request id was
    /// used for another booking, or too many are booked at a time or were in a day (of calls at the same moment a few more
    /// may be let in).
    pub async fn book(
        self,
        customer: &CustomerId,
        booking: &BookingRequest,
    ) -> Result<Callback, Error> {
        call!("callbacks.book", async {
            let id = CallbackId(self.0.keyring.locate(&[
                b"countersign callback v1",
                self.0.issuer.as_str().as_bytes(),
                customer.as_str().as_bytes(),
                booking.request().as_str().as_bytes(),
            ]));
            let words = match booking.credential() {
                Some(of) if self.words_key(customer, of).await?.is_some() => Words::Made,
                _ => Words::None,
            };
            let of = self.0.of::<CallbackState>(customer, id.0);
            let mut sealer = self.0.sealer(&of);
            let seen = self.0.look(&of, &mut sealer).await?;
            let (live, of_today) = match seen.found {
                // Booked before: whatever comes of it, it is not another one.
                Some(_) => (0, 0),
                None => {
                    not_erased(self.0, customer).await?;
                    (self.booked(&of).await?, self.of_today(&of, seen.clock).await?)
                }
            };
            let event = Book { booking, words, booked: live, of_today };
            self.0.run_on(&of, &mut sealer, seen, &event).await
        })
    }

    fn most(self) -> usize {
        self.0.policy.callbacks.per_customer.into()
    }

    /// How many callbacks are open of the customer whose booking `of` is.
    async fn booked(self, of: &RecordRef<'_, CallbackState>) -> Result<usize, Error> {
        let open = |state: CallbackState, cx: &Context<'_>| {
            matches!(state.phase, Phase::Open { .. }) && !state.overdue(cx)
        };
        let live = self.0.live_beside(of.place.lane, of.place.owner, open).await?;
        let open = live.all.iter().filter(|open| **open).count();
        match live.why {
            // With those that cannot be opened it may be one too many.
            Some(why) if live.unreadable.saturating_add(open) >= self.most() => Err(why.into()),
            _ => Ok(open),
        }
    }

    /// How many callbacks of the customer whose booking `of` is were booked within a day, by the hour; no more are counted
    /// than there may be. Their heads say so, whether they can be opened or not.
    async fn of_today(
        self,
        of: &RecordRef<'_, CallbackState>,
        clock: Timestamp,
    ) -> Result<usize, Error> {
        let (since, ahead) = (clock.before(DAY), clock.after(DAY));
        let most = usize::from(self.0.policy.callbacks.per_day);
        let mut range = Range { which: Which::All, after: None, limit: most.min(READ_AT_ONCE) };
        let mut count = 0_usize;
        loop {
            let Place { lane, owner, .. } = of.place;
            let listed = self.0.store.list(lane, &owner, range, clock).await?;
            for (_, record) in &listed.rows {
                let created = record.head.created;
                if created <= since {
                    return Ok(count);
                }
                // What stands far ahead was not booked by a clock of ours.
                count = count.saturating_add(usize::from(created <= ahead));
            }
            range.after = listed.next;
            if range.after.is_none() || count >= most {
                return Ok(count);
            }
        }
    }

    /// The key with which this credential of the customer makes words, if it can.
    async fn words_key(
        self,
        customer: &CustomerId,
        credential: CredentialId,
    ) -> Result<Option<SecretBytes>, Error> {
        let held = held(self.0, customer, credential).await?;
        Ok(held.and_then(|held| held.key(Use::DerivedWords)))
    }

    /// The customer changes a booking whose secret was not shown yet.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] once the secret was shown or the callback has ended;
    /// [`Error::Invalid`] as in [`book`](Self::book), or when it was amended too often.
    pub async fn amend(
        self,
        customer: &CustomerId,
        id: &CallbackId,
        amendment: &AmendmentRequest,
    ) -> Result<Callback, Error> {
        call!("callbacks.amend", self.0.run(&self.0.of(customer, id.0), &Amend(amendment)))
    }

    /// The customer cancels; the secret is burnt.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the callback has ended otherwise.
    pub async fn cancel(self, customer: &CustomerId, id: &CallbackId) -> Result<Callback, Error> {
        call!("callbacks.cancel", self.0.run(&self.0.of(customer, id.0), &Cancel))
    }

    /// The customer says whether the caller said the secret; the secret is burnt.
    ///
    /// If it was shown to nobody yet, nobody genuine can have said it. `NotRecognised` is then noted
    /// as the report of an impostor and the booking stays, so that an impostor's call does not take
    /// the place of the genuine one. `Recognised` is refused and told to the observer: the secret
    /// has leaked.
    ///
    /// After the end `NotRecognised` is noted as a report too, whoever ended it; the end stays what it was. Several
    /// such reports are one.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] to `Recognised` if the callback has ended otherwise, or nothing was shown.
    pub async fn conclude(
        self,
        customer: &CustomerId,
        id: &CallbackId,
        verdict: Verdict,
    ) -> Result<Callback, Error> {
        call!("callbacks.conclude", self.0.run(&self.0.of(customer, id.0), &Conclude(verdict)))
    }

    /// The customer's callbacks, ended ones included, newest first. Callbacks whose
    /// time has run out end here, and their secrets are burnt.
    ///
    /// # Errors
    ///
    /// See [`Callbacks`].
    pub async fn list(self, customer: &CustomerId, page: Page) -> Result<Paged<Callback>, Error> {
        call!("callbacks.list", async {
            self.0
                .paged::<CallbackState, _>(customer, page, |loaded, id, now| {
                    Ok(loaded.body.state.callback(&self.0.context(loaded, id, now)))
                })
                .await
        })
    }

    /// Shows the agent on `interaction` the secret to read out, once and for all: in as many
    /// interactions as the policy allows (one by default), to the same agent again within each.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] outside of the window, for an inbound interaction, on another channel
    /// than booked, to another agent or team than assigned, in more interactions than allowed, after
    /// the end, and if the credential that is to make words was revoked. Refused attempts on an existing callback are counted in its history.
    pub async fn reveal(
        self,
        interaction: &Interaction,
        id: &CallbackId,
    ) -> Result<Readback, Error> {
        call!("callbacks.reveal", async {
            self.0.allows_leg(interaction, (Act::Reveal, None), None)?;
            let of = self.0.of(&interaction.customer, id.0);
            let credential = match self.0.run(&of, &Reveal { interaction, key: None }).await? {
                Revealed::Shown(readback) => return Ok(readback),
                Revealed::NeedsKey(credential) => credential,
            };
            let key = self.words_key(&interaction.customer, credential).await?;
            match self
                .0
                .run(&of, &Reveal { interaction, key: Some((credential, key.as_ref())) })
                .await?
            {
                Revealed::Shown(readback) => Ok(readback),
                // Another callback has taken its place since.
                Revealed::NeedsKey(_) => Err(Refused::new().into()),
            }
        })
    }

    /// The agent gives up because nobody answered; the secret is burnt.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] wherever [`reveal`](Self::reveal) would be.
    pub async fn abandon(
        self,
        interaction: &Interaction,
        id: &CallbackId,
    ) -> Result<Callback, Error> {
        call!(
            "callbacks.abandon",
            self.0.run(&self.0.of(&interaction.customer, id.0), &Abandon(interaction))
        )
    }
}
