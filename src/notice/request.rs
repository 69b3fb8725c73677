//! What goes into a notice.

use crate::challenge::found_on::PostsFrom;
use crate::challenge::request::Asked;
use crate::challenge::token::{Channels, InvalidHandles};
use crate::notice::token::{NoticeData, NoticeKind};
use crate::values::id::{CustomerId, RequestId};
use crate::values::secret::reads_request;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// For whom a notice is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "for all or for one")]
pub enum Addressee {
    /// For all customers.
    Everyone,
    /// For this customer alone.
    Customer(CustomerId),
}

impl Addressee {
    /// The customer, if it is for one.
    #[must_use]
    pub const fn customer(&self) -> Option<&CustomerId> {
        match self {
            Self::Everyone => None,
            Self::Customer(customer) => Some(customer),
        }
    }
}

/// A notice to issue.
///
/// ```
/// use countersign::challenge::{Channels, PostsFrom};
/// use countersign::notice::{NoticeKind, NoticeRequest};
/// use countersign::{Channel, RequestId, Timestamp};
///
/// # fn example(next_week: Timestamp) -> Result<NoticeRequest, Box<dyn std::error::Error>> {
/// let notice = NoticeRequest::new(
///     RequestId::new("2026-07")?,
///     NoticeKind::Scam,
///     "False text messages about parcels".parse()?,
///     "We never ask you to move money because of a parcel. Hang up.".parse()?,
///     next_week,
/// )
/// .posted_on(Channels::new(&[Channel::Sms])?)
/// .posting_from([PostsFrom::new(Channel::Sms, "BANK".parse()?)]);
/// # Ok(notice)
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct NoticeRequest {
    pub(crate) request: RequestId,
    pub(crate) kind: NoticeKind,
    pub(crate) headline: ShortText,
    pub(crate) text: ShortText,
    pub(crate) until: Timestamp,
    pub(crate) channels: Option<Channels>,
    pub(crate) handles: Vec<PostsFrom>,
}

impl NoticeRequest {
    /// A notice for the app alone that ends at `until`, at most
    /// [`MAX_NOTICE_LIFETIME`](crate::notice::MAX_NOTICE_LIFETIME) from now.
    ///
    /// `request` is the back end's idempotency key: the same one again gives the same notice.
    pub const fn new(
        request: RequestId,
        kind: NoticeKind,
        headline: ShortText,
        text: ShortText,
        until: Timestamp,
    ) -> Self {
        Self { request, kind, headline, text, until, channels: None, handles: Vec::new() }
    }

    /// The channels on which its token is posted besides.
    pub fn posted_on(mut self, channels: Channels) -> Self {
        self.channels = Some(channels);
        self
    }

    /// From where the enterprise posts it. Text messages, e-mail and social networks need one.
    pub fn posting_from(mut self, handles: impl IntoIterator<Item = PostsFrom>) -> Self {
        self.handles.extend(handles);
        self
    }

    /// What its token says, all but the number.
    pub(crate) fn said(&self, to: &Addressee) -> Result<NoticeData, InvalidHandles> {
        let channels = self.channels.as_ref().map_or(&[][..], Channels::as_slice);
        let exposed = channels.iter().any(|channel| channel.is_exposed());
        let data = NoticeData::new(self.kind, self.headline.clone(), self.text.clone(), 0)
            .found_on(self.channels.clone(), self.handles.iter().cloned())?;
        Ok(match to {
            Addressee::Everyone => data.for_everyone(),
            Addressee::Customer(_) => data.under_pseudonym(exposed),
        })
    }

    /// What the state remembers of this request, which says `data`.
    pub(crate) fn asked(&self, data: &NoticeData) -> Option<Asked> {
        let json = serde_json::to_vec(data).ok()?;
        let until = self.until.unix().to_be_bytes();
        Some(Asked::of(&self.request, &[b"countersign notice v1", &json, &until]))
    }
}

reads_request! {
    NoticeRequest: "a notice to issue", {
        request: RequestId,
        kind: NoticeKind,
        headline: ShortText,
        text: ShortText,
        until: Timestamp,
        #[serde(default)] channels: Option<Channels>,
        #[serde(default)] handles: Vec<PostsFrom>,
    } => |of| NoticeRequest {
        request: of.request,
        kind: of.kind,
        headline: of.headline,
        text: of.text,
        until: of.until,
        channels: of.channels,
        handles: of.handles,
    }
}
