//! What runs beside the requests: the outbox, callbacks that fall due, receipts of the vault.

use std::num::NonZeroU16;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use countersign::error::Error;
use countersign::history::{Action, Outcome, Subject};
use countersign::outbox::Notice;
use countersign::page::Page;
use countersign::payment::Receipt;
use countersign::{CustomerId, PaymentId};
use serde::Deserialize;
use serde_json::json;

use crate::Fault;
use crate::answer::Body;
use crate::rooms::{Due, now};
use crate::service::App;

/// How long a batch may take to deliver.
const LEASE: Duration = Duration::from_secs(5);
/// How many lanes are worked off at a time.
const WORKERS: usize = 8;
/// How often it is looked whether a callback falls due.
const TICK: Duration = Duration::from_millis(300);
/// How often the vault is asked for receipts that nobody brought.
const SWEEP: Duration = Duration::from_secs(60);
/// How often what is no longer kept is deleted.
const PURGE: Duration = Duration::from_secs(300);

/// For how long a visit is kept: as long as its cookies.
const VISIT: Duration = Duration::from_secs(86_400);

pub fn start(app: &App) {
    for _ in 0..WORKERS {
        let of = app.clone();
        tokio::spawn(async move { deliver_forever(&of).await });
    }
    let of = app.clone();
    tokio::spawn(async move {
        loop {
            fall_due(&of);
            tokio::time::sleep(TICK).await;
        }
    });
    let of = app.clone();
    tokio::spawn(async move {
        loop {
            complain(sweep(&of).await);
            tokio::time::sleep(SWEEP).await;
        }
    });
    let of = app.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(PURGE).await;
            of.rooms.forget(now().before(VISIT));
            complain(of.bank.purge(1_000).await.map(drop).map_err(Fault::from));
        }
    });
}

/// YOURS: your log, and somebody who is woken.
fn complain(done: Result<(), Fault>) {
    if let Err(fault) = done {
        eprintln!("contact-centre: {fault}");
    }
}

async fn deliver_forever(app: &App) {
    loop {
        let more = match deliver(app).await {
            Ok(more) => more,
            Err(error) => {
                complain(Err(error.into()));
                false
            }
        };
        if !more {
            tokio::time::sleep(TICK).await;
        }
    }
}

/// Delivers one lane of the outbox. What a process that dies leaves behind, the next one delivers.
async fn deliver(app: &App) -> Result<bool, Error> {
    let outbox = app.bank.outbox();
    let most = NonZeroU16::new(50).unwrap_or(NonZeroU16::MIN);
    let Some(batch) = outbox.lease(most, LEASE).await? else {
        return Ok(false);
    };
    let mut given_back: Vec<&CustomerId> = Vec::new();
    let mut delivered = Vec::new();
    for notice in &batch.notices {
        if given_back.contains(&&notice.customer) {
            continue; // later ones of this customer wait with it
        }
        match told(app, notice).await {
            Ok(()) => delivered.push(notice.id),
            Err(fault) => {
                outbox.give_back(&batch, notice.id, &fault.to_string()).await?;
                given_back.push(&notice.customer);
            }
        }
    }
    // At once: one that is told again after a crash changes nothing.
    outbox.acknowledge(&batch, delivered).await?;
    outbox.release(batch).await?;
    Ok(true)
}

/// What the bank does with one piece of news. It may come twice: each step here gives the same the second time.
///
/// YOURS: your dialler, your notifications, your audit log.
async fn told(app: &App, notice: &Notice) -> Result<(), Fault> {
    let Some(open) = app.rooms.of(&notice.customer) else {
        return Ok(()); // of a visit that is no longer kept
    };
    let subject = serde_json::to_value(notice.subject)?;
    let line = json!({
        "id": notice.id, "at": notice.at, "subject": subject, "number": notice.number,
        "actor": notice.actor.name(), "action": notice.action.name(),
        "outcome": notice.outcome.name(),
    });
    // News say what happened, not how things stand: read before acting.
    let booked = match (notice.subject, notice.action) {
        (Subject::Callback(id), Action::Book | Action::Amend) => {
            let all = app.bank.callbacks().list(&notice.customer, Page::first()).await?;
            all.items.into_iter().find(|callback| callback.id == id)
        }
        _ => None,
    };
    open.change(|room| {
        if let Some(callback) = booked.filter(|callback| !callback.status.has_ended()) {
            let from = callback.window.from();
            // One that is due stays so, though it was changed.
            let due = Due { callback: callback.id, from, told: from <= now() };
            // News that come twice, or late, bring no second toast.
            if room
                .diary
                .iter()
                .all(|known| (known.callback, known.from) != (due.callback, due.from))
            {
                room.diary.retain(|known| known.callback != due.callback);
                room.diary.push(due);
            }
        }
        // One that was refused changed nothing: whoever was believed must not cost the customer her callback.
        let ended = notice.outcome == Outcome::Done && ends(notice.action);
        if let (Subject::Callback(id), true) = (notice.subject, ended) {
            room.diary.retain(|due| due.callback != id);
        }
        if room.news.iter().all(|known| known.get("id") != line.get("id")) {
            room.heard(line);
        }
    })
}

const fn ends(action: Action) -> bool {
    matches!(
        action,
        Action::Cancel
            | Action::Expire
            | Action::Recognise
            | Action::NotRecognise
            | Action::Abandon
    )
}

/// Tells the agents of callbacks whose time has come.
fn fall_due(app: &App) {
    let now = now();
    for open in app.rooms.all() {
        let ripe = |due: &Due| !due.told && due.from <= now;
        if open.read(|room| room.diary.iter().any(ripe)) {
            complain(open.change(|room| {
                room.diary.iter_mut().filter(|due| ripe(due)).for_each(|due| due.told = true);
            }));
        }
    }
}

/// Asks the vault for the receipts that nobody has applied yet.
async fn sweep(app: &App) -> Result<(), Fault> {
    for (customer, receipt) in app.vault.sweep().await? {
        apply(app, &customer, &receipt).await?;
    }
    Ok(())
}

async fn apply(app: &App, customer: &CustomerId, receipt: &Receipt) -> Result<(), Fault> {
    app.bank.payments().apply_receipt(customer, receipt).await?;
    app.vault.acknowledge(customer, receipt).await?;
    if let Some(open) = app.rooms.of(customer) {
        open.tell();
    }
    Ok(())
}

#[derive(Deserialize)]
struct Charged {
    customer: CustomerId,
    payment: PaymentId,
}

/// What the vault's own worker may call.
pub fn from_vault() -> Router<App> {
    Router::new().route("/vault/news", post(charged))
}

/// The vault says that there is news of a payment; the receipt, the bank asks for itself.
async fn charged(
    State(app): State<App>,
    headers: HeaderMap,
    Body(charged): Body<Charged>,
) -> StatusCode {
    if !app.vault.is_from_vault(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    let token = app.rooms.of(&charged.customer).and_then(|open| {
        open.read(|room| {
            let bill = room.payments.iter().find(|bill| bill.id == charged.payment);
            bill.map(|bill| bill.token.clone())
        })
    });
    let Some(token) = token else {
        return StatusCode::OK; // of a visit that is no longer kept
    };
    let applied = async {
        match app.vault.receipt(&token).await? {
            Some(receipt) => apply(&app, &charged.customer, &receipt).await,
            None => Ok(()),
        }
    };
    match applied.await {
        Ok(()) => StatusCode::OK,
        Err(fault) => {
            complain(Err(fault));
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
