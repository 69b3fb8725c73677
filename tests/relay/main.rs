//! The relay, tried by machine. An attacker can talk to the customer and to the enterprise at once, on
//! as many pretexts as there are: pass on anything that is said, replay what was said before, forward
//! tokens, start ceremonies on either side, lure the customer into dialling a number of their own, and
//! take over the customer's line. Every order of these moves is played on the real code, up to a
//! depth, and what the customer's app shows is compared with what is true.
//!
//! What the search finds is what `manual::_43_relay` says, neither more nor less.

#![allow(unreachable_pub)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

#[path = "../support/between.rs"]
mod between;
#[path = "../support/depth.rs"]
mod depth;
mod moves;
mod people;
#[path = "../support/rows.rs"]
mod rows;
mod search;
mod several;
mod world;

use std::collections::BTreeSet;

use moves::Ceremony::{Joint, SpokenCode, StepUp};
use moves::{Deceit, Move};
use people::Line::{Bridged, Spoofed};
use people::Talk::{AttackerAsAlice, OnAlicesForwardedLine};
use search::{deepest, search};
use several::Several;
use world::{AS_IT_IS, Appointment, Rules};

fn found(deceits: &[Deceit]) -> BTreeSet<Deceit> {
    deceits.iter().copied().collect()
}

/// What cannot be helped.
fn matching() -> BTreeSet<Deceit> {
    found(&[
        // The attacker rings the customer, and the enterprise's call lands at the attacker.
        Deceit { ceremony: SpokenCode, line: Some(Spoofed), talk: OnAlicesForwardedLine },
        Deceit { ceremony: StepUp, line: Some(Spoofed), talk: OnAlicesForwardedLine },
        // The customer dials a number of the attacker's, who dials the enterprise.
        Deceit { ceremony: StepUp, line: Some(Bridged), talk: AttackerAsAlice },
    ])
}

/// Where the directions match, the customer is deceived: nothing that is said or shown differs from
/// what a genuine call would be like. Where they cross, never. How many states and moves there are is said of the
/// whole depth, which is that of a full run.
#[test]
fn relays_succeed_where_the_directions_match_and_nowhere_else() {
    let outcome = search(AS_IT_IS, &[], deepest());
    assert_eq!(outcome.deceits(), matching(), "{outcome:#?}");
    // As the manual says of seven moves.
    if depth::is_full() {
        assert_eq!((outcome.states, outcome.moves), (5470, 58_637));
    }
}

/// The direction is what stops the others: without it the search finds the crossed relays too.
#[test]
fn without_the_direction_crossed_relays_succeed_too() {
    let outcome = search(Rules { direction_is_covered: false, ..AS_IT_IS }, &[], deepest());
    let everywhere = [SpokenCode, StepUp].into_iter().flat_map(|ceremony| {
        [Spoofed, Bridged].map(Some).into_iter().flat_map(move |line| {
            [AttackerAsAlice, OnAlicesForwardedLine].map(|talk| Deceit { ceremony, line, talk })
        })
    });
    assert_eq!(outcome.deceits(), everywhere.collect(), "{outcome:#?}");
}

/// Who only has prompts shown, and does not tell the customer the digits of their own call, is approved nothing.
#[test]
fn without_the_digits_of_that_very_call_no_step_up_is_approved() {
    let rules = Rules { digits_are_passed_on: false, ..AS_IT_IS };
    let outcome = search(rules, &[], depth::either(5, 6));
    let codes = |deceit: &Deceit| deceit.ceremony == SpokenCode;
    assert!(outcome.deceits().iter().all(codes), "{outcome:#?}");
}

