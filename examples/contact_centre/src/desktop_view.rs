//! What the agent's desktop shows. All of it goes through [`to_desktop`], so that a type which an agent must not see does
//! not compile; texts of the service's own are [`Masked`] before they may.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use countersign::agent_safe::ForDesktop;
use countersign::callback::{Callback, CallbackStatus};
use countersign::page::Page;
use countersign::payment::PaymentOutcome;
use countersign::redact::Masked;
use countersign::step_up::StepUpOutcome;

use crate::answer::{ForAgent, to_desktop};
use crate::desktop::interaction;
use crate::guard::Visitor;
use crate::rooms::now;
use crate::service::App;
use crate::telephony::Line;

/// `GET /desktop/state`.
pub async fn state(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, ForAgent> {
    let customer = visitor.room.read(|room| room.customer.clone());
    let callbacks = app.bank.callbacks().list(&customer, Page::first()).await?.items;
    let challenges = app.bank.challenges().list(&customer, Page::first()).await?.items;
    let payments = app.bank.payments().list(&customer, Page::first()).await?.items;

    // Outcomes are for the agent who asked, in the call in which they asked.
    let asked = visitor.room.read(|room| {
        let all = room.transfers.iter().rev().take(5);
        all.map(|one| Ok((interaction(room, &one.call)?, one.clone())))
            .collect::<Result<Vec<_>, ForAgent>>()
    })?;
    let mut transfers = Vec::new();
    for (call, one) in asked {
        let outcome: StepUpOutcome = app.bank.step_ups().outcome(&call, &one.id).await?;
        let booked = visitor.room.read(|room| {
            room.ledger.iter().find(|booked| booked.step_up == one.id).map(|booked| booked.at)
        });
        transfers.push(
            ForDesktop::new()
                .with("id", one.id)
                .with("call", one.call)
                .with("transaction", one.transaction)
                .with("outcome", outcome)
                .with("booked", booked),
        );
    }
    let asked = visitor.room.read(|room| {
        let all = room.payments.iter().rev().take(5);
        all.map(|one| Ok((interaction(room, &one.call)?, one.id)))
            .collect::<Result<Vec<_>, ForAgent>>()
    })?;
    let mut bills = Vec::new();
    for (call, id) in asked {
        let outcome: PaymentOutcome = app.bank.payments().outcome(&call, &id).await?;
        let payment = payments.iter().find(|payment| payment.id == id);
        bills.push(
            ForDesktop::new().with("id", id).with("payment", payment).with("outcome", outcome),
        );
    }
    let due = |room: &crate::rooms::Room| {
        // One that was shown, or is over, is nobody's work any more.
        let open = |one: &&Callback| one.status == CallbackStatus::Booked && room.is_due(one.id);
        let of = callbacks.iter().filter(open);
        of.cloned().collect::<Vec<_>>()
    };
    let screen = visitor.room.read(|room| {
        let calls = room.calls.iter().filter(|call| call.reaches_bank()).rev().take(6);
        let calls = calls.map(|call| {
            let said: Vec<_> = call
                .said
                .iter()
                .map(|said| {
                    ForDesktop::new()
                        .with("by", Masked::of(&said.by))
                        .with("text", Masked::of(&said.text))
                })
                .collect();
            Ok(ForDesktop::new()
                .with("interaction", call.interaction(room)?)
                .with("line", Masked::of(call.line.name()))
                .with("ticket", Masked::of(if call.asked { "asked" } else { "none" }))
                .with("said", said))
        });
        let calls = calls.collect::<Result<Vec<_>, ForAgent>>()?;
        let chat: Vec<_> = room
            .chat
            .iter()
            .map(|line| {
                ForDesktop::new()
                    .with("by", Masked::of(&line.by))
                    .with("text", Masked::of(&line.text))
            })
            .collect();
        // The case is on the screen while the agent talks to the customer, or has work to do for them.
        let open = room.calls.iter().any(|call| call.reaches_bank() && call.line != Line::Over);
        Ok::<_, ForAgent>(
            ForDesktop::new()
                .with("now", now())
                .with("agent", Masked::of("Bob Miller"))
                .with("name", Masked::of("Alice Jones"))
                .with("due", due(room))
                .with("calls", calls)
                .with("callbacks", open.then_some(callbacks.clone()))
                .with("challenges", &challenges)
                .with("transfers", transfers)
                .with("payments", bills)
                .with("chat", chat),
        )
    })?;
    Ok(to_desktop(&screen))
}
