//! What the vault keeps of a payment, how it is encoded, and what may be seen of it.

use crate::card::{Attempt, CardToken};
use crate::codec::table::record;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::payment::outcome::{ChargeOutcome, DeclineReason};
use crate::payment::token::ReceiptData;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::token::TokenId;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{CardFingerprint, CustomerId, MerchantId, PaymentId};
use crate::values::time::Timestamp;
use crate::values::transaction::Transaction;
use crate::vault::acquirer::raw::RawId;
use crate::vault::charge::act::FollowUp;
use crate::vault::charge::adjusted::Adjusted;
use crate::vault::charge::details::Details;
use crate::vault::charge::held::Held;
use crate::vault::charge::under_way::{UnderWay, Unfound};
use crate::vault::charge::view::{Charge, ChargeStatus};
use crate::vault::stored_card::Serves;

/// What is paid, by whom, and with which card. No part of a card stands here but scheme, last four
/// digits, and a keyed hash of its number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) customer: CustomerId,
    pub(crate) merchant: MerchantId,
    pub(crate) transaction: Transaction,
    /// The id of the request's token.
    pub(crate) request: TokenId,
    pub(crate) requested_at: Timestamp,
    /// Until when the customer may pay.
    pub(crate) until: Timestamp,
    /// Until when they may authenticate, if they may be asked to.
    pub(crate) authenticate_until: Option<Timestamp>,
    /// Tells a repeated card from another one.
    pub(crate) digest: [u8; 32],
    /// Tells a card that is sealed anew from another card.
    pub(crate) fingerprint: CardFingerprint,
    pub(crate) brand: Brand,
    pub(crate) last_four: LastFour,
    /// What will stand for the card once the payment is authorised.
    pub(crate) card_token: CardToken,
    /// Until when the token may be used.
    pub(crate) token_until: Timestamp,
    pub(crate) serves: Serves,
}

/// A payment as it is sealed in the vault's record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChargeState {
    pub(crate) terms: Terms,
    /// Which sealed card of this request it is: one more after each soft decline.
    pub(crate) attempt: Attempt,
    /// Which of them was charged, if not the last: the acquirer has taken a soft decline back.
    pub(crate) charged: Option<Attempt>,
    /// Those that may hold money beside the one that was charged, and are to be given up.
    pub(crate) beside: Vec<Attempt>,
    /// Those of which the acquirer has given up what it held beside: no more is looked for.
    pub(crate) given_up: Vec<Attempt>,
    /// What the acquirer is known to have approved of those that are to be given up.
    pub(crate) held: Vec<Held>,
    /// What the acquirer calls the challenge by which the customer authenticated for it, if they have.
    pub(crate) authenticated: Option<RawId>,
    /// How often the acquirer was asked to authorise.
    pub(crate) asked: u32,
    /// When it was asked first under the key of today, and when last.
    pub(crate) first: Timestamp,
    pub(crate) since: Timestamp,
    /// What the acquirer has said. `None`: it is being asked, the process that asked it died, or the customer is
    /// authenticating.
    pub(crate) outcome: Option<ChargeOutcome>,
    pub(crate) under_way: Option<UnderWay>,
    pub(crate) details: Details,
    /// The acquirer has given up what it had authorised: an approval from before counts no more.
    pub(crate) undone: bool,
    /// When what a receipt says changed last, and a number that grows each time.
    pub(crate) ended: Timestamp,
    pub(crate) count: u64,
    /// Whether the enterprise is known to have settled the receipt of this.
    pub(crate) acknowledged: bool,
    /// What the acquirer was asked to do with it since.
    pub(crate) follow_ups: Vec<FollowUp>,
    /// What the acquirer told that was done past the vault.
    pub(crate) adjustments: Vec<Adjusted>,
}

impl ChargeState {
    /// A card that has come in under these terms.
    pub(crate) fn new(terms: Terms, attempt: Attempt) -> Self {
        let at = terms.requested_at;
        Self {
            terms,
            attempt,
            charged: None,
            beside: Vec::new(),
            given_up: Vec::new(),
            held: Vec::new(),
            authenticated: None,
            asked: 1,
            first: at,
            since: at,
            outcome: None,
            under_way: None,
            details: Details::default(),
            undone: false,
            ended: at,
            count: 0,
            acknowledged: false,
            follow_ups: Vec::new(),
            adjustments: Vec::new(),
        }
    }

