//! Time grows with the length of a file, whatever stands in it.

use std::io::Write;

use super::Format::{self, Chat, Srt, Vtt, Words};
use crate::redact::{Options, steps};
use crate::values::card_number::luhn;

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
    let mut all = (0..10).map(|last| format!("{digits}{last}"));
    all.find(|number| luhn(number.as_bytes())).unwrap()
}

fn strings(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().join(",")
}

/// What a file is of, how many parts it has, and the file of so many.
type File = (&'static str, Format, usize, fn(usize) -> String);

/// Digits that are no card's number: each group of them may begin one, and be looked at in many readings.
const DIGITS: &str = "1212 1212 1212 1213";
const TIMES: &str = "00:01.000 --> 00:02.000";

/// Few parts of what is looked at in many readings, or is remembered for what follows.
const FILES: &[File] = &[
    ("tags without an end", Vtt, 2_000, |n| format!("WEBVTT\n\n{TIMES}\n{}", "<".repeat(n))),
    ("tags with a long name", Vtt, 600, |n| {
        let name = "a".repeat(n.min(500));
        format!("WEBVTT\n\n{TIMES}\n{}", format!("<v {name}>so\n").repeat(n))
    }),
    ("lines without text", Vtt, 600, |n| {
        format!("WEBVTT\n\n{TIMES}\n{DIGITS}\n{}", "\n".repeat(n))
    }),
    ("comments", Vtt, 300, |n| format!("WEBVTT\n\n{}", "NOTE so\n\n".repeat(n))),
    ("entities", Vtt, 600, |n| format!("WEBVTT\n\n{TIMES}\n{}", "&#52;&nbsp;x ".repeat(n))),
    ("cues", Srt, 12, |n| format!("1\n00:00:01,000 --> 00:00:02,000\n{DIGITS}\n\n").repeat(n)),
    ("numbers of cues", Srt, 400, |n| "4242424242424242\n".repeat(n)),
    ("cards on a line", Chat, 120, |n| "4242424242424242 ".repeat(n)),
    ("different cards on a line", Chat, 24, |n| (0..n).map(|n| card(n) + " ").collect()),
    ("different cards on lines", Chat, 12, |n| (0..n).map(|n| card(n) + "\n").collect()),
    ("digits on lines", Chat, 12, |n| format!("Al: {DIGITS}\nBo: {DIGITS}\n").repeat(n)),
    ("digits on a line", Chat, 100, |n| format!("{DIGITS}; ").repeat(n)),
    ("codes on a line", Chat, 24, |n| format!("4242424242424242\n{}", "code 123, x ".repeat(n))),
    ("codes on lines", Chat, 24, |n| format!("4242424242424242\n{}", "code\n123\n".repeat(n))),
    ("corrections", Chat, 24, |n| "4242 no, sorry, ".repeat(n)),
    ("sighs", Chat, 24, |n| "oh four ".repeat(n)),
    ("masks", Chat, 24, |n| "**** ".repeat(n)),
    ("bold", Chat, 200, |n| "*4 ".repeat(n)),
    ("a long heading", Chat, 600, |n| format!("{} 10:32\n{}", "a".repeat(n), "so\n".repeat(n))),
    ("many who speak", Chat, 100, |n| (0..n).map(|n| format!("{}: so\n", letters(n))).collect()),
    ("colons", Chat, 2_000, |n| "a:".repeat(n)),
    ("brackets", Chat, 2_000, |n| "[".repeat(n)),
    ("times", Chat, 600, |n| "10:32 ".repeat(n)),
    ("a text of cards", Words, 24, |n| {
        format!("{{\"text\":\"{}\"}}", (0..n).map(|n| card(n) + ", ").collect::<String>())
    }),
    ("texts of cards", Words, 24, |n| {
        format!("[{}]", strings(n, |n| format!("{{\"text\":\"{}\"}}", card(n))))
    }),
    ("strings of cards", Words, 48, |n| {
        format!("[{}]", strings(n, |n| format!("\"{}\"", card(n))))
    }),
    ("words of digits", Words, 48, |n| {
        format!("[{}]", strings(n, |n| format!("{{\"w\":\"{}\"}}", 1_000 + n)))
    }),
    ("a long name of who speaks", Words, 600, |n| {
        let words = strings(n, |_| "{\"w\":\"so\"}".to_owned());
        format!("{{\"speaker\":\"{}\",\"words\":[{words}]}}", "a".repeat(n))
    }),
    ("a long key", Words, 600, |n| {
        let texts = strings(n, |_| "{\"text\":\"so\"}".to_owned());
        format!("{{\"{}\":[{texts}]}}", "a".repeat(n))
    }),
    ("many keys", Words, 300, |n| {
        format!("{{{}}}", strings(n, |n| format!("\"k{n}\":{{\"text\":\"so\"}}")))
    }),
    ("many who speak in a list", Words, 100, |n| {
        format!("[{}]", strings(n, |n| format!("{{\"speaker\":{n},\"text\":\"so it is\"}}")))
    }),
    ("escapes", Words, 600, |n| format!("{{\"text\":\"{}\"}}", "\\u0034x ".repeat(n))),
];

/// A name without digits.
fn letters(mut n: usize) -> String {
    let mut name = String::from("A");
    while n > 0 {
        name.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n /= 26;
    }
    name
}

/// Four times as much takes four times as many steps, and no more than twice that: what is remembered fills up first. The
/// square of it would be sixteen times as many.
#[test]
fn steps_grow_with_the_file_alone() {
    let mut over = Vec::new();
    for (at, (name, format, parts, file)) in FILES.iter().enumerate() {
        let options = Options::new().keep_last_four(at % 2 == 0);
        let [short, long] =
            [*parts, 4 * parts].map(|parts| steps_of(&options, *format, &file(parts)));
        if long > 8 * short {
            over.push(format!("{name}: {short} steps, {long} for four times as much"));
        }
        assert!(short > 0, "{name}");
    }
    assert!(over.is_empty(), "{over:#?}");
}
