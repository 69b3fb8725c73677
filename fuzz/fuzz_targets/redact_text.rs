//! Whatever is typed or said: in chunks as in one piece, masked again as masked once, nothing changed but
//! what was found, and in steps that grow with the text alone.
#![no_main]

use arbitrary::Arbitrary;
use countersign::fuzzing::{redaction_steps, redaction_steps_in_chunks};
use countersign::redact::{MAX_HELD_BYTES, Mode, Options};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    keep_last_four: bool,
    spoken: bool,
    hash: bool,
    any_length: bool,
    logs: bool,
    chunk: u8,
    pieces: Vec<Piece>,
    text: &'a str,
}

/// What card data is made of, so that it need not be guessed letter by letter.
#[derive(Debug, Arbitrary)]
enum Piece {
    Number(u8),
    Word(u8),
    Gap(u8),
    Digits(u64),
    Char(char),
}

const NUMBERS: [&str; 9] = [
    "4242424242424242",
    "378282246310005",
    "501800000009",
    "4000000000000000006",
    "3056 9309 0259 04",
    "6011 1111 1111 1117",
    "GB29 NWBK 6016 1331 9268 19",
    "５５５５ ５５５５ ５５５５ ４４４４",
    "89010336584089101779",
];
const WORDS: [&str; 16] = [
    "four", "two", "oh", "forty", "twelve", "hundred", "thousand", "double", "triple", "um", "and",
    "cvv", "exp", "code", "+", "*",
];
const GAPS: [&str; 24] = [
    " ",
    "-",
    ".",
    "/",
    "\\",
    "\n",
    ",",
    "_",
    "\\n",
    "\\u00a0",
    "\\u{00a0}",
    "\u{200b}",
    "|",
    ";",
    "~",
    "'",
    "•",
    "+",
    "%20",
    "%3D",
    "&#52;",
    "&nbsp;",
    "\\x22",
    "\u{1b}[31m",
];

/// The most steps for each byte. Each of a run's digits is judged with the digits around it, and again
/// with those that are left when others were found.
const STEPS_PER_BYTE: usize = 400;

/// Text of so many bytes is long: runs of digits are either short of a piece or of many of them.
const LONG: usize = 16 * 1024;

fuzz_target!(|input: Input<'_>| {
    let mut text = String::new();
    let of = |from: &[&str], at: u8| from[usize::from(at) % from.len()].to_owned();
    for piece in &input.pieces {
        text += &match piece {
            Piece::Number(at) => of(&NUMBERS, *at),
            Piece::Word(at) => of(&WORDS, *at),
            Piece::Gap(at) => of(&GAPS, *at),
            Piece::Digits(number) => number.to_string(),
            Piece::Char(c) => c.to_string(),
        };
    }
    text += input.text;
    let options = Options::new().keep_last_four(input.keep_last_four).spoken(input.spoken);
    let mode = if input.logs { Mode::Logs } else { Mode::People };
    let options = options.glued_in_any_length(input.any_length).mode(mode);
    let options = options.mask(if input.hash { '#' } else { '*' }).unwrap();

    let once = options.cards(&text);
    assert_eq!(options.cards(&once), once);

    let (mut redactor, mut out, mut pushed) = (options.redactor(), String::new(), 0);
    let mut chunk = String::new();
    for c in text.chars() {
        chunk.push(c);
        if chunk.len() > usize::from(input.chunk) {
            redactor.push(&chunk, &mut out);
            pushed += chunk.len();
            assert!(pushed < out.len() * 4 + MAX_HELD_BYTES);
            chunk.clear();
        }
    }
    redactor.push(&chunk, &mut out);
    redactor.finish(&mut out);
    assert_eq!(out, once);

    let (mut at, mut rest) = (0, &*once);
    for span in options.spans(&text) {
        let range = span.range().unwrap();
        let before = &text[at..range.start];
        rest = &rest[rest.find(before).unwrap() + before.len()..];
        at = range.end;
    }
    assert!(rest.ends_with(&text[at..]));

    // However much text there is, each byte of it takes no more.
    let steps = redaction_steps(&options, &text);
    assert!(steps <= STEPS_PER_BYTE * (text.len() + 1), "{steps} steps for {} bytes", text.len());
    let more = text.repeat(16);
    let steps = redaction_steps(&options, &more);
    assert!(steps <= STEPS_PER_BYTE * (more.len() + 1), "{steps} steps for {} bytes", more.len());
    let steps = redaction_steps_in_chunks(&options, &more, input.chunk.into());
    assert!(
        steps <= STEPS_PER_BYTE * (more.len() + 1),
        "{steps} steps in chunks of {}",
        input.chunk
    );
    // Nor does the number of steps grow faster than the text, however few they are; seldom, because it takes long.
    if input.chunk == 7 && !text.is_empty() {
        let long = text.repeat(LONG.div_ceil(text.len()));
        let longer = long.repeat(4);
        let grows = |before: usize, after: usize, how: &str| {
            assert!(
                after <= 5 * before + LONG,
                "{before} steps, and {after} for four times as much {how}"
            );
        };
        grows(redaction_steps(&options, &long), redaction_steps(&options, &longer), "at once");
        let in_chunks = |text: &str| {
            redaction_steps_in_chunks(&options, text, usize::from(input.chunk) * 64 + 1)
        };
        grows(in_chunks(&long), in_chunks(&longer), "in chunks");
    }
});
