//! How often what is no card number is taken for one: hard negatives, which look like card numbers or
//! hold as many digits. The manual has the figures.

use std::collections::BTreeSet;

use countersign::redact::Options;

/// The kind of line that nothing but its length and range tells from a card.
const BY_RULE: &str = "identifiers with the check digit of cards";

/// Each line with its kind. The long identifiers are drawn at random, so that one in ten has a right check
/// digit by chance, as in life; those that have it by their own rules are a kind by themselves.
fn lines() -> Vec<(&'static str, &'static str)> {
    let mut kind = "";
    let mut lines = Vec::new();
    for line in include_str!("negatives.txt").lines() {
        match line.strip_prefix("# ") {
            Some(heading) => kind = heading,
            None => lines.push((kind, line)),
        }
    }
    lines
}

#[test]
fn what_is_wrongly_masked_is_what_the_manual_says() {
    let lines = lines();
    let distinct: BTreeSet<&str> = lines.iter().map(|(_, line)| *line).collect();
    assert!(distinct.len() >= 500 && distinct.len() == lines.len());
    let options = Options::new();
    let masked: Vec<_> = lines.iter().filter(|(_, line)| !options.spans(line).is_empty()).collect();
    for (_, line) in &lines {
        let unchanged = options.spans(line).is_empty();
        assert_eq!(options.cards(line) == *line, unchanged, "{line}");
    }
    let share = |masked: usize, all: usize| {
        format!("{masked} of {all} | {:.1} % |\n", masked as f64 * 100.0 / all as f64)
    };
    let kinds: BTreeSet<&str> = lines.iter().map(|(kind, _)| *kind).collect();
    let of = |kind: &str, some: &[(&str, &str)]| some.iter().filter(|one| one.0 == kind).count();
    let masked_lines: Vec<_> = masked.into_iter().copied().collect();
    let masked = &masked_lines;
    let mut table: String = kinds
        .iter()
        .map(|kind| format!("| {kind} | {}", share(of(kind, masked), of(kind, &lines))))
        .collect();
    let (masked, all) = (masked.len(), lines.len());
    table += &format!("| **all** | {}", share(masked, all));
    let (by_rule, among) = (of(BY_RULE, &masked_lines), of(BY_RULE, &lines));
    table += &format!("| **all but the {BY_RULE}** | {}", share(masked - by_rule, all - among));
    let twelve = |some: &[(&str, &str)]| {
        let digits = |line: &str| line.chars().filter(|c| c.is_numeric()).count();
        some.iter().filter(|(_, line)| digits(line) >= 12).count()
    };
    let (masked, all) = (twelve(&masked_lines), twelve(&lines));
    table += &format!("| **all with twelve digits or more** | {}", share(masked, all));
    let manual = include_str!("../../src/manual/redaction.md");
    let (_, published) = manual.split_once("| lines | masked | |\n| --- | --- | --- |\n").unwrap();
    let (published, _) = published.split_once("\n\n").unwrap();
    assert!(published == table.trim_end(), "the manual should say:\n{table}\n{masked_lines:#?}");
}
