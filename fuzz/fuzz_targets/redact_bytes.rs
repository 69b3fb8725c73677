//! Bytes that need not be text: written in chunks as in one piece, whatever is not found goes through, and
//! what is valid UTF-8 stays valid and is redacted as text is.
#![no_main]

use std::io::Write;

use countersign::redact::Options;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (chunk, bytes) = input;
    let options = Options::new();
    let written = |chunk: usize| {
        let mut writer = options.writer(Vec::new());
        for chunk in bytes.chunks(chunk) {
            writer.write_all(chunk).unwrap();
        }
        writer.finish().unwrap()
    };
    let whole = written(bytes.len().max(1));
    assert_eq!(written(usize::from(chunk).max(1)), whole);
    if let Ok(text) = core::str::from_utf8(bytes) {
        assert_eq!(options.cards(text).as_bytes(), whole);
    }

    let (mut finder, mut spans) = (options.finder(), Vec::new());
    for chunk in bytes.chunks(usize::from(chunk).max(1)) {
        finder.push(chunk, &mut spans);
    }
    finder.finish(&mut spans);
    assert_eq!(spans.is_empty(), whole == bytes);
    let places: Vec<_> = spans.iter().map(|span| span.range().unwrap()).collect();
    assert!(places.windows(2).all(|pair| pair[0].end <= pair[1].start));
    let (first, last) = (places.first(), places.last());
    assert!(whole.starts_with(&bytes[..first.map_or(bytes.len(), |place| place.start)]));
    assert!(whole.ends_with(&bytes[last.map_or(0, |place| place.end)..]));
});
