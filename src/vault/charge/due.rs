//! That a sweep is to look at a payment, though it was asked for in an earlier hour: how that is kept.

use crate::codec::table::record;
use crate::engine::rule::{Context, Decision, Event, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::store::Place;
use crate::values::id::{DueChargeId, PaymentId};
use crate::values::time::Timestamp;

/// Where the payment stands, and in which hour something was done with it. It says of nobody whose payment it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueCharge {
    owner: [u8; 16],
    id: [u8; 16],
    /// The beginning of the hour.
    hour: Timestamp,
}

impl DueCharge {
    pub(crate) const fn new(charge: &Place, hour: Timestamp) -> Self {
        Self { owner: charge.owner, id: charge.id, hour }
    }

    /// Where the payment stands.
    pub(crate) const fn charge(&self) -> Place {
        let [lane, ..] = self.owner;
        Place { lane, owner: self.owner, id: self.id }
    }
}

impl State for DueCharge {
    const KIND: Kind = Kind::DueCharge;

    /// As long as any sweep can look back.
    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.hour.after(policy.retention)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::MAX
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::DueCharge(DueChargeId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::DueCharge(PaymentId(self.id))
    }
}

record! { DueCharge { 0 => owner, 1 => id, 2 => hour } }

/// Something is about to be done with it.
pub(crate) struct FallDue<'a>(pub(crate) &'a DueCharge);

impl Event<DueCharge> for FallDue<'_> {
    type Outcome = ();

    fn apply(&self, state: Option<DueCharge>, _: &Context<'_>) -> Decision<DueCharge, ()> {
        match state {
            Some(_) => Decision::keep(None, Ok(())),
            None => Decision::write(self.0.clone(), Vec::new(), Ok(())),
        }
    }
}
