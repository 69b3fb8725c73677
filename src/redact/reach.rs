//! How far around a digit what decides about it may reach.

/// ISO/IEC 7812-1: a card number has 12 to 19 digits.
pub(super) const SHORTEST: usize = 12;

pub(super) const LONGEST: usize = 19;

/// An expiry of six digits, and a code of four.
pub(super) const LONGEST_TAIL: usize = 10;

/// How many digits beyond a digit its mark may depend on: a number around it with its tail, and once more
/// the numbers that this borders on, and those that overlap it.
pub(super) const RADIUS: usize = 4 * (LONGEST + LONGEST_TAIL);

/// So many digits of a run are looked at in one go: a third is decided, and has a third on either
/// side.
pub(super) const PIECE: usize = 3 * RADIUS;

/// So many digits of a run whose beginning was decided are gathered if they are at hand: the fewer pieces, the fewer
/// digits are looked at twice.
pub(super) const LONG_PIECE: usize = 8 * RADIUS;

/// The longest gap within a number: separators and the letters of fillers, in characters.
pub(super) const MAX_GAP_CHARS: usize = 16;
