//! How many card numbers are found that go over the turns of a conversation: form by form, in each language, with numbers
//! of every scheme and length. The manual has the figures.

use countersign::redact::{Conversation, Options, Turn};

use crate::depth::{either, is_full};
use crate::numbers::{Drawn, numbers};
use crate::talk::forms::{FORMS, Form, KEPT_BACK, Talk};
use crate::talk::innocent;
use crate::talk::said::Tongue;
use crate::talk::tongues::TONGUES;

/// The texts of a conversation, masked.
pub(crate) fn masked(options: &Options, talk: &Talk) -> Vec<String> {
    let mut conversation = Conversation::new(options);
    let mut out = Vec::new();
    for (speaker, text) in talk {
        out.extend(conversation.push(Turn { speaker, at: None, text }));
    }
    out.extend(conversation.finish());
    assert_eq!(out.len(), talk.len());
    out.into_iter().map(|turn| turn.text.to_string()).collect()
}

/// Whether no number word and no digit is left.
pub(crate) fn nothing_left(tongue: &Tongue, masked: &[String], talk: &Talk) -> bool {
    let words: Vec<String> = (0..100)
        .flat_map(|n| {
            let said =
                if n < 10 { tongue.each(&n.to_string()) } else { tongue.pairs(&n.to_string()) };
            said.split([' ', '-']).map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|word| !["et", "y", "e"].contains(&word.as_str()))
        .collect();
    masked.iter().zip(talk).all(|(masked, (_, text))| {
        let asked =
            *text == tongue.ask || *text == tongue.more || tongue.nods.contains(&text.as_str());
        let said = |word: &str| words.iter().any(|known| known == word);
        let mut left =
            masked.split(|c: char| !c.is_alphanumeric() && !('\u{900}'..'\u{e00}').contains(&c));
        asked || !(masked.contains(|c: char| c.is_ascii_digit()) || left.any(said))
    })
}

/// How many of so many numbers are found in a form, and the first that are not.
fn found(tongue: &Tongue, (_, form): &Form, count: usize, seed: u64) -> (usize, Vec<String>) {
    let all = numbers();
    let (mut drawn, mut found, mut missed) = (Drawn(seed), 0, Vec::new());
    let options = Options::new();
    // After the published ones, so that each scheme comes in turn.
    for n in 0..count {
        let number = &all[62 + n * 29 % (all.len() - 62)];
        let talk = form(tongue, number, &mut drawn);
        let masked = masked(&options, &talk);
        if nothing_left(tongue, &masked, &talk) {
            found += 1;
        } else if missed.len() < 3 {
            missed.push(format!("{number}: {talk:?}\n    {masked:?}"));
        }
    }
    (found, missed)
}

/// The rows of a table: what is measured, and how many were found of so many in each language.
pub(crate) fn table(rows: &[(&str, Vec<usize>)], count: usize) -> String {
    let row = |(name, found): &(&str, Vec<usize>)| {
        let cells: Vec<String> = found.iter().map(usize::to_string).collect();
        format!("| {name} | {} |\n", cells.join(" | "))
    };
    let names: Vec<&str> = TONGUES.iter().map(|tongue| tongue.name).collect();
    let rule = "--- | ".repeat(TONGUES.len() + 1);
    let rows: String = rows.iter().map(row).collect();
    format!("| of {count} | {} |\n| {}\n{rows}", names.join(" | "), rule.trim_end())
}

/// Whether the manual has this table; in a quick run, whether it has its rows.
pub(crate) fn assert_in_manual(rows: &[(&str, Vec<usize>)], count: usize) {
    let manual = include_str!("../../src/manual/_40_conversations.md");
    let table = table(rows, count);
    if is_full() {
        assert!(manual.contains(&table), "the manual should say:\n{table}");
    }
    for (name, _) in rows {
        assert!(manual.contains(&format!("| {name} | ")), "{name}");
    }
}

#[test]
fn numbers_are_found_over_turns() {
    let count = either(5, 64);
    let (mut rows, mut wrong) = (Vec::new(), String::new());
    for form in FORMS.iter().chain(KEPT_BACK) {
        let mut row = Vec::new();
        for tongue in &TONGUES {
            let (found, missed) = found(tongue, form, count, 11);
            // One of 64 is more than one in a hundred.
            let allowed = if tongue.name == "English" { 1 } else { 2 };
            if found + allowed < count {
                wrong += &format!(
                    "{} {}: {found} of {count}\n  {}\n",
                    tongue.name,
                    form.0,
                    missed.join("\n  ")
                );
            }
            row.push(found);
        }
        rows.push((form.0, row));
    }
    assert!(wrong.is_empty(), "{wrong}\n{}", table(&rows, count));
    assert_in_manual(&rows, count);
}

/// Conversations without a card: the share of lines that are changed, read whole.
#[test]
fn conversations_without_a_card_stay() {
    let options = Options::new();
    let (mut drawn, mut lines, mut changed) = (Drawn(23), 0, Vec::new());
    for _ in 0..either(60, 1000) {
        let talk = innocent::conversation(&mut drawn);
        let masked = masked(&options, &talk);
        lines += talk.len();
        let differs = masked.iter().zip(&talk).filter(|(masked, (_, text))| *masked != text);
        changed.extend(differs.map(|(masked, (_, text))| format!("{text} -> {masked}")));
    }
    assert!(changed.len() * 1000 <= lines * 5, "{} of {lines}: {changed:#?}", changed.len());
}
