//! A step-up before the customer has said who rang whom. Nothing of it can be read until then: a stranger who rings
//! the customer cannot have them agree to what the app shows.

use crate::device::action::Shown;
use crate::device::{Device, VerifiedStepUp};
use crate::step_up::token::StepUpData;
use crate::step_up::who_rang::{DeclineReason, WhoRang};
use crate::token::{Audience, Claims, TokenError, UntrustedToken};
use crate::values::id::{CustomerId, StepUpId};
use crate::values::time::Timestamp;

/// How often the customer is asked.
const TIMES: u8 = 2;

/// A genuine step-up of which nothing is shown yet. Direction, agent and transaction cannot be read from it:
///
/// ```compile_fail,E0599
/// fn show(asked: &countersign::device::UnansweredStepUp) {
///     let _payee = &asked.transaction().payee;
/// }
/// ```
#[derive(Debug)]
pub struct UnansweredStepUp {
    customer: CustomerId,
    claims: Claims<StepUpData>,
    /// What the app's own table says of it.
    shown: Shown,
    /// How often the customer has answered otherwise.
    mismatches: u8,
}

/// What the app does after the customer has said who rang whom.
#[derive(Debug)]
#[must_use]
#[allow(clippy::exhaustive_enums, reason = "an app has a screen for each")]
pub enum WhoRangCheck {
    /// Show it, all of it.
    Show(Box<VerifiedStepUp>),
    /// Ask once more, in the same words. Do not say what is right.
    AskAgain(Box<UnansweredStepUp>),
    /// Decline it, for this reason ([`StepUps::decline`](crate::step_up::StepUps::decline)), and tell the customer to hang
    /// up: somebody may be talking to the enterprise in their name.
    Decline(StepUpId, DeclineReason),
}

impl Device {
    /// Verifies a step-up token of the enterprise for this customer. First the customer says who rang whom
    /// ([`UnansweredStepUp::answer`]), if that is asked. What comes then is to be shown, all of it, before digits and the
    /// PIN are asked for.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if it is not genuine, not for this customer, or not valid now: show nothing of
    /// it.
    pub fn open_step_up(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<UnansweredStepUp, TokenError> {
        let audience = Audience::from(&self.customer);
        let token = UntrustedToken::parse(token)?;
        let verified = token.verify::<StepUpData>(&self.trusted, &audience, now, self.leeway)?;
        let (customer, claims) = (self.customer.clone(), verified.into_claims());
        let shown = Shown::of(&claims.data().what, &self.actions);
        Ok(UnansweredStepUp { customer, claims, shown, mismatches: 0 })
    }
}

impl UnansweredStepUp {
    /// Which step-up.
    #[must_use]
    pub const fn id(&self) -> StepUpId {
        self.claims.data().step_up
    }

    /// Until when the customer may answer.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.claims.expires_at()
    }

    /// Whether the customer is asked who rang whom. Ask neutrally, on a screen that shows nothing else: "Are you on
    /// the phone with us? Who rang whom?" with "I rang you", "You rang me" and "I don't know", none of them preset.
    #[must_use]
    pub const fn asks_who_rang(&self) -> bool {
        self.claims.data().who_rang
    }

    /// What is to be shown, if nothing is asked before.
    ///
    /// # Errors
    ///
    /// The step-up itself, if the customer has to say first who rang whom.
    pub fn without_answer(self) -> Result<VerifiedStepUp, Box<Self>> {
        if self.asks_who_rang() { Err(Box::new(self)) } else { Ok(self.shown(None)) }
    }

    /// The customer has said who rang whom. An answer to what is not asked is nothing.
    pub fn answer(mut self, who: WhoRang) -> WhoRangCheck {
        if !self.asks_who_rang() {
            return WhoRangCheck::Show(Box::new(self.shown(None)));
        }
        if who.fits(self.claims.data().direction) {
            return WhoRangCheck::Show(Box::new(self.shown(Some(who))));
        }
        self.mismatches = self.mismatches.saturating_add(1);
        if self.mismatches < TIMES {
            return WhoRangCheck::AskAgain(Box::new(self));
        }
        WhoRangCheck::Decline(self.id(), DeclineReason::WhoRangDiffers)
    }

    fn shown(self, who_rang: Option<WhoRang>) -> VerifiedStepUp {
        let Self { customer, claims, shown, .. } = self;
        VerifiedStepUp { customer, claims, shown, who_rang, digits: None, here: None }
    }
}
