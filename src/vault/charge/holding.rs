//! What becomes of money that the acquirer holds of one of a request's cards: one of them is charged, and what it holds of
//! the others is given up.

use crate::card::Attempt;
use crate::vault::charge::details::Details;
use crate::vault::charge::held::Held;
use crate::vault::charge::state::ChargeState;
use crate::vault::charge::under_way::UnderWay;

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    /// It is the payment's own: taken, or given up with it.
    Own,
    /// It is known already, or was given up.
    Known,
    /// It is given up beside the payment.
    Beside,
}

impl ChargeState {
    /// What becomes of what the acquirer holds of the card that was sealed as this `attempt`. `is_approval`: it is taken if
    /// nothing speaks against it.
    pub(super) fn holding(&self, attempt: Attempt, is_approval: bool) -> Holding {
        let is_own = attempt == self.attempt;
        let stands = self.is_authorised() && self.charged() == attempt;
        let is_given_up = self.beside.contains(&attempt) || self.given_up.contains(&attempt);
        if stands || is_given_up || is_own && self.undone {
            return Holding::Known;
        }
        let is_undone = self.undone || matches!(self.under_way, Some(UnderWay::Undoing { .. }));
        let is_beside = match (is_own, is_approval) {
            // One card is charged, and no other.
            _ if self.is_authorised() => true,
            (true, true) => false,
            // Until it has ended, the payment itself is given up.
            (true, false) => self.is_final(),
            (false, true) => is_undone,
            (false, false) => true,
        };
        if is_beside { Holding::Beside } else { Holding::Own }
    }

    /// What the acquirer holds of this card is to be given up: what it approved, as far as that is known.
    pub(super) fn give_up(&mut self, attempt: Attempt, approved: Option<Held>) {
        if !self.beside.contains(&attempt) {
            self.beside.push(attempt);
        }
        self.learn(approved);
    }

    /// Keeps what the acquirer approved of a card that is being given up, if that was not known. Says whether it was not. Of
    /// two amounts the greater counts: the rest would be held, and nobody hear of it.
    pub(super) fn learn(&mut self, approved: Option<Held>) -> bool {
        let Some(new) = approved.filter(|one| self.beside.contains(&one.attempt)) else {
            return false;
        };
        match self.held.iter_mut().find(|known| known.attempt == new.attempt) {
            Some(known) if known.amount < new.amount => {
                let raw = new.raw.or_else(|| known.raw.take());
                *known = Held { raw, ..new };
            }
            Some(_) => return false,
            None => self.held.push(new),
        }
        true
    }

    /// The acquirer has authorised another card than the one that is noted: an earlier one, upon whose soft decline this was
    /// sealed, or a later one that was forgotten. That one stands, and whatever may come of this is given up.
    pub(super) fn stands_by(&mut self, charged: Attempt) {
        if charged != self.attempt && (!self.is_final() || self.is_inferred()) {
            self.give_up(self.attempt, None);
        }
        self.charged = Some(charged);
        self.details = Details::default();
    }
}
