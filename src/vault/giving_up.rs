//! The acquirer is to give up what it authorised, or may have: what is not taken, and what it holds beside.

use crate::card::Attempt;
use crate::error::Error;
use crate::payment::outcome::DeclineReason;
use crate::payment::reference::Reference;
use crate::vault::acquirer::answer::{ActAnswer, FoundAct};
use crate::vault::acquirer::asked::NothingBefore;
use crate::vault::acquirer::raw::RawId;
use crate::vault::acquirer::{Acquirer, AcquirerError, FollowUp, Sought};
use crate::vault::asking::{Asking, Known};
use crate::vault::charge::beside::{Another, GaveUp};
use crate::vault::charge::held::Held;
use crate::vault::charge::rules::{Conclude, Heard, Said};
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::{UnderWay, Unfound};

/// What the acquirer has given up of a card.
enum GivesUp {
    /// The one approval that there can be.
    All,
    /// Whatever had come in when it was asked.
    SoFar,
    Not,
}

/// Whether the acquirer does not do it this way, and may the other.
const fn is_not_so(done: Result<(), AcquirerError>) -> bool {
    matches!(done, Err(AcquirerError::Unsupported | AcquirerError::Refused))
}

/// Whether the acquirer has voided all that it approved. While a part is held, it counts as not done.
fn is_whole(answer: &ActAnswer, held: &Held) -> Result<(), AcquirerError> {
    let part = answer.amount.is_some_and(|amount| amount < held.amount);
    if part { Err(AcquirerError::Refused) } else { Ok(()) }
}

impl<A: Acquirer> Asking<'_, A> {
    /// Has the acquirer give up what it may have authorised, if that is to be done. The payment is declined once it has.
    pub(super) async fn undo(&self, charge: ChargeState) -> Result<ChargeState, Error> {
        let Some(UnderWay::Undoing { why, approved }) = charge.under_way else {
            return Ok(charge);
        };
        let (attempt, mut charge) = (charge.attempt, charge);
        let mut done = Err(AcquirerError::Unsupported);
        if let Some(amount) = approved {
            let raw = charge.details.raw_id.as_ref().map(RawId::copy);
            done = self.void(&charge, &Held { attempt, amount, raw }).await;
        }
        // What is settled is not voided any more.
        if is_not_so(done) {
            done = self.acquirer.reverse(&self.vault.sought(self.of, &charge, attempt)).await;
        }
        // Nothing is charged before the customer has authenticated: what cannot be called off ends by itself.
        let ends = why == DeclineReason::NotAuthenticated
            && approved.is_none()
            && done == Err(AcquirerError::Unsupported);
        let mut confirmed = done.is_ok();
        let mut is_undone = confirmed;
        if !is_undone {
            let known = self.find(&charge, attempt, None).await?;
            is_undone = self.holds_nothing(&charge, &known) || ends && !known.holds();
            match known {
                Known::Heard(heard) => {
                    if let Some(held) = heard.held(attempt) {
                        // It takes no reversals, and says only now what it approved; the next time it may not.
                        let is_news = approved < Some(held.amount);
                        let conclude = Conclude { asked: &charge, heard };
                        charge = self.vault.change(self.of, &conclude).await?;
                        if is_not_so(done) && is_news {
                            confirmed = self.void(&charge, &held).await.is_ok();
                            is_undone = confirmed;
                        }
                    }
                }
                // It is given up as well. What becomes of this one the next look tells.
                Known::Another(other, heard) => {
                    charge = self.another(&charge, other, heard).await?
                }
                Known::NothingUntil(_) | Known::Unknown => {}
            }
        }
        if !is_undone {
            return Ok(charge);
        }
        let heard = Heard::only(Said::Undone { confirmed });
        self.vault.change(self.of, &Conclude { asked: &charge, heard }).await
    }

    /// Has the acquirer give up what it may hold beside what was charged. That is noted only when no more can come.
    pub(super) async fn give_up_beside(&self, charge: ChargeState) -> Result<ChargeState, Error> {
        let engine = &self.vault.0.engine;
        let mut charge = charge;
        for attempt in charge.beside.clone() {
            // It has given up what came in before it was asked, however long it takes to say so.
            let before = engine.clock.now()?;
            let over = charge.surely(&engine.policy, self.lost) <= before;
            match self.gives_up(&charge, attempt).await? {
                GivesUp::All => {}
                GivesUp::SoFar if over => {}
                GivesUp::SoFar | GivesUp::Not => continue,
            }
            charge = self.vault.change(self.of, &GaveUp(attempt)).await?;
        }
        Ok(charge)
    }

    /// Whether the acquirer has given up what it held of a card: by a reversal, or where it takes none by a void of what it
    /// approved. That nothing is found says too little.
    async fn gives_up(&self, charge: &ChargeState, attempt: Attempt) -> Result<GivesUp, Error> {
        let payment = self.vault.sought(self.of, charge, attempt);
        let reversed = self.acquirer.reverse(&payment).await;
        if !is_not_so(reversed) {
            return Ok(if reversed.is_ok() { GivesUp::SoFar } else { GivesUp::Not });
        }
        // What it is known to have approved it neither declined nor lost, whatever it finds.
        if let Some(held) = charge.held.iter().find(|held| held.attempt == attempt) {
            let voided = self.void(charge, held).await.is_ok();
            return Ok(if voided { GivesUp::All } else { GivesUp::Not });
        }
        let Known::Heard(heard) = self.find_one(charge, attempt, None).await? else {
            return Ok(GivesUp::Not);
        };
        let Some(held) = heard.held(attempt) else {
            return Ok(if heard.is_decline() { GivesUp::SoFar } else { GivesUp::Not });
        };
        // Whatever it says the next time.
        self.vault.change(self.of, &Another { asked: charge, attempt, heard }).await?;
        let voided = self.void(charge, &held).await.is_ok();
        Ok(if voided { GivesUp::All } else { GivesUp::Not })
    }

    /// Whether the acquirer holds nothing of what it was found to know.
    pub(super) fn holds_nothing(&self, charge: &ChargeState, known: &Known) -> bool {
        match known {
            Known::Heard(heard) => heard.is_decline(),
            Known::NothingUntil(until) => {
                let policy = &self.vault.0.engine.policy;
                charge.unfound(policy, *until, self.lost) == Unfound::NotCharged
            }
            Known::Another(..) | Known::Unknown => false,
        }
    }

    /// Has the acquirer void what it approved. If it does not say that it has, it may have before.
    async fn void(&self, charge: &ChargeState, held: &Held) -> Result<(), AcquirerError> {
        let sought = self.vault.sought(self.of, charge, held.attempt);
        let transaction_id = held.raw.as_ref().map(RawId::expose);
        let payment = Sought { transaction_id, ..sought };
        // Of another amount it is another void.
        let key = self.vault.acquirer_key(&[b"undo", &payment.key.0, &held.amount.to_be_bytes()]);
        let reference = Reference::of(transaction_id.unwrap_or_default(), charge.terms.last_four);
        let (amount, reference, before) = (held.amount, &reference, &NothingBefore);
        let told = FollowUp { key, amount, payment, reference, before, asked_at: charge.since };
        match self.acquirer.void(&told).await {
            Ok(answer) => is_whole(&answer, held),
            Err(error @ (AcquirerError::InDoubt | AcquirerError::Refused)) => {
                match self.acquirer.find_act(&told).await {
                    Ok(FoundAct::Done(answer)) => is_whole(&answer, held),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }
}
