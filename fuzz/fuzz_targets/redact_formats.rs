//! Files of every format: in chunks as in one piece, masked again as masked once, and what was JSON stays JSON.
#![no_main]

use std::io::Write;

use arbitrary::Arbitrary;
use countersign::redact::{Format, Options};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    format: u8,
    chunk: u8,
    pieces: Vec<u8>,
    text: &'a [u8],
}

/// What such files are made of.
const PIECES: [&str; 32] = [
    "WEBVTT\n\n",
    "00:00:01.000 --> 00:00:02.000\n",
    "00:00:01,000 --> 00:00:02,000\n",
    "1\n",
    "\n",
    "\r\n",
    "<v Bob>",
    "<b>",
    "&nbsp;",
    "Agent: ",
    "Caller: ",
    "[10:32] Bob: ",
    "30/11/2026, 10:32 - Al: ",
    "4242 4242",
    "4242",
    " ",
    ", ",
    "four two four two ",
    "no, sorry, ",
    "oh ",
    "mm-hm\n",
    "{\"w\":\"",
    "\"}",
    "[",
    "]",
    ",",
    "\"",
    "\\u0034",
    "card ",
    "vier zwei vier zwei ",
    "five thousand and forty-two ",
    "\"speaker\":1",
];

fn through(format: Format, file: &[u8], chunk: usize) -> Vec<u8> {
    let mut transcript = Options::new().transcript(format, Vec::new());
    for chunk in file.chunks(chunk) {
        transcript.write_all(chunk).unwrap();
    }
    transcript.finish().unwrap()
}

fuzz_target!(|input: Input<'_>| {
    let format =
        [Format::Vtt, Format::Srt, Format::Words, Format::Chat][usize::from(input.format) % 4];
    let mut file = Vec::new();
    for piece in &input.pieces {
        file.extend_from_slice(PIECES[usize::from(*piece) % PIECES.len()].as_bytes());
    }
    file.extend_from_slice(input.text);

    let once = through(format, &file, usize::MAX);
    assert_eq!(through(format, &file, usize::from(input.chunk) + 1), once);
    assert_eq!(
        once.iter().filter(|byte| **byte == b'\n').count(),
        file.iter().filter(|byte| **byte == b'\n').count()
    );
    assert_eq!(through(format, &once, usize::MAX), once);
    // In the other formats a bare number is a text like any other.
    let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
    assert!(format != Format::Words || !json(&file) || json(&once));
});
