//! Properties of conversations and files: masking again changes nothing, pieces give what the whole gives, what holds no
//! card data stays byte for byte, and what is held has a bound.

use core::time::Duration;

use countersign::redact::{Conversation, Format, MAX_HELD_TURNS, Options, Turn};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::conversations::masked;
use crate::depth::{cases, either};
use crate::formats::through;
use crate::numbers::{Drawn, numbers};
use crate::talk::files::FILES;
use crate::talk::forms::{FORMS, KEPT_BACK, Talk};
use crate::talk::innocent;
use crate::talk::tongues::TONGUES;

pub(crate) fn turns() -> impl Strategy<Value = Talk> {
    let texts = select(vec![
        "4242 4242",
        "4242",
        "4242 4243",
        "four two four two",
        "no, sorry, four two four two",
        "oh",
        "double four two",
        "mm-hm",
        "go on",
        "And the expiry date?",
        "12/27",
        "and the three digits on the back?",
        "123",
        "one two three",
        "my card is",
        "4242 4242 4242 4242",
        "vier zwei vier zwei",
        "****",
        "* * * *",
        "forty two hundred",
        "4",
        "2",
        "what a lovely day it was yesterday",
        "5555 5555 5555",
        "4444",
        "quatre-vingt-dix-sept",
        "so that's 4242, yes",
        "3782 822463",
        "10005",
        "zero zero zero",
        "one",
        "and my date of birth is 01 02 1980",
        "",
        "[pause]",
        "42424242",
    ]);
    proptest::collection::vec(
        (select(vec!["Agent", "Caller", ""]), texts.prop_map(str::to_owned)),
        0..24,
    )
}

