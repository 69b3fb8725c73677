//! More lines of machines and tables without a card number, and texts of people with other numbers.

use crate::corpora::machines::{Kind, digits, fraction, number};
use crate::numbers::Drawn;

fn hex(drawn: &mut Drawn, count: usize) -> String {
    (0..count)
        .map(|_| char::from_digit(u32::try_from(drawn.below(16)).unwrap(), 16).unwrap())
        .collect()
}

fn several(
    drawn: &mut Drawn,
    count: usize,
    between: &str,
    each: impl Fn(&mut Drawn) -> String,
) -> String {
    (0..count).map(|_| each(drawn)).collect::<Vec<_>>().join(between)
}

fn two(drawn: &mut Drawn, most: usize) -> String {
    format!("{:02}", drawn.below(most))
}

fn date(drawn: &mut Drawn) -> String {
    format!("20{}-{:02}-{:02}", 19 + drawn.below(8), 1 + drawn.below(12), 1 + drawn.below(28))
}

fn time(drawn: &mut Drawn) -> String {
    format!("{}:{}:{}", two(drawn, 24), two(drawn, 60), two(drawn, 60))
}

fn millis(drawn: &mut Drawn) -> u64 {
    1_704_067_200_000 + drawn.next() % 94_608_000_000
}

pub(crate) const MACHINES: &[Kind] = &[
    ("floats with exponents", |d| format!("{:e}", (fraction(d) - 0.5) * 1e-4)),
    ("negative floats", |d| format!("{}", -fraction(d) * 1000.0)),
    ("a row of floats by spaces", |d| {
        several(d, 6, " ", |d| format!("{}", fraction(d) * 10.0 - 5.0))
    }),
    ("a tensor", |d| {
        format!("tensor([{}])", several(d, 8, ", ", |d| format!("{:.4}", fraction(d))))
    }),
    ("a point in GeoJSON", |d| {
        format!(
            "{{\"type\":\"Point\",\"coordinates\":[{},{}]}}",
            fraction(d) * 360.0 - 180.0,
            fraction(d) * 180.0 - 90.0
        )
    }),
    ("a sentence of NMEA", |d| {
        format!(
            "$GPGGA,{}.00,{}.{},N,{}.{},W,1,08,0.9,{}.4,M,46.9,M,,*47",
            digits(d, 6),
            number(d, 4),
            digits(d, 4),
            number(d, 5),
            digits(d, 4),
            number(d, 3)
        )
    }),
    ("a path of SVG", |d| {
        format!(
            "<path d=\"M{} {}\"/>",
            number(d, 3),
            several(d, 6, " ", |d| format!(
                "L{:.3} {:.3}",
                fraction(d) * 900.0,
                fraction(d) * 900.0
            ))
        )
    }),
    ("seconds and nanoseconds", |d| format!("{}.{}", millis(d) / 1000, digits(d, 9))),
    ("a compact time", |d| {
        format!("{}{}{}", date(d).replace('-', ""), time(d).replace(':', ""), digits(d, 3))
    }),
    ("a time in ISO 8601 with nanoseconds", |d| {
        format!("{}T{}.{}Z", date(d), time(d), digits(d, 9))
    }),
    ("milliseconds from and to", |d| format!("from={} to={}", millis(d), millis(d))),
    ("an id of Twitter", |d| {
        format!(
            "https://x.example/i/status/{}",
            1_200_000_000_000_000_000 + d.next() % 700_000_000_000_000_000
        )
    }),
    ("an id of Discord", |d| format!("<@{}>", number(d, 18))),
    ("an ARN", |d| format!("arn:aws:iam::{}:role/app-{}", number(d, 12), number(d, 4))),
    ("a hexadecimal dump", |d| {
        format!("{:08x}: {}", d.below(1 << 20), several(d, 16, " ", |d| hex(d, 2)))
    }),
    ("bytes in an array", |d| format!("[{}]", several(d, 16, ", ", |d| d.below(256).to_string()))),
    ("addresses of IPv6", |d| several(d, 8, ":", |d| hex(d, 4))),
    ("an address of hardware", |d| several(d, 6, ":", |d| hex(d, 2))),
    ("an address and a port", |d| {
        format!("{}:{}", several(d, 4, ".", |d| d.below(256).to_string()), 1024 + d.below(60_000))
    }),
    ("a list of processes", |d| {
        format!(
            "root {:>7} {}.{} {}.{} {:>8} {:>6} ?  Ss {} 0:{}",
            d.below(99_999),
            d.below(9),
            d.below(9),
            d.below(9),
            d.below(9),
            d.below(9_999_999),
            d.below(99_999),
            &time(d)[..5],
            two(d, 60)
        )
    }),
    ("a list of files", |d| {
        format!(
            "-rw-r--r-- 1 app app {:>12} {} {}.{} +0000 part-{}.parquet",
            d.next() % 1_000_000_000_000,
            date(d),
            time(d),
            digits(d, 9),
            digits(d, 5)
        )
    }),
    ("an id of MongoDB", |d| format!("ObjectId(\"{}\")", hex(d, 24))),
    ("a GUID without dashes", |d| hex(d, 32)),
    ("a short hash, a long number", |d| format!("{} {}", hex(d, 12), d.next())),
    ("a checksum and a size", |d| {
        format!("{} {} data.bin", d.next() & 0xFFFF_FFFF, d.next() & 0xFFFF_FFFF)
    }),
    ("a span of OpenTelemetry", |d| {
        format!(
            "{{\"traceId\":\"{}\",\"spanId\":\"{}\",\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\"}}",
            hex(d, 32),
            hex(d, 16),
            millis(d) * 1_000_000 + 123_457,
            millis(d) * 1_000_000 + 987_653
        )
    }),
    ("a line of Kafka", |d| {
        format!(
            "partition={} offset={} timestamp={} size={}",
            d.below(64),
            d.next() % 10_000_000_000,
            millis(d),
            d.below(9_999)
        )
    }),
    ("an SQL insert of four numbers", |d| {
        format!(
            "INSERT INTO t VALUES ({}, {}, {}, {});",
            number(d, 6),
            number(d, 10),
            number(d, 8),
            number(d, 4)
        )
    }),
    ("a matrix", |d| format!("[{}],", several(d, 6, ", ", |d| number(d, 4)))),
    ("a core's statistics", |d| {
        format!("cpu{} {}", d.below(64), several(d, 8, " ", |d| d.below(9_999_999).to_string()))
    }),
    ("a barcode of UPC", |d| format!("upc {}", number(d, 12))),
    ("a parcel number of 12 digits", |d| format!("tracking {}", number(d, 12))),
    ("a parcel number with letters", |d| {
        format!("JJD{} 1Z{}{}", digits(d, 18), hex(d, 6).to_uppercase(), number(d, 10))
    }),
    ("an order number in three parts", |d| {
        format!("order {}-{}-{}", number(d, 3), digits(d, 7), digits(d, 7))
    }),
    ("a billing line", |d| {
        format!(
            "{} {} {}.{} EUR {}",
            date(d),
            number(d, 10),
            number(d, 3),
            two(d, 100),
            number(d, 8)
        )
    }),
];

