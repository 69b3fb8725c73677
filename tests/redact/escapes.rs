//! Escapes are one character each: between digits, around a number, between a name and its value. No mask cuts one, and what
//! was a line of JSON, a URL or a page of HTML still is.

use countersign::redact::{Mode, Options, cards};

use crate::corpora::written::{WRITINGS, Writing};
use crate::depth::either;
use crate::numbers::{Drawn, groups, numbers};

/// A text and what it becomes.
const EXAMPLES: &[(&str, &str)] = &[
    (
        "card%5Bnumber%5D=4242424242424242&card%5Bcvc%5D=123",
        "card%5Bnumber%5D=****************&card%5Bcvc%5D=***",
    ),
    ("4242424242424242 %22cvv%22%3A%22123%22", "**************** %22cvv%22%3A%22***%22"),
    (
        r#"{"body":"\u0022pan\u0022:\u00224242424242424242\u0022,\u0022cvv\u0022:\u0022123\u0022"}"#,
        r#"{"body":"\u0022pan\u0022:\u0022****************\u0022,\u0022cvv\u0022:\u0022***\u0022"}"#,
    ),
    ("4242%204242%204242%204242", "****%20****%20****%20****"),
    ("4242+4242+4242+4242", "****+****+****+****"),
    ("%226759649826438453%22", "%22****************%22"),
    ("pan%3D4242424242424242%26exp%3D0927", "pan%3D****************%26exp%3D****"),
    (
        "%2522pan%2522%253A%25224242424242424242%2522",
        "%2522pan%2522%253A%2522****************%2522",
    ),
    ("\\x224242424242424242\\x22", "\\x22****************\\x22"),
    (
        "&quot;cvv&quot;:&quot;123&quot; &#52;242424242424242",
        "&quot;cvv&quot;:&quot;***&quot; ****************",
    ),
    ("\u{1b}[31m4242\u{1b}[0m 4242 4242 4242", "\u{1b}[31m****\u{1b}[0m **** **** ****"),
    ("\\u001b[1;31m4242424242424242\\u001b[0m", "\\u001b[1;31m****************\\u001b[0m"),
    ("%0Afour two four two 4242 4242 4242", "%0A* * * * **** **** ****"),
    ("%B4242424242424242^JONES/M^27122011234567?", "%B****************^JONES/M^**************?"),
    ("4242 4242 4242 4242 cvc[0]=123", "**** **** **** **** cvc[0]=***"),
    // No escapes.
    ("100% 4242 4242 4242 4242", "100% **** **** **** ****"),
    ("AT&T4242424242424242", "AT&T****************"),
];

#[test]
fn an_escape_is_one_character() {
    let mut wrong = String::new();
    for (text, masked) in EXAMPLES {
        if cards(text) != *masked {
            wrong += &format!("{text:?}\n  gives {:?}\n  not   {masked:?}\n", cards(text));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each way of writing, with numbers of every scheme: nothing of number, code or expiry is left, and what was written is
/// read as before.
#[test]
fn whatever_it_is_written_in_is_still_that() {
    let numbers = numbers();
    for (at, Writing { name, write, read }) in WRITINGS.iter().enumerate() {
        let mut drawn = Drawn(7_000 + at as u64);
        for n in 0..either(60, 400) {
            let number = &numbers[(n * 31 + at) % numbers.len()];
            let number = if n % 2 == 0 { number.clone() } else { groups(number).join(" ") };
            let code = format!("{:03}", drawn.below(1_000));
            let fields = [
                ("card number", &*number),
                ("cvv", &*code),
                ("expiry", "12/27"),
                ("order", "A-20451"),
            ];
            let text = write(&fields);
            let masked = Options::new()
                .mode([Mode::People, Mode::Logs][n / 2 % 2])
                .cards(&text)
                .into_owned();
            let stars = |text: &str| -> String {
                text.chars().map(|c| if c.is_ascii_digit() { '*' } else { c }).collect()
            };
            let wanted = [stars(&number), stars(&code), stars("12/27"), "A-20451".to_owned()];
            assert_eq!(read(&masked), wanted, "{name}: {text} -> {masked}");
        }
    }
}

/// A digit's escape seems to begin before what was read already: reading goes on all the same.
#[test]
fn what_was_read_as_half_an_escape_is_not_read_for_ever() {
    for spoken in [false, true] {
        let options = Options::new().spoken(spoken);
        for half in ["%%34%34\\u003", "%%34%34\\u003 ", "\\%34%34\\u00", "%%34%34\\u003%34\\u00 "] {
            let number = format!("{half} 4242 4242 4242 4242");
            assert_eq!(options.cards(half), half);
            assert!(options.cards(&number).ends_with("**** **** **** ****"), "{number}");
        }
    }
}
