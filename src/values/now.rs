//! What time it is for a rule, in two kinds. They are two types: a rule that took one for the other would be right
//! until two machines' clocks differ.

use core::time::Duration;

use crate::values::time::Timestamp;

/// What both kinds can do.
macro_rules! kind_of_now {
    ($kind:ident) => {
        impl $kind {
            /// Whether it is `deadline`, or later.
            pub(crate) fn has_reached(self, deadline: Timestamp) -> bool {
                deadline <= self.0
            }

            /// The instant `by` later.
            pub(crate) const fn after(self, by: Duration) -> Timestamp {
                self.0.after(by)
            }

            /// As an instant to write down.
            pub(crate) const fn stamp(self) -> Timestamp {
                self.0
            }
        }
    };
}

/// The time of a record: the later of the clock and the record's last change. Locks, windows and validity go by it,
/// so that they do not go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordTime(Timestamp);

impl RecordTime {
    /// The time of a record that was last changed then.
    pub(crate) fn of(clock: WallClock, updated: Timestamp) -> Self {
        Self(clock.0.max(updated))
    }
}

/// What this machine's clock shows. Codes that are made from the time go by it: one write by a machine whose clock
/// is ahead must not make them wrong. So does what another machine's clock must not prolong or forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WallClock(Timestamp);

impl WallClock {
    /// A clock that shows this.
    pub(crate) const fn shows(at: Timestamp) -> Self {
        Self(at)
    }
}

kind_of_now!(RecordTime);
kind_of_now!(WallClock);
