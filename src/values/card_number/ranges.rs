//! Which schemes issue numbers that begin so: the published ranges, and finding the one that says most.
//!
//! Ranges are given by their first digits, one to eight of them (ISO/IEC 7812-1 since 2017), and may lie within each
//! other: of those that have a number's length, the one with the most digits counts.
//!
//! From the schemes' published ranges (Visa; Mastercard's rules on the 2-series; Discover's table of identification
//! numbers, which has Diners Club, JCB and UnionPay too), as ISO/IEC 7812 assigns them, checked against Adyen's and
//! Braintree's published tables. Maestro's claim to every other number from 6 is left out: the ranges it is issued under
//! are here. Discover counts 622126 to 622925 as its own at its merchants; the cards are UnionPay's.
//!
//! The others stand here where two independent sources agree (as of 2026):
//!
//! | scheme | sources |
//! | --- | --- |
//! | RuPay | Juspay's Hyperswitch, Instamojo's Android SDK; 8172 to 8299 by Wikipedia and Hyperswitch |
//! | Mir | Braintree's `credit-card-type`, Adyen's web components, Wikipedia |
//! | Troy | Adyen, Chromium's autofill, Wikipedia |
//! | Elo | Braintree, and Elo's own table in Spreedly's ActiveMerchant |
//! | Hipercard, Hiper | Braintree and Adyen; 3841 and the length of 19 by ActiveMerchant and `credit_card_validations` |
//! | Verve | Wikipedia, Chromium |
//! | UATP | Adyen, Wikipedia |
//! | mada | Moyasar's SDK, and the lists of two other integrators; those outside of Visa and Mastercard by ActiveMerchant too |
//! | Dankort | Adyen, Wikipedia |
//! | UzCard, Humo | validators of two Uzbek shops, and Wikipedia |
//! | NAPAS | the lists of banks of two Vietnamese integrators (NeoPay, VietQR) |
//! | Cabal | Spreedly's ActiveMerchant, and the list of a Brazilian shop's payment form |
//!
//! One source alone has UzCard's 5614 and Cabal's 589657, which are found as Maestro's, and Cabal's 603522.
//!
//! For Cartes Bancaires, Interac and girocard no two sources agree on ranges, nor on Troy's part of Discover's 65: a host
//! that takes them gives its own ranges ([`BrandTable`](super::BrandTable)).
//!
//! Where a number has two schemes, the one comes first whose range it lies in and that is taken everywhere.

use std::sync::{Arc, LazyLock};

use super::Brand;
use super::Brand::{
    AmericanExpress, Cabal, Dankort, DinersClub, Discover, Elo, Hipercard, Humo, Jcb, Mada,
    Maestro, Mastercard, Mir, Napas, RuPay, Troy, Uatp, UnionPay, UzCard, Verve, Visa,
};

/// The most digits by which a range is given.
pub(super) const MOST_DIGITS: usize = 8;
/// The shortest and the longest number.
pub(super) const SHORTEST: usize = 12;
pub(super) const LONGEST: usize = 19;

/// First digits from and to, both included, the lengths issued under them, and the schemes.
type Row = (u32, u32, &'static [usize], &'static [Brand]);

