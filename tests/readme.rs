//! The README's table names every call of the facets and of the three halves, and no other.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that panics fails, as it should"
)]

#[path = "support/sources.rs"]
mod sources;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sources::{FACETS, facet_methods, methods, methods_in, read};

fn named(prefix: &str, methods: BTreeSet<String>) -> Vec<String> {
    methods.into_iter().map(|method| format!("{prefix}{method}")).collect()
}

/// What the README should name.
fn calls() -> BTreeSet<String> {
    let mut calls: BTreeSet<String> = FACETS
        .into_iter()
        .flat_map(|(door, file, of)| named(&format!("{door}."), facet_methods(file, of)))
        .collect();
    let mut verifier = methods(&read("src/verifier.rs"), "Verifier");
    for (door, ..) in FACETS {
        assert!(verifier.remove(door.trim_end_matches("()")), "the verifier has no {door}");
    }
    calls.extend(named("Verifier::", verifier));
    calls.extend(named("Device::", methods_in("src/device", "Device")));
    calls.extend(named("Vault::", methods_in("src/vault", "Vault")));
    calls
}

/// Rows such as "| `callbacks().book` | app | … |".
fn rows() -> Vec<String> {
    let doors = FACETS.map(|(door, ..)| door);
    read("README.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(call, _)| call.to_owned())
        .filter(|call| call.contains("::") || doors.iter().any(|door| call.starts_with(door)))
        .collect()
}

#[test]
fn the_table_names_every_call_and_no_other() {
    let (rows, calls) = (rows(), calls());
    let table: BTreeSet<String> = rows.iter().cloned().collect();
    let missing: Vec<_> = calls.difference(&table).collect();
    let gone: Vec<_> = table.difference(&calls).collect();
    assert!(missing.is_empty() && gone.is_empty(), "to add: {missing:?}; to take out: {gone:?}");
    assert_eq!(rows.len(), table.len(), "a call stands twice in the table");
}

#[test]
fn every_facet_is_looked_at() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let within = |folder: &Path| -> Vec<_> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    // A capability's folder, and a part of one that has a facet of its own.
    let folders = within(&root.join("src"));
    let parts: Vec<_> = folders.iter().flat_map(|folder| within(folder)).collect();
    let facets: BTreeSet<String> = folders
        .iter()
        .chain(&parts)
        .map(|folder| folder.join("facet.rs"))
        // A part without a type of its own adds calls to the one of its capability.
        .filter(|facet| fs::read_to_string(facet).is_ok_and(|text| text.contains("pub struct ")))
        .map(|facet| facet.strip_prefix(root).unwrap().to_string_lossy().into_owned())
        // The verifier's own calls stand before it.
        .filter(|facet| facet != "src/history/facet.rs")
        .collect();
    assert_eq!(facets, FACETS.iter().map(|(_, file, _)| (*file).to_owned()).collect());
}

#[test]
fn methods_are_found_as_they_are_written() {
    let source = "impl Callbacks<'_> {\n    pub async fn book(\n    pub const fn list<T>(self)\n    fn own(\n\
                  }\nimpl fmt::Debug for Callbacks<'_> {\n    pub fn no(\n}\nimpl<T> Other<T> {\n    pub fn no(\n}\n";
    let found: Vec<_> = methods(source, "Callbacks").into_iter().collect();
    assert_eq!(found, ["book", "list"]);
}
