//! What may be seen of notices.

use serde::Serialize;

use crate::notice::token::NoticeKind;
use crate::values::agent_safe::agent_safe;
use crate::values::id::NoticeId;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// A notice, as back end, agents and customers may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PostedNotice {
    /// Its id, which is its token's too.
    pub id: NoticeId,
    /// What it is about.
    pub kind: NoticeKind,
    /// In a few words.
    pub headline: ShortText,
    /// What customers are to know.
    pub text: ShortText,
    /// When it was issued.
    pub since: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
}

agent_safe!(PostedNotice);

/// A notice that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoticeIssued {
    /// What is seen of it.
    pub notice: PostedNotice,
    /// The token to post on the channels that the notice names, for
    /// [`Device::open_notice`](crate::Device::open_notice).
    pub token: String,
}

/// What is on one board, everyone's or a customer's, for the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NoticeBoard {
    /// Which notices are in force, for [`Device::learn_notices`](crate::Device::learn_notices).
    pub list: String,
    /// The token of each, newest first, for
    /// [`Device::open_board_notice`](crate::Device::open_board_notice).
    pub notices: Vec<String>,
}
