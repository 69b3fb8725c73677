//! The enterprise's telephone numbers, signed for the apps of all customers.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::token::{Purpose, TokenData};
use crate::values::phone::PhoneNumber;
use crate::values::secret::silent_serde;

/// The longest validity of the list of numbers: 31 days.
pub const MAX_NUMBERS_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

/// The most numbers that one list holds, of both kinds together.
pub const MAX_NUMBERS: usize = 250;

/// Which numbers the enterprise's calls show, and which of its numbers never call: what stands in the claim `data` of
/// the list. It is for everyone: the audience is `everyone`.
///
/// ```json
/// {"calls":["+442071234567"],"never_calls":["+448001234567"]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct CallNumbersData {
    /// The numbers that a call of the enterprise's may show.
    pub calls: Vec<PhoneNumber>,
    /// The numbers that only take calls.
    pub never_calls: Vec<PhoneNumber>,
}

silent_serde!(CallNumbersData: "the enterprise's numbers");

impl CallNumbersData {
    pub(crate) const fn new(calls: Vec<PhoneNumber>, never_calls: Vec<PhoneNumber>) -> Self {
        Self { calls, never_calls }
    }
}

impl TokenData for CallNumbersData {
    const PURPOSE: Purpose = Purpose::CallNumbers;
    const MAX_LIFETIME: Duration = MAX_NUMBERS_LIFETIME;
}
