//! What is done with a payment that was authorised: captured, given up, given back, raised.

use core::fmt;

use crate::engine::RecordRef;
use crate::engine::trace::call;
use crate::error::{Error, Invalid, Refused};
use crate::payment::outcome::ChargeOutcome;
use crate::payment::reference::Reference;
use crate::payment::request::Receipt;
use crate::payment::token::ReceiptData;
use crate::values::id::{CustomerId, RequestId};
use crate::values::time::{Timestamp, Window};
use crate::vault::Vault;
use crate::vault::acquirer::answer::{ActAnswer, FoundAct};
use crate::vault::acquirer::raw::RawId;
use crate::vault::acquirer::{Acquirer, AcquirerError, FollowUp};
use crate::vault::acted::Acted;
use crate::vault::charge::act::Act;
use crate::vault::charge::follow_ups::{Answered, Ask, Asked, Before};
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::Unfound;

/// What became of an act, or of a payment, by the word of somebody who has asked the acquirer.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// It was done.
    Done {
        /// What the acquirer calls it.
        id: String,
        /// How much of it was done, in minor units; `None`: all that was asked for.
        amount: Option<u64>,
    },
    /// It was not done, and never will be.
    NotDone,
}

/// Not the acquirer's id: it may repeat a card number.
impl fmt::Debug for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done { .. } => "Done",
            Self::NotDone => "NotDone",
        })
    }
}

/// What is known of an act that the acquirer was asked for.
enum Known {
    Done(Box<ChargeState>),
    NothingUntil(Timestamp),
    Unknown,
}

/// An act, by name.
pub(super) struct Named<'a> {
    pub(super) receipt: &'a ReceiptData,
    pub(super) act: Act,
    pub(super) key: [u8; 16],
}

impl Vault {
    /// Has the acquirer take `amount` (in minor units) of what was authorised. Gives how much of it was taken, what the
    /// acquirer calls the act, and the payment's new receipt, which the next sweep gives as well. `receipt` is any receipt
    /// of the payment, an old one too.
    ///
    /// `request` is the back end's idempotency key for this act. It is noted before the acquirer is asked, and
    /// again when it has answered: repeating the call with the same key gives the result of what was done, or finds out:
    /// an acquirer that still [honours the key](Acquirer::honours_act_keys) is asked again under the same one, any other
    /// [what it knows](Acquirer::find_act). What
    /// the acquirer did not answer counts as done, except that nothing is given back of a capture in doubt: no more is
    /// captured and given up than was authorised, and no more given back than was captured. Sweeps
    /// ([`reconcile`](Self::reconcile)) find it out by themselves; where the acquirer cannot say, settle it with
    /// [`resolve`](Self::resolve).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the vault knows no such payment of `customer`, or `receipt` is of another one, or it was
    /// not authorised, or `amount` is 0 or more than is left, or as many acts of the kind are noted of it as can be (1000
    /// refunds, 100 of each other kind); [`Error::Invalid`] if
    /// `request` was used for another amount, or the payment is from before the store was
    /// [restored](crate::vault::VaultBuilder::restored_from) and nothing is noted of the act, so that it or another may have
    /// been done: settle it with the acquirer; [`Error::Acquirer`] if the acquirer did not do it
    /// ([`Refused`](AcquirerError::Refused), [`Unsupported`](AcquirerError::Unsupported)), or did not say
    /// ([`InDoubt`](AcquirerError::InDoubt)). After [`Error::Store`], [`Error::Record`], [`Error::Busy`],
    /// [`Error::Clock`], [`Error::Signer`] or [`Error::Random`] it may have been done: repeat the call. Give it a task of
    /// its own.
    pub async fn capture<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Acted, Error> {
        call!(
            "vault.capture",
            self.follow_up(Act::Capture, customer, receipt, amount, request, acquirer)
        )
    }

