//! The bank that issued the card, as 3-D Secure has it (an access control server): a page on an origin of its own, in which
//! it asks its customer whether it is them.
//!
//! YOURS: none of it. Each issuer runs its own, and your acquirer says where. It is here so that the story can be told, in
//! the vault's process and with none of the vault's keys.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::answer::Body;
use crate::assets;
use crate::guard::{is_from, under_own_name};
use crate::limits::Limits;
use crate::session::same;
use crate::vault::books::{Asked, Books};

/// The code that the card's bank sends its customer. In this example it is always the same, and the page says it.
pub const CODE: &str = "204816";
/// So many wrong codes, and it was not the customer.
const TRIES: u8 = 3;
/// A challenge request is well below this.
const LONGEST: usize = 8 * 1024;

struct Shared {
    books: Arc<Books>,
    host: String,
    vault: String,
    bank: String,
    calls: Limits,
}

type At = State<Arc<Shared>>;

pub fn start(listener: TcpListener, books: Arc<Books>, host: &str, vault: &str, bank: &str) {
    let [host, vault, bank] = [host, vault, bank].map(ToOwned::to_owned);
    let shared = Arc::new(Shared { books, host, vault, bank, calls: Limits::new(20, 1) });
    let router = Router::new()
        .route("/challenge", post(challenge))
        .route("/about", post(about))
        .route("/answer", post(answer))
        .merge(assets::of_issuer())
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(from_fn_with_state(shared.clone(), headers))
        .with_state(shared);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// Under its own name alone, in the vault's frame alone, which is in the bank's page.
async fn headers(State(shared): At, request: Request, next: Next) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         form-action http://{}; base-uri 'none'; frame-ancestors http://{} http://{}",
        shared.vault, shared.vault, shared.bank
    );
    under_own_name(&shared.host, &policy, request, next).await
}

/// The customer's browser comes with the challenge request (`creq`), in a form.
async fn challenge(State(shared): At, form: String) -> Response {
    let name = form.strip_prefix("creq=").and_then(transaction).unwrap_or_default();
    match shared.books.change(&name, |entry| entry.is_some()) {
        // The name of an entry is signs that need no escaping.
        Ok(true) => {
            let page = assets::ISSUER_PAGE
                .replace("{transaction}", &name)
                .replace("{back}", &format!("http://{}/authenticated", shared.vault));
            ([(CONTENT_TYPE, assets::HTML)], page).into_response()
        }
        Ok(false) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The transaction that a challenge request names.
#[must_use]
pub fn transaction(creq: &str) -> Option<String> {
    let bytes = Base64UrlUnpadded::decode_vec(creq).ok()?;
    let read: Value = serde_json::from_slice(&bytes).ok()?;
    read.get("acsTransID")?.as_str().map(ToOwned::to_owned)
}

#[derive(Deserialize)]
struct Of {
    transaction: String,
}

/// What the page shows.
async fn about(State(shared): At, Body(of): Body<Of>) -> Response {
    let found = shared.books.change(&of.transaction, |entry| entry.clone());
    match found {
        Ok(Some(entry)) => {
            let open = entry.asked == Some(Asked::Waiting) && !entry.reversed;
            let left = TRIES.saturating_sub(entry.wrong);
            let body = json!({
                "says": entry.says, "last_four": entry.last_four, "open": open, "left": left,
            });
            Json(body).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Deserialize)]
struct Answer {
    transaction: String,
    /// None: "I am not paying this."
    code: Option<String>,
}

/// The customer answers, from this page. The first answer that ends it stands.
async fn answer(State(shared): At, headers: HeaderMap, Body(given): Body<Answer>) -> Response {
    if !is_from(&shared.host, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if !shared.calls.allow(&given.transaction) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let code = given.code.map(|code| code.replace(' ', ""));
    let ended = shared.books.change(&given.transaction, |entry| {
        let entry = entry.as_mut()?;
        if entry.asked == Some(Asked::Waiting) && !entry.reversed {
            match code {
                Some(code) if same(&code, CODE) => entry.asked = Some(Asked::Passed),
                Some(_) => {
                    entry.wrong = entry.wrong.saturating_add(1);
                    if entry.wrong >= TRIES {
                        entry.asked = Some(Asked::Failed);
                    }
                }
                None => entry.asked = Some(Asked::Failed),
            }
        }
        let passed = entry.asked == Some(Asked::Passed) && !entry.reversed;
        let waits = entry.asked == Some(Asked::Waiting) && !entry.reversed;
        Some((passed, waits, TRIES.saturating_sub(entry.wrong)))
    });
    match ended {
        Ok(Some((_, true, left))) => Json(json!({ "left": left })).into_response(),
        Ok(Some((passed, false, _))) => {
            // As EMV 3-D Secure 2 writes a challenge response. Whoever gets it asks the card's bank all the same.
            let status = if passed { "Y" } else { "N" };
            let cres = json!({
                "messageType": "CRes", "messageVersion": "2.2.0",
                "acsTransID": given.transaction, "transStatus": status,
            });
            let cres = Base64UrlUnpadded::encode_string(cres.to_string().as_bytes());
            Json(json!({ "status": status, "cres": cres })).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
