//! One example of each form, with the exact result.

use countersign::redact::{Options, cards};

/// A text and what it becomes.
const EXAMPLES: &[(&str, &str)] = &[
    ("4242424242424242", "****************"),
    ("4242 4242 4242 4242", "**** **** **** ****"),
    ("4242.4242.4242.4242", "****.****.****.****"),
    ("4242-4242-4242-4242", "****-****-****-****"),
    ("4242/4242/4242/4242", "****/****/****/****"),
    ("4242_4242_4242_4242", "****_****_****_****"),
    ("4242,4242,4242,4242", "****,****,****,****"),
    ("4242, 4242, 4242, 4242", "****, ****, ****, ****"),
    ("4242;4242;4242;4242", "****;****;****;****"),
    ("4242~4242~4242~4242", "****~****~****~****"),
    ("4242'4242’4242'4242", "****'****’****'****"),
    ("4242•4242•4242•4242", "****•****•****•****"),
    ("4242●4242●4242●4242", "****●****●****●****"),
    // Circled digits are none to Unicode.
    ("④②④②4242 4242 4242", "④②④②4242 4242 4242"),
    ("4242 - 4242 - 4242 - 4242", "**** - **** - **** - ****"),
    ("4242\u{2009}4242\u{2009}4242\u{2009}4242", "****\u{2009}****\u{2009}****\u{2009}****"),
    ("4242\u{a0}4242\u{a0}4242\u{202f}4242", "****\u{a0}****\u{a0}****\u{202f}****"),
    ("4242\u{2011}4242\u{2013}4242\u{2212}4242", "****\u{2011}****\u{2013}****\u{2212}****"),
    ("4242\u{200b}4242\u{200b}4242\u{200b}4242", "****\u{200b}****\u{200b}****\u{200b}****"),
    (
        "4242\u{200d}4242\u{feff}4242\u{ad}42\u{200e}4\u{200f}2",
        "****\u{200d}****\u{feff}****\u{ad}**\u{200e}*\u{200f}*",
    ),
    ("４２４２ ４２４２ ４２４２ ４２４２", "**** **** **** ****"),
    ("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "****************"),
    ("४२४२ ४२४२ ४२४२ ४२४२", "**** **** **** ****"),
    ("4242 42\n42 4242 4242", "**** **\n** **** ****"),
    ("4242-4242-\r\n  4242-4242", "****-****-\r\n  ****-****"),
    ("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", "* * * * * * * * * * * * * * * *"),
    (
        "4\n2\n4\n2\n4\n2\n4\n2\n4\n2\n4\n2\n4\n2\n4\n2",
        "*\n*\n*\n*\n*\n*\n*\n*\n*\n*\n*\n*\n*\n*\n*\n*",
    ),
    ("42424242424242421227", "********************"),
    ("424242424242424212/27", "******************/**"),
    ("4242424242424242 12/27 123", "**************** **/** ***"),
    ("4242424242424242 1/27", "**************** */**"),
    ("5018000000091227", "5018000000091227"),
    ("card 5018000000091227", "card ****************"),
    ("4242424242424242122027123", "*************************"),
    ("4242 four two four two 4242 four two 42", "**** * * * * **** * * **"),
    (
        "four two four two four two four two four two four two four two four two",
        "* * * * * * * * * * * * * * * *",
    ),
    ("double four", "double four"),
    // "double" counts a digit that stands alone; before a whole number it is only a word.
    ("charged double 4242424242424242", "charged double ****************"),
    ("triple 4242-4242-4242-4242", "triple ****-****-****-****"),
    (
        "6589515279938719010\\double 4242424242424242",
        "6589515279938719010\\double ****************",
    ),
    (
        "double 4 two double 4 two double 4 two double 4 two four 2 four two",
        "** * ** * ** * ** * * * * *",
    ),
    // A backslash before a number is none of its letters, unless it makes a line end of one.
    (
        r"\four two four two four two four two four two four two four two four two",
        r"\* * * * * * * * * * * * * * * *",
    ),
    (
        r"\nfour two four two four two four two four two four two four two four two",
        r"\n* * * * * * * * * * * * * * * *",
    ),
    (
        "Four-two-four-two. FOUR TWO FOUR TWO! four two",
        "Four-two-four-two. FOUR TWO FOUR TWO! four two",
    ),
    (
        "five triple five, double five double five, five double five five, quadruple four",
        "* ***, ** **, * ** *, ****",
    ),
    (
        "four oh one two, eight eight eight eight, eight eight eight eight, one eight eight one",
        "* * * *, * * * *, * * * *, * * * *",
    ),
    (
        "forty-two forty two, um, forty-two 42 then forty two 42 and 42 42",
        "*-* * *, um, *-* ** then * * ** and ** **",
    ),
    (
        "four um two uh four dash two space forty two forty two next 4242 4242",
        "* um * uh * dash * space * * * * next **** ****",
    ),
    (
        "four nought one two, treble eight eight, eight treble eight, one eight eight one",
        "* * * *, *** *, * ***, * * * *",
    ),
    (
        "four nil one two, treble eight eight, eight treble eight, one eight eight one",
        "* * * *, *** *, * ***, * * * *",
    ),
    // In whatever way it is meant.
    ("four thousand two hundred, forty-two forty-two 4242 4242", "* *** * **, *-* *-* **** ****"),
    ("4242 4242 mm-hm 4242… hang on [pause] 4242", "**** **** mm-hm ****… hang on [pause] ****"),
    ("4716 oh 1089 9971 6531", "**** * **** **** ****"),
    ("4242 4243, no sorry, 4242, 4242 4242", "**** ****, no sorry, ****, **** ****"),
    ("4242\nAgent: yes\nCaller: 4242 4242 4242", "****\nAgent: yes\nCaller: **** **** ****"),
    (
        "four two four two, four zeros, four thousand and forty-two, zip nought double seven",
        "* * * *, ****, * *** and *-*, * * **",
    ),
    ("4242&nbsp;4242&nbsp;4242&nbsp;4242", "****&nbsp;****&nbsp;****&nbsp;****"),
    ("4242*4242*4242*4242", "4242*4242*4242*4242"),
    ("4242 4242\n> 4242 4242", "4242 4242\n> 4242 4242"),
    ("378282246310005", "***************"),
    ("3782 822463 10005, code 1234", "**** ****** *****, code ****"),
    ("card4242424242424242x", "card****************x"),
    ("0004242424242424242", "000****************"),
    ("42424242424242429", "42424242424242429"),
    ("cvv 123 for 4242 4242 4242 4242", "cvv *** for **** **** **** ****"),
    ("CVV2 123, 4242 4242 4242 4242", "CVV2 ***, **** **** **** ****"),
    ("4242 4242 4242 4242, CVV2: 123", "**** **** **** ****, CVV2: ***"),
    (
        "4242 4242 4242 4242, exp 12/27, security code is 123.",
        "**** **** **** ****, exp **/**, security code is ***.",
    ),
    ("4242 4242 4242 4242 (123)", "**** **** **** **** (***)"),
    (
        r#"{"number":"4242424242424242","exp_month":12,"exp_year":2027,"cvc":"123"}"#,
        r#"{"number":"****************","exp_month":"**","exp_year":"****","cvc":"***"}"#,
    ),
    (r"4242\n4242\u00a04242\u{2009}4242", r"****\n****\u00a0****\u{2009}****"),
    (r"\uff14\uff12\uff14\uff12 4242 4242 4242", "**** **** **** ****"),
    ("\\nfour two four two 4242 4242 4242", "\\n* * * * **** **** ****"),
    (
        "4️⃣2️⃣4️⃣2️⃣ 4242 4242 4242",
        "*\u{fe0f}\u{20e3}*\u{fe0f}\u{20e3}*\u{fe0f}\u{20e3}*️⃣ **** **** ****",
    ),
    (
        "My cards are 4242 4242 4242 4242 5555 5555 5555 4444, thanks",
        "My cards are **** **** **** **** **** **** **** ****, thanks",
    ),
    ("4242-4242 4242-42421227", "****-**** ****-********"),
    ("42424242-4242.4242", "********-****.****"),
    ("4242 42424242-4242", "**** ********-****"),
    ("1. 4242 42424242-4242", "1. **** ********-****"),
    ("4242|4242|4242|4242", "****|****|****|****"),
    ("%B4242424242424242^JONES/M^27122011234567?", "%B****************^JONES/M^**************?"),
    (";4242424242424242=27122011234567?", ";****************=**************?"),
    ("4242 4242 4242 4241", "4242 4242 4242 4241"),
    ("1111 1111 1111 1117", "1111 1111 1111 1117"),
    // A sort code in Diners Club's range, and digits that pass the Luhn check: a number only without gaps.
    ("30 00 12 12345674", "30 00 12 12345674"),
    ("30001212345674", "**************"),
    // A list of pairs, and twelve digits of sixteen, are no numbers; alone they are.
    ("67 78 74 49 88 36 6 29 38 70", "67 78 74 49 88 36 6 29 38 70"),
    ("67 78 74 49 88 36 6", "67 78 74 49 88 36 6"),
    ("42 42 42 42 42 42 42 42", "** ** ** ** ** ** ** **"),
    ("1234 5678 9012 3456", "1234 5678 9012 3456"),
    ("5678 9012 3456", "**** **** ****"),
    ("1234, 5678 9012 3456", "1234, **** **** ****"),
    ("DE89370400440532013000", "DE89370400440532013000"),
    // Numbers of SIM cards. With another check digit it may be a card's number that other digits are glued to.
    ("ICCID 89010336584089101779", "ICCID 89010336584089101779"),
    ("8944218177254520203", "8944218177254520203"),
    ("8904242424242424242", "8904242424242424242"),
    // A number of JSON that is masked gets quotation marks, written as those of its name are.
    (r#"{"pan": 4242424242424242, "cvv":123}"#, r#"{"pan": "****************", "cvv":"***"}"#),
    (r#"{"body":"{\"pan\":4242424242424242}"}"#, r#"{"body":"{\"pan\":\"****************\"}"}"#),
    ("%22pan%22%3A4242424242424242%7D", "%22pan%22%3A****************%7D"),
    ("cvv 123", "cvv 123"),
    ("", ""),
];

#[test]
fn a_bullet_stands_within_a_number_unless_it_is_the_mask() {
    let options = Options::new().mask('•').unwrap();
    assert_eq!(options.cards("4242-4242-4242-4242"), "••••-••••-••••-••••");
    for masked in ["••••-••••-••••-4242 4242 4242", "4242•4242•4242•4242"]
    {
        assert_eq!(options.cards(masked), masked);
    }
    for mask in [';', '~', '\'', '’', '|', '·', ' ', '4', 'x', '+', '\\'] {
        assert!(Options::new().mask(mask).is_err(), "{mask:?}");
    }
}

#[test]
fn each_form_is_masked_digit_by_digit() {
    let mut wrong = String::new();
    for (text, masked) in EXAMPLES {
        if cards(text) != *masked {
            wrong += &format!("{text:?}\n  gives {:?}\n  not   {masked:?}\n", cards(text));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
