//! What is kept of a board: everyone's notices, or those of one customer.

use crate::challenge::found_on::PostsFrom;
use crate::challenge::request::Asked;
use crate::challenge::token::Channels;
use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::notice::token::{NoticeData, NoticeKind};
use crate::notice::view::PostedNotice;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::{NoticeBoardId, NoticeId};
use crate::values::now::RecordTime;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// One notice, as it was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) id: NoticeId,
    pub(crate) asked: Asked,
    /// By the clock of the machine that posted it, or a phone would take it for one from the future.
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) data: NoticeData,
    pub(crate) withdrawn: Option<Timestamp>,
}

impl Posted {
    pub(crate) fn is_in_force(&self, now: RecordTime) -> bool {
        self.withdrawn.is_none() && !now.has_reached(self.until)
    }

    pub(crate) fn notice(&self) -> PostedNotice {
        PostedNotice {
            id: self.id,
            kind: self.data.kind(),
            headline: self.data.headline().clone(),
            text: self.data.text().clone(),
            since: self.since,
            until: self.until,
            withdrawn: self.withdrawn,
        }
    }
}

/// A board as it is sealed in its record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BoardState {
    /// Goes up with each change, and is never behind the clock of the change: so it goes on rising, too, after the
    /// record has come to its end and another is begun.
    pub(crate) number: u64,
    /// Oldest first. What was withdrawn stays until its end.
    pub(crate) posted: Vec<Posted>,
}

impl BoardState {
    pub(crate) fn forget_ended(&mut self, now: RecordTime) {
        self.posted.retain(|posted| !now.has_reached(posted.until));
    }

    /// The number of the next change.
    pub(crate) fn next_number(&self, now: RecordTime) -> u64 {
        self.number.saturating_add(1).max(now.stamp().unix())
    }
}

impl State for BoardState {
    const KIND: Kind = Kind::NoticeBoard;
    const LISTED: bool = false;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let last = self.posted.iter().map(|posted| posted.until).max();
        // An empty board was changed last when its number says.
        let last = last.unwrap_or(Timestamp::EPOCH).max(Timestamp::from_unix(self.number));
        last.after(policy.leeway).after(policy.retention)
    }

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::NoticeBoard(NoticeBoardId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::NoticeBoard(self.posted.iter().map(Posted::notice).collect())
    }
}

record! { BoardState { 0 => number, 1 => posted } }

record! {
    Posted as posted {
        let data = &posted.data;
        0 => id,
        1 => asked,
        2 => since,
        3 => until,
        4 => number: u64 = data.number(),
        5 => kind: NoticeKind = data.kind(),
        6 => headline: ShortText = data.headline(),
        7 => text: ShortText = data.text(),
        8 => channels: Option<Channels> = data.channels(),
        9 => handles: Vec<PostsFrom> = data.handles().to_vec(),
        10 => for_everyone: bool = data.is_for_everyone(),
        11 => pseudonymous: bool = data.is_pseudonymous(),
        12 => withdrawn,
    } {
        let data = NoticeData::new(kind, headline, text, number)
            .found_on(channels, handles)
            .map_err(|_| Malformed)?
            .under_pseudonym(pseudonymous);
        let data = if for_everyone { data.for_everyone() } else { data };
        Ok(Self { id, asked, since, until, data, withdrawn })
    }
}
