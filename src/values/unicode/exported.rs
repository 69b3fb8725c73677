//! The tables that the client in `clients/js` reads texts by: a platform's own are of whichever version of Unicode it
//! has, and would refuse what this crate issues.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::joiners::{
    JOINS_NEXT, JOINS_PREVIOUS, follows_virama, is_in, is_joiner, is_transparent,
};
use super::{digit, is_invisible, is_unseen};

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/js/src/unicode_tables.ts");

type Belongs = fn(char) -> bool;

/// Each table's name, what is in it, and what it says of a character.
fn tables() -> Vec<(&'static str, &'static str, Belongs)> {
    vec![
        ("UNFIT", "What no text may hold: categories C*, Zl and Zp, less the two joiners.", |c| {
            let other = c.general_category_group() == GeneralCategoryGroup::Other;
            let ends = matches!(
                c.general_category(),
                GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
            );
            (other && !is_joiner(c)) || ends
        }),
        ("MARKS", "Categories M*.", |c| c.general_category_group() == GeneralCategoryGroup::Mark),
        ("INVISIBLE", "Letters, marks and symbols that show nothing.", is_invisible),
        ("UNSEEN", "What nobody sees, wherever it stands.", is_unseen),
        ("DASHES", "Category Pd.", |c| c.general_category() == GeneralCategory::DashPunctuation),
        ("ZEROS", "The zeros of each script's ten digits.", |c| digit(c) == Some(0)),
        ("VIRAMAS", "After which either joiner may stand.", |c| {
            follows_virama(c.encode_utf8(&mut [0; 4]))
        }),
        ("JOINS_NEXT", "Letters that join to the one after them.", |c| is_in(&JOINS_NEXT, c)),
        ("JOINS_PREVIOUS", "Letters that join to the one before them.", |c| {
            is_in(&JOINS_PREVIOUS, c)
        }),
        ("TRANSPARENT", "Marks through which letters join.", is_transparent),
    ]
}

/// Ranges, each as the gap before it and, after a dot, how many more than one it has: in base 36.
fn ranges(belongs: Belongs) -> String {
    let mut parts = Vec::new();
    let mut end = 0;
    let mut start = None;
    for code in 0..=u32::from(char::MAX) + 1 {
        let within = char::from_u32(code).is_some_and(belongs);
        match (within, start) {
            (true, None) => start = Some(code),
            (false, Some(first)) => {
                let more = code - first - 1;
                let more = if more == 0 { String::new() } else { format!(".{}", base_36(more)) };
                parts.push(format!("{}{more}", base_36(first - end)));
                (start, end) = (None, code);
            }
            _ => {}
        }
    }
    parts.join(" ")
}

fn base_36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 36, 36).unwrap());
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

fn module() -> String {
    let (major, minor, _) = unicode_properties::UNICODE_VERSION;
    let mut out = format!(
        "// What Unicode {major}.{minor} says, by the tables of the crate: `COUNTERSIGN_BLESS=1 cargo test exported`.\n\
         // Each range is the gap before it and, after a dot, how many more than one it has, in base 36.\n"
    );
    for (name, about, belongs) in tables() {
        out.push_str(&format!("\n/** {about} */\nexport const {name} =\n"));
        let mut line = String::new();
        let mut lines = Vec::new();
        for part in ranges(belongs).split_inclusive(' ') {
            if line.len() + part.len() > 108 {
                lines.push(core::mem::take(&mut line));
            }
            line.push_str(part);
        }
        lines.push(line);
        let lines: Vec<_> = lines.iter().map(|line| format!("  \"{line}\"")).collect();
        out.push_str(&lines.join(" +\n"));
        out.push_str(";\n");
    }
    out
}

#[test]
fn the_client_s_tables_are_these() {
    let made = module();
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(KEPT, &made).unwrap();
    }
    let kept = std::fs::read_to_string(KEPT).unwrap();
    assert!(kept == made, "clients/js/src/unicode_tables.ts: bless it, and build dist/ anew");
}
