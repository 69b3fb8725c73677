//! What telephony reports: interactions that begin, go over and end, and calls that are about to ring.

use crate::contact::facet::Contact;
use crate::contact::feed::unidentified::Unidentified;
use crate::contact::request::report::{Acknowledged, Announcement, Introduction, Report};
use crate::contact::rules::announced::Announce;
use crate::contact::rules::{Began, Ended, Said};
use crate::contact::state::PresenceState;
use crate::customer::anchor::not_erased;
use crate::engine::rule::Rule;
use crate::engine::trace::call;
use crate::error::{Error, Invalid};
use crate::values::id::{FeedId, InteractionId};
use crate::values::interaction::Interaction;
use crate::values::phone::PhoneNumber;

impl Contact<'_> {
    /// The back end reports that an interaction began, from either side, when telephony says so: an
    /// outbound one when it starts to ring. Again with another agent: it went over to them.
    ///
    /// Reports may come twice and in any order: a beginning that is reported after its end opens
    /// nothing. An interaction ends when [`close`](Self::close) says so, or else after
    /// [`PresencePolicy::max_age`](crate::policy::PresencePolicy::max_age).
    ///
    /// The observer is told [`Action::WarnOfRelay`](crate::history::Action::WarnOfRelay) if it is by voice or
    /// video, another one of this customer's is too, and the customer is said to have started one of
    /// them: one person is hardly in both.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if [`OPEN_EACH_WAY`](crate::policy::OPEN_EACH_WAY) are open;
    /// [`Invalid::InteractionReused`](crate::error::Invalid::InteractionReused) if the id is that of one with
    /// another channel or direction. Otherwise as [`Contact`].
    pub async fn open(self, interaction: &Interaction) -> Result<(), Error> {
        call!("contact.open", async {
            let id = self.presence(&interaction.customer);
            not_erased(self.0, &interaction.customer).await?;
            let began = Began { interaction, said: None };
            self.0.run(&self.0.of(&interaction.customer, id), &began).await
        })
    }

    /// The back end reports that an interaction ended.
    ///
    /// `interaction` has the channel and direction with which it began: under the same id another kind is another
    /// conversation, and ends nothing of this one.
    ///
    /// # Errors
    ///
    /// As [`Contact`].
    pub async fn close(self, interaction: &Interaction) -> Result<(), Error> {
        call!("contact.close", async {
            let id = self.presence(&interaction.customer);
            self.0.run(&self.0.of(&interaction.customer, id), &Ended(interaction)).await
        })
    }

    /// The dialler is about to ring a customer: the report comes before it rings, and it rings once this has returned.
    /// From then on the customer is told that the enterprise is calling, and a phone that asks about the ringing call
    /// ([`verdict`](Self::verdict)) that the call is the enterprise's.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the interaction is inbound, has ended, is neither by voice nor by video, or as many are open as
    /// can be: do not ring.
    /// [`Invalid::UnknownFeed`](crate::error::Invalid::UnknownFeed),
    /// [`UnknownNumber`](crate::error::Invalid::UnknownNumber) if the verifier's [`Telephony`](crate::contact::Telephony) does
    /// not have the feed, or not the number for it;
    /// [`InteractionReused`](crate::error::Invalid::InteractionReused),
    /// [`FeedGap`](crate::error::Invalid::FeedGap). Otherwise as [`Contact`]: report it again under the same number.
    pub async fn announce(
        self,
        report: &Report,
        interaction: &Interaction,
        announcement: &Announcement,
    ) -> Result<Acknowledged, Error> {
        call!("contact.announce", async {
            self.shows(&report.feed, &announcement.shown)?;
            let rule = Announce { interaction, announcement, report };
            self.report(report, interaction, &rule).await
        })
    }

    /// A conversation began: the customer answered an outbound call, or an inbound one was identified. A feed that
    /// announces nothing reports an outbound call so when it starts to ring.
    ///
    /// Reports may come late, twice and in any order. The observer is told
    /// [`Action::WarnOfRelay`](crate::history::Action::WarnOfRelay) as [`open`](Self::open) says. What finds no room makes this
    /// customer's answers undetermined for [`PresencePolicy::max_age`](crate::policy::PresencePolicy::max_age).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the customer was erased;
    /// [`Invalid::UnknownFeed`](crate::error::Invalid::UnknownFeed), [`FeedGap`](crate::error::Invalid::FeedGap). Otherwise as
    /// [`Contact`]: report it again under the same number.
    pub async fn began(
        self,
        report: &Report,
        interaction: &Interaction,
        introduction: &Introduction,
    ) -> Result<Acknowledged, Error> {
        call!("contact.began", async {
            let said = Some(Said { report, introduction, transferred: false });
            self.report(report, interaction, &Began { interaction, said }).await
        })
    }

    /// A conversation went over to another agent or team: `interaction` names the new one, and keeps its id.
    ///
    /// # Errors
    ///
    /// As [`began`](Self::began).
    pub async fn transferred(
        self,
        report: &Report,
        interaction: &Interaction,
        introduction: &Introduction,
    ) -> Result<Acknowledged, Error> {
        call!("contact.transferred", async {
            let said = Some(Said { report, introduction, transferred: true });
            self.report(report, interaction, &Began { interaction, said }).await
        })
    }

    /// A conversation ended, or an announced call was not answered.
    ///
    /// `interaction` has the channel and direction with which it began: under the same id another kind is another
    /// conversation, and ends nothing of this one.
    ///
    /// # Errors
    ///
    /// As [`began`](Self::began).
    pub async fn ended(
        self,
        report: &Report,
        interaction: &Interaction,
    ) -> Result<Acknowledged, Error> {
        call!("contact.ended", async {
            self.report(report, interaction, &Ended(interaction)).await
        })
    }

    /// A call is about to ring, or is going on, that may reach anybody: an agent dials by hand and no customer is known, or
    /// the line leads to another phone. Until [`ended_unidentified`](Self::ended_unidentified) nobody is told "not us", and
    /// no call that shows this number is denied; without a number, none that shows one of the feed's.
    ///
    /// A call that was announced to a customer may be reported so besides, under the same id. The report comes before it
    /// rings, and is in force everywhere within [`PresencePolicy::lag`](crate::policy::PresencePolicy::lag). What finds no room
    /// beside [`UNIDENTIFIED_AT_ONCE`](crate::policy::UNIDENTIFIED_AT_ONCE) others counts as going on for
    /// [`PresencePolicy::max_age`](crate::policy::PresencePolicy::max_age).
    ///
    /// # Errors
    ///
    /// [`Invalid::UnknownFeed`](crate::error::Invalid::UnknownFeed),
    /// [`UnknownNumber`](crate::error::Invalid::UnknownNumber), [`FeedGap`](crate::error::Invalid::FeedGap). Otherwise as
    /// [`Contact`]: report it again under the same number.
    pub async fn began_unidentified(
        self,
        report: &Report,
        call: &InteractionId,
        shown: Option<&PhoneNumber>,
    ) -> Result<Acknowledged, Error> {
        call!("contact.began_unidentified", async {
            match shown {
                Some(number) => self.shows(&report.feed, number)?,
                None => self.0.known_feed(&report.feed)?,
            }
            let said = Some(Unidentified::Began(call, shown));
            self.0.count_report(report, false, said).await
        })
    }

    /// A call that was [reported](Self::began_unidentified) as one that may reach anybody is over, or it is known with whom
    /// it is: `began` is reported before.
    ///
    /// # Errors
    ///
    /// As [`heartbeat`](Self::heartbeat).
    pub async fn ended_unidentified(
        self,
        report: &Report,
        call: &InteractionId,
    ) -> Result<Acknowledged, Error> {
        call!("contact.ended_unidentified", async {
            self.0.known_feed(&report.feed)?;
            self.0.count_report(report, false, Some(Unidentified::Ended(call))).await
        })
    }

    /// A feed has nothing to report, and says so: several times within
    /// [`PresencePolicy::lag`](crate::policy::PresencePolicy::lag), or answers become undetermined.
    ///
    /// # Errors
    ///
    /// [`Invalid::UnknownFeed`](crate::error::Invalid::UnknownFeed), [`FeedGap`](crate::error::Invalid::FeedGap). Otherwise as
    /// [`Contact`].
    pub async fn heartbeat(self, report: &Report) -> Result<Acknowledged, Error> {
        call!("contact.heartbeat", async {
            self.0.known_feed(&report.feed)?;
            self.0.count_report(report, false, None).await
        })
    }

    /// A feed begins anew with this report: it has lost reports, or count of them, and has reported all calls that are
    /// going on. The report's number is above every one that it has used. Whatever is missing below is not waited for.
    ///
    /// # Errors
    ///
    /// [`Invalid::ReportNumberUsed`](crate::error::Invalid::ReportNumberUsed) if the number is not above every one that was
    /// used: nothing is done then. Otherwise as [`heartbeat`](Self::heartbeat).
    pub async fn resync(self, report: &Report) -> Result<Acknowledged, Error> {
        call!("contact.resync", async {
            self.0.known_feed(&report.feed)?;
            self.0.count_report(report, true, None).await
        })
    }
}