const ROWS: &[Row] = &[
    (4, 4, &[13, 16, 19], &[Visa]),
    (2221, 2720, &[16], &[Mastercard]),
    (51, 55, &[16], &[Mastercard]),
    (34, 34, &[15], &[AmericanExpress]),
    (37, 37, &[15], &[AmericanExpress]),
    (6011, 6011, &[16, 17, 18, 19], &[Discover]),
    (644, 659, &[16, 17, 18, 19], &[Discover]),
    (300, 305, &[14, 15, 16, 17, 18, 19], &[DinersClub]),
    (3095, 3095, &[14, 15, 16, 17, 18, 19], &[DinersClub]),
    (36, 36, &[14, 15, 16, 17, 18, 19], &[DinersClub]),
    (38, 39, &[14, 15, 16, 17, 18, 19], &[DinersClub]),
    (3088, 3094, &[16, 17, 18, 19], &[Jcb]),
    (3096, 3102, &[16, 17, 18, 19], &[Jcb]),
    (3112, 3120, &[16, 17, 18, 19], &[Jcb]),
    (3158, 3159, &[16, 17, 18, 19], &[Jcb]),
    (3337, 3349, &[16, 17, 18, 19], &[Jcb]),
    (3528, 3589, &[16, 17, 18, 19], &[Jcb]),
    (62, 62, &[16, 17, 18, 19], &[UnionPay]),
    (8100, 8171, &[16, 17, 18, 19], &[UnionPay]),
    (500, 508, &[12, 13, 14, 15, 16, 17, 18, 19], &[Maestro]),
    (56, 59, &[12, 13, 14, 15, 16, 17, 18, 19], &[Maestro]),
    (63, 63, &[12, 13, 14, 15, 16, 17, 18, 19], &[Maestro]),
    (67, 67, &[12, 13, 14, 15, 16, 17, 18, 19], &[Maestro]),
    (508227, 508227, &[16], &[RuPay]),
    (5085, 5089, &[16], &[RuPay]),
    (603741, 603741, &[16], &[RuPay]),
    (606985, 607984, &[16], &[RuPay]),
    (608001, 608500, &[16], &[RuPay]),
    (652150, 653149, &[16], &[RuPay, Discover]),
    (8172, 8299, &[16], &[RuPay]),
    (353800, 353800, &[16], &[Jcb, RuPay]),
    (2200, 2204, &[16, 17, 18, 19], &[Mir]),
    (9792, 9792, &[16], &[Troy]),
    (606282, 606282, &[16, 19], &[Hipercard]),
    (384100, 384100, &[16, 19], &[Hipercard]),
    (384140, 384140, &[16, 19], &[Hipercard]),
    (384160, 384160, &[16, 19], &[Hipercard]),
    (637095, 637095, &[16], &[Hipercard]),
    (637568, 637568, &[16], &[Hipercard]),
    (637599, 637599, &[16], &[Hipercard]),
    (637609, 637609, &[16], &[Hipercard]),
    (637612, 637612, &[16], &[Hipercard]),
    (506099, 506198, &[16, 18, 19], &[Verve]),
    (507865, 507964, &[16, 18, 19], &[Verve]),
    (650002, 650027, &[16, 18, 19], &[Verve]),
    (1, 1, &[15], &[Uatp]),
    (5019, 5019, &[16], &[Dankort]),
    (4571, 4571, &[16], &[Visa, Dankort]),
    (8600, 8600, &[16], &[UzCard]),
    (9860, 9860, &[16], &[Humo]),
    (9704, 9704, &[16, 19], &[Napas]),
    (604201, 604400, &[16], &[Cabal]),
];

/// Those of which some numbers have no check digit.
const UNCHECKED: &[u32] = &[62, 8100];

/// Elo's: 16 digits.
const ELO: &[(u32, u32)] = &[
    (401178, 401179),
    (431274, 431274),
    (438935, 438935),
    (451416, 451416),
    (457393, 457393),
    (457631, 457632),
    (504175, 504175),
    (506699, 506778),
    (509000, 509999),
    (627780, 627780),
    (636297, 636297),
    (636368, 636368),
    (650031, 650033),
    (650035, 650051),
    (650405, 650439),
    (650485, 650538),
    (650541, 650598),
    (650700, 650718),
    (650720, 650727),
    (650901, 650978),
    (651652, 651679),
    (655000, 655019),
    (655021, 655058),
];

