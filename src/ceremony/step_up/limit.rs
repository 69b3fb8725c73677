//! How many step-ups were asked for lately, of one customer or by one agent (push bombing).

use core::convert::Infallible;
use core::time::Duration;

use minicbor::encode::Write;

use crate::body::{Encode, In, Malformed, Out};
use crate::ceremony::{Context, Event, Kind, State, Step};
use crate::error::Reason;
use crate::history::Subject;
use crate::id::StepUpLimitId;
use crate::observer::View;
use crate::policy::Policy;
use crate::time::Timestamp;

/// By how much the clocks of the host's machines may differ without anyone being let off.
const CLOCKS_DIFFER: Duration = Duration::from_secs(3600);

/// The requests of the last while: what was asked, and when.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitState(Vec<([u8; 16], Timestamp)>);

impl State for LimitState {
    const KIND: Kind = Kind::StepUpLimit;

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let mut requests = Vec::new();
        from.map(|key, from| {
            if key == 0 {
                requests = from.list(|from| {
                    let (mut id, mut at) = (None, None);
                    from.map(|key, from| {
                        match key {
                            0 => id = Some(from.array_of()?),
                            1 => at = Some(Timestamp::from_unix(from.u64()?)),
                            _ => return Ok(false),
                        }
                        Ok(true)
                    })?;
                    Ok((id.ok_or(Malformed)?, at.ok_or(Malformed)?))
                })?;
            }
            Ok(key == 0)
        })?;
        Ok(Self(requests))
    }

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let last = self.0.iter().map(|(_, at)| *at).max().unwrap_or(Timestamp::EPOCH);
        last.after(policy.step_ups.limit_window).after(CLOCKS_DIFFER)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::StepUpLimit(StepUpLimitId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::StepUpLimit(u16::try_from(self.0.len()).unwrap_or(u16::MAX))
    }
}

impl Encode for LimitState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(1);
        to.entry(0, |to| {
            to.list(self.0.iter(), |to, (id, at)| {
                to.map(2);
                to.entry(0, |to| to.bytes(id));
                to.entry(1, |to| to.u64(at.unix()));
            });
        });
    }
}

/// One request more, if there may be one; the same one again is not counted.
pub(crate) struct Count {
    /// Names what is asked by its content: under the id alone something else could be asked anew, uncounted.
    pub(crate) asked: [u8; 16],
    pub(crate) most: u8,
}

impl Event<LimitState> for Count {
    type Outcome = ();

    fn apply(&self, state: Option<LimitState>, cx: &Context<'_>) -> Step<LimitState, ()> {
        let mut state = state.unwrap_or_default();
        // By this machine's clock, and left as they are: a machine that is ahead or lags by less than an hour
        // lets nobody off, and one that is ahead by more blocks nobody for as long.
        let window = cx.policy.step_ups.limit_window;
        state.0.retain(|(_, at)| cx.clock < at.after(window).after(CLOCKS_DIFFER));
        let ahead = window.max(CLOCKS_DIFFER);
        let lately = |at: Timestamp| at <= cx.clock.after(ahead) && cx.clock < at.after(window);
        let lately = state.0.iter().filter(|(_, at)| lately(*at));
        if lately.clone().any(|(asked, _)| *asked == self.asked) {
            return Step::keep(None, Ok(()));
        }
        if lately.count() >= usize::from(self.most) {
            return Step::keep(None, Err(Reason::TooManyRequests.into()));
        }
        state.0.push((self.asked, cx.clock));
        Step::write(state, Vec::new(), Ok(()))
    }
}
