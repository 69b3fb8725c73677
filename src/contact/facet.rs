//! The facet for calls as they happen: telephony's reports, and the customer's question whether it is us.

use crate::callback::state::CallbackState;
use crate::callback::view::CallbackStatus;
use crate::challenge::state::ChallengeState;
use crate::challenge::view::ChallengeStatus;
use crate::contact::rules::{Agreed, Ask, Began, Ended};
use crate::contact::state::PresenceState;
use crate::contact::token::{StatusData, StatusNonce};
use crate::customer::anchor::not_erased;
use crate::engine::enterprise::Enterprise;
use crate::engine::trace::call;
use crate::error::Error;
use crate::token::TokenId;
use crate::values::id::{CustomerId, InteractionId};
use crate::values::interaction::Interaction;

/// Contact: see [`Verifier::contact`](crate::Verifier::contact).
///
/// The back end calls `open` and `close` when telephony or chat says so; the customer's app calls `status`.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then.
#[derive(Debug, Clone, Copy)]
pub struct Contact<'a>(pub(crate) &'a Enterprise);

impl Contact<'_> {
    /// The back end reports that an interaction began, from either side, when telephony says so: an
    /// outbound one when it starts to ring. Again with another agent: it went over to them.
    ///
    /// Reports may come twice and in any order: a beginning that is reported after its end opens
    /// nothing. An interaction ends when [`close`](Self::close) says so, or else after
    /// [`PresencePolicy::max_age`](crate::policy::PresencePolicy::max_age).
    ///
    /// The observer is told [`Action::WarnOfRelay`](crate::history::Action::WarnOfRelay) if it is by voice or
    /// video, another one of this customer's is too, and the customer is said to have started one of
    /// them: one person is hardly in both.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if [`OPEN_EACH_WAY`](crate::policy::OPEN_EACH_WAY) are open;
    /// [`Invalid::InteractionReused`](crate::error::Invalid::InteractionReused) if the id is that of one with
    /// another channel or direction. Otherwise as [`Contact`].
    pub async fn open(self, interaction: &Interaction) -> Result<(), Error> {
        call!("contact.open", async {
            let id = self.presence(&interaction.customer);
            not_erased(self.0, &interaction.customer).await?;
            self.0.run(&self.0.of(&interaction.customer, id), &Began(interaction)).await
        })
    }

    /// The back end reports that an interaction ended.
    ///
    /// # Errors
    ///
    /// As [`Contact`].
    pub async fn close(self, interaction: &Interaction) -> Result<(), Error> {
        call!("contact.close", async {
            let id = self.presence(&interaction.customer);
            self.0.run(&self.0.of(&interaction.customer, id), &Ended(interaction)).await
        })
    }

    /// The customer asks in their app whether the enterprise is talking to them. The answer is a token
    /// for [`Device::open_status`](crate::Device::open_status), valid for seconds and for this nonce
    /// alone. Writes nothing.
    ///
    /// An inbound interaction goes before all others. While one is open, the observer is told
    /// [`Action::WarnOfRelay`](crate::history::Action::WarnOfRelay) each time the customer asks: somebody who
    /// rang the enterprise does not wonder whether it is the enterprise.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey), [`Error::Signer`]. Otherwise as [`Contact`]:
    /// the app then shows "not verified".
    pub async fn status(self, customer: &CustomerId, nonce: StatusNonce) -> Result<String, Error> {
        call!("contact.status", async {
            let inner = self.0;
            let signing = self.0.signing()?;
            let agreed = self.agreed(customer).await?;
            let of = self.0.of::<PresenceState>(customer, self.presence(customer));
            let (status, now) = self.0.run(&of, &Ask(&agreed)).await?;
            let mut id = [0; 16];
            inner.random.fill(&mut id)?;
            let valid_for = inner.policy.presence.status_valid_for;
            let data = StatusData::new(nonce, status);
            inner.sign(signing, customer, TokenId::from_bytes(id), now, valid_for, data).await
        })
    }

    /// The id of a customer's record.
    fn presence(&self, customer: &CustomerId) -> [u8; 16] {
        let inner = self.0;
        inner.keyring.locate(&[
            b"countersign presence v1",
            inner.issuer.as_str().as_bytes(),
            customer.as_str().as_bytes(),
        ])
    }
}

/// The interaction that the customer recognised: which of several they do not say, so of several none.
const fn only<T>(shown: &[T]) -> Option<&T> {
    match shown {
        [one] => Some(one),
        _ => None,
    }
}

impl Contact<'_> {
    /// The interactions of `customer` whose end was reported lately, as far as it is remembered.
    pub(crate) async fn ended(self, customer: &CustomerId) -> Result<Vec<InteractionId>, Error> {
        let found = self.0.read_for::<PresenceState>(customer, self.presence(customer)).await?;
        let closed = found.map(|(found, _)| found.body.state.closed).unwrap_or_default();
        Ok(closed.into_iter().map(|closed| closed.id).collect())
    }

    /// What is agreed about contact with `customer`, by callbacks and by challenges.
    async fn agreed(self, customer: &CustomerId) -> Result<Agreed, Error> {
        let callbacks = self.0.live(customer, |state: CallbackState, cx| {
            let last = only(&state.shown).map(|shown| shown.interaction.clone());
            match state.callback(cx).status {
                CallbackStatus::Booked => (true, None),
                // Unless the customer thought better of it.
                CallbackStatus::Recognised if state.late_report.is_none() => (false, last),
                _ => (false, None),
            }
        });
        let challenges = self.0.live(customer, |state: ChallengeState, cx| {
            let last = only(&state.shown).map(|shown| shown.interaction.clone());
            match state.status(cx) {
                ChallengeStatus::Confirmed => (true, None),
                ChallengeStatus::Recognised if state.late_report.is_none() => (false, last),
                _ => (false, None),
            }
        });
        let (callbacks, challenges) = (callbacks.await?, challenges.await?);
        let why = callbacks.why.or(challenges.why);
        let mut agreed = Agreed::default();
        for (scheduled, recognised) in callbacks.all.into_iter().chain(challenges.all) {
            agreed.scheduled |= scheduled;
            agreed.recognised.extend(recognised);
        }
        // What cannot be opened may be what was agreed.
        why.map_or(Ok(agreed), |why| Err(why.into()))
    }
}
