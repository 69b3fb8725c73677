//! The facet for challenges.

use core::time::Duration;

use crate::callback::request::Verdict;
use crate::challenge::appointment_token::{AppointmentData, Proof};
use crate::challenge::request::{Answer, Asked, ChallengeRequest, Slot};
use crate::challenge::rules::back_end::{ConfirmAppointment, Issue, Revoke, Which, check_slot};
use crate::challenge::rules::customer::{Accept, Conclude, Decline, Report};
use crate::challenge::rules::desktop::Present;
use crate::challenge::rules::spoken_code::question;
use crate::challenge::said::said_by;
use crate::challenge::state::{Agreed, ChallengeState, Issued};
use crate::challenge::token::ChallengeData;
use crate::challenge::view::{AppointmentConfirmed, Challenge, ChallengeIssued, SpokenProof};
use crate::credential::held::{credentials_of, held};
use crate::credential::rules::evaluate_code::spoken_code;
use crate::credential::view::Credential;
use crate::customer::anchor::not_erased;
use crate::engine::enterprise::Enterprise;
use crate::engine::free_text::without_cards;
use crate::engine::page::{Page, Paged};
use crate::engine::signing::Signing;
use crate::engine::trace::call;
use crate::error::{Error, Failure, Invalid, Reason, Refused, Stop};
use crate::otp::ocra::Response;
use crate::otp::subkeys::Use;
use crate::policy::{Act, CHALLENGE_VALID_FOR};
use crate::step_up::count::Limit;
use crate::token::pseudonym::Pseudonym;
use crate::token::{Audience, TokenId};
use crate::values::id::{ChallengeId, CredentialId, CustomerId, RequestId};
use crate::values::interaction::{Direction, Interaction};
use crate::values::secret::leaving_no_trace;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// Challenges: see [`Verifier::challenges`](crate::Verifier::challenges).
///
/// The back end calls `issue`, `confirm`, `reassign` and `revoke`. The customer's app calls `answer`,
/// `list`, `appointment`, `conclude` and `pseudonym`; the host has authenticated the customer. The agent's desktop
/// calls `present`. Repeating a call whose answer was lost gives the first result again and counts
/// nothing.
///
/// # Errors
///
/// Every call can fail with [`Error::Store`], [`Error::Record`], [`Error::Busy`],
/// [`Error::Clock`] or [`Error::Random`], and those that make a token with [`Error::Signer`]; nothing was decided
/// then. An unknown id and another
/// customer's are refused alike.
#[derive(Debug, Clone, Copy)]
pub struct Challenges<'a>(pub(crate) &'a Enterprise);

