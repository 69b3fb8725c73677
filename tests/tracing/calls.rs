//! Every public call is one span of its name, ends with one event, and its store calls are told inside.

use std::collections::{BTreeMap, BTreeSet};

use crate::collector::{Kind, Told, listen, told};
use crate::play::{enterprise, outbox, payments, stage};
use crate::sources::{FACETS, async_facet_methods, async_methods, read, sources_in};

/// The names of all public asynchronous calls, as the sources have them.
fn calls() -> BTreeSet<String> {
    let named = |door: &str, methods: BTreeSet<String>| -> Vec<String> {
        methods.into_iter().map(|method| format!("{door}.{method}")).collect()
    };
    let mut calls: BTreeSet<String> = FACETS
        .into_iter()
        .flat_map(|(door, file, of)| {
            named(door.trim_end_matches("()"), async_facet_methods(file, of))
        })
        .collect();
    calls.extend(named("verifier", async_methods(&read("src/verifier.rs"), "Verifier")));
    let vault = sources_in("src/vault");
    let vault = vault.iter().flat_map(|source| async_methods(source, "Vault")).collect();
    calls.extend(named("vault", vault));
    calls
}

async fn everything() -> Vec<Told> {
    listen();
    let stage = stage();
    Box::pin(enterprise(&stage)).await;
    Box::pin(payments(&stage)).await;
    Box::pin(outbox(&stage)).await;
    told()
}

#[tokio::test]
async fn every_call_is_a_span_of_its_name_and_nothing_else_is() {
    let calls = calls();
    assert!(calls.len() >= 68, "the calls are found: {calls:?}");
    let told = everything().await;
    let spans = told.iter().filter(|one| one.kind == Kind::Span);
    let seen: BTreeSet<String> = spans.map(|one| one.span.unwrap().to_owned()).collect();
    let missing: Vec<_> = calls.difference(&seen).collect();
    let others: Vec<_> = seen.difference(&calls).collect();
    assert!(
        missing.is_empty() && others.is_empty(),
        "not seen: {missing:?}; not calls: {others:?}"
    );
}

#[tokio::test]
async fn each_span_ends_with_one_event_that_counts_its_writes() {
    let told = everything().await;
    let mut spans: BTreeMap<u64, Vec<&Told>> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for one in &told {
        let id = one.id.expect("nothing is told outside of a span");
        match one.kind {
            // An id may be given again once its span has gone.
            Kind::Span => {
                if let Some(before) = spans.insert(id, Vec::new()) {
                    ends_once(names[&id], &before);
                }
                names.insert(id, one.span.unwrap());
            }
            Kind::Event => spans.get_mut(&id).unwrap().push(one),
            Kind::Recorded => panic!("{one:?}"),
        }
    }
    for (id, events) in &spans {
        ends_once(names[id], events);
    }
}

fn ends_once(name: &str, events: &[&Told]) {
    let (last, before) = events.split_last().unwrap();
    assert_eq!(last.text("call"), Some(name));
    assert!(last.number("latency_us").is_some() && last.text("outcome").is_some());
    assert!(
        before.iter().all(|event| event.text("store").is_some() && event.text("call").is_none())
    );
    let puts = before.iter().filter(|event| event.text("store") == Some("put_if"));
    let lost = puts.clone().filter(|event| event.text("outcome") == Some("conflict")).count();
    assert_eq!(last.number("attempts"), Some(puts.count() as u64), "{name}");
    assert_eq!(last.number("conflicts"), Some(lost as u64), "{name}");
}

#[tokio::test]
async fn every_call_of_the_store_is_told() {
    let told = everything().await;
    let seen: BTreeSet<&str> = told.iter().filter_map(|one| one.text("store")).collect();
    let used = [
        "acknowledge",
        "backlog",
        "delete",
        "entries",
        "lease",
        "list",
        "list_each",
        "load",
        "purge",
        "put_if",
        "release",
        "scan",
    ];
    assert_eq!(seen, BTreeSet::from(used));
}

/// A subscriber that listens to nothing is told nothing, and nothing changes.
#[tokio::test]
async fn without_a_listener_the_calls_go_on() {
    let quiet = tracing::subscriber::NoSubscriber::default();
    let _guard = tracing::subscriber::set_default(quiet);
    let stage = stage();
    Box::pin(enterprise(&stage)).await;
    Box::pin(payments(&stage)).await;
    Box::pin(outbox(&stage)).await;
}