    pub(crate) fn copy(&self) -> Self {
        let terms = &self.terms;
        Self {
            terms: Terms {
                customer: terms.customer.clone(),
                merchant: terms.merchant.clone(),
                transaction: terms.transaction.clone(),
                request: terms.request,
                requested_at: terms.requested_at,
                until: terms.until,
                authenticate_until: terms.authenticate_until,
                digest: terms.digest,
                fingerprint: terms.fingerprint,
                brand: terms.brand,
                last_four: terms.last_four,
                card_token: terms.card_token.copy(),
                token_until: terms.token_until,
                serves: terms.serves,
            },
            attempt: self.attempt,
            charged: self.charged,
            beside: self.beside.clone(),
            given_up: self.given_up.clone(),
            held: self.held.clone(),
            authenticated: self.authenticated.as_ref().map(RawId::copy),
            asked: self.asked,
            first: self.first,
            since: self.since,
            outcome: self.outcome.clone(),
            under_way: self.under_way.as_ref().map(UnderWay::copy),
            details: self.details.copy(),
            undone: self.undone,
            ended: self.ended,
            count: self.count,
            acknowledged: self.acknowledged,
            follow_ups: self.follow_ups.clone(),
            adjustments: self.adjustments.clone(),
        }
    }

    /// The acquirer is asked to authorise from now on. Whoever has seen an earlier receipt knows nothing of that.
    pub(crate) fn ask(&mut self, now: Timestamp) {
        self.asked = self.asked.saturating_add(1);
        self.since = now;
        self.outcome = None;
        self.changed(now);
    }

    /// What a receipt says is another thing from now on: the enterprise is still to settle it.
    pub(crate) fn changed(&mut self, now: Timestamp) {
        // Never behind the clock: of a store that was put back, the next change is newer than all that are forgotten.
        self.count = self.count.saturating_add(1).max(now.unix());
        self.ended = now;
        self.acknowledged = false;
    }

    /// From when on what the acquirer was asked last has surely been done, or never will be. What was noted before `lost`
    /// may be lost: it may have been asked once more until then.
    pub(crate) fn surely(&self, policy: &Policy, lost: Option<Timestamp>) -> Timestamp {
        let since = lost.map_or(self.since, |lost| lost.max(self.since));
        since.after(policy.payments.authorise_within).after(policy.leeway)
    }

    /// What it means if the acquirer has found nothing of what it was asked until `nothing_until`. What it decides later is
    /// in doubt until it has.
    pub(crate) fn unfound(
        &self,
        policy: &Policy,
        nothing_until: Timestamp,
        lost: Option<Timestamp>,
    ) -> Unfound {
        let pending = matches!(self.under_way, Some(UnderWay::Pending));
        if !pending && self.surely(policy, lost) <= nothing_until {
            Unfound::NotCharged
        } else {
            Unfound::InDoubt
        }
    }

    /// Which sealed card the money was taken from, as far as it was.
    pub(crate) fn charged(&self) -> Attempt {
        self.charged.unwrap_or(self.attempt)
    }

    /// Until when the acquirer may be asked to authorise: a customer who authenticates may be longer about it.
    pub(crate) fn payable_until(&self) -> Timestamp {
        let authenticated = self.terms.authenticate_until.filter(|_| self.authenticated.is_some());
        authenticated.map_or(self.terms.until, |until| until.max(self.terms.until))
    }

    /// When nothing can be begun under its request any more.
    pub(crate) fn repeatable_until(&self, policy: &Policy) -> Timestamp {
        let until = self.terms.until;
        self.terms.authenticate_until.map_or(until, |late| late.max(until)).after(policy.leeway)
    }

    /// When what the acquirer was asked under its request last has surely been done, or never will be.
    pub(crate) fn later_until(&self, policy: &Policy) -> Timestamp {
        self.repeatable_until(policy).after(policy.payments.authorise_within)
    }

    /// Whether nobody can change it any more or needs to hear of it: its request is over, it is known how it ended and what
    /// became of every act, and the enterprise has settled that.
    pub(crate) fn is_over(&self, policy: &Policy, now: Timestamp) -> bool {
        let late = self.is_inferred();
        let ends = if late { self.later_until(policy) } else { self.repeatable_until(policy) };
        !self.is_in_doubt() && self.acknowledged && ends <= now
    }

    /// Whether it is not known how it ended, or what became of an act.
    pub(crate) fn is_in_doubt(&self) -> bool {
        !self.is_final() || self.has_open_acts() || !self.beside.is_empty()
    }

    /// Whether the customer is to authenticate, and still can.
    pub(crate) fn waits_for_customer(&self, now: Timestamp) -> bool {
        matches!(&self.under_way, Some(UnderWay::Authenticating { until, .. }) if now < *until)
    }

    /// That nothing was charged is only inferred: the acquirer did not find it, and has given up nothing of it.
    pub(crate) fn is_inferred(&self) -> bool {
        let unfound =
            matches!(self.outcome, Some(ChargeOutcome::Declined(DeclineReason::NotCharged)));
        unfound && !self.given_up.contains(&self.attempt)
    }

    pub(crate) fn is_authorised(&self) -> bool {
        self.outcome.as_ref().is_some_and(ChargeOutcome::is_authorised)
    }

