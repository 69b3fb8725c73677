//! Which of a customer's ceremonies have not ended, and which of their tokens are of use.

use crate::challenge::state::ChallengeState;
use crate::contact::Contact;
use crate::engine::enterprise::Enterprise;
use crate::engine::rule::Context;
use crate::error::Error;
#[cfg(feature = "cards")]
use crate::payment::Payments;
#[cfg(feature = "cards")]
use crate::payment::state::PaymentState;
#[cfg(feature = "cards")]
use crate::payment::view::PaymentStatus;
#[cfg(feature = "cards")]
use crate::pending::view::PendingPayment;
use crate::pending::view::{Pending, PendingChallenge, PendingStepUp};
use crate::step_up::StepUps;
use crate::step_up::state::StepUpState;
use crate::step_up::view::StepUpStatus;
use crate::values::id::{CustomerId, InteractionId};

/// Everything of the customer's that has not ended.
pub(crate) async fn pending(of: &Enterprise, customer: &CustomerId) -> Result<Pending, Error> {
    of.signing_key()?;
    let (ended, unreadable) = match Contact(of).ended(customer).await {
        Ok(ended) => (ended, 0),
        // It may say that an interaction has ended.
        Err(Error::Record(_)) => (Vec::new(), 1),
        Err(error) => return Err(error),
    };
    let asking = Asking { of, customer, ended: &ended };
    let challenges = of.live(customer, |state, cx| challenge(&state, cx)).await?;
    let step_ups = of.live(customer, |state, cx| asking.step_up(&state, cx)).await?;
    #[cfg(feature = "cards")]
    let payments = of.live(customer, |state, cx| asking.payment(&state, cx)).await?;
    let unreadable = [unreadable, challenges.unreadable, step_ups.unreadable]
        .into_iter()
        .fold(0, usize::saturating_add);
    #[cfg(feature = "cards")]
    let unreadable = unreadable.saturating_add(payments.unreadable);
    Ok(Pending {
        challenges: challenges.all.into_iter().flatten().collect(),
        step_ups: step_ups
            .all
            .into_iter()
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?,
        #[cfg(feature = "cards")]
        payments: payments
            .all
            .into_iter()
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?,
        unreadable,
    })
}

fn challenge(state: &ChallengeState, cx: &Context<'_>) -> Option<PendingChallenge> {
    let challenge = state.challenge(cx);
    if challenge.status.has_ended() {
        return None;
    }
    let token = Some(&state.issued.token).filter(|_| !cx.now.has_reached(state.issued.until));
    let agreed = state.agreed.as_ref();
    let agreed = agreed.filter(|agreed| !cx.now.has_reached(agreed.slot.window.until()));
    let appointment = agreed.map(|agreed| agreed.token.clone());
    Some(PendingChallenge { challenge, token: token.cloned(), appointment })
}

/// What was asked for in interactions, some of which have `ended`.
struct Asking<'a> {
    of: &'a Enterprise,
    customer: &'a CustomerId,
    ended: &'a [InteractionId],
}

impl Asking<'_> {
    fn step_up(
        &self,
        state: &StepUpState,
        cx: &Context<'_>,
    ) -> Result<Option<PendingStepUp>, Error> {
        let terms = &state.terms;
        let step_up = state.step_up(cx);
        let open = match step_up.status {
            // Before its time, by this clock, no device accepts it.
            StepUpStatus::Requested => !cx.is_before(terms.at),
            StepUpStatus::Approved => false,
            StepUpStatus::Redeemed | StepUpStatus::Declined | StepUpStatus::Expired => {
                return Ok(None);
            }
        };
        let token =
            open.then(|| StepUps(self.of).token(self.customer, cx.id, terms)).transpose()?;
        let interaction_ended = self.ended.contains(&terms.interaction);
        Ok(Some(PendingStepUp { step_up, token, interaction_ended }))
    }

    #[cfg(feature = "cards")]
    fn payment(
        &self,
        state: &PaymentState,
        cx: &Context<'_>,
    ) -> Result<Option<PendingPayment>, Error> {
        let terms = &state.terms;
        let payment = state.payment(cx);
        let open = match payment.status {
            PaymentStatus::Requested => !cx.is_before(terms.at) && !cx.now.has_reached(terms.until),
            PaymentStatus::Unresolved => false,
            PaymentStatus::Authorised | PaymentStatus::Declined | PaymentStatus::Expired => {
                return Ok(None);
            }
        };
        let token =
            open.then(|| Payments(self.of).token(self.customer, cx.id, terms)).transpose()?;
        let interaction_ended = self.ended.contains(&terms.interaction);
        Ok(Some(PendingPayment { payment, token, interaction_ended }))
    }
}
