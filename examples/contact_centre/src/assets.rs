//! The page and its parts, built into the program: plain HTML, CSS and ES modules, as they stand in `pages/`. There is
//! nothing to build before it runs, and nothing is fetched from anywhere else.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;

/// A path and what is there.
type Asset = (&'static str, &'static str, &'static str);

pub const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

macro_rules! page {
    ($name:literal) => {
        include_str!(concat!("../pages/", $name))
    };
}

/// The customer's half, as `clients/js` gives it: the phone runs it, and so does the card's frame.
const CLIENT: &str = include_str!("../../../clients/js/dist/bundle/countersign.js");

/// The redactor, as `clients/redact-wasm` gives it: the phone masks its chat with it before anything is sent.
const REDACTOR: &str = include_str!("../../../clients/redact-wasm/redact.js");
const REDACTOR_MODULE: &[u8] = include_bytes!("../../../clients/redact-wasm/redact.wasm");

/// The bank's page.
const BANK: &[Asset] = &[
    ("/", HTML, page!("index.html")),
    ("/icon.svg", "image/svg+xml", page!("icon.svg")),
    ("/base.css", CSS, page!("base.css")),
    ("/panes.css", CSS, page!("panes.css")),
    ("/app.js", JS, page!("app.js")),
    ("/behind.js", JS, page!("behind.js")),
    ("/dom.js", JS, page!("dom.js")),
    ("/guide.js", JS, page!("guide.js")),
    ("/impostor.js", JS, page!("impostor.js")),
    ("/notices.js", JS, page!("notices.js")),
    ("/session.js", JS, page!("session.js")),
    ("/stories.js", JS, page!("stories.js")),
    ("/desktop/app.js", JS, page!("desktop/app.js")),
    ("/desktop/bills.js", JS, page!("desktop/bills.js")),
    ("/desktop/transfers.js", JS, page!("desktop/transfers.js")),
    ("/phone/app.js", JS, page!("phone/app.js")),
    ("/phone/callbacks.js", JS, page!("phone/callbacks.js")),
    ("/phone/chat.js", JS, page!("phone/chat.js")),
    ("/phone/conversation.js", JS, page!("phone/conversation.js")),
    ("/phone/dialling.js", JS, page!("phone/dialling.js")),
    ("/phone/history.js", JS, page!("phone/history.js")),
    ("/phone/kept.js", JS, page!("phone/kept.js")),
    ("/phone/notices.js", JS, page!("phone/notices.js")),
    ("/phone/passkey.js", JS, page!("phone/passkey.js")),
    ("/phone/payment.js", JS, page!("phone/payment.js")),
    ("/phone/reachable.js", JS, page!("phone/reachable.js")),
    ("/phone/ringing.js", JS, page!("phone/ringing.js")),
    ("/phone/step_up.js", JS, page!("phone/step_up.js")),
    ("/countersign.js", JS, CLIENT),
    ("/redact.js", JS, REDACTOR),
];

/// The card's frame, which the vault serves.
const VAULT: &[Asset] = &[
    ("/card", HTML, page!("vault/card.html")),
    ("/base.css", CSS, page!("base.css")),
    ("/card.css", CSS, page!("vault/card.css")),
    ("/card.js", JS, page!("vault/card.js")),
    ("/vault/challenge.js", JS, page!("vault/challenge.js")),
    ("/vault/kept.js", JS, page!("vault/kept.js")),
    ("/back.js", JS, page!("vault/back.js")),
    ("/countersign.js", JS, CLIENT),
];

/// Where the page of the card's bank ends, within the card's frame.
pub const BACK_PAGE: &str = page!("vault/back.html");

/// The page of the bank that issued the card.
pub const ISSUER_PAGE: &str = page!("issuer/challenge.html");
const ISSUER: &[Asset] = &[
    ("/base.css", CSS, page!("base.css")),
    ("/issuer.css", CSS, page!("issuer/issuer.css")),
    ("/challenge.js", JS, page!("issuer/challenge.js")),
];

fn served<S: Clone + Send + Sync + 'static>(assets: &'static [Asset]) -> Router<S> {
    assets.iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(|| async { ([(CONTENT_TYPE, *kind)], *text).into_response() }))
    })
}

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let module =
        || async { ([(CONTENT_TYPE, "application/wasm")], REDACTOR_MODULE).into_response() };
    served(BANK).route("/redact.wasm", get(module))
}

pub fn of_vault<S: Clone + Send + Sync + 'static>() -> Router<S> {
    served(VAULT)
}

pub fn of_issuer<S: Clone + Send + Sync + 'static>() -> Router<S> {
    served(ISSUER)
}
