//! Columns, CSV files, rows and statements, drawn from seeds. None holds a card number.

use super::machines::{Kind, digits, fraction, number};
use crate::numbers::Drawn;

fn date(drawn: &mut Drawn) -> (usize, usize, usize) {
    (2019 + drawn.below(8), 1 + drawn.below(12), 1 + drawn.below(28))
}

fn amount(drawn: &mut Drawn) -> String {
    format!("{:.2}", fraction(drawn) * 40_000.0)
}

fn fields(
    drawn: &mut Drawn,
    count: usize,
    separator: &str,
    field: fn(&mut Drawn) -> String,
) -> String {
    (0..count).map(|_| field(drawn)).collect::<Vec<_>>().join(separator)
}

/// The kinds that the rules were made with.
pub(crate) const TUNED: &[Kind] = &[
    ("a column of four digits", |drawn| number(drawn, 4)),
    ("a column of six digits", |drawn| number(drawn, 6)),
    ("a column of eight digits", |drawn| number(drawn, 8)),
    ("a column of ten digits", |drawn| number(drawn, 10)),
    ("three fields of four digits", |drawn| fields(drawn, 3, ",", |drawn| number(drawn, 4))),
    ("a CSV file of ids and amounts", |drawn| {
        format!("{},{},{}", number(drawn, 6), number(drawn, 8), amount(drawn))
    }),
    ("twelve numbers from 0 to 255", |drawn| {
        fields(drawn, 12, " ", |drawn| drawn.below(256).to_string())
    }),
    ("twelve numbers from 0 to 255 in an array", |drawn| {
        format!("[{}]", fields(drawn, 12, ",", |drawn| drawn.below(256).to_string()))
    }),
    ("a column of dates", |drawn| {
        let (year, month, day) = date(drawn);
        format!("{year}-{month:02}-{day:02}")
    }),
    ("parcel numbers, one a line", |drawn| number(drawn, 22)),
    ("a statement", |drawn| {
        let (year, month, day) = date(drawn);
        let kind = ["CARD PAYMENT", "DIRECT DEBIT", "TRANSFER", "CASH", "FEE"][drawn.below(5)];
        format!("{day:02}/{month:02}/{year}  {kind}  {}  {}", number(drawn, 8), amount(drawn))
    }),
    ("a statement in fields", |drawn| {
        let (year, month, day) = date(drawn);
        format!(
            "{year}-{month:02}-{day:02};{};{};{}",
            number(drawn, 10),
            amount(drawn),
            amount(drawn)
        )
    }),
];

/// Kinds that were drawn for the figures alone: nothing was changed because of what they said.
pub(crate) const KEPT: &[Kind] = &[
    ("a column of five digits", |drawn| number(drawn, 5)),
    ("a column of twelve digits", |drawn| number(drawn, 12)),
    ("readings by tabs", |drawn| fields(drawn, 5, "\t", |drawn| digits(drawn, 5))),
    ("rows by bars", |drawn| {
        format!("| {} | {} | {} |", number(drawn, 7), number(drawn, 4), amount(drawn))
    }),
    ("a price list", |drawn| format!("{}  {}  {}", number(drawn, 7), amount(drawn), amount(drawn))),
    ("order lines", |drawn| {
        let (year, month, day) = date(drawn);
        format!("order {} of {day}.{month}.{year}, {} pieces", number(drawn, 9), drawn.below(900))
    }),
    ("pairs of coordinates on a grid", |drawn| {
        format!("{} {}", number(drawn, 6), number(drawn, 6))
    }),
];
