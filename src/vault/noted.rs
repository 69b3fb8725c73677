//! What is noted of a payment, and where: for the enterprise that asks for it again.

use crate::card::CardToken;
use crate::engine::trace::call;
use crate::engine::{RecordRef, Stored};
use crate::error::{Error, Invalid, Refused};
use crate::history::ceremony::CeremonyHistory;
use crate::payment::request::Receipt;
use crate::store::Place;
use crate::values::id::{CustomerId, PaymentId};
use crate::values::time::Timestamp;
use crate::vault::charge::state::ChargeState;
use crate::vault::given::Request;
use crate::vault::reconcile::{CHARGE_GROUPS, HOUR};
use crate::vault::{Binding, Vault};

impl Vault {
    /// The receipt for a payment request as things stand, for an enterprise that got none: `None` if the
    /// vault has not taken a card under it. Once the request has expired, none will be.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine; [`Invalid::NotReconciled`] if nothing is noted, and what was
    /// noted may be lost ([`restored_from`](crate::vault::VaultBuilder::restored_from)): ask the acquirer; [`Error::Store`], [`Error::Record`],
    /// [`Error::Clock`], [`Error::Signer`].
    pub async fn receipt(&self, request: &str) -> Result<Option<Receipt>, Error> {
        call!("vault.receipt", async {
            let request = self.request(request)?;
            let of =
                self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
            let noted = self.noted(&of, &request).await?;
            match noted {
                Some(loaded) => Ok(Some(self.signed(&of, &loaded.body.state).await?)),
                // It may have been paid, and that be lost.
                None if self.lost_until(&request).is_some() => Err(Invalid::NotReconciled.into()),
                None => Ok(None),
            }
        })
    }

    /// The card token of an authorised payment, for an enterprise to which [`Paid`](crate::vault::Paid) was lost: `None` if the payment was
    /// not authorised, or there is no record of the card. The token may have been used up or revoked since, as
    /// [`with_card`](Self::with_card) will say. For the enterprise's back end alone.
    ///
    /// # Errors
    ///
    /// As [`receipt`](Self::receipt).
    pub async fn card_token(&self, request: &str) -> Result<Option<CardToken>, Error> {
        call!("vault.card_token", async {
            let Some(charge) = self.charge_under(request).await? else { return Ok(None) };
            if !charge.is_authorised() {
                return Ok(None);
            }
            let terms = charge.terms;
            let binding = Binding::new(terms.customer, terms.merchant);
            let kept = self.is_kept(&terms.card_token, &binding).await?;
            Ok(kept.then_some(terms.card_token))
        })
    }

    /// What happened to a payment in this vault.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not genuine, or no card was taken under it; otherwise as
    /// [`receipt`](Self::receipt).
    pub async fn payment_history(&self, request: &str) -> Result<CeremonyHistory, Error> {
        call!("vault.payment_history", async {
            let request = self.request(request)?;
            let of =
                self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
            let loaded = self.noted(&of, &request).await?.ok_or(Refused::new())?;
            Ok(loaded
                .body
                .history
                .read(crate::history::event::Subject::Charge(request.payment()))?)
        })
    }

    /// The payment that is noted under a request.
    pub(super) async fn charge_under(&self, request: &str) -> Result<Option<ChargeState>, Error> {
        let request = self.request(request)?;
        let of = self.charge_of(&request.customer, request.payment(), request.claims.issued_at());
        Ok(self.noted(&of, &request).await?.map(|loaded| loaded.body.state))
    }

    /// What is noted under this very request. If the enterprise lost its row and asked anew, another request's
    /// payment stands in the same place.
    async fn noted(
        &self,
        of: &RecordRef<'_, ChargeState>,
        request: &Request,
    ) -> Result<Option<Stored<ChargeState>>, Error> {
        let found = self.0.engine.read(of).await?.map(|(loaded, _)| loaded);
        Ok(found.filter(|loaded| loaded.body.state.terms.request == request.claims.id()))
    }

    /// Where a payment stands: among those that were asked for in the same hour, so that the unresolved
    /// ones can be found again.
    pub(super) fn charge_of<'a>(
        &self,
        customer: &'a CustomerId,
        payment: PaymentId,
        requested_at: Timestamp,
    ) -> RecordRef<'a, ChargeState> {
        let group = self.0.engine.lane(customer) % CHARGE_GROUPS;
        let (lane, owner) = self.charges_of(requested_at.unix() / HOUR, group);
        RecordRef::at(Some(customer), Place { lane, owner, id: payment.0 })
    }

    /// What names the hour of a payment in the ids of its acts, wherever it stands.
    pub(super) fn named_by(&self, requested_at: Timestamp) -> [u8; 16] {
        let engine = &self.0.engine;
        engine.keyring.locate(&[
            b"countersign charges v1",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
            &requested_at.unix().div_euclid(HOUR).to_be_bytes(),
        ])
    }

    /// Under which owner, in which lane, the payments of an hour stand, in a few groups: so they are spread
    /// over the lanes, and found with few calls. A payment's own news stay in one lane.
    pub(super) fn charges_of(&self, hour: u64, group: u8) -> (u8, [u8; 16]) {
        let engine = &self.0.engine;
        let owner = engine.keyring.locate(&[
            b"countersign charges v2",
            engine.issuer.as_str().as_bytes(),
            self.0.enterprise.issuer().as_str().as_bytes(),
            &hour.to_be_bytes(),
            &[group],
        ]);
        let [lane, ..] = owner;
        (lane, owner)
    }
}
