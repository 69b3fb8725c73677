//! What waits for a customer's app, over all capabilities: for an app that was off, or that missed a push.
//!
//! Begin with [`Verifier::pending`](crate::Verifier::pending).

mod open;
pub(crate) mod view;

pub(crate) use self::open::pending;
#[cfg(feature = "cards")]
pub use self::view::PendingPayment;
pub use self::view::{Pending, PendingChallenge, PendingStepUp};
