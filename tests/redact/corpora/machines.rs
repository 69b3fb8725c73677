//! Lines that machines print, drawn from seeds: no card number in any of them, only numbers as long as one.

use crate::numbers::Drawn;

/// A kind of line: its name in the manual, and how one is drawn.
pub(crate) type Kind = (&'static str, fn(&mut Drawn) -> String);

/// Between 0 and 1.
pub(crate) fn fraction(drawn: &mut Drawn) -> f64 {
    (drawn.next() >> 11) as f64 / (1_u64 << 53) as f64
}

/// So many digits, the first of which may be 0.
pub(crate) fn digits(drawn: &mut Drawn, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + u8::try_from(drawn.below(10)).unwrap())).collect()
}

/// A number with so many digits.
pub(crate) fn number(drawn: &mut Drawn, count: usize) -> String {
    let first = char::from(b'1' + u8::try_from(drawn.below(9)).unwrap());
    format!("{first}{}", digits(drawn, count - 1))
}

fn hexadecimal(drawn: &mut Drawn, count: usize) -> String {
    (0..count)
        .map(|_| char::from_digit(u32::try_from(drawn.below(16)).unwrap(), 16).unwrap())
        .collect()
}

/// A float as a serialiser prints one, from -1 to 1.
fn float(drawn: &mut Drawn) -> String {
    (fraction(drawn) * 2.0 - 1.0).to_string()
}

/// Nanoseconds since 1970, within some years from 2024 on.
fn nanoseconds(drawn: &mut Drawn) -> u64 {
    1_704_067_200_000_000_000 + drawn.next() % 94_608_000_000_000_000
}

fn latitude(drawn: &mut Drawn) -> f64 {
    fraction(drawn) * 180.0 - 90.0
}

fn longitude(drawn: &mut Drawn) -> f64 {
    fraction(drawn) * 360.0 - 180.0
}

/// The check digit of barcodes.
fn ean(mut code: String) -> String {
    let sum: u32 = code
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 3 } else { 1 })
        .sum();
    code.push(char::from(b'0' + u8::try_from((10 - sum % 10) % 10).unwrap()));
    code
}

fn parcel(drawn: &mut Drawn) -> String {
    number(drawn, 22)
}

fn in_fours(number: &str) -> String {
    let groups = number.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap());
    groups.collect::<Vec<_>>().join(" ")
}

fn uuid(drawn: &mut Drawn) -> String {
    let [a, b, c, d, e] = [8, 4, 3, 3, 12].map(|count| hexadecimal(drawn, count));
    format!("{a}-{b}-4{c}-a{d}-{e}")
}

/// The kinds that the rules were made with.
pub(crate) const TUNED: &[Kind] = &[
    ("a float from 0 to 1", |drawn| fraction(drawn).to_string()),
    ("a float in JSON", |drawn| format!("{{\"score\":{},\"ok\":true}}", float(drawn))),
    ("latitude and longitude", |drawn| format!("{:.6}, {:.6}", latitude(drawn), longitude(drawn))),
    ("latitude and longitude, long", |drawn| format!("{},{}", latitude(drawn), longitude(drawn))),
    ("an embedding of eight floats", |drawn| {
        let floats: Vec<_> = (0..8).map(|_| float(drawn)).collect();
        format!("[{}]", floats.join(", "))
    }),
    ("eight short floats", |drawn| {
        let floats: Vec<_> = (0..8).map(|_| format!("{:.4}", fraction(drawn))).collect();
        format!("vec {}", floats.join(" "))
    }),
    ("an unsigned 64-bit number", |drawn| drawn.next().to_string()),
    ("two unsigned 64-bit numbers", |drawn| format!("{} {}", drawn.next(), drawn.next())),
    ("a signed 64-bit hash", |drawn| format!("hash={}", drawn.next().cast_signed())),
    ("a snowflake id", |drawn| {
        let milliseconds = 420_000_000_000 + drawn.next() % 94_608_000_000;
        format!("id={}", (milliseconds << 22) | (drawn.next() & 0x3F_FFFF))
    }),
    (".NET ticks", |drawn| {
        format!("ticks={}", 638_396_640_000_000_000 + drawn.next() % 946_080_000_000_000)
    }),
    ("FILETIME", |drawn| {
        format!("filetime {}", 133_485_408_000_000_000 + drawn.next() % 946_080_000_000_000)
    }),
    ("nanoseconds since 1970", |drawn| format!("{} GET /health 200", nanoseconds(drawn))),
    ("two times in nanoseconds", |drawn| {
        let from = nanoseconds(drawn);
        format!("span start={from} end={}", from + drawn.next() % 5_000_000_000)
    }),
    ("a parcel number", |drawn| format!("parcel {} left the depot", parcel(drawn))),
    ("a parcel number in fours", |drawn| format!("parcel {}", in_fours(&parcel(drawn)))),
    ("EAN-13 of 400 to 440", |drawn| {
        let country = 400 + drawn.below(41);
        ean(format!("{country}{}", digits(drawn, 9)))
    }),
    ("a trace id", |drawn| format!("trace={} sampled", hexadecimal(drawn, 32))),
    ("a trace id with a run of 16 digits", |drawn| {
        let before = drawn.below(14);
        let (before, run) = (hexadecimal(drawn, before), number(drawn, 16));
        let after = hexadecimal(drawn, 14 - before.len());
        format!("{before}f{run}d{after}")
    }),
    ("UUIDs", |drawn| format!("{} {}", uuid(drawn), uuid(drawn))),
    ("an object of a bucket", |drawn| {
        format!("s3://logs/{}/{}.gz", number(drawn, 12), hexadecimal(drawn, 24))
    }),
    ("SHA-256", |drawn| format!("{}  out/app.wasm", hexadecimal(drawn, 64))),
];

/// Kinds that were drawn for the figures alone: nothing was changed because of what they said.
pub(crate) const KEPT: &[Kind] = &[
    ("microseconds since 1970", |drawn| format!("[{}] tick", nanoseconds(drawn) / 1000)),
    ("a line of Prometheus", |drawn| {
        let (code, value) = ([200, 404, 500][drawn.below(3)], fraction(drawn) * 1e6);
        format!("http_seconds_sum{{code=\"{code}\"}} {value} {}", nanoseconds(drawn) / 1_000_000)
    }),
    ("a meter's number and reading", |drawn| {
        format!("meter {} read {:07} kWh", number(drawn, 13), drawn.below(9_999_999))
    }),
    ("rows of a database", |drawn| {
        let (id, user, count) = (number(drawn, 18), number(drawn, 10), drawn.below(1_000));
        format!("INSERT INTO events VALUES ({id}, {user}, {count});")
    }),
    ("ids in an array", |drawn| {
        let ids: Vec<_> = (0..4).map(|_| (drawn.next() >> 1).to_string()).collect();
        format!("{{\"ids\":[{}]}}", ids.join(","))
    }),
    ("a polygon", |drawn| {
        let points = (0..5).map(|_| format!("{:.7} {:.7}", longitude(drawn), latitude(drawn)));
        format!("POLYGON(({}))", points.collect::<Vec<_>>().join(", "))
    }),
    ("a git log", |drawn| {
        format!("{} {} fix the build", hexadecimal(drawn, 40), nanoseconds(drawn) / 1_000_000_000)
    }),
];
