//! Notices: what customers are to know, such as a scam that is going round, signed, with an end, for all customers or
//! for one. A copy that an impostor posts elsewhere is told, and one that was taken back is told too.
//!
//! Begin with [`Verifier::notices`](crate::Verifier::notices); the rules are in the
//! [manual](crate::manual::_18_notices).

pub(crate) mod facet;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod view;

pub use self::facet::Notices;
pub use self::request::{Addressee, NoticeRequest};
pub use self::token::{
    MAX_NOTICE_LIFETIME, MAX_NOTICE_LIST_LIFETIME, NoticeData, NoticeKind, NoticeListData,
};
pub use self::view::{NoticeBoard, NoticeIssued, PostedNotice};
