//! Notices, as the app may show them, and which of them were taken back.

use serde::{Deserialize, Serialize};

use crate::challenge::found_on::{FoundElsewhere, FoundOn};
use crate::device::Device;
use crate::notice::token::{NoticeData, NoticeKind, NoticeListData};
use crate::token::{
    Audience, Claims, Rejection, SignedForSomeone, TokenData, TokenError, UntrustedToken,
};
use crate::values::id::NoticeId;
use crate::values::secret::silent_serde;
use crate::values::time::Timestamp;

/// Why a notice must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// It is not genuine, not for this customer, or not valid now: it may have ended.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It is genuine, but was not meant for the place where it was found: a copy, from an account that looks like the
    /// enterprise's.
    #[error(transparent)]
    FoundElsewhere(#[from] FoundElsewhere),
    /// It is genuine, and the enterprise has taken it back.
    #[error("the enterprise has taken this notice back")]
    Withdrawn,
}

/// Why a list of notices was not learnt. Keep what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeListError {
    /// It is not genuine, not for this customer, or not valid now.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It is genuine and older than one that this app has learnt: somebody holds back what came later.
    #[error("this list of notices is older than one that this app has seen")]
    Older,
}

/// A genuine notice, found where it was meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[allow(clippy::exhaustive_enums, reason = "the app must tell one from the other")]
pub enum NoticeCheck {
    /// It is for this customer, or for all. Only this may be shown as genuine.
    ForYou(VerifiedNotice),
    /// The enterprise signed it for one of its customers, and this device cannot tell which: show "signed by the
    /// enterprise, but perhaps not for you".
    ForSomeone(SignedForSomeone<NoticeData>),
}

/// What the lists that the app has learnt say of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the app must tell one from the other")]
pub enum NoticeStanding {
    /// The list holds now, and the notice is on it.
    InForce,
    /// No list of now speaks of it: it may have been taken back. Fetch the board and look again; offline, show it with
    /// its date and say that it could not be confirmed.
    NotConfirmed,
}

/// A genuine notice for this customer, for the app to show: its texts come from here and from nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct VerifiedNotice {
    claims: Claims<NoticeData>,
    standing: NoticeStanding,
}

impl VerifiedNotice {
    /// Which notice.
    #[must_use]
    pub const fn id(&self) -> NoticeId {
        NoticeId(*self.claims.id().as_bytes())
    }

    /// What the enterprise says, and whether to all.
    #[must_use]
    pub const fn data(&self) -> &NoticeData {
        self.claims.data()
    }

    /// Whether it is known to be in force.
    #[must_use]
    pub const fn standing(&self) -> NoticeStanding {
        self.standing
    }

    /// What to show above it: a sentence of the app's own.
    #[must_use]
    pub const fn headline(&self) -> &'static str {
        match self.data().kind() {
            NoticeKind::General => "A notice from us.",
            NoticeKind::Scam => "Beware: a scam is going round.",
            NoticeKind::Disruption => "Something does not work as usual.",
        }
    }

    /// The same for an app in another language: the name of the kind. It never changes.
    #[must_use]
    pub const fn headline_id(&self) -> &'static str {
        self.data().kind().name()
    }

    /// When it was issued.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        self.claims.not_before()
    }

    /// When it ends: show it no longer.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.claims.expires_at()
    }
}

/// What an app has learnt of which notices are in force: of everyone's and of its customer's own.
///
/// One for the whole app. Write it (it is `Serialize`) to where the app keeps its data after
/// [`Device::learn_notices`], and read it back: an app that begins with an empty one can be shown an older list, on
/// which a notice that was taken back still stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct KnownNotices {
    everyone: Option<Known>,
    own: Option<Known>,
}

silent_serde!(KnownNotices: "what an app has learnt of notices", Known: "a list of notices");

/// A list that was learnt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
struct Known {
    number: u64,
    in_force: Vec<NoticeId>,
    until: Timestamp,
}

