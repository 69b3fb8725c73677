//! An authorisation server in front of the bank: backchannel authentication (OpenID Connect CIBA Core 1.0) and rich
//! authorisation requests (RFC 9396), mapped to step-ups and back. Types and rules, without HTTP.
//!
//! The server authenticates its clients, speaks HTTP and issues tokens. It hands the request's parameters to
//! [`BackchannelRequest::read`], asks for the step-up that this names, keeps the [`PendingAuthentication`], and answers the
//! client's polls by it. What the customer's
//! app answers is read as a [`DeviceAnswer`]. The rules are in the [manual](crate::manual::_14_ciba).

mod backchannel;
mod details;
mod device_answer;
mod error;
mod pending;

pub use self::backchannel::{AuthReqId, BackchannelRequest, DeliveryMode, InvalidAuthReqId, Ping};
pub use self::details::{DETAILS_TYPE, StepUpDetails};
pub use self::device_answer::DeviceAnswer;
pub use self::error::CibaError;
pub use self::pending::{Acknowledgement, ApprovedAuthentication, PendingAuthentication, Polled};
