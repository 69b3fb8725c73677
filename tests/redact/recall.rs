//! How many card numbers are found, by the form in which they stand: 10 000 random numbers of every
//! scheme and the published test cards, in every form, in fifty sentences. The manual has the figures.

use std::collections::BTreeSet;

use countersign::redact::{Mode, Options, SpanKind};

use crate::depth::{is_full, strided};
use crate::numbers::{
    DRAWN, Drawn, SCHEMES, WORDS, each, groups, in_script, numbers, spoken, word,
};

/// Two and three of a kind as "double four" and "triple one".
fn doubled(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    let (mut at, mut said) = (0, Vec::new());
    while at < digits.len() {
        let same = digits[at..].iter().take_while(|digit| **digit == digits[at]).count().min(3);
        let one = word(digits[at], "oh");
        said.push(match same {
            3 => format!("triple {one}"),
            2 => format!("double {one}"),
            _ => one,
        });
        at += same;
    }
    said.join(" ")
}

/// With dashes and spaces in turn.
fn mixed(groups: &[&str]) -> String {
    let between = |at: usize| [" ", "-"][at % 2];
    let part = |(at, group): (usize, &&str)| between(at).to_owned() + group;
    groups.iter().enumerate().map(part).collect::<String>().trim_start().to_owned()
}