pub(crate) const TABLES: &[Kind] = &[
    ("a column of seven digits", |d| number(d, 7)),
    ("a column of nine digits", |d| number(d, 9)),
    ("a column of three digits", |d| number(d, 3)),
    ("four fields by semicolons", |d| several(d, 4, ";", |d| number(d, 4))),
    ("three fields by tabs", |d| several(d, 3, "\t", |d| number(d, 6))),
    ("a row of sixteen numbers of a byte", |d| {
        several(d, 16, " ", |d| format!("{:3}", d.below(256)))
    }),
    ("a column of times", time),
    ("a column of dates and times", |d| format!("{} {}", date(d), time(d))),
    ("a column of German dates", |d| {
        format!("{:02}.{:02}.20{}", 1 + d.below(28), 1 + d.below(12), 19 + d.below(8))
    }),
    ("a column of short dates", |d| {
        format!("{:02}/{:02}/{}", 1 + d.below(12), 1 + d.below(28), 19 + d.below(8))
    }),
    ("telephone numbers", |d| format!("0{} {}", number(d, 3), number(d, 7))),
    ("telephone numbers abroad", |d| {
        format!("+44 {} {} {}", number(d, 2), digits(d, 4), digits(d, 4))
    }),
    ("telephone numbers in America", |d| {
        format!("({}) {}-{}", number(d, 3), number(d, 3), digits(d, 4))
    }),
    ("accounts and sort codes", |d| {
        format!("{}-{}-{} {}", two(d, 100), two(d, 100), two(d, 100), number(d, 8))
    }),
    ("names and accounts", |d| format!("Jones, M  {}  {}", number(d, 8), number(d, 5))),
    ("a statement with balances", |d| {
        format!("{}  {:>10.2}  {:>12.2}", date(d), fraction(d) * 900.0, fraction(d) * 90_000.0)
    }),
    ("amounts with thousands", |d| {
        format!("{},{},{}.{}", 1 + d.below(9), digits(d, 3), digits(d, 3), two(d, 100))
    }),
    ("ranges", |d| format!("{}-{}", number(d, 4), number(d, 4))),
    ("shares", |d| several(d, 5, "  ", |d| format!("{:.2}%", fraction(d) * 100.0))),
    ("numbered lines", |d| format!("{:>4}  {}", d.below(9_999), number(d, 6))),
    ("a table in Markdown", |d| {
        format!("| {} | {} | {} |", number(d, 4), number(d, 4), number(d, 4))
    }),
    ("readings of a meter", |d| format!("{}  {}  {}", date(d), number(d, 5), number(d, 5))),
    ("scores", |d| several(d, 8, " ", |d| format!("{}-{}", d.below(7), d.below(7)))),
    ("lottery numbers", |d| several(d, 7, " ", |d| two(d, 50))),
    ("a grid of digits", |d| several(d, 9, " ", |d| d.below(10).to_string())),
    ("a timesheet", |d| {
        format!("{} {}-{} {}", date(d), &time(d)[..5], &time(d)[..5], number(d, 4))
    }),
    ("postcodes and counts", |d| format!("{};{};{}", number(d, 5), d.below(9_999), d.below(999))),
    ("quoted fields", |d| {
        format!("\"{}\",\"{}\",\"{}\"", number(d, 8), number(d, 4), number(d, 4))
    }),
    ("fixed columns", |d| {
        format!("{:>10}{:>10}{:>10}", d.below(99_999), d.below(999_999), d.below(9_999))
    }),
    ("pairs of eight digits", |d| several(d, 2, " ", |d| number(d, 8))),
    ("triples of four and six digits", |d| {
        format!("{} {} {}", number(d, 4), number(d, 6), number(d, 4))
    }),
    ("references and counts", |d| format!("{}/{}/{}", number(d, 4), number(d, 6), d.below(99))),
    ("licences in fives", |d| several(d, 5, "-", |d| digits(d, 5))),
];

