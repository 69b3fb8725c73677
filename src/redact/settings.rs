//! What is looked for, and how.

use std::sync::Arc;

use crate::redact::languages::lexicon::Lexicon;
use crate::redact::names::Names;
use crate::redact::token::Reading;
use crate::values::card_number::Issuers;

/// What text is looked through for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Mode {
    /// What people type and say: chats, transcripts, tickets. A number with its check digit that stands by itself is a card
    /// number.
    #[default]
    People,
    /// What machines print. Digits that nothing divides are a card number only with evidence beside them: a card's
    /// [name](crate::redact::NameKind::Card) before them, or an expiry behind them. So are groups unless they are divided by spaces or by
    /// dashes.
    Logs,
}

/// What is looked for, and how.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) lexicon: Arc<Lexicon>,
    pub(super) names: Arc<Names>,
    pub(super) issuers: Arc<Issuers>,
    pub(super) mode: Mode,
    pub(super) spoken: bool,
    pub(super) keep_last_four: bool,
    pub(super) any_length: bool,
    pub(super) mask: char,
}

impl Settings {
    /// How text is read.
    pub(super) fn reading(&self) -> Reading<'_> {
        Reading { lexicon: self.spoken.then_some(&*self.lexicon), mask: self.mask, asides: true }
    }
}
