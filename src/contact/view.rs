//! What may be seen of an open interaction.

use core::convert::Infallible;
use minicbor::encode::Write;
use serde::Serialize;

use crate::codec::cbor::{Encode, In, Malformed, Out};
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

impl OngoingInteraction {
    pub(crate) fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut id, mut channel, mut direction) = (None, None, None);
        let (mut agent, mut since) = (None, None);
        from.map(|key, from| {
            match key {
                0 => id = Some(from.parsed()?),
                1 => channel = Channel::from_number(from.u8()?),
                2 => direction = Direction::from_number(from.u8()?),
                3 => agent = Some(from.parsed()?),
                4 => since = Some(Timestamp::from_unix(from.u64()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            id: id.ok_or(Malformed)?,
            channel: channel.ok_or(Malformed)?,
            direction: direction.ok_or(Malformed)?,
            agent: agent.ok_or(Malformed)?,
            since: since.ok_or(Malformed)?,
        })
    }
}

impl Encode for OngoingInteraction {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(5);
        to.entry(0, |to| to.str(self.id.as_str()));
        to.entry(1, |to| to.u64(self.channel.number().into()));
        to.entry(2, |to| to.u64(self.direction.number().into()));
        to.entry(3, |to| to.str(self.agent.as_str()));
        to.entry(4, |to| to.u64(self.since.unix()));
    }
}