/// mada's: 16 digits, of another scheme too if they are in the range of Visa or Mastercard.
const MADA: &[(u32, u32)] = &[
    (22337902, 22337902),
    (22337986, 22337986),
    (22402030, 22402030),
    (403024, 403024),
    (40545400, 40545400),
    (406136, 406136),
    (406996, 406996),
    (40719700, 40719700),
    (40739500, 40739500),
    (407520, 407520),
    (409201, 409201),
    (410621, 410621),
    (410685, 410685),
    (410834, 410834),
    (412565, 412565),
    (417633, 417633),
    (419593, 419593),
    (420132, 420132),
    (421141, 421141),
    (422817, 422819),
    (428331, 428331),
    (428671, 428673),
    (431361, 431361),
    (432328, 432328),
    (434107, 434107),
    (439954, 439954),
    (440533, 440533),
    (440647, 440647),
    (440795, 440795),
    (442429, 442429),
    (442463, 442463),
    (445564, 445564),
    (446393, 446393),
    (446404, 446404),
    (446672, 446672),
    (45488707, 45488707),
    (45501701, 45501701),
    (455036, 455036),
    (455708, 455708),
    (457865, 457865),
    (457997, 457997),
    (458456, 458456),
    (462220, 462220),
    (468540, 468543),
    (474491, 474491),
    (483010, 483012),
    (484783, 484783),
    (486094, 486096),
    (489318, 489319),
    (49098000, 49098000),
    (504300, 504300),
    (513213, 513213),
    (515079, 515079),
    (516138, 516138),
    (520058, 520058),
    (521076, 521076),
    (52166100, 52166100),
    (524130, 524130),
    (524514, 524514),
    (524940, 524940),
    (529415, 529415),
    (529741, 529741),
    (530060, 530060),
    (531196, 531196),
    (535825, 535825),
    (535989, 535989),
    (536023, 536023),
    (537767, 537767),
    (53973776, 53973776),
    (543085, 543085),
    (543357, 543357),
    (549760, 549760),
    (554180, 554180),
    (555610, 555610),
    (558563, 558563),
    (588845, 588845),
    (588848, 588848),
    (588850, 588850),
    (604906, 604906),
    (636120, 636120),
    (968201, 968209),
    (968211, 968211),
];

/// A set of lengths, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths(u32);

impl Lengths {
    pub(super) fn of(lengths: &[usize]) -> Option<Self> {
        let mut all = 0_u32;
        for length in lengths {
            if !(SHORTEST..=LONGEST).contains(length) {
                return None;
            }
            all |= Self::bit(*length);
        }
        (all != 0).then_some(Self(all))
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn has(self, length: usize) -> bool {
        self.0 & Self::bit(length) != 0
    }

    fn bit(length: usize) -> u32 {
        u32::try_from(length).ok().and_then(|length| 1_u32.checked_shl(length)).unwrap_or(0)
    }
}

/// The schemes of one card: the first is paid over unless the customer chooses another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Brands {
    all: [Brand; Self::MOST],
    count: usize,
}

impl Brands {
    /// The most schemes that one card has.
    pub(crate) const MOST: usize = 3;

    /// One to three schemes, each once.
    pub(crate) fn new(brands: &[Brand]) -> Option<Self> {
        let first = *brands.first()?;
        let mut all = [first; Self::MOST];
        for (n, brand) in brands.iter().enumerate() {
            if brands.iter().take(n).any(|before| before == brand) {
                return None;
            }
            *all.get_mut(n)? = *brand;
        }
        Some(Self { all, count: brands.len() })
    }

    pub(crate) const fn first(&self) -> Brand {
        let [first, ..] = self.all;
        first
    }

    #[cfg(feature = "cards")]
    pub(crate) fn as_slice(&self) -> &[Brand] {
        self.all.get(..self.count).unwrap_or_default()
    }
}

/// A range: numbers that begin with `from` to `to`, of as many digits as these have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) digits: usize,
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) lengths: Lengths,
    pub(super) brands: Brands,
    /// Whether its numbers need not have a check digit.
    pub(super) unchecked: bool,
}

/// Ranges, by how many digits they are given with; those of as many digits are in order and do not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ranges([Vec<Range>; MOST_DIGITS]);

impl Ranges {
    /// `None` if two that are given with as many digits overlap.
    pub(super) fn new(ranges: impl IntoIterator<Item = Range>) -> Option<Self> {
        let mut all = Self::default();
        for range in ranges {
            all.0.get_mut(range.digits.checked_sub(1)?)?.push(range);
        }
        for of_these in &mut all.0 {
            of_these.sort_unstable_by_key(|range| range.from);
            let mut next = of_these.iter().skip(1);
            let overlap = |one: &Range| next.next().is_some_and(|next| next.from <= one.to);
            if of_these.iter().any(overlap) {
                return None;
            }
        }
        Some(all)
    }

