//! Times in claims: RFC 3339 in whole seconds of UTC, and only in the two forms that PASETO libraries
//! write: `2026-01-31T14:00:00Z` (ours) and `2026-01-31T14:00:00+00:00`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::one_form::OneForm;
use crate::values::secret::deserialize_text;
use crate::values::time::{Timestamp, Window};

pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Timestamp, D::Error> {
    deserialize_text(deserializer, "an RFC 3339 instant as text", |text| {
        parse(text).ok_or("expected an instant such as 2026-01-31T14:00:00Z")
    })
}

/// An instant that may be missing: such a member has `default` and is left out where it is none.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp};

    #[derive(Serialize, Deserialize)]
    struct Instant(#[serde(with = "super")] Timestamp);

    pub(crate) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Instant).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Instant>::deserialize(deserializer)?.map(|Instant(at)| at))
    }
}

/// A window whose ends are such instants.
pub(crate) mod window {
    use super::{Deserialize, Deserializer, OneForm, Serialize, Serializer, Timestamp, Window};

    pub(crate) fn serialize<S: Serializer>(
        window: &Window,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        window.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Window, D::Error> {
        #[derive(Deserialize)]
        struct Ends {
            #[serde(with = "super")]
            from: Timestamp,
            #[serde(with = "super")]
            until: Timestamp,
        }
        let ends = Ends::deserialize(OneForm(deserializer))?;
        Window::new(ends.from, ends.until).map_err(serde::de::Error::custom)
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let (instant, zone) = text.as_bytes().split_first_chunk::<19>()?;
    if !matches!(zone, b"Z" | b"+00:00") {
        return None;
    }
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] =
        *instant
    else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let [month, day] = [narrow(&[m1, m2])?, narrow(&[d1, d2])?];
    let [hour, minute, second] = [narrow(&[h1, h2])?, narrow(&[n1, n2])?, narrow(&[s1, s2])?];
    // This refuses 24:00:00 and leap seconds, which have no number of their own in Unix time.
    let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let seconds = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?.as_second();
    let at = u64::try_from(seconds).ok().filter(|seconds| *seconds <= Timestamp::MAX.unix())?;
    Some(Timestamp::from_unix(at))
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| i16::from(digit & 0x0f))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn narrow(digits: &[u8]) -> Option<i8> {
    number(digits)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn two_forms_of_an_instant_and_no_other() {
        let at = |text| parse(text).map(super::Timestamp::unix);
        assert_eq!(at("2022-01-01T00:00:00Z"), Some(1_640_995_200));
        assert_eq!(at("2022-01-01T00:00:00+00:00"), Some(1_640_995_200));
        assert_eq!(at("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(at("2024-02-29T23:59:59Z"), Some(1_709_251_199));
        assert_eq!(at("9999-12-30T22:00:00Z"), Some(253_402_207_200));
        for refused in [
            "",
            "2022-01-01",
            "2022-01-01T00:00:00",
            "2022-01-01T00:00:00z",
            "2022-01-01t00:00:00Z",
            "2022-01-01 00:00:00Z",
            "2022-01-01T00:00:00.5Z",
            "2022-01-01T00:00:00-00:00",
            "2022-01-01T00:00:00+01:00",
            "2022-01-01T00:00:00+00:00[UTC]",
            "2022-01-01T00:00:00ZZ",
            " 2022-01-01T00:00:00Z",
            "2022-01-01T00:00Z",
            "2022-01-01T24:00:00Z",
            "2022-01-01T23:59:60Z",
            "2022-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "9999-12-30T22:00:01Z",
            "+02022-01-01T00:00Z",
            "+022-01-01T00:00:00Z",
            "2022-01-01T00:00:0-Z",
            "0000-00-00T00:00:00Z",
            "２022-01-01T00:00:Z",
        ] {
            assert_eq!(at(refused), None, "{refused}");
        }
    }
}
