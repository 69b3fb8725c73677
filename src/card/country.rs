//! Countries.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::codec::table::kept_as_text;
use crate::values::secret::deserialize_text;

/// Each country's two letters and its number (ISO 3166-1, as of 2026), in the order of the letters.
const COUNTRIES: &str = "\
    AD020AE784AF004AG028AI660AL008AM051AO024AQ010AR032AS016AT040AU036AW533AX248AZ031BA070BB052\
    BD050BE056BF854BG100BH048BI108BJ204BL652BM060BN096BO068BQ535BR076BS044BT064BV074BW072BY112\
    BZ084CA124CC166CD180CF140CG178CH756CI384CK184CL152CM120CN156CO170CR188CU192CV132CW531CX162\
    CY196CZ203DE276DJ262DK208DM212DO214DZ012EC218EE233EG818EH732ER232ES724ET231FI246FJ242FK238\
    FM583FO234FR250GA266GB826GD308GE268GF254GG831GH288GI292GL304GM270GN324GP312GQ226GR300GS239\
    GT320GU316GW624GY328HK344HM334HN340HR191HT332HU348ID360IE372IL376IM833IN356IO086IQ368IR364\
    IS352IT380JE832JM388JO400JP392KE404KG417KH116KI296KM174KN659KP408KR410KW414KY136KZ398LA418\
    LB422LC662LI438LK144LR430LS426LT440LU442LV428LY434MA504MC492MD498ME499MF663MG450MH584MK807\
    ML466MM104MN496MO446MP580MQ474MR478MS500MT470MU480MV462MW454MX484MY458MZ508NA516NC540NE562\
    NF574NG566NI558NL528NO578NP524NR520NU570NZ554OM512PA591PE604PF258PG598PH608PK586PL616PM666\
    PN612PR630PS275PT620PW585PY600QA634RE638RO642RS688RU643RW646SA682SB090SC690SD729SE752SG702\
    SH654SI705SJ744SK703SL694SM674SN686SO706SR740SS728ST678SV222SX534SY760SZ748TC796TD148TF260\
    TG768TH764TJ762TK772TL626TM795TN788TO776TR792TT780TV798TW158TZ834UA804UG800UM581US840UY858\
    UZ860VA336VC670VE862VG092VI850VN704VU548WF876WS882YE887YT175ZA710ZM894ZW716";

/// A country, by its two capital letters (ISO 3166-1 alpha-2), such as `GB`. It is part of where somebody lives:
/// `Debug` prints `[REDACTED]`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Country([u8; 2]);

/// The text is not a country's code. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a country of ISO 3166-1 in two capital letters, such as GB")]
#[non_exhaustive]
pub struct UnknownCountry;

impl Country {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Two capital letters of the table.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The country's three digits (ISO 3166-1 numeric), which EMV 3-D Secure takes: `826` for `GB`.
    #[must_use]
    pub fn numeric(&self) -> &'static str {
        Self::entry(self.0).unwrap_or_default()
    }

    pub(super) const fn to_bytes(self) -> [u8; 2] {
        self.0
    }

    pub(super) fn from_bytes(letters: [u8; 2]) -> Option<Self> {
        Self::entry(letters).map(|_| Self(letters))
    }

    fn entry(letters: [u8; 2]) -> Option<&'static str> {
        let mut entries = COUNTRIES.as_bytes().chunks_exact(5);
        let at = entries.position(|entry| entry.starts_with(&letters))?.saturating_mul(5);
        COUNTRIES.get(at.saturating_add(2)..at.saturating_add(5))
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        let letters = <[u8; 2]>::try_from(text.as_bytes()).map_err(|_| UnknownCountry)?;
        Self::from_bytes(letters).ok_or(UnknownCountry)
    }
}

kept_as_text!(Country);

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a country as text", Self::from_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_country_once_in_order() {
        let entries: Vec<_> = COUNTRIES.as_bytes().chunks(5).collect();
        assert_eq!(entries.len(), 249);
        assert!(entries.is_sorted_by(|one, other| one[..2] < other[..2]));
        for entry in &entries {
            assert!(entry[..2].iter().all(u8::is_ascii_uppercase));
            assert!(entry[2..].iter().all(u8::is_ascii_digit));
        }
        let mut numbers: Vec<_> = entries.iter().map(|entry| &entry[2..]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 249);
    }
}