type Form = (&'static str, bool, fn(&str) -> String);

/// Each form: its name in the manual, whether it is written in digits alone, and how it is made.
const FORMS: &[Form] = &[
    ("digits alone", true, |number| number.to_owned()),
    ("spaces", true, |number| groups(number).join(" ")),
    ("dots", true, |number| groups(number).join(".")),
    ("dashes", true, |number| groups(number).join("-")),
    ("dashes between spaces", true, |number| groups(number).join(" - ")),
    ("slashes", true, |number| groups(number).join("/")),
    ("underscores", true, |number| groups(number).join("_")),
    ("commas", true, |number| groups(number).join(",")),
    ("commas and spaces", true, |number| groups(number).join(", ")),
    ("semicolons", true, |number| groups(number).join(";")),
    ("bars", true, |number| groups(number).join("|")),
    ("tildes", true, |number| groups(number).join("~")),
    ("apostrophes", true, |number| groups(number).join("'")),
    ("typographic apostrophes", true, |number| groups(number).join("’")),
    ("bullets", true, |number| groups(number).join(" • ")),
    ("thin spaces", true, |number| groups(number).join("\u{2009}")),
    ("no-break spaces", true, |number| groups(number).join("\u{a0}")),
    ("narrow no-break spaces", true, |number| groups(number).join("\u{202f}")),
    ("zero-width spaces", true, |number| groups(number).join("\u{200b}")),
    ("non-breaking hyphens", true, |number| groups(number).join("\u{2011}")),
    ("full-width digits", true, |number| in_script(number, '０')),
    ("full-width digits, spaced", true, |number| {
        in_script(number, '０').chars().fold(String::new(), |mut text, digit| {
            if text.chars().filter(|c| *c != ' ').count() % 4 == 0 && !text.is_empty() {
                text.push(' ');
            }
            text.push(digit);
            text
        })
    }),
    ("Arabic-Indic digits", true, |number| in_script(number, '٠')),
    ("Devanagari digits", true, |number| in_script(number, '०')),
    ("mathematical digits", true, |number| in_script(number, '𝟎')),
    ("split over two lines", true, |number| {
        let (first, second) = number.split_at(6);
        format!("{first}\n{second}")
    }),
    ("groups on lines of their own", true, |number| groups(number).join("\r\n")),
    ("one digit at a time", true, |number| each(number, " ")),
    ("one digit a line", true, |number| each(number, "\n")),
    ("one digit at a time, dashed", true, |number| each(number, "-")),
    ("as JSON escapes a no-break space", true, |number| groups(number).join("\\u00a0")),
    ("glued to an expiry", false, |number| format!("{number}1227")),
    ("glued to an expiry and a code", false, |number| format!("{number}1227123")),
    ("glued to an expiry with a slash", false, |number| format!("{number}12/27")),
    ("spaces, then expiry and code", true, |number| {
        format!("{} 12/27 123", groups(number).join(" "))
    }),
    ("mixed separators", true, |number| mixed(&groups(number))),
    ("mixed separators, glued to an expiry", false, |number| mixed(&groups(number)) + "1227"),
    ("in two halves", true, |number| {
        let (first, second) = number.split_at(number.len() / 2);
        format!("{first} {second}")
    }),
    ("groups of any length, mixed separators", false, |number| {
        let (first, rest) = number.split_at(number.len() - 8);
        format!("{first}-{}.{}", &rest[..5], &rest[5..])
    }),
    ("after a small number", true, |number| format!("2 {}", groups(number).join(" "))),
    ("glued to digits before it", false, |number| format!("00{number}")),
    ("glued to digits after it", false, |number| format!("{number}99")),
    ("digits and words by group", false, |number| {
        let mixed = groups(number).into_iter().enumerate();
        let mixed = mixed.map(
            |(at, group)| {
                if at % 2 == 0 { group.to_owned() } else { spoken(group, "zero") }
            },
        );
        mixed.collect::<Vec<_>>().join(" ")
    }),
    ("words", false, |number| spoken(number, "zero")),
    ("words, \"oh\" for zero", false, |number| spoken(number, "oh")),
    ("words, a comma after each group", false, |number| {
        groups(number).into_iter().map(|group| spoken(group, "zero")).collect::<Vec<_>>().join(", ")
    }),
    ("words with hyphens", false, |number| spoken(number, "zero").replace(' ', "-")),
    ("\"double\" and \"triple\"", false, doubled),
    ("capitals", false, |number| spoken(number, "oh").to_uppercase()),
    ("words with hesitation", false, |number| {
        groups(number).into_iter().map(|group| spoken(group, "oh")).collect::<Vec<_>>().join(" um ")
    }),
];

/// Fifty sentences, some with other numbers.
const FRAMES: [&str; 50] = [
    "{}",
    "my card is {}",
    "My card number is {}.",
    "it's {} thanks",
    "Here you go: {}",
    "card: {}, please charge it",
    "Please take £25.00 from {} today.",
    "the number on the front is {} I think",
    "({})",
    "\"{}\"",
    "'{}'",
    "<{}>",
    "[card={}]",
    "card={}&name=jones",
    "{\"card\":\"{}\"}",
    "PAN: {}",
    "pan={};",
    "Hi, I'd like to pay order A7 with {} please",
    "I tried {} twice and it was declined",
    "use {} instead",
    "{} is my new card",
    "{} - that's it",
    "number {} and the name is Jones",
    "Sure! {} :-)",
    "well, {}, as I said",
    "Kartennummer {} bitte",
    "numéro de carte {} merci",
    "tarjeta {} gracias",
    "カード番号は {} です",
    "卡号 {} 谢谢",
    "номер карты {} спасибо",
    "Customer says {} over the phone",
    "[12:04] agent: go ahead\n[12:05] customer: {}",
    "> {}\n\nThanks, charging it now.",
    "ticket #20451\ncard {}\nend",
    "\t{}\t",
    "•{}•",
    "…{}…",
    "is it {}? yes",
    "is it {}! yes",
    "not 1234 but {} please",
    "call me on the landline, card {} as before",
    "two cards: {} is the first",
    "Ref: ABC / Card: {}",
    "name;card\nJones;{}",
    "{} exp is on the back",
    "my visa {} works",
    "the amex {} works",
    "debit {} ok",
    "Thanks. {}\nRegards, M. Jones",
];

/// How many there were, and how many of them were found.
#[derive(Default, Clone, Copy)]
struct Count {
    found: usize,
    all: usize,
}

impl Count {
    fn add(&mut self, found: bool) {
        self.all += 1;
        self.found += usize::from(found);
    }

    fn share(self) -> f64 {
        self.found as f64 * 100.0 / self.all as f64
    }
}

struct Row {
    name: &'static str,
    digits: bool,
    /// Of 14 to 16 digits, which most cards have.
    usual: Count,
    /// The least share of a scheme's numbers of these lengths.
    lowest: f64,
    all: Count,
    missed: Vec<String>,
}

/// Lengths of which a number is told by itself.
fn is_usual(number: &str) -> bool {
    (14..=16).contains(&number.len())
}

/// A quick run tries every 23rd number: each scheme and each sentence, if not each in each.
fn measured(options: &Options, forms: &[Form]) -> Vec<Row> {
    let numbers = numbers();
    let published = numbers.len() - DRAWN;
    let measure = |(at, (name, digits, form)): (u64, &Form)| {
        let (mut usual, mut all, mut missed) = (Count::default(), Count::default(), Vec::new());
        let mut schemes = [Count::default(); SCHEMES.len()];
        let (mut drawn, mut met) = (Drawn(100 + at), BTreeSet::new());
        let tried: Vec<_> = strided(numbers.iter().enumerate(), 23).collect();
        for (n, number) in tried {
            let frame = drawn.below(FRAMES.len());
            let scheme = n.checked_sub(published).map(|n| n % SCHEMES.len());
            if let Some(scheme) = scheme {
                met.insert((scheme, frame));
            }
            let (before, after) = FRAMES[frame].split_once("{}").unwrap();
            let card = form(number);
            let text = format!("{before}{card}{after}");
            let to = before.len() + card.len();
            let from = before.len() + leading(name);
            // All of the number, whatever is glued to it.
            let last = to - trailing(name);
            let mut found_to = from;
            for span in options.spans(&text) {
                let place = span.range().unwrap();
                // A part of it may be taken for the expiry after a shorter one.
                let card = found_to > from || matches!(span.kind(), SpanKind::Card(_));
                if card && place.start <= found_to {
                    found_to = found_to.max(place.end);
                }
            }
            let covered = last <= found_to;
            let masked = options.cards(&text);
            let gone = nothing_left(&masked, &text[..from], &text[from..last], after);
            // A number may be found as a shorter one with a code behind it.
            assert!(gone || !covered, "{text} -> {masked}");
            let covered = gone;
            all.add(covered);
            if is_usual(number) {
                usual.add(covered);
                if let Some(scheme) = scheme {
                    schemes[scheme].add(covered);
                }
                if !covered && missed.len() < 5 {
                    missed.push(text);
                }
            }
        }
        let (met_schemes, frames): (BTreeSet<_>, BTreeSet<_>) = met.iter().copied().unzip();
        assert_eq!(met_schemes.len(), SCHEMES.len());
        assert!(frames.len() == FRAMES.len() || !is_full() && frames.len() > 40, "{name}");
        assert!(schemes.iter().all(|count| count.all >= 60 || !is_full()), "{name}");
        if is_full() {
            assert_eq!(met.len(), SCHEMES.len() * FRAMES.len(), "each scheme in each sentence");
        }
        let lowest = schemes.map(Count::share).into_iter().fold(100.0, f64::min);
        Row { name, digits: *digits, usual, lowest, all, missed }
    };
    (0..).zip(forms).map(measure).collect()
}

/// Whether the sentence around the card stands as it was, and nothing of the number in it.
fn nothing_left(masked: &str, before: &str, number: &str, after: &str) -> bool {
    let Some(middle) = masked.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) else {
        return false;
    };
    // Expiry and code, which are masked too or not, stand after it; and the digits of an escape stay.
    let end = middle.char_indices().nth(number.chars().count()).map_or(middle.len(), |(at, _)| at);
    let middle = middle[..end].replace("\\u00a0", " ").to_lowercase();
    let said = |word: &str| WORDS.contains(&word) || ["oh", "double", "triple"].contains(&word);
    !middle.chars().any(char::is_numeric) && !middle.split(|c: char| !c.is_alphabetic()).any(said)
}

