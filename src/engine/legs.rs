//! Whether the line of an interaction is one on which the policy allows an act.

use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::policy::{Act, LegAdvice};
use crate::values::interaction::{Interaction, LegKind};
use crate::values::transaction::Transaction;

impl Engine {
    /// Looks at the line as it holds now: before each act. `required` is what an appointment states.
    pub(crate) fn allows_leg(
        &self,
        interaction: &Interaction,
        (act, transaction): (Act, Option<&Transaction>),
        required: Option<LegKind>,
    ) -> Result<(), Error> {
        let legs = &self.policy.legs;
        if legs.rules.is_empty() && required.is_none() {
            return Ok(());
        }
        let (leg, direction) = (legs.of(interaction, self.clock.now()?), interaction.direction);
        if let Some(required) = required.filter(|required| !leg.meets(*required)) {
            return Err(Invalid::Leg(LegAdvice::towards(&[required], direction)).into());
        }
        legs.allows(act, direction, transaction, leg).map_err(|advice| Invalid::Leg(advice).into())
    }
}
