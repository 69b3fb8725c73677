//! The architecture, held against the `use` lines of the sources: layers, circles, the names at the root,
//! and where cryptographic libraries are named.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    unreachable_pub
)]

mod imports;
mod layers;

use std::collections::BTreeSet;

use imports::{Crate, is_parent_or_child};

#[test]
fn every_file_has_a_layer_and_no_arrow_runs_upward() {
    let sources = Crate::read();
    let mut wrong = Vec::new();
    for (from, to, names) in sources.arrows() {
        let (Some(above), Some(below)) = (layers::of(from), layers::of(to)) else {
            wrong.push(format!("{from} or {to} has no layer"));
            continue;
        };
        if below > above && !is_parent_or_child(from, to) {
            wrong.push(format!("{from} -> {to} {names:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(sources.arrows().count() > 500, "the arrows are found");
    let lowest = sources.modules().filter(|module| layers::of(module) == Some(0)).count();
    assert!(lowest > 10, "the layers are told apart");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let circles = Crate::read().circles();
    assert!(circles.is_empty(), "{circles:#?}");
}

/// What the other tests rest on: a circle and an upward arrow are found where there are some.
#[test]
fn a_circle_and_an_arrow_through_a_re_export_are_found() {
    let sources = Crate::of(&[
        ("lib.rs", "mod a;\nmod b;\npub use b::B;\n"),
        ("a/mod.rs", "mod inner;\npub use self::inner::A;\n"),
        ("a/inner.rs", "use crate::B;\npub struct A(B); // use crate::c::C;\n"),
        (
            "b.rs",
            "use crate::a::{self, A as Other};\npub struct B;\nconst S: &str = \"use crate::c::C;\";\n",
        ),
        ("c.rs", "#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n"),
    ]);
    let arrows: BTreeSet<_> = sources.arrows().map(|(from, to, _)| (from, to)).collect();
    assert!(arrows.contains(&("a::inner", "b")) && arrows.contains(&("b", "a::inner")));
    assert!(!arrows.iter().any(|(from, to)| *from == "c" || *to == "c"));
    assert_eq!(sources.circles(), [BTreeSet::from(["a::inner".to_owned(), "b".to_owned()])]);
}

#[test]
fn the_root_has_at_most_forty_names() {
    let names = Crate::read().names_at_the_root();
    assert!((20..=40).contains(&names.len()), "{} names: {names:?}", names.len());
}

#[test]
fn no_two_public_types_have_one_name() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = Crate::read()
        .public_types()
        .into_iter()
        .filter(|name| !seen.insert(name.clone()))
        .collect();
    assert_eq!(twice, Vec::<String>::new());
}

#[test]
fn cryptographic_libraries_are_named_in_crypto_alone() {
    let libraries = ["ring", "aws_lc_rs", "hmac", "sha1", "sha2", "hpke", "aes", "aes_gcm", "cbc"];
    let sources = Crate::read();
    let named: Vec<_> = sources
        .external()
        .filter(|(module, library)| libraries.contains(library) && !module.starts_with("crypto"))
        .collect();
    assert_eq!(named, []);
    assert!(
        sources.external().any(|(module, library)| module == "crypto::digest" && library == "sha2")
    );
    let chosen: Vec<_> = sources
        .external()
        .filter(|(_, library)| ["ring", "aws_lc_rs"].contains(library))
        .map(|(module, _)| module)
        .collect();
    assert_eq!(chosen, ["crypto::backend"; 2]);
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    for (path, text) in Crate::read().texts() {
        assert!(text.starts_with("//! "), "{path}");
    }
}
