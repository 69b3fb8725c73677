//! The facet for calls as they happen. What telephony reports stands in `reporting.rs`; here what the customer's app asks,
//! above all whether it is us, and what a call brings.

use core::time::Duration;

use crate::callback::state::CallbackState;
use crate::callback::view::CallbackStatus;
use crate::challenge::state::ChallengeState;
use crate::challenge::view::ChallengeStatus;
use crate::contact::feed::reported::Reported;
use crate::contact::past::request::{LastContactAnswer, LastContactChallenge, LastContactProof};
use crate::contact::request::ringing::RingingCall;
use crate::contact::rules::announced::Judge;
use crate::contact::rules::{Agreed, Ask};
use crate::contact::state::PresenceState;
use crate::contact::ticket::request::{Arrival, Arrived, DialTicket, HeaderTicket};
use crate::contact::token::numbers::CallNumbersData;
use crate::contact::token::status::{StatusData, StatusNonce};
use crate::contact::token::verdict::{CallVerdict, CallVerdictData};
use crate::engine::enterprise::Enterprise;
use crate::engine::rule::Context;
use crate::engine::signing::Signing;
use crate::engine::trace::call;
use crate::engine::{RecordRef, Seen};
use crate::error::Error;
use crate::token::{Audience, TokenData, TokenId};
use crate::values::id::{CredentialId, CustomerId, InteractionId};
use crate::values::time::Timestamp;

/// The step in which timestamps are counted.
const SECOND: Duration = Duration::from_secs(1);

/// Contact: see [`Verifier::contact`](crate::Verifier::contact).
///
/// Telephony reports by `announce`, `began`, `transferred`, `ended` and `heartbeat`, each under a number of its feed; a
/// platform that numbers nothing, by `open` and `close`. The customer's app calls `status`, `verdict`,
/// `last_contact_challenge`, `last_contact`, `dial_ticket` and `header_ticket`; where calls arrive, the back end calls `arrive`.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then.
#[derive(Debug, Clone, Copy)]
pub struct Contact<'a>(pub(crate) &'a Enterprise);