impl Contact<'_> {
    /// Checks that calls of this feed may show this number now.
    fn shows(self, feed: &FeedId, number: &PhoneNumber) -> Result<(), Error> {
        self.0.known_feed(feed)?;
        let feeds = self.0.telephony.showing(number, self.0.clock.now()?);
        let may = feeds.is_some_and(|feeds| feeds.contains(feed));
        may.then_some(()).ok_or_else(|| Invalid::UnknownNumber.into())
    }

    /// Keeps what a feed's report says, and then counts it: a report whose content is not kept leaves a gap.
    async fn report<R: Rule<PresenceState, Outcome = ()>>(
        self,
        report: &Report,
        interaction: &Interaction,
        rule: &R,
    ) -> Result<Acknowledged, Error> {
        let (inner, customer) = (self.0, &interaction.customer);
        inner.known_feed(&report.feed)?;
        let of = inner.of(customer, self.presence(customer));
        let kept = match not_erased(inner, customer).await {
            Ok(()) => inner.run(&of, rule).await,
            erased => erased,
        };
        match kept {
            Ok(()) => inner.count_report(report, false, None).await,
            // What is refused will be refused again, so it is not missing.
            Err(no @ (Error::Refused(_) | Error::Invalid(_))) => {
                inner.count_report(report, false, None).await?;
                Err(no)
            }
            Err(error) => Err(error),
        }
    }
}
