//! What telephony reports, and what a phone asks.

pub(crate) mod report;
pub(crate) mod ringing;
pub(crate) mod telephony;
