//! Whether a stretch of digits that checks is taken for a card number.

use crate::redact::candidate::{Candidate, USUAL};
use crate::redact::chars::{COMMA, DASH, DOT, SLASH, SPACE};
use crate::redact::judge::{Found, Row, is_expiry};
use crate::values::card_number::Brand;

/// So many digits before a point are no longer those of a decimal.
const WHOLE: usize = 12;

impl Row<'_> {
    /// Whether a candidate is taken for a number; `free` is whether nothing like it stands beside it.
    pub(super) fn is_accepted(&self, one: &Candidate, free: bool) -> bool {
        let Candidate { found: Found { from, to, tail, .. }, shape, issued, length, .. } = one;
        let (begins, ends) = (self.is_edge(*from), self.is_edge(*to));
        let (expires, evidence) = (one.expires, one.evidence);
        let usual = match issued.wider {
            _ if issued.of_host => true,
            Brand::AmericanExpress => *length == 15,
            Brand::DinersClub => *length == 14,
            Brand::Uatp | Brand::Maestro => false,
            wider if wider.is_national() => *length == 16 && issued.brand != Brand::Uatp,
            _ => *length == 16,
        };
        // Whatever begins with 1, or has another number of digits than most cards, is more often something else.
        let rare = !issued.of_host
            && (issued.wider == Brand::Uatp || issued.wider.is_national() && *length != 16);
        if !(begins && ends) {
            if self.rules.any_length {
                let expires =
                    expires && !shape.lines() && (shape.uniform() || *length >= *USUAL.start());
                return shape.words || shape.as_on_a_card || expires;
            }
            // Glued to an expiry, or filled up with zeros.
            let usual = usual && (issued.of_host || !issued.wider.is_national());
            let said = !self.rules.logs || self.rules.named;
            if !shape.as_on_a_card || shape.words || self.is_decimal(*from) {
                return false;
            }
            if !shape.undivided {
                return begins && expires && said && free;
            }
            // Of a length that most numbers have: any number of digits before an expiry makes a longer number.
            let likely = USUAL.contains(length)
                && (tail.code > tail.expiry
                    || !issued.wider.is_national() && issued.wider != Brand::Maestro);
            let filled = ends && self.is_padded(*from) && usual;
            return self.rules.named && begins && expires
                || said && (filled || begins && expires && likely);
        }
        if rare && !(shape.words || shape.as_on_a_card && !shape.undivided || evidence) {
            return false;
        }
        if shape.words {
            // Within a longer number that is said.
            return free || evidence || self.rules.any_length;
        }
        if shape.undivided {
            let bare = USUAL.contains(length) && !self.rules.logs;
            return (bare || evidence || self.rules.any_length) && !self.is_decimal(*from);
        }
        // Scores of a match, digits of a grid.
        if shape.single && shape.paired && !evidence {
            return false;
        }
        if shape.as_on_a_card {
            let said = !self.rules.logs
                || evidence
                || !shape.single && shape.uniform() && shape.kinds & !(SPACE | DASH) == 0;
            let decimal = shape.kinds & DOT == 0 && self.is_decimal(*from);
            let free = free || self.rules.any_length || self.rules.named && !shape.lines();
            return said && free && !decimal;
        }
        // In groups as on no card.
        let alone = self.is_alone() && *from == 0 && tail.code == self.digits.len();
        let enough = *length >= *USUAL.start();
        let sensible = shape.sensible && !shape.lines() && !self.ends_as_money(*from, *to);
        match () {
            () if (self.rules.logs || shape.are_fields(*length)) && !evidence => false,
            () if shape.coarse && enough && sensible && self.is_among_small(one) => true,
            () if enough && sensible && alone => true,
            () => {
                expires
                    && (free || self.rules.any_length)
                    && !shape.lines()
                    && !shape.has_decimals()
                    && (shape.uniform() || enough)
            }
        }
    }

    /// Whether a stretch ends in a point and two digits.
    pub(super) fn ends_as_money(&self, from: usize, to: usize) -> bool {
        let cents = to.saturating_sub(2);
        from < cents
            && self
                .digits
                .get(cents)
                .is_some_and(|digit| digit.apart && (digit.kinds == DOT || digit.kinds == COMMA))
    }

    /// Whether month and year are written in one, or with a stroke between: what is glued to a number is an expiry.
    pub(super) fn is_written(&self, to: usize, end: usize) -> bool {
        let digits = self.digits.get(to..end).unwrap_or_default();
        digits.len() >= 4
            && digits
                .iter()
                .skip(1)
                .all(|digit| !digit.apart || digit.kinds != 0 && digit.kinds & !(SLASH | DASH) == 0)
    }

    /// Whether digits that may be glued to others begin like an expiry.
    pub(super) fn expires_glued(&self, to: usize) -> bool {
        [3, 4, 5, 6]
            .into_iter()
            .any(|length| self.digits.get(to..to.saturating_add(length)).is_some_and(is_expiry))
    }

    /// Whether the digits from `from` on stand behind a decimal point, right behind it or behind zeros.
    pub(super) fn is_decimal(&self, mut from: usize) -> bool {
        while from > 0 && !self.is_edge(from) {
            from = from.saturating_sub(1);
        }
        let Some(kinds) = self.digits.get(from).map(|digit| digit.kinds) else { return false };
        if from == 0 {
            return self.masked_before == Some(DOT);
        }
        if kinds != DOT && kinds != COMMA {
            return false;
        }
        let before = self.group_before(from, &[]);
        match kinds {
            DOT => before < WHOLE,
            _ => {
                before == 1
                    && self.digits.get(from.saturating_sub(1)).is_some_and(|d| d.value == b'0')
            }
        }
    }
}
