//! A conversation: turns go in, masked turns come out as soon as they are certain.

mod elsewhere;
mod heard;
mod known;
mod machine;
mod stream;

use core::fmt;
use core::time::Duration;
use std::collections::VecDeque;

use zeroize::Zeroizing;

pub(super) use elsewhere::Elsewhere;
pub(super) use machine::{Decided, Machine};

use crate::redact::{Masked, Options, edits};

/// The most turns that a [`Conversation`] holds back.
pub const MAX_HELD_TURNS: usize = 96;

/// What somebody said or wrote in one go.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "hosts fill it in")]
pub struct Turn<'a> {
    /// Who it was, however the host tells speakers apart; empty if that is not known.
    pub speaker: &'a str,
    /// When, from any beginning that is the same for all turns, if it is known.
    pub at: Option<Duration>,
    /// What was said: the text alone, without labels, numbers and times.
    pub text: &'a str,
}

impl fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A turn whose card data is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MaskedTurn {
    /// Who it was, as it was given; card data in it is masked too.
    pub speaker: Masked,
    /// When, as it was given.
    pub at: Option<Duration>,
    /// What was said.
    pub text: Masked,
}

/// Masks card data that is spread over the turns of a conversation.
///
/// ```
/// use countersign::redact::{Conversation, Options, Turn};
///
/// let turn = |speaker, text| Turn { speaker, at: None, text };
/// let mut call = Conversation::new(&Options::new());
/// let mut said = Vec::new();
/// for turn in [
///     turn("caller", "it's 4242 4242"),
///     turn("agent", "4242 4242, go on"),
///     turn("caller", "4242 4243, no, sorry, 4242"),
///     turn("agent", "Thank you. Anything else I can help you with today?"),
/// ] {
///     said.extend(call.push(turn));
/// }
/// said.extend(call.finish());
/// let texts: Vec<&str> = said.iter().map(|turn| turn.text.as_str()).collect();
/// assert_eq!(texts[..3], ["it's **** ****", "**** ****, go on", "**** ****, no, sorry, ****"]);
/// ```
///
/// It joins the digits of a speaker over turns, over the other's echoes, and over fillers; understands repetitions and
/// corrections; masks what echoes a number, and the code and the expiry that are asked for after it. Each turn by itself is
/// looked at as [`Options::cards`] does.
///
/// A turn is held back while digits in it may be the beginning of a card number: until its speaker says something else, or
/// ten turns of others followed without a digit, or a number is complete. No more than [`MAX_HELD_TURNS`] are held back;
/// the first of more comes out as it seems then. [`finish`](Self::finish) gives the rest. What is held is wiped.
pub struct Conversation {
    machine: Machine,
    options: Options,
    waiting: VecDeque<(Zeroizing<String>, Option<Duration>)>,
}

impl Conversation {
    /// One that looks for what `options` say.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Self { machine: Machine::new(options), options: options.clone(), waiting: VecDeque::new() }
    }

    /// Takes the next turn. Gives those that are certain by now, in the order in which they came; none is left out.
    pub fn push(&mut self, turn: Turn<'_>) -> Vec<MaskedTurn> {
        self.waiting.push_back((Zeroizing::new(turn.speaker.to_owned()), turn.at));
        let decided = self.machine.push(turn.speaker, turn.at, turn.text);
        self.masked(decided)
    }

    /// The rest. What is pushed after that is another conversation.
    pub fn finish(&mut self) -> Vec<MaskedTurn> {
        let decided = self.machine.finish();
        self.masked(decided)
    }

    /// How many turns are held back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.machine.held()
    }

    fn masked(&mut self, decided: Vec<Decided>) -> Vec<MaskedTurn> {
        let (_, _, mask) = self.options.reading();
        let turn = |Decided { text, edits }| {
            let (speaker, at) = self.waiting.pop_front().unwrap_or_default();
            MaskedTurn {
                speaker: Masked::with(&self.options, &speaker),
                at,
                text: Masked::passed(edits::made(&text, &edits, mask)),
            }
        };
        decided.into_iter().map(turn).collect()
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation").field("held", &self.held()).finish_non_exhaustive()
    }
}
