//! What every request passes: the name it came under, the session, the token against forgery, limits, headers.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use countersign::CustomerId;

use crate::rooms::Open;
use crate::service::App;
use crate::session::{Role, Ticket, same};
use crate::watched::WRITTEN;

/// The header in which a page repeats what it was given when its session began.
pub const CSRF: &str = "x-csrf-token";

/// Who sent a request, and through which door.
#[derive(Clone)]
pub struct Visitor {
    pub room: Arc<Open>,
    pub role: Role,
    /// What is kept of the session's secret.
    pub door: String,
}

/// What a phone's endpoints answer with: the service, who sent the request, and whose session that is.
pub struct Phone {
    pub app: App,
    pub visitor: Visitor,
    pub customer: CustomerId,
}

impl FromRequestParts<App> for Phone {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, StatusCode> {
        let visitor = parts.extensions.get::<Visitor>().ok_or(StatusCode::UNAUTHORIZED)?.clone();
        let customer = visitor.room.read(|room| room.customer.clone());
        Ok(Self { app: app.clone(), visitor, customer })
    }
}

/// Lets a request of `role` in: with its own session, from its own page, and not too often.
pub async fn session(
    State((app, role)): State<(App, Role)>,
    mut request: Request,
    next: Next,
) -> Response {
    let (room, door) = match admit(&app, role, request.method(), request.headers()) {
        Ok(admitted) => admitted,
        Err(status) => return status.into_response(),
    };
    request.extensions_mut().insert(Visitor { room: room.clone(), role, door });
    let written = Arc::new(Mutex::new(BTreeSet::new()));
    let answer = WRITTEN.scope(written.clone(), next.run(request)).await;
    let owners = written.lock().map(|mut all| std::mem::take(&mut *all)).unwrap_or_default();
    if !owners.is_empty() && room.change(|room| room.owners.extend(owners)).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    answer
}

fn admit(
    app: &App,
    role: Role,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(Arc<Open>, String), StatusCode> {
    let ticket = Ticket::of(headers, role).ok_or(StatusCode::UNAUTHORIZED)?;
    let room = app.rooms.admit(&ticket, role).ok_or(StatusCode::UNAUTHORIZED)?;
    if *method != Method::GET {
        own_page(app, headers)?;
        let token = headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !same(token, &ticket.csrf(role)) {
            return Err(StatusCode::FORBIDDEN);
        }
    }
    let key = format!("{}{}", ticket.room, role.name());
    let admitted = (room, ticket.door(role));
    if app.calls.allow(&key) { Ok(admitted) } else { Err(StatusCode::TOO_MANY_REQUESTS) }
}

/// Whether the page that sends this is our own, as far as a browser says so.
pub fn own_page(app: &App, headers: &HeaderMap) -> Result<(), StatusCode> {
    let host = app.host.get().ok_or(StatusCode::FORBIDDEN)?;
    if is_from(host, headers) { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
}

/// Whether a page of `host` sends this, as far as a browser says so.
pub fn is_from(host: &str, headers: &HeaderMap) -> bool {
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    origin.and_then(|origin| origin.strip_prefix("http://")) == Some(host)
}

/// The headers of every answer. A request under another name than our own is answered by nobody: a site that has its name
/// point at this machine gets nothing.
pub async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let own = app.host.get().map(String::as_str).unwrap_or_default();
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host != Some(own) {
        // The name that people type as well. Everything stands under one name, so that it is one origin.
        let typed = own.replacen("localhost", "127.0.0.1", 1);
        return if host == Some(typed.as_str()) && request.uri().path() == "/" {
            Redirect::temporary(&format!("http://{own}/")).into_response()
        } else {
            StatusCode::MISDIRECTED_REQUEST.into_response()
        };
    }
    let mut answer = next.run(request).await;
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; connect-src 'self'; frame-src http://{}; form-action 'none'; \
         base-uri 'none'; frame-ancestors 'none'",
        app.vault.host()
    );
    harden(answer.headers_mut(), &policy);
    answer.headers_mut().insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    answer
}

/// Answers under this name alone, with this policy.
pub async fn under_own_name(host: &str, policy: &str, request: Request, next: Next) -> Response {
    let asked = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if asked != Some(host) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let mut answer = next.run(request).await;
    harden(answer.headers_mut(), policy);
    answer
}

/// Headers that the bank's answers and the vault's have in common. Nothing inline runs, and nothing is kept.
fn harden(headers: &mut HeaderMap, policy: &str) {
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    headers.insert(opener, HeaderValue::from_static("same-origin"));
    let features = HeaderName::from_static("permissions-policy");
    headers.insert(features, HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
}
