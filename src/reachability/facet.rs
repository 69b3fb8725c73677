//! The facet for how agents can be reached.

use crate::callback::Callbacks;
use crate::callback::request::{Answered, BookingRequest};
use crate::callback::view::Callback;
use crate::contact::token::status::StatusNonce;
use crate::engine::RecordRef;
use crate::engine::enterprise::Enterprise;
use crate::engine::trace::call;
use crate::error::{Error, Reason};
use crate::reachability::request::SkillReport;
use crate::reachability::rules::Report;
use crate::reachability::state::ReachState;
use crate::reachability::token::{Reach, ReachableData};
use crate::store::Place;
use crate::token::{Audience, Leeway, Purpose, TokenId, TrustedKeys, UntrustedToken};
use crate::values::id::{AnswerDigest, CustomerId, SkillId};
use crate::values::time::Timestamp;

/// Reachability: see [`Verifier::reachability`](crate::Verifier::reachability).
///
/// The back end calls `report` as often as the contact centre measures, every few seconds; the customer's app calls
/// `answer` and `book`.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`], [`Error::Clock`] or
/// [`Error::Random`]; nothing was decided then.
#[derive(Debug, Clone, Copy)]
pub struct Reachability<'a>(pub(crate) &'a Enterprise);

impl Reachability<'_> {
    /// The back end reports how skills can be reached. Reports may come twice and in any order: of each skill over each
    /// channel the one that was measured last counts.
    ///
    /// # Errors
    ///
    /// [`Invalid::ReportFromFuture`](crate::error::Invalid::ReportFromFuture) if one was measured by a clock that is ahead;
    /// [`Invalid::TooManySkills`](crate::error::Invalid::TooManySkills). Otherwise as [`Reachability`].
    pub async fn report(self, reports: &[SkillReport]) -> Result<(), Error> {
        call!("reachability.report", self.0.run(&self.at(), &Report(reports)))
    }

    /// The customer asks in their app how agents can be reached. The answer is a token for
    /// [`Device::open_reachable`](crate::Device::open_reachable), valid for seconds and for this nonce alone. What was not
    /// reported lately is unknown in it, never a number. Writes nothing.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey), [`Error::Signer`]. Otherwise as
    /// [`Reachability`].
    pub async fn answer(self, customer: &CustomerId, nonce: StatusNonce) -> Result<String, Error> {
        call!("reachability.answer", async {
            let engine = &self.0.engine;
            let signing = self.0.signing()?;
            let found = engine.read(&self.at()).await?;
            let now = engine.clock.now()?;
            let reports = found.map(|(found, _)| found.body.state.reports).unwrap_or_default();
            let told = reports.iter().map(|report| report.told(now, &engine.policy)).collect();
            let mut id = [0; 16];
            engine.random.fill(&mut id)?;
            let valid_for = engine.policy.reachability.answer_valid_for;
            let data = ReachableData::new(nonce, told);
            engine.sign(signing, customer, TokenId::from_bytes(id), now, valid_for, data).await
        })
    }

    /// The customer books a callback from an answer that they were shown: the booking keeps the skill and a digest of
    /// the answer, so that later nobody can say that another wait was promised. The channel is the booking's.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the answer is not ours, was given to another customer, is over, or tells nothing of that
    /// skill: ask anew. Otherwise as [`Callbacks::book`](crate::callback::Callbacks::book), with
    /// [`Invalid::RequestReused`](crate::error::Invalid::RequestReused) for another answer under the same request id.
    pub async fn book(
        self,
        customer: &CustomerId,
        answer: &str,
        skill: &SkillId,
        mut booking: BookingRequest,
    ) -> Result<Callback, Error> {
        call!("reachability.book", async {
            let now = self.0.clock.now()?;
            booking.answer = Some(Answered {
                digest: AnswerDigest::of_token(answer),
                skill: skill.clone(),
                told: self.told(customer, answer, skill, &booking, now),
            });
            Callbacks(self.0).book(customer, &booking).await
        })
    }

    /// Whether the customer was told that now.
    fn told(
        self,
        customer: &CustomerId,
        answer: &str,
        skill: &SkillId,
        booking: &BookingRequest,
        now: Timestamp,
    ) -> Result<(), Reason> {
        let mut keys = TrustedKeys::new(self.0.issuer.clone());
        for key in self.0.public_keys() {
            // A key that was published twice is trusted once.
            let _ = keys.trust(*key, Purpose::Reachable);
        }
        let leeway = Leeway::new(self.0.policy.leeway).unwrap_or(Leeway::DEFAULT);
        let verified = UntrustedToken::parse(answer).and_then(|token| {
            token.verify::<ReachableData>(&keys, &Audience::from(customer), now, leeway)
        });
        let verified = verified.map_err(|_| Reason::NotGenuine)?;
        match verified.claims().data().of(skill, booking.terms.channel) {
            Reach::Unknown => Err(Reason::NotTold),
            _ => Ok(()),
        }
    }

    /// Where the reports stand: nobody's.
    fn at(self) -> RecordRef<'static, ReachState> {
        let issuer = self.0.issuer.as_str().as_bytes();
        let owner = self.0.keyring.locate(&[b"countersign reachability v1", issuer]);
        let [lane, ..] = owner;
        RecordRef::at(None, Place { lane, owner, id: owner })
    }
}
