//! Which of a customer's ceremonies have not ended, and which of their tokens are of use.

use crate::challenge::state::ChallengeState;
use crate::contact::Contact;
use crate::engine::enterprise::Enterprise;
use crate::engine::rule::Context;
use crate::error::Error;
#[cfg(feature = "cards")]
use crate::payment::Payments;
#[cfg(feature = "cards")]
use crate::payment::state::{PaymentState, Terms as PaymentTerms};
#[cfg(feature = "cards")]
use crate::payment::view::{Payment, PaymentStatus};
#[cfg(feature = "cards")]
use crate::pending::view::PendingPayment;
use crate::pending::view::{Pending, PendingChallenge, PendingStepUp};
use crate::step_up::StepUps;
use crate::step_up::state::{StepUpState, Terms};
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::values::id::CustomerId;
#[cfg(feature = "cards")]
use crate::values::id::InteractionId;

/// Everything of the customer's that has not ended.
pub(crate) async fn pending(of: &Enterprise, customer: &CustomerId) -> Result<Pending, Error> {
    of.signing()?;
    let (ended, unreadable) = match Contact(of).ended_lately(customer).await {
        Ok(ended) => (ended, 0),
        // It may say that an interaction has ended.
        Err(Error::Record(_)) => (Vec::new(), 1),
        Err(error) => return Err(error),
    };
    let challenges = of.live(customer, |state, cx| challenge(&state, cx)).await?;
    let asked = of.live(customer, step_up).await?;
    let unreadable = [unreadable, challenges.unreadable, asked.unreadable];
    let unreadable = unreadable.into_iter().fold(0, usize::saturating_add);
    let mut step_ups = Vec::new();
    for (step_up, open, terms) in asked.all.into_iter().flatten() {
        // Another approver declined, or it was redeemed without this one.
        if let Some(joint) = &terms.joint
            && of.joint_has_ended(joint).await?
        {
            continue;
        }
        let token = match open {
            true => Some(StepUps(of).token(customer, step_up.id.0, &terms).await?),
            false => None,
        };
        let interaction_ended = ended.contains(&terms.interaction);
        step_ups.push(PendingStepUp { step_up, token, interaction_ended });
    }
    let pending = Pending {
        challenges: challenges.all.into_iter().flatten().collect(),
        step_ups,
        #[cfg(feature = "cards")]
        payments: Vec::new(),
        unreadable,
    };
    #[cfg(feature = "cards")]
    let pending = with_payments(of, customer, &ended, pending).await?;
    Ok(pending)
}

#[cfg(feature = "cards")]
async fn with_payments(
    of: &Enterprise,
    customer: &CustomerId,
    ended: &[InteractionId],
    mut to: Pending,
) -> Result<Pending, Error> {
    let asked = of.live(customer, payment).await?;
    to.unreadable = to.unreadable.saturating_add(asked.unreadable);
    for (payment, open, terms) in asked.all.into_iter().flatten() {
        let token = match open {
            true => Some(Payments(of).token(customer, payment.id.0, &terms).await?),
            false => None,
        };
        let interaction_ended = ended.contains(&terms.interaction);
        to.payments.push(PendingPayment { payment, token, interaction_ended });
    }
    Ok(to)
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

/// A step-up that has not ended, whether it can be answered now, and what it asks for.
fn step_up(state: StepUpState, cx: &Context<'_>) -> Option<(StepUp, bool, Terms)> {
    let shown = state.step_up(cx);
    let open = match shown.status {
        // Before its time, by this clock, no device accepts it.
        StepUpStatus::Requested => !cx.is_before(state.terms.at),
        StepUpStatus::Approved => false,
        StepUpStatus::Redeemed
        | StepUpStatus::Declined
        | StepUpStatus::Expired
        | StepUpStatus::Transferred => return None,
    };
    Some((shown, open, state.terms))
}

/// The same of a payment.
#[cfg(feature = "cards")]
fn payment(state: PaymentState, cx: &Context<'_>) -> Option<(Payment, bool, PaymentTerms)> {
    let (shown, terms) = (state.payment(cx), state.terms);
    let open = match shown.status {
        PaymentStatus::Requested | PaymentStatus::SoftDeclined => {
            !cx.is_before(terms.at) && !cx.now.has_reached(terms.until)
        }
        PaymentStatus::Authenticating | PaymentStatus::Unresolved => false,
        PaymentStatus::Authorised
        | PaymentStatus::Voided
        | PaymentStatus::Refunded
        | PaymentStatus::ChargedBack
        | PaymentStatus::Declined
        | PaymentStatus::Expired => return None,
    };
    Some((shown, open, terms))
}
