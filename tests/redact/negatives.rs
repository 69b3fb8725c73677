//! How often what is no card number is taken for one: hard negatives, which look like card numbers or
//! hold as many digits. The manual has the figures.

use std::collections::BTreeSet;

use countersign::redact::Options;

/// Each line with its kind. The identifiers of 14 to 19 digits are drawn at random, so that one in ten has
/// a right check digit by chance, as in life.
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
    let share = masked.len() as f64 * 100.0 / lines.len() as f64;
    let published = format!("{} of {} lines, {share:.1} %", masked.len(), lines.len());
    let manual = include_str!("../../src/manual/redaction.md");
    assert!(manual.contains(&published), "the manual should say: {published}\n{masked:#?}");
}
