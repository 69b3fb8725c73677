//! The customer's callback secret: what may be one, and how two are compared.

use core::fmt;

use serde::{Deserialize, Deserializer};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use zeroize::Zeroizing;

use crate::codec::table::kept_as;
use crate::values::secret::{SecretText, deserialize_text};
use crate::values::unicode::joiners::{are_in_place, is_joiner};
use crate::values::unicode::{is_invisible, is_space};

/// The most characters of a secret: it has to be said on the telephone.
pub const MAX_SECRET_CHARS: usize = 64;
/// The most words that a host may forbid for one secret.
pub const MAX_FORBIDDEN_WORDS: usize = 64;
/// The most bytes that are looked at, before anything else is done with them.
const MAX_SECRET_BYTES: usize = 512;
/// What a secret and its padding take in a record. A text of any length to 256 bytes, which is four for each
/// character, leaves a room that some padding fills: one of 25 or 258 bytes none would, since the length of
/// what is written takes one, two or three bytes (RFC 8949 §3).
const ROOM: usize = 283;
static PADDING: [u8; ROOM] = [0; ROOM];
/// So many digits in a row may be a PIN or a one-time code; fewer are a house number.
const CODE_DIGITS: usize = 4;
/// ISO/IEC 7812-1: a card number has 12 to 19 digits.
const PAN_DIGITS: core::ops::RangeInclusive<usize> = 12..=19;
/// More combining marks than any script puts on one letter.
const MAX_MARKS: usize = 3;

/// The word or phrase that a customer sets for a callback, such as "anana".
///
/// Letters of any script, digits, spaces, hyphens and apostrophes; at least one letter; at least 4
/// letters and digits, and at most [`MAX_SECRET_CHARS`] characters in all. A sign that writes a whole
/// syllable or word counts as one and a half, so three Chinese, Korean or kana signs are enough and two
/// are not. U+200C and U+200D stand where their script has them (RFC 5892, A.1 and A.2).
///
/// It must not look like a credential: an impostor who learns it shall learn nothing else, so no run
/// of four digits or more.
///
/// It is wiped when dropped, prints as `[REDACTED]` and is neither `Clone`, `Display` nor
/// `Serialize`. It deserialises from a string, and no error repeats what was typed.
///
/// ```
/// use countersign::callback::{CallbackSecret, SecretError};
///
/// let secret: CallbackSecret = "Blue  Kettle".parse()?;
/// assert!(secret.matches("blue kettle"));
/// assert_eq!(format!("{secret:?}"), "CallbackSecret([REDACTED])");
/// assert_eq!("1234".parse::<CallbackSecret>(), Err(SecretError::LooksLikeCode));
/// # Ok::<(), SecretError>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct CallbackSecret(SecretText);

/// Why a text cannot be a callback secret. It says what to mend and repeats nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Fewer letters and digits than the policy asks for (4 at least).
    #[error("the secret must have at least {0} letters or digits")]
    TooShort(u8),
    /// More than [`MAX_SECRET_CHARS`] characters.
    #[error("the secret must have at most {MAX_SECRET_CHARS} characters")]
    TooLong,
    /// A character that is not a letter, digit, space, hyphen or apostrophe: a control or invisible
    /// character, a symbol, an emoji.
    #[error("the secret must hold only letters, digits, spaces, hyphens and apostrophes")]
    NotSpeakable,
    /// No letter at all.
    #[error("the secret must hold a word, not only digits")]
    NoLetter,
    /// Four or more digits in a row, as in a PIN, a one-time code or a date.
    #[error("the secret must not look like a PIN, code or date: at most three digits in a row")]
    LooksLikeCode,
    /// A run of digits that may be a card number.
    #[error("the secret must not hold a card number")]
    LooksLikeCard,
    /// One of the words that the host forbids for this customer: name, postcode, date of birth.
    #[error("the secret must not be something that others know about the customer")]
    Forbidden,
    /// The host forbids more words than [`MAX_FORBIDDEN_WORDS`], or one that is longer than 512
    /// bytes.
    #[error("at most {MAX_FORBIDDEN_WORDS} words of at most 512 bytes can be forbidden")]
    TooMuchForbidden,
}

