//! A card built from a seed at run time, so that neither program holds it beforehand: the one that
//! handles it, and the one that looks for it in the other's memory.

use zeroize::Zeroizing;

/// How many characters the card number takes as typed: four groups of four.
pub const TYPED: usize = 19;
/// How many letters the name has.
pub const NAME: usize = 12;

/// The next pseudo-random number (Knuth's MMIX generator), below `limit`.
fn next(state: &mut u64, limit: u8) -> u8 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    u8::try_from((*state >> 33) % u64::from(limit)).unwrap()
}

/// Writes the card number of `seed` as typed, in groups: Visa, without zeros, with the right check
/// digit or a wrong one.
pub fn write_typed(seed: u64, valid: bool, to: &mut [u8; TYPED]) {
    let mut state = seed;
    let mut sum = 0;
    let mut place = 0;
    for at in 0..15 {
        let digit = if at == 0 { 4 } else { 1 + next(&mut state, 9) };
        let weighed = if at % 2 == 0 { 2 * digit } else { digit };
        sum += weighed / 10 + weighed % 10;
        to[place] = b'0' + digit;
        place += 1;
        if at % 4 == 3 {
            to[place] = b' ';
            place += 1;
        }
    }
    let check = (10 - sum % 10) % 10;
    to[place] = b'0' + if valid { check } else { (check + 1) % 10 };
}

/// The bytes that the number takes at most when it is read aloud: of a digit five letters and a space.
pub const SPOKEN: usize = 16 * 6;

const WORDS: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// Writes what was typed as it is read aloud, to a text with room for [`SPOKEN`] bytes.
pub fn write_spoken(typed: &[u8; TYPED], to: &mut String) {
    for digit in typed.iter().filter(|byte| byte.is_ascii_digit()) {
        if !to.is_empty() {
            to.push(' ');
        }
        to.push_str(WORDS[usize::from(digit - b'0')]);
    }
}

/// Writes digits of `seed`, without zeros.
pub fn write_digits(seed: u64, to: &mut [u8]) {
    let mut state = seed;
    for digit in to {
        *digit = b'1' + next(&mut state, 9);
    }
}

/// Writes the name of `seed`.
pub fn write_name(seed: u64, to: &mut [u8; NAME]) {
    let mut state = !seed;
    for letter in to {
        *letter = b'a' + next(&mut state, 26);
    }
}

/// How many letters the street has.
pub const STREET: usize = 14;
/// How many characters of base64 the cryptogram has.
pub const CRYPTOGRAM: usize = 28;

/// Writes the street of `seed`.
pub fn write_street(seed: u64, to: &mut [u8; STREET]) {
    let mut state = seed ^ 0xaaaa;
    for letter in to {
        *letter = b'a' + next(&mut state, 26);
    }
}

/// Writes the cryptogram of `seed`: 21 bytes in base64.
pub fn write_cryptogram(seed: u64, to: &mut [u8; CRYPTOGRAM]) {
    let mut state = seed ^ 0x7777;
    for letter in to {
        *letter = b'A' + next(&mut state, 26);
    }
}

/// Writes the verification code of `seed`, without zeros.
pub fn write_code(seed: u64, to: &mut [u8; 3]) {
    let mut state = seed ^ 0x5555;
    for digit in to {
        *digit = b'1' + next(&mut state, 9);
    }
}

/// What must not be found: every run of six to eight digits from the middle of the number, as text, as
/// numbers, and grouped as typed; half of it as read aloud; the whole number in binary; expiry (12/34) and verification code as
/// they stand in what is sealed; the name, the street, the cryptogram.
pub fn needles(seed: u64) -> Vec<(&'static str, Zeroizing<Vec<u8>>)> {
    let mut typed = Zeroizing::new([0; TYPED]);
    write_typed(seed, true, &mut typed);
    let digits: Vec<u8> = typed.iter().copied().filter(|byte| *byte != b' ').collect();
    let mut needles = Vec::new();
    for length in 6..=8 {
        for at in 4..=12 - length {
            let run = &digits[at..at + length];
            needles.push(("digits", run.to_vec()));
            needles.push(("digits as numbers", run.iter().map(|digit| digit - b'0').collect()));
        }
    }
    needles.push(("digits in groups", typed[5..14].to_vec()));
    let mut spoken = Zeroizing::new(String::with_capacity(SPOKEN));
    write_spoken(&typed, &mut spoken);
    let half: Vec<&str> = spoken.split(' ').skip(4).take(8).collect();
    needles.push(("digits in words", half.join(" ").into_bytes()));
    let number: u64 = std::str::from_utf8(&digits).unwrap().parse().unwrap();
    needles.push(("the number in binary", number.to_le_bytes().to_vec()));
    let mut code = [0; 3];
    write_code(seed, &mut code);
    needles.push(("expiry and code", [&[12, 0x07, 0xf2, 1, 3], &code[..]].concat()));
    let mut name = [0; NAME];
    write_name(seed, &mut name);
    needles.push(("name", name.to_vec()));
    let mut street = [0; STREET];
    write_street(seed, &mut street);
    needles.push(("street", street.to_vec()));
    let mut cryptogram = [0; CRYPTOGRAM];
    write_cryptogram(seed, &mut cryptogram);
    needles.push(("cryptogram", cryptogram[..14].to_vec()));
    needles.push(("cryptogram", cryptogram[14..].to_vec()));
    needles.into_iter().map(|(what, bytes)| (what, Zeroizing::new(bytes))).collect()
}