impl Challenges<'_> {
    /// The back end announces a contact. The token that it gets back is to be posted on the channels
    /// that the challenge names, and nowhere else.
    ///
    /// Where others can read one of the channels
    /// ([`Channel::is_exposed`](crate::Channel::is_exposed)), the token does not name the customer.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] says what to mend; [`Error::Refused`] if too many were issued to the customer
    /// lately, or the slot is fixed and the customer has no credential;
    /// [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey).
    pub async fn issue(
        self,
        customer: &CustomerId,
        challenge: &ChallengeRequest,
    ) -> Result<ChallengeIssued, Error> {
        call!("challenges.issue", async {
            let id = ChallengeId(self.0.keyring.locate(&[
                b"countersign challenge v1",
                self.0.issuer.as_str().as_bytes(),
                customer.as_str().as_bytes(),
                challenge.request.as_str().as_bytes(),
            ]));
            let signing = self.0.signing()?;
            let (data, asked) = said_by(challenge)?;
            let made = match self.0.read_for::<ChallengeState>(customer, id.0).await? {
                // Repeated: what was made then stands.
                Some(_) => Err(Failure::Denied(Reason::Ended)),
                None => {
                    not_erased(self.0, customer).await?;
                    Stop::made(self.issued(signing, customer, id, challenge, data, asked).await)?
                }
            };
            self.0.run(&self.0.of(customer, id.0), &Issue { asked, made }).await
        })
    }

    /// What a new challenge is to be, or why there is none.
    async fn issued(
        self,
        signing: &Signing,
        customer: &CustomerId,
        id: ChallengeId,
        challenge: &ChallengeRequest,
        data: ChallengeData,
        asked: Asked,
    ) -> Result<(Issued, Option<Agreed>), Stop> {
        let inner = self.0;
        let now = inner.clock.now().map_err(Error::from)?;
        let valid_for = self.check(challenge, now)?;
        let jti = TokenId::from_bytes(id.0);
        let audience = match data.is_pseudonymous() {
            true => self.pseudonym(customer).audience(jti),
            false => Some(Audience::from(customer)),
        };
        let audience = audience.ok_or(Error::Internal)?;
        let token = inner.sign(signing, audience, jti, now, valid_for, data).await?;
        let agreed = match &challenge.slot {
            None => None,
            Some(slot) => {
                let credential = self.credential(customer, None).await?;
                let proof = Proof::Code(credential.ok_or(Reason::NoCredential)?);
                let purpose = &challenge.purpose;
                let made = self.agreed(signing, customer, id, slot, purpose, proof, asked, now);
                Some(made.await?)
            }
        };
        self.count(customer, id, asked).await?;
        let issued = Issued {
            asked,
            token,
            purpose: challenge.purpose.clone(),
            channels: challenge.channels.clone(),
            until: now.after(valid_for),
        };
        Ok((issued, agreed))
    }

    /// Whether the policy allows this challenge, and for how long.
    fn check(self, challenge: &ChallengeRequest, now: Timestamp) -> Result<Duration, Invalid> {
        let policy = &self.0.policy;
        without_cards([&challenge.purpose])?;
        let details = challenge.details.as_slice().iter();
        without_cards(details.flat_map(|detail| [detail.label(), detail.value()]))?;
        for &channel in challenge.channels.as_slice() {
            if !policy.channels.allows(Act::Challenge, channel) {
                return Err(Invalid::Channel(channel));
            }
            if !channel.is_exposed() {
                continue;
            }
            if !challenge.handles.iter().any(|from| from.channel == channel) {
                return Err(Invalid::NoHandle(channel));
            }
            if !challenge.details.as_slice().is_empty() {
                return Err(Invalid::ExposedDetails(channel));
            }
        }
        if let Some(slot) = &challenge.slot {
            check_slot(Some(slot.window), Some(slot.channel), policy, now)?;
        }
        let most = policy.challenges.max_valid_for;
        let valid_for = challenge.valid_for.unwrap_or(CHALLENGE_VALID_FOR.min(most));
        let valid_for = Duration::from_secs(valid_for.as_secs());
        if valid_for.is_zero() || valid_for > most {
            return Err(Invalid::ValidFor(most));
        }
        Ok(valid_for)
    }

    /// Counts the challenge against the customer's limit.
    async fn count(self, customer: &CustomerId, id: ChallengeId, asked: Asked) -> Result<(), Stop> {
        let limits = [Limit {
            whose: customer.as_str(),
            label: b"countersign challenges of customer v1",
            most: self.0.policy.challenges.per_customer,
        }];
        let asked: &[&[u8]] = &[b"countersign challenge asked v1", &id.0, &asked.content];
        self.0.count(customer, asked, &limits).await
    }

    /// The customer accepts, declines or reports.
    ///
    /// A report is noted however the challenge has ended, and ends it if it has not.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] after the end (but for a report), and to accept what was accepted already;
    /// [`Error::Invalid`] if what is proposed or the word is not allowed.
    pub async fn answer(
        self,
        customer: &CustomerId,
        id: &ChallengeId,
        answer: &Answer,
    ) -> Result<Challenge, Error> {
        call!("challenges.answer", async {
            let of = self.0.of(customer, id.0);
            match answer {
                Answer::Accept(acceptance) => self.0.run(&of, &Accept(acceptance)).await,
                Answer::Decline => self.0.run(&of, &Decline).await,
                Answer::Report => self.0.run(&of, &Report).await,
            }
        })
    }

    /// The back end confirms a slot once the customer has accepted: the one proposed, or another. The
    /// token that it gets back is for the customer's app, through its authenticated session.
    ///
    /// The agent will say the customer's own word if one was attached, and otherwise the code of the
    /// customer's credential: of the one that the acceptance named if it can be used, or else of
    /// those that can the one that has served longest.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the customer has not accepted, there is an appointment already, the
    /// challenge has ended, or the customer has neither credential nor word; [`Error::Invalid`] says what
    /// to mend in the slot; [`ConfigError::NoSigningKey`](crate::error::ConfigError::NoSigningKey).
    pub async fn confirm(
        self,
        customer: &CustomerId,
        id: &ChallengeId,
        request: &RequestId,
        slot: &Slot,
    ) -> Result<AppointmentConfirmed, Error> {
        call!("challenges.confirm", self.agree(customer, id, request, slot, Which::First))
    }

    /// The back end puts another appointment in the place of the one in force: another slot, channel,
    /// agent or team. It has another token, and the code of the old one is shown no more.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is none yet; otherwise as [`confirm`](Self::confirm).
    pub async fn reassign(
        self,
        customer: &CustomerId,
        id: &ChallengeId,
        request: &RequestId,
        slot: &Slot,
    ) -> Result<AppointmentConfirmed, Error> {
        call!("challenges.reassign", self.agree(customer, id, request, slot, Which::Another))
    }

    async fn agree(
        self,
        customer: &CustomerId,
        id: &ChallengeId,
        request: &RequestId,
        slot: &Slot,
        which: Which,
    ) -> Result<AppointmentConfirmed, Error> {
        let signing = self.0.signing()?;
        let asked = slot.asked_by(request);
        let made = match self.0.read_for::<ChallengeState>(customer, id.0).await? {
            // Refused or repeated there.
            None => Err(Reason::Unknown.into()),
            Some((loaded, _)) => {
                // By this machine's clock, or a phone would take the token for one from the future.
                let now = self.0.clock.now()?;
                let state = &loaded.body.state;
                let purpose = &state.issued.purpose;
                match self.proof(customer, state).await? {
                    None => Err(Reason::NoCredential.into()),
                    Some(proof) => {
                        let made =
                            self.agreed(signing, customer, *id, slot, purpose, proof, asked, now);
                        Stop::made(made.await)?
                    }
                }
            }
        };
        self.0.run(&self.0.of(customer, id.0), &ConfirmAppointment { asked, which, made }).await
    }

    /// How the agent is to prove it.
    async fn proof(
        self,
        customer: &CustomerId,
        state: &ChallengeState,
    ) -> Result<Option<Proof>, Error> {
        if state.word.is_some() {
            return Ok(Some(Proof::Word));
        }
        let named = state.answer.as_ref().and_then(|answer| answer.credential);
        Ok(self.credential(customer, named).await?.map(Proof::Code))
    }

    /// The appointment for this slot, signed.
    #[allow(clippy::too_many_arguments, reason = "all of them stand in the token")]
    async fn agreed(
        self,
        signing: &Signing,
        customer: &CustomerId,
        id: ChallengeId,
        slot: &Slot,
        purpose: &ShortText,
        proof: Proof,
        asked: Asked,
        now: Timestamp,
    ) -> Result<Agreed, Stop> {
        let inner = self.0;
        check_slot(Some(slot.window), Some(slot.channel), &inner.policy, now)?;
        without_cards([&slot.agent_name])?;
        let mut jti = [0; 16];
        inner.random.fill(&mut jti).map_err(Error::from)?;
        let direction = Direction::Outbound;
        let data = AppointmentData {
            challenge: id,
            slot: slot.window,
            channel: slot.channel,
            direction,
            assignee: slot.assignee.clone(),
            agent_name: slot.agent_name.clone(),
            purpose: purpose.clone(),
            proof,
            leg: slot.leg,
        };
        let (jti, valid_for) = (TokenId::from_bytes(jti), slot.window.until().since(now));
        let slot = slot.clone();
        let token = inner.sign(signing, customer, jti, now, valid_for, data).await?;
        Ok(Agreed { asked, token, slot, direction, proof })
    }

    /// The credential of which the agent is to say the code: the one `named` if it can be used, or else
    /// of those that can the one that has served longest. Only an app's has a key for that.
    async fn credential(
        self,
        customer: &CustomerId,
        named: Option<CredentialId>,
    ) -> Result<Option<CredentialId>, Error> {
        let mut oldest: Option<&Credential> = None;
        let live = credentials_of(self.0, customer).await?;
        for held in &live.all {
            if !held.proves_enterprise() {
                continue;
            }
            if Some(held.id) == named {
                return Ok(named);
            }
            if oldest.as_ref().is_none_or(|than| (held.since, held.id) < (than.since, than.id)) {
                oldest = Some(held);
            }
        }
        Ok(live.or_unreadable(oldest.map(|held| held.id))?)
    }

    /// The back end takes a challenge back; nothing of it is shown to anyone any more.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it has ended otherwise.
    pub async fn revoke(self, customer: &CustomerId, id: &ChallengeId) -> Result<Challenge, Error> {
        call!("challenges.revoke", self.0.run(&self.0.of(customer, id.0), &Revoke))
    }

    /// Shows the agent on `interaction` what to say: in as many interactions as the policy allows (one by
    /// default), to the same agent again within each.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] before confirmation, outside of the slot, for an inbound interaction, on another
    /// channel, to another agent or team than agreed, in more interactions than allowed, once the
    /// credential was revoked, and after the end. Refused attempts on an existing challenge are
    /// counted in its history.
    pub async fn present(
        self,
        interaction: &Interaction,
        id: &ChallengeId,
    ) -> Result<SpokenProof, Error> {
        call!("challenges.present", async {
            let customer = &interaction.customer;
            let known = self.0.read_for::<ChallengeState>(customer, id.0).await?;
            let state = known.as_ref().map(|(loaded, _)| &loaded.body.state);
            // Whoever is not assigned learns nothing of it by that either.
            let agreed = state.and_then(|state| state.agreed.as_ref());
            let own = agreed.filter(|agreed| agreed.slot.assignee.includes(&interaction.agent));
            let required = own.and_then(|agreed| agreed.slot.leg);
            self.0.allows_leg(interaction, (Act::Reveal, None), required)?;
            let response = match state {
                Some(state) => self.response(customer, state).await?,
                None => None,
            };
            self.0.run(&self.0.of(customer, id.0), &Present { interaction, response }).await
        })
    }

    /// The spoken code of the appointment in force, and what it was computed over.
    async fn response(
        self,
        customer: &CustomerId,
        state: &ChallengeState,
    ) -> Result<Option<([u8; 32], Box<Response>)>, Error> {
        let Some((Proof::Code(credential), agreed)) =
            state.agreed.as_ref().map(|agreed| (agreed.proof, agreed))
        else {
            return Ok(None);
        };
        let held = held(self.0, customer, credential).await?;
        let key = held.and_then(|held| held.key(Use::SpokenCode));
        let question = question(&agreed.token);
        // The next future is made where it was computed.
        let response = leaving_no_trace(|| key.and_then(|key| spoken_code(&key, &question)));
        Ok(response.map(|response| (question, response)))
    }

    /// The customer says whether the caller said the code of `appointment`
    /// ([`VerifiedAppointment::id`](crate::device::VerifiedAppointment::id)), as
    /// [`VerifiedAppointment::check_spoken_code`](crate::device::VerifiedAppointment::check_spoken_code) found, or the word. Show nothing as genuine before this
    /// has agreed.
    ///
    /// If it was shown to nobody yet, or another appointment took its place, nobody genuine can have said it:
    /// `NotRecognised` is then noted as a report and the appointment in force stays, and `Recognised` is refused and
    /// noted. So a code that a phone which is offline takes for genuine counts for no other appointment. (The
    /// customer's own word is the same in each appointment of its challenge.) A report is noted after every end too, and
    /// leaves it as it was; several about one appointment are one.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] to `Recognised` if the challenge has ended otherwise, nothing was shown, or it is by the code of
    /// an appointment that is not in force: tell the customer to hang up.
    pub async fn conclude(
        self,
        customer: &CustomerId,
        id: &ChallengeId,
        appointment: TokenId,
        verdict: Verdict,
    ) -> Result<Challenge, Error> {
        call!(
            "challenges.conclude",
            self.0.run(&self.0.of(customer, id.0), &Conclude { appointment, verdict })
        )
    }

    /// The customer's challenges, ended ones included, newest first. Those whose time has run
    /// out end here, and their words are burnt.
    ///
    /// # Errors
    ///
    /// See [`Challenges`].
    pub async fn list(self, customer: &CustomerId, page: Page) -> Result<Paged<Challenge>, Error> {
        call!("challenges.list", async {
            self.0
                .paged::<ChallengeState, _>(customer, page, |loaded, id, now| {
                    Ok(loaded.body.state.challenge(&self.0.context(loaded, id, now)))
                })
                .await
        })
    }

    /// The token of the appointment in force, for an app that missed it. Writes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is none, or the challenge has ended.
    pub async fn appointment(
        self,
        customer: &CustomerId,
        id: &ChallengeId,
    ) -> Result<String, Error> {
        call!("challenges.appointment", async {
            let (loaded, clock) =
                self.0.read_for::<ChallengeState>(customer, id.0).await?.ok_or(Refused::new())?;
            let ended = loaded.body.state.status(&self.0.context(&loaded, id.0, clock)).has_ended();
            let agreed = loaded.body.state.agreed.filter(|_| !ended);
            Ok(agreed.ok_or(Refused::new())?.token)
        })
    }

    /// What the customer's app recognises tokens with that do not name the customer
    /// ([`Device::with_pseudonym`](crate::Device::with_pseudonym)): for the customer's app alone.
    #[must_use]
    pub fn pseudonym(self, customer: &CustomerId) -> Pseudonym {
        Pseudonym::from_bytes(self.0.keyring.locate(&[
            b"countersign pseudonym v1",
            self.0.issuer.as_str().as_bytes(),
            customer.as_str().as_bytes(),
        ]))
    }
}
