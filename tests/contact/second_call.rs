//! A second call with the same number, counted: what stands in the manual's page on calls comes from here.

use std::collections::BTreeMap;

use countersign::contact::CallVerdict::{self, Legitimate, Undetermined};

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

/// The spoofed call begins to ring at `spoofed`; the phone asks about each call as it begins to ring, and says so if
/// another one rings.
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
        // Each is asked about when it begins to ring, and again after the lag if it could not be told.
        for (n, (since, until)) in [(RINGS, 26), (spoofed, spoofed + 15)].into_iter().enumerate() {
            let asks = [since, since + 4].contains(&second) && second < until;
            if asks && !matches!(told[n], Some(Legitimate)) {
                let other = [(RINGS, 26), (spoofed, spoofed + 15)][1 - n];
                let others = tells_of_others && (other.0..other.1).contains(&second);
                let query = 100 * n as u64 + second;
                let ringing = Ringing { others, ..Ringing::of(ours(), query, at(since)) };
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
    // It rings in the one second between the announcement and the genuine ringing.
    ((Verdict::Undetermined, Verdict::Legitimate), 1),
    ((Verdict::Undetermined, Verdict::NotLegitimate), 5),
    ((Verdict::Undetermined, Verdict::Undetermined), 5),
];
/// The same with a phone that says nothing of other calls.
const SEEN_UNTOLD: &[((Verdict, Verdict), u32)] = &[
    ((Verdict::Legitimate, Verdict::NotLegitimate), 12),
    ((Verdict::Legitimate, Verdict::Undetermined), 22),
    ((Verdict::Undetermined, Verdict::Legitimate), 1),
];