    /// The range of so many digits that a number which begins like this is in.
    pub(super) fn at(&self, digits: usize, first: u32) -> Option<&Range> {
        let of_these = self.0.get(digits.checked_sub(1)?)?;
        let before = of_these.partition_point(|range| range.from <= first);
        of_these.get(before.checked_sub(1)?).filter(|range| first <= range.to)
    }
}

/// The published ranges.
pub(super) static PUBLISHED: LazyLock<Ranges> = LazyLock::new(|| {
    let mut all: Vec<Range> = ROWS.iter().filter_map(|row| range(*row)).collect();
    all.extend(ELO.iter().filter_map(|(from, to)| range((*from, *to, &[16], &[Elo]))));
    let mada = MADA.iter().filter_map(|(from, to)| {
        let brands: &[Brand] = match from.to_string().as_bytes() {
            [b'4', ..] => &[Visa, Mada],
            [b'2', b'2'..=b'7', ..] | [b'5', b'1'..=b'5', ..] => &[Mastercard, Mada],
            _ => &[Mada],
        };
        range((*from, *to, &[16], brands))
    });
    all.extend(mada);
    // They do not overlap: a test holds that.
    Ranges::new(all).unwrap_or_default()
});

fn range((from, to, lengths, brands): (u32, u32, &[usize], &[Brand])) -> Option<Range> {
    let digits = from.to_string().len();
    let (lengths, brands) = (Lengths::of(lengths)?, Brands::new(brands)?);
    Some(Range { digits, from, to, lengths, brands, unchecked: UNCHECKED.contains(&from) })
}

/// The numbers that the first digits are, one digit more each time.
pub(super) fn prefixes(first: &[u8]) -> [Option<u32>; MOST_DIGITS] {
    let mut prefixes = [None; MOST_DIGITS];
    let mut value = Some(0_u32);
    for (prefix, digit) in prefixes.iter_mut().zip(first) {
        value = value.filter(|_| digit.is_ascii_digit()).map(|value| {
            value.saturating_mul(10).saturating_add(u32::from(digit.wrapping_sub(b'0')))
        });
        *prefix = value;
    }
    prefixes
}

/// What is known of the numbers of one length that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) brand: Brand,
    /// Whose the wider range is, if that is an international scheme's.
    pub(crate) wider: Brand,
    /// Whether the range is one that a host gave.
    pub(crate) of_host: bool,
    /// Whether a number need not have a check digit.
    pub(crate) unchecked: bool,
    /// How many first digits the range is told by.
    pub(crate) digits: usize,
}

/// The schemes of numbers with these first digits, for each length from [`SHORTEST`] to [`LONGEST`]: by the published
/// ranges, and by the host's.
pub(super) fn issued(
    first: &[u8],
    host: Option<&Ranges>,
) -> [Option<Issued>; LONGEST - SHORTEST + 1] {
    let mut issued = [None; LONGEST - SHORTEST + 1];
    for (n, prefix) in prefixes(first).into_iter().enumerate() {
        let Some(prefix) = prefix else { continue };
        let digits = n.saturating_add(1);
        // Of two that say as much the host's.
        for (ranges, of_host) in [(Some(&*PUBLISHED), false), (host, true)] {
            let Some(range) = ranges.and_then(|ranges| ranges.at(digits, prefix)) else { continue };
            let brand = range.brands.first();
            for (length, slot) in (SHORTEST..=LONGEST).zip(&mut issued) {
                if range.lengths.has(length) {
                    let wider = slot.map(|slot: Issued| slot.wider);
                    let wider = wider.filter(|wider| !wider.is_national()).unwrap_or(brand);
                    let unchecked = range.unchecked;
                    *slot = Some(Issued { brand, wider, of_host, unchecked, digits });
                }
            }
        }
    }
    issued
}

