//! What a text, a conversation and its files are kept from, each by name: the rules that no figure tells apart.

mod beside;
mod bounds;
mod files;
mod said;
mod turns;
mod written;

use core::time::Duration;

use countersign::card_number::{Brand, BrandRange, BrandTable};
use countersign::redact::{Conversation, Format, Mode, Options, Turn, cards};

use crate::conversations::masked;
use crate::formats::through;
use crate::talk::forms::Talk;

/// How a text is looked at.
#[derive(Clone, Copy)]
enum How {
    People,
    Logs,
    AnyLength,
    LastFour,
    LastFourAnyLength,
    /// With a range of the host's own, whose numbers have no check digit.
    Host,
}

impl How {
    fn options(self) -> Options {
        let options = Options::new();
        match self {
            Self::People => options,
            Self::Logs => options.mode(Mode::Logs),
            Self::AnyLength => options.glued_in_any_length(true),
            Self::LastFour => options.keep_last_four(true),
            Self::LastFourAnyLength => options.glued_in_any_length(true).keep_last_four(true),
            Self::Host => options.ranges(&table("982616", &[16], false)),
        }
    }
}

/// A host's own range, with a check digit or without.
fn table(first: &str, lengths: &[usize], checks: bool) -> BrandTable {
    let range = BrandRange::new(first, first, lengths, &[Brand::PrivateLabel]).unwrap();
    BrandTable::new([if checks { range } else { range.without_check_digit() }]).unwrap()
}

