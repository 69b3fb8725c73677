//! How often what is no card number is taken for one: hard negatives, which look like card numbers or
//! hold as many digits. The manual has the figures.

use std::collections::BTreeSet;

use countersign::redact::Options;

/// The kind of line that nothing but its length and range tells from a card.
const BY_RULE: &str = "identifiers with the check digit of cards";
/// Fewer digits are no card number.
const DIGITS: usize = 12;

/// A line that holds no card number.
struct Line {
    kind: &'static str,
    text: &'static str,
    /// Written one by one, not made from a pattern.
    by_hand: bool,
}

impl Line {
    fn has_digits(&self) -> bool {
        self.text.chars().filter(|c| c.is_ascii_digit()).count() >= DIGITS
    }
}

/// The long identifiers made from patterns are drawn at random, so that one in ten has a right check digit by
/// chance, as in life; those that have it by their own rules are a kind by themselves.
fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    for (by_hand, file) in
        [(false, include_str!("negatives.txt")), (true, include_str!("negatives-by-hand.txt"))]
    {
        let mut kind = "";
        for text in file.lines() {
            match text.strip_prefix("# ") {
                Some(heading) => kind = heading,
                None => lines.push(Line { kind, text, by_hand }),
            }
        }
    }
    lines
}

#[test]
fn what_is_wrongly_masked_is_what_the_manual_says() {
    let lines = lines();
    let distinct: BTreeSet<&str> = lines.iter().map(|line| line.text).collect();
    assert!(distinct.len() >= 1100 && distinct.len() == lines.len());
    let options = Options::new();
    let mut masked = Vec::new();
    for line in &lines {
        let unchanged = options.spans(line.text).is_empty();
        assert_eq!(options.cards(line.text) == line.text, unchanged, "{}", line.text);
        if !unchanged {
            masked.push(line);
        }
    }
    let row = |name: &str, is: &dyn Fn(&Line) -> bool| {
        let all = lines.iter().filter(|line| is(line)).count();
        let masked = masked.iter().filter(|line| is(line)).count();
        format!("| {name} | {masked} of {all} | {:.1} % |\n", masked as f64 * 100.0 / all as f64)
    };
    let kinds: BTreeSet<&str> = lines.iter().map(|line| line.kind).collect();
    let table = kinds.iter().map(|kind| row(kind, &|line| line.kind == *kind)).collect::<String>()
        + &row("**all**", &|_| true)
        + &row("**all with 12 digits or more**", &Line::has_digits)
        + &row("**all that were written one by one**", &|line| line.by_hand)
        + &row(&format!("**all but the {BY_RULE}**"), &|line| line.kind != BY_RULE)
        + &row("**these with 12 digits or more**", &|line| {
            line.kind != BY_RULE && line.has_digits()
        });
    let manual = include_str!("../../src/manual/_39_redaction.md");
    let any_length = Options::new().glued_in_any_length(true);
    let more = lines.iter().filter(|line| !any_length.spans(line.text).is_empty()).count();
    let more = format!("{more} of {} lines", lines.len());
    let (_, published) = manual.split_once("| lines | masked | |\n| --- | --- | --- |\n").unwrap();
    let (published, _) = published.split_once("\n\n").unwrap();
    let masked: Vec<_> = masked.iter().map(|line| options.cards(line.text)).collect();
    assert!(manual.contains(&more), "the manual should say: {more}\n{table}\n{masked:#?}");
    assert!(published == table.trim_end(), "the manual should say:\n{table}\n{masked:#?}");
}
