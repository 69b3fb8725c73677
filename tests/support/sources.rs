//! What the sources say of themselves: the facets' doors, and the public methods of a type.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Doors of the verifier, and the files and types behind them. Other files of a facet's folder may have calls of its type.
pub(crate) const FACETS: [(&str, &str, &str); 11] = [
    ("callbacks()", "src/callback/facet.rs", "Callbacks"),
    ("challenges()", "src/challenge/facet.rs", "Challenges"),
    ("contact()", "src/contact/facet.rs", "Contact"),
    ("credentials()", "src/credential/facet.rs", "Credentials"),
    ("customers()", "src/customer/facet.rs", "Customers"),
    ("joint_step_ups()", "src/step_up/joint/facet.rs", "JointStepUps"),
    ("notices()", "src/notice/facet.rs", "Notices"),
    ("outbox()", "src/outbox/facet.rs", "Outbox"),
    ("payments()", "src/payment/facet.rs", "Payments"),
    ("reachability()", "src/reachability/facet.rs", "Reachability"),
    ("step_ups()", "src/step_up/facet.rs", "StepUps"),
];

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The public methods that `source` gives to the type `of`, as rustfmt lays them out.
pub(crate) fn methods(source: &str, of: &str) -> BTreeSet<String> {
    methods_after(source, of, "pub ")
}

/// Those of them that are asynchronous.
pub(crate) fn async_methods(source: &str, of: &str) -> BTreeSet<String> {
    methods_after(source, of, "pub async ")
}

fn methods_after(source: &str, of: &str, words: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in source.lines() {
        if let Some(head) = line.strip_prefix("impl") {
            let head = match head.strip_prefix('<').and_then(|head| head.split_once("> ")) {
                Some((_generics, head)) => head,
                None => head.trim_start(),
            };
            let type_name = head.split(['<', ' ']).next();
            inside = !head.contains(" for ") && type_name == Some(of);
        } else if line.starts_with('}') {
            inside = false;
        }
        let signature = line.strip_prefix("    ").and_then(|line| line.strip_prefix(words));
        let signature = signature.filter(|_| inside);
        if let Some((_, name)) = signature.and_then(|signature| signature.split_once("fn ")) {
            found.extend(name.split(['(', '<']).next().map(str::to_owned));
        }
    }
    found
}

/// Of all files of a folder.
pub(crate) fn methods_in(folder: &str, of: &str) -> BTreeSet<String> {
    sources_in(folder).iter().flat_map(|source| methods(source, of)).collect()
}

/// The public methods of a facet: of its file, and of those beside it.
pub(crate) fn facet_methods(file: &str, of: &str) -> BTreeSet<String> {
    methods_in(folder(file), of)
}

/// Those of them that are asynchronous.
pub(crate) fn async_facet_methods(file: &str, of: &str) -> BTreeSet<String> {
    sources_in(folder(file)).iter().flat_map(|source| async_methods(source, of)).collect()
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').unwrap().0
}

/// The texts of all files of a folder.
pub(crate) fn sources_in(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).map(read).collect()
}
