//! Files with conversations in them: what is found in each format, and that all else stays.

use std::io::Write;

use countersign::redact::{Format, Options};

use crate::conversations::{assert_in_manual, nothing_left, table};
use crate::depth::either;
use crate::numbers::{Drawn, numbers};
use crate::talk::files::FILES;
use crate::talk::forms::{FORMS, Form, KEPT_BACK, Talk};
use crate::talk::tongues::TONGUES;

/// What a file becomes that is written in chunks of `length` bytes.
pub(crate) fn through(format: Format, file: &[u8], length: usize) -> Vec<u8> {
    let mut transcript = Options::new().transcript(format, Vec::new());
    for chunk in file.chunks(length.max(1)) {
        transcript.write_all(chunk).unwrap();
    }
    transcript.finish().unwrap()
}

fn redacted(format: Format, file: &str) -> String {
    String::from_utf8(through(format, file.as_bytes(), 64 * 1024)).unwrap()
}

#[test]
fn numbers_are_found_in_each_format() {
    let count = either(3, 64);
    let (all, mut rows, mut wrong) = (numbers(), Vec::new(), String::new());
    // What asks says "four" itself.
    let forms: Vec<&Form> =
        FORMS.iter().chain(KEPT_BACK).filter(|form| !form.0.contains("asks")).collect();
    for (place, file) in FILES.iter().enumerate() {
        let mut row = Vec::new();
        for (language, tongue) in TONGUES.iter().enumerate() {
            let (mut drawn, mut found, mut missed) = (Drawn(5), 0, Vec::new());
            for n in 0..count {
                let number = &all[62 + (n * 31 + language) % (all.len() - 62)];
                let form = forms[(n + place + language) % forms.len()];
                let talk = form.1(tongue, number, &mut drawn);
                let written = (file.write)(&talk);
                let masked = redacted(file.format, &written);
                let texts = (file.read)(&masked);
                let originals: Talk =
                    (file.read)(&written).into_iter().map(|text| ("", text)).collect();
                assert_eq!(texts.len(), originals.len(), "{masked}");
                if nothing_left(tongue, &texts, &originals) {
                    found += 1;
                } else if missed.len() < 2 {
                    missed
                        .push(format!("{number} {}: {written:.1500}\n    {masked:.1500}", form.0));
                }
            }
            let allowed = if tongue.name == "English" && file.told { 1 } else { either(1, 2) };
            if found + allowed < count {
                wrong += &format!(
                    "{} {}: {found} of {count}\n  {}\n",
                    tongue.name,
                    file.name,
                    missed.join("\n  ")
                );
            }
            row.push(found);
        }
        rows.push((file.name, row));
    }
    assert!(wrong.is_empty(), "{wrong}\n{}", table(&rows, count));
    assert_in_manual(&rows, count);
}
