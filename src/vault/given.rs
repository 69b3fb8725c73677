//! What the customer's device gave: a genuine request, and a card that was sealed for it.

use crate::card::{CannotOpen, Card, OpeningKey, SealedCard};
use crate::error::{Error, Refused};
use crate::payment::token::PaymentRequestData;
use crate::token::{Claims, Leeway, UntrustedToken};
use crate::values::card_number::BrandTable;
use crate::values::id::{CustomerId, PaymentId};
use crate::values::time::Timestamp;
use crate::vault::Vault;
use crate::vault::acquirer::KeysHonoured;
use crate::vault::charge::coming_in::CameIn;

/// A genuine payment request.
pub(super) struct Request {
    pub(super) claims: Claims<PaymentRequestData>,
    pub(super) customer: CustomerId,
}

impl Request {
    pub(super) fn payment(&self) -> PaymentId {
        self.claims.data().payment
    }
}

/// What the customer's device sent, and the key that it is to be opened with, if it exists.
pub(super) struct Given<'a> {
    pub(super) text: &'a str,
    pub(super) request: &'a Request,
    pub(super) sealed: &'a SealedCard,
    pub(super) key: Option<OpeningKey>,
    pub(super) ranges: &'a BrandTable,
}

impl Given<'_> {
    pub(super) fn came_in(&self, lost: Option<Timestamp>, honoured: KeysHonoured) -> CameIn {
        let (request, attempt) = (self.request.claims.id(), self.sealed.attempt());
        CameIn { request, attempt, digest: self.sealed.digest(), lost, honoured, sought: None }
    }

    pub(super) fn open(&self) -> Result<Card, CannotOpen> {
        // The enterprise's key may sign what it likes; nothing is charged with it then.
        self.request.claims.data().transaction.payable().map_err(|_| CannotOpen)?;
        let key = self.key.as_ref().ok_or(CannotOpen)?;
        let card = key.open_by(self.sealed, self.text, self.ranges)?;
        // What the customer was not shown they have not agreed to.
        let kept = self.request.claims.data().keep_card_until.is_some();
        Ok(if kept { card } else { card.without_stored_credential() })
    }
}

impl Vault {
    /// Until when what was noted of a request may be lost, if the store was restored since.
    pub(super) fn lost_until(&self, request: &Request) -> Option<Timestamp> {
        let claims = &request.claims;
        self.lost_of(claims.issued_at(), claims.expires_at(), claims.data().authenticate_until)
    }

    /// The same of a request that was issued at `issued`, and under which a card may be given until `until`, and be charged
    /// as late as the customer may authenticate.
    pub(super) fn lost_of(
        &self,
        issued: Timestamp,
        until: Timestamp,
        authenticate_until: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let engine = &self.0.engine;
        let ends = authenticate_until.map_or(until, |late| late.max(until));
        let ends = ends.after(engine.policy.leeway);
        let lost = engine
            .lost
            .filter(|lost| issued < lost.until().after(engine.policy.leeway) && lost.from() < ends);
        lost.map(|lost| lost.until())
    }

    /// What a request says that the enterprise has signed, whether it is still valid or not.
    pub(super) fn request(&self, token: &str) -> Result<Request, Error> {
        let now = self.0.engine.clock.now()?;
        let leeway = Leeway::new(self.0.engine.policy.leeway).unwrap_or(Leeway::NONE);
        let claims: Claims<PaymentRequestData> = UntrustedToken::parse(token)
            .map_err(|_| Refused::new())?
            .check_even_expired(&self.0.enterprise, None, now, leeway)
            .map_err(|_| Refused::new())?;
        let customer = CustomerId::new(claims.audience().as_str()).map_err(|_| Refused::new())?;
        Ok(Request { claims, customer })
    }
}