    /// Has the acquirer give up `amount` of what was authorised and not captured.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn void<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Acted, Error> {
        call!("vault.void", self.follow_up(Act::Void, customer, receipt, amount, request, acquirer))
    }

    /// Has the acquirer give back `amount` of what was captured; or of what was authorised, if the vault has captured
    /// nothing because the acquirer does so by itself. What was [given back past the vault or taken
    /// back](Self::adjust) is not given back once more.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn refund<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Acted, Error> {
        call!(
            "vault.refund",
            self.follow_up(Act::Refund, customer, receipt, amount, request, acquirer)
        )
    }

    /// Has the acquirer authorise `amount` more: an incremental authorisation. From then on that much more can be captured.
    /// The customer agreed to the first amount alone, so it is bounded by
    /// [`PaymentPolicy::increments`](crate::policy::PaymentPolicy::increments), a fifth of it by default.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn increment<A: Acquirer>(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Acted, Error> {
        call!(
            "vault.increment",
            self.follow_up(Act::Increment, customer, receipt, amount, request, acquirer)
        )
    }

    /// The back end has settled with the acquirer what became of an act that is in doubt, where the acquirer itself
    /// [cannot be asked](Acquirer::find_act). `request` is the key under which `act` was asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if no such act is in doubt; [`Error::Busy`] if it was [not done](Resolution::NotDone) and the
    /// acquirer may be at it ([`PaymentPolicy::authorise_within`](crate::policy::PaymentPolicy::authorise_within));
    /// otherwise as [`receipt`](Self::receipt).
    pub async fn resolve(
        &self,
        customer: &CustomerId,
        receipt: &Receipt,
        act: Act,
        request: &RequestId,
        resolution: &Resolution,
    ) -> Result<Acted, Error> {
        call!("vault.resolve", async {
            let receipt = &receipt.said;
            let of = self.charge_of(customer, receipt.payment, receipt.requested_at);
            let key = self.act_key(&of, receipt, act, request);
            let found = self.0.engine.read(&of).await?.ok_or(Refused::new())?;
            let charge = found.0.body.state;
            let open = charge.follow_ups.iter().find(|one| one.key == key && one.done.is_none());
            let open = open.filter(|_| charge.terms.customer == *customer).ok_or(Refused::new())?;
            let now = self.0.engine.clock.now()?;
            let (done, nothing_until) = match resolution {
                Resolution::Done { id, amount } => {
                    (Some(ActAnswer { amount: *amount, ..ActAnswer::done(id.as_str()) }), None)
                }
                Resolution::NotDone
                    if open.unfound(&self.0.engine.policy, now, self.lost_act(receipt))
                        == Unfound::InDoubt =>
                {
                    return Err(Error::Busy);
                }
                Resolution::NotDone => (None, Some(now)),
            };
            let named = Named { receipt, act, key };
            let asked_for = open.asked_for;
            let answered = self.answered(&of, &charge, &named, asked_for, done, nothing_until);
            self.acted(&of, &answered.await?, &key).await
        })
    }

    /// Refuses an act that may have been done, though nothing is noted of it since the store was restored.
    async fn is_not_lost(
        &self,
        of: &RecordRef<'_, ChargeState>,
        ask: &Ask<'_>,
    ) -> Result<(), Error> {
        let engine = &self.0.engine;
        let before =
            |lost: Window| ask.receipt.requested_at < lost.until().after(engine.policy.leeway);
        if !engine.lost.is_some_and(before) {
            return Ok(());
        }
        let found = engine.read(of).await?;
        let is_known =
            |charge: &ChargeState| charge.follow_ups.iter().any(|one| one.key == ask.key);
        let known = found.is_some_and(|(found, _)| is_known(&found.body.state));
        if known { Ok(()) } else { Err(Invalid::NotReconciled.into()) }
    }

    /// Until when what was noted of the acts on a payment may be lost: one of them may have been asked for once more.
    fn lost_act(&self, receipt: &ReceiptData) -> Option<Timestamp> {
        self.lost_of(receipt.requested_at, Timestamp::MAX, None)
    }

    /// What names an act among those of its payment.
    fn act_key(
        &self,
        of: &RecordRef<'_, ChargeState>,
        receipt: &ReceiptData,
        act: Act,
        request: &RequestId,
    ) -> [u8; 16] {
        let hour = self.named_by(receipt.requested_at);
        let named = [act.label(), &hour, &of.place.id, request.as_str().as_bytes()];
        self.acquirer_key(&named).0
    }

    async fn follow_up<A: Acquirer>(
        &self,
        act: Act,
        customer: &CustomerId,
        receipt: &Receipt,
        amount: u64,
        request: &RequestId,
        acquirer: &A,
    ) -> Result<Acted, Error> {
        // The receipt only says which payment is meant; what counts stands in the vault's own record.
        let receipt = &receipt.said;
        let of = self.charge_of(customer, receipt.payment, receipt.requested_at);
        let key = self.act_key(&of, receipt, act, request);
        let named = Named { receipt, act, key };
        let honoured = acquirer.honours_act_keys();
        let before = Before { honoured, nothing_until: None, lost: self.lost_act(receipt) };
        let mut ask = Ask { customer, receipt, act, key, amount, before };
        self.is_not_lost(&of, &ask).await?;
        let (mut asked, mut charge) = self.change(&of, &ask).await?;
        if asked == Asked::InDoubt {
            match self.find_act(&of, &charge, &named, acquirer).await? {
                Known::Done(charge) => return self.acted(&of, &charge, &key).await,
                Known::NothingUntil(until) => ask.before.nothing_until = Some(until),
                Known::Unknown => return Err(AcquirerError::InDoubt.into()),
            }
            (asked, charge) = self.change(&of, &ask).await?;
        }
        match &asked {
            Asked::Done => return self.acted(&of, &charge, &key).await,
            Asked::InDoubt => return Err(AcquirerError::InDoubt.into()),
            Asked::First | Asked::Again => {}
        }
        let noted = charge.follow_ups.iter().find(|one| one.key == key);
        // Another call takes it for not done soon: then it is done by that one, or another takes its room.
        if self.is_late(noted.map_or(Timestamp::EPOCH, |one| one.since))? {
            return Err(Error::Busy);
        }
        let Some(ChargeOutcome::Authorised { transaction_id: reference, .. }) = &charge.outcome
        else {
            // The rule has seen that it is.
            return Err(Error::Internal);
        };
        let told = self.told(&of, &charge, reference, &named, amount);
        let answer = match act {
            Act::Capture => acquirer.capture(&told).await,
            Act::Void => acquirer.void(&told).await,
            Act::Refund => acquirer.refund(&told).await,
            Act::Increment => acquirer.increment(&told).await,
        };
        let refused = match answer {
            Ok(answer) => {
                let charge =
                    self.answered(&of, &charge, &named, amount, Some(answer), None).await?;
                return self.acted(&of, &charge, &key).await;
            }
            // This connection cannot, but the one that was asked before may have done it.
            Err(AcquirerError::Unsupported) if asked == Asked::Again => {
                return Err(AcquirerError::Unsupported.into());
            }
            Err(AcquirerError::InDoubt) => return Err(AcquirerError::InDoubt.into()),
            Err(error @ (AcquirerError::Refused | AcquirerError::Unsupported)) => error,
        };
        self.answered(&of, &charge, &named, amount, None, None).await?;
        Err(refused.into())
    }

    /// An act, as the acquirer is told of it.
    fn told<'a>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &'a ChargeState,
        reference: &'a Reference,
        named: &Named<'_>,
        amount: u64,
    ) -> FollowUp<'a> {
        let noted = charge.follow_ups.iter().find(|one| one.key == named.key);
        FollowUp {
            // The request with it: if enterprise and vault lost their rows, another payment stands in the same place.
            key: self.acquirer_key(&[
                named.act.label(),
                &named.key,
                charge.terms.request.as_bytes(),
            ]),
            amount,
            payment: self.sought(of, charge, charge.charged()),
            reference,
            before: charge,
            asked_at: noted.map_or(charge.ended, |one| one.first),
        }
    }

    /// Notes what the acquirer did, or that it did not.
    async fn answered(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        named: &Named<'_>,
        asked_for: u64,
        done: Option<ActAnswer>,
        nothing_until: Option<Timestamp>,
    ) -> Result<ChargeState, Error> {
        let card = charge.terms.last_four;
        // Nobody has the card at hand.
        let raw = done.as_ref().and_then(|answer| RawId::unseen(&answer.id, card));
        let done = done.map(|answer| {
            let amount = answer.amount.unwrap_or(asked_for).min(asked_for);
            (Reference::of(&answer.id, card), amount)
        });
        let Named { receipt, act, key } = *named;
        let lost = self.lost_act(receipt);
        let answered = Answered { receipt, act, key, asked_for, done, raw, nothing_until, lost };
        self.change(of, &answered).await
    }

    /// Asks the acquirer what became of an act that it was asked for, and notes it if it was done.
    async fn find_act<A: Acquirer>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        charge: &ChargeState,
        named: &Named<'_>,
        acquirer: &A,
    ) -> Result<Known, Error> {
        let noted = charge.follow_ups.iter().find(|one| one.key == named.key);
        let Some(ChargeOutcome::Authorised { transaction_id, .. }) = &charge.outcome else {
            return Err(Refused::new().into());
        };
        let asked_for = noted.map_or(0, |one| one.asked_for);
        let told = self.told(of, charge, transaction_id, named, asked_for);
        let before = self.0.engine.clock.now()?;
        match acquirer.find_act(&told).await {
            Ok(FoundAct::Done(answer)) => {
                let done = Some(answer);
                let charge = self.answered(of, charge, named, asked_for, done, None).await?;
                Ok(Known::Done(Box::new(charge)))
            }
            Ok(FoundAct::Nothing) => Ok(Known::NothingUntil(before)),
            // It cannot know what it is asked later.
            Ok(FoundAct::NothingUntil(until)) => Ok(Known::NothingUntil(until.min(before))),
            Ok(FoundAct::Unknown) | Err(_) => Ok(Known::Unknown),
        }
    }

    /// Finds out what became of the acts that are in doubt.
    pub(super) async fn settle_acts<A: Acquirer>(
        &self,
        of: &RecordRef<'_, ChargeState>,
        mut charge: ChargeState,
        acquirer: &A,
    ) -> Result<ChargeState, Error> {
        let receipt = charge.said(crate::values::id::PaymentId(of.place.id));
        let open: Vec<_> =
            charge.follow_ups.iter().filter(|one| one.done.is_none()).cloned().collect();
        for one in open {
            let named = Named { receipt: &receipt, act: one.act, key: one.key };
            match self.find_act(of, &charge, &named, acquirer).await? {
                Known::NothingUntil(until) => {
                    let asked_for = one.asked_for;
                    charge =
                        self.answered(of, &charge, &named, asked_for, None, Some(until)).await?;
                }
                Known::Done(known) => charge = *known,
                Known::Unknown => {}
            }
        }
        Ok(charge)
    }
}