/// A rule, how a text that it decides is looked at, the text, and what it becomes.
type Row = (&'static str, How, &'static str, &'static str);

/// The text stays as it is.
const SAME: &str = "\0";

fn assert_masked(rows: &[Row]) {
    let mut wrong = String::new();
    for (name, how, text, wanted) in rows {
        let wanted = if *wanted == SAME { text } else { wanted };
        let masked = how.options().cards(text).into_owned();
        if masked != **wanted {
            wrong += &format!("{name}: {text:?}\n  gives {masked:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn talk(turns: &[(&'static str, &str)]) -> Talk {
    turns.iter().map(|(who, text)| (*who, (*text).to_owned())).collect()
}

fn said(turns: &[(&'static str, &str)]) -> Vec<String> {
    masked(&Options::new(), &talk(turns))
}

fn texts(turns: &[(&'static str, &str)]) -> Vec<String> {
    turns.iter().map(|(_, text)| (*text).to_owned()).collect()
}

fn file(format: Format, text: &str) -> String {
    String::from_utf8(through(format, text.as_bytes(), 64)).unwrap()
}

/// A cue that ends within "thank you" or "go on" does not end the number.
#[test]
fn a_filler_over_two_turns_is_one() {
    let turns = [
        ("Caller", "4242 4242"),
        ("Agent", "yep, thank"),
        ("Agent", "you very"),
        ("Agent", "much, got"),
        ("Agent", "it"),
        ("Caller", "4242 4242"),
    ];
    assert_eq!(said(&turns)[5], "**** ****");
    // Words that are no filler end it where nobody spoke of cards.
    let turns = [("Caller", "4242 4242"), ("Agent", "see this thing"), ("Caller", "4242 4242")];
    assert_eq!(said(&turns), texts(&turns));
}

/// "One moment" is a filler, or a one and a moment: whichever makes a card number, in one turn and over two.
#[test]
fn a_one_before_a_pause_is_a_digit_or_none() {
    let digit =
        "drie negen zeven één momentje zes acht negen negen nul twee momentje nul zeven acht vier";
    assert_eq!(cards(digit), "* * * * momentje * * * * * * momentje * * * *");
    let none = "vier vijf vijf zes een momentje zeven drie zeven vijf acht zes acht negen negen acht vijf vijf";
    assert!(!cards(none).contains("vijf"), "{}", cards(none));
    let turns = [
        ("Agent", "la carta?"),
        ("Caller", "quattro cinque cinque sei un"),
        ("Caller", "attimo sette tre sette cinque"),
        ("Caller", "otto sei otto nove nove otto cinque cinque"),
    ];
    assert_eq!(said(&turns)[2], "attimo * * * *");
}

/// What a person counts in a sentence is no part of a number that was said before, where nobody spoke of cards.
#[test]
fn a_word_for_a_digit_in_a_sentence_is_no_digit_of_a_number() {
    let turns = [
        ("Agent", "583284"),
        ("Caller", "583284"),
        ("Agent", "535754"),
        ("Caller", "535754"),
        ("Agent", "I can see two items, one at 24.99 and one at 7.50."),
    ];
    assert_eq!(said(&turns), texts(&turns));
}

/// Each piece twice, as two people tell it whom nobody tells apart: what it comes to is no card number.
#[test]
fn a_number_that_is_told_and_repeated_is_no_card_by_chance() {
    let mut masked = 0;
    for n in 0..2_000_u64 {
        let order = format!("4{:07}", n * 4_999 % 10_000_000);
        let [first, last] = [&order[..5], &order[5..]];
        for text in [format!("{order} {order}"), format!("{first} {first} {last} {last}")] {
            masked += usize::from(cards(&text) != text);
        }
    }
    assert!(masked <= 40, "{masked} of 4000");
    // A card's number twice, and one that is the same again and again.
    for text in ["4556 7375 8689 9855 4556 7375 8689 9855", "4242 4242 4242 4242"] {
        assert!(!cards(text).contains(|c: char| c.is_ascii_digit()), "{}", cards(text));
    }
}

/// A number in words within a longer one that is said is chance.
#[test]
fn words_within_a_longer_number_are_no_card() {
    let parcel =
        "three two four two four two four two four two four two four two four two four nine nine";
    assert_eq!(cards(parcel), parcel);
    let after = "four two four two four two four two four two four two four two four two one two two seven one two three";
    assert!(!cards(after).contains("two"), "{}", cards(after));
}

/// What was masked still parts what stands around it; `*4242*` is bold.
#[test]
fn masks_are_the_digits_that_they_stand_for() {
    let turns = [("Caller", "4242 4242"), ("Caller", "****"), ("Caller", "4242 4242")];
    assert_eq!(said(&turns), texts(&turns));
    let turns = [("Caller", "*4242 4242*"), ("Caller", "*4242 4242*")];
    assert_eq!(said(&turns), ["***** *****", "***** *****"]);
    let turns = [("Caller", "*0005 4242 4242"), ("Caller", "4242 4242")];
    assert_eq!(said(&turns), texts(&turns));
    // And hold nothing back.
    let mut conversation = Conversation::new(&Options::new());
    let turn = Turn { speaker: "Caller", at: None, text: "**** ****" };
    assert_eq!(conversation.push(turn).len(), 1);
}

/// A pause of more than three minutes ends a number; one of three does not.
#[test]
fn a_long_pause_ends_a_number() {
    let after = |seconds: u64| {
        let mut conversation = Conversation::new(&Options::new());
        let turn =
            |at| Turn { speaker: "Caller", at: Some(Duration::from_secs(at)), text: "4242 4242" };
        let mut out = conversation.push(turn(5));
        out.extend(conversation.push(turn(5 + seconds)));
        out.extend(conversation.finish());
        out.into_iter().map(|turn| turn.text.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(after(180), ["**** ****", "**** ****"]);
    assert_eq!(after(181), ["4242 4242", "4242 4242"]);
}

/// Ten turns of others may stand within a number, no more.
#[test]
fn many_turns_of_others_end_a_number() {
    let with = |nods: usize| {
        let mut turns = vec![("Caller", "4242 4242")];
        turns.extend(core::iter::repeat_n(("Agent", "mm-hm"), nods));
        turns.push(("Caller", "4242 4242"));
        said(&turns).pop().unwrap()
    };
    assert_eq!(with(10), "**** ****");
    assert_eq!(with(11), "4242 4242");
}

/// An echo is masked for sixteen turns, a code that is asked for in as many, and answered in four.
#[test]
fn echoes_and_codes_have_their_turns() {
    let after = |fill: usize, rest: &[(&'static str, &str)]| {
        let mut turns = vec![("Caller", "4556 7375 8689 9855")];
        turns.extend(core::iter::repeat_n(("Agent", "a word or two"), fill));
        turns.extend_from_slice(rest);
        said(&turns).pop().unwrap()
    };
    let echo = [("Agent", "that was 7375")];
    assert_eq!(after(14, &echo), "that was ****");
    assert_eq!(after(17, &echo), "that was 7375");
    let code = [("Agent", "and the security code?"), ("Caller", "123")];
    assert_eq!(after(13, &code), "***");
    assert_eq!(after(16, &code), "123");
    let late = [
        ("Agent", "and the security code?"),
        ("Caller", "let me look"),
        ("Caller", "it is here"),
        ("Caller", "I see it"),
        ("Caller", "a moment or so"),
        ("Caller", "123"),
    ];
    assert_eq!(after(1, &late), "123");
    let long = [("Agent", "and the security code?"), ("Caller", "12345")];
    assert_eq!(after(1, &long), "12345");
}

/// In a turn of many words a digit is an echo only beside what was found.
#[test]
fn a_digit_far_from_a_number_in_a_long_turn_is_no_echo() {
    let long = "my card is 4242 4242 4242 4242 and apart from that I would like to know when the parcel that I ordered comes, it was to \
        be here between 2 and 4 on Tuesday";
    let turns = [("Caller", long)];
    assert!(said(&turns)[0].ends_with("between 2 and 4 on Tuesday"), "{:?}", said(&turns));
}

/// What nearly is a number elsewhere in a file: of few numbers in part, of many what is the same in eight digits.
#[test]
fn what_repeats_a_number_elsewhere_in_a_file_is_masked() {
    let list = |cards: &[String], text: &str| {
        let cards: Vec<String> =
            cards.iter().map(|card| format!("{{\"text\":\"{card}\"}}")).collect();
        file(Format::Words, &format!("{{\"a\":[{}],\"display\":\"{text}\"}}", cards.join(",")))
    };
    let one = ["4556737586899855".to_owned()];
    assert!(list(&one, "ref 455673750000").contains("\"ref ********0000\""));
    assert!(list(&one, "ref 4556737").contains("ref 4556737\""));
    let all = crate::numbers::numbers();
    let many: Vec<String> =
        all.iter().filter(|number| number.len() == 16).skip(62).take(100).cloned().collect();
    let [first, _] = [&many[0][..8], &many[0][8..]];
    let other = format!("{}0000", &many[0][..5]);
    let masked = list(&many, &format!("{other} apples {first}"));
    assert!(
        masked.ends_with(&format!("\"{other} apples ********\"}}")),
        "{}",
        &masked[masked.len() - 60..]
    );
}

/// A string under a key that is no text is a text of its own, each of several readings a conversation of its own, and no
/// speaker is called null.
#[test]
fn strings_of_a_file_are_joined_by_their_keys() {
    let halves = |key: &str| {
        let file = format!("[{{\"{key}\":\"4556 7375\"}},{{\"{key}\":\"8689 9855\"}}]");
        self::file(Format::Words, &file).contains("9855")
    };
    assert!(!halves("text"));
    assert!(halves("id"));
    let readings = "{\"alternatives\":[{\"text\":\"4556 7375\"},{\"text\":\"8689 9855\"}]}";
    assert_eq!(file(Format::Words, readings), readings);
    let two = "[{\"speaker\":\"A\",\"text\":\"4556 7375\"},{\"speaker\":\"B\",\"text\":\"what is that then for\"},\
        {\"speaker\":null,\"text\":\"8689 9855\"}]";
    assert_eq!(file(Format::Words, two), two);
}

/// No JSON is taken for a chat: nested too deep, with control characters in strings, or with what is no value.
#[test]
fn what_is_no_json_is_a_chat() {
    for text in [
        format!("{}\"4556 7375\",\"8689 9855\"{}", "[".repeat(130), "]".repeat(130)),
        "[\"4556 7375\",\"8689 98\t55\"]".to_owned(),
        "[\"4556 7375\",nul]".to_owned(),
    ] {
        // The file stays one line of a chat, in which a number is looked for over the marks.
        assert_eq!(file(Format::Words, &text).len(), text.len(), "{text}");
    }
    let pair = "{\"text\":\"\\ud83d\\ude00 4556 7375 8689 9855 \\ud83dx\"}";
    assert_eq!(
        file(Format::Words, pair),
        "{\"text\":\"\\ud83d\\ude00 **** **** **** **** \\ud83dx\"}"
    );
}

/// A tag has few digits, and is not longer than 512 bytes: what is more is text.
#[test]
fn a_number_between_angle_brackets_is_no_tag() {
    let cue =
        |text: &str| file(Format::Vtt, &format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n"));
    assert!(cue("<v4556737586899855>").ends_with("<v****************>\n"));
    let tag = format!("4556 7375 <c.{}>8689 9855", "a".repeat(600));
    assert!(cue(&tag).contains("4556 7375"));
    let tag = format!("4556 7375 <c.{}>8689 9855", "a".repeat(400));
    assert!(!cue(&tag).contains("4556 7375"));
}

/// Dashes and angle brackets tell speakers apart in a cue; a line of digits that no times follow is text.
#[test]
fn subtitles_tell_who_speaks() {
    let cue =
        |text: &str| file(Format::Srt, &format!("1\n00:00:01,000 --> 00:00:02,000\n{text}\n"));
    let apart = "- 4556 7375\n- 8689 9855";
    assert_eq!(cue(apart), format!("1\n00:00:01,000 --> 00:00:02,000\n{apart}\n"));
    let apart = ">> 4556 7375\n>> 8689 9855";
    assert_eq!(cue(apart), format!("1\n00:00:01,000 --> 00:00:02,000\n{apart}\n"));
    assert!(cue("45567375\n86899855").ends_with("********\n********\n"));
}

/// A name that announces, or has many digits, is text.
#[test]
fn a_label_that_tells_something_is_text() {
    for text in
        ["4556 7375\nsecurity 8689: 9855\n", "<45567375 8689> 9855\n", "x4556737586899855: hi\n"]
    {
        assert_ne!(file(Format::Chat, text), text, "{text}");
    }
    let heading = format!("{} 10:32\n4556 7375\nBo: ok\n8689 9855\n", "a".repeat(120));
    assert_eq!(file(Format::Chat, &heading), heading);
}

/// Two "oh" in a number may be sighs, not three; a correction is half the same; a digit is not repeated.
#[test]
fn readings_have_bounds() {
    let number = "5555 3412 4444 1115";
    let sighs = |count: usize| number.replacen(' ', " oh ", count);
    assert_ne!(cards(&sighs(2)), sighs(2));
    assert_eq!(cards(&sighs(3)), sighs(3));
    let corrected = "4556 7375 8688, no sorry, 8689 9855";
    assert_ne!(cards(corrected), corrected);
    let another = "4556 7375 1234, no sorry, 8689 9855";
    assert_eq!(cards(another), another);
}

/// The bounds of one text: gaps, asides, plus signs, telephone numbers, accounts, hashes, tables.
#[test]
fn what_is_no_card_in_one_text_stays() {
    for text in [
        "4556 7375                    8689 9855",
        "+4556737586899",
        "12-34-56 45567375",
        "8944 5678 9012 3456 7894",
        "GB29 NWBK 6016 1331 9268 19",
        "0.4556737586899855",
        "f4556737586899855aa",
        "4556737586899855 in a line, 455673758689985 in another".get(17..).unwrap(),
    ] {
        assert_eq!(cards(text), text, "{text}");
    }
}
