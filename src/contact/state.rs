//! What is kept of a customer's open interactions, and how it is encoded.

use core::convert::Infallible;

use minicbor::encode::Write;

use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::contact::view::OngoingInteraction;
use crate::engine::frame::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::{InteractionId, PresenceId};
use crate::values::time::Timestamp;

/// An end that was reported, so that a beginning reported after it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) id: InteractionId,
    pub(crate) at: Timestamp,
}

/// One customer's open interactions as they are sealed in their record, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PresenceState {
    pub(crate) open: Vec<OngoingInteraction>,
    pub(crate) closed: Vec<Closed>,
}

impl PresenceState {
    /// Forgets what is older than the policy lets an interaction be, by this machine's clock: another's
    /// that was ahead must not end what exposes a relay.
    pub(crate) fn forget_aged(&mut self, cx: &Context<'_>) {
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
                0 => open = from.list(OngoingInteraction::decode)?,
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
