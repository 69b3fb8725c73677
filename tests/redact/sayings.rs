//! What is said and written around numbers, each rule by name: asides, marks after them, dates and several numbers that are no
//! card's, echoes in another order, words of two languages.

use countersign::redact::{Format, Options, cards};

use crate::conversations::masked;
use crate::formats::through;
use crate::talk::forms::Talk;

fn said(turns: &[(&'static str, &str)]) -> Vec<String> {
    let talk: Talk = turns.iter().map(|(who, text)| (*who, (*text).to_owned())).collect();
    masked(&Options::new(), &talk)
}

fn stays(text: &str) {
    assert_eq!(cards(text), text);
}

/// Small words part what a speaker says where nobody spoke of cards; what the other says that is nothing but such does not.
#[test]
fn asides_part_where_nobody_spoke_of_cards() {
    let own = [("Caller", "4242 4242"), ("Caller", "where was I there"), ("Caller", "4242 4242")];
    assert_eq!(said(&own)[2], "4242 4242");
    let asked = [&[("Agent", "which card?")], own.as_slice()].concat();
    assert_eq!(said(&asked)[3], "**** ****");
    let others = [("Caller", "4242 4242"), ("Agent", "okay, I have that"), ("Caller", "4242 4242")];
    assert_eq!(said(&others)[2], "**** ****");
    let means =
        [("Caller", "4242 4242"), ("Agent", "you have that parcel"), ("Caller", "4242 4242")];
    assert_eq!(said(&means)[2], "4242 4242");
}

/// Within one text they are fillers, with a mark after them or none; glued to digits they are letters of an identifier.
#[test]
fn asides_join_within_a_text() {
    for between in ["here we go", "ready?", "got that?!", "correction:", "so far so good"] {
        let text = format!("4242 4242 {between} 4242 4242");
        assert_eq!(cards(&text), format!("**** **** {between} **** ****"));
    }
    stays("JJD624837657744551061 1Z224BC25832159763");
}

/// A year with month and day behind it is a date, and no part of a number with an expiry.
#[test]
fn the_rest_of_a_date_is_no_expiry() {
    stays("-rw-r--r-- 1 app app 590772848828 2024-06-02 18:55:39.016496543 +0000");
    stays("-rw-r--r-- 1 app app 621611652080 2022-05-24 06:04:18.002896135 +0000");
    stays("2021-10-04 3928079139 758.50 EUR 59896647\n2022-02-07 9747748897 380.85 EUR 36236896");
    assert_eq!(cards("4242 4242 4242 4242 05-27"), "**** **** **** **** **-**");
}

/// Several numbers in groups as on no card, by what is between them.
#[test]
fn several_numbers_are_no_card() {
    stays("390997181 665504625 data.bin");
    stays("order 806-5068266-2220023");
    stays("Flat 85, 160 High Street, 30071, 3838154271");
    stays("meter 5970432246 shows, then 10393 since May");
    stays("3-4 4-0 6-0 6-0 6-6 4-4 0-3 6-6");
    assert_eq!(cards("42424242 42424242"), "******** ********");
}

/// An echo with two digits the wrong way round is one.
#[test]
fn an_echo_in_another_order_is_masked() {
    let turns =
        [("Caller", "4556 7375 8689 9855"), ("Agent", "so 7357, right?"), ("Agent", "and 3775?")];
    assert_eq!(said(&turns)[1..], ["so ****, right?", "and ****?"]);
    let other = [("Caller", "4556 7375 8689 9855"), ("Agent", "so 1234, right?")];
    assert_eq!(said(&other)[1], "so 1234, right?");
}

/// A word that is a digit in another language than the number is none; nor is one before an expiry.
#[test]
fn words_of_another_language_are_no_digits() {
    let number = "four two four two, four two four two, four two four two, four two four two";
    assert!(cards(&format!("um, um, um {number}")).starts_with("um, um, um * * * *"));
    assert_eq!(
        cards("4242 4242 4242 4242 gültig bis 01/27"),
        "**** **** **** **** gültig bis **/**"
    );
    assert_eq!(
        cards("3714 496353 98431, the last three are 0868"),
        "**** ****** *****, the last three are ****"
    );
    assert_eq!(cards("4242 4242 4242 4242 last 3 733"), "**** **** **** **** last 3 ***");
}

/// Numbers that are written as one word, and go on in the next.
#[test]
fn a_number_in_two_words_is_one() {
    let dutch = "vierduizend tweehonderdtweeënveertig, tweeënveertighonderd tweeënveertig, vier twee vier twee vier twee vier twee";
    assert!(!cards(dutch).contains("vier"), "{}", cards(dutch));
}

/// What stands before a name, and how a name is written, in chats and subtitles.
#[test]
fn who_speaks_is_told_in_other_layouts() {
    let file = |format: Format, text: &str| {
        String::from_utf8(through(format, text.as_bytes(), 64)).unwrap()
    };
    for line in [
        "  1  NAME: TEXT",
        "> NAME: TEXT",
        "**NAME:** TEXT",
        "[NAME] TEXT",
        "NAME (10:32:01 AM): TEXT",
        "10:32:01\tNAME\tTEXT",
        "10:32 | NAME | TEXT",
        "Nov 30, 2026 10:32 AM - NAME: TEXT",
        "NAME, 10:32\nTEXT",
    ] {
        let one = |name: &str, text: &str| line.replace("NAME", name).replace("TEXT", text) + "\n";
        let talk = |masked: bool| {
            let group = if masked { "****" } else { "4242" };
            let half = format!("{group} {group}");
            [one("Caller", &half), one("Agent", &half), one("Caller", &half)].concat()
        };
        assert_eq!(file(Format::Chat, &talk(false)), talk(true));
        // Two speakers with a half each.
        let apart = one("Caller", "4556 7375") + &one("Agent", "8689 9855");
        assert_eq!(file(Format::Chat, &apart), apart);
    }
    let cue = "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}Caller: 4242 4242\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}Caller: 4242 4242\n";
    assert_eq!(file(Format::Srt, cue), cue.replace("4242", "****"));
    let object = r#"{"messages":[{"from":{"name":"A"},"text":"4556 7375"},{"from":{"name":"B"},"text":"what is that then for"},{"from":{"name":"B"},"text":"8689 9855"}]}"#;
    assert_eq!(file(Format::Words, object), object);
}
