//! The vault's short-lived key pairs. All its processes agree on them through the one record.

use core::convert::Infallible;
use core::time::Duration;

use minicbor::encode::Write;

use crate::card::{OpeningKey, OpeningKeyId, SealingKey};
use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::engine::frame::{Context, Decision, Event, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::OpeningKeysId;
use crate::values::time::Timestamp;

/// The keys that exist, oldest first, and when each was drawn.
#[derive(Debug, Default)]
pub(crate) struct OpeningKeysState(Vec<(OpeningKey, Timestamp)>);

/// Whether a key's time has begun and is not over, by this machine's clock alone. One that was drawn while
/// a clock was ahead would otherwise live for as long as that clock was ahead, and a day.
fn exists(drawn: Timestamp, policy: &Policy, clock: Timestamp) -> bool {
    drawn <= clock.after(policy.leeway) && clock < drawn.after(policy.payments.opening_key_for)
}

impl OpeningKeysState {
    /// The key that new requests get: for the first half of its time, so that what was sealed for it can
    /// still be opened in the second.
    pub(crate) fn current(&self, policy: &Policy, clock: Timestamp) -> Option<SealingKey> {
        let (key, drawn) = self.0.last()?;
        let half = Duration::from_secs(policy.payments.opening_key_for.as_secs() / 2);
        let given_out = clock < drawn.after(half);
        (given_out && exists(*drawn, policy, clock)).then_some(*key.public())
    }

    /// The key `id`, if its time is not over.
    pub(crate) fn find(
        &self,
        id: OpeningKeyId,
        policy: &Policy,
        clock: Timestamp,
    ) -> Option<&OpeningKey> {
        let found = self.0.iter().find(|(key, _)| key.public().id() == id);
        found.filter(|(_, drawn)| exists(*drawn, policy, clock)).map(|(key, _)| key)
    }

    /// Whether a key is to be destroyed.
    pub(crate) fn is_overdue(&self, policy: &Policy, clock: Timestamp) -> bool {
        self.0.iter().any(|(_, drawn)| !exists(*drawn, policy, clock))
    }
}

impl State for OpeningKeysState {
    const KIND: Kind = Kind::OpeningKeys;

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let mut keys = Vec::new();
        from.map(|key, from| {
            if key == 0 {
                keys = from.list(|from| {
                    let (mut private, mut drawn) = (None, None);
                    from.map(|key, from| {
                        match key {
                            0 => private = OpeningKey::from_bytes(from.bytes()?).ok(),
                            1 => drawn = Some(Timestamp::from_unix(from.u64()?)),
                            _ => return Ok(false),
                        }
                        Ok(true)
                    })?;
                    Ok((private.ok_or(Malformed)?, drawn.ok_or(Malformed)?))
                })?;
            }
            Ok(key == 0)
        })?;
        Ok(Self(keys))
    }

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let last = self.0.last().map_or(Timestamp::EPOCH, |(_, drawn)| *drawn);
        last.after(policy.payments.opening_key_for)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::OpeningKeys(OpeningKeysId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::OpeningKeys(self.0.iter().map(|(key, _)| key.public().id()).collect())
    }
}

impl Encode for OpeningKeysState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(1);
        to.entry(0, |to| {
            to.list(self.0.iter(), |to, (key, drawn)| {
                to.map(2);
                to.entry(0, |to| to.bytes(key.to_bytes().as_slice()));
                to.entry(1, |to| to.u64(drawn.unix()));
            });
        });
    }
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
            state.0.push((drawn, cx.clock));
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
