//! The vault's short-lived key pairs. All its processes agree on them through the one record.

use core::time::Duration;

use crate::card::{OpeningKey, OpeningKeyId, SealingKey};
use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::engine::rule::{Context, Decision, Event, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::OpeningKeysId;
use crate::values::now::WallClock;
use crate::values::time::Timestamp;

/// For how long after the last key the record is retained at least: two purges find it, and overwrite the key. A record that is
/// no longer retained is deleted with all others, when its turn comes.
const OVERWRITTEN_WITHIN: Duration = Duration::from_secs(600);

/// The keys that exist, oldest first.
#[derive(Debug, Default)]
pub(crate) struct OpeningKeysState(Vec<Drawn>);

/// A key pair and its time.
#[derive(Debug)]
struct Drawn {
    key: OpeningKey,
    at: Timestamp,
    /// The end of its time, as the policy had it when it was drawn: whoever was given the key was told so.
    until: Timestamp,
}

/// The public half that requests get, and the time in which the private half opens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    pub(crate) key: SealingKey,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

impl Drawn {
    /// The end of its time. A policy that was tightened since counts at once, one that was loosened does not.
    fn ends(&self, policy: &Policy) -> Timestamp {
        self.until.min(self.at.after(policy.payments.opening_key_lives(policy.leeway)))
    }

    /// Whether its time has begun and is not over, by this machine's clock alone. One that was drawn while a clock was
    /// ahead would otherwise live for as long as that clock was ahead, and its own time.
    fn exists(&self, policy: &Policy, clock: WallClock) -> bool {
        self.at <= clock.after(policy.leeway) && !clock.has_reached(self.ends(policy))
    }
}

impl OpeningKeysState {
    /// The key that new requests get: for the first part of its time, so that what was sealed for it can
    /// still be opened in the rest.
    pub(crate) fn current(&self, policy: &Policy, clock: WallClock) -> Option<Given> {
        let last = self.0.last()?;
        let given_out = !clock.has_reached(last.at.after(policy.payments.opening_key_given_for));
        let given = Given { key: *last.key.public(), from: last.at, until: last.ends(policy) };
        (given_out && last.exists(policy, clock)).then_some(given)
    }

    /// The key `id`, if its time is not over.
    pub(crate) fn find(
        &self,
        id: OpeningKeyId,
        policy: &Policy,
        clock: WallClock,
    ) -> Option<&OpeningKey> {
        let found = self.0.iter().find(|drawn| drawn.key.public().id() == id);
        found.filter(|drawn| drawn.exists(policy, clock)).map(|drawn| &drawn.key)
    }

    /// Whether a key is to be destroyed.
    pub(crate) fn is_overdue(&self, policy: &Policy, clock: WallClock) -> bool {
        self.0.iter().any(|drawn| !drawn.exists(policy, clock))
    }
}

impl State for OpeningKeysState {
    const KIND: Kind = Kind::OpeningKeys;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let ends = self.0.iter().map(|drawn| drawn.ends(policy).after(OVERWRITTEN_WITHIN));
        ends.max().unwrap_or(Timestamp::EPOCH)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::OpeningKeys(OpeningKeysId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::OpeningKeys(self.0.iter().map(|drawn| drawn.key.public().id()).collect())
    }
}

record! {
    OpeningKeysState as state { 0 => keys: Vec<Drawn> = &state.0 } Ok(Self(keys))
}
record! {
    Drawn as drawn {
        0 => private: &[u8] = drawn.key.private(),
        1 => at: Timestamp = drawn.at,
        2 => until: Timestamp = drawn.until,
        3 => public: Option<SealingKey> = Some(*drawn.key.public()),
    } {
        let key = OpeningKey::kept(private, public).map_err(|_| Malformed)?;
        Ok(Self { key, at, until })
    }
}

/// Destroys the keys whose time is over, and takes the one drawn if requests need another.
pub(crate) struct Rotate<'a> {
    /// `None`: none is needed now.
    pub(crate) drawn: Option<&'a OpeningKey>,
}

impl Event<OpeningKeysState> for Rotate<'_> {
    type Outcome = Option<Given>;

    fn apply(
        &self,
        state: Option<OpeningKeysState>,
        cx: &Context<'_>,
    ) -> Decision<OpeningKeysState, Option<Given>> {
        let mut state = state.unwrap_or_default();
        let before = state.0.len();
        state.0.retain(|drawn| drawn.exists(cx.policy, cx.clock));
        let mut changed = state.0.len() != before;
        if state.current(cx.policy, cx.clock).is_none()
            && let Some(key) = self.drawn.map(OpeningKey::copy)
        {
            let at = cx.clock.stamp();
            let until = at.after(cx.policy.payments.opening_key_lives(cx.policy.leeway));
            state.0.push(Drawn { key, at, until });
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
