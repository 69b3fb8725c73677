//! The page and its parts, built into the program: plain HTML, CSS and ES modules, as they stand in `pages/`. There is
//! nothing to build before it runs, and nothing is fetched from anywhere else.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;

/// A path and what is there.
type Asset = (&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

macro_rules! page {
    ($name:literal) => {
        include_str!(concat!("../pages/", $name))
    };
}

/// The bank's page.
const BANK: &[Asset] = &[
    ("/", HTML, page!("index.html")),
];

/// The card's frame, which the vault serves.
const VAULT: &[Asset] = &[];

fn served<S: Clone + Send + Sync + 'static>(assets: &'static [Asset]) -> Router<S> {
    assets.iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(|| async { ([(CONTENT_TYPE, *kind)], *text).into_response() }))
    })
}

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    served(BANK)
}

pub fn of_vault<S: Clone + Send + Sync + 'static>() -> Router<S> {
    served(VAULT)
}
