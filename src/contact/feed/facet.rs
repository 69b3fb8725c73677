//! Counting a feed's reports, and reading how far the feeds are.

use std::collections::BTreeMap;

use crate::contact::feed::reported::Reported;
use crate::contact::feed::rules::Count;
use crate::contact::feed::state::FeedState;
use crate::contact::feed::unidentified::Unidentified;
use crate::contact::request::report::{Acknowledged, Report};
use crate::contact::token::last_contact::ReportedSpan;
use crate::engine::RecordRef;
use crate::engine::enterprise::Enterprise;
use crate::error::{Error, Invalid};
use crate::store::{Place, Range, Which};
use crate::values::id::FeedId;
use crate::values::now::WallClock;
use crate::values::time::Timestamp;

/// How many feeds are read at a time: all that a bank has, and those that it had.
const READ_AT_ONCE: usize = 1000;

impl Enterprise {
    /// The id of a feed's record.
    fn feed_id(&self, feed: &FeedId) -> [u8; 16] {
        let issuer = self.issuer.as_str().as_bytes();
        self.keyring.locate(&[b"countersign feed v1", issuer, feed.as_str().as_bytes()])
    }

    /// The lane and owner of all feeds' records: one list reads them.
    fn feeds_at(&self) -> (u8, [u8; 16]) {
        let issuer = self.issuer.as_str().as_bytes();
        let owner = self.keyring.locate(&[b"countersign feeds v1", issuer]);
        let [lane, ..] = owner;
        (lane, owner)
    }

    pub(crate) fn known_feed(&self, feed: &FeedId) -> Result<(), Invalid> {
        self.telephony.has_feed(feed).then_some(()).ok_or(Invalid::UnknownFeed)
    }

    /// Counts a report whose content was kept.
    pub(crate) async fn count_report(
        &self,
        report: &Report,
        anew: bool,
        said: Option<Unidentified<'_>>,
    ) -> Result<Acknowledged, Error> {
        let (lane, owner) = self.feeds_at();
        let id = self.feed_id(&report.feed);
        let of = RecordRef::<FeedState>::at(None, Place { lane, owner, id });
        let (at, known) = self.run(&of, &Count { report, anew, said }).await?;
        self.watermarks.note(id, known);
        Ok(Acknowledged { at })
    }

    /// How far these feeds are, as far as this process knows.
    fn known_reports<'f>(
        &self,
        feeds: impl IntoIterator<Item = &'f FeedId>,
        now: Timestamp,
    ) -> Reported {
        let ids = feeds.into_iter().map(|feed| self.feed_id(feed));
        let (complete_before, unidentified) = self.watermarks.known(ids);
        // What was kept of a customer may be lost while the feeds' records are not: for as long as a call may last.
        let max_age = self.policy.presence.max_age;
        let lost = self.lost.is_some_and(|lost| now < lost.until().after(max_age));
        Reported { complete_before, lost, unidentified }
    }

    /// Reads how far the feeds are, unless this process knows that these are as far as `wanted`. What depends on it is
    /// read *after*: a report that comes between must not count as one that was seen.
    pub(crate) async fn learn_feeds<'f>(
        &self,
        feeds: impl IntoIterator<Item = &'f FeedId> + Clone,
        wanted: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, Error> {
        let known = self.known_reports(feeds.clone(), now);
        if wanted <= known.complete_before || feeds.clone().into_iter().next().is_none() {
            return Ok(known);
        }
        let note = |id, state: &FeedState| self.watermarks.note(id, state.known());
        self.each_feed(now, note).await?;
        Ok(self.known_reports(feeds, now))
    }

    /// Of which stretch of time all feeds have reported everything: none, if there is no feed, or one has not reported,
    /// or cannot be opened, or is on a call that may reach anybody.
    pub(crate) async fn reported_span(
        &self,
        now: Timestamp,
    ) -> Result<Option<ReportedSpan>, Error> {
        let (clock, max_age) = (WallClock::shows(now), self.policy.presence.max_age);
        let mut spans = BTreeMap::new();
        self.each_feed(now, |id, state| {
            if !state.unidentified.is_any_on(clock, max_age) {
                spans.insert(id, (state.complete_since, state.complete_before));
            }
        })
        .await?;
        let mut all: Option<ReportedSpan> = None;
        for feed in self.telephony.feeds() {
            let known = spans.get(&self.feed_id(feed));
            let Some(&(from, until)) = known.filter(|(from, _)| *from != Timestamp::EPOCH) else {
                return Ok(None);
            };
            let before = all.unwrap_or(ReportedSpan { from, until });
            let (from, until) = (from.max(before.from), until.min(before.until));
            all = Some(ReportedSpan { from, until });
        }
        Ok(all)
    }

    /// What is kept of each feed. One that cannot be opened is left out: it stays where it was known to be.
    async fn each_feed(
        &self,
        now: Timestamp,
        mut then: impl FnMut([u8; 16], &FeedState),
    ) -> Result<(), Error> {
        let (lane, owner) = self.feeds_at();
        let mut range = Range { which: Which::All, after: None, limit: READ_AT_ONCE };
        loop {
            let listed = self.store.list(lane, &owner, range, now).await?;
            for (at, record) in &listed.rows {
                if let Ok(found) = self.open::<FeedState>(at, record) {
                    then(at.id, &found.body.state);
                }
            }
            range.after = listed.next;
            if range.after.is_none() {
                return Ok(());
            }
        }
    }
}
