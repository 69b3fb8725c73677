//! The stand-in for a sign-in: a visit begins, and opens one session for each pane.
//!
//! YOURS: the app signs its customer in, the desktop its agent, each in its own way and on its own origin. Only that a
//! session is for one role, lives in a cookie that scripts cannot read, and comes with a token against forgery, is to be
//! copied.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::Body;
use crate::guard::{Visitor, own_page};
use crate::service::{App, Endpoint};
use crate::session::{Role, Ticket};

pub fn endpoints() -> Vec<Endpoint> {
    vec![("POST", "/sessions", post(sessions))]
}

/// What needs no session: beginning.
pub fn open() -> Router<App> {
    Router::new().route("/visit", post(begin))
}

#[derive(Deserialize)]
struct Begin {
    /// Whether a visit that there is already is to be left.
    anew: bool,
}

/// `POST /visit`: a visit, or the one that there is.
async fn begin(State(app): State<App>, headers: HeaderMap, Body(begin): Body<Begin>) -> Response {
    if let Err(status) = own_page(&app, &headers) {
        return status.into_response();
    }
    let known = Ticket::of(&headers, Role::Visit)
        .filter(|ticket| !begin.anew && app.rooms.admit(ticket, Role::Visit).is_some());
    let (ticket, new) = match known {
        Some(ticket) => (ticket, false),
        // All visitors of this machine share one limit.
        None if !app.visits.allow("") => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        None => match app.rooms.begin() {
            Ok((_, ticket)) => (ticket, true),
            Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    };
    let body = Json(json!({ "csrf": ticket.csrf(Role::Visit), "new": new }));
    ([(SET_COOKIE, ticket.set_cookie(Role::Visit))], body).into_response()
}

#[derive(Deserialize)]
struct Wanted {
    role: Role,
}

#[derive(Serialize)]
struct Opened {
    csrf: String,
}

/// `POST /visit/sessions`: a session of one role.
async fn sessions(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Body(wanted): Body<Wanted>,
) -> Response {
    if wanted.role == Role::Visit {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(ticket) = app.rooms.sign_in(&visitor.room, wanted.role) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let cookie = ticket.set_cookie(wanted.role);
    ([(SET_COOKIE, cookie)], Json(Opened { csrf: ticket.csrf(wanted.role) })).into_response()
}
