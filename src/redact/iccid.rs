//! Numbers of SIM cards (ITU-T E.118), which have the check digit of cards: told by the two digits that all of
//! them begin with, their length, and the check digit over the whole. No card number begins so.

use zeroize::Zeroizing;

use crate::redact::run::Digit;
use crate::values::card_number::luhn;

/// With the check digit. Some operators add one digit more behind it, and those are not told.
const LENGTHS: [usize; 2] = [19, 20];

/// Whether a whole run of digits is the number of a SIM card, written without gaps.
pub(super) fn is_iccid(digits: &[Digit]) -> bool {
    let mut values = Zeroizing::new([0; 20]);
    for (value, digit) in values.iter_mut().zip(digits) {
        *value = digit.value;
    }
    LENGTHS.contains(&digits.len())
        && digits.iter().skip(1).all(|digit| !digit.apart)
        && values.starts_with(b"89")
        && values.get(..digits.len()).is_some_and(luhn)
}
