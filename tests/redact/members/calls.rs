//! More forms in which a number goes over the turns of a call, in any language: other members of the kinds that
//! `talk/forms.rs` has.

use crate::numbers::{Drawn, groups};
use crate::talk::forms::{Form, Talk};
use crate::talk::said::Tongue;

const AGENT: &str = "Agent";
const CALLER: &str = "Caller";

fn begun(tongue: &Tongue) -> Talk {
    vec![(AGENT, tongue.ask.to_owned())]
}

fn nod(tongue: &Tongue, drawn: &mut Drawn) -> String {
    tongue.one(drawn, tongue.nods).to_owned()
}

fn regret(tongue: &Tongue, drawn: &mut Drawn) -> &'static str {
    tongue.regrets[drawn.below(tongue.regrets.len())]
}

/// Each group in a turn, but one that `other` says in its own way.
fn but_one(
    tongue: &Tongue,
    number: &str,
    drawn: &mut Drawn,
    other: impl Fn(&str, &mut Drawn) -> String,
) -> Talk {
    let all = groups(number);
    let which = drawn.below(all.len().min(3));
    let mut talk = begun(tongue);
    for (n, group) in all.into_iter().enumerate() {
        let said = if n == which { other(group, drawn) } else { tongue.each(group) };
        talk.push((CALLER, said));
        talk.push((AGENT, nod(tongue, drawn)));
    }
    talk
}

/// With two digits beside each other in turn, if they differ.
fn turned(group: &str, drawn: &mut Drawn) -> String {
    let mut all: Vec<char> = group.chars().collect();
    let at = drawn.below(all.len() - 1);
    all.swap(at, at + 1);
    all.into_iter().collect()
}

