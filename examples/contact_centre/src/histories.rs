//! The customer's own histories, for the app to compare with its receipts.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json};
use countersign::history::Subject;
use countersign::page::{Cursor, Page};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{Body, ForCustomer, Path};
use crate::guard::{Phone, Visitor};
use crate::service::{App, Endpoint};

type Answered = Result<Json<Value>, ForCustomer>;

/// Those of the phone.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        ("GET", "/history", get(history)),
        ("GET", "/history/{from}", get(history_from)),
        ("POST", "/history/receipt", post(receipt)),
    ]
}

async fn history(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Answered {
    histories(&app, &visitor, Page::first()).await
}

/// The page that begins at the `next` of the page before: the app checks all of them.
async fn history_from(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(from): Path<Cursor>,
) -> Answered {
    histories(&app, &visitor, Page::from(from)).await
}

async fn histories(app: &App, visitor: &Visitor, page: Page) -> Answered {
    let customer = visitor.room.read(|room| room.customer.clone());
    let history = app.bank.history(&customer, page).await?;
    let (items, unreadable) = (history.items, history.unreadable);
    Ok(Json(json!({ "items": items, "unreadable": unreadable, "next": history.next })))
}

#[derive(Deserialize)]
struct Of {
    subject: Subject,
}

async fn receipt(Phone { app, customer, .. }: Phone, Body(of): Body<Of>) -> Answered {
    let token = app.bank.history_receipt(&customer, of.subject).await?;
    Ok(Json(json!({ "token": token })))
}
