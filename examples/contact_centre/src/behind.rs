//! Behind the scenes: what is at rest, whether the histories hold, and the outbox. For an operator.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::routing::get;
use axum::{Extension, Json};
use countersign::history::{Actor, CeremonyHistory, Outcome};
use countersign::notice::Addressee;
use countersign::page::Page;
use countersign::store::{Range, Store as _, Which};
use serde_json::{Value, json};

use crate::answer::ForCustomer;
use crate::guard::Visitor;
use crate::rooms::now;
use crate::service::{App, Endpoint};
use crate::{live, notices};

/// So many bytes of a record are shown.
const SHOWN: usize = 48;

pub fn endpoints() -> Vec<Endpoint> {
    let own = vec![("GET", "/events", get(live::events)), ("GET", "/state", get(state))];
    [own, notices::endpoints()].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A history, newest event first, with what verifying it gave.
fn shown(history: &CeremonyHistory) -> Value {
    let events: Vec<Value> = history
        .events
        .iter()
        .rev()
        .map(|event| {
            let who = match &event.actor {
                Actor::Agent(id) => format!("agent {id}"),
                actor => actor.name().to_owned(),
            };
            let refused = match event.outcome {
                Outcome::Refused(reason) => Some(reason.to_string()),
                _ => None,
            };
            json!({
                "number": event.number, "at": event.at, "who": who, "action": event.action.name(),
                "refused": refused, "interaction": event.interaction,
            })
        })
        .collect();
    json!({
        "subject": history.subject, "events": events, "refusals": history.refusals,
        "head": history.head, "intact": history.verify().is_ok(),
    })
}

/// `GET /behind/state`.
async fn state(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Json<Value>, ForCustomer> {
    let (customer, owners) = visitor.room.read(|room| (room.customer.clone(), room.owners.clone()));
    let histories = app.bank.history(&customer, Page::first()).await?;
    let histories: Vec<Value> = histories.items.iter().map(shown).collect();
    let records = records(&app, &owners).await?;
    let backlog = app.bank.outbox().backlog().await?;
    let posted = app.bank.notices().list(&Addressee::Customer(customer)).await?;
    let reports = visitor.room.read(|room| room.reports.clone());
    let (news, alarms) = visitor.room.read(|room| (room.news.clone(), room.alarms.clone()));
    let waiting = visitor
        .room
        .read(|room| room.diary.iter().filter(|due| !due.told).cloned().collect::<Vec<_>>());
    Ok(Json(json!({
        "now": now(), "histories": histories, "records": records, "diary": waiting,
        "reports": reports, "notices": posted, "alarms": alarms,
        "outbox": { "waiting": backlog.entries, "delivered": news },
    })))
}

/// The customer's rows, as whoever has the database sees them.
async fn records(app: &App, owners: &BTreeSet<(u8, [u8; 16])>) -> Result<Vec<Value>, ForCustomer> {
    let mut rows = Vec::new();
    for (lane, owner) in owners {
        let range = Range { which: Which::All, after: None, limit: 20 };
        let listed = app.store.list(*lane, owner, range, now()).await;
        let listed = listed.map_err(countersign::Error::from)?;
        for (place, record) in listed.rows {
            rows.push(json!({
                "place": format!("{:02x}/{}/{}", place.lane, hex(&place.owner), hex(&place.id)),
                "version": record.head.version.to_string(), "bytes": record.sealed.len(),
                "sealed": hex(record.sealed.get(..SHOWN).unwrap_or(&record.sealed)),
            }));
        }
    }
    Ok(rows)
}
