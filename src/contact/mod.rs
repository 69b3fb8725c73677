//! Contact: who is on the line. Which interactions are open with a customer, and the signed answer to "is
//! that really you?".
//!
//! Begin with [`Verifier::contact`](crate::Verifier::contact); the rules are in the
//! [manual](crate::manual::_05_contact).

pub(crate) mod facet;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod view;

pub use self::facet::Contact;
pub use self::token::{MAX_STATUS_LIFETIME, Status, StatusData, StatusNonce};
pub use self::view::OngoingInteraction;
