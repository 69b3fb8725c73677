//! The numbers of notices.

use core::time::Duration;

/// How long a list of the notices in force holds by default: an hour. Our choice: so long a notice that was taken back
/// passes on a device that reaches nobody.
pub const NOTICE_LIST_VALID_FOR: Duration = Duration::from_secs(3600);
/// The most of it: a day.
pub const NOTICE_LIST_LIMIT: Duration = crate::notice::token::MAX_NOTICE_LIST_LIFETIME;
/// How many notices that have not ended one board holds, those that were taken back included. It bounds the size of a
/// record.
pub const NOTICES_AT_ONCE: usize = 16;
