//! What the manual tells an app to show is what the crate shows.

use std::fs::read_to_string;

use countersign::Currency;
use countersign::challenge::NeverAsked;
use countersign::token::Purpose;
use serde_json::Value;

fn page(name: &str) -> String {
    read_to_string(format!("{}/src/manual/{name}.md", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_sentences_of_the_ground_rules_are_these() {
    let page = page("_32_app");
    for rule in NeverAsked::ALL {
        assert!(page.contains(&format!("| `{}` | {rule} |", rule.name())), "{rule}");
    }
}

/// By what the vectors show, which the crate has given.
#[test]
fn the_headlines_are_these() {
    let page = page("_32_app");
    let mut seen = 0;
    for op in [
        "1-open_step_up",
        "1-open_appointment",
        "1-open_payment",
        "1-open_status",
        "4-open_notice",
        "5-approve_jointly",
        "5-open_last_contact",
    ] {
        let path = crate::kept::folder().join(format!("{op}.json"));
        let file: Value = serde_json::from_str(&read_to_string(path).unwrap()).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let [Some(id), Some(text)] = [0, 1].map(|at| case["expect"]["headline"][at].as_str())
            else {
                continue;
            };
            assert!(page.contains(&format!("| `{id}` | {text} |")), "{op}: {id}");
            seen += 1;
        }
    }
    assert!(seen > 70, "{seen}");
}

#[test]
fn every_currency_has_its_exponent() {
    let page = page("_32_app");
    let (_, table) = page.split_once("| exponent | currencies |").unwrap();
    let mut rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut next = || rows.next().unwrap().to_owned();
    let letters = || (b'A'..=b'Z').map(char::from);
    let codes: Vec<_> = letters()
        .flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))))
        .filter_map(|code| code.parse::<Currency>().ok())
        .collect();
    let mut count = 0;
    for (exponent, row) in [Some(0), Some(3), Some(4), None, Some(2)].map(|one| (one, next())) {
        for currency in codes.iter().filter(|currency| currency.exponent() == exponent) {
            assert!(row.contains(&format!(" {currency}")), "{currency}");
            count += 1;
        }
    }
    assert_eq!(count, codes.len());
    let listed = table.split("\n\n").next().unwrap();
    let words = listed.split(|c: char| !c.is_ascii_alphanumeric());
    assert_eq!(
        words
            .filter(|word| word.len() == 3 && word.bytes().all(|c| c.is_ascii_uppercase()))
            .count(),
        codes.len() + 1,
        "and ISO"
    );
}

#[test]
fn every_purpose_has_a_schema_and_a_row() {
    let page = page("_35_wire");
    for purpose in Purpose::ALL {
        let path = crate::kept::folder().join(format!("schemas/{purpose}.json"));
        let schema: Value = serde_json::from_str(&read_to_string(path).unwrap()).unwrap();
        let (_, data) = page.split_once("The members of `data`").unwrap();
        let (_, data) = data.split_once(&format!("\n{purpose} ")).unwrap();
        for member in schema["properties"].as_object().unwrap().keys() {
            assert!(data.contains(member.as_str()), "{purpose}: {member}");
        }
    }
}
