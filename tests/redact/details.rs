//! How many verification codes and expiries are found near card numbers, by the form in which they
//! stand. The manual has the figures.

use std::ops::Range;

use countersign::redact::{NameKind, Options, SpanKind};

use crate::numbers::{Drawn, groups, in_script, numbers, spoken};

/// Cards of each form.
const CARDS: usize = 500;

/// Forms: `n` in braces is the number, `g` the same in groups, `c` the code, `m` and `y` month and year, capitals
/// the same in full-width digits, `w` the code in words.
const FORMS: &[(&str, &str)] = &[
    ("right after the number", "{g} {m}/{y} {c}"),
    ("glued", "{n}{m}{y}{c}"),
    ("abbreviated", "{g} exp {m}/{y} cvv {c}"),
    ("in words", "card {g}, expires {m}/{y}, security code {c}"),
    ("before the number", "CVV {c}, exp {m}/{y}, number {g}"),
    ("brackets", "{g} ({m}/{y}) ({c})"),
    ("CVV2", "{g} EXP:{m}/{y} CVV2:{c}"),
    ("with dots", "{g} exp. {m}/{y} C.V.V. {c}"),
    ("full-width letters", "{g} ｅｘｐ {m}/{y} ＣＶＶ {c}"),
    ("full-width digits", "{g} exp {M}/{Y} cvv {C}"),
    ("JSON", r#"{"number":"{n}","exp_month":{m},"exp_year":20{y},"cvc":"{c}"}"#),
    ("JSON, camel case", r#"{"cardNumber":"{n}","expiryDate":"{m}/{y}","securityCode":"{c}"}"#),
    ("JSON, camel case, short", r#"{"pan":"{n}","cardExp":"{m}{y}","cardCvv":"{c}"}"#),
    ("JSON, before the number", r#"{"cvv":"{c}","expiry":"20{y}-{m}","pan":"{n}"}"#),
    ("a query", "pan={n}&expMonth={m}&expYear=20{y}&cvv={c}"),
    ("the code on the back", "{g}, good through {m}/{y}, the cvv on the back is {c}"),
    ("three digits on the back", "{g} {m}/{y}, the three digits on the back are {c}"),
    ("the number of digits", "{g} expiry (MM/YY): {m}/{y} cvv (3 digits): {c}"),
    ("a period", "{g} valid from 01/24 to {m}/{y} code {c}"),
    ("a whole date", "{g} valid until 31/{m}/20{y} cvc {c}"),
    ("year first", "{g} expiry 20{y}-{m} cvc {c}"),
    ("month and year apart", "{g} exp month {m} exp year 20{y} csc {c}"),
    ("fields by commas", "{n},{m}/{y},{c}"),
    ("fields with a name", "{n},Jones,{m}/{y},{c}"),
    ("fields by semicolons", "{n};{m}/{y};{c}"),
    ("fields by bars", "{n}|{m}|{y}|{c}"),
    ("fields by bars, with a name", "{n}|M JONES|{m}/{y}|{c}"),
    ("fields by tabs", "{n}\t{m}/{y}\t{c}"),
    ("lines", "{g}\n{m}/{y}\n{c}"),
    ("labelled lines", "Card: {g}\nExp: {m}/{y}\nCVV: {c}"),
    ("label and value on lines of their own", "Card\n{g}\nExpiry date\n{m}/{y}\nCVV\n{c}"),
    ("two messages", "[12:04] customer: {g}\n[12:05] customer: {m}/{y} cvv {c}"),
    ("track 1", "%B{n}^JONES/MARY^{y}{m}2010000000{c}000000?"),
    ("track 2", ";{n}={y}{m}2010000{c}00000?"),
    ("track 2, hexadecimal", "{n}D{y}{m}2010000{c}00000F"),
    ("CV2", "{g} exp {m}/{y} CV2 {c}"),
    ("CCV", "{g} exp {m}/{y} CCV: {c}"),
    ("seccode, expdate", "number={n} expdate={m}{y} seccode={c}"),
    ("in one case", "cardnumber={n}&expirydate={m}%2F{y}&securitycode={c}"),
    ("cvNumber", r#"{"cardNumber":"{n}","expirationDate":"{m}/{y}","cvNumber":"{c}"}"#),
    ("cv_number, goodthru", "pan: {n}, goodthru: {m}/{y}, cv_number: {c}"),
    ("CVX2", "{g} valid thru {m}/{y} CVX2 {c}"),
    ("CVM", "{g} cardexpiry {m}/{y} CVM={c}"),
    ("C-V-V", "{g} exp {m}/{y} C-V-V {c}"),
    ("a numbered name", "number[0]={n}&exp[0]={m}/{y}&cvc[0]={c}"),
    ("a name with a number", "{g} exp_1={m}/{y} cvv_1={c}"),
    ("a name with a sign and a number", "{g} exp #1: {m}/{y} CVV #1: {c}"),
    ("CVV-2", "{g} exp {m}/{y} CVV-2: {c}"),
    ("three-digit number", "{g}, expires {m}/{y}, and the three-digit number is {c}"),
    ("the last three", "{g}, expires {m}/{y}, the last three are {c}"),
    ("last three digits", "{g}, expires {m}/{y}, last three digits {c}"),
    ("a question", "{g} {m}/{y}. What are the three digits on the back? {c}"),
    ("on the reverse", "{g} {m}/{y}, security number on the reverse {c}"),
    (
        "nested JSON",
        r#"{"number":"{n}","expiry":"{m}/{y}","securityCode":{"indicator":"1","value":"{c}"}}"#,
    ),
    ("with a name between", "{g} name Maria Jones {m}/{y} {c}"),
    ("after a name of the card", "card {g} in the name of A Smith, {m}/{y}, {c}"),
    ("spoken after a number that was typed", "{g} expiry {m}/{y} security code {w}"),
];

/// A text, and where in it code and expiry stand.
#[derive(Default)]
struct Filled {
    text: String,
    code: Vec<Range<usize>>,
    expiry: Vec<Range<usize>>,
}

fn filled(form: &str, number: &str, code: &str, month: &str, year: &str) -> Filled {
    let mut filled = Filled::default();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('{') {
        filled.text += before;
        let [name, b'}', ..] = after.as_bytes() else {
            filled.text.push('{');
            rest = after;
            continue;
        };
        let wide = |digits: &str| in_script(digits, '０');
        let value = match name {
            b'n' => number.to_owned(),
            b'g' => groups(number).join(" "),
            b'c' => code.to_owned(),
            b'C' => wide(code),
            b'w' => spoken(code, "zero"),
            b'm' => month.to_owned(),
            b'M' => wide(month),
            b'y' => year.to_owned(),
            b'Y' => wide(year),
            other => panic!("{other}"),
        };
        let place = filled.text.len()..filled.text.len() + value.len();
        match name.to_ascii_lowercase() {
            b'c' | b'w' => filled.code.push(place),
            b'm' | b'y' => filled.expiry.push(place),
            _ => {}
        }
        filled.text += &value;
        rest = &after[2..];
    }
    filled.text += rest;
    filled
}

/// Lines with a card number and other numbers, which are to stay.
const BESIDE: &[&str] = &[
    "card {g}, order 20451",
    "order 20451 on card {g}",
    "please charge £250.00 to {g}",
    "{g} for the £85 deposit",
    "{g}, room 404, two nights",
    "Room 404: {g}",
    "call me on 020 7946 0958, my card is {g}",
    "{g} and my number is 07700 900123",
    "customer 88120, card {g}, agent 17",
    "[12:04:31] customer: {g}",
    "[12:04:31] customer: {g}\n[12:04:52] agent: thanks, 1 moment",
    "2026-11-27T12:04:31Z INFO pan={n} amount=25000 currency=826",
    "{\"id\":20451,\"pan\":\"{n}\",\"amount\":25000}",
    "{\"pan\":\"{n}\",\"amount\":1999,\"quantity\":3}",
    "INSERT INTO t VALUES (17, '{n}', 250)",
    "I was born in 1975 and my card is {g}",
    "{g}. I am 45 years old.",
    "the payment of 12 March for 30 pounds on {g}",
    "{g} was charged 3 times on 12 March",
    "please refund 45.20 and 12.99 to {g}",
    "my postcode is SW1A 2AA, card {g}",
    "10 Downing Street. {g}",
    "{g} - 10 Downing Street",
    "flight BA 117 on 14 May, card {g}",
    "seat 23C, booking 7741, {g}",
    "{g} at 9:30 tomorrow",
    "ticket #20451: customer typed {g}",
    "ticket 20451\ncard {g}\nagent 17",
    "invoice 7 of 12, card {g}, total 1,250.00",
    "{g} total 99.00 tax 16.50",
    "error code 402 for {g}",
    "{g} was declined, error 51",
    "status 200 pan={n}",
    "HTTP 502 while charging {n} after 3 retries",
    "version 2.4.1 sent {n}",
    "{n} in line 312 of the file",
    "line 312: {n}",
    "sort code 20-00-00, account 55779911, card {g}",
    "{g}, account 55779911",
    "the 16 digits are {g}",
    "it has 16 digits: {g}",
    "1. {g}\n2. none",
    "card 1 is {g}",
    "2 cards, the first is {g}",
    "{g} and the limit is 5000",
    "limit 5000, card {g}",
    "valid for 30 days, card {g}",
    "the offer ends in 30 days, {g}",
    "postal code 1012, card {g}",
    "promo code SAVE20, {g}",
    "dial code 0044, card {g}",
    "{g}, Apartment 12, floor 3",
    "{g} weighs 250 g",
    "temperature 21.5, humidity 40, card {g}",
    "{g} // 40 is the answer",
    "on 12/03 I paid 20 with {g}",
    "since 2019 I have had {g}",
    "back in 2019 I got {g}",
    "{g}\nKind regards\nM. Jones\n020 7946 0958",
    "Page 3 of 7\n{g}",
];

struct Row {
    name: &'static str,
    codes: usize,
    expiries: usize,
    missed: Vec<String>,
}

fn measured() -> Vec<Row> {
    let (numbers, options) = (numbers(), Options::new());
    let measure = |(at, (name, form)): (usize, &(&'static str, &str))| {
        let mut drawn = Drawn(900 + at as u64);
        let mut row = Row { name, codes: 0, expiries: 0, missed: Vec::new() };
        for n in 0..CARDS {
            let number = &numbers[(n * 17 + at) % numbers.len()];
            let amex =
                number.len() == 15 && ["34", "37"].iter().any(|range| number.starts_with(range));
            let code: String = (0..if amex { 4 } else { 3 })
                .map(|_| char::from(b'0' + u8::try_from(drawn.below(10)).unwrap()))
                .collect();
            let month = format!("{:02}", 1 + drawn.below(12));
            let year = (27 + drawn.below(9)).to_string();
            let filled = filled(form, number, &code, &month, &year);
            let spans = options.spans(&filled.text);
            let hidden = |places: &[Range<usize>]| {
                places.iter().all(|place| {
                    let mut at = place.start;
                    for span in &spans {
                        let span = span.range().unwrap();
                        if span.start <= at {
                            at = at.max(span.end);
                        } else if filled.text.get(at..span.start).is_some_and(|gap| gap == " ") {
                            at = span.end;
                        }
                    }
                    at >= place.end
                })
            };
            let (code, expiry) = (hidden(&filled.code), hidden(&filled.expiry));
            row.codes += usize::from(code);
            row.expiries += usize::from(expiry);
            if !(code && expiry) && row.missed.len() < 3 {
                row.missed.push(format!("{} -> {}", filled.text, options.cards(&filled.text)));
            }
        }
        row
    };
    FORMS.iter().enumerate().map(measure).collect()
}

fn table(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let share = |found: usize| found as f64 * 100.0 / CARDS as f64;
        let (codes, expiries) = (share(row.codes), share(row.expiries));
        format!("| {} | {codes:.1} % | {expiries:.1} % |\n", row.name)
    };
    rows.iter().map(line).collect()
}

#[test]
fn codes_and_expiries_are_found_as_the_manual_says() {
    let rows = measured();
    let table = table(&rows);
    let manual = include_str!("../../src/manual/_39_redaction.md");
    let (_, published) =
        manual.split_once("| form | codes | expiries |\n| --- | --- | --- |\n").unwrap();
    let (published, _) = published.split_once("\n\n").unwrap();
    let missed: Vec<_> = rows.iter().map(|row| (row.name, &row.missed)).collect();
    assert!(published == table.trim_end(), "{missed:#?}\nthe manual should say:\n{table}");
}

/// Of each line in [`BESIDE`], with each of some cards, whether another number than the card's is masked.
#[test]
fn what_else_is_masked_is_what_the_manual_says() {
    let (numbers, options) = (numbers(), Options::new());
    let (mut all, mut masked) = (0, Vec::new());
    let usual = |number: &&String| (14..=16).contains(&number.len());
    for (line, number) in BESIDE.iter().flat_map(|line| {
        numbers.iter().filter(usual).step_by(30).map(move |number| (line, number.as_str()))
    }) {
        let whole = groups(number).join(" ");
        let text = line.replace("{g}", &whole).replace("{n}", number);
        let kept = line.replace("{g}", &stars(&whole)).replace("{n}", &stars(number));
        let result = options.cards(&text);
        all += 1;
        if result != kept {
            masked.push(result.into_owned());
        }
    }
    let manual = include_str!("../../src/manual/_39_redaction.md").replace('\n', " ");
    let (_, said) = manual.split_once(" random cards of 14 to 16 digits, ").unwrap();
    let published = format!("{} of {all} ", masked.len());
    assert!(said.starts_with(&published), "{published}: {masked:#?}");
}

/// A PIN beside a card is masked, a number that is no PIN is not; and so is what a host gives a name to.
#[test]
fn pins_and_names_of_a_host_are_found() {
    let options = Options::new();
    for (text, masked) in [
        ("4242 4242 4242 4242 PIN 4321", "**** **** **** **** PIN ****"),
        ("pin: 4321, card 4242424242424242", "pin: ****, card ****************"),
        ("4242424242424242 pinNumber=987654", "**************** pinNumber=******"),
        ("4242424242424242 and the pin code is 4321", "**************** and the pin code is ****"),
        (
            "4242424242424242 expires in September 2027",
            "**************** expires in September ****",
        ),
        ("4242424242424242 Sep 27", "**************** Sep **"),
        ("4242424242424242 on 12 May", "**************** on 12 May"),
        ("the spin was 4321 4242424242424242", "the spin was 4321 ****************"),
        ("pin 4321", "pin 4321"),
    ] {
        assert_eq!(options.cards(text), masked);
    }
    let spans = options.spans("4242 4242 4242 4242 PIN 4321");
    assert_eq!(spans[1].kind(), SpanKind::Pin);
    let own = options.names(NameKind::Code, &["Prüf-Ziffern"]).unwrap();
    let own = own
        .names(NameKind::Expiry, &["endet"])
        .unwrap()
        .names(NameKind::Pin, &["Geheimzahl"])
        .unwrap();
    let own = own.names(NameKind::Card, &["Plastik"]).unwrap();
    for (text, masked) in [
        ("4242424242424242 prüfZiffern: 123", "**************** prüfZiffern: ***"),
        ("4242424242424242 endet 1227", "**************** endet ****"),
        ("4242424242424242 GEHEIM_ZAHL=4321", "**************** GEHEIM_ZAHL=****"),
        ("Plastik 4222222222222", "Plastik *************"),
    ] {
        assert_eq!(own.cards(text), masked);
    }
    assert!(Options::new().names(NameKind::Code, &["123"]).is_err());
}

/// Numbers that need it are found with evidence: a name before them, or a code or an expiry beside them.
#[test]
fn evidence_makes_a_number() {
    for number in ["4222222222222", "501800000009", "4000000000000000006"] {
        let stars = stars(number);
        for bare in ["{}", "id {}", "order {} of 12 May", "{} 12:30"] {
            let text = bare.replace("{}", number);
            assert_eq!(Options::new().cards(&text), text);
        }
        for beside in [
            "card {}",
            "PAN={}",
            "{} 12/27",
            "{} exp 12/27",
            "{}, cvv 123",
            "cvv 123, {}",
            "visa {}",
        ] {
            let text = beside.replace("{}", number);
            let masked = Options::new().cards(&text).into_owned();
            assert!(masked.contains(&stars), "{text} -> {masked}");
        }
    }
}

fn stars(number: &str) -> String {
    number.chars().map(|c| if c == ' ' { ' ' } else { '*' }).collect()
}
