//! Card numbers of every scheme and length, and the forms in which people write and say them.

/// Numbers that are drawn.
pub(crate) const DRAWN: usize = 10_000;

/// A generator that always draws the same.
pub(crate) struct Drawn(pub(crate) u64);

impl Drawn {
    pub(crate) fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }
}

/// Lengths with a scheme's ranges.
pub(crate) type Ranges = &'static [(u64, u64, &'static [usize])];

/// The first four digits of each scheme's ranges, both ends included, and the lengths issued there.
pub(crate) const SCHEMES: [(&str, Ranges); 8] = [
    ("Visa", &[(4000, 4999, &[13, 16, 19])]),
    ("Mastercard", &[(2221, 2720, &[16]), (5100, 5599, &[16])]),
    ("American Express", &[(3400, 3499, &[15]), (3700, 3799, &[15])]),
    ("Discover", &[(6011, 6011, &[16, 17, 18, 19]), (6440, 6599, &[16, 17, 18, 19])]),
    (
        "Diners Club",
        &[
            (3000, 3059, &[14, 15, 16, 17, 18, 19]),
            (3095, 3095, &[14, 15, 16, 17, 18, 19]),
            (3600, 3699, &[14, 15, 16, 17, 18, 19]),
            (3800, 3999, &[14, 15, 16, 17, 18, 19]),
        ],
    ),
    (
        "JCB",
        &[
            (3088, 3094, &[16, 17, 18, 19]),
            (3096, 3102, &[16, 17, 18, 19]),
            (3112, 3120, &[16, 17, 18, 19]),
            (3158, 3159, &[16, 17, 18, 19]),
            (3337, 3349, &[16, 17, 18, 19]),
            (3528, 3589, &[16, 17, 18, 19]),
        ],
    ),
    ("UnionPay", &[(6200, 6299, &[16, 17, 18, 19]), (8100, 8171, &[16, 17, 18, 19])]),
    (
        "Maestro",
        &[
            (5000, 5089, &[12, 13, 14, 15, 16, 17, 18, 19]),
            (5600, 5999, &[12, 13, 14, 15, 16, 17, 18, 19]),
            (6300, 6399, &[12, 13, 14, 15, 16, 17, 18, 19]),
            (6700, 6799, &[12, 13, 14, 15, 16, 17, 18, 19]),
        ],
    ),
];

pub(crate) fn with_check_digit(mut digits: String) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    digits.push(char::from(b'0' + u8::try_from((10 - sum % 10) % 10).unwrap()));
    digits
}

/// The published cards first, then random ones: of each scheme in turn, and of a scheme each range with
/// each of its lengths in turn.
pub(crate) fn numbers() -> Vec<String> {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../vectors/cards.json")).unwrap();
    let published = ["stripe", "adyen"].into_iter().flat_map(|from| {
        let listed = file[from].as_array().unwrap();
        listed.iter().map(|card| card["number"].as_str().unwrap().replace(' ', ""))
    });
    let mut numbers: Vec<String> = published.collect();
    let mut drawn = Drawn(7);
    for n in 0..DRAWN {
        let (_, ranges) = SCHEMES[n % SCHEMES.len()];
        let issued: Vec<(u64, u64, usize)> = ranges
            .iter()
            .flat_map(|(from, to, lengths)| lengths.iter().map(|length| (*from, *to, *length)))
            .collect();
        let (from, to, length) = issued[n / SCHEMES.len() % issued.len()];
        let mut digits = (from + drawn.next() % (to - from + 1)).to_string();
        while digits.len() + 1 < length {
            digits.push(char::from(b'0' + u8::try_from(drawn.below(10)).unwrap()));
        }
        numbers.push(with_check_digit(digits));
    }
    numbers
}

/// In groups as on the card.
pub(crate) fn groups(number: &str) -> Vec<&str> {
    let sizes: &[usize] = match number.len() {
        14 => &[4, 6, 4],
        15 => &[4, 6, 5],
        _ => &[4, 4, 4, 4, 4],
    };
    let (mut rest, mut groups) = (number, Vec::new());
    for size in sizes {
        let (group, later) = rest.split_at((*size).min(rest.len()));
        if !group.is_empty() {
            groups.push(group);
        }
        rest = later;
    }
    groups
}

pub(crate) fn in_script(number: &str, zero: char) -> String {
    let digit = |c: char| char::from_u32(u32::from(zero) + c.to_digit(10).unwrap()).unwrap();
    number.chars().map(digit).collect()
}

pub(crate) fn each(number: &str, between: &str) -> String {
    number.chars().map(String::from).collect::<Vec<_>>().join(between)
}

pub(crate) const WORDS: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

pub(crate) fn word(digit: char, zero: &str) -> String {
    match digit {
        '0' => zero.to_owned(),
        digit => WORDS[digit.to_digit(10).unwrap() as usize].to_owned(),
    }
}

pub(crate) fn spoken(number: &str, zero: &str) -> String {
    number.chars().map(|digit| word(digit, zero)).collect::<Vec<_>>().join(" ")
}
