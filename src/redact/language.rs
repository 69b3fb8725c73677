//! Languages as data: the words of spoken numbers, and what people call a card's other data.

/// The words of one language. Everything is lower case; text is compared without case.
///
/// Words are runs of letters, at most [`MAX_WORD_BYTES`] long; a longer one is never found. Give
/// every spelling of a word its own entry.
///
/// ```
/// use countersign::redact::{Language, Options};
///
/// const FRENCH: Language = Language {
///     digits: &[
///         ("zéro", "0"), ("un", "1"), ("deux", "2"), ("trois", "3"), ("quatre", "4"),
///         ("cinq", "5"), ("six", "6"), ("sept", "7"), ("huit", "8"), ("neuf", "9"),
///     ],
///     tens: &[],
///     repeats: &[("double", 2), ("triple", 3)],
///     fillers: &["euh", "et", "puis", "tiret"],
///     code_words: &["cvv", "cvc", "cryptogramme"],
///     expiry_words: &["expire", "expiration", "validité"],
/// };
///
/// let options = Options::new().languages(&[FRENCH]);
/// let said = "quatre deux quatre deux, quatre deux quatre deux, \
///             quatre deux quatre deux, quatre deux quatre deux, merci";
/// assert_eq!(options.cards(said), "* * * *, * * * *, * * * *, * * * *, merci");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "hosts write their own")]
pub struct Language {
    /// Words and the digits they stand for: `("four", "4")`, `("twelve", "12")`. One to three ASCII
    /// digits; an entry with anything else is left out.
    pub digits: &'static [(&'static str, &'static str)],
    /// Words for tens, which a digit from 1 to 9 may complete, and their first digit:
    /// `("forty", '4')` is 40, and 42 in "forty-two".
    pub tens: &'static [(&'static str, char)],
    /// Words that repeat the digit after them, and how often it counts then: `("double", 2)`. Two to
    /// nine.
    pub repeats: &'static [(&'static str, u8)],
    /// Words that may stand between digits without ending the number: "um", "then", "dash".
    pub fillers: &'static [&'static str],
    /// Words that announce a verification code.
    pub code_words: &'static [&'static str],
    /// Words that announce an expiry.
    pub expiry_words: &'static [&'static str],
}

/// The longest word that is looked at, in bytes of UTF-8.
pub const MAX_WORD_BYTES: usize = 24;

/// English as it is said on the telephone in Britain, Ireland, North America, India and Australia.
pub const ENGLISH: Language = Language {
    digits: &[
        ("zero", "0"),
        ("oh", "0"),
        ("o", "0"),
        ("nought", "0"),
        ("naught", "0"),
        ("nil", "0"),
        ("one", "1"),
        ("two", "2"),
        ("three", "3"),
        ("four", "4"),
        ("five", "5"),
        ("six", "6"),
        ("seven", "7"),
        ("eight", "8"),
        ("nine", "9"),
        ("niner", "9"),
        ("ten", "10"),
        ("eleven", "11"),
        ("twelve", "12"),
        ("thirteen", "13"),
        ("fourteen", "14"),
        ("fifteen", "15"),
        ("sixteen", "16"),
        ("seventeen", "17"),
        ("eighteen", "18"),
        ("nineteen", "19"),
        ("hundred", "00"),
        ("thousand", "000"),
    ],
    tens: &[
        ("twenty", '2'),
        ("thirty", '3'),
        ("forty", '4'),
        ("fourty", '4'),
        ("fifty", '5'),
        ("sixty", '6'),
        ("seventy", '7'),
        ("eighty", '8'),
        ("ninety", '9'),
    ],
    repeats: &[("double", 2), ("triple", 3), ("treble", 3), ("quadruple", 4), ("quad", 4)],
    fillers: &[
        "um",
        "umm",
        "uh",
        "uhm",
        "er",
        "erm",
        "ah",
        "hmm",
        "mm",
        "ok",
        "okay",
        "right",
        "yes",
        "yeah",
        "and",
        "then",
        "next",
        "dash",
        "hyphen",
        "minus",
        "space",
        "slash",
        "stroke",
        "dot",
        "point",
        "comma",
        "underscore",
    ],
    code_words: &[
        "cvv",
        "cvc",
        "cvn",
        "csc",
        "cid",
        "cav",
        "code",
        "security",
        "verification",
        "signature",
    ],
    expiry_words: &[
        "exp",
        "expiry",
        "expires",
        "expire",
        "expiring",
        "expiration",
        "expired",
        "valid",
        "thru",
        "until",
        "ends",
        "ending",
    ],
};