/// Lines of chats and tickets with other numbers.
pub(crate) const PEOPLE: &[Kind] = &[
    ("an order and a telephone number", |d| {
        format!("order {} please, call me on 0{} {}", number(d, 8), number(d, 3), number(d, 7))
    }),
    ("several dates", |d| format!("I was there on {}, {} and {}", date(d), date(d), date(d))),
    ("years", |d| {
        format!(
            "in 20{}, 20{}, 20{} and 20{} it was fine",
            two(d, 30),
            two(d, 30),
            two(d, 30),
            two(d, 30)
        )
    }),
    ("a policy number", |d| format!("policy {}-{} since {}", number(d, 6), number(d, 4), date(d))),
    ("sums", |d| {
        format!(
            "I paid {}.{} and {}.{}, that's {}.{} in total",
            number(d, 3),
            two(d, 100),
            number(d, 2),
            two(d, 100),
            number(d, 3),
            two(d, 100)
        )
    }),
    ("two order numbers", |d| format!("{} and {} are both missing", number(d, 9), number(d, 9))),
    ("a parcel number", |d| {
        format!("it says {} on the parcel", number(d, 14).replacen(|_| true, "0", 1))
    }),
    ("a booking in groups", |d| {
        format!("booking {} {} {}", number(d, 3), number(d, 3), number(d, 3))
    }),
    ("sizes", |d| {
        format!(
            "{}x{}x{} mm, {} pieces, {} kg",
            number(d, 4),
            number(d, 3),
            number(d, 3),
            d.below(99),
            d.below(999)
        )
    }),
    ("flat, street, postcode, telephone", |d| {
        format!(
            "Flat {}, {} High Street, {}, {}",
            d.below(99),
            d.below(200),
            number(d, 5),
            number(d, 10)
        )
    }),
    ("an account with a sort code", |d| {
        format!("sort code {}-{}-{}, account {}", two(d, 99), two(d, 99), two(d, 99), number(d, 8))
    }),
    ("a serial number", |d| {
        format!("serial {} {} {} on the back", number(d, 4), number(d, 4), number(d, 2))
    }),
    ("opening hours", |d| {
        format!(
            "open {}-{}, {}-{} and {}-{}",
            two(d, 12),
            two(d, 24),
            two(d, 12),
            two(d, 24),
            two(d, 12),
            two(d, 24)
        )
    }),
    ("a meter", |d| format!("meter {} reads {} since {}", number(d, 10), number(d, 5), date(d))),
    ("an error with numbers", |d| {
        format!(
            "error {} at {} line {}, ticket {}",
            number(d, 4),
            time(d),
            d.below(9_999),
            number(d, 7)
        )
    }),
];