impl CallbackSecret {
    /// Takes a secret as the customer typed it. Spaces at the ends are dropped, runs of spaces
    /// become one, and compatibility characters (full-width letters, say) their plain forms;
    /// upper and lower case stay as they are and do not matter in comparisons.
    ///
    /// # Errors
    ///
    /// [`SecretError`] if it cannot be said or might be a credential.
    pub fn new(typed: &str) -> Result<Self, SecretError> {
        if typed.len() > MAX_SECRET_BYTES {
            return Err(SecretError::TooLong);
        }
        let text = nickname(typed, false).ok_or(SecretError::NotSpeakable)?;
        if text.chars().count() > MAX_SECRET_CHARS {
            return Err(SecretError::TooLong);
        }
        speakable(&text)?;
        not_a_credential(&text)?;
        let secret = Self(SecretText::copy_of(&text));
        secret.at_least(crate::policy::CALLBACK_SECRET_CHARS)?;
        // Modifier letters alone (length marks, tone marks) are no word.
        let word = |c| is_letter(c) && c.general_category() != GeneralCategory::ModifierLetter;
        if !text.chars().any(word) {
            return Err(SecretError::NoLetter);
        }
        Ok(secret)
    }

    /// Whether `heard` is this secret by the comparison of RFC 8266 (Nickname): NFKC, case and
    /// spaces folded. For tests and tools of the host; no facet takes a secret to compare, because
    /// the agent says it and the customer recognises it.
    #[must_use]
    pub fn matches(&self, heard: &str) -> bool {
        if heard.len() > MAX_SECRET_BYTES {
            return false;
        }
        let (Some(ours), Some(theirs)) = (nickname(self.expose(), true), nickname(heard, true))
        else {
            return false;
        };
        subtle::ConstantTimeEq::ct_eq(ours.as_bytes(), theirs.as_bytes()).into()
    }

    /// Refuses a secret of fewer than `least` letters and digits; a sign that writes a whole syllable or
    /// word is one and a half.
    pub(crate) fn at_least(&self, least: u8) -> Result<(), SecretError> {
        let halves: usize = self.expose().chars().map(halves).sum();
        if halves < 2 * usize::from(least) { Err(SecretError::TooShort(least)) } else { Ok(()) }
    }

    /// Refuses a secret that is or holds one of `words`.
    ///
    /// Both are folded. An entry of five letters and digits or more must not occur anywhere, spaces
    /// and punctuation aside; a shorter one must not be one of the words.
    pub(crate) fn avoids<S: AsRef<str>>(&self, words: &[S]) -> Result<(), SecretError> {
        if words.is_empty() {
            return Ok(());
        }
        if words.len() > MAX_FORBIDDEN_WORDS
            || words.iter().any(|word| word.as_ref().len() > MAX_SECRET_BYTES)
        {
            return Err(SecretError::TooMuchForbidden);
        }
        let folded = nickname(self.expose(), true).ok_or(SecretError::Forbidden)?;
        let whole = squeezed(&folded);
        for word in words {
            let word = squeezed(&nickname(word.as_ref(), true).ok_or(SecretError::Forbidden)?);
            if word.is_empty() {
                continue;
            }
            let found = *whole == *word
                || if word.chars().count() >= 5 {
                    whole.contains(word.as_str())
                } else {
                    // Viramas and joiners are no letters, and yet stand within a word.
                    folded.split(|c: char| !c.is_alphanumeric()).any(|part| part == word.as_str())
                        || folded.split(is_gap).any(|part| *squeezed(part) == *word)
                };
            if found {
                return Err(SecretError::Forbidden);
            }
        }
        Ok(())
    }

    /// What is compared: the same for every way to type the same secret.
    pub(crate) fn folded(&self) -> Option<Zeroizing<String>> {
        nickname(self.expose(), true)
    }

