//! Conversations of scraps that are hard to mask twice alike: what is masked once stays as it is.

use countersign::redact::Options;

use crate::conversations::masked;
use crate::depth::either;
use crate::members::{seed, tell, usual};
use crate::numbers::{Drawn, groups};
use crate::talk::forms::Talk;
use crate::talk::tongues::TONGUES;

/// Scraps of which conversations are made that are hard to mask twice alike.
fn scrap(drawn: &mut Drawn) -> String {
    let tongue = &TONGUES[if drawn.below(3) == 0 { drawn.below(9) } else { 0 }];
    let some = |drawn: &mut Drawn, most: usize| {
        let count = 1 + drawn.below(most);
        (0..count)
            .map(|_| char::from(b'0' + u8::try_from(drawn.below(10)).unwrap()))
            .collect::<String>()
    };
    match drawn.below(24) {
        0 | 1 => some(drawn, 8),
        2 => tongue.each(&some(drawn, 6)),
        3 => tongue.pairs(&some(drawn, 6)),
        4 => usual(drawn),
        5 => groups(&usual(drawn)).join(" "),
        6 => usual(drawn)[..8].to_owned(),
        7 => usual(drawn)[8..].to_owned(),
        8 => tongue.each(&usual(drawn)[..8]),
        9 => tongue.each(&usual(drawn)[8..]),
        10 => tongue.one(drawn, tongue.nods).to_owned(),
        11 => tongue.one(drawn, tongue.fillers).to_owned(),
        12 => format!("{} {}", tongue.one(drawn, tongue.regrets), some(drawn, 4)),
        13 => "oh".to_owned(),
        14 => tongue.ask.to_owned(),
        15 => ["and the expiry?", "security code", "the last three", "my card"][drawn.below(4)]
            .to_owned(),
        16 => ["*", "**", "****", "* * * *", "**** ****", "*4*"][drawn.below(6)].to_owned(),
        17 => ["12/27", "123", "0927", "09 27 123"][drawn.below(4)].to_owned(),
        18 => ["one", "one moment", "forty", "two", "hundred", "four thousand", "double", "zeros"]
            [drawn.below(8)]
        .to_owned(),
        19 => ["4242 4242", "4242", "0000", "1111 1111"][drawn.below(4)].to_owned(),
        20 => format!("{}, {}", some(drawn, 4), some(drawn, 4)),
        21 => format!("{} oh {}", some(drawn, 4), some(drawn, 4)),
        22 => "what a day".to_owned(),
        _ => String::new(),
    }
}

#[test]
fn conversations_of_scraps_are_masked_twice_as_once() {
    let mut drawn = Drawn(seed(1200));
    let count = either(600, 20_000);
    let mut differ = Vec::new();
    for n in 0..count {
        let turns = 2 + drawn.below(22);
        let mut talk = Talk::new();
        for _ in 0..turns {
            let who = ["Agent", "Caller", "Caller", ""][drawn.below(4)];
            let scraps: Vec<String> = (0..1 + drawn.below(2)).map(|_| scrap(&mut drawn)).collect();
            talk.push((if n % 5 == 0 { "" } else { who }, scraps.join(" ")));
        }
        let options = Options::new().keep_last_four(n % 3 == 0);
        let once = masked(&options, &talk);
        let again: Talk =
            talk.iter().zip(&once).map(|((who, _), text)| (*who, text.clone())).collect();
        let twice = masked(&options, &again);
        if twice != once {
            differ.push((talk, once, twice));
        }
    }
    tell(&format!("{} of {count} differ", differ.len()));
    let show = |(talk, once, twice): &(Talk, Vec<String>, Vec<String>)| {
        format!("{talk:?}\n  {once:?}\n  {twice:?}\n")
    };
    assert!(
        differ.is_empty(),
        "{} of {count}:\n{}",
        differ.len(),
        differ.iter().take(6).map(show).collect::<String>()
    );
}
