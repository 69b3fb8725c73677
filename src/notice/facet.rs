//! The facet for notices.

use core::time::Duration;

use crate::challenge::Challenges;
use crate::customer::anchor::not_erased;
use crate::engine::RecordRef;
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::without_cards;
use crate::engine::trace::call;
use crate::error::{Error, Failure, Invalid};
use crate::notice::request::{Addressee, NoticeRequest};
use crate::notice::rules::{Post, Withdraw};
use crate::notice::state::{BoardState, Posted};
use crate::notice::token::{MAX_NOTICE_LIFETIME, NoticeListData};
use crate::notice::view::{NoticeBoard, NoticeIssued, PostedNotice};
use crate::policy::Act;
use crate::store::Place;
use crate::token::{Audience, TokenId};
use crate::values::id::NoticeId;
use crate::values::now::{RecordTime, WallClock};
use crate::values::time::Timestamp;

/// Notices: see [`Verifier::notices`](crate::Verifier::notices).
///
/// The back end calls `issue`, `withdraw` and `list`; the customer's app, or whoever publishes what is for everyone,
/// calls `board`. Repeating a call whose answer was lost gives the first result again.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`], [`Error::Clock`] or
/// [`Error::Random`], and those that make a token with [`Error::Signer`]; nothing was decided then.
#[derive(Debug, Clone, Copy)]
pub struct Notices<'a>(pub(crate) &'a Enterprise);

