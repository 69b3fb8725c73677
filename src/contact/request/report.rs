//! One numbered report of a feed, and what is said of a call.

use crate::values::id::FeedId;
use crate::values::phone::PhoneNumber;
use crate::values::secret::reads_request;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// Which of a feed's reports one is, and up to when the feed has reported everything.
///
/// A feed numbers its reports from 1, each once, and repeats a report under its number until it is acknowledged. A
/// number that never comes is a gap: answers are then undetermined until it comes, or until the feed
/// [begins anew](crate::contact::Contact::resync).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Report {
    pub(crate) feed: FeedId,
    pub(crate) number: u64,
    pub(crate) complete_before: Timestamp,
}

impl Report {
    /// Report `number` of `feed`. Every call of this feed's that began before `complete_before` is in this report or in one
    /// with a lower number.
    ///
    /// `complete_before` is by the *enterprise's* clock: the [`Acknowledged::at`] of a report that was acknowledged before
    /// the feed looked at its calls. So it does not matter what the feed's own clock shows.
    pub const fn new(feed: FeedId, number: u64, complete_before: Timestamp) -> Self {
        Self { feed, number, complete_before }
    }
}

reads_request! {
    Report: "a numbered report of a feed", {
        feed: FeedId,
        number: u64,
        complete_before: Timestamp,
    } => |of| Report::new(of.feed, of.number, of.complete_before)
}

/// A report was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Acknowledged {
    /// When, by the enterprise's clock: for the [`Report`]s to come.
    pub at: Timestamp,
}

/// What the customer's app shows of a call: by which name the agent or the team goes, and why they call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Introduction {
    pub(crate) agent_name: Option<ShortText>,
    pub(crate) purpose: Option<ShortText>,
}

impl Introduction {
    /// Nothing is said.
    pub const fn none() -> Self {
        Self { agent_name: None, purpose: None }
    }

    /// The name by which the agent or the team goes.
    pub const fn by(agent_name: ShortText) -> Self {
        Self { agent_name: Some(agent_name), purpose: None }
    }

    /// Why there is this call.
    pub fn about(mut self, purpose: ShortText) -> Self {
        self.purpose = Some(purpose);
        self
    }
}

reads_request! {
    Introduction: "what is said of a call", {
        #[serde(default)] agent_name: Option<ShortText>,
        #[serde(default)] purpose: Option<ShortText>,
    } => |of| Introduction { agent_name: of.agent_name, purpose: of.purpose }
}

/// A call that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Announcement {
    pub(crate) shown: PhoneNumber,
    pub(crate) introduction: Introduction,
}

impl Announcement {
    /// A call that will show this number of the enterprise's.
    pub const fn showing(number: PhoneNumber) -> Self {
        Self { shown: number, introduction: Introduction::none() }
    }

    /// With this introduction.
    pub fn introduced(mut self, introduction: Introduction) -> Self {
        self.introduction = introduction;
        self
    }
}

reads_request! {
    Announcement: "a call that is about to be made", {
        number: PhoneNumber,
        #[serde(default)] introduction: Introduction,
    } => |of| Announcement { shown: of.number, introduction: of.introduction }
}