    /// Whether there is such a form.
    pub(crate) fn can_be_folded(&self) -> bool {
        self.expose().is_ascii() || self.folded().is_some()
    }

    /// The one copy that a record, a booking or a read-back needs.
    pub(crate) fn copy(&self) -> Self {
        Self(SecretText::copy_of(self.expose()))
    }

    /// What is said of it: letters and digits alone, folded.
    pub(crate) fn said(&self) -> Option<Zeroizing<String>> {
        self.folded().map(|folded| squeezed(&folded))
    }

    /// Whether the same is said as of `other`. What has no folded form equals everything.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        match (self.said(), other.said()) {
            (Some(one), Some(other)) => *one == *other,
            _ => true,
        }
    }

    /// What stands beside it in a record, so that a row's length tells nothing of it.
    pub(crate) fn padding(&self) -> &'static [u8] {
        let length = self.expose().len();
        let head = match length {
            ..24 => 1,
            24..256 => 2,
            _ => 3,
        };
        let left = ROOM.saturating_sub(length).saturating_sub(head);
        let head = match left {
            ..25 => 1,
            25..258 => 2,
            _ => 3,
        };
        PADDING.get(..left.saturating_sub(head)).unwrap_or_default()
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

kept_as! {
    // The rules of its time were applied when it was set.
    CallbackSecret: |secret| secret.expose(), |text: &str| {
        Ok::<_, SecretError>(Self(SecretText::copy_of(text)))
    }
}

impl core::str::FromStr for CallbackSecret {
    type Err = SecretError;
    fn from_str(typed: &str) -> Result<Self, SecretError> {
        Self::new(typed)
    }
}

impl fmt::Debug for CallbackSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackSecret([REDACTED])")
    }
}

impl<'de> Deserialize<'de> for CallbackSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a callback secret as text", Self::new)
    }
}

/// The rules of the Nickname profile (RFC 8266, section 2): spaces to U+0020, none at the ends, one
/// between words; with `fold`, as for a comparison, lower case; NFKC. Applied until nothing changes, at
/// most four times; `None` if something still would.
///
/// Folded is what the rules without folding made of it, so that a secret equals what it was typed as: the lunate
/// sigma's capital would be another letter if it was made small before it was made plain.
fn nickname(text: &str, fold: bool) -> Option<Zeroizing<String>> {
    if fold { settled(&settled(text, false)?, true) } else { settled(text, false) }
}

fn settled(text: &str, fold: bool) -> Option<Zeroizing<String>> {
    // Which is its own NFKC, in either case.
    if text.is_ascii() {
        return Some(spaced(text, fold));
    }
    let mut now = once(text, fold);
    for _ in 0..3 {
        let next = once(&now, fold);
        if *next == *now {
            return Some(now);
        }
        now = next;
    }
    None
}

fn once(text: &str, fold: bool) -> Zeroizing<String> {
    let spaced = spaced(text, fold);
    // Room enough that no reallocation leaves a copy behind: no NFKC form takes more than 11 times a
    // character's bytes (U+FDFA: 3 bytes to 33).
    let mut out = Zeroizing::new(String::with_capacity(spaced.len().saturating_mul(11)));
    out.extend(spaced.nfkc());
    out
}

/// Its words with one space between them, and with `fold` in lower case.
fn spaced(text: &str, fold: bool) -> Zeroizing<String> {
    // Room enough here too: no character's lower case takes twice its bytes.
    let mut spaced = Zeroizing::new(String::with_capacity(text.len().saturating_mul(2)));
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        if fold {
            // Character by character: a final sigma is folded like any other.
            spaced.extend(word.chars().flat_map(char::to_lowercase));
        } else {
            spaced.push_str(word);
        }
    }
    spaced
}

/// A letter of any kind (Unicode's L*).
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (!c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Letter)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && c.general_category() == GeneralCategory::DecimalNumber)
}

