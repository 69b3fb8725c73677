//! The vault's endpoints: the card's frame, the payment, and what the bank's service asks.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use countersign::card::SealedCard;
use countersign::error::Error;
use countersign::history::Subject;
use countersign::payment::Receipt;
use countersign::token::PublicKey;
use countersign::{CustomerId, Vault};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Fault;
use crate::answer::{Body, ForCustomer, nothing};
use crate::assets;
use crate::bank::{BANK, VAULT};
use crate::guard::harden;
use crate::http::ask;
use crate::limits::Limits;
use crate::rooms::now;
use crate::vault::Given;
use crate::vault::acquirer::Yes;
use crate::vault::link::{SERVICE, holder, is_service};

/// A request token and a sealed card are well below this.
const LONGEST: usize = 16 * 1024;
/// How far back a sweep looks.
const BACK: Duration = Duration::from_secs(2 * 3600);
/// How long a batch of news may take to deliver.
const LEASE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(200);

struct Shared {
    vault: Vault,
    secret: String,
    host: String,
    bank: String,
    trusted: [PublicKey; 2],
    calls: Limits,
}

type At = State<Arc<Shared>>;

pub fn start(
    listener: TcpListener,
    vault: Vault,
    given: &Given,
    host: &str,
    trusted: [PublicKey; 2],
) {
    let shared = Arc::new(Shared {
        vault,
        secret: given.secret.clone(),
        host: host.to_owned(),
        bank: given.bank_host.clone(),
        trusted,
        calls: Limits::new(20, 1),
    });
    let service = Router::new()
        .route("/service/key", post(key))
        .route("/service/receipt", post(receipt))
        .route("/service/sweep", post(sweep))
        .route("/service/acknowledge", post(acknowledge))
        .layer(from_fn_with_state(shared.clone(), service_alone));
    let router = Router::new()
        .route("/trust.json", get(trust))
        .route("/pay", post(pay))
        .merge(assets::of_vault())
        .merge(service)
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(from_fn_with_state(shared.clone(), headers))
        .with_state(shared.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let of = shared.clone();
    tokio::spawn(async move { deliver_forever(&of).await });
    tokio::spawn(async move {
        loop {
            // Destroys opening keys whose time is over.
            if let Err(error) = shared.vault.purge(1_000).await {
                complain(&error);
            }
            tokio::time::sleep(Duration::from_secs(300)).await;
        }
    });
}

fn complain(what: &dyn std::fmt::Display) {
    eprintln!("vault: {what}");
}

/// Under its own name alone, in a frame of the bank's page alone.
async fn headers(State(shared): At, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host != Some(shared.host.as_str()) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let mut answer = next.run(request).await;
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors http://{}",
        shared.bank
    );
    harden(answer.headers_mut(), &policy);
    answer
}

async fn service_alone(State(shared): At, request: Request, next: Next) -> Response {
    if is_service(request.headers(), &shared.secret) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

/// What the frame trusts. The vault serves it together with the frame.
async fn trust(State(shared): At) -> Response {
    let [bank, vault] = shared.trusted.map(|key| key.to_string());
    let body = json!({
        "bank": { "issuer": BANK, "keys": [bank] }, "vault": { "issuer": VAULT, "keys": [vault] },
        "page": format!("http://{}", shared.bank), "now": now(),
    });
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[derive(Deserialize)]
struct Pay {
    ticket: String,
    token: String,
    sealed: SealedCard,
}

/// The customer pays. No log has this body, and nothing queues it.
async fn pay(
    State(shared): At,
    headers: HeaderMap,
    Body(pay): Body<Pay>,
) -> Result<Json<Value>, ForCustomer> {
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    let own = origin.and_then(|it| it.strip_prefix("http://")) == Some(shared.host.as_str());
    let customer = holder(&pay.ticket, &shared.secret, now()).filter(|_| own).ok_or(nothing())?;
    if !shared.calls.allow(customer.as_str()) {
        return Err(Error::Busy.into());
    }
    // In a task of its own: a phone that hangs up must not throw away the acquirer's answer.
    let paying =
        tokio::spawn(
            async move { shared.vault.pay(&customer, &pay.token, &pay.sealed, &Yes).await },
        );
    let paid = paying.await.map_err(Fault::from)??;
    // Receipt and next step, never the card token.
    Ok(Json(json!({
        "outcome": paid.receipt.outcome(), "last_four": paid.receipt.last_four(),
        "brand": paid.receipt.brand(), "next": paid.next,
    })))
}

async fn key(State(shared): At) -> Result<Json<Value>, ForCustomer> {
    Ok(Json(json!(shared.vault.public_key().await?)))
}

#[derive(Deserialize)]
struct Of {
    token: String,
}

async fn receipt(State(shared): At, Body(of): Body<Of>) -> Result<Json<Value>, ForCustomer> {
    Ok(Json(json!(shared.vault.receipt(&of.token).await?)))
}

async fn sweep(State(shared): At) -> Result<Json<Value>, ForCustomer> {
    let swept = shared.vault.reconcile(BACK, &Yes).await?;
    if let Some(missed) = swept.failed {
        complain(&missed.error);
    }
    Ok(Json(json!(swept.receipts)))
}

#[derive(Deserialize)]
struct Applied {
    customer: CustomerId,
    receipt: Receipt,
}

async fn acknowledge(
    State(shared): At,
    Body(applied): Body<Applied>,
) -> Result<Json<Value>, ForCustomer> {
    shared.vault.acknowledge(&applied.customer, &applied.receipt).await?;
    Ok(Json(Value::Null))
}

/// Tells the bank that there is news of a payment, until it has heard.
async fn deliver_forever(shared: &Shared) {
    loop {
        match deliver(shared).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(TICK).await,
            Err(error) => {
                complain(&error);
                tokio::time::sleep(TICK).await;
            }
        }
    }
}

async fn deliver(shared: &Shared) -> Result<bool, Error> {
    let outbox = shared.vault.outbox();
    let most = NonZeroU16::new(20).unwrap_or(NonZeroU16::MIN);
    let Some(batch) = outbox.lease(most, LEASE).await? else {
        return Ok(false);
    };
    for notice in &batch.notices {
        let Subject::Charge(payment) = notice.subject else {
            outbox.acknowledge(&batch, [notice.id]).await?;
            continue;
        };
        let body = json!({ "customer": notice.customer, "payment": payment });
        let headers = [(SERVICE, shared.secret.as_str())];
        let told = ask(&shared.bank, Method::POST, "/vault/news", &headers, Some(&body)).await;
        if told.is_ok_and(|answer| answer.status == 200) {
            outbox.acknowledge(&batch, [notice.id]).await?;
        } else {
            outbox.give_back(&batch, notice.id, "the bank did not hear").await?;
            break;
        }
    }
    outbox.release(batch).await?;
    Ok(true)
}
