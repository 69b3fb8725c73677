//! A call rings with a number that may be the enterprise's: what the app answers the phone's system.

use core::time::Duration;
use std::collections::BTreeSet;

use crate::contact::request::ringing::RingingCall;
use crate::contact::token::numbers::CallNumbersData;
use crate::contact::token::status::StatusNonce;
use crate::contact::token::verdict::{CallVerdict, CallVerdictData};
use crate::crypto::random::{Random, RandomError};
use crate::device::Device;
use crate::device::status::{NotVerified, in_time};
use crate::token::{Audience, TokenError, UntrustedToken};
use crate::values::id::CredentialId;
use crate::values::phone::PhoneNumber;
use crate::values::time::Timestamp;

/// For how long the app asks before it answers "undetermined": five seconds. The phone rings meanwhile.
///
/// That a call is none of the enterprise's is known once its systems have reported what began by then: that takes
/// [`PresencePolicy::lag`](crate::policy::PresencePolicy::lag) (two seconds), a second because times are whole seconds, and up
/// to another one until they report. An enterprise with a longer lag adds as much.
pub const VERDICT_BUDGET: Duration = Duration::from_secs(5);

/// How long the app waits before it asks the same question again, as long as the answer is "undetermined": a second.
pub const VERDICT_ASK_EVERY: Duration = Duration::from_secs(1);

/// The enterprise's numbers, as its signed list says. Numbers are looked up here, on the device: nobody learns which
/// others call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct KnownNumbers {
    calls: BTreeSet<PhoneNumber>,
    never_calls: BTreeSet<PhoneNumber>,
    until: Timestamp,
}

/// What the list says of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberLookup {
    /// A call of the enterprise's may show it: ask ([`VerdictQuestion`]).
    Ask,
    /// Answer this without asking.
    Verdict(CallVerdict),
}

impl KnownNumbers {
    /// What to do about a call that shows this number.
    #[must_use]
    pub fn look_up(&self, number: &PhoneNumber, now: Timestamp) -> NumberLookup {
        if self.calls.contains(number) {
            NumberLookup::Ask
        } else if !self.never_calls.contains(number) {
            NumberLookup::Verdict(CallVerdict::Unknown)
        } else if now < self.until {
            NumberLookup::Verdict(CallVerdict::NotLegitimate)
        } else {
            // A number may have begun to call since.
            NumberLookup::Verdict(CallVerdict::Undetermined)
        }
    }

    /// Until when the list holds. Fetch the next one before.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }
}

/// One question about a ringing call: send [`ringing`](Self::ringing) to the enterprise, keep the rest.
#[derive(Debug)]
#[must_use]
pub struct VerdictQuestion {
    query: StatusNonce,
    number: PhoneNumber,
    asked: Timestamp,
}

impl VerdictQuestion {
    /// A question about a call that shows `number`, asked at `now` by this device's own clock.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if the source failed.
    pub fn new(
        number: PhoneNumber,
        random: &impl Random,
        now: Timestamp,
    ) -> Result<Self, RandomError> {
        Ok(Self { query: StatusNonce::draw(random)?, number, asked: now })
    }

    /// For [`Contact::verdict`](crate::contact::Contact::verdict). `device` is the app's credential, `ringing_for` the time
    /// since the call began to ring, by a clock that is not set (Android's `elapsedRealtime`, which counts milliseconds). Ask
    /// with the same question again each [`VERDICT_ASK_EVERY`], until another answer than "undetermined" comes or
    /// [`VERDICT_BUDGET`] is over.
    pub fn ringing(&self, device: CredentialId, ringing_for: Duration) -> RingingCall {
        RingingCall::new(self.query, self.number.clone(), device, ringing_for)
    }
}

impl Device {
    /// Verifies the enterprise's list of numbers ([`Contact::numbers_token`](crate::contact::Contact::numbers_token)). It is
    /// the same for every customer, so it may be fetched from anywhere, and is kept until it is over.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if it is not genuine or not valid now: go on with the last one.
    pub fn open_numbers(&self, token: &str, now: Timestamp) -> Result<KnownNumbers, TokenError> {
        let claims = UntrustedToken::parse(token)?
            .verify::<CallNumbersData>(&self.trusted, &Audience::everyone(), now, self.leeway)?
            .into_claims();
        let until = claims.expires_at();
        let CallNumbersData { calls, never_calls } = claims.into_data();
        let (calls, never_calls) = (calls.into_iter().collect(), never_calls.into_iter().collect());
        Ok(KnownNumbers { calls, never_calls, until })
    }

    /// Opens the enterprise's verdict on the call of `question`. It counts for as many seconds from the question on as
    /// it says, by this device's own clock.
    ///
    /// # Errors
    ///
    /// [`NotVerified`]: answer "undetermined".
    pub fn open_verdict(
        &self,
        token: &str,
        question: &VerdictQuestion,
        now: Timestamp,
    ) -> Result<CallVerdict, NotVerified> {
        let claims = self.answer::<CallVerdictData>(token, now)?;
        if claims.data().nonce != question.query || claims.data().number != question.number {
            return Err(NotVerified::OtherQuestion);
        }
        Ok(in_time(claims, question.asked, now)?.verdict)
    }
}
