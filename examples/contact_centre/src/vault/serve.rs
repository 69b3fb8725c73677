//! The vault's endpoints: the card's frame, the payment, and what the bank's service asks.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::CONTENT_TYPE;
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
use countersign::vault::Paid;
use countersign::{CustomerId, Vault};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Fault;
use crate::answer::{Body, ForCustomer, nothing};
use crate::assets;
use crate::bank::{BANK, VAULT};
use crate::guard::{is_from, under_own_name};
use crate::http::ask;
use crate::limits::Limits;
use crate::rooms::now;
use crate::vault::Given;
use crate::vault::acquirer::Psp;
use crate::vault::link::{SERVICE, holder, is_service};

/// A request token and a sealed card are well below this.
const LONGEST: usize = 16 * 1024;
/// The longest challenge response, in characters.
const LONGEST_HINT: usize = 2_048;
/// How far back a sweep looks.
const BACK: Duration = Duration::from_secs(2 * 3600);
/// How long a batch of news may take to deliver.
const LEASE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(200);

struct Shared {
    vault: Vault,
    acquirer: Psp,
    secret: String,
    host: String,
    bank: String,
    /// Where the card's bank asks.
    issuer: String,
    trusted: [PublicKey; 2],
    calls: Limits,
}

type At = State<Arc<Shared>>;

pub fn start(
    listener: TcpListener,
    (vault, acquirer): (Vault, Psp),
    given: &Given,
    [host, issuer]: [&str; 2],
    trusted: [PublicKey; 2],
) {
    let shared = Arc::new(Shared {
        vault,
        acquirer,
        secret: given.secret.clone(),
        host: host.to_owned(),
        bank: given.bank_host.clone(),
        issuer: issuer.to_owned(),
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
        .route("/resume", post(resume))
        .route("/authenticated", post(authenticated))
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

/// Under its own name alone, in a frame of the bank's page alone; in that frame is the page of the card's bank.
///
/// YOURS: issuers are many. `frame-src` and `form-action` allow `https:` then.
async fn headers(State(shared): At, request: Request, next: Next) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         frame-src 'self' http://{0}; form-action http://{0}; base-uri 'none'; \
         frame-ancestors 'self' http://{1}",
        shared.issuer, shared.bank
    );
    under_own_name(&shared.host, &policy, request, next).await
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

/// The same, once more, with what came back from the card's bank.
#[derive(Deserialize)]
struct Back {
    #[serde(flatten)]
    pay: Pay,
    hint: Option<String>,
}

/// The customer pays. No log has this body, and nothing queues it.
async fn pay(
    State(shared): At,
    headers: HeaderMap,
    Body(pay): Body<Pay>,
) -> Result<Json<Value>, ForCustomer> {
    let customer = payer(&shared, &headers, &pay.ticket)?;
    // In a task of its own: a phone that hangs up must not throw away the acquirer's answer.
    let paying = tokio::spawn(async move {
        shared.vault.pay(&customer, &pay.token, &pay.sealed, &shared.acquirer).await
    });
    Ok(shown(&paying.await.map_err(Fault::from)??))
}

/// The customer has been at their card's bank. What the browser brings from there proves nothing: the vault asks.
async fn resume(
    State(shared): At,
    headers: HeaderMap,
    Body(back): Body<Back>,
) -> Result<Json<Value>, ForCustomer> {
    let Back { pay, hint } = back;
    let customer = payer(&shared, &headers, &pay.ticket)?;
    let paying = tokio::spawn(async move {
        let (vault, acquirer) = (&shared.vault, &shared.acquirer);
        vault.resume(&customer, &pay.token, &pay.sealed, hint.as_deref(), acquirer).await
    });
    Ok(shown(&paying.await.map_err(Fault::from)??))
}

/// Whose phone it is, from the frame of this vault alone.
fn payer(shared: &Shared, headers: &HeaderMap, ticket: &str) -> Result<CustomerId, ForCustomer> {
    let own = is_from(&shared.host, headers);
    let customer = holder(ticket, &shared.secret, now()).filter(|_| own).ok_or(nothing())?;
    if shared.calls.allow(customer.as_str()) { Ok(customer) } else { Err(Error::Busy.into()) }
}

/// Receipt and next step, never the card token.
fn shown(paid: &Paid) -> Json<Value> {
    Json(json!({
        "outcome": paid.receipt.outcome(), "last_four": paid.receipt.last_four(),
        "brand": paid.receipt.brand(), "next": paid.next,
    }))
}

/// The page of the card's bank ends here, with a challenge response (`cres`) in a form. It is handed to the card's frame
/// around it, which calls `resume`: nothing is decided by it.
async fn authenticated(form: String) -> Response {
    let cres = form.strip_prefix("cres=").unwrap_or_default();
    let sign = |one: u8| one.is_ascii_alphanumeric() || one == b'-' || one == b'_';
    if cres.len() > LONGEST_HINT || !cres.bytes().all(sign) {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let page = assets::BACK_PAGE.replace("{cres}", cres);
    ([(CONTENT_TYPE, assets::HTML)], page).into_response()
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
    let swept = shared.vault.reconcile(BACK, &shared.acquirer).await?;
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
