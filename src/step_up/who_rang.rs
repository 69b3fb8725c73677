//! Who began the conversation, as the customer remembers it; and why a customer declines.

use serde::{Deserialize, Serialize};

use crate::codec::table::numbered;
use crate::values::agent_safe::agent_safe;
use crate::values::interaction::Direction;
use crate::values::secret::silent_serde;

numbered! {
    /// What the customer says of who rang whom, or who wrote first, before the app has shown anything.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[allow(clippy::exhaustive_enums, reason = "an app shows all three")]
    pub enum WhoRang {
        /// "I rang you."
        Customer = 1,
        /// "You rang me."
        Enterprise = 2,
        /// "I don't know."
        Unknown = 3,
    }
}

impl WhoRang {
    /// Whether that is no contradiction to `direction`. Who does not know contradicts nothing.
    #[must_use]
    pub const fn fits(self, direction: Direction) -> bool {
        matches!(
            (self, direction),
            (Self::Customer, Direction::Inbound)
                | (Self::Enterprise, Direction::Outbound)
                | (Self::Unknown, _)
        )
    }
}

silent_serde!(WhoRang: "who rang whom");

numbered! {
    /// Why a step-up was declined. For the back end, never for the agent: a coach may be listening, or be the agent.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case", remote = "Self")]
    #[non_exhaustive]
    pub enum DeclineReason {
        /// "That was not me." It ends all that waits, and holds off what is asked in conversations that the app did not
        /// begin.
        NotMe = 1,
        /// "The details are wrong."
        WrongDetails = 2,
        /// "I was told to do it."
        ToldTo = 3,
        /// "I changed my mind."
        ChangedMind = 4,
        /// The app's own: the customer's answer did not fit twice ([`WhoRang`]).
        WhoRangDiffers = 5,
    }
}

silent_serde!(DeclineReason: "why a step-up is declined");
agent_safe!(WhoRang);
