//! What is kept of a customer's open interactions, and how it is encoded.

use core::convert::Infallible;

use minicbor::encode::Write;
use serde::Serialize;

use crate::body::{Encode, In, Malformed, Out};
use crate::ceremony::{Context, Kind, State};
use crate::history::Subject;
use crate::id::{AgentId, InteractionId, PresenceId};
use crate::interaction::{Channel, Direction, Interaction};
use crate::observer::View;
use crate::policy::Policy;
use crate::time::Timestamp;

/// An interaction that is going on, as the back end may see it. It names the agent: not for desktops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenInteraction {
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

impl OpenInteraction {
    pub(super) fn of(interaction: &Interaction, since: Timestamp) -> Self {
        Self {
            id: interaction.id.clone(),
            channel: interaction.channel,
            direction: interaction.direction,
            agent: interaction.agent.id.clone(),
            since,
        }
    }

    /// Whether people talk on it at the same time, so that nobody is on two of them.
    pub(super) const fn is_live(&self) -> bool {
        matches!(self.channel, Channel::Voice | Channel::Video)
    }
}

/// An end that was reported, so that a beginning reported after it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(super) id: InteractionId,
    pub(super) at: Timestamp,
}

/// One customer's open interactions as they are sealed in their record, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PresenceState {
    pub(super) open: Vec<OpenInteraction>,
    pub(super) closed: Vec<Closed>,
}

impl PresenceState {
    /// Forgets what is older than the policy lets an interaction be, by this machine's clock: another's
    /// that was ahead must not end what exposes a relay.
    pub(super) fn forget_aged(&mut self, cx: &Context<'_>) {
        let most = cx.policy.presence.max_age;
        self.open.retain(|open| cx.clock < open.since.after(most));
        self.closed.retain(|closed| cx.clock < closed.at.after(most));
    }
}

impl State for PresenceState {
    const KIND: Kind = Kind::Presence;

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        from.map(|key, from| {
            match key {
                0 => open = from.list(OpenInteraction::decode)?,
                1 => closed = from.list(Closed::decode)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { open, closed })
    }

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let began = self.open.iter().map(|open| open.since);
        let ended = self.closed.iter().map(|closed| closed.at);
        let last = began.chain(ended).max().unwrap_or(Timestamp::EPOCH);
        last.after(policy.presence.max_age).after(policy.leeway)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Presence(PresenceId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        let mut now = self.clone();
        now.forget_aged(cx);
        View::Presence(now.open)
    }
}

impl Encode for PresenceState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(2);
        to.entry(0, |to| to.list(self.open.iter(), |to, open| open.encode(to)));
        to.entry(1, |to| to.list(self.closed.iter(), |to, closed| closed.encode(to)));
    }
}

impl OpenInteraction {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
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

impl Encode for OpenInteraction {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(5);
        to.entry(0, |to| to.str(self.id.as_str()));
        to.entry(1, |to| to.u64(self.channel.number().into()));
        to.entry(2, |to| to.u64(self.direction.number().into()));
        to.entry(3, |to| to.str(self.agent.as_str()));
        to.entry(4, |to| to.u64(self.since.unix()));
    }
}

impl Closed {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut id, mut at) = (None, None);
        from.map(|key, from| {
            match key {
                0 => id = Some(from.parsed()?),
                1 => at = Some(Timestamp::from_unix(from.u64()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { id: id.ok_or(Malformed)?, at: at.ok_or(Malformed)? })
    }
}

impl Encode for Closed {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(2);
        to.entry(0, |to| to.str(self.id.as_str()));
        to.entry(1, |to| to.u64(self.at.unix()));
    }
}