    pub(crate) fn is_final(&self) -> bool {
        self.outcome.as_ref().is_some_and(ChargeOutcome::is_final)
    }

    pub(crate) const fn is_softly_declined(&self) -> bool {
        matches!(self.outcome, Some(ChargeOutcome::SoftDeclined(_)))
    }

    /// Whether the customer may try once more, with a card that is sealed anew.
    pub(crate) fn takes_another_attempt(&self, policy: &Policy, now: Timestamp) -> bool {
        self.is_softly_declined()
            && self.attempt.number() < policy.payments.attempts
            && now < self.terms.until
    }

    /// How much was authorised. 0 if nothing was.
    pub(crate) const fn authorised(&self) -> u64 {
        match &self.outcome {
            Some(ChargeOutcome::Authorised { amount, .. }) => *amount,
            _ => 0,
        }
    }

    /// Where it stands.
    fn stands(&self) -> ChargeOutcome {
        match (&self.outcome, &self.under_way) {
            (Some(outcome), _) => outcome.clone(),
            (None, Some(UnderWay::Authenticating { .. })) => ChargeOutcome::Authenticating,
            (None, _) => ChargeOutcome::Unresolved,
        }
    }

    /// What the receipt says.
    pub(crate) fn said(&self, payment: PaymentId) -> ReceiptData {
        ReceiptData {
            payment,
            request: self.terms.request,
            requested_at: self.terms.requested_at,
            merchant: self.terms.merchant.clone(),
            transaction: self.terms.transaction.clone(),
            brand: self.terms.brand,
            last_four: self.terms.last_four,
            outcome: self.stands(),
            totals: self.totals(),
            count: self.count,
        }
    }

    /// Whether `receipt` is one of this payment, which has the id `id`, whatever it says of how that ended. If rows
    /// were lost, another request's payment may stand in the place of the one that it is of.
    pub(crate) fn is_of(&self, id: [u8; 16], receipt: &ReceiptData) -> bool {
        let (totals, count) = (receipt.totals, receipt.count);
        let said = self.said(PaymentId(id));
        let said = ReceiptData { outcome: receipt.outcome.clone(), totals, count, ..said };
        said == *receipt
    }

    const fn status(&self) -> ChargeStatus {
        match (&self.outcome, &self.under_way) {
            (None, Some(UnderWay::Authenticating { .. })) => ChargeStatus::Authenticating,
            (None, _) => ChargeStatus::Authorising,
            (Some(ChargeOutcome::Authorised { .. }), _) => ChargeStatus::Authorised,
            (Some(ChargeOutcome::Declined(_)), _) => ChargeStatus::Declined,
            (Some(ChargeOutcome::SoftDeclined(_)), _) => ChargeStatus::SoftDeclined,
            (Some(ChargeOutcome::Authenticating), _) => ChargeStatus::Authenticating,
            (Some(ChargeOutcome::Unresolved), _) => ChargeStatus::Unresolved,
        }
    }
}

impl State for ChargeState {
    const KIND: Kind = Kind::Charge;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.repeatable_until(policy).after(policy.retention)
    }

    const LISTED: bool = false;

    /// Until it has ended and the enterprise knows how, and for as long as that is only inferred or an act is in doubt.
    fn live_until(&self, _: &Policy) -> Timestamp {
        let settled = self.acknowledged && !self.is_inferred() && !self.is_in_doubt();
        if settled { Timestamp::EPOCH } else { Timestamp::MAX }
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Charge(PaymentId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Charge(Charge {
            payment: PaymentId(cx.id),
            merchant: self.terms.merchant.clone(),
            transaction: self.terms.transaction.clone(),
            status: self.status(),
            brand: self.terms.brand,
            last_four: self.terms.last_four,
            authorised: self.authorised(),
            totals: self.totals(),
            id_withheld: self.details.withheld,
        })
    }
}

record! {
    ChargeState {
        0 => terms,
        1 else Attempt::FIRST => attempt,
        2 => authenticated,
        3 => asked,
        4 => first,
        5 => since,
        6 => outcome,
        7 => under_way,
        8 unless Details::default() => details,
        9 => ended,
        10 unless 0 => count,
        11 unless false => acknowledged,
        12 unless Vec::new() => follow_ups,
        13 unless Vec::new() => adjustments,
        14 unless false => undone,
        15 => charged,
        16 unless Vec::new() => beside,
        17 unless Vec::new() => given_up,
        18 unless Vec::new() => held,
    }
}

record! {
    Terms {
        0 => customer,
        1 => merchant,
        2 => transaction,
        3 => request,
        4 => requested_at,
        5 => until,
        6 => digest,
        7 => brand,
        8 => last_four,
        9 => card_token,
        10 => token_until,
        11 => serves,
        12 => fingerprint,
        13 => authenticate_until,
    }
}
