//! Files with conversations in them: what is found in each format, and that all else stays.

use std::io::Write;

use countersign::redact::{Format, Options};

use crate::conversations::nothing_left;
use crate::depth::is_full;
use crate::numbers::{Drawn, numbers};
use crate::talk::files::FILES;
use crate::talk::forms::{FORMS, KEPT_BACK, Talk};
use crate::talk::said::TONGUES;

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
    let count = if is_full() { 60 } else { 3 };
    let (all, mut wrong) = (numbers(), String::new());
    for (language, tongue) in TONGUES.iter().enumerate() {
        for file in FILES {
            let (mut drawn, mut found, mut total, mut missed) = (Drawn(5), 0, 0, Vec::new());
            for form in FORMS
                .iter()
                .chain(KEPT_BACK)
                .skip(language % 2)
                .step_by(if is_full() { 1 } else { 3 })
                .filter(|form| !form.0.contains("asks"))
            {
                for n in 0..count {
                    let number = &all[62 + (n * 31 + language) % (all.len() - 62)];
                    let talk = form.1(tongue, number, &mut drawn);
                    let written = (file.write)(&talk);
                    let masked = redacted(file.format, &written);
                    let texts = (file.read)(&masked);
                    let originals: Talk =
                        (file.read)(&written).into_iter().map(|text| ("", text)).collect();
                    assert_eq!(texts.len(), originals.len(), "{masked}");
                    total += 1;
                    if nothing_left(tongue, &texts, &originals) {
                        found += 1;
                    } else if missed.len() < 2 {
                        missed.push(format!(
                            "{number} {}: {written:.1500}\n    {masked:.1500}",
                            form.0
                        ));
                    }
                }
            }
            let needed = if tongue.name == "English" { 99 } else { 97 };
            if (total - found) * 100 > total.max(100) * (100 - needed) {
                wrong += &format!(
                    "{} {}: {found} of {total}\n  {}\n",
                    tongue.name,
                    file.name,
                    missed.join("\n  ")
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
