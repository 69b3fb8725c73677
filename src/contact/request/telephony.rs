//! The enterprise's telephony, as the verifier has to know it.

use std::collections::{BTreeMap, BTreeSet};

use crate::contact::token::numbers::MAX_NUMBERS;
use crate::contact::token::verdict::CallVerdict;
use crate::error::ConfigError;
use crate::values::id::{FeedId, TrunkId};
use crate::values::phone::PhoneNumber;
use crate::values::time::Timestamp;

/// Which systems report calls, which numbers their calls may show, and over which trunks the app's own calls come.
///
/// A feed is a system that reports its calls with numbers and a watermark. [`Status::NotUs`](crate::contact::Status) is
/// said only while every feed's watermark is fresh; without a feed it is never said.
///
/// ```
/// use countersign::contact::Telephony;
/// use countersign::id::{FeedId, TrunkId};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (pbx, dialler) = (FeedId::new("pbx-london")?, FeedId::new("dialler")?);
/// let telephony = Telephony::new()
///     .shows("+442071234567".parse()?, [pbx, dialler])
///     .never_calls("+448001234567".parse()?)
///     .app_trunk(TrunkId::new("webrtc-gateway")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Telephony {
    feeds: BTreeSet<FeedId>,
    shown: BTreeMap<PhoneNumber, Shown>,
    never: BTreeSet<PhoneNumber>,
    app_trunks: BTreeSet<TrunkId>,
}

/// A number that calls show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Shown {
    feeds: BTreeSet<FeedId>,
    /// From when on, if not from ever.
    from: Option<Timestamp>,
}

impl Shown {
    fn are_shown(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now)
    }
}

impl Telephony {
    /// No system, and no number.
    pub const fn new() -> Self {
        Self {
            feeds: BTreeSet::new(),
            shown: BTreeMap::new(),
            never: BTreeSet::new(),
            app_trunks: BTreeSet::new(),
        }
    }

    /// A system that reports calls or chats, whose calls show no number of the enterprise's.
    pub fn feed(mut self, feed: FeedId) -> Self {
        self.feeds.insert(feed);
        self
    }

    /// A number that calls of these systems may show, and of no other: every one of them, or a genuine call is hung up.
    pub fn shows(self, number: PhoneNumber, feeds: impl IntoIterator<Item = FeedId>) -> Self {
        self.shown_by(number, None, feeds)
    }

    /// A number that only took calls so far, and that calls of these systems may show from `from` on. Until then it stands in
    /// no list, none of its calls can be announced, and whoever asks about it is told that it cannot be told.
    ///
    /// A phone denies what its list says never calls, and does not ask. So `from` lies later, by
    /// [`PresencePolicy::numbers_valid_for`](crate::policy::PresencePolicy::numbers_valid_for) and an hour at least, than the
    /// moment at which the last process went that was built with [`never_calls`](Self::never_calls) for it.
    pub fn shows_from(
        self,
        number: PhoneNumber,
        from: Timestamp,
        feeds: impl IntoIterator<Item = FeedId>,
    ) -> Self {
        self.shown_by(number, Some(from), feeds)
    }

    fn shown_by(
        mut self,
        number: PhoneNumber,
        from: Option<Timestamp>,
        feeds: impl IntoIterator<Item = FeedId>,
    ) -> Self {
        let shown = self.shown.entry(number).or_default();
        shown.from = from;
        for feed in feeds {
            self.feeds.insert(feed.clone());
            shown.feeds.insert(feed);
        }
        self
    }

    /// A number that only takes calls: the one on the card, for instance.
    pub fn never_calls(mut self, number: PhoneNumber) -> Self {
        self.never.insert(number);
        self
    }

    /// A trunk over which the calls of the enterprise's own app come, and none of anybody else's: from there, and from
    /// nowhere else, a ticket in a SIP header is taken.
    pub fn app_trunk(mut self, trunk: TrunkId) -> Self {
        self.app_trunks.insert(trunk);
        self
    }

    /// Every system.
    pub fn feeds(&self) -> impl Iterator<Item = &FeedId> + Clone {
        self.feeds.iter()
    }

    pub(crate) fn has_feed(&self, feed: &FeedId) -> bool {
        self.feeds.contains(feed)
    }

    /// The systems whose calls may show this number now, if it is one.
    pub(crate) fn showing(
        &self,
        number: &PhoneNumber,
        now: Timestamp,
    ) -> Option<&BTreeSet<FeedId>> {
        self.shown.get(number).filter(|shown| shown.are_shown(now)).map(|shown| &shown.feeds)
    }

    /// What is said of a number that no call may show now.
    pub(crate) fn verdict_on_another(&self, number: &PhoneNumber) -> CallVerdict {
        if self.never.contains(number) {
            CallVerdict::NotLegitimate
        } else if self.shown.contains_key(number) {
            CallVerdict::Undetermined
        } else {
            CallVerdict::Unknown
        }
    }

    pub(crate) fn is_app_trunk(&self, trunk: &TrunkId) -> bool {
        self.app_trunks.contains(trunk)
    }

    pub(crate) fn shown_numbers(&self, now: Timestamp) -> impl Iterator<Item = &PhoneNumber> {
        self.shown.iter().filter(move |(_, shown)| shown.are_shown(now)).map(|(number, _)| number)
    }

    pub(crate) fn never_shown_numbers(&self) -> impl Iterator<Item = &PhoneNumber> {
        self.never.iter()
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let both = self.shown.keys().any(|number| self.never.contains(number));
        let nobodys = self.shown.values().any(|shown| shown.feeds.is_empty());
        let many = self.shown.len().saturating_add(self.never.len()) > MAX_NUMBERS;
        if both || nobodys || many { Err(ConfigError::Telephony) } else { Ok(()) }
    }
}
