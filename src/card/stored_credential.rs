//! What the customer agrees that their card is kept for.

use serde::{Deserialize, Serialize};

use crate::codec::table::numbered;
use crate::values::agent_safe::agent_safe;
use crate::values::secret::silent_serde;

numbered! {
    /// For what the customer agrees that the card is kept, in the terms of the schemes' rules on stored credentials
    /// (Visa's stored credential transaction framework, Mastercard's credential-on-file indicators). The first payment
    /// and each later one tell the acquirer.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum StoredCredential {
        /// Later payments that the customer asks for each time.
        CustomerInitiated = 1,
        /// The merchant charges at fixed intervals, until it is called off: a subscription.
        Recurring = 2,
        /// The merchant charges the parts of one purchase.
        Instalment = 3,
        /// The merchant charges when something agreed happens, at no fixed time: a top-up.
        Unscheduled = 4,
    }
}

silent_serde!(StoredCredential: "what a card is kept for");
agent_safe!(StoredCredential);

impl StoredCredential {
    /// Whether the merchant begins the later payments, without the customer.
    #[must_use]
    pub const fn is_merchant_initiated(self) -> bool {
        !matches!(self, Self::CustomerInitiated)
    }
}