pub(crate) const FORMS: &[Form] = &[
    ("the agent repeats in figures", |tongue, number, drawn| {
        let mut talk = begun(tongue);
        for group in groups(number) {
            talk.push((CALLER, tongue.each(group)));
            talk.push((AGENT, format!("{group}, {}", nod(tongue, drawn))));
        }
        talk
    }),
    ("the agent repeats the last two digits", |tongue, number, drawn| {
        let mut talk = begun(tongue);
        for group in groups(number) {
            talk.push((CALLER, tongue.each(group)));
            let last = &group[group.len().saturating_sub(2)..];
            talk.push((AGENT, format!("{}, {}", tongue.each(last), nod(tongue, drawn))));
        }
        talk
    }),
    ("the agent asks whether it is so, the caller says yes", |tongue, number, drawn| {
        let mut talk = begun(tongue);
        for group in groups(number) {
            talk.push((CALLER, tongue.each(group)));
            talk.push((AGENT, format!("{}?", tongue.each(group))));
            talk.push((CALLER, nod(tongue, drawn)));
        }
        talk
    }),
    ("the caller repeats the group before the next", |tongue, number, drawn| {
        let all = groups(number);
        let mut talk = begun(tongue);
        for (n, group) in all.iter().enumerate() {
            let before = n.checked_sub(1).map(|before| format!("{}, ", tongue.each(all[before])));
            talk.push((CALLER, format!("{}{}", before.unwrap_or_default(), tongue.each(group))));
            talk.push((AGENT, nod(tongue, drawn)));
        }
        talk
    }),
    ("a third person nods, too", |tongue, number, drawn| {
        let mut talk = begun(tongue);
        for group in groups(number) {
            talk.push((CALLER, tongue.each(group)));
            talk.push((["Agent", "Supervisor"][drawn.below(2)], nod(tongue, drawn)));
        }
        talk
    }),
    ("interrupted within a group", |tongue, number, drawn| {
        let mut talk = begun(tongue);
        for group in groups(number) {
            let (first, rest) = group.split_at(1 + drawn.below(group.len()) / 2);
            talk.push((CALLER, tongue.each(first)));
            talk.push((AGENT, nod(tongue, drawn)));
            talk.push((
                CALLER,
                format!("{} {}", tongue.one(drawn, tongue.fillers), tongue.each(rest)),
            ));
        }
        talk
    }),
    ("the agent is wrong, and the caller corrects", |tongue, number, drawn| {
        let all = groups(number);
        let which = drawn.below(all.len().min(3));
        let mut talk = begun(tongue);
        for (n, group) in all.into_iter().enumerate() {
            talk.push((CALLER, tongue.each(group)));
            if n == which {
                talk.push((AGENT, tongue.each(&turned(group, drawn))));
                talk.push((CALLER, format!("{} {}", regret(tongue, drawn), tongue.each(group))));
            }
            talk.push((AGENT, nod(tongue, drawn)));
        }
        talk
    }),
    ("two digits were the wrong way round", |tongue, number, drawn| {
        but_one(tongue, number, drawn, |group, drawn| {
            let wrong = turned(group, drawn);
            format!("{} {} {}", tongue.each(&wrong), regret(tongue, drawn), tongue.each(group))
        })
    }),
    ("a digit was left out", |tongue, number, drawn| {
        but_one(tongue, number, drawn, |group, drawn| {
            let wrong = &group[..group.len() - 1];
            format!("{} {} {}", tongue.each(wrong), regret(tongue, drawn), tongue.each(group))
        })
    }),
    ("the last digit alone is corrected", |tongue, number, drawn| {
        but_one(tongue, number, drawn, |group, drawn| {
            let (right, last) = group.split_at(group.len() - 1);
            let wrong =
                (last.as_bytes()[0] - b'0' + 1 + u8::try_from(drawn.below(8)).unwrap()) % 10;
            format!(
                "{} {} {}",
                tongue.each(&format!("{right}{wrong}")),
                regret(tongue, drawn),
                tongue.each(last)
            )
        })
    }),
    ("the whole number again", |tongue, number, drawn| {
        let said: Vec<String> =
            groups(number).into_iter().map(|group| tongue.each(group)).collect();
        let mut talk = begun(tongue);
        talk.push((CALLER, said.join(", ")));
        talk.push((AGENT, regret(tongue, drawn).trim_end_matches(',').to_owned()));
        talk.push((CALLER, said.join(", ")));
        talk.push((AGENT, nod(tongue, drawn)));
        talk
    }),
    ("read back in figures, undivided", |tongue, number, drawn| {
        let mut talk = begun(tongue);
        for group in groups(number) {
            talk.push((CALLER, tongue.each(group)));
            talk.push((AGENT, nod(tongue, drawn)));
        }
        talk.push((AGENT, number.to_owned()));
        talk.push((CALLER, nod(tongue, drawn)));
        talk
    }),
    ("pairs with nods within a line", |tongue, number, drawn| {
        let said: Vec<String> =
            groups(number).into_iter().map(|group| tongue.pairs(group)).collect();
        let mut text = String::new();
        for group in said {
            text += &format!("{group}, {} ", tongue.one(drawn, tongue.fillers));
        }
        vec![(AGENT, tongue.ask.to_owned()), (CALLER, text)]
    }),
    ("nothing but the caller, with fillers, in one line", |tongue, number, drawn| {
        let mut text = String::new();
        for group in groups(number) {
            text += &format!("{} {} ", tongue.each(group), tongue.one(drawn, tongue.fillers));
        }
        vec![(CALLER, text)]
    }),
    ("nothing but nods, without a question", |tongue, number, drawn| {
        let mut talk = Talk::new();
        for group in groups(number) {
            talk.push((CALLER, tongue.each(group)));
            talk.push((AGENT, nod(tongue, drawn)));
        }
        talk
    }),
    ("two fillers before each group", |tongue, number, drawn| {
        let mut talk = begun(tongue);
        for group in groups(number) {
            let before: Vec<&str> = (0..2).map(|_| tongue.one(drawn, tongue.fillers)).collect();
            talk.push((CALLER, format!("{} {}", before.join(", "), tongue.each(group))));
            talk.push((AGENT, nod(tongue, drawn)));
        }
        talk
    }),
];
