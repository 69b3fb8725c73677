//! What is remembered and held back has bounds, and masks have rules.

use countersign::redact::{Conversation, Options, Turn, cards};

use super::table;

/// More than 32 speakers are not told apart: those after them are one.
#[test]
fn thirty_two_speakers_are_told_apart() {
    let halves = |speakers: usize| {
        let mut conversation = Conversation::new(&Options::new());
        let mut out = Vec::new();
        let names: Vec<String> = (0..speakers).map(|n| format!("S{n}")).collect();
        let hello = names.iter().map(|name| (name.as_str(), "hello"));
        for (speaker, text) in hello.chain([("Al", "4556 7375"), ("Bo", "8689 9855")]) {
            out.extend(conversation.push(Turn { speaker, at: None, text }));
        }
        out.extend(conversation.finish());
        out.pop().unwrap().text.to_string()
    };
    assert_eq!(halves(30), "8689 9855");
    assert_eq!(halves(32), "**** ****");
}

/// What is certain does not wait: a complete number, masks, and a number that was one only with a code near it.
#[test]
fn what_is_certain_is_not_held() {
    let mut conversation = Conversation::new(&Options::new());
    let mut push = |text| {
        let turn = Turn { speaker: "Caller", at: None, text };
        conversation.push(turn).len()
    };
    assert_eq!([push("4556 7375"), push("8689 9855")], [0, 2]);
    assert_eq!([push("**** ****"), push("hello")], [1, 1]);

    let mut redactor = Options::new().redactor();
    let mut out = String::new();
    redactor.push("4222222222222 ", &mut out);
    assert_eq!(out, "");
    redactor.push(&"x ".repeat(50), &mut out);
    assert_eq!(out, "");
    redactor.push(&"x ".repeat(50), &mut out);
    assert!(out.starts_with("4222222222222 x"), "{out}");
}

/// How many turns are held at most of these, again and again.
fn most_held(turns: &[(&str, &str)], times: usize) -> usize {
    let mut conversation = Conversation::new(&Options::new());
    let turns = turns.iter().cycle().take(times * turns.len());
    let held = turns.map(|(speaker, text)| {
        conversation.push(Turn { speaker, at: None, text });
        conversation.held()
    });
    held.max().unwrap()
}

/// No more than 64 digits of a speaker are remembered, and no more than 96 turns held.
#[test]
fn what_may_go_on_is_held_for_64_digits_and_96_turns() {
    assert_eq!(most_held(&[("Caller", "1212")], 20), 16);
    let mut nods = vec![("Caller", "1212")];
    nods.extend([("Agent", "mm-hm"); 9]);
    assert_eq!(most_held(&nods, 12), 96);
}

/// More than 96 digits are several groups.
#[test]
fn a_group_has_96_digits() {
    let mut conversation = Conversation::new(&Options::new());
    let long = format!("{} 4556 7375", "12".repeat(48));
    let mut out = Vec::new();
    for text in [long.as_str(), "8689 9855"] {
        out.extend(conversation.push(Turn { speaker: "Caller", at: None, text }));
    }
    assert!(out[0].text.as_str().ends_with("12 **** ****"), "{}", out[0].text);
    assert_eq!(out[1].text.as_str(), "**** ****");
}

/// As many readings are looked at as a bound says, whatever is said: this comes to an end.
#[test]
fn readings_of_what_is_corrected_again_and_again_have_a_bound() {
    let said = format!("{}4242", "42 1 sorry 42 1 2 sorry ".repeat(10));
    assert_eq!(cards(&said), said);
    let said = format!("{}five five five five", "oh ".repeat(40));
    assert_eq!(cards(&said), said);
}

/// In more than 96 digits nobody speaks.
#[test]
fn a_number_is_said_in_96_digits() {
    let said = |number: &str, more: usize| format!("{number}{}", " 1".repeat(more));
    let number = "5555 oh 3412 4444 1115";
    assert_eq!(cards(&said(number, 60)), said("**** * **** **** ****", 60));
    assert_eq!(cards(&said(number, 90)), said(number, 90));
}

/// The number of a SIM card is told by its first two digits, its length and its check digit, undivided, in a host's own range
/// too.
#[test]
fn a_sim_card_is_no_card() {
    let [sim, other, short] = ["8944556737586899854", "8944556737586899855", "894455673758689985"];
    let checked = Options::new().ranges(&table("894455", &[18, 19], true));
    let unchecked = Options::new().ranges(&table("894455", &[18, 19], false));
    let card = |number: &str| format!("card {number}");
    let stars = |count: usize| card(&"*".repeat(count));
    for options in [&checked, &unchecked] {
        assert_eq!(options.cards(&card(sim)), card(sim));
        assert_eq!(
            options.cards(&card("8944 5567 3758 6899 854")),
            card("**** **** **** **** ***")
        );
    }
    assert_eq!(unchecked.cards(&card(other)), stars(19));
    assert_eq!(unchecked.cards(&card(short)), stars(18));
    // Eighteen digits with a check digit.
    let check = (0..10).map(|last| format!("89445567375868998{last}"));
    let number = check.max_by_key(|number| checked.cards(&card(number)).matches('*').count());
    assert_eq!(checked.cards(&card(&number.unwrap())), stars(18));
}

/// A mask is no control character; what is written as an escape of the mask is one.
#[test]
fn masks_are_told_from_separators() {
    for mask in ['\u{1}', '\u{7f}', '\u{80}', '\u{9f}'] {
        assert!(Options::new().mask(mask).is_err(), "{mask:?}");
    }
    let options = Options::new().mask('•').unwrap();
    for masked in ["4556 7375%E2%80%A28689 9855", "4556 7375\\u20228689 9855"] {
        assert_eq!(options.cards(masked), masked);
    }
}
