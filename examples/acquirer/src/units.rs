//! Amounts as the server counts them. The vault's are in the minor units of ISO 4217; Stripe's API counts some currencies
//! its own way (<https://docs.stripe.com/currencies>), and an amount that is sent as it is would be a hundred times too much.

use countersign::transaction::Currency;

/// How many decimal digits the server's unit has, and of what its amounts are multiples. `None`: it is not known to take the
/// currency.
fn unit(currency: Currency) -> Option<(u8, u64)> {
    Some(match currency.code() {
        // The ariary has a minor unit in ISO 4217, a fifth, and none here.
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => (0, 1),
        // They have had no minor unit for years, and are counted as if they had.
        "ISK" | "UGX" => (2, 100),
        // The last digit is 0.
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => (3, 10),
        _ if currency.exponent() == Some(2) => (2, 1),
        _ => return None,
    })
}

/// What the server calls so many minor units. `None`: it has no such amount, and nothing is to be sent.
pub(crate) fn to_server(currency: Currency, minor_units: u64) -> Option<u64> {
    let ((digits, step), minor) = (unit(currency)?, currency.exponent()?);
    let amount = scaled(minor_units, minor, digits)?;
    amount.is_multiple_of(step).then_some(amount)
}

/// How many minor units an amount of the server's is.
pub(crate) fn from_server(currency: Currency, amount: u64) -> Option<u64> {
    scaled(amount, unit(currency)?.0, currency.exponent()?)
}

fn scaled(amount: u64, from: u8, to: u8) -> Option<u64> {
    let power = |digits: u8| 10_u64.checked_pow(digits.into());
    if to >= from {
        return amount.checked_mul(power(to - from)?);
    }
    let by = power(from - to)?;
    amount.is_multiple_of(by).then_some(amount / by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_is_counted_as_the_server_counts_it() {
        for (code, minor_units, amount) in [
            ("GBP", 4_200, Some(4_200)),
            ("HUF", 1_045, Some(1_045)),
            ("TWD", 80_045, Some(80_045)),
            ("JPY", 500, Some(500)),
            ("KRW", 500, Some(500)),
            ("XOF", 500, Some(500)),
            // 5 ariary, and what is none: a fifth of one is its least.
            ("MGA", 500, Some(5)),
            ("MGA", 520, None),
            ("ISK", 5, Some(500)),
            ("UGX", 5, Some(500)),
            ("KWD", 5_120, Some(5_120)),
            ("KWD", 5_124, None),
            ("TND", 10, Some(10)),
            // Nobody has said how these are counted.
            ("IQD", 5_120, None),
            ("LYD", 5_120, None),
            ("CLF", 10_000, None),
            ("XAU", 1, None),
            ("ISK", u64::MAX, None),
        ] {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(to_server(currency, minor_units), amount, "{code} {minor_units}");
            if let Some(amount) = amount {
                assert_eq!(from_server(currency, amount), Some(minor_units), "{code} {amount}");
            }
        }
        let [krona, ariary] = ["ISK", "MGA"].map(|code| code.parse::<Currency>().unwrap());
        assert_eq!(from_server(ariary, u64::MAX), None, "more than there is");
        assert_eq!(from_server(krona, 550), None, "half a króna");
    }
}
