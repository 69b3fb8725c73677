//! Rows that vanish, one at a time and in pairs, at every point of every ceremony: nobody gets an approval, a
//! redemption, a reveal or a binding that was not given for it, except where a guarantee rests on a row.

mod plays;

use std::collections::BTreeMap;

use self::plays::{Binding, Callback, Fob, Payment, Play, Spoken};
use crate::support::block_on;
use crate::support::depth::{either, is_full, strided};

/// What rests on rows, and is lost with all of them: the ceremony, the rows, and what a thief gets. Whatever closes one
/// of these takes it off the list.
const RESTS_ON_ROWS: [(&str, &str, &str); 3] = [
    ("a fob", "anchor and fob", "a used code approves again"),
    ("a second credential", "anchor and credential", "a session enrols a credential of its own"),
    ("a step-up", "anchor and credential", "a session enrols a credential of its own"),
];

/// When rows vanish, and which of those that there are then.
type Losses = Vec<(usize, usize)>;

/// Plays a ceremony with `losses`; the rows that were there when it could lose one more, at each step, and what
/// was got without being given, by the rows that were lost.
async fn play<P: Play>(losses: &Losses, early: bool) -> (Vec<usize>, Vec<(String, &'static str)>) {
    let mut play = P::begin(1).await;
    let (mut there, mut lost) = (Vec::new(), Vec::new());
    for step in 0..=P::STEPS {
        let places = play.world().rows.places();
        there.push(places.len());
        for (_, which) in losses.iter().filter(|(at, _)| *at == step) {
            if let Some(at) = places.get(*which) {
                lost.push(play.world().role(at).to_owned());
                play.world().rows.vanish(at);
            }
        }
        if early && losses.iter().any(|(at, _)| *at == step) {
            play.attack().await;
        }
        if step < P::STEPS {
            play.step(step).await;
        }
    }
    play.attack().await;
    lost.sort();
    let got = play.world().got.iter().map(|got| (lost.join(" and "), *got)).collect();
    (there, got)
}

/// Every single row and every pair, at every point; of the pairs every 7th in a quick run.
fn search<P: Play>(found: &mut BTreeMap<(String, String, String), Losses>) -> usize {
    let (there, got) = block_on(play::<P>(&Vec::new(), false));
    assert_eq!(got, [], "{}: nothing is lost", P::NAME);
    let mut single = Vec::new();
    for (step, rows) in there.iter().enumerate() {
        single.extend((0..*rows).map(|which| (step, which)));
    }
    let mut all: Vec<Losses> = single.iter().map(|one| vec![*one]).collect();
    let pairs = single
        .iter()
        .enumerate()
        .flat_map(|(at, one)| single[at + 1..].iter().map(move |other| vec![*one, *other]));
    all.extend(strided(pairs, 7));
    let mut plays = 0;
    for losses in &all {
        for early in if losses.len() == 1 { &[false, true][..] } else { &[false] } {
            let (_, got) = block_on(play::<P>(losses, *early));
            plays += 1;
            for (lost, what) in got {
                let key = (P::NAME.to_owned(), lost, what.to_owned());
                found.entry(key).or_insert_with(|| losses.clone());
            }
        }
    }
    plays
}

#[test]
fn whatever_rows_vanish_nothing_is_got_that_was_not_given() {
    let mut found = BTreeMap::new();
    let mut plays = search::<Payment>(&mut found);
    plays += search::<Binding>(&mut found);
    plays += search::<Fob>(&mut found);
    plays += search::<Callback>(&mut found);
    plays += search::<Spoken>(&mut found);
    assert!(plays > either(100, 500), "{plays}");
    let expected = |(play, lost, got): &(String, String, String)| {
        RESTS_ON_ROWS.iter().any(|(of, rows, what)| {
            let lost: Vec<_> = lost.split(" and ").collect();
            play == of && got == what && rows.split(" and ").all(|row| lost.contains(&row))
        })
    };
    let unexpected: Vec<_> = found.iter().filter(|(key, _)| !expected(key)).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    // A quick run leaves out most pairs; `absence` takes out these.
    for (of, rows, what) in RESTS_ON_ROWS.into_iter().filter(|_| is_full()) {
        let key = (of.to_owned(), rows.to_owned(), what.to_owned());
        assert!(found.contains_key(&key), "no longer so, take it off the list: {key:?}");
    }
}
