//! Credentials: what a customer holds to answer a step-up, and the counting of failures.
//!
//! `Pending → Active → Revoked`, or `Disabled` after too many failures in a row. The seed exists only
//! before the end.

mod checks;
mod evaluate;
mod events;
mod method;
mod provisioning;
mod question;
mod state;
mod word;

pub(crate) use self::checks::{Check, Confirm, Resync};
pub(crate) use self::evaluate::{confirm_question, delivered_code, respond, spoken_code};
pub(crate) use self::events::{Enrol, GiveWay, RefuseEnrol, Revoke, Unlock};
pub(crate) use self::method::Parameters;
pub(crate) use self::question::Typed;
pub(crate) use self::state::{CredentialState, KeyTag};

pub use self::method::{Enrolment, Import, Method, UnsuitableFob, UnsuitableSuite};
pub use self::provisioning::Provisioning;
pub use self::state::{Credential, CredentialStatus};
