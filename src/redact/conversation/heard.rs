//! A turn taken apart: groups of digits, and the words around them that matter.

use zeroize::Zeroizing;

use crate::redact::chars::{Class, Decoded, before, class, decode};
use crate::redact::languages::lexicon::{Announced, Lexicon, Meaning};
use crate::redact::languages::{MAX_PHRASE_WORDS, is_between, is_mark};
use crate::redact::run::{Digit, MASKED, Run, Taken};
use crate::redact::said::MOST_DIGITS;
use crate::redact::steps;
use crate::redact::token::{Reading, Token, is_number, pauses, token};

/// So many masks before and after something are no digits: `*4242*` is a number in bold.
const MOST_OF_MARKUP: usize = 2;
/// The most bytes in bold.
const LONGEST_MARKUP: usize = 48;
/// The most bytes of words at the end of a turn that the next goes on with.
const MAX_UNFINISHED: usize = 64;

/// What is heard in a turn, in order.
#[derive(Debug)]
pub(super) enum Heard {
    /// Digits with nothing but fillers between them. Whether what came right before them corrects something.
    Digits(Vec<Digit>, bool),
    /// What takes back something that was said before.
    Correction,
    /// A word that is no filler.
    Word,
    /// A small word, where these part digits.
    Aside,
    /// What such a word announces.
    Announced(Announced),
    /// One that people say who speak of cards.
    OfCards,
}

/// How a turn is heard.
#[derive(Clone, Copy)]
pub(super) struct Hearing<'l> {
    pub(super) lexicon: &'l Lexicon,
    pub(super) spoken: bool,
    pub(super) mask: char,
    /// Whether somebody spoke of cards, so that asides are fillers.
    pub(super) of_cards: bool,
}

impl Hearing<'_> {
    const fn reading(&self) -> Reading<'_> {
        Reading {
            lexicon: if self.spoken { Some(self.lexicon) } else { None },
            mask: self.mask,
            asides: self.of_cards,
        }
    }

    /// What is heard in a turn after `begun`, the words with which its speaker ended the turn before and which may begin a
    /// phrase; and the words at its own end that may.
    pub(super) fn turn(&self, begun: &str, text: &str) -> (Vec<Heard>, String) {
        if begun.is_empty() {
            let rest = self.unfinished(text);
            return (self.text(text.get(..rest).unwrap_or_default()), words(text, rest));
        }
        let joined = Zeroizing::new(format!("{begun} {text}"));
        let rest = self.unfinished(&joined);
        let mut heard = self.text(joined.get(..rest).unwrap_or_default());
        let before = begun.len().saturating_add(1);
        let digits = heard.iter_mut().filter_map(|heard| match heard {
            Heard::Digits(digits, _) => Some(digits),
            _ => None,
        });
        for digit in digits.flatten() {
            digit.start = digit.start.saturating_sub(before);
            digit.end = digit.end.saturating_sub(before);
        }
        (heard, words(&joined, rest))
    }

    /// Whether a turn goes on with a filler like "one moment" whose one was the last word of the turn before.
    pub(super) fn pauses(&self, one: &str, text: &str) -> bool {
        !one.is_empty() && pauses(self.reading(), one, text)
    }

    /// The last word of a turn if it is a digit.
    pub(super) fn last<'t>(text: &'t str, heard: &[Heard]) -> &'t str {
        let last = match heard.last() {
            Some(Heard::Digits(digits, _)) => digits.last(),
            _ => None,
        };
        let last = last.filter(|last| {
            last.word && text.get(last.end..).is_some_and(|rest| rest.trim().is_empty())
        });
        last.and_then(|last| text.get(last.start..last.end)).unwrap_or_default()
    }

    /// Where the last words begin that may be the beginning of a phrase which the next turn goes on with; the end of the text
    /// if they may not.
    fn unfinished(&self, text: &str) -> usize {
        let how = self.reading();
        let (mut found, mut end) = (text.len(), text.len());
        for _ in 1..MAX_PHRASE_WORDS {
            let before = text.get(..end).unwrap_or_default();
            let word = before.trim_end_matches(' ');
            let is_part =
                |c: char| class(c) == Class::Letter || is_mark(c) || is_between(c) && c != ' ';
            let start = word.len().saturating_sub(
                word.chars().rev().take_while(|c| is_part(*c)).map(char::len_utf8).sum(),
            );
            let number = |word: &str| self.lexicon.meaning(word).is_some_and(is_number);
            let all = text.get(start..).unwrap_or_default();
            steps::count(all.len());
            if start == word.len()
                || all.len() > MAX_UNFINISHED
                || all.split(is_between).any(number)
            {
                break;
            }
            match token(how, format!("{all} ").as_bytes(), 0, false) {
                None => found = start,
                // A phrase that ends here.
                Some((Token::Word(_), length)) if length >= all.trim_end().len() => {
                    found = text.len();
                }
                Some(_) => {}
            }
            end = start;
        }
        found
    }

    /// What is heard in `text`.
    pub(super) fn text(&self, text: &str) -> Vec<Heard> {
        let bytes = text.as_bytes();
        let (how, lexicon) = (self.reading(), self.lexicon);
        let (mut all, mut run, mut at) = (Vec::new(), Run::default(), 0_usize);
        let mut corrects = false;
        while at < bytes.len() {
            let found = masked(self.mask, bytes, at).or_else(|| token(how, bytes, at, true));
            let Some((token, length)) = found else { break };
            steps::count(length);
            let end = at.saturating_add(length.max(1));
            let ended =
                run.digits().len() >= MOST_DIGITS || run.take(token, at, end) == Taken::Ended;
            if ended {
                flush(&mut run, &mut corrects, &mut all);
                let _ = run.take(token, at, end);
            }
            if run.start().is_none() {
                match token {
                    Token::Word(Meaning::Correction) => {
                        corrects = true;
                        all.push(Heard::Correction);
                    }
                    Token::Word(Meaning::Aside) => {
                        all.push(Heard::Aside);
                        let word = text.get(at..end).unwrap_or_default();
                        all.extend(lexicon.announces(word.as_bytes()).map(Heard::Announced));
                        all.extend(lexicon.is_of_cards(word).then_some(Heard::OfCards));
                    }
                    Token::End => {
                        let word = text.get(at..end).unwrap_or_default();
                        if word.starts_with(char::is_alphabetic) {
                            corrects = false;
                            all.push(Heard::Word);
                            all.extend(lexicon.announces(word.as_bytes()).map(Heard::Announced));
                            all.extend(lexicon.is_of_cards(word).then_some(Heard::OfCards));
                        }
                    }
                    _ => {}
                }
            }
            at = end;
        }
        flush(&mut run, &mut corrects, &mut all);
        all
    }
}

