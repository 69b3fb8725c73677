//! The acquirer is asked about one payment.

use core::time::Duration;

use crate::card::{Attempt, Card};
use crate::engine::RecordRef;
use crate::error::Error;
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::reference::Reference;
use crate::policy::PartialApprovals;
use crate::values::id::IdempotencyKey;
use crate::values::time::Timestamp;
use crate::vault::Vault;
use crate::vault::acquirer::answer::{AcquirerAnswer, Found, Said as Answer};
use crate::vault::acquirer::raw::RawId;
use crate::vault::acquirer::{
    Acquirer, AcquirerError, Authenticated, AuthenticationProof, Authorisation, Resumption, Sought,
};
use crate::vault::charge::beside::{Another, TellAnew};
use crate::vault::charge::coming_in::Searched;
use crate::vault::charge::details::{Details, code_of};
use crate::vault::charge::rules::{Authenticate, Conclude, Heard, Said};
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::{UnderWay, Unfound};

/// The acquirer is asked within this part of
/// [`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within) after a payment was
/// noted, or not at all.
const ASKED_WITHIN: u64 = 12;

/// The acquirer that is asked about a payment.
pub(super) struct Asking<'a, A> {
    pub(super) vault: &'a Vault,
    pub(super) of: &'a RecordRef<'a, ChargeState>,
    pub(super) acquirer: &'a A,
    /// Until when what was noted may be lost.
    pub(super) lost: Option<Timestamp>,
}

/// What the acquirer knows of a payment.
pub(super) enum Known {
    Heard(Heard),
    /// It has charged nothing that it was asked for until then.
    NothingUntil(Timestamp),
    /// After a restore: it holds money of another card of the same request.
    Another(Attempt, Heard),
    Unknown,
}

impl Known {
    pub(super) const fn searched(&self) -> Searched {
        match self {
            Self::Heard(_) => Searched::Answered,
            Self::NothingUntil(until) => Searched::NothingUntil(*until),
            Self::Another(..) => Searched::Another,
            Self::Unknown => Searched::Unknown,
        }
    }

    /// Whether the acquirer holds money, or may, also later.
    pub(super) fn holds(&self) -> bool {
        match self {
            Self::Heard(heard) => heard.holds() || heard.is_pending(),
            Self::Another(..) => true,
            Self::NothingUntil(_) | Self::Unknown => false,
        }
    }
}