/// How many bytes of a form stand before the number.
fn leading(form: &str) -> usize {
    match form {
        "after a small number" | "glued to digits before it" => 2,
        _ => 0,
    }
}

/// How many bytes of a form are expiry and code, or other digits.
fn trailing(form: &str) -> usize {
    match form {
        "glued to an expiry" | "mixed separators, glued to an expiry" => 4,
        "glued to digits after it" => 2,
        "glued to an expiry and a code" => 7,
        "glued to an expiry with a slash" => 5,
        "spaces, then expiry and code" => 10,
        _ => 0,
    }
}

fn table(rows: &[Row], logs: &[Row]) -> String {
    let line = |(row, logs): (&Row, &Row)| {
        let Row { name, usual, lowest, all, .. } = row;
        let (usual, all, logs) = (usual.share(), all.share(), logs.usual.share());
        format!("| {name} | {usual:.2} % | {lowest:.2} % | {all:.2} % | {logs:.2} % |\n")
    };
    rows.iter().zip(logs).map(line).collect()
}

/// The manual's table counts the numbers of a quick run; in a full run, what it says is found always is found always.
#[test]
fn what_is_found_is_what_the_manual_says() {
    let rows = measured(&Options::new(), FORMS);
    let logs = measured(&Options::new().mode(Mode::Logs), FORMS);
    let table = table(&rows, &logs);
    for row in &rows {
        let Count { found, all } = row.usual;
        assert!(!row.digits || found == all, "{}: {:#?}", row.name, row.missed);
    }
    let manual = include_str!("../../src/manual/_39_redaction.md");
    let (_, published) = manual.split_once(HEADING).expect("a table in the manual");
    let (published, _) = published.split_once("\n\n").unwrap();
    assert_eq!(published.lines().count(), rows.len(), "{table}");
    for (row, line) in rows.iter().zip(published.lines()) {
        let shares = line.strip_prefix(&format!("| {} | ", row.name)).expect(line);
        assert!(!shares.starts_with("100.00 %") || row.usual.found == row.usual.all, "{line}");
    }
    assert!(is_full() || published == table.trim_end(), "the manual should say:\n{table}");
}

const HEADING: &str = "| form | 14 to 16 digits | lowest scheme | all lengths | 14 to 16 digits in logs |\n\
    | --- | --- | --- | --- | --- |\n";

/// With the option, whatever stands next to a number: digits before it or after it.
#[test]
fn glued_in_any_length_every_number_is_found() {
    let glued: [Form; 2] = [
        ("glued to digits before it", true, |number| format!("00{number}")),
        ("glued to digits after it", true, |number| format!("{number}99")),
    ];
    for row in measured(&Options::new().glued_in_any_length(true), &glued) {
        assert_eq!(row.all.found, row.all.all, "{}: {:#?}", row.name, row.missed);
    }
}
