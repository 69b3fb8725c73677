//! Contact: who is on the line. Interactions that are open with a customer, and the signed answer to "is this you?".

pub(crate) mod facet;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod view;

pub use self::facet::Contact;
pub use self::token::{MAX_STATUS_LIFETIME, Status, StatusData, StatusNonce};
pub use self::view::OngoingInteraction;