/// The manual's table has a row for each of them, and no other.
#[test]
fn the_manual_says_which_relays_succeed() {
    let page = include_str!("../../src/manual/_43_relay.md");
    let row = |deceit: &Deceit| match (deceit.ceremony, deceit.line, deceit.talk) {
        (SpokenCode, Some(Spoofed), OnAlicesForwardedLine) => "the **spoken code** passed on",
        (StepUp, Some(Spoofed), OnAlicesForwardedLine) => {
            "a **step-up** asked for in that call, with its digits"
        }
        (StepUp, Some(Bridged), AttackerAsAlice) => {
            "a **step-up** with its digits; \"You called us.\""
        }
        other => panic!("no row for {other:?}"),
    };
    let (_, table) = page.split_once("| the victim | the attacker |").unwrap();
    let rows: Vec<_> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    let wanted: Vec<_> = matching().iter().map(row).collect();
    assert_eq!(rows.len(), wanted.len());
    for text in wanted {
        assert_eq!(rows.iter().filter(|row| row.contains(text)).count(), 1, "{text}");
    }
}

/// What a relay gains of an account that Alice and Carol hold together: how many of them are needed, whom the attacker
/// reaches, what succeeds, and what the manual's table says of it.
fn with_several() -> [(Several, BTreeSet<Deceit>, &'static str); 6] {
    let of = |needed, alice, carol| Several { needed, alice, carol };
    let deceit = |line, talk| Deceit { ceremony: Joint, line, talk };
    // Where the directions match, by Alice; in her name, by Carol.
    let by_alice =
        [deceit(Some(Spoofed), OnAlicesForwardedLine), deceit(Some(Bridged), AttackerAsAlice)];
    let by_carol = [AttackerAsAlice, OnAlicesForwardedLine].map(|talk| deceit(None, talk));
    let either = [by_alice, by_carol].concat();
    [
        (of(2, true, false), found(&[]), "| both | Alice alone | nothing |"),
        (of(2, false, true), found(&[]), "| both | Carol alone | nothing |"),
        (
            of(2, true, true),
            found(&by_alice),
            "| both | both | the two step-ups above, by Alice's line |",
        ),
        (of(1, true, false), found(&by_alice), "| one | Alice alone | the two step-ups above |"),
        (
            of(1, false, true),
            found(&by_carol),
            "| one | Carol alone | every call in Alice's name |",
        ),
        (
            of(1, true, true),
            found(&either),
            "| one | both | the two step-ups above, and every call in Alice's name |",
        ),
    ]
}

/// With one of two approvers a relay gains nothing where both are needed; with both it gains what Alice's line allows. Where
/// one is enough, whoever is on no line is the weak one: she is asked nothing that an attacker could get wrong.
#[test]
fn with_several_approvers_a_relay_needs_as_many_as_are_needed() {
    for (several, wanted, _) in with_several() {
        let rules = Rules { several: Some(several), ..AS_IT_IS };
        let outcome = search(rules, &[], depth::either(6, 8));
        assert_eq!(outcome.deceits(), wanted, "{several:?}: {outcome:#?}");
    }
}

#[test]
fn the_manual_says_what_a_relay_gains_with_several_approvers() {
    let page = include_str!("../../src/manual/_43_relay.md");
    let (_, table) = page.split_once("| needed | reached | what succeeds |").unwrap();
    let rows: Vec<_> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows, with_several().map(|(.., row)| row));
}

/// The attacker overhears a code, and then its appointment is replaced or taken back, while Alice's phone is offline:
/// whatever comes next, the enterprise agrees to no dead code, though her phone takes it for genuine.
#[test]
fn a_code_that_died_after_it_was_overheard_deceives_nobody() {
    let one = Appointment::Alices(1);
    let overheard = [
        Move::Arrange(one),
        Move::Forward,
        Move::Call(OnAlicesForwardedLine),
        Move::Present(one, OnAlicesForwardedLine),
    ];
    let anew = Appointment::AlicesFirstAnew;
    let replaced = [&overheard[..], &[Move::Reassign]].concat();
    let shown_anew = [&replaced[..], &[Move::Present(anew, OnAlicesForwardedLine)]].concat();
    let revoked = [&overheard[..], &[Move::Revoke]].concat();
    for first in [replaced, shown_anew, revoked] {
        let outcome = search(AS_IT_IS, &first, depth::either(3, 4));
        assert!(outcome.deceits().is_subset(&matching()), "{outcome:#?}");
        assert!(outcome.refused > 0, "no dead code was taken for genuine: {first:?}");
    }
}
