//! A card that the vault keeps under a token: never its verification code (PCI DSS 4.0.1, 3.3.1).
//!
//! `Active → Used | Revoked`. With either the card is wiped; the row stays and says so.
//! (If somebody deletes it, a repeated payment keeps the card again: see the manual's threats.)

use core::convert::Infallible;

use crate::card::StoredCard;
use crate::codec::cbor::Malformed;
use crate::codec::table::{kept_as, record};
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling, State};
use crate::error::Reason;
use crate::history::event::{Action, Actor, EventDraft, Subject};
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::agent_safe::agent_safe;
use crate::values::card_number::{Brand, LastFour};
use crate::values::id::{CardFingerprint, Issuer, StoredCardId};
use crate::values::time::Timestamp;
use crate::vault::view::{CardOnFile, CardOnFileStatus};

/// How often the token of a kept card serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serves {
    Once,
    /// Any number of times, until its time is over.
    Again,
}

kept_as! {
    Serves: |serves| *serves == Serves::Once,
    |once: bool| Ok::<_, Infallible>(if once { Self::Once } else { Self::Again })
}

/// A card as it is sealed in its record. Token, customer and merchant stand in its place alone, as a
/// keyed hash.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StoredCardState {
    /// Gone once the token was used up or revoked.
    card: Option<StoredCard>,
    status: CardOnFileStatus,
    brand: Brand,
    last_four: LastFour,
    pub(crate) fingerprint: CardFingerprint,
    serves: Serves,
    until: Timestamp,
    uses: u32,
    /// Whose payment it came from. Records of the first version do not say.
    enterprise: Option<Issuer>,
}

impl StoredCardState {
    /// Whether it came from a payment to `enterprise`.
    pub(crate) fn is_of(&self, enterprise: &Issuer) -> bool {
        self.enterprise.as_ref().is_none_or(|of| of == enterprise)
    }

    fn on_file(&self, cx: &Context<'_>) -> CardOnFile {
        let expired = self.status == CardOnFileStatus::Active && cx.now.has_reached(self.until);
        CardOnFile {
            id: StoredCardId(cx.id),
            brand: self.brand,
            last_four: self.last_four,
            once: self.serves == Serves::Once,
            until: self.until,
            uses: self.uses,
            status: if expired { CardOnFileStatus::Expired } else { self.status },
        }
    }
}

agent_safe!(StoredCardId);

impl State for StoredCardState {
    const KIND: Kind = Kind::StoredCard;

    /// A card is kept no longer than it may be used.
    fn retain_until(&self, policy: &Policy) -> Timestamp {
        self.until.after(policy.leeway)
    }

    const LISTED: bool = false;

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::StoredCard(StoredCardId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::StoredCard(self.on_file(cx))
    }
}

record! {
    StoredCardState as state {
        let status = match state.status {
            // The time says so by itself.
            CardOnFileStatus::Active | CardOnFileStatus::Expired => 1_u8,
            CardOnFileStatus::Used => 2,
            CardOnFileStatus::Revoked => 3,
        };
        0 => card,
        1 => status: u8 = status,
        2 => brand,
        3 => last_four,
        4 => fingerprint,
        5 => serves,
        6 => until,
        7 => uses,
        8 => enterprise,
    } {
        let status = match status {
            1 => CardOnFileStatus::Active,
            2 => CardOnFileStatus::Used,
            3 => CardOnFileStatus::Revoked,
            _ => return Err(Malformed),
        };
        Ok(Self { card, status, brand, last_four, fingerprint, serves, until, uses, enterprise })
    }
}

/// A payment with this card was authorised. The outcome is whether the card is kept.
pub(crate) struct Keep<'a> {
    pub(crate) enterprise: &'a Issuer,
    pub(crate) card: &'a StoredCard,
    pub(crate) fingerprint: CardFingerprint,
    pub(crate) serves: Serves,
    pub(crate) until: Timestamp,
}

impl Rule<StoredCardState> for Keep<'_> {
    type Outcome = bool;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::KeepCard)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<StoredCardState, bool> {
        if cx.now.has_reached(self.until) {
            return Ok((None, Ruling::nothing(false)));
        }
        let state = StoredCardState {
            card: Some(self.card.copy()),
            status: CardOnFileStatus::Active,
            brand: self.card.brand(),
            last_four: self.card.pan().last_four(),
            fingerprint: self.fingerprint,
            serves: self.serves,
            until: self.until,
            uses: 0,
            enterprise: Some(self.enterprise.clone()),
        };
        Ok((Some(state), Ruling::done(true)))
    }

    fn decide(&self, _: &mut StoredCardState, _: &Context<'_>) -> Ruled<bool> {
        Ok(Ruling::nothing(true))
    }
}

/// The card is to be used: counted, and if it serves once taken out of the record, before it is given
/// out.
pub(crate) struct Use<'a>(pub(crate) &'a Issuer);

impl Rule<StoredCardState> for Use<'_> {
    type Outcome = StoredCard;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::UseCard)
    }

    fn decide(&self, state: &mut StoredCardState, cx: &Context<'_>) -> Ruled<StoredCard> {
        if !state.is_of(self.0) {
            return Err(Reason::Unknown.into());
        }
        match state.status {
            CardOnFileStatus::Used => return Err(Reason::Used.into()),
            CardOnFileStatus::Revoked => return Err(Reason::Revoked.into()),
            _ if cx.now.has_reached(state.until) => return Err(Reason::Ended.into()),
            _ => {}
        }
        let card = state.card.take().ok_or(Reason::Ended)?;
        state.uses = state.uses.saturating_add(1);
        if state.serves == Serves::Once {
            state.status = CardOnFileStatus::Used;
            return Ok(Ruling::done(card));
        }
        state.card = Some(card.copy());
        // A card may be used for years: its history would grow for as long.
        Ok(Ruling::done_unrecorded(card))
    }
}

/// The card is not to be used any more.
pub(crate) struct Revoke<'a>(pub(crate) &'a Issuer);

impl Rule<StoredCardState> for Revoke<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::RevokeCard)
    }

    fn decide(&self, state: &mut StoredCardState, _: &Context<'_>) -> Ruled<()> {
        if !state.is_of(self.0) {
            return Err(Reason::Unknown.into());
        }
        if state.status != CardOnFileStatus::Active {
            return Ok(Ruling::repeated(()));
        }
        state.card = None;
        state.status = CardOnFileStatus::Revoked;
        Ok(Ruling::done(()))
    }
}
