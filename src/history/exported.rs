//! The numbers of a history that others read by: the manual's wire page, the client in `clients/js`, the schema.

use std::fs::read_to_string;

use crate::error::Reason;
use crate::history::event::{Action, Subject};
use crate::record::kind::Kind;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

type Named = Vec<(u8, String)>;

fn actions() -> Named {
    let named = |number| Action::from_number(number).map(|one| (number, one.name().to_owned()));
    (0..=u8::MAX).filter_map(named).collect()
}

fn reasons() -> Named {
    let named = |number| Reason::from_number(number).map(|one| (number, one.name().to_owned()));
    (0..=u8::MAX).filter_map(named).collect()
}

/// The kinds, as a subject names them.
fn kinds() -> Named {
    let named = |kind: Kind| {
        let subject = serde_json::to_value(Subject::of(kind, [0; 16])).unwrap();
        (kind.number(), subject.as_object().unwrap().keys().next().unwrap().clone())
    };
    Kind::ALL.into_iter().map(named).collect()
}

/// One list of the client's: names that have numbers one after the other, from the first on.
fn list(about: &str, name: &str, all: &Named) -> String {
    let mut rows: Vec<(u8, Vec<&str>)> = Vec::new();
    for (number, name) in all {
        match rows.last_mut() {
            Some((first, names)) if usize::from(*first) + names.len() == usize::from(*number) => {
                names.push(name);
            }
            _ => rows.push((*number, vec![name])),
        }
    }
    let mut out = format!(
        "\n/** {about} */\nexport const {name}: ReadonlyMap<number, string> = numbered([\n"
    );
    for (first, names) in rows {
        let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        out.push_str(&format!("  [{first}, [\n    {},\n  ]],\n", names.join(",\n    ")));
    }
    out + "]);\n"
}

fn module() -> String {
    let head = "\
// The numbers of actions and reasons in a history's events, by the crate: `COUNTERSIGN_BLESS=1 cargo test exported`.
// They never change; later versions add some.

/** Names that have this number and the ones after it. */
function numbered(rows: readonly (readonly [number, readonly string[]])[]): ReadonlyMap<number, string> {
  return new Map(rows.flatMap(([first, names]) => names.map((name, at) => [first + at, name] as const)));
}
";
    let actions = list("What was done or tried.", "ACTIONS", &actions());
    let reasons = list("Why something was refused. 0 stands for done.", "REASONS", &reasons());
    format!("{head}{actions}{reasons}")
}

#[test]
fn the_client_s_names_are_these() {
    let path = format!("{ROOT}/clients/js/src/event_names.ts");
    let made = module();
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        read_to_string(path).unwrap() == made,
        "event_names.ts: bless it, and build dist/ anew"
    );
}

#[test]
fn the_manual_has_every_number_and_no_other() {
    let page = read_to_string(format!("{ROOT}/src/manual/_35_wire.md")).unwrap();
    let (_, page) = page.split_once("\n## Histories\n").unwrap();
    let (page, _) = page.split_once("\nWith a receipt").unwrap();
    let page: Vec<_> = page.split_whitespace().collect();
    let page = page.join(" ");
    let (kinds_there, rest) = page.split_once("| actions |").unwrap();
    for (number, name) in kinds() {
        assert!(kinds_there.contains(&format!("{number} {name}")), "{name}");
    }
    let all: Vec<_> = actions().into_iter().chain(reasons()).collect();
    for (number, name) in &all {
        assert!(rest.contains(&format!("{number} `{name}`")), "{name}");
    }
    assert_eq!(rest.matches('`').count(), 2 * all.len());
}

#[test]
fn the_schema_has_every_name() {
    let folder = format!("{ROOT}/tests/vectors/wire/schemas");
    let read = |file| -> serde_json::Value {
        serde_json::from_str(&read_to_string(format!("{folder}/{file}.json")).unwrap()).unwrap()
    };
    let event = &read("history")["properties"]["events"]["items"]["properties"];
    let names = |all: Named| all.into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(event["action"]["enum"], serde_json::json!(names(actions())));
    let refused = &event["outcome"]["oneOf"][1]["properties"]["refused"];
    assert_eq!(refused["enum"], serde_json::json!(names(reasons())));
    let subject = &read("common")["$defs"]["subject"]["propertyNames"]["enum"];
    let mut subjects: Vec<String> = serde_json::from_value(subject.clone()).unwrap();
    let mut kinds = names(kinds());
    subjects.sort();
    kinds.sort();
    assert_eq!(subjects, kinds);
}