impl KnownNotices {
    /// Of an app that has learnt nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { everyone: None, own: None }
    }

    const fn of(&self, for_everyone: bool) -> Option<&Known> {
        if for_everyone { self.everyone.as_ref() } else { self.own.as_ref() }
    }

    /// What is known of a notice.
    fn standing(
        &self,
        id: NoticeId,
        data: &NoticeData,
        now: Timestamp,
    ) -> Result<NoticeStanding, NoticeError> {
        match self.of(data.is_for_everyone()) {
            // One that was issued after the list was made is not missing on it.
            Some(known) if data.number() <= known.number => match known.in_force.contains(&id) {
                true if now < known.until => Ok(NoticeStanding::InForce),
                true => Ok(NoticeStanding::NotConfirmed),
                false => Err(NoticeError::Withdrawn),
            },
            _ => Ok(NoticeStanding::NotConfirmed),
        }
    }
}

impl Device {
    /// Learns from a genuine list which notices are in force:
    /// [`NoticeBoard::list`](crate::notice::NoticeBoard::list). Everyone's list may come from anywhere.
    ///
    /// # Errors
    ///
    /// [`NoticeListError`]: nothing was learnt.
    pub fn learn_notices(
        &self,
        known: &mut KnownNotices,
        list: &str,
        now: Timestamp,
    ) -> Result<(), NoticeListError> {
        let claims = self.signed::<NoticeListData>(list, now)?.into_claims();
        let data = claims.data();
        if *claims.audience() != self.audience_of(data.for_everyone) {
            return Err(TokenError::from(Rejection::Audience).into());
        }
        if known.of(data.for_everyone).is_some_and(|known| data.number < known.number) {
            return Err(NoticeListError::Older);
        }
        let learnt = Known {
            number: data.number,
            in_force: data.in_force.clone(),
            until: claims.expires_at(),
        };
        let to = if data.for_everyone { &mut known.everyone } else { &mut known.own };
        *to = Some(learnt);
        Ok(())
    }

    /// Verifies a notice token that was found on a channel: in a text message, an e-mail, a message or post on a social
    /// network, a chat.
    ///
    /// # Errors
    ///
    /// [`NoticeError`]: show nothing of it but the error.
    pub fn open_notice(
        &self,
        token: &str,
        found_on: &FoundOn,
        known: &KnownNotices,
        now: Timestamp,
    ) -> Result<NoticeCheck, NoticeError> {
        let verified = self.signed::<NoticeData>(token, now)?;
        verified.claims().data().check_found_on(found_on)?;
        self.addressed_notice(verified, known, now)
    }

    /// Verifies a notice token of a [`NoticeBoard`](crate::notice::NoticeBoard) that the enterprise's back end handed to
    /// the app itself, through its authenticated session. It was found on no channel, so none is compared: never open a
    /// token with this that came from anywhere else.
    ///
    /// # Errors
    ///
    /// [`NoticeError`]: show nothing of it.
    pub fn open_board_notice(
        &self,
        token: &str,
        known: &KnownNotices,
        now: Timestamp,
    ) -> Result<NoticeCheck, NoticeError> {
        self.addressed_notice(self.signed(token, now)?, known, now)
    }

    fn signed<D: TokenData>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<SignedForSomeone<D>, TokenError> {
        UntrustedToken::parse(token)?.verify_for_someone(&self.trusted, now, self.leeway)
    }

    fn audience_of(&self, for_everyone: bool) -> Audience {
        if for_everyone { Audience::everyone() } else { Audience::from(&self.customer) }
    }

    /// Whether it is for this customer, and in force.
    fn addressed_notice(
        &self,
        verified: SignedForSomeone<NoticeData>,
        known: &KnownNotices,
        now: Timestamp,
    ) -> Result<NoticeCheck, NoticeError> {
        let claims = verified.claims();
        let data = claims.data();
        let expected = match (data.is_pseudonymous(), &self.pseudonym) {
            (false, _) => Some(self.audience_of(data.is_for_everyone())),
            (true, Some(pseudonym)) => pseudonym.audience(claims.id()),
            (true, None) => return Ok(NoticeCheck::ForSomeone(verified)),
        };
        if expected.as_ref() != Some(claims.audience()) {
            return Err(TokenError::from(Rejection::Audience).into());
        }
        let standing = known.standing(NoticeId(*claims.id().as_bytes()), data, now)?;
        Ok(NoticeCheck::ForYou(VerifiedNotice { claims: verified.into_claims(), standing }))
    }
}