impl Notices<'_> {
    /// The back end issues a notice. It is on its board from now on; the token that it gets back is to be posted on the
    /// channels that the notice names, and nowhere else.
    ///
    /// Where others can read one of the channels, the token of a notice for one customer does not name the customer.
    ///
    /// The observer and the outbox are told of notices for one customer, and not of those for everyone, which are
    /// nobody's.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] says what to mend; [`Error::Refused`] if the customer was erased;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey).
    pub async fn issue(
        self,
        to: &Addressee,
        notice: &NoticeRequest,
    ) -> Result<NoticeIssued, Error> {
        call!("notices.issue", async {
            self.0.signing()?;
            if let Some(customer) = to.customer() {
                not_erased(self.0, customer).await?;
            }
            let data = notice.said(to).map_err(Invalid::from)?;
            let asked = notice.asked(&data).ok_or(Error::Internal)?;
            let id = NoticeId(self.0.keyring.locate(&[
                b"countersign notice v1",
                self.0.issuer.as_str().as_bytes(),
                &[u8::from(to.customer().is_some())],
                to.customer().map_or("", |customer| customer.as_str()).as_bytes(),
                notice.request.as_str().as_bytes(),
            ]));
            let now = self.0.clock.now()?;
            let made = self.check(notice, now).map(|()| {
                let until = notice.until;
                Posted { id, asked, since: now, until, data, withdrawn: None }
            });
            let post = Post { asked, made: made.map_err(Failure::from) };
            let posted = self.0.run(&self.at(to), &post).await?;
            Ok(NoticeIssued { notice: posted.notice(), token: self.token(to, &posted).await? })
        })
    }

    /// Whether the policy allows this notice now.
    fn check(self, notice: &NoticeRequest, now: Timestamp) -> Result<(), Invalid> {
        without_cards([&notice.headline, &notice.text])?;
        for &channel in notice.channels.iter().flat_map(|channels| channels.as_slice()) {
            if !self.0.policy.channels.allows(Act::Challenge, channel) {
                return Err(Invalid::Channel(channel));
            }
            let named = notice.handles.iter().any(|from| from.channel == channel);
            if channel.is_exposed() && !named {
                return Err(Invalid::NoHandle(channel));
            }
        }
        if notice.until <= now {
            Err(Invalid::WindowOver)
        } else if notice.until > now.after(MAX_NOTICE_LIFETIME) {
            Err(Invalid::WindowTooFar(MAX_NOTICE_LIFETIME))
        } else {
            Ok(())
        }
    }

    /// The back end takes a notice back: it is on no list any more, and every device that has learnt a later list
    /// tells a copy of it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is none of this id on that board, or it has ended.
    pub async fn withdraw(self, to: &Addressee, id: &NoticeId) -> Result<PostedNotice, Error> {
        call!("notices.withdraw", self.0.run(&self.at(to), &Withdraw(*id)))
    }

    /// The notices that have not ended, newest first; those that were taken back are among them. Writes nothing.
    ///
    /// # Errors
    ///
    /// See [`Notices`].
    pub async fn list(self, to: &Addressee) -> Result<Vec<PostedNotice>, Error> {
        call!("notices.list", async {
            let (state, now, _) = self.read(to).await?;
            let listed = state.posted.iter().rev().filter(|one| !now.has_reached(one.until));
            Ok(listed.map(Posted::notice).collect())
        })
    }

    /// What is on a board now, signed, for the app: which notices are in force, and each of them. Writes nothing.
    ///
    /// The app asks for everyone's board, which may come from anywhere, and through its authenticated session for its
    /// customer's. The list holds for
    /// [`Policy::notice_list_valid_for`](crate::Policy::notice_list_valid_for).
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey). Otherwise see [`Notices`].
    pub async fn board(self, to: &Addressee) -> Result<NoticeBoard, Error> {
        call!("notices.board", async {
            let signing = self.0.signing()?;
            let (state, now, clock) = self.read(to).await?;
            let in_force = state.posted.iter().rev().filter(|posted| posted.is_in_force(now));
            let in_force: Vec<_> = in_force.collect();
            let mut notices = Vec::new();
            for posted in &in_force {
                notices.push(self.token(to, posted).await?);
            }
            let ids = in_force.iter().map(|posted| posted.id).collect();
            let data = NoticeListData::new(state.number, ids, to.customer().is_none());
            let mut id = [0; 16];
            self.0.random.fill(&mut id)?;
            let valid_for = self.0.policy.notice_list_valid_for;
            let (audience, id) = (plain_audience(to), TokenId::from_bytes(id));
            let list = self.0.sign(signing, audience, id, clock, valid_for, data).await?;
            Ok(NoticeBoard { list, notices })
        })
    }

    /// A board as it stands, and what the clock shows.
    async fn read(self, to: &Addressee) -> Result<(BoardState, RecordTime, Timestamp), Error> {
        match self.0.read(&self.at(to)).await? {
            Some((found, clock)) => {
                let now = RecordTime::of(WallClock::shows(clock), found.body.updated);
                Ok((found.body.state, now, clock))
            }
            None => {
                let clock = self.0.clock.now()?;
                // Behind the number of whatever is posted next, and past those of a record that has come to its end.
                let behind = self.0.policy.leeway.saturating_mul(2);
                let number = clock.before(behind.max(Duration::from_secs(1))).unix();
                let state = BoardState { number, posted: Vec::new() };
                Ok((state, RecordTime::of(WallClock::shows(clock), Timestamp::EPOCH), clock))
            }
        }
    }

    /// A notice, signed: the same each time, and under the key of now.
    async fn token(self, to: &Addressee, posted: &Posted) -> Result<String, Error> {
        let Posted { id, since, until, data, .. } = posted;
        let jti = TokenId::from_bytes(id.0);
        let audience = match to.customer().filter(|_| data.is_pseudonymous()) {
            Some(customer) => Challenges(self.0).pseudonym(customer).audience(jti),
            None => Some(plain_audience(to)),
        };
        let audience = audience.ok_or(Error::Internal)?;
        let valid_for = until.since(*since).min(MAX_NOTICE_LIFETIME);
        self.0.sign(self.0.signing()?, audience, jti, *since, valid_for, data.clone()).await
    }

    /// Where the board stands.
    fn at<'a>(self, to: &'a Addressee) -> RecordRef<'a, BoardState> {
        match to {
            Addressee::Customer(customer) => {
                let id = self.0.owner::<BoardState>(customer);
                self.0.of(customer, id)
            }
            Addressee::Everyone => {
                let issuer = self.0.issuer.as_str().as_bytes();
                let owner = self.0.keyring.locate(&[b"countersign board of everyone v1", issuer]);
                let [lane, ..] = owner;
                RecordRef::at(None, Place { lane, owner, id: owner })
            }
        }
    }
}

/// For whom it is, by name.
fn plain_audience(to: &Addressee) -> Audience {
    to.customer().map_or_else(Audience::everyone, Audience::from)
}
