//! The forms in which a card number goes over the turns of a conversation.

use crate::numbers::{Drawn, groups};
use crate::talk::said::Tongue;

/// A turn: who, and what.
pub(crate) type Talk = Vec<(&'static str, String)>;

/// A form, and how a number goes over turns in it.
pub(crate) type Form = (&'static str, fn(&Tongue, &str, &mut Drawn) -> Talk);

const AGENT: &str = "Agent";
const CALLER: &str = "Caller";

/// A group as somebody says it who says digits or pairs.
fn say(tongue: &Tongue, group: &str, pairs: bool) -> String {
    if pairs { tongue.pairs(group) } else { tongue.each(group) }
}

/// The groups of a number, each said by the caller in a turn of its own, and what the agent says to each.
fn in_groups(
    tongue: &Tongue,
    number: &str,
    drawn: &mut Drawn,
    mut agent: impl FnMut(&str, &mut Drawn) -> String,
) -> Talk {
    let mut talk = vec![(AGENT, tongue.ask.to_owned())];
    let pairs = drawn.below(3) == 0;
    for group in groups(number) {
        talk.push((CALLER, say(tongue, group, pairs)));
        let said = agent(group, drawn);
        talk.push((AGENT, said));
    }
    talk
}

/// A digit of `group` changed, not the first.
fn mistaken(group: &str, drawn: &mut Drawn) -> String {
    let at = 1 + drawn.below(group.len() - 1);
    let wrong = char::from(
        b'0' + (group.as_bytes()[at] - b'0' + 1 + u8::try_from(drawn.below(8)).unwrap()) % 10,
    );
    let mut all: Vec<char> = group.chars().collect();
    all[at] = wrong;
    all.into_iter().collect()
}

/// What the crate was made with.
pub(crate) const FORMS: &[Form] = &[
    ("two halves, the agent nods", |tongue, number, drawn| {
        let (first, second) = number.split_at(8);
        vec![
            (AGENT, tongue.ask.to_owned()),
            (CALLER, tongue.each(first)),
            (AGENT, tongue.one(drawn, tongue.nods).to_owned()),
            (CALLER, tongue.each(second)),
        ]
    }),
    ("the agent nods to each group", |tongue, number, drawn| {
        in_groups(tongue, number, drawn, |_, drawn| tongue.one(drawn, tongue.nods).to_owned())
    }),
    ("the agent repeats each group", |tongue, number, drawn| {
        in_groups(tongue, number, drawn, |group, _| tongue.each(group))
    }),
    ("the agent repeats and nods", |tongue, number, drawn| {
        in_groups(tongue, number, drawn, |group, drawn| {
            format!("{}, {}", tongue.each(group), tongue.one(drawn, tongue.nods))
        })
    }),
    ("digits in figures, the agent repeats", |tongue, number, drawn| {
        let mut talk = vec![(AGENT, tongue.ask.to_owned())];
        for group in groups(number) {
            talk.push((CALLER, group.to_owned()));
            talk.push((AGENT, format!("{group}, {}", tongue.one(drawn, tongue.nods))));
        }
        talk
    }),
    ("nods within a line", |tongue, number, drawn| {
        let groups = groups(number).into_iter();
        let said: Vec<String> = groups.map(|group| tongue.each(group)).collect();
        vec![(CALLER, said.join(&format!(" {} ", tongue.one(drawn, tongue.nods))))]
    }),
    ("fillers between groups", |tongue, number, drawn| {
        let mut text = String::new();
        for group in groups(number) {
            text += &format!("{} {} ", tongue.each(group), tongue.one(drawn, tongue.fillers));
        }
        vec![(AGENT, tongue.ask.to_owned()), (CALLER, text)]
    }),
    ("pairs", |tongue, number, _| vec![(CALLER, tongue.pairs(number))]),
    ("a group is said twice", |tongue, number, drawn| {
        let groups = groups(number);
        let twice = drawn.below(groups.len());
        let mut talk = vec![(AGENT, tongue.ask.to_owned())];
        for (n, group) in groups.into_iter().enumerate() {
            talk.push((CALLER, tongue.each(group)));
            if n == twice {
                talk.push((
                    AGENT,
                    tongue.one(drawn, tongue.regrets).trim_end_matches(',').to_owned(),
                ));
                talk.push((CALLER, tongue.each(group)));
            }
            talk.push((AGENT, tongue.one(drawn, tongue.nods).to_owned()));
        }
        talk
    }),
    ("a group is corrected", |tongue, number, drawn| {
        let groups = groups(number);
        let wrong = drawn.below(groups.len());
        let mut text = String::new();
        for (n, group) in groups.into_iter().enumerate() {
            if n == wrong && group.len() > 2 {
                let mistaken = mistaken(group, drawn);
                text +=
                    &format!("{}, {} ", tongue.each(&mistaken), tongue.one(drawn, tongue.regrets));
            }
            text += &format!("{}, ", tongue.each(group));
        }
        vec![(AGENT, tongue.ask.to_owned()), (CALLER, text)]
    }),
    ("a group is corrected after a nod", |tongue, number, drawn| {
        let groups = groups(number);
        let wrong = drawn.below(groups.len());
        let mut talk = vec![(AGENT, tongue.ask.to_owned())];
        for (n, group) in groups.into_iter().enumerate() {
            let mut said = tongue.each(group);
            if n == wrong && group.len() > 2 {
                talk.push((CALLER, tongue.each(&mistaken(group, drawn))));
                talk.push((AGENT, tongue.one(drawn, tongue.nods).to_owned()));
                said = format!("{} {said}", tongue.one(drawn, tongue.regrets));
            }
            talk.push((CALLER, said));
            talk.push((AGENT, tongue.one(drawn, tongue.nods).to_owned()));
        }
        talk
    }),
    ("digit by digit, with nods", |tongue, number, drawn| {
        let mut talk = vec![(AGENT, tongue.ask.to_owned())];
        for digit in number.split("").filter(|digit| !digit.is_empty()) {
            talk.push((CALLER, tongue.each(digit)));
            if drawn.below(3) == 0 {
                talk.push((AGENT, tongue.one(drawn, tongue.nods).to_owned()));
            }
        }
        talk
    }),
    ("the agent asks for each group", |tongue, number, drawn| {
        in_groups(tongue, number, drawn, |_, _| tongue.more.to_owned())
    }),
    ("the number, and the agent reads it back", |tongue, number, drawn| {
        let said: Vec<String> =
            groups(number).into_iter().map(|group| tongue.each(group)).collect();
        vec![
            (AGENT, tongue.ask.to_owned()),
            (CALLER, said.join(", ")),
            (AGENT, format!("{} {}", tongue.one(drawn, tongue.nods), said.join(", "))),
        ]
    }),
];

/// What it was not made with: kept for these figures alone.
pub(crate) const KEPT_BACK: &[Form] = &[
    ("uneven pieces, some repeated by the agent", |tongue, number, drawn| {
        let (mut rest, mut talk) = (number, vec![(AGENT, tongue.ask.to_owned())]);
        while !rest.is_empty() {
            let (piece, later) = rest.split_at((2 + drawn.below(5)).min(rest.len()));
            rest = later;
            talk.push((
                CALLER,
                format!("{} {}", tongue.one(drawn, tongue.fillers), tongue.each(piece)),
            ));
            let echo = if drawn.below(2) == 0 { tongue.each(piece) } else { String::new() };
            talk.push((AGENT, format!("{echo} {}", tongue.one(drawn, tongue.nods))));
        }
        talk
    }),
    ("figures and words in turn, by two speakers without a question", |tongue, number, drawn| {
        let mut talk = Talk::new();
        for (n, group) in groups(number).into_iter().enumerate() {
            talk.push((CALLER, if n % 2 == 0 { group.to_owned() } else { tongue.each(group) }));
            talk.push((AGENT, tongue.one(drawn, tongue.nods).to_owned()));
        }
        talk
    }),
    ("begun twice", |tongue, number, drawn| {
        let groups = groups(number);
        let said: Vec<String> = groups.iter().map(|group| tongue.each(group)).collect();
        vec![
            (AGENT, tongue.ask.to_owned()),
            (CALLER, said[0].clone()),
            (AGENT, tongue.one(drawn, tongue.regrets).trim_end_matches(',').to_owned()),
            (CALLER, said[..2].join(", ")),
            (AGENT, tongue.one(drawn, tongue.nods).to_owned()),
            (CALLER, said[2..].join(", ")),
        ]
    }),
];