/// What may stand between words.
const fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '-' | '\'' | '\u{2019}' | '\u{2010}')
}

/// What a character adds to a secret's length, in half letters: three of the signs below, of which
/// each script has at least 78, are as many choices as four of 26 letters.
fn halves(c: char) -> usize {
    if !is_letter(c) {
        return if is_digit(c) { 2 } else { 0 };
    }
    if writes_a_syllable(c) { 3 } else { 2 }
}

/// Letters of the scripts in which one sign is a syllable or a word, by their blocks: Ethiopic,
/// Cherokee, Canadian syllabics, kana, Han, Yi, Vai and Hangul.
fn writes_a_syllable(c: char) -> bool {
    let block = matches!(
        u32::from(c),
        0x1200..=0x139F | 0x2D80..=0x2DDF | 0xAB01..=0xAB2F | 0x1E7E0..=0x1E7FF
            | 0x1400..=0x167F | 0x18B0..=0x18FF | 0x11AB0..=0x11ABF
            | 0x3041..=0x30FF | 0x31F0..=0x31FF
            | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF
            | 0xA000..=0xA48C | 0xA500..=0xA63F | 0xAC00..=0xD7A3
    );
    // The long vowel's and the repetition's mark are no sign of their own.
    (block && c.general_category() == GeneralCategory::OtherLetter)
        || matches!(u32::from(c), 0x13A0..=0x13FF | 0xAB70..=0xABBF)
}

fn speakable(text: &str) -> Result<(), SecretError> {
    if !are_in_place(text) {
        return Err(SecretError::NotSpeakable);
    }
    let mut marks = MAX_MARKS;
    for c in text.chars().filter(|c| !is_joiner(*c)) {
        let allowed = match c.general_category() {
            GeneralCategory::UppercaseLetter
            | GeneralCategory::LowercaseLetter
            | GeneralCategory::TitlecaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::DecimalNumber => {
                marks = 0;
                !is_invisible(c)
            }
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark => {
                marks = marks.saturating_add(1);
                marks <= MAX_MARKS && !is_invisible(c)
            }
            _ => {
                // A mark needs a letter before it.
                marks = MAX_MARKS;
                is_gap(c)
            }
        };
        if !allowed {
            return Err(SecretError::NotSpeakable);
        }
    }
    Ok(())
}

/// No run of digits, of whatever script and however spaced or hyphenated, that a PIN, a one-time
/// code, a date or a card number might be.
fn not_a_credential(text: &str) -> Result<(), SecretError> {
    let mut run = 0_usize;
    let mut longest = 0_usize;
    for c in text.chars() {
        if is_digit(c) {
            run = run.saturating_add(1);
            longest = longest.max(run);
        } else if is_letter(c) {
            run = 0;
        }
    }
    if PAN_DIGITS.contains(&longest) {
        Err(SecretError::LooksLikeCard)
    } else if longest >= CODE_DIGITS {
        Err(SecretError::LooksLikeCode)
    } else {
        Ok(())
    }
}

/// Letters and digits alone.
fn squeezed(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    out.extend(text.chars().filter(|c| c.is_alphanumeric()));
    out
}

#[cfg(test)]
mod tests {
    use super::nickname;

    /// The examples of RFC 8266, table 1, by the comparison of its section 2.3.
    #[test]
    fn rfc_8266_table_1() {
        for (typed, folded) in [
            ("Foo", "foo"),
            ("foo", "foo"),
            ("Foo Bar", "foo bar"),
            ("foo bar", "foo bar"),
            ("\u{3a3}", "\u{3c3}"),
            ("\u{3c3}", "\u{3c3}"),
            ("\u{3c2}", "\u{3c2}"),
            ("\u{265a}", "\u{265a}"),
            ("Richard \u{2163}", "richard iv"),
            // Made plain before it is made small: no final sigma.
            ("\u{3f9}", "\u{3c3}"),
        ] {
            assert_eq!(nickname(typed, true).unwrap().as_str(), folded);
        }
    }
}
