//! The facet for step-ups. Its calls stand by who makes them: `asking.rs`, `answering.rs`, `redeeming.rs`; here those of
//! the customer's prompts, and what is told of or exported.

use crate::engine::enterprise::Enterprise;
use crate::engine::page::Page;
use crate::engine::trace::call;
use crate::error::Error;
use crate::step_up::evidence::Evidence;
use crate::step_up::export::export;
use crate::step_up::joint::state::JointState;
use crate::step_up::joint::transfer::EndJoint;
use crate::step_up::prompt_rules::ResumePrompts;
use crate::step_up::prompting::prompts_of;
use crate::step_up::state::StepUpState;
use crate::step_up::transfer::HandOver;
use crate::step_up::view::{Prompts, StepUp};
use crate::values::id::{AgentId, CustomerId, StepUpId};
use crate::values::interaction::Interaction;

/// Step-ups: see [`Verifier::step_ups`](crate::Verifier::step_ups).
///
/// The agent's desktop calls `request` and `outcome`, which neither take nor return a code. The
/// customer's app calls `submit`, `submit_signed`, `decline`, `prompts` and `resume_prompts`. The back end calls `redeem` and
/// its like, `delivery`, `hand_over` and `evidence`.
/// Repeating a call whose answer was lost gives the first result again and counts nothing.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`]; nothing was decided then, or repeating the call finishes
/// it. An unknown id and another customer's are refused alike.
///
/// # What an agent's code calls
///
/// What the desktop calls takes no code and returns none; what returns one cannot be passed on to a
/// desktop:
///
/// ```
/// # use countersign::{AgentSafe, Error, Interaction, StepUpId};
/// # use countersign::step_up::{StepUpRequest, StepUps};
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: StepUps<'_>, call: &Interaction, asked: &StepUpRequest, id: &StepUpId) {
///     sent_to_desktop(async { Ok(of.request(call, asked).await?.step_up) }).await;
///     sent_to_desktop(of.outcome(call, id)).await;
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use countersign::{AgentSafe, CustomerId, Error, StepUpId};
/// # use countersign::step_up::StepUps;
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: StepUps<'_>, customer: &CustomerId, id: &StepUpId) {
///     sent_to_desktop(of.delivery(customer, id)).await;
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use countersign::{AgentSafe, CustomerId, Error};
/// # use countersign::credential::{Credentials, EnrolmentRequest};
/// async fn sent_to_desktop<T: AgentSafe>(call: impl Future<Output = Result<T, Error>>) {}
///
/// async fn desktop(of: Credentials<'_>, customer: &CustomerId, enrolment: &EnrolmentRequest) {
///     sent_to_desktop(of.enrol(customer, enrolment)).await;
/// }
/// ```
///
/// A code that a customer says aloud has no place to go:
///
/// ```compile_fail,E0061
/// # use countersign::Interaction;
/// # use countersign::otp::ocra::Response;
/// # use countersign::step_up::{StepUpRequest, StepUps};
/// async fn desktop(of: StepUps<'_>, call: &Interaction, asked: &StepUpRequest, code: &Response) {
///     let _ = of.request(call, asked, code).await;
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use countersign::{Interaction, StepUpId};
/// # use countersign::otp::ocra::Response;
/// # use countersign::step_up::StepUps;
/// async fn desktop(of: StepUps<'_>, call: &Interaction, id: &StepUpId, code: &Response) {
///     // It takes the customer, whom the host has authenticated, and not an interaction.
///     let _ = of.submit(call, id, code).await;
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StepUps<'a>(pub(crate) &'a Enterprise);

impl StepUps<'_> {
    /// The customer's app allows prompts again, from its authenticated session alone: those that were held off or have
    /// stopped, and those that were too many for a day. Ask the customer for what an app asks before it changes
    /// settings; never call it from a desktop or for a caller.
    ///
    /// `number` is that of what the app showed the customer ([`Prompts::number`]). If prompts were held off, have stopped
    /// or were allowed since, nothing is lifted: a call that comes late or once more lifts no hold that came after it. The
    /// answer says how it stands, and with which number.
    ///
    /// # Errors
    ///
    /// See [`StepUps`].
    pub async fn resume_prompts(
        self,
        customer: &CustomerId,
        number: u32,
    ) -> Result<Prompts, Error> {
        let resume = ResumePrompts(number);
        call!("step_ups.resume_prompts", self.0.run(&prompts_of(self.0, customer), &resume))
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

    /// The back end reports that a conversation went over to another agent: `interaction` names the new one, `from` the
    /// one before. Call it when telephony says so, after the report to [`Contact`](crate::contact::Contact).
    ///
    /// Of what was asked for on that call, the newest hundred of the customer's at most: what has no answer yet names the
    /// first agent and ends ([`StepUpStatus::Transferred`](crate::step_up::StepUpStatus::Transferred)), to be asked anew
    /// with the new name. Of all else the outcome is the new agent's from now on, and the first one's no more; a grant
    /// names both, and [`Redeemed::handed_over_to`](crate::step_up::Redeemed::handed_over_to) says so. A grant that the
    /// first agent was given before counts no more. A [joint step-up](crate::step_up::joint) that is not redeemed ends as if
    /// it was declined: the new agent asks anew.
    ///
    /// # Errors
    ///
    /// See [`StepUps`]; repeating the call goes on.
    pub async fn hand_over(
        self,
        interaction: &Interaction,
        from: &AgentId,
    ) -> Result<Vec<StepUp>, Error> {
        call!("step_ups.hand_over", async {
            let customer = &interaction.customer;
            let hand_over = HandOver { interaction, from };
            let found = self.0.paged::<StepUpState, _>(customer, Page::first(), |found, id, _| {
                Ok(hand_over.is_of(&found.body.state).then_some(id))
            });
            let mut handed = Vec::new();
            for id in found.await?.items.into_iter().flatten() {
                handed.push(self.0.run(&self.0.of(customer, id), &hand_over).await?);
            }
            let end = EndJoint { interaction, from };
            let open =
                self.0.live(customer, |state: JointState, cx| end.is_of(&state).then_some(cx.id));
            for id in open.await?.all.into_iter().flatten() {
                match self.0.run(&self.0.of(customer, id), &end).await {
                    // Another ended it meanwhile.
                    Ok(()) | Err(Error::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(handed)
        })
    }

    /// Exports what is known of an approval, for a dispute: what was asked, shown, answered, typed and signed, how the
    /// credential was bound, and both histories with receipts. The customer need not be there, and nothing is written.
    ///
    /// Whoever has the enterprise's public keys verifies it: [`Evidence::verify`]. It can be exported as long as the
    /// step-up is kept ([`Policy::retention`](crate::Policy::retention)); export what is disputed in time.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it was not approved;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey); [`Error::Signer`].
    pub async fn evidence(self, customer: &CustomerId, id: &StepUpId) -> Result<Evidence, Error> {
        call!("step_ups.evidence", export(self.0, customer, id))
    }
}
