//! The vault's short-lived key pairs. All its processes agree on them through the one record.

use core::time::Duration;

use crate::card::{OpeningKey, OpeningKeyId, SealingKey};
use crate::codec::table::record;
use crate::engine::rule::{Context, Decision, Event, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::OpeningKeysId;
use crate::values::now::WallClock;
use crate::values::time::Timestamp;

/// The keys that exist, oldest first, and when each was drawn.
#[derive(Debug, Default)]
pub(crate) struct OpeningKeysState(Vec<(OpeningKey, Timestamp)>);

/// Whether a key's time has begun and is not over, by this machine's clock alone. One that was drawn while
/// a clock was ahead would otherwise live for as long as that clock was ahead, and a day.
fn exists(drawn: Timestamp, policy: &Policy, clock: WallClock) -> bool {
    drawn <= clock.after(policy.leeway)
        && !clock.has_reached(drawn.after(policy.payments.opening_key_for))
}

impl OpeningKeysState {
    /// The key that new requests get: for the first half of its time, so that what was sealed for it can
    /// still be opened in the second.
    pub(crate) fn current(&self, policy: &Policy, clock: WallClock) -> Option<SealingKey> {
        let (key, drawn) = self.0.last()?;
        let half = Duration::from_secs(policy.payments.opening_key_for.as_secs() / 2);
        let given_out = !clock.has_reached(drawn.after(half));
        (given_out && exists(*drawn, policy, clock)).then_some(*key.public())
    }

    /// The key `id`, if its time is not over.
    pub(crate) fn find(
        &self,
        id: OpeningKeyId,
        policy: &Policy,
        clock: WallClock,
    ) -> Option<&OpeningKey> {
        let found = self.0.iter().find(|(key, _)| key.public().id() == id);
        found.filter(|(_, drawn)| exists(*drawn, policy, clock)).map(|(key, _)| key)
    }

    /// Whether a key is to be destroyed.
    pub(crate) fn is_overdue(&self, policy: &Policy, clock: WallClock) -> bool {
        self.0.iter().any(|(_, drawn)| !exists(*drawn, policy, clock))
    }
}

impl State for OpeningKeysState {
    const KIND: Kind = Kind::OpeningKeys;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let last = self.0.last().map_or(Timestamp::EPOCH, |(_, drawn)| *drawn);
        last.after(policy.payments.opening_key_for)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::OpeningKeys(OpeningKeysId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::OpeningKeys(self.0.iter().map(|(key, _)| key.public().id()).collect())
    }
}

record! {
    OpeningKeysState as state { 0 => keys: Vec<(OpeningKey, Timestamp)> = &state.0 } Ok(Self(keys))
}
record! {
    (OpeningKey, Timestamp) as drawn {
        0 => key: OpeningKey = &drawn.0,
        1 => at: Timestamp = drawn.1,
    } Ok((key, at))
}

/// Destroys the keys whose time is over, and takes the one drawn if requests need another.
pub(crate) struct Rotate<'a> {
    /// `None`: none is needed now.
    pub(crate) drawn: Option<&'a OpeningKey>,
}

impl Event<OpeningKeysState> for Rotate<'_> {
    type Outcome = Option<SealingKey>;

    fn apply(
        &self,
        state: Option<OpeningKeysState>,
        cx: &Context<'_>,
    ) -> Decision<OpeningKeysState, Option<SealingKey>> {
        let mut state = state.unwrap_or_default();
        let before = state.0.len();
        state.0.retain(|(_, drawn)| exists(*drawn, cx.policy, cx.clock));
        let mut changed = state.0.len() != before;
        if state.current(cx.policy, cx.clock).is_none()
            && let Some(drawn) = self.drawn.and_then(OpeningKey::copy)
        {
            state.0.push((drawn, cx.clock.stamp()));
            changed = true;
        }
        let current = state.current(cx.policy, cx.clock);
        if changed {
            Decision::write(state, Vec::new(), Ok(current))
        } else {
            Decision::keep(None, Ok(current))
        }
    }
}
