//! What telephony reports, and what a phone asks.

pub(crate) mod line_facts;
pub(crate) mod report;
pub(crate) mod ringing;
pub(crate) mod telephony;