/// The words of `text` from `from` on.
fn words(text: &str, from: usize) -> String {
    text.get(from..).unwrap_or_default().trim().to_owned()
}

/// A mask as the digit that it stands for, so that what stands around it is no more beside each other than before it was
/// masked.
fn masked(mask: char, text: &[u8], at: usize) -> Option<(Token, usize)> {
    let length = mask.len_utf8();
    if !is_mask(mask, text, at) {
        return None;
    }
    let mut from = at;
    while at.saturating_sub(from) <= MOST_OF_MARKUP.saturating_mul(length)
        && before(text, from) == Some(mask)
    {
        from = from.saturating_sub(length);
    }
    let to = end_of_masks(mask, text, from);
    let few = to.saturating_sub(from) <= MOST_OF_MARKUP.saturating_mul(length);
    if few && is_markup(mask, text, (from, to)) {
        return None;
    }
    Some((Token::Digit(MASKED), length))
}

fn is_mask(mask: char, text: &[u8], at: usize) -> bool {
    decode(text, at) == Decoded::Char(mask, mask.len_utf8())
}

/// Where the masks end that begin at `from`; of many, where some do.
fn end_of_masks(mask: char, text: &[u8], from: usize) -> usize {
    let masks = (0..=MOST_OF_MARKUP.saturating_mul(2)).take_while(|count| {
        is_mask(mask, text, from.saturating_add(count.saturating_mul(mask.len_utf8())))
    });
    from.saturating_add(masks.count().saturating_mul(mask.len_utf8()))
}

/// Whether masks begin or end something in bold: what they are glued to has as many at its other end.
fn is_markup(mask: char, text: &[u8], (from, to): (usize, usize)) -> bool {
    let glued = |c: char| matches!(class(c), Class::Letter | Class::Digit(_));
    let follows = |to: usize| matches!(decode(text, to), Decoded::Char(c, _) if glued(c));
    let leads = |from: usize| before(text, from).is_some_and(glued);
    let length = to.saturating_sub(from);
    let ends = |at: usize| {
        is_mask(mask, text, at)
            && end_of_masks(mask, text, at) == at.saturating_add(length)
            && before(text, at) != Some(mask)
    };
    steps::count(LONGEST_MARKUP);
    match (leads(from), follows(to)) {
        (false, true) => (to..to.saturating_add(LONGEST_MARKUP))
            .any(|at| ends(at) && leads(at) && !follows(at.saturating_add(length))),
        (true, false) => (from.saturating_sub(LONGEST_MARKUP)..from)
            .any(|at| ends(at) && !leads(at) && follows(at.saturating_add(length))),
        _ => false,
    }
}

fn flush(run: &mut Run, corrects: &mut bool, all: &mut Vec<Heard>) {
    // A correction after the last digit belongs to what is said next.
    let corrected = run.corrected();
    if !run.digits().is_empty() {
        all.push(Heard::Digits(run.digits().to_vec(), *corrects));
        *corrects = corrected;
        all.extend(corrected.then_some(Heard::Correction));
    }
    run.clear();
}
