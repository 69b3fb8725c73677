//! Contact: who is on the line. Which interactions are open with a customer, and the signed answer to "is
//! that really you?".
//!
//! Begin with [`Verifier::contact`](crate::Verifier::contact); the rules are in the
//! [manual](crate::manual::_05_contact).

pub(crate) mod branded;
pub(crate) mod facet;
pub(crate) mod feed;
pub(crate) mod past;
pub(crate) mod reporting;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod ticket;
pub(crate) mod token;
pub(crate) mod view;

pub use self::branded::{PurposeClass, RichCallData};
pub use self::facet::Contact;
pub use self::past::request::{LastContactAnswer, LastContactChallenge, LastContactProof};
pub use self::request::line_facts::{Forwarding, LineFacts, MalformedLineFacts, SimChange};
pub use self::request::report::{Acknowledged, Announcement, Introduction, Report};
pub use self::request::ringing::RingingCall;
pub use self::request::telephony::Telephony;
pub use self::ticket::request::{
    Arrival, Arrived, AskedToCall, DialTicket, HeaderTicket, NoTicket, TicketTransport,
};
pub use self::token::last_contact::{LastContactData, PastContact, ReportedSpan};
pub use self::token::numbers::{CallNumbersData, MAX_NUMBERS, MAX_NUMBERS_LIFETIME};
pub use self::token::status::{MAX_STATUS_LIFETIME, OnTheLine, Status, StatusData, StatusNonce};
pub use self::token::verdict::{CallVerdict, CallVerdictData};
pub use self::view::{OngoingInteraction, Presence};
pub use crate::values::phone::{InvalidPhoneNumber, PhoneNumber};