impl<A: Acquirer> Asking<'_, A> {
    /// What the acquirer knows of the card that is noted, or of a later one (`attempt`) of the same request. If what was
    /// noted may be lost, it is to know of all the others as well: one of them may have been charged, of which nothing is
    /// noted any more.
    pub(super) async fn find(
        &self,
        charge: &ChargeState,
        attempt: Attempt,
        card: Option<&Card>,
    ) -> Result<Known, Error> {
        let mut known = self.find_one(charge, attempt, card).await?;
        // Upon a soft decline another card may have been sealed: whoever comes with that one asks about it, or `find_later`.
        if self.lost.is_none() || matches!(&known, Known::Heard(heard) if heard.is_soft()) {
            return Ok(known);
        }
        let most = self.vault.0.engine.policy.payments.attempts.max(attempt.number());
        let others = (1..=most).filter_map(Attempt::new).filter(|other| *other != attempt);
        for other in others.filter(|other| !charge.given_up.contains(other)) {
            let holds = matches!(&known, Known::Heard(heard) if heard.holds());
            match (self.find_one(charge, other, None).await?, &mut known) {
                (Known::NothingUntil(of_one), Known::NothingUntil(until)) => {
                    *until = of_one.min(*until);
                }
                (Known::NothingUntil(_), _) => {}
                (Known::Heard(heard), _) if heard.is_decline() => {}
                (Known::Heard(heard), _) if heard.holds() && !holds => {
                    return Ok(Known::Another(other, heard));
                }
                _ => return Ok(Known::Unknown),
            }
        }
        Ok(known)
    }

    pub(super) async fn find_one(
        &self,
        charge: &ChargeState,
        attempt: Attempt,
        card: Option<&Card>,
    ) -> Result<Known, Error> {
        let before = self.vault.0.engine.clock.now()?;
        let sought = self.vault.sought(self.of, charge, attempt);
        Ok(match self.acquirer.find(&sought).await {
            Ok(Found::Answered(answer)) => self.known(charge, answer, before, card),
            Ok(Found::AnsweredAsOf(answer, until)) => {
                self.known(charge, answer, until.min(before), card)
            }
            Ok(Found::Nothing) => Known::NothingUntil(before),
            // It cannot know what it is asked later.
            Ok(Found::NothingUntil(until)) => Known::NothingUntil(until.min(before)),
            Ok(Found::Unknown) | Err(_) => Known::Unknown,
        })
    }

    /// What an answer comes to that the acquirer gave to what it was asked until then.
    fn known(
        &self,
        charge: &ChargeState,
        answer: AcquirerAnswer,
        until: Timestamp,
        card: Option<&Card>,
    ) -> Known {
        // Nothing of the authorisation that is asked for once the customer has authenticated. It may have been, of which
        // nothing is noted any more, and still be on its way.
        let challenged = matches!(charge.under_way, Some(UnderWay::Authenticating { .. }));
        let goes_on = charge.authenticated.is_some() || challenged;
        if goes_on && matches!(answer.said, Answer::Challenge(_)) {
            return Known::NothingUntil(until);
        }
        Known::Heard(self.heard(charge, answer, card))
    }

    /// Notes what came of a search.
    pub(super) async fn conclude_found(
        &self,
        charge: ChargeState,
        known: Known,
    ) -> Result<ChargeState, Error> {
        let heard = match known {
            Known::Heard(heard) => heard,
            Known::Another(attempt, heard) => return self.another(&charge, attempt, heard).await,
            Known::NothingUntil(until) => {
                let policy = &self.vault.0.engine.policy;
                Heard::only(Said::Outcome(charge.unfound(policy, until, self.lost).outcome()))
            }
            Known::Unknown => Heard::only(Said::Outcome(ChargeOutcome::Unresolved)),
        };
        self.conclude(&charge, heard).await
    }

    /// Notes what the acquirer said, and has it undo what is not taken.
    pub(super) async fn conclude(
        &self,
        charge: &ChargeState,
        heard: Heard,
    ) -> Result<ChargeState, Error> {
        let charge = self.vault.change(self.of, &Conclude { asked: charge, heard }).await?;
        let charge = self.give_up_beside(charge).await?;
        self.undo(charge).await
    }

    /// Notes that the acquirer holds money of another card than the one that is noted.
    pub(super) async fn another(
        &self,
        charge: &ChargeState,
        attempt: Attempt,
        heard: Heard,
    ) -> Result<ChargeState, Error> {
        let another = Another { asked: charge, attempt, heard };
        let charge = self.vault.change(self.of, &another).await?;
        self.give_up_beside(charge).await
    }

    /// After a restore, of a card that was declined softly: notes if the acquirer holds money of one that was sealed after it,
    /// and says whether that is still open. It is asked once none can be given any more; until then the device itself may come
    /// back.
    pub(super) async fn find_later(
        &self,
        mut charge: ChargeState,
    ) -> Result<(ChargeState, bool), Error> {
        let engine = &self.vault.0.engine;
        let policy = &engine.policy;
        let softly = charge.is_softly_declined();
        let over = charge.later_until(policy);
        let Some(lost) = self.lost.filter(|_| softly) else { return Ok((charge, false)) };
        if engine.clock.now()? < over {
            return Ok((charge, false));
        }
        let mut is_open = false;
        let later = charge.attempt.number().saturating_add(1)..=policy.payments.attempts;
        for attempt in later.filter_map(Attempt::new) {
            if charge.beside.contains(&attempt) || charge.given_up.contains(&attempt) {
                continue;
            }
            match self.find_one(&charge, attempt, None).await? {
                Known::Heard(heard) if heard.holds() => {
                    charge = self.another(&charge, attempt, heard).await?;
                    if charge.is_authorised() {
                        return Ok((charge, false));
                    }
                }
                // A customer who has not authenticated by now cannot any more.
                Known::Heard(heard) => is_open |= heard.is_pending(),
                known => is_open |= !self.holds_nothing(&charge, &known),
            }
        }
        if !is_open && charge.ended <= lost {
            let ended = charge.ended;
            charge = self.vault.change(self.of, &TellAnew { ended }).await?;
        }
        Ok((charge, is_open))
    }

    /// Asks to authorise, unless the store took so long that another call may soon find nothing and charge.
    pub(super) async fn authorise_first(
        &self,
        charge: &ChargeState,
        card: &Card,
    ) -> Result<Heard, Error> {
        if !self.is_late(charge)? {
            return self.authorise(charge, card, None).await;
        }
        if self.is_lost(charge).await? {
            // Nobody will be able to find out that the acquirer was never asked.
            return Ok(Heard::only(Said::Outcome(Unfound::NotCharged.outcome())));
        }
        Err(Error::Busy)
    }

    /// The same once more, where asking twice charges once.
    pub(super) async fn authorise_again(
        &self,
        charge: &ChargeState,
        card: &Card,
    ) -> Result<Heard, Error> {
        let proof = match &charge.authenticated {
            None => None,
            Some(reference) => match self.authenticated(charge, reference.expose(), None).await {
                Ok(Authenticated::Passed(proof)) => Some(proof),
                Ok(_) | Err(_) => return Ok(Heard::only(Said::Outcome(ChargeOutcome::Unresolved))),
            },
        };
        if self.is_late(charge)? {
            return Err(Error::Busy);
        }
        self.authorise(charge, card, proof.as_ref()).await
    }

    /// Asks to authorise; if there is no answer, asks once what the acquirer knows.
    async fn authorise(
        &self,
        charge: &ChargeState,
        card: &Card,
        proof: Option<&AuthenticationProof>,
    ) -> Result<Heard, Error> {
        let payment = self.vault.sought(self.of, charge, charge.attempt);
        let key = self.vault.call_key(&payment, charge);
        let authenticates = takes_challenge(charge);
        let asked = Authorisation { key, payment, card, proof, authenticates };
        Ok(match self.acquirer.authorise(&asked).await {
            Ok(answer) => self.heard(charge, answer, Some(card)),
            Err(_) => match self.find_one(charge, charge.attempt, Some(card)).await? {
                Known::Heard(heard) => heard,
                // It may still be on its way: what is not found now is not known to be uncharged.
                Known::NothingUntil(_) | Known::Another(..) | Known::Unknown => {
                    Heard::only(Said::Outcome(ChargeOutcome::Unresolved))
                }
            },
        })
    }

    async fn authenticated(
        &self,
        charge: &ChargeState,
        reference: &str,
        hint: Option<&str>,
    ) -> Result<Authenticated, AcquirerError> {
        let payment = self.vault.sought(self.of, charge, charge.attempt);
        self.acquirer.authenticated(&Resumption { payment, reference, hint }).await
    }

    /// The customer's device says that they have authenticated: asks the acquirer, and has it authorise then.
    pub(super) async fn resume(
        &self,
        charge: ChargeState,
        card: Option<&Card>,
        hint: Option<&str>,
    ) -> Result<ChargeState, Error> {
        let engine = &self.vault.0.engine;
        let Some(UnderWay::Authenticating { challenge, .. }) = &charge.under_way else {
            return Ok(charge);
        };
        let answer = self.authenticated(&charge, challenge.reference.expose(), hint).await?;
        let proof = match answer {
            Authenticated::Waiting => return Ok(charge),
            Authenticated::Failed => return self.abandon(charge).await,
            Authenticated::Passed(proof) => proof,
        };
        // The vault kept no card, and the key that opens this one is gone.
        let Some(card) = card else { return self.abandon(charge).await };
        if let Some(lost) = self.lost {
            // It may have been authorised before, of which nothing is noted any more.
            match self.find(&charge, charge.attempt, Some(card)).await? {
                Known::NothingUntil(until)
                    if charge.unfound(&engine.policy, until, Some(lost)) == Unfound::NotCharged => {
                }
                known @ (Known::Heard(_) | Known::Another(..)) => {
                    return self.conclude_found(charge, known).await;
                }
                Known::NothingUntil(_) | Known::Unknown => return Ok(charge),
            }
        }
        let passed = Authenticate { asked: &charge, failed: false };
        let (ours, charge) = self.vault.change(self.of, &passed).await?;
        if !ours || self.is_late(&charge)? {
            return Err(Error::Busy);
        }
        let heard = self.authorise(&charge, card, Some(&proof)).await?;
        self.conclude(&charge, heard).await
    }

    /// The customer did not authenticate: what waits for them at the acquirer is given up, unless it charged all the same.
    pub(super) async fn abandon(&self, charge: ChargeState) -> Result<ChargeState, Error> {
        let engine = &self.vault.0.engine;
        match self.find(&charge, charge.attempt, None).await? {
            known @ (Known::Heard(_) | Known::Another(..)) => {
                return self.conclude_found(charge, known).await;
            }
            // It may have been authorised before, of which nothing is noted any more.
            Known::Unknown if self.lost.is_some() => return Ok(charge),
            Known::NothingUntil(until)
                if self.lost.is_some()
                    && charge.unfound(&engine.policy, until, self.lost) == Unfound::InDoubt =>
            {
                return Ok(charge);
            }
            Known::NothingUntil(_) | Known::Unknown => {}
        }
        let failed = Authenticate { asked: &charge, failed: true };
        let (_, charge) = self.vault.change(self.of, &failed).await?;
        self.undo(charge).await
    }

    /// Whether it is too late to ask the acquirer to authorise: its time would go on after another call takes it for
    /// over.
    fn is_late(&self, charge: &ChargeState) -> Result<bool, Error> {
        self.vault.is_late(charge.since)
    }

    /// Whether no later call will find out that the acquirer was not asked: it can neither be asked again nor tell,
    /// or nobody may ask it any more.
    async fn is_lost(&self, charge: &ChargeState) -> Result<bool, Error> {
        let engine = &self.vault.0.engine;
        let now = engine.clock.now()?;
        let within = engine.policy.payments.authorise_within;
        let later = now.after(within).after(engine.policy.leeway);
        let honoured = self.acquirer.honours_keys().covers(charge.first, later, within);
        let blind = charge.terms.until <= now || !honoured;
        let known = self.find_one(charge, charge.attempt, None);
        Ok(blind && matches!(known.await?, Known::Unknown))
    }

    /// What the acquirer's answer comes to, and what of it may be kept and shown.
    fn heard(&self, charge: &ChargeState, answer: AcquirerAnswer, card: Option<&Card>) -> Heard {
        let shown = charge.terms.last_four;
        let policy = &self.vault.0.engine.policy.payments;
        let mut details = Details::of(&answer, card, shown);
        let said = match answer.said {
            Answer::Approved { authorisation_code, amount } => {
                let asked = charge.terms.transaction.amount;
                // More than was asked for is never taken.
                let approved = amount.unwrap_or(asked);
                details = details.of_amount(approved, asked);
                let amount = approved.min(asked);
                let takes = policy.partial_approvals == PartialApprovals::Take && amount > 0;
                if amount < asked && !takes {
                    Said::Undo(DeclineReason::PartlyApproved, Some(amount))
                } else {
                    let id = answer.transaction_id.as_ref().map_or("", |id| id.as_str());
                    Said::Outcome(ChargeOutcome::Authorised {
                        authorisation_code: Reference::of(&authorisation_code, shown),
                        transaction_id: Reference::of(id, shown),
                        amount,
                    })
                }
            }
            Answer::Declined(reason) => Said::Outcome(ChargeOutcome::Declined(reason)),
            Answer::SoftDeclined(reason) => Said::Outcome(ChargeOutcome::SoftDeclined(reason)),
            Answer::NotApproved => Said::Undo(DeclineReason::Other, None),
            Answer::Challenge(challenge) => {
                let reference = challenge.reference.expose();
                let fits = match card {
                    Some(card) => {
                        RawId::of(reference, card.pan(), code_of(card)).is_some()
                            && !challenge.flow.names(card.pan())
                    }
                    None => {
                        RawId::unseen(reference, shown).is_some()
                            && !challenge.flow.could_name(shown)
                    }
                };
                if takes_challenge(charge) && fits {
                    Said::Challenge(challenge)
                } else {
                    Said::Undo(DeclineReason::NotAuthenticated, None)
                }
            }
            Answer::Pending => Said::Pending,
        };
        Heard { said, details }
    }
}

