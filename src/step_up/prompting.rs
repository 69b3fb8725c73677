//! What a prompt asks besides the approval, and how prompts are counted and ended: what the facets have in common.

use crate::crypto::pae;
use crate::engine::RecordRef;
use crate::engine::enterprise::Enterprise;
use crate::error::{Error, Failure, Reason, Stop};
use crate::step_up::decline_rules::{EndMistyped, EndWithOther};
use crate::step_up::limit::{New, StandsAt};
use crate::step_up::prompt_rules::{
    AskPrompt, EndRow, HoldPrompts, SettlePrompts, TypeDigits, Typed,
};
use crate::step_up::prompts::PromptsState;
use crate::step_up::state::{StepUpState, Terms};
use crate::step_up::step_answer::GivenAnswer;
use crate::step_up::view::StepUpStatus;
use crate::values::id::{CustomerId, StepUpId};
use crate::values::interaction::Interaction;
use crate::values::time::Timestamp;

/// Whether what was asked besides the approval was answered.
pub(crate) enum Answered {
    Yes { after_wrong: bool },
    No(Reason),
}

impl Enterprise {
    /// The customer says of this one that it was not them: all others end, and new ones are held off.
    pub(crate) async fn hold_off(&self, customer: &CustomerId, id: &StepUpId) -> Result<(), Error> {
        let found = self.read(&self.of::<StepUpState>(customer, id.0)).await?;
        // It is declined last, when all else is done: until then the call repeated does all of it.
        if found.is_some_and(|(found, _)| found.body.state.may_be_disowned()) {
            self.run(&prompts_of(self, customer), &HoldPrompts).await?;
            self.end_all(customer, id).await?;
        }
        Ok(())
    }

    /// Ends all other step-ups of the customer's that wait.
    async fn end_all(&self, customer: &CustomerId, but: &StepUpId) -> Result<(), Error> {
        let waiting = self.live(customer, |state: StepUpState, cx| {
            (state.status(cx.now) == StepUpStatus::Requested).then_some(cx.id)
        });
        let waiting = waiting.await?;
        for id in waiting.all.into_iter().flatten().filter(|id| *id != but.0) {
            self.end(customer, id).await?;
        }
        // What cannot be opened may wait too: the call repeated ends it. Until then it is not answered either, since prompts
        // are held off.
        waiting.why.map_or(Ok(()), |why| Err(why.into()))
    }

