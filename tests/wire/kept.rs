//! The files: written once, replayed always.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cases::{Case, Expected, FILES, LATER_FILES, LATER_LABEL};
use crate::run::run;
use crate::world::device;

/// The label of the first file of `op`, which came with it. A file is `LABEL-OPERATION.json`.
fn label(op: &str) -> &'static str {
    match op {
        "answer_step_up" => "2",
        "sign_step_up" => "3",
        "look_up_number" | "ringing_call" | "open_verdict" | "open_reachable" | "learn_notices"
        | "open_notice" => "4",
        "approve_action" | "approve_jointly" | "ask_last_contact" | "open_last_contact" => "5",
        _ => "1",
    }
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/wire")
}

/// What is in the files, by their names.
fn kept() -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn written(op: &str, about: &str, cases: &[Case]) -> String {
    let device = device();
    let mut out =
        format!("{{\n\"about\": {},\n\"device\": {device},\n\"cases\": [\n", json!(about));
    let lines: Vec<_> = cases
        .iter()
        .map(|case| {
            let given = case.input.get("device").unwrap_or(&device);
            let expect = run(op, given, &case.input, case.now);
            let (name, input, now) = (&case.name, &case.input, case.now);
            match &case.expected {
                Expected::Taken => assert!(expect.get("error").is_none(), "{op}, {name}: {expect}"),
                Expected::Refused(error) => {
                    assert_eq!(expect, json!({ "error": error }), "{op}, {name}");
                }
                Expected::Gives(value) => assert_eq!(expect, *value, "{op}, {name}"),
            }
            json!({ "name": name, "op": op, "input": input, "now": now, "expect": expect })
        })
        .map(|case| case.to_string())
        .collect();
    out.push_str(&lines.join(",\n"));
    out.push_str("\n]\n}\n");
    out
}

#[test]
fn each_case_ends_as_it_says() {
    let bless = std::env::var_os("COUNTERSIGN_BLESS").is_some();
    let later = LATER_FILES.map(|(op, about, cases)| (LATER_LABEL, op, about, cases));
    let files = FILES.map(|(op, about, cases)| (label(op), op, about, cases));
    for (label, op, about, cases) in files.into_iter().chain(later) {
        let cases = cases();
        let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), cases.len(), "{op}: a name stands twice");
        let text = written(op, about, &cases);
        let path = folder().join(format!("{label}-{op}.json"));
        if bless && !path.exists() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    if bless {
        fs::write(folder().join("SHA256SUMS"), sums()).unwrap();
    }
}

#[test]
fn what_is_kept_holds() {
    let mut ops = BTreeSet::new();
    for (file, text) in kept() {
        let file: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let (mut taken, mut refused) = (0, 0);
        for case in file["cases"].as_array().unwrap() {
            let op = case["op"].as_str().unwrap();
            let device = case["input"].get("device").unwrap_or(&file["device"]);
            let found = run(op, device, &case["input"], case["now"].as_u64().unwrap());
            assert_eq!(found, case["expect"], "{op}, {}", case["name"]);
            ops.insert(op.to_owned());
            let negative = found.get("error").is_some() || found == json!(false);
            *if negative { &mut refused } else { &mut taken } += 1;
        }
        assert!(taken > 0 && refused > 0, "{}: {taken} taken, {refused} refused", file["about"]);
    }
    assert_eq!(
        ops,
        FILES.iter().map(|(op, ..)| (*op).to_owned()).collect(),
        "an operation has no file"
    );
}

fn sums() -> String {
    let line = |(name, text): (String, String)| {
        format!("{}  {name}\n", hex::encode(Sha256::digest(text.as_bytes())))
    };
    kept().into_iter().map(line).collect()
}

/// Clients elsewhere hold copies of the files.
#[test]
fn what_is_kept_never_changes() {
    let listed = fs::read_to_string(folder().join("SHA256SUMS")).unwrap();
    assert_eq!(sums(), listed, "a file was changed, or added without its digest");
}