/// Whether the customer may be asked to authenticate for it.
const fn takes_challenge(charge: &ChargeState) -> bool {
    charge.terms.authenticate_until.is_some() && charge.authenticated.is_none()
}

impl Vault {
    /// A payment, as the acquirer is told of it: of the card that was sealed as this `attempt`.
    pub(super) fn sought<'a>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &'a ChargeState,
        attempt: Attempt,
    ) -> Sought<'a> {
        let terms = &charge.terms;
        // The request with it: if the enterprise lost its row, another request has the same id.
        let named: [&[u8]; 3] = [&of.place.id, terms.request.as_bytes(), &[attempt.number()]];
        let ours = attempt == charge.charged();
        Sought {
            key: self.acquirer_key(&named),
            customer: &terms.customer,
            merchant: &terms.merchant,
            transaction: &terms.transaction,
            requested_at: terms.requested_at,
            transaction_id: charge.details.raw_id.as_ref().filter(|_| ours).map(RawId::expose),
        }
    }

    /// Whether it is too late to ask the acquirer for what was noted then.
    pub(super) fn is_late(&self, noted: Timestamp) -> Result<bool, Error> {
        let engine = &self.0.engine;
        let asked_within = engine.policy.payments.authorise_within.as_secs() / ASKED_WITHIN;
        Ok(noted.after(Duration::from_secs(asked_within)) < engine.clock.now()?)
    }

    /// The idempotency key of the call that authorises it.
    fn call_key(&self, payment: &Sought<'_>, charge: &ChargeState) -> IdempotencyKey {
        if charge.authenticated.is_some() {
            self.acquirer_key(&[b"authenticated", &payment.key.0])
        } else {
            payment.key
        }
    }

    pub(super) fn acquirer_key(&self, of: &[&[u8]]) -> IdempotencyKey {
        let engine = &self.0.engine;
        let named: [&[u8]; 3] = [
            b"countersign idempotency key v1",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
        ];
        IdempotencyKey(engine.keyring.locate(&[&named, of].concat()))
    }
}
