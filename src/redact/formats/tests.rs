//! Time grows with the length of a file, whatever stands in it.

use std::io::Write;

use super::Format::{self, Chat, Srt, Vtt, Words};
use crate::redact::{Options, steps};

fn steps_of(options: &Options, format: Format, file: &str) -> usize {
    steps::taken();
    let mut transcript = options.transcript(format, std::io::sink());
    transcript.write_all(file.as_bytes()).unwrap();
    transcript.finish().unwrap();
    steps::taken()
}

/// Different card numbers, one for each place.
fn card(n: usize) -> String {
    let digits = format!("4{:014}", n * 7_919 + 1_000_003);
    let check = (0..10).map(|last| format!("{digits}{last}"));
    check.into_iter().find(|number| crate::values::card_number::luhn(number.as_bytes())).unwrap()
}

fn strings(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().join(",")
}

/// A file of so many parts.
type File = (&'static str, Format, fn(usize) -> String);

/// How many parts: of most fewer, because each turn of them is looked at for many readings.
const MANY: usize = 400;
const FEW: usize = 24;
const PLAIN: &[&str] = &[
    "tags without an end",
    "tags with a long name",
    "cards on a line",
    "a long heading",
    "colons",
    "brackets",
    "a long key",
    "a long name of who speaks",
    "escapes",
];

const FILES: &[File] = &[
    ("tags without an end", Vtt, |n| {
        format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{}", "<".repeat(64 * n))
    }),
    ("tags with a long name", Vtt, |n| {
        format!("WEBVTT\n\n00:01.000 --> 00:02.000\n<v {}>{}", "a".repeat(n), "4 \n".repeat(n))
    }),
    ("cues", Srt, |n| "1\n00:00:01,000 --> 00:00:02,000\n4242 4242\n\n".repeat(n)),
    ("cards on a line", Chat, |n| "4242424242424242 ".repeat(n)),
    ("different cards on a line", Chat, |n| (0..n).map(|n| card(n) + " ").collect()),
    ("different cards, one a line", Chat, |n| (0..n).map(|n| card(n) + "\n").collect()),
    ("digits on lines", Chat, |n| "Al: 4\nBo: 2\n".repeat(n)),
    ("codes on a line", Chat, |n| format!("4242424242424242\n{}", "code 123, x ".repeat(n))),
    ("codes on lines", Chat, |n| format!("4242424242424242\n{}", "code\n123\n".repeat(n))),
    ("corrections", Chat, |n| "4242 no, sorry, ".repeat(n)),
    ("sighs", Chat, |n| "oh four ".repeat(n)),
    ("masks", Chat, |n| "**** ".repeat(n)),
    ("a long heading", Chat, |n| format!("{} 10:32\n{}", "a".repeat(n), "4\n".repeat(n))),
    ("colons", Chat, |n| "a:".repeat(n)),
    ("brackets", Chat, |n| "[".repeat(n)),
    ("a text of cards", Words, |n| {
        format!("{{\"text\":\"{}\"}}", (0..n).map(|n| card(n) + ", ").collect::<String>())
    }),
    ("texts of cards", Words, |n| {
        format!("[{}]", strings(n, |n| format!("{{\"text\":\"{}\"}}", card(n))))
    }),
    ("strings of cards", Words, |n| format!("[{}]", strings(n, |n| format!("\"{}\"", card(n))))),
    ("words of digits", Words, |n| {
        format!("[{}]", strings(n, |n| format!("{{\"w\":\"{}\"}}", n % 10)))
    }),
    ("a long name of who speaks", Words, |n| {
        let name = "a".repeat(n);
        format!(
            "{{\"speaker\":\"{name}\",\"words\":[{}]}}",
            strings(n, |_| "{\"w\":\"4\"}".to_owned())
        )
    }),
    ("a long key", Words, |n| {
        format!("{{\"{}\":[{}]}}", "a".repeat(n), strings(n, |_| "{\"text\":\"4\"}".to_owned()))
    }),
    ("many who speak", Words, |n| {
        format!("[{}]", strings(n, |n| format!("{{\"speaker\":{n},\"text\":\"4 2\"}}")))
    }),
    ("escapes", Words, |n| format!("{{\"text\":\"{}\"}}", "\\u0034 ".repeat(n))),
];

#[test]
fn steps_grow_with_the_file_alone() {
    let mut over = Vec::new();
    for keep in [false, true] {
        let options = Options::new().keep_last_four(keep);
        for (name, format, file) in FILES {
            let parts = if PLAIN.contains(name) { MANY } else { FEW };
            let [short, long] =
                [parts, 4 * parts].map(|parts| steps_of(&options, *format, &file(parts)));
            // The square of it would be sixteen times as much.
            if long > 8 * short + 64 * 1024 {
                over.push(format!("{name}: {short} steps, {long} for four times as much"));
            }
        }
    }
    assert!(over.is_empty(), "{over:#?}");
}
