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
    stays("59896647 2022-02-07 kept");
    assert_eq!(cards("4242 4242 4242 4242 05-27"), "**** **** **** **** **-**");
}

/// One digit that hangs on a number, or a number that is no date's, takes nothing away from it.
#[test]
fn what_hangs_on_a_number_hides_nothing() {
    let (number, masked) = ("4556 7375 8689 9855", "**** **** **** ****");
    for more in ["-1", "/1", ".1", "/2027", "-2027-05"] {
        let out = cards(&format!("{number}{more}")).into_owned();
        assert!(out.starts_with(masked), "{out}");
    }
    for before in ["ref 12-", "Booking 7/"] {
        let out = cards(&format!("{before}{number} paid")).into_owned();
        assert_eq!(out, format!("{before}{masked} paid"));
    }
    assert_eq!(cards(&format!("{number}/05 27")), format!("{masked}/** **"));
    assert_eq!(
        cards("<b>4556</b><b>7375</b><b>8689</b><b>9855</b>"),
        "<b>****</b><b>****</b><b>****</b><b>****</b>"
    );
}

/// In a chat: what stands before a time is a date only if it is one, and what stands behind it was said.
#[test]
fn a_number_beside_a_time_was_said() {
    let chat =
        |text: &str| String::from_utf8(through(Format::Chat, text.as_bytes(), 1000)).unwrap();
    for said in [
        "Mark 4556 7375 8689 9855 12:27",
        "May 4556 7375 8689 9855 10:32",
        "Maria 4556 7375 8689 9855 10:32 thanks",
    ] {
        assert_eq!(chat(said), said.replace("4556 7375 8689 9855", "**** **** **** ****"));
    }
    assert_eq!(chat("10:32 4242 4242\n10:33 4242 4242\n"), "10:32 **** ****\n10:33 **** ****\n");
    assert_eq!(chat("10:32 4242 4242 4242 4242\n"), "10:32 **** **** **** ****\n");
}

/// In brackets stand sounds and numbers, too: neither is who speaks.
#[test]
fn what_stands_in_brackets_is_nobody_s_name() {
    for (format, file) in [
        (Format::Chat, "Customer: 4556 7375\n[customer laughs] 8689 9855\n"),
        (Format::Chat, "Customer: 4556 7375\n[thank you] 8689 9855\n"),
        (Format::Chat, "[caller four five five six] seven three seven five, 8689 9855\n"),
        (
            Format::Srt,
            "1\n00:00:01,000 --> 00:00:02,000\nBo: 4556 7375\n\n2\n00:00:02,000 --> 00:00:03,000\n[Paper Rustling] 8689 9855\n",
        ),
    ] {
        let out = String::from_utf8(through(format, file.as_bytes(), 1000)).unwrap();
        assert!(!out.contains("8689") && !out.contains("four"), "{out}");
    }
}

/// Somebody is told by the most certain of what an object says of them, in whatever order it stands.
#[test]
fn who_an_object_is_does_not_hang_on_its_order() {
    let list = |one: &str, other: &str| {
        let text = format!(
            r#"[{{"from":{one},"text":"4556 7375"}},{{"from":{other},"text":"8689 9855"}}]"#
        );
        String::from_utf8(through(Format::Words, text.as_bytes(), 1000)).unwrap().contains("8689")
    };
    assert!(!list(r#"{"id":"1","role":"user"}"#, r#"{"role":"user","id":"1"}"#), "one");
    assert!(!list(r#"{"name":null,"id":"7"}"#, r#"{"id":"7"}"#), "one");
    assert!(list(r#"{"role":"user","name":"A"}"#, r#"{"role":"user","name":"B"}"#), "two");
}

/// The rest of "one tick" is an aside as all of it is.
#[test]
fn the_rest_of_an_aside_is_one() {
    for aside in ["gosh gosh gosh", "tick tick tick"] {
        let own = [("A", "4242 4242"), ("B", "hi"), ("A", aside), ("A", "4242 4242")];
        assert_eq!(said(&own)[3], "4242 4242", "{aside}");
    }
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
