//! What is looked for, and what is put in its place.

use core::ops::Range;
use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use crate::redact::chars::{Class, class};
use crate::redact::edit::Edit;
use crate::redact::engine::Engine;
use crate::redact::languages::lexicon::Lexicon;
use crate::redact::names::Names;
use crate::redact::settings::{Mode, Settings};
use crate::redact::stream::{Piece, pieces};
use crate::redact::{
    Finder, InvalidLanguage, InvalidName, Language, Lines, NameKind, Redactor, Span, SpanKind,
    Writer,
};
use crate::values::card_number::{BrandTable, Issuers};

/// What is looked for, and what is put in its place.
///
/// ```
/// use countersign::redact::Options;
///
/// let options = Options::new().keep_last_four(true).mask('#')?;
/// assert_eq!(options.cards("4242-4242-4242-4242"), "####-####-####-4242");
/// # Ok::<(), countersign::redact::InvalidMask>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    settings: Settings,
}

/// A mask must not be a letter, a digit, or anything that may stand within a number or begin an escape, but for a bullet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mask must not be a letter, a digit, a separator or a control character")]
#[non_exhaustive]
pub struct InvalidMask;

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// Written numbers and numbers spoken in English; every digit masked with `*`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: Settings {
                lexicon: Lexicon::all(),
                names: Names::shipped(),
                issuers: Issuers::published(),
                mode: Mode::People,
                spoken: true,
                keep_last_four: false,
                any_length: false,
                mask: '*',
            },
        }
    }

    /// Whether the last four digits of a card number stay (PCI DSS 4.0.1, 3.4.1, allows that). Where
    /// it is in doubt which digits those are, none do.
    #[must_use]
    pub const fn keep_last_four(mut self, keep: bool) -> Self {
        self.settings.keep_last_four = keep;
        self
    }

    /// Whether a number that other digits are glued to is found in every length that its scheme issues. By
    /// default it is found in the usual one, or with an expiry after it: in every length, many a long
    /// identifier is masked, too (the [manual](crate::manual::_39_redaction) says how many). For hosts to which a
    /// number that is left is worse than that.
    ///
    /// ```
    /// use countersign::redact::Options;
    ///
    /// let (text, options) = ("ref 004222222222222", Options::new());
    /// assert_eq!(options.cards(text), text);
    /// assert_eq!(options.glued_in_any_length(true).cards(text), "ref 00*************");
    /// ```
    #[must_use]
    pub const fn glued_in_any_length(mut self, any: bool) -> Self {
        self.settings.any_length = any;
        self
    }

    /// What stands for each digit, `*` by default.
    ///
    /// # Errors
    ///
    /// [`InvalidMask`].
    pub fn mask(mut self, mask: char) -> Result<Self, InvalidMask> {
        // A bullet may stand within a number, where it is not the mask.
        let bullet = matches!(mask, '\u{2022}' | '\u{25cf}');
        let other = class(mask) == Class::Other && !matches!(mask, '+' | '\\' | '%' | '&');
        if !(other || bullet) || mask.is_control() {
            return Err(InvalidMask);
        }
        self.settings.mask = mask;
        Ok(self)
    }

    /// Whether people or machines wrote the text. By default people did.
    ///
    /// ```
    /// use countersign::redact::{Mode, Options};
    ///
    /// let logs = Options::new().mode(Mode::Logs);
    /// let line = "seq=4242424242424242 pan=4242424242424242";
    /// assert_eq!(logs.cards(line), "seq=4242424242424242 pan=****************");
    /// ```
    #[must_use]
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.settings.mode = mode;
        self
    }

    /// Names of the host's own, beside those that are known. How their words are divided makes no difference:
    /// `"geheimzahl"` is "Geheimzahl", "geheim_zahl" and "geheimZahl".
    ///
    /// ```
    /// use countersign::redact::{NameKind, Options};
    ///
    /// let options = Options::new().names(NameKind::Code, &["magic digits"])?;
    /// assert_eq!(options.cards("4242 4242 4242 4242 magicDigits=123"), "**** **** **** **** magicDigits=***");
    /// # Ok::<(), countersign::redact::InvalidName>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidName`] if one has no letter or is too long.
    pub fn names(mut self, named: NameKind, names: &[&str]) -> Result<Self, InvalidName> {
        let all = Arc::make_mut(&mut self.settings.names);
        names.iter().try_for_each(|name| all.add(named, name))?;
        Ok(self)
    }

    /// Ranges of the host's own, beside the published ones: of its own cards, or a newer list of its acquirer's.
    ///
    /// ```
    /// use countersign::card_number::{Brand, BrandRange, BrandTable};
    /// use countersign::redact::Options;
    ///
    /// let range = BrandRange::new("982616", "982616", &[16], &[Brand::PrivateLabel])?;
    /// let table = BrandTable::new([range.without_check_digit()])?;
    /// let options = Options::new().ranges(&table);
    /// assert_eq!(options.cards("9826 1600 0000 0000"), "**** **** **** ****");
    /// # Ok::<(), countersign::card_number::InvalidBrandRange>(())
    /// ```
    #[must_use]
    pub fn ranges(mut self, table: &BrandTable) -> Self {
        self.settings.issuers = Arc::new(table.issuers());
        self
    }

    /// Whether numbers in words are found.
    #[must_use]
    pub const fn spoken(mut self, spoken: bool) -> Self {
        self.settings.spoken = spoken;
        self
    }

    /// The languages of spoken numbers and of announcements, in place of English. Where two have one
    /// word, it means what it means in the first. Making them ready takes a moment: keep the options.
    ///
    /// # Errors
    ///
    /// [`InvalidLanguage`] if a word would never be found, or means nothing: none is left out
    /// silently.
    pub fn languages(mut self, languages: &[Language]) -> Result<Self, InvalidLanguage> {
        languages.iter().try_for_each(Language::check)?;
        self.settings.lexicon = Arc::new(Lexicon::new(languages));
        Ok(self)
    }

    /// As [`cards`](crate::redact::cards), with these options.
    #[must_use]
    pub fn cards<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut engine = self.engine();
        engine.read(text.as_bytes(), true);
        let edits = engine.edits();
        if edits.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        pieces(text.as_bytes(), 0, text.len(), &edits, |piece| match piece {
            Piece::Text(text) | Piece::Quote(text) => out.push_str(&String::from_utf8_lossy(text)),
            Piece::Masks(masks) => out.extend(core::iter::repeat_n(self.settings.mask, masks)),
        });
        Cow::Owned(out)
    }

    /// As [`spans`](crate::redact::spans), with these options. [`keep_last_four`](Self::keep_last_four) makes
    /// no difference: a span is the whole number.
    #[must_use]
    pub fn spans(&self, text: &str) -> Vec<Span> {
        let mut engine = self.engine();
        engine.read(text.as_bytes(), true);
        engine.finds()
    }

    pub(super) fn finds_any(&self, text: &str) -> bool {
        let mut engine = self.engine();
        engine.read(text.as_bytes(), true);
        !engine.finds().is_empty()
    }

    /// For text that comes in chunks.
    #[must_use]
    pub fn redactor(&self) -> Redactor {
        Redactor::new(self.engine(), self.settings.mask)
    }

    /// For bytes that are written to `to`.
    #[must_use]
    pub fn writer<W: io::Write>(&self, to: W) -> Writer<W> {
        Writer::new(self.engine(), self.settings.mask, to)
    }

    /// For lines that are written to `to`, each as a text of its own.
    #[must_use]
    pub fn lines<W: io::Write>(&self, to: W) -> Lines<W> {
        Lines::new(self.writer(to))
    }

    /// With a mask that no format gives a meaning to.
    pub(super) fn with_safe_mask(&self) -> Self {
        let mut options = self.clone();
        if matches!(self.settings.mask, '"' | '<' | '>' | '&' | '[' | ']' | '(' | ')') {
            options.settings.mask = '*';
        }
        options
    }

    /// For places alone, in bytes that come in chunks.
    #[must_use]
    pub fn finder(&self) -> Finder {
        Finder::new(self.engine())
    }

    /// What is to be masked in a whole text, and what was found.
    pub(crate) fn edits_and_cards(&self, text: &str) -> (Vec<Edit>, Vec<(Range<usize>, SpanKind)>) {
        let mut engine = self.engine();
        engine.read(text.as_bytes(), true);
        let found = engine.finds().into_iter();
        let found = found.filter_map(|span| Some((span.range()?, span.kind())));
        let found = found.collect();
        (engine.edits(), found)
    }

    /// How text is read: the words, whether they count, and what stands for digits.
    pub(super) fn reading(&self) -> (Arc<Lexicon>, bool, char) {
        let Settings { lexicon, spoken, mask, .. } = &self.settings;
        (Arc::clone(lexicon), *spoken, *mask)
    }

    /// Who issues cards under which ranges.
    pub(super) fn issuers(&self) -> Arc<Issuers> {
        Arc::clone(&self.settings.issuers)
    }

    /// How many digits at the end of a number stay.
    pub(super) const fn kept(&self) -> usize {
        if self.settings.keep_last_four { 4 } else { 0 }
    }

    fn engine(&self) -> Engine {
        Engine::new(self.settings.clone())
    }
}
