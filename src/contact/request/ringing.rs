//! A call that rings on a customer's phone, as the app asks about it.

use core::time::Duration;

use serde::{Serialize, Serializer};

use crate::contact::token::status::StatusNonce;
use crate::values::id::CredentialId;
use crate::values::phone::PhoneNumber;
use crate::values::secret::reads_request;

/// A call that rings. [`VerdictQuestion::ringing`](crate::device::VerdictQuestion::ringing) makes it, and the app sends it
/// as JSON:
///
/// ```json
/// {"query":"…","number":"+442071234567","device":"…","ringing_for":3,"beside_another":false}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use]
pub struct RingingCall {
    pub(crate) query: StatusNonce,
    pub(crate) number: PhoneNumber,
    pub(crate) device: CredentialId,
    #[serde(serialize_with = "in_seconds")]
    pub(crate) ringing_for: Duration,
    #[serde(rename = "beside_another")]
    pub(crate) others: bool,
}

fn in_seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_secs())
}

impl RingingCall {
    /// `number` rings on the phone of the credential `device`, and has for `ringing_for`, by the phone's stopwatch rather
    /// than its clock: clocks may differ. `query` names this question; the same again gets the same answer.
    pub const fn new(
        query: StatusNonce,
        number: PhoneNumber,
        device: CredentialId,
        ringing_for: Duration,
    ) -> Self {
        Self { query, number, device, ringing_for, others: false }
    }

    /// Another call rings or is waiting on the phone at the same time.
    pub const fn beside_another(mut self) -> Self {
        self.others = true;
        self
    }
}

reads_request! {
    RingingCall: "a call that rings", {
        query: StatusNonce,
        number: PhoneNumber,
        device: CredentialId,
        ringing_for: u64,
        #[serde(default)] beside_another: bool,
    } => |of| RingingCall {
        query: of.query,
        number: of.number,
        device: of.device,
        ringing_for: Duration::from_secs(of.ringing_for),
        others: of.beside_another,
    }
}
