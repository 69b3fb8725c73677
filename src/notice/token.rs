//! What a notice says, and what says which notices are in force.

use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::challenge::found_on::{FoundElsewhere, FoundOn, PostsFrom};
use crate::challenge::token::{Channels, Handles, InvalidHandles};
use crate::codec::table::numbered;
use crate::token::{Purpose, TokenData};
use crate::values::agent_safe::agent_safe;
use crate::values::id::NoticeId;
use crate::values::secret::{deserialize_text, silent_serde};
use crate::values::text::ShortText;

/// The longest validity of a notice: 31 days. What has to be known for longer is issued again.
pub const MAX_NOTICE_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

/// The longest validity of a list of the notices in force: a day.
pub const MAX_NOTICE_LIST_LIFETIME: Duration = Duration::from_secs(24 * 3600);

numbered! {
    /// What a notice is about. The app shows a headline of its own for each.
    ///
    /// A reader takes a kind that it does not know for [`General`](Self::General).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum NoticeKind {
        /// Anything that customers are to know.
        General = 1,
        /// A scam that is going round.
        Scam = 2,
        /// Something does not work as usual.
        Disruption = 3,
    }
}

agent_safe!(NoticeKind);

impl NoticeKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::General, Self::Scam, Self::Disruption];

    /// The name in text and on the wire: `general`, `scam` or `disruption`. It never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Scam => "scam",
            Self::Disruption => "disruption",
        }
    }
}

impl<'de> Deserialize<'de> for NoticeKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "the kind of a notice", |name| {
            let known = Self::ALL.into_iter().find(|kind| kind.name() == name);
            Ok::<_, core::convert::Infallible>(known.unwrap_or(Self::General))
        })
    }
}

/// The data of a notice token:
///
/// ```json
/// {"kind":"scam","headline":"…","text":"…","number":1769868000,"channels":["sms"],
///  "handles":[{"channel":"sms","handle":"BANK"}],"for_everyone":true,"pseudonymous":true}
/// ```
///
/// All from `channels` on may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct NoticeData {
    kind: NoticeKind,
    headline: ShortText,
    text: ShortText,
    number: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channels: Option<Channels>,
    #[serde(default, skip_serializing_if = "Handles::is_empty")]
    handles: Handles,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    for_everyone: bool,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pseudonymous: bool,
}

silent_serde!(NoticeData: "what a notice says");

impl NoticeData {
    /// A notice for one customer that is shown in the app alone. `number` is the board's when the notice was put on it.
    #[must_use]
    pub const fn new(kind: NoticeKind, headline: ShortText, text: ShortText, number: u64) -> Self {
        Self {
            kind,
            headline,
            text,
            number,
            channels: None,
            handles: Handles::none(),
            for_everyone: false,
            pseudonymous: false,
        }
    }

    /// The same, to be found on these channels too, from these handles and no others where they name some.
    ///
    /// # Errors
    ///
    /// [`InvalidHandles`] if there are too many, one stands twice, or one is on a channel that is not named.
    pub fn found_on(
        mut self,
        channels: Option<Channels>,
        handles: impl IntoIterator<Item = PostsFrom>,
    ) -> Result<Self, InvalidHandles> {
        self.handles = Handles::on(channels.as_ref(), handles)?;
        self.channels = channels;
        Ok(self)
    }

    /// The same, posted when the board had this number.
    #[must_use]
    pub(crate) const fn numbered(mut self, number: u64) -> Self {
        self.number = number;
        self
    }

    /// The same for all customers.
    #[must_use]
    pub const fn for_everyone(mut self) -> Self {
        self.for_everyone = true;
        self
    }

    /// The same for an audience that is a pseudonym.
    #[must_use]
    pub(crate) const fn under_pseudonym(mut self, pseudonymous: bool) -> Self {
        self.pseudonymous = pseudonymous;
        self
    }

    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> NoticeKind {
        self.kind
    }

    /// In a few words, for a line of a list.
    #[must_use]
    pub const fn headline(&self) -> &ShortText {
        &self.headline
    }

    /// What customers are to know.
    #[must_use]
    pub const fn text(&self) -> &ShortText {
        &self.text
    }

    /// The board's number when the notice was put on it: it goes up with each change of the board.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Where it may be found besides the app. A copy of it anywhere else proves nothing.
    #[must_use]
    pub const fn channels(&self) -> Option<&Channels> {
        self.channels.as_ref()
    }

    /// From where the enterprise posts on those channels.
    #[must_use]
    pub fn handles(&self) -> &[PostsFrom] {
        self.handles.as_slice()
    }

    /// Whether it is for all customers.
    #[must_use]
    pub const fn is_for_everyone(&self) -> bool {
        self.for_everyone
    }

    /// Whether the audience is a [`Pseudonym`](crate::challenge::Pseudonym) of the customer.
    #[must_use]
    pub const fn is_pseudonymous(&self) -> bool {
        self.pseudonymous
    }

    /// Whether the notice was to be found there: as a challenge's data says of a challenge.
    ///
    /// # Errors
    ///
    /// [`FoundElsewhere`].
    pub fn check_found_on(&self, found_on: &FoundOn) -> Result<(), FoundElsewhere> {
        self.handles.check(self.channels.as_ref(), found_on)
    }
}

impl TokenData for NoticeData {
    const PURPOSE: Purpose = Purpose::Notice;
    const MAX_LIFETIME: Duration = MAX_NOTICE_LIFETIME;
}

/// The data of a token that says which notices are in force on one board, everyone's or a customer's:
///
/// ```json
/// {"number":1769868001,"in_force":["…"],"for_everyone":true}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct NoticeListData {
    /// The number of the board: a list with a lower one is an older one.
    pub number: u64,
    /// The notices in force, newest first.
    pub in_force: Vec<NoticeId>,
    /// Whether the board is everyone's.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub for_everyone: bool,
}

silent_serde!(NoticeListData: "which notices are in force");

impl NoticeListData {
    pub(crate) const fn new(number: u64, in_force: Vec<NoticeId>, for_everyone: bool) -> Self {
        Self { number, in_force, for_everyone }
    }
}

impl TokenData for NoticeListData {
    const PURPOSE: Purpose = Purpose::NoticeList;
    const MAX_LIFETIME: Duration = MAX_NOTICE_LIST_LIFETIME;
}
