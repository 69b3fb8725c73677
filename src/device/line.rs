//! On which line a step-up was asked for, beside the one that the app knows it is on.

use crate::device::VerifiedStepUp;
use crate::values::interaction::LegKind;

impl VerifiedStepUp {
    /// What was read of the line on which it was asked for, if somebody looked. The approval covers it.
    #[must_use]
    pub const fn leg(&self) -> Option<LegKind> {
        self.claims.data().leg
    }

    /// The app knows that it is on such a line: it runs the conversation itself ([`LegKind::InApp`]), or it has placed the
    /// call, with a ticket.
    ///
    /// A step-up that was asked for on one of these is approved on the same alone: without this call, or with another
    /// line, [`approve`](Self::approve) and what is to be signed give nothing. Somebody else is on that line then. Nor is
    /// one that was asked for on any other line, a number's too, approved by an app that is in a conversation of its own.
    #[must_use]
    pub const fn on_line(mut self, here: LegKind) -> Self {
        self.here = Some(here);
        self
    }

    /// Whether the line on which it was asked for may be this one. Of a call to or from a number the app cannot tell, unless
    /// it runs the conversation itself: then it is none.
    #[must_use]
    pub fn fits_line(&self) -> bool {
        let Some(leg) = self.leg() else { return true };
        let elsewhere = self.here == Some(LegKind::InApp);
        self.here == Some(leg) || !(leg.is_known_to_app() || elsewhere)
    }
}
