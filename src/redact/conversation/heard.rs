//! A turn taken apart: groups of digits, and the words around them that matter.

use crate::redact::languages::lexicon::{Announced, Lexicon, Meaning};
use crate::redact::run::{Digit, Run, Taken};
use crate::redact::said::MOST_DIGITS;
use crate::redact::token::{Reading, Token, token};

/// What is heard in a turn, in order.
#[derive(Debug)]
pub(super) enum Heard {
    /// Digits with nothing but fillers between them. Whether what came right before them corrects something.
    Digits(Vec<Digit>, bool),
    /// What takes back something that was said before.
    Correction,
    /// A word that is no filler.
    Word,
    /// What such a word announces.
    Announced(Announced),
    /// One that people say who speak of cards.
    OfCards,
}

/// What is heard in `text`.
pub(super) fn heard(lexicon: &Lexicon, spoken: bool, mask: char, text: &str) -> Vec<Heard> {
    let bytes = text.as_bytes();
    let how = Reading { lexicon: spoken.then_some(lexicon), mask };
    let (mut all, mut run, mut at) = (Vec::new(), Run::default(), 0_usize);
    let mut corrects = false;
    while at < bytes.len() {
        let Some((token, length)) = token(how, bytes, at, true) else { break };
        let end = at.saturating_add(length.max(1));
        let ended = run.digits().len() >= MOST_DIGITS || run.take(token, at, end) == Taken::Ended;
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