    /// Ends one of them, unless it has ended meanwhile.
    async fn end(&self, customer: &CustomerId, id: [u8; 16]) -> Result<(), Error> {
        match self.run(&self.of(customer, id), &EndWithOther).await {
            Ok(step_up) => match &step_up.joint {
                Some(joint) => Box::pin(self.hear(customer, joint)).await,
                None => Ok(()),
            },
            Err(Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Ends what was asked while prompts were held off: whoever ended the others did not see it yet.
    pub(crate) async fn not_overtaken(
        &self,
        customer: &CustomerId,
        id: [u8; 16],
        holds: u32,
    ) -> Result<(), Error> {
        let found = self.read(&prompts_of(self, customer)).await?;
        if found.is_some_and(|(found, _)| found.body.state.holds != holds) {
            self.end(customer, id).await?;
        }
        Ok(())
    }

    /// What is asked, as it is counted.
    pub(crate) fn prompt(
        &self,
        interaction: &Interaction,
        id: [u8; 16],
        asked: &[&[u8]],
    ) -> AskPrompt {
        let of = self.of::<StepUpState>(&interaction.customer, id);
        let within = [b"countersign prompts within v1", interaction.id.as_str().as_bytes()];
        let new = New {
            asked: pae::first(&pae::sha256(asked)),
            stands_at: Some(StandsAt::of(&of.place)),
            within: Some(pae::first(&pae::sha256(&within))),
        };
        AskPrompt { new, in_app: interaction.opened_in_app }
    }

    /// Counts it. Those that were approved do not count: they are looked for when there is no room.
    pub(crate) async fn count_prompt(
        &self,
        customer: &CustomerId,
        prompt: &AskPrompt,
    ) -> Result<u32, Stop> {
        let of = prompts_of(self, customer);
        // A hold is a refusal with a reason, which the step-up's own note bears.
        let shut = |found: &PromptsState| !prompt.in_app && found.is_shut(&self.policy);
        match self.run(&of, prompt).await {
            Err(error @ Error::Refused(_)) => {
                let found = self.read(&of).await?;
                let Some((found, _)) = found else { return Err(error.into()) };
                let state = &found.body.state;
                if shut(state) {
                    return Err(Reason::PromptsHeld.into());
                }
                let mut undecided: Vec<StandsAt> = Vec::new();
                for counted in [&state.lately, &state.by_day, &state.own] {
                    undecided.extend(counted.undecided());
                }
                undecided.sort_unstable_by_key(|at| at.0);
                undecided.dedup();
                let fates = self.fates(undecided).await?;
                if fates.approved.is_empty() && fates.ended.is_empty() {
                    return Err(limited(error));
                }
                self.run(&of, &SettlePrompts(&fates)).await?;
                self.run(&of, prompt).await.map_err(limited)
            }
            counted => counted.map_err(Stop::from),
        }
    }

    /// From when on there is room for it, `from` at the earliest.
    pub(crate) async fn prompt_room(
        &self,
        customer: &CustomerId,
        prompt: &AskPrompt,
        from: Timestamp,
    ) -> Result<Timestamp, Error> {
        let of = prompts_of(self, customer);
        let found = self.read(&of).await?;
        Ok(found.map_or(from, |(found, clock)| {
            let cx = self.context(&found, of.place.id, clock);
            prompt.room_from(&found.body.state, from, &cx)
        }))
    }

    /// Whether the customer answered what was asked besides the approval. Looked at before any code or signature.
    pub(crate) async fn answered(
        &self,
        customer: &CustomerId,
        id: &StepUpId,
        terms: &Terms,
        answer: &GivenAnswer<'_>,
    ) -> Result<Answered, Error> {
        let fits = match (terms.asks_who, answer.who_rang) {
            (true, Some(who)) => who.fits(terms.direction),
            (asked, said) => !asked && said.is_none(),
        };
        if !fits {
            return Ok(Answered::No(Reason::WhoRangDiffers));
        }
        let Some(digits) = &terms.digits else {
            if answer.digits.is_some() {
                return Ok(Answered::No(Reason::WrongDigits));
            }
            return Ok(Answered::Yes { after_wrong: false });
        };
        let typed = TypeDigits {
            asked: &digits.0,
            typed: answer.digits,
            statement: terms.statement(&self.issuer, customer, id.0),
            interaction: &terms.interaction,
            in_app: terms.in_app,
        };
        match self.run(&prompts_of(self, customer), &typed).await? {
            Typed::Right { after_wrong } => Ok(Answered::Yes { after_wrong }),
            Typed::Shut => Ok(Answered::No(Reason::PromptsHeld)),
            Typed::Wrong { ends: false } => Ok(Answered::No(Reason::WrongDigits)),
            Typed::Wrong { ends: true } => {
                let ended = self.run(&self.of(customer, id.0), &EndMistyped).await;
                if let Some(joint) = &terms.joint {
                    Box::pin(self.hear(customer, joint)).await?;
                }
                ended?;
                Ok(Answered::No(Reason::Ended))
            }
        }
    }

    /// What was wrong before is in no row any more.
    pub(crate) async fn end_row(&self, customer: &CustomerId) -> Result<(), Error> {
        self.run(&prompts_of(self, customer), &EndRow).await
    }
}

/// A refusal of a limit, for the rule that notes it.
fn limited(error: Error) -> Stop {
    match error.retry_at() {
        Some(at) => Failure::Limited(at).into(),
        None => error.into(),
    }
}

/// The record of a customer's prompts.
pub(crate) fn prompts_of<'a>(
    of: &Enterprise,
    customer: &'a CustomerId,
) -> RecordRef<'a, PromptsState> {
    let owner = of.owner::<PromptsState>(customer);
    // One for each customer.
    of.of(customer, owner)
}
