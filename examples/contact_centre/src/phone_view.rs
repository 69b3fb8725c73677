//! What the customer's phone shows: everything is the customer's own.

use axum::extract::State;
use axum::{Extension, Json};
use countersign::page::Page;
use serde_json::{Value, json};

use crate::answer::ForCustomer;
use crate::bank::{BANK, VAULT};
use crate::guard::Visitor;
use crate::rooms::now;
use crate::service::App;
use crate::telephony::{Call, Caller};

/// A call, as a telephone shows it: with the number that the network claims. It does not know who rings.
fn call(call: &Call) -> Value {
    let incoming = matches!(call.caller, Caller::Bank | Caller::Mallory);
    json!({
        "id": call.id, "incoming": incoming, "display": "Bank Example", "number": call.shows,
        "line": call.line, "said": call.said,
    })
}

/// `GET /phone/state`.
pub async fn state(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Json<Value>, ForCustomer> {
    let customer = visitor.room.read(|room| room.customer.clone());
    let callbacks = app.bank.callbacks().list(&customer, Page::first()).await?;
    let challenges = app.bank.challenges().list(&customer, Page::first()).await?;
    let payments = app.bank.payments().list(&customer, Page::first()).await?;
    let credentials = app.bank.credentials().list(&customer, Page::first()).await?;
    let pending = app.bank.pending(&customer).await?;
    let rules: Vec<Value> = app
        .bank
        .ground_rules()
        .iter()
        .map(|rule| json!({ "id": rule, "says": rule.to_string() }))
        .collect();
    let [bank_key, vault_key] = app.trusted.map(|key| key.to_string());
    Ok(Json(visitor.room.read(|room| {
        json!({
            "customer": room.customer, "name": "Alice Jones", "now": now(),
            // YOURS: keys are built into the app's signed package. A web page has none, so this one takes them here.
            "trust": {
                "bank": { "issuer": BANK, "keys": [bank_key] },
                "vault": { "issuer": VAULT, "keys": [vault_key],
                    "origin": format!("http://{}", app.vault.host()) },
            },
            "calls": room.calls.iter().filter(|one| one.reaches_phone()).map(call).collect::<Vec<_>>(),
            "callbacks": callbacks.items, "challenges": challenges.items,
            "payments": payments.items, "credentials": credentials.items, "pending": pending,
            "messages": room.messages, "board": room.board, "chat": room.chat, "rules": rules,
        })
    })))
}
