//! An authentication that waits for the customer, and how its client is answered (CIBA Core 1.0 §7.3, §10, §11).

use core::time::Duration;

use serde::Serialize;

use crate::ciba::{AuthReqId, BackchannelRequest, CibaError, StepUpDetails};
use crate::step_up::{Grant, Redeemed, StepUp, StepUpOutcome};
use crate::values::id::{CustomerId, StepUpId};
use crate::values::time::Timestamp;

/// How long a client waits between two polls at least, to begin with: §7.3's default.
const INTERVAL: Duration = Duration::from_secs(5);
/// What is added for one that polls too soon (§11).
const SLOWED_BY: Duration = Duration::from_secs(5);

/// An authentication that was begun: what the server keeps under its `auth_req_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAuthentication {
    id: AuthReqId,
    customer: CustomerId,
    details: StepUpDetails,
    step_up: StepUpId,
    until: Timestamp,
    interval: Duration,
    polled: Option<Timestamp>,
}

/// What the client is answered to its request (§7.3). The status is 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// Under which id it asks.
    pub auth_req_id: String,
    /// In how many seconds it ends.
    pub expires_in: u64,
    /// How many seconds there are between two polls at least.
    pub interval: u64,
}

/// What a poll comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "there are tokens or there are none")]
pub enum Polled {
    /// The customer approved: redeem the grant, then issue tokens.
    Approved(Grant),
    /// No tokens, for this reason.
    NoTokens(CibaError),
}

/// What was approved, for the server that issues tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApprovedAuthentication {
    /// `authorization_details` of the token response: those that were asked for.
    pub authorization_details: String,
    /// The customer was coerced. It stands beside the answer and in none of its parts: let nothing show it to the client,
    /// act as if all went well, and alert those who help.
    pub duress: bool,
}

impl PendingAuthentication {
    /// `step_up` was asked for by what [`BackchannelRequest::step_up`] made of `request`. It ends when the step-up does, or
    /// when the client means to wait no longer.
    #[must_use]
    pub fn begun(
        id: AuthReqId,
        request: &BackchannelRequest,
        step_up: &StepUp,
        now: Timestamp,
    ) -> Self {
        let asked = request.requested_expiry().map(|expiry| now.after(expiry));
        let until = asked.map_or(step_up.until, |asked| asked.min(step_up.until));
        Self {
            id,
            customer: request.customer().clone(),
            details: request.details().clone(),
            step_up: step_up.id,
            until,
            interval: INTERVAL,
            polled: None,
        }
    }

    /// Under which id the client asks.
    #[must_use]
    pub const fn id(&self) -> &AuthReqId {
        &self.id
    }

    /// What was asked for.
    #[must_use]
    pub const fn details(&self) -> &StepUpDetails {
        &self.details
    }

    /// Which step-up it waits for.
    #[must_use]
    pub const fn step_up(&self) -> StepUpId {
        self.step_up
    }

    /// What the client is answered to its request.
    #[must_use]
    pub fn acknowledgement(&self, now: Timestamp) -> Acknowledgement {
        Acknowledgement {
            auth_req_id: self.id.as_str().to_owned(),
            expires_in: self.until.since(now).as_secs(),
            interval: self.interval.as_secs(),
        }
    }

    /// The client polls, and `outcome` is how its step-up stands
    /// ([`StepUps::outcome`](crate::step_up::StepUps::outcome)).
    pub fn poll(&mut self, outcome: StepUpOutcome, now: Timestamp) -> Polled {
        let soon = self.polled.is_some_and(|polled| now < polled.after(self.interval));
        self.polled = Some(now);
        if now >= self.until {
            return Polled::NoTokens(CibaError::ExpiredToken);
        }
        if soon {
            self.interval = self.interval.saturating_add(SLOWED_BY);
            return Polled::NoTokens(CibaError::SlowDown);
        }
        Polled::NoTokens(match outcome {
            StepUpOutcome::Approved(grant) => return Polled::Approved(grant),
            StepUpOutcome::Waiting => CibaError::AuthorizationPending,
            // One that went over to another agent is asked anew, by another request.
            StepUpOutcome::Declined | StepUpOutcome::Refused | StepUpOutcome::Transferred => {
                CibaError::AccessDenied
            }
            StepUpOutcome::Expired => CibaError::ExpiredToken,
        })
    }
}

impl ApprovedAuthentication {
    /// What was approved is what this authentication waits for: its very step-up, which was asked with its direction,
    /// agent's name and all else. Another one, however alike, answers another request.
    ///
    /// # Errors
    ///
    /// [`CibaError::AccessDenied`] if it is another step-up, something else, or another customer's.
    pub fn of(pending: &PendingAuthentication, redeemed: &Redeemed) -> Result<Self, CibaError> {
        let same = redeemed.step_up() == pending.step_up
            && *redeemed.customer() == pending.customer
            && pending.details.is_approved_by(redeemed);
        if !same {
            return Err(CibaError::AccessDenied);
        }
        Ok(Self { authorization_details: pending.details.to_json(), duress: redeemed.duress() })
    }
}
