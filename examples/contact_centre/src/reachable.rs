//! Whether an agent can be reached, and how long that takes: what the platform measures, the signed answer for the phone, and
//! a callback that is booked from it.

use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::routing::post;
use countersign::Channel;
use countersign::callback::{BookingRequest, Callback, CallbackSecret};
use countersign::contact::StatusNonce;
use countersign::id::SkillId;
use countersign::reachability::SkillReport;
use countersign::{RequestId, Window};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Fault;
use crate::answer::{Body, ForCustomer};
use crate::guard::Visitor;
use crate::phone::KNOWN;
use crate::rooms::now;
use crate::service::{App, Endpoint};

/// How often the platform measures.
const MEASURED: Duration = Duration::from_secs(5);

pub fn endpoints() -> Vec<Endpoint> {
    vec![("POST", "/reachable", post(answer)), ("POST", "/reachable/callbacks", post(book))]
}

/// YOURS: your platform's queues, as it measures them. Never what a desktop says.
fn measured() -> Result<[SkillReport; 2], Fault> {
    let (at, voice) = (now(), Channel::Voice);
    let cards = SkillReport::open("cards".parse()?, voice, at).agents(12, 0);
    Ok([cards.wait(Duration::from_secs(240)), SkillReport::closed("mortgages".parse()?, voice, at)])
}

/// Reports for as long as the service runs.
pub fn start(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        loop {
            let reported = async {
                let reports = measured()?;
                Ok::<_, Fault>(app.bank.reachability().report(&reports).await?)
            };
            if let Err(fault) = reported.await {
                eprintln!("contact-centre: {fault}");
            }
            tokio::time::sleep(MEASURED).await;
        }
    });
}

#[derive(Deserialize)]
struct Question {
    nonce: StatusNonce,
}

async fn answer(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(question): Body<Question>,
) -> Result<Json<Value>, ForCustomer> {
    let customer = visitor.room.read(|room| room.customer.clone());
    let token = app.bank.reachability().answer(&customer, question.nonce).await?;
    Ok(Json(json!({ "token": token })))
}

#[derive(Deserialize)]
struct Book {
    /// The answer that the customer was shown.
    answer: String,
    skill: SkillId,
    request: RequestId,
    window: Window,
    secret: CallbackSecret,
}

async fn book(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(book): Body<Book>,
) -> Result<Json<Callback>, ForCustomer> {
    let customer = visitor.room.read(|room| room.customer.clone());
    let booking = BookingRequest::new(book.request, book.window, Channel::Voice, book.secret)
        .forbidding(KNOWN);
    let reachability = app.bank.reachability();
    Ok(Json(reachability.book(&customer, &book.answer, &book.skill, booking).await?))
}
