//! Real telephone calls on loopback: what baresip, SIPp and Kamailio tell, as reports for countersign, and the app's
//! answers. `call` (`main.rs`) plays them.

pub mod events;
pub mod line;
pub mod netstring;
pub mod pbx;
pub mod phone;
pub mod servers;

/// Whatever goes wrong ends the play.
pub type Failure = Box<dyn std::error::Error>;
