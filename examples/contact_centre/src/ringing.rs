//! Who is on the line: the bank's numbers, the verdict on a call that rings, and "call us" with a ticket.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json};
use countersign::contact::{
    Arrival, Arrived, CallVerdict, CallVerdictData, PhoneNumber, RingingCall,
};
use countersign::token::{Audience, Leeway, Purpose, TrustedKeys, UntrustedToken};
use countersign::{CustomerId, Issuer};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Fault;
use crate::answer::{Body, ForCustomer, nothing};
use crate::bank::BANK;
use crate::feed::What;
use crate::guard::Visitor;
use crate::rooms::{Room, now};
use crate::service::{App, Endpoint};
use crate::telephony::{Caller, SHOWN, rings};

type Answered = Result<Json<Value>, ForCustomer>;

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        ("GET", "/numbers", get(numbers)),
        ("POST", "/verdict", post(verdict)),
        ("POST", "/tickets", post(ticket)),
        ("POST", "/dial", post(dial)),
    ]
}

/// The same for every customer.
async fn numbers(State(app): State<App>) -> Answered {
    Ok(Json(json!({ "token": app.bank.contact().numbers_token().await? })))
}

/// A call rings on the customer's phone: is it the bank's? Of the question nothing is kept.
async fn verdict(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(ringing): Body<RingingCall>,
) -> Answered {
    let customer = visitor.room.read(|room| room.customer.clone());
    app.feed.report(&app.bank, What::Heartbeat).await?;
    let token = app.bank.contact().verdict(&customer, &ringing).await?;
    let told = told(&app, &customer, &token)?.name().replace('_', " ");
    visitor.room.change(|room| {
        room.reports(&format!("Alice’s phone asks about a ringing call. It is told: {told}."));
    })?;
    Ok(Json(json!({ "token": token })))
}

/// What the phone will read, for the pane behind the scenes. An integration has no use for it.
fn told(app: &App, customer: &CustomerId, token: &str) -> Result<CallVerdict, Fault> {
    let [own, _] = app.trusted;
    let mut trusted = TrustedKeys::new(Issuer::new(BANK)?);
    trusted.trust(own, Purpose::CallVerdict)?;
    let audience = Audience::from(customer);
    let verified = UntrustedToken::parse(token)?.verify::<CallVerdictData>(
        &trusted,
        &audience,
        now(),
        Leeway::DEFAULT,
    )?;
    Ok(verified.into_claims().into_data().verdict)
}

/// "Call us." The app dials what it gets, and neither shows nor keeps it.
async fn ticket(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Answered {
    let customer = visitor.room.read(|room| room.customer.clone());
    let number = SHOWN.parse().map_err(|_| nothing())?;
    let ticket = app.bank.contact().dial_ticket(&customer).await?;
    Ok(Json(json!({ "dial": ticket.dial_string(&number).as_str(), "until": ticket.until() })))
}

/// The number of this visit's phone, by which guesses are counted. Anyone can send any number: it says nothing more.
fn network_shows(room: &Room) -> Option<PhoneNumber> {
    let sum = room.id.bytes().map(u32::from).sum::<u32>();
    format!("+447700900{:03}", sum % 1000).parse().ok()
}

#[derive(Deserialize)]
struct Dialled {
    dial: String,
}

/// The phone's dialler: a number, and keys that are pressed behind it. The bank's machine takes them, and keeps none.
///
/// YOURS: the telephone network, and the IVR that answers.
async fn dial(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(dialled): Body<Dialled>,
) -> Answered {
    let (number, keys) = dialled.dial.split_once(',').unwrap_or((&dialled.dial, ""));
    if number != SHOWN {
        return Err(nothing().into()); // nobody of this play has another number
    }
    let call = rings(&app, &visitor, Caller::Customer, None).await?;
    let keys: String = keys.chars().filter(|key| *key != ',').collect();
    let mut arrival = Arrival::dialled(call.id.clone(), &keys);
    if let Some(number) = visitor.room.read(network_shows) {
        arrival = arrival.from_number(number);
    }
    let arrived = app.bank.contact().arrive(&arrival).await?;
    // The IVR's answer is for routing: the agent goes on to identify the customer as on every call.
    visitor.room.change(|room| {
        let asked = matches!(&arrived, Arrived::Asked(asked) if asked.customer == room.customer);
        if let Some(call) = room.live(&call.id) {
            call.asked = asked;
        }
        room.reports(match asked {
            true => "It brings a ticket: Alice’s app asked for this call.",
            false => "It brings no ticket that counts, and goes on as any other.",
        });
    })?;
    Ok(Json(json!({ "id": call.id })))
}
