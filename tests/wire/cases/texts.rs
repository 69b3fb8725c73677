//! Amounts, texts for people, and ids.

use countersign::Currency;
use serde_json::{Value, json};

use super::{Case, gives, refused, taken};
use crate::world::T;

pub(super) fn amounts() -> Vec<Case> {
    let of =
        |amount: u64, currency: &str| json!({ "amount": amount.to_string(), "currency": currency });
    let mut cases = Vec::new();
    let letters = || (b'A'..=b'Z').map(char::from);
    for code in letters()
        .flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))))
    {
        if code.parse::<Currency>().is_ok() {
            cases.push(taken(&code, of(1_234_567, &code), T));
        }
    }
    let says = |text: &str, exponent: Value| json!({ "text": text, "exponent": exponent });
    for (amount, currency, text, exponent) in [
        (500_000, "GBP", "GBP 5000.00", json!(2)),
        (0, "GBP", "GBP 0.00", json!(2)),
        (7, "EUR", "EUR 0.07", json!(2)),
        (5000, "JPY", "JPY 5000", json!(0)),
        (1, "KWD", "KWD 0.001", json!(3)),
        (123_456, "HUF", "HUF 1234.56", json!(2)),
        (1_000_000, "IDR", "IDR 10000.00", json!(2)),
        (5, "CLF", "CLF 0.0005", json!(4)),
        (3, "XAU", "XAU 3", Value::Null),
        (u64::MAX, "GBP", "GBP 184467440737095516.15", json!(2)),
        (u64::MAX, "JPY", "JPY 18446744073709551615", json!(0)),
        ((1 << 53) + 1, "USD", "USD 90071992547409.93", json!(2)),
    ] {
        cases.push(gives(
            format!("{amount} of {currency}"),
            of(amount, currency),
            T,
            says(text, exponent),
        ));
    }
    for code in ["", "gbp", "ABC", "GBPX", "GB"] {
        cases.push(refused(format!("no currency: {code:?}"), of(1, code), T, "currency"));
    }
    cases
}

pub(super) fn short() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |text: &str, fits: bool| {
        let start: String = text.chars().take(24).flat_map(char::escape_unicode).collect();
        let name = format!("{} characters: {start}", text.chars().count());
        cases.push(gives(name, json!({ "text": text }), T, json!(fits)));
    };
    for text in [
        "a",
        "Invoice 7",
        " a",
        "a ",
        "José",
        "Jose\u{301}",
        "张伟",
        "علی‌رضا",
        "ශ්‍රී",
        "नमस्ते",
        "😀",
        "👍🏽",
        "é",
        "№",
        "\u{a0}x",
        "١٢٣",
        "𝟙",
        "Å",
        "a\u{300}\u{301}\u{302}",
        "\u{0600}١",
        "Ⅳ",
        "~!@#$%^&*()",
    ] {
        // U+0600 is a format character, though it is drawn.
        case(text, text != "\u{0600}١");
    }
    for text in [
        "",
        " ",
        "   ",
        "a  b",
        "a \u{a0}b",
        "a\u{2003}\u{2003}b",
        "a\tb",
        "a\nb",
        "a\rb",
        "\u{301}",
        "\u{200b}",
        "a\u{200b}b",
        "a\u{feff}",
        "a\u{ad}b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{2028}b",
        "a\u{2029}b",
        "a\u{85}b",
        "a\u{7f}",
        "\u{3164}",
        "a\u{3164}",
        "\u{2800}a",
        "a\u{fe0f}",
        "❤\u{fe0f}",
        "a\u{34f}b",
        "a\u{e000}",
        "a\u{378}",
        "a\u{fdd0}",
        "a\u{10ffff}",
        "a\u{e0100}",
        "a\u{180e}b",
        "a\u{200d}b",
        "a\u{200c}b",
        "\u{200d}",
        "👩\u{200d}🚀",
        "علی\u{200d}رضا",
        "\u{0915}\u{200c}\u{0915}",
        "a\u{1d159}",
        "a\u{13441}",
        "a\u{16fe4}",
        "\u{115f}a",
    ] {
        case(text, false);
    }
    case("\u{0915}\u{094d}\u{200c}\u{0915}", true);
    case("\u{0628}\u{200c}\u{0628}", true);
    case("\u{0628}\u{064b}\u{200c}\u{064b}\u{0628}", true);
    case("\u{0627}\u{200c}\u{0628}", false);
    case(&"x".repeat(256), true);
    case(&"😀".repeat(256), true);
    case(&"x".repeat(257), false);
    case(&"😀".repeat(257), false);
    cases
}

pub(super) fn ids() -> Vec<Case> {
    let mut cases = Vec::new();
    for (text, fits) in [
        ("alice".to_owned(), true),
        ("4711".to_owned(), true),
        ("a/b?c=d#e".to_owned(), true),
        ("Älice".to_owned(), true),
        ("张伟".to_owned(), true),
        ("a\u{301}".to_owned(), true),
        ("x".repeat(128), true),
        ("é".repeat(64), true),
        (String::new(), false),
        ("x".repeat(129), false),
        ("é".repeat(65), false),
        ("a b".to_owned(), false),
        ("a\u{a0}b".to_owned(), false),
        ("a\tb".to_owned(), false),
        ("a\n".to_owned(), false),
        ("a\u{200b}b".to_owned(), false),
        ("a\u{200d}b".to_owned(), false),
        ("علی\u{200c}رضا".to_owned(), false),
        ("a\u{202e}b".to_owned(), false),
        ("a\u{3164}".to_owned(), false),
        ("a\u{378}".to_owned(), false),
        ("a\u{7f}".to_owned(), false),
    ] {
        let start: String = text.chars().take(16).flat_map(char::escape_unicode).collect();
        let name = format!("{} bytes: {start}", text.len());
        cases.push(gives(name, json!({ "text": text }), T, json!(fits)));
    }
    cases
}
