//! The part of the facet for step-ups with which a customer declines, and allows prompts again.

use crate::engine::trace::call;
use crate::error::Error;
use crate::step_up::facet::StepUps;
use crate::step_up::prompt_rules::{HoldPrompts, ResumePrompts};
use crate::step_up::prompting::prompts_of;
use crate::step_up::rules::Decline;
use crate::step_up::state::StepUpState;
use crate::step_up::view::{Prompts, StepUp, StepUpStatus};
use crate::step_up::who_rang::DeclineReason;
use crate::values::id::{CustomerId, StepUpId};

impl StepUps<'_> {
    /// The customer's app declines, and says why.
    ///
    /// [`NotMe`](DeclineReason::NotMe) ends everything that waits for the customer's approval, and holds off new prompts
    /// in interactions that the customer's app did not open, until [`resume_prompts`](Self::resume_prompts). It may also
    /// be said of a step-up whose time is over.
    ///
    /// The reason goes to the history and the observer as an action of its own, and never to the agent.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) after the end or an approval.
    pub async fn decline(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        reason: DeclineReason,
    ) -> Result<StepUp, Error> {
        call!("step_ups.decline", async {
            let of = self.0.of::<StepUpState>(customer, id.0);
            if reason == DeclineReason::NotMe {
                let found = self.0.read(&of).await?;
                let waits = found.is_some_and(|(found, clock)| {
                    let now = self.0.context(&found, id.0, clock).now;
                    // What was declined is declined last, when all else is done.
                    matches!(
                        found.body.state.status(now),
                        StepUpStatus::Requested | StepUpStatus::Expired
                    )
                });
                if waits {
                    self.0.run(&prompts_of(self.0, customer), &HoldPrompts).await?;
                    self.0.end_all(customer, id).await?;
                }
            }
            self.0.run(&of, &Decline(reason)).await
        })
    }

    /// The customer's app allows prompts again, from its authenticated session alone: those that were held off or have
    /// stopped, and those that were too many for a day. Ask the customer for what an app asks before it changes
    /// settings; never call it from a desktop or for a caller.
    ///
    /// # Errors
    ///
    /// See [`StepUps`].
    pub async fn resume_prompts(self, customer: &CustomerId) -> Result<Prompts, Error> {
        call!("step_ups.resume_prompts", self.0.run(&prompts_of(self.0, customer), &ResumePrompts))
    }

    /// Whether the customer can be asked, for their app.
    ///
    /// # Errors
    ///
    /// See [`StepUps`].
    pub async fn prompts(self, customer: &CustomerId) -> Result<Prompts, Error> {
        call!("step_ups.prompts", async {
            let found = self.0.read(&prompts_of(self.0, customer)).await?;
            Ok(found.map(|(found, _)| found.body.state.shown(&self.0.policy)).unwrap_or_default())
        })
    }
}
