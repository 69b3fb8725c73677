//! What may be seen of an open interaction.

use serde::Serialize;

use crate::codec::table::record;
use crate::values::id::{AgentId, InteractionId};
use crate::values::interaction::{Channel, Direction, Interaction};
use crate::values::time::Timestamp;

/// An interaction that is going on, as the back end may see it. It names the agent: not for desktops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OngoingInteraction {
    /// The platform's id.
    pub id: InteractionId,
    /// The medium.
    pub channel: Channel,
    /// Who contacted whom.
    pub direction: Direction,
    /// The agent who was last reported on it.
    pub agent: AgentId,
    /// When its beginning was reported.
    pub since: Timestamp,
}

impl OngoingInteraction {
    pub(crate) fn of(interaction: &Interaction, since: Timestamp) -> Self {
        Self {
            id: interaction.id.clone(),
            channel: interaction.channel,
            direction: interaction.direction,
            agent: interaction.agent.id.clone(),
            since,
        }
    }

    /// Whether people talk on it at the same time, so that nobody is on two of them.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self.channel, Channel::Voice | Channel::Video)
    }
}

record! {
    OngoingInteraction { 0 => id, 1 => channel, 2 => direction, 3 => agent, 4 => since }
}