/// How many beginnings of [`INDEXED`] digits there are.
const BEGINNINGS: usize = 10_000;
/// So many first digits are looked up before all others.
const INDEXED: usize = 4;

/// For each beginning of a number the lengths that may be issued, so that most digits are passed over at once.
#[derive(Debug, Clone)]
pub(crate) struct Issuers {
    host: Option<Ranges>,
    /// Of each beginning: all lengths, and those of which no check digit is asked.
    lengths: Vec<(Lengths, Lengths)>,
}

static ISSUERS: LazyLock<Arc<Issuers>> = LazyLock::new(|| Arc::new(Issuers::with(None)));

impl Issuers {
    /// By the published ranges.
    pub(crate) fn published() -> Arc<Self> {
        Arc::clone(&ISSUERS)
    }

    /// By the host's ranges, too.
    pub(super) fn with(host: Option<Ranges>) -> Self {
        let mut lengths = vec![(Lengths(0), Lengths(0)); BEGINNINGS];
        for range in PUBLISHED.0.iter().chain(host.iter().flat_map(|host| &host.0)).flatten() {
            // The beginnings that the range is in, or that it is in.
            let scale = |value: u32, up: u32| match INDEXED.checked_sub(range.digits) {
                Some(more) => {
                    let by = 10_u32.saturating_pow(u32::try_from(more).unwrap_or(0));
                    value.saturating_mul(by).saturating_add(up.saturating_mul(by.saturating_sub(1)))
                }
                None => {
                    let fewer = range.digits.saturating_sub(INDEXED);
                    let by = 10_u32.saturating_pow(u32::try_from(fewer).unwrap_or(0));
                    value.checked_div(by).unwrap_or(0)
                }
            };
            let of = |value, up| usize::try_from(scale(value, up)).unwrap_or(BEGINNINGS);
            let places = of(range.from, 0)..of(range.to, 1).saturating_add(1).min(BEGINNINGS);
            for (all, unchecked) in lengths.get_mut(places).unwrap_or_default() {
                all.0 |= range.lengths.0;
                unchecked.0 |= if range.unchecked { range.lengths.0 } else { 0 };
            }
        }
        Self { host, lengths }
    }

    /// The lengths that numbers which begin with these ASCII digits may have, and those that they may have without a
    /// check digit; four digits say which.
    pub(crate) fn lengths(&self, first: &[u8]) -> (Lengths, Lengths) {
        let value = first.iter().take(INDEXED).fold(0_usize, |value, digit| {
            value.wrapping_mul(10).wrapping_add(usize::from(digit.wrapping_sub(b'0') & 0x0F))
        });
        self.lengths.get(value).copied().unwrap_or((Lengths(0), Lengths(0)))
    }

    /// Whose a number of these ASCII digits is by its first and its length.
    pub(crate) fn issued(&self, number: &[u8]) -> Option<Issued> {
        let at = number.len().checked_sub(SHORTEST)?;
        issued(number, self.host.as_ref()).get(at).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_ranges_are_in_order_and_do_not_overlap() {
        let count = ROWS.len() + ELO.len() + MADA.len();
        let all: Vec<_> = PUBLISHED.0.iter().flatten().collect();
        assert_eq!(all.len(), count, "each row is one");
        for range in all {
            assert!(range.from <= range.to, "{range:?}");
            assert_eq!(range.from.to_string().len(), range.to.to_string().len(), "{range:?}");
        }
    }

    #[test]
    fn ranges_that_overlap_are_noticed() {
        let of = |from, to| range((from, to, &[16], &[Visa])).unwrap();
        assert!(Ranges::new([of(40, 44), of(45, 49), of(4, 4), of(400, 499)]).is_some());
        for others in [of(44, 50), of(30, 40), of(41, 43), of(40, 44), of(30, 50)] {
            assert!(Ranges::new([of(40, 44), others]).is_none(), "{others:?}");
            assert!(Ranges::new([others, of(40, 44)]).is_none(), "{others:?}");
        }
    }
}
