//! How many lines are changed of what machines print and of tables, each kind read as one text. The manual has the
//! figures.

use countersign::redact::{Mode, Options};

use crate::corpora::machines::Kind;
use crate::corpora::{machines, tables};
use crate::depth::{either, is_full};
use crate::numbers::Drawn;

/// Lines of each kind.
fn lines() -> usize {
    either(1_500, 10_000)
}

/// How many lines of `text` differ.
fn changed(options: &Options, text: &str) -> usize {
    let masked = options.cards(text);
    assert_eq!(masked.lines().count(), text.lines().count());
    text.lines().zip(masked.lines()).filter(|(before, after)| before != after).count()
}

struct Row {
    name: &'static str,
    people: usize,
    logs: usize,
}

fn measured(kinds: &[Kind], seed: u64) -> Vec<Row> {
    let [people, logs] = [Mode::People, Mode::Logs].map(|mode| Options::new().mode(mode));
    let measure = |(at, (name, line)): (u64, &Kind)| {
        let mut drawn = Drawn(seed + at);
        let text: String = (0..lines()).map(|_| line(&mut drawn) + "\n").collect();
        Row { name, people: changed(&people, &text), logs: changed(&logs, &text) }
    };
    (0..).zip(kinds).map(measure).collect()
}

/// At most so many lines in 1 000 in each mode, with what chance allows in a quick run.
fn at_most(rows: &[Row], people: usize, logs: usize) {
    let most = |thousandths: usize| (lines() * thousandths).div_ceil(1_000) + either(2, 0);
    let over: Vec<_> = rows
        .iter()
        .filter(|row| row.people > most(people) || row.logs > most(logs))
        .map(|row| format!("{}: {} and {} of {}", row.name, row.people, row.logs, lines()))
        .collect();
    assert!(over.is_empty(), "{over:#?}");
}

fn table(kinds: &[Row]) -> String {
    let line = |row: &Row| {
        let share = |lines_changed: usize| lines_changed as f64 * 100.0 / lines() as f64;
        format!("| {} | {:.2} % | {:.2} % |\n", row.name, share(row.people), share(row.logs))
    };
    kinds.iter().map(line).collect()
}

fn all() -> [(Vec<Row>, usize); 4] {
    [
        (measured(machines::TUNED, 1_000), 1),
        (measured(machines::KEPT, 2_000), 1),
        (measured(tables::TUNED, 3_000), 5),
        (measured(tables::KEPT, 4_000), 5),
    ]
}

#[test]
fn what_machines_print_and_tables_stay_as_the_manual_says() {
    let all = all();
    let table: String = all.iter().map(|(rows, _)| table(rows)).collect();
    for (rows, logs) in &all {
        at_most(rows, 5, *logs);
    }
    let manual = include_str!("../../src/manual/_39_redaction.md");
    let heading = "| lines | for people | for logs |\n| --- | --- | --- |\n";
    let (_, published) = manual.split_once(heading).expect("a table in the manual");
    let (published, _) = published.split_once("\n\n").unwrap();
    // The manual's are those of a quick run; a full one holds the limits with more lines.
    assert!(is_full() || published == table.trim_end(), "the manual should say:\n{table}");
}
