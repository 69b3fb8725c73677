//! Redaction in megabytes a second, beside the regex crate with a digit pattern, which finds digits written
//! with spaces and dashes and checks nothing. What each finds of card numbers is printed with it.
//!
//! Targets, on one core: 200 MB/s of JSON logs, 30 MB/s of dense digits; of chat text without card data 1 GB/s when spoken
//! numbers are not looked for, and 300 MB/s when they are.

use std::hint::black_box;

use countersign::redact::{Mode, Options};
use regex::Regex;
use side_by_side::{case, compare};

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/support/numbers.rs"]
mod numbers;

use numbers::{Drawn, groups, numbers, spoken};

const CLEAN: &str = "hi, i'd like to know where my parcel is please. it was promised for last week and the \
    shop says that it left the warehouse. could you look that up for me? thanks ever so much. ";
const DENSE: &str = "card 4242 4242 4242 4242 exp 12/27 cvv 123, order 20451 of 3 May at 14:05, \
    call 020 7946 0018, or 378282246310005; ";
const SAID: &str = "it's four two four two, four two four two, four two four two, four two four two, \
    expiry twelve twenty-seven, and that's one of the two cards we have, for fifty pounds or so. ";

/// A run of digits without an end, in which every other digit may begin a number.
const DIGITS: &str = "42";
/// The same of numbers that overlap.
const OVERLAPPING: &str = "5555555555554444";

const SIZE: usize = 256 * 1024;

fn main() {
    found();
    side(&CLEAN.repeat(SIZE / CLEAN.len()), "clean chat text");
    side(&json_log(), "JSON access log");
    side(&column(), "columns of digits");
    side(&DENSE.repeat(SIZE / DENSE.len()), "dense text");
    side(&SAID.repeat(SIZE / SAID.len()), "spoken text");
    side(&DIGITS.repeat(SIZE / DIGITS.len()), "digits alone");
    side(&OVERLAPPING.repeat(SIZE / OVERLAPPING.len()), "card numbers without end");
}

/// Lines as a server writes them, one card number in a thousand.
fn json_log() -> String {
    let mut drawn = Drawn(18);
    let mut text = String::with_capacity(SIZE);
    let mut line = 0;
    while text.len() < SIZE {
        line += 1;
        let [a, b, c] = [drawn.below(256), drawn.below(256), drawn.below(256)];
        let [id, bytes, took] = [drawn.below(900_000), drawn.below(60_000), drawn.below(900)];
        let [status, second] = [[200, 304, 404][drawn.below(3)], drawn.below(60)];
        let trace = drawn.next();
        text += &format!(
            "{{\"time\":\"2026-11-30T09:10:{second:02}.123Z\",\"level\":\"info\",\"remote\":\"10.{a}.{b}.{c}\",\
             \"method\":\"GET\",\"path\":\"/api/orders/{id}/items?page=2\",\"status\":{status},\
             \"bytes\":{bytes},\"took_ms\":{took}.25,\"agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:128.0)\",\
             \"trace\":\"{trace:016x}\"}}\n"
        );
        if line % 1_000 == 0 {
            text += "{\"pan\":\"4242424242424242\",\"cvv\":\"123\"}\n";
        }
    }
    text
}

/// A column of numbers.
fn column() -> String {
    let mut drawn = Drawn(19);
    let mut text = String::with_capacity(SIZE);
    while text.len() < SIZE {
        text += &format!("{:08} {:04}\n", drawn.below(100_000_000), drawn.below(10_000));
    }
    text
}

fn pattern() -> Regex {
    Regex::new(r"\b[0-9](?:[ -]?[0-9]){11,18}\b").unwrap()
}

/// Prints how many card numbers of 14 to 16 digits each way finds.
fn found() {
    let all = numbers();
    let usual = || all.iter().filter(|number| (14..=16).contains(&number.len())).take(1_000);
    let (pattern, people) = (pattern(), Options::new());
    let logs = Options::new().mode(Mode::Logs).spoken(false);
    println!("card numbers of 14 to 16 digits that are found, of {}:", usual().count());
    type Form = fn(&str) -> String;
    let forms: [(&str, Form); 4] = [
        ("digits alone", str::to_owned),
        ("in groups", |number| groups(number).join(" ")),
        ("in a field", |number| format!("{{\"pan\":\"{number}\"}}")),
        ("in words", |number| spoken(number, "zero")),
    ];
    for (name, form) in forms {
        let count = |is: &dyn Fn(&str) -> bool| usual().filter(|number| is(&form(number))).count();
        let by_regex = count(&|text| pattern.is_match(text));
        let (people, logs) =
            (count(&|text| people.cards(text) != text), count(&|text| logs.cards(text) != text));
        println!("  {name}: regex {by_regex}, people {people}, logs {logs}");
    }
}

fn side(text: &str, title: &str) {
    let pattern = pattern();
    let (written, all) = (Options::new().spoken(false), Options::new());
    let logs = Options::new().mode(Mode::Logs).spoken(false);
    let title =
        format!("{title}, {} bytes: ns / {0} = ns per byte, so GB/s = {0} / ns", text.len());
    compare(
        &title,
        vec![
            case("regex, replace_all", || {
                black_box(pattern.replace_all(black_box(text), "*"));
            }),
            case("countersign, written numbers", || {
                black_box(written.cards(black_box(text)));
            }),
            case("countersign, written and spoken", || {
                black_box(all.cards(black_box(text)));
            }),
            case("countersign, written in logs", || {
                black_box(logs.cards(black_box(text)));
            }),
        ],
    );
}
