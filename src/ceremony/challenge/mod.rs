//! Challenges: the enterprise announces a contact, the customer answers, and the agent who then makes
//! contact says a code that the customer's app knows, or the customer's own word.
//!
//! `Issued → Answered → Confirmed → Presented → Recognised | NotRecognised`, or `Declined`, `Reported`,
//! `Revoked`, `Expired`. With a slot fixed from the start it begins as `Confirmed`.

mod back_end;
mod customer;
mod desktop;
mod encoding;
mod spoken_code;
mod state;
mod values;

pub(crate) use self::back_end::{ConfirmIt, IssueIt, Revoke, check_slot};
pub(crate) use self::customer::{Accept, Conclude, Decline, Report};
pub(crate) use self::desktop::Present;
pub(crate) use self::spoken_code::question;
pub(crate) use self::state::{Agreed, Asked, ChallengeState, Issued};

pub use self::desktop::ToSay;
pub use self::state::{Appointment, Challenge, ChallengeStatus, Proposal};
pub use self::values::{
    Acceptance, Answer, AppointmentConfirmed, ChallengeIssued, IssueChallenge, Slot,
};
