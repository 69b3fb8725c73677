//! A second call with the same number, counted: what stands in the manual's page on calls comes from here.

use std::collections::BTreeMap;

use countersign::contact::CallVerdict::{self, Legitimate, Undetermined};
use countersign::device::VERDICT_BUDGET;

use crate::lines::bank;
use crate::lines::*;

/// Announced at second 10, rings from 11 on, is answered at 16 and ends at 26.
const ANNOUNCED: u64 = 10;
const RINGS: u64 = 11;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    genuine: Verdict,
    spoofed: Verdict,
}

/// An order for the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Legitimate,
    NotLegitimate,
    Undetermined,
}

fn ordered(verdict: CallVerdict) -> Verdict {
    match verdict {
        Legitimate => Verdict::Legitimate,
        Undetermined => Verdict::Undetermined,
        _ => Verdict::NotLegitimate,
    }
}

/// The spoofed call begins to ring at `spoofed`; the app asks about each call as the manual has it: at once and again each
/// second, with the same question, until it is told or its budget is over. It says so if another call rings.
async fn play(spoofed: u64, tells_of_others: bool) -> Told {
    let bank = bank();
    let (mut dialler, mut pbx) = (Feed::new(dialler()), Feed::new(pbx()));
    let call = rings("genuine");
    let mut told = [None, None];
    for second in 1..40 {
        bank.clock.set(at(second));
        if second == ANNOUNCED {
            dialler.announce(&bank.verifier, &call, ours()).await;
        }
        if second == 16 {
            dialler.began(&bank.verifier, &call).await;
        }
        if second == 26 {
            dialler.ended(&bank.verifier, &call).await;
        }
        dialler.beat(&bank.verifier).await;
        pbx.beat(&bank.verifier).await;
        for (n, (since, until)) in [(RINGS, 26), (spoofed, spoofed + 15)].into_iter().enumerate() {
            let asks =
                (since..=since + VERDICT_BUDGET.as_secs()).contains(&second) && second < until;
            if asks && matches!(told[n], None | Some(Undetermined)) {
                let other = [(RINGS, 26), (spoofed, spoofed + 15)][1 - n];
                let others = tells_of_others && (other.0..other.1).contains(&second);
                let ringing = Ringing { others, ..Ringing::of(ours(), n as u64, at(since)) };
                told[n] = Some(ringing.asked(&bank.verifier, at(second)).await);
            }
        }
    }
    Told { genuine: ordered(told[0].unwrap()), spoofed: ordered(told[1].unwrap()) }
}

#[tokio::test]
async fn what_a_second_call_with_the_same_number_can_do() {
    use Verdict::{Legitimate as Yes, NotLegitimate as No};
    let mut all = Vec::new();
    for tells_of_others in [true, false] {
        let mut seen = BTreeMap::new();
        for spoofed in 1..36 {
            let told = play(spoofed, tells_of_others).await;
            *seen.entry((told.genuine, told.spoofed)).or_insert(0) += 1;
            // Never both, and never the bank's own call hung up.
            assert_ne!((told.genuine, told.spoofed), (Yes, Yes), "{spoofed}");
            assert_ne!(told.genuine, No, "{spoofed}");
        }
        let seen: Vec<_> = seen.into_iter().collect();
        all.push(seen);
    }
    assert_eq!(all, [SEEN_TOLD, SEEN_UNTOLD]);
}

/// Of 35 seconds in which the spoofed call may begin to ring, how many end how: (genuine, spoofed).
const SEEN_TOLD: &[((Verdict, Verdict), u32)] = &[
    ((Verdict::Legitimate, Verdict::NotLegitimate), 7),
    ((Verdict::Legitimate, Verdict::Undetermined), 17),
    // It rings in the second between the announcement and the genuine ringing, or in the lag before: clocks may be apart.
    ((Verdict::Undetermined, Verdict::Legitimate), 3),
    ((Verdict::Undetermined, Verdict::NotLegitimate), 6),
    ((Verdict::Undetermined, Verdict::Undetermined), 2),
];
/// The same with a phone that says nothing of other calls.
const SEEN_UNTOLD: &[((Verdict, Verdict), u32)] = &[
    ((Verdict::Legitimate, Verdict::NotLegitimate), 13),
    ((Verdict::Legitimate, Verdict::Undetermined), 19),
    ((Verdict::Undetermined, Verdict::Legitimate), 3),
];
