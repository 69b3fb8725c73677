//! The bank's service: what it is started with, what its endpoints share, and which endpoints there are.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use countersign::Verifier;
use countersign::store::AnyStore;
use countersign::token::PublicKey;
use tokio::net::TcpListener;

use crate::bank::Records;
use crate::feed::Feed;
use crate::keys::Keys;
use crate::limits::Limits;
use crate::rooms::Rooms;
use crate::session::Role;
use crate::vault::link::{Link, Process};
use crate::{
    Fault, assets, bank, behind, desktop, guard, impostor, passkey, phone, reachable, visit, worker,
};

/// The longest body of a request, in bytes.
const LONGEST: usize = 16 * 1024;

/// What the service is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port of the page; 0 for any.
    pub port: u16,
    /// The port of the vault; 0 for any.
    pub vault_port: u16,
    /// The port of the bank that issued the card; 0 for any.
    pub issuer_port: u16,
    /// Where keys and records are kept.
    pub folder: PathBuf,
    pub records: Records,
    /// The program that is also the vault.
    pub program: PathBuf,
    /// How many visits may begin at once, and as many each minute.
    pub visits: u32,
}

/// What all endpoints of the bank share.
pub struct Shared {
    pub bank: Verifier,
    /// Where the centre reports its calls.
    pub feed: Feed,
    /// The bank's own key, and the vault's, as the app has them built in.
    pub trusted: [PublicKey; 2],
    pub store: AnyStore,
    pub rooms: Rooms,
    pub vault: Link,
    /// What this service may be called: `localhost:PORT`.
    pub host: OnceLock<String>,
    pub calls: Limits,
    pub visits: Limits,
}

pub type App = Arc<Shared>;

/// An endpoint: a path under the role's own, and what answers.
pub type Endpoint = (&'static str, &'static str, MethodRouter<App>);

/// The service, running.
pub struct Running {
    pub host: String,
    pub vault: String,
    /// Where the bank that issued the card asks its customer.
    pub issuer: String,
    pub app: App,
    process: Arc<Process>,
}

impl Running {
    /// The id of the vault's process, to end it in tests.
    #[must_use]
    pub fn vault_pid(&self) -> Option<u32> {
        self.process.pid()
    }
}

/// Every endpoint of `role`. The router and the test of who gets in are built from the same list.
#[must_use]
pub fn endpoints(role: Role) -> Vec<Endpoint> {
    match role {
        Role::Visit => visit::endpoints(),
        Role::Phone => [phone::endpoints(), passkey::endpoints()].concat(),
        Role::Desktop => desktop::endpoints(),
        Role::Behind => behind::endpoints(),
        Role::Impostor => impostor::endpoints(),
    }
}

fn router(app: &App) -> Router {
    let mut all = Router::new();
    for role in Role::ALL {
        let mut own = Router::new();
        for (_, path, answers) in endpoints(role) {
            own = own.route(path, answers);
        }
        let state = (app.clone(), role);
        all = all.nest(role.path(), own.layer(from_fn_with_state(state, guard::session)));
    }
    all.merge(visit::open())
        .merge(assets::routes())
        .merge(worker::from_vault())
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(from_fn_with_state(app.clone(), guard::headers))
        .with_state(app.clone())
}

/// Listens on this machine alone; a port that somebody else has is named, with the option that chooses another.
pub async fn listen(port: u16, option: &str) -> Result<TcpListener, Fault> {
    let bound = TcpListener::bind(("127.0.0.1", port)).await;
    bound.map_err(|error| format!("port {port}: {error}; {option} takes another").into())
}

/// Starts the vault's process, the worker and the page.
pub async fn start(options: &Options) -> Result<Running, Fault> {
    let listener = listen(options.port, "--port").await?;
    let host = format!("localhost:{}", listener.local_addr()?.port());
    let folder = options.folder.join("bank");
    let keys = Keys::of(&folder)?;
    let own = *keys.signing.public_key();
    let secret = keys.service.clone();
    let process = Process::start(options, &own, &host, &secret).await?;
    let (vault_host, vault_key) = (process.host.clone(), process.key);
    let store = bank::store(&options.records, &folder).await?;
    let app = Arc::new(Shared {
        bank: bank::verifier(keys, store.clone(), &vault_key, &host)?,
        feed: Feed::new()?,
        trusted: [own, vault_key],
        store,
        rooms: Rooms::open(folder.join("rooms"))?,
        vault: Link::new(vault_host.clone(), secret),
        host: OnceLock::from(host.clone()),
        calls: Limits::new(120, 20),
        visits: Limits::new(options.visits, options.visits.div_ceil(60)),
    });
    worker::start(&app);
    reachable::start(&app);
    let served = axum::serve(listener, router(&app));
    tokio::spawn(async move { served.await });
    Ok(Running { host, vault: vault_host, issuer: process.issuer.clone(), app, process })
}

/// How long a step of a script waits for something to happen.
pub const PATIENCE: Duration = Duration::from_secs(120);