/// What is masked stands for as many digits as before, so that what is left is no more beside each other.
#[test]
fn masking_a_conversation_again_changes_nothing() {
    let mut runner = TestRunner::deterministic();
    for n in 0..cases(400, 20_000) {
        let talk = turns().new_tree(&mut runner).unwrap().current();
        let options = Options::new().keep_last_four(n % 2 == 0);
        let once = masked(&options, &talk);
        let again: Talk =
            talk.iter().zip(&once).map(|((who, _), text)| (*who, text.clone())).collect();
        assert_eq!(masked(&options, &again), once, "{talk:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(40, 2000)))]

    #[test]
    fn a_file_in_chunks_is_the_file_as_a_whole(talk in turns(), length in 1..40_usize, file in 0..FILES.len()) {
        let file = &FILES[file];
        let written = (file.write)(&talk);
        let whole = through(file.format, written.as_bytes(), usize::MAX);
        prop_assert_eq!(through(file.format, written.as_bytes(), length), whole);
    }

    #[test]
    fn any_bytes_go_through_every_format(bytes in proptest::collection::vec(any::<u8>(), 0..200), length in 1..9_usize) {
        for format in [Format::Vtt, Format::Srt, Format::Words, Format::Chat] {
            let whole = through(format, &bytes, usize::MAX);
            prop_assert_eq!(&through(format, &bytes, length), &whole);
            if !bytes.iter().any(u8::is_ascii_digit) && bytes.is_ascii() {
                prop_assert_eq!(&whole, &bytes);
            }
        }
    }
}

#[test]
fn files_without_a_card_stay() {
    let mut drawn = Drawn(31);
    let (mut all, mut changed, mut which) = (0, 0, Vec::new());
    for _ in 0..either(5, 100) {
        let talk = innocent::conversation(&mut drawn);
        for file in FILES {
            let written = (file.write)(&talk);
            let masked = through(file.format, written.as_bytes(), 1000);
            let masked = (file.read)(&String::from_utf8(masked).unwrap());
            let texts = (file.read)(&written);
            all += texts.len();
            let different =
                masked.iter().zip(&texts).filter(|(masked, text)| masked != text).count();
            changed += different;
            if different > 0 {
                which.push((file.name, different));
            }
        }
    }
    assert!(changed * 200 <= all, "{changed} of {all}: {which:?}");
}

#[test]
fn masking_a_file_again_changes_nothing() {
    let (all, mut drawn) = (numbers(), Drawn(3));
    for (n, form) in FORMS.iter().chain(KEPT_BACK).enumerate().step_by(3) {
        let talk = form.1(&TONGUES[n % 9], &all[70 + n * 5], &mut drawn);
        for file in FILES {
            let once = through(file.format, (file.write)(&talk).as_bytes(), 999);
            assert_eq!(through(file.format, &once, 999), once, "{} {}", form.0, file.name);
        }
    }
}

/// Whatever is said, and however often, no more turns are held than the documentation says.
#[test]
fn what_is_held_has_a_bound() {
    for text in ["4242", "oh", "no, sorry, 4"] {
        let mut conversation = Conversation::new(&Options::new());
        let (mut most, mut out) = (0, 0);
        for n in 0..110_u64 {
            let turn = Turn { speaker: "Caller", at: Some(Duration::from_secs(n)), text };
            out += conversation.push(turn).len();
            most = most.max(conversation.held());
        }
        assert!(most <= MAX_HELD_TURNS, "{text}: {most}");
        assert_eq!(out + conversation.finish().len(), 110);
    }
}

/// A turn comes out once nothing in it can be part of a number any more, not at the end.
#[test]
fn turns_come_out_as_soon_as_they_are_certain() {
    let mut conversation = Conversation::new(&Options::new());
    let mut push = |speaker, text| {
        let out = conversation.push(Turn { speaker, at: None, text });
        out.into_iter().map(|turn| turn.text.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(push("Agent", "How can I help you today?"), ["How can I help you today?"]);
    assert!(push("Caller", "4242 4242").is_empty());
    assert!(push("Agent", "mm-hm").is_empty());
    assert_eq!(push("Caller", "4242 4242"), ["**** ****", "mm-hm", "**** ****"]);
    assert!(push("Caller", "my number is 4711").is_empty());
    assert_eq!(
        push("Agent", "I have put that on your account, anything else?"),
        ["my number is 4711", "I have put that on your account, anything else?"]
    );
}

/// What is asked for after a card number is masked, and an echo of it; the same question without a card masks nothing.
#[test]
fn codes_and_expiries_are_masked_that_are_asked_for() {
    let asked: Talk = [
        ("Agent", "And the expiry date?"),
        ("Caller", "oh nine twenty seven"),
        ("Agent", "And the three digits on the back, the security code?"),
        ("Caller", "one two three"),
        ("Agent", "one two three, thank you"),
        ("Agent", "That's 48 pounds then."),
    ]
    .map(|(who, text)| (who, text.to_owned()))
    .to_vec();
    let options = Options::new();
    let mut talk: Talk = vec![("Caller", "4242 4242".to_owned()), ("Agent", "yes".to_owned())];
    talk.push(("Caller", "4242 4242".to_owned()));
    talk.extend(asked.clone());
    let said = masked(&options, &talk);
    assert_eq!(
        said[3..],
        [
            "And the expiry date?",
            "* * * *",
            "And the three digits on the back, the security code?",
            "* * *",
            "* * *, thank you",
            "That's 48 pounds then."
        ]
    );
    let texts: Vec<&str> = asked.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(masked(&options, &asked), texts);
}

#[test]
fn the_last_four_digits_stay_where_that_is_wanted() {
    let talk: Talk = [("Caller", "4000 0566"), ("Agent", "yes"), ("Caller", "5566 5556")]
        .map(|(who, text)| (who, text.to_owned()))
        .to_vec();
    let options = Options::new().keep_last_four(true);
    assert_eq!(masked(&options, &talk), ["**** ****", "yes", "**** 5556"]);
}

#[test]
fn what_stands_around_text_in_a_file_stays() {
    let examples: [(Format, &str, &str); 7] = [
        (
            Format::Vtt,
            "WEBVTT\n\nSTYLE\n::cue { color: #424242 }\n\n4242\n00:01.000 --> 00:02.500\n<v Caller>42<b>42</b> 4242\n\n00:03.000 --> 00:04.000\n<v Agent>4242&nbsp;4242\n\n00:05.000 --> 00:06.000\n<v Caller>4242&nbsp;42<00:05.500>42\n",
            "WEBVTT\n\nSTYLE\n::cue { color: #424242 }\n\n4242\n00:01.000 --> 00:02.500\n<v Caller>**<b>**</b> ****\n\n00:03.000 --> 00:04.000\n<v Agent>****&nbsp;****\n\n00:05.000 --> 00:06.000\n<v Caller>****&nbsp;**<00:05.500>**\n",
        ),
        (
            Format::Srt,
            "1\r\n00:00:14,000 --> 00:00:15,000\r\n4242 4242\r\n\r\n2\r\n00:00:15,500 --> 00:00:17,000\r\n4242\r\n4242\r\n",
            "1\r\n00:00:14,000 --> 00:00:15,000\r\n**** ****\r\n\r\n2\r\n00:00:15,500 --> 00:00:17,000\r\n****\r\n****\r\n",
        ),
        (
            Format::Chat,
            "[10:32] Alice: 4242 4242\n[10:32] Alice: 4242 4242\n[10:33] Bob: thanks, 10:32 it is\n",
            "[10:32] Alice: **** ****\n[10:32] Alice: **** ****\n[10:33] Bob: thanks, 10:32 it is\n",
        ),
        (
            Format::Chat,
            "Alice  10:32 AM\n4242 4242\n4242 4242\n\nBob  10:33 AM\nok\n<Carol> 1234\n",
            "Alice  10:32 AM\n**** ****\n**** ****\n\nBob  10:33 AM\nok\n<Carol> 1234\n",
        ),
        (
            Format::Words,
            "[{\"w\":\"four\",\"s\":1.2}, {\"w\":\"two\",\"s\":1.4},\n {\"w\":\"4242\"},{\"w\":\"42\\u00342\",\"n\":4242424242424242},{\"w\":\"4242\"},{\"w\":\"four\"},{\"w\":\"two\"}]",
            "[{\"w\":\"*\",\"s\":1.2}, {\"w\":\"*\",\"s\":1.4},\n {\"w\":\"****\"},{\"w\":\"****\",\"n\":4242424242424242},{\"w\":\"****\"},{\"w\":\"*\"},{\"w\":\"*\"}]",
        ),
        // What is no JSON is looked at as text.
        (Format::Words, "{\"text\": 4242 4242 4242 4242", "{\"text\": **** **** **** ****"),
        (
            Format::Words,
            "{\"messages\":[{\"from\":\"Alice\",\"text\":\"4242 4242\"},{\"from\":\"Bob\",\"text\":\"ok\"},{\"from\":\"Alice\",\"text\":\"4242 4242 \\\"ok\\\"\"}]}\n",
            "{\"messages\":[{\"from\":\"Alice\",\"text\":\"**** ****\"},{\"from\":\"Bob\",\"text\":\"ok\"},{\"from\":\"Alice\",\"text\":\"**** **** \\\"ok\\\"\"}]}\n",
        ),
    ];
    for (format, file, wanted) in examples {
        let masked = String::from_utf8(through(format, file.as_bytes(), 7)).unwrap();
        assert_eq!(masked, wanted);
    }
}
