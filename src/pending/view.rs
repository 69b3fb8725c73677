//! What an app is given of what waits for it.

use serde::Serialize;

use crate::challenge::view::Challenge;
#[cfg(feature = "cards")]
use crate::payment::view::Payment;
use crate::step_up::view::StepUp;

/// Everything of one customer's that has not ended: [`Verifier::pending`](crate::Verifier::pending).
///
/// A token is there where the customer may still act on it, and a device accepts it. What has none is in flight: the
/// app shows it, and waits. How many there are is bounded by the policy's limits on what may be asked.
///
/// It is for the customer's app, never for an agent's desktop:
///
/// ```compile_fail,E0277
/// # use countersign::{AgentSafe, CustomerId, Error, Verifier};
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(bank: &Verifier, customer: &CustomerId) {
///     sent_to_desktop(bank.pending(customer)).await;
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pending {
    /// The challenges that have not ended, with or without an appointment, newest first.
    pub challenges: Vec<PendingChallenge>,
    /// The step-ups that can still be approved, or whose grant can still be redeemed, newest first.
    pub step_ups: Vec<PendingStepUp>,
    /// The payments of which it is not known yet how they ended, newest first.
    #[cfg(feature = "cards")]
    pub payments: Vec<PendingPayment>,
    /// How many records cannot be opened, and are left out: a key is missing, or somebody changed the row. Anything of
    /// the customer's may be in them: do not show "nothing waits".
    pub unreadable: usize,
}

/// A challenge that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PendingChallenge {
    /// How it stands: whether the customer has answered, and what was agreed.
    pub challenge: Challenge,
    /// Its token, until [`Challenge::until`], for
    /// [`Device::open_pending_challenge`](crate::Device::open_pending_challenge).
    pub token: Option<String>,
    /// The token of the appointment in force, if there is one, until the end of its slot, for
    /// [`Device::open_appointment`](crate::Device::open_appointment).
    pub appointment: Option<String>,
}

/// A step-up that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PendingStepUp {
    /// How it stands.
    pub step_up: StepUp,
    /// Its token, for [`Device::open_step_up`](crate::Device::open_step_up). `None` once the customer has approved it.
    pub token: Option<String>,
    /// Whether the enterprise has reported the end of the interaction in which it was asked for
    /// ([`Contact::close`](crate::contact::Contact::close)). The customer may still decline it, and should not
    /// approve: nobody is on the line who waits for it. `false` says nothing.
    pub interaction_ended: bool,
}

/// A payment that has not ended.
#[cfg(feature = "cards")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PendingPayment {
    /// How it stands.
    pub payment: Payment,
    /// Its token, until [`Payment::until`], for [`Device::open_payment`](crate::Device::open_payment). The enterprise
    /// does not know whether a card is on its way to the vault: an app that has handed one over for this payment hands
    /// over the same sealed card again, and no other. `None` once no card may be given any more: how it
    /// ended is still to come.
    pub token: Option<String>,
    /// See [`PendingStepUp::interaction_ended`].
    pub interaction_ended: bool,
}
