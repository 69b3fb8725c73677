//! The relay, tried by machine. An attacker can talk to the customer and to the enterprise at once, on
//! as many pretexts as there are: pass on anything that is said, replay what was said before, forward
//! tokens, start ceremonies on either side, lure the customer into dialling a number of their own, and
//! take over the customer's line. Every order of these moves is played on the real code, up to a
//! depth, and what the customer's app shows is compared with what is true.
//!
//! What the search finds is what `manual::_19_relay` says, neither more nor less.

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
mod world;

use std::collections::BTreeSet;

use moves::Ceremony::{SpokenCode, StepUp};
use moves::{Deceit, Move};
use people::Line::{Bridged, Spoofed};
use people::Talk::{AttackerAsAlice, OnAlicesForwardedLine};
use search::{deepest, search};
use world::{AS_IT_IS, Appointment, Rules};

fn found(deceits: &[Deceit]) -> BTreeSet<Deceit> {
    deceits.iter().copied().collect()
}

/// What cannot be helped.
fn matching() -> BTreeSet<Deceit> {
    found(&[
        // The attacker rings the customer, and the enterprise's call lands at the attacker.
        Deceit { ceremony: SpokenCode, line: Spoofed, talk: OnAlicesForwardedLine },
        Deceit { ceremony: StepUp, line: Spoofed, talk: OnAlicesForwardedLine },
        // The customer dials a number of the attacker's, who dials the enterprise.
        Deceit { ceremony: StepUp, line: Bridged, talk: AttackerAsAlice },
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
        [Spoofed, Bridged].into_iter().flat_map(move |line| {
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
    let page = include_str!("../../src/manual/_19_relay.md");
    let row = |deceit: &Deceit| match (deceit.ceremony, deceit.line, deceit.talk) {
        (SpokenCode, Spoofed, OnAlicesForwardedLine) => "the **spoken code** passed on",
        (StepUp, Spoofed, OnAlicesForwardedLine) => {
            "a **step-up** asked for in that call, with its digits"
        }
        (StepUp, Bridged, AttackerAsAlice) => "a **step-up** with its digits; \"You called us.\"",
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
