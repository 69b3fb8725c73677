//! Card numbers in identifiers, which machines make as well as people.

use zeroize::{Zeroize, Zeroizing};

use crate::redact::hidden::plain::{Kind, Plain, readings};
use crate::redact::reach::{LONGEST, SHORTEST};
use crate::values::card_number::Brand;

/// Whether an identifier holds a card number: digits that are one from end to end, or groups of digits as on a card, whatever
/// stands between them; alone, or with letters before or after them. Numbers in words are looked for, too.
///
/// Identifiers that machines make are not taken for one by chance: a UUID never is, nor is a part of a hash or of any other
/// token in which letters stand between digits. Of numbers of 16 digits that are drawn at random, one in 28 is.
pub(crate) fn id_holds_a_card(id: &str) -> bool {
    // Neither digits nor words enough: most identifiers.
    if id.len() < SHORTEST {
        return false;
    }
    let id = without_uuids(id);
    readings(&id).any(|mut plain| {
        has_a_number_alone(&plain) || {
            // Of what machines make, the digits are no words' companions.
            plain.drop_digits();
            plain.says_a_number()
        }
    })
}

/// Whether digits of it that stand by themselves are a card number.
fn has_a_number_alone(plain: &Plain) -> bool {
    let all: Vec<_> = plain.pieces().collect();
    let mut runs = vec![Vec::new()];
    let mut add = |group: &str, before: bool, after: bool| {
        if before {
            runs.push(Vec::new());
        }
        if let Some(run) = runs.last_mut().filter(|_| !group.is_empty()) {
            run.push(group.to_owned());
        }
        if after {
            runs.push(Vec::new());
        }
    };
    // Tokens are parted by gaps. One with letters between digits is a hash or the like, and ends what came before it.
    for token in all.split(|(kind, _)| *kind == Kind::Gap) {
        match token {
            [(Kind::Digits, group)] => add(group, false, false),
            [(Kind::Word, _), (Kind::Digits, group)] => add(group, true, false),
            [(Kind::Digits, group), (Kind::Word, _)] => add(group, false, true),
            [(Kind::Word, _), (Kind::Digits, group), (Kind::Word, _)] => add(group, true, true),
            [] => {}
            _ => add("", true, false),
        }
    }
    let found = runs.iter().any(|run| are_a_card(run));
    runs.iter_mut().flatten().for_each(Zeroize::zeroize);
    found
}

/// Whether groups of digits are a card number: all of them, one of them, or some that are as long as on a card.
fn are_a_card(groups: &[String]) -> bool {
    let is_card = |groups: &[String]| {
        let mut number = Zeroizing::new(Vec::with_capacity(LONGEST));
        for group in groups {
            // It never grows.
            if number.len().saturating_add(group.len()) > LONGEST {
                return false;
            }
            number.extend_from_slice(group.as_bytes());
        }
        Brand::of_number(&number).is_some()
    };
    let lengths: Vec<usize> = groups.iter().map(String::len).collect();
    is_card(groups)
        || groups.chunks(1).any(is_card)
        || (0..groups.len()).any(|from| {
            let rest = lengths.get(from..).unwrap_or_default();
            let shapes: [&[usize]; 7] = [
                &[4, 4, 4, 4],
                &[4, 4, 4, 4, 1],
                &[4, 4, 4, 4, 2],
                &[4, 4, 4, 4, 3],
                &[4, 6, 5],
                &[4, 6, 4],
                &[4, 5, 6],
            ];
            shapes.into_iter().filter(|shape| rest.starts_with(shape)).any(|shape| {
                let to = from.saturating_add(shape.len());
                groups.get(from..to).is_some_and(is_card)
            })
        })
}

/// `id` with a letter in the place of each UUID (RFC 9562).
fn without_uuids(id: &str) -> Zeroizing<String> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let bytes = id.as_bytes();
    let uuid = |from: usize| {
        let mut at = from;
        for (n, length) in GROUPS.iter().enumerate() {
            if n > 0 {
                if bytes.get(at) != Some(&b'-') {
                    return None;
                }
                at = at.saturating_add(1);
            }
            let end = at.saturating_add(*length);
            if !bytes.get(at..end)?.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            at = end;
        }
        let bounded = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let before = from.checked_sub(1).and_then(|before| bytes.get(before));
        (bounded(before) && bounded(bytes.get(at))).then_some(at)
    };
    let mut text = Zeroizing::new(String::with_capacity(id.len()));
    let mut at = 0;
    while let Some(c) = id.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some(end) = uuid(at) {
            text.push('u');
            at = end;
        } else {
            text.push(c);
            at = at.saturating_add(c.len_utf8());
        }
    }
    text
}