impl Contact<'_> {
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
            let signing = inner.signing()?;
            let now = inner.clock.now()?;
            // Before the customer's record: what is reported between counts as not reported.
            let fresh = now.before(inner.policy.presence.lag);
            let reported = inner.learn_feeds(inner.telephony.feeds(), fresh, now).await?;
            let of = inner.of::<PresenceState>(customer, self.presence(customer));
            let mut sealer = inner.sealer(&of);
            let seen = inner.look(&of, &mut sealer).await?;
            let agreed = match self.asks_for_agreed(&seen, &of, &reported) {
                true => self.agreed(customer).await?,
                false => Agreed::default(),
            };
            let ask = Ask { agreed: &agreed, reported: &reported };
            let told = inner.run_on(&of, &mut sealer, seen, &ask).await?;
            let data = StatusData::new(nonce, told.status, told.call);
            let valid_for = inner.policy.presence.status_valid_for;
            self.answer(signing, customer, told.at, valid_for, data).await
        })
    }

    /// The customer's phone asks about a call that rings with a number of the enterprise's. The answer is a token for
    /// [`Device::open_verdict`](crate::Device::open_verdict), valid for seconds and for this question alone.
    ///
    /// *Legitimate* is said for one question per announced call: the same question gets it again for as long as it
    /// counts, any other is undetermined. Nothing is kept of a question but that.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey), [`Error::Signer`]. Otherwise as [`Contact`]: the
    /// app then answers "undetermined".
    pub async fn verdict(
        self,
        customer: &CustomerId,
        ringing: &RingingCall,
    ) -> Result<String, Error> {
        call!("contact.verdict", async {
            let signing = self.0.signing()?;
            let (verdict, at) = self.judged(customer, ringing).await?;
            let data = CallVerdictData::new(ringing.query, ringing.number.clone(), verdict);
            let valid_for = self.0.policy.presence.status_valid_for;
            self.answer(signing, customer, at, valid_for, data).await
        })
    }

    /// The enterprise's numbers and those that never call, signed for the apps of all customers
    /// ([`Device::open_numbers`](crate::Device::open_numbers)): valid from now for
    /// [`PresencePolicy::numbers_valid_for`](crate::policy::PresencePolicy::numbers_valid_for).
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey); [`Error::Signer`], [`Error::Clock`],
    /// [`Error::Random`].
    pub async fn numbers_token(self) -> Result<String, Error> {
        call!("contact.numbers_token", async {
            let (inner, signing) = (self.0, self.0.signing()?);
            let (now, valid_for) = (inner.clock.now()?, inner.policy.presence.numbers_valid_for);
            let shown = inner.telephony.shown_numbers(now).cloned().collect();
            let never = inner.telephony.never_shown_numbers().cloned().collect();
            let data = CallNumbersData::new(shown, never);
            self.answer(signing, Audience::everyone(), now, valid_for, data).await
        })
    }

    /// The app wants to know when the enterprise last called. That is told to the customer's key alone
    /// ([`last_contact`](Self::last_contact)): this is what the key has to answer, within two minutes. The next one takes
    /// its place.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] unless `credential` is a device key, a passkey or the app with its PIN, and can be used now; if the
    /// customer was erased. [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey). Otherwise as [`Contact`].
    pub async fn last_contact_challenge(
        self,
        customer: &CustomerId,
        credential: &CredentialId,
    ) -> Result<LastContactChallenge, Error> {
        call!("contact.last_contact_challenge", self.ask_key(customer, *credential))
    }

    /// The customer's key has answered: when the enterprise last called, and the last contact of all, signed for
    /// [`Device::open_last_contact`](crate::Device::open_last_contact). A credential that was bound on the session's word
    /// alone is told of contacts since then, and of none before.
    ///
    /// The observer is told [`Action::TellLastContact`](crate::history::Action::TellLastContact). The same proof may come
    /// again within its two minutes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the key did not answer what it was asked last, or too late; for a wrong code, which is counted
    /// as for a step-up. [`Error::Signer`]. Otherwise as [`last_contact_challenge`](Self::last_contact_challenge).
    pub async fn last_contact(
        self,
        customer: &CustomerId,
        proof: &LastContactProof,
    ) -> Result<LastContactAnswer, Error> {
        call!("contact.last_contact", self.tell_last_contact(customer, proof))
    }

    /// The app is about to dial the enterprise: a ticket that the call brings as digits. One use, three minutes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the customer has as many as
    /// [`TicketPolicy::per_customer`](crate::policy::TicketPolicy::per_customer), or was erased. Otherwise as [`Contact`].
    pub async fn dial_ticket(self, customer: &CustomerId) -> Result<DialTicket, Error> {
        call!("contact.dial_ticket", self.give_dial_ticket(customer))
    }

    /// The app is about to call the enterprise itself, over [the app's trunk](crate::contact::Telephony::app_trunk): a ticket
    /// for a SIP header of that call.
    ///
    /// # Errors
    ///
    /// As [`dial_ticket`](Self::dial_ticket).
    pub async fn header_ticket(self, customer: &CustomerId) -> Result<HeaderTicket, Error> {
        call!("contact.header_ticket", self.give_header_ticket(customer))
    }

    /// A call arrived, with what may be a ticket. One that counts says that an app session of this customer asked to call: it
    /// identifies nobody and approves nothing. Any other call is unknown, not refused.
    ///
    /// The observer is told [`Action::UseTicket`](crate::history::Action::UseTicket), refusals too. The same call may ask
    /// again, and gets the same answer.
    ///
    /// # Errors
    ///
    /// As [`Contact`]: the call then goes on as unknown.
    pub async fn arrive(self, arrival: &Arrival) -> Result<Arrived, Error> {
        call!("contact.arrive", self.look_up(arrival))
    }

    /// The id of a customer's record.
    pub(super) fn presence(&self, customer: &CustomerId) -> [u8; 16] {
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
    /// The verdict on a ringing call, and when it was given.
    async fn judged(
        self,
        customer: &CustomerId,
        ringing: &RingingCall,
    ) -> Result<(CallVerdict, Timestamp), Error> {
        let (inner, number) = (self.0, &ringing.number);
        let now = inner.clock.now()?;
        let Some(feeds) = inner.telephony.showing(number, now) else {
            return Ok((inner.telephony.verdict_on_another(number), now));
        };
        // Before the customer's record, as for the status.
        let lag = inner.policy.presence.lag;
        let fresh = now.before(lag);
        // And so far that the call can be told not to be ours, if that is possible by now.
        let tells = now.before(ringing.ringing_for).after(lag).after(SECOND);
        let reported = inner.learn_feeds(feeds, fresh.max(tells).min(now), now).await?;
        let of = inner.of::<PresenceState>(customer, self.presence(customer));
        inner.run(&of, &Judge { ringing, reported: &reported }).await
    }

    /// A signed answer under a random id.
    pub(super) async fn answer<D: TokenData>(
        self,
        signing: &Signing,
        audience: impl Into<Audience>,
        at: Timestamp,
        valid_for: Duration,
        data: D,
    ) -> Result<String, Error> {
        let mut id = [0; 16];
        self.0.random.fill(&mut id)?;
        self.0.sign(signing, audience, TokenId::from_bytes(id), at, valid_for, data).await
    }

    /// Whether the answer depends on what is agreed.
    fn asks_for_agreed(
        self,
        seen: &Seen<PresenceState>,
        of: &RecordRef<'_, PresenceState>,
        reported: &Reported,
    ) -> bool {
        let mut state =
            seen.found.as_ref().map(|found| found.body.state.clone()).unwrap_or_default();
        let cx = Context::of(of.place.id, Timestamp::EPOCH, seen.clock, &self.0.policy);
        state.forget_aged(&cx);
        state.asks_for_agreed(reported, &cx)
    }

    /// The interactions of `customer` whose end was reported lately, as far as it is remembered.
    pub(crate) async fn ended_lately(
        self,
        customer: &CustomerId,
    ) -> Result<Vec<InteractionId>, Error> {
        let found = self.0.read_for::<PresenceState>(customer, self.presence(customer)).await?;
        let closed = found.map(|(found, _)| found.body.state.closed).unwrap_or_default();
        Ok(closed.into_iter().map(|closed| closed.id).collect())
    }

    /// What is agreed about contact with `customer`, by callbacks and by challenges.
    async fn agreed(self, customer: &CustomerId) -> Result<Agreed, Error> {
        let of_callback = |state: CallbackState, cx: &Context<'_>| {
            let last = only(&state.shown).map(|shown| shown.interaction.clone());
            match state.callback(cx).status {
                CallbackStatus::Booked => (true, None),
                // Unless the customer thought better of it.
                CallbackStatus::Recognised if state.late_report.is_none() => (false, last),
                _ => (false, None),
            }
        };
        let of_challenge = |state: ChallengeState, cx: &Context<'_>| {
            let last = only(&state.shown).map(|shown| shown.interaction.clone());
            match state.status(cx) {
                ChallengeStatus::Confirmed => (true, None),
                ChallengeStatus::Recognised if state.late_report.is_none() => (false, last),
                _ => (false, None),
            }
        };
        let (callbacks, challenges) =
            self.0.live_of_both(customer, of_callback, of_challenge).await?;
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
