//! What a person can say and hear: a code as digits in groups or as words, words alone, and letters
//! by the spelling alphabet.
//!
//! - [`SpokenCode`]: eight digits, `4903 1726`, or the four words that stand for them.
//! - [`SpokenWords`]: four words of the whole list, 32 bits, where nobody needs digits.
//! - [`spell`]: letters and digits of an id, "Alfa Bravo One".
//!
//! Words come from the PGP lists, see [`SpokenWords`]. Reading folds case, spaces and hyphens, and
//! nothing else: what was not understood is asked for again rather than guessed. See the
//! [manual](crate::manual::_37_spoken).

mod code;
mod spelling;
mod words;

pub use self::code::SpokenCode;
pub use self::spelling::{NotSpellable, spell};
pub use self::words::{SpokenError, SpokenWords};
